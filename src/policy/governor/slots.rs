//! Slots for cards: which one is used, and what speaks against the others.

use serde::{Deserialize, Serialize};

use super::{Governor, NEVER};
use crate::state::{Slot, Timestamp};

/// What is wrong with the card in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlotTrouble {
    /// There is none.
    NoCard,
    /// It does not work, or wants a code that nobody gave.
    Unusable,
    /// The network refused it for good.
    Refused,
}

impl SlotTrouble {
    /// In words, of a slot.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoCard => "has no card",
            Self::Unusable => "has a card that cannot be used",
            Self::Refused => "has a card that the network refuses for good",
        }
    }
}

/// A slot that is not used for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bar {
    until: u64,
    why: SlotTrouble,
}

impl Governor {
    /// The slot to use: the first of `order` against which nothing speaks; else the one in use, else the one that may be
    /// tried again first. `None`: `order` names none.
    pub fn choose_slot(&self, order: &[u8], slots: &[Slot], now: Timestamp) -> Option<u8> {
        let bar = |slot: u8| {
            let known = slots.iter().find(|known| known.number == slot);
            let card = known.and_then(|known| known.card);
            match self.kept.slots.get(&slot) {
                // It was put in since.
                Some(Bar { why: SlotTrouble::NoCard, .. }) if card == Some(true) => 0,
                Some(bar) => bar.until,
                None if card == Some(false) => NEVER,
                None => 0,
            }
        };
        let free = order.iter().copied().find(|slot| bar(*slot) <= now.0);
        let used = || slots.iter().find(|slot| slot.active).map(|slot| slot.number);
        let used = || used().filter(|slot| order.contains(slot));
        free.or_else(used).or_else(|| order.iter().copied().min_by_key(|slot| bar(*slot)))
    }

    /// Not again before the operator, or somebody at the cabinet, may have changed something.
    pub(super) fn bar(&mut self, slot: u8, why: SlotTrouble, now: Timestamp) {
        let review = self.limits.review.map(|review| now.after(self.jitter.longer(review)));
        self.kept.slots.insert(slot, Bar { until: review.map_or(NEVER, |until| until.0), why });
    }

    /// The card in the slot works, or a person wants it.
    pub(super) fn unbar(&mut self, slot: u8) {
        self.kept.slots.remove(&slot);
    }
}
