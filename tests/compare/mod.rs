//! A simulated modem on the real clock, with a manager that knows nothing of the simulation: what it costs.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

pub mod manager;
pub mod table;

use std::path::PathBuf;
use std::time::Duration;

use lpwa::modem::definition::Library;
use lpwa::sim::{Meter, Place, Scenario, SimModem, Simulated};

use manager::Manager;

/// One of the scenarios to compare on, and what lpwa is told to ask for, which is what the modem is set to already.
pub struct Case {
    pub title: &'static str,
    pub scenario: Scenario,
    pub power: &'static str,
}

/// The scenarios of the comparison.
pub fn cases() -> [Case; 2] {
    let read = |text: &str| text.parse::<Scenario>().unwrap_or_else(|error| panic!("{error}"));
    [
        Case {
            title: "eDRX 20.48 s (fixtures/scenarios/edrx-20s.toml)",
            scenario: read(include_str!("../../fixtures/scenarios/edrx-20s.toml")),
            power: r#"{ psm = false, edrx = { cycle = "20.48s" } }"#,
        },
        Case {
            title: "PSM, T3412 60 s, T3324 4 s (fixtures/scenarios/psm-1min.toml)",
            scenario: read(include_str!("../../fixtures/scenarios/psm-1min.toml")),
            power: r#"{ psm = { periodic_tau = "60s", active_time = "4s" }, edrx = false }"#,
        },
    ]
}

/// The meter at a time.
#[derive(Clone)]
pub struct Sample {
    pub at: Duration,
    pub meter: Meter,
}

/// What came of one manager.
pub struct Run {
    pub name: &'static str,
    /// The end of the bring-up, which happens once.
    pub settled: Sample,
    /// The end of what is taken for every other moment of a day.
    pub last: Sample,
    /// The end.
    pub end: Sample,
    /// What the manager said of the modem in the end; `None`: it has none.
    pub state: Option<String>,
    /// When it was last seen to have the modem.
    pub last_managed: Option<Duration>,
}

/// How often the meter is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How much longer a manager may take to say its first word.
const PATIENCE: Duration = Duration::from_secs(60);

/// The samples between which a run repeats itself: two falls asleep, where the modem sleeps, so that the part between
/// them is whole cycles.
struct Window {
    bring_up: Duration,
    settled: Option<Sample>,
    sleeps: Option<(Sample, Sample)>,
    before: u64,
}

impl Window {
    /// A fifth of the run is taken for bring-up.
    fn of(span: Duration) -> Self {
        Self { bring_up: span / 5, settled: None, sleeps: None, before: 0 }
    }

    fn look(&mut self, sample: &Sample) {
        let fell_asleep = std::mem::replace(&mut self.before, sample.meter.sleeps) < sample.meter.sleeps;
        if sample.at < self.bring_up {
            return;
        }
        self.settled.get_or_insert_with(|| sample.clone());
        if fell_asleep {
            let first = self.sleeps.take().map_or_else(|| sample.clone(), |(first, _)| first);
            self.sleeps = Some((first, sample.clone()));
        }
    }

    fn run(self, name: &'static str, end: Sample) -> Run {
        let whole = (self.settled.unwrap_or_else(|| end.clone()), end.clone());
        let (settled, last) = self.sleeps.filter(|(first, last)| first.at < last.at).unwrap_or(whole);
        Run { name, settled, last, end, state: None, last_managed: None }
    }
}

fn modem(case: &Case) -> SimModem {
    case.scenario.build(Library::builtin().get(case.scenario.model()).expect("the scenario's model has a file"))
}

/// The modem with nobody who speaks to it: what the network itself makes it do. Virtual time.
pub fn alone(case: &Case, span: Duration) -> Run {
    let (mut modem, mut window, mut now) = (modem(case), Window::of(span), Duration::ZERO);
    loop {
        while modem.poll(now).is_some() {}
        let sample = Sample { at: now, meter: modem.meter().clone() };
        if now == span {
            return window.run("nobody", sample);
        }
        window.look(&sample);
        let next = modem.deadline().map_or(now + LOOK, |at| at.min(now + LOOK));
        now = next.max(now + Duration::from_millis(1)).min(span);
    }
}

/// The modem with a manager, for `span` of real time.
pub fn managed<M: Manager>(case: &Case, span: Duration) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("modem");
    let modem = Simulated::new(modem(case));
    serve(modem.clone(), socket.clone());
    let mut manager = M::start(folder.path(), &socket, case);
    let (mut window, mut last_managed, mut ask_at) = (Window::of(span), None, Duration::ZERO);
    let end = loop {
        std::thread::sleep(LOOK);
        let sample = modem.with(|modem, at| Sample { at, meter: modem.meter().clone() });
        if sample.at >= span && (sample.meter.commands > 0 || sample.at >= span + PATIENCE) {
            break sample;
        }
        window.look(&sample);
        if sample.at >= ask_at {
            ask_at = sample.at + (span / 60).max(Duration::from_secs(1));
            last_managed = manager.state().map(|_| sample.at).or(last_managed);
        }
    };
    Run { state: manager.state(), last_managed, ..window.run(M::NAME, end) }
}

/// Serves the modem on a thread of its own, until the process ends.
fn serve(modem: Simulated, socket: PathBuf) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ended = runtime.block_on(modem.serve_at(&Place::Unix(socket)));
        eprintln!("the simulator stopped: {ended:?}");
    });
}
