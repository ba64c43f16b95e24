//! The retry governor: every attach, activation and restart asks here before it is done.
//!
//! [`Governor::step`] takes what happened and the time, and says what to do, with the reason. A permanent cause means
//! quiet until the SIM, the APN, the place or a person changed something; a configuration cause means another APN, or a
//! hold; everything else means waits that grow. Budgets of an hour and a day bind all of it, a person's wishes included,
//! but for restarts and other SIM slots: one that a person orders is done, and counts. Causes: TS 24.301; numbers: [`Limits`].
//!
//! Time here never jumps and goes on over restarts ([`steady`]); what has to last is in [`Kept`].

mod lane;
mod ledger;
mod limits;
mod slots;
pub mod steady;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::jitter::Jitter;
use crate::spec::cause::{Cause, Class, Domain};
use crate::spec::plmn::Plmn;
use crate::state::Timestamp;
use lane::{Hold, Lane, NEVER};
use ledger::{DAY, HOUR, Ledger};

pub use limits::Limits;
use slots::Bar;
pub use slots::SlotTrouble;

/// APNs on hold that are remembered.
const HOLDS: usize = 32;

/// What costs the network signalling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Radio on, attach, or the choice of a network.
    Attach,
    /// A data context.
    Activate,
    /// A restart of the modem, by command or by power.
    Reset,
    /// Another slot for a card: the modem leaves the network, and attaches with another SIM.
    Switch,
}

/// Who wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Nobody but the daemon.
    Itself,
    /// A person, or a program that speaks for one: that counts as a change.
    Person,
}

/// What became different; a refusal from before it says less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Another card, or another slot.
    Sim,
    /// APN, type or credentials.
    Apn,
    /// The modem hears this network.
    Place(Plmn),
    /// A person says to try again.
    Person,
}

/// A back-off timer that the network set: T3346 or T3396. The greater of two is the longer wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// It runs for so long.
    Runs(Duration),
    /// Deactivated: not again until something changes (TS 24.301 §6.5.1.4.2).
    Deactivated,
}

/// A refusal, or silence.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// What was refused.
    pub act: Act,
    /// Why; `None`: no answer, or none with a cause.
    pub cause: Option<Cause>,
    /// How long the network wants to be left alone, where it says so.
    pub timer: Option<Timer>,
    /// The APNs that may be used, in order; the empty one is the network's default.
    pub apns: &'a [String],
    /// The one that was tried.
    pub apn: &'a str,
    /// Where.
    pub plmn: Option<Plmn>,
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Somebody wants to do this, an activation with this APN.
    Wish(Act, Asker, &'a str),
    /// A part of an attempt was refused, and the network said what to do instead: that is done at once, where the budgets
    /// allow it.
    Again(Act),
    /// It was refused, or not answered.
    Refused(Refusal<'a>),
    /// It succeeded, an activation with this APN.
    Done(Act, &'a str),
    /// The data context went down by itself.
    Lost,
    /// The card in this slot is of no use.
    SlotFailed(u8, SlotTrouble),
    /// The card in this slot is of use, or a person wants it.
    SlotWorks(u8),
    /// Something became different.
    Changed(Change),
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Do it now: it is counted already.
    Go,
    /// Not yet.
    Wait(Wait),
    /// Try the APN at this place of the list, not before the end of the wait.
    NextApn(usize, Wait),
    /// Nothing follows.
    Rest,
}

/// Why something has to wait, and until when; prints as a sentence part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What has to wait.
    pub act: Act,
    /// The end; `None`: until something changes.
    pub until: Option<Timestamp>,
    /// Why.
    pub why: Why,
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The network refused, or did not answer.
    Refused {
        /// The cause, where it gave one.
        cause: Option<Cause>,
        /// The APN that was tried, where it matters.
        apn: Option<String>,
        /// The network said how long to wait.
        timer: bool,
    },
    /// The data context did not hold.
    Unstable,
    /// The last attempt was a moment ago.
    Spacing,
    /// So many within an hour.
    Hour(u32),
    /// So many within a day.
    Day(u32),
    /// So many restarts in a row did not help.
    Restarts(u32),
}

/// What the governor knows: budgets and waits, to be kept over restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    attaches: Ledger,
    activations: Ledger,
    resets: Ledger,
    switches: Ledger,
    slots: BTreeMap<u8, Bar>,
    attach: Lane,
    activate: Lane,
    holds: BTreeMap<String, Hold>,
    good_apn: Option<String>,
    restarts: u32,
    next_reset: u64,
}

/// Decides for one modem.
#[derive(Debug, Clone)]
pub struct Governor {
    limits: Limits,
    jitter: Jitter,
    kept: Kept,
    /// Since when it is registered, and connected; after a restart it has to prove itself anew.
    attached: Option<Timestamp>,
    connected: Option<Timestamp>,
}

impl Governor {
    /// Goes on from what was `kept`; `seed` makes the waits of devices differ.
    pub const fn new(limits: Limits, kept: Kept, seed: u64) -> Self {
        Self { limits, jitter: Jitter::new(seed), kept, attached: None, connected: None }
    }

    /// The numbers are others from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// What has to last: to be kept before an intent is followed.
    pub const fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Takes what happened, and says what to do.
    pub fn step(&mut self, event: Event<'_>, now: Timestamp) -> Intent {
        match event {
            Event::Wish(act, asker, apn) => self.wish(act, asker, apn, now),
            // What binds a person binds it: the budgets, and no wait.
            Event::Again(act) => self.enter(act, Asker::Person, "", now),
            Event::Refused(refusal) => self.refused(&refusal, now),
            Event::Done(act, apn) => self.done(act, apn, now),
            Event::Lost => self.lost(now),
            Event::SlotFailed(slot, why) => {
                self.bar(slot, why, now);
                Intent::Rest
            }
            Event::SlotWorks(slot) => {
                self.unbar(slot);
                Intent::Rest
            }
            Event::Changed(change) => self.changed(change),
        }
    }

    /// The place in `apns` of the one to use next: the one that worked last, else the first that is not on hold, else
    /// the one whose hold ends first.
    pub fn choose(&self, apns: &[String], now: Timestamp) -> usize {
        let held_until = |apn: &String| self.kept.holds.get(apn).map_or(0, |hold| hold.until);
        let is_free = |apn: &String| held_until(apn) <= now.0;
        let good = apns.iter().position(|apn| self.kept.good_apn.as_ref() == Some(apn) && is_free(apn));
        let free = good.or_else(|| apns.iter().position(is_free));
        let first_over = || (0..apns.len()).min_by_key(|i| apns.get(*i).map_or(u64::MAX, held_until));
        free.or_else(first_over).unwrap_or_default()
    }

    /// What an attempt now would have to wait for; nothing is counted.
    pub fn obstacle(&self, act: Act, asker: Asker, apn: &str, now: Timestamp) -> Option<Wait> {
        let latest = self.obstacles(act, asker, apn).into_iter().max_by_key(|(until, _)| *until);
        let (until, why) = latest.filter(|(until, _)| *until > now)?;
        Some(Wait { act, until: (until.0 != NEVER).then_some(until), why })
    }

    /// Everything that could stand in the way, each with its end.
    fn obstacles(&self, act: Act, asker: Asker, apn: &str) -> Vec<(Timestamp, Why)> {
        let (limits, kept) = (&self.limits, &self.kept);
        let budgets = |ledger: &Ledger, hour: u32, day: u32| {
            [(ledger.room(hour, HOUR), Why::Hour(hour)), (ledger.room(day, DAY), Why::Day(day))]
        };
        match (act, asker) {
            (Act::Reset | Act::Switch, Asker::Person) => Vec::new(),
            (Act::Switch, Asker::Itself) => {
                budgets(&kept.switches, limits.switches_per_hour, limits.switches_per_day).to_vec()
            }
            (Act::Reset, Asker::Itself) => {
                let mut all = budgets(&kept.resets, limits.resets_per_hour, limits.resets_per_day).to_vec();
                all.push((Timestamp(kept.next_reset), Why::Restarts(kept.restarts)));
                all.extend([&kept.attach, &kept.activate].into_iter().filter_map(Lane::forbids_reset));
                all
            }
            (Act::Attach, asker) => {
                let mut all = budgets(&kept.attaches, limits.per_hour, limits.per_day).to_vec();
                if asker == Asker::Itself {
                    all.extend(self.spaced(&kept.attaches).into_iter().chain(kept.attach.obstacle()));
                }
                all
            }
            (Act::Activate, asker) => {
                let mut all = budgets(&kept.activations, limits.per_hour, limits.per_day).to_vec();
                if asker == Asker::Itself {
                    let hold = kept.holds.get(apn).map(|hold| (Timestamp(hold.until), hold.why.clone()));
                    all.extend(self.spaced(&kept.activations).into_iter().chain(kept.activate.obstacle()).chain(hold));
                }
                all
            }
        }
    }

    fn spaced(&self, ledger: &Ledger) -> Option<(Timestamp, Why)> {
        ledger.last().map(|last| (last.after(self.limits.spacing), Why::Spacing))
    }

    fn wish(&mut self, act: Act, asker: Asker, apn: &str, now: Timestamp) -> Intent {
        if asker == Asker::Person {
            self.changed(Change::Person);
        }
        self.settle(now);
        self.enter(act, asker, apn, now)
    }

    /// Counts an attempt where nothing stands in its way.
    fn enter(&mut self, act: Act, asker: Asker, apn: &str, now: Timestamp) -> Intent {
        if let Some(wait) = self.obstacle(act, asker, apn, now) {
            return Intent::Wait(wait);
        }
        match act {
            Act::Attach => self.kept.attaches.enter(now),
            Act::Activate => self.kept.activations.enter(now),
            Act::Switch => self.kept.switches.enter(now),
            Act::Reset => {
                self.kept.resets.enter(now);
                self.kept.restarts = self.kept.restarts.saturating_add(1);
                let wait = self.jitter.longer(self.limits.reset_wait(self.kept.restarts));
                self.kept.next_reset = now.after(wait).0;
            }
        }
        Intent::Go
    }

    /// Service that has held for long enough wipes the failures before it.
    fn settle(&mut self, now: Timestamp) {
        let held = |since: Option<Timestamp>| since.is_some_and(|at| now.since(at) >= self.limits.stable);
        if held(self.attached) {
            self.kept.attach.failures = 0;
        }
        if held(self.connected) {
            (self.kept.activate.failures, self.kept.restarts, self.kept.next_reset) = (0, 0, 0);
        }
    }

    fn done(&mut self, act: Act, apn: &str, now: Timestamp) -> Intent {
        if matches!(act, Act::Attach | Act::Activate) {
            self.kept.attach.succeed();
            self.attached = self.attached.or(Some(now));
        }
        if act == Act::Activate {
            self.kept.activate.succeed();
            self.connected = self.connected.or(Some(now));
            self.kept.holds.remove(apn);
            self.kept.good_apn = Some(apn.to_owned());
        }
        Intent::Rest
    }

    fn lost(&mut self, now: Timestamp) -> Intent {
        self.settle(now);
        if self.connected.take().is_some_and(|at| now.since(at) >= self.limits.stable) {
            return Intent::Rest;
        }
        let lane = &mut self.kept.activate;
        lane.failures = lane.failures.saturating_add(1);
        let until = now.after(self.jitter.longer(self.limits.wait(lane.failures)));
        lane.wait(until, Why::Unstable);
        Intent::Wait(Wait { act: Act::Activate, until: Some(until), why: Why::Unstable })
    }

    fn changed(&mut self, change: Change) -> Intent {
        let kept = &mut self.kept;
        match change {
            Change::Sim => {
                (kept.attach, kept.activate, kept.good_apn) = (Lane::default(), Lane::default(), None);
                kept.holds.clear();
            }
            Change::Person => {
                (kept.attach, kept.activate) = (Lane::default(), Lane::default());
                kept.holds.clear();
            }
            Change::Apn => {
                kept.activate = Lane::default();
                kept.holds.clear();
                if kept.attach.cause().is_some_and(|cause| cause.class() == Class::Configuration) {
                    kept.attach = Lane::default();
                }
            }
            Change::Place(plmn) => {
                kept.attach.move_to(plmn);
                if kept.activate.move_to(plmn) {
                    kept.holds.clear();
                }
            }
        }
        Intent::Rest
    }

    fn refused(&mut self, refusal: &Refusal<'_>, now: Timestamp) -> Intent {
        self.settle(now);
        let class = refusal.cause.map_or(Class::Temporary, Cause::class);
        self.connected = None;
        if refusal.act == Act::Attach {
            self.attached = None;
        }
        let lane = self.lane(refusal.act);
        lane.failures = lane.failures.saturating_add(1);
        lane.permanent |= refusal.cause.is_some_and(Cause::is_permanent);
        if let Some(plmn) = refusal.plmn {
            lane.meet(plmn);
        }
        match class {
            Class::Configuration => self.next_apn(refusal, now),
            // Bound to the APN, but for barring, which another APN would only run into again.
            Class::Rat | Class::Subscription if refusal.act == Act::Activate && refusal.cause != Some(BARRED) => {
                self.next_apn(refusal, now)
            }
            // Many modems give no cause for an APN that the network does not know.
            _ if refusal.cause.is_none() && refusal.act == Act::Activate && refusal.apns.len() > 1 => {
                self.next_apn(refusal, now)
            }
            _ => self.hold_back(refusal, now),
        }
    }

    fn lane(&mut self, act: Act) -> &mut Lane {
        if act == Act::Activate { &mut self.kept.activate } else { &mut self.kept.attach }
    }

    /// The end of the wait that a refusal asks for.
    fn end(&mut self, refusal: &Refusal<'_>, failures: u32, least: Duration, now: Timestamp) -> Timestamp {
        let told = match refusal.timer {
            Some(Timer::Deactivated) => return Timestamp(NEVER),
            Some(Timer::Runs(span)) => Some(span),
            None => None,
        };
        if refusal.cause.is_some_and(Cause::is_permanent) {
            let review = self.limits.review.map(|review| now.after(self.jitter.longer(review)));
            return review.unwrap_or(Timestamp(NEVER));
        }
        let (least_congested, longest) = self.limits.congestion;
        let wait = match (told, refusal.cause) {
            // A little later than told: the modem's timer has to be over as well.
            (Some(told), _) => told.saturating_add(self.jitter.within(self.limits.spacing)),
            (None, Some(cause)) if cause.domain != Domain::Esm && cause.class() == Class::BackOff => {
                least_congested.saturating_add(self.jitter.within(longest.saturating_sub(least_congested)))
            }
            _ => self.jitter.longer(self.limits.wait(failures).max(least)),
        };
        now.after(wait)
    }

    /// Waits with everything of the kind that was refused.
    fn hold_back(&mut self, refusal: &Refusal<'_>, now: Timestamp) -> Intent {
        let failures = self.lane(refusal.act).failures;
        let until = self.end(refusal, failures, Duration::ZERO, now);
        let why = refusal.why();
        self.lane(refusal.act).wait(until, why.clone());
        Intent::Wait(Wait { act: refusal.act, until: (until.0 != NEVER).then_some(until), why })
    }

    /// Puts the APN on hold; another one is tried, else the first that comes free.
    fn next_apn(&mut self, refusal: &Refusal<'_>, now: Timestamp) -> Intent {
        let why = refusal.why();
        let tries = self.kept.holds.get(refusal.apn).map_or(0, |hold| hold.tries).saturating_add(1);
        let until = self.end(refusal, tries, self.limits.hold, now);
        self.hold(refusal.apn, Hold { until: until.0, tries, why: why.clone() }, now);
        let next = self.choose(refusal.apns, now);
        let free_at = refusal.apns.get(next).and_then(|apn| self.kept.holds.get(apn)).map(|hold| Timestamp(hold.until));
        let spaced = now.after(self.jitter.longer(self.limits.spacing));
        let until = free_at.map_or(spaced, |free_at| free_at.max(spaced));
        self.lane(refusal.act).wait(until, why.clone());
        let wait = Wait { act: refusal.act, until: (until.0 != NEVER).then_some(until), why };
        let other = refusal.apns.get(next).is_some_and(|apn| apn != refusal.apn);
        if other { Intent::NextApn(next, wait) } else { Intent::Wait(wait) }
    }

    fn hold(&mut self, apn: &str, hold: Hold, now: Timestamp) {
        if self.kept.good_apn.as_deref() == Some(apn) {
            self.kept.good_apn = None;
        }
        if self.kept.holds.len() >= HOLDS {
            self.kept.holds.retain(|_, hold| hold.until > now.0);
        }
        if self.kept.holds.len() < HOLDS || self.kept.holds.contains_key(apn) {
            self.kept.holds.insert(apn.to_owned(), hold);
        }
    }
}

/// Operator determined barring.
const BARRED: Cause = Cause::esm(8);

impl Refusal<'_> {
    fn why(&self) -> Why {
        let about_apn = self.act == Act::Activate || self.cause.is_some_and(|c| c.class() == Class::Configuration);
        Why::Refused { cause: self.cause, apn: about_apn.then(|| self.apn.to_owned()), timer: self.timer.is_some() }
    }
}
