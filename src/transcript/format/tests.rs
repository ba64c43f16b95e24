use proptest::prelude::*;

use super::*;
use crate::transcript::Mode;

const EXAMPLE: &str = "\
lpwa-transcript 1
model quectel-bg95
source where it was seen
# a comment

0.000 ttyUSB2 > AT+CPIN?
0.012 ttyUSB2 <| AT+CPIN?\\r
0.012 ttyUSB2 < +CPIN: READY
0.012 ttyUSB2 < OK
0.500 ttyUSB2 > ATI
0.510 ttyUSB2 < Quectel
0.510 ttyUSB2 <+ BG95-M3
0.510 ttyUSB2 < OK
0.600 ttyUSB2 >| AT+CSQ\\r\\n
0.700 ttyUSB2 <| \\r\\n+CSQ: 2
0.750 ttyUSB2 <| 4,99\\r\\n\\r
1.000250 wdm0 >x 010f00000000000000
1.000250001 wdm0 <| \\x20\\\\ \\x00\\x20
8.250 ttyUSB2 < +CEREG: 5,\"1A2D\",\"0D4F3C15\",8,,,\"00000101\",\"00100110\"
";

fn read(text: &str) -> Transcript {
    text.parse().unwrap()
}

fn mistake(text: &str) -> String {
    text.parse::<Transcript>().unwrap_err().to_string()
}

#[test]
fn a_transcript_prints_as_it_was_read() {
    assert_eq!(read(EXAMPLE).to_string(), EXAMPLE);
}

#[test]
fn lines_stand_for_bytes_with_their_line_ends() {
    let transcript = read(EXAMPLE);
    let data: Vec<&[u8]> = transcript.records.iter().map(|r| r.data.as_slice()).collect();
    assert_eq!(data[2], b"AT+CPIN?\r");
    assert_eq!(data[3], b"AT+CPIN?\r");
    assert_eq!(data[4], b"\r\n+CPIN: READY\r\n");
    assert_eq!(data[8], b"BG95-M3\r\n");
    assert_eq!(data[10], b"AT+CSQ\r\n");
    assert_eq!(data[11], b"\r\n+CSQ: 2");
    assert_eq!(data[13], b"\x01\x0f\x00\x00\x00\x00\x00\x00\x00");
    assert_eq!(data[14], b" \\ \x00 ");
    assert_eq!(transcript.records[14].at, Duration::new(1, 250_001));
    assert_eq!(transcript.ports(), ["ttyUSB2", "wdm0"]);
}

#[test]
fn the_header_says_model_source_and_mode() {
    let header = read(EXAMPLE).header;
    assert_eq!((header.model(), header.source()), (Some("quectel-bg95"), Some("where it was seen")));
    assert_eq!(header.mode(), Mode::Strict);
    let header = read("lpwa-transcript 1\nmode lenient\nfirmware BG95M3LAR02A04\n").header;
    assert_eq!((header.mode(), header.get("firmware")), (Mode::Lenient, Some("BG95M3LAR02A04")));
}

#[test]
fn records_know_their_line() {
    let transcript = read(EXAMPLE);
    let index = transcript.records.iter().position(|r| r.data == b"AT+CSQ\r\n").unwrap();
    assert_eq!(EXAMPLE.lines().nth(transcript.line_of(index) - 1), Some("0.600 ttyUSB2 >| AT+CSQ\\r\\n"));
}

#[test]
fn a_mistake_is_told_with_line_and_column() {
    let record = |line: &str| mistake(&format!("lpwa-transcript 1\n{line}\n"));
    assert_eq!(mistake("AT\r\nOK\r\n"), "line 1, column 1: a transcript starts with the line `lpwa-transcript 1`");
    assert_eq!(
        mistake("lpwa-transcript 2\n"),
        "line 1, column 17: version \"2\" of the format is not known; this lpwa reads version 1"
    );
    assert_eq!(record("mode loose"), "line 2, column 6: the mode is `strict` or `lenient`, not \"loose\"");
    assert_eq!(record("model a\nmodel b"), "line 3, column 1: the key `model` stands in the header already");
    assert!(record("Model a").starts_with("line 2, column 1: a header line is a key of lower-case letters"));
    assert!(record("0.1.2 m0 > AT").starts_with("line 2, column 1: \"0.1.2\" is no time"));
    assert!(record("1.0 m0 > AT\n0.5 m0 < OK").starts_with("line 3, column 1: the time is before that of the record"));
    assert!(record("1.0").starts_with("line 2, column 5: the name of the port is missing"));
    assert!(record("1.0 m0 >+ AT").starts_with("line 2, column 8: \">+\" is no direction"));
    assert_eq!(record("1.0 m0 < 1\\q"), "line 2, column 11: \"\\\\q\" is no escape; write \\r, \\n, \\\\ or \\xNN");
    assert!(record("1.0 m0 <x 01 2").starts_with("line 2, column 11: after `x` stand pairs of hexadecimal digits"));
}

#[test]
fn a_chunk_is_cut_into_lines_and_stays_whole() {
    let cut = |direction, data: &[u8]| -> Vec<String> {
        let records = Record::split(Duration::ZERO, "m0", direction, data);
        assert_eq!(records.iter().flat_map(|r| r.data.clone()).collect::<Vec<u8>>(), data);
        records.iter().map(|r| r.to_string().replace("0.000 m0 ", "")).collect()
    };
    let from = |data| cut(Direction::FromModem, data);
    assert_eq!(from(b"\r\n+CPIN: READY\r\n\r\nOK\r\n"), ["< +CPIN: READY", "< OK"]);
    assert_eq!(from(b"ATI\r\r\nA\r\nB\r\n\r\nOK\r\n"), ["<| ATI\\r", "< A", "<+ B", "< OK"]);
    assert_eq!(from(b"\r\n\r\nOK\r\n\r\n+CE"), ["<+", "< OK", "<| \\r\\n+CE"]);
    assert_eq!(from(b"\r"), ["<| \\r"]);
    assert_eq!(from(b"\xff\xfe\x00\r\n\x80\x90"), ["<x fffe000d0a8090"]);
    let to = |data| cut(Direction::ToModem, data);
    assert_eq!(to(b"AT\rATE0\r\nfull text\x1a"), ["> AT", ">| ATE0\\r\\n", ">| full text\\x1a"]);
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let data = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..40),
        "(\r\n)?[ -~]{0,20}(\r|\n|\r\n){0,2}".prop_filter("bytes", |s| !s.is_empty()).prop_map(String::into_bytes),
    ];
    let direction = prop_oneof![Just(Direction::ToModem), Just(Direction::FromModem)];
    let record = (0..4_000_000_000_u64, "[a-zA-Z0-9/:._-]{1,12}", direction, data);
    proptest::collection::vec(record, 0..12).prop_map(|parts| {
        let mut at = Duration::ZERO;
        let next = |(step, port, direction, data)| {
            at += Duration::from_nanos(step);
            Record { at, port, direction, data }
        };
        parts.into_iter().map(next).collect()
    })
}

proptest! {
    #[test]
    fn any_bytes_survive_the_text(records in records()) {
        let transcript = Transcript { records, ..Transcript::default() };
        let text = transcript.to_string();
        prop_assert_eq!(text.parse::<Transcript>(), Ok(transcript));
    }

    #[test]
    fn a_cut_loses_nothing(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        for direction in [Direction::ToModem, Direction::FromModem] {
            let records = Record::split(Duration::ZERO, "m0", direction, &data);
            prop_assert_eq!(records.into_iter().flat_map(|r| r.data).collect::<Vec<u8>>(), data.clone());
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*|lpwa-transcript 1\n(([0-9.]{0,8}|[a-z]{1,5}) ?[ -~]{0,30}\n){0,5}") {
        let _ = text.parse::<Transcript>();
    }
}
