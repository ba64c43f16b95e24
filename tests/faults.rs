//! Every fault at every command of the bring-up, on every family, in virtual time: the driver ends connected or in a
//! named state with a reason; it is never stuck, never panics, and a wrong PIN is sent once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::time::Duration;

use lpwa::modem::handle::{ErrorKind, Request};
use lpwa::modem::settings::Settings;
use lpwa::private::Private;
use lpwa::sim::{Event, Fault, FaultKind};
use lpwa::state::{Lifecycle, ModemState, SimState};
use support::{Bench, MODELS, scenario, start, wanted};

/// A fault of some seconds is over by then, the waits of the driver included.
const OVER: Duration = Duration::from_secs(3600);

/// The longest bring-up has no more commands.
const POSITIONS: u64 = 34;

/// PSM is left out here: a modem that sleeps when a test looks would hide what the fault did.
fn good_day(model: &str) -> lpwa::sim::Scenario {
    scenario(&format!("[modem]\nmodel = \"{model}\"\n[network.psm]\nrefuse = true\n"))
}

fn is_up(state: &ModemState) -> bool {
    state.lifecycle == Lifecycle::Connected
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// One run; a panic of the driver ends its task, which `wait` reports.
fn run(model: &str, fault: Fault, check: impl AsyncFnOnce(&Bench, &str)) {
    runtime().block_on(async {
        let bench = start(&good_day(model).with_fault(fault), wanted());
        check(&bench, &format!("{model}, {fault:?}")).await;
        assert!(!bench.driver.is_finished(), "{model}, {fault:?}: the driver ended");
    });
}

#[test]
fn a_passing_fault_at_any_command_is_overcome() {
    for model in MODELS {
        for kind in FaultKind::ALL {
            for position in 1..=POSITIONS {
                let lasting = match kind {
                    FaultKind::Hang => Some(Duration::from_secs(30)),
                    _ => None,
                };
                let fault = Fault { lasts: lasting, ..Fault::at_command(kind, position) };
                run(model, fault, async |bench, what| {
                    bench.wait(OVER, &format!("connected after {what}"), is_up).await;
                });
            }
        }
    }
}

#[test]
fn a_modem_that_hangs_for_ever_ends_in_a_named_state_with_a_reason() {
    for model in MODELS {
        for position in 1..=POSITIONS {
            let fault = Fault::at_command(FaultKind::Hang, position).lasting(Duration::from_secs(40 * 86_400));
            run(model, fault, async |bench, what| {
                tokio::time::sleep(OVER).await;
                let state = bench.state();
                let up = is_up(&state);
                assert!(up || state.reason().is_some(), "{what}: {:?}\n{}", state.lifecycle, bench.commands());
                let named = matches!(state.lifecycle, Lifecycle::Failed(_) | Lifecycle::Absent | Lifecycle::Connected);
                assert!(named, "{what}: {:?}\n{}", state.lifecycle, bench.commands());
            });
        }
    }
}

#[test]
fn a_modem_that_restarts_for_ever_is_not_hammered() {
    for model in MODELS {
        runtime().block_on(async {
            let bench = start(&good_day(model), wanted());
            for _ in 0..2000 {
                tokio::time::sleep(Duration::from_secs(2)).await;
                bench.modem.happen(Event::Reboot);
            }
            let sent = bench.modem.meter().commands;
            assert!(sent < 3000, "{model}: {sent} commands in 4000 s of restarts");
            bench.wait(OVER, "connected when it stays up", is_up).await;
        });
    }
}

fn locked(pin: &str) -> (String, Settings) {
    let text = "[sim]\npin = \"1234\"\npin-required = true\n[network.psm]\nrefuse = true\n".to_owned();
    (text, Settings { pin: Some(Private::new(pin.into())), ..wanted() })
}

#[test]
fn a_wrong_pin_is_sent_once_whatever_goes_wrong() {
    let kinds = [None].into_iter().chain(FaultKind::ALL.map(Some));
    for (model, kind) in MODELS.iter().flat_map(|model| kinds.clone().map(move |kind| (model, kind))) {
        for position in 1..=if kind.is_some() { 16 } else { 1 } {
            let (text, settings) = locked("9999");
            let mut scenario = scenario(&format!("[modem]\nmodel = \"{model}\"\n{text}"));
            if let Some(kind) = kind {
                scenario = scenario.with_fault(Fault::at_command(kind, position));
            }
            runtime().block_on(async {
                let bench = start(&scenario, settings);
                tokio::time::sleep(Duration::from_secs(86_400)).await;
                let attempts = bench.modem.meter().pin_attempts.len();
                assert!(attempts <= 1, "{model}, {kind:?} at {position}: {attempts} attempts\n{}", bench.commands());
                let state = bench.state();
                assert!(state.reason().is_some(), "{model}, {kind:?} at {position}: {:?}", state.lifecycle);
            });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_right_pin_opens_the_sim() {
    for model in MODELS {
        let (text, settings) = locked("1234");
        let bench = start(&scenario(&format!("[modem]\nmodel = \"{model}\"\n{text}")), settings);
        bench.wait(OVER, "connected", is_up).await;
        assert_eq!(bench.modem.meter().pin_attempts.len(), 1, "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_unlocks_what_the_configuration_could_not() {
    let (text, settings) = locked("9999");
    let bench = start(&scenario(&format!("[modem]\nmodel = \"quectel-bg95\"\n{text}")), settings);
    let state = bench.wait(OVER, "locked", |state| matches!(state.lifecycle, Lifecycle::Locked(_))).await;
    assert_eq!(state.sim.state.map(|s| s.value), Some(SimState::PinRequired));
    let wrong = bench.handle.request(Request::EnterPin(Private::new("5678".into()))).await;
    let wrong = wrong.unwrap_err();
    assert_eq!(wrong.kind, ErrorKind::Sim);
    // The configuration's attempt was one, this was another.
    assert!(wrong.to_string().contains("1 attempt is left for the PIN"), "{wrong}");
    assert_eq!(bench.state().sim.pin_retries.unwrap().value, 1, "what is shown is true at once");
    bench.handle.request(Request::EnterPin(Private::new("1234".into()))).await.unwrap();
    bench.wait(OVER, "connected", is_up).await;
    assert_eq!(bench.modem.meter().pin_attempts.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn no_card_is_told_and_a_card_put_in_is_taken() {
    for model in MODELS {
        let bench = start(&scenario(&format!("[modem]\nmodel = \"{model}\"\n[sim]\npresent = false\n")), wanted());
        bench.wait(OVER, "without a SIM", |state| state.lifecycle == Lifecycle::NoSim).await;
        bench.modem.happen(Event::Card(true));
        bench.wait(6 * OVER, "connected", is_up).await;
    }
}

#[tokio::test(start_paused = true)]
async fn coverage_and_contexts_come_back() {
    for model in MODELS {
        let bench = start(&good_day(model), wanted());
        bench.wait(OVER, "connected", is_up).await;
        bench.modem.happen(Event::Coverage(false));
        bench.wait(OVER, "searching", |state| state.lifecycle == Lifecycle::Searching).await;
        tokio::time::sleep(OVER).await;
        bench.modem.happen(Event::Coverage(true));
        bench.wait(OVER, "connected after coverage came back", is_up).await;
        tokio::time::sleep(OVER).await;
        let context = bench.state().bearers[0].context;
        bench.modem.happen(Event::ContextLost(context));
        bench.wait(OVER, "down", |state| !is_up(state)).await;
        bench.wait(OVER, "connected after the context was lost", is_up).await;
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_are_named_and_not_hammered() {
    for model in MODELS {
        let text = format!("[modem]\nmodel = \"{model}\"\n[network.reject]\ncause = 11\n");
        let bench = start(&scenario(&text), wanted());
        let denied = |state: &ModemState| matches!(state.lifecycle, Lifecycle::Denied(_));
        bench.wait(OVER, "denied", denied).await;
        let before = bench.modem.meter().commands;
        tokio::time::sleep(24 * OVER).await;
        let sent = bench.modem.meter().commands - before;
        assert!(sent < 100, "{model}: {sent} commands in a day of refusal");
        // A permanent cause needs a person; the modem itself does not try that network again.
        bench.modem.happen(Event::Reject(None));
        bench.handle.request(Request::Disable).await.unwrap();
        bench.handle.request(Request::Enable).await.unwrap();
        bench.wait(OVER, "connected once the network takes it", is_up).await;

        let text = format!("[modem]\nmodel = \"{model}\"\n[network.reject-context]\ncause = 27\n");
        let bench = start(&scenario(&text), wanted());
        let told = |state: &ModemState| state.reason().is_some_and(|reason| reason.contains("iot.test"));
        let state = bench.wait(OVER, "told of the APN", told).await;
        assert!(
            matches!(state.lifecycle, Lifecycle::Registered { .. } | Lifecycle::Denied(_)),
            "{:?}",
            state.lifecycle
        );
    }
}
