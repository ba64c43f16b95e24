//! The SIM card: TS 27.007 clause 8.3, TS 31.101 clauses 11.1.9 and 11.1.13, transcripts T-23 to T-26.

use crate::host::Host;

#[test]
fn a_missing_card_has_three_forms_of_error() {
    let mut host = Host::bg95("[sim]\npresent = false");
    assert_eq!(host.ask("AT+CPIN?"), ["ERROR"]);
    assert_eq!(host.ask("AT+CMEE=1;+CPIN?"), ["+CME ERROR: 10"]);
    assert_eq!(host.ask("AT+CMEE=2;+CPIN?"), ["+CME ERROR: SIM not inserted"]);
    assert_eq!(host.ask("AT+QCCID"), ["+CME ERROR: SIM not inserted"]);
    assert_eq!(host.ask("AT+CIMI"), ["+CME ERROR: SIM not inserted"]);
    host.wait(120);
    assert_eq!(host.get("AT+CGATT?"), ["+CGATT: 0"]);
}

#[test]
fn a_pin_unlocks_the_card_and_the_radio_goes_on() {
    let mut host = Host::bg95("[sim]\npin-required = true\npin = \"4711\"");
    assert_eq!(host.get("AT+CPIN?"), ["+CPIN: SIM PIN"]);
    assert_eq!(host.ask("AT+CMEE=1;+CIMI"), ["+CME ERROR: 11"]);
    assert_eq!(host.get("AT+CRSM=176,12258,0,0,10"), ["+CRSM: 144,0,\"989979000000000000F1\""]);
    assert!(host.ok("AT+CPIN=\"4711\""));
    // T-24: OK first, the ready notice a little later, the card busy in between.
    assert_eq!(host.ask("AT+CPIN?"), ["+CME ERROR: 14"]);
    assert_eq!(host.wait(2), ["+CPIN: READY"]);
    assert_eq!(host.get("AT+CIMI"), ["999700000000001"]);
    host.register();
    assert_eq!(host.modem.meter().pin_attempts.len(), 1);
}

#[test]
fn three_wrong_pins_ask_for_the_puk() {
    let mut host = Host::bg95("[sim]\npin-required = true");
    host.ask("AT+CMEE=1");
    for left in [2, 1, 0] {
        assert_eq!(host.ask("AT+CPIN=\"9999\""), ["+CME ERROR: 16"]);
        assert_eq!(host.get("AT+CPINR=\"SIM PIN\""), [format!("+CPINR: \"SIM PIN\",{left},3")]);
        assert_eq!(host.get("AT+QPINC=\"SC\""), [format!("+QPINC: \"SC\",{left},10")]);
        assert_eq!(host.get("AT+CSIM=10,\"0020000100\""), [format!("+CSIM: 4,\"63C{left}\"")]);
    }
    // T-25.
    assert_eq!(host.get("AT+CPIN?"), ["+CPIN: SIM PUK"]);
    assert_eq!(host.ask("AT+CPIN=\"1234\""), ["+CME ERROR: 12"]);
    assert!(host.ok("AT+CPIN=\"12345678\",\"5555\""));
    host.wait(1);
    assert_eq!(host.get("AT+CPIN?"), ["+CPIN: READY"]);
    let attempts = &host.modem.meter().pin_attempts;
    let codes: Vec<_> = attempts.iter().map(|a| (a.code.reveal().as_str(), a.accepted)).collect();
    assert_eq!(codes, [("9999", false), ("9999", false), ("9999", false), ("12345678", true)]);
    // A power cycle asks for the new PIN; the counter is on the card.
    host.modem.reset(host.now);
    host.wait(10);
    host.ask("ATE0");
    assert_eq!(host.get("AT+CPIN?"), ["+CPIN: SIM PIN"]);
}

#[test]
fn what_is_no_pin_costs_no_try() {
    let mut host = Host::bg95("[sim]\npin-required = true");
    for pin in ["12", "123456789", "12a4", ""] {
        assert!(!host.ok(&format!("AT+CPIN=\"{pin}\"")));
    }
    assert_eq!(host.modem.card().pin_tries, 3);
    assert!(host.modem.meter().pin_attempts.is_empty());
    host.ok("AT+CPIN=1234");
    host.wait(1);
    assert!(!host.ok("AT+CPIN=\"1234\""), "no code is asked for any more");
    assert_eq!(host.get("AT+CLCK=\"SC\",2"), ["+CLCK: 1"]);
    assert!(host.ok("AT+CLCK=\"SC\",0,\"1234\""));
    assert_eq!(host.get("AT+CLCK=\"SC\",2"), ["+CLCK: 0"]);
}

#[test]
fn a_card_can_be_taken_out_and_put_back() {
    let mut host = Host::bg95("[[event]]\nat = \"60s\"\ncard = false\n[[event]]\nat = \"90s\"\ncard = true");
    host.register();
    host.ok("AT+CEREG=1");
    let lines = host.wait(100);
    assert!(lines.contains(&"+CPIN: NOT READY".to_owned()), "{lines:?}");
    assert!(lines.contains(&"+CEREG: 0".to_owned()), "{lines:?}");
    assert_eq!(lines[lines.len() - 3..], ["+CPIN: READY", "+CEREG: 2", "+CEREG: 1"]);
}
