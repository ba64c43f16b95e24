//! What a modem did lately: how it could be reached, and when it was sent commands. Entered as it happens, in a bounded
//! ring; nothing is asked of the modem for it.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Reachability, Timestamp};

/// Changes, and bursts of commands, that are kept: a week of a modem that wakes each hour.
const MOST: usize = 1024;
/// Commands that follow each other within this time are one burst.
const BURST: Duration = Duration::from_secs(10);

/// From when on a modem could be reached in a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Since when.
    pub at: Timestamp,
    /// Name of the [`Reachability`].
    pub reachability: &'static str,
}

/// Commands that were sent shortly after one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commands {
    /// The first.
    pub at: Timestamp,
    /// The last.
    pub until: Timestamp,
    /// How many.
    pub count: u32,
}

/// The last hours of a modem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    changes: VecDeque<Change>,
    commands: VecDeque<Commands>,
}

impl History {
    /// Enters how the modem can be reached from `at` on.
    pub fn reached(&mut self, reachability: Reachability, at: Timestamp) {
        let reachability = reachability.name();
        if self.changes.back().is_none_or(|last| last.reachability != reachability) {
            push(&mut self.changes, Change { at, reachability });
        }
    }

    /// Enters a command.
    pub fn commanded(&mut self, at: Timestamp) {
        match self.commands.back_mut().filter(|last| at.since(last.until) <= BURST) {
            Some(last) => (last.until, last.count) = (last.until.max(at), last.count.saturating_add(1)),
            None => push(&mut self.commands, Commands { at, until: at, count: 1 }),
        }
    }

    /// Changes from `since` on, the oldest first, and before them the one that held then.
    pub fn changes(&self, since: Timestamp) -> impl Iterator<Item = &Change> {
        let later = self.changes.iter().position(|change| change.at > since).unwrap_or(self.changes.len());
        self.changes.iter().skip(later.saturating_sub(1))
    }

    /// Bursts of commands that reach into the time from `since` on, the oldest first.
    pub fn commands(&self, since: Timestamp) -> impl Iterator<Item = &Commands> {
        self.commands.iter().filter(move |commands| commands.until >= since)
    }
}

fn push<T>(ring: &mut VecDeque<T>, item: T) {
    if ring.len() >= MOST {
        ring.pop_front();
    }
    ring.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp(1_767_225_600_000).after(Duration::from_secs(seconds))
    }

    #[test]
    fn only_changes_are_entered() {
        let mut history = History::default();
        for (seconds, reachability) in [
            (0, Reachability::Awake),
            (5, Reachability::Awake),
            (10, Reachability::Edrx { next: at(30) }),
            (30, Reachability::Edrx { next: at(50) }),
            (60, Reachability::Awake),
        ] {
            history.reached(reachability, at(seconds));
        }
        let names = |since| history.changes(since).map(|change| change.reachability).collect::<Vec<_>>();
        assert_eq!(names(at(0)), ["awake", "edrx", "awake"]);
        assert_eq!(names(at(20)), ["edrx", "awake"], "with what held at the beginning");
        assert_eq!(names(at(3600)), ["awake"]);
        assert_eq!(History::default().changes(at(0)).count(), 0);
    }

    #[test]
    fn commands_near_each_other_are_one_burst() {
        let mut history = History::default();
        for seconds in [0, 1, 11, 60, 200] {
            history.commanded(at(seconds));
        }
        let bursts: Vec<_> = history.commands(at(30)).map(|burst| (burst.at, burst.until, burst.count)).collect();
        assert_eq!(bursts, [(at(60), at(60), 1), (at(200), at(200), 1)]);
        assert_eq!(history.commands(at(0)).map(|burst| burst.count).collect::<Vec<_>>(), [3, 1, 1]);
    }

    #[test]
    fn it_has_a_bound() {
        let mut history = History::default();
        for n in 0..10_000 {
            history.reached(if n % 2 == 0 { Reachability::Awake } else { Reachability::Connected }, at(n * 100));
            history.commanded(at(n * 100));
        }
        assert_eq!((history.changes.len(), history.commands.len()), (MOST, MOST));
        assert_eq!(history.changes(at(0)).last().map(|change| change.at), Some(at(999_900)));
    }
}
