use super::*;

fn octets(received: u64, sent: u64) -> Octets {
    Octets { received, sent }
}

fn day(year: u64, month: u64, day: u64) -> Timestamp {
    Timestamp::midnight(year, month, day)
}

#[test]
fn counters_start_wrap_and_are_reset() {
    let mut counter = Counter::default();
    // What was carried before is somebody else's.
    assert_eq!(counter.advance(3, octets(5000, 700)), octets(0, 0));
    assert_eq!(counter.advance(3, octets(5100, 710)), octets(100, 10));
    assert_eq!(counter.advance(3, octets(5100, 710)), octets(0, 0));
    // The driver was loaded anew, or counts in 32 bits.
    assert_eq!(counter.advance(3, octets(40, 4)), octets(40, 4));
    counter.advance(3, octets((1 << 32) - 10, 4));
    assert_eq!(counter.advance(3, octets(20, 5)), octets(30, 1));
    // Beyond 32 bits nothing wraps.
    counter.advance(3, octets(1 << 40, 5));
    assert_eq!(counter.advance(3, octets(7, 5)), octets(7, 0));
    // The same name, another interface.
    assert_eq!(counter.advance(4, octets(1 << 30, 1 << 30)), octets(0, 0));
}

#[test]
fn months_begin_on_their_day_or_on_their_last() {
    let start = |cycle: Cycle, now| cycle.start(Timestamp(0), now);
    assert_eq!(start(Cycle::Monthly(1), day(2026, 11, 26)), day(2026, 11, 1));
    assert_eq!(start(Cycle::Monthly(26), day(2026, 11, 26)), day(2026, 11, 26));
    assert_eq!(start(Cycle::Monthly(27), day(2026, 11, 26)), day(2026, 10, 27));
    assert_eq!(start(Cycle::Monthly(15), day(2027, 1, 3)), day(2026, 12, 15));
    assert_eq!(start(Cycle::Monthly(31), day(2027, 3, 5)), day(2027, 2, 28));
    assert_eq!(start(Cycle::Monthly(31), day(2028, 2, 29)), day(2028, 2, 29));
    assert_eq!(start(Cycle::Monthly(31), day(2028, 2, 28)), day(2028, 1, 31));
}

#[test]
fn cycles_of_days_go_on_from_the_last() {
    let anchor = Timestamp(day(2026, 11, 3).0 + 5_000_000);
    let start = |now| Cycle::Days(28).start(anchor, now);
    assert_eq!(start(day(2026, 11, 30)), day(2026, 11, 3));
    assert_eq!(start(day(2026, 12, 1)), day(2026, 12, 1));
    assert_eq!(start(day(2027, 1, 15)), day(2026, 12, 29));
    // A clock before the anchor.
    assert_eq!(start(day(1970, 1, 2)), day(1970, 1, 2));
}

#[test]
fn limits_are_judged_at_their_share() {
    let plan = Plan { limit: Some(1000), warn_at: 80, cycle: Cycle::default() };
    assert_eq!([0, 799, 800, 999, 1000, u64::MAX].map(|n| plan.judge(n)), {
        use Allowance::{Free, Low, Spent};
        [Free, Free, Low, Low, Spent, Spent]
    });
    assert_eq!(Plan { limit: None, ..plan }.judge(u64::MAX), Allowance::Free);
}

#[test]
fn accounts_begin_anew_with_the_cycle_and_survive_clocks_that_jump() {
    let plan = Plan { limit: Some(1000), warn_at: 80, cycle: Cycle::Monthly(5) };
    let mut accounts = Accounts::default();
    accounts.add("card/iot.test", &plan, octets(500, 100), day(2026, 11, 26));
    let usage = accounts.add("card/iot.test", &plan, octets(250, 0), day(2026, 12, 4));
    assert_eq!((usage.received, usage.sent, usage.allowance), (750, 100, Allowance::Low));
    assert_eq!(usage.since, day(2026, 11, 5));
    // Started without a clock: it is the 1st of January 1970 for a while.
    let usage = accounts.add("card/iot.test", &plan, octets(100, 0), day(1970, 1, 1));
    assert_eq!((usage.total(), usage.since), (950, day(2026, 11, 5)));
    let usage = accounts.add("card/iot.test", &plan, octets(1, 0), day(2026, 12, 5));
    assert_eq!((usage.total(), usage.since), (1, day(2026, 12, 5)));
    let before = accounts.get("card/iot.test").and_then(Account::before);
    assert_eq!(before, Some((day(2026, 11, 5), octets(850, 100))));
    // What is kept is the same afterwards.
    let text = serde_json::to_string(&accounts).unwrap();
    assert_eq!(serde_json::from_str::<Accounts>(&text).unwrap(), accounts);
}

#[test]
fn accounts_have_an_end() {
    let (plan, mut accounts) = (Plan::default(), Accounts::default());
    for n in 0..200 {
        accounts.add(&format!("card{n}"), &plan, octets(1, 1), day(2026, 1, 1).after(Duration::from_secs(n)));
    }
    assert_eq!(accounts.0.len(), MOST_ACCOUNTS);
    assert!(accounts.get("card199").is_some());
}

/// A gateway that talks all the time, in every quantity, writes a hundred times a day and not a thousand.
#[test]
fn flash_is_spared() {
    for (octets_a_second, most) in [(1, 97), (100, 97), (10_000, 850), (10_000_000, 1441)] {
        let (mut ledger, mut writes) = (Ledger::default(), 0);
        for second in 0..86_400 {
            let now = day(2026, 11, 26).after(Duration::from_secs(second));
            ledger.note(octets(octets_a_second, 0));
            if ledger.is_due(false, now) {
                ledger.saved(now);
                writes += 1;
            }
            assert!(ledger.unsaved() <= (900 * octets_a_second).max(MUCH).max(60 * octets_a_second));
        }
        assert!((96..=most).contains(&writes), "{octets_a_second}: {writes}");
    }
    // An idle link writes nothing at all.
    assert!(!Ledger::default().is_due(false, day(2026, 11, 26)));
}
