//! What the modem has to do, and when: the same order in every run.

use std::collections::BTreeMap;
use std::time::Duration;

use super::event::Event;
use super::fault::Fault;

/// Something that becomes due.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Due {
    /// The command in progress has its answer.
    Answer,
    /// The boot is over: the first command would be answered.
    Booted,
    /// The ready notice.
    Ready,
    /// The card can be read.
    SimReady,
    /// T3324 is over: the modem may sleep.
    Sleep,
    /// T3412 is over: the modem wakes.
    Wake,
    /// The guard time after `+++` is over.
    Escape,
    /// The hang is over.
    Unhang,
    /// The port goes away.
    PortGone,
    /// The port comes back.
    PortBack,
    /// Something happens to the modem or around it; again after the span, if there is one.
    Event(Event, Option<Duration>),
    /// A fault that strikes by itself.
    Fault(Fault),
}

impl Due {
    /// Whether a restart of the modem wipes it out.
    const fn is_inner(&self) -> bool {
        !matches!(self, Self::PortGone | Self::PortBack | Self::Event(..) | Self::Fault(_))
    }
}

/// Entries by time; those of one time in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub(super) struct Agenda {
    entries: BTreeMap<(Duration, u64), Due>,
    made: u64,
}

impl Agenda {
    pub(super) fn at(&mut self, time: Duration, due: Due) {
        self.made = self.made.wrapping_add(1);
        self.entries.insert((time, self.made), due);
    }

    pub(super) fn cancel(&mut self, due: &Due) {
        self.entries.retain(|_, entry| entry != due);
    }

    pub(super) fn has(&self, due: &Due) -> bool {
        self.entries.values().any(|entry| entry == due)
    }

    /// The modem restarts: what it had in mind is forgotten.
    pub(super) fn restart(&mut self) {
        self.entries.retain(|_, entry| !entry.is_inner());
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.entries.first_key_value().map(|((time, _), _)| *time)
    }

    pub(super) fn pop(&mut self, now: Duration) -> Option<Due> {
        let entry = self.entries.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }
}
