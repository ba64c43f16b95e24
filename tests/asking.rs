//! Requests at the wrong moment: in the middle of a bring-up, while the radio is off, of callers who gave up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::time::Duration;

use lpwa::modem::handle::{ConnectRequest, ErrorKind, Reply, Request};
use lpwa::private::Private;
use lpwa::state::{Lifecycle, Reachability};
use support::{Bench, scenario, start, wanted};

const MINUTE: Duration = Duration::from_secs(60);

fn bg95(network: &str) -> Bench {
    start(&scenario(&format!("[modem]\nmodel = \"quectel-bg95\"\n[network]\n{network}\n")), wanted())
}

#[tokio::test(start_paused = true)]
async fn disconnecting_in_the_middle_leaves_no_modem_half_set() {
    for commands in (1..=28).step_by(3) {
        let bench = bg95("");
        while bench.modem.meter().commands < commands {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bench.handle.request(Request::Disconnect).await.unwrap();
        let at = format!("set up though disconnected after {commands} commands");
        let state = bench
            .wait(5 * MINUTE, &at, |state| {
                matches!(state.lifecycle, Lifecycle::Registered { .. })
                    && state.power.psm_granted.is_some_and(|grant| grant.value.is_some())
                    && state.power.edrx_granted.is_some_and(|grant| grant.value.is_some())
                    && state.signal.is_some()
            })
            .await;
        assert!(state.bearers.is_empty(), "{at}: {:?}", state.bearers);
    }
}

#[tokio::test(start_paused = true)]
async fn disconnecting_a_modem_that_is_off_leaves_it_off() {
    let bench = bg95("");
    bench.wait(5 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
    bench.handle.request(Request::Disable).await.unwrap();
    bench.handle.request(Request::Disconnect).await.unwrap();
    assert_eq!(bench.state().lifecycle, Lifecycle::Off);
}

#[tokio::test(start_paused = true)]
async fn a_search_with_the_radio_off_says_what_helps() {
    let bench = bg95("");
    bench.wait(5 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
    bench.handle.request(Request::Disable).await.unwrap();
    let error = bench.handle.request(Request::Scan).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::WrongState, "{error}");
    assert!(error.to_string().contains("lpwa enable m0"), "{error}");
}

/// Whether packets pass is not the modem's to know: that its context is still up does not mean that they do.
#[tokio::test(start_paused = true)]
async fn a_context_that_was_up_all_along_is_no_sign_that_packets_pass() {
    let bench = bg95("");
    bench.wait(5 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
    let blocked = Lifecycle::NoDataPath("203.0.113.1 does not answer".into());
    bench.handle.tell_data_path(Some("203.0.113.1 does not answer".into())).await;
    bench.wait(MINUTE, "no data path", |state| state.lifecycle == blocked).await;
    let mut changes = bench.handle.state.clone();
    let seen = tokio::spawn(async move {
        let mut seen = vec![];
        while changes.changed().await.is_ok() {
            seen.push(changes.borrow_and_update().lifecycle.clone());
        }
        seen
    });
    bench.handle.request(Request::Connect(ConnectRequest::default())).await.unwrap();
    assert_eq!(bench.state().lifecycle, blocked);
    // A new context may well be a way out.
    bench.handle.request(Request::Disconnect).await.unwrap();
    bench.handle.request(Request::Connect(ConnectRequest::default())).await.unwrap();
    assert_eq!(bench.state().lifecycle, Lifecycle::Connected);
    drop(bench);
    let seen = seen.await.unwrap();
    let first = seen.iter().position(|lifecycle| *lifecycle != blocked);
    let after = first.and_then(|at| seen.get(at));
    assert!(matches!(after, Some(Lifecycle::Registered { .. })), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_given_up_while_the_modem_slept_is_not_carried_out() {
    let bench = bg95("psm = { periodic-tau = \"1h\", active-time = \"10s\" }");
    bench.wait(5 * MINUTE, "asleep", |s| matches!(s.reachability, Reachability::Asleep { .. })).await;
    let given_up = tokio::time::timeout(MINUTE, bench.handle.request(Request::Disable)).await;
    assert!(given_up.is_err(), "{given_up:?}");
    let waits = bench.handle.request(Request::At(Private::new("ATI".into()), None));
    let (answer, ()) = tokio::join!(waits, async { bench.modem.wake() });
    answer.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(bench.state().lifecycle, Lifecycle::Connected, "{}", bench.commands());
}

#[tokio::test(start_paused = true)]
async fn a_reset_answers_when_the_modem_is_back() {
    for model in support::MODELS {
        let bench = start(&scenario(&format!("[modem]\nmodel = \"{model}\"\n")), wanted());
        bench.wait(5 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
        let answer = tokio::time::timeout(5 * MINUTE, bench.handle.request(Request::Reset)).await;
        assert!(matches!(answer, Ok(Ok(Reply::Done))), "{model}: {answer:?}\n{}", bench.commands());
        assert_eq!(bench.state().lifecycle, Lifecycle::Connected, "{model}");
        assert_eq!(bench.modem.meter().boots, 1, "{model}");
    }
}

/// The port of a USB modem goes with the restart: that is what was asked for.
#[tokio::test(start_paused = true)]
async fn a_reset_takes_the_port_of_a_usb_modem_along_and_is_no_failure() {
    for model in support::MODELS {
        let bench = start(&scenario(&format!("[modem]\nmodel = \"{model}\"\nusb = true\n")), wanted());
        bench.wait(5 * MINUTE, "connected", |state| state.lifecycle == Lifecycle::Connected).await;
        let answer = tokio::time::timeout(5 * MINUTE, bench.handle.request(Request::Reset)).await;
        assert!(matches!(answer, Ok(Ok(Reply::Done))), "{model}: {answer:?}\n{}", bench.commands());
        let state = bench.state();
        if state.lifecycle == Lifecycle::Absent {
            let trouble = state.trouble.unwrap();
            assert!(trouble.contains("comes back with the modem"), "{model}: {trouble}");
        }
        bench.wait(5 * MINUTE, "back", |state| state.lifecycle == Lifecycle::Connected).await;
        assert_eq!(bench.modem.meter().boots, 1, "{model}");
    }
}

/// Somebody who wants something else hears that the port is gone.
#[tokio::test(start_paused = true)]
async fn a_port_that_goes_in_the_course_of_something_else_is_a_failure() {
    let faults = "[[fault]]\nkind = \"vanish\"\ncommand = 12\n";
    let bench = start(&scenario(&format!("[modem]\nmodel = \"quectel-bg95\"\n{faults}")), wanted());
    let error = bench.handle.request(Request::Connect(Default::default())).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Gone, "{error}");
}
