//! The QMI side of the modem: frames in, frames out, over the same card, network and power as the AT side.
//!
//! A link is what a host opened: the device itself, or a connection to the proxy. Clients stay until somebody releases
//! them, as in a real modem: neither a closed device nor the proxy releases any. The proxy hands indications to the
//! connection that made the client, and to no other. By QRTR a client is a socket, and goes with it.

mod call;
mod cell;
mod ctl;
mod dms;
mod nas;
mod pin;
mod registration;
mod select;
mod tell;
mod uim;
mod wda;
mod wds;
mod wms;

use std::collections::BTreeMap;
use std::time::Duration;

pub(in crate::sim) use ctl::services;

use crate::codec::qmi::{Body, FrameReader, Framed, Message, QmiError, Request, Service, explain};

use super::fault::{Fault, FaultKind, spoil};
use super::modem::SimModem;
use super::power::Power;
use call::Call;
use tell::Told;

/// Frames that wait for a host; more are lost, as in a modem whose host does not read.
const WAITING: usize = 4096;

/// Which end a host opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QmiPort {
    /// The control device of the modem.
    Device,
    /// A connection to `qmi-proxy`, which stands before the modem.
    Proxy,
    /// The services of a QRTR node: whoever serves them makes the clients and releases them.
    Qrtr,
}

/// A link, as [`SimModem::qmi_open`] gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QmiLink(u32);

/// Everything that only QMI has.
#[derive(Debug, Clone, Default)]
pub(super) struct Qmi {
    links: BTreeMap<QmiLink, Link>,
    clients: BTreeMap<(Service, u8), Client>,
    made: u32,
    told: Told,
    /// Operating mode offline: only a reset leads out of it.
    offline: bool,
    format: wda::Format,
    routes: Vec<crate::codec::qmi::wms::Route>,
    /// What contexts of calls were asked with.
    contexts: BTreeMap<u8, super::settings::Context>,
}

#[derive(Debug, Clone)]
struct Link {
    port: QmiPort,
    reader: FrameReader,
    /// By the time when they are due; those of one time in the order in which they were made.
    out: BTreeMap<(Duration, u64), Vec<u8>>,
    made: u64,
}

impl Link {
    fn push(&mut self, at: Duration, frame: Vec<u8>) {
        if self.out.len() < WAITING {
            self.made = self.made.wrapping_add(1);
            self.out.insert((at, self.made), frame);
        }
    }
}

/// A client of a service.
#[derive(Debug, Clone)]
struct Client {
    /// The link of the proxy or the node that made it; `None`: the device did.
    owner: Option<QmiLink>,
    /// What it wants to be told of.
    wants: tell::Wants,
    family: Option<crate::codec::qmi::wds::IpFamily>,
    /// The mux id that packets of its call carry.
    mux_id: Option<u8>,
    call: Option<Call>,
}

/// What a request comes to, and how long it takes.
pub(super) struct Reply {
    message: Message,
    takes: Duration,
}

impl Reply {
    fn taking(mut self, takes: Duration) -> Self {
        self.takes = takes;
        self
    }
}

impl From<Message> for Reply {
    fn from(message: Message) -> Self {
        Self { message, takes: Duration::ZERO }
    }
}

/// The answer of `act` to a request of type `R`.
fn answer<R: Request>(request: &Message, act: impl FnOnce(R) -> Result<R::Response, QmiError>) -> Reply {
    match request.read::<R>() {
        Ok(body) => request.respond(act(body).as_ref().map_err(|error| *error)).into(),
        Err(_) => request.result(Some(QmiError::MALFORMED_MESSAGE)).into(),
    }
}

/// A TLV without which the request makes no sense.
fn needed<T>(value: Option<T>) -> Result<T, QmiError> {
    value.ok_or(QmiError::MISSING_ARGUMENT)
}

impl Qmi {
    /// Whether the operating mode keeps the radio off until a reset.
    pub(super) const fn is_offline(&self) -> bool {
        self.offline
    }

    /// Whether calls of another context have this mux id, or none as well.
    fn carries_another(&self, mux_id: Option<u8>, context: u8) -> bool {
        let another = |call: &Call| call.context != context;
        self.clients.values().any(|client| client.mux_id == mux_id && client.call.as_ref().is_some_and(another))
    }

    /// Whether packets of a context cross between host and modem: they have mux ids, or none, as the format says.
    pub(super) fn carries(&self, context: u8) -> bool {
        let carries = |client: &Client| {
            let own = client.call.as_ref().is_some_and(|call| call.context == context);
            !own || client.mux_id.is_some() == self.format.is_qmap()
        };
        self.clients.values().all(carries)
    }
}

impl SimModem {
    /// A host opens a link.
    pub fn qmi_open(&mut self, now: Duration, port: QmiPort) -> QmiLink {
        self.advance(now);
        self.qmi.made = self.qmi.made.wrapping_add(1);
        let link = QmiLink(self.qmi.made);
        self.qmi.links.insert(link, Link { port, reader: FrameReader::new(), out: BTreeMap::new(), made: 0 });
        link
    }

    /// The host closes it. Its clients stay, and their calls.
    pub fn qmi_close(&mut self, now: Duration, link: QmiLink) {
        self.advance(now);
        self.qmi.links.remove(&link);
    }

    /// A new client of a service, which hears of it by `link` alone.
    pub fn qmi_new_client(&mut self, now: Duration, link: QmiLink, service: Service) -> Result<u8, QmiError> {
        self.advance(now);
        self.add_client(link, service)
    }

    /// A client that `link` made goes, and its call with it.
    pub fn qmi_release(&mut self, now: Duration, link: QmiLink, client: (Service, u8)) {
        self.advance(now);
        if self.qmi.clients.get(&client).is_some_and(|client| client.owner == Some(link)) {
            self.release(client);
        }
    }

    /// Whether the services are there: the modem has started, and has not vanished.
    pub fn qmi_is_up(&self) -> bool {
        matches!(self.power, Power::On { .. }) && self.port_present()
    }

    /// Bytes from the host, which arrive at `now`.
    pub fn qmi_receive(&mut self, now: Duration, link: QmiLink, bytes: &[u8]) {
        self.advance(now);
        self.meter.bytes_in = self.meter.bytes_in.saturating_add(bytes.len() as u64);
        if let Some(link) = self.qmi.links.get_mut(&link) {
            link.reader.push(bytes);
        }
        while let Some(framed) = self.qmi.links.get_mut(&link).and_then(|link| link.reader.next()) {
            if let Framed::Frame(frame) = framed {
                self.qmi_frame(link, &frame);
            }
        }
        self.tell_hosts();
    }

    /// Bytes to the host that are due at `now`: whole frames.
    pub fn qmi_poll(&mut self, now: Duration, link: QmiLink) -> Option<Vec<u8>> {
        self.advance(now);
        let out = &mut self.qmi.links.get_mut(&link)?.out;
        let entry = out.first_entry().filter(|entry| entry.key().0 <= now)?;
        let frame = entry.remove();
        self.meter.bytes_out = self.meter.bytes_out.saturating_add(frame.len() as u64);
        Some(frame)
    }

    /// When [`SimModem::qmi_poll`] is worth calling next.
    pub fn qmi_deadline(&self, link: QmiLink) -> Option<Duration> {
        let own = self.qmi.links.get(&link).and_then(|link| link.out.first_key_value()).map(|((at, _), _)| *at);
        [self.inner_deadline(), own].into_iter().flatten().min()
    }

    /// One frame of a request; a modem that hears nothing answers nothing.
    fn qmi_frame(&mut self, link: QmiLink, frame: &[u8]) {
        let Ok(request) = Message::decode(frame) else { return };
        if !matches!(self.power, Power::On { .. }) || request.kind != crate::codec::qmi::Kind::Request {
            return;
        }
        let name = explain::name(request.service, request.id).unwrap_or("unknown message");
        self.meter.command(self.now, &format!("QMI {} {name}", request.service));
        let fault = self.faults.strike(self.meter.commands, self.now);
        match fault {
            Some(fault) if matches!(fault.kind, FaultKind::Hang | FaultKind::Reboot | FaultKind::Vanish) => {
                return self.strike(&fault);
            }
            Some(Fault { kind: FaultKind::Error, code, .. }) => {
                let error = QmiError(code.unwrap_or(QmiError::INTERNAL.0));
                return self.reply(link, &request.result(Some(error)).into(), None);
            }
            _ => {}
        }
        let reply = self.execute(link, &request);
        self.reply(link, &reply, fault);
    }

    fn execute(&mut self, link: QmiLink, request: &Message) -> Reply {
        let id = (request.service, request.client);
        if request.service == Service::CTL {
            return ctl::run(self, link, request);
        }
        if !self.qmi.clients.contains_key(&id) {
            return request.result(Some(QmiError::INVALID_CLIENT_ID)).into();
        }
        let reply = match request.service {
            Service::DMS => dms::run(self, request),
            Service::NAS => nas::run(self, request),
            Service::UIM => uim::run(self, request),
            Service::WDS => wds::run(self, request),
            Service::WMS => wms::run(self, request),
            Service::WDA => wda::run(self, request),
            _ => None,
        };
        reply.unwrap_or_else(|| request.result(Some(QmiError::INVALID_QMI_COMMAND)).into())
    }

    /// Sends a reply, spoilt if a fault wants it.
    fn reply(&mut self, link: QmiLink, reply: &Reply, fault: Option<Fault>) {
        let Ok(frame) = reply.message.encode() else { return };
        let mut due = self.now.saturating_add(self.profile.answer).saturating_add(reply.takes);
        let Some(fault) = fault else { return self.send_frame(link, due, frame) };
        if fault.kind == FaultKind::Slow {
            due = due.saturating_add(fault.span());
        }
        for (wait, piece) in spoil(&fault, frame, &mut self.random) {
            self.send_frame(link, due.saturating_add(wait), piece);
        }
    }

    fn send_frame(&mut self, link: QmiLink, at: Duration, frame: Vec<u8>) {
        if let Some(link) = self.qmi.links.get_mut(&link) {
            link.push(at, frame);
        }
    }

    /// Sends an indication to a client: on the link that made it, or on every link of the device.
    fn indicate<B: Body>(&mut self, id: (Service, u8), body: &B) {
        let Ok(frame) = Message::new(id.1, 0, body).encode() else { return };
        let owner = self.qmi.clients.get(&id).and_then(|client| client.owner);
        let now = self.now;
        let own = |link: &QmiLink, port| owner.map_or(port == QmiPort::Device, |owner| owner == *link);
        for (_, link) in self.qmi.links.iter_mut().filter(|(id, link)| own(id, link.port)) {
            link.push(now, frame.clone());
        }
    }

    /// Clients that hosts have allocated and not released.
    pub fn qmi_clients(&self) -> usize {
        self.qmi.clients.len()
    }

    /// The modem starts anew: clients are gone, and whoever still listens is told.
    pub(super) fn qmi_restart(&mut self) {
        let Qmi { links, made, .. } = std::mem::take(&mut self.qmi);
        self.qmi.made = made;
        self.qmi.links = links;
        let frame = Message::new(0xFF, 0, &crate::codec::qmi::ctl::SyncIndication::default()).encode();
        for link in self.qmi.links.values_mut() {
            link.out.clear();
            link.reader = FrameReader::new();
            if let Ok(frame) = &frame {
                link.push(self.now, frame.clone());
            }
        }
    }
}
