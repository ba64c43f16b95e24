//! Plain logs: of a terminal, where an `AT…` line is a command, or of a program that marks what it sends and receives.

use std::time::Duration;

use super::clock::{self, Clock};
use crate::transcript::{Direction, Record};

use Direction::{FromModem, ToModem};

/// Marks before a line, longest first where one begins with another.
const MARKS: &[(&str, Direction)] = &[
    (">>>", ToModem),
    ("<<<", FromModem),
    ("-->", ToModem),
    ("<--", FromModem),
    ("->", ToModem),
    ("<-", FromModem),
    (">", ToModem),
    ("<", FromModem),
    ("[Send->]", ToModem),
    ("[Recv<-]", FromModem),
    ("AT CMD:", ToModem),
    ("AT RESP:", FromModem),
    ("Sent command:", ToModem),
    ("Received:", FromModem),
    ("TX:", ToModem),
    ("RX:", FromModem),
];

/// Time between lines of a log that tells none.
const STEP: Duration = Duration::from_millis(10);

pub(super) fn records(text: &str, port: &str) -> Vec<Record> {
    // A log that marks its commands means an unmarked AT line as an echo.
    let marked = text.lines().any(|line| {
        let (_, line) = clock::strip(line);
        matches!(mark(line), (Some(ToModem), text) if is_command(text))
    });
    let (mut clock, mut untimed) = (Clock::default(), Duration::ZERO);
    let mut records = Vec::new();
    for line in text.lines() {
        let (stamp, line) = clock::strip(line);
        let (direction, line) = if marked { mark(line) } else { (None, line.trim()) };
        let at = clock.at(stamp);
        if line.is_empty() {
            continue;
        }
        untimed = untimed.saturating_add(STEP);
        let at = if clock.is_set() { at } else { untimed };
        let direction = match direction {
            Some(direction) => direction,
            None if !marked && is_command(line) => ToModem,
            // The talk before the first command is somebody's prose.
            None if records.is_empty() && !line.starts_with(['+', '%', '#', '^', '*', '$']) && !is_banner(line) => {
                continue;
            }
            None => FromModem,
        };
        let data = framed(direction, line);
        records.push(Record { at, port: port.to_owned(), direction, data });
    }
    records
}

/// A command or its echo with CR, anything else as V.250 frames a line.
fn framed(direction: Direction, line: &str) -> Vec<u8> {
    let text = if direction == ToModem || is_command(line) { format!("{line}\r") } else { format!("\r\n{line}\r\n") };
    text.into_bytes()
}

fn mark(line: &str) -> (Option<Direction>, &str) {
    let line = line.trim();
    let found = MARKS.iter().find_map(|(mark, direction)| line.strip_prefix(mark).map(|rest| (*direction, rest)));
    found.map_or((None, line), |(direction, rest)| (Some(direction), rest.trim()))
}

/// `AT` alone, before a sign, or before a letter that is no start of a word: `ATI`, `ATQ0V1`, `ATDT*99#`.
fn is_command(line: &str) -> bool {
    let Some((at, rest)) = line.split_at_checked(2) else { return false };
    let mut rest = rest.chars().map(|c| c.to_ascii_uppercase());
    at.eq_ignore_ascii_case("AT")
        && match (rest.next(), rest.next()) {
            (None, _) => true,
            (Some('A'..='Z'), None) | (Some('D'), Some('T' | 'P')) => true,
            (Some('A'..='Z'), Some(second)) => !second.is_alphabetic() && second != ' ',
            (Some(sign), _) => "+%#$^&!*\\".contains(sign),
        }
}

/// What a modem says when it starts.
fn is_banner(line: &str) -> bool {
    ["RDY", "APP RDY", "Ready", "SMS Ready", "SMS DONE", "PB DONE", "Call Ready"].contains(&line)
}
