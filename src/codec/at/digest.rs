//! Bytes from the modem to notices, answers and prompts.

use std::collections::VecDeque;

use super::collect::Collecting;
use super::frame::{Pending, glue, is_marked, is_registration_answer, is_standard_urc};
use super::result::{AtError, FinalResult};

/// The longest line that is kept, octets.
pub const LINE_MAX: usize = 4096;
/// The longest answer that is kept, octets over all its lines.
pub const ANSWER_MAX: usize = 64 * 1024;
/// The most lines that an answer may have.
pub const ANSWER_LINES_MAX: usize = 2048;
/// The most octets that wait to be digested.
pub const BACKLOG_MAX: usize = 128 * 1024;
/// Commands of the past whose late answer is still recognised.
const PAST_MAX: usize = 4;

/// What came from the modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Digest {
    /// A line that the modem sent on its own.
    Urc(String),
    /// The whole answer to the pending command.
    Response(Response),
    /// The modem waits for data: `>` or `@`.
    Prompt(char),
    /// A line or an answer was longer than this codec keeps. What was too long is lost; the final result of a
    /// pending command still comes, without the lines collected before.
    Overflow,
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Data lines, without echo and without the final result, blanks trimmed.
    pub lines: Vec<String>,
    /// How the command ended.
    pub result: FinalResult,
}

/// A command that is no longer pending.
#[derive(Debug)]
struct Past {
    pending: Pending,
    answered: bool,
}

/// Turns bytes into [`Digest`]s. Everything it keeps is bounded.
///
/// Call [`expect`](Self::expect) before the command is written, [`push`](Self::push) what was read, then
/// [`next`](Self::next) until it gives `None`.
#[derive(Debug, Default)]
pub struct Digester {
    backlog: VecDeque<u8>,
    taken: u64,
    settled: u64,
    after_cr: bool,
    line: Vec<u8>,
    skip_line: bool,
    /// More was pushed than the backlog holds: there is a gap behind it.
    lost: bool,
    ready: VecDeque<Digest>,
    urcs: Vec<String>,
    collecting: Option<Collecting>,
    past: VecDeque<Past>,
    late_answer: bool,
    pdu_follows: bool,
}

impl Digester {
    /// Nothing pending, no notices known but those of the standard.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the literal starts of the notices that this model sends, such as `+QIURC:` or `RDY`.
    pub fn set_urcs(&mut self, prefixes: Vec<String>) {
        self.urcs = prefixes.into_iter().filter(|prefix| !prefix.trim().is_empty()).collect();
    }

    /// Arms for the answer to a command that is about to be written; a command still pending is abandoned.
    pub fn expect(&mut self, pending: Pending) {
        self.abandon();
        self.collecting = Some(Collecting::new(pending));
    }

    /// Forgets the pending command (timed out, cancelled) and what it collected. An answer that still comes is
    /// recognised by its echo or its prefix and does not count for the next command.
    pub fn abandon(&mut self) {
        if let Some(collecting) = self.collecting.take() {
            self.remember(collecting.pending, false);
        }
    }

    fn remember(&mut self, pending: Pending, answered: bool) {
        if self.past.len() >= PAST_MAX {
            self.past.pop_front();
        }
        self.past.push_back(Past { pending, answered });
    }

    /// Takes bytes as they were read, in any portions.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.lost {
            return;
        }
        let room = BACKLOG_MAX.saturating_sub(self.backlog.len());
        self.backlog.extend(bytes.iter().take(room));
        self.lost = bytes.len() > room;
    }

    /// The next item, or `None` until more bytes come.
    #[allow(clippy::should_implement_trait, reason = "not an iterator: more may come after None")]
    pub fn next(&mut self) -> Option<Digest> {
        loop {
            if let Some(digest) = self.ready.pop_front() {
                self.complete_line_end();
                self.settle(self.taken);
                return Some(digest);
            }
            match self.backlog.pop_front() {
                Some(byte) => self.take(byte),
                None if std::mem::take(&mut self.lost) => self.overflow_line(),
                None => return None,
            }
        }
    }

    /// What was pushed and is not digested yet: after [`FinalResult::Connect`] these bytes are data, not lines.
    pub fn take_rest(&mut self) -> Vec<u8> {
        self.line.clear();
        self.taken = self.taken.saturating_add(u64::try_from(self.backlog.len()).unwrap_or(u64::MAX));
        self.settled = self.taken;
        self.backlog.drain(..).collect()
    }

    /// How many octets since the start are done with: given out as items, or dropped as echo, noise and blank lines.
    /// Those of an answer that is still being collected are not.
    pub fn settled(&self) -> u64 {
        self.settled
    }

    fn settle(&mut self, at: u64) {
        if self.collecting.as_ref().is_none_or(|collecting| collecting.lines.is_empty()) {
            self.settled = self.settled.max(at);
        }
    }

    /// Takes the LF that belongs to the CR before it.
    fn complete_line_end(&mut self) {
        if self.after_cr && self.backlog.front() == Some(&b'\n') {
            self.backlog.pop_front();
            self.taken = self.taken.saturating_add(1);
            self.after_cr = false;
        }
    }

    fn take(&mut self, byte: u8) {
        self.taken = self.taken.saturating_add(1);
        let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
        match byte {
            b'\n' if after_cr => {}
            b'\r' | b'\n' => self.end_line(),
            // Noise of a line that has just been switched on, and flow control.
            0..=8 | 11..=31 | 127 => {}
            _ if self.skip_line => {}
            _ if self.line.len() >= LINE_MAX => self.overflow_line(),
            _ => {
                self.line.push(byte);
                self.look_for_prompt();
            }
        }
    }

    fn overflow_line(&mut self) {
        self.line.clear();
        self.skip_line = true;
        self.overflow();
    }

    fn overflow(&mut self) {
        if let Some(collecting) = self.collecting.as_mut() {
            collecting.overflow();
        }
        self.ready.push_back(Digest::Overflow);
    }

    /// A prompt has no line end (TS 27.005 clause 3.5.1).
    fn look_for_prompt(&mut self) {
        let Some(collecting) = self.collecting.as_mut().filter(|c| c.pending.prompt && !c.prompted) else { return };
        let sign = match self.line.trim_ascii() {
            b">" => '>',
            b"@" => '@',
            _ => return,
        };
        collecting.prompted = true;
        self.line.clear();
        self.ready.push_back(Digest::Prompt(sign));
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.skip_line) {
            return;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_start_matches(|c: char| c == char::REPLACEMENT_CHARACTER || c.is_whitespace());
        if !text.is_empty() {
            self.digest_line(text);
        }
        if self.ready.is_empty() {
            self.settle(self.taken.saturating_sub(1));
        }
    }

    /// Digests a line, or the lines that it is glued from.
    fn digest_line(&mut self, line: &str) {
        let mut rest = line;
        while let Some((first, after)) = glue(rest).and_then(|at| rest.split_at_checked(at)) {
            self.digest_one(first);
            rest = after;
        }
        self.digest_one(rest);
    }

    fn digest_one(&mut self, line: &str) {
        if let Some(result) = self.final_result(line) {
            return self.finish(line, result);
        }
        let line = line.trim_end();
        if self.is_late_echo(line) {
            self.late_answer = true;
            return;
        }
        let Some(beside) = self.strip_echo(line) else { return self.classify(line) };
        self.in_step();
        if let Some(collecting) = self.collecting.as_mut() {
            collecting.echoed = true;
        }
        if !beside.trim().is_empty() {
            self.classify(beside.trim());
        }
    }

    fn final_result(&self, line: &str) -> Option<FinalResult> {
        let pending = self.collecting.as_ref().map(|c| &c.pending);
        if pending.is_some_and(|p| p.data)
            && let Some(connect) = FinalResult::parse_connect(line)
        {
            return Some(connect);
        }
        match line.trim() {
            "SEND OK" if pending.is_some_and(|p| p.prompt) => Some(FinalResult::Ok),
            "SEND FAIL" if pending.is_some_and(|p| p.prompt) => Some(FinalResult::Error(AtError::SendFail)),
            _ => FinalResult::parse(line),
        }
    }

    fn finish(&mut self, line: &str, result: FinalResult) {
        let late = self.collecting.as_ref().is_none_or(|collecting| self.late_answer && collecting.lines.is_empty());
        if late {
            return self.finish_late(line);
        }
        let Some(mut collecting) = self.collecting.take() else { return };
        if result == FinalResult::Ok && collecting.finals_left > 1 {
            collecting.finals_left = collecting.finals_left.saturating_sub(1);
            self.collecting = Some(collecting);
            return;
        }
        self.in_step();
        self.remember(collecting.pending, true);
        self.ready.push_back(Digest::Response(Response { lines: collecting.lines, result }));
    }

    /// A final result of an earlier command, or of none.
    fn finish_late(&mut self, line: &str) {
        let earlier = self.past.iter_mut().find(|past| !past.answered).map(|past| past.answered = true).is_some();
        if !std::mem::take(&mut self.late_answer) && !earlier {
            self.ready.push_back(Digest::Urc(line.trim().to_owned()));
        }
    }

    /// Answers come in order: once the pending command is answered or echoed, no earlier one will be answered.
    fn in_step(&mut self) {
        self.late_answer = false;
        self.past.iter_mut().for_each(|past| past.answered = true);
    }

    /// Whether `line` is the echo of an earlier command, which is answered only now.
    fn is_late_echo(&self, line: &str) -> bool {
        self.past.iter().any(|past| past.pending.echo == line)
            && self.collecting.as_ref().is_none_or(|c| c.is_untouched() && c.pending.echo != line)
    }

    /// What stands before or after the echo of the pending command, where `line` has it.
    fn strip_echo<'a>(&self, line: &'a str) -> Option<&'a str> {
        let echo = self.collecting.as_ref().map(|c| c.pending.echo.as_str()).filter(|echo| !echo.is_empty())?;
        // A bare `AT` also ends and starts ordinary words.
        let long = echo.len() > 2;
        let before = line.strip_suffix(echo).filter(|before| before.is_empty() || long);
        before.or_else(|| line.strip_prefix(echo).filter(|after| long && is_marked(after)))
    }

    /// Whether `line` starts like a notice of the standard or of this model.
    fn is_known_urc(&self, line: &str) -> bool {
        is_standard_urc(line) || self.urcs.iter().any(|prefix| line.starts_with(prefix.as_str()))
    }

    fn classify(&mut self, line: &str) {
        let pdu = std::mem::take(&mut self.pdu_follows) && line.bytes().all(|b| b.is_ascii_hexdigit());
        let Some(collecting) = self.collecting.as_ref().filter(|_| !pdu) else { return self.notice(line) };
        let known = self.is_known_urc(line);
        if collecting.starts_answer(line, known) {
            return self.collect(line, true);
        }
        // Lines of an earlier command's answer, or the echo of the data that was given after a prompt.
        let foreign = self.late_answer || (collecting.prompted && collecting.lines.is_empty());
        if !known && !foreign && collecting.continues_answer(line) {
            self.collect(line, false);
        } else if known || is_marked(line) || !foreign {
            self.notice(line);
        }
    }

    fn notice(&mut self, line: &str) {
        if self.past.iter().any(|past| !past.answered && past.pending.answers(line)) {
            let registration = is_registration_answer(line);
            self.late_answer |= registration || !self.is_known_urc(line);
            if registration {
                // `+CEREG: 5,1` read as a notice would say "roaming".
                return;
            }
        }
        self.pdu_follows = ["+CMT:", "+CDS:", "+CBM:"].iter().any(|prefix| line.starts_with(prefix));
        self.ready.push_back(Digest::Urc(line.to_owned()));
    }

    fn collect(&mut self, line: &str, starts: bool) {
        if self.collecting.as_mut().is_some_and(|collecting| !collecting.collect(line, starts)) {
            self.overflow();
        }
    }
}
