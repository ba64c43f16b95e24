//! The one log of decisions: which link, which rung, which limit, and why.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;
use tracing::info;

use crate::modem::clock::Clock;
use crate::state::uplink::{Decision, LOG};

/// Decisions, the oldest first, with an end. Clones share it.
#[derive(Debug, Clone)]
pub struct Journal {
    clock: Clock,
    decisions: Arc<watch::Sender<VecDeque<Decision>>>,
}

impl Journal {
    /// Nothing was decided yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, decisions: Arc::new(watch::Sender::new(VecDeque::new())) }
    }

    /// Writes down what was decided about `subject`, and why.
    pub fn note(&self, subject: &str, text: impl Into<String>) {
        let decision = Decision { at: self.clock.now(), subject: subject.to_owned(), text: text.into() };
        info!("{subject}: {}", decision.text);
        self.decisions.send_modify(|decisions| {
            if decisions.len() >= LOG {
                decisions.pop_front();
            }
            decisions.push_back(decision);
        });
    }

    /// The decisions, as they come.
    pub fn watch(&self) -> watch::Receiver<VecDeque<Decision>> {
        self.decisions.subscribe()
    }
}
