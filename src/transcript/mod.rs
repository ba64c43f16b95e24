//! Recorded sessions: the format, redaction, comparison, import of other programs' logs, replay.
//!
//! A [`Transcript`] is what crossed the ports of one modem, with its time. As text it is one record a line, made to
//! be read, compared and written by hand; `docs/transcripts.md` describes it for people.

pub mod compare;
mod escape;
mod format;
pub mod import;
pub mod message;
pub mod redact;
pub mod session;

use std::time::Duration;

pub use format::{ParseError, ParseErrorKind};

/// The version of the format that is read and written here.
pub const VERSION: u32 = 1;

/// A recorded session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// What the session is.
    pub header: Header,
    /// What crossed, in order of time.
    pub records: Vec<Record>,
}

/// `key value` lines above the records, in their order.
///
/// `model` names the model file that drives a replay, `source` tells where the session was seen, `mode` how strictly
/// it is replayed; any other key is kept and means nothing here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Keys of lower-case letters, digits and `-`; every key once.
    fields: Vec<(String, String)>,
}

/// How a transcript is replayed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// lpwa's own session: every line to the modem must come, in order.
    #[default]
    Strict,
    /// Another program's session: a command is matched by its text and served the answer recorded for it.
    Lenient,
}

/// Bytes that crossed a port at one time, or a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Since the start of the session; never less than that of the record before.
    pub at: Duration,
    /// The port's name, such as `ttyUSB2`, without white space; empty for a note.
    pub port: String,
    /// Which way.
    pub direction: Direction,
    /// The bytes as they crossed, line ends included; of a note its line.
    pub data: Vec<u8>,
}

/// Which way a record went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From us to the modem.
    ToModem,
    /// From the modem to us.
    FromModem,
    /// A comment line or an empty line of the file: no byte crossed, and comparison and replay pass over it.
    Note,
}

impl Header {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.fields.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Sets `key` to `value`, in its place or as the last line; an empty value takes the line away. A character that
    /// a key cannot have becomes `-`, a line break in the value a space.
    pub fn set(&mut self, key: &str, value: &str) {
        let key: String = key.chars().map(|c| if format::is_key_char(c) { c } else { '-' }).collect();
        let value = value.replace(['\r', '\n'], " ").trim().to_owned();
        if value.is_empty() {
            return self.fields.retain(|(k, _)| *k != key);
        }
        match self.fields.iter_mut().find(|(k, _)| *k == key) {
            Some((_, slot)) => *slot = value,
            None => self.fields.push((key, value)),
        }
    }

    /// All lines in their order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The model file that drives a replay.
    pub fn model(&self) -> Option<&str> {
        self.get("model")
    }

    /// Where the session was seen.
    pub fn source(&self) -> Option<&str> {
        self.get("source")
    }

    /// How the session is replayed; strict where the header does not say.
    pub fn mode(&self) -> Mode {
        match self.get("mode") {
            Some("lenient") => Mode::Lenient,
            _ => Mode::Strict,
        }
    }
}

impl Transcript {
    /// The names of the ports on which bytes crossed, each once, in order of appearance.
    pub fn ports(&self) -> Vec<&str> {
        let mut ports: Vec<&str> = Vec::new();
        for record in self.records.iter().filter(|r| r.direction != Direction::Note) {
            if !ports.contains(&record.port.as_str()) {
                ports.push(&record.port);
            }
        }
        ports
    }

    /// The time of the last record: how long the session took.
    pub fn duration(&self) -> Duration {
        self.records.last().map(|record| record.at).unwrap_or_default()
    }

    /// The line, counted from 1, on which the record with this index stands in the text.
    pub const fn line_of(&self, index: usize) -> usize {
        // The first line names the format; every header line and every record takes one more.
        self.header.fields.len().saturating_add(index).saturating_add(2)
    }
}

impl Record {
    /// A comment line. A line break in `text` becomes a space.
    pub fn note(at: Duration, text: &str) -> Self {
        let line = format!("# {}", text.replace(['\r', '\n'], " "));
        Self { at, port: String::new(), direction: Direction::Note, data: line.into_bytes() }
    }

    /// Bytes that crossed at once, cut into records that read as lines.
    ///
    /// The bytes of the records, put together, are `data` exactly.
    pub fn split(at: Duration, port: &str, direction: Direction, data: &[u8]) -> Vec<Self> {
        let mut records = Vec::new();
        let mut rest = data;
        while !rest.is_empty() {
            let length = format::piece(direction, rest).clamp(1, rest.len());
            let Some((piece, tail)) = rest.split_at_checked(length) else { break };
            records.push(Self { at, port: port.to_owned(), direction, data: piece.to_vec() });
            rest = tail;
        }
        records
    }
}
