//! What a port tells, on its way to the actor: bounded, whatever the modem sends and however long the actor takes.

use std::collections::VecDeque;

use tokio::sync::mpsc;
use tracing::warn;

use crate::modem::channel::ChannelEvent;

/// Events that wait at most.
const WAITING: usize = 64;

/// Events that wait for the actor. Of two that tell of the same thing the later one is kept, in the place of the earlier:
/// a modem that tells its signal ten thousand times a second costs no more than one that tells it once.
pub struct Outbox {
    waiting: VecDeque<ChannelEvent>,
    events: mpsc::Sender<ChannelEvent>,
    lost: u64,
}

impl Outbox {
    /// Nothing waits; `events` leads to the actor.
    pub const fn new(events: mpsc::Sender<ChannelEvent>) -> Self {
        Self { waiting: VecDeque::new(), events, lost: 0 }
    }

    /// Enters an event.
    pub fn put(&mut self, event: ChannelEvent) {
        if let Some(earlier) = self.waiting.iter_mut().find(|earlier| event.replaces(earlier)) {
            *earlier = event;
            return;
        }
        if self.waiting.len() >= WAITING {
            self.waiting.pop_front();
            self.lost = self.lost.saturating_add(1);
            if self.lost.is_power_of_two() {
                warn!("the modem sends notices faster than they can be read; {} were thrown away", self.lost);
            }
        }
        self.waiting.push_back(event);
    }

    /// Whether something waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Passes the oldest event on, as soon as there is room. Dropping the future loses nothing.
    pub async fn send(&mut self) {
        match self.events.reserve().await {
            Ok(permit) => {
                if let Some(event) = self.waiting.pop_front() {
                    permit.send(event);
                }
            }
            // The actor has gone; its handle to this port is dropped next.
            Err(_) => self.waiting.clear(),
        }
    }

    /// Passes everything on: the port ends.
    pub async fn finish(mut self, last: ChannelEvent) {
        self.put(last);
        while !self.is_empty() {
            self.send().await;
        }
    }
}
