use super::*;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn session(body: &str) -> Session {
    let transcript: Transcript = format!("lpwa-transcript 1\n{body}").parse().unwrap();
    Session::new(&transcript, "m0")
}

/// Everything the session sends until `end`, with the time in milliseconds.
fn sent(session: &mut Session, end: u64) -> Vec<(u128, String)> {
    let mut sent = Vec::new();
    while let Some(at) = session.next_deadline().filter(|at| *at <= ms(end)) {
        while let Some(data) = session.poll(at) {
            sent.push((at.as_millis(), String::from_utf8(data).unwrap().trim().to_owned()));
        }
    }
    sent
}

fn expect(got: Vec<(u128, String)>, expected: &[(u128, &str)]) {
    let got: Vec<(u128, &str)> = got.iter().map(|(at, text)| (*at, text.as_str())).collect();
    assert_eq!(got, expected);
}

const LENIENT: &str = "\
mode lenient
0.500 m0 < RDY
1.000 m0 > AT+CEREG?
1.010 m0 < +CEREG: 2,2
1.010 m0 < OK
2.000 m0 > AT+CFUN=1
2.100 m0 < %XMODEMSLEEP: 4
2.300 m0 < OK
2.800 other < +IGNORED: 1
4.000 m0 < +CEREG: 2,\"0901\",\"02024720\",7
6.000 m0 > AT+CEREG?
6.020 m0 < +CEREG: 2,5
6.020 m0 < OK
9.000 m0 < +CSCON: 0
";

#[test]
fn strict_answers_in_order_at_the_recorded_distance() {
    let mut session =
        session("0.000 m0 < RDY\n1.000 m0 > AT\n1.020 m0 < OK\n1.500 m0 < APP RDY\n2.000 m0 > ATI\n2.001 m0 < X\n");
    session.on_command(b"AT\r", ms(5000)).unwrap();
    session.on_command(b"ATI\r\n", ms(5100)).unwrap();
    expect(sent(&mut session, 60_000), &[(0, "RDY"), (5020, "OK"), (5101, "X"), (5500, "APP RDY")]);
    assert_eq!(session.verdict(), Ok(()));
}

#[test]
fn strict_names_the_first_command_that_differs() {
    let mut session = session("model x\n# a comment\n1.000 m0 > AT\n1.020 m0 < OK\n2.000 m0 > ATI\n");
    session.on_command(b"AT\r", ms(0)).unwrap();
    let parted = session.on_command(b"AT+CGMM\r", ms(1)).unwrap_err();
    assert_eq!(parted.to_string(), "line 6: expected `ATI`, the driver sent `AT+CGMM`");
    assert_eq!(session.on_command(b"ATI\r", ms(2)), Err(parted.clone()));
    assert_eq!(session.verdict(), Err(parted));
}

#[test]
fn strict_names_what_was_never_sent_and_what_came_too_much() {
    let mut session = session("1.000 m0 > AT\n1.020 m0 < OK\n");
    assert_eq!(session.verdict().unwrap_err().to_string(), "line 2: expected `AT`, which the driver never sent");
    session.on_command(b"AT\r", ms(0)).unwrap();
    let parted = session.on_command(b"ATI\r", ms(0)).unwrap_err();
    assert_eq!(parted.to_string(), "line 4: the transcript has ended, the driver sent `ATI`");
}

#[test]
fn lenient_serves_the_nth_answer_and_repeats_the_last() {
    let mut session = session(LENIENT);
    for at in [7000, 7100, 7200] {
        session.on_command(b"at+cereg? \r", ms(at)).unwrap();
    }
    let sent = sent(&mut session, 7300);
    let answers: Vec<_> = sent.iter().filter(|(at, _)| *at >= 7000).map(|(_, text)| text.as_str()).collect();
    assert_eq!(answers, ["+CEREG: 2,2", "OK", "+CEREG: 2,5", "OK", "+CEREG: 2,5", "OK"]);
    assert_eq!(session.verdict(), Ok(()));
}

#[test]
fn lenient_notices_follow_their_exchange() {
    let mut session = session(LENIENT);
    // CFUN=1 half a second late: its notice is, too. The second CEREG? never comes: its notice keeps its time.
    session.on_command(b"AT+CFUN=1\r", ms(2500)).unwrap();
    expect(
        sent(&mut session, 60_000),
        &[
            (500, "RDY"),
            (2600, "%XMODEMSLEEP: 4"),
            (2800, "OK"),
            (4500, "+CEREG: 2,\"0901\",\"02024720\",7"),
            (9000, "+CSCON: 0"),
        ],
    );
}

#[test]
fn a_notice_that_came_at_its_time_does_not_come_again() {
    let mut session = session(LENIENT);
    let before = sent(&mut session, 5000);
    assert!(before.iter().any(|(at, text)| *at == 4000 && text.starts_with("+CEREG: 2,")));
    session.on_command(b"AT+CFUN=1\r", ms(5000)).unwrap();
    expect(sent(&mut session, 60_000), &[(5100, "%XMODEMSLEEP: 4"), (5300, "OK"), (9000, "+CSCON: 0")]);
}

#[test]
fn lenient_refuses_what_was_never_recorded_and_takes_the_basic_commands() {
    let mut session = session("mode lenient\n0.000 m0 > AT+CFUN=1\n0.010 m0 < OK\n");
    for (command, result) in [("AT", "OK"), ("ATE0", "OK"), ("ate0v1", "OK"), ("AT+CGMM", "ERROR"), ("ATD1", "ERROR")] {
        session.on_command(command.as_bytes(), ms(100)).unwrap();
        expect(sent(&mut session, 200), &[(110, result)]);
    }
}

#[test]
fn a_lone_cr_is_not_answered() {
    let mut session = session("mode lenient\n0.000 m0 > AT\n0.010 m0 < OK\n");
    session.on_command(b"\r", ms(100)).unwrap();
    assert_eq!(session.next_deadline(), None);
}

#[test]
fn quoted_text_is_compared_as_it_is() {
    let mut session = session("mode lenient\n0.0 m0 > AT+CGDCONT=1,\"IP\",\"iot.Test\"\n0.1 m0 < OK\n");
    session.on_command(b"at+cgdcont=1,\"IP\",\"iot.test\"\r", ms(0)).unwrap();
    expect(sent(&mut session, 500), &[(10, "ERROR")]);
    session.on_command(b"at+cgdcont=1,\"IP\",\"iot.Test\"\r", ms(1000)).unwrap();
    expect(sent(&mut session, 2000), &[(1100, "OK")]);
}

#[test]
fn a_final_result_in_two_pieces_ends_the_answer() {
    let body = "mode lenient\n0.0 m0 > AT+CSQ\n0.1 m0 <| \\r\\n+CSQ: 9,99\\r\\n\\r\\nO\n0.2 m0 <| K\\r\\n\n5.0 m0 < +CREG: 1\n";
    let mut session = session(body);
    session.on_command(b"AT+CSQ\r", ms(10_000)).unwrap();
    session.on_command(b"AT+CSQ\r", ms(20_000)).unwrap();
    let came: Vec<u128> = sent(&mut session, 60_000).into_iter().map(|(at, _)| at).collect();
    // The repeated answer brings no second notice.
    assert_eq!(came, [10_100, 10_200, 15_000, 20_100, 20_200]);
}
