//! MBIM on a port: the numbers of transactions, fragments cut and joined, and whose each message is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::sync::mpsc;
use tracing::debug;

use crate::codec::mbim::message::{extensions, proxy};
use crate::codec::mbim::{Body, Frame, FrameFault, Reassembler, Service, Splitter, Version, decode};
use crate::modem::backend::link::{self, Dialect, Heard, Request};
use crate::modem::channel::ChannelEvent;
use crate::modem::notice::{Indication, Notice};
use crate::port::BoxStream;

/// A port that takes MBIM.
pub type Link = link::Link<Body>;

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

/// Takes `stream` over, which carries fragments of at most `max` octets. QMI frames that the modem sends by itself go to
/// `tunnel`.
pub fn start(
    stream: BoxStream,
    max: usize,
    events: mpsc::Sender<ChannelEvent>,
    tunnel: Option<mpsc::Sender<Vec<u8>>>,
) -> (Link, Agreed) {
    let agreed = Agreed::new();
    let mbim = Fragments {
        max: u32::try_from(max).unwrap_or(u32::MAX),
        splitter: Splitter::new(),
        reassembler: Reassembler::new(),
        last: 0,
        agreed: agreed.clone(),
        tunnel,
    };
    (Link::start(mbim, stream, events), agreed)
}

/// MBIM in fragments.
struct Fragments {
    max: u32,
    splitter: Splitter,
    reassembler: Reassembler,
    /// The last transaction.
    last: u32,
    agreed: Agreed,
    tunnel: Option<mpsc::Sender<Vec<u8>>>,
}

impl Fragments {
    /// What a message amounts to; `None`: nothing for whoever waits.
    fn enter(&mut self, frame: Frame) -> Option<Heard<Self>> {
        match frame.body {
            Body::Indicate { service, cid, buffer } => match Service::of(service) {
                Some(Service::Qmi) => self.pass(buffer),
                Some(Service::ProxyControl) if cid == proxy::VERSION.number => self.agree(&buffer),
                Some(service) => {
                    let indication = Indication { service, cid, buffer, version: self.agreed.get() };
                    return Some(Heard::Notice(Notice::Mbim(indication)));
                }
                None => debug!("an indication of an unknown service, {service}"),
            },
            Body::FunctionError(FrameFault::NotOpened) => {
                self.reassembler.clear();
                return Some(Heard::Restarted("MBIM not opened"));
            }
            answer => return Some(Heard::Answer(frame.transaction, answer)),
        }
        None
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
}

impl Dialect for Fragments {
    type Message = Body;
    /// The transaction.
    type Key = u32;
    const NAME: &'static str = "MBIM";

    /// A write for each fragment.
    fn request(&mut self, mut body: Body) -> Result<Request<u32>, String> {
        if let Body::Open { max_control_transfer } = &mut body {
            *max_control_transfer = self.max;
        }
        self.last = self.last.checked_add(1).unwrap_or(1);
        let name = body.title();
        let frame = Frame { transaction: self.last, body };
        Ok(Request { key: self.last, name, writes: frame.fragments(self.max) })
    }

    fn push(&mut self, bytes: &[u8]) {
        self.splitter.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Heard<Self>>, String> {
        while let Some(piece) = self.splitter.next_frame().map_err(|error| error.to_string())? {
            match self.reassembler.push(&piece) {
                Ok(Some(frame)) => {
                    if let Some(heard) = self.enter(frame) {
                        return Ok(Some(heard));
                    }
                }
                Ok(None) => {}
                // The command whose answer it was runs into its time-out; the next message begins anew.
                Err(error) => debug!("an MBIM message cannot be read: {error}"),
            }
        }
        Ok(None)
    }

    fn start_over(&mut self) {
        self.splitter = Splitter::new();
        self.reassembler.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::codec::mbim::Status;
    use crate::codec::mbim::message::basic_connect::{DEVICE_CAPS, SIGNAL_STATE};
    use crate::modem::channel::CommandError;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    fn start() -> (Link, DuplexStream, mpsc::Receiver<ChannelEvent>) {
        let (near, far) = tokio::io::duplex(1 << 20);
        let (events, told) = mpsc::channel(8);
        (super::start(Box::new(near), 64, events, None).0, far, told)
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
