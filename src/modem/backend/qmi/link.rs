//! The one owner of a QMI port: it gives transactions their numbers, finds the request of each response, and passes on
//! what the modem tells by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;

use crate::codec::qmi::explain::title;
use crate::codec::qmi::{Body, FrameReader, Framed, Kind, Message, Service, ctl};
use crate::modem::backend::outbox::Outbox;
use crate::modem::channel::{ChannelEvent, CommandError};
use crate::modem::notice::Notice;
use crate::port::BoxStream;

/// Requests that wait for the port at most; a caller beyond that waits for room.
const QUEUE: usize = 32;
/// Requests that wait for their response at most.
const PENDING: usize = 32;
/// How long the port may refuse to take a message.
const WRITE_TIME_OUT: Duration = Duration::from_secs(5);
/// Octets of one read.
const CHUNK: usize = 4096;

struct Job {
    message: Message,
    time_out: Duration,
    reply: oneshot::Sender<Result<Message, CommandError>>,
}

/// A cheap handle to the owner of a port; the port closes when the last one is dropped.
#[derive(Clone)]
pub struct Link {
    jobs: mpsc::Sender<Job>,
    reset: Arc<AtomicBool>,
}

impl Link {
    /// Takes `stream` over.
    pub fn start(stream: BoxStream, events: mpsc::Sender<ChannelEvent>) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let reset = Arc::new(AtomicBool::new(false));
        let owner = Owner {
            reset: reset.clone(),
            stream,
            frames: FrameReader::new(),
            outbox: Outbox::new(events),
            pending: BTreeMap::new(),
            given_up: BTreeSet::new(),
            unclaimed: Vec::new(),
            last: 0,
            last_ctl: 0,
        };
        tokio::spawn(owner.run(queue));
        Self { jobs, reset }
    }

    /// Whether the modem has told of a restart since this was asked last.
    pub fn was_reset(&self) -> bool {
        self.reset.swap(false, Ordering::Relaxed)
    }

    /// Sends a request, whose transaction is of no account, and waits for its response, whatever that says.
    ///
    /// Dropping the future gives the response up; a request that was sent is carried out all the same.
    pub async fn exchange(&self, message: Message, time_out: Duration) -> Result<Message, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job { message, time_out, reply }).await.map_err(|_| CommandError::Closed)?;
        answer.await.unwrap_or(Err(CommandError::Closed))
    }
}

/// Whose response it is: service, client, transaction.
type Key = (Service, u8, u16);

struct Pending {
    name: String,
    deadline: Instant,
    after: Duration,
    reply: oneshot::Sender<Result<Message, CommandError>>,
}

/// The task that owns the port.
struct Owner {
    stream: BoxStream,
    reset: Arc<AtomicBool>,
    frames: FrameReader,
    outbox: Outbox,
    pending: BTreeMap<Key, Pending>,
    /// Requests of CTL whose time was over, the last 255 at most: their response may come yet.
    given_up: BTreeSet<Key>,
    /// Clients that were allocated for somebody who does not wait any more.
    unclaimed: Vec<ctl::Client>,
    /// The last transaction of a service, and that of CTL, which has fewer.
    last: u16,
    last_ctl: u8,
}

impl Owner {
    async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut chunk = [0; CHUNK];
        let reason = loop {
            let deadline = self.pending.values().map(|pending| pending.deadline).min();
            tokio::select! {
                biased;
                job = queue.recv(), if self.pending.len() < PENDING => match job {
                    None => return,
                    Some(job) => if let Err(reason) = self.submit(job).await { break reason },
                },
                read = self.stream.read(&mut chunk) => match read {
                    Ok(0) => break "end of file: the device or the proxy went away".to_owned(),
                    Ok(length) => self.take(chunk.get(..length).unwrap_or_default()),
                    Err(error) => break error.to_string(),
                },
                () = std::future::ready(()), if !self.unclaimed.is_empty() => {
                    if let Err(reason) = self.give_back().await { break reason }
                }
                () = self.outbox.send(), if !self.outbox.is_empty() => {}
                () = until(deadline) => self.expire(),
            }
        };
        debug!("QMI port closed: {reason}");
        self.outbox.finish(ChannelEvent::Closed(reason)).await;
    }

    /// Sends a request. `Err` is the reason why the port is gone.
    async fn submit(&mut self, job: Job) -> Result<(), String> {
        let Job { mut message, time_out, reply } = job;
        if reply.is_closed() {
            return Ok(());
        }
        message.transaction = self.transaction(message.service);
        let frame = match message.encode() {
            Ok(frame) => frame,
            Err(error) => {
                let _ = reply.send(Err(CommandError::Unsupported(error.to_string())));
                return Ok(());
            }
        };
        let name = title(message.service, message.id);
        let key = (message.service, message.client, message.transaction);
        // Entered before it is written: the response may be there before `write_all` returns.
        let deadline = Instant::now() + time_out;
        self.pending.insert(key, Pending { name, deadline, after: time_out, reply });
        match timeout(WRITE_TIME_OUT, self.stream.write_all(&frame)).await {
            Ok(written) => written.map_err(|error| error.to_string()),
            // The device is stuck: half a frame may have gone out, and nothing after it would be understood.
            Err(_) => Err("the device takes no messages".into()),
        }
    }

    /// Releases the clients that nobody took; whether the modem does it is its own affair.
    async fn give_back(&mut self) -> Result<(), String> {
        for client in std::mem::take(&mut self.unclaimed) {
            debug!("QMI client {} of service {} came too late", client.client, client.service.0);
            let release = ctl::ReleaseClient { client: Some(client), ..Default::default() };
            let Ok(frame) = Message::new(0, self.transaction(Service::CTL), &release).encode() else { continue };
            match timeout(WRITE_TIME_OUT, self.stream.write_all(&frame)).await {
                Ok(written) => written.map_err(|error| error.to_string())?,
                Err(_) => return Err("the device takes no messages".into()),
            }
        }
        Ok(())
    }

    /// The next number: 1 to 255 on CTL, 1 to 65535 elsewhere.
    fn transaction(&mut self, service: Service) -> u16 {
        if service == Service::CTL {
            self.last_ctl = self.last_ctl.checked_add(1).unwrap_or(1);
            // The number is another request's from now on.
            self.given_up.remove(&(Service::CTL, 0, self.last_ctl.into()));
            return self.last_ctl.into();
        }
        self.last = self.last.checked_add(1).unwrap_or(1);
        self.last
    }

    fn take(&mut self, bytes: &[u8]) {
        self.frames.push(bytes);
        while let Some(framed) = self.frames.next() {
            match framed {
                Framed::Frame(frame) => match Message::decode(&frame) {
                    Ok(message) => self.enter(message),
                    Err(error) => debug!("a QMI frame cannot be read: {error}"),
                },
                Framed::Noise(octets) => debug!("{octets} octets are no QMI frame"),
            }
        }
    }

    fn enter(&mut self, message: Message) {
        match message.kind {
            Kind::Response => {
                // One that nobody waits for any more came too late.
                let key = (message.service, message.client, message.transaction);
                let unheard = match self.pending.remove(&key) {
                    Some(pending) => {
                        self.outbox.put(ChannelEvent::Answered);
                        // The caller may have gone in the meantime.
                        pending.reply.send(Ok(message)).err().and_then(Result::ok)
                    }
                    None => self.given_up.remove(&key).then_some(message),
                };
                self.unclaimed.extend(unheard.as_ref().and_then(allocated));
            }
            Kind::Indication if (message.service, message.id) == (Service::CTL, ctl::SyncIndication::ID) => {
                self.reset()
            }
            Kind::Indication => self.outbox.put(ChannelEvent::Notice(Notice::Qmi(message))),
            Kind::Request => debug!("{} came from the modem as a request", title(message.service, message.id)),
        }
    }

    /// The modem has restarted: no response will come, and no client is valid any more.
    fn reset(&mut self) {
        self.reset.store(true, Ordering::Relaxed);
        for (_, pending) in std::mem::take(&mut self.pending) {
            let _ = pending.reply.send(Err(CommandError::Rebooted { command: pending.name }));
        }
        self.outbox.put(ChannelEvent::Rebooted("QMI CTL Sync".into()));
    }

    /// Gives up requests whose time is over.
    fn expire(&mut self) {
        let now = Instant::now();
        let late: Vec<_> = self.pending.iter().filter(|(_, p)| p.deadline <= now).map(|(key, _)| *key).collect();
        // A frame that broke off would swallow the next ones.
        self.frames = FrameReader::new();
        for key in late {
            let Some(Pending { name, after, reply, .. }) = self.pending.remove(&key) else { continue };
            if key.0 == Service::CTL {
                self.given_up.insert(key);
            }
            self.outbox.put(ChannelEvent::Silent);
            let _ = reply.send(Err(CommandError::TimedOut { command: name, after }));
        }
    }
}

/// The client that a response of CTL gives.
fn allocated(response: &Message) -> Option<ctl::Client> {
    let is_one = (response.service, response.id) == (Service::CTL, ctl::AllocateClient::ID);
    let body = is_one.then(|| response.answer::<ctl::AllocateClient>())?;
    body.ok()?.ok()?.client
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
