//! The same modem by AT, by QMI, by MBIM, by QMI over MBIM, and through the proxies: the state is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use lpwa::codec::qmi::{FrameReader, Framed, Kind, Message};
use lpwa::modem::actor::{self, Parts};
use lpwa::modem::clock::Clock;
use lpwa::modem::handle::PowerRequest;
use lpwa::modem::memory::Memory;
use lpwa::modem::ports::{Lines, QmiLine};
use lpwa::modem::settings::Settings;
use lpwa::modem::wake::WakeLines;
use lpwa::port::recorder::{Recorder, Ring};
use lpwa::port::{BoxStream, Control};
use lpwa::sim::{QmiPort, Simulated, Speech};
use lpwa::spec::apn::PdpType;
use lpwa::state::{Lifecycle, ModemState};
use lpwa::transcript::Direction;
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
    let stream: BoxStream = Box::new(Recorder::new(stream, "wdm", ring.clone()));
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
    let (ring, line, library) = (Ring::default(), modem.clone(), library());
    let recorded = ring.clone();
    let (handle, driver) = actor::new(Parts {
        definition: library.get("quectel-eg25").unwrap(),
        settings,
        library,
        opener: Box::new(move || {
            let opened = lines(&line, way, &recorded).map_err(|error| error.to_string());
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
