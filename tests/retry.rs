//! The driver on a simulated modem, in virtual time: what the retry governor, the SIM policies and the PIN memory make
//! of networks and cards that refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::time::Duration;

use lpwa::modem::actor::Shared;
use lpwa::modem::clock::Clock;
use lpwa::modem::handle::{ConnectRequest, ErrorKind, ModemHandle, Request};
use lpwa::modem::memory::Memory;
use lpwa::modem::settings::Settings;
use lpwa::modem::sim_policy::{Access, Roaming, SimPolicies, SimPolicy};
use lpwa::modem::wake::WakeLines;
use lpwa::policy::card::{Key, Rule};
use lpwa::private::Private;
use lpwa::sim::Simulated;
use lpwa::spec::apn::PdpType;
use lpwa::state::{Lifecycle, ModemState};
use support::{Bench, EPOCH, drive_sharing, library, scenario, wanted};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// A modem that outlives its drivers, and what the gateway keeps.
struct Gateway {
    modem: Simulated,
    clock: Clock,
    memory: Memory,
    shared: Shared,
    settings: Settings,
}

impl Gateway {
    fn new(text: &str, policies: Vec<SimPolicy>) -> Self {
        let scenario = scenario(&format!("{text}\n[network.psm]\nrefuse = true\n"));
        let modem = Simulated::new(scenario.build(library().get(scenario.model()).unwrap()));
        Self {
            modem,
            clock: Clock::fixed(EPOCH),
            memory: Memory::default(),
            shared: Shared { sims: SimPolicies::new(policies, None), ..Shared::default() },
            settings: Settings { apn: None, ..wanted() },
        }
    }

    /// A life of the daemon.
    fn start(&self) -> Bench {
        let life = (self.clock, self.memory.clone());
        let (settings, shared) = (self.settings.clone(), self.shared.clone());
        let (handle, driver) = drive_sharing(&self.modem, settings, &library(), life, WakeLines::default(), shared);
        Bench { modem: self.modem.clone(), handle, driver }
    }

    fn count(&self, command: &str) -> usize {
        self.modem.meter().lines().filter(|(_, line)| line.contains(command)).count()
    }
}

fn policy(name: &str, keys: &[(Key, &str)], apns: &[&str]) -> SimPolicy {
    SimPolicy {
        name: name.into(),
        rule: Rule::new(keys.iter().map(|(key, prefix)| (*key, vec![(*prefix).to_owned()]))),
        accesses: apns.iter().map(|apn| Access { apn: apn.parse().unwrap(), ..Access::default() }).collect(),
        ..SimPolicy::default()
    }
}

fn is_up(state: &ModemState) -> bool {
    state.lifecycle == Lifecycle::Connected
}

async fn end(bench: Bench) {
    bench.driver.abort();
    let _ = bench.driver.await;
}

async fn connect(handle: &ModemHandle, apn: Option<&str>) -> Result<(), ErrorKind> {
    let request = ConnectRequest { apn: apn.map(|apn| apn.parse().unwrap()), ..ConnectRequest::default() };
    handle.request(Request::Connect(request)).await.map(drop).map_err(|error| error.kind)
}

#[tokio::test(start_paused = true)]
async fn a_wrong_apn_gives_way_to_the_next_of_the_policy() {
    let gateway = Gateway::new("[network]\napns = [\"good.iot\"]", vec![policy("a", &[], &["bad.iot", "good.iot"])]);
    let bench = gateway.start();
    let waits = bench.wait(HOUR, "the first was refused", |state| state.retry.is_some()).await;
    let reason = waits.reason().unwrap();
    // This modem gives no cause.
    assert!(reason.contains("bad.iot") && reason.contains("waiting until 00:0"), "{reason}");
    assert!(waits.retry.unwrap().advice.contains("lpwa connect m0"));
    let state = bench.wait(5 * MINUTE, "connected", is_up).await;
    assert_eq!((state.bearers[0].apn.as_str(), state.retry), ("good.iot", None));
    let chosen = state.sim.policy.unwrap();
    assert_eq!((chosen.name.as_deref(), chosen.apns), (Some("a"), vec!["bad.iot".into(), "good.iot".into()]));
    end(bench).await;

    // The next life begins with the one that worked.
    let before = gateway.count("\"bad.iot\"");
    let bench = gateway.start();
    bench.wait(5 * MINUTE, "connected again", is_up).await;
    assert_eq!(gateway.count("\"bad.iot\""), before);
    end(bench).await;
}

#[tokio::test(start_paused = true)]
async fn a_single_wrong_apn_is_held_and_a_persons_choice_ends_the_wait() {
    let mut gateway = Gateway::new("[network]\napns = [\"good.iot\"]", Vec::new());
    gateway.settings.apn = Some("bad.iot".parse().unwrap());
    let bench = gateway.start();
    tokio::time::sleep(HOUR).await;
    let activations = gateway.count("+CGACT=1");
    assert!((2..=8).contains(&activations), "{activations} within an hour\n{}", bench.commands());
    assert_eq!(connect(&bench.handle, None).await, Err(ErrorKind::Denied), "the same again");
    assert_eq!(connect(&bench.handle, Some("good.iot")).await, Ok(()));
    assert!(is_up(&bench.state()) && bench.state().retry.is_none());
    end(bench).await;
}

#[tokio::test(start_paused = true)]
async fn a_script_that_connects_in_a_loop_does_not_break_the_budget() {
    let mut gateway = Gateway::new("[network]\napns = [\"good.iot\"]", Vec::new());
    gateway.settings.apn = Some("bad.iot".parse().unwrap());
    let bench = gateway.start();
    for _ in 0..60 {
        let _ = connect(&bench.handle, None).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    assert_eq!(gateway.count("+CGACT=1"), 10, "in half an hour\n{}", bench.commands());
    let reason = bench.state().reason().unwrap();
    assert!(reason.contains("10 activations within an hour are the most"), "{reason}");
    end(bench).await;
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_does_not_know_back_off_timers_is_asked_once() {
    let mut gateway = Gateway::new("[modem]\ntells-back-off = false\n[network]\napns = [\"good.iot\"]", Vec::new());
    gateway.settings.apn = Some("bad.iot".parse().unwrap());
    let bench = gateway.start();
    tokio::time::sleep(HOUR).await;
    assert!(gateway.count("+CGACT=1") > 1, "{}", bench.commands());
    assert_eq!(gateway.count("+CABTRDP"), 1, "{}", bench.commands());
    end(bench).await;
}

/// The other family is asked for at once, and counts as an attempt does: no budget is broken by it.
#[tokio::test(start_paused = true)]
async fn the_family_that_the_network_has_is_asked_for_within_the_budget() {
    let mut gateway = Gateway::new("[network]\naddresses = \"ipv6\"", Vec::new());
    (gateway.settings.apn, gateway.settings.pdp_type) = (Some("a.test".parse().unwrap()), PdpType::Ipv4);
    let bench = gateway.start();
    bench.wait(5 * MINUTE, "connected by IPv6", is_up).await;
    assert_eq!(gateway.count("+CGACT=1"), 2, "{}", bench.commands());
    // Every new APN asks for two activations: ten within the hour are five APNs.
    for n in 1..8 {
        let _ = connect(&bench.handle, Some(&format!("a{n}.test"))).await;
        tokio::time::sleep(MINUTE).await;
    }
    assert_eq!(gateway.count("+CGACT=1"), 10, "{}", bench.commands());
    let reason = bench.state().reason().unwrap();
    assert!(reason.contains("10 activations within an hour are the most"), "{reason}");
    end(bench).await;
}

#[tokio::test(start_paused = true)]
async fn a_permanent_cause_is_quiet_over_restarts_of_the_daemon() {
    let gateway = Gateway::new("[network]\nreject = { cause = 11 }", Vec::new());
    let bench = gateway.start();
    tokio::time::sleep(HOUR).await;
    let state = bench.state();
    let reason = state.reason().unwrap();
    assert!(reason.contains("EMM #11 PLMN not allowed") && reason.starts_with("waiting until 2026-01-0"), "{reason}");
    end(bench).await;
    let switched = gateway.count("+CFUN=");
    for _ in 0..5 {
        let bench = gateway.start();
        tokio::time::sleep(3 * HOUR).await;
        end(bench).await;
    }
    assert_eq!(gateway.count("+CFUN="), switched, "the radio is left alone, and nothing is restarted");
    // A day later the network is asked once, since operators open a SIM without telling it.
    let bench = gateway.start();
    tokio::time::sleep(30 * HOUR).await;
    assert!(gateway.count("+CFUN=1") > 0, "{}", bench.commands());
    end(bench).await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_pin_is_sent_once_over_restarts_and_another_one_is_tried() {
    let mut gateway = Gateway::new("[sim]\npin = \"4711\"\npin-required = true", Vec::new());
    gateway.settings.pin = Some(Private::new("1234".into()));
    for _ in 0..4 {
        let bench = gateway.start();
        tokio::time::sleep(HOUR).await;
        assert!(matches!(bench.state().lifecycle, Lifecycle::Locked(_)), "{:?}", bench.state().lifecycle);
        end(bench).await;
    }
    assert_eq!(gateway.modem.meter().pin_attempts.len(), 1);
    gateway.settings.pin = Some(Private::new("4711".into()));
    let bench = gateway.start();
    bench.wait(HOUR, "connected", is_up).await;
    // The right one is sent again whenever the card asks again.
    bench.handle.request(Request::Reset).await.unwrap();
    bench.wait(HOUR, "connected after the restart", is_up).await;
    assert_eq!(gateway.modem.meter().pin_attempts.len(), 3);
    end(bench).await;
}

#[tokio::test(start_paused = true)]
async fn the_card_is_read_as_far_as_policies_ask() {
    let card =
        "[sim]\niccid = \"8944200099990000128\"\nimsi = \"001010123456789\"\nprovider = \"Field\"\ngid1 = \"A10F\"";
    let all = vec![
        policy("range", &[(Key::Iccid, "8944")], &["range.iot"]),
        policy("name", &[(Key::Spn, "Field")], &["name.iot"]),
        policy("group", &[(Key::Gid1, "A1"), (Key::Plmn, "00101")], &["group.iot"]),
    ];
    let gateway = Gateway::new(card, all);
    let bench = gateway.start();
    let state = bench.wait(HOUR, "connected", is_up).await;
    let chosen = state.sim.policy.unwrap();
    assert_eq!(chosen.name.as_deref(), Some("group"));
    assert_eq!(chosen.why, "GID1 starts with A1 and home network is 00101");
    assert_eq!(state.bearers[0].apn.as_str(), "group.iot");
    assert_eq!(gateway.count("+CRSM=176"), 3, "{}", bench.commands());
    end(bench).await;

    let gateway = Gateway::new(card, vec![policy("range", &[(Key::Iccid, "8944")], &["range.iot"])]);
    let bench = gateway.start();
    bench.wait(HOUR, "connected", is_up).await;
    assert_eq!(gateway.count("+CRSM="), 0, "nobody asks for a file");
    end(bench).await;
}

const ABROAD: &str = "[sim]\nimsi = \"999700123456789\"\n[[network.cell]]\nplmn = \"00101\"\nrat = \"lte-m\"";

#[tokio::test(start_paused = true)]
async fn roaming_goes_by_the_policy() {
    for (roaming, may) in [
        (Roaming::Allowed, true),
        (Roaming::Forbidden, false),
        (Roaming::Only(vec!["001".into()]), true),
        (Roaming::Only(vec!["26201".into()]), false),
    ] {
        let gateway = Gateway::new(ABROAD, vec![SimPolicy { roaming: roaming.clone(), ..policy("a", &[], &[]) }]);
        let bench = gateway.start();
        tokio::time::sleep(HOUR).await;
        let state = bench.state();
        assert_eq!(is_up(&state), may, "{roaming:?}: {:?}", state.reason());
        if !may {
            assert_eq!(state.lifecycle, Lifecycle::Registered { roaming: true });
            let reason = state.reason().unwrap();
            assert!(reason.contains("the SIM policy allows no roaming in 00101"), "{reason}");
            assert_eq!(gateway.count("+CGACT=1"), 0);
        }
        end(bench).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_forbidden_network_carries_no_data() {
    let forbidden = SimPolicy { forbidden: vec!["00101".parse().unwrap()], ..policy("a", &[], &[]) };
    let gateway = Gateway::new("[[network.cell]]\nplmn = \"00101\"\nrat = \"lte-m\"", vec![forbidden]);
    let bench = gateway.start();
    tokio::time::sleep(HOUR).await;
    let reason = bench.state().reason().unwrap();
    assert!(reason.contains("the SIM policy forbids data in 00101"), "{reason}");
    end(bench).await;
}

#[tokio::test(start_paused = true)]
async fn other_policies_are_taken_over_while_it_runs() {
    let gateway = Gateway::new("", vec![policy("a", &[], &["one.iot"])]);
    let bench = gateway.start();
    bench.wait(HOUR, "connected", is_up).await;
    let sims = SimPolicies::new(vec![policy("b", &[], &["two.iot"])], None);
    let shared = Shared { sims, ..Shared::default() };
    bench.handle.jobs.send(lpwa::modem::handle::Job::Share(shared)).await.unwrap();
    let taken = |state: &ModemState| is_up(state) && state.bearers.iter().any(|b| b.apn.as_str() == "two.iot");
    bench.wait(HOUR, "the other APN", taken).await;
    end(bench).await;
}

#[tokio::test(start_paused = true)]
async fn a_sim_swap_ends_the_quiet() {
    let gateway = Gateway::new("[network]\nreject = { cause = 8 }\n", Vec::new());
    let bench = gateway.start();
    tokio::time::sleep(HOUR).await;
    assert!(matches!(bench.state().lifecycle, Lifecycle::Denied(Some(_))));
    let kept = gateway.memory.kept();
    assert!(kept.card.is_some(), "the card is known by its fingerprint");
    assert!(!format!("{kept:?}").contains("8988"), "and not by its number");
    end(bench).await;
    gateway.memory.change(|kept| kept.card = Some(1)).unwrap();
    let bench = gateway.start();
    tokio::time::sleep(MINUTE).await;
    assert_eq!(bench.state().retry, None, "another card than before: nothing is held against it");
    end(bench).await;
}
