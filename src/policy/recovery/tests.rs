use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp(1_795_350_896_789);

fn at(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

/// Lets time pass until `until`; what was climbed, and when.
fn climb(ladder: &mut Ladder, ailment: Ailment, from: u64, until: u64) -> Vec<(u64, Rung)> {
    let (mut now, mut climbed) = (at(from), vec![]);
    while now < at(until) {
        if let Some(Intent::Climb(rung, _)) = ladder.step(Event::Ill(ailment), now) {
            climbed.push((now.since(START).as_secs(), rung));
        }
        now = ladder.deadline(now).map_or(at(until), |due| due.max(now.after(Duration::from_secs(1))));
    }
    climbed
}

fn ladder() -> Ladder {
    Ladder::new(Rules::default(), Past::default(), 7)
}

#[test]
fn names_are_those_of_the_configuration() {
    for rung in Rung::ALL {
        assert_eq!(rung.name().parse(), Ok(rung));
        let text = serde_json::to_string(&rung).unwrap();
        assert_eq!(serde_json::from_str::<Rung>(&text).unwrap(), rung);
    }
    assert!("reboot".parse::<Rung>().is_err());
}

#[test]
fn a_blocked_data_path_is_never_answered_by_a_restart() {
    let climbed = climb(&mut ladder(), Ailment::NoDataPath, 0, 30 * 86_400);
    let first: Vec<_> = climbed.iter().take(4).copied().collect();
    assert_eq!(first, [(0, Rung::Requery), (30, Rung::Reactivate), (90, Rung::Reattach), (210, Rung::Radio)]);
    assert!(climbed.iter().all(|(_, rung)| *rung < Rung::Reset), "{climbed:?}");
}

#[test]
fn a_dead_modem_is_restarted_then_cut_off_and_then_left_alone_for_longer_and_longer() {
    let climbed = climb(&mut ladder(), Ailment::Dead, 0, 86_400);
    let first: Vec<_> = climbed.iter().take(3).copied().collect();
    assert_eq!(first, [(0, Rung::Requery), (30, Rung::Reset), (630, Rung::PowerCycle)]);
    let restarts: Vec<u64> = climbed.iter().filter(|(_, rung)| *rung == Rung::Reset).map(|(at, _)| *at).collect();
    assert!(restarts.len() <= 4 && restarts.windows(2).all(|pair| pair[1] - pair[0] >= 3600), "{restarts:?}");
}

#[test]
fn being_well_ends_the_climb_but_not_the_budget() {
    let mut ladder = ladder();
    climb(&mut ladder, Ailment::Dead, 0, 100);
    assert_eq!(ladder.at(), Some(Rung::Reset));
    assert_eq!(ladder.step(Event::Well, at(100)), None);
    assert_eq!(ladder.deadline(at(100)), None);
    // Dead again at once: the restart of this hour is used, so power is cut.
    let climbed = climb(&mut ladder, Ailment::Dead, 200, 1200);
    assert_eq!(climbed, [(200, Rung::Requery), (230, Rung::PowerCycle)]);
}

#[test]
fn what_was_used_is_remembered_over_a_restart_and_a_clock_that_jumps() {
    let mut first = ladder();
    climb(&mut first, Ailment::Dead, 0, 3000);
    let text = serde_json::to_string(first.past()).unwrap();
    let mut again = Ladder::new(Rules::default(), serde_json::from_str(&text).unwrap(), 7);
    assert!(again.is_spent(Rung::Reset, at(3000)));
    assert_eq!(climb(&mut again, Ailment::Dead, 3000, 3500), [], "the rest goes on");
    // It is 1970 until the clock is set: what was used seems to be of the future.
    let mut early = Ladder::new(Rules::default(), serde_json::from_str(&text).unwrap(), 7);
    assert!(early.is_spent(Rung::Reset, Timestamp(1000)));
    early.step(Event::Ill(Ailment::Dead), Timestamp(1000));
    assert!(early.deadline(Timestamp(1000)).unwrap() <= Timestamp(1000).after(REST.1));
}

#[test]
fn a_modem_that_recovered_starts_at_the_first_rest_again() {
    let mut ladder = ladder();
    climb(&mut ladder, Ailment::NoDataPath, 0, 86_400);
    assert!(ladder.past.climbs > 2);
    ladder.step(Event::Well, at(86_400));
    assert_eq!(ladder.deadline(at(86_400)), Some(at(87_000)));
    ladder.step(Event::Well, at(87_000));
    assert_eq!(ladder.past.climbs, 0);
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Ill(bool, u32),
    Well(u32),
    Restart,
    Jump(i64),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        (any::<bool>(), 1..200_000u32).prop_map(|(dead, span)| Fate::Ill(dead, span)),
        (1..20_000u32).prop_map(Fate::Well),
        Just(Fate::Restart),
        (-100_000..100_000i64).prop_map(Fate::Jump),
    ]
}

proptest! {
    /// Whatever happens, with restarts at any moment: no budget is ever broken in the time that truly passed, and no
    /// restart answers a blocked data path.
    #[test]
    fn no_budget_is_ever_broken(fates in prop::collection::vec(fate(), 1..60), seed in any::<u64>()) {
        let rules = Rules::default();
        let mut ladder = Ladder::new(rules, Past::default(), seed);
        // True seconds, and how far the clock is from them.
        let (mut truth, mut offset) = (1_000_000i64, 0i64);
        let mut used: Vec<(i64, Rung)> = vec![];
        let mut jumped = false;
        for fate in fates {
            let (event, span) = match fate {
                Fate::Ill(true, span) => (Event::Ill(Ailment::Dead), span),
                Fate::Ill(false, span) => (Event::Ill(Ailment::NoDataPath), span),
                Fate::Well(span) => (Event::Well, span),
                Fate::Restart => {
                    let text = serde_json::to_string(ladder.past()).unwrap();
                    ladder = Ladder::new(rules, serde_json::from_str(&text).unwrap(), seed);
                    continue;
                }
                Fate::Jump(seconds) => {
                    // Forward jumps make time pass for everybody who asks the clock.
                    jumped |= seconds > 0;
                    offset += seconds;
                    continue;
                }
            };
            let end = truth + i64::from(span);
            while truth < end {
                let now = Timestamp(u64::try_from((truth + offset).max(0)).unwrap() * 1000);
                if let Some(Intent::Climb(rung, _)) = ladder.step(event, now) {
                    let blocked = event == Event::Ill(Ailment::NoDataPath);
                    prop_assert!(!(blocked && rung >= Rung::Reset));
                    used.push((truth, rung));
                }
                let wait = ladder.deadline(now).map_or(i64::from(span), |due| i64::try_from(due.since(now).as_secs()).unwrap() + 1);
                truth += wait.clamp(1, 3600);
            }
        }
        if !jumped {
            for rung in Rung::ALL {
                let budget = rules.budget(rung);
                let times: Vec<i64> = used.iter().filter(|(_, r)| *r == rung).map(|(at, _)| *at).collect();
                for (most, span) in [(budget.per_hour, 3600), (budget.per_day, 86_400)] {
                    for (n, at) in times.iter().enumerate() {
                        let within = times[n..].iter().take_while(|t| **t < at + span).count();
                        prop_assert!(within <= most as usize, "{rung:?}: {within} in {span} s");
                    }
                }
            }
        }
    }
}
