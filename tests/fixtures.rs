//! The recorded sessions in `fixtures/`: they read, they say where they come from, and nobody can be found in them.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use lpwa::transcript::{Direction, Mode, Transcript};

const FAMILIES: [&str; 5] = ["generic", "quectel", "simcom", "nordic", "ublox"];
const MODELS: [&str; 9] = [
    "generic",
    "quectel",
    "quectel-bg95",
    "simcom",
    "simcom-sim7080",
    "simcom-sim7000",
    "nordic-nrf91",
    "ublox-sara-r4",
    "ublox-sara-r5",
];
/// How sure the origin of a session is, from best to worst.
const TRUST: [&str; 5] = ["LIVE", "LIVE-COMMENT", "DOC", "MOCK", "ADAPTED"];
/// IMSI on a test network, IMEI with a type allocation that is none, ICCID of no issuer.
const INVENTED: [&str; 7] = ["00101", "99970", "90170", "35000000", "00440000", "8900000", "8999970"];
/// Fewer digits in a row are no identity: an IMSI has 15, rarely 14 (TS 23.003 clause 2.2).
const IDENTITY: usize = 14;
/// Lines whose long numbers are times.
const TIMES: [&str; 2] = ["%XTIME:", "+CGNSINF:"];
/// Lines with telephone numbers.
const PHONES: [&str; 8] = ["+CNUM:", "+CSCA:", "+CMT:", "+CMGR:", "+CMGL:", "+CLIP:", "AT+CMGS=", "AT+CSCA="];

struct Fixture {
    /// Below `fixtures/`, without the ending.
    name: String,
    text: String,
}

impl Fixture {
    fn transcript(&self) -> Transcript {
        self.text.parse().unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }

    fn family(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    /// Every line that crossed the port, echoes and pieces of lines as well.
    fn lines(&self) -> Vec<String> {
        let records = self.transcript().records.into_iter().filter(|r| r.direction != Direction::Note);
        let bytes: Vec<u8> = records.flat_map(|r| r.data).collect();
        String::from_utf8(bytes).unwrap().split(['\r', '\n']).map(|line| line.trim().to_owned()).collect()
    }
}

fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut fixtures = Vec::new();
    for family in FAMILIES {
        for entry in fs::read_dir(root.join(family)).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "transcript") {
                let name = format!("{family}/{}", path.file_stem().unwrap().to_str().unwrap());
                fixtures.push(Fixture { name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    fixtures
}

/// Runs of digits in `text`, of at least `least`.
fn numbers(text: &str, least: usize) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(move |run| run.len() >= least)
}

/// Numbers with dots between them, of at least four parts.
fn dotted(text: &str) -> impl Iterator<Item = Vec<u8>> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'));
    words.filter_map(|word| {
        let parts = word.split('.').map(str::parse).collect::<Result<Vec<u8>, _>>().ok()?;
        (parts.len() >= 4).then_some(parts)
    })
}

/// Addresses that nobody has: of documents (RFC 5737, RFC 3849), private ones (RFC 1918), shared ones (RFC 6598),
/// none, and IPv6 as TS 27.007 clause 10.1.23 writes it, in sixteen decimals.
fn is_nobodys(parts: &[u8]) -> bool {
    match *parts {
        // An address, or an address and its mask.
        [a, b, c, d] | [a, b, c, d, 255, ..] => {
            let ip = Ipv4Addr::new(a, b, c, d);
            ip.is_documentation() || ip.is_unspecified() || a == 10 || a == 100 && (64..128).contains(&b)
        }
        _ => parts.len() == 16 && (parts.iter().all(|p| *p == 0) || parts.starts_with(&[0x20, 0x01, 0x0d, 0xb8])),
    }
}

#[test]
fn all_families_have_sessions() {
    let mut count = BTreeMap::<String, usize>::new();
    for fixture in fixtures() {
        *count.entry(fixture.family().to_owned()).or_default() += 1;
    }
    assert_eq!(count.len(), FAMILIES.len(), "{count:?}");
    assert!(count.values().sum::<usize>() >= 50, "{count:?}");
}

#[test]
fn every_session_reads_and_prints_back() {
    for fixture in fixtures() {
        let printed = fixture.transcript().to_string();
        for (number, (read, printed)) in (1..).zip(fixture.text.lines().zip(printed.lines())) {
            assert_eq!(read, printed, "{}: line {number}", fixture.name);
        }
        assert_eq!(fixture.text, printed, "{}", fixture.name);
    }
}

#[test]
fn every_session_says_what_it_is_and_where_it_was_seen() {
    for fixture in fixtures() {
        let (name, transcript) = (&fixture.name, fixture.transcript());
        let header = &transcript.header;
        let model = header.model().unwrap_or_else(|| panic!("{name}: no model"));
        assert!(MODELS.contains(&model), "{name}: model {model}");
        assert!(model.starts_with(fixture.family()), "{name}: model {model} is of another family");
        assert_eq!(header.mode(), Mode::Lenient, "{name}");
        assert_eq!(transcript.ports().len(), 1, "{name}: {:?}", transcript.ports());

        let source = header.source().unwrap_or_else(|| panic!("{name}: no source"));
        let mut words = source.split(' ');
        let entry = words.next().unwrap();
        let number: Option<u32> = entry.strip_prefix("T-").and_then(|n| n.parse().ok());
        let cited = number.is_some_and(|n| (1..=47).contains(&n)) && words.next().is_some_and(|w| TRUST.contains(&w));
        assert!(cited || entry == "COMPOSED", "{name}: source {source}");
        assert!(words.count() >= 3, "{name}: source {source}");
    }
}

#[test]
fn what_was_added_is_marked() {
    let note = |line: &str, what: &str| line.starts_with(what);
    for fixture in fixtures() {
        let mut lines = fixture.text.lines();
        let added = lines.clone().filter(|l| note(l, "# added")).collect::<Vec<_>>();
        for line in &added {
            assert!(note(line, "# added: not in the recorded session"), "{}: {line}", fixture.name);
        }
        // `# recorded` ends what `# added` began.
        let mut open = false;
        while let Some(line) = lines.find(|l| note(l, "# added") || *l == "# recorded") {
            assert_ne!(open, line != "# recorded", "{}: {line}", fixture.name);
            open = !open;
        }
    }
}

#[test]
fn identities_are_invented() {
    for fixture in fixtures() {
        for line in fixture.lines() {
            if TIMES.iter().any(|prefix| line.starts_with(prefix)) {
                continue;
            }
            for number in numbers(&line, IDENTITY) {
                let invented = INVENTED.iter().any(|prefix| number.starts_with(prefix));
                assert!(invented, "{}: {number} in {line}", fixture.name);
            }
        }
    }
}

#[test]
fn telephone_numbers_are_those_of_fiction() {
    // 555-0100 to 555-0199 are kept free for fiction in the North American numbering plan.
    let is_fiction = |number: &str| {
        let local = number.strip_prefix('1').unwrap_or(number);
        local.len() == 10 && local.get(3..8) == Some("55501")
    };
    for fixture in fixtures() {
        for line in fixture.lines() {
            let phone = PHONES.iter().any(|prefix| line.starts_with(prefix)) || line.contains("\"+");
            for number in numbers(&line, 7).filter(|_| phone) {
                assert!(is_fiction(number), "{}: {number} in {line}", fixture.name);
            }
        }
    }
}

#[test]
fn addresses_are_nobodys() {
    for fixture in fixtures() {
        for line in fixture.lines() {
            for parts in dotted(&line) {
                assert!(is_nobodys(&parts), "{}: {parts:?} in {line}", fixture.name);
            }
        }
    }
}

#[test]
fn the_checks_find_what_they_look_for() {
    assert_eq!(numbers("+CGSN: \"490154203237518\"", IDENTITY).collect::<Vec<_>>(), ["490154203237518"]);
    let found = |text: &str| dotted(text).map(|parts| is_nobodys(&parts)).collect::<Vec<_>>();
    assert_eq!(found("+CGPADDR: 1,\"8.8.8.8\",\"192.0.2.1\""), [false, true]);
    assert_eq!(found("1,5,\"a.b\",\"10.1.2.3.255.255.255.0\",\"172.16.0.1\""), [true, false]);
    assert_eq!(found("\"42.2.0.0.0.0.0.0.0.0.0.0.0.0.0.1\" 32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.7"), [false, true]);
    assert_eq!(found("LR5.1.1.0-38638 UE5.0.0.0d 1.2.3"), [false; 0]);
}
