//! Every shipped scenario reads, runs, and does what its title says.

use std::time::Duration;

use lpwa::sim::Scenario;

use crate::host::Host;

fn shipped() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &std::path::Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

fn host(name: &str) -> Host {
    let (_, text) = shipped().into_iter().find(|(n, _)| n == name).expect("the scenario is shipped");
    let mut host = Host::on(&text);
    host.ask("ATE0+CMEE=1");
    host
}

#[test]
fn all_of_them_read_and_run_a_day_the_same_twice() {
    let files = shipped();
    assert!(files.len() >= 11, "{}", files.len());
    for (name, text) in files {
        let scenario: Scenario = text.parse().unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_ne!(scenario.title, Scenario::default().title, "{name} has a title of its own");
        let day = || {
            let mut host = Host::on(&text);
            host.ask("ATE0+CEREG=5;+CSCON=1;+CPSMS=1");
            host.wait(86_400);
            host.raw
        };
        assert_eq!(day(), day(), "{name}");
    }
}

#[test]
fn home_and_roaming_register() {
    let mut home = host("home");
    home.register();
    assert_eq!(home.get("AT+CEREG?"), ["+CEREG: 0,1"]);
    let mut roaming = host("roaming");
    roaming.register();
    assert_eq!(roaming.get("AT+CEREG?"), ["+CEREG: 0,5"]);
}

#[test]
fn the_unhappy_ones_are_unhappy_in_their_way() {
    let mut denied = host("denied-plmn");
    denied.ok("AT+CEREG=3");
    denied.wait(30);
    assert!(denied.get("AT+CEREG?")[0].ends_with(",0,11"));
    let mut apn = host("apn-unknown");
    apn.register();
    assert!(apn.ok("AT+CGDCONT=2,\"IP\",\"other\"") && apn.ok("AT+CNEC=16"));
    assert_eq!(apn.ask("AT+CGACT=1,2")[0], "+CNEC_ESM: 27,2");
    assert_eq!(host("pin-locked").get("AT+CPIN?"), ["+CPIN: SIM PIN"]);
    let mut wrong = host("wrong-pin");
    assert_eq!(wrong.ask("AT+CPIN=\"1234\""), ["+CME ERROR: 16"]);
    assert_eq!(wrong.get("AT+CPIN?"), ["+CPIN: SIM PIN"]);
    assert_eq!(wrong.modem.card().pin_tries, 1);
    let mut empty = host("no-sim");
    assert_eq!(empty.ask("AT+CPIN?"), ["+CME ERROR: 10"]);
    empty.wait(610);
    assert_eq!(empty.get("AT+CPIN?"), ["+CPIN: READY"]);
}

#[test]
fn coverage_flaps_every_two_minutes() {
    let mut host = host("flapping-coverage");
    host.ok("AT+CEREG=1");
    let lines = host.wait(3600);
    let lost = lines.iter().filter(|line| *line == "+CEREG: 2").count();
    assert!((29..=31).contains(&lost), "{lost}");
}

#[test]
fn a_slow_modem_is_slow() {
    let mut host = host("slow-modem");
    let start = host.now;
    host.ok("AT+CFUN=4");
    assert!(host.now - start >= Duration::from_secs(90));
}

#[test]
fn a_sleepy_modem_sleeps_most_of_the_day() {
    let mut host = host("sleepy");
    host.ok("AT+CPSMS=1");
    host.wait(86_400);
    let meter = host.modem.meter();
    assert!((23..=25).contains(&meter.sleeps), "{}", meter.sleeps);
    assert!(meter.awake(host.now) < Duration::from_secs(24 * 60), "{:?}", meter.awake(host.now));
}
