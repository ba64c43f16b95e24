//! ModemManager's debug log.
//!
//! A chunk stands in single quotes behind an arrow, CR and LF as `<CR>` and `<LF>`, other bytes that do not print as a
//! backslash and a decimal number. What stands before it has changed with the years:
//! `(ttyUSB2): -->`, `[ttyUSB2/at] -->`, `[modem0/ttyUSB2/at] -->`, `[/dev/wwan0at1/at] -->`.

use super::clock::{self, Clock};
use crate::transcript::{Direction, Record};

/// Whether the text has a line of such a log.
pub(super) fn fits(text: &str) -> bool {
    text.lines().any(|line| chunk(line).is_some())
}

pub(super) fn records(text: &str, port: &str) -> Vec<Record> {
    let mut clock = Clock::default();
    let mut records = Vec::new();
    for (prefix, direction, payload) in text.lines().filter_map(chunk) {
        let at = clock.at(clock::find(prefix));
        let port = device(prefix).unwrap_or(port);
        records.extend(Record::split(at, port, direction, &bytes(payload)));
    }
    records
}

/// What stands before the arrow, the arrow, and what the quotes hold.
fn chunk(line: &str) -> Option<(&str, Direction, &str)> {
    let arrows = [("--> '", Direction::ToModem), ("<-- '", Direction::FromModem)];
    let found = arrows.into_iter().filter_map(|(arrow, way)| line.find(arrow).map(|at| (at, arrow, way)));
    let (at, arrow, direction) = found.min_by_key(|(at, ..)| *at)?;
    let (prefix, rest) = line.split_at_checked(at)?;
    let (payload, _) = rest.strip_prefix(arrow)?.rsplit_once('\'')?;
    Some((prefix, direction, payload))
}

/// The port: the last word in brackets, without its directory and its kind.
fn device(prefix: &str) -> Option<&str> {
    let prefix = prefix.trim_end().trim_end_matches(':');
    let (_, name) = prefix.strip_suffix(')').and_then(|p| p.rsplit_once('(')).or_else(|| {
        let inner = prefix.strip_suffix(']')?;
        inner.rsplit_once('[')
    })?;
    let name = ["/at", "/gps", "/qcdm"].into_iter().find_map(|kind| name.strip_suffix(kind)).unwrap_or(name);
    let name = name.rsplit('/').next().unwrap_or(name);
    if name.is_empty() || name.contains(char::is_whitespace) { None } else { Some(name) }
}

fn bytes(payload: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::with_capacity(payload.len()), payload);
    while let Some(c) = rest.chars().next() {
        let (byte, length) = if rest.starts_with("<CR>") {
            (Some(b'\r'), 4)
        } else if rest.starts_with("<LF>") {
            (Some(b'\n'), 4)
        } else {
            decimal(rest).unwrap_or((None, c.len_utf8()))
        };
        let Some((taken, tail)) = rest.split_at_checked(length) else { break };
        match byte {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(taken.as_bytes()),
        }
        rest = tail;
    }
    bytes
}

/// `\26`: a byte as a decimal number. A backslash that is one has no digit behind it.
fn decimal(text: &str) -> Option<(Option<u8>, usize)> {
    let digits = text.strip_prefix('\\')?.bytes().take_while(u8::is_ascii_digit).count();
    (1..=digits.min(3)).rev().find_map(|length| {
        let end = length.saturating_add(1);
        let byte = text.get(1..end)?.parse().ok()?;
        Some((Some(byte), end))
    })
}
