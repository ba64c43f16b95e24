//! A simulated year of the retry governor and the PIN memory against networks that mean no good, with a gateway that
//! restarts at any moment and whose clock jumps: no budget is ever broken, no PIN is tried twice, no modem is restarted
//! after a permanent cause, and once the network is well again the modem is back when the wait of the moment is over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lpwa::policy::governor::steady::{self, Anchor, Boot};
use lpwa::policy::governor::{Act, Asker, Change, Event, Governor, Intent, Kept, Limits, Refusal, Timer};
use lpwa::policy::pin::{self, PinMemory};
use lpwa::private::Private;
use lpwa::spec::cause::{Cause, Domain};
use lpwa::state::Timestamp;
use proptest::prelude::*;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;
const PINS: [&str; 3] = ["1111", "2222", "3333"];

/// How the network is, for a while.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Well,
    /// It refuses with this cause.
    Refuses(Act, Cause),
    /// It does not answer.
    Silent(Act),
    /// It refuses and says how long.
    Congested(Act, u64),
    /// Contexts come up, and go down after this many seconds.
    Flapping(u64),
}

/// What happens to the gateway.
#[derive(Debug, Clone, Copy)]
enum Blow {
    Nothing,
    /// The daemon is started anew.
    Restart,
    /// The gateway is: it is off for so many minutes, and its clock may have stood still, or start in 1970.
    Reboot(u64, Wall),
    /// The wall clock jumps to this many hours since 1970.
    ClockJump(u64),
    /// One of three cards is put in, and another PIN into the configuration.
    SimSwap(u32, usize),
    /// The modem hears another network.
    Moved(u8),
    /// A person runs `lpwa connect`.
    Person,
    /// The modem hangs: recovery wants to restart it.
    Hangs,
}

#[derive(Debug, Clone, Copy)]
enum Wall {
    Kept,
    StoodStill,
    Lost,
}

fn cause() -> impl Strategy<Value = Cause> {
    let domain = prop_oneof![Just(Domain::Emm), Just(Domain::Esm), Just(Domain::FiveGmm)];
    (domain, 0..=120_u8).prop_map(|(domain, number)| Cause { domain, number })
}

fn refused() -> impl Strategy<Value = Mood> {
    cause()
        .prop_map(|cause| Mood::Refuses(if cause.domain == Domain::Esm { Act::Activate } else { Act::Attach }, cause))
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![Just(Act::Attach), Just(Act::Activate)]
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        4 => Just(Mood::Well),
        12 => refused(),
        4 => act().prop_map(Mood::Silent),
        4 => (act(), 1..20_000_u64).prop_map(|(act, seconds)| Mood::Congested(act, seconds)),
        4 => (1..600_u64).prop_map(Mood::Flapping),
        1 => (600..40_000_u64).prop_map(Mood::Flapping),
    ]
}

fn blow() -> impl Strategy<Value = Blow> {
    let wall = prop_oneof![Just(Wall::Kept), Just(Wall::StoodStill), Just(Wall::Lost)];
    prop_oneof![
        8 => Just(Blow::Nothing),
        4 => Just(Blow::Restart),
        3 => (0..600_u64, wall).prop_map(|(minutes, wall)| Blow::Reboot(minutes, wall)),
        2 => (0..800_000_u64).prop_map(Blow::ClockJump),
        2 => (0..3_u32, 0..PINS.len()).prop_map(|(card, pin)| Blow::SimSwap(card, pin)),
        2 => (1..5_u8).prop_map(Blow::Moved),
        2 => Just(Blow::Person),
        6 => Just(Blow::Hangs),
    ]
}

/// A year or so of spells of weather: how long each lasts in minutes, the network, and what happens at its start. Not
/// repeated where they are shorter, so that a failure shrinks to a few of them.
fn year() -> impl Strategy<Value = Vec<(u64, Mood, Blow)>> {
    prop::collection::vec((1..20_000_u64, mood(), blow()), 50..150)
}

/// The gateway, and a witness that knows true time.
struct World {
    /// True time, milliseconds.
    now: u64,
    /// What the wall clock is ahead of true time; it may be behind.
    skew: i64,
    boots: u64,
    booted_at: u64,
    governor: Governor,
    /// Steady time at the start of this life, and when that was.
    steady: (Timestamp, u64),
    /// What is on the disk.
    disk: (Kept, Anchor),
    pins: PinMemory,
    iccid: u32,
    pin: usize,
    plmn: u8,
    attached: bool,
    connected: Option<u64>,
    /// A permanent cause was given to attaches, to activations, and nothing has changed since.
    condemned: [bool; 2],
    done: [Vec<u64>; 3],
    /// Attempts that the cards have left.
    tries: BTreeMap<u32, u8>,
    wrong: BTreeSet<(u32, usize)>,
    seed: u64,
}

fn apns() -> Vec<String> {
    vec!["iot.a".into(), "iot.b".into()]
}

impl World {
    fn new(seed: u64) -> Self {
        let governor = Governor::new(Limits::default(), Kept::default(), seed);
        let mut world = Self {
            now: 20_000 * DAY,
            skew: 0,
            boots: 0,
            booted_at: 20_000 * DAY,
            governor,
            steady: (Timestamp(20_000 * DAY), 20_000 * DAY),
            disk: Default::default(),
            pins: PinMemory::new((seed, !seed)),
            iccid: 0,
            pin: 0,
            plmn: 1,
            attached: false,
            connected: None,
            condemned: [false; 2],
            done: Default::default(),
            tries: BTreeMap::new(),
            wrong: BTreeSet::new(),
            seed,
        };
        world.keep();
        world
    }

    fn steady(&self) -> Timestamp {
        Timestamp(self.steady.0.0 + (self.now - self.steady.1))
    }

    fn wall(&self) -> u64 {
        self.now.saturating_add_signed(self.skew)
    }

    fn boot(&self) -> Boot {
        Boot { id: self.boots.to_string(), up_ms: self.now - self.booted_at }
    }

    /// As the daemon does before it follows an intent.
    fn keep(&mut self) {
        let anchor = Anchor { steady: self.steady().0, wall: self.wall(), boot: Some(self.boot()) };
        self.disk = (self.governor.kept().clone(), anchor);
    }

    fn start(&mut self) {
        let kept = serde_json::from_str(&serde_json::to_string(&self.disk.0).unwrap()).unwrap();
        let steady = steady::resume(Some(&self.disk.1), Timestamp(self.wall()), Some(&self.boot()));
        assert!(steady.0 <= self.steady().0, "steady time went faster than time");
        self.steady = (steady, self.now);
        self.seed = self.seed.wrapping_mul(31).wrapping_add(7);
        self.governor = Governor::new(Limits::default(), kept, self.seed);
        (self.attached, self.connected) = (false, None);
        self.unlock();
    }

    /// The card asks for its PIN at every start. The power may go before its answer is remembered.
    fn unlock(&mut self) {
        self.pins = serde_json::from_str(&serde_json::to_string(&self.pins).unwrap()).unwrap();
        let (iccid, pin) = (self.iccid.to_string(), Private::new(PINS[self.pin].to_owned()));
        let left = *self.tries.get(&self.iccid).unwrap_or(&3);
        if pin::may_send(&self.pins, &iccid, Some(&pin), Some(left)).is_err() {
            return;
        }
        self.pins.sending(&iccid, &pin, Some(left));
        let (right, power_goes) = (self.iccid as usize % PINS.len() == self.pin, self.seed.is_multiple_of(3));
        if right {
            self.tries.insert(self.iccid, 3);
        } else {
            assert!(self.wrong.insert((self.iccid, self.pin)), "a wrong PIN was sent twice");
            assert!(left > 1, "the last attempts are a person's");
            self.tries.insert(self.iccid, left - 1);
        }
        match (power_goes, right) {
            (true, _) => {}
            (false, true) => self.pins.accepted(&iccid, &pin),
            (false, false) => self.pins.refused(&iccid, &pin),
        }
    }

    fn step(&mut self, event: Event<'_>) -> Intent {
        let now = self.steady();
        let intent = self.governor.step(event, now);
        self.keep();
        intent
    }

    /// Does `act` if the governor lets it; the witness counts in true time.
    fn attempt(&mut self, act: Act, asker: Asker) -> bool {
        let list = apns();
        let apn = &list[self.governor.choose(&list, self.steady())];
        if self.step(Event::Wish(act, asker, apn)) != Intent::Go {
            return false;
        }
        if act == Act::Reset {
            assert_eq!(self.condemned, [false; 2], "the modem was restarted after a permanent cause");
        }
        let limits = Limits::default();
        let (hour, day) = match act {
            Act::Reset => (limits.resets_per_hour, limits.resets_per_day),
            _ => (limits.per_hour, limits.per_day),
        };
        let done = &mut self.done[act as usize];
        done.push(self.now);
        let within = |span: u64| done.iter().rev().take_while(|at| self.now - **at < span).count();
        assert!(within(HOUR) <= hour as usize, "{act:?} more than {hour} times in an hour");
        assert!(within(DAY) <= day as usize, "{act:?} more than {day} times in a day");
        true
    }

    fn suffer(&mut self, blow: Blow) {
        match blow {
            Blow::Nothing => {}
            Blow::Restart => self.start(),
            Blow::Reboot(minutes, wall) => {
                let wall_before = self.wall();
                self.now += minutes * MINUTE;
                (self.boots, self.booted_at) = (self.boots + 1, self.now);
                let wall_now = match wall {
                    Wall::Kept => return self.start(),
                    Wall::StoodStill => wall_before,
                    Wall::Lost => 0,
                };
                self.skew = wall_now as i64 - self.now as i64;
                self.start();
            }
            Blow::ClockJump(hours) => {
                self.skew = (hours * HOUR) as i64 - self.now as i64;
                // The daemon notes what the clock says now, so that a reboot does not take the jump for time.
                self.keep();
            }
            Blow::SimSwap(card, pin) => {
                (self.iccid, self.pin, self.condemned, self.connected) = (card, pin, [false; 2], None);
                self.attached = false;
                self.step(Event::Changed(Change::Sim));
                self.unlock();
            }
            Blow::Moved(plmn) => {
                self.plmn = plmn;
                self.condemned = [false; 2];
                self.step(Event::Changed(Change::Place(format!("0010{plmn}").parse().unwrap())));
            }
            Blow::Person => {
                self.condemned = [false; 2];
                if self.connected.is_none() {
                    self.attempt(Act::Attach, Asker::Person);
                }
            }
            Blow::Hangs => {
                if self.attempt(Act::Reset, Asker::Itself) {
                    (self.attached, self.connected) = (false, None);
                }
            }
        }
    }

    /// One attempt at data; returns when the next thing happens.
    fn pursue(&mut self, mood: Mood) -> u64 {
        if let Some(since) = self.connected {
            let Mood::Flapping(seconds) = mood else { return u64::MAX };
            let down_at = since + seconds * 1000;
            if down_at > self.now {
                return down_at;
            }
            self.connected = None;
            return match self.step(Event::Lost) {
                Intent::Wait(wait) => self.true_time(wait.until),
                _ => self.now,
            };
        }
        for act in [Act::Attach, Act::Activate].into_iter().skip(usize::from(self.attached)) {
            if let Some(wait) = self.governor.obstacle(act, Asker::Itself, &self.apn(), self.steady()) {
                return self.true_time(wait.until);
            }
            assert!(self.attempt(act, Asker::Itself), "an obstacle that was not told");
            if let Some(intent) = self.meet(act, mood) {
                return match intent {
                    Intent::Wait(wait) | Intent::NextApn(_, wait) => self.true_time(wait.until),
                    other => panic!("{other:?}"),
                };
            }
            let apn = self.apn();
            self.step(Event::Done(act, &apn));
            (self.attached, self.condemned[act as usize]) = (true, false);
        }
        self.connected = Some(self.now);
        self.now
    }

    fn apn(&self) -> String {
        let list = apns();
        list[self.governor.choose(&list, self.steady())].clone()
    }

    /// What the network says to it; `None`: yes.
    fn meet(&mut self, act: Act, mood: Mood) -> Option<Intent> {
        let (cause, timer) = match mood {
            Mood::Refuses(at, cause) if at == act => (Some(cause), None),
            Mood::Silent(at) if at == act => (None, None),
            Mood::Congested(at, seconds) if at == act => {
                let cause = if act == Act::Attach { Cause::emm(22) } else { Cause::esm(26) };
                (Some(cause), Some(Timer::Runs(Duration::from_secs(seconds))))
            }
            _ => return None,
        };
        self.condemned[act as usize] |= cause.is_some_and(Cause::is_permanent);
        let (list, apn) = (apns(), self.apn());
        let plmn = format!("0010{}", self.plmn).parse().ok();
        Some(self.step(Event::Refused(Refusal { act, cause, timer, apns: &list, apn: &apn, plmn })))
    }

    fn true_time(&self, steady: Option<Timestamp>) -> u64 {
        steady.map_or(u64::MAX, |at| self.now + at.since(self.steady()).as_millis() as u64)
    }

    /// Lives through a spell.
    fn live(&mut self, until: u64, mood: Mood) {
        let (Mood::Refuses(act, _) | Mood::Silent(act) | Mood::Congested(act, _)) = mood else {
            return self.go_on(until, mood);
        };
        if act == Act::Attach {
            // It throws the modem out.
            (self.attached, self.connected) = (false, None);
        }
        self.go_on(until, mood);
    }

    fn go_on(&mut self, until: u64, mood: Mood) {
        while self.now < until {
            let next = self.pursue(mood).max(self.now + 1);
            self.now = next.min(until);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 5_000, ..ProptestConfig::default() })]

    #[test]
    fn a_year_against_hostile_networks(spells in year(), seed in any::<u64>()) {
        let mut world = World::new(seed);
        let end = world.now + YEAR;
        for (minutes, mood, blow) in &spells {
            if world.now >= end {
                break;
            }
            world.suffer(*blow);
            world.live(world.now + minutes * MINUTE, *mood);
        }
        // The network is well again: the modem is back when the wait of the moment is over.
        let wanted = [Act::Attach, Act::Activate].into_iter().skip(usize::from(world.attached));
        let waits = wanted.filter_map(|act| world.governor.obstacle(act, Asker::Itself, &world.apn(), world.steady()));
        let due = waits.map(|wait| world.true_time(wait.until)).max().unwrap_or(world.now);
        prop_assert!(due < u64::MAX, "nothing but a change would bring it back");
        world.live(due + 1, Mood::Well);
        prop_assert!(world.connected.is_some(), "not back when the wait was over");
    }
}
