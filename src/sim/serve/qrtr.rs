//! The modem's QMI services as those of a QRTR node: a socket for each, which the name server is told of.

use std::collections::BTreeMap;
use std::convert::Infallible;

use crate::codec::qmi::{MARKER, Message, Service};
use crate::codec::qrtr::{Address, CONTROL_PORT, Control, Server};
use crate::port::qrtr::{Network, QrtrError, Sockets};
use crate::sim::qmi::{QmiLink, QmiPort};

use super::{Line, Simulated};

impl Simulated {
    /// Serves the modem's QMI services in `network`, over and over: while the modem starts or is away, they are too.
    pub async fn serve_qrtr(&self, network: &dyn Network) -> Result<Infallible, QrtrError> {
        loop {
            self.until(|modem| modem.qmi_is_up()).await;
            Node::register(self, network)?.run().await?;
        }
    }
}

/// The services while they are there.
struct Node<'m> {
    modem: &'m Simulated,
    link: QmiLink,
    sockets: Sockets<Service>,
    /// Who spoke to a service, and as which of its clients the modem knows them.
    peers: BTreeMap<(Service, Address), u8>,
}

impl<'m> Node<'m> {
    fn register(modem: &'m Simulated, network: &dyn Network) -> Result<Self, QrtrError> {
        let mut sockets = Sockets::default();
        for (service, version) in crate::sim::qmi::services() {
            let socket = network.socket()?;
            let address = socket.address();
            // The version is the low octet; there is one instance of each (`linux/soc/qcom/qmi.h`).
            let server = Server { service: service.0.into(), instance: 0x0100 | u32::from(version), address };
            let name_server = Address::control(address.node);
            socket.send(&Control::NewServer(server).encode(), name_server).map_err(|_| QrtrError::NoNameServer)?;
            sockets.insert(service, socket);
        }
        let link = modem.with(|modem, now| modem.qmi_open(now, QmiPort::Qrtr));
        Ok(Self { modem, link, sockets, peers: BTreeMap::new() })
    }

    /// Until the modem restarts or is away.
    async fn run(mut self) -> Result<(), QrtrError> {
        let mut changed = self.modem.0.changed.subscribe();
        loop {
            changed.mark_unchanged();
            let (due, deadline, up) = self
                .modem
                .look(|modem, now| (modem.qmi_poll(now, self.link), modem.qmi_deadline(self.link), modem.qmi_is_up()));
            let restarted = |frame: &Vec<u8>| Message::decode(frame).is_ok_and(|m| m.service == Service::CTL);
            if !up || due.as_ref().is_some_and(restarted) {
                return Ok(());
            }
            if let Some(frame) = due {
                self.send(&frame);
                continue;
            }
            tokio::select! {
                (service, received) = self.sockets.receive() => {
                    let (datagram, from) = received?;
                    self.heard(service, &datagram, from);
                }
                () = self.modem.sleep_until(deadline) => {}
                _ = changed.changed() => {}
            }
        }
    }

    fn heard(&mut self, service: Service, datagram: &[u8], from: Address) {
        if from.port == CONTROL_PORT {
            return match Control::decode(datagram) {
                Ok(Control::DelClient(client)) => self.release(|(of, peer)| of == service && peer == client),
                Ok(Control::Bye(node)) => self.release(|(of, peer)| of == service && peer.node == node),
                _ => {}
            };
        }
        let known = self.peers.get(&(service, from)).copied();
        let new = || self.modem.with(|modem, now| modem.qmi_new_client(now, self.link, service));
        let client = known.map_or_else(new, Ok);
        let Ok(request) = Message::decode_sdu(service, client.unwrap_or_default(), datagram) else { return };
        match client {
            Ok(client) => {
                self.peers.insert((service, from), client);
                if let Ok(frame) = request.encode() {
                    self.modem.heard(Line::Qmi(self.link), &frame);
                }
            }
            Err(error) => {
                if let Ok(sdu) = request.result(Some(error)).encode_sdu() {
                    self.to(service, &sdu, from);
                }
            }
        }
    }

    /// A frame without its QMUX header. A piece of one that a fault left is sent as it is; noise is lost.
    fn send(&self, frame: &[u8]) {
        let [MARKER, _, _, _, service, client, sdu @ ..] = frame else { return };
        let service = Service((*service).into());
        let peer = self.peers.iter().find(|((of, _), id)| *of == service && *id == client);
        if let Some(((_, peer), _)) = peer {
            self.to(service, sdu, *peer);
        }
    }

    /// Who has gone, or takes no more, hears nothing.
    fn to(&self, service: Service, sdu: &[u8], peer: Address) {
        let _ = self.sockets.send(service, sdu, peer);
    }

    fn release(&mut self, gone: impl Fn((Service, Address)) -> bool) {
        let (modem, link) = (self.modem, self.link);
        self.peers.retain(|(service, peer), client| {
            let gone = gone((*service, *peer));
            if gone {
                modem.with(|modem, now| modem.qmi_release(now, link, (*service, *client)));
            }
            !gone
        });
    }
}

impl Drop for Node<'_> {
    fn drop(&mut self) {
        self.release(|_| true);
        self.modem.with(|modem, now| modem.qmi_close(now, self.link));
    }
}
