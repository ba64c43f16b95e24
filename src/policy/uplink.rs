//! Which of several links has the default route.
//!
//! The cheapest link that works and has something left of its plan, the first in order among equals. A link that is
//! lost is left at once; a better one is gone to after the present one was kept for [`Rules::min_stay`] and, where the
//! better one had failed before, after it worked for [`Rules::hold_down`], longer each time that it fails soon again.

pub mod turns;

use std::cmp::Reverse;
use std::time::Duration;

use crate::state::Timestamp;
use crate::state::uplink::{Allowance, Condition};

/// How willingly links are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// A link that works is kept for so long at least.
    pub min_stay: Duration,
    /// A link that failed has to work for so long before it is gone back to.
    pub hold_down: Duration,
    /// Of links that share a modem, another one has its turn after the present one did not work for so long.
    pub switch_after: Duration,
    /// The preferred of them is tried again after another one was used for so long.
    pub switch_back: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self { min_stay: minutes(1), hold_down: minutes(5), switch_after: minutes(5), switch_back: minutes(60) }
    }
}

/// A hold-down is doubled so often at most: sixteen times as long.
const MOST_PENALTIES: u32 = 4;

/// A link as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Whether packets get through.
    pub standing: Standing,
    /// Relative price.
    pub cost: u32,
    /// Whether its plan is used up, and that is a reason to leave it.
    pub spent: bool,
}

/// Whether a link can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// There is none.
    Down,
    /// It is there, and no packet is known to get through: better than none.
    Unproven,
    /// Packets get through.
    Works,
}

impl Link {
    /// A link in `condition` with `allowance`; `leave`: whether a plan that is used up is a reason to leave it.
    pub const fn new(condition: &Condition, cost: u32, allowance: Allowance, leave: bool) -> Self {
        let standing = match condition {
            Condition::Down(_) => Standing::Down,
            Condition::Checking | Condition::NoDataPath(_) => Standing::Unproven,
            Condition::Good | Condition::Suspect => Standing::Works,
        };
        Self { standing, cost, spent: leave && matches!(allowance, Allowance::Spent) }
    }
}

/// The default route goes to another link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The link that had it.
    pub from: Option<usize>,
    /// The link that has it now; `None`: there is none that could.
    pub to: Option<usize>,
    /// Why.
    pub why: Why,
}

/// Why a link is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There was none before.
    First,
    /// The present one is gone.
    Lost,
    /// No packet gets through the present one.
    NoDataPath,
    /// The plan of the present one is used up.
    Spent,
    /// It is preferred, and good enough for long enough.
    Preferred,
    /// A person chose it.
    Chosen,
}

impl Why {
    /// In words, after "because".
    pub const fn words(self) -> &'static str {
        match self {
            Self::First => "it is the best that is there",
            Self::Lost => "the other link went down",
            Self::NoDataPath => "nothing gets through the other link",
            Self::Spent => "the data plan of the other link is used up",
            Self::Preferred => "it is preferred and works again for long enough",
            Self::Chosen => "a person chose it",
        }
    }
}

/// What is remembered of a link.
#[derive(Debug, Clone, Copy, Default)]
struct Track {
    works_since: Option<Timestamp>,
    failed: bool,
    penalties: u32,
}

/// The choice between the links of one uplink, which have numbers in the order of preference.
#[derive(Debug, Clone)]
pub struct Choice {
    rules: Rules,
    tracks: Vec<Track>,
    current: Option<usize>,
    since: Timestamp,
    pinned: Option<usize>,
    /// The pinned link was chosen just now: nothing is waited for.
    at_once: bool,
}

/// What comes first: the link that a person chose, a plan with something left, the price, the order.
type Rank = (bool, bool, u32, usize);

impl Choice {
    /// Nothing is chosen yet between `links` links.
    pub fn new(rules: Rules, links: usize) -> Self {
        let tracks = vec![Track::default(); links];
        Self { rules, tracks, current: None, since: Timestamp::default(), pinned: None, at_once: false }
    }

    /// The link that has the default route.
    pub const fn current(&self) -> Option<usize> {
        self.current
    }

    /// A person prefers a link to all others; `None`: lpwa chooses again. It is used at once if it works, else as soon
    /// as it does: nobody may be there any more when it fails.
    pub const fn pin(&mut self, link: Option<usize>) {
        (self.pinned, self.at_once) = (link, true);
    }

    /// Chooses anew between `links` as they are at `now`.
    pub fn step(&mut self, links: &[Link], now: Timestamp) -> Option<Move> {
        self.follow(links, now);
        let (to, why) = self.choose(links, now);
        self.at_once = false;
        if to == self.current {
            return None;
        }
        let from = self.current;
        if matches!(why, Why::Lost | Why::NoDataPath) {
            self.punish(now);
        }
        (self.current, self.since) = (to, now);
        Some(Move { from, to, why })
    }

    /// When time alone makes a link be chosen; `None`: never.
    pub fn deadline(&self, links: &[Link], now: Timestamp) -> Option<Timestamp> {
        let current = self.current?;
        let moments = self.better(links, current).filter_map(|link| self.ripe(link));
        moments.filter(|at| *at > now).min()
    }

    fn follow(&mut self, links: &[Link], now: Timestamp) {
        for (track, link) in self.tracks.iter_mut().zip(links) {
            let works = link.standing == Standing::Works;
            track.failed |= track.works_since.is_some() && !works;
            track.works_since = works.then(|| track.works_since.unwrap_or(now));
        }
        // A long good stay makes up for what was before.
        let calm = self.rules.hold_down.saturating_mul(1 << MOST_PENALTIES);
        if let Some(track) = self.current.and_then(|current| self.tracks.get_mut(current))
            && track.works_since.is_some_and(|since| now.since(since) >= calm)
        {
            track.penalties = 0;
        }
    }

    fn choose(&self, links: &[Link], now: Timestamp) -> (Option<usize>, Why) {
        let standing = |link: usize| links.get(link).map_or(Standing::Down, |link| link.standing);
        if let Some(pinned) = self.pinned.filter(|link| self.at_once && standing(*link) == Standing::Works) {
            return (Some(pinned), Why::Chosen);
        }
        let Some(current) = self.current else { return (self.best(links), Why::First) };
        match standing(current) {
            Standing::Down => (self.best(links), Why::Lost),
            Standing::Unproven => match self.best(links).filter(|best| standing(*best) == Standing::Works) {
                Some(best) => (Some(best), Why::NoDataPath),
                None => (Some(current), Why::First),
            },
            Standing::Works => self.improve(links, current, now),
        }
    }

    fn improve(&self, links: &[Link], current: usize, now: Timestamp) -> (Option<usize>, Why) {
        let spent = links.get(current).is_some_and(|link| link.spent);
        let better = |link: &usize| {
            let leaves_spent = spent && links.get(*link).is_some_and(|link| !link.spent);
            leaves_spent || self.ripe(*link).is_some_and(|at| at <= now)
        };
        match self.better(links, current).filter(better).min_by_key(|link| self.rank(links, *link)) {
            Some(link) => (Some(link), if spent { Why::Spent } else { Why::Preferred }),
            None => (Some(current), Why::First),
        }
    }

    /// Links that work and come before `current`.
    fn better(&self, links: &[Link], current: usize) -> impl Iterator<Item = usize> {
        let present = self.rank(links, current);
        let works = |link: &usize| links.get(*link).is_some_and(|link| link.standing == Standing::Works);
        (0..links.len()).filter(works).filter(move |link| self.rank(links, *link) < present)
    }

    /// The best link that there is; one that works goes before one that is only there.
    fn best(&self, links: &[Link]) -> Option<usize> {
        let there = links.iter().enumerate().filter(|(_, link)| link.standing > Standing::Down);
        there.min_by_key(|(at, link)| (Reverse(link.standing), self.rank(links, *at))).map(|(at, _)| at)
    }

    fn rank(&self, links: &[Link], at: usize) -> Option<Rank> {
        links.get(at).map(|link| (self.pinned != Some(at), link.spent, link.cost, at))
    }

    /// When `link` has worked for long enough, and the present one was kept for long enough.
    fn ripe(&self, link: usize) -> Option<Timestamp> {
        let track = self.tracks.get(link)?;
        let hold = if track.failed { self.hold(track) } else { Duration::ZERO };
        Some(track.works_since?.after(hold).max(self.since.after(self.rules.min_stay)))
    }

    fn hold(&self, track: &Track) -> Duration {
        self.rules.hold_down.saturating_mul(1 << track.penalties.min(MOST_PENALTIES))
    }

    /// The present link failed. Where that came soon, it is trusted less the next time.
    fn punish(&mut self, now: Timestamp) {
        let stayed = now.since(self.since);
        let Some(track) = self.current.and_then(|current| self.tracks.get(current).copied()) else { return };
        let soon = stayed < self.hold(&track).max(self.rules.min_stay);
        if let Some(track) = self.current.and_then(|current| self.tracks.get_mut(current)) {
            track.failed = true;
            if soon {
                track.penalties = (track.penalties + 1).min(MOST_PENALTIES);
            }
        }
    }
}

#[cfg(test)]
mod tests;
