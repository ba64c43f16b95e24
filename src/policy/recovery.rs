//! What is done for a modem through which nothing gets, or that is dead: one rung after the other, from what costs
//! nothing to what costs most.
//!
//! Each rung has a wait, in which it may show that it helped, and a budget per hour and per day that is kept over
//! restarts. When the highest rung did not help, nothing is done for an hour, then for two, up to a day: a modem that
//! nothing helps is not restarted for ever. Time here is that of [`steady`](super::governor::steady), which never jumps. A modem that is registered and has an address is never restarted: what
//! stops its packets is beyond it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::jitter::Jitter;
use crate::spec::span::Span;
use crate::state::Timestamp;

/// One means, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// Read anew how the modem is set, and set what is not as wanted.
    Requery,
    /// Take the data context down and bring it up.
    Reactivate,
    /// Detach from the network and attach.
    Reattach,
    /// Switch the radio off and on.
    Radio,
    /// Restart the modem.
    Reset,
    /// Take its supply away and give it back.
    PowerCycle,
}

impl Rung {
    /// All of them, the mildest first.
    pub const ALL: [Self; 6] =
        [Self::Requery, Self::Reactivate, Self::Reattach, Self::Radio, Self::Reset, Self::PowerCycle];

    /// `re-query, re-activate, re-attach, radio, reset, power-cycle`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requery => "re-query",
            Self::Reactivate => "re-activate",
            Self::Reattach => "re-attach",
            Self::Radio => "radio",
            Self::Reset => "reset",
            Self::PowerCycle => "power-cycle",
        }
    }

    /// What is done, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Requery => "reading its settings anew",
            Self::Reactivate => "taking the data context down and up",
            Self::Reattach => "detaching from the network and attaching",
            Self::Radio => "switching the radio off and on",
            Self::Reset => "restarting the modem",
            Self::PowerCycle => "cutting its power for a moment",
        }
    }

    /// What it may cost unless the configuration says otherwise. Activations and attaches stay far below ten an hour,
    /// restarts at one an hour (GSMA TS.34 clause 4, as quoted in REQ_008 and REQ_009 of its public text).
    pub const fn budget(self) -> Budget {
        let (wait_s, per_hour, per_day) = match self {
            Self::Requery => (30, 6, 48),
            Self::Reactivate => (60, 4, 24),
            Self::Reattach => (120, 2, 12),
            Self::Radio => (300, 1, 6),
            Self::Reset => (600, 1, 4),
            Self::PowerCycle => (900, 1, 3),
        };
        Budget { wait: Duration::from_secs(wait_s), per_hour, per_day }
    }
}

/// The text names no rung.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no rung; there are re-query, re-activate, re-attach, radio, reset, power-cycle")]
pub struct InvalidRung(pub String);

impl std::str::FromStr for Rung {
    type Err = InvalidRung;

    fn from_str(text: &str) -> Result<Self, InvalidRung> {
        Self::ALL.into_iter().find(|rung| rung.name() == text).ok_or_else(|| InvalidRung(text.to_owned()))
    }
}

/// What one rung may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// So long it has to show that it helped.
    pub wait: Duration,
    /// Uses in an hour at most.
    pub per_hour: u32,
    /// Uses in a day at most.
    pub per_day: u32,
}

/// What may be done for a modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    budgets: [Budget; Rung::ALL.len()],
    /// The highest rung for a modem that is dead.
    pub dead: Rung,
    /// The highest rung for a modem that is registered and addressed, and through which nothing gets.
    pub no_data_path: Rung,
}

impl Default for Rules {
    fn default() -> Self {
        Self { budgets: Rung::ALL.map(Rung::budget), dead: Rung::PowerCycle, no_data_path: Rung::Radio }
    }
}

impl Rules {
    /// What `rung` may cost.
    pub fn budget(&self, rung: Rung) -> Budget {
        self.budgets.get(rung as usize).copied().unwrap_or_else(|| rung.budget())
    }

    /// Sets what `rung` may cost.
    pub fn set_budget(&mut self, rung: Rung, budget: Budget) {
        if let Some(place) = self.budgets.get_mut(rung as usize) {
            *place = budget;
        }
    }
}

/// What a modem suffers from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ailment {
    /// Registered, addressed, and nothing gets through.
    NoDataPath,
    /// It does not answer, or it failed, and it does not sleep.
    Dead,
}

impl Ailment {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoDataPath => "nothing gets through although it is connected",
            Self::Dead => "it does not answer",
        }
    }

    /// Whether `rung` is a means against it: a modem that does not answer obeys no command but a restart.
    const fn is_met_by(self, rung: Rung) -> bool {
        match self {
            Self::NoDataPath => true,
            Self::Dead => matches!(rung, Rung::Requery | Rung::Reset | Rung::PowerCycle),
        }
    }
}

/// What happens to a modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It is ill.
    Ill(Ailment),
    /// It is well.
    Well,
    /// Nothing but time passed.
    Time,
}

/// What is to be done, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// This rung.
    Climb(Rung, String),
    /// Nothing until then.
    Rest(Timestamp, String),
}

/// Uses of one rung that are remembered; no budget may be larger.
pub const MOST_USES: usize = 200;
/// The first rest after the highest rung, and the longest.
const REST: (Duration, Duration) = (Duration::from_secs(3600), Duration::from_secs(86_400));
/// A modem that is well for so long has recovered.
const RECOVERED: Duration = Duration::from_secs(600);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// When each rung was used, and how often the ladder was climbed in vain; outlives a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Past {
    /// Uses of the last day, milliseconds of steady time, in the order of [`Rung::ALL`].
    uses: [Vec<u64>; Rung::ALL.len()],
    /// Climbs to the top since it was last well.
    climbs: u32,
    /// Until when nothing is done, milliseconds of steady time.
    rest: u64,
}

impl Past {
    /// Uses of `rung` within `span`. What seems to be of the future was before the clock was set back: it counts as of now.
    fn used(&self, rung: Rung, span: Duration, now: Timestamp) -> u32 {
        let uses = self.uses.get(rung as usize).map_or(&[][..], Vec::as_slice);
        let recent = uses.iter().filter(|at| now.since(Timestamp(**at)) < span);
        u32::try_from(recent.count()).unwrap_or(u32::MAX)
    }

    fn note(&mut self, rung: Rung, now: Timestamp) {
        for uses in &mut self.uses {
            uses.iter_mut().for_each(|at| *at = (*at).min(now.0));
            uses.retain(|at| now.since(Timestamp(*at)) < DAY);
        }
        if let Some(uses) = self.uses.get_mut(rung as usize)
            && uses.len() < MOST_USES
        {
            uses.push(now.0);
        }
    }

    /// When `rung` may be used again; `now` where it may be used at once.
    fn free(&self, rung: Rung, budget: Budget, now: Timestamp) -> Timestamp {
        let frees = |most: u32, span: Duration| {
            let mut uses: Vec<u64> = self.uses.get(rung as usize).cloned().unwrap_or_default();
            uses.iter_mut().for_each(|at| *at = (*at).min(now.0));
            uses.sort_unstable_by(|a, b| b.cmp(a));
            match usize::try_from(most).ok().and_then(|most| most.checked_sub(1)) {
                Some(last) => uses.get(last).map_or(now, |at| Timestamp(*at).after(span).max(now)),
                None => now.after(DAY),
            }
        };
        frees(budget.per_hour, HOUR).max(frees(budget.per_day, DAY))
    }
}

/// The ladder of one modem.
#[derive(Debug, Clone)]
pub struct Ladder {
    rules: Rules,
    past: Past,
    illness: Option<Ailment>,
    /// The rung that was tried last in this climb.
    at: Option<Rung>,
    /// When the next one is due.
    due: Timestamp,
    well_since: Option<Timestamp>,
    jitter: Jitter,
}

impl Ladder {
    /// A modem that is well, with what is remembered of it; devices with other seeds rest for other times.
    pub const fn new(rules: Rules, past: Past, seed: u64) -> Self {
        let jitter = Jitter::new(seed);
        Self { rules, past, illness: None, at: None, due: Timestamp(0), well_since: None, jitter }
    }

    /// What has to outlive a restart, after each step that gave an intent.
    pub const fn past(&self) -> &Past {
        &self.past
    }

    /// What it suffers from.
    pub const fn illness(&self) -> Option<Ailment> {
        self.illness
    }

    /// The rung that was tried last in this climb.
    pub const fn at(&self) -> Option<Rung> {
        self.at
    }

    /// Whether so much of the budget of `rung` is used that it is refused now.
    pub fn is_spent(&self, rung: Rung, now: Timestamp) -> bool {
        let budget = self.rules.budget(rung);
        self.past.used(rung, HOUR, now) >= budget.per_hour || self.past.used(rung, DAY, now) >= budget.per_day
    }

    /// Takes `event` in; what is to be done comes back.
    pub fn step(&mut self, event: Event, now: Timestamp) -> Option<Intent> {
        match event {
            Event::Well => {
                (self.illness, self.at) = (None, None);
                let since = *self.well_since.get_or_insert(now);
                if now.since(since) >= RECOVERED {
                    (self.past.climbs, self.past.rest) = (0, 0);
                }
                return None;
            }
            Event::Ill(ailment) if self.illness != Some(ailment) => self.fall_ill(ailment, now),
            Event::Ill(_) | Event::Time => {}
        }
        let ailment = self.illness.filter(|_| now >= self.due)?;
        Some(self.climb(ailment, now))
    }

    /// When the next rung is due; `None`: nothing is wrong.
    pub fn deadline(&self, now: Timestamp) -> Option<Timestamp> {
        match (self.illness, self.well_since) {
            (Some(_), _) => Some(self.due),
            (None, Some(since)) if self.past.climbs > 0 => Some(since.after(RECOVERED)).filter(|at| *at > now),
            _ => None,
        }
    }

    fn fall_ill(&mut self, ailment: Ailment, now: Timestamp) {
        (self.illness, self.at, self.well_since) = (Some(ailment), None, None);
        // A rest that was begun is kept, also over a restart, but never for longer than the longest: clocks jump.
        self.due = Timestamp(self.past.rest).max(now).min(now.after(REST.1));
    }

    fn climb(&mut self, ailment: Ailment, now: Timestamp) -> Intent {
        let above = |rung: &Rung| self.at.is_none_or(|at| *rung > at) && *rung <= self.highest(ailment);
        let next =
            Rung::ALL.into_iter().filter(above).find(|rung| ailment.is_met_by(*rung) && !self.is_spent(*rung, now));
        let Some(rung) = next else { return self.rest(ailment, now) };
        self.at = Some(rung);
        self.past.note(rung, now);
        self.due = now.after(self.rules.budget(rung).wait);
        Intent::Climb(rung, format!("{}: {}", ailment.words(), rung.words()))
    }

    const fn highest(&self, ailment: Ailment) -> Rung {
        match ailment {
            Ailment::NoDataPath => self.rules.no_data_path,
            Ailment::Dead => self.rules.dead,
        }
    }

    fn rest(&mut self, ailment: Ailment, now: Timestamp) -> Intent {
        let doubled = REST.0.saturating_mul(1 << self.past.climbs.min(8)).min(REST.1);
        self.past.climbs = self.past.climbs.saturating_add(1);
        let rungs = Rung::ALL.into_iter().filter(|rung| ailment.is_met_by(*rung) && *rung <= self.highest(ailment));
        let free = rungs.map(|rung| self.past.free(rung, self.rules.budget(rung), now)).min().unwrap_or(now);
        let until = now.after(self.jitter.longer(doubled)).min(now.after(REST.1)).max(free);
        (self.at, self.due, self.past.rest) = (None, until, until.0);
        let span = Span(Duration::from_secs(until.since(now).as_secs()));
        Intent::Rest(until, format!("{}, and all that may be done was done; next attempt in {span}", ailment.words()))
    }
}

#[cfg(test)]
mod tests;
