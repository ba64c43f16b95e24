//! The text form: parse and print.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::message::Framing;
use super::{Direction, Header, Record, Transcript, VERSION, escape};

/// A text that is no transcript: where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct ParseError {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub kind: ParseErrorKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// The first line is another.
    #[error("a transcript starts with the line `lpwa-transcript {VERSION}`")]
    NotTranscript,
    /// Written by a later lpwa.
    #[error("version {0:?} of the format is not known; this lpwa reads version {VERSION}")]
    Version(String),
    /// A header line that is none.
    #[error("a header line is a key of lower-case letters, digits and `-`, a space, and a value")]
    Header,
    /// A key stands twice.
    #[error("the key `{0}` stands in the header already")]
    DuplicateKey(String),
    /// An unknown mode.
    #[error("the mode is `strict` or `lenient`, not {0:?}")]
    Mode(String),
    /// No time at the start of a record.
    #[error("{0:?} is no time; a record starts with the seconds since the start, such as 0.012")]
    Time(String),
    /// A record before the one above it.
    #[error("the time is before that of the record above; put the records in order")]
    Backwards,
    /// Nothing after the time.
    #[error("the name of the port is missing after the time")]
    Port,
    /// No direction after the port.
    #[error("{0:?} is no direction; write one of > >| >x < <+ <| <x")]
    Marker(String),
    /// A backslash that starts no escape.
    #[error("{0:?} is no escape; write \\r, \\n, \\\\ or \\xNN")]
    Escape(String),
    /// Hexadecimal digits were expected.
    #[error("after `x` stand pairs of hexadecimal digits")]
    Hex,
}

type Located<T> = Result<T, (usize, ParseErrorKind)>;

/// What a marker says of the bytes behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `>`: a command and its CR. `<`: a line between CR LF and CR LF (V.250 clause 5.7.1).
    Line,
    /// `<+`: a further line of the same answer, CR LF at its end only.
    Further,
    /// `|`: exactly these bytes.
    Exact,
    /// `x`: exactly these bytes, in hexadecimal.
    Hex,
}

/// Whether a header key may have this character.
pub(super) const fn is_key_char(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | '-')
}

impl FromStr for Transcript {
    type Err = ParseError;

    /// Reads a transcript. Comment lines and empty lines after the header become notes, so that it prints as it was.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1_usize..).peekable();
        let located = |line, (column, kind)| ParseError { line, column, kind };
        first_line(lines.next().map(|(line, _)| line)).map_err(|e| located(1, e))?;
        let mut transcript = Self::default();
        while let Some((line, number)) = lines.next_if(|(line, _)| is_header(line)) {
            header_line(&mut transcript.header, line).map_err(|e| located(number, e))?;
        }
        let mut last = Duration::ZERO;
        for (line, number) in lines {
            let record = record_line(line, last).map_err(|e| located(number, e))?;
            last = record.at;
            transcript.records.push(record);
        }
        Ok(transcript)
    }
}

fn first_line(line: Option<&str>) -> Located<()> {
    let version = line.and_then(|l| l.strip_prefix("lpwa-transcript ")).ok_or((1, ParseErrorKind::NotTranscript))?;
    match version.trim().parse::<u32>() {
        Ok(VERSION) => Ok(()),
        _ => Err((17, ParseErrorKind::Version(version.trim().to_owned()))),
    }
}

/// The header ends at the first record, comment or empty line.
fn is_header(line: &str) -> bool {
    line.starts_with(|c: char| !c.is_ascii_digit() && !c.is_whitespace() && c != '#')
}

fn header_line(header: &mut Header, line: &str) -> Located<()> {
    let (key, value) = line.split_once(' ').ok_or((1, ParseErrorKind::Header))?;
    let value = value.trim();
    let column = key.chars().count().saturating_add(2);
    if !key.chars().all(is_key_char) || value.is_empty() {
        return Err((1, ParseErrorKind::Header));
    }
    if header.get(key).is_some() {
        return Err((1, ParseErrorKind::DuplicateKey(key.to_owned())));
    }
    if key == "mode" && !matches!(value, "strict" | "lenient") {
        return Err((column, ParseErrorKind::Mode(value.to_owned())));
    }
    header.set(key, value);
    Ok(())
}

/// Words of a line, each with its column; what follows is cut off at the blank behind a word.
struct Words<'a> {
    rest: &'a str,
    column: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> (usize, &'a str) {
        let trimmed = self.rest.trim_start();
        let skipped = self.rest.len().saturating_sub(trimmed.len());
        let (word, rest) = trimmed.split_once([' ', '\t']).unwrap_or((trimmed, ""));
        let column = self.column.saturating_add(skipped);
        self.column = column.saturating_add(word.chars().count()).saturating_add(1);
        self.rest = rest;
        (column, word)
    }
}

fn record_line(line: &str, last: Duration) -> Located<Record> {
    if line.trim().is_empty() || line.starts_with('#') {
        let data = line.trim_end().as_bytes().to_vec();
        return Ok(Record { at: last, port: String::new(), direction: Direction::Note, data });
    }
    let mut words = Words { rest: line, column: 1 };
    let (column, word) = words.next();
    let at = time(word).ok_or_else(|| (column, ParseErrorKind::Time(word.to_owned())))?;
    if at < last {
        return Err((column, ParseErrorKind::Backwards));
    }
    let (column, port) = words.next();
    if port.is_empty() {
        return Err((column, ParseErrorKind::Port));
    }
    let (column, word) = words.next();
    let (direction, form) = marker(word).ok_or_else(|| (column, ParseErrorKind::Marker(word.to_owned())))?;
    let data = match form {
        Form::Hex => escape::read_hex(words.rest).ok_or((words.column, ParseErrorKind::Hex))?,
        _ => escape::read(words.rest).map_err(|(offset, text)| {
            let before = words.rest.get(..offset).map_or(0, |s| s.chars().count());
            (words.column.saturating_add(before), ParseErrorKind::Escape(text))
        })?,
    };
    Ok(Record { at, port: port.to_owned(), direction, data: framed(direction, form, data) })
}

/// Seconds with at most nine decimals.
fn time(word: &str) -> Option<Duration> {
    let (seconds, fraction) = word.split_once('.').unwrap_or((word, "0"));
    let digits = |s: &str, most: usize| (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(seconds, 12) || !digits(fraction, 9) {
        return None;
    }
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    Some(Duration::new(seconds.parse().ok()?, nanos))
}

fn marker(word: &str) -> Option<(Direction, Form)> {
    Some(match word {
        ">" => (Direction::ToModem, Form::Line),
        ">|" => (Direction::ToModem, Form::Exact),
        ">x" => (Direction::ToModem, Form::Hex),
        "<" => (Direction::FromModem, Form::Line),
        "<+" => (Direction::FromModem, Form::Further),
        "<|" => (Direction::FromModem, Form::Exact),
        "<x" => (Direction::FromModem, Form::Hex),
        _ => return None,
    })
}

fn framed(direction: Direction, form: Form, text: Vec<u8>) -> Vec<u8> {
    match (direction, form) {
        (Direction::ToModem, Form::Line) => [text.as_slice(), b"\r"].concat(),
        (_, Form::Line) => [b"\r\n", text.as_slice(), b"\r\n"].concat(),
        (_, Form::Further) => [text.as_slice(), b"\r\n"].concat(),
        (_, Form::Exact | Form::Hex) => text,
    }
}

/// The form in which the bytes read best, and what of them is written.
fn unframed(direction: Direction, data: &[u8]) -> (Form, &[u8]) {
    let line = |text: &&[u8]| !text.iter().any(|b| matches!(b, b'\r' | b'\n'));
    if is_binary(data) {
        return (Form::Hex, data);
    }
    if direction == Direction::ToModem {
        return data.strip_suffix(b"\r").filter(line).map_or((Form::Exact, data), |text| (Form::Line, text));
    }
    let Some(text) = data.strip_suffix(b"\r\n") else { return (Form::Exact, data) };
    if let Some(text) = text.strip_prefix(b"\r\n").filter(line) {
        return (Form::Line, text);
    }
    if line(&text) { (Form::Further, text) } else { (Form::Exact, data) }
}

/// A message of a binary protocol, or more than a quarter of the bytes would have to be written as `\xNN`.
fn is_binary(data: &[u8]) -> bool {
    if Framing::of(data).is_some() {
        return true;
    }
    // CR, LF, tab, Ctrl-Z and ESC belong to an AT dialogue.
    let odd = data.iter().filter(|&&b| !escape::is_plain(b) && !matches!(b, b'\r' | b'\n' | b'\\' | 9 | 0x1a | 0x1b));
    odd.count() > data.len() / 4
}

/// The length of the first piece of `data` that makes a record of its own.
pub(super) fn piece(direction: Direction, data: &[u8]) -> usize {
    if is_binary(data) {
        return data.len();
    }
    let end =
        |skip: usize| data.iter().skip(skip).position(|b| matches!(b, b'\r' | b'\n')).map(|i| i.saturating_add(skip));
    let byte = |i: usize| data.get(i).copied();
    if direction == Direction::ToModem {
        let stop = data.iter().position(|b| matches!(b, b'\r' | 0x1a | 0x1b));
        let crlf = stop.is_some_and(|i| byte(i.saturating_add(1)) == Some(b'\n'));
        return stop.map_or(data.len(), |i| i.saturating_add(if crlf { 2 } else { 1 }));
    }
    let opening = if data.starts_with(b"\r\n") { 2 } else { 0 };
    let Some(i) = end(opening) else { return data.len() };
    let crlf = byte(i) == Some(b'\r') && byte(i.saturating_add(1)) == Some(b'\n');
    match (opening, crlf) {
        // An empty line, or a line end that belongs to bytes before these.
        (2, _) if i == 2 => 2,
        (_, true) => i.saturating_add(2),
        // A lone CR ends an echo.
        (_, false) => i.saturating_add(1),
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "lpwa-transcript {VERSION}")?;
        for (key, value) in self.header.fields() {
            writeln!(f, "{key} {value}")?;
        }
        self.records.iter().try_for_each(|record| writeln!(f, "{record}"))
    }
}

/// One line of a transcript, without its line end.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.direction == Direction::Note {
            return f.write_str(&String::from_utf8_lossy(&self.data));
        }
        let (form, text) = unframed(self.direction, &self.data);
        let arrow = if self.direction == Direction::ToModem { '>' } else { '<' };
        write!(f, "{} {} {arrow}{}", Seconds(self.at), self.port, form.sign())?;
        if text.is_empty() {
            return Ok(());
        }
        f.write_str(" ")?;
        match form {
            Form::Hex => text.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            _ => escape::write(f, text),
        }
    }
}

impl Form {
    const fn sign(self) -> &'static str {
        match self {
            Self::Line => "",
            Self::Further => "+",
            Self::Exact => "|",
            Self::Hex => "x",
        }
    }
}

/// Seconds with as many decimals as tell the time exactly: 3, 6 or 9.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = (self.0.as_secs(), self.0.subsec_nanos());
        match (nanos % 1_000_000, nanos % 1000) {
            (0, _) => write!(f, "{seconds}.{:03}", nanos / 1_000_000),
            (_, 0) => write!(f, "{seconds}.{:06}", nanos / 1000),
            _ => write!(f, "{seconds}.{nanos:09}"),
        }
    }
}

#[cfg(test)]
mod tests;
