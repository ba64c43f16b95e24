//! A modem that sleeps is not gone: a day of PSM on each family, restarts, late wakes, in virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use lpwa::modem::clock::Clock;
use lpwa::modem::handle::{Order, Request, When};
use lpwa::modem::memory::Memory;
use lpwa::modem::wake::WakeLines;
use lpwa::sim::{Event, Simulated};
use lpwa::state::queue::Outcome;
use lpwa::state::{Lifecycle, ModemState, Reachability};
use support::{Bench, Key, drive_with, scenario, start, wanted};

const HOUR: Duration = Duration::from_secs(3600);
const MODELS: [&str; 4] = ["quectel-bg95", "simcom-sim7080", "nordic-nrf91", "ublox-sara-r5"];

fn is_up(state: &ModemState) -> bool {
    state.lifecycle == Lifecycle::Connected
}

fn is_asleep(state: &ModemState) -> bool {
    state.reachability.is_asleep()
}

async fn online(model: &str, more: &str) -> Bench {
    let bench = start(&scenario(&format!("[modem]\nmodel = \"{model}\"\n{more}")), wanted());
    bench.wait(HOUR, "connected", is_up).await;
    bench
}

#[tokio::test(start_paused = true)]
async fn a_day_of_hourly_sleep_is_a_quiet_day() {
    for model in MODELS {
        let bench = online(model, "").await;
        bench.wait(HOUR, "asleep", is_asleep).await;
        let (mut state, modem) = (bench.handle.state.clone(), bench.modem.clone());
        let watcher = tokio::spawn(async move {
            let mut wrong = Vec::new();
            while state.changed().await.is_ok() {
                let now = state.borrow_and_update().clone();
                let gone = matches!(now.lifecycle, Lifecycle::Absent | Lifecycle::Failed(_));
                if gone || matches!(now.reachability, Reachability::Unreachable { .. }) {
                    wrong.push(format!("{:?} {:?} at {:?}", now.lifecycle, now.reachability, modem.now()));
                }
            }
            wrong
        });
        tokio::time::sleep(24 * HOUR).await;
        let meter = bench.modem.meter();
        assert!(meter.sleeps >= 22, "{model}: {} sleeps\n{}", meter.sleeps, bench.commands());
        assert_eq!(meter.deaf_commands, 0, "{model}\n{}", bench.commands());
        assert!(is_up(&bench.state()), "{model}: {:?}", bench.state().lifecycle);
        drop(bench.handle);
        bench.driver.abort();
        assert_eq!(watcher.await.unwrap(), Vec::<String>::new(), "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_for_a_sleeping_modem_is_served_in_the_next_window() {
    for model in MODELS {
        let bench = online(model, "").await;
        let state = bench.wait(HOUR, "asleep", is_asleep).await;
        let Reachability::Asleep { until: Some(until), .. } = state.reachability else { panic!("{state:?}") };
        let commands = bench.modem.meter().commands;
        bench.handle.request_with(Request::ReadSignal, When::Wait).await.unwrap();
        let served = bench.state().signal.expect("a signal").read_at;
        assert!(served >= until, "{model}: served at {served}, window at {until}\n{}", bench.commands());
        assert!(served.since(until) < Duration::from_secs(60), "{model}: served at {served}, window at {until}");
        assert!(bench.modem.meter().commands > commands, "{model}");
        assert_eq!(bench.modem.meter().deaf_commands, 0, "{model}\n{}", bench.commands());
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_vanishes_in_its_sleep_is_asleep() {
    let bench = start(&scenario("[modem]\nmodel = \"quectel-bg95\"\nusb = true\n"), wanted());
    bench.wait(HOUR, "connected", is_up).await;
    bench.wait(HOUR, "asleep", is_asleep).await;
    tokio::time::sleep(HOUR / 2).await;
    assert!(is_asleep(&bench.state()) && is_up(&bench.state()), "{:?}", bench.state().lifecycle);
    bench.wait(2 * HOUR, "awake", |state| !is_asleep(state)).await;
    bench.wait(HOUR, "connected", is_up).await;
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_does_not_come_back_is_looked_for_and_taken_up_again() {
    for model in MODELS {
        let bench = online(model, "").await;
        bench.wait(HOUR, "asleep", is_asleep).await;
        // It never comes back by itself: it hangs where it should wake.
        let late = lpwa::sim::Fault::at_time(lpwa::sim::FaultKind::Hang, bench.modem.now() + HOUR / 2);
        bench.modem.with(|modem, _| modem.add_fault(late.lasting(3 * HOUR)));
        let overdue = |state: &ModemState| matches!(state.reachability, Reachability::Unreachable { .. });
        bench.wait(3 * HOUR, "overdue", overdue).await;
        bench.modem.happen(Event::Reboot);
        bench.wait(6 * HOUR, "connected again", is_up).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_in_the_middle_of_a_sleep_leaves_the_modem_alone() {
    for model in MODELS {
        let library = support::library();
        let scenario = scenario(&format!("[modem]\nmodel = \"{model}\"\n"));
        let modem = Simulated::new(scenario.build(library.get(model).unwrap()));
        let (clock, memory) = (Clock::fixed(support::EPOCH), Memory::default());
        let begin = || {
            let (handle, driver) = drive_with(&modem, wanted(), &library, clock, memory.clone());
            Bench { modem: modem.clone(), handle, driver }
        };
        let first = begin();
        first.wait(HOUR, "connected", is_up).await;
        let before = first.wait(HOUR, "asleep", is_asleep).await;
        first.driver.abort();
        tokio::time::sleep(HOUR / 4).await;

        let sent = modem.meter().bytes_in;
        let second = begin();
        tokio::time::sleep(Duration::from_secs(600)).await;
        let after = second.state();
        assert_eq!(after.reachability, before.reachability, "{model}");
        assert!(is_up(&after) && after.definition == model, "{model}: {after:?}");
        assert_eq!((modem.meter().bytes_in, modem.meter().deaf_commands), (sent, 0), "{model}\n{}", second.commands());
        let known = |state: &ModemState| is_up(state) && state.identity.imei.is_some();
        second.wait(2 * HOUR, "known again after it woke", known).await;
        assert_eq!(modem.meter().deaf_commands, 0, "{model}\n{}", second.commands());
    }
}

/// A daemon that may press the modem's power key.
fn with_key(model: &str, more: &str, change: impl FnOnce(&mut Key)) -> (Bench, Key) {
    let library = support::library();
    let scenario = scenario(&format!("[modem]\nmodel = \"{model}\"\n{more}"));
    let modem = Simulated::new(scenario.build(library.get(model).unwrap()));
    let mut key = Key::of(&modem);
    change(&mut key);
    let lines = WakeLines { pwrkey: Some((Arc::new(key.clone()), None)), dtr: None };
    let life = (Clock::fixed(support::EPOCH), Memory::default());
    let (handle, driver) = support::drive_by(&modem, wanted(), &library, life, lines);
    (Bench { modem, handle, driver }, key)
}

#[tokio::test(start_paused = true)]
async fn a_request_that_may_wake_the_modem_presses_its_power_key() {
    for (model, pulse_ms) in [("quectel-bg95", 575), ("simcom-sim7080", 1100), ("ublox-sara-r5", 1500)] {
        for usb in ["", "usb = true\n"] {
            let (bench, key) = with_key(model, usb, |_| {});
            bench.wait(HOUR, "connected", is_up).await;
            bench.wait(HOUR, "asleep", is_asleep).await;
            tokio::time::sleep(HOUR / 4).await;
            let asked = bench.handle.request_with(Request::ReadSignal, When::Wake);
            tokio::time::timeout(Duration::from_secs(120), asked).await.expect(model).expect(model);
            assert_eq!(key.pulses(), [Duration::from_millis(pulse_ms)], "{model} {usb}");
            assert_eq!(bench.modem.meter().deaf_commands, 0, "{model} {usb}\n{}", bench.commands());
            // And it is left to sleep again.
            bench.wait(HOUR, "asleep again", is_asleep).await;
            assert!(is_up(&bench.state()), "{model} {usb}: {:?}", bench.state().lifecycle);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_power_key_that_does_nothing_is_told_of() {
    let (bench, key) = with_key("quectel-bg95", "", |key| key.dead = true);
    bench.wait(HOUR, "connected", is_up).await;
    bench.wait(HOUR, "asleep", is_asleep).await;
    let waiting = bench.handle.submit(Order { request: Request::Scan, when: When::Wait, keep: false }).await.unwrap();
    let error = bench.handle.request_with(Request::ReadSignal, When::Wake).await.unwrap_err().to_string();
    assert!(error.contains("did not answer within 15s of 3 pulses on its wake line"), "{error}");
    assert_eq!(key.pulses().len(), 3);
    assert!(is_asleep(&bench.state()));
    // Whoever waits for the modem to wake by itself goes on waiting.
    assert_eq!(bench.state().queue.waiting.iter().map(|item| item.id).collect::<Vec<_>>(), [waiting]);
    bench.handle.result(waiting).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_cannot_be_woken_says_which_key_is_missing() {
    let bench = online("quectel-bg95", "").await;
    bench.wait(HOUR, "asleep", is_asleep).await;
    let error = bench.handle.request_with(Request::ReadSignal, When::Wake).await.unwrap_err().to_string();
    assert!(error.contains("only its power key wakes this model"), "{error}");
    assert!(error.contains(r#"pwrkey = { gpio = "gpiochip0:17" }"#), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_late_modem_has_its_power_key_pressed() {
    let (bench, key) = with_key("quectel-bg95", "", |_| {});
    bench.wait(HOUR, "connected", is_up).await;
    bench.wait(HOUR, "asleep", is_asleep).await;
    // Its timer fails: it would sleep for ever.
    bench.modem.with(|modem, _| modem.oversleep());
    let overdue = |state: &ModemState| matches!(state.reachability, Reachability::Unreachable { .. });
    bench.wait(2 * HOUR, "overdue", overdue).await;
    bench.wait(HOUR, "connected again", |state| is_up(state) && state.reachability.answers()).await;
    assert_eq!(key.pulses(), [Duration::from_millis(575)]);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_kept_its_settings_is_told_little_after_its_sleep() {
    for (model, most) in [("quectel-bg95", 6), ("simcom-sim7080", 10), ("nordic-nrf91", 0), ("ublox-sara-r5", 11)] {
        let bench = online(model, "").await;
        bench.wait(HOUR, "asleep", is_asleep).await;
        let before = bench.modem.meter().commands;
        bench.wait(2 * HOUR, "awake", |state| !is_asleep(state)).await;
        bench.wait(HOUR, "asleep again", is_asleep).await;
        let sent = bench.modem.meter().commands - before;
        assert!(sent <= most, "{model}: {sent} commands\n{}", bench.commands());
        assert!(is_up(&bench.state()), "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_lost_its_settings_is_set_again() {
    for model in ["quectel-bg95", "simcom-sim7080", "ublox-sara-r5"] {
        let bench = online(model, "").await;
        for line in ["AT+CPSMS=0", "AT+CEDRXS=0"] {
            bench.wait(HOUR, "asleep", is_asleep).await;
            bench.modem.with(|modem, _| modem.change_kept(line));
            bench.wait(2 * HOUR, "awake", |state| !is_asleep(state)).await;
            bench.wait(HOUR, "asleep again", is_asleep).await;
            let asked = bench.state().power;
            assert!(asked.psm_granted.is_some_and(|grant| grant.value.is_some()), "{model} after {line}: {asked:?}");
        }
        let lines = bench.commands();
        assert!(lines.matches("AT+CPSMS=1").count() >= 2, "{model}\n{lines}");
        assert!(lines.matches("AT+CEDRXS=2").count() >= 2, "{model}\n{lines}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_happened_is_remembered_as_it_happened() {
    let bench = online("quectel-bg95", "").await;
    tokio::time::sleep(5 * HOUR).await;
    let history = bench.handle.history();
    let names: Vec<_> = history.changes(support::EPOCH).map(|change| change.reachability).collect();
    assert!(names.iter().filter(|name| **name == "asleep").count() >= 4, "{names:?}");
    assert!(names.contains(&"connected") && names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    let told: u32 = history.commands(support::EPOCH).map(|burst| burst.count).sum();
    assert_eq!(u64::from(told), bench.modem.meter().commands, "{}", bench.commands());
}

/// An application that reports once an hour: it holds the modem awake for ten seconds. At noon a change and a reading
/// are left to the queue, and in the evening the daemon is restarted while the modem sleeps.
#[tokio::test(start_paused = true)]
async fn a_day_with_an_application_that_reports_every_hour() {
    for (model, more) in MODELS.map(|model| (model, "")).into_iter().chain([("quectel-bg95", "usb = true\n")]) {
        let library = support::library();
        let scenario = scenario(&format!("[modem]\nmodel = \"{model}\"\n{more}"));
        let modem = Simulated::new(scenario.build(library.get(model).unwrap()));
        let memory = Memory::default();
        let begin = || {
            let clock = Clock::fixed(support::EPOCH.after(modem.now()));
            let (handle, driver) = drive_with(&modem, wanted(), &library, clock, memory.clone());
            Bench { modem: modem.clone(), handle, driver }
        };
        let mut bench = begin();
        bench.wait(HOUR, "connected", is_up).await;
        for hour in 0..24 {
            bench.wait(2 * HOUR, "asleep", is_asleep).await;
            if hour == 12 {
                deliver_in_order(&bench, model).await;
                continue;
            }
            if hour == 18 {
                bench.driver.abort();
                tokio::time::sleep(HOUR / 8).await;
                bench = begin();
            }
            let hold = bench.handle.hold("hourly report".into()).await.unwrap();
            assert!(!is_asleep(&bench.state()), "{model}, hour {hour}");
            tokio::time::sleep(Duration::from_secs(10)).await;
            drop(hold);
            assert!(is_up(&bench.state()), "{model}, hour {hour}: {:?}\n{}", bench.state().lifecycle, bench.commands());
        }
        let meter = modem.meter();
        assert_eq!(meter.deaf_commands, 0, "{model}\n{}", bench.commands());
        assert!(meter.sleeps >= 24, "{model}: {} sleeps", meter.sleeps);
        let asked = bench.wait(2 * HOUR, "asleep", is_asleep).await.power.psm_requested;
        assert_eq!(asked, wanted().power.psm.unwrap(), "{model}: PSM is given back after each report");
    }
}

async fn deliver_in_order(bench: &Bench, model: &str) {
    let submit = async |request| bench.handle.submit(Order { request, when: When::Wait, keep: false }).await.unwrap();
    let ids = [submit(Request::SetPower(wanted().power)).await, submit(Request::ReadSignal).await];
    let state = bench.wait(2 * HOUR, "done with both", |state| state.queue.waiting.is_empty()).await;
    let ended: Vec<_> = state.queue.ended.iter().filter(|ended| ids.contains(&ended.id)).collect();
    let told: Vec<_> = ended.iter().map(|ended| (ended.id, ended.outcome)).collect();
    assert_eq!(told, ids.map(|id| (id, Outcome::Delivered)), "{model}: {:?}", state.queue);
}
