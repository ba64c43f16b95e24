//! A modem that sleeps is not gone: a day of PSM on each family, restarts, late wakes, in virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::time::Duration;

use lpwa::modem::clock::Clock;
use lpwa::modem::handle::{Request, When};
use lpwa::modem::memory::Memory;
use lpwa::sim::{Event, Simulated};
use lpwa::state::{Lifecycle, ModemState, Reachability};
use support::{Bench, drive_with, scenario, start, wanted};

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
