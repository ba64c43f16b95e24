//! `power hold`: a modem that stays awake while a command runs.

use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use crate::bus::client::Client;
use crate::spec::span::Span;

use super::args::HoldArgs;
use super::exit::{Exit, Failure, Relayed};
use super::out::{aside, clean};
use super::{choose, power, progress};

/// Octets of a reason at most, as `org.lpwa.Power1.Hold` takes it.
const LONGEST_REASON: usize = 200;
/// What a shell says of a command that is not there, or is no program.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

/// Holds the modem, runs the command, lets the modem go, and ends with the command's exit code.
pub async fn run(client: &Client, args: &HoldArgs) -> anyhow::Result<()> {
    let doc = choose::modem(client, &args.target).await?;
    if args.wake {
        power::wake(client, &doc).await?;
    }
    let id = doc.id;
    let reason = args.reason.clone().unwrap_or_else(|| reason(&args.command));
    let held = progress::follow(client, &id, "waiting until it is awake", client.hold(&id, &reason));
    let hold = match args.timeout {
        None => held.await?,
        Some(Span(limit)) => timeout(limit, held).await.map_err(|_| late(&id, limit))??,
    };
    let ended = carry_out(&args.command).await;
    // The connection ends with this process, and the hold with it; so a failure here changes nothing but this message.
    if let Err(error) = client.release(&id, hold).await {
        aside(&format!("lpwa: {}: the hold ended before the command did: {}", clean(&id), clean(&error.to_string())));
    }
    Err(Relayed(ended?).into())
}

fn late(id: &str, limit: std::time::Duration) -> Failure {
    let message = format!(
        "{id}: the modem was not awake within {}, so the command was not run; `lpwa power show {id}` tells when it wakes",
        Span(limit)
    );
    Failure::new(Exit::TimedOut, message)
}

/// The command's words, as far as a reason takes them.
fn reason(command: &[OsString]) -> String {
    let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    let text = clean(&words.join(" "));
    let end = (0..=LONGEST_REASON.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}

/// Runs `command`; its exit code. Signals that ask this process to end are passed on, and the command decides.
async fn carry_out(command: &[OsString]) -> anyhow::Result<u8> {
    let Some((program, arguments)) = command.split_first() else { return Ok(0) };
    let [mut interrupt, mut terminate, mut hangup] =
        [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
    let mut child = match Command::new(program).args(arguments).spawn() {
        Ok(child) => child,
        Err(error) => {
            aside(&format!("lpwa: {}: {error}", clean(&program.to_string_lossy())));
            return Ok(if error.kind() == ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE });
        }
    };
    loop {
        tokio::select! {
            ended = child.wait() => return Ok(code(ended?)),
            // A terminal has told the command as well, which need not hear it twice.
            _ = interrupt.recv() => if !io::stdin().is_terminal() { pass_on(&child, Signal::INT) },
            _ = terminate.recv() => pass_on(&child, Signal::TERM),
            _ = hangup.recv() => pass_on(&child, Signal::HUP),
        }
    }
}

fn pass_on(child: &Child, signal: Signal) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended this moment; then there is nobody to tell.
        let _ = kill_process(pid, signal);
    }
}

/// As a shell counts: 128 and the signal for a command that a signal ended.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| signal.saturating_add(128)));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_command_as_far_as_it_goes() {
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(reason(&words(&["sh", "-c", "sleep\n5"])), reason(&words(&["sh", "-c", "sleep\n5"])));
        let long = reason(&words(&["report", &"ä".repeat(300)]));
        assert!(long.len() <= LONGEST_REASON && long.starts_with("report ää"), "{long}");
    }

    #[test]
    fn exit_codes_are_those_of_a_shell() {
        assert_eq!(code(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(code(ExitStatus::from_raw(15)), 143);
    }

    #[tokio::test]
    async fn the_code_of_the_command_comes_back() {
        let run =
            async |words: &[&str]| carry_out(&words.iter().map(OsString::from).collect::<Vec<_>>()).await.unwrap();
        assert_eq!(run(&["sh", "-c", "exit 7"]).await, 7);
        assert_eq!(run(&["sh", "-c", "kill -9 $$"]).await, 137);
        assert_eq!(run(&["/nonexistent/program"]).await, NOT_FOUND);
        assert_eq!(run(&["/"]).await, NOT_EXECUTABLE);
    }
}
