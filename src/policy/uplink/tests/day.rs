//! Ten thousand random days in virtual time: three links that die, silently or not, and come back as they like.

use std::collections::{BTreeSet, VecDeque};

use super::*;
use crate::policy::health::{Event, Health, Intent, Limits, LinkKind, Octets, Round};

const SEEDS: u64 = 10_000;
const DAY_S: u64 = 86_400;

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
        Self { health, known, fate, truth: Truth::Down, since: START, octets, round: None }
    }

    /// When something happens to it next.
    fn next(&self, now: Timestamp) -> Timestamp {
        let fate = self.fate.front().map(|(at, _)| *at);
        let times = [fate, self.round.map(|(at, _)| at), self.health.deadline(now)];
        times.into_iter().flatten().min().unwrap_or_else(|| at(DAY_S))
    }

    fn live(&mut self, now: Timestamp, active: bool) {
        while let Some((_, truth)) = self.fate.pop_front_if(|(at, _)| *at <= now) {
            if truth != self.truth {
                (self.truth, self.since) = (truth, now);
            }
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

/// A gateway with three links, and the default routes that follow from the moves.
struct Gateway {
    links: Vec<Fated>,
    choice: Choice,
    routes: BTreeSet<usize>,
    moves: Vec<(Timestamp, Move)>,
}

impl Gateway {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let kinds = [LinkKind::Wired, LinkKind::Broadband, LinkKind::LteM];
        let links = kinds.map(|kind| Fated::new(kind, &mut random)).into();
        Self { links, choice: choice(3), routes: BTreeSet::new(), moves: vec![] }
    }

    fn run(&mut self, seed: u64) {
        let (mut now, mut known, mut ripe) = (START, [DOWN; 3], None);
        let mut next: Vec<Timestamp> = vec![START; self.links.len()];
        while now < at(DAY_S) {
            let active = self.choice.current();
            for (n, (link, next)) in self.links.iter_mut().zip(&mut next).enumerate() {
                if *next <= now {
                    link.live(now, active == Some(n));
                    *next = link.next(now).max(now.after(Duration::from_millis(1)));
                }
            }
            let links = [0, 1, 2].map(|n: usize| self.links[n].link());
            if links != known || ripe.is_some_and(|at| at <= now) {
                self.choose(&links, seed, now);
                (known, ripe) = (links, self.choice.deadline(&links, now));
            }
            self.check(seed, now);
            now = next.iter().copied().chain(ripe).min().unwrap_or_else(|| at(DAY_S));
        }
        self.check_moves(seed);
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
    }
}

#[test]
fn ten_thousand_random_days() {
    let threads = 2;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for seed in (thread..SEEDS).step_by(threads as usize) {
                    Gateway::new(seed + 1).run(seed);
                }
            });
        }
    });
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
}
