//! ITU-T V.250: echo, chains, results; TS 27.007: error forms.

use crate::host::Host;

#[test]
fn echo_and_framing_are_those_of_v250() {
    let mut host = Host::on("[modem]\nmodel = \"quectel-bg95\"");
    host.ask("AT+CGSN");
    // V.250 clause 5.2.3 and table 1: echo, then information and result between CR LF.
    assert_eq!(host.raw, b"AT+CGSN\r\r\n350000000000006\r\n\r\nOK\r\n");
    host.ask("ATE0");
    host.raw.clear();
    host.ask("at+cgsn=1");
    assert_eq!(host.raw, b"\r\n+CGSN: \"350000000000006\"\r\n\r\nOK\r\n");
}

#[test]
fn chained_commands_end_at_the_first_error() {
    let mut host = Host::bg95("");
    assert_eq!(host.ask("ATV1+CMEE=1;+CGSN;&C1"), ["350000000000006", "OK"]);
    assert_eq!(host.ask("AT+CMEE=2;+CEREG=9;+CGSN"), ["+CME ERROR: incorrect parameters"]);
    assert_eq!(host.ask("AT+CMEE=0;+CEREG=9"), ["ERROR"]);
    assert_eq!(host.ask("AT+NOSUCH"), ["ERROR"]);
    assert_eq!(host.ask("AT+CSQ+CSQ"), ["ERROR"]);
}

#[test]
fn results_may_be_numbers_or_nothing() {
    let mut host = Host::bg95("");
    host.send(b"ATV0\r");
    assert_eq!(host.wait(1), ["0"]);
    host.send(b"AT+NOSUCH\r");
    assert_eq!(host.wait(1), ["4"]);
    host.send(b"ATQ1\rAT\r");
    assert_eq!(host.wait(1), [""; 0]);
    assert_eq!(host.ask("ATQ0V1"), ["OK"]);
}

#[test]
fn noise_before_at_is_ignored_and_a_slash_repeats() {
    let mut host = Host::bg95("");
    host.send(b"\xff\x00~xAT+CMEE=2\rgarbage\r\r");
    assert_eq!(host.wait(1), ["OK"]);
    assert_eq!(host.get("AT+CMEE?"), ["+CMEE: 2"]);
    host.send(b"A/");
    assert_eq!(host.wait(1), ["+CMEE: 2", "OK"]);
    let long = format!("AT+CGDCONT=1,\"IP\",\"{}\"", "a".repeat(3000));
    assert_eq!(host.ask(&long), ["ERROR"]);
    assert_eq!(host.ask("AT"), ["OK"]);
}

#[test]
fn commands_sent_ahead_are_answered_in_order() {
    let mut host = Host::bg95("");
    host.send(b"AT+CMEE=1\rAT+CMEE?\rAT+CGSN\r");
    assert_eq!(host.wait(1), ["OK", "+CMEE: 1", "OK", "350000000000006", "OK"]);
}

#[test]
fn settings_are_lost_with_the_power_or_kept_as_the_standard_says() {
    let mut host = Host::bg95("");
    assert!(host.ok("AT+CEREG=5;+CMEE=2;+CGDCONT=1,\"IP\",\"iot.test\";+CPSMS=1,,,\"00111000\",\"00000101\""));
    assert!(host.ok("AT+CFUN=4") && host.ok("AT+CFUN=1"));
    assert!(host.get("AT+CEREG?")[0].starts_with("+CEREG: 5,"), "a CFUN cycle takes nothing away");
    assert_eq!(host.ask("AT+CFUN=1,1"), ["OK"]);
    // T-04, T-40: the banner comes back, and echo with it.
    let banner = host.wait(10);
    assert_eq!(&banner[..2], ["RDY", "APP RDY"]);
    assert!(banner.contains(&"+CPIN: READY".to_owned()));
    assert_eq!(host.ask("AT+CMEE?"), ["AT+CMEE?", "+CMEE: 0", "OK"]);
    host.ask("ATE0");
    assert!(host.get("AT+CEREG?")[0].starts_with("+CEREG: 0,"));
    assert_eq!(host.get("AT+CPSMS?"), ["+CPSMS: 1,,,\"00111000\",\"00000101\""]);
    assert!(host.get("AT+CGDCONT?")[0].starts_with("+CGDCONT: 1,\"IP\",\"iot.test\""));
}

#[test]
fn a_data_call_swallows_bytes_until_it_is_ended() {
    let mut host = Host::bg95("");
    host.register();
    assert_eq!(host.ask("ATD*99***1#"), ["CONNECT 150000000"]);
    host.wait(2);
    host.send(b"\x7e\xff\x7d\x23AT+CGSN\r");
    assert_eq!(host.wait(2), [""; 0]);
    host.send(b"+++");
    assert_eq!(host.answer(), ["OK"]);
    assert_eq!(host.get("AT+CGSN"), ["350000000000006"]);
    assert_eq!(host.ask("ATO"), ["CONNECT 150000000"]);
    // DTR drops with the port.
    host.modem.port_closed(host.now);
    host.modem.port_opened(host.now);
    assert_eq!(host.get("AT+CGSN"), ["350000000000006"]);
    assert_eq!(host.ask("ATD123;"), ["NO CARRIER"]);
}
