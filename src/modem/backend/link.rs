//! The one owner of a port that carries messages: it finds the request of each answer, gives up those whose time is over, and
//! passes on what the modem tells by itself. What the messages look like is the protocol's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;

use super::outbox::Outbox;
use crate::modem::channel::{ChannelEvent, CommandError};
use crate::modem::notice::Notice;
use crate::port::BoxStream;

/// Requests that wait for the port at most; a caller beyond that waits for room.
const QUEUE: usize = 32;
/// Requests that wait for their answer at most.
const PENDING: usize = 32;
/// Requests at most whose answers may come too late and are still known.
const GIVEN_UP: usize = 64;
/// How long the port may refuse to take a write.
const WRITE_TIME_OUT: Duration = Duration::from_secs(5);
/// Octets of one read.
const CHUNK: usize = 4096;

/// A protocol of requests and answers.
pub trait Dialect: Send + 'static {
    /// A request, or an answer.
    type Message: Send + 'static;
    /// What tells requests under way apart.
    type Key: Copy + Ord + Send;
    /// Its name, for logs.
    const NAME: &'static str;

    /// Gives a request its number. The error is a sentence.
    fn request(&mut self, message: Self::Message) -> Result<Request<Self::Key>, String>;
    /// Bytes from the modem.
    fn push(&mut self, bytes: &[u8]);
    /// What they amount to, until `None`. An error is the reason why nothing that follows can be read.
    fn next(&mut self) -> Result<Option<Heard<Self>>, String>;
    /// Whatever has not come whole never will: it would swallow what comes next.
    fn start_over(&mut self);
    /// What undoes a request whose answer nobody takes.
    fn undo(&self, _answer: &Self::Message) -> Option<Self::Message> {
        None
    }
}

/// A request that is ready to be sent.
pub struct Request<K> {
    /// Finds it when its answer comes.
    pub key: K,
    /// Its name, for people.
    pub name: String,
    /// What is written, one after the other.
    pub writes: Vec<Vec<u8>>,
}

/// What came from a modem.
pub enum Heard<D: Dialect + ?Sized> {
    /// The answer to a request.
    Answer(D::Key, D::Message),
    /// What the modem tells by itself.
    Notice(Notice),
    /// The modem has restarted, as this message shows: nothing that is under way will be answered.
    Restarted(&'static str),
}

struct Job<M> {
    message: M,
    time_out: Duration,
    reply: Reply<M>,
}

type Reply<M> = oneshot::Sender<Result<M, CommandError>>;

/// A cheap handle to the owner of a port; the port closes when the last one is dropped.
#[derive(Clone)]
pub struct Link<M> {
    jobs: mpsc::Sender<Job<M>>,
    restarted: Arc<AtomicBool>,
}

impl<M: Send + 'static> Link<M> {
    /// Takes `stream` over.
    pub fn start<D: Dialect<Message = M>>(dialect: D, stream: BoxStream, events: mpsc::Sender<ChannelEvent>) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let restarted = Arc::new(AtomicBool::new(false));
        let owner = Owner {
            stream,
            dialect,
            outbox: Outbox::new(events),
            pending: BTreeMap::new(),
            given_up: BTreeSet::new(),
            undone: Vec::new(),
            restarted: restarted.clone(),
        };
        tokio::spawn(owner.run(queue));
        Self { jobs, restarted }
    }

    /// Whether the modem has told of a restart since this was asked last.
    pub fn has_restarted(&self) -> bool {
        self.restarted.swap(false, Ordering::Relaxed)
    }

    /// Sends a request, whose number is of no account, and waits for its answer, whatever that says.
    ///
    /// Dropping the future gives the answer up; a request that was sent is carried out all the same.
    pub async fn exchange(&self, message: M, time_out: Duration) -> Result<M, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job { message, time_out, reply }).await.map_err(|_| CommandError::Closed)?;
        answer.await.unwrap_or(Err(CommandError::Closed))
    }
}

struct Pending<M> {
    name: String,
    deadline: Instant,
    after: Duration,
    reply: Reply<M>,
}

/// The task that owns the port.
struct Owner<D: Dialect> {
    stream: BoxStream,
    dialect: D,
    outbox: Outbox,
    pending: BTreeMap<D::Key, Pending<D::Message>>,
    /// Requests whose time was over: their answers may come yet.
    given_up: BTreeSet<D::Key>,
    /// What undoes requests whose answers nobody takes; it is sent as soon as what came was read.
    undone: Vec<D::Message>,
    restarted: Arc<AtomicBool>,
}

impl<D: Dialect> Owner<D> {
    async fn run(mut self, mut queue: mpsc::Receiver<Job<D::Message>>) {
        let mut chunk = [0; CHUNK];
        let reason = loop {
            let deadline = self.pending.values().map(|pending| pending.deadline).min();
            tokio::select! {
                biased;
                () = std::future::ready(()), if !self.undone.is_empty() => {
                    if let Err(reason) = self.undo().await { break reason }
                }
                job = queue.recv(), if self.pending.len() < PENDING => match job {
                    None => return,
                    Some(job) => if let Err(reason) = self.submit(job).await { break reason },
                },
                read = self.stream.read(&mut chunk) => match read {
                    Ok(0) => break "end of file: the device or the proxy went away".to_owned(),
                    Ok(length) => if let Err(reason) = self.take(chunk.get(..length).unwrap_or_default()) { break reason },
                    Err(error) => break error.to_string(),
                },
                () = self.outbox.send(), if !self.outbox.is_empty() => {}
                () = until(deadline) => self.expire(),
            }
        };
        debug!("{} port closed: {reason}", D::NAME);
        self.outbox.finish(ChannelEvent::Closed(reason)).await;
    }

    /// Sends a request. `Err` is the reason why the port is gone.
    async fn submit(&mut self, job: Job<D::Message>) -> Result<(), String> {
        let Job { message, time_out, reply } = job;
        if reply.is_closed() {
            return Ok(());
        }
        let Request { key, name, writes } = match self.dialect.request(message) {
            Ok(request) => request,
            Err(reason) => {
                let _ = reply.send(Err(CommandError::Unsupported(reason)));
                return Ok(());
            }
        };
        // Entered before it is written: the answer may be there before the last write returns.
        let deadline = Instant::now() + time_out;
        self.given_up.remove(&key);
        self.pending.insert(key, Pending { name, deadline, after: time_out, reply });
        self.write(writes).await
    }

    /// Whether the modem does it is its own affair.
    async fn undo(&mut self) -> Result<(), String> {
        for message in std::mem::take(&mut self.undone) {
            let Ok(Request { key, name, writes }) = self.dialect.request(message) else { continue };
            debug!("{name}: its client has gone");
            self.given_up.remove(&key);
            self.write(writes).await?;
        }
        Ok(())
    }

    async fn write(&mut self, writes: Vec<Vec<u8>>) -> Result<(), String> {
        for piece in writes {
            match timeout(WRITE_TIME_OUT, self.stream.write_all(&piece)).await {
                Ok(written) => written.map_err(|error| error.to_string())?,
                // The device is stuck: half a message may have gone out, and nothing after it would be understood.
                Err(_) => return Err("the device takes no messages".into()),
            }
        }
        Ok(())
    }

    /// `Err` is the reason why nothing that follows can be read.
    fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.dialect.push(bytes);
        while let Some(heard) = self.dialect.next()? {
            match heard {
                Heard::Answer(key, message) => {
                    let unheard = match self.pending.remove(&key) {
                        Some(pending) => {
                            self.outbox.put(ChannelEvent::Answered);
                            // The caller may have gone in the meantime.
                            pending.reply.send(Ok(message)).err().and_then(Result::ok)
                        }
                        // One that nobody waits for any more came too late.
                        None => self.given_up.remove(&key).then_some(message),
                    };
                    self.undone.extend(unheard.and_then(|message| self.dialect.undo(&message)));
                }
                Heard::Notice(notice) => self.outbox.put(ChannelEvent::Notice(notice)),
                Heard::Restarted(by) => self.reset(by),
            }
        }
        Ok(())
    }

    fn reset(&mut self, by: &str) {
        self.restarted.store(true, Ordering::Relaxed);
        self.given_up.clear();
        for (_, pending) in std::mem::take(&mut self.pending) {
            let _ = pending.reply.send(Err(CommandError::Rebooted { command: pending.name }));
        }
        self.outbox.put(ChannelEvent::Rebooted(by.into()));
    }

    /// Gives up requests whose time is over.
    fn expire(&mut self) {
        let now = Instant::now();
        let late: Vec<_> = self.pending.iter().filter(|(_, p)| p.deadline <= now).map(|(key, _)| *key).collect();
        self.dialect.start_over();
        for key in late {
            let Some(Pending { name, after, reply, .. }) = self.pending.remove(&key) else { continue };
            self.given_up.insert(key);
            if self.given_up.len() > GIVEN_UP {
                self.given_up.pop_first();
            }
            self.outbox.put(ChannelEvent::Silent);
            let _ = reply.send(Err(CommandError::TimedOut { command: name, after }));
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
