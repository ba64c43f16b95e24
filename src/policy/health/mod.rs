//! Whether packets get through a link: by what passes anyway where that tells, by probes where it does not.
//!
//! A link is looked at, which costs no traffic, every [`Pace::look`]. Traffic that is answered is proof. A link that is
//! silent for [`Pace::idle`], or that sends without an answer for [`Pace::silence`], is probed; rounds that fail
//! [`Limits::down_after`] times in a row make it [`Condition::NoDataPath`], and [`Limits::up_after`] rounds in a row
//! make it good again. Probes are spread so that their budget lasts for the day. A modem that sleeps is left asleep.

mod limits;
mod target;
#[cfg(test)]
mod tests;

pub use limits::{DAY, Limits, LinkKind, Pace};
pub use target::{InvalidTarget, Target};

use std::time::Duration;

use crate::state::Timestamp;
use crate::state::uplink::Condition;

/// Octets that an interface has carried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Octets {
    /// Received.
    pub received: u64,
    /// Sent.
    pub sent: u64,
}

/// What happens to a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is up and has addresses.
    Up,
    /// It went down; the sentence part says why.
    Down(String),
    /// Its modem fell asleep, or woke.
    Asleep(bool),
    /// What a look at its counters found.
    Seen(Octets),
    /// A round of probes ended.
    Probed(Round),
    /// Nothing but time passed.
    Time,
}

/// How a round of probes ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Targets that answered, by number.
    pub answered: Vec<usize>,
    /// What the others did, in words.
    pub failures: Vec<String>,
    /// Octets that it took, both ways.
    pub octets: u64,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Look at the counters.
    Look,
    /// Ask these targets, by number, side by side.
    Probe(Vec<usize>),
}

/// The health of one link.
#[derive(Debug, Clone)]
pub struct Health {
    limits: Limits,
    pace: Pace,
    /// What asking each target costs, octets.
    costs: Vec<u64>,
    condition: Condition,
    asleep: bool,
    /// Counters at the last look.
    seen: Option<Octets>,
    /// When it was last proven that packets get through.
    proven: Timestamp,
    /// Since when something was sent and nothing came back.
    unanswered: Option<Timestamp>,
    next_look: Timestamp,
    /// When the last round began.
    asked: Option<Timestamp>,
    asking: bool,
    /// Whether traffic says that a dead link may live again.
    stirred: bool,
    /// Targets that are known to answer, the cheapest first: who is asked while all is well.
    known: Vec<usize>,
    /// What a round costs while all is well.
    price: u64,
    failed: u32,
    passed: u32,
    day: Timestamp,
    spent: u64,
}

impl Health {
    /// A link that is down; asking its targets costs `costs`.
    pub fn new(limits: Limits, costs: Vec<u64>, now: Timestamp) -> Self {
        let price = price(&costs, 0..costs.len(), limits.need);
        Self {
            limits,
            pace: limits.pace(),
            costs,
            condition: Condition::Down("it is not up yet".into()),
            asleep: false,
            seen: None,
            proven: now,
            unanswered: None,
            next_look: now,
            asked: None,
            asking: false,
            stirred: false,
            known: vec![],
            price,
            failed: 0,
            passed: 0,
            day: now,
            spent: 0,
        }
    }

    /// How the link is.
    pub const fn condition(&self) -> &Condition {
        &self.condition
    }

    /// How closely it is watched.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Octets that probes took in the present day of the budget.
    pub fn spent(&self, now: Timestamp) -> u64 {
        if now.since(self.day) >= DAY { 0 } else { self.spent }
    }

    /// How soon a dead link is known as such, with what probes cost here.
    pub fn detection(&self) -> Duration {
        self.limits.detection(self.price)
    }

    /// Takes `event` in; what is to be done comes back.
    pub fn step(&mut self, event: Event, now: Timestamp) -> Vec<Intent> {
        if now.since(self.day) >= DAY {
            (self.day, self.spent) = (now, 0);
        }
        match event {
            Event::Up if !self.condition.is_up() => self.came_up(now),
            Event::Up | Event::Time => {}
            Event::Down(reason) => self.went_down(reason),
            Event::Asleep(asleep) => self.slept(asleep, now),
            Event::Seen(octets) => self.saw(octets, now),
            Event::Probed(round) => self.heard(round, now),
        }
        self.due(now)
    }

    /// When time alone makes something happen; `None`: never.
    pub fn deadline(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.condition.is_up() || self.asleep {
            return None;
        }
        let asks = !self.asking && !self.costs.is_empty();
        Some(if asks { self.next_look.min(self.next_round(now)) } else { self.next_look })
    }

    fn came_up(&mut self, now: Timestamp) {
        // With nobody to ask, a link that is up is taken for good.
        self.condition = if self.costs.is_empty() { Condition::Good } else { Condition::Checking };
        (self.seen, self.unanswered, self.stirred) = (None, None, false);
        (self.failed, self.passed) = (0, 0);
        (self.next_look, self.proven) = (now, now);
    }

    fn went_down(&mut self, reason: String) {
        self.condition = Condition::Down(reason);
        // What a round under way brings is of a link that is gone.
        (self.asked, self.asking) = (None, false);
    }

    /// What a sleeping modem does not answer says nothing, and what it said before still holds.
    fn slept(&mut self, asleep: bool, now: Timestamp) {
        if self.asleep && !asleep {
            (self.proven, self.next_look, self.unanswered) = (now, now, None);
            self.seen = None;
        }
        self.asleep = asleep;
    }

    fn saw(&mut self, octets: Octets, now: Timestamp) {
        let before = self.seen.replace(octets);
        let Some(before) = before.filter(|_| self.limits.passive && self.condition.is_up()) else { return };
        // A counter that goes back is another interface's: the next look compares.
        let received = octets.received > before.received;
        let sent = octets.sent > before.sent;
        if received && (sent || self.unanswered.is_some()) {
            return self.seen_to_work(now);
        }
        if sent && self.unanswered.is_none() {
            self.unanswered = Some(now);
        }
    }

    fn seen_to_work(&mut self, now: Timestamp) {
        self.unanswered = None;
        match self.condition {
            // A dead link is good again only by probes: stray packets arrive on many.
            Condition::NoDataPath(_) => self.stirred = true,
            Condition::Down(_) => {}
            _ => self.works(now),
        }
    }

    fn works(&mut self, now: Timestamp) {
        self.condition = Condition::Good;
        (self.proven, self.unanswered) = (now, None);
        (self.failed, self.passed) = (0, 0);
    }

    fn heard(&mut self, round: Round, now: Timestamp) {
        self.spent = self.spent.saturating_add(round.octets);
        if !std::mem::take(&mut self.asking) || !self.condition.is_up() {
            return;
        }
        if round.answered.len() >= self.need() {
            self.known = round.answered;
            self.known.sort_by_key(|target| self.costs.get(*target).copied());
            self.known.truncate(self.need());
            self.price = price(&self.costs, self.known.iter().copied(), self.limits.need);
            self.passed(now);
        } else {
            self.failed(round);
        }
    }

    fn passed(&mut self, now: Timestamp) {
        self.failed = 0;
        self.passed = self.passed.saturating_add(1);
        let enough = match self.condition {
            Condition::NoDataPath(_) => self.passed >= self.limits.up_after,
            _ => true,
        };
        if enough {
            self.works(now);
        }
    }

    fn failed(&mut self, round: Round) {
        self.passed = 0;
        self.stirred = false;
        self.failed = self.failed.saturating_add(1);
        let dead = self.failed >= self.limits.down_after;
        let tried = || round.failures.join("; ");
        match self.condition {
            Condition::NoDataPath(_) => self.condition = Condition::NoDataPath(tried()),
            Condition::Checking | Condition::Good | Condition::Suspect if dead => {
                self.condition = Condition::NoDataPath(tried());
            }
            Condition::Good => self.condition = Condition::Suspect,
            _ => {}
        }
    }

    fn due(&mut self, now: Timestamp) -> Vec<Intent> {
        if !self.condition.is_up() || self.asleep {
            return vec![];
        }
        let mut intents = vec![];
        if self.next_look <= now {
            self.next_look = now.after(self.pace.look);
            intents.push(Intent::Look);
        }
        // What the look finds may spare the probe.
        if intents.is_empty() && !self.asking && self.next_round(now) <= now && !self.costs.is_empty() {
            (self.asked, self.asking) = (Some(now), true);
            intents.push(Intent::Probe(self.whom()));
        }
        intents
    }

    /// No more targets than are needed while all is well; all of them in doubt.
    fn whom(&self) -> Vec<usize> {
        match self.condition {
            Condition::Good if self.known.len() == self.need() => self.known.clone(),
            _ => (0..self.costs.len()).collect(),
        }
    }

    /// Targets that have to answer.
    fn need(&self) -> usize {
        self.limits.need.clamp(1, self.costs.len().max(1))
    }

    /// When the next round of probes begins.
    fn next_round(&self, now: Timestamp) -> Timestamp {
        let after_last = |wait| self.asked.map_or(now, |asked| asked.after(wait));
        match self.condition {
            Condition::Down(_) => now.after(DAY),
            Condition::Checking | Condition::Suspect => after_last(self.pace.retry),
            Condition::NoDataPath(_) if self.passed > 0 || self.stirred => after_last(self.pace.retry),
            Condition::NoDataPath(_) => after_last(self.pace.idle).max(self.affordable(self.dearest(), now)),
            Condition::Good => {
                let idle = self.proven.after(self.pace.idle);
                let silence = self.unanswered.map(|since| since.after(self.pace.silence));
                silence.unwrap_or(idle).min(idle).max(self.affordable(self.price, now))
            }
        }
    }

    /// From when on a round that costs `cost` leaves enough of the budget for the rest of the day.
    fn affordable(&self, cost: u64, now: Timestamp) -> Timestamp {
        let left = self.limits.budget.saturating_sub(self.spent(now));
        if left < cost {
            return self.day.after(DAY);
        }
        let rest = DAY.saturating_sub(now.since(self.day));
        self.asked.map(|asked| asked.after(limits::spread(rest, left, cost))).unwrap_or_default()
    }

    fn dearest(&self) -> u64 {
        self.costs.iter().fold(0, |sum: u64, cost| sum.saturating_add(*cost))
    }
}

/// What asking the cheapest `need` of `targets` costs.
fn price(costs: &[u64], targets: impl Iterator<Item = usize>, need: usize) -> u64 {
    let mut costs: Vec<u64> = targets.filter_map(|target| costs.get(target).copied()).collect();
    costs.sort_unstable();
    costs.iter().take(need.max(1)).sum()
}
