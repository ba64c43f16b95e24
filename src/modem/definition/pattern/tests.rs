use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn words() -> BTreeMap<Rat, Vec<String>> {
    let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
    BTreeMap::from([
        (Rat::LteM, list(&["eMTC", "CAT-M1", "CAT-M"])),
        (Rat::NbIot, list(&["NBIoT", "CAT-NB1"])),
        (Rat::Gsm, list(&["GSM"])),
    ])
}

fn parse(pattern: &str, line: &str) -> Option<Vec<Fact>> {
    let act = BTreeMap::from([(8, Rat::LteM)]);
    Pattern::compile(pattern).unwrap().parse(line, &RatNames { words: &words(), act: &act })
}

fn render(pattern: &str, facts: &[Fact]) -> String {
    let act = BTreeMap::from([(8, Rat::LteM)]);
    Pattern::compile(pattern).unwrap().render(facts, &RatNames { words: &words(), act: &act })
}

#[test]
fn reads_a_serving_cell() {
    // The shape of T-41, BG95 on LTE-M.
    let pattern = r#"+QENG: "servingcell","{rrc:state-word}","{rat}","{_=FDD|TDD}",{mcc},{mnc},{cell},{pci},{earfcn},{band},{_},{_},{tac},{rsrp},{rsrq},{rssi},{sinr},..."#;
    let line = r#"+QENG: "servingcell","NOCONN","eMTC","FDD",001,010,B0DD811,152,5110,12,3,3,5003,-88,-11,-62,11,41"#;
    let facts = parse(pattern, line).unwrap();
    assert_eq!(
        facts,
        [
            Fact::RrcConnected(false),
            Fact::Rat(Rat::LteM),
            Fact::Plmn("001010".parse().unwrap()),
            Fact::CellId(0xB0D_D811),
            Fact::Pci(152),
            Fact::Earfcn(5110),
            Fact::Band(12),
            Fact::Tac(0x5003),
            Fact::Rsrp(-88.0),
            Fact::Rsrq(-11.0),
            Fact::Rssi(-62.0),
            Fact::Sinr(11.0),
        ]
    );
    assert_eq!(parse(pattern, &render(pattern, &facts)).unwrap(), facts);
}

#[test]
fn quotes_and_blanks_are_optional() {
    let pattern = r#"+X: "{operator}",{rsrp}"#;
    let wanted = Some(vec![Fact::Operator("A, B".into()), Fact::Rsrp(-90.0)]);
    assert_eq!(parse(pattern, r#"+X: "A, B",-90"#), wanted);
    assert_eq!(parse(pattern, r#"+X:"A, B", -90 "#), wanted);
    assert_eq!(parse(pattern, "+X: A,-90"), Some(vec![Fact::Operator("A".into()), Fact::Rsrp(-90.0)]));
    assert_eq!(parse("+X:{operator},{rsrp}", r#"+X: "A, B", -90"#), wanted);
    assert_eq!(parse(pattern, "+X: A, B,-90"), None);
}

#[test]
fn the_rest_may_be_missing() {
    for line in ["+X: 1", "+X: 1,2", "+X: 1,\"a\",,"] {
        assert_eq!(parse("+X: {cid},...", line), Some(vec![Fact::Context(1)]), "{line}");
    }
    assert_eq!(parse("+X: {cid}", "+X: 1,2"), None);
    assert_eq!(parse("+X: 1,...", "+X: 1"), Some(vec![]));
    assert_eq!(parse("+X: 1,...", "+X: 10"), None);
    assert_eq!(parse("+QIND: ...", "+QIND: SMS DONE"), Some(vec![]));
}

#[test]
fn free_text_at_the_end_keeps_its_commas() {
    let revision = Fact::Revision("L0.0.00.00.05.08,A.02.04".into());
    assert_eq!(parse("{revision}", "L0.0.00.00.05.08,A.02.04"), Some(vec![revision]));
}

#[test]
fn not_known_fits_and_tells_nothing() {
    for (pattern, line) in [
        ("+X: {rsrp}", "+X: -"),
        ("+X: {rsrp}", "+X: -32768"),
        ("+X: {sinr}", "+X: -3276"),
        ("+X: {rssi:csq}", "+X: 99"),
        ("+X: {rsrp:cesq-rsrp}", "+X: 255"),
        ("+X: {tac}", "+X: \"FFFF\""),
        ("+X: {mcc},{mnc}", "+X: fff,fff"),
        ("+X: {mcc},{mnc}", "+X: 000,00"),
        ("+X: {plmn}", "+X: \"00000\""),
        ("+X: {sinr:nordic-snr}", "+X: 127"),
        ("+X: {rssi}", "+X: 75"),
        ("+X: {rat}", "+X: \"NOSERVICE\""),
        ("+X: {band:byte}", "+X: 255"),
        ("+X: {pci}", "+X: 65535"),
    ] {
        assert_eq!(parse(pattern, line), Some(vec![]), "{pattern} {line}");
    }
}

#[test]
fn another_form_does_not_fit() {
    for (pattern, line) in [
        ("+X: {cid}", "+Y: 1"),
        ("+X: {cid}", "+X: a"),
        ("+X: {cid}", "+X: 256"),
        ("+X: {rsrp}", "+X: inf"),
        ("+X: {tau:bits-t3412}", "+X: \"0000000\""),
        ("+X: {rat=GSM}", "+X: \"eMTC\""),
        ("{imei}", "OK"),
        ("+X: {cell:int}", "+X: 99999999999999999999999"),
    ] {
        assert_eq!(parse(pattern, line), None, "{pattern} {line}");
    }
}

#[test]
fn scales() {
    for (pattern, line, fact) in [
        // TS 27.007 §8.5; TS 36.133 §9.1.4 and §9.1.7.
        ("{rssi:csq}", "15", Fact::Rssi(-83.0)),
        ("{rsrp:cesq-rsrp}", "60", Fact::Rsrp(-81.0)),
        ("{rsrp:cesq-rsrp}", "97", Fact::Rsrp(-44.0)),
        ("{rsrp:cesq-rsrp}", "-5", Fact::Rsrp(-145.0)),
        ("{rsrq:cesq-rsrq}", "17", Fact::Rsrq(-11.5)),
        ("{sinr:nordic-snr}", "49", Fact::Sinr(25.0)),
        ("{sinr:qcsq-sinr}", "195", Fact::Sinr(19.0)),
        ("{rsrp:dbm10}", "-1143", Fact::Rsrp(-114.3)),
        ("{rsrp}", "\"-086.00\"", Fact::Rsrp(-86.0)),
        // TS 24.008 §10.5.7.3 and §10.5.7.4a.
        ("{active:bits-t3324}", "\"00100100\"", Fact::GrantedActive(Some(240))),
        ("{active:bits-t3324}", "\"01011111\"", Fact::GrantedActive(Some(11_160))),
        ("{active:bits-t3324}", "\"11100000\"", Fact::GrantedActive(None)),
        ("{tau:bits-t3412}", "\"01000111\"", Fact::GrantedTau(Some(252_000))),
        ("{tau:bits-t3412}", "\"11011111\"", Fact::GrantedTau(Some(35_712_000))),
        ("{tau:s0}", "0", Fact::GrantedTau(None)),
        ("\"LTE BAND {band}\"", "\"LTE BAND 20\"", Fact::Band(20)),
        ("{rat:act}", "8", Fact::Rat(Rat::LteM)),
        ("{rat:act}", "9", Fact::Rat(Rat::NbIot)),
        ("{sleep}", "89999999", Fact::SleepFor(89_999_999)),
    ] {
        assert_eq!(parse(pattern, line), Some(vec![fact.clone()]), "{pattern} {line}");
        let again = render(pattern, std::slice::from_ref(&fact));
        assert_eq!(parse(pattern, &again), Some(vec![fact]), "{pattern} {again}");
    }
}

#[test]
fn edrx_depends_on_the_technology() {
    // TS 24.008 §10.5.5.32: 0011 is a window of 5.12 s on LTE-M, 10.24 s on NB-IoT.
    let (edrx, ptw) = (Fact::GrantedEdrx(Some(81_920)), Fact::GrantedPtw(5120));
    let of = |rat: &str| parse("+X: {rat},{edrx},{ptw}", &format!("+X: {rat},\"0101\",\"0011\"")).unwrap();
    assert_eq!(of("eMTC"), [Fact::Rat(Rat::LteM), edrx.clone(), ptw]);
    assert_eq!(of("NBIoT"), [Fact::Rat(Rat::NbIot), edrx, Fact::GrantedPtw(10_240)]);
}

#[test]
fn prefix_routes_notices() {
    let prefix = |text: &str| Pattern::compile(text).unwrap().prefix().map(str::to_owned);
    assert_eq!(prefix("+QENG: \"servingcell\",..."), Some("+QENG:".into()));
    assert_eq!(prefix("%CESQ: {rsrp:cesq-rsrp},..."), Some("%CESQ:".into()));
    assert_eq!(prefix("PSM POWER DOWN"), None);
    assert_eq!(prefix("{model}"), None);
}

#[test]
fn errors_name_the_column() {
    for (text, column, what) in [
        ("+X: {rsp}", 5, "unknown capture {rsp}"),
        ("+X: {rsrp:db}", 5, "unknown unit \"db\"; allowed here: dbm, dbm10, cesq-rsrp"),
        ("+X: {rsrp", 5, "'{' without '}'"),
        ("+X: a}", 6, "'}' without '{'"),
        ("{pci}{band}", 6, "side by side"),
        ("{pci},{pci}", 7, "captured twice"),
        ("+X: {mcc}", 10, "without {mnc}"),
        ("+X:\r{pci}", 4, "control character"),
        ("", 1, "empty"),
    ] {
        let error = Pattern::compile(text).unwrap_err();
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.what.contains(what), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn never_panics(text in ".{0,60}", line in ".{0,80}") {
        let rats = RatNames { words: &words(), act: &BTreeMap::new() };
        if let Ok(pattern) = Pattern::compile(&text) {
            pattern.parse(&line, &rats);
            let printed = pattern.render(&[], &rats);
            pattern.parse(&printed, &rats);
        }
    }

    #[test]
    fn any_line_is_read_or_refused(line in "[-+A-Z0-9:,\" .]{0,80}") {
        for text in ["+X: \"{operator}\",{rsrp},{tac},...", "{mcc}-{mnc},{cell:int}", "{revision}"] {
            parse(text, &line);
        }
    }
}
