use super::*;

const START: Timestamp = Timestamp(1_795_350_896_789);
const DOWN: Link = Link { standing: Standing::Down, cost: 0, spent: false };
const WORKS: Link = Link { standing: Standing::Works, ..DOWN };
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

fn at(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

/// Two links of one modem, and behind them a third that is on its own.
fn turns() -> (Turns, Choice) {
    let mut turns = Turns::new(Rules::default(), vec![0, 1]);
    turns.begin(0, START);
    (turns, Choice::new(Rules::default(), 3))
}

fn step((turns, choice): &mut (Turns, Choice), links: &[Link], seconds: u64) -> Option<(usize, Reason)> {
    turns.step(links, choice, at(seconds)).map(|turn| (turn.to, turn.why))
}

#[test]
fn the_other_sim_has_its_turn_when_the_present_one_does_not_work_for_long() {
    let mut both = turns();
    assert_eq!(step(&mut both, &[WORKS, DOWN, DOWN], 60), None);
    assert_eq!(step(&mut both, &[DOWN, DOWN, DOWN], 1000), None);
    assert_eq!(both.0.deadline(&[DOWN, DOWN, DOWN], &both.1), Some(at(1300)));
    assert_eq!(step(&mut both, &[DOWN, DOWN, DOWN], 1299), None);
    assert_eq!(step(&mut both, &[DOWN, DOWN, DOWN], 1300), Some((1, Reason::Fails)));
    assert_eq!(both.0.current(), Some(1));
}

#[test]
fn a_short_loss_changes_nothing() {
    let mut both = turns();
    for minute in 0..600 {
        let first = if minute % 5 == 4 { WORKS } else { DOWN };
        assert_eq!(step(&mut both, &[first, DOWN, DOWN], minute * MINUTE), None, "{minute}");
    }
}

#[test]
fn a_better_link_of_another_kind_makes_a_try_pointless() {
    let mut both = turns();
    let dear = Link { cost: 10, ..DOWN };
    // The third one works and is cheaper than the second of the modem.
    assert_eq!(step(&mut both, &[DOWN, dear, WORKS], 60), None);
    assert_eq!(both.0.deadline(&[DOWN, dear, WORKS], &both.1), None);
    // One that comes after it does not.
    assert_eq!(step(&mut both, &[DOWN, DOWN, WORKS], 5 * HOUR), Some((1, Reason::Fails)));
}

#[test]
fn the_preferred_sim_is_tried_again_later_each_time_that_it_fails() {
    let mut both = turns();
    let (mut now, mut tries) = (0, vec![]);
    while now < 48 * HOUR {
        now += MINUTE;
        // The first never works again, the second always does.
        let links = if both.0.current() == Some(0) { [DOWN, DOWN, DOWN] } else { [DOWN, WORKS, DOWN] };
        if let Some((0, Reason::Preferred)) = step(&mut both, &links, now) {
            tries.push(now / HOUR);
        }
    }
    assert!(tries.len() <= 6, "{tries:?}");
    let gaps: Vec<u64> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.is_sorted() && gaps.last().is_some_and(|last| *last >= 8), "{gaps:?}");
}

#[test]
fn where_nothing_works_tries_come_less_and_less_often() {
    let mut both = turns();
    let all = [DOWN, DOWN, DOWN];
    let mut tries = vec![];
    for minute in 0..24 * 60 {
        tries.extend(step(&mut both, &all, minute * MINUTE).map(|_| minute));
    }
    assert!((10..=24).contains(&tries.len()), "{tries:?}");
    // Five minutes, ten, twenty, forty, eighty, and so on.
    assert_eq!(&tries[..5], [5, 15, 35, 75, 155]);
}

#[test]
fn what_the_governor_refuses_is_not_done() {
    let mut both = turns();
    assert!(step(&mut both, &[DOWN, DOWN, DOWN], 600).is_some());
    both.0.refused(at(600));
    assert_eq!(both.0.current(), Some(0));
    assert_eq!(step(&mut both, &[DOWN, DOWN, DOWN], 899), None);
    assert_eq!(step(&mut both, &[DOWN, DOWN, DOWN], 900), Some((1, Reason::Fails)));
}

#[test]
fn a_used_up_plan_is_left_and_a_persons_choice_is_followed() {
    let mut both = turns();
    let spent = Link { spent: true, ..WORKS };
    assert_eq!(step(&mut both, &[spent, DOWN, DOWN], 59), None);
    assert_eq!(step(&mut both, &[spent, DOWN, DOWN], 60), Some((1, Reason::Spent)));
    let mut both = turns();
    both.0.want(Some(1));
    assert_eq!(step(&mut both, &[WORKS, DOWN, DOWN], 1), Some((1, Reason::Chosen)));
    assert_eq!(step(&mut both, &[DOWN, WORKS, DOWN], 2), None);
    both.0.want(Some(2));
    assert_eq!(step(&mut both, &[DOWN, WORKS, DOWN], 3), None, "it is none of them");
}
