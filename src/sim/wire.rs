//! The modem's end of the line: bytes that came and are not read yet, bytes that wait for their time.

use std::collections::VecDeque;
use std::time::Duration;

/// The longest command line; a longer one is refused.
pub(super) const MAX_LINE: usize = 2048;
/// Bytes that wait to be read; more are lost, as in the FIFO of a modem.
const MAX_INPUT: usize = 8192;
/// Bytes that wait to be sent; more are lost.
const MAX_OUTPUT: usize = 64 * 1024;

/// Bytes from the host, not read yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Input(Vec<u8>);

impl Input {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.0.len().saturating_add(bytes.len()) > MAX_INPUT && !self.0.contains(&b'\r') {
            // No line will ever come of this.
            self.0.clear();
        }
        let room = MAX_INPUT.saturating_sub(self.0.len());
        self.0.extend(bytes.iter().take(room));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The next line up to its CR (V.250 clause 5.2.1), or `A/`, which needs none (clause 5.2.4).
    pub(super) fn line(&mut self) -> Option<Vec<u8>> {
        let start = self.0.iter().take_while(|b| matches!(b, b'\n' | 0)).count();
        self.0.drain(..start);
        let end = match self.0.get(..2) {
            Some(b"A/" | b"a/") => 2,
            _ => self.0.iter().position(|b| *b == b'\r')? + 1,
        };
        let mut line: Vec<u8> = self.0.drain(..end).collect();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(line)
    }
}

/// Bytes to the host, each piece with its time; a piece never overtakes another.
#[derive(Debug, Clone, Default)]
pub(super) struct Output {
    pieces: VecDeque<(Duration, Vec<u8>)>,
    waiting: usize,
}

impl Output {
    pub(super) fn push(&mut self, at: Duration, bytes: Vec<u8>) {
        if bytes.is_empty() || self.waiting.saturating_add(bytes.len()) > MAX_OUTPUT {
            return;
        }
        self.waiting += bytes.len();
        let at = self.pieces.back().map_or(at, |(last, _)| at.max(*last));
        self.pieces.push_back((at, bytes));
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.pieces.front().map(|(at, _)| *at)
    }

    /// Everything that is due.
    pub(super) fn pop(&mut self, now: Duration) -> Option<Vec<u8>> {
        let mut due = Vec::new();
        while self.pieces.front().is_some_and(|(at, _)| *at <= now) {
            due.extend(self.pieces.pop_front().map(|(_, bytes)| bytes).unwrap_or_default());
        }
        self.waiting = self.waiting.saturating_sub(due.len());
        (!due.is_empty()).then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_cr() {
        let mut input = Input::default();
        input.push(b"AT\r\nATI\rA/AT+C");
        assert_eq!(input.line().as_deref(), Some(&b"AT"[..]));
        assert_eq!(input.line().as_deref(), Some(&b"ATI"[..]));
        assert_eq!(input.line().as_deref(), Some(&b"A/"[..]));
        assert_eq!(input.line(), None);
        input.push(b"SQ\r");
        assert_eq!(input.line().as_deref(), Some(&b"AT+CSQ"[..]));
        input.push(&[b'x'; 20_000]);
        assert_eq!(input.0.len(), MAX_INPUT);
        input.push(b"\rATI\r");
        assert_eq!(input.line().as_deref(), Some(&b""[..]));
        assert_eq!(input.line().as_deref(), Some(&b"ATI"[..]), "an endless line does not block the next");
    }

    #[test]
    fn pieces_keep_their_order_and_time() {
        let s = Duration::from_secs;
        let mut output = Output::default();
        output.push(s(1), b"a".to_vec());
        output.push(s(5), b"b".to_vec());
        output.push(s(2), b"c".to_vec());
        assert_eq!(output.pop(s(1)).as_deref(), Some(&b"a"[..]));
        assert_eq!((output.deadline(), output.pop(s(4))), (Some(s(5)), None));
        assert_eq!(output.pop(s(5)).as_deref(), Some(&b"bc"[..]));
        (0..100).for_each(|_| output.push(s(9), vec![0; 1024]));
        assert_eq!(output.pop(s(9)).map(|b| b.len()), Some(MAX_OUTPUT));
    }
}
