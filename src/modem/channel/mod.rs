//! The command channel: the one owner of a port.
//!
//! Commands go out one at a time and in order; each has its own time-out. Notices that come before, inside or after
//! an answer are passed on as [`ChannelEvent`]s. After a command that was not answered the channel finds its feet
//! again before the next one, so that a late answer is never taken for another command's (transcript T-03).

mod error;
mod owner;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

pub use error::{CommandError, Refusal};
use owner::Owner;

use super::definition::Definition;
use super::notice::Notice;
use crate::codec::at::Pending;
use crate::codec::at::command::CommandLine;
use crate::port::BoxStream;

/// Jobs that wait at most; a caller beyond that waits for room.
const QUEUE: usize = 32;

/// What happens on a port beside answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelEvent {
    /// What it told by itself.
    Notice(Notice),
    /// The boot banner: what the modem was told may be lost.
    Rebooted(String),
    /// It did not answer a command.
    Silent,
    /// It answered a command.
    Answered,
    /// The data connection ended.
    DataEnded,
    /// The port is gone, and why.
    Closed(String),
}

impl ChannelEvent {
    /// Whether nobody has to hear of `earlier` who hears of this one.
    pub fn replaces(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (Self::Notice(later), Self::Notice(earlier)) => later.replaces(earlier),
            (Self::Answered, Self::Answered) | (Self::Silent, Self::Silent) => true,
            _ => false,
        }
    }
}

/// A command and how its answer is awaited.
#[derive(Debug, Clone)]
pub struct Command {
    /// The line.
    pub line: CommandLine,
    /// What the answer looks like.
    pub pending: Pending,
    /// Until the final result.
    pub time_out: Duration,
    /// Whether a carriage return ends it early (V.250 §5.6.1), such as `AT+COPS=?`.
    pub abortable: bool,
}

impl Command {
    /// `line`, its answer form derived from it.
    pub fn new(line: CommandLine, time_out: Duration) -> Self {
        let pending = line.pending();
        Self { line, pending, time_out, abortable: false }
    }
}

struct Job {
    command: Command,
    reply: oneshot::Sender<Result<Vec<String>, CommandError>>,
    /// Once it is answered with `CONNECT`, the line is left alone until the other end is dropped.
    lend: Option<oneshot::Receiver<Infallible>>,
}

/// A line in data mode that somebody else reads and writes; it takes commands again when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Lease {
    _life_line: oneshot::Sender<Infallible>,
}

/// A cheap handle to the owner of a port; the port closes when the last one is dropped.
#[derive(Clone)]
pub struct Channel {
    jobs: mpsc::Sender<Job>,
    definition: Arc<watch::Sender<Arc<Definition>>>,
}

impl Channel {
    /// Takes `stream` over. Events must be consumed: the port is not read while they wait.
    pub fn start(stream: BoxStream, definition: Arc<Definition>, events: mpsc::Sender<ChannelEvent>) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (definition, changes) = watch::channel(definition);
        tokio::spawn(Owner::new(stream, changes, events).run(queue));
        Self { jobs, definition: Arc::new(definition) }
    }

    /// The model turned out to be another: its notices are known from now on.
    pub fn set_definition(&self, definition: Arc<Definition>) {
        self.definition.send_replace(definition);
    }

    /// Sends a command and waits for its answer lines.
    ///
    /// Dropping the future withdraws a command that was not sent yet; one under way is aborted where V.250 allows,
    /// else its answer is awaited and thrown away.
    pub async fn send(&self, command: Command) -> Result<Vec<String>, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job { command, reply, lend: None }).await.map_err(|_| CommandError::Closed)?;
        answer.await.unwrap_or(Err(CommandError::Closed))
    }

    /// Sends a command that is to be answered with `CONNECT`, and leaves the line to the caller from there on.
    pub async fn dial(&self, command: Command) -> Result<Lease, CommandError> {
        let ((reply, answer), (life_line, end)) = (oneshot::channel(), oneshot::channel());
        let job = Job { command, reply, lend: Some(end) };
        self.jobs.send(job).await.map_err(|_| CommandError::Closed)?;
        answer.await.unwrap_or(Err(CommandError::Closed)).map(|_| Lease { _life_line: life_line })
    }
}
