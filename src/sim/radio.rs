//! The radio side of the modem: search, registration, RRC connection, periodic updates (TS 24.301 clause 5).

use std::time::Duration;

use crate::spec::plmn::Plmn;
use crate::spec::registration::Registration;

use super::network::{Cell, Network, Wish};
use super::random::Random;
use super::saving::{EdrxGrant, PsmGrant};

/// T3411, between failed attempts (TS 24.301 clause 10.2).
const T3411: Duration = Duration::from_secs(10);
/// T3402, after the fifth failed attempt (TS 24.301 clause 10.2).
const T3402: Duration = Duration::from_secs(12 * 60);
/// The shortest T3346 where the network sends none (TS 24.301 clause 5.5.1.2.5, cause 22); the longest is twice it.
const T3346: Duration = Duration::from_secs(15 * 60);
/// From a changed wish, or from waking, to the update that tells the network.
const UPDATE_DELAY: Duration = Duration::from_millis(400);

/// The shortest RRC connection; with none at all, updates without a period would never let time pass.
const SHORTEST: Duration = Duration::from_millis(100);
/// A service request with its data (nRF Connect SDK, power optimization for nRF9160: 12.32 s of which 11 s tail); what
/// follows is waiting for the release.
const EXCHANGE: Duration = Duration::from_millis(1300);
/// A tracking area update on LTE-M (nRF9160 product specification).
const UPDATE: Duration = Duration::from_millis(1500);

/// What happened on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RadioEvent {
    /// A registration was refused, EMM cause.
    Refused(u8),
    /// Registered, for the first time since radio on or a loss.
    Registered,
    /// A tracking area update went through; grants may have changed.
    Updated,
    /// No cell is heard any more.
    Lost,
    /// RRC connection up or down.
    Rrc(bool),
}

/// Where the radio stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Off,
    /// `until`: when the search ends; `None`: there is nothing to be heard.
    Searching {
        until: Option<Duration>,
    },
    Attaching {
        until: Duration,
    },
    Registered,
    /// `again`: the next attempt, if there will be one.
    Denied {
        again: Option<Duration>,
    },
}

/// What the air is used for at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// Looking for a cell.
    Search,
    /// The way in: attach.
    Attach,
    /// Tracking area update.
    Update,
    /// Data, or signalling that the host asked for.
    Transfer,
    /// Nothing any more: the connection waits for its release.
    Tail,
}

/// An RRC connection.
#[derive(Debug, Clone, Copy)]
struct Connection {
    /// What it carries, up to `busy`.
    carries: Use,
    /// The end of that.
    busy: Duration,
    /// When it is released.
    until: Duration,
}

/// The radio of the modem.
#[derive(Debug, Clone, Default)]
pub(super) struct Radio {
    stage: Stage,
    cell: Option<Cell>,
    roaming: bool,
    rrc: Option<Connection>,
    /// When the next tracking area update is due.
    update_at: Option<Duration>,
    forbidden: Vec<Plmn>,
    attempts: u8,
    reject: Option<u8>,
    psm: Option<PsmGrant>,
    edrx: Option<EdrxGrant>,
}

/// What the radio needs of its surroundings for a step.
pub(super) struct Air<'a> {
    pub(super) now: Duration,
    pub(super) network: &'a mut Network,
    pub(super) wish: &'a Wish,
    pub(super) random: &'a mut Random,
}

impl Radio {
    /// Starts to search; does nothing when it is on already.
    pub(super) fn switch_on(&mut self, air: &mut Air<'_>) {
        if self.stage == Stage::Off {
            self.search(air);
        }
    }

    /// Off at once; what it learnt is forgotten, forbidden networks too.
    pub(super) fn switch_off(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_on(&self) -> bool {
        self.stage != Stage::Off
    }

    pub(super) fn registration(&self) -> Registration {
        match self.stage {
            Stage::Off => Registration::NotRegistered,
            Stage::Searching { .. } | Stage::Attaching { .. } => Registration::Searching,
            Stage::Denied { .. } => Registration::Denied,
            Stage::Registered if self.roaming => Registration::Roaming,
            Stage::Registered => Registration::Home,
        }
    }

    /// The cell it camps on or was last refused by.
    pub(super) fn cell(&self) -> Option<&Cell> {
        self.cell.as_ref()
    }

    pub(super) fn reject(&self) -> Option<u8> {
        self.reject
    }

    pub(super) fn psm(&self) -> Option<&PsmGrant> {
        self.psm.as_ref()
    }

    pub(super) fn edrx(&self) -> Option<&EdrxGrant> {
        self.edrx.as_ref()
    }

    pub(super) fn rrc(&self) -> bool {
        self.rrc.is_some()
    }

    /// What the air is used for; `None`: the radio is off, or at rest between paging occasions or searches.
    pub(super) fn in_use(&self, now: Duration) -> Option<Use> {
        match (self.stage, self.rrc) {
            (Stage::Searching { until: Some(_) }, _) => Some(Use::Search),
            (_, Some(rrc)) if now < rrc.busy => Some(rrc.carries),
            (_, rrc) => rrc.map(|_| Use::Tail),
        }
    }

    /// When what the connection carries has been carried.
    pub(super) fn busy_until(&self) -> Option<Duration> {
        self.rrc.map(|rrc| rrc.busy)
    }

    /// When the next periodic update is due, once the connection is released.
    pub(super) fn update_at(&self) -> Option<Duration> {
        self.update_at
    }

    /// When the radio next has something to do.
    pub(super) fn deadline(&self) -> Option<Duration> {
        match self.stage {
            Stage::Off => None,
            Stage::Searching { until } => until,
            Stage::Attaching { until } => Some(until),
            Stage::Denied { again } => again,
            Stage::Registered => [self.rrc.map(|rrc| rrc.until), self.update_at].into_iter().flatten().min(),
        }
    }

    /// Does what is due.
    pub(super) fn step(&mut self, air: &mut Air<'_>) -> Vec<RadioEvent> {
        if self.deadline().is_none_or(|at| at > air.now) {
            return Vec::new();
        }
        match self.stage {
            Stage::Off => Vec::new(),
            Stage::Searching { .. } => self.find(air),
            Stage::Attaching { .. } => self.attach(air),
            Stage::Denied { .. } => {
                self.search(air);
                Vec::new()
            }
            Stage::Registered if self.rrc.is_some_and(|rrc| rrc.until <= air.now) => self.release(air),
            Stage::Registered => self.update(air),
        }
    }

    fn search(&mut self, air: &mut Air<'_>) {
        let until = air.now.saturating_add(air.random.around(air.network.registration_delay));
        self.stage = Stage::Searching { until: Some(until) };
    }

    fn find(&mut self, air: &mut Air<'_>) -> Vec<RadioEvent> {
        let Some(cell) = air.network.candidates(air.wish, &self.forbidden).into_iter().next() else {
            self.stage = Stage::Searching { until: None };
            self.cell = None;
            return Vec::new();
        };
        (self.cell, self.reject) = (Some(cell), None);
        let until = air.now.saturating_add(air.random.around(air.network.registration_delay));
        self.stage = Stage::Attaching { until };
        self.rrc = Some(Connection { carries: Use::Attach, busy: until, until });
        vec![RadioEvent::Rrc(true)]
    }

    fn attach(&mut self, air: &mut Air<'_>) -> Vec<RadioEvent> {
        let plmn = self.cell.as_ref().and_then(|cell| cell.plmn);
        let Some(plmn) = plmn.filter(|_| !air.network.candidates(air.wish, &self.forbidden).is_empty()) else {
            return self.lose(air);
        };
        if let Err(cause) = air.network.register(plmn) {
            self.refused(air, plmn, cause);
            return vec![RadioEvent::Refused(cause), RadioEvent::Rrc(false)];
        }
        self.stage = Stage::Registered;
        self.roaming = air.wish.home != Some(plmn);
        self.attempts = 0;
        self.negotiate(air);
        // Its last message may be the attach's own: nothing more to carry.
        self.hold(air, Use::Attach, Duration::ZERO);
        vec![RadioEvent::Registered]
    }

    /// TS 24.301 clauses 5.5.1.2.5 and 5.5.1.2.6: what a modem does by itself on each cause.
    fn refused(&mut self, air: &mut Air<'_>, plmn: Plmn, cause: u8) {
        (self.reject, self.rrc) = (Some(cause), None);
        let later = |wait: Duration| Some(air.now.saturating_add(wait));
        let again = match cause {
            // The card is of no use until power off.
            3 | 6 | 7 | 8 => None,
            // The network, or this area of it, is of no use: another one may be.
            11..=15 | 35 => {
                self.forbidden.push(plmn);
                if !air.network.candidates(air.wish, &self.forbidden).is_empty() {
                    return self.search(air);
                }
                None
            }
            22 => later(T3346 + Duration::from_secs(air.random.below(T3346.as_secs()))),
            // Abnormal cases: five attempts, then a long wait.
            _ => {
                self.attempts = (self.attempts + 1) % 5;
                later(if self.attempts == 0 { T3402 } else { T3411 })
            }
        };
        self.stage = Stage::Denied { again };
    }

    fn negotiate(&mut self, air: &Air<'_>) {
        let rat = self.cell.as_ref().map(|cell| cell.rat);
        self.psm = air.network.grant_psm(air.wish);
        self.edrx = rat.and_then(|rat| air.network.grant_edrx(air.wish, rat));
    }

    fn release(&mut self, air: &mut Air<'_>) -> Vec<RadioEvent> {
        self.rrc = None;
        // T3412 starts with the release (TS 24.301 clause 5.3.5).
        let period = self.psm.as_ref().and_then(|psm| psm.periodic_tau).unwrap_or(air.network.tau);
        self.update_at = Some(air.now.saturating_add(period));
        vec![RadioEvent::Rrc(false)]
    }

    /// The host expects no more data: the network ends the connection without waiting for the inactivity timer.
    pub(super) fn release_early(&mut self, air: &mut Air<'_>) -> Vec<RadioEvent> {
        if self.stage == Stage::Registered && self.rrc.is_some() { self.release(air) } else { Vec::new() }
    }

    fn update(&mut self, air: &mut Air<'_>) -> Vec<RadioEvent> {
        let Some(cell) = self.heard(air) else { return self.lose(air) };
        (self.cell, self.update_at) = (Some(cell), None);
        self.negotiate(air);
        let mut events: Vec<_> = self.hold(air, Use::Update, UPDATE).into_iter().collect();
        events.push(RadioEvent::Updated);
        events
    }

    /// Data or signalling to carry: the RRC connection comes up, or stays up.
    pub(super) fn connect(&mut self, air: &mut Air<'_>) -> Option<RadioEvent> {
        self.hold(air, Use::Transfer, EXCHANGE)
    }

    /// The connection carries something that lasts for `span`, and is released later. What overlaps counts as what
    /// came first: the default bearer is part of the attach.
    fn hold(&mut self, air: &Air<'_>, carries: Use, span: Duration) -> Option<RadioEvent> {
        if self.stage != Stage::Registered {
            return None;
        }
        let until = air.now.saturating_add(air.network.rrc_release.max(SHORTEST));
        let before = self.rrc.filter(|rrc| rrc.busy >= air.now);
        let carries = before.map_or(carries, |rrc| rrc.carries);
        let busy = air.now.saturating_add(span).max(before.map_or(Duration::ZERO, |rrc| rrc.busy)).min(until);
        let was = self.rrc.replace(Connection { carries, busy, until });
        self.update_at = None;
        was.is_none().then_some(RadioEvent::Rrc(true))
    }

    /// What is wished for has changed: the network is told soon.
    pub(super) fn renegotiate(&mut self, now: Duration) {
        if self.stage == Stage::Registered {
            // While connected too: the earlier of the two deadlines is served first.
            self.update_at = Some(now.saturating_add(UPDATE_DELAY));
        }
    }

    /// The modem comes back from sleep: an update is due.
    pub(super) fn resume(&mut self, now: Duration) {
        self.renegotiate(now);
    }

    /// The air has changed: cells came or went, or the wish of technologies did.
    pub(super) fn look_again(&mut self, air: &mut Air<'_>) -> Vec<RadioEvent> {
        match (self.stage, self.heard(air)) {
            (Stage::Registered | Stage::Attaching { .. }, None) => return self.lose(air),
            (Stage::Registered | Stage::Attaching { .. }, heard) => self.cell = heard,
            (Stage::Searching { until: None }, _) => self.search(air),
            _ => {}
        }
        Vec::new()
    }

    /// The network detached the modem: it starts anew.
    pub(super) fn detached(&mut self, air: &mut Air<'_>) -> Vec<RadioEvent> {
        if self.is_on() { self.lose(air) } else { Vec::new() }
    }

    /// The cell it is on, as it is heard now.
    fn heard(&self, air: &Air<'_>) -> Option<Cell> {
        let own = self.cell.as_ref()?;
        let same = |cell: &Cell| (own.plmn, own.cell_id, own.rat) == (cell.plmn, cell.cell_id, cell.rat);
        air.network.candidates(air.wish, &self.forbidden).into_iter().find(same)
    }

    fn lose(&mut self, air: &mut Air<'_>) -> Vec<RadioEvent> {
        let released = self.rrc.take().map(|_| RadioEvent::Rrc(false));
        (self.cell, self.psm, self.edrx, self.update_at) = (None, None, None, None);
        self.search(air);
        released.into_iter().chain([RadioEvent::Lost]).collect()
    }
}

#[cfg(test)]
mod tests;
