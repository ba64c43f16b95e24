//! The one owner of an MBIM port: it cuts and joins fragments, finds the command of each answer, and passes on what the
//! modem tells by itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;

use crate::codec::mbim::message::{extensions, proxy};
use crate::codec::mbim::{Body, Frame, FrameFault, Reassembler, Service, Splitter, Version, decode};
use crate::modem::backend::outbox::Outbox;
use crate::modem::channel::{ChannelEvent, CommandError};
use crate::modem::notice::{Indication, Notice};
use crate::port::BoxStream;

/// Commands that wait for the port at most; a caller beyond that waits for room.
const QUEUE: usize = 32;
/// Commands that wait for their answer at most.
const PENDING: usize = 32;
/// How long the port may refuse to take a fragment.
const WRITE_TIME_OUT: Duration = Duration::from_secs(5);
/// Octets of one read.
const CHUNK: usize = 4096;

struct Job {
    body: Body,
    time_out: Duration,
    reply: oneshot::Sender<Result<Body, CommandError>>,
}

/// The version of the extensions that both sides have agreed on.
#[derive(Debug, Clone)]
pub struct Agreed(Arc<AtomicU16>);

impl Agreed {
    fn new() -> Self {
        Self(Arc::new(AtomicU16::new(Version::V1.number())))
    }

    /// The version.
    pub fn get(&self) -> Version {
        Version::from_number(self.0.load(Ordering::Relaxed))
    }

    /// They agree on another.
    pub fn set(&self, version: Version) {
        self.0.store(version.number(), Ordering::Relaxed);
    }
}

/// A cheap handle to the owner of a port; the port closes when the last one is dropped.
#[derive(Clone)]
pub struct Link {
    jobs: mpsc::Sender<Job>,
    /// The version of the extensions in use.
    pub agreed: Agreed,
}

impl Link {
    /// Takes `stream` over, which carries fragments of at most `max` octets. QMI frames that the modem sends by itself
    /// go to `tunnel`.
    pub fn start(
        stream: BoxStream,
        max: usize,
        events: mpsc::Sender<ChannelEvent>,
        tunnel: Option<mpsc::Sender<Vec<u8>>>,
    ) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let agreed = Agreed::new();
        let owner = Owner {
            stream,
            max: u32::try_from(max).unwrap_or(u32::MAX),
            splitter: Splitter::new(),
            reassembler: Reassembler::new(),
            outbox: Outbox::new(events),
            pending: BTreeMap::new(),
            last: 0,
            agreed: agreed.clone(),
            tunnel,
        };
        tokio::spawn(owner.run(queue));
        Self { jobs, agreed }
    }

    /// Sends a message and waits for its answer, whatever that says.
    ///
    /// Dropping the future gives the answer up; a command that was sent is carried out all the same.
    pub async fn exchange(&self, body: Body, time_out: Duration) -> Result<Body, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job { body, time_out, reply }).await.map_err(|_| CommandError::Closed)?;
        answer.await.unwrap_or(Err(CommandError::Closed))
    }
}

struct Pending {
    name: String,
    deadline: Instant,
    after: Duration,
    reply: oneshot::Sender<Result<Body, CommandError>>,
}

/// The task that owns the port.
struct Owner {
    stream: BoxStream,
    max: u32,
    splitter: Splitter,
    reassembler: Reassembler,
    outbox: Outbox,
    pending: BTreeMap<u32, Pending>,
    /// The last transaction.
    last: u32,
    agreed: Agreed,
    tunnel: Option<mpsc::Sender<Vec<u8>>>,
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
                    Ok(length) => if let Err(reason) = self.take(chunk.get(..length).unwrap_or_default()) { break reason },
                    Err(error) => break error.to_string(),
                },
                () = self.outbox.send(), if !self.outbox.is_empty() => {}
                () = until(deadline) => self.expire(),
            }
        };
        debug!("MBIM port closed: {reason}");
        self.outbox.finish(ChannelEvent::Closed(reason)).await;
    }

    /// Sends a message, a write for each fragment. `Err` is the reason why the port is gone.
    async fn submit(&mut self, job: Job) -> Result<(), String> {
        let Job { mut body, time_out, reply } = job;
        if reply.is_closed() {
            return Ok(());
        }
        if let Body::Open { max_control_transfer } = &mut body {
            *max_control_transfer = self.max;
        }
        self.last = self.last.checked_add(1).unwrap_or(1);
        let name = body.title();
        let frame = Frame { transaction: self.last, body };
        // Entered before it is written: the answer may be there before the last fragment is.
        let deadline = Instant::now() + time_out;
        self.pending.insert(self.last, Pending { name, deadline, after: time_out, reply });
        for fragment in frame.fragments(self.max) {
            match timeout(WRITE_TIME_OUT, self.stream.write_all(&fragment)).await {
                Ok(written) => written.map_err(|error| error.to_string())?,
                // The device is stuck: half a message may have gone out, and nothing after it would be understood.
                Err(_) => return Err("the device takes no messages".into()),
            }
        }
        Ok(())
    }

    /// `Err` is the reason why nothing that follows can be read.
    fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.splitter.push(bytes);
        while let Some(piece) = self.splitter.next_frame().map_err(|error| error.to_string())? {
            match self.reassembler.push(&piece) {
                Ok(Some(frame)) => self.enter(frame),
                Ok(None) => {}
                // The command whose answer it was runs into its time-out; the next message begins anew.
                Err(error) => debug!("an MBIM message cannot be read: {error}"),
            }
        }
        Ok(())
    }

    fn enter(&mut self, frame: Frame) {
        match frame.body {
            Body::Indicate { service, cid, buffer } => match Service::of(service) {
                Some(Service::Qmi) => self.pass(buffer),
                Some(Service::ProxyControl) if cid == proxy::VERSION.number => self.agree(&buffer),
                Some(service) => {
                    let indication = Indication { service, cid, buffer, version: self.agreed.get() };
                    self.outbox.put(ChannelEvent::Notice(Notice::Mbim(indication)));
                }
                None => debug!("an indication of an unknown service, {service}"),
            },
            Body::FunctionError(FrameFault::NotOpened) => self.reset(),
            answer => {
                // One that nobody waits for any more came too late.
                if let Some(pending) = self.pending.remove(&frame.transaction) {
                    self.outbox.put(ChannelEvent::Answered);
                    // The caller may have gone in the meantime.
                    let _ = pending.reply.send(Ok(answer));
                }
            }
        }
    }

    /// A QMI frame that the modem sent by itself. Where it is not taken in time, others are on their way.
    fn pass(&self, frame: Vec<u8>) {
        if let Some(tunnel) = &self.tunnel
            && let Err(error) = tunnel.try_send(frame)
        {
            debug!("a QMI indication was thrown away: {error}");
        }
    }

    /// Another program has agreed on a version with the modem, by way of the proxy.
    fn agree(&self, buffer: &[u8]) {
        if let Ok(version) = decode::<extensions::Version>(buffer, Version::V1) {
            self.agreed.set(Version::from_number(version.mbim_extended_version));
        }
    }

    /// The modem has restarted: no answer will come.
    fn reset(&mut self) {
        for (_, pending) in std::mem::take(&mut self.pending) {
            let _ = pending.reply.send(Err(CommandError::Rebooted { command: pending.name }));
        }
        self.reassembler.clear();
        self.outbox.put(ChannelEvent::Rebooted("MBIM not opened".into()));
    }

    /// Gives up commands whose time is over.
    fn expire(&mut self) {
        let now = Instant::now();
        let late: Vec<_> = self.pending.iter().filter(|(_, p)| p.deadline <= now).map(|(key, _)| *key).collect();
        // A message that broke off would swallow the next ones.
        self.splitter = Splitter::new();
        self.reassembler.clear();
        for key in late {
            let Some(Pending { name, after, reply, .. }) = self.pending.remove(&key) else { continue };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::mbim::Status;
    use crate::codec::mbim::message::basic_connect::{DEVICE_CAPS, SIGNAL_STATE};
    use tokio::io::DuplexStream;

    fn start() -> (Link, DuplexStream, mpsc::Receiver<ChannelEvent>) {
        let (near, far) = tokio::io::duplex(1 << 20);
        let (events, told) = mpsc::channel(8);
        (Link::start(Box::new(near), 64, events, None), far, told)
    }

    fn query() -> Body {
        Body::query(Service::BasicConnect, &DEVICE_CAPS, Vec::new())
    }

    /// The transaction of the next command at the modem.
    async fn heard(modem: &mut DuplexStream) -> u32 {
        let mut bytes = [0; 64];
        let length = modem.read(&mut bytes).await.unwrap();
        Frame::parse(&bytes[..length]).unwrap().transaction
    }

    fn done(transaction: u32, buffer: Vec<u8>) -> Frame {
        Frame { transaction, body: Body::done(Service::BasicConnect, &DEVICE_CAPS, Status::SUCCESS, buffer) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_fragment_costs_one_answer_only() {
        let (link, mut modem, _told) = start();
        let asked = tokio::spawn({
            let link = link.clone();
            async move { link.exchange(query(), Duration::from_secs(5)).await }
        });
        let transaction = heard(&mut modem).await;
        for (n, piece) in done(transaction, vec![7; 200]).fragments(64).iter().enumerate() {
            if n != 2 {
                modem.write_all(piece).await.unwrap();
            }
        }
        assert!(matches!(asked.await.unwrap(), Err(CommandError::TimedOut { .. })));
        let asked = tokio::spawn(async move { link.exchange(query(), Duration::from_secs(5)).await });
        let answer = done(heard(&mut modem).await, vec![8; 200]);
        for piece in answer.fragments(64) {
            modem.write_all(&piece).await.unwrap();
        }
        assert_eq!(asked.await.unwrap(), Ok(answer.body));
    }

    #[tokio::test(start_paused = true)]
    async fn an_indication_between_fragments_spoils_nothing() {
        let (link, mut modem, mut told) = start();
        let asked = tokio::spawn(async move { link.exchange(query(), Duration::from_secs(5)).await });
        let answer = done(heard(&mut modem).await, vec![9; 200]);
        let indication = Body::indicate(Service::BasicConnect, &SIGNAL_STATE, vec![0; 4]);
        for piece in answer.fragments(64) {
            modem.write_all(&piece).await.unwrap();
            modem.write_all(&Frame { transaction: 0, body: indication.clone() }.encode()).await.unwrap();
        }
        assert_eq!(asked.await.unwrap(), Ok(answer.body));
        assert!(matches!(told.recv().await, Some(ChannelEvent::Notice(Notice::Mbim(_)))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_modem_that_is_not_open_any_more_ends_what_is_pending() {
        let (link, mut modem, mut told) = start();
        let asked = tokio::spawn(async move { link.exchange(query(), Duration::from_secs(5)).await });
        let transaction = heard(&mut modem).await;
        let error = Frame { transaction, body: Body::FunctionError(FrameFault::NotOpened) };
        modem.write_all(&error.encode()).await.unwrap();
        assert!(matches!(asked.await.unwrap(), Err(CommandError::Rebooted { .. })));
        assert!(matches!(told.recv().await, Some(ChannelEvent::Rebooted(_))));
    }

    /// Nobody takes what the modem tells: it is read all the same, and of a hundred thousand indications a few are kept.
    #[tokio::test(start_paused = true)]
    async fn a_storm_that_nobody_listens_to_is_bounded() {
        let (link, mut modem, mut told) = start();
        let indication = Body::indicate(Service::BasicConnect, &SIGNAL_STATE, vec![0; 20]);
        let storm = Frame { transaction: 0, body: indication }.encode().repeat(100);
        for _ in 0..1000 {
            modem.write_all(&storm).await.unwrap();
        }
        let asked = tokio::spawn(async move { link.exchange(query(), Duration::from_secs(5)).await });
        let answer = done(heard(&mut modem).await, vec![1; 8]);
        modem.write_all(&answer.encode()).await.unwrap();
        assert_eq!(asked.await.unwrap(), Ok(answer.body));
        let mut kept = 0;
        while told.try_recv().is_ok() {
            kept += 1;
            tokio::task::yield_now().await;
        }
        assert!((1..=20).contains(&kept), "{kept} events were kept of 100000 indications");
    }
}
