//! Faults: each kind does what it says, once, and the same in every run.

use std::time::Duration;

use lpwa::sim::{Fault, FaultKind};

use crate::host::Host;

fn with(fault: &str) -> Host {
    let mut host = Host::on(&format!("[modem]\nmodel = \"quectel-bg95\"\nboot = \"3s\"\n[[fault]]\n{fault}"));
    host.ask("ATE0");
    host.raw.clear();
    host
}

#[test]
fn garbage_comes_before_and_inside_the_answer() {
    let mut host = with("kind = \"garbage\"\ncommand = 2");
    host.send(b"AT+CGSN\r");
    host.wait(1);
    let clean = b"\r\n350000000000006\r\n\r\nOK\r\n";
    assert_eq!(host.raw.len(), clean.len() + 15);
    assert!(!host.raw.starts_with(b"\r\n"));
    assert_eq!(host.get("AT+CGSN"), ["350000000000006"], "once");
}

#[test]
fn half_a_line_waits_for_its_rest() {
    let mut host = with("kind = \"half-line\"\ncommand = 2\nfor = \"3s\"");
    host.send(b"AT+CGSN\r");
    let first = host.read_until(host.now + Duration::from_secs(2));
    assert!(!first.is_empty() && !first.contains("OK"), "{first:?}");
    assert_eq!(first + &host.read_until(host.now + Duration::from_secs(2)), "\r\n350000000000006\r\n\r\nOK\r\n");
}

#[test]
fn a_truncated_answer_never_ends() {
    let mut host = with("kind = \"truncated\"\ncommand = 2");
    host.send(b"AT+CGSN\r");
    let seen = host.read_until(host.now + Duration::from_secs(100));
    assert!(!seen.is_empty() && !seen.contains("OK"));
    assert_eq!(host.ask("AT").last().map(String::as_str), Some("OK"));
}

#[test]
fn a_hang_swallows_commands_for_a_time_or_for_ever() {
    let mut host = with("kind = \"hang\"\ncommand = 2\nfor = \"30s\"");
    host.send(b"AT\rAT\r");
    assert_eq!(host.wait(29), [""; 0]);
    host.wait(2);
    assert_eq!(host.ask("AT"), ["OK"]);
    let mut host = with("kind = \"hang\"\ncommand = 2");
    host.send(b"AT\r");
    assert_eq!(host.wait(86_400), [""; 0]);
    host.modem.reset(host.now);
    assert_eq!(host.wait(5)[0], "RDY", "the reset line ends it");
}

#[test]
fn a_reboot_comes_instead_of_the_answer() {
    // T-40.
    let mut host = with("kind = \"reboot\"\ncommand = 3");
    host.ok("AT+CMEE=1");
    host.send(b"AT+CGSN\r");
    let lines = host.wait(10);
    assert_eq!(lines[..2], ["RDY", "APP RDY"]);
    assert_eq!(host.ask("AT+CMEE?"), ["AT+CMEE?", "+CMEE: 0", "OK"], "echo is on again");
}

#[test]
fn a_port_vanishes_and_comes_back_with_the_modem_as_it_was() {
    let mut host = with("kind = \"vanish\"\ncommand = 3\nfor = \"20s\"");
    host.ok("AT+CMEE=1");
    host.send(b"AT+CGSN\r");
    assert_eq!(host.wait(19), [""; 0]);
    assert!(!host.modem.port_present());
    host.wait(2);
    assert!(host.modem.port_present());
    assert_eq!(host.get("AT+CMEE?"), ["+CMEE: 1"]);
}

#[test]
fn errors_and_slow_answers() {
    let mut host = with("kind = \"error\"\ncommand = 3\n[[fault]]\nkind = \"error\"\ncommand = 4\ncode = 14");
    host.ok("AT+CMEE=1");
    assert_eq!(host.ask("AT+CGSN"), ["ERROR"]);
    assert_eq!(host.ask("AT+CGSN"), ["+CME ERROR: 14"]);
    let mut host = with("kind = \"slow\"\ncommand = 2\nfor = \"12s\"");
    let before = host.now;
    assert_eq!(host.ask("AT"), ["OK"]);
    assert!(host.now - before >= Duration::from_secs(12));
}

#[test]
fn a_time_is_as_good_as_a_command() {
    let mut host = with("kind = \"garbage\"\nat = \"10s\"\n[[fault]]\nkind = \"error\"\nat = \"20s\"");
    host.wait(9);
    assert!(host.raw.is_empty());
    host.wait(2);
    assert_eq!(host.raw.len(), 24, "noise by itself");
    assert_eq!(host.ask("AT").last().map(String::as_str), Some("OK"));
    host.wait(20);
    assert_eq!(host.ask("AT"), ["ERROR"]);
    assert_eq!(host.ask("AT"), ["OK"]);
}

#[test]
fn every_fault_at_every_command_leaves_a_modem_that_answers_again() {
    let scenario: lpwa::sim::Scenario = "[modem]\nmodel = \"quectel-bg95\"\nboot = \"3s\"".parse().unwrap();
    let definition = lpwa::modem::definition::Library::builtin().get("quectel-bg95").unwrap();
    let script = ["ATE0", "AT+CGSN", "AT+CFUN=4", "AT+CFUN=1", "AT+CEREG=2;+CEREG?"];
    for kind in FaultKind::ALL.into_iter().filter(|kind| *kind != FaultKind::Hang) {
        for (n, scenario) in scenario.with_fault_at_each(kind, script.len() as u64) {
            let mut host = Host { modem: scenario.build(definition.clone()), now: Duration::ZERO, raw: Vec::new() };
            for line in script {
                host.send(format!("{line}\r").as_bytes());
                host.wait(60);
            }
            host.ask("ATE0");
            assert_eq!(host.ask("AT"), ["OK"], "{kind:?} at {n}");
        }
    }
}

#[test]
fn a_seed_fixes_every_byte() {
    let run = |seed: u64| {
        let mut host = Host::on(&format!(
            "seed = {seed}\n[modem]\nmodel = \"quectel-bg95\"\n[[fault]]\nkind = \"garbage\"\ncommand = 3\n[[fault]]\nkind = \"reboot\"\nat = \"40s\""
        ));
        host.ask("ATE0+CEREG=5;+CSCON=1;+CGEREP=1");
        host.wait(30);
        host.ask("AT+CGPADDR");
        host.wait(7200);
        (host.raw, host.modem.meter().clone())
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3).0, run(4).0);
}

#[test]
fn faults_can_be_made_in_code() {
    let fault = Fault::at_command(FaultKind::Slow, 1).lasting(Duration::from_secs(2));
    let mut host = Host::on("[modem]\nmodel = \"generic\"");
    host.modem.add_fault(fault);
    host.ask("AT");
    assert!(host.now >= Duration::from_secs(2));
}
