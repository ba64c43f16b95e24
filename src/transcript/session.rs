//! A recorded modem answers again: which bytes it sends, and when.
//!
//! Pure: commands and the time come in, bytes and the next deadline come out. After every [`Session::on_command`] and
//! whenever [`Session::next_deadline`] has passed, take what is due with [`Session::poll`] until it gives `None`.

mod exchange;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::escape::Shown;
use super::message::Framing;
use super::{Mode, Transcript};
use exchange::{Exchange, exchanges};

/// How long a lenient session takes over an answer that was not recorded.
const UNRECORDED: Duration = Duration::from_millis(10);

/// A replay of one port of a transcript.
///
/// **Strict**: every command must be the next one recorded. **Lenient**: the nth time a command comes it gets the nth
/// answer recorded for it, and later the last one again; one that was never recorded gets `ERROR`, but for the basic
/// commands that every modem takes (V.250 clause 6.2).
///
/// A notice comes as long after its exchange as it did in the recording. In a lenient session the notices of an
/// exchange that has not taken place come at the time of the recording.
#[derive(Debug, Clone)]
pub struct Session {
    mode: Mode,
    exchanges: Vec<Exchange>,
    /// Strict: the index of the exchange to come.
    next: usize,
    /// Lenient: how often each command came.
    seen: BTreeMap<Vec<u8>, usize>,
    /// What will be sent, by time and order of entry; the number is the exchange whose notice it is.
    due: BTreeMap<(Duration, usize), (Vec<u8>, Option<usize>)>,
    entries: usize,
    end: usize,
    parted: Option<Mismatch>,
}

/// Where driver and transcript part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mismatch {
    /// Line of the transcript, counted from 1.
    pub line: usize,
    /// The command that stands there; `None`: the transcript has ended.
    pub expected: Option<String>,
    /// The command that came; `None`: none came.
    pub sent: Option<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match (&self.expected, &self.sent) {
            (Some(expected), Some(sent)) => write!(f, "line {line}: expected `{expected}`, the driver sent `{sent}`"),
            (Some(expected), None) => write!(f, "line {line}: expected `{expected}`, which the driver never sent"),
            (None, sent) => {
                let sent = sent.as_deref().unwrap_or_default();
                write!(f, "line {line}: the transcript has ended, the driver sent `{sent}`")
            }
        }
    }
}

impl Session {
    /// A session of what `transcript` recorded on `port`. Its clock starts at zero.
    pub fn new(transcript: &Transcript, port: &str) -> Self {
        let (opening, exchanges) = exchanges(transcript, port);
        let mut session = Self {
            mode: transcript.header.mode(),
            exchanges,
            next: 0,
            seen: BTreeMap::new(),
            due: BTreeMap::new(),
            entries: 0,
            end: transcript.line_of(transcript.records.len()),
            parted: None,
        };
        for (at, data) in opening {
            session.enter(at, data, None);
        }
        if session.mode == Mode::Lenient {
            let starts: Vec<Duration> = session.exchanges.iter().map(|e| e.at).collect();
            starts.into_iter().enumerate().for_each(|(index, start)| session.notices(index, start));
        }
        session
    }

    /// How the commands of the recording end: messages of a binary protocol, or `None` for lines.
    pub fn framing(&self) -> Option<Framing> {
        self.exchanges.first().and_then(|exchange| Framing::of(&exchange.command))
    }

    /// A command came at `now`; its CR and LF do not count.
    ///
    /// A strict session that has parted from the driver stays silent and tells the same mismatch again.
    pub fn on_command(&mut self, command: &[u8], now: Duration) -> Result<(), Mismatch> {
        match self.mode {
            Mode::Strict => self.strict(exchange::bare(command), now),
            Mode::Lenient => {
                self.lenient(&exchange::normal(command), now);
                Ok(())
            }
        }
    }

    /// The next bytes whose time has come.
    pub fn poll(&mut self, now: Duration) -> Option<Vec<u8>> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove().0)
    }

    /// When the next bytes are due, if nothing else happens.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// What is wrong so far: where driver and transcript parted, or the first recorded command that has not come.
    /// A lenient session is never wrong.
    pub fn verdict(&self) -> Result<(), Mismatch> {
        if let Some(parted) = &self.parted {
            return Err(parted.clone());
        }
        match self.exchanges.get(self.next) {
            Some(missing) if self.mode == Mode::Strict => Err(self.mismatch(Some(missing), None)),
            _ => Ok(()),
        }
    }

    fn strict(&mut self, command: &[u8], now: Duration) -> Result<(), Mismatch> {
        if let Some(parted) = &self.parted {
            return Err(parted.clone());
        }
        let expected = self.exchanges.get(self.next);
        if expected.is_none_or(|expected| expected.command != command) {
            let parted = self.mismatch(expected, Some(command));
            self.parted = Some(parted.clone());
            return Err(parted);
        }
        self.answer(self.next, now);
        self.notices(self.next, now);
        self.next = self.next.saturating_add(1);
        Ok(())
    }

    fn mismatch(&self, expected: Option<&Exchange>, sent: Option<&[u8]>) -> Mismatch {
        let shown = |command: &[u8]| Shown(command).to_string();
        Mismatch {
            line: expected.map_or(self.end, |e| e.line),
            expected: expected.map(|e| shown(&e.command)),
            sent: sent.map(shown),
        }
    }

    fn lenient(&mut self, command: &[u8], now: Duration) {
        let count = self.seen.entry(command.to_vec()).or_default();
        let occurrence = *count;
        *count = count.saturating_add(1);
        let same = (0..).zip(&self.exchanges).filter(|(_, e)| exchange::normal(&e.command) == command);
        let indices: Vec<usize> = same.map(|(index, _)| index).collect();
        match (indices.get(occurrence), indices.last()) {
            (Some(&index), _) => {
                self.answer(index, now);
                self.move_notices(index, now);
            }
            (None, Some(&last)) => self.answer(last, now),
            // A lone CR is no command, and no modem answers it.
            (None, None) if command.is_empty() => {}
            (None, None) => {
                let result: &[u8] = if exchange::is_basic(command) { b"\r\nOK\r\n" } else { b"\r\nERROR\r\n" };
                self.enter(now.saturating_add(UNRECORDED), result.to_vec(), None);
            }
        }
    }

    fn answer(&mut self, index: usize, now: Duration) {
        let answer = self.exchanges.get(index).map(|e| e.answer.clone()).unwrap_or_default();
        for (delay, data) in answer {
            self.enter(now.saturating_add(delay), data, None);
        }
    }

    /// Enters the notices of an exchange that starts at `start`.
    fn notices(&mut self, index: usize, start: Duration) {
        let notices = self.exchanges.get(index).map(|e| e.notices.clone()).unwrap_or_default();
        for (delay, data) in notices {
            self.enter(start.saturating_add(delay), data, Some(index));
        }
    }

    /// The exchange takes place at `now`: those of its notices that have not come yet come at their distance from it.
    fn move_notices(&mut self, index: usize, now: Duration) {
        let recorded = self.exchanges.get(index).map(|e| e.at).unwrap_or_default();
        let keys: Vec<_> = self.due.iter().filter(|(_, (_, of))| *of == Some(index)).map(|(key, _)| *key).collect();
        for key in keys {
            let Some((data, _)) = self.due.remove(&key) else { continue };
            self.enter(now.saturating_add(key.0.saturating_sub(recorded)), data, None);
        }
    }

    fn enter(&mut self, at: Duration, data: Vec<u8>, of: Option<usize>) {
        self.due.insert((at, self.entries), (data, of));
        self.entries = self.entries.saturating_add(1);
    }
}

#[cfg(test)]
mod tests;
