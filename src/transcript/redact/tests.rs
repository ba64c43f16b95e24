use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn redacted(body: &str) -> String {
    let transcript: Transcript = format!("lpwa-transcript 1\n{body}").parse().unwrap();
    redact(&transcript).to_string().replace("lpwa-transcript 1\n", "")
}

/// Each line alone, in a transcript of its own.
fn line(text: &str) -> String {
    redacted(&format!("0.000 m0 {text}\n")).replace("0.000 m0 ", "").trim_end().to_owned()
}

#[test]
fn secrets_become_stars_of_the_same_length() {
    for (before, after) in [
        (r#"> AT+CPIN="1234""#, r#"> AT+CPIN="****""#),
        ("> AT+CPIN=4711", "> AT+CPIN=****"),
        (r#"> at+cpin="12345678","0000""#, r#"> at+cpin="********","****""#),
        (r#"> AT+CPWD="SC","1234","5678""#, r#"> AT+CPWD="SC","****","****""#),
        (r#"> AT+CLCK="SC",1,"1234""#, r#"> AT+CLCK="SC",1,"****""#),
        (r#"> AT+CMEE=2;+CPIN="1234";+CREG=2"#, r#"> AT+CMEE=2;+CPIN="****";+CREG=2"#),
        (r#"> AT+CGAUTH=1,2,"joe","se;c,ret""#, r#"> AT+CGAUTH=1,2,"***","********""#),
        (r#"< +CGAUTH: 1,2,"joe","secret""#, r#"< +CGAUTH: 1,2,"***","******""#),
        (r#"> AT+QICSGP=1,1,"iot.test","u","pw",1"#, r#"> AT+QICSGP=1,1,"iot.test","*","**",1"#),
        (r#"> AT+CNCFG=0,1,"iot.test","u","pw",2"#, r#"> AT+CNCFG=0,1,"iot.test","*","**",2"#),
        (r#"<| AT+CPIN="1234"\r"#, r#"<| AT+CPIN="****"\r"#),
    ] {
        assert_eq!(line(before), after);
    }
}

#[test]
fn identities_become_invented_digits_and_keep_their_shape() {
    for (before, after) in [
        // 35-000000-000000-6 is an IMEI whose check digit fits; so is what takes its place.
        ("< 350000000000006", "< 350000000000014"),
        (r#"< +CGSN: "350000000000006""#, r#"< +CGSN: "350000000000014""#),
        ("< IMEI: 868022037654321", "< IMEI: 868022000000001"),
        ("< 999700123456789", "< 999700000000001"),
        ("< +QCCID: 89014103211118510720F", "< +QCCID: 89014100000000000012F"),
        ("< %XICCID: 8901A03211118B10720D", "< %XICCID: 8901A03000000B00001D"),
        (r#"< #RFSTS: "999 70","999700123456789","net",3"#, r#"< #RFSTS: "999 70","999700000000001","net",3"#),
    ] {
        let got = line(before);
        assert_eq!(got.len(), before.len());
        assert_eq!(got, after);
    }
}

#[test]
fn what_is_no_identity_stays() {
    for kept in [
        "> AT+CPIN?",
        "< +CPIN: READY",
        r#"> AT+CGDCONT=1,"IP","iot.test""#,
        "> ATD*99***1#",
        r#"> AT%XBANDLOCK=1,"10000001000000001100""#.replace("1100", "110000000000").as_str(),
        r#"< +CEREG: 5,"1A2D","0D4F3C15",8,,,"00000101","00100110""#,
        r#"< +QENG: "servingcell","NOCONN","eMTC","FDD",999,70,B0DD811,152,5110,12,3,3,5003,-88,-11,-62,11,41"#,
        "< %XMODEMSLEEP: 1,89999999",
        r#"< +CRSM: 144,0,"00000002""#,
        "<x 010f00000000000000",
    ] {
        assert_eq!(line(kept), kept);
    }
}

#[test]
fn the_same_number_is_the_same_everywhere_and_another_is_another() {
    let text = redacted(
        "0.000 m0 > AT+CIMI\n0.010 m0 < 999700111111111\n0.020 m1 < +X: 999700222222222\n0.030 m1 < +X: 999700111111111\n",
    );
    assert_eq!(
        text,
        "0.000 m0 > AT+CIMI\n0.010 m0 < 999700000000001\n0.020 m1 < +X: 999700000000002\n0.030 m1 < +X: 999700000000001\n"
    );
}

#[test]
fn an_identity_read_in_two_pieces_is_found() {
    let text =
        redacted("0.000 m0 <| \\r\\n35000000\n0.100 m1 < OK\n0.200 m0 <| 0000006\\r\\n\n0.200 m0 <| 99970012345678\n");
    assert!(!text.contains("0000006") && !text.contains("12345678"), "{text}");
    assert!(text.contains("<| \\r\\n35000000"));
}

#[test]
fn phone_numbers_and_messages_are_covered() {
    for (before, after) in [
        (r#"< +CNUM: "Joe","+4915112345678",145"#, r#"< +CNUM: "***","+0000000000001",145"#),
        (r#"> AT+CMGS="+4915112345678""#, r#"> AT+CMGS="+0000000000001""#),
        ("> ATD+4915112345678;", "> ATD+0000000000001;"),
        (r#"< +CUSD: 0,"Your balance is 5 EUR",15"#, r#"< +CUSD: 0,"**** ******* ** * ***",15"#),
    ] {
        assert_eq!(line(before), after);
    }
    let text = redacted(
        "0.000 m0 > AT+CMGL=4\n\
         0.010 m0 < +CMGL: 1,1,,24\n\
         0.010 m0 <+ 0791947106004034\n\
         0.010 m0 < OK\n\
         1.000 m0 < +CMT: \"+4915112345678\",,\"24/08/27,06:36:38+08\"\n\
         1.000 m0 <+ +CREG: is no notice here\n\
         2.000 m0 < +CREG: 1\n\
         3.000 m0 > AT+CMGS=\"12345\"\n\
         3.100 m0 >| Call me at 10\\x1a\n",
    );
    let lines: Vec<&str> = text.lines().map(|l| l.split_once("m0 ").unwrap().1).collect();
    assert_eq!(lines[2], "<+ 0000000000000000");
    assert_eq!(lines[4], r#"< +CMT: "+0000000000001",,"24/08/27,06:36:38+08""#);
    assert_eq!(lines[5], "<+ xxxxxx xx xx xxxxxx xxxx");
    assert_eq!(lines[6], "< +CREG: 1");
    assert_eq!(lines[8], ">| xxxx xx xx xx\\x1a");
}

#[test]
fn card_files_of_the_person_are_zeroed_and_others_stay() {
    let file = |id: &str| redacted(&format!("0.000 m0 > AT+CRSM=176,{id},0,0,9\n0.010 m0 < +CRSM: 144,0,\"0899F9\"\n"));
    assert!(file("28423").ends_with("\"000000\"\n"));
    assert!(file("28486").ends_with("\"0899F9\"\n"));
}

#[test]
fn positions_lose_their_place() {
    assert_eq!(
        line("< +QGPSLOC: 202008.0,-22.98123,-43.35456,2.5,4.0,2"),
        "< +QGPSLOC: 200000.0,-22.00000,-43.00000,2.5,4.0,2"
    );
}

#[test]
fn header_and_comments_are_searched_too() {
    let text = redacted("source card 89014103211118510720\n# IMSI 999700123456789\n");
    assert_eq!(text, "source card 89014100000000000012\n# IMSI 999700000000002\n");
}

proptest! {
    #[test]
    fn no_long_run_of_digits_survives(parts in proptest::collection::vec("[+:, A-Za-z\"]{0,6}[2-9]{14,22}", 1..6), cut in 1..30_usize) {
        let text = format!("\r\n{}\r\n", parts.join(","));
        let records: Vec<Record> = text
            .as_bytes()
            .chunks(cut)
            .map(|c| Record { at: Duration::ZERO, port: "m0".into(), direction: Direction::FromModem, data: c.to_vec() })
            .collect();
        let after: Vec<u8> = redact(&Transcript { records, ..Transcript::default() }).records.into_iter().flat_map(|r| r.data).collect();
        prop_assert_eq!(after.len(), text.len());
        let after = String::from_utf8(after).unwrap();
        for run in text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() >= 14) {
            for window in run.as_bytes().windows(14) {
                prop_assert!(!after.contains(std::str::from_utf8(window).unwrap()), "{} in {}", run, after);
            }
        }
    }

    #[test]
    fn no_bytes_panic(data in proptest::collection::vec(any::<u8>(), 0..120)) {
        let direction = Direction::FromModem;
        let record = Record { at: Duration::ZERO, port: "m0".into(), direction, data: data.clone() };
        let after = redact(&Transcript { records: vec![record], ..Transcript::default() });
        prop_assert_eq!(after.records[0].data.len(), data.len());
    }
}
