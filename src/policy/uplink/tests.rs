use super::*;

mod day;

const START: Timestamp = Timestamp(1_795_350_896_789);
const DOWN: Link = Link { standing: Standing::Down, cost: 0, spent: false };
const UNPROVEN: Link = Link { standing: Standing::Unproven, ..DOWN };
const WORKS: Link = Link { standing: Standing::Works, ..DOWN };

fn at(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

fn choice(links: usize) -> Choice {
    Choice::new(Rules::default(), links)
}

/// The choice after a step, and why it was made.
fn step(choice: &mut Choice, links: &[Link], seconds: u64) -> Option<(Option<usize>, Why)> {
    choice.step(links, at(seconds)).map(|moved| (moved.to, moved.why))
}

#[test]
fn the_first_link_that_is_there_is_used_until_a_proven_one_is() {
    let mut choice = choice(2);
    assert_eq!(step(&mut choice, &[DOWN, DOWN], 0), None);
    assert_eq!(step(&mut choice, &[DOWN, UNPROVEN], 1), Some((Some(1), Why::First)));
    assert_eq!(step(&mut choice, &[UNPROVEN, UNPROVEN], 2), None);
    assert_eq!(step(&mut choice, &[WORKS, UNPROVEN], 3), Some((Some(0), Why::NoDataPath)));
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 4), None);
}

#[test]
fn a_lost_link_is_left_at_once_and_gone_back_to_after_the_hold_down() {
    let mut choice = choice(2);
    step(&mut choice, &[WORKS, WORKS], 0);
    assert_eq!(step(&mut choice, &[DOWN, WORKS], 1000), Some((Some(1), Why::Lost)));
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 1010), None);
    assert_eq!(choice.deadline(&[WORKS, WORKS], at(1010)), Some(at(1310)));
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 1309), None);
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 1310), Some((Some(0), Why::Preferred)));
}

#[test]
fn a_link_that_never_failed_is_gone_to_after_the_minimum_stay() {
    let mut choice = choice(2);
    step(&mut choice, &[DOWN, WORKS], 0);
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 5), None);
    assert_eq!(choice.deadline(&[WORKS, WORKS], at(5)), Some(at(60)));
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 60), Some((Some(0), Why::Preferred)));
}

#[test]
fn a_link_without_a_data_path_is_kept_where_there_is_no_better() {
    let mut choice = choice(2);
    step(&mut choice, &[WORKS, DOWN], 0);
    assert_eq!(step(&mut choice, &[UNPROVEN, DOWN], 10), None);
    assert_eq!(step(&mut choice, &[UNPROVEN, UNPROVEN], 20), None);
    assert_eq!(step(&mut choice, &[UNPROVEN, WORKS], 30), Some((Some(1), Why::NoDataPath)));
}

#[test]
fn a_link_that_dies_every_twenty_seconds_is_not_gone_back_to() {
    let mut choice = choice(2);
    step(&mut choice, &[WORKS, WORKS], 0);
    let mut moves = 0;
    for second in 1..86_400 {
        let first = if second / 20 % 2 == 0 { WORKS } else { DOWN };
        moves += usize::from(step(&mut choice, &[first, WORKS], second).is_some());
    }
    assert_eq!((moves, choice.current()), (1, Some(1)));
}

/// Six minutes good, one minute bad: longer than the hold-down, so that each time is trusted less.
#[test]
fn a_link_that_keeps_failing_soon_is_trusted_less_each_time() {
    let mut choice = choice(2);
    step(&mut choice, &[WORKS, WORKS], 0);
    let mut moves = vec![];
    for second in 1..86_400 {
        let first = if second % 420 < 360 { WORKS } else { DOWN };
        moves.extend(step(&mut choice, &[first, WORKS], second).map(|moved| (second, moved.0)));
    }
    assert!(moves.len() <= 4, "{moves:?}");
}

#[test]
fn trust_comes_back_with_a_long_good_stay() {
    let mut choice = choice(2);
    step(&mut choice, &[WORKS, WORKS], 0);
    step(&mut choice, &[DOWN, WORKS], 10);
    step(&mut choice, &[WORKS, WORKS], 20);
    // Penalised once, as it failed within its hold-down.
    assert_eq!(choice.deadline(&[WORKS, WORKS], at(20)), Some(at(620)));
    step(&mut choice, &[WORKS, WORKS], 620);
    step(&mut choice, &[WORKS, WORKS], 20_000);
    step(&mut choice, &[DOWN, WORKS], 20_001);
    step(&mut choice, &[WORKS, WORKS], 20_002);
    assert_eq!(choice.deadline(&[WORKS, WORKS], at(20_002)), Some(at(20_302)));
}

#[test]
fn the_cheaper_link_and_the_plan_with_something_left_go_first() {
    let dear = Link { cost: 10, ..WORKS };
    let mut choice = choice(3);
    assert_eq!(step(&mut choice, &[dear, WORKS, WORKS], 0), Some((Some(1), Why::First)));
    let spent = Link { spent: true, ..WORKS };
    assert_eq!(step(&mut choice, &[dear, spent, WORKS], 5), Some((Some(2), Why::Spent)));
    // Nobody is left offline for a limit.
    assert_eq!(step(&mut choice, &[DOWN, spent, DOWN], 10), Some((Some(1), Why::Lost)));
    // A plan that begins anew is as good as before; it did not fail.
    assert_eq!(step(&mut choice, &[DOWN, WORKS, WORKS], 20), None);
}

#[test]
fn what_a_person_chose_is_used_at_once_and_left_when_it_fails() {
    let mut choice = choice(2);
    step(&mut choice, &[WORKS, WORKS], 0);
    choice.pin(Some(1));
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 1), Some((Some(1), Why::Chosen)));
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 5000), None);
    assert_eq!(step(&mut choice, &[WORKS, UNPROVEN], 5001), Some((Some(0), Why::NoDataPath)));
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 5002), None);
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 5302), Some((Some(1), Why::Preferred)));
    choice.pin(None);
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 5310), None);
    assert_eq!(step(&mut choice, &[WORKS, WORKS], 5400), Some((Some(0), Why::Preferred)));
}
