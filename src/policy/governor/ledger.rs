//! What was done when: budgets of an hour and a day over windows that slide, so that no clock's hour is special.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::state::Timestamp;

/// Spans of the two budgets.
pub(super) const HOUR: Duration = Duration::from_secs(3600);
pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// Points in time of the last day, the earliest first, milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger(Vec<u64>);

impl Ledger {
    /// Enters one; what is older than a day is forgotten.
    pub fn enter(&mut self, now: Timestamp) {
        self.0.retain(|at| now.since(Timestamp(*at)) < DAY);
        self.0.push(now.0);
    }

    /// When the last one was.
    pub fn last(&self) -> Option<Timestamp> {
        self.0.last().copied().map(Timestamp)
    }

    /// When there is room for one more, where no more than `most` may lie within any `window`.
    pub fn room(&self, most: u32, window: Duration) -> Timestamp {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if most == 0 {
            return Timestamp(u64::MAX);
        }
        // The one that has to leave the window first.
        let index = self.0.len().checked_sub(most);
        index.and_then(|index| self.0.get(index)).map_or_else(Timestamp::default, |at| Timestamp(*at).after(window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_slides() {
        let mut ledger = Ledger::default();
        let minute = |n: u64| Timestamp(n * 60_000);
        for n in [0, 10, 20] {
            assert!(ledger.room(3, HOUR) <= minute(n));
            ledger.enter(minute(n));
        }
        assert_eq!(ledger.room(3, HOUR), minute(60));
        assert_eq!(ledger.room(4, HOUR), Timestamp(0));
        ledger.enter(minute(60));
        assert_eq!((ledger.room(3, HOUR), ledger.last()), (minute(70), Some(minute(60))));
    }

    #[test]
    fn what_is_older_than_a_day_is_forgotten() {
        let mut ledger = Ledger::default();
        (0..5000).for_each(|n| ledger.enter(Timestamp(n * 600_000)));
        assert_eq!(ledger.0.len(), 144);
        assert_eq!(ledger.room(0, DAY), Timestamp(u64::MAX));
    }
}
