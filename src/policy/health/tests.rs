use super::*;

const START: Timestamp = Timestamp(1_795_350_896_789);

fn at(seconds: f64) -> Timestamp {
    START.after(Duration::from_secs_f64(seconds))
}

/// Four minutes: rounds 40 s apart, looks every 24 s, a probe after 96 s of silence.
fn limits() -> Limits {
    Limits { detect_within: Duration::from_secs(240), ..LinkKind::Broadband.limits() }
}

fn link() -> Health {
    Health::new(limits(), vec![72, 165], START)
}

fn answered(octets: u64) -> Event {
    Event::Probed(Round { answered: vec![0], failures: vec![], octets })
}

fn refused() -> Event {
    Event::Probed(Round { answered: vec![], failures: vec!["icmp:192.0.2.1: no answer within 5s".into()], octets: 72 })
}

/// Runs `health` up to `until`; every round ends as `alive` says, and nobody sends anything. The probes that were sent.
fn idle(health: &mut Health, from: f64, until: f64, alive: impl Fn(Timestamp) -> bool) -> Vec<(u64, usize)> {
    let (mut now, mut probes) = (at(from), vec![]);
    while now < at(until) {
        let mut intents = health.step(Event::Time, now);
        while let Some(intent) = intents.pop() {
            intents.extend(match intent {
                Intent::Look => health.step(Event::Seen(Octets::default()), now),
                Intent::Probe(whom) => {
                    probes.push((now.since(START).as_secs(), whom.len()));
                    health.step(if alive(now) { answered(72) } else { refused() }, now)
                }
            });
        }
        now = health.deadline(now).map_or(at(until), |due| due.max(now.after(Duration::from_millis(1))));
    }
    probes
}

fn good() -> Health {
    let mut health = link();
    health.step(Event::Up, START);
    health.step(Event::Time, START);
    health.step(Event::Seen(Octets::default()), START);
    health.step(answered(72), START);
    assert_eq!(health.condition(), &Condition::Good);
    health
}

#[test]
fn a_link_that_came_up_is_proven_at_once() {
    let mut health = link();
    assert_eq!(health.step(Event::Time, START), []);
    assert_eq!(health.deadline(START), None);
    assert_eq!(health.step(Event::Up, START), [Intent::Look]);
    assert_eq!(health.condition(), &Condition::Checking);
    assert_eq!(health.step(Event::Seen(Octets::default()), START), [Intent::Probe(vec![0, 1])]);
    assert_eq!(health.step(answered(72), at(0.2)), []);
    assert_eq!(health.condition(), &Condition::Good);
}

#[test]
fn answered_traffic_spares_every_probe() {
    let mut health = good();
    let mut octets = Octets::default();
    for n in 1..400 {
        let now = at(24.0 * f64::from(n));
        assert_eq!(health.step(Event::Time, now), [Intent::Look]);
        (octets.sent, octets.received) = (octets.sent + 100, octets.received + 60);
        assert_eq!(health.step(Event::Seen(octets), now), []);
    }
    assert_eq!(health.condition(), &Condition::Good);
    assert_eq!(health.spent(at(9000.0)), 72);
}

#[test]
fn what_is_only_received_proves_nothing_and_what_is_not_answered_is_looked_into() {
    let mut health = good();
    // Somebody scans the address.
    health.step(Event::Seen(Octets { received: 5000, sent: 0 }), at(24.0));
    assert_eq!(health.next_round(at(24.0)), at(96.0));
    // Something is sent, and for a quarter of the idle time nothing comes back.
    health.step(Event::Seen(Octets { received: 5000, sent: 100 }), at(48.0));
    assert_eq!(health.next_round(at(48.0)), at(72.0));
    // The answer came after all.
    health.step(Event::Seen(Octets { received: 5100, sent: 100 }), at(60.0));
    assert_eq!(health.next_round(at(60.0)), at(156.0));
}

#[test]
fn a_silent_death_is_known_in_time_and_by_all_targets() {
    let mut health = good();
    let dead = 10.0;
    let probes = idle(&mut health, 0.0, dead + 240.0, |now| now < at(dead));
    assert!(matches!(health.condition(), Condition::NoDataPath(reason) if reason.contains("no answer within")));
    // One target while all is well, then both.
    assert_eq!(probes, [(96, 1), (136, 2), (176, 2)]);
}

#[test]
fn one_lost_packet_is_no_death() {
    let mut health = good();
    let lost = |now: Timestamp| (now.since(START).as_secs() / 96).is_multiple_of(2);
    idle(&mut health, 0.0, 86_000.0, lost);
    assert!(health.condition().works());
}

#[test]
fn a_dead_link_is_good_again_after_three_rounds_and_not_by_stray_packets() {
    let mut health = good();
    idle(&mut health, 0.0, 1000.0, |_| false);
    let stray = Octets { received: 9000, sent: 9000 };
    assert_eq!(health.step(Event::Seen(stray), at(1000.0)), [Intent::Probe(vec![0, 1])]);
    health.step(refused(), at(1000.0));
    assert_eq!(health.condition().name(), "no-data-path");
    let back = 1010.0;
    idle(&mut health, 1000.0, back + 240.0, |now| now >= at(back));
    assert_eq!(health.condition(), &Condition::Good);
}

#[test]
fn shared_media_prove_nothing_by_what_is_received() {
    let mut health = Health::new(LinkKind::Wired.limits(), vec![72], START);
    health.step(Event::Up, START);
    let mut octets = Octets::default();
    for n in 0..100 {
        (octets.received, octets.sent) = (octets.received + 500, octets.sent + 100);
        health.step(Event::Seen(octets), at(f64::from(n) / 10.0));
    }
    assert_eq!(health.condition(), &Condition::Checking);
}

#[test]
fn a_sleeping_modem_is_left_asleep() {
    let mut health = good();
    assert_eq!(health.step(Event::Asleep(true), at(30.0)), []);
    assert_eq!(health.deadline(at(30.0)), None);
    assert_eq!(health.step(Event::Time, at(40_000.0)), []);
    assert_eq!(health.condition(), &Condition::Good);
    assert_eq!(health.step(Event::Asleep(false), at(40_000.0)), [Intent::Look]);
    // It was not silent, it slept.
    assert_eq!(health.step(Event::Seen(Octets::default()), at(40_000.0)), []);
}

#[test]
fn what_a_round_brings_of_a_link_that_is_gone_is_not_counted() {
    let mut health = good();
    idle(&mut health, 0.0, 95.0, |_| true);
    health.step(Event::Seen(Octets::default()), at(96.0));
    health.step(Event::Down("the modem is searching".into()), at(97.0));
    health.step(refused(), at(101.0));
    assert_eq!(health.condition(), &Condition::Down("the modem is searching".into()));
    health.step(Event::Up, at(102.0));
    assert_eq!((health.condition(), health.failed), (&Condition::Checking, 0));
}

#[test]
fn without_targets_a_link_that_is_up_is_good() {
    let mut health = Health::new(limits(), vec![], START);
    health.step(Event::Up, START);
    assert_eq!(health.condition(), &Condition::Good);
    assert_eq!(idle(&mut health, 0.0, 86_400.0, |_| false), []);
}

/// Every kind of link, alive, dead, and changing, however it is configured: the budget holds.
#[test]
fn the_budget_of_a_day_holds() {
    for (budget, kind) in [500, 5_000, 50_000, 5_000_000].into_iter().flat_map(|b| LinkKind::ALL.map(|kind| (b, kind)))
    {
        for alive in [0, 1, 7, 1000] {
            let mut health = Health::new(Limits { budget, ..kind.limits() }, vec![72, 165], START);
            health.step(Event::Up, START);
            idle(&mut health, 0.0, 86_399.0, |now| alive > 0 && now.0 / 60_000 % alive != 3);
            // The last doubt may be looked into to its end.
            let most = budget + 3 * (72 + 165);
            assert!(health.spent(at(86_399.0)) <= most, "{kind:?} {budget} {alive}: {}", health.spent(at(86_399.0)));
        }
    }
}

#[test]
fn the_profile_of_each_kind_costs_what_the_documentation_says() {
    let day = |kind: LinkKind| {
        let mut health = Health::new(kind.limits(), vec![72, 165], START);
        health.step(Event::Up, START);
        idle(&mut health, 0.0, 86_399.0, |_| true).len()
    };
    assert_eq!(LinkKind::ALL.map(day), [7200, 1800, 150, 31]);
}
