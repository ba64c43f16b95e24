use super::*;
use crate::state::Slot;

const MINUTE: u64 = 60_000;

fn governor() -> Governor {
    Governor::new(Limits::default(), Kept::default(), 7)
}

fn minutes(n: u64) -> Timestamp {
    Timestamp(n * MINUTE)
}

fn apns(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn refusal<'a>(act: Act, cause: Option<Cause>, apns: &'a [String], apn: &'a str) -> Refusal<'a> {
    Refusal { act, cause, timer: None, apns, apn, plmn: None }
}

fn refuse(g: &mut Governor, act: Act, cause: Cause, now: Timestamp) -> Wait {
    let list = apns(&["iot.a"]);
    match g.step(Event::Refused(refusal(act, Some(cause), &list, "iot.a")), now) {
        Intent::Wait(wait) => wait,
        other => panic!("{cause}: {other:?}"),
    }
}

fn goes(g: &mut Governor, act: Act, now: Timestamp) -> bool {
    g.step(Event::Wish(act, Asker::Itself, "iot.a"), now) == Intent::Go
}

fn minutes_of(wait: &Wait, now: Timestamp) -> u64 {
    wait.until.unwrap().since(now).as_secs() / 60
}

#[test]
fn waits_grow_as_scheduled_and_stay_at_the_last() {
    let mut g = governor();
    let mut now = minutes(10);
    for least in [1, 2, 3, 5, 10, 15, 30, 60, 120, 240, 240] {
        assert!(goes(&mut g, Act::Activate, now));
        let wait = refuse(&mut g, Act::Activate, Cause::esm(38), now);
        let span = wait.until.unwrap().since(now);
        let least = Duration::from_secs(least * 60);
        assert!(span >= least && span <= least * 3 / 2, "{span:?} for {least:?}");
        assert!(!goes(&mut g, Act::Activate, Timestamp(wait.until.unwrap().0 - 1)));
        now = wait.until.unwrap();
    }
}

#[test]
fn only_service_that_holds_starts_the_waits_anew() {
    let mut g = governor();
    let (mut now, cause) = (minutes(10), Cause::esm(38));
    for _ in 0..4 {
        now = refuse(&mut g, Act::Activate, cause, now).until.unwrap();
    }
    g.step(Event::Done(Act::Activate, "iot.a"), now);
    let lost = now.after(Duration::from_secs(60));
    let Intent::Wait(wait) = g.step(Event::Lost, lost) else { panic!("it held for a minute only") };
    assert!(minutes_of(&wait, lost) >= 10, "the fifth failure in a row");
    let now = wait.until.unwrap();
    g.step(Event::Done(Act::Activate, "iot.a"), now);
    let later = now.after(Duration::from_secs(601));
    assert_eq!(g.step(Event::Lost, later), Intent::Rest);
    assert_eq!(minutes_of(&refuse(&mut g, Act::Activate, cause, later), later), 1);
}

#[test]
fn ten_an_hour_bind_everybody() {
    let mut g = governor();
    for n in 0..10 {
        assert_eq!(g.step(Event::Wish(Act::Activate, Asker::Person, "a"), minutes(n)), Intent::Go);
    }
    let Intent::Wait(wait) = g.step(Event::Wish(Act::Activate, Asker::Person, "a"), minutes(11)) else {
        panic!("the eleventh")
    };
    assert_eq!((wait.until, wait.why.clone()), (Some(minutes(60)), Why::Hour(10)));
    assert_eq!(wait.to_string(), "10 activations within an hour are the most ([retry] attempts_per_hour)");
    assert_eq!(g.step(Event::Wish(Act::Attach, Asker::Itself, ""), minutes(11)), Intent::Go, "another budget");
    assert_eq!(g.step(Event::Wish(Act::Activate, Asker::Person, "a"), minutes(60)), Intent::Go);
}

#[test]
fn a_permanent_cause_is_quiet_until_something_changed() {
    let plmn: Plmn = "00101".parse().unwrap();
    for (cause, lifted_by_place) in
        [(Cause::emm(3), false), (Cause::emm(6), false), (Cause::emm(8), false), (Cause::emm(11), true)]
    {
        let refused = |g: &mut Governor| {
            let list = apns(&["iot.a"]);
            let refusal = Refusal { plmn: Some(plmn), ..refusal(Act::Attach, Some(cause), &list, "iot.a") };
            g.step(Event::Refused(refusal), minutes(1))
        };
        let mut g = governor();
        let Intent::Wait(wait) = refused(&mut g) else { panic!("{cause}") };
        assert!(minutes_of(&wait, minutes(1)) >= 24 * 60, "{cause}");
        assert!(!goes(&mut g, Act::Attach, minutes(600)) && !goes(&mut g, Act::Reset, minutes(600)), "{cause}");
        assert!(!goes(&mut g, Act::Reset, minutes(100_000)), "{cause}: a restart never helps");
        g.step(Event::Changed(Change::Place(plmn)), minutes(601));
        assert!(!goes(&mut g, Act::Attach, minutes(601)), "{cause}: the same place");
        g.step(Event::Changed(Change::Place("00102".parse().unwrap())), minutes(602));
        assert_eq!(goes(&mut g, Act::Attach, minutes(602)), lifted_by_place, "{cause}");
        for change in [Change::Sim, Change::Person] {
            let mut g = governor();
            refused(&mut g);
            g.step(Event::Changed(change), minutes(10));
            assert!(goes(&mut g, Act::Attach, minutes(10)), "{cause} {change:?}");
        }
    }
}

#[test]
fn without_a_review_nothing_but_a_change_ends_the_quiet() {
    let mut g = Governor::new(Limits { review: None, ..Limits::default() }, Kept::default(), 1);
    let wait = refuse(&mut g, Act::Attach, Cause::emm(8), minutes(1));
    assert_eq!(wait.until, None);
    assert!(!goes(&mut g, Act::Attach, minutes(10_000_000)));
    assert_eq!(wait.to_string(), "EMM #8 EPS services and non-EPS services not allowed");
    assert!(wait.advice().contains("operator"));
}

#[test]
fn a_modem_between_two_networks_that_refuse_does_not_try_for_ever() {
    let mut g = governor();
    let (a, b): (Plmn, Plmn) = ("00101".parse().unwrap(), "00102".parse().unwrap());
    let mut tries = 0;
    for n in 1..100 {
        let here = if n % 2 == 0 { a } else { b };
        g.step(Event::Changed(Change::Place(here)), minutes(n * 5));
        if goes(&mut g, Act::Attach, minutes(n * 5)) {
            tries += 1;
            let list = apns(&[""]);
            let refusal = Refusal { plmn: Some(here), ..refusal(Act::Attach, Some(Cause::emm(11)), &list, "") };
            g.step(Event::Refused(refusal), minutes(n * 5));
        }
    }
    assert_eq!(tries, 2);
}

#[test]
fn a_wrong_apn_gives_way_to_the_next_and_is_held() {
    let mut g = governor();
    let list = apns(&["iot.a", "iot.b"]);
    let cause = Some(Cause::esm(27));
    assert_eq!(g.choose(&list, minutes(1)), 0);
    let next = g.step(Event::Refused(refusal(Act::Activate, cause, &list, "iot.a")), minutes(1));
    let Intent::NextApn(1, wait) = next else { panic!("{next:?}") };
    assert_eq!(minutes_of(&wait, minutes(1)), 1);
    assert_eq!(wait.to_string(), "ESM #27 missing or unknown APN, tried iot.a");
    assert!(wait.advice().contains("--apn"));
    assert_eq!(g.choose(&list, minutes(3)), 1);
    let next = g.step(Event::Refused(refusal(Act::Activate, cause, &list, "iot.b")), minutes(3));
    let Intent::NextApn(0, wait) = next else { panic!("the first comes free first: {next:?}") };
    assert!(minutes_of(&wait, minutes(1)) >= 12, "{wait:?}");
    assert!(!goes(&mut g, Act::Activate, minutes(12)));
    g.step(Event::Changed(Change::Apn), minutes(12));
    assert!(goes(&mut g, Act::Activate, minutes(12)), "a new APN is no longer held");
}

#[test]
fn the_apn_that_worked_comes_first() {
    let mut g = governor();
    let list = apns(&["iot.a", "iot.b"]);
    g.step(Event::Done(Act::Activate, "iot.b"), minutes(1));
    assert_eq!(g.choose(&list, minutes(2)), 1);
    let kept = serde_json::to_string(g.kept()).unwrap();
    let again = Governor::new(Limits::default(), serde_json::from_str(&kept).unwrap(), 9);
    assert_eq!(again.choose(&list, minutes(2)), 1);
    g.step(Event::Changed(Change::Sim), minutes(3));
    assert_eq!(g.choose(&list, minutes(3)), 0);
}

#[test]
fn barring_does_not_rotate_apns() {
    let mut g = governor();
    let list = apns(&["iot.a", "iot.b"]);
    let next = g.step(Event::Refused(refusal(Act::Activate, Some(Cause::esm(8)), &list, "iot.a")), minutes(1));
    assert!(matches!(next, Intent::Wait(_)), "{next:?}");
    assert!(!goes(&mut g, Act::Activate, minutes(100)) && !goes(&mut g, Act::Reset, minutes(100)));
}

#[test]
fn timers_of_the_network_are_honoured() {
    let mut g = governor();
    let list = apns(&["iot.a"]);
    let timer = |timer| Refusal { timer: Some(timer), ..refusal(Act::Activate, Some(Cause::esm(26)), &list, "iot.a") };
    let span = Duration::from_secs(2 * 3600);
    let Intent::Wait(wait) = g.step(Event::Refused(timer(Timer::Runs(span))), minutes(1)) else { panic!("T3396") };
    let waits = wait.until.unwrap().since(minutes(1));
    assert!(waits >= span && waits <= span + Duration::from_secs(60), "{waits:?}");
    assert!(!goes(&mut g, Act::Reset, minutes(60)), "a restart would wipe the timer out");
    let Intent::Wait(wait) = g.step(Event::Refused(timer(Timer::Deactivated)), minutes(200)) else { panic!("T3396") };
    assert_eq!(wait.until, None);
    let wait = refuse(&mut g, Act::Attach, Cause::emm(22), minutes(200));
    assert!((15..=30).contains(&minutes_of(&wait, minutes(200))), "{wait:?}");
}

#[test]
fn what_the_network_offers_instead_is_counted_and_not_waited_for() {
    let mut g = governor();
    for n in 0..5 {
        assert!(goes(&mut g, Act::Activate, minutes(n * 2)));
        assert_eq!(g.step(Event::Again(Act::Activate), minutes(n * 2)), Intent::Go, "{n}");
    }
    let Intent::Wait(wait) = g.step(Event::Again(Act::Activate), minutes(20)) else { panic!("eleven within an hour") };
    assert_eq!(wait.why, Why::Hour(10));
}

#[test]
fn restarts_come_less_and_less_often() {
    let mut g = governor();
    let mut now = minutes(1);
    for hours in [1, 4, 8, 16, 24, 36] {
        assert!(goes(&mut g, Act::Reset, now));
        let Some(wait) = g.obstacle(Act::Reset, Asker::Itself, "", now) else { panic!("at once") };
        assert!(minutes_of(&wait, now) >= hours * 60, "{wait:?}");
        now = wait.until.unwrap();
    }
    assert_eq!(g.step(Event::Wish(Act::Reset, Asker::Person, ""), now.after(DAY)), Intent::Go);
    assert!(!goes(&mut g, Act::Reset, now.after(DAY * 2)), "a person's restart counts");
}

#[test]
fn budgets_outlive_a_restart() {
    let mut g = governor();
    (0..10).for_each(|n| drop(g.step(Event::Wish(Act::Attach, Asker::Person, ""), minutes(n))));
    let text = serde_json::to_string(g.kept()).unwrap();
    let mut again = Governor::new(Limits::default(), serde_json::from_str(&text).unwrap(), 3);
    assert!(matches!(again.step(Event::Wish(Act::Attach, Asker::Person, ""), minutes(20)), Intent::Wait(_)));
}

fn slot(number: u8, active: bool, card: Option<bool>) -> Slot {
    Slot { number, active, card, iccid: None }
}

#[test]
fn the_first_slot_against_which_nothing_speaks_is_used() {
    let mut g = governor();
    let untold = [slot(1, true, None), slot(2, false, None)];
    assert_eq!(g.choose_slot(&[], &untold, minutes(1)), None, "nobody says which");
    assert_eq!(g.choose_slot(&[2, 1], &untold, minutes(1)), Some(2));
    assert_eq!(g.choose_slot(&[2, 1], &[slot(1, true, Some(true)), slot(2, false, Some(false))], minutes(1)), Some(1));
    g.step(Event::SlotFailed(2, SlotTrouble::Refused), minutes(1));
    assert_eq!(g.choose_slot(&[2, 1], &untold, minutes(2)), Some(1));
    g.step(Event::SlotFailed(1, SlotTrouble::NoCard), minutes(2));
    assert_eq!(g.choose_slot(&[2, 1], &untold, minutes(3)), Some(1), "none is good: it stays");
    // A card was put in; and after a day a refusal may have been lifted.
    assert_eq!(g.choose_slot(&[1, 2], &[slot(1, false, Some(true)), slot(2, true, Some(true))], minutes(3)), Some(1));
    assert_eq!(g.choose_slot(&[2, 1], &untold, minutes(3 * 24 * 60)), Some(2));
    let kept = serde_json::to_string(g.kept()).unwrap();
    let again = Governor::new(Limits::default(), serde_json::from_str(&kept).unwrap(), 9);
    assert_eq!(again.choose_slot(&[2, 1], &untold, minutes(3)), g.choose_slot(&[2, 1], &untold, minutes(3)));
    g.step(Event::SlotWorks(2), minutes(3));
    assert_eq!(g.choose_slot(&[2, 1], &untold, minutes(3)), Some(2));
}

#[test]
fn changes_of_the_slot_have_a_budget_that_binds_no_person() {
    let mut g = governor();
    (0..4).for_each(|n| assert!(goes(&mut g, Act::Switch, minutes(n))));
    let Some(wait) = g.obstacle(Act::Switch, Asker::Itself, "", minutes(5)) else { panic!("the fifth within an hour") };
    assert!(wait.to_string().contains("4 changes of the SIM slot within an hour"), "{wait}");
    assert_eq!(g.step(Event::Wish(Act::Switch, Asker::Person, ""), minutes(5)), Intent::Go);
    assert!(!goes(&mut g, Act::Switch, minutes(60)), "a person's change counts");
    assert!(goes(&mut g, Act::Switch, minutes(66)));
}
