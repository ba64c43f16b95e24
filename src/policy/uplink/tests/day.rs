//! Ten thousand random days in virtual time: three links that die, silently or not, and come back as they like. And two
//! thousand in which the last of them has two SIMs, of which one is in use at a time.

use std::collections::{BTreeSet, VecDeque};

use super::*;
use crate::policy::governor::Limits as Caps;
use crate::policy::health::{Event, Health, Intent, Limits, LinkKind, Octets, Round};
use crate::policy::uplink::turns::{Reason, Turns};

const SEEDS: u64 = 10_000;
const DAY_S: u64 = 86_400;
const SHARED_SEEDS: u64 = 2_000;
/// From the change of a SIM to an attached modem.
const ATTACH: Duration = Duration::from_secs(60);

/// xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// How a link truly is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Works,
    /// It is up, and packets vanish.
    Silent,
    Down,
}

/// A link with its fate: what it truly is from when on.
struct Fated {
    health: Health,
    /// How soon it is known to be dead, or alive.
    known: Duration,
    fate: VecDeque<(Timestamp, Truth)>,
    /// How it would be, if it had its turn, and since when.
    fated: (Truth, Timestamp),
    /// How it is: down where it has not.
    truth: Truth,
    /// Since when `truth` holds.
    since: Timestamp,
    octets: Octets,
    /// A round under way: when it ends, and whether it is answered.
    round: Option<(Timestamp, bool)>,
}

impl Fated {
    fn new(kind: LinkKind, random: &mut Random) -> Self {
        let detect_within = Duration::from_secs(
            [3600, 7200, 14_400, if random.below(4) == 0 { 600 } else { 5400 }][random.below(4) as usize],
        );
        let limits = Limits { detect_within, budget: 50_000_000, ..kind.limits() };
        let (mut fate, mut now) = (VecDeque::new(), START);
        // Some links are steady, and one in eight has a bad hour in which they die every 20 seconds.
        let (scale, bad_hour) = ([1000, 6000, 20_000][random.below(3) as usize], random.below(192));
        while now < at(DAY_S) {
            let truth = [Truth::Works, Truth::Silent, Truth::Works, Truth::Down][random.below(4) as usize];
            fate.push_back((now, truth));
            let scale = if now.since(START).as_secs() / 3600 == bad_hour { 20 } else { scale };
            now = now.after(Duration::from_secs(1 + random.below(2 * scale)));
        }
        let health = Health::new(limits, vec![72, 165], START);
        // A second for a round under way when the time is over.
        let (known, octets) = (health.detection() + Duration::from_secs(1), Octets::default());
        let fated = (Truth::Down, START);
        Self { health, known, fate, fated, truth: Truth::Down, since: START, octets, round: None }
    }

    /// When something happens to it next.
    fn next(&self, now: Timestamp) -> Timestamp {
        let fate = self.fate.front().map(|(at, _)| *at);
        let times = [fate, self.round.map(|(at, _)| at), self.health.deadline(now)];
        times.into_iter().flatten().min().unwrap_or_else(|| at(DAY_S))
    }

    fn live(&mut self, now: Timestamp, active: bool, held: bool) {
        while let Some((_, truth)) = self.fate.pop_front_if(|(at, _)| *at <= now) {
            if truth != self.fated.0 {
                self.fated = (truth, now);
            }
        }
        let truth = if held { Truth::Down } else { self.fated.0 };
        if truth != self.truth {
            (self.truth, self.since) = (truth, now);
        }
        let link = match (self.truth == Truth::Down, self.health.condition().is_up()) {
            (true, true) => Event::Down(String::new()),
            (false, false) => Event::Up,
            _ => Event::Time,
        };
        let mut intents = VecDeque::from(self.health.step(link, now));
        if let Some((_, works)) = self.round.take_if(|(at, _)| *at <= now) {
            let answered = if works && self.truth == Truth::Works { vec![0] } else { vec![] };
            intents.extend(self.health.step(Event::Probed(Round { answered, failures: vec![], octets: 72 }), now));
        }
        while let Some(intent) = intents.pop_front() {
            match intent {
                Intent::Look => intents.extend(self.look(now, active)),
                Intent::Probe(_) => {
                    let works = self.truth == Truth::Works;
                    let wait = if works { Duration::from_millis(90) } else { self.health.limits().timeout };
                    self.round = Some((now.after(wait), works));
                }
            }
        }
    }

    /// The active link carries somebody's traffic.
    fn look(&mut self, now: Timestamp, active: bool) -> Vec<Intent> {
        self.octets.sent += u64::from(active) * 100;
        self.octets.received += u64::from(active && self.truth == Truth::Works) * 50;
        self.health.step(Event::Seen(self.octets), now)
    }

    fn works_for(&self, now: Timestamp) -> Option<Duration> {
        (self.truth == Truth::Works).then(|| now.since(self.since))
    }

    fn fails_for(&self, now: Timestamp) -> Option<Duration> {
        (self.truth != Truth::Works).then(|| now.since(self.since))
    }

    fn link(&self) -> Link {
        Link::new(self.health.condition(), 0, Allowance::Free, false)
    }
}

/// The two SIMs of a modem.
struct Shared {
    turns: Turns,
    /// When the one that has its turn is attached.
    ready: Timestamp,
    made: Vec<(Timestamp, Reason)>,
}

/// A gateway with three links or four, and the default routes that follow from the moves.
struct Gateway {
    links: Vec<Fated>,
    choice: Choice,
    routes: BTreeSet<usize>,
    moves: Vec<(Timestamp, Move)>,
    shared: Option<Shared>,
}

impl Gateway {
    fn new(seed: u64) -> Self {
        Self::of(seed, &[LinkKind::Wired, LinkKind::Broadband, LinkKind::LteM])
    }

    /// The third and the fourth link are SIMs of one modem.
    fn with_two_sims(seed: u64) -> Self {
        let mut gateway = Self::of(seed, &[LinkKind::Wired, LinkKind::Broadband, LinkKind::LteM, LinkKind::LteM]);
        let mut turns = Turns::new(Rules::default(), vec![2, 3]);
        turns.begin(2, START);
        gateway.shared = Some(Shared { turns, ready: START, made: vec![] });
        gateway
    }

    fn of(seed: u64, kinds: &[LinkKind]) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let links = kinds.iter().map(|kind| Fated::new(*kind, &mut random)).collect();
        Self { links, choice: choice(kinds.len()), routes: BTreeSet::new(), moves: vec![], shared: None }
    }

    /// Whether it is the other SIM's turn, or this one's and it is not attached yet.
    fn held(&self, link: usize, now: Timestamp) -> bool {
        let Some(shared) = self.shared.as_ref().filter(|shared| shared.turns.links().contains(&link)) else {
            return false;
        };
        shared.turns.current() != Some(link) || now < shared.ready
    }

    fn run(&mut self, seed: u64) {
        let count = self.links.len();
        let (mut now, mut known, mut ripe) = (START, vec![DOWN; count], None);
        let mut next: Vec<Timestamp> = vec![START; count];
        while now < at(DAY_S) {
            let active = self.choice.current();
            for (n, next) in next.iter_mut().enumerate().filter(|(_, next)| **next <= now) {
                let held = self.held(n, now);
                let link = &mut self.links[n];
                link.live(now, active == Some(n), held);
                *next = link.next(now).max(now.after(Duration::from_millis(1)));
            }
            let links: Vec<Link> = self.links.iter().map(Fated::link).collect();
            if links != known || ripe.is_some_and(|at| at <= now) {
                self.choose(&links, seed, now);
                if self.take_turns(&links, seed, now) {
                    let soon = now.after(Duration::from_millis(1));
                    (next[2], next[3]) = (soon, soon);
                }
                let turns = self.shared.as_ref().and_then(|shared| shared.turns.deadline(&links, &self.choice));
                ripe = self.choice.deadline(&links, now).into_iter().chain(turns.filter(|at| *at > now)).min();
                known = links;
            }
            self.check(seed, now);
            let attached = self.shared.as_ref().map(|shared| shared.ready).filter(|at| *at > now);
            if let Some(ready) = attached {
                (next[2], next[3]) = (next[2].min(ready), next[3].min(ready));
            }
            now = next.iter().copied().chain(ripe).min().unwrap_or_else(|| at(DAY_S));
        }
        self.check_moves(seed);
    }

    /// Whose turn it is, within the budget; whether that changed.
    fn take_turns(&mut self, links: &[Link], seed: u64, now: Timestamp) -> bool {
        let Some(Shared { turns, ready, made }) = self.shared.as_mut() else { return false };
        let before = turns.current();
        let Some(turn) = turns.step(links, &self.choice, now) else { return false };
        let within = |span: Duration| made.iter().filter(|(at, _)| now.since(*at) < span).count();
        let caps = Caps::default();
        let (hour, day) = (within(Duration::from_secs(3600)), within(Duration::from_secs(DAY_S)));
        if hour >= caps.switches_per_hour as usize || day >= caps.switches_per_day as usize {
            turns.refused(now);
            assert_eq!(turns.current(), before, "{seed}: it is as it was");
            return false;
        }
        assert!(
            turn.from == before && Some(turn.to) == turns.current() && turn.from != Some(turn.to),
            "{seed}: {turn:?}"
        );
        made.push((now, turn.why));
        *ready = now.after(ATTACH);
        true
    }

    fn choose(&mut self, links: &[Link], seed: u64, now: Timestamp) {
        if let Some(moved) = self.choice.step(links, now) {
            let left = moved.from.is_none_or(|from| self.routes.remove(&from));
            let taken = moved.to.is_none_or(|to| self.routes.insert(to));
            assert!(left && taken, "{seed}: {moved:?}");
            self.moves.push((now, moved));
        }
    }

    fn check(&self, seed: u64, now: Timestamp) {
        assert!(self.routes.len() <= 1, "{seed}: two default routes at {now}: {:?}", self.routes);
        let better = self.links.iter().any(|link| link.works_for(now).is_some_and(|span| span > link.known));
        let active = self.choice.current().map(|n| &self.links[n]);
        let stuck = active.is_none_or(|link| link.fails_for(now).is_some_and(|span| span > link.known));
        assert!(!(better && stuck), "{seed}: no route that works at {now}, for too long");
        self.check_turns(seed, now);
    }

    /// Of two SIMs one is up; and one that would work is found in the end, though nobody can know before.
    fn check_turns(&self, seed: u64, now: Timestamp) {
        let Some(shared) = &self.shared else { return };
        let up = shared.turns.links().iter().filter(|link| self.links[**link].truth != Truth::Down).count();
        assert!(up <= 1, "{seed}: two SIMs at {now}");
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let rules = Rules::default();
        let known = self.links.iter().map(|link| link.known).max().unwrap_or_default();
        // Its death has to be known, the longest patience to pass, and the budget of an hour to come back.
        let bound = known + rules.switch_after * 16 + hours(2);
        let waits = |link: &&usize| {
            let (truth, since) = self.links[**link].fated;
            truth == Truth::Works && now.since(since) > bound
        };
        let would = shared.turns.links().iter().find(waits);
        let fails = self.links.iter().all(|link| link.fails_for(now).is_some_and(|span| span > bound));
        let spent = shared.made.len() >= Caps::default().switches_per_day as usize;
        assert!(would.is_none() || !fails || spent, "{seed}: {would:?} would work at {now}, and is not tried");
    }

    /// Each move has a reason: a failure, or a stay and a hold-down that were kept.
    fn check_moves(&self, seed: u64) {
        let rules = Rules::default();
        for pair in self.moves.windows(2) {
            let [(before, _), (now, moved)] = pair else { continue };
            if moved.why == Why::Preferred {
                assert!(now.since(*before) >= rules.min_stay, "{seed}: {moved:?} at {now} after {before}");
            }
        }
        for pair in self.shared.iter().flat_map(|shared| shared.made.windows(2)) {
            let [(before, _), (now, why)] = pair else { continue };
            let least = match why {
                Reason::Preferred => rules.switch_back,
                Reason::Fails => rules.switch_after,
                _ => rules.min_stay,
            };
            assert!(now.since(*before) >= least, "{seed}: {why:?} at {now} after {before}");
        }
    }
}

fn days(seeds: u64, gateway: fn(u64) -> Gateway) {
    let threads = 2;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for seed in (thread..seeds).step_by(threads as usize) {
                    gateway(seed + 1).run(seed);
                }
            });
        }
    });
}

#[test]
fn ten_thousand_random_days() {
    days(SEEDS, Gateway::new);
}

#[test]
fn two_thousand_random_days_with_two_sims() {
    days(SHARED_SEEDS, Gateway::with_two_sims);
}

#[test]
fn the_days_are_not_empty() {
    let (mut moves, mut failures) = (0, 0);
    for seed in 0..50 {
        let mut gateway = Gateway::new(seed + 1);
        gateway.run(seed);
        moves += gateway.moves.len();
        failures += gateway.moves.iter().filter(|(_, moved)| moved.why == Why::NoDataPath).count();
    }
    assert!(moves > 500 && failures > 50, "{moves} moves, {failures} after silent deaths");
    let (mut fails, mut back) = (0, 0);
    for seed in 0..50 {
        let mut gateway = Gateway::with_two_sims(seed + 1);
        gateway.run(seed);
        let made = &gateway.shared.as_ref().unwrap().made;
        fails += made.iter().filter(|(_, why)| *why == Reason::Fails).count();
        back += made.iter().filter(|(_, why)| *why == Reason::Preferred).count();
    }
    assert!(fails > 50 && back > 20, "{fails} changes of the SIM, {back} back");
}
