//! The task that owns a port.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::debug;

use super::{ChannelEvent, Command, CommandError, Job, Refusal};
use crate::codec::at::command::standard;
use crate::codec::at::{Digest, Digester, FinalResult};
use crate::modem::definition::{Definition, UrcKind};
use crate::modem::notice::{self, Notice};
use crate::port::BoxStream;

/// How long a resynchronising `AT` may take.
const SYNC_TIME_OUT: Duration = Duration::from_millis(1500);
/// How often it is tried: modems that wake on the first byte, or look for the bit rate, lose a few.
const SYNC_ATTEMPTS: u32 = 4;
/// Silence that ends a late answer.
const QUIET: Duration = Duration::from_millis(150);
/// How long the port may refuse to take a line (flow control).
const WRITE_TIME_OUT: Duration = Duration::from_secs(5);
/// Silence around `+++`; a second by V.250, a little more on EG91.
const ESCAPE_GUARD: Duration = Duration::from_millis(1100);
/// How long an aborted command may take to end.
const ABORT_TIME_OUT: Duration = Duration::from_secs(10);

/// The one that reads and writes the port.
pub(super) struct Owner {
    stream: BoxStream,
    digester: Digester,
    definition: watch::Receiver<Arc<Definition>>,
    events: mpsc::Sender<ChannelEvent>,
    data_mode: bool,
    /// A late answer may still come: synchronise before the next command.
    in_doubt: bool,
    /// Somebody else reads and writes the line until this resolves.
    lent: Option<oneshot::Receiver<Infallible>>,
    last_byte: Instant,
}

/// What a wait for an answer ended with.
enum Outcome {
    Answer(Vec<String>, FinalResult),
    TimedOut,
    Rebooted,
    Withdrawn,
}

impl Owner {
    pub(super) fn new(
        stream: BoxStream,
        definition: watch::Receiver<Arc<Definition>>,
        events: mpsc::Sender<ChannelEvent>,
    ) -> Self {
        let mut owner = Self {
            stream,
            digester: Digester::new(),
            definition,
            events,
            data_mode: false,
            in_doubt: false,
            lent: None,
            last_byte: Instant::now(),
        };
        owner.adopt_definition();
        owner
    }

    /// Until the last handle is dropped, or the port is gone.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let reason = loop {
            tokio::select! {
                biased;
                job = queue.recv() => match job {
                    None => return,
                    Some(job) => if let Err(reason) = self.take_job(job).await { break reason },
                },
                changed = self.definition.changed() => match changed {
                    Ok(()) => self.adopt_definition(),
                    Err(_) => return,
                },
                () = returned(&mut self.lent) => if let Err(reason) = self.take_back().await { break reason },
                read = read_chunk(&mut self.stream), if self.lent.is_none() => match read {
                    Ok(chunk) => { self.take(&chunk); self.drain_notices().await; }
                    Err(reason) => break reason,
                },
            }
        };
        debug!("port closed: {reason}");
        self.emit(ChannelEvent::Closed(reason)).await;
    }

    /// A line that is lent takes no commands; one that was given back in this moment does.
    async fn take_job(&mut self, job: Job) -> Result<(), String> {
        if let Some(end) = &mut self.lent {
            if matches!(end.try_recv(), Err(TryRecvError::Empty)) {
                // The caller may have gone.
                let _ = job.reply.send(Err(CommandError::Lent));
                return Ok(());
            }
            self.take_back().await?;
        }
        self.execute(job).await
    }

    /// The line was given back. Whether the call has ended is not known: the modem may have said so, else the next
    /// command begins with the escape sequence.
    async fn take_back(&mut self) -> Result<(), String> {
        (self.lent, self.in_doubt) = (None, true);
        self.run_out().await
    }

    fn adopt_definition(&mut self) {
        let definition = self.definition.borrow_and_update().clone();
        let starts = definition.urcs.iter().filter_map(|urc| urc.pattern.prefix().map(str::to_owned));
        self.digester.set_urcs(starts.collect());
    }

    fn take(&mut self, chunk: &[u8]) {
        self.digester.push(chunk);
        self.last_byte = Instant::now();
    }

    async fn emit(&mut self, event: ChannelEvent) {
        // Nobody listens any more when the modem's actor has gone; its handle is dropped next.
        let _ = self.events.send(event).await;
    }

    /// Passes on what arrived while nothing was pending.
    async fn drain_notices(&mut self) {
        while let Some(digest) = self.digester.next() {
            if let Digest::Urc(line) = digest {
                self.notice(line).await;
            }
        }
    }

    /// Passes a notice on; tells whether it is the boot banner.
    async fn notice(&mut self, line: String) -> bool {
        if self.data_mode {
            if line == "NO CARRIER" {
                self.data_mode = false;
                self.emit(ChannelEvent::DataEnded).await;
            }
            return false;
        }
        let definition = self.definition.borrow().clone();
        let boot = notice::read(&definition, &line).is_some_and(|(kind, _)| kind == UrcKind::Boot);
        self.emit(if boot { ChannelEvent::Rebooted(line) } else { ChannelEvent::Notice(Notice::Line(line)) }).await;
        boot
    }

    /// Runs one command. `Err` is the reason why the port is gone.
    async fn execute(&mut self, job: Job) -> Result<(), String> {
        let Job { command, mut reply, lend } = job;
        if reply.is_closed() {
            return Ok(());
        }
        let name = &command.line;
        let outcome = match self.prepare().await? {
            true => self.exchange(&command, Some(&mut reply)).await?,
            false => Outcome::TimedOut,
        };
        let result = match outcome {
            Outcome::Answer(_, FinalResult::Ok) if lend.is_some() => Err(CommandError::Unsupported(format!(
                "{name} was answered with OK, and no data connection came of it"
            ))),
            Outcome::Answer(lines, FinalResult::Ok) => Ok(lines),
            Outcome::Answer(lines, FinalResult::Connect(_)) => {
                (self.data_mode, self.lent) = (true, lend);
                Ok(lines)
            }
            Outcome::Answer(_, FinalResult::Error(error)) => {
                Err(CommandError::Refused { command: name.to_string(), refusal: Refusal::At(error) })
            }
            Outcome::TimedOut => Err(CommandError::TimedOut { command: name.to_string(), after: command.time_out }),
            Outcome::Rebooted => Err(CommandError::Rebooted { command: name.to_string() }),
            Outcome::Withdrawn => return Ok(()),
        };
        match &result {
            Ok(lines) => debug!("{name}: {} line(s)", lines.len()),
            Err(error) => debug!("{error}"),
        }
        let silent = matches!(result, Err(CommandError::TimedOut { .. }));
        self.emit(if silent { ChannelEvent::Silent } else { ChannelEvent::Answered }).await;
        // The caller may have gone in the meantime; the answer is then of no use to anybody.
        let _ = reply.send(result);
        Ok(())
    }

    /// Brings the port to where a command is heard and its answer is its own. False: the modem does not answer.
    async fn prepare(&mut self) -> Result<bool, String> {
        if self.data_mode {
            self.escape().await?;
        }
        if self.in_doubt || self.is_deaf() { self.synchronise().await } else { Ok(true) }
    }

    /// Whether the first characters would be lost (the model's `[sleep]` says when).
    fn is_deaf(&self) -> bool {
        let definition = self.definition.borrow();
        definition.sleep.deaf_after.is_some_and(|after| self.last_byte.elapsed() >= after)
    }

    /// Sends `AT` until it is answered, then lets late answers run out.
    async fn synchronise(&mut self) -> Result<bool, String> {
        let Ok(line) = standard::attention() else { return Ok(false) };
        for _ in 0..SYNC_ATTEMPTS {
            let command = Command::new(line.clone(), SYNC_TIME_OUT);
            match self.exchange(&command, None).await? {
                Outcome::Answer(..) => {
                    self.run_out().await?;
                    self.in_doubt = false;
                    return Ok(true);
                }
                Outcome::TimedOut | Outcome::Rebooted | Outcome::Withdrawn => {}
            }
        }
        Ok(false)
    }

    /// Throws away answers until the line is quiet; notices are passed on.
    async fn run_out(&mut self) -> Result<(), String> {
        while let Ok(chunk) = timeout(QUIET, read_chunk(&mut self.stream)).await {
            self.take(&chunk?);
            self.drain_notices().await;
        }
        Ok(())
    }

    /// Leaves data mode: the escape sequence between its guard times.
    async fn escape(&mut self) -> Result<(), String> {
        sleep(ESCAPE_GUARD).await;
        self.write(b"+++").await?;
        sleep(ESCAPE_GUARD).await;
        (self.data_mode, self.in_doubt) = (false, true);
        Ok(())
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<bool, String> {
        match timeout(WRITE_TIME_OUT, self.stream.write_all(bytes)).await {
            Ok(Ok(())) => Ok(true),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Ok(false),
        }
    }

    /// Writes one line and waits for its final result.
    async fn exchange(
        &mut self,
        command: &Command,
        mut caller: Option<&mut oneshot::Sender<Result<Vec<String>, CommandError>>>,
    ) -> Result<Outcome, String> {
        // Armed before the line is written: an answer may be there before `write` returns (transcript T-06).
        self.digester.expect(command.pending.clone());
        let mut deadline = Instant::now() + command.time_out;
        if !self.write(&command.line.bytes()).await? {
            return Ok(self.give_up(Outcome::TimedOut));
        }
        let mut withdrawn = false;
        loop {
            let chunk = tokio::select! {
                biased;
                read = timeout_at(deadline, read_chunk(&mut self.stream)) => match read {
                    Ok(chunk) => chunk?,
                    Err(_) => return Ok(self.give_up(if withdrawn { Outcome::Withdrawn } else { Outcome::TimedOut })),
                },
                () = closed(&mut caller), if !withdrawn => {
                    withdrawn = true;
                    if command.abortable {
                        self.write(b"\r").await?;
                        deadline = deadline.min(Instant::now() + ABORT_TIME_OUT);
                    }
                    continue;
                }
            };
            self.take(&chunk);
            if let Some(outcome) = self.next_outcome().await {
                return Ok(if withdrawn { Outcome::Withdrawn } else { outcome });
            }
        }
    }

    /// Goes through what arrived; an answer or a restart ends the exchange.
    async fn next_outcome(&mut self) -> Option<Outcome> {
        while let Some(digest) = self.digester.next() {
            match digest {
                Digest::Response(response) => {
                    // What came behind the answer in the same read is not lost.
                    self.drain_notices().await;
                    return Some(Outcome::Answer(response.lines, response.result));
                }
                Digest::Urc(line) => {
                    if self.notice(line).await {
                        return Some(self.give_up(Outcome::Rebooted));
                    }
                }
                Digest::Prompt(_) | Digest::Overflow => {}
            }
        }
        None
    }

    fn give_up(&mut self, outcome: Outcome) -> Outcome {
        self.digester.abandon();
        self.in_doubt = true;
        outcome
    }
}

/// Resolves when a lent line is given back; never where none is lent.
async fn returned(lent: &mut Option<oneshot::Receiver<Infallible>>) {
    match lent {
        // It carries no value: it ends when the lease is dropped.
        Some(end) => drop(end.await),
        None => std::future::pending().await,
    }
}

/// Resolves when the caller has gone; never for a command of our own.
async fn closed(caller: &mut Option<&mut oneshot::Sender<Result<Vec<String>, CommandError>>>) {
    match caller {
        Some(reply) => reply.closed().await,
        None => std::future::pending().await,
    }
}

/// One read. Read 0 and an error both mean that the port is gone.
async fn read_chunk(stream: &mut BoxStream) -> Result<Vec<u8>, String> {
    let mut buffer = [0; 1024];
    match stream.read(&mut buffer).await {
        Ok(0) => Err("end of file: the device or the peer went away".into()),
        Ok(n) => Ok(buffer.get(..n).unwrap_or_default().to_vec()),
        Err(error) => Err(error.to_string()),
    }
}
