//! What the modem does with its current, moment by moment.

use std::time::Duration;

use super::modem::SimModem;
use super::power::Power;
use super::radio::Use;

/// What the modem does with its current: one of these at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PowerState {
    /// Off.
    Off,
    /// Starting.
    Booting,
    /// The command side is awake for its host; the radio rests.
    HostAwake,
    /// Looking for a cell.
    Search,
    /// Attach.
    Attach,
    /// Tracking area update.
    Update,
    /// Data, or signalling that the host asked for.
    Transfer,
    /// Connected with nothing to carry: the network's inactivity timer runs.
    Tail,
    /// All of it rests, the radio off or between two searches.
    RadioOff,
    /// Idle: listens every DRX cycle.
    Drx,
    /// Idle: listens every eDRX cycle.
    Edrx {
        /// The cycle.
        cycle: Duration,
    },
    /// PSM.
    Psm,
}

impl PowerState {
    /// Whether the modem is up: neither off nor asleep, in PSM or between two occasions to listen.
    pub const fn is_awake(self) -> bool {
        !matches!(self, Self::Off | Self::RadioOff | Self::Drx | Self::Edrx { .. } | Self::Psm)
    }
}

impl SimModem {
    /// Lets the clock go on to `to`, and enters in the meter what the modem did meanwhile.
    pub(super) fn pass(&mut self, to: Duration) {
        while self.now < to {
            let turns = [self.drowsy_at(), self.radio.busy_until()];
            let next = turns.into_iter().flatten().filter(|at| *at > self.now).min().map_or(to, |at| at.min(to));
            let spent = self.meter.spent.entry(self.power_state()).or_default();
            *spent = spent.saturating_add(next.saturating_sub(self.now));
            self.now = next;
        }
    }

    fn power_state(&self) -> PowerState {
        match self.power {
            Power::Off => PowerState::Off,
            Power::Booting => PowerState::Booting,
            Power::Asleep | Power::On { dozing: true } => PowerState::Psm,
            Power::Hung => PowerState::HostAwake,
            Power::On { dozing: false } => match self.radio.in_use(self.now) {
                Some(Use::Search) => PowerState::Search,
                Some(Use::Attach) => PowerState::Attach,
                Some(Use::Update) => PowerState::Update,
                Some(Use::Transfer) => PowerState::Transfer,
                Some(Use::Tail) => PowerState::Tail,
                None => self.at_rest(),
            },
        }
    }

    fn at_rest(&self) -> PowerState {
        match self.radio.edrx() {
            _ if !self.is_drowsy() => PowerState::HostAwake,
            Some(edrx) => PowerState::Edrx { cycle: edrx.cycle },
            None if self.radio.registration().is_registered() => PowerState::Drx,
            None => PowerState::RadioOff,
        }
    }
}
