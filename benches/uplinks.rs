//! What watching links costs: probe traffic of a day for each kind of link, and decisions per second.
//!
//! `cargo bench --bench uplinks`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use lpwa::policy::health::{Event, Health, Intent, LinkKind, Octets, Round, Target};
use lpwa::policy::recovery::{self, Ailment, Ladder, Past};
use lpwa::policy::uplink::{Choice, Link, Rules};
use lpwa::spec::amount::Amount;
use lpwa::state::Timestamp;
use lpwa::state::uplink::{Allowance, Condition};

const START: Timestamp = Timestamp(1_795_350_896_789);
const DAY: Duration = Duration::from_secs(86_400);
/// As an uplink has them that says nothing else: the link's name servers, an echo of either family.
const TARGETS: [&str; 3] = ["dns:link", "icmp:192.0.2.1", "icmp:2001:db8::1"];

/// How a link fares during a day.
#[derive(Clone, Copy)]
enum Day {
    /// Nobody sends anything.
    Idle,
    /// Something is sent and answered every five minutes.
    Busy,
    /// Nothing gets through.
    Dead,
}

fn main() {
    println!("Probe traffic of a day by the default profile, both ways with IP headers\n");
    println!(
        "{:<10} {:>12} {:>14} {:>14} {:>14} {:>14} {:>12}",
        "link", "dead within", "idle", "busy", "dead", "budget", "probes idle"
    );
    for kind in LinkKind::ALL {
        let [idle, busy, dead] = [Day::Idle, Day::Busy, Day::Dead].map(|day| live(kind, day));
        let (limits, octets) = (kind.limits(), |day: (u64, u64)| Amount(day.0).to_string());
        println!(
            "{:<10} {:>10} s {:>14} {:>14} {:>14} {:>14} {:>12}",
            kind.name(),
            limits.detect_within.as_secs(),
            octets(idle),
            octets(busy),
            octets(dead),
            Amount(limits.budget).to_string(),
            idle.1
        );
    }
    println!("\nDecisions per second, one core\n");
    rate("health of a link", health_steps);
    rate("choice among 4 links", choice_steps);
    rate("recovery ladder", ladder_steps);
}

/// Octets of probes, and rounds.
fn live(kind: LinkKind, day: Day) -> (u64, u64) {
    let targets: Vec<Target> = TARGETS.iter().map(|target| target.parse().unwrap()).collect();
    let costs: Vec<u64> = targets.iter().map(Target::cost).collect();
    let mut health = Health::new(kind.limits(), costs.clone(), START);
    let (mut now, mut octets, mut rounds) = (START, 0, 0);
    let mut intents = health.step(Event::Up, now);
    while now.since(START) < DAY {
        while let Some(intent) = intents.pop() {
            let event = match intent {
                Intent::Look => Event::Seen(seen(day, now)),
                Intent::Probe(whom) => {
                    let round = round(day, &costs, whom);
                    (octets, rounds) = (octets + round.octets, rounds + 1);
                    Event::Probed(round)
                }
            };
            intents.extend(health.step(event, now));
        }
        now = health.deadline(now).unwrap().max(now.after(Duration::from_millis(1)));
        intents = health.step(Event::Time, now);
    }
    (octets, rounds)
}

fn seen(day: Day, now: Timestamp) -> Octets {
    let talks = now.since(START).as_secs() / 300;
    match day {
        Day::Busy => Octets { received: talks * 60, sent: talks * 100 },
        Day::Idle | Day::Dead => Octets::default(),
    }
}

/// The name servers and the echo over IPv4 answer; the link has no IPv6.
fn round(day: Day, costs: &[u64], whom: Vec<usize>) -> Round {
    let answers = |target: &usize| *target < 2 && !matches!(day, Day::Dead);
    let octets = |target: &usize| if answers(target) { costs[*target] } else { costs[*target] / 2 };
    let octets = whom.iter().map(octets).sum();
    Round { answered: whom.into_iter().filter(answers).collect(), failures: vec![], octets }
}

fn rate(name: &str, run: fn() -> u64) {
    let start = Instant::now();
    let mut steps = 0;
    while start.elapsed() < Duration::from_secs(1) {
        steps += run();
    }
    println!("{name:<22} {:>12.0}", steps as f64 / start.elapsed().as_secs_f64());
}

fn health_steps() -> u64 {
    let mut health = Health::new(LinkKind::LteM.limits(), vec![165, 72], START);
    health.step(Event::Up, START);
    for n in 0..1000 {
        let octets = Octets { received: n * 50, sent: n * 100 };
        black_box(health.step(Event::Seen(octets), START.after(Duration::from_secs(n * 60))));
    }
    1000
}

fn choice_steps() -> u64 {
    let mut choice = Choice::new(Rules::default(), 4);
    for n in 0..1000u64 {
        let links = [0, 1, 2, 3].map(|link| {
            let condition = if (n / 7 + link).is_multiple_of(3) { Condition::Checking } else { Condition::Good };
            Link::new(&condition, 0, Allowance::Free, false)
        });
        black_box(choice.step(&links, START.after(Duration::from_secs(n))));
    }
    1000
}

fn ladder_steps() -> u64 {
    let mut ladder = Ladder::new(recovery::Rules::default(), Past::default(), 7);
    for n in 0..1000 {
        black_box(ladder.step(recovery::Event::Ill(Ailment::Dead), START.after(Duration::from_secs(n * 60))));
    }
    1000
}
