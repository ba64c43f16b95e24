//! QMI clients, of which a modem has few: released on a stop, bounded after everything else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;
mod ways;

use std::time::Duration;

use lpwa::codec::qmi::ctl::{self, ServiceId};
use lpwa::codec::qmi::{Message, Service};
use lpwa::modem::handle::{Job, Request};
use lpwa::modem::memory::Memory;
use lpwa::sim::{Fault, FaultKind, QmiPort, Simulated, Speech};
use lpwa::state::Lifecycle;
use support::{Bench, library, scenario};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use ways::{Way, connected, drive, drive_killable, drive_remembering, lines, simulated, wanted};

const MINUTE: Duration = Duration::from_secs(60);
const LTE: &str = "[modem]\nmodel = \"quectel-eg25\"\n[[network.cell]]\nrat = \"lte\"\n";
/// Whatever carries QMI.
const WAYS: [Way; 4] = [Way::Qmi, Way::QmiProxy, Way::QmiOverMbim, Way::QmiOverMbimProxy];
/// A driver has one of DMS, NAS, UIM and WDA each, and two of WDS.
const MOST: usize = 6;

async fn a_moment() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// The governor keeps attaches and activations apart: that may take hours.
async fn up(bench: &Bench) {
    bench.wait(600 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
}

/// As the daemon does when it stops.
async fn stop(bench: Bench) {
    bench.handle.jobs.send(Job::Stop).await.unwrap();
    tokio::time::timeout(Duration::from_secs(3), bench.driver).await.unwrap().unwrap();
    a_moment().await;
}

/// As a signal that nobody can catch.
async fn kill(bench: Bench) {
    bench.driver.abort();
    drop(bench);
    a_moment().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_releases_all() {
    for way in WAYS {
        let modem = simulated(LTE);
        for _ in 0..3 {
            let (bench, _) = drive(&modem, way, wanted());
            connected(&bench).await;
            assert!((1..=MOST).contains(&modem.qmi_clients()), "{way:?}: {}", modem.qmi_clients());
            stop(bench).await;
            assert_eq!(modem.qmi_clients(), 0, "{way:?}");
        }
    }
}

/// A device of our own is synchronised by the next start; through a proxy the next life releases what the last one wrote
/// down, as nothing is synchronised there.
#[tokio::test(start_paused = true)]
async fn what_a_killed_daemon_leaves_is_bounded() {
    for way in WAYS {
        let (modem, memory) = (simulated(LTE), Memory::default());
        for life in 0..8 {
            let line = modem.clone();
            let open = move |ring: &lpwa::port::recorder::Ring| lines(&line, way, ring);
            let (bench, _) = drive_remembering(&modem, wanted(), memory.clone(), open);
            up(&bench).await;
            kill(bench).await;
            assert!(modem.qmi_clients() <= MOST, "{way:?}, life {life}: {}", modem.qmi_clients());
        }
    }
}

/// A proxy that dies hangs up without a word, and its successor knows of nothing.
#[tokio::test(start_paused = true)]
async fn what_a_dead_proxy_leaves_is_bounded() {
    for way in [Way::QmiProxy, Way::QmiOverMbimProxy] {
        let modem = simulated(LTE);
        let (killed, (bench, _)) = drive_killable(&modem, way, wanted(), Memory::default());
        for _ in 0..5 {
            up(&bench).await;
            killed.notify_waiters();
            bench.wait(MINUTE, "absent", |state| state.lifecycle == Lifecycle::Absent).await;
            up(&bench).await;
            assert!(modem.qmi_clients() <= MOST, "{way:?}: {}", modem.qmi_clients());
        }
        stop(bench).await;
        assert_eq!(modem.qmi_clients(), 0, "{way:?}");
    }
}

/// The clients of a modem that starts anew have gone with its memory.
#[tokio::test(start_paused = true)]
async fn a_modem_that_is_reset_has_no_old_clients() {
    for way in WAYS {
        let modem = simulated(LTE);
        let (bench, _) = drive(&modem, way, wanted());
        for _ in 0..3 {
            up(&bench).await;
            let _ = bench.handle.request(Request::Reset).await;
            up(&bench).await;
            assert!(modem.qmi_clients() <= MOST, "{way:?}: {}", modem.qmi_clients());
        }
        stop(bench).await;
        assert_eq!(modem.qmi_clients(), 0, "{way:?}");
    }
}

/// Whatever goes wrong with a message: what was allocated and not heard of is given back.
#[tokio::test(start_paused = true)]
async fn no_fault_leaks() {
    let kinds = [FaultKind::Slow, FaultKind::Hang, FaultKind::Truncated, FaultKind::Garbage];
    for way in [Way::Qmi, Way::QmiProxy] {
        for (kind, n) in kinds.iter().flat_map(|kind| (1..=20).map(move |n| (*kind, n))) {
            let scenario = scenario(LTE).with_fault(Fault::at_command(kind, n).lasting(MINUTE));
            let modem = Simulated::new(scenario.build(library().get(scenario.model()).unwrap()));
            let (bench, _) = drive(&modem, way, wanted());
            up(&bench).await;
            tokio::time::sleep(5 * MINUTE).await;
            // A proxy keeps the one whose number got lost with the message; nobody can release what nobody knows.
            let most = MOST + usize::from(way == Way::QmiProxy);
            assert!(modem.qmi_clients() <= most, "{way:?}, {kind:?} at {n}: {}", modem.qmi_clients());
        }
    }
}

/// Another program's clients on the same proxy are none of ours.
#[tokio::test(start_paused = true)]
async fn clients_of_others_behind_a_proxy_stay() {
    let modem = simulated(LTE);
    let mut other = modem.open_line(Speech::Qmi(QmiPort::Proxy)).unwrap();
    let nas = ServiceId(u8::try_from(Service::NAS.0).unwrap());
    let wanted_client = ctl::AllocateClient { service: Some(nas), ..Default::default() };
    assert!(
        ask(&mut other, &Message::new(0, 1, &wanted_client)).await.answer::<ctl::AllocateClient>().unwrap().is_ok()
    );
    let memory = Memory::default();
    for killed in [true, false] {
        let line = modem.clone();
        let open = move |ring: &lpwa::port::recorder::Ring| lines(&line, Way::QmiProxy, ring);
        let (bench, _) = drive_remembering(&modem, wanted(), memory.clone(), open);
        up(&bench).await;
        if killed {
            kill(bench).await;
        } else {
            stop(bench).await;
        }
    }
    assert_eq!(modem.qmi_clients(), 1);
}

async fn ask(line: &mut DuplexStream, request: &Message) -> Message {
    line.write_all(&request.encode().unwrap()).await.unwrap();
    let mut octets = [0; 4096];
    let length = line.read(&mut octets).await.unwrap();
    Message::decode(&octets[..length]).unwrap()
}
