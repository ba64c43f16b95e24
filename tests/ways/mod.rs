//! The ways in which the driver reaches a simulated modem, and what crosses them.
#![allow(dead_code)]

#[path = "../qrtr_network/mod.rs"]
mod qrtr_network;

use std::sync::Arc;
use std::time::Duration;

use lpwa::codec::mbim::{self, Frame};
use lpwa::codec::qmi::{self, Kind, Message};
use lpwa::modem::actor::{self, Parts, Shared};
use lpwa::modem::clock::Clock;
use lpwa::modem::data::Unused;
use lpwa::modem::handle::PowerRequest;
use lpwa::modem::memory::Memory;
use lpwa::modem::ports::{Lines, QmiLine};
use lpwa::modem::settings::Settings;
use lpwa::modem::sim_policy::SimPolicies;
use lpwa::modem::wake::WakeLines;
use lpwa::port::recorder::{Recorder, Ring};
use lpwa::port::{BoxStream, Control};
use lpwa::sim::{MbimPort, QmiPort, Simulated, Speech};
use lpwa::spec::apn::PdpType;
use lpwa::state::{Lifecycle, ModemState};
use lpwa::transcript::Direction;
use lpwa::transcript::message::Framing;
use tokio::io::DuplexStream;
use tokio::sync::Notify;

use futures_util::future::BoxFuture;

use super::support::{self, Bench, EPOCH, library, scenario};

const MINUTE: Duration = Duration::from_secs(60);

/// How the modem is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    At,
    Qmi,
    QmiProxy,
    Qrtr,
    Mbim,
    MbimProxy,
    QmiOverMbim,
    QmiOverMbimProxy,
}

impl Way {
    pub const BINARY: [Self; 7] =
        [Self::Qmi, Self::QmiProxy, Self::Qrtr, Self::Mbim, Self::MbimProxy, Self::QmiOverMbim, Self::QmiOverMbimProxy];
}

pub fn control(stream: impl lpwa::port::Stream + 'static, proxied: bool, framing: Framing, ring: &Ring) -> Control {
    let stream: BoxStream = Box::new(Recorder::of_messages(stream, "wdm", ring.clone(), framing));
    Control { stream, max_message: 4096, proxied: proxied.then(|| "/dev/cdc-wdm0".to_owned()) }
}

pub fn lines(modem: &Simulated, way: Way, ring: &Ring) -> std::io::Result<Lines> {
    let qmi = |port, proxied| {
        let control = control(modem.open_line(Speech::Qmi(port))?, proxied, Framing::Qmux, ring);
        Ok(Lines { qmi: Some(QmiLine::Port(control)), ..Lines::default() })
    };
    let mbim = |port, proxied, qmi| {
        let control = control(modem.open_line(Speech::Mbim(port))?, proxied, Framing::Mbim, ring);
        Ok(Lines { mbim: Some(control), qmi, ..Lines::default() })
    };
    match way {
        Way::At => modem.open().map(|stream| Lines::from(Box::new(stream) as BoxStream)),
        Way::Qmi => qmi(QmiPort::Device, false),
        Way::QmiProxy => qmi(QmiPort::Proxy, true),
        Way::Qrtr => unreachable!("it is opened by its network"),
        Way::Mbim => mbim(MbimPort::Device, false, None),
        Way::MbimProxy => mbim(MbimPort::Proxy, true, None),
        Way::QmiOverMbim => mbim(MbimPort::Device, false, Some(QmiLine::OverMbim)),
        Way::QmiOverMbimProxy => mbim(MbimPort::Proxy, true, Some(QmiLine::OverMbim)),
    }
}

pub fn wanted() -> Settings {
    Settings {
        pdp_type: PdpType::Ipv4v6,
        power: PowerRequest::default(),
        model: Some("quectel-eg25".into()),
        ..support::wanted()
    }
}

/// Starts the driver, which reaches the modem by `way`; the ring holds what crossed.
pub fn drive(modem: &Simulated, way: Way, settings: Settings) -> (Bench, Ring) {
    if way == Way::Qrtr {
        return drive_over_qrtr(modem, settings);
    }
    let line = modem.clone();
    drive_by(modem, settings, move |ring| lines(&line, way, ring))
}

/// The modem on node 0, the driver on node 1.
fn drive_over_qrtr(modem: &Simulated, settings: Settings) -> (Bench, Ring) {
    let nodes = qrtr_network::Nodes::default();
    let (served, node, host) = (modem.clone(), nodes.node(0), Arc::new(nodes.node(1)));
    tokio::spawn(async move { served.serve_qrtr(&node).await });
    drive_by_future(modem, settings, Memory::default(), Shared::default(), move |ring| {
        let (ring, host) = (ring.clone(), host.clone());
        Box::pin(async move {
            let stream = lpwa::port::qrtr::open(host, 0).await.map_err(|error| error.to_string())?;
            let control = control(stream, false, Framing::Qmux, &ring);
            Ok(Lines { qmi: Some(QmiLine::Port(control)), ..Lines::default() })
        })
    })
}

pub fn drive_by(
    modem: &Simulated,
    settings: Settings,
    open: impl FnMut(&Ring) -> std::io::Result<Lines> + Send + 'static,
) -> (Bench, Ring) {
    drive_remembering(modem, settings, Memory::default(), open)
}

/// As [`drive_by`], with a memory that outlives the driver.
pub fn drive_remembering(
    modem: &Simulated,
    settings: Settings,
    memory: Memory,
    mut open: impl FnMut(&Ring) -> std::io::Result<Lines> + Send + 'static,
) -> (Bench, Ring) {
    drive_by_future(modem, settings, memory, Shared::default(), move |ring| {
        let opened = open(ring).map_err(|error| error.to_string());
        Box::pin(async move { opened })
    })
}

/// As [`drive`], on a gateway with these policies.
pub fn drive_with_policies(modem: &Simulated, way: Way, settings: Settings, sims: SimPolicies) -> (Bench, Ring) {
    let (line, shared) = (modem.clone(), Shared { sims, ..Shared::default() });
    drive_by_future(modem, settings, Memory::default(), shared, move |ring| {
        let opened = lines(&line, way, ring).map_err(|error| error.to_string());
        Box::pin(async move { opened })
    })
}

fn drive_by_future(
    modem: &Simulated,
    settings: Settings,
    memory: Memory,
    shared: Shared,
    mut open: impl FnMut(&Ring) -> BoxFuture<'static, Result<Lines, String>> + Send + 'static,
) -> (Bench, Ring) {
    let (ring, library) = (Ring::default(), library());
    let recorded = ring.clone();
    let (handle, driver) = actor::new(Parts {
        definition: library.get(settings.model.as_deref().unwrap_or("generic")).unwrap(),
        settings,
        library,
        opener: Box::new(move || open(&recorded)),
        data: Arc::new(Unused),
        clock: Clock::fixed(EPOCH),
        shared,
        memory,
        wake: WakeLines::default(),
        seed: 1,
    });
    (Bench { modem: modem.clone(), handle, driver: tokio::spawn(driver) }, ring)
}

pub fn simulated(text: &str) -> Simulated {
    let scenario = scenario(text);
    Simulated::new(scenario.build(library().get(scenario.model()).unwrap()))
}

/// What the driver asked, by name.
pub fn requests(ring: &Ring) -> Vec<String> {
    let records = ring.unredacted(None).records;
    let to_modem = records.into_iter().filter(|record| record.direction == Direction::ToModem);
    to_modem.map(|record| asked(&record.data)).collect()
}

pub fn asked(message: &[u8]) -> String {
    if let Ok(message) = Message::decode(message) {
        assert_eq!(message.kind, Kind::Request);
        return format!("{} {}", message.service, qmi::explain::name(message.service, message.id).unwrap_or("?"));
    }
    let body = Frame::parse(message).unwrap().body;
    let Some((service, cid, _)) = body.command() else { return body.name().to_owned() };
    let service = mbim::Service::of(service).unwrap();
    format!("{} {}", service.name(), service.cid(cid).map_or("?", |cid| cid.name))
}

pub async fn connected(bench: &Bench) -> ModemState {
    bench.wait(5 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await
}

/// Starts the driver behind something that can be killed, such as a proxy, and that is there again afterwards.
pub fn drive_killable(modem: &Simulated, way: Way, settings: Settings, memory: Memory) -> (Arc<Notify>, (Bench, Ring)) {
    let (line, killed) = (modem.clone(), Arc::new(Notify::new()));
    let kill = killed.clone();
    let driven = drive_remembering(modem, settings, memory, move |ring| {
        let mut lines = lines(&line, way, ring)?;
        let control = match (&mut lines.mbim, &mut lines.qmi) {
            (Some(control), _) | (None, Some(QmiLine::Port(control))) => control,
            _ => unreachable!("each of them has a port"),
        };
        let (near, far) = tokio::io::duplex(64 * 1024);
        let behind = std::mem::replace(&mut control.stream, Box::new(near));
        tokio::spawn(until_killed(far, behind, kill.clone()));
        Ok(lines)
    });
    (killed, driven)
}

async fn until_killed(mut host: DuplexStream, mut modem: BoxStream, killed: Arc<Notify>) {
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut host, &mut modem) => {}
        () = killed.notified() => {}
    }
}
