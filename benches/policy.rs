//! How many decisions the policy engine takes in a second, and what a year of the worst network costs in attempts and
//! in writes to the flash.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::time::{Duration, Instant};

use lpwa::policy::card::{self, Card, Key, Rule};
use lpwa::policy::governor::{Act, Asker, Event, Governor, Intent, Kept, Limits, Refusal};
use lpwa::spec::cause::Cause;
use lpwa::state::Timestamp;

const YEAR: u64 = 365 * 86_400_000;

fn main() {
    println!("Decisions of the policy engine\n");
    println!("{:<44} {:>14} {:>12}", "what", "decisions", "per second");
    for (name, cause) in [
        ("a year of temporary refusals (ESM 38)", Some(Cause::esm(38))),
        ("a year of a wrong APN (ESM 27)", Some(Cause::esm(27))),
        ("a year of a permanent cause (EMM 8)", Some(Cause::emm(8))),
        ("a year of silence", None),
    ] {
        year(name, cause);
    }
    person();
    cards();
}

fn rate(name: &str, decisions: u64, span: Duration) {
    println!("{name:<44} {decisions:>14} {:>12.0}", decisions as f64 / span.as_secs_f64().max(1e-9));
}

/// The network refuses for a year, and the governor is asked as soon as each wait is over.
fn year(name: &str, cause: Option<Cause>) {
    let act = if cause.is_some_and(|cause| cause == Cause::emm(8)) { Act::Attach } else { Act::Activate };
    let apns = ["iot.a".to_owned(), "iot.b".to_owned()];
    let mut governor = Governor::new(Limits::default(), Kept::default(), 7);
    let (mut now, mut attempts, mut decisions, mut writes) = (Timestamp(0), 0_u64, 0_u64, 0_u64);
    let mut kept = governor.kept().clone();
    let from = Instant::now();
    while now.0 < YEAR {
        let apn = apns.get(governor.choose(&apns, now)).expect("one of them");
        let refusal = Refusal { act, cause, timer: None, apns: &apns, apn, plmn: None };
        for event in [Event::Wish(act, Asker::Itself, apn), Event::Refused(refusal)] {
            decisions += 1;
            match governor.step(event, now) {
                Intent::Wait(wait) | Intent::NextApn(_, wait) => now = wait.until.unwrap_or(Timestamp(YEAR)),
                Intent::Go => attempts += 1,
                Intent::Rest => {}
            }
            if *governor.kept() != kept {
                (kept, writes) = (governor.kept().clone(), writes + 1);
            }
        }
    }
    rate(name, decisions, from.elapsed());
    println!("{:<44} {:>14} attempts, {writes} writes of at most {} octets", "", attempts, size(&kept));
}

fn size(kept: &Kept) -> usize {
    serde_json::to_string(kept).map_or(0, |text| text.len())
}

/// A person, or a script, that tries again every second: the budget says no.
fn person() {
    let mut governor = Governor::new(Limits::default(), Kept::default(), 7);
    let from = Instant::now();
    let (seconds, mut allowed) = (86_400, 0);
    for second in 0..seconds {
        if governor.step(Event::Wish(Act::Activate, Asker::Person, "iot.a"), Timestamp(second * 1000)) == Intent::Go {
            allowed += 1;
        }
    }
    rate("a day of `lpwa connect` every second", seconds, from.elapsed());
    println!("{:<44} {allowed:>14} attempts", "");
}

/// A shelf of a thousand policies.
fn cards() {
    let rules: Vec<_> = (0..1000)
        .map(|n| Rule::new([(Key::Iccid, vec![format!("8944{n:04}")]), (Key::Plmn, vec!["00101".into()])]))
        .collect();
    let card =
        Card { iccid: Some("8944099900000000001".to_owned().into()), plmn: Some("00101".into()), ..Card::default() };
    let (from, choices) = (Instant::now(), 1000);
    for _ in 0..choices {
        assert_eq!(std::hint::black_box(card::choose(&rules, &card)).expect("the last one fits").0, 999);
    }
    rate("a card and a thousand policies", choices, from.elapsed());
}
