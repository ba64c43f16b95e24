//! QMI on a port: the numbers of transactions, and whose each message is.

use tokio::sync::mpsc;
use tracing::debug;

use crate::codec::qmi::explain::title;
use crate::codec::qmi::{Body, FrameReader, Framed, Kind, Message, Service, ctl};
use crate::modem::backend::link::{self, Dialect, Heard, Request};
use crate::modem::channel::ChannelEvent;
use crate::modem::notice::Notice;
use crate::port::BoxStream;

/// A port that takes QMI.
pub type Link = link::Link<Message>;

/// Takes `stream` over.
pub fn start(stream: BoxStream, events: mpsc::Sender<ChannelEvent>) -> Link {
    Link::start(Qmux { frames: FrameReader::new(), last: 0, last_ctl: 0 }, stream, events)
}

/// QMI in QMUX frames.
struct Qmux {
    frames: FrameReader,
    /// The last transaction of a service, and that of CTL, which has fewer.
    last: u16,
    last_ctl: u8,
}

impl Qmux {
    /// The next number: 1 to 255 on CTL, 1 to 65535 elsewhere.
    fn transaction(&mut self, service: Service) -> u16 {
        if service == Service::CTL {
            self.last_ctl = self.last_ctl.checked_add(1).unwrap_or(1);
            return self.last_ctl.into();
        }
        self.last = self.last.checked_add(1).unwrap_or(1);
        self.last
    }
}

impl Dialect for Qmux {
    type Message = Message;
    /// Service, client, transaction.
    type Key = (Service, u8, u16);
    const NAME: &'static str = "QMI";

    fn request(&mut self, mut message: Message) -> Result<Request<Self::Key>, String> {
        message.transaction = self.transaction(message.service);
        let frame = message.encode().map_err(|error| error.to_string())?;
        let key = (message.service, message.client, message.transaction);
        Ok(Request { key, name: title(message.service, message.id), writes: vec![frame] })
    }

    fn push(&mut self, bytes: &[u8]) {
        self.frames.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Heard<Self>>, String> {
        while let Some(framed) = self.frames.next() {
            let message = match framed {
                Framed::Frame(frame) => Message::decode(&frame),
                Framed::Noise(octets) => {
                    debug!("{octets} octets are no QMI frame");
                    continue;
                }
            };
            match message {
                Ok(message) => match message.kind {
                    Kind::Response => {
                        let key = (message.service, message.client, message.transaction);
                        return Ok(Some(Heard::Answer(key, message)));
                    }
                    // No client is valid any more.
                    Kind::Indication if (message.service, message.id) == (Service::CTL, ctl::SyncIndication::ID) => {
                        return Ok(Some(Heard::Restarted("QMI CTL Sync")));
                    }
                    Kind::Indication => return Ok(Some(Heard::Notice(Notice::Qmi(message)))),
                    Kind::Request => debug!("{} came from the modem as a request", title(message.service, message.id)),
                },
                Err(error) => debug!("a QMI frame cannot be read: {error}"),
            }
        }
        Ok(None)
    }

    fn start_over(&mut self) {
        self.frames = FrameReader::new();
    }

    /// A client that was allocated for somebody who has gone.
    fn undo(&self, answer: &Message) -> Option<Message> {
        let is_one = (answer.service, answer.id) == (Service::CTL, ctl::AllocateClient::ID);
        let client = is_one.then(|| answer.answer::<ctl::AllocateClient>())?.ok()?.ok()?.client;
        Some(Message::new(0, 0, &ctl::ReleaseClient { client: Some(client?), ..Default::default() }))
    }
}
