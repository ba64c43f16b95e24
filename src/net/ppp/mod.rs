//! PPP by `pppd` (pppd(8)): one process for each call, in the foreground, without files; it speaks to us by its log
//! and its exit status.

mod arguments;
mod exit;
mod output;

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::debug;

pub use arguments::Call;
pub use output::PppLink;

/// From the start to addresses: LCP and IPCP try ten times every 3 s each.
const NEGOTIATION: Duration = Duration::from_secs(60);
/// pppd tells name servers at once behind the addresses.
const REST: Duration = Duration::from_millis(300);
/// Until it has said good-bye to its peer.
const GOODBYE: Duration = Duration::from_secs(10);

/// A pppd at work.
#[derive(Debug)]
pub struct Session {
    child: Child,
    log: Lines<BufReader<ChildStdout>>,
    /// Its last words, for when it ends without a telling status.
    last: String,
}

impl Session {
    /// Starts pppd on a line that is in data mode, and waits until it has addresses. The error is a sentence.
    pub async fn start(call: &Call) -> Result<(Self, PppLink), String> {
        if !call.tty.exists() {
            return Err(format!("the line {} for PPP is not there; is the modem plugged in?", call.tty.display()));
        }
        let options = call.secrets().map_err(|error| format!("options for pppd cannot be written: {error}"))?;
        let mut command = Command::new("pppd");
        command.args(call.arguments(options.as_ref())).env("LC_ALL", "C");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "pppd is not installed; install the package ppp".to_owned(),
            _ => format!("pppd cannot be started: {error}"),
        })?;
        let Some(stdout) = child.stdout.take() else { return Err("pppd has no output".into()) };
        let mut session = Self { child, log: BufReader::new(stdout).lines(), last: String::new() };
        let link = session.negotiate(call.wants_v4()).await;
        match link {
            Ok(link) => Ok((session, link)),
            Err(reason) => {
                session.stop().await;
                Err(reason)
            }
        }
    }

    async fn negotiate(&mut self, v4: bool) -> Result<PppLink, String> {
        let mut link = PppLink::default();
        let deadline = Instant::now() + NEGOTIATION;
        while !link.is_up(v4) {
            match timeout_at(deadline, self.line()).await {
                Ok(Some(line)) => link.learn(&line),
                Ok(None) => return Err(self.end().await),
                Err(_) => return Err(format!("pppd got no address within {} s", NEGOTIATION.as_secs())),
            }
        }
        while let Ok(Some(line)) = timeout(REST, self.line()).await {
            link.learn(&line);
        }
        Ok(link)
    }

    /// The next line of its log; `None`: it closed it.
    async fn line(&mut self) -> Option<String> {
        let line = self.log.next_line().await.ok().flatten()?;
        debug!("pppd: {line}");
        self.last = output::shortened(&line);
        Some(line)
    }

    /// Waits until it ends, and tells why it did.
    pub async fn ended(&mut self) -> String {
        while self.line().await.is_some() {}
        self.end().await
    }

    async fn end(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => self.reason(status),
            Err(error) => format!("pppd is lost: {error}"),
        }
    }

    fn reason(&self, status: ExitStatus) -> String {
        exit::reason(status, &self.last)
    }

    /// Ends it: it says good-bye to its peer, so that the modem hears of it.
    pub async fn stop(mut self) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid
            // One that ended by itself in this moment is as good.
            && kill_process(pid, Signal::TERM).is_ok()
            && timeout(GOODBYE, self.ended()).await.is_err()
        {
            debug!("pppd does not end; it is killed");
        }
        let _ = self.child.kill().await;
    }
}
