//! Starting, reloading, stopping; modems that go and come back; what the command says and how it ends.

use std::fs;

use rustix::process::Signal;

use crate::house::{House, config, eventually, is_up};

/// A BG95 that is up on a unix socket, and where.
fn up() -> (House, [crate::house::Process; 2], String) {
    let house = House::new();
    let at = format!("unix:{}", house.path("m0").display());
    let modem = house.simulate("quectel-bg95", &at);
    let daemon = house.daemon(&config(&at, ""));
    house.wait("connected", is_up);
    (house, [modem, daemon], at)
}

#[test]
fn the_command_ends_with_the_documented_codes() {
    let house = House::new();
    house.says(3, &["list"]);
    house.says(2, &["frobnicate"]);
    house.says(2, &["daemon", "--bus", "nonsense"]);
    house.says(2, &["simulate", "nokia-3310"]);
    house.says(1, &["replay", "missing.transcript"]);
    let _daemon = house.daemon(&config(&format!("unix:{}", house.path("m0").display()), ""));
    house.says(4, &["show", "m7"]);
    let absent = house.says(0, &["status"]);
    assert!(absent.contains("absent") && absent.contains("no such port"), "{absent}");
    house.says(10, &["connect", "m0"]);
}

#[test]
fn a_technician_asks_and_switches() {
    let (house, _running, _) = up();
    assert!(house.says(0, &["status"]).starts_with("m0: online"));
    assert!(house.says(0, &["list"]).contains("connected"));
    assert!(house.says(0, &["signal"]).contains("RSRP"));
    assert!(house.says(0, &["at", "ATI"]).contains("Quectel"));
    assert!(house.says(1, &["at", "m0", "AT+NONSENSE"]).contains("ERROR"));
    assert!(house.says(0, &["disconnect"]).starts_with("m0: registered"));
    assert!(house.says(0, &["connect"]).starts_with("m0: connected"));
    assert!(house.says(0, &["disable"]).starts_with("m0: off"));
    assert!(house.says(0, &["enable"]).starts_with("m0: connected"));
    house.says(0, &["reset"]);
    house.wait("connected after a reset", is_up);
}

#[test]
fn what_was_recorded_replays() {
    let (house, _running, _) = up();
    house.says(0, &["record", "-o", "field.transcript"]);
    house.says(0, &["replay", "field.transcript", "--bless"]);
    assert!(house.says(0, &["replay", "field.transcript"]).contains("ok"));
    let timeline = house.says(0, &["replay", "field.transcript", "--timeline"]);
    for event in ["> AT+CGDCONT=1,\"IPV4V6\",\"iot.test\"", "PSM granted as asked, 1 h / 10 s", "connected", "data up"]
    {
        assert!(timeline.contains(event), "{event} is not in {timeline}\n{}", house.log("field.transcript"));
    }
    house.write("field.timeline", &timeline.replace("connected", "sulking"));
    let said = house.says(1, &["replay", "field.transcript"]);
    assert!(said.contains("sulking") && said.contains("line "), "{said}");
}

#[test]
fn a_simulator_that_dies_is_waited_for() {
    let (house, [modem, _daemon], at) = up();
    drop(modem);
    house.wait("absent", |doc| doc["state"] == "absent" && doc["state_reason"].is_string());
    let _modem = house.simulate("quectel-bg95", &at);
    house.wait("connected again", is_up);
}

#[test]
fn a_bad_file_keeps_what_runs() {
    let (house, [_modem, daemon], _) = up();
    let good = fs::read_to_string(house.path("lpwa.toml")).unwrap();
    house.write("lpwa.toml", "[[modem]]\nid = \"m0\"\nat = \"nowhere\"\napm = \"x\"\n");
    let said = house.says(2, &["reload"]);
    for mistake in ["lpwa.toml:3", "lpwa.toml:4", "did you mean \"apn\"?"] {
        assert!(said.contains(mistake), "{mistake} is not in {said}");
    }
    daemon.signal(Signal::HUP);
    eventually("the mistakes told", || {
        let log = house.log("daemon.log");
        if log.contains("kept as it was") { Ok(()) } else { Err(log) }
    });
    assert!(is_up(&house.show().unwrap()));
    // The good one again, with a second modem.
    house.write("lpwa.toml", &format!("{good}[[modem]]\nid = \"m1\"\nat = \"unix:/nowhere\"\n"));
    daemon.signal(Signal::HUP);
    eventually("two modems", || {
        let list = house.says(0, &["list"]);
        if list.contains("m1 ") { Ok(()) } else { Err(list) }
    });
    assert!(is_up(&house.show().unwrap()), "m0 was left alone");
}

#[test]
fn mistakes_are_told_all_at_once_and_nothing_starts() {
    let house = House::new();
    let file =
        house.write("lpwa.toml", "[daemon]\nlisten = 3\n[[modem]]\nid = \"M 0\"\n[[modem]]\nid = \"m1\"\nat = 5\n");
    let said = house.says(2, &["daemon", "--bus", "none", "--config", file.to_str().unwrap()]);
    for line in [2, 4, 7] {
        assert!(said.contains(&format!("lpwa.toml:{line}: ")), "line {line} is not in {said}");
    }
}

#[test]
fn sigterm_ends_well() {
    let (house, [mut modem, mut daemon], _) = up();
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().code(), Some(0), "{}", house.log("daemon.log"));
    assert!(!house.path("lpwa.sock").exists());
    modem.signal(Signal::INT);
    assert_eq!(modem.ended().code(), Some(0));
    assert!(!house.path("m0").exists());
    let account = house.log("modem.log");
    assert!(account.contains("commands  ") && account.contains("awake "), "{account}");
}

#[test]
fn a_wrong_pin_is_sent_once() {
    let house = House::new();
    let at = format!("unix:{}", house.path("m0").display());
    let _modem = house.simulate_scenario("quectel-bg95", &at, "[sim]\npin-required = true\npin = \"4321\"\n");
    house.write("pin", "1234\n");
    let _daemon = house.daemon(&config(&at, "pin_file = \"pin\""));
    let locked = house.wait("locked", |doc| doc["state"] == "locked");
    assert!(locked["state_reason"].as_str().is_some_and(|reason| reason.contains("PIN")), "{locked:#}");
    house.says(7, &["connect"]);
    let recorded = house.says(0, &["record", "--personal-data"]);
    assert_eq!(recorded.matches("> AT+CPIN=\"1234\"").count(), 1, "{recorded}");
    house.write("right", "4321\n");
    house.says(0, &["sim", "unlock", "m0", "--pin-file", "right"]);
    house.wait("connected", is_up);
    assert!(!house.says(0, &["record"]).contains("\"4321\""));
}
