//! QMUX in front of QRTR: frames with client ids on one side, sockets and bare messages on the other.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep_until};
use tracing::{debug, info};

use crate::codec::qmi::ctl::{
    AllocateClient, AllocatedClient, Client, GetVersionInfo, ReleaseClient, ReleasedClient, ServiceId, ServiceVersion,
    Sync, SyncIndication, Synced, VersionInfo,
};
use crate::codec::qmi::{Body, FrameReader, Framed, Kind, Message, QmiError, Service};
use crate::codec::qrtr::{Address, Control, Server};

use super::{Door, Network, SERVERS, Sockets};

/// How long a service may take to come after the modem did: they start one by one.
const SETTLE: Duration = Duration::from_secs(2);
/// How long a modem may take to start anew before its port is given up, as that of a device that was unplugged.
const RESTART: Duration = Duration::from_secs(10);
/// Clients of one service.
const CLIENTS: u8 = 32;
/// Requests that wait for a service to come.
const WAITING: usize = 32;
/// Octets that wait for whoever speaks QMUX; beyond them nothing is taken from the sockets.
const OUT: usize = 128 * 1024;

/// The one that speaks both.
pub struct Qmux {
    network: Arc<dyn Network>,
    node: u32,
    sockets: Sockets<Door>,
    /// Services of the node.
    servers: BTreeSet<Server>,
    /// Clients, each with the address of its server.
    clients: BTreeMap<(Service, u8), Address>,
    frames: FrameReader,
    out: Vec<u8>,
    /// When the modem is given up, while it is not there.
    gone: Option<Instant>,
    /// A Sync that is answered when the modem is back.
    sync: Option<Message>,
    /// Allocations of clients of services that may yet come.
    waiting: Vec<(Instant, Message)>,
}

impl Qmux {
    /// For `node`, of whose services `listed` tells; `sockets` has that of the name server.
    pub fn new(network: Arc<dyn Network>, node: u32, sockets: Sockets<Door>, listed: BTreeSet<Server>) -> Self {
        let servers = listed.into_iter().filter(|server| server.address.node == node).collect();
        let (clients, waiting) = (BTreeMap::new(), Vec::new());
        Self {
            network,
            node,
            sockets,
            servers,
            clients,
            frames: FrameReader::new(),
            out: Vec::new(),
            gone: None,
            sync: None,
            waiting,
        }
    }

    /// Carries messages until `host` closes, or until the network ends.
    pub async fn run(mut self, host: DuplexStream) {
        let (mut from, mut to) = tokio::io::split(host);
        let mut chunk = [0; 4096];
        loop {
            let deadline = self.waiting.iter().map(|(deadline, _)| *deadline).chain(self.gone).min();
            if self.gone.is_some_and(|end| end <= Instant::now()) {
                return info!("the modem of qrtr:{} did not come back", self.node);
            }
            let room = self.out.len() < OUT;
            tokio::select! {
                biased;
                written = to.write(&self.out), if !self.out.is_empty() => match written {
                    Ok(length) => drop(self.out.drain(..length)),
                    Err(_) => return,
                },
                read = from.read(&mut chunk), if room => match read {
                    Ok(0) | Err(_) => return,
                    Ok(length) => self.heard(chunk.get(..length).unwrap_or_default()),
                },
                (door, received) = self.sockets.receive(), if room => match received {
                    Ok((datagram, sender)) => self.received(door, &datagram, sender),
                    Err(error) => return info!("qrtr:{} ends: {error}", self.node),
                },
                () = until(deadline) => self.settle(),
            }
        }
    }

    /// Octets of frames.
    fn heard(&mut self, bytes: &[u8]) {
        self.frames.push(bytes);
        while let Some(framed) = self.frames.next() {
            let Framed::Frame(frame) = framed else { continue };
            match Message::decode(&frame) {
                Ok(request) if request.kind != Kind::Request => {}
                Ok(request) if request.service == Service::CTL => self.control(request),
                Ok(request) => self.forward(&request),
                Err(error) => debug!("a QMI frame cannot be read: {error}"),
            }
        }
    }

    fn forward(&mut self, request: &Message) {
        let client = (request.service, request.client);
        let Some(server) = self.clients.get(&client).copied() else {
            return self.tell(&request.result(Some(QmiError::INVALID_CLIENT_ID)));
        };
        let Ok(sdu) = request.encode_sdu() else { return };
        match self.sockets.send(Some(client), &sdu, server) {
            // Whoever asked learns it by the time that passes.
            Err(error) if error.kind() == ErrorKind::WouldBlock => debug!("{} takes no more", request.service),
            Err(error) => self.reset(&format!("{} is gone: {error}", request.service)),
            Ok(()) => {}
        }
    }

    /// What CTL of a modem would do.
    fn control(&mut self, request: Message) {
        match request.id {
            Sync::ID => {
                self.drop_clients();
                self.sync = Some(request);
                self.settle();
            }
            AllocateClient::ID if self.waiting.len() < WAITING => {
                self.waiting.push((Instant::now() + SETTLE, request));
                self.settle();
            }
            ReleaseClient::ID => {
                let released = self.release(&request);
                self.tell(&request.respond(released.as_ref().map_err(|error| *error)));
            }
            GetVersionInfo::ID => self.tell(&request.respond(Ok(&self.versions()))),
            _ => self.tell(&request.result(Some(QmiError::INVALID_QMI_COMMAND))),
        }
    }

    /// Answers what waited for services that are there now, or for too long.
    fn settle(&mut self) {
        let now = Instant::now();
        if self.servers.iter().any(super::is_modem) {
            self.gone = None;
            if let Some(request) = self.sync.take() {
                self.tell(&request.respond(Ok(&Synced::default())));
            }
        } else {
            self.gone.get_or_insert(now + RESTART);
        }
        for (deadline, request) in std::mem::take(&mut self.waiting) {
            match self.allocate(&request) {
                Err(QmiError::INVALID_SERVICE_TYPE) if deadline > now => self.waiting.push((deadline, request)),
                allocated => self.tell(&request.respond(allocated.as_ref().map_err(|error| *error))),
            }
        }
    }

    fn allocate(&mut self, request: &Message) -> Result<AllocatedClient, QmiError> {
        let body = request.read::<AllocateClient>().map_err(|_| QmiError::MALFORMED_MESSAGE)?;
        let id = body.service.ok_or(QmiError::MISSING_ARGUMENT)?;
        let service = Service::from(id);
        // Of several instances the first is the modem's usual one.
        let server = self.servers.iter().find(|server| server.qmi() == Some(service));
        let server = server.ok_or(QmiError::INVALID_SERVICE_TYPE)?.address;
        let free = (1..=CLIENTS).find(|client| !self.clients.contains_key(&(service, *client)));
        let client = free.ok_or(QmiError::CLIENT_IDS_EXHAUSTED)?;
        let socket = self.network.socket().map_err(|error| {
            info!("qrtr:{}: no client of {service}: {error}", self.node);
            QmiError::INTERNAL
        })?;
        self.sockets.insert(Some((service, client)), socket);
        self.clients.insert((service, client), server);
        Ok(AllocatedClient { client: Some(Client { service: id, client }), ..AllocatedClient::default() })
    }

    fn release(&mut self, request: &Message) -> Result<ReleasedClient, QmiError> {
        let body = request.read::<ReleaseClient>().map_err(|_| QmiError::MALFORMED_MESSAGE)?;
        let client = body.client.ok_or(QmiError::MISSING_ARGUMENT)?;
        let key = (client.service.into(), client.client);
        self.clients.remove(&key).ok_or(QmiError::INVALID_CLIENT_ID)?;
        self.sockets.retain(|door| door != Some(key));
        Ok(ReleasedClient { client: Some(client), ..ReleasedClient::default() })
    }

    fn versions(&self) -> VersionInfo {
        let version = |server: &Server| {
            let service = ServiceId(u8::try_from(server.service).ok()?);
            let [major, ..] = server.instance.to_le_bytes();
            Some(ServiceVersion { service, major: major.into(), minor: 0 })
        };
        VersionInfo { services: Some(self.servers.iter().filter_map(version).collect()), ..VersionInfo::default() }
    }

    fn received(&mut self, door: Door, datagram: &[u8], from: Address) {
        let Some((service, client)) = door else { return self.told(datagram, from) };
        // Any program of the machine can write to any socket.
        if self.clients.get(&(service, client)) != Some(&from) {
            return debug!("a datagram for {service} from {from}, which is not the modem");
        }
        match Message::decode_sdu(service, client, datagram) {
            Ok(message) => self.tell(&message),
            Err(error) => debug!("a message of {service} cannot be read: {error}"),
        }
    }

    /// What the name server says. It is the kernel, on this node.
    fn told(&mut self, packet: &[u8], from: Address) {
        if Some(from) != self.name_server() {
            return debug!("a control packet from {from}, which is not the name server");
        }
        match Control::decode(packet) {
            Ok(Control::NewServer(server)) if server.address.node == self.node && self.servers.len() < SERVERS => {
                self.servers.insert(server);
                self.settle();
            }
            Ok(Control::DelServer(server)) => {
                self.servers.remove(&server);
                let used = self.clients.values().any(|address| *address == server.address);
                if let (true, Some(service)) = (used, server.qmi()) {
                    self.reset(&format!("{service} went"));
                }
                self.settle();
            }
            Ok(_) => {}
            Err(error) => debug!("{error}"),
        }
    }

    fn name_server(&self) -> Option<Address> {
        self.sockets.address(None).map(|own| Address::control(own.node))
    }

    /// The modem has lost its clients, as it does when it starts anew.
    fn reset(&mut self, reason: &str) {
        info!("the modem of qrtr:{} was reset: {reason}", self.node);
        self.drop_clients();
        self.tell(&Message::new(0xFF, 0, &SyncIndication::default()));
    }

    fn drop_clients(&mut self) {
        self.clients.clear();
        self.sockets.retain(|door| door.is_none());
    }

    fn tell(&mut self, message: &Message) {
        match message.encode() {
            Ok(frame) => self.out.extend(frame),
            Err(error) => debug!("{error}"),
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
