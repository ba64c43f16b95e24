//! The AT codec from outside: shapes of real sessions (`T-xx`: the kind of session, all identifiers invented),
//! and properties that hold for any input.

use lpwa::codec::at::answer::{clock, context, event, facility, identity, message, network, power, registration, sim};
use lpwa::codec::at::charset::Charset;
use lpwa::codec::at::command::standard::{self, Authentication};
use lpwa::codec::at::digest::{ANSWER_LINES_MAX, BACKLOG_MAX, LINE_MAX};
use lpwa::codec::at::{CmeError, CommandLine, Digest, Digester, FinalResult, Pending, Response, fill, quoted};
use lpwa::spec::apn::{Apn, PdpType};
use proptest::prelude::*;

/// Digests `bytes` with `line` pending.
fn answer(line: &str, bytes: &str) -> Vec<Digest> {
    let mut digester = digester();
    digester.expect(Pending::for_line(line));
    drain(&mut digester, bytes)
}

fn digester() -> Digester {
    let mut digester = Digester::new();
    let urcs = ["RDY", "APP RDY", "SMS Ready", "%XMODEMSLEEP:", "+QIND:", "+QUSIM:", "+CPSMSTATUS:"];
    digester.set_urcs(urcs.map(str::to_owned).to_vec());
    digester
}

fn drain(digester: &mut Digester, bytes: &str) -> Vec<Digest> {
    digester.push(bytes.as_bytes());
    std::iter::from_fn(|| digester.next()).collect()
}

fn urc(text: &str) -> Digest {
    Digest::Urc(text.into())
}

fn ok(lines: &[&str]) -> Digest {
    Digest::Response(Response { lines: lines.iter().map(|line| (*line).to_owned()).collect(), result: FinalResult::Ok })
}

#[test]
fn echo_is_removed_wherever_it_comes() {
    assert_eq!(answer("AT", "AT\r\r\nOK\r\n"), [ok(&[])]);
    assert_eq!(answer("AT", "\0\0\u{fffd}AT\r\r\nOK\r\n"), [ok(&[])]);
    assert_eq!(
        answer("AT+CPIN?", "RDY\r\n AT+CPIN?\r\r\n+CPIN: READY\r\n\r\nOK\r\n"),
        [urc("RDY"), ok(&["+CPIN: READY"])]
    );
    assert_eq!(answer("AT+CFUN=1,0", "RDYAT+CFUN=1,0\r\nOK\r\n"), [urc("RDY"), ok(&[])]);
}

#[test]
fn glued_answers_are_split() {
    assert_eq!(answer("AT+CEREG?", "+CEREG: 2,0OK\r\n"), [ok(&["+CEREG: 2,0"])]);
    // T-43: the prefix was lost with an earlier read.
    assert_eq!(answer("AT+CEREG?", " 2,5,\"9ABC\",\"0123ABCD\",9OK\r\n"), [ok(&["2,5,\"9ABC\",\"0123ABCD\",9"])]);
    assert_eq!(answer("AT+CFUN=1", "OK+CEREG: 2\r\n"), [ok(&[]), urc("+CEREG: 2")]);
}

#[test]
fn a_notice_inside_an_answer_stays_a_notice() {
    assert_eq!(
        answer("AT+CEREG?", "+CEREG: 2\r\n+CEREG: 5,5,\"B4DC\",\"000AE520\",9\r\n+CEREG: 1,\"B4DC\"\r\nOK\r\n"),
        [urc("+CEREG: 2"), urc("+CEREG: 1,\"B4DC\""), ok(&["+CEREG: 5,5,\"B4DC\",\"000AE520\",9"])]
    );
    assert_eq!(
        answer("AT+CFUN=1", "%XMODEMSLEEP: 4\r\nOK\r\n%XMODEMSLEEP: 4,0\r\n"),
        [urc("%XMODEMSLEEP: 4"), ok(&[]), urc("%XMODEMSLEEP: 4,0")]
    );
}

#[test]
fn a_line_too_long_is_one_overflow() {
    let mut digester = Digester::new();
    digester.expect(Pending::for_line("ATI"));
    let long = "x".repeat(3 * LINE_MAX);
    assert_eq!(drain(&mut digester, &format!("a\r\n{long}\r\nb\r\nOK\r\n")), [Digest::Overflow, ok(&[])]);
}

#[test]
fn prompt_comes_without_a_line_end() {
    assert_eq!(
        answer("AT+CMGS=23", "\r\n> 0011000B91\r\n+CMGS: 5\r\n\r\nOK\r\n"),
        [Digest::Prompt('>'), ok(&["+CMGS: 5"])]
    );
}

#[test]
fn after_connect_the_rest_is_data() {
    let mut digester = Digester::new();
    digester.expect(Pending::for_line("ATD*99***1#"));
    digester.push(b"ATD*99***1#\r\r\nCONNECT 150000000\r\n~\xff}#");
    let connect = FinalResult::Connect(Some("150000000".into()));
    assert_eq!(digester.next(), Some(Digest::Response(Response { lines: vec![], result: connect })));
    assert_eq!(digester.take_rest(), b"~\xff}#");
}

#[test]
fn one_ok_for_each_command_of_a_chain() {
    let mut digester = Digester::new();
    digester.expect(Pending { finals: 3, ..Pending::for_line("AT+CFUN=1;+COPS=2;+CGATT=1") });
    assert_eq!(drain(&mut digester, "OK\r\nOK\r\n"), []);
    assert_eq!(drain(&mut digester, "OK\r\n"), [ok(&[])]);
}

/// T-02: the modem boots while the first commands are on their way.
#[test]
fn boot_notices_come_between_a_command_and_its_echo() {
    let bytes = "\r\nRDY\r\nAT+CGDCONT=1,\"IP\",\"iot.example\"\r\r\nOK\r\n\r\n\r\nAPP RDY\r\n";
    assert_eq!(answer("AT+CGDCONT=1,\"IP\",\"iot.example\"", bytes), [urc("RDY"), ok(&[]), urc("APP RDY")]);
}

/// T-03: every answer comes one command late, with the echo of the command that it belongs to.
#[test]
fn late_answers_are_told_by_their_echo() {
    let mut digester = digester();
    let mut send = |line: &str, bytes: &str| {
        digester.expect(Pending::for_line(line));
        drain(&mut digester, bytes)
    };
    assert_eq!(send("AT", "\r\nRDY\r\n"), [urc("RDY")]);
    assert_eq!(send("AT", "\r\n+CFUN: 1\r\n"), [urc("+CFUN: 1")]);
    assert_eq!(send("AT", "AT\r\r\nOK\r\n"), [ok(&[])]);
    assert_eq!(send("AT+CREG?", "AT\r\r\nOK\r\n\r\n+QIND: SMS DONE\r\n"), [urc("+QIND: SMS DONE")]);
    assert_eq!(send("AT+COPS?", "AT+CREG?\r\r\n+CREG: 0,2\r\n\r\nOK\r\n"), []);
    assert_eq!(send("AT+CSCA?", "AT+COPS?\r\r\n+COPS: 0,0,\"Test\",2\r\n\r\nOK\r\n"), [urc("+COPS: 0,0,\"Test\",2")]);
    assert_eq!(
        send(
            "AT+CPIN?",
            "AT+CSCA?\r\r\n+CSCA: \"+99900000000\",145\r\n\r\nOK\r\nAT+CPIN?\r\r\n+CPIN: READY\r\n\r\nOK\r\n"
        ),
        [urc("+CSCA: \"+99900000000\",145"), ok(&["+CPIN: READY"])]
    );
}

/// A registration answer that comes too late would read as a notice "roaming".
#[test]
fn a_late_registration_answer_is_no_notice() {
    let mut digester = digester();
    digester.expect(Pending::for_line("AT+CEREG?"));
    digester.abandon();
    assert_eq!(drain(&mut digester, "+CEREG: 5,1,\"0001\",\"00000001\",7\r\n\r\nOK\r\n"), []);
    assert_eq!(
        drain(&mut digester, "+CEREG: 5,\"0001\",\"00000001\",7\r\n"),
        [urc("+CEREG: 5,\"0001\",\"00000001\",7")]
    );
}

/// T-28: notices of registration and sleep around the commands that ask for them.
#[test]
fn registration_with_timers_is_read_as_answer_and_as_notice() {
    let read = "+CEREG: 4,1,\"0001\",\"01A50001\",9,\"00\",,,\"11100000\",\"11100000\"";
    let notice = "+CEREG: 1,\"0001\",\"01A50001\",9,\"00\",,,\"00000001\",\"11100000\"";
    let bytes = format!("{notice}\r\n\r\n{read}\r\n\r\nOK\r\n\r\n+CPSMSTATUS: \"ENTER PSM\"\r\n");
    assert_eq!(answer("AT+CEREG?", &bytes), [urc(notice), ok(&[read]), urc("+CPSMSTATUS: \"ENTER PSM\"")]);
    let (read, notice) = (registration::parse(read, true).unwrap(), registration::parse(notice, false).unwrap());
    assert_eq!((read.stat, read.cell, read.act), (1, Some(0x01A5_0001), Some(9)));
    assert_eq!(read.active_time.as_deref(), Some("11100000"));
    assert_eq!((notice.stat, notice.area, notice.cause_type), (1, Some(1), None));
    assert_eq!((notice.active_time.as_deref(), notice.periodic_tau.as_deref()), (Some("00000001"), Some("11100000")));
}

/// T-39: an answer of three lines, of which only the first has a prefix; the last line end is still missing.
#[test]
fn lines_of_numbers_belong_to_the_answer() {
    let bytes = "AT+UCGED?\r\r\n+UCGED: 2\r\n6,4,fff,fff\r\n5110,13,50,50,ffff,0000000,254\r\n\r\nOK";
    let mut digester = digester();
    digester.expect(Pending::for_line("AT+UCGED?"));
    assert_eq!(drain(&mut digester, bytes), []);
    assert_eq!(drain(&mut digester, "\r\n"), [ok(&["+UCGED: 2", "6,4,fff,fff", "5110,13,50,50,ffff,0000000,254"])]);
}

/// T-41: the name on one line, its fields on the next.
#[test]
fn a_name_and_its_fields_on_two_lines_are_joined() {
    assert_eq!(
        answer("AT+QENG=\"servingcell\"", "+QENG:\r\n\"servingcell\",\"NOCONN\"\r\n\r\nOK\r\n"),
        [ok(&["+QENG: \"servingcell\",\"NOCONN\""])]
    );
    assert_eq!(answer("AT+CEDRXS?", "+CEDRXS:\r\nOK\r\n"), [ok(&["+CEDRXS:"])]);
}

/// T-40: the modem starts anew while a command is pending.
#[test]
fn a_reboot_shows_while_a_command_is_pending() {
    let bytes = "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n";
    let notices = [urc("RDY"), urc("+CFUN: 1"), urc("+CPIN: READY"), urc("SMS Ready")];
    assert_eq!(answer("AT+CGREG?", bytes), notices);
}

/// T-13: bare numbers are the answer of the command that has no prefix of its own.
#[test]
fn a_banner_and_a_stray_result_are_notices() {
    let mut digester = digester();
    let bytes = "REBOOT_CAUSE_APPLICATION_AT\r\nu-blox \r\nOK\r\n";
    assert_eq!(drain(&mut digester, bytes), [urc("REBOOT_CAUSE_APPLICATION_AT"), urc("u-blox"), urc("OK")]);
    assert_eq!(answer("AT+NSOST=0,\"192.0.2.1\",1234,1,\"00\"", "0,1\r\nOK\r\n"), [ok(&["0,1"])]);
}

/// T-01: an answer of many lines, and the notices behind it in the same read.
#[test]
fn free_text_belongs_to_a_command_that_asks_for_it() {
    let bytes =
        "Manufacturer: TEST\r\nModel: X1\r\nIMEI: 350000000000006\r\n+GCAP: +CGSM\r\n\r\nOK\r\n\r\n+CPIN: READY\r\n";
    assert_eq!(
        answer("ATI", bytes),
        [ok(&["Manufacturer: TEST", "Model: X1", "IMEI: 350000000000006", "+GCAP: +CGSM"]), urc("+CPIN: READY")]
    );
    assert_eq!(answer("AT+CGMR", "\r\nRevision:1B16X1\r\n\r\nOK\r\n"), [ok(&["Revision:1B16X1"])]);
}

/// T-23: one missing card, three ways to say it.
#[test]
fn errors_come_as_numbers_words_and_nothing() {
    let error = |bytes| match answer("AT+CPIN?", bytes).pop() {
        Some(Digest::Response(response)) => match response.result {
            FinalResult::Error(error) => error.to_string(),
            other => format!("{other:?}"),
        },
        other => format!("{other:?}"),
    };
    assert_eq!(error("+CME ERROR: 10\r\n"), "CME error 10: SIM not inserted");
    assert_eq!(error("\r\n+CME ERROR: SIM not inserted\r\n"), "CME error 10: SIM not inserted");
    assert_eq!(error("ERROR\r\n"), "the modem answered ERROR and gives no reason");
    assert_eq!(error("+CMS ERROR: 314\r\n"), "CMS error 314: SIM busy");
}

#[test]
fn a_message_behind_its_notice_is_a_notice_too() {
    let pdu = "0791990000000000040B919900000000F0";
    assert_eq!(
        answer("AT+CREG?", &format!("+CREG: 0,1\r\n+CMT: ,24\r\n{pdu}\r\nOK\r\n")),
        [urc("+CMT: ,24"), urc(pdu), ok(&["+CREG: 0,1"])]
    );
}

#[test]
fn a_lone_line_feed_ends_a_line() {
    assert_eq!(answer("AT+CSQ", "\n+CSQ: 20,99\n\nOK\n"), [ok(&["+CSQ: 20,99"])]);
    assert_eq!(answer("AT+CSQ", "+CSQ: 20,99\rOK\r"), [ok(&["+CSQ: 20,99"])]);
}

#[test]
fn text_over_several_lines_keeps_them() {
    assert_eq!(
        answer("AT+URDBLOCK=\"a\",0,9", "+URDBLOCK: \"a\",9,\"HTTP/1.1 200 OK\r\nDate: x\r\n\"\r\nOK\r\n"),
        [ok(&["+URDBLOCK: \"a\",9,\"HTTP/1.1 200 OK\r\nDate: x\r\n\""])]
    );
}

#[test]
fn a_name_over_two_lines_is_one_field() {
    let answered = answer("AT+COPS?", "\r\n+COPS: 0,0,\"Test\r\r\n\",7\r\n\r\nOK\r\n");
    let Some(Digest::Response(response)) = answered.first() else { panic!("{answered:?}") };
    let operator = network::cops(response.lines.first().unwrap()).unwrap();
    assert_eq!((operator.operator.as_deref(), operator.act), (Some("Test"), Some(7)));
}

#[test]
fn an_answer_without_end_is_one_overflow() {
    let mut digester = digester();
    digester.expect(Pending::for_line("ATI"));
    let digests = drain(&mut digester, &"x\r\n".repeat(ANSWER_LINES_MAX + 100));
    assert_eq!(digests, [Digest::Overflow]);
    assert_eq!(drain(&mut digester, "OK\r\n"), [ok(&[])]);
    let digests = drain(&mut digester, &"x".repeat(2 * BACKLOG_MAX));
    assert_eq!(digests.first(), Some(&Digest::Overflow));
    assert_eq!(drain(&mut digester, "rest\r\n+CSCON: 1\r\n").last(), Some(&urc("+CSCON: 1")));
}

/// Fragments that streams of real modems are made of, and noise.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        Just("OK\r\n"),
        Just("ERROR\r\n"),
        Just("\r\n+CME ERROR: 10\r\n"),
        Just("AT+CEREG?\r\r\n"),
        Just("AT\r"),
        Just("+CEREG: 5,1,\"0001\",\"00000001\",9\r\n"),
        Just("+CEREG: 2,0OK\r\n"),
        Just("+CEREG: 2\n"),
        Just("RDY\r\n"),
        Just("> "),
        Just("@"),
        Just("CONNECT 115200\r\n"),
        Just("\"open\r\n"),
        Just("+CMT: ,24\r\n0791\r\n"),
        Just("\r"),
        Just("\n"),
        Just("OKOK+CFUN: 1\r\n"),
    ];
    prop_oneof![
        8 => text.prop_map(|text| text.as_bytes().to_vec()),
        2 => proptest::collection::vec(any::<u8>(), 0..20),
        1 => (LINE_MAX - 2..LINE_MAX + 3).prop_map(|n| vec![b'x'; n]),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(fragment(), 0..40).prop_map(|fragments| fragments.concat())
}

/// Digests the stream in portions; each response arms for the next command.
fn digest_in_portions(stream: &[u8], cuts: &[usize]) -> Vec<Digest> {
    let mut digester = digester();
    let mut commands = ["AT+CEREG?", "AT+CMGS=1", "AT", "ATI", "ATD*99#", "AT+CFUN=1"].into_iter().cycle();
    let mut expect = |digester: &mut Digester| digester.expect(Pending::for_line(commands.next().unwrap_or("AT")));
    expect(&mut digester);
    let mut digests = Vec::new();
    let mut rest = stream;
    for cut in cuts.iter().copied().chain([usize::MAX]) {
        let (now, later) = rest.split_at(cut.min(rest.len()));
        rest = later;
        digester.push(now);
        while let Some(digest) = digester.next() {
            if matches!(digest, Digest::Response(_)) {
                expect(&mut digester);
            }
            digests.push(digest);
        }
    }
    digests
}

proptest! {
    #[test]
    fn portions_do_not_matter(stream in stream(), cuts in proptest::collection::vec(0_usize..30, 0..60)) {
        let whole = digest_in_portions(&stream, &[]);
        prop_assert_eq!(&digest_in_portions(&stream, &cuts), &whole);
        prop_assert_eq!(&digest_in_portions(&stream, &vec![1; stream.len()]), &whole);
    }

    #[test]
    fn any_bytes_stay_bounded(stream in proptest::collection::vec(any::<u8>(), 0..20_000)) {
        for digest in digest_in_portions(&stream, &[]) {
            match digest {
                // A byte that is no UTF-8 becomes three.
                Digest::Urc(line) => prop_assert!(line.len() <= 3 * LINE_MAX),
                Digest::Response(response) => prop_assert!(response.lines.len() <= ANSWER_LINES_MAX),
                Digest::Prompt(_) | Digest::Overflow => {}
            }
        }
    }

    #[test]
    fn any_line_is_read_or_refused(line in line()) {
        read_as_everything(&line);
    }

    #[test]
    fn no_input_ends_a_command_line(user in ".*", password in ".*", apn in ".*", cid: u8) {
        let apn = apn.parse::<Apn>().unwrap_or_default();
        let lines = [
            standard::cgauth(cid, Authentication::Chap, &user, &password),
            standard::cgdcont(cid, PdpType::Ipv4v6, &apn),
            standard::cpin(&user),
            fill("AT+X={cid},\"{user}\",\"{apn}\"", &[("cid", &password), ("user", &user), ("apn", apn.as_str())]),
            CommandLine::raw(&format!("AT{user}")),
        ];
        for line in lines.into_iter().flatten() {
            let bytes = line.bytes();
            let (last, text) = bytes.split_last().expect("never empty");
            prop_assert_eq!(*last, b'\r');
            prop_assert!(text.iter().all(|b| (b' '..=b'~').contains(b)));
        }
        if let Ok(line) = standard::cgauth(cid, Authentication::Chap, &user, &password) {
            prop_assert_eq!(line.as_str().matches('"').count(), 4);
            prop_assert_eq!(line.to_string(), "AT+CGAUTH=<redacted>");
        }
        if let Ok(text) = quoted(&user) {
            prop_assert!(!text.as_str().contains(['"', '\r', '\n']));
        }
    }
}

/// Lines that look like answers, and any text.
fn line() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("+CEREG: "),
        Just("+COPS: "),
        Just("+CCLK: "),
        Just("+CGCONTRDP: "),
        Just("+CPOL: "),
        Just("")
    ];
    prop_oneof![
        (name, "[0-9A-F,\"():./ +-]{0,80}").prop_map(|(name, fields)| format!("{name}{fields}")),
        Just(String::new()),
        ".*"
    ]
}

fn read_as_everything(line: &str) {
    let _ = (registration::parse(line, true), registration::parse(line, false), event::cgev(line));
    let _ = (network::cops(line), network::cops_test(line, Charset::Ucs2), network::cpol(line), network::csq(line));
    let _ = (network::cesq(line), network::ws46_test(line), clock::cclk(line).map(|clock| clock.to_string()));
    let _ = (context::cgdcont(line), context::cgdcont_test(line), context::cgact(line), context::cgatt(line));
    let _ = (context::cgpaddr(line), context::cgcontrdp(line), power::cfun(line), power::cpsms(line));
    let _ = (power::cedrxs(line), power::cedrxrdp(line), power::cedrxp(line), sim::cpin(line), sim::cpinr(line));
    let _ = (sim::crsm(line), sim::csim(line).map(|card| card.retries()), identity::cnum(line));
    let _ = (identity::iccid(line), identity::imei(line), identity::imsi(line), CmeError::parse(line).to_string());
    let _ = (facility::cgerep_test(line), facility::cmer_test(line), facility::cind_test(line));
    let _ = (facility::cscs_test(line), facility::cpms_test(line), facility::cpms(line));
    let _ = (message::cmgl(&[line, line]), message::cmgr(&[line]), message::delivered(line, line), message::cscb(line));
    let _ = Pending::for_line(line);
}
