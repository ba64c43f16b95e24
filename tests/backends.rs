//! The same modem by AT, by QMI, by MBIM, by QMI over MBIM, by QRTR, and through the proxies: the state is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "backends/card.rs"]
mod card;
#[path = "backends/several.rs"]
mod several;
mod support;
mod ways;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lpwa::codec::qmi::{FrameReader, Framed, Message, ctl, nas};
use lpwa::modem::handle::Request;
use lpwa::modem::memory::Memory;
use lpwa::modem::ports::{Lines, QmiLine};
use lpwa::modem::settings::Settings;
use lpwa::private::Private;
use lpwa::sim::{Event, Fault, FaultKind, QmiPort, Simulated, Speech};
use lpwa::state::{Known, Lifecycle, ModemState, Signal};
use lpwa::transcript::message::Framing;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use support::{EPOCH, library, scenario};
use ways::{Way, connected, control, drive, drive_by, drive_killable, requests, simulated, wanted};

const MINUTE: Duration = Duration::from_secs(60);
/// Requests at most from an open port to data, with the one for the SIM slots, which nobody waits for.
const QMI_BUDGET: usize = 30;
const MBIM_BUDGET: usize = 20;

/// An LTE modem in an LTE cell: what QMI and MBIM have words for.
const LTE: &str = "[modem]\nmodel = \"quectel-eg25\"\n[[network.cell]]\nrat = \"lte\"\n";

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

#[tokio::test(start_paused = true)]
async fn data_is_reached_within_the_budget() {
    for (way, most) in [(Way::Qmi, QMI_BUDGET), (Way::Mbim, MBIM_BUDGET)] {
        let modem = simulated(LTE);
        let (bench, ring) = drive(&modem, way, wanted());
        connected(&bench).await;
        let changed = requests(&ring);
        bench.driver.abort();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (again, ring) = drive(&modem, way, wanted());
        connected(&again).await;
        let held = requests(&ring);
        println!("{way:?}: {} requests to change, {} when held", changed.len(), held.len());
        assert!(changed.len() <= most && held.len() <= most, "{}\n\n{}", changed.join("\n"), held.join("\n"));
    }
}

/// In what the state by QMI or MBIM differs from that by AT, for one and the same modem:
///
/// * `pin retries`, `puk retries`: the card status of QMI has them; by AT they are asked only where a PIN is.
/// * `rrc`, `reachability`: `+QENG` tells whether the RRC connection is up, no message of QMI or MBIM does.
/// * `power`: `+CEREG` tells that PSM is not granted; QMI and MBIM have no words for PSM of LTE.
/// * `bearers`: `+CGCONTRDP` of the simulated modem has no gateways.
const DIFFERS: [&str; 6] = ["pin retries", "puk retries", "rrc", "reachability", "power", "bearers"];

#[tokio::test(start_paused = true)]
async fn the_state_is_the_same_whatever_the_modem_is_spoken_to_in() {
    let at = by(Way::At).await;
    for way in Way::BINARY {
        let other = by(way).await;
        for (name, both) in differences(&at, &other) {
            assert!(DIFFERS.contains(&name), "{way:?}, {name}: {both}");
        }
        let (at, other) = (&at.bearers[0], &other.bearers[0]);
        assert_eq!((at.context, &at.apn, at.pdp_type), (other.context, &other.apn, other.pdp_type), "{way:?}");
        assert_eq!((&at.addresses, &at.dns), (&other.addresses, &other.dns), "{way:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_changes_nothing_nor_does_qrtr() {
    assert_eq!(differences(&by(Way::Qmi).await, &by(Way::Qrtr).await), []);
    assert_eq!(differences(&by(Way::Qmi).await, &by(Way::QmiProxy).await), []);
    assert_eq!(differences(&by(Way::Mbim).await, &by(Way::MbimProxy).await), []);
    assert_eq!(differences(&by(Way::QmiOverMbim).await, &by(Way::QmiOverMbimProxy).await), []);
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
    let kinds = [FaultKind::Hang, FaultKind::Truncated, FaultKind::Garbage, FaultKind::Vanish, FaultKind::Reboot];
    for (way, messages) in [(Way::Qmi, 30), (Way::Qrtr, 25), (Way::Mbim, 15)] {
        for (kind, n) in kinds.iter().flat_map(|kind| (1..=messages).map(move |n| (*kind, n))) {
            let fault = Fault::at_command(kind, n).lasting(MINUTE);
            let scenario = scenario(LTE).with_fault(fault);
            let modem = Simulated::new(scenario.build(library().get(scenario.model()).unwrap()));
            let (bench, ring) = drive(&modem, way, wanted());
            let mut state = bench.handle.state.clone();
            let up = state.wait_for(|state| state.lifecycle == Lifecycle::Connected);
            let waited = tokio::time::timeout(120 * MINUTE, up).await.map(|_| ());
            let (state, asked) = (bench.state(), requests(&ring).join("\n"));
            assert!(waited.is_ok(), "{way:?}, {kind:?} at {n}: {:?} {:?}\n{asked}", state.lifecycle, state.trouble);
        }
    }
}

/// The re-attach rung of the recovery ladder has its words in every protocol.
#[tokio::test(start_paused = true)]
async fn a_modem_detaches_and_attaches_again() {
    let words = ["AT+CGATT=0", "Attach Detach", "packet-service set"];
    for (way, word) in [Way::At, Way::Qmi, Way::Mbim].into_iter().zip(words) {
        let (bench, _) = drive(&simulated(LTE), way, wanted());
        connected(&bench).await;
        // Attaches and activations are kept apart ([retry] spacing).
        tokio::time::sleep(2 * MINUTE).await;
        bench.handle.request(Request::Reattach).await.unwrap();
        assert_eq!(bench.state().lifecycle, Lifecycle::Connected, "{way:?}");
        assert!(bench.commands().contains(word), "{way:?}\n{}", bench.commands());
    }
}

/// What the network says of when to ask again is honoured, where the modem tells it; MBIM has no words for it.
#[tokio::test(start_paused = true)]
async fn a_timer_of_the_network_is_waited_for() {
    let told = Duration::from_secs(2 * 3600 + 15 * 60);
    let refuse = "[network.reject-context]\ncause = 26\ntimes = 1\nback-off = \"2h15m\"\n";
    for (way, tells) in [(Way::At, true), (Way::Qmi, true), (Way::Mbim, false)] {
        let modem = simulated(&format!("{LTE}{refuse}"));
        let (bench, _) = drive(&modem, way, wanted());
        let state = bench.wait(5 * MINUTE, "refused", |state| state.retry.is_some()).await;
        let retry = state.retry.clone().unwrap();
        let reason = state.reason().unwrap();
        let waits = retry.until.unwrap().since(retry.since);
        if !tells {
            assert!(waits < 5 * MINUTE, "{way:?}: {waits:?}");
            continue;
        }
        // Read at once, and then [retry] spacing at most on top of it.
        assert!(waits + Duration::from_secs(5) >= told && waits <= told + MINUTE, "{way:?}: {waits:?}");
        let at = retry.until.unwrap().to_string();
        assert!(reason.contains(&format!("waiting until {}", &at[11..16])), "{way:?}: {reason} {at}");
        assert!(reason.contains("the network says how long to wait"), "{way:?}: {reason}");
        tokio::time::sleep(told).await;
        bench.wait(2 * MINUTE, "connected when it is over", |state| state.lifecycle == Lifecycle::Connected).await;
    }
}

/// A deactivated timer has no end: nothing is tried before a person asks for it.
#[tokio::test(start_paused = true)]
async fn a_deactivated_timer_is_waited_for_without_end() {
    let refuse = "[network.reject-context]\ncause = 26\ntimes = 1\nback-off = \"deactivated\"\n";
    for way in [Way::At, Way::Qmi] {
        let modem = simulated(&format!("{LTE}{refuse}"));
        let (bench, _) = drive(&modem, way, wanted());
        bench.wait(5 * MINUTE, "refused", |state| state.retry.is_some()).await;
        tokio::time::sleep(48 * 60 * MINUTE).await;
        let state = bench.state();
        assert_eq!(state.retry.unwrap().until, None, "{way:?}");
    }
}

/// A PIN is tried once, whatever goes wrong with any message.
#[tokio::test(start_paused = true)]
async fn a_wrong_pin_is_sent_once() {
    let text = format!("{LTE}[sim]\npin = \"1234\"\npin-required = true\n");
    for (way, n) in [Way::Qmi, Way::Qrtr, Way::Mbim].into_iter().flat_map(|way| (0..=12).map(move |n| (way, n))) {
        let scenario = scenario(&text);
        // 0: nothing goes wrong.
        let fault = Fault::at_command(FaultKind::Truncated, n);
        let scenario = if n > 0 { scenario.with_fault(fault) } else { scenario };
        let modem = Simulated::new(scenario.build(library().get(scenario.model()).unwrap()));
        let settings = Settings { pin: Some(Private::new("9999".into())), ..wanted() };
        let (bench, ring) = drive(&modem, way, settings);
        tokio::time::sleep(240 * MINUTE).await;
        let attempts = modem.meter().pin_attempts.len();
        let asked = requests(&ring).join("\n");
        assert!(attempts <= 1 && (n > 0 || attempts == 1), "{way:?} at {n}: {attempts} attempts\n{asked}");
        assert!(bench.state().reason().is_some(), "{way:?} at {n}: {:?}", bench.state().lifecycle);
    }
}

#[tokio::test(start_paused = true)]
async fn the_right_pin_opens_the_sim() {
    for way in Way::BINARY {
        let modem = simulated(&format!("{LTE}[sim]\npin = \"1234\"\npin-required = true\n"));
        let settings = Settings { pin: Some(Private::new("1234".into())), ..wanted() };
        let (bench, _) = drive(&modem, way, settings);
        connected(&bench).await;
        assert_eq!(modem.meter().pin_attempts.len(), 1, "{way:?}");
    }
}

/// What the network does to a modem that is connected is told by indications: nobody asks.
#[tokio::test(start_paused = true)]
async fn loss_and_return_are_told() {
    for way in Way::BINARY {
        let modem = simulated(LTE);
        let (bench, _) = drive(&modem, way, wanted());
        connected(&bench).await;
        modem.happen(Event::Coverage(false));
        bench.wait(5 * MINUTE, "searching", |state| state.lifecycle == Lifecycle::Searching).await;
        modem.happen(Event::Coverage(true));
        connected(&bench).await;
        modem.happen(Event::ContextLost(1));
        bench.wait(5 * MINUTE, "down", |state| state.lifecycle != Lifecycle::Connected).await;
        bench.wait(60 * MINUTE, "up again", |state| state.lifecycle == Lifecycle::Connected).await;
    }
}

/// The proxy is killed and comes back: the modem is taken up again.
#[tokio::test(start_paused = true)]
async fn a_proxy_that_dies_is_got_over() {
    for way in [Way::QmiProxy, Way::MbimProxy, Way::QmiOverMbimProxy] {
        let modem = simulated(LTE);
        let (killed, (bench, _)) = drive_killable(&modem, way, wanted(), Memory::default());
        connected(&bench).await;
        killed.notify_waiters();
        bench.wait(MINUTE, "absent", |state| state.lifecycle == Lifecycle::Absent).await;
        connected(&bench).await;
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
        Ok(Lines { qmi: Some(QmiLine::Port(control(stream, false, Framing::Qmux, ring))), ..Lines::default() })
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

/// What was recorded of a bring-up, with messages in hexadecimal, is a transcript that the driver replays.
/// `LPWA_BLESS=1` writes it into `fixtures/simulated`; `tests/replay.rs` has its timeline.
#[test]
fn the_recording_of_a_bring_up_replays() {
    for (way, name) in [(Way::Qmi, "eg25-data-by-qmi"), (Way::Mbim, "eg25-data-by-mbim")] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let mut transcript = runtime.block_on(async {
            let (bench, ring) = drive(&simulated(LTE), way, wanted());
            connected(&bench).await;
            ring.unredacted(None)
        });
        for (key, value) in [
            ("model", "quectel-eg25"),
            ("source", "SIMULATED the driver and lpwa's own simulator; every identity is invented"),
            ("apn", "iot.test"),
            ("pdp-type", "ipv4v6"),
        ] {
            transcript.header.set(key, value);
        }
        let text = transcript.to_string();
        let hex = |line: &&str| line.contains(" wdm >x ") || line.contains(" wdm <x ");
        assert!(text.lines().filter(hex).count() >= 26, "{text}");
        if std::env::var_os("LPWA_BLESS").is_some() {
            let path = format!("{}/fixtures/simulated/{name}.transcript", env!("CARGO_MANIFEST_DIR"));
            std::fs::write(path, &text).unwrap();
        }
        let outcome = lpwa::wiring::replay::replay(&text.parse().unwrap(), &library(), None).unwrap();
        assert_eq!(outcome.mismatch, None, "{}", outcome.timeline);
        assert!(outcome.timeline.contains("connected"), "{}", outcome.timeline);
    }
}
