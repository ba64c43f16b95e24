//! Power saving, asked and granted: what each family is sent, what the network makes of it, and when it is read back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::time::Duration;

use lpwa::cli::say;
use lpwa::modem::handle::{PowerRequest, Request};
use lpwa::modem::settings::Settings;
use lpwa::sim::Event;
use lpwa::state::json::{Document, Reveal};
use lpwa::state::{Edrx, Lifecycle, ModemState, PsmTimers};
use support::{Bench, MODELS, scenario, start, wanted};

const MINUTE: Duration = Duration::from_secs(60);

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn timers(tau: u64, active: u64) -> PsmTimers {
    PsmTimers { periodic_tau: Some(s(tau)), active_time: s(active) }
}

/// 24 h / 10 s, and eDRX.
fn asking(edrx: Edrx) -> Settings {
    Settings {
        power: PowerRequest { psm: Some(Some(timers(86_400, 10))), edrx: Some(Some(edrx)), ..PowerRequest::default() },
        ..wanted()
    }
}

/// The cycle of 81.92 s that every technology has, with a window.
const fn window(ptw: Option<u64>) -> Edrx {
    Edrx { cycle: ms(81_920), ptw: if let Some(ptw) = ptw { Some(ms(ptw)) } else { None } }
}

fn on(model: &str, more: &str) -> String {
    format!("[modem]\nmodel = \"{model}\"\n{more}")
}

fn is_connected(state: &ModemState) -> bool {
    state.lifecycle == Lifecycle::Connected
}

async fn connected(bench: &Bench) -> ModemState {
    let told = |state: &ModemState| {
        is_connected(state) && state.power.psm_granted.is_some() && state.power.edrx_granted.is_some()
    };
    bench.wait(5 * MINUTE, "connected, grants known", told).await
}

/// What `lpwa power show` says of PSM and eDRX.
fn said(state: &ModemState) -> (String, String) {
    let document = Document::new(state, Reveal::All);
    (say::psm(&document.power.psm).line(), say::edrx(&document.power.edrx).line())
}

/// The lines that the modem was sent since the line `from`, those that start with one of `starts`.
fn sent(bench: &Bench, from: usize, starts: &[&str]) -> Vec<String> {
    let all: Vec<String> = bench.modem.meter().lines().map(|(_, line)| line.to_owned()).collect();
    all.into_iter().skip(from).filter(|line| starts.iter().any(|start| line.starts_with(start))).collect()
}

fn count(bench: &Bench) -> usize {
    bench.modem.meter().lines().count()
}

#[tokio::test(start_paused = true)]
async fn a_grant_as_asked_is_shown_as_such() {
    for model in MODELS {
        let bench = start(&scenario(&on(model, "")), asking(window(None)));
        let state = connected(&bench).await;
        assert_eq!(state.power.psm_requested, Some(timers(86_400, 10)), "{model}");
        assert_eq!(said(&state).0, "granted as asked, 1 d / 10 s", "{model}");
        // The network adds its own window: TS 24.008 §10.5.5.32.
        assert_eq!(state.power.edrx_granted.unwrap().value, Some(window(Some(5120))), "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn other_timers_than_asked_are_shown_beside_what_was_asked() {
    let network = "[network]\npsm = { active-time = \"20s\", periodic-tau = \"3h\" }\n\
                   edrx = { cycle = \"20.48s\", ptw = \"2.56s\" }";
    for model in MODELS {
        let bench = start(&scenario(&on(model, network)), asking(window(None)));
        let state = connected(&bench).await;
        assert_eq!(state.power.psm_granted.unwrap().value, Some(timers(10_800, 20)), "{model}");
        let (psm, edrx) = said(&state);
        assert_eq!(psm, "granted 3 h / 20 s, asked 1 d / 10 s", "{model}");
        assert_eq!(edrx, "granted 20.48 s / 2.56 s, asked 81.92 s", "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_no_grant() {
    let network = "[network]\npsm = { refuse = true }\nedrx = { refuse = true }";
    for model in MODELS {
        let bench = start(&scenario(&on(model, network)), asking(window(None)));
        let state = connected(&bench).await;
        assert_eq!(state.power.psm_granted.unwrap().value, None, "{model}");
        assert_eq!(state.power.edrx_granted.unwrap().value, None, "{model}");
        let (psm, edrx) = said(&state);
        assert_eq!(psm, "refused by the network, asked 1 d / 10 s", "{model}");
        assert_eq!(edrx, "refused by the network, asked 81.92 s", "{model}");
    }
}

/// 10.24 s is window 0111 on LTE-M and 0011 on NB-IoT (TS 24.008 §10.5.5.32); 4 and 5 are their AcT-types.
#[tokio::test(start_paused = true)]
async fn a_window_is_asked_for_in_the_words_of_the_model() {
    for (model, lines) in [
        ("nordic-nrf91", [r#"AT%XPTW=4,"0111""#, r#"AT%XPTW=5,"0011""#]),
        ("ublox-sara-r5", [r#"AT+CEDRXS=2,4,"0101","0111""#, r#"AT+CEDRXS=2,5,"0101","0011""#]),
    ] {
        let starts = ["AT%XPTW=", "AT+CEDRXS="];
        let bench = start(&scenario(&on(model, "")), asking(window(Some(10_240))));
        let state = connected(&bench).await;
        assert_eq!(state.power.edrx_requested, Some(window(Some(10_240))), "{model}");
        assert_eq!(said(&state).1, "granted as asked, 81.92 s / 10.24 s", "{model}\n{}", bench.commands());
        let all = sent(&bench, 0, &starts);
        // The cycle first: a new one brings the modem's own window.
        let cycles = [r#"AT+CEDRXS=2,4,"0101""#, r#"AT+CEDRXS=2,5,"0101""#];
        assert_eq!(all, [&cycles[..], &lines[..]].concat(), "{model}");

        // The daemon starts again: what holds is not sent again.
        bench.driver.abort();
        tokio::time::sleep(s(1)).await;
        let before = count(&bench);
        let (handle, driver) = support::drive(&bench.modem, asking(window(Some(10_240))), &support::library());
        let again = Bench { modem: bench.modem.clone(), handle, driver };
        connected(&again).await;
        assert_eq!(sent(&again, before, &starts), [""; 0], "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn simcom_takes_a_window_with_the_next_start() {
    let bench = start(&scenario(&on("simcom-sim7080", "")), asking(window(Some(10_240))));
    let state = connected(&bench).await;
    // 3 is LTE-M and 2 NB-IoT; window and cycle as numbers (SIM7080 series AT manual, +CEDRX).
    let starts = ["AT+CEDRX="];
    assert_eq!(sent(&bench, 0, &starts), ["AT+CEDRX=3,1,7,5", "AT+CEDRX=2,1,3,5"]);
    assert_eq!(said(&state).1, "granted 81.92 s / 5.12 s, asked 81.92 s / 10.24 s");
    bench.modem.happen(Event::Reboot);
    let given = |state: &ModemState| state.power.edrx_granted.is_some_and(|g| g.value == Some(window(Some(10_240))));
    bench.wait(5 * MINUTE, "given the window", given).await;
    assert_eq!(sent(&bench, 0, &starts).len(), 2, "not told twice\n{}", bench.commands());
}

#[tokio::test(start_paused = true)]
async fn a_window_that_nobody_can_ask_for_is_not_shown_as_asked() {
    // Of the BG95 only the name of the command is sure, so it is not sent.
    for model in ["generic", "quectel-bg95"] {
        let bench = start(&scenario(&on(model, "")), asking(window(Some(10_240))));
        let state = connected(&bench).await;
        assert_eq!(state.power.edrx_requested, Some(window(None)), "{model}");
        assert_eq!(sent(&bench, 0, &["AT+QPTWEDRXS"]), [""; 0], "{model}");
    }
}

/// SIM7070/7080 low power application note 3.4 (2): +CPSMS=1 while PSM is on asks the network for nothing.
#[tokio::test(start_paused = true)]
async fn other_timers_go_over_psm_off_on_simcom_only() {
    for (model, first) in [("simcom-sim7080", Some("AT+CPSMS=0")), ("quectel-bg95", None)] {
        let bench = start(&scenario(&on(model, "")), wanted());
        connected(&bench).await;
        let before = count(&bench);
        let power = PowerRequest { psm: Some(Some(timers(86_400, 20))), edrx: None, ..PowerRequest::default() };
        bench.handle.request(Request::SetPower(power)).await.unwrap();
        let lines = sent(&bench, before, &["AT+CPSMS="]);
        let second = r#"AT+CPSMS=1,,,"00111000","00001010""#;
        assert_eq!(lines, first.into_iter().chain([second]).collect::<Vec<_>>(), "{model}");
        let granted = |state: &ModemState| state.power.psm_granted.is_some_and(|g| g.value == Some(timers(86_400, 20)));
        bench.wait(MINUTE, "granted the new timers", granted).await;
    }
}

#[tokio::test(start_paused = true)]
async fn edrx_that_is_switched_off_is_off_at_the_shortest_cycle_too() {
    // 0000 is 5.12 s on LTE-M, and "none" in the list of a SARA-R5: it is never taken for granted.
    for model in ["quectel-bg95", "ublox-sara-r5"] {
        let text = on(model, "setup = ['AT+CEDRXS=1,4,\"0000\"']\n");
        let settings =
            Settings { power: PowerRequest { psm: None, edrx: Some(None), ..PowerRequest::default() }, ..wanted() };
        let bench = start(&scenario(&text), settings);
        bench.wait(5 * MINUTE, "connected", is_connected).await;
        assert_eq!(sent(&bench, 0, &["AT+CEDRXS="]), ["AT+CEDRXS=0,4", "AT+CEDRXS=0,5"], "{model}");
    }
}

/// A modem awake all day that asks for eDRX already, so that nobody asks it for notices of it.
async fn without_notices(model: &str) -> Bench {
    let setup = r#"setup = ['AT+CEDRXS=1,4,"0101"', 'AT+CEDRXS=1,5,"0101"']"#;
    let text = on(model, &format!("{setup}\n[network.psm]\nrefuse = true\n"));
    let bench = start(&scenario(&text), wanted());
    connected(&bench).await;
    tokio::time::sleep(MINUTE).await;
    bench
}

/// TS 27.007 §10.1.22; the SIM70xx form has one more field.
fn cell(model: &str, tac: &str) -> Event {
    let extra = if model.starts_with("simcom") { "\"00\"," } else { "" };
    Event::Notice(format!("+CEREG: 1,\"{tac}\",{extra}\"00000BCD\",7"))
}

#[tokio::test(start_paused = true)]
async fn granted_edrx_is_read_once_after_a_move() {
    for model in MODELS {
        let bench = without_notices(model).await;
        let before = count(&bench);
        let read_at = bench.state().power.edrx_granted.unwrap().at;
        bench.modem.happen(cell(model, "2222"));
        tokio::time::sleep(MINUTE).await;
        assert_eq!(sent(&bench, before, &[""]), ["AT+CEDRXRDP"], "{model}");
        assert!(bench.state().power.edrx_granted.unwrap().at > read_at, "{model}");
        // Another cell of the same tracking area is no move.
        bench.modem.happen(cell(model, "2222"));
        tokio::time::sleep(MINUTE).await;
        assert_eq!(sent(&bench, before, &[""]).len(), 1, "{model}");
        assert_eq!(bench.state().lifecycle, Lifecycle::Connected, "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_moves_and_sleeps_at_once_is_left_alone() {
    let bench = without_notices("quectel-bg95").await;
    let before = count(&bench);
    bench.modem.happen(cell("quectel-bg95", "2222"));
    bench.modem.happen(Event::Notice("PSM POWER DOWN".into()));
    bench.wait(MINUTE, "asleep", |state| state.reachability.is_asleep()).await;
    tokio::time::sleep(s(5)).await;
    assert_eq!(sent(&bench, before, &[""]), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_tells_of_edrx_is_not_asked() {
    for model in MODELS {
        let text = on(model, "[network.psm]\nrefuse = true\n");
        let bench = start(&scenario(&text), wanted());
        connected(&bench).await;
        tokio::time::sleep(MINUTE).await;
        let before = count(&bench);
        bench.modem.happen(cell(model, "2222"));
        bench.modem.happen(Event::Notice("+CEDRXP: 4,\"0101\",\"0010\",\"0001\"".into()));
        tokio::time::sleep(MINUTE).await;
        assert_eq!(sent(&bench, before, &[""]), [""; 0], "{model}");
        let granted = Edrx { cycle: ms(20_480), ptw: Some(ms(2560)) };
        assert_eq!(bench.state().power.edrx_granted.unwrap().value, Some(granted), "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_network_is_told_when_the_last_who_held_the_modem_has_gone() {
    for (model, release) in MODELS.into_iter().flat_map(|model| [(model, true), (model, false)]) {
        let text = on(model, "[network]\nrrc-release = \"30s\"\n");
        let bench = start(&scenario(&text), Settings { release, ..wanted() });
        connected(&bench).await;
        let first = bench.handle.hold("report".into()).await.unwrap();
        let second = bench.handle.hold("update".into()).await.unwrap();
        // The report.
        bench.modem.happen(Event::Traffic);
        let before = count(&bench);
        drop(first);
        tokio::time::sleep(s(5)).await;
        assert_eq!(sent(&bench, before, &["AT+CNMPSD"]), [""; 0], "{model}: one holds it still");
        drop(second);
        tokio::time::sleep(s(5)).await;
        let told = sent(&bench, before, &["AT+CNMPSD"]);
        assert_eq!(told.len(), usize::from(release), "{model}\n{}", bench.commands());
    }
}
