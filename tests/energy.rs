//! What a simulated modem spends: the times by hand, the charge where the maker published the current.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod compare;
#[path = "simulator/host.rs"]
#[allow(dead_code)]
mod host;
mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use host::Host;
use lpwa::modem::handle::PowerRequest;
use lpwa::policy::energy::{Activity, Case, Cause, Evidence};
use lpwa::sim::Meter;

const S: fn(u64) -> Duration = Duration::from_secs;
const MS: fn(u64) -> Duration = Duration::from_millis;

/// A BG96, whose currents Quectel published: 10 µA in PSM, 15 to 16 mA idle with the host link on.
fn bg96(rest: &str, network: &str) -> Host {
    let mut host =
        Host::on(&format!("[network]\n{network}\n[modem]\nmodel = \"quectel-bg96\"\nboot = \"3s\"\n{rest}\n"));
    host.ask("ATE0");
    host
}

/// Asks for `tau` and an active time of 10 s, and waits until the modem sleeps.
fn asleep(host: &mut Host, tau: &str) {
    assert!(host.ok(&format!("AT+CPSMS=1,,,\"{tau}\",\"00000101\"")));
    until_asleep(host);
}

fn until_asleep(host: &mut Host) {
    let sleeps = host.modem.meter().sleeps;
    while host.modem.meter().sleeps == sleeps {
        let at = host.modem.deadline().expect("it has something to do");
        host.read_until(at);
    }
}

/// The meter as it is now.
fn meter(host: &mut Host) -> Meter {
    host.modem.advance(host.now);
    host.modem.meter().clone()
}

fn times(meter: &Meter) -> BTreeMap<Activity, Duration> {
    let mut times = BTreeMap::new();
    for (_, activity, span) in meter.spent() {
        *times.entry(activity).or_default() += span;
    }
    times
}

/// What was done between two looks at the meter.
fn between(before: &Meter, after: &Meter) -> BTreeMap<Activity, Duration> {
    let mut spent = times(after);
    for (activity, span) in times(before) {
        *spent.entry(activity).or_default() -= span;
    }
    spent.retain(|_, span| !span.is_zero());
    spent
}

fn charge_between(before: &Meter, after: &Meter, cause: Cause) -> f64 {
    after.charge(Case::Typical).of(cause) - before.charge(Case::Typical).of(cause)
}

#[track_caller]
fn close(value: f64, wanted: f64, tolerance: f64) {
    assert!((value / wanted - 1.0).abs() <= tolerance, "{value} is not {wanted}");
}

#[test]
fn a_day_of_psm_is_the_floor_and_nothing_else() {
    let mut host = bg96("", "");
    // T3412 of 320 h (TS 24.008 §10.5.7.4a): the day passes in one sleep.
    asleep(&mut host, "11000001");
    let before = meter(&mut host);
    host.wait(86_400);
    let after = meter(&mut host);
    assert_eq!(between(&before, &after), BTreeMap::from([(Activity::Psm, S(86_400))]));
    // 10 µA x 86 400 s.
    close(charge_between(&before, &after, Cause::PsmFloor), 864.0, 1e-6);
    close(after.charge(Case::Typical).total() - before.charge(Case::Typical).total(), 864.0, 1e-6);
}

#[test]
fn an_hour_of_psm_is_sleep_boot_update_tail_and_active_time() {
    let mut host = bg96("", "rrc-release = \"10s\"");
    // T3412 of 1 h.
    asleep(&mut host, "00100001");
    let before = meter(&mut host);
    until_asleep(&mut host);
    let after = meter(&mut host);
    // Asleep from T3324 to T3412 after the release; boot as the scenario says; 0.4 s until the update; the connection
    // lasts 10 s, of which 1.5 s carry the update; then T3324, with a command side that never rests.
    let wanted = [
        (Activity::Psm, S(3590)),
        (Activity::Boot, S(3)),
        (Activity::HostAwake, MS(10_400)),
        (Activity::Update, MS(1500)),
        (Activity::Tail, MS(8500)),
    ];
    assert_eq!(between(&before, &after), BTreeMap::from(wanted));
    close(charge_between(&before, &after, Cause::PsmFloor), 35.9, 1e-6);
    // 15 mA to 16 mA are published.
    let link = charge_between(&before, &after, Cause::HostLink);
    assert!((156.0..=166.4).contains(&link), "{link}");
}

#[test]
fn idle_listening_draws_what_the_maker_says() {
    // BG96 LTE specification V1.6, M1: 1.5 mA at DRX 1.28 s, 1.2 mA at eDRX 40.96 s.
    let idle = |edrx: Option<&str>| {
        let mut host = bg96("uart-sleep = \"6s\"", "");
        if let Some(line) = edrx {
            assert!(host.ok(line));
        }
        host.wait(60);
        let before = meter(&mut host);
        host.wait(1000);
        let after = meter(&mut host);
        assert_eq!(between(&before, &after).into_values().collect::<Vec<_>>(), [S(1000)]);
        charge_between(&before, &after, Cause::Idle)
    };
    close(idle(None), 1500.0, 0.01);
    close(idle(Some("AT+CEDRXS=1,4,\"0011\"")), 1200.0, 0.01);
}

#[test]
fn a_polled_modem_costs_more_than_one_left_alone() {
    let run = |poll: bool| {
        let mut host = bg96("uart-sleep = \"6s\"", "");
        assert!(host.ok("AT+CEDRXS=1,4,\"0011\""));
        host.wait(60);
        let before = meter(&mut host);
        for _ in 0..20 {
            if poll {
                host.send(b"AT+CSQ\r");
            }
            host.wait(30);
        }
        (before, meter(&mut host))
    };
    let (before, alone) = run(false);
    assert_eq!(between(&before, &alone).into_values().collect::<Vec<_>>(), [S(600)]);
    assert_eq!(alone.deaf_commands, 0);
    let (before, polled) = run(true);
    // Each of twenty polls finds the line asleep, is lost, and keeps the modem up for six seconds.
    assert_eq!((polled.deaf_commands, polled.commands), (20, before.commands));
    assert_eq!(between(&before, &polled)[&Activity::HostAwake], S(120));
    let link = charge_between(&before, &polled, Cause::HostLink);
    assert!((1800.0..=1920.0).contains(&link), "120 s at 15 mA to 16 mA: {link}");
    assert!(polled.charge(Case::Best).total() > alone.charge(Case::Best).total());
}

#[test]
fn a_modem_that_answers_stays_up_for_the_next_question() {
    let mut host = bg96("uart-sleep = \"6s\"", "");
    host.wait(60);
    host.send(b"AT\r");
    for _ in 0..20 {
        host.wait(5);
        assert_eq!(host.ask("AT"), ["OK"]);
    }
    assert_eq!(host.modem.meter().deaf_commands, 1);
}

#[test]
fn a_host_that_keeps_speaking_keeps_it_out_of_psm_where_the_model_is_so() {
    // SARA-R4 system integration manual UBX-16029218 §1.13.9.4: six seconds of silence.
    let sleeps = |silence: &str| {
        let mut host =
            bg96(&format!("psm-silence = \"{silence}\""), "psm = { active-time = \"4s\", periodic-tau = \"1h\" }");
        assert!(host.ok("AT+CPSMS=1"));
        for _ in 0..60 {
            host.send(b"AT\r");
            host.wait(5);
        }
        let polled = meter(&mut host).sleeps;
        host.wait(60);
        (polled, meter(&mut host).sleeps)
    };
    assert_eq!(sleeps("6s"), (0, 1));
    assert_eq!(sleeps("0s"), (1, 1));
}

#[test]
fn a_usb_link_never_lets_it_rest() {
    let mut host = bg96("usb = true\nuart-sleep = \"6s\"", "");
    host.wait(60);
    let before = meter(&mut host);
    host.wait(600);
    assert_eq!(between(&before, &meter(&mut host)), BTreeMap::from([(Activity::HostAwake, S(600))]));
}

#[test]
fn every_moment_is_accounted_for_whatever_happens() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let run = |step: u64| {
            let mut host = Host::on(&text);
            host.ask("ATE0+CEREG=5;+CSCON=1;+CPSMS=1");
            while host.now < S(40_000) {
                let left = S(40_000) - host.now;
                host.read_until(host.now + left.min(S(step)));
            }
            meter(&mut host)
        };
        let seen = run(40_000);
        assert_eq!(times(&seen).into_values().sum::<Duration>(), S(40_000), "{}", path.display());
        // The same, to the last bit, however often somebody looks.
        assert_eq!(run(7), seen, "{}", path.display());
    }
}

#[test]
fn the_range_and_the_evidence_are_told() {
    let mut host = bg96("", "");
    asleep(&mut host, "11000001");
    let charge = |case| host.modem.meter().charge(case).total();
    assert!(charge(Case::Best) < charge(Case::Typical) && charge(Case::Typical) < charge(Case::Worst));
    // A model without figures of its own has those of the file that it extends.
    let floor = |model: &str| {
        let mut host = Host::on(&format!("[modem]\nmodel = \"{model}\"\nstarts-off = true"));
        host.wait(1000);
        meter(&mut host).charge(Case::Typical)
    };
    assert_eq!(floor("ublox-sara-r410m-02b"), floor("ublox-sara-r4"));
    assert_ne!(floor("ublox-sara-r4"), floor("generic"));
    // The currents of BG95 are those of a community note.
    assert_eq!(Host::bg95("").modem.meter().evidence(), Some(Evidence::Unconfirmed));
    assert_eq!(Meter::default().charge(Case::Worst).total(), 0.0);
}

/// The modem of the comparison on eDRX, which sleeps between two paging windows and whose line sleeps too.
fn edrx_modem() -> lpwa::sim::Scenario {
    include_str!("../fixtures/scenarios/edrx-20s.toml").parse().unwrap()
}

/// Seconds in which it was up, by whatever.
fn awake(meter: &Meter) -> f64 {
    compare::table::awake(meter)
}

/// A virtual day of the real driver, and one of a host that asks for the signal every 30 s, as ModemManager does when
/// nothing happens.
#[tokio::test(start_paused = true)]
async fn a_day_of_lpwa_is_a_tenth_of_a_day_of_polling() {
    let edrx = lpwa::state::Edrx { cycle: MS(20_480), ptw: None };
    let power = PowerRequest { psm: Some(None), edrx: Some(Some(edrx)), ..PowerRequest::default() };
    let settings = lpwa::modem::settings::Settings { power, ..support::wanted() };
    let bench = support::start(&edrx_modem(), settings);
    tokio::time::sleep(S(86_400)).await;
    let managed = bench.modem.meter();
    assert_eq!(bench.state().lifecycle, lpwa::state::Lifecycle::Connected);
    assert_eq!(managed.deaf_commands, 0, "{}", bench.commands());

    let scenario = edrx_modem();
    let mut host = Host {
        modem: scenario.build(bench.modem.with(|m, _| m.definition().clone()).into()),
        now: S(0),
        raw: Vec::new(),
    };
    for _ in 0..86_400 / 30 {
        host.send(b"AT+CIND?\r");
        host.wait(30);
    }
    let polled = meter(&mut host);
    let (ours, theirs) = (awake(&managed), awake(&polled));
    assert!(ours * 10.0 <= theirs, "{ours} s to {theirs} s\n{}", bench.commands());
    println!("awake {ours:.0} s to {theirs:.0} s");
    let charge = |meter: &Meter| meter.charge(Case::Typical).total();
    println!("charge {:.0} mC to {:.0} mC", charge(&managed), charge(&polled));
    assert!(charge(&managed) < charge(&polled));
}

/// The tool of `make compare-energy` in short. Nothing is said of its figures: this machine may be busy.
#[test]
fn the_comparison_fills_its_columns() {
    use compare::manager::{Lpwa, ModemManager};
    let span = S(10);
    let case = &compare::cases()[0];
    let runs = std::thread::scope(|scope| {
        let lpwa = scope.spawn(|| compare::managed::<Lpwa>(case, span));
        let other = ModemManager::is_installed().then(|| scope.spawn(|| compare::managed::<ModemManager>(case, span)));
        let managed = [Some(lpwa), other].into_iter().flatten().map(|run| run.join().unwrap());
        std::iter::once(compare::alone(case, span)).chain(managed).collect::<Vec<_>>()
    });
    for run in runs.iter().skip(1) {
        assert!(run.end.meter.commands > 0, "{} said nothing", run.name);
        assert!(run.end.meter.charge(Case::Typical).total() > 0.0, "{}", run.name);
    }
    let table = compare::table::table(case, span, &runs);
    for name in ["nobody", "lpwa", "awake, s", "charge, mC", "managed in the end", "a day"] {
        assert!(table.contains(name), "no {name} in\n{table}");
    }
}
