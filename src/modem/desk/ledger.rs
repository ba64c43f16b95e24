//! What became of requests: the last ones to be shown, and answers for those who ask later.

use std::collections::VecDeque;

use crate::modem::handle::Answer;
use crate::policy::queue::CAPACITY;
use crate::state::queue::Ended;

/// Requests that are remembered: as many as may end at once.
const MOST: usize = CAPACITY;

/// The requests of a modem that ended.
#[derive(Debug, Default)]
pub struct Ledger {
    ended: VecDeque<Ended>,
    answers: VecDeque<(u64, Answer)>,
}

impl Ledger {
    /// Notes how a request ended.
    pub fn note(&mut self, ended: Ended) {
        self.ended.push_back(ended);
        while self.ended.len() > MOST {
            self.ended.pop_front();
        }
    }

    /// Keeps the answer to a request for whoever asks for it.
    pub fn remember(&mut self, id: u64, answer: Answer) {
        self.answers.push_back((id, answer));
        while self.answers.len() > MOST {
            self.answers.pop_front();
        }
    }

    /// The last requests that ended, the oldest first.
    pub fn ended(&self) -> Vec<Ended> {
        self.ended.iter().cloned().collect()
    }

    /// The answer to a request, where it is remembered.
    pub fn answer(&self, id: u64) -> Option<&Answer> {
        self.answers.iter().find(|(known, _)| *known == id).map(|(_, answer)| answer)
    }
}
