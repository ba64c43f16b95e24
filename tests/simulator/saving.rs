//! Power saving: TS 27.007 clauses 7.38 and 7.40, TS 24.301 clause 5.3.11, transcripts T-27 to T-31.

use std::time::Duration;

use crate::host::{Host, lines};

const PSM: &str = "AT+CPSMS=1,,,\"00111000\",\"00000101\"";

fn seconds(host: &Host) -> u64 {
    host.now.as_secs()
}

#[test]
fn psm_puts_a_bg95_to_sleep_and_the_power_key_wakes_it() {
    let mut host = Host::bg95("");
    assert!(host.ok(PSM) && host.ok("AT+CEREG=5;+CSCON=1"));
    // Asked for 24 h and 10 s; released 10 s after the last signalling, asleep 10 s after that (T3324).
    let steps = host.wait(60);
    assert!(steps.contains(&"+CEREG: 1,\"1A2D\",\"000D4F3C\",8,,,\"00000101\",\"00111000\"".to_owned()), "{steps:?}");
    assert_eq!(&steps[steps.len() - 2..], ["+CSCON: 0", "PSM POWER DOWN"]);
    assert!(host.modem.is_asleep());
    // Deaf: nothing is answered, and the meter counts it.
    host.send(b"AT\rAT+CSQ\r");
    assert_eq!(host.wait(60), [""; 0]);
    assert_eq!(host.modem.meter().deaf_commands, 2);
    let commands = host.modem.meter().commands;
    host.modem.wake(host.now);
    let woken = seconds(&host);
    assert_eq!(host.wait(5)[..2], ["RDY", "APP RDY"]);
    assert!(host.modem.meter().sleeps == 1 && host.modem.meter().boots == 1);
    // It starts anew, but is registered still: no attach, only an update.
    host.ask("ATE0");
    assert_eq!(host.get("AT+CGATT?;+CEREG?"), ["+CGATT: 1", "+CEREG: 0,1"]);
    assert_eq!(host.modem.meter().commands, commands + 2);
    let rest = host.wait(60);
    assert_eq!(rest.last().map(String::as_str), Some("PSM POWER DOWN"), "{rest:?}");
    assert!(seconds(&host) - woken < 70);
}

#[test]
fn t3412_wakes_it_by_itself() {
    let mut host = Host::bg95("");
    // TAU 2 h, active time 20 s.
    host.ok("AT+CPSMS=1,,,\"00100010\",\"00001010\"");
    let first = host.wait(120);
    assert_eq!(first.last().map(String::as_str), Some("PSM POWER DOWN"));
    let slept = host.modem.meter().asleep(host.now);
    assert_eq!(host.wait(7000), [""; 0]);
    let lines = host.wait(400);
    assert_eq!(lines[0], "RDY");
    assert_eq!(lines.last().map(String::as_str), Some("PSM POWER DOWN"), "and sleeps again: {lines:?}");
    let meter = host.modem.meter();
    let asleep = meter.asleep(host.now) - slept;
    assert!(asleep > Duration::from_secs(7000), "{asleep:?}");
    assert_eq!((meter.sleeps, meter.deaf_commands), (2, 0));
}

#[test]
fn a_network_that_refuses_psm_keeps_it_awake() {
    let mut host = Host::bg95("[network]\npsm = { refuse = true }\nedrx = { refuse = true }");
    host.ok(PSM);
    host.ok("AT+CEREG=4;+CEDRXS=2,4,\"0101\"");
    host.register();
    assert!(host.get("AT+CEREG?")[0].ends_with(",,,\"11100000\",\"11100000\""));
    assert_eq!(host.get("AT+CPSMS?"), ["+CPSMS: 1,,,\"00111000\",\"00000101\""], "what was asked for stays");
    assert_eq!(host.get("AT+CEDRXRDP"), ["+CEDRXRDP: 0"]);
    host.wait(600);
    assert_eq!(host.modem.meter().sleeps, 0);
}

#[test]
fn the_network_may_grant_other_timers() {
    let mut host = Host::bg95(
        "[network]\npsm = { active-time = \"20s\", periodic-tau = \"6000s\" }\nedrx = { cycle = \"20.48s\", ptw = \"2.56s\" }",
    );
    host.ok(PSM);
    host.ok("AT+CEDRXS=2,4,\"0101\"");
    host.register();
    host.ok("AT+CEREG=4");
    // T-31: 00001010 twice is 20 s and 6000 s; QPSMS tells the same in seconds.
    assert!(host.get("AT+CEREG?")[0].ends_with(",\"00001010\",\"00001010\""));
    assert_eq!(host.get("AT+QPSMS?"), ["+QPSMS: 1,,,\"6000\",\"20\""]);
    // WB-S1: 0010 is 20.48 s, window 0001 is 2.56 s.
    assert_eq!(host.get("AT+CEDRXRDP"), ["+CEDRXRDP: 4,\"0101\",\"0010\",\"0001\""]);
}

#[test]
fn a_change_is_negotiated_while_registered() {
    let mut host = Host::bg95("");
    host.register();
    host.ok("AT+CEREG=4;+CSCON=1");
    host.wait(30);
    assert!(host.ok(PSM));
    let steps = host.wait(5);
    assert_eq!(steps[0], "+CSCON: 1");
    assert!(steps.iter().any(|line| line.ends_with(",\"00000101\",\"00111000\"")), "{steps:?}");
    assert!(host.ok("AT+CEDRXS=2,4,\"0101\""));
    assert_eq!(host.wait(5), ["+CEDRXP: 4,\"0101\",\"0101\",\"0011\""]);
    assert!(host.ok("AT+CPSMS=0"));
    assert!(host.wait(5).iter().any(|line| line.ends_with(",\"11100000\",\"11100000\"")));
    assert_eq!(host.get("AT+CPSMS?"), ["+CPSMS: 0,,,\"00111000\",\"00000101\""]);
    assert!(host.ok("AT+CEDRXS=0"));
    assert_eq!(host.get("AT+CEDRXS?"), [""; 0]);
}

#[test]
fn a_window_that_is_asked_for_is_granted_unless_the_network_has_its_own() {
    for (policy, granted) in [("", "0111"), ("[network]\nedrx = { ptw = \"2.56s\" }", "0001")] {
        let mut host = Host::on(&format!("{policy}\n[modem]\nmodel = \"nordic-nrf91\""));
        host.register();
        // Dialects 7 f: eDRX, then %XPTW; a new cycle brings the modem's own window with it.
        assert!(host.ok("AT+CEDRXS=2,4,\"0101\"") && host.ok("AT%XPTW=4,\"0111\""));
        assert_eq!(host.get("AT%XPTW?"), ["%XPTW: 4,\"0111\""]);
        host.wait(5);
        assert_eq!(host.get("AT+CEDRXRDP"), [format!("+CEDRXRDP: 4,\"0101\",\"0101\",\"{granted}\"")]);
        assert!(host.ok("AT+CEDRXS=2,4,\"0010\""));
        assert_eq!(host.get("AT%XPTW?"), [""; 0]);
    }
}

#[test]
fn other_timers_are_no_news_while_psm_is_on_where_the_model_says_so() {
    let mut host = Host::on("[modem]\nmodel = \"simcom-sim7080\"\n[network]\nrrc-release = \"60s\"");
    host.ask("ATE0");
    host.register();
    assert!(host.ok("AT+CEREG=4") && host.ok(PSM));
    host.wait(5);
    let other = "AT+CPSMS=1,,,\"00111000\",\"00001010\"";
    assert!(host.ok(other));
    let told = |lines: &[String]| lines.iter().any(|line| line.contains("\"00001010\",\"00111000\""));
    assert!(!told(&host.wait(30)));
    assert!(host.ok("AT+CPSMS=0") && host.ok(other));
    assert!(told(&host.wait(5)));
}

#[test]
fn no_more_data_ends_the_connection_at_once() {
    let mut host = Host::bg95("[network]\nrrc-release = \"30s\"");
    host.register();
    host.ok("AT+CSCON=1");
    host.wait(60);
    host.modem.happen(host.now, lpwa::sim::Event::Traffic);
    assert_eq!(host.wait(1), ["+CSCON: 1"]);
    assert!(host.ask("AT+CNMPSD").contains(&"+CSCON: 0".to_owned()) || host.wait(1) == ["+CSCON: 0"]);
    assert!(host.ok("AT+CNMPSD"), "nothing is left to end");
    assert_eq!(host.wait(60), [""; 0]);
}

#[test]
fn what_the_model_cannot_do_is_an_error() {
    let mut host = Host::on("[modem]\nmodel = \"ublox-sara-r422\"");
    assert!(!host.ok(PSM), "the model file says psm = false");
    let mut host = Host::bg95("");
    for line in
        ["AT+CPSMS=1,,,\"0011100\",\"00000101\"", "AT+CPSMS=7", "AT+CEDRXS=1,3,\"0101\"", "AT+CEDRXS=1,4,\"01\""]
    {
        assert!(!host.ok(line), "{line}");
    }
}

#[test]
fn a_nordic_answers_while_it_sleeps_and_tells_for_how_long() {
    let mut host = Host::on("[modem]\nmodel = \"nordic-nrf91\"");
    host.ok("AT+CEREG=5;+CSCON=1;%XMODEMSLEEP=1,500,10240");
    // T-30: TAU 46 800 s, active time 16 s; the sleep ends T3412 after the release.
    host.ok("AT+CPSMS=1,,,\"00101101\",\"00001000\"");
    let steps = host.wait(60);
    let sleep = steps.last().expect("a notice");
    let ms: u64 = sleep.strip_prefix("%XMODEMSLEEP: 1,").expect(sleep).parse().unwrap();
    assert_eq!(ms, 46_784_000, "{steps:?}");
    assert!(host.modem.is_asleep());
    assert_eq!(host.get("AT+CESQ").len(), 1, "its command port never sleeps");
    assert!(host.modem.is_asleep(), "a question wakes nobody");
    let text = host.read_until(host.now + Duration::from_secs(46_784));
    assert!(lines(&text).contains(&"%XMODEMSLEEP: 1,0".to_owned()), "{text}");
    // Data to send wakes it before its time.
    host.wait(60);
    assert!(host.modem.is_asleep());
    host.modem.happen(host.now, lpwa::sim::Event::Traffic);
    assert!(!host.modem.is_asleep());
}

#[test]
fn the_first_characters_after_a_silence_are_lost_where_the_model_says_so() {
    let mut host = Host::on("[modem]\nmodel = \"ublox-sara-r422\"");
    host.ask("ATE0");
    host.wait(10);
    host.send(b"AT\r");
    assert_eq!(host.wait(1), [""; 0]);
    assert_eq!(host.ask("AT"), ["OK"]);
}

#[test]
fn a_usb_port_goes_away_with_the_modem() {
    let mut host = Host::on("[modem]\nmodel = \"quectel-bg95\"\nusb = true\nboot = \"3s\"");
    host.ok(PSM);
    host.wait(60);
    assert!(host.modem.is_asleep() && !host.modem.port_present());
    host.modem.wake(host.now);
    host.wait(1);
    assert!(!host.modem.port_present());
    host.wait(3);
    assert!(host.modem.port_present());
}

#[test]
fn a_sleep_while_there_is_no_network_ends_in_a_search() {
    let mut host = Host::bg95("[[event]]\nat = \"100s\"\ncoverage = false\n[[event]]\nat = \"300s\"\ncoverage = true");
    host.ok(PSM);
    host.wait(200);
    assert!(host.modem.is_asleep());
    host.modem.wake(host.now);
    host.wait(10);
    host.ask("ATE0");
    host.ok("AT+CEREG=1");
    assert_eq!(host.get("AT+CEREG?"), ["+CEREG: 1,2"]);
    host.register();
    assert!(seconds(&host) > 300);
}
