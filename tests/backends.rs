//! The same modem by AT, by QMI, by MBIM, by QMI over MBIM, and through the proxies: the state is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lpwa::codec::qmi::{FrameReader, Framed, Kind, Message, ctl, nas};
use lpwa::modem::actor::{self, Parts};
use lpwa::modem::clock::Clock;
use lpwa::modem::handle::{PowerRequest, Request};
use lpwa::modem::memory::Memory;
use lpwa::modem::ports::{Lines, QmiLine};
use lpwa::modem::settings::Settings;
use lpwa::modem::wake::WakeLines;
use lpwa::port::recorder::{Recorder, Ring};
use lpwa::port::{BoxStream, Control};
use lpwa::sim::{FaultKind, QmiPort, Simulated, Speech};
use lpwa::spec::apn::PdpType;
use lpwa::state::{Known, Lifecycle, ModemState, Signal};
use lpwa::transcript::Direction;
use lpwa::transcript::message::Framing;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use support::{Bench, EPOCH, library, scenario};

const MINUTE: Duration = Duration::from_secs(60);
/// Requests at most from an open port to data.
const QMI_BUDGET: usize = 30;

/// An LTE modem in an LTE cell: what QMI and MBIM have words for.
const LTE: &str = "[modem]\nmodel = \"quectel-eg25\"\n[[network.cell]]\nrat = \"lte\"\n";

/// How the modem is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    At,
    Qmi,
    QmiProxy,
}

fn control(stream: impl lpwa::port::Stream + 'static, proxied: bool, ring: &Ring) -> Control {
    let stream: BoxStream = Box::new(Recorder::of_messages(stream, "wdm", ring.clone(), Framing::Qmux));
    Control { stream, max_message: 4096, proxied: proxied.then(|| "/dev/cdc-wdm0".to_owned()) }
}

fn lines(modem: &Simulated, way: Way, ring: &Ring) -> std::io::Result<Lines> {
    Ok(match way {
        Way::At => Lines::from(Box::new(modem.open()?) as BoxStream),
        Way::Qmi => {
            let stream = modem.open_line(Speech::Qmi(QmiPort::Device))?;
            Lines { qmi: Some(QmiLine::Port(control(stream, false, ring))), ..Lines::default() }
        }
        Way::QmiProxy => {
            let stream = modem.open_line(Speech::Qmi(QmiPort::Proxy))?;
            Lines { qmi: Some(QmiLine::Port(control(stream, true, ring))), ..Lines::default() }
        }
    })
}

fn wanted() -> Settings {
    Settings {
        pdp_type: PdpType::Ipv4v6,
        power: PowerRequest::default(),
        model: Some("quectel-eg25".into()),
        ..support::wanted()
    }
}

/// Starts the driver, which reaches the modem by `way`; the ring holds what crossed.
fn drive(modem: &Simulated, way: Way, settings: Settings) -> (Bench, Ring) {
    let line = modem.clone();
    drive_by(modem, settings, move |ring| lines(&line, way, ring))
}

fn drive_by(
    modem: &Simulated,
    settings: Settings,
    mut open: impl FnMut(&Ring) -> std::io::Result<Lines> + Send + 'static,
) -> (Bench, Ring) {
    let (ring, library) = (Ring::default(), library());
    let recorded = ring.clone();
    let (handle, driver) = actor::new(Parts {
        definition: library.get("quectel-eg25").unwrap(),
        settings,
        library,
        opener: Box::new(move || {
            let opened = open(&recorded).map_err(|error| error.to_string());
            Box::pin(async move { opened })
        }),
        clock: Clock::fixed(EPOCH),
        pins: Arc::default(),
        memory: Memory::default(),
        wake: WakeLines::default(),
        seed: 1,
    });
    (Bench { modem: modem.clone(), handle, driver: tokio::spawn(driver) }, ring)
}

fn simulated(text: &str) -> Simulated {
    let scenario = scenario(text);
    Simulated::new(scenario.build(library().get(scenario.model()).unwrap()))
}

/// What the driver asked, by name.
fn requests(ring: &Ring) -> Vec<String> {
    let mut reader = FrameReader::new();
    let mut names = Vec::new();
    for record in ring.unredacted(None).records.iter().filter(|record| record.direction == Direction::ToModem) {
        reader.push(&record.data);
        while let Some(Framed::Frame(frame)) = reader.next() {
            let message = Message::decode(&frame).unwrap();
            assert_eq!(message.kind, Kind::Request);
            let name = lpwa::codec::qmi::explain::name(message.service, message.id);
            names.push(format!("{} {}", message.service, name.unwrap_or("?")));
        }
    }
    names
}

/// Every value of a state by name, without its times.
fn values(state: &ModemState) -> Vec<(&'static str, String)> {
    fn told<T: std::fmt::Debug>(known: &Known<T>) -> String {
        known.as_ref().map_or("-".into(), |reading| format!("{:?}", reading.value))
    }
    let (id, sim, net, power) = (&state.identity, &state.sim, &state.network, &state.power);
    let signal = state.signal.map(|signal| Signal { read_at: EPOCH, ..signal });
    vec![
        ("lifecycle", format!("{:?}", state.lifecycle)),
        ("trouble", format!("{:?}", state.trouble)),
        ("reachability", state.reachability.name().into()),
        ("definition", state.definition.clone()),
        ("manufacturer", told(&id.manufacturer)),
        ("model", told(&id.model)),
        ("revision", told(&id.revision)),
        ("imei", told(&id.imei)),
        ("sim", told(&sim.state)),
        ("iccid", sim.iccid.as_ref().map_or("-".into(), |iccid| iccid.value.reveal().to_string())),
        ("imsi", sim.imsi.as_ref().map_or("-".into(), |imsi| imsi.value.reveal().to_string())),
        ("pin retries", told(&sim.pin_retries)),
        ("puk retries", told(&sim.puk_retries)),
        ("registration", told(&net.registration)),
        ("rat", told(&net.rat)),
        ("plmn", told(&net.plmn)),
        ("operator", told(&net.operator)),
        ("tac", told(&net.tac)),
        ("cell", told(&net.cell_id)),
        ("pci", told(&net.pci)),
        ("earfcn", told(&net.earfcn)),
        ("band", told(&net.band)),
        ("ce level", told(&net.ce_level)),
        ("rrc", told(&net.rrc_connected)),
        ("reject", told(&net.reject)),
        ("signal", format!("{signal:?}")),
        ("power", format!("{power:?}")),
        ("bearers", format!("{:?}", state.bearers)),
    ]
}

/// Names of the values in which two states differ, with both values.
fn differences(one: &ModemState, other: &ModemState) -> Vec<(&'static str, String)> {
    let pairs = values(one).into_iter().zip(values(other));
    pairs.filter(|(a, b)| a != b).map(|(a, b)| (a.0, format!("{} and {}", a.1, b.1))).collect()
}

async fn by(way: Way) -> ModemState {
    let (bench, _) = drive(&simulated(LTE), way, wanted());
    connected(&bench).await
}

async fn connected(bench: &Bench) -> ModemState {
    bench.wait(5 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await
}

#[tokio::test(start_paused = true)]
async fn qmi_reaches_data_within_its_budget() {
    let (bench, ring) = drive(&simulated(LTE), Way::Qmi, wanted());
    connected(&bench).await;
    let requests = requests(&ring);
    println!("QMI: {} requests to change\n  {}", requests.len(), requests.join("\n  "));
    assert!(requests.len() <= QMI_BUDGET, "{}", requests.join("\n"));
}

/// What QMI tells and AT does not, or the other way round, for one and the same modem:
///
/// * `pin retries`, `puk retries`: the card status of QMI has them; by AT they are asked only where a PIN is.
/// * `operator`: QMI's serving system has the name; by AT it is asked only where the serving cell has no PLMN.
/// * `rrc`, `reachability`: `+QENG` tells whether the RRC connection is up, no message of QMI does.
/// * `power`: `+CEREG` tells that PSM is not granted; QMI has no words for PSM.
/// * `bearers`: `+CGCONTRDP` of the simulated modem has no gateways.
const DIFFERS: [&str; 7] = ["pin retries", "puk retries", "operator", "rrc", "reachability", "power", "bearers"];

#[tokio::test(start_paused = true)]
async fn the_state_is_the_same_by_at_and_by_qmi() {
    let (at, qmi) = (by(Way::At).await, by(Way::Qmi).await);
    let differences = differences(&at, &qmi);
    for (name, both) in &differences {
        assert!(DIFFERS.contains(name), "{name}: {both}");
    }
    assert_eq!(at.bearers[0].addresses, qmi.bearers[0].addresses);
    assert_eq!(at.bearers[0].dns, qmi.bearers[0].dns);
}

#[tokio::test(start_paused = true)]
async fn the_proxy_changes_nothing() {
    let (own, proxied) = (by(Way::Qmi).await, by(Way::QmiProxy).await);
    assert_eq!(differences(&own, &proxied), []);
}

#[tokio::test(start_paused = true)]
async fn through_the_proxy_nothing_is_reset() {
    let (bench, ring) = drive(&simulated(LTE), Way::QmiProxy, wanted());
    connected(&bench).await;
    let requests = requests(&ring);
    assert_eq!(requests[0], "CTL Internal Proxy Open");
    assert!(!requests.iter().any(|name| name == "CTL Sync"), "{requests:?}");
}

/// Another program resets the modem's clients: they are made anew, and data comes back.
#[tokio::test(start_paused = true)]
async fn a_client_that_is_not_known_any_more_is_made_anew() {
    let modem = simulated(LTE);
    let (bench, ring) = drive(&modem, Way::Qmi, wanted());
    connected(&bench).await;
    let before = requests(&ring).len();
    let mut intruder = modem.open_line(Speech::Qmi(QmiPort::Device)).unwrap();
    intruder.write_all(&Message::new(0, 1, &ctl::Sync::default()).encode().unwrap()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let said = bench.handle.request(Request::ReadSignal).await;
    assert!(said.is_err(), "{said:?}");
    bench.wait(5 * MINUTE, "taken up again", |state| state.lifecycle != Lifecycle::Connected).await;
    connected(&bench).await;
    let again = requests(&ring).split_off(before);
    assert!(again.iter().filter(|name| *name == "CTL Allocate CID").count() >= 5, "{again:?}");
    bench.handle.request(Request::ReadSignal).await.unwrap();
}

/// Whatever goes wrong with one message, data comes back by itself.
#[tokio::test(start_paused = true)]
async fn a_fault_at_any_message_is_got_over() {
    for kind in [FaultKind::Hang, FaultKind::Truncated, FaultKind::Vanish, FaultKind::Reboot, FaultKind::Slow] {
        for (n, scenario) in scenario(LTE).with_fault_at_each(kind, 30) {
            let modem = Simulated::new(scenario.build(library().get(scenario.model()).unwrap()));
            let (bench, ring) = drive(&modem, Way::Qmi, wanted());
            let mut state = bench.handle.state.clone();
            let up = state.wait_for(|state| state.lifecycle == Lifecycle::Connected);
            let waited = tokio::time::timeout(60 * MINUTE, up).await.map(|_| ());
            let asked = requests(&ring).join("\n");
            assert!(
                waited.is_ok(),
                "{kind:?} at {n}: {:?} {:?}\n{asked}",
                bench.state().lifecycle,
                bench.state().trouble
            );
        }
    }
}

/// Ten thousand indications a second for ten seconds, between the answers to what is asked.
#[tokio::test(start_paused = true)]
async fn a_storm_of_indications_drowns_nothing() {
    let modem = simulated(LTE);
    let (near, far) = tokio::io::duplex(64 * 1024);
    let host = modem.open_line(Speech::Qmi(QmiPort::Device)).unwrap();
    let storm = Arc::new(AtomicBool::new(false));
    tokio::spawn(carry(far, host, storm.clone()));
    let mut line = Some(near);
    let (bench, _) = drive_by(&modem, wanted(), move |ring| {
        let stream = line.take().ok_or_else(|| std::io::Error::other("the line is gone"))?;
        Ok(Lines { qmi: Some(QmiLine::Port(control(stream, false, ring))), ..Lines::default() })
    });
    connected(&bench).await;
    storm.store(true, Ordering::Relaxed);
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        bench.handle.request(Request::ReadSignal).await.unwrap();
        assert_eq!(bench.state().lifecycle, Lifecycle::Connected);
    }
    storm.store(false, Ordering::Relaxed);
    assert_eq!(bench.state().signal.unwrap().rsrp_dbm, Some(-97.0), "the answer, not the storm, came last");
}

/// Carries bytes both ways, with a hundred indications every ten milliseconds while it storms.
async fn carry(mut host: DuplexStream, mut modem: DuplexStream, storm: Arc<AtomicBool>) {
    let lte = nas::LteSignal { rssi: -60, rsrq: -10, rsrp: -90, snr: 100 };
    let told = nas::SignalInfoChanged { lte: Some(lte), ..Default::default() };
    let many = Message::new(0xFF, 0, &told).encode().unwrap().repeat(100);
    let (mut down, mut up) = ([0; 4096], [0; 4096]);
    let mut readers = FrameReader::new();
    loop {
        tokio::select! {
            read = host.read(&mut down) => match read {
                Ok(length) if length > 0 => modem.write_all(&down[..length]).await.unwrap(),
                _ => return,
            },
            read = modem.read(&mut up) => {
                let length = read.unwrap();
                readers.push(&up[..length]);
                while let Some(Framed::Frame(frame)) = readers.next() {
                    host.write_all(&frame).await.unwrap();
                }
            }
            () = tokio::time::sleep(Duration::from_millis(10)), if storm.load(Ordering::Relaxed) => {
                host.write_all(&many).await.unwrap();
            }
            () = tokio::time::sleep(Duration::from_millis(100)), if !storm.load(Ordering::Relaxed) => {}
        }
    }
}
