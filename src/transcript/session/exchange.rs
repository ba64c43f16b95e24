//! A transcript as exchanges: a command, its answer, and the notices that followed.

use std::time::Duration;

use crate::transcript::message::Framing;
use crate::transcript::{Direction, Transcript};

/// Bytes and their time: since the start of the recording, or after the command.
pub(super) type Timed = (Duration, Vec<u8>);

/// A command and what came after it, up to the next command on the same port.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    /// Line of the transcript.
    pub line: usize,
    /// When the command went out.
    pub at: Duration,
    /// The command without CR and LF.
    pub command: Vec<u8>,
    /// Everything up to the final result; all of it where no final result came.
    pub answer: Vec<Timed>,
    /// What came after the final result.
    pub notices: Vec<Timed>,
}

/// What came before the first command on `port`, and the exchanges on it.
pub(super) fn exchanges(transcript: &Transcript, port: &str) -> (Vec<Timed>, Vec<Exchange>) {
    let (mut opening, mut exchanges) = (Vec::new(), Vec::<Exchange>::new());
    let mut result = FinalResult::default();
    for (index, record) in transcript.records.iter().enumerate().filter(|(_, r)| r.port == port) {
        match (record.direction, exchanges.last_mut()) {
            (Direction::ToModem, _) => {
                result = FinalResult::default();
                exchanges.push(Exchange {
                    line: transcript.line_of(index),
                    at: record.at,
                    command: bare(&record.data).to_vec(),
                    answer: Vec::new(),
                    notices: Vec::new(),
                });
            }
            (Direction::FromModem, None) => opening.push((record.at, record.data.clone())),
            (Direction::FromModem, Some(exchange)) => {
                let delay = record.at.saturating_sub(exchange.at);
                let part = if result.came { &mut exchange.notices } else { &mut exchange.answer };
                part.push((delay, record.data.clone()));
                result.read(&record.data);
            }
            (Direction::Note, _) => {}
        }
    }
    (opening, exchanges)
}

/// Looks for a final result in bytes that may come in pieces.
#[derive(Default)]
struct FinalResult {
    line: Vec<u8>,
    came: bool,
}

impl FinalResult {
    fn read(&mut self, data: &[u8]) {
        if let Some(framing) = Framing::of(data) {
            self.came |= framing.is_answer(data);
            return;
        }
        for &byte in data {
            if matches!(byte, b'\r' | b'\n') {
                self.came |= is_final(&self.line);
                self.line.clear();
            } else if !self.came {
                self.line.push(byte);
            }
        }
    }
}

/// Final results of V.250 clause 6.3.1, TS 27.007 clause 9.2 and TS 27.005 clause 3.2.5; `SEND` results are the
/// vendors' socket commands.
fn is_final(line: &[u8]) -> bool {
    let whole: &[&[u8]] = &[
        b"OK",
        b"ERROR",
        b"NO CARRIER",
        b"NO DIALTONE",
        b"NO ANSWER",
        b"BUSY",
        b"CONNECT",
        b"ABORTED",
        b"SEND OK",
        b"SEND FAIL",
    ];
    let start: &[&[u8]] = &[b"+CME ERROR:", b"+CMS ERROR:", b"CONNECT "];
    whole.contains(&line) || start.iter().any(|start| line.starts_with(start))
}

/// A command without CR and LF; a message of a binary protocol as it is.
pub(super) fn bare(command: &[u8]) -> &[u8] {
    if Framing::of(command).is_some() { command } else { command.trim_ascii_end() }
}

/// A command as lenient sessions compare it: upper case outside quotes, no blanks around it.
pub(super) fn normal(command: &[u8]) -> Vec<u8> {
    if Framing::of(command).is_some() {
        return command.to_vec();
    }
    let mut quoted = false;
    let upper = |byte: &u8| {
        quoted ^= *byte == b'"';
        if quoted { *byte } else { byte.to_ascii_uppercase() }
    };
    command.trim_ascii().iter().map(upper).collect()
}

/// `AT` alone, or with echo, result and verbosity settings only, such as `ATE0V1`.
pub(super) fn is_basic(command: &[u8]) -> bool {
    let Some(settings) = command.strip_prefix(b"AT") else { return false };
    settings.iter().all(|b| matches!(b, b'E' | b'Q' | b'V' | b'0' | b'1'))
}
