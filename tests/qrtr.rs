//! QMI over QRTR: sockets and a name server in place of a device with QMUX frames.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod qrtr_network;

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use lpwa::codec::qmi::ctl::{self, ServiceId};
use lpwa::codec::qmi::{Body, FrameReader, Framed, Kind, Message, QmiError, Request, Service, dms, nas};
use lpwa::codec::qrtr::{Address, Control, Server};
use lpwa::modem::definition::Library;
use lpwa::port::qrtr::{Network, QrtrError, Socket, open};
use lpwa::sim::{Event, Scenario, Simulated};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep, timeout};

use qrtr_network::{Node, Nodes};

/// The node of the processor that programs run on, and that of the modem.
const HOST: u32 = 1;
const MODEM: u32 = 0;

fn simulated() -> Simulated {
    let scenario: Scenario =
        "[modem]\nmodel = \"quectel-eg25\"\nboot = \"3s\"\n[[network.cell]]\nrat = \"lte\"\n".parse().unwrap();
    Simulated::new(scenario.build(Library::builtin().get(scenario.model()).unwrap()))
}

/// A simulated modem on its node; it has registered its services when this returns.
async fn modem_on(nodes: &Nodes) -> Simulated {
    let modem = simulated();
    let (served, node) = (modem.clone(), nodes.node(MODEM));
    tokio::spawn(async move { served.serve_qrtr(&node).await });
    sleep(Duration::from_secs(120)).await;
    assert_eq!(nodes.sockets(MODEM).len(), 6, "a socket for each service");
    modem
}

/// Whoever speaks QMUX.
struct Host {
    stream: DuplexStream,
    frames: FrameReader,
}

impl Host {
    async fn open(nodes: &Nodes) -> Self {
        Self { stream: open(Arc::new(nodes.node(HOST)), MODEM).await.unwrap(), frames: FrameReader::new() }
    }

    async fn send(&mut self, message: &Message) {
        self.stream.write_all(&message.encode().unwrap()).await.unwrap();
    }

    async fn next(&mut self) -> Message {
        let mut chunk = [0; 512];
        loop {
            match self.frames.next() {
                Some(Framed::Frame(frame)) => return Message::decode(&frame).unwrap(),
                Some(Framed::Noise(octets)) => panic!("{octets} octets of noise"),
                None => {}
            }
            let length = self.stream.read(&mut chunk).await.unwrap();
            assert_ne!(length, 0, "the port closed");
            self.frames.push(&chunk[..length]);
        }
    }

    /// The response to a request; indications on the way are passed over.
    async fn ask<R: Request>(&mut self, client: u8, transaction: u16, request: &R) -> Result<R::Response, QmiError> {
        self.send(&Message::new(client, transaction, request)).await;
        loop {
            let message = self.next().await;
            if message.kind == Kind::Response {
                assert_eq!((message.client, message.transaction), (client, transaction));
                return message.answer::<R>().unwrap();
            }
        }
    }

    async fn allocate(&mut self, service: Service) -> Result<u8, QmiError> {
        let service = Some(ServiceId(service.0.try_into().unwrap()));
        let allocated = self.ask(0, 9, &ctl::AllocateClient { service, ..Default::default() }).await?;
        Ok(allocated.client.unwrap().client)
    }
}

/// An own service on the modem's node, before any simulated modem.
struct OwnServer(Box<dyn Socket>);

impl OwnServer {
    fn register(node: &Node, service: Service) -> Self {
        let socket = node.open();
        let server = Server { service: service.0.into(), instance: 0x0101, address: Address::default() };
        socket.send(&Control::NewServer(server).encode(), Address::control(MODEM)).unwrap();
        Self(socket)
    }

    async fn receive(&mut self) -> (Vec<u8>, Address) {
        let mut buffer = [0; 4096];
        let (length, from) = poll_fn(|cx| self.0.poll_receive(cx, &mut buffer)).await.unwrap();
        (buffer[..length].to_vec(), from)
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_goes_out_bare_and_its_response_comes_back_framed() {
    let nodes = Nodes::default();
    let mut server = OwnServer::register(&nodes.node(MODEM), Service::DMS);
    let mut host = Host::open(&nodes).await;
    assert_eq!(host.ask(0, 1, &ctl::Sync::default()).await, Ok(ctl::Synced::default()));
    let client = host.allocate(Service::DMS).await.unwrap();
    let request = Message::new(client, 0x1234, &dms::GetModel::default());
    host.send(&request).await;
    let (datagram, peer) = server.receive().await;
    // No frame: flags, transaction, message 0x0022, no TLVs.
    assert_eq!(datagram, [0x00, 0x34, 0x12, 0x22, 0x00, 0x00, 0x00]);
    assert_eq!(peer.node, HOST);
    let response = request.respond(Ok(&dms::Model { model: Some("EG25".into()), ..Default::default() }));
    server.0.send(&response.encode_sdu().unwrap(), peer).unwrap();
    assert_eq!(host.next().await, response);
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_the_way_of_opening_is_told() {
    let nodes = Nodes::default();
    let host: Arc<dyn Network> = Arc::new(nodes.node(HOST));
    let said = open(host.clone(), MODEM).await.unwrap_err().to_string();
    assert!(said.starts_with("no modem is on this QRTR node"), "{said}");
    assert!(said.contains("does its processor run?"), "{said}");
    let _elsewhere = OwnServer::register(&nodes.node(MODEM), Service::DMS);
    let said = open(host.clone(), 7).await.unwrap_err().to_string();
    assert!(said.ends_with("there is one at qrtr:0; write that"), "{said}");
    nodes.deafen();
    let start = Instant::now();
    let error = open(host, MODEM).await.unwrap_err();
    assert!(matches!(error, QrtrError::NoNameServer), "{error}");
    assert!(start.elapsed() <= Duration::from_secs(5));
}

/// The kernel of this machine, whatever it has: with QRTR there is no modem on the node, without it that is said.
#[tokio::test]
async fn the_kernel_says_what_it_has() {
    let spec = "qrtr:4294967295".parse().unwrap();
    let said = lpwa::port::open_control(&spec).await.err().unwrap().to_string();
    let either = ["this kernel has no QRTR; `modprobe qrtr`", "no modem is on this QRTR node"];
    let start = said.strip_prefix("qrtr:4294967295: ").unwrap_or_else(|| panic!("{said}"));
    assert!(either.iter().any(|text| start.starts_with(text)), "{said}");
}

/// A client is a socket; a modem has only so many of them.
#[tokio::test(start_paused = true)]
async fn clients_go_with_the_port_and_when_they_are_released() {
    let nodes = Nodes::default();
    let modem = modem_on(&nodes).await;
    for _ in 0..40 {
        let mut host = Host::open(&nodes).await;
        let client = host.allocate(Service::NAS).await.unwrap();
        host.ask(client, 1, &nas::GetServingSystem::default()).await.unwrap();
        assert_eq!(nodes.sockets(HOST).len(), 2, "the name server's and the client's");
        drop(host);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(nodes.sockets(HOST), []);
    }
    let mut host = Host::open(&nodes).await;
    for round in 0..40 {
        let id = host.allocate(Service::NAS).await.unwrap_or_else(|error| panic!("{round}: {error}"));
        let client = Some(ctl::Client { service: ServiceId(3), client: id });
        host.ask(0, 7, &ctl::ReleaseClient { client, ..Default::default() }).await.unwrap();
        let gone = host.ask(id, 2, &nas::GetServingSystem::default()).await;
        assert_eq!(gone.unwrap_err(), QmiError::INVALID_CLIENT_ID);
    }
    let meter = modem.meter();
    assert_eq!(meter.commands, 40, "what has no client reaches no modem");
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_restarts_ends_its_clients_and_comes_back() {
    let nodes = Nodes::default();
    let modem = modem_on(&nodes).await;
    let mut host = Host::open(&nodes).await;
    let client = host.allocate(Service::NAS).await.unwrap();
    modem.happen(Event::Reboot);
    let told = host.next().await;
    assert_eq!((told.service, told.id, told.kind), (Service::CTL, ctl::SyncIndication::ID, Kind::Indication));
    let gone = host.ask(client, 2, &nas::GetServingSystem::default()).await;
    assert_eq!(gone.unwrap_err(), QmiError::INVALID_CLIENT_ID);
    // What is asked meanwhile is answered once the modem is back.
    let start = Instant::now();
    host.ask(0, 3, &ctl::Sync::default()).await.unwrap();
    assert!(start.elapsed() > Duration::from_secs(1), "{:?}", start.elapsed());
    let client = host.allocate(Service::NAS).await.unwrap();
    host.ask(client, 4, &nas::GetServingSystem::default()).await.unwrap();
}

/// As a device that was unplugged: the port ends, and opening it tells why.
#[tokio::test(start_paused = true)]
async fn a_modem_that_does_not_come_back_ends_the_port() {
    let nodes = Nodes::default();
    let dms = OwnServer::register(&nodes.node(MODEM), Service::DMS);
    let mut host = Host::open(&nodes).await;
    host.allocate(Service::DMS).await.unwrap();
    drop(dms);
    assert_eq!(host.next().await.id, ctl::SyncIndication::ID);
    host.send(&Message::new(0, 1, &ctl::Sync::default())).await;
    let start = Instant::now();
    assert_eq!(host.stream.read(&mut [0; 16]).await.unwrap(), 0);
    assert_eq!(start.elapsed().as_secs(), 10);
    let error = open(Arc::new(nodes.node(HOST)), MODEM).await.unwrap_err();
    assert!(matches!(&error, QrtrError::NoModem(nodes) if nodes.is_empty()), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_comes_late_is_waited_for_and_one_that_does_not_come_is_none() {
    let nodes = Nodes::default();
    let _dms = OwnServer::register(&nodes.node(MODEM), Service::DMS);
    let mut host = Host::open(&nodes).await;
    let late = nodes.node(MODEM);
    let comes = tokio::spawn(async move {
        sleep(Duration::from_secs(1)).await;
        OwnServer::register(&late, Service::NAS)
    });
    let start = Instant::now();
    host.allocate(Service::NAS).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 1);
    let nas = comes.await.unwrap();
    assert_eq!(host.allocate(Service::UIM).await, Err(QmiError::INVALID_SERVICE_TYPE));
    let versions = host.ask(0, 5, &ctl::GetVersionInfo::default()).await.unwrap().services.unwrap();
    let listed: Vec<_> = versions.iter().map(|version| (version.service.0, version.major)).collect();
    assert_eq!(listed, [(2, 1), (3, 1)]);
    drop(nas);
    assert_eq!(host.next().await.id, ctl::SyncIndication::ID, "one of its services has gone");
}

/// Any program of the machine can write to any socket.
#[tokio::test(start_paused = true)]
async fn only_the_modem_and_the_name_server_are_believed() {
    let nodes = Nodes::default();
    let mut server = OwnServer::register(&nodes.node(MODEM), Service::DMS);
    let mut host = Host::open(&nodes).await;
    let client = host.allocate(Service::DMS).await.unwrap();
    let intruder = nodes.node(HOST).open();
    let request = Message::new(client, 1, &dms::GetModel::default());
    host.send(&request).await;
    let (_, peer) = server.receive().await;
    let forged = request.respond(Ok(&dms::Model { model: Some("forged".into()), ..Default::default() }));
    let gone = Server { service: 2, instance: 0x0101, address: server.0.address() };
    for socket in nodes.sockets(HOST).into_iter().filter(|socket| *socket != intruder.address()) {
        intruder.send(&forged.encode_sdu().unwrap(), socket).unwrap();
        intruder.send(&Control::DelServer(gone).encode(), socket).unwrap();
        intruder.send(&[0xFF; 3], socket).unwrap();
    }
    // Nor is what the modem itself sends to somebody else's socket.
    let name_servers = nodes.sockets(HOST).into_iter().find(|socket| *socket != peer).unwrap();
    server.0.send(&Control::DelServer(gone).encode(), name_servers).unwrap();
    // Noise of the modem ends nothing.
    server.0.send(&[2, 1], peer).unwrap();
    sleep(Duration::from_secs(1)).await;
    let response = request.respond(Ok(&dms::Model { model: Some("real".into()), ..Default::default() }));
    server.0.send(&response.encode_sdu().unwrap(), peer).unwrap();
    assert_eq!(host.next().await, response);
}

/// A service that tells and tells keeps no other from its turn, and no more of it is held than the kernel does.
#[tokio::test(start_paused = true)]
async fn a_storm_keeps_nobody_from_an_answer() {
    let nodes = Nodes::default();
    let (node, mut dms) = (nodes.node(MODEM), OwnServer::register(&nodes.node(MODEM), Service::DMS));
    let mut nas = OwnServer::register(&node, Service::NAS);
    let mut host = Host::open(&nodes).await;
    let (stormy, calm) = (host.allocate(Service::DMS).await.unwrap(), host.allocate(Service::NAS).await.unwrap());
    host.send(&Message::new(stormy, 1, &dms::GetModel::default())).await;
    let (_, listener) = dms.receive().await;
    let told = Message::new(stormy, 0, &dms::EventReport::default()).encode_sdu().unwrap();
    let storm = tokio::spawn(async move {
        loop {
            while dms.0.send(&told, listener).is_ok() {}
            tokio::task::yield_now().await;
        }
    });
    let request = Message::new(calm, 2, &nas::GetServingSystem::default());
    host.send(&request).await;
    let (_, peer) = nas.receive().await;
    let response = request.result(Some(QmiError::INTERNAL));
    nas.0.send(&response.encode_sdu().unwrap(), peer).unwrap();
    let mut passed = 0;
    while host.next().await != response {
        passed += 1;
        assert!(passed < 20_000, "the answer drowned");
    }
    storm.abort();
}

/// A service that reads nothing costs what was sent to it, and no other.
#[tokio::test(start_paused = true)]
async fn a_service_that_takes_no_more_stops_nobody() {
    let nodes = Nodes::default();
    let node = nodes.node(MODEM);
    let (_dms, mut nas) = (OwnServer::register(&node, Service::DMS), OwnServer::register(&node, Service::NAS));
    let mut host = Host::open(&nodes).await;
    let (deaf, hears) = (host.allocate(Service::DMS).await.unwrap(), host.allocate(Service::NAS).await.unwrap());
    for transaction in 1..=1000 {
        host.send(&Message::new(deaf, transaction, &dms::GetModel::default())).await;
    }
    host.send(&Message::new(hears, 1001, &nas::GetServingSystem::default())).await;
    let (datagram, _) = nas.receive().await;
    assert_eq!(Message::decode_sdu(Service::NAS, hears, &datagram).unwrap().transaction, 1001);
    let nothing = timeout(Duration::from_secs(1), host.next()).await;
    assert!(nothing.is_err(), "{nothing:?}");
}
