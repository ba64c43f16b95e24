//! Work for a modem that sleeps waits for its next window, in virtual time: in order, merged, cancelled, expired, kept
//! over a restart; and a modem that is held does not sleep.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::time::Duration;

use lpwa::modem::clock::Clock;
use lpwa::modem::definition::QueryName;
use lpwa::modem::handle::{ErrorKind, ModemHandle, Order, PowerRequest, Reply, Request, When};
use lpwa::modem::memory::Memory;
use lpwa::modem::settings::Settings;
use lpwa::state::queue::{Outcome, Task};
use lpwa::state::{Lifecycle, ModemState, PsmTimers, Reachability};
use support::{Bench, scenario, start, wanted};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const MODELS: [&str; 4] = ["quectel-bg95", "simcom-sim7080", "nordic-nrf91", "ublox-sara-r5"];

fn is_asleep(state: &ModemState) -> bool {
    state.reachability.is_asleep()
}

/// Online, with T3412 1 h and T3324 10 s, and asleep for the first time.
async fn sleeping(model: &str, more: &str) -> Bench {
    let bench = start(&scenario(&format!("[modem]\nmodel = \"{model}\"\n{more}")), wanted());
    bench.wait(HOUR, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
    bench.wait(HOUR, "asleep", is_asleep).await;
    bench
}

/// A period twice as long.
fn other_timers() -> Request {
    let psm = PsmTimers { periodic_tau: Some(2 * HOUR), active_time: Duration::from_secs(10) };
    Request::SetPower(PowerRequest { psm: Some(Some(psm)), edrx: None, ..PowerRequest::default() })
}

fn at(line: &str) -> Request {
    Request::At(line.to_owned().into(), None)
}

fn order(request: Request) -> Order {
    Order { request, when: When::Wait, keep: false }
}

fn later(handle: &ModemHandle, request: Request, when: When) -> tokio::task::JoinHandle<lpwa::modem::handle::Answer> {
    let handle = handle.clone();
    tokio::spawn(async move { handle.request_with(request, when).await })
}

/// Lets the driver take in what it was sent.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// How the request `id` ended.
fn ended(state: &ModemState, id: u64) -> Option<Outcome> {
    state.queue.ended.iter().find(|ended| ended.id == id).map(|ended| ended.outcome)
}

/// The lines that were sent since there were `before` of them.
fn sent_since(bench: &Bench, before: usize) -> Vec<String> {
    bench.modem.meter().lines().skip(before).map(|(_, line)| line.to_owned()).collect()
}

fn sent(bench: &Bench) -> usize {
    bench.modem.meter().lines().count()
}

#[tokio::test(start_paused = true)]
async fn a_change_and_a_reading_are_delivered_in_the_next_window_in_order() {
    for model in MODELS {
        let bench = sleeping(model, "").await;
        let Reachability::Asleep { until: Some(until), .. } = bench.state().reachability else { panic!("{model}") };
        let before = sent(&bench);
        let change = bench.handle.submit(order(other_timers())).await.unwrap();
        let reading = bench.handle.submit(order(Request::ReadSignal)).await.unwrap();
        let waiting: Vec<_> = bench.state().queue.waiting.iter().map(|item| (item.id, item.task)).collect();
        assert_eq!(waiting, [(change, Task::SetPower), (reading, Task::ReadSignal)], "{model}");

        let done = |state: &ModemState| state.queue.waiting.is_empty();
        let state = bench.wait(2 * HOUR, "done with both", done).await;
        assert_eq!(
            (ended(&state, change), ended(&state, reading)),
            (Some(Outcome::Delivered), Some(Outcome::Delivered))
        );
        let read_at = state.signal.expect("a signal").read_at;
        assert!(read_at >= until && read_at.since(until) < MINUTE, "{model}: read at {read_at}, window at {until}");
        // 2 h are twelve times ten minutes, 10 s are five times two seconds (TS 24.008 §10.5.7.4a, §10.5.7.3).
        let lines = sent_since(&bench, before);
        let change_at = lines.iter().position(|line| line.contains("\"00001100\",\"00000101\"")).expect("the change");
        let question = &support::library().get(model).unwrap().queries[&QueryName::Signal].send;
        let read_at = lines.iter().rposition(|line| line == question);
        assert!(read_at.unwrap_or_else(|| panic!("{model}: {lines:#?}")) > change_at, "{model}: {lines:#?}");
        assert_eq!(bench.modem.meter().deaf_commands, 0, "{model}: {}", bench.commands());
        assert_eq!(bench.handle.result(reading).await, Ok(Reply::Done), "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reading_of_a_sleeping_modem_is_answered_at_once_with_its_age() {
    for model in MODELS {
        let bench = sleeping(model, "").await;
        let read_at = bench.state().signal.expect("a signal").read_at;
        let before = bench.modem.meter().bytes_in;
        tokio::time::sleep(MINUTE).await;
        assert_eq!(bench.handle.request(Request::ReadSignal).await, Ok(Reply::Cached(read_at)), "{model}");
        let refused = bench.handle.request_with(other_timers(), When::Cached).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::InvalidArgument);
        assert_eq!(bench.modem.meter().bytes_in, before, "{model}: {}", bench.commands());
        assert!(is_asleep(&bench.state()), "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_back_is_not_done() {
    let bench = sleeping("quectel-bg95", "").await;
    let before = sent(&bench);
    let id = bench.handle.submit(order(at("AT+CCLK?"))).await.unwrap();
    let waiting = later(&bench.handle, at("AT+CCLK?"), When::Wait);
    settle().await;
    bench.handle.cancel(id).await.unwrap();
    assert_eq!(bench.handle.cancel(id).await.unwrap_err().kind, ErrorKind::WrongState);
    assert_eq!(bench.handle.result(id).await.unwrap_err().kind, ErrorKind::Cancelled);
    // A caller who leaves takes the request along.
    waiting.abort();
    settle().await;
    let state = bench.state();
    assert_eq!((state.queue.waiting.len(), state.queue.ended.len()), (0, 2));
    assert!(state.queue.ended.iter().all(|ended| ended.outcome == Outcome::Cancelled && ended.reason.is_some()));
    tokio::time::sleep(2 * HOUR).await;
    assert!(sent_since(&bench, before).iter().all(|line| line != "AT+CCLK?"), "{}", bench.commands());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_passes_is_a_failure_with_a_reason() {
    let bench = sleeping("quectel-bg95", "").await;
    let before = bench.modem.meter().bytes_in;
    let asked = tokio::time::Instant::now();
    let error = bench.handle.request_with(other_timers(), When::Within(HOUR / 2)).await.unwrap_err();
    assert_eq!((error.kind, asked.elapsed().as_secs()), (ErrorKind::TimedOut, 1800));
    assert!(error.message.contains("deadline"), "{error}");
    assert_eq!(bench.state().queue.ended.last().map(|ended| ended.outcome), Some(Outcome::Expired));
    assert_eq!(bench.modem.meter().bytes_in, before);
    // One that lies behind the next window is met.
    assert_eq!(bench.handle.request_with(Request::ReadSignal, When::Within(HOUR)).await, Ok(Reply::Done));
}

#[tokio::test(start_paused = true)]
async fn what_means_the_same_is_asked_once() {
    let bench = sleeping("quectel-bg95", "").await;
    let before = sent(&bench);
    let readings: Vec<_> = (0..5).map(|_| later(&bench.handle, Request::ReadSignal, When::Wait)).collect();
    settle().await;
    assert_eq!(bench.state().queue.waiting.len(), 5);
    for reading in readings {
        assert_eq!(reading.await.unwrap(), Ok(Reply::Done));
    }
    let asked = sent_since(&bench, before).iter().filter(|line| line.contains("QCSQ")).count();
    assert_eq!(asked, 1, "{}", bench.commands());
}

#[tokio::test(start_paused = true)]
async fn there_is_an_end_to_the_room() {
    let bench = sleeping("quectel-bg95", "").await;
    for _ in 0..64 {
        bench.handle.submit(order(at("AT"))).await.unwrap();
    }
    let full = bench.handle.request_with(Request::ReadSignal, When::Wait).await.unwrap_err();
    assert_eq!(full.kind, ErrorKind::WrongState);
    assert!(full.message.contains("lpwa queue cancel"), "{full}");
    bench.wait(2 * HOUR, "done with all", |state| state.queue.waiting.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_modem_is_woken_where_that_is_possible_and_asked_for() {
    // Its command port never sleeps.
    let bench = sleeping("nordic-nrf91", "").await;
    let asked = tokio::time::Instant::now();
    assert_eq!(bench.handle.request_with(Request::ReadSignal, When::Wake).await, Ok(Reply::Done));
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    // Nothing here can press its power key.
    let bench = sleeping("quectel-bg95", "").await;
    let error = bench.handle.request_with(Request::ReadSignal, When::Wake).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::WrongState);
    assert!(error.message.contains("pwrkey"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_device_that_vanished_in_its_sleep_has_its_work_done_when_it_is_back() {
    let bench = sleeping("quectel-bg95", "usb = true\n").await;
    tokio::time::sleep(10 * MINUTE).await;
    let id = bench.handle.submit(order(at("AT+CCLK?"))).await.unwrap();
    assert!(matches!(bench.handle.request(Request::ReadSignal).await, Ok(Reply::Cached(_))));
    let state = bench.wait(HOUR, "done", |state| state.queue.waiting.is_empty()).await;
    assert_eq!(ended(&state, id), Some(Outcome::Delivered), "{:?}\n{}", state.queue, bench.commands());
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_outlives_the_driver() {
    let scenario = scenario("[modem]\nmodel = \"quectel-bg95\"\n");
    let bench = start(&scenario, wanted());
    let memory = Memory::default();
    let bench = again(bench, wanted(), &memory).await;
    bench.wait(HOUR, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
    bench.wait(HOUR, "asleep", is_asleep).await;
    let kept = bench.handle.submit(Order { keep: true, ..order(other_timers()) }).await.unwrap();
    bench.handle.submit(order(at("AT+CCLK?"))).await.unwrap();
    let secret = at("AT+CPIN=\"1234\"");
    let refused = bench.handle.submit(Order { keep: true, ..order(secret) }).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::InvalidArgument);

    tokio::time::sleep(10 * MINUTE).await;
    let before = sent(&bench);
    let bench = again(bench, wanted(), &memory).await;
    settle().await;
    let waiting: Vec<_> = bench.state().queue.waiting.iter().map(|item| (item.id, item.task, item.keep)).collect();
    assert_eq!(waiting, [(kept, Task::SetPower, true)]);
    let state = bench.wait(2 * HOUR, "done", |state| state.queue.waiting.is_empty()).await;
    assert_eq!(ended(&state, kept), Some(Outcome::Delivered));
    let lines = sent_since(&bench, before);
    assert!(lines.iter().any(|line| line.contains("\"00001100\",\"00000101\"")), "{lines:#?}");
    assert!(lines.iter().all(|line| line != "AT+CCLK?"), "{lines:#?}");
    assert!(memory.kept().queue.is_empty());
}

/// The daemon starts again.
async fn again(bench: Bench, settings: Settings, memory: &Memory) -> Bench {
    bench.driver.abort();
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Its clock goes on.
    let clock = Clock::fixed(support::EPOCH.after(bench.modem.now()));
    let (handle, driver) = support::drive_with(&bench.modem, settings, &support::library(), clock, memory.clone());
    Bench { modem: bench.modem, handle, driver }
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_is_held_does_not_sleep_and_does_so_again_afterwards() {
    for model in MODELS {
        let bench = sleeping(model, "").await;
        let asked = tokio::time::Instant::now();
        let hold = bench.handle.hold("firmware update".into()).await.unwrap();
        assert!(asked.elapsed() > HOUR / 2, "{model}: it had to wake for that");
        let other = bench.handle.hold("a second one".into()).await.unwrap();
        let sleeps = bench.modem.meter().sleeps;
        tokio::time::sleep(3 * HOUR).await;
        let state = bench.state();
        assert_eq!(bench.modem.meter().sleeps, sleeps, "{model}: {}", bench.commands());
        assert!(state.holds.iter().all(|hold| hold.granted) && state.holds.len() == 2, "{model}: {:?}", state.holds);
        assert_eq!(state.lifecycle, Lifecycle::Connected, "{model}");
        // A call answers at once.
        assert_eq!(bench.handle.request(Request::ReadSignal).await, Ok(Reply::Done), "{model}");

        bench.handle.release(hold.id).await.unwrap();
        assert_eq!(bench.handle.release(hold.id).await.unwrap_err().kind, ErrorKind::WrongState);
        tokio::time::sleep(HOUR).await;
        assert_eq!(bench.modem.meter().sleeps, sleeps, "{model}: one still holds it");
        drop(other);
        bench.wait(HOUR, "asleep again", is_asleep).await;
        assert_eq!(bench.state().power.psm_requested, wanted().power.psm.unwrap(), "{model}");
        assert!(bench.state().holds.is_empty(), "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_while_the_modem_is_held_is_in_force_afterwards() {
    let bench = sleeping("quectel-bg95", "").await;
    let hold = bench.handle.hold("field service".into()).await.unwrap();
    bench.handle.request(other_timers()).await.unwrap();
    tokio::time::sleep(HOUR).await;
    assert!(!is_asleep(&bench.state()), "{}", bench.commands());
    drop(hold);
    let state = bench.wait(HOUR, "asleep again", is_asleep).await;
    assert_eq!(state.power.psm_requested.and_then(|psm| psm.periodic_tau), Some(2 * HOUR));
}

/// The configuration says nothing of PSM: what the modem asks for by itself is given back.
#[tokio::test(start_paused = true)]
async fn a_daemon_that_dies_while_it_holds_gives_psm_back() {
    let setup = "setup = ['AT+CPSMS=1,,,\"00100001\",\"00000101\"']\n";
    let settings = Settings { power: PowerRequest::default(), ..wanted() };
    let bench = start(&scenario(&format!("[modem]\nmodel = \"quectel-bg95\"\n{setup}")), settings.clone());
    let memory = Memory::default();
    let bench = again(bench, settings.clone(), &memory).await;
    bench.wait(HOUR, "asleep", is_asleep).await;
    let asked_for = bench.state().power.psm_requested;
    assert!(asked_for.is_some());
    let _hold = bench.handle.hold("field service".into()).await.unwrap();
    assert_eq!(bench.state().power.psm_requested, None);
    assert!(memory.kept().held.is_some());
    let bench = again(bench, settings, &memory).await;
    let state = bench.wait(3 * HOUR, "asleep again", is_asleep).await;
    assert_eq!(state.power.psm_requested, asked_for);
    assert!(memory.kept().held.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_never_wakes_again_keeps_nobody_waiting() {
    for more in ["", "usb = true\n"] {
        let bench = sleeping("quectel-bg95", more).await;
        let hang = lpwa::sim::Fault::at_time(lpwa::sim::FaultKind::Hang, bench.modem.now() + HOUR / 2);
        bench.modem.with(|modem, _| modem.add_fault(hang.lasting(30 * 24 * HOUR)));
        let kept = bench.handle.submit(Order { keep: true, ..order(other_timers()) }).await.unwrap();
        let asked = tokio::time::Instant::now();
        let reading = bench.handle.request_with(Request::ReadSignal, When::Wait);
        let error = tokio::time::timeout(3 * HOUR, reading).await.expect("an answer").unwrap_err();
        assert_eq!(error.kind, ErrorKind::Gone, "{more}: {error}");
        assert!(asked.elapsed() > HOUR, "{more}: {:?}", asked.elapsed());
        let state = bench.state();
        let waiting: Vec<_> = state.queue.waiting.iter().map(|item| item.id).collect();
        assert_eq!(waiting, [kept], "{more}: whoever asked for that waits on");
        let told = state.queue.ended.last().expect("an end");
        assert_eq!((told.outcome, told.reason.is_some()), (Outcome::Failed, true), "{more}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_does_not_take_the_release_is_told_again() {
    let bench = sleeping("quectel-bg95", "").await;
    let hold = bench.handle.hold("field service".into()).await.unwrap();
    let refusal = lpwa::sim::Fault::at_command(lpwa::sim::FaultKind::Error, bench.modem.meter().commands + 3);
    bench.modem.with(|modem, _| modem.add_fault(refusal));
    drop(hold);
    bench.wait(HOUR, "asleep", is_asleep).await;
    assert_eq!(bench.state().power.psm_requested, wanted().power.psm.unwrap());
}
