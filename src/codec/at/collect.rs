//! The pending command and what it has collected.

use super::digest::{ANSWER_LINES_MAX, ANSWER_MAX};
use super::frame::{Pending, is_bare_value, is_marked};

/// The pending command and what it collected so far.
#[derive(Debug)]
pub(super) struct Collecting {
    /// What the caller knows of the answer.
    pub(super) pending: Pending,
    /// Data lines so far.
    pub(super) lines: Vec<String>,
    /// Final results still to come.
    pub(super) finals_left: u8,
    /// The echo was seen: every answer from now on is to this command.
    pub(super) echoed: bool,
    /// A prompt was given: the modem may echo the data.
    pub(super) prompted: bool,
    octets: usize,
    /// The last data line ended inside quotes: the next is the rest of its text.
    quoted: bool,
    overflowed: bool,
}

impl Collecting {
    pub(super) fn new(pending: Pending) -> Self {
        Self {
            finals_left: pending.finals.max(1),
            pending,
            lines: Vec::new(),
            echoed: false,
            prompted: false,
            octets: 0,
            quoted: false,
            overflowed: false,
        }
    }

    /// Whether `line` is a data line of the answer by its prefix.
    pub(super) fn starts_answer(&self, line: &str, known_urc: bool) -> bool {
        let named = self.pending.answers(line) || self.pending.is_header(line);
        named && !(known_urc && self.pending.sets())
    }

    /// Whether `line`, which has no prefix of the answer, belongs to it all the same.
    pub(super) fn continues_answer(&self, line: &str) -> bool {
        if self.quoted {
            true
        } else if is_marked(line) {
            self.pending.unprefixed && self.pending.prefixes.is_empty()
        } else {
            self.pending.unprefixed || (is_bare_value(line) && self.pending.wants_lines())
        }
    }

    /// Whether an earlier command may still be answered first.
    pub(super) fn is_untouched(&self) -> bool {
        !self.echoed && self.lines.is_empty()
    }

    /// Keeps a data line; `starts` tells that it has a prefix. `false`: the answer has just become too long.
    pub(super) fn collect(&mut self, line: &str, starts: bool) -> bool {
        let odd = line.bytes().filter(|b| *b == b'"').count() % 2 == 1;
        let inside = self.quoted && !starts;
        self.quoted = odd ^ inside;
        if self.overflowed {
            return true;
        }
        // What joins two lines counts too.
        self.octets = self.octets.saturating_add(line.len()).saturating_add(2);
        if self.octets > ANSWER_MAX || self.lines.len() >= ANSWER_LINES_MAX {
            return false;
        }
        match self.lines.last_mut() {
            // The line end is part of the text, as in the names of some operators.
            Some(last) if inside => {
                last.push_str("\r\n");
                last.push_str(line);
            }
            Some(last) if is_bare_value(line) && self.pending.is_header(last) => {
                last.push(' ');
                last.push_str(line);
            }
            _ => self.lines.push(line.to_owned()),
        }
        true
    }

    /// Gives up the lines: some of the answer is lost.
    pub(super) fn overflow(&mut self) {
        self.overflowed = true;
        self.lines.clear();
    }
}
