//! Links that share a modem, of which one can be up at a time: each needs its own SIM slot, APN or technologies.
//!
//! Going to another one costs: the modem leaves the network and attaches anew, and nobody knows before whether it will
//! work. So it is done only where nothing better works, after [`Rules::switch_after`], and longer each time that it did
//! not help. The preferred one is tried again after [`Rules::switch_back`], longer each time that it fails soon again.

use std::time::Duration;

use super::{Choice, Link, MOST_PENALTIES, Rules, Standing};
use crate::state::Timestamp;

/// After a change that was not made, the next one is not tried before.
const REFUSED: Duration = Duration::from_secs(300);

/// The modem goes to another link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The link that it was.
    pub from: Option<usize>,
    /// The link that it is to be.
    pub to: usize,
    /// Why.
    pub why: Reason,
}

/// Why a link has its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// None had it before.
    First,
    /// The present one does not work.
    Fails,
    /// The plan of the present one is used up.
    Spent,
    /// It is preferred, and tried again.
    Preferred,
    /// A person chose it.
    Chosen,
}

impl Reason {
    /// In words, after "because".
    pub const fn words(self) -> &'static str {
        match self {
            Self::First => "it is the preferred one of its modem",
            Self::Fails => "the other one did not work for too long",
            Self::Spent => "the data plan of the other one is used up",
            Self::Preferred => "it is preferred, and tried again",
            Self::Chosen => "a person chose it",
        }
    }
}

/// What is remembered of a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Track {
    /// When it last was left.
    left: Timestamp,
    penalties: u32,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stand {
    current: Option<usize>,
    since: Timestamp,
    /// Since when the present one does not work.
    bad_since: Option<Timestamp>,
    /// Changes in a row after which nothing worked.
    fruitless: u32,
    tracks: Vec<Track>,
}

/// Whose turn it is, of the links of one modem.
#[derive(Debug, Clone)]
pub struct Turns {
    rules: Rules,
    /// Their numbers in the uplink, the preferred first.
    links: Vec<usize>,
    stand: Stand,
    /// What a change that is not made goes back to.
    before: Option<Stand>,
    wanted: Option<usize>,
    not_before: Timestamp,
}

impl Turns {
    /// It is nobody's turn yet.
    pub fn new(rules: Rules, links: Vec<usize>) -> Self {
        let stand = Stand {
            current: None,
            since: Timestamp::default(),
            bad_since: None,
            fruitless: 0,
            tracks: vec![Track::default(); links.len()],
        };
        Self { rules, links, stand, before: None, wanted: None, not_before: Timestamp::default() }
    }

    /// The link whose turn it is.
    pub const fn current(&self) -> Option<usize> {
        self.stand.current
    }

    /// The links that take turns.
    pub fn links(&self) -> &[usize] {
        &self.links
    }

    /// The modem is found to be this link.
    pub fn begin(&mut self, link: usize, now: Timestamp) {
        (self.stand.current, self.stand.since, self.stand.bad_since) = (Some(link), now, Some(now));
    }

    /// A person wants this link, at once.
    pub fn want(&mut self, link: Option<usize>) {
        self.wanted = link.filter(|link| self.links.contains(link));
    }

    /// The change was not made: it is as it was, and is left so for a while.
    pub fn refused(&mut self, now: Timestamp) {
        if let Some(before) = self.before.take() {
            self.stand = before;
        }
        self.not_before = now.after(REFUSED);
    }

    /// Whose turn it is with `links` as they are at `now`; those whose turn it is not are down.
    pub fn step(&mut self, links: &[Link], choice: &Choice, now: Timestamp) -> Option<Turn> {
        self.follow(links, now);
        let (_, to, why) = self.due(links, choice).filter(|(at, ..)| *at <= now)?;
        Some(self.go(to, why, now))
    }

    /// When time alone makes it another one's turn; `None`: never.
    pub fn deadline(&self, links: &[Link], choice: &Choice) -> Option<Timestamp> {
        self.due(links, choice).map(|(at, ..)| at)
    }

    fn follow(&mut self, links: &[Link], now: Timestamp) {
        let Some(current) = self.stand.current else { return };
        if !works(links, current) {
            self.stand.bad_since.get_or_insert(now);
            return;
        }
        (self.stand.bad_since, self.stand.fruitless) = (None, 0);
        let calm = self.rules.switch_back.saturating_mul(1 << MOST_PENALTIES);
        let long = now.since(self.stand.since) >= calm;
        if let Some(track) = self.track(current).filter(|_| long) {
            track.penalties = 0;
        }
    }

    fn track(&mut self, link: usize) -> Option<&mut Track> {
        let at = self.links.iter().position(|known| *known == link)?;
        self.stand.tracks.get_mut(at)
    }

    fn of(&self, link: usize) -> Track {
        let at = self.links.iter().position(|known| *known == link);
        at.and_then(|at| self.stand.tracks.get(at)).copied().unwrap_or_default()
    }

    /// The next change, when it is due, and why.
    fn due(&self, links: &[Link], choice: &Choice) -> Option<(Timestamp, usize, Reason)> {
        let others = || self.links.iter().copied().filter(|link| Some(*link) != self.stand.current);
        if let Some(wanted) = self.wanted.filter(|wanted| Some(*wanted) != self.stand.current) {
            return Some((self.not_before, wanted, Reason::Chosen));
        }
        let Some(current) = self.stand.current else {
            let first = others().min_by_key(|link| choice.rank(links, *link))?;
            return Some((self.not_before, first, Reason::First));
        };
        // A link of another modem, or an interface, that works and comes first makes a try pointless.
        let sensible = |link: &usize| !self.outranked(links, choice, *link);
        let stayed = |span: Duration| self.stand.since.after(span.max(self.rules.min_stay)).max(self.not_before);
        if let Some(bad_since) = self.stand.bad_since {
            let patience = self.rules.switch_after.saturating_mul(1 << self.stand.fruitless.min(MOST_PENALTIES));
            let next = others().filter(sensible).min_by_key(|link| (self.of(*link).left, choice.rank(links, *link)))?;
            return Some((bad_since.after(patience).max(stayed(patience)), next, Reason::Fails));
        }
        let present = choice.rank(links, current);
        let better = others().filter(sensible).filter(|link| choice.rank(links, *link) < present);
        let best = better.min_by_key(|link| choice.rank(links, *link))?;
        let spent = |link: usize| links.get(link).is_some_and(|link| link.spent);
        if spent(current) && !spent(best) {
            return Some((stayed(Duration::ZERO), best, Reason::Spent));
        }
        Some((stayed(self.hold(best)), best, Reason::Preferred))
    }

    /// Whether something that works, and is none of these, comes before `link`.
    fn outranked(&self, links: &[Link], choice: &Choice, link: usize) -> bool {
        let own = choice.rank(links, link);
        let others = (0..links.len()).filter(|other| !self.links.contains(other) && works(links, *other));
        others.into_iter().any(|other| choice.rank(links, other) < own)
    }

    fn hold(&self, link: usize) -> Duration {
        self.rules.switch_back.saturating_mul(1 << self.of(link).penalties.min(MOST_PENALTIES))
    }

    fn go(&mut self, to: usize, why: Reason, now: Timestamp) -> Turn {
        self.before = Some(self.stand.clone());
        self.wanted = None;
        let from = self.stand.current;
        let soon = from.is_some_and(|from| now.since(self.stand.since) < self.hold(from));
        if let Some(track) = from.and_then(|from| self.track(from)) {
            track.left = now;
            if why == Reason::Fails && soon {
                track.penalties = (track.penalties + 1).min(MOST_PENALTIES);
            }
        }
        if why == Reason::Fails {
            self.stand.fruitless = (self.stand.fruitless + 1).min(MOST_PENALTIES);
        }
        (self.stand.current, self.stand.since, self.stand.bad_since) = (Some(to), now, Some(now));
        Turn { from, to, why }
    }
}

fn works(links: &[Link], link: usize) -> bool {
    links.get(link).is_some_and(|link| link.standing == Standing::Works)
}

#[cfg(test)]
mod tests;
