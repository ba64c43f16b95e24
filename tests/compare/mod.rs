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

/// What came of one manager.
pub struct Run {
    pub name: &'static str,
    /// The meter when the bring-up was over.
    pub settled: Meter,
    /// The meter at the end.
    pub end: Meter,
    /// What the manager said of the modem in the end; `None`: it has none.
    pub state: Option<String>,
    /// When it was last seen to have the modem.
    pub last_managed: Option<Duration>,
}

/// The part of a run that is bring-up: the rest is taken for every other moment of a day.
pub fn bring_up(span: Duration) -> Duration {
    span / 5
}

fn modem(case: &Case) -> SimModem {
    case.scenario.build(Library::builtin().get(case.scenario.model()).expect("the scenario's model has a file"))
}

/// The modem alone, with no host: what the network itself makes it do.
pub fn alone(case: &Case, span: Duration) -> Run {
    let mut modem = modem(case);
    modem.advance(bring_up(span));
    let settled = modem.meter().clone();
    modem.advance(span);
    Run { name: "nobody", settled, end: modem.meter().clone(), state: None, last_managed: None }
}

/// The modem with a manager, for `span` of real time.
pub fn managed<M: Manager>(case: &Case, span: Duration) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("modem");
    let modem = Simulated::new(modem(case));
    serve(modem.clone(), socket.clone());
    let mut manager = M::start(folder.path(), &socket, case);
    let (mut settled, mut last_managed) = (None, None);
    let step = (span / 60).max(Duration::from_secs(1));
    while modem.now() < span {
        std::thread::sleep(step.min(span.saturating_sub(modem.now())));
        if settled.is_none() && modem.now() >= bring_up(span) {
            settled = Some(modem.meter());
        }
        if manager.state().is_some() {
            last_managed = Some(modem.now());
        }
    }
    let end = modem.meter();
    Run { name: M::NAME, settled: settled.unwrap_or_default(), end, state: manager.state(), last_managed }
}

/// Serves the modem on a thread of its own, until the process ends.
fn serve(modem: Simulated, socket: PathBuf) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ended = runtime.block_on(modem.serve_at(&Place::Unix(socket)));
        eprintln!("the simulator stopped: {ended:?}");
    });
}
