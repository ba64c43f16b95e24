//! Two slots for cards, of which the modem uses one at a time.

use super::agenda::Due;
use super::card::Card;
use super::inbox::Message;
use super::modem::SimModem;

/// The slot that is not in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slots {
    /// The one in use: 1 or 2.
    pub(super) active: u8,
    /// The card in the other one; `None`: the modem has one slot only.
    pub(super) other: Option<Card>,
}

impl Default for Slots {
    fn default() -> Self {
        Self { active: 1, other: None }
    }
}

impl SimModem {
    /// What the modem has besides: a second slot, and messages from an earlier life.
    pub(super) fn hold(&mut self, second: Option<Card>, messages: &[Message]) {
        self.slots.other = second;
        for message in messages {
            // A full store loses it, as in a modem.
            let _ = self.inbox.keep(message.clone());
        }
    }

    /// The card in a physical slot, counted from 1.
    pub(super) fn card_in(&self, slot: u8) -> Option<&Card> {
        match (&self.slots.other, slot) {
            _ if slot == self.slots.active => Some(&self.card),
            (Some(other), 1 | 2) => Some(other),
            _ => None,
        }
    }

    /// Uses the other slot from now on; the modem leaves the network and reads the new card.
    pub(super) fn switch_slot(&mut self) {
        let Some(other) = self.slots.other.as_mut() else { return };
        std::mem::swap(&mut self.card, other);
        other.restart();
        self.slots.active = 3 - self.slots.active;
        self.back_offs.forget();
        self.card.restart();
        if self.radio.is_on() {
            self.detach();
        }
        self.agenda.at(self.now.saturating_add(self.profile.sim_ready), Due::SimReady);
    }
}
