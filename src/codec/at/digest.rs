//! Bytes from the modem to notices, answers and prompts.

use std::collections::VecDeque;

use super::frame::{Pending, glue, is_bare_value, is_marked, is_registration_answer, is_standard_urc};
use super::result::{AtError, FinalResult};

/// The longest line that is kept, octets.
pub const LINE_MAX: usize = 4096;
/// The longest answer that is kept, octets over all its lines.
pub const ANSWER_MAX: usize = 64 * 1024;
/// The most lines that an answer may have.
pub const ANSWER_LINES_MAX: usize = 2048;
/// The most octets that wait to be digested.
pub const BACKLOG_MAX: usize = 128 * 1024;
/// Abandoned commands whose late answer is still recognised.
const LATE_MAX: usize = 4;

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

/// The pending command and what it collected so far.
#[derive(Debug)]
struct Collecting {
    pending: Pending,
    lines: Vec<String>,
    octets: usize,
    finals_left: u8,
    /// The last data line ended inside quotes: the next is the rest of its text.
    quoted: bool,
    /// A prompt was given: the modem may echo the data.
    prompted: bool,
    overflowed: bool,
}

impl Collecting {
    fn new(pending: Pending) -> Self {
        let finals_left = pending.finals.max(1);
        Self { pending, lines: Vec::new(), octets: 0, finals_left, quoted: false, prompted: false, overflowed: false }
    }
}

/// Turns bytes into [`Digest`]s. Everything it keeps is bounded.
///
/// Call [`expect`](Self::expect) before the command is written, [`push`](Self::push) what was read, then
/// [`next`](Self::next) until it gives `None`.
#[derive(Debug, Default)]
pub struct Digester {
    backlog: VecDeque<u8>,
    line: Vec<u8>,
    skip_line: bool,
    /// More was pushed than the backlog holds: there is a gap behind it.
    lost: bool,
    ready: VecDeque<Digest>,
    urcs: Vec<String>,
    collecting: Option<Collecting>,
    late: VecDeque<Pending>,
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
        let Some(collecting) = self.collecting.take() else { return };
        if self.late.len() >= LATE_MAX {
            self.late.pop_front();
        }
        self.late.push_back(collecting.pending);
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
        self.backlog.drain(..).collect()
    }

    fn take(&mut self, byte: u8) {
        match byte {
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
            collecting.overflowed = true;
            collecting.lines.clear();
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
        self.forget_late();
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
        let Some(collecting) = self.collecting.as_mut() else {
            self.late_answer = false;
            if self.late.pop_front().is_none() {
                self.ready.push_back(Digest::Urc(line.trim().to_owned()));
            }
            return;
        };
        if self.late_answer && collecting.lines.is_empty() {
            self.late_answer = false;
            self.late.pop_front();
            return;
        }
        if result == FinalResult::Ok && collecting.finals_left > 1 {
            collecting.finals_left = collecting.finals_left.saturating_sub(1);
            return;
        }
        let lines = std::mem::take(&mut collecting.lines);
        self.collecting = None;
        self.forget_late();
        self.ready.push_back(Digest::Response(Response { lines, result }));
    }

    /// Answers come in order: once the pending command is answered or echoed, no earlier one will be.
    fn forget_late(&mut self) {
        self.late.clear();
        self.late_answer = false;
    }

    fn is_late_echo(&self, line: &str) -> bool {
        self.late.iter().any(|late| late.echo == line)
            && self.collecting.as_ref().is_none_or(|c| c.pending.echo != line)
    }

    /// What stands before or after the echo of the pending command, where `line` has it.
    fn strip_echo<'a>(&self, line: &'a str) -> Option<&'a str> {
        let echo = self.collecting.as_ref().map(|c| c.pending.echo.as_str()).filter(|echo| !echo.is_empty())?;
        // A bare `AT` also ends and starts ordinary words.
        let long = echo.len() > 2;
        let before = line.strip_suffix(echo).filter(|before| before.is_empty() || long);
        before.or_else(|| line.strip_prefix(echo).filter(|after| long && is_marked(after)))
    }

    fn classify(&mut self, line: &str) {
        let pdu = std::mem::take(&mut self.pdu_follows) && line.bytes().all(|b| b.is_ascii_hexdigit());
        let Some(collecting) = self.collecting.as_ref().filter(|_| !pdu) else { return self.notice(line) };
        let pending = &collecting.pending;
        let known = is_standard_urc(line) || self.urcs.iter().any(|prefix| line.starts_with(prefix.as_str()));
        let answers = pending.answers(line) && !(known && pending.sets());
        // Lines of an earlier command's answer, or the echo of the data that was given after a prompt.
        let foreign = self.late_answer || (collecting.prompted && collecting.lines.is_empty());
        let belongs = match () {
            () if answers => true,
            () if known || foreign => false,
            () if collecting.quoted => true,
            () if is_marked(line) => pending.unprefixed && pending.prefixes.is_empty(),
            () if is_bare_value(line) => pending.wants_lines(),
            () => pending.unprefixed,
        };
        if belongs {
            self.collect(line, answers);
        } else if known || is_marked(line) || !foreign {
            self.notice(line);
        }
    }

    fn notice(&mut self, line: &str) {
        if self.late.iter().any(|late| late.answers(line)) {
            let registration = is_registration_answer(line);
            self.late_answer |= registration || !is_standard_urc(line);
            if registration {
                // `+CEREG: 5,1` read as a notice would say "roaming".
                return;
            }
        }
        self.pdu_follows = ["+CMT:", "+CDS:", "+CBM:"].iter().any(|prefix| line.starts_with(prefix));
        self.ready.push_back(Digest::Urc(line.to_owned()));
    }

    fn collect(&mut self, line: &str, starts: bool) {
        let Some(collecting) = self.collecting.as_mut() else { return };
        let odd = line.bytes().filter(|b| *b == b'"').count() % 2 == 1;
        collecting.quoted = odd ^ (collecting.quoted && !starts);
        if collecting.overflowed {
            return;
        }
        collecting.octets = collecting.octets.saturating_add(line.len());
        if collecting.octets > ANSWER_MAX || collecting.lines.len() >= ANSWER_LINES_MAX {
            return self.overflow();
        }
        collecting.lines.push(line.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digests `bytes` with `line` pending.
    fn answer(line: &str, bytes: &str) -> Vec<Digest> {
        let mut digester = Digester::new();
        digester.set_urcs(vec!["RDY".into(), "APP RDY".into(), "%XMODEMSLEEP:".into(), "+QIND:".into()]);
        digester.expect(Pending::for_line(line));
        drain(&mut digester, bytes)
    }

    fn drain(digester: &mut Digester, bytes: &str) -> Vec<Digest> {
        digester.push(bytes.as_bytes());
        std::iter::from_fn(|| digester.next()).collect()
    }

    fn urc(text: &str) -> Digest {
        Digest::Urc(text.into())
    }

    fn ok(lines: &[&str]) -> Digest {
        Digest::Response(Response {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            result: FinalResult::Ok,
        })
    }

    #[test]
    fn echo_is_removed_wherever_it_comes() {
        assert_eq!(answer("AT", "AT\r\r\nOK\r\n"), [ok(&[])]);
        assert_eq!(answer("AT", "\0\0\u{fffd}AT\r\r\nOK\r\n"), [ok(&[])]);
        assert_eq!(
            answer("AT+CPIN?", "RDY\r\n AT+CPIN?\r\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            [urc("RDY"), ok(&["+CPIN: READY"])]
        );
        assert_eq!(answer("AT+CFUN=1,0", "RDYAT+CFUN=1,0\r\nOK\r\n"), [urc("RDY"), ok(&[])]);
    }

    #[test]
    fn glued_answers_are_split() {
        assert_eq!(answer("AT+CEREG?", "+CEREG: 2,0OK\r\n"), [ok(&["+CEREG: 2,0"])]);
        // T-43: the prefix was lost with an earlier read.
        assert_eq!(answer("AT+CEREG?", " 2,5,\"9ABC\",\"0123ABCD\",9OK\r\n"), [ok(&["2,5,\"9ABC\",\"0123ABCD\",9"])]);
        assert_eq!(answer("AT+CFUN=1", "OK+CEREG: 2\r\n"), [ok(&[]), urc("+CEREG: 2")]);
    }

    #[test]
    fn a_notice_inside_an_answer_stays_a_notice() {
        assert_eq!(
            answer("AT+CEREG?", "+CEREG: 2\r\n+CEREG: 5,5,\"B4DC\",\"000AE520\",9\r\n+CEREG: 1,\"B4DC\"\r\nOK\r\n"),
            [urc("+CEREG: 2"), urc("+CEREG: 1,\"B4DC\""), ok(&["+CEREG: 5,5,\"B4DC\",\"000AE520\",9"])]
        );
        assert_eq!(
            answer("AT+CFUN=1", "%XMODEMSLEEP: 4\r\nOK\r\n%XMODEMSLEEP: 4,0\r\n"),
            [urc("%XMODEMSLEEP: 4"), ok(&[]), urc("%XMODEMSLEEP: 4,0")]
        );
    }

    #[test]
    fn an_answer_that_comes_too_late_is_not_taken_for_the_next() {
        let mut digester = Digester::new();
        digester.expect(Pending::for_line("AT+CREG?"));
        digester.abandon();
        digester.expect(Pending::for_line("AT+COPS?"));
        assert_eq!(drain(&mut digester, "AT+CREG?\r\n+CREG: 0,2\r\n\r\nOK\r\n"), []);
        assert_eq!(drain(&mut digester, "AT+COPS?\r\n+COPS: 0,0,\"X\",2\r\n\r\nOK\r\n"), [ok(&["+COPS: 0,0,\"X\",2"])]);
    }

    #[test]
    fn a_line_too_long_is_one_overflow() {
        let mut digester = Digester::new();
        digester.expect(Pending::for_line("ATI"));
        let long = "x".repeat(3 * LINE_MAX);
        assert_eq!(drain(&mut digester, &format!("a\r\n{long}\r\nb\r\nOK\r\n")), [Digest::Overflow, ok(&[])]);
    }

    #[test]
    fn prompt_comes_without_a_line_end() {
        assert_eq!(
            answer("AT+CMGS=23", "\r\n> 0011000B91\r\n+CMGS: 5\r\n\r\nOK\r\n"),
            [Digest::Prompt('>'), ok(&["+CMGS: 5"])]
        );
    }

    #[test]
    fn after_connect_the_rest_is_data() {
        let mut digester = Digester::new();
        digester.expect(Pending::for_line("ATD*99***1#"));
        digester.push(b"ATD*99***1#\r\r\nCONNECT 150000000\r\n~\xff}#");
        let connect = FinalResult::Connect(Some("150000000".into()));
        assert_eq!(digester.next(), Some(Digest::Response(Response { lines: vec![], result: connect })));
        assert_eq!(digester.take_rest(), b"\n~\xff}#");
    }

    #[test]
    fn one_ok_for_each_command_of_a_chain() {
        let mut digester = Digester::new();
        digester.expect(Pending { finals: 3, ..Pending::for_line("AT+CFUN=1;+COPS=2;+CGATT=1") });
        assert_eq!(drain(&mut digester, "OK\r\nOK\r\n"), []);
        assert_eq!(drain(&mut digester, "OK\r\n"), [ok(&[])]);
    }
}
