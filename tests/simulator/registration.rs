//! Registration: TS 27.007 clauses 7.2, 7.3 and 10.1, TS 24.301 clause 5.5.1, transcripts T-11, T-18, T-20.

use crate::host::Host;

/// A notice as the host sees it, without the numbers of the cell.
fn starts(lines: &[String], with: &str) -> bool {
    lines.iter().any(|line| line.starts_with(with))
}

#[test]
fn quectel_numbers_the_technologies_its_own_way() {
    // Dialects 1.6 and 3: AcT 8 is LTE-M on BG9x, 9 is NB-IoT; elsewhere LTE-M is 7.
    for (model, rat, act) in [
        ("quectel-bg95", "lte-m", 8),
        ("quectel-bg95", "nb-iot", 9),
        ("simcom-sim7080", "lte-m", 7),
        ("nordic-nrf91", "nb-iot", 9),
        ("ublox-sara-r5", "lte-m", 7),
        ("generic", "lte", 7),
    ] {
        let mut host = Host::on(&format!(
            "[modem]\nmodel = \"{model}\"\nrats = [\"{rat}\"]\n[[network.cell]]\nrat = \"{rat}\"\ntac = 0xB4DC\ncell-id = 0xAE520"
        ));
        host.ask("ATE0");
        host.register();
        host.ok("AT+CEREG=2");
        assert_eq!(host.get("AT+CEREG?"), [format!("+CEREG: 2,1,\"B4DC\",\"000AE520\",{act}")], "{model}");
        assert_eq!(host.get("AT+COPS=3,2;+COPS?"), [format!("+COPS: 0,2,\"99970\",{act}")], "{model}");
    }
}

#[test]
fn notices_tell_every_step_of_an_attach() {
    let mut host = Host::bg95("[network]\nrrc-release = \"8s\"\n[[network.cell]]\nplmn = \"00101\"");
    host.ask("AT+CFUN=4");
    assert_eq!(host.get("AT+CEREG=5;+CSCON=1;+CEREG?"), ["+CEREG: 5,0"]);
    host.send(b"AT+CFUN=1\r");
    let steps = host.wait(30);
    let wanted = [
        "OK",
        "+CEREG: 2,\"1A2D\",\"000D4F3C\",8",
        "+CSCON: 1",
        // T-11, T-18: both timers deactivated where the network grants no PSM.
        "+CEREG: 5,\"1A2D\",\"000D4F3C\",8,,,\"11100000\",\"11100000\"",
        "+CSCON: 0",
    ];
    assert_eq!(steps, wanted);
    assert_eq!(host.get("AT+CFUN=0;+CEREG?"), ["+CEREG: 0", "+CEREG: 5,0"]);
}

#[test]
fn a_refusal_moves_on_to_another_network_with_stat_2() {
    // T-18: EMM 11 with stat 2, then the next network.
    let network = "[network]\nreject = { cause = 11, plmn = \"99970\" }\n[[network.cell]]\n[[network.cell]]\nplmn = \"00101\"\ntac = 0xA2EB\ncell-id = 0x51F115";
    let mut host = Host::bg95(network);
    host.ok("AT+CFUN=4");
    host.ok("AT+CEREG=5;+CNEC=24");
    host.send(b"AT+CFUN=1\r");
    let steps = host.wait(30);
    assert!(steps.contains(&"+CEREG: 2,\"1A2D\",\"000D4F3C\",8,0,11".to_owned()), "{steps:?}");
    assert!(steps.contains(&"+CNEC_EMM: 11".to_owned()), "{steps:?}");
    assert!(starts(&steps, "+CEREG: 5,\"A2EB\",\"0051F115\",8,,,"), "{steps:?}");
    assert!(!starts(&steps, "+CEREG: 3"), "{steps:?}");
}

#[test]
fn with_no_other_network_it_is_denied() {
    let mut host = Host::bg95("[network]\nreject = { cause = 11 }");
    host.ok("AT+CEREG=5");
    let steps = host.wait(30);
    assert!(starts(&steps, "+CEREG: 3,\"1A2D\",\"000D4F3C\",8,0,11"), "{steps:?}");
    assert_eq!(host.wait(86_400), [""; 0], "TS 24.301 clause 5.5.1.2.5: no second attempt");
    assert!(host.get("AT+CEREG?")[0].starts_with("+CEREG: 5,3,"));
    assert_eq!(host.ask("AT+CMEE=1;+CGACT=1,1"), ["+CME ERROR: 30"]);

    let mut host = Host::on("[modem]\nmodel = \"nordic-nrf91\"\ndenied-stat = 2\n[network]\nreject = { cause = 7 }");
    host.ok("AT+CEREG=5");
    host.wait(30);
    assert_eq!(host.get("AT+CEREG?"), ["+CEREG: 5,2,\"1A2D\",\"000D4F3C\",7,0,7"]);
}

#[test]
fn the_circuit_domain_may_say_something_else() {
    let mut host = Host::on("[modem]\nmodel = \"generic\"\ncreg-denied = true\n[[network.cell]]\nplmn = \"00101\"\nrat = \"lte\"");
    assert_eq!(host.ask("ATE0"), ["ATE0", "OK"]);
    host.register();
    // T-20.
    assert_eq!(host.get("AT+CREG?;+CGREG?;+CEREG?"), ["+CREG: 0,3", "+CGREG: 0,5", "+CEREG: 0,5"]);
}

#[test]
fn vendors_put_a_field_into_cereg() {
    let shape = |shape: &str, model: &str| {
        let mut host = Host::on(&format!("[modem]\nmodel = \"{model}\"\ncereg = \"{shape}\""));
        host.ask("ATE0");
        host.register();
        host.get("AT+CEREG=4;+CEREG?")[0].clone()
    };
    // Dialects 1.6 and standards 1.4.
    let timers = ",,,\"11100000\",\"11100000\"";
    assert_eq!(shape("rac-after-act", "simcom-sim7080"), format!("+CEREG: 4,1,\"1A2D\",\"000D4F3C\",7,\"00\"{timers}"));
    assert_eq!(shape("rac-after-tac", "ublox-sara-r4"), format!("+CEREG: 4,1,\"1A2D\",\"1B\",\"000D4F3C\",8{timers}"));
    let mut host = Host::on("[modem]\nmodel = \"simcom-sim7080\"");
    assert!(!host.ok("AT+CEREG=5"), "the model file says 4");
}

#[test]
fn coverage_that_flaps_shows_and_contexts_survive() {
    let mut host = Host::bg95("[[event]]\nat = \"60s\"\ncoverage = false\n[[event]]\nat = \"120s\"\ncoverage = true");
    host.register();
    host.ok("AT+CEREG=1;+CGEREP=1");
    let lines = host.wait(180);
    assert_eq!(lines, ["+CEREG: 2", "+CEREG: 1"]);
    assert_eq!(host.get("AT+CGACT?"), ["+CGACT: 1,1"]);
}

#[test]
fn a_network_can_be_chosen_and_left() {
    let mut host = Host::bg95("[[network.cell]]\n[[network.cell]]\nplmn = \"00101\"\noperator = \"Elsewhere\"\ncell-id = 7");
    host.register();
    // TS 27.007 clause 7.3: 2 current, 1 available; numbers of technology as the modem has them.
    let scan = host.get("AT+COPS=?");
    assert_eq!(scan, ["+COPS: (2,\"lpwa test\",\"lpwa tes\",\"99970\",8),(1,\"Elsewhere\",\"Elsewher\",\"00101\",8),,(0-4),(0-2)"]);
    assert!(host.now.as_secs() >= 45, "a scan takes its time");
    assert!(host.ok("AT+COPS=1,2,\"00101\",8"));
    host.register();
    assert_eq!(host.get("AT+COPS?"), ["+COPS: 1,0,\"Elsewhere\",8"]);
    assert_eq!(host.ask("AT+CMEE=1;+COPS=1,2,\"00102\""), ["+CME ERROR: 30"]);
    assert!(host.ok("AT+COPS=2"));
    host.wait(60);
    assert_eq!(host.get("AT+COPS?"), ["+COPS: 2"]);
    assert!(host.ok("AT+COPS=0"));
    host.register();
    assert_eq!(host.get("AT+CSCS=\"UCS2\";+COPS?"), ["+COPS: 0,0,\"006C00700077006100200074006500730074\",8"]);
}

#[test]
fn contexts_are_granted_or_refused() {
    let mut host = Host::on("[modem]\nmodel = \"generic\"\n[network]\napns = [\"iot.test\"]\naddresses = \"ipv4\"\ndns = [\"192.0.2.53\"]\n[[network.cell]]\nrat = \"lte\"");
    host.ask("ATE0");
    host.register();
    host.ok("AT+CMEE=2;+CNEC=24;+CGEREP=1");
    assert!(host.ok("AT+CGDCONT=1,\"IPV4V6\",\"wrong\""));
    // ESM 27 (TS 24.301 clause 9.9.4.4).
    assert_eq!(host.ask("AT+CGACT=1,1"), ["+CNEC_ESM: 27,1", "+CME ERROR: unspecified GPRS error"]);
    assert_eq!(host.get("AT+CEER"), ["+CEER: ESM cause 27"]);
    assert!(host.ok("AT+CGDCONT=1,\"IPV4V6\",\"iot.test\""));
    // T-11: ESM 50 although the context comes up, as the network has IPv4 only.
    assert_eq!(host.ask("AT+CGACT=1,1"), ["+CNEC_ESM: 50,1", "+CGEV: ME PDN ACT 1", "OK"]);
    let address = host.get("AT+CGPADDR=1")[0].strip_prefix("+CGPADDR: 1,").expect("an address").to_owned();
    let bare = address.trim_matches('"');
    assert!(bare.parse::<std::net::Ipv4Addr>().is_ok_and(|a| a.is_private()), "{address}");
    // TS 27.007 clause 10.1.23: address and mask in one, then gateway and name servers; the MTU is the twelfth field.
    let dynamic = format!("+CGCONTRDP: 1,5,\"iot.test\",\"{bare}.255.255.255.0\",\"\",\"192.0.2.53\",,,,,,1358");
    assert_eq!(host.get("AT+CGCONTRDP=1"), [dynamic]);
    assert_eq!(host.get("AT+CGACT=0,1;+CGACT?"), ["+CGEV: ME PDN DEACT 1", "+CGACT: 1,0"]);
    assert_eq!(host.get("AT+CGPADDR=1"), ["+CGPADDR: 1"]);
}

#[test]
fn the_clock_comes_from_the_network() {
    let mut host = Host::bg95("[network]\ncoverage = false\nclock = 1772366400\nzone = 8");
    // Dialects 10 j: 80/01/06 is a clock that was never set.
    assert_eq!(host.get("AT+CCLK?"), ["+CCLK: \"80/01/06,00:00:00+00\""]);
    host.modem.happen(host.now, lpwa::sim::Event::Coverage(true));
    host.register();
    assert!(host.get("AT+CCLK?")[0].starts_with("+CCLK: \"26/03/01,14:00:"));
}
