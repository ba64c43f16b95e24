//! A simulated modem and the real driver in one process, in virtual time.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use lpwa::modem::actor::{self, Parts, Shared};
use lpwa::modem::clock::Clock;
use lpwa::modem::data::Unused;
use lpwa::modem::definition::Library;
use lpwa::modem::handle::{ModemHandle, PowerRequest};
use lpwa::modem::memory::Memory;
use lpwa::modem::ports::Lines;
use lpwa::modem::settings::Settings;
use lpwa::modem::wake::WakeLines;
use lpwa::port::BoxStream;
use lpwa::port::line::Line;
use lpwa::sim::Scenario;
use lpwa::sim::Simulated;
use lpwa::state::{Edrx, ModemState, PsmTimers, Timestamp};

/// One model of each family.
pub const MODELS: [&str; 5] = ["generic", "quectel-bg95", "simcom-sim7080", "nordic-nrf91", "ublox-sara-r5"];

/// The modem and its driver.
pub struct Bench {
    pub modem: Simulated,
    pub handle: ModemHandle,
    pub driver: tokio::task::JoinHandle<()>,
}

/// 1 h / 10 s PSM and 81.92 s eDRX.
pub fn power() -> PowerRequest {
    let psm = PsmTimers { periodic_tau: Some(Duration::from_secs(3600)), active_time: Duration::from_secs(10) };
    PowerRequest {
        psm: Some(Some(psm)),
        edrx: Some(Some(Edrx { cycle: Duration::from_millis(81_920), ptw: None })),
        ..PowerRequest::default()
    }
}

/// What a gateway would ask for.
pub fn wanted() -> Settings {
    Settings {
        id: "m0".into(),
        apn: Some("iot.test".parse().unwrap()),
        autoconnect: true,
        power: power(),
        ..Settings::default()
    }
}

pub fn scenario(text: &str) -> Scenario {
    text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The shipped model files; reading them again for each of a thousand runs would be most of the time.
pub fn library() -> Arc<Library> {
    static LIBRARY: LazyLock<Arc<Library>> = LazyLock::new(|| Arc::new(Library::builtin()));
    LIBRARY.clone()
}

/// Starts the driver on the modem of a scenario; the driver is not told which model it is.
pub fn start(scenario: &Scenario, settings: Settings) -> Bench {
    let library = library();
    let definition = library.get(scenario.model()).expect("the scenario's model has a file");
    let modem = Simulated::new(scenario.build(definition));
    let (handle, driver) = drive(&modem, settings, &library);
    Bench { modem, handle, driver }
}

pub type Driver = tokio::task::JoinHandle<()>;

pub fn drive(modem: &Simulated, settings: Settings, library: &Arc<Library>) -> (ModemHandle, Driver) {
    drive_with(modem, settings, library, Clock::fixed(EPOCH), Memory::default())
}

pub const EPOCH: Timestamp = Timestamp(1_767_225_600_000);

/// As [`drive`], with a clock and a memory that outlive the driver.
pub fn drive_with(
    modem: &Simulated,
    settings: Settings,
    library: &Arc<Library>,
    clock: Clock,
    memory: Memory,
) -> (ModemHandle, Driver) {
    drive_by(modem, settings, library, (clock, memory), WakeLines::default())
}

/// The wake line of a simulated modem, and how often it was pulsed.
#[derive(Clone)]
pub struct Key {
    pub modem: Simulated,
    pub pulses: Arc<Mutex<Vec<Duration>>>,
    /// It is wired to nothing.
    pub dead: bool,
}

impl Key {
    pub fn of(modem: &Simulated) -> Self {
        Self { modem: modem.clone(), pulses: Arc::default(), dead: false }
    }

    pub fn pulses(&self) -> Vec<Duration> {
        self.pulses.lock().unwrap().clone()
    }
}

impl Line for Key {
    fn pulse(&self, length: Duration) -> BoxFuture<'static, Result<(), String>> {
        let key = self.clone();
        Box::pin(async move {
            tokio::time::sleep(length).await;
            key.pulses.lock().unwrap().push(length);
            if !key.dead {
                key.modem.wake();
            }
            Ok(())
        })
    }
}

/// As [`drive_with`], with lines that wake the modem.
pub fn drive_by(
    modem: &Simulated,
    settings: Settings,
    library: &Arc<Library>,
    (clock, memory): (Clock, Memory),
    wake: WakeLines,
) -> (ModemHandle, Driver) {
    drive_sharing(modem, settings, library, (clock, memory), wake, Shared::default())
}

/// As [`drive_by`], with what modems share.
pub fn drive_sharing(
    modem: &Simulated,
    settings: Settings,
    library: &Arc<Library>,
    (clock, memory): (Clock, Memory),
    wake: WakeLines,
    shared: Shared,
) -> (ModemHandle, Driver) {
    let line = modem.clone();
    let (handle, driver) = actor::new(Parts {
        settings,
        library: library.clone(),
        definition: library.get("generic").unwrap(),
        opener: Box::new(move || {
            let opened = line.open().map(|stream| Box::new(stream) as BoxStream).map_err(|error| error.to_string());
            Box::pin(async move { opened.map(Lines::from) })
        }),
        data: Arc::new(Unused),
        wake,
        clock,
        shared,
        memory,
        seed: 1,
    });
    (handle, tokio::spawn(driver))
}

impl Bench {
    /// The state as it is.
    pub fn state(&self) -> ModemState {
        self.handle.state.borrow().clone()
    }

    /// Waits until the state is as wanted; panics with state and commands where it is not in time.
    pub async fn wait(&self, span: Duration, what: &str, wanted: impl FnMut(&ModemState) -> bool) -> ModemState {
        let mut state = self.handle.state.clone();
        let waited = tokio::time::timeout(span, state.wait_for(wanted)).await;
        match waited {
            Ok(Ok(state)) => state.clone(),
            Ok(Err(_)) => panic!("the driver ended while waiting for {what}\n{}", self.commands()),
            Err(_) => panic!("not {what} within {span:?}: {:#?}\n{}", self.state(), self.commands()),
        }
    }

    /// What the modem was sent, a line each.
    pub fn commands(&self) -> String {
        self.modem.meter().lines().map(|(at, line)| format!("{:9.3} {line}\n", at.as_secs_f64())).collect()
    }
}
