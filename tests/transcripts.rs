//! Every fixture, as a file and as a session. What the driver makes of them is tested elsewhere.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lpwa::transcript::session::Session;
use lpwa::transcript::{Direction, Record, Transcript, compare, redact};

/// All `fixtures/<family>/<name>.transcript`.
fn fixtures() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for family in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")).unwrap().flatten() {
        for file in fs::read_dir(family.path()).into_iter().flatten().flatten() {
            if file.path().extension().is_some_and(|e| e == "transcript") {
                found.push((file.path(), fs::read_to_string(file.path()).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn each(check: impl Fn(&str, &str, &Transcript)) {
    for (path, text) in fixtures() {
        let name = path.display().to_string();
        let transcript = text.parse().unwrap_or_else(|e| panic!("{name}: {e}"));
        check(&name, &text, &transcript);
    }
}

#[test]
fn there_are_enough_over_all_families() {
    let fixtures = fixtures();
    let families: BTreeSet<_> = fixtures.iter().filter_map(|(path, _)| path.parent()?.file_name()).collect();
    assert!(fixtures.len() >= 28, "{}", fixtures.len());
    for family in ["generic", "quectel", "simcom", "nordic", "ublox"] {
        assert!(families.contains(std::ffi::OsStr::new(family)), "{family}");
    }
}

#[test]
fn every_fixture_prints_as_it_was_written() {
    each(|name, text, transcript| assert_eq!(transcript.to_string(), text, "{name}"));
}

#[test]
fn every_fixture_names_its_model_and_source() {
    each(|name, _, transcript| {
        assert!(transcript.header.model().is_some(), "{name}: no model");
        let source = transcript.header.source().unwrap_or_default();
        assert!(!source.is_empty(), "{name}: no source");
        // An entry of the collection of seen sessions: T-01 and a word on it.
        if let Some(rest) = source.strip_prefix("T-") {
            assert!(
                rest.split(' ').next().is_some_and(|n| n.len() == 2 && n.parse::<u8>().is_ok()),
                "{name}: {source}"
            );
        }
    });
}

/// An identity in a fixture is invented, or what redaction leaves: six digits that name an issuer, then a count.
#[test]
fn no_fixture_names_a_person_or_a_device() {
    each(|name, text, _| {
        // The digits of a binary message are those of its octets.
        let lines = text.lines().filter(|line| !line.contains(" >x ") && !line.contains(" <x "));
        let runs = lines.flat_map(|line| line.split(|c: char| !c.is_ascii_digit()));
        for run in runs.filter(|run| run.len() >= 15) {
            assert!(run.get(6..11) == Some("00000"), "{name}: {run}");
        }
    });
}

#[test]
fn addresses_are_private_or_of_the_documentation() {
    each(|name, text, _| {
        for word in text.split(|c: char| !c.is_ascii_digit() && c != '.') {
            let Ok(address) = word.parse::<std::net::Ipv4Addr>() else { continue };
            let [a, b, c, _] = address.octets();
            // 5.1.1.0 and 5.0.0.0 are firmware versions.
            let version = text.contains(&format!("LR{word}")) || text.contains(&format!("UE{word}"));
            // 100.64/10 is what carriers give to devices (RFC 6598).
            let carrier = a == 100 && (64..128).contains(&b);
            assert!(
                a == 10
                    || carrier
                    || [[192, 0, 2], [198, 51, 100], [203, 0, 113]].contains(&[a, b, c])
                    || address.is_unspecified()
                    || version,
                "{name}: {word}"
            );
        }
    });
}

#[test]
fn redaction_keeps_every_fixture_a_fixture() {
    each(|name, text, transcript| {
        let redacted = redact::redact(transcript);
        assert_eq!(redacted.to_string().parse(), Ok(redacted.clone()), "{name}");
        assert_eq!(redacted.to_string().len(), text.len(), "{name}");
    });
}

/// The commands of a fixture, sent at their time, bring back exactly the recording.
#[test]
fn every_fixture_replays_itself() {
    each(|name, _, transcript| {
        for (port, mode) in transcript.ports().into_iter().flat_map(|port| [(port, "strict"), (port, "lenient")]) {
            let mut recorded = transcript.clone();
            recorded.records.retain(|r| r.port == port);
            recorded.header.set("mode", mode);
            let replayed = replay(&recorded, port);
            recorded.records.retain(|r| r.direction == Direction::FromModem);
            if let Some(difference) = compare::transcripts(&recorded, &replayed) {
                panic!("{name} {mode}: {difference}");
            }
        }
    });
}

/// What comes from the modem when every command is sent at its time.
fn replay(recorded: &Transcript, port: &str) -> Transcript {
    let mut session = Session::new(recorded, port);
    let mut replayed = Transcript::default();
    let mut take = |session: &mut Session, before: Duration| {
        while let Some(at) = session.next_deadline().filter(|at| *at < before) {
            let data = session.poll(at).unwrap();
            replayed.records.push(Record { at, port: port.to_owned(), direction: Direction::FromModem, data });
        }
    };
    for record in recorded.records.iter().filter(|r| r.direction == Direction::ToModem) {
        take(&mut session, record.at);
        session.on_command(&record.data, record.at).unwrap();
    }
    take(&mut session, Duration::MAX);
    session.verdict().unwrap();
    replayed
}
