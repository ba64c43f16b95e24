//! The planner: plans that were read over by eye, and what holds for every plan.

// Helpers of tests fail by panicking, as the tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

// Only the page of it is of use here.
#[allow(dead_code)]
mod fake_daemon;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use clap::Parser;
use fake_daemon::Page;
use lpwa::cli::args::{Ask, Cli, Command, PowerCommand};
use lpwa::cli::out::Out;
use lpwa::cli::{exit, plan as plan_command};
use lpwa::modem::definition::Library;
use lpwa::modem::plan::{Document, PlanError, Planner, Wish};
use lpwa::policy::energy::{Battery, Coverage, HostLink, Model, Table};
use lpwa::policy::plan::{self, Demand, Device, Minimums, Obstacle, Plan, Saving, Warning};
use lpwa::spec::edrx::{self, EdrxMode};
use lpwa::spec::rat::Rat;
use lpwa::spec::timer::{t3324, t3412};
use lpwa::state::{Edrx, PsmTimers};
use proptest::prelude::*;

/// What a command line prints, and how it ends where that is not with 0.
fn printed(line: &str) -> (String, Option<String>) {
    let cli = Cli::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
    let page = Page::default();
    let mut out = Out::plain(page.clone(), None, cli.global.json);
    let Command::Ask(Ask::Power(PowerCommand::Plan(args))) = &cli.command else { panic!("{line} plans nothing") };
    let ended = plan_command::run(args, |_| Ok("/nonexistent".into()), &mut out).err();
    (page.text(), ended.map(|error| format!("exit {}: {error:#}", exit::code(&error).unwrap() as u8)))
}

/// The files of `fixtures/plans` that end in `ending`.
fn files(ending: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans");
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == ending)).collect();
    paths.sort();
    paths
}

/// The command of a case: the first line of its text.
fn command(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().next().and_then(|line| line.strip_prefix("$ ")).expect("the first line is `$ lpwa ...`").to_owned()
}

fn compare(path: &Path, printed: &str) {
    if std::env::var_os("LPWA_BLESS").is_some() {
        return fs::write(path, printed).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap();
    let place = path.display();
    assert_eq!(expected, printed, "{place}; if it is right: LPWA_BLESS=1 cargo test --test plan, and read the diff");
}

#[test]
fn plans_are_as_they_were_read_over() {
    let cases = files("txt");
    assert!(cases.len() >= 12, "{} cases only", cases.len());
    for path in cases {
        let line = command(&path);
        let (text, ended) = printed(&line);
        let ended = ended.map(|ended| format!("\n{ended}\n")).unwrap_or_default();
        compare(&path, &format!("$ {line}\n{text}{ended}"));
    }
}

#[test]
fn json_says_the_same() {
    let cases = files("json");
    assert!(cases.len() >= 3, "{} cases only", cases.len());
    for path in cases {
        let line = command(&path.with_extension("txt")).replacen("lpwa ", "lpwa --json ", 1);
        compare(&path, &printed(&line).0);
    }
}

fn planner() -> &'static Planner {
    static PLANNER: LazyLock<Planner> = LazyLock::new(|| Planner::new(Arc::new(Library::builtin())));
    &PLANNER
}

fn planned(model: &str, rat: Rat, demand: Demand) -> Plan {
    let wish = Wish { model: model.into(), rat: Some(rat), demand, saving: None };
    planner().plan(&wish).unwrap_or_else(|error| panic!("{model}: {error}")).plan
}

fn examined(model: &str, demand: Demand, saving: Saving) -> Plan {
    let wish = Wish { model: model.into(), rat: None, demand, saving: Some(saving) };
    planner().plan(&wish).unwrap_or_else(|error| panic!("{model}: {error}")).plan
}

const S: fn(u64) -> Duration = Duration::from_secs;

#[test]
fn models_are_found_by_what_people_call_them() {
    let named = |model: &str| {
        let wish = Wish { model: model.into(), demand: Demand::default(), ..Wish::default() };
        planner().plan(&wish).map(|answer| answer.name)
    };
    for (text, name) in [
        ("quectel-bg95", "quectel-bg95"),
        ("bg95", "quectel-bg95"),
        ("BG95-M3", "quectel-bg95"),
        ("BG96", "quectel-bg96"),
        ("sim7080", "simcom-sim7080"),
        ("SIM7000G", "simcom-sim7000"),
        ("nRF9160", "nordic-nrf91"),
        ("nrf91", "nordic-nrf91"),
        ("SARA-R4", "ublox-sara-r4"),
        ("SARA-R510S", "ublox-sara-r510s"),
        ("r510", "ublox-sara-r510s"),
        ("generic", "generic"),
    ] {
        assert_eq!(named(text).as_deref(), Ok(name), "{text}");
    }
    assert!(matches!(named("sara"), Err(PlanError::Ambiguous(..))));
    for text in ["", "zx81", &"x".repeat(1000)] {
        assert!(matches!(named(text), Err(PlanError::UnknownModel(_))), "{text:.20}");
    }
}

#[test]
fn a_technology_that_the_model_lacks_is_refused() {
    for (model, rat) in [("bg95", Rat::Gsm), ("bg95", Rat::Nr), ("generic", Rat::Lte)] {
        let wish = Wish { model: model.into(), rat: Some(rat), ..Wish::default() };
        assert!(matches!(planner().plan(&wish), Err(PlanError::Rat { .. })), "{model} {rat}");
    }
}

#[test]
fn demands_that_make_no_sense_are_refused() {
    let battery = |ampere_hours| Some(Battery { ampere_hours });
    for demand in [
        Demand { report_every: Some(S(0)), ..Demand::default() },
        Demand { battery: battery(0.0), ..Demand::default() },
        Demand { battery: battery(f64::NAN), ..Demand::default() },
        Demand { battery: battery(f64::INFINITY), ..Demand::default() },
        Demand { battery: battery(1.0), life_years: Some(-1.0), ..Demand::default() },
        Demand { life_years: Some(1.0), ..Demand::default() },
    ] {
        let wish = Wish { model: "bg96".into(), demand, ..Wish::default() };
        let error = planner().plan(&wish).unwrap_err();
        assert!(matches!(error, PlanError::Demand(_)), "{demand:?}: {error}");
    }
}

/// The rule of each model in the facts: SARA-R4 and USB, SIMCom and the PIN.
#[test]
fn what_keeps_a_model_from_sleeping_is_known() {
    let daily = Demand { report_every: Some(S(86_400)), ..Demand::default() };
    let usb = planned("sara-r4", Rat::LteM, Demand { host: HostLink::Usb, ..daily });
    assert!(usb.saving.psm.is_none() && usb.warnings.contains(&Warning::NoPsmOnUsb));
    assert!(
        !planned("bg96", Rat::LteM, Demand { host: HostLink::Usb, ..daily }).warnings.contains(&Warning::NoPsmOnUsb)
    );
    let pin = planned("sim7080", Rat::LteM, Demand { sim_pin: true, ..daily });
    assert!(pin.saving.psm.is_none() && pin.warnings.contains(&Warning::PinInTheWay));
    assert!(planned("sim7080", Rat::LteM, daily).warnings.contains(&Warning::NeedsNoPin));
    assert!(planned("bg96", Rat::LteM, Demand { sim_pin: true, ..daily }).saving.psm.is_some());
    // Its model file says that PSM is not used.
    assert!(planned("sara-r422", Rat::LteM, daily).saving.psm.is_none());
}

#[test]
fn combinations_that_cannot_work_are_told() {
    let psm = |tau_s, active_s| Some(PsmTimers { periodic_tau: Some(S(tau_s)), active_time: S(active_s) });
    let edrx = |cycle_ms| Some(Edrx { cycle: Duration::from_millis(cycle_ms), ptw: None });
    let hourly = Demand { report_every: Some(S(3600)), ..Demand::default() };
    let warns = |saving, demand: Demand| examined("bg96", demand, saving).warnings;
    let outlasts = warns(Saving { psm: psm(7200, 60), edrx: edrx(81_920) }, hourly);
    assert!(outlasts.iter().any(|warning| matches!(warning, Warning::EdrxOutlastsActiveTime { .. })), "{outlasts:?}");
    let once = warns(Saving { psm: psm(7200, 120), edrx: edrx(81_920) }, hourly);
    assert!(once.iter().any(|warning| matches!(warning, Warning::ActiveTimeUnderTwoCycles { .. })), "{once:?}");
    let twice = warns(Saving { psm: psm(7200, 180), edrx: edrx(81_920) }, hourly);
    assert_eq!(twice, []);
    let restless = warns(Saving { psm: psm(3600, 3600), edrx: None }, hourly);
    assert!(restless.iter().any(|warning| matches!(warning, Warning::NeverSleeps { .. })), "{restless:?}");
    let operator = Minimums { periodic_tau: S(190 * 60), active_time: S(16) };
    let under = warns(Saving { psm: psm(7200, 10), edrx: None }, Demand { network: operator, ..hourly });
    assert_eq!(under.iter().filter(|warning| matches!(warning, Warning::UnderMinimum { .. })).count(), 2, "{under:?}");
    // One week has no code (10 h unit), 60 s of eDRX none on LTE-M.
    let rounded = warns(Saving { psm: psm(604_800, 120), edrx: edrx(60_000) }, hourly);
    assert_eq!(rounded.iter().filter(|warning| matches!(warning, Warning::Rounded { .. })).count(), 2, "{rounded:?}");
    let slow =
        examined("bg96", Demand { downlink_within: Some(S(60)), ..hourly }, Saving { psm: None, edrx: edrx(81_920) });
    assert!(matches!(slow.obstacles.as_slice(), [Obstacle::TooSlow { .. }]), "{:?}", slow.obstacles);
}

#[test]
fn the_operators_minimum_is_kept() {
    let network = Minimums { periodic_tau: S(190 * 60), active_time: S(60) };
    let demand = Demand { report_every: Some(S(1800)), network, ..Demand::default() };
    let timers = planned("bg96", Rat::LteM, demand).saving.psm.unwrap();
    assert!(timers.periodic_tau.unwrap() >= network.periodic_tau && timers.active_time >= network.active_time);
}

/// Some octet says exactly this.
fn is_coded(decode: fn(u8) -> Option<Duration>, time: Duration) -> bool {
    (0..=u8::MAX).any(|bits| decode(bits) == Some(time))
}

fn any_demand() -> impl Strategy<Value = Demand> {
    let every = prop_oneof![
        Just(None),
        (1..40_000_000_u64).prop_map(|s| Some(S(s))),
        (1..100_000_u64).prop_map(|s| Some(S(s)))
    ];
    let within = prop_oneof![Just(None), (0..100_000_000_u64).prop_map(|ms| Some(Duration::from_millis(ms)))];
    let life = prop_oneof![Just(None), (0.1..30.0_f64).prop_map(Some)];
    let network = (0..20_000_u64, 0..300_u64);
    let place = (0..3_usize, any::<bool>(), any::<bool>());
    (every, within, life, network, place, 0..5000_u32).prop_map(|(every, within, life, network, place, bytes)| Demand {
        report_every: every,
        bytes,
        downlink_within: within,
        battery: Some(Battery { ampere_hours: 10.0 }),
        life_years: life,
        coverage: Coverage::ALL[place.0],
        host: if place.1 { HostLink::Uart } else { HostLink::Usb },
        sim_pin: place.2,
        network: Minimums { periodic_tau: S(network.0), active_time: S(network.1) },
    })
}

/// A model of the table, with or without PSM and eDRX.
#[derive(Debug, Clone, Copy)]
struct Subject(usize, Rat, bool, bool);

fn any_subject() -> impl Strategy<Value = Subject> {
    let rat = prop_oneof![Just(Rat::LteM), Just(Rat::NbIot)];
    (0..TABLE.models().count(), rat, prop::bool::weighted(0.9), prop::bool::weighted(0.9))
        .prop_map(|(index, rat, psm, edrx)| Subject(index, rat, psm, edrx))
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::builtin);

impl Subject {
    fn model(self) -> Model {
        // SIMCom's rule about the PIN stands in the row of the family.
        let name = TABLE.models().nth(self.0).unwrap();
        TABLE.model(&[name, name.split('-').next().unwrap()], self.1).unwrap()
    }

    fn plan(self, demand: Demand) -> Plan {
        plan::plan(&demand, &Device { model: &self.model(), psm: self.2, edrx: self.3 }).unwrap()
    }

    fn examine(self, demand: Demand, saving: Saving) -> Plan {
        plan::examine(&demand, &Device { model: &self.model(), psm: self.2, edrx: self.3 }, saving).unwrap()
    }

    fn mode(self) -> EdrxMode {
        self.1.into()
    }
}

proptest! {
    #[test]
    fn what_is_promised_can_be_kept(subject in any_subject(), demand in any_demand()) {
        let plan = subject.plan(demand);
        if let Some(timers) = plan.saving.psm {
            prop_assert!(is_coded(t3324::decode, timers.active_time));
            prop_assert!(is_coded(t3412::decode, timers.periodic_tau.unwrap()));
            prop_assert!(timers.periodic_tau.unwrap() > timers.active_time);
            prop_assert!(timers.periodic_tau.unwrap() >= demand.network.periodic_tau);
            prop_assert!(timers.active_time >= demand.network.active_time);
        }
        if let Some(cycle) = plan.saving.edrx.map(|edrx| edrx.cycle) {
            let codes = (0..16).filter(|bits| edrx::requestable(subject.mode(), *bits));
            prop_assert!(codes.filter_map(|bits| edrx::cycle_decode(subject.mode(), bits)).any(|known| known == cycle));
        }
        prop_assert!(plan.latency.typical <= plan.latency.worst);
        let life = plan.life.unwrap();
        prop_assert!(0.0 < life.low && life.low <= life.typical && life.typical <= life.high && life.high.is_finite());
        prop_assert!(plan.total.low <= plan.total.typical && plan.total.typical <= plan.total.high);
        if plan.is_possible() {
            prop_assert!(demand.downlink_within.is_none_or(|wanted| plan.latency.worst <= wanted));
            prop_assert!(demand.life_years.is_none_or(|wanted| life.typical >= wanted));
        }
        // Another look at the same settings sees the same.
        let again = subject.examine(demand, plan.saving);
        prop_assert_eq!((again.saving, again.latency, again.total), (plan.saving, plan.latency, plan.total));
    }

    #[test]
    fn more_reports_never_lengthen_a_life(
        subject in any_subject(), demand in any_demand(), seconds in 1..1_000_000_u64, factor in 1..50_u64
    ) {
        let every = |seconds| Demand { report_every: Some(S(seconds)), life_years: None, ..demand };
        let (often, seldom) = (every(seconds), every(seconds * factor));
        // With the settings of either.
        for saving in [subject.plan(seldom).saving, subject.plan(often).saving] {
            let life = |demand| subject.examine(demand, saving).life.unwrap();
            let (short, long) = (life(often), life(seldom));
            prop_assert!(short.typical <= long.typical && short.low <= long.low && short.high <= long.high);
        }
    }

    #[test]
    fn a_larger_battery_never_lasts_shorter(
        subject in any_subject(), demand in any_demand(), small in 0.1..50.0_f64, factor in 1.0..10.0_f64
    ) {
        let life = |ampere_hours| {
            let demand = Demand { battery: Some(Battery { ampere_hours }), life_years: None, ..demand };
            subject.plan(demand).life.unwrap().typical
        };
        prop_assert!(life(small) <= life(small * factor));
    }

    #[test]
    fn patience_never_costs(subject in any_subject(), demand in any_demand(), more_s in 0..100_000_u64) {
        let within = demand.downlink_within.unwrap_or(S(3600));
        let plan = |within| subject.plan(Demand { downlink_within: Some(within), life_years: None, ..demand });
        let (hasty, patient) = (plan(within), plan(within + S(more_s)));
        prop_assert!(!hasty.is_possible() || patient.total.typical <= hasty.total.typical);
    }
}

#[test]
fn documents_name_their_units_and_marks() {
    let demand =
        Demand { report_every: Some(S(3600)), battery: Some(Battery { ampere_hours: 19.0 }), ..Demand::default() };
    let answer = planner().plan(&Wish { model: "bg95".into(), demand, ..Wish::default() }).unwrap();
    let document = serde_json::to_value(Document::from(&answer)).unwrap();
    assert_eq!(document["psm"]["periodic_tau_bits"].as_str().map(str::len), Some(8));
    assert!(document["charge_mc_per_day"]["by_cause"]["inactivity-tail"].as_f64().unwrap() > 0.0);
    let marks = document["assumptions"].as_array().unwrap().iter().map(|one| one["mark"].as_str().unwrap());
    assert!(marks.clone().any(|mark| mark == "U") && marks.clone().any(|mark| mark == "V"));
}

#[test]
fn figures_of_the_documentation_are_understood() {
    let text = include_str!("../docs/power-planner.md");
    let (_, rest) = text.split_once("```toml figures\n").expect("an example");
    assert_eq!(Table::builtin().lay_over(rest.split("```").next().unwrap()), Ok(()));
}
