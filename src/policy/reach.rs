//! Whether a modem would answer: derived from granted timers and RRC release, confirmed by what the modem then does.
//!
//! [`Reach`] is fed with [`Evidence`] and says what follows from it at any time. After a confirmed sleep it is never
//! [`Reachability::Awake`] again without evidence.

use std::time::Duration;

use crate::state::{Edrx, PsmTimers, Reachability, Timestamp, Wakes};

/// What bears on reachability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Bytes came from the modem: it is awake.
    Heard,
    /// The RRC connection came up or was released.
    Rrc(bool),
    /// The modem says that it goes to sleep, for a time where it tells.
    SleepEntered(Option<Duration>),
    /// A command was not answered.
    Silence,
    /// The port went away.
    PortLost,
}

/// What the network granted and what the model does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grants {
    /// PSM, where it is granted.
    pub psm: Option<PsmTimers>,
    /// eDRX, where it is granted.
    pub edrx: Option<Edrx>,
    /// Whether the model tells when it goes to sleep.
    pub tells: bool,
    /// What wakes it.
    pub wakes: Wakes,
}

/// A sleep that was seen to begin, or that must have begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sleeping {
    until: Option<Timestamp>,
}

/// What is known of one modem's reachability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    heard: bool,
    silent: bool,
    rrc: Option<bool>,
    /// When the RRC connection was released last: T3324 and T3412 run from there (TS 24.301 §5.3.11, §5.3.5).
    released: Option<Timestamp>,
    sleeping: Option<Sleeping>,
}

/// T3324 is the network's; the modem needs some time more to shut down.
const SHUTDOWN: Duration = Duration::from_secs(5);
/// The least by which a wake may be late before it is a fault.
const LEAST_MARGIN: Duration = Duration::from_secs(120);

/// By how much a wake may be late: two minutes, or a twentieth of the period.
pub fn margin(period: Duration) -> Duration {
    (period / 20).max(LEAST_MARGIN)
}

impl Reach {
    /// A modem that was asleep when the daemon stopped.
    pub const fn remembered(until: Option<Timestamp>) -> Self {
        Self { heard: false, silent: false, rrc: None, released: None, sleeping: Some(Sleeping { until }) }
    }

    /// Whether it was last known to sleep, late or not.
    pub const fn slept(&self) -> bool {
        self.sleeping.is_some()
    }

    /// Takes evidence.
    pub fn note(&mut self, evidence: Evidence, grants: &Grants, now: Timestamp) {
        match evidence {
            Evidence::Heard => self.wake(),
            Evidence::Rrc(connected) => {
                self.wake();
                if self.rrc != Some(connected) && !connected {
                    self.released = Some(now);
                }
                self.rrc = Some(connected);
            }
            Evidence::SleepEntered(length) => {
                let told = length.map(|length| now.after(length));
                self.fall_asleep(told.or_else(|| self.expected_end(grants, now)));
            }
            Evidence::Silence | Evidence::PortLost if self.should_sleep(grants, now) => {
                self.fall_asleep(self.expected_end(grants, now));
            }
            // A sleeping modem does not answer: nothing new.
            Evidence::Silence | Evidence::PortLost if self.sleeping.is_some() => {}
            Evidence::Silence | Evidence::PortLost => self.silent = true,
        }
    }

    /// What follows at `now`.
    pub fn state(&self, grants: &Grants, now: Timestamp) -> Reachability {
        if let Some(sleeping) = self.sleeping.or_else(|| self.presumed(grants, now)) {
            return match self.overdue(sleeping, grants, now) {
                Some(overdue) => Reachability::Unreachable { overdue: Some(overdue) },
                None => Reachability::Asleep { until: sleeping.until, wakes: grants.wakes },
            };
        }
        if self.silent {
            return Reachability::Unreachable { overdue: None };
        }
        match (self.heard, self.rrc, self.next_paging(grants, now)) {
            (false, ..) => Reachability::Unknown,
            (true, Some(true), _) => Reachability::Connected,
            (true, Some(false), Some(next)) => Reachability::Edrx { next },
            _ => Reachability::Awake,
        }
    }

    /// When the state changes by time alone. One paging window after the other is no change: whoever shows the next
    /// one adds cycles.
    pub fn deadline(&self, grants: &Grants, now: Timestamp) -> Option<Timestamp> {
        match self.state(grants, now) {
            Reachability::Asleep { until, .. } => Some(until?.after(self.grace(grants))).filter(|at| *at > now),
            Reachability::Edrx { .. } | Reachability::Awake if !grants.tells => self.sleeps_at(grants),
            _ => None,
        }
    }

    /// Timers of before the sleep count no more.
    const fn wake(&mut self) {
        if self.sleeping.is_some() {
            (self.rrc, self.released) = (None, None);
        }
        (self.heard, self.silent, self.sleeping) = (true, false, None);
    }

    fn fall_asleep(&mut self, until: Option<Timestamp>) {
        (self.sleeping, self.silent, self.rrc) = (Some(Sleeping { until }), false, Some(false));
    }

    /// T3412 after the release.
    fn expected_end(&self, grants: &Grants, now: Timestamp) -> Option<Timestamp> {
        let psm = grants.psm?;
        let period = psm.periodic_tau?;
        // A modem that does not tell of the release was released T3324 ago.
        Some(self.released.map_or_else(|| now.after(period.saturating_sub(psm.active_time)), |at| at.after(period)))
    }

    /// When T3324 has run out and the modem is off.
    fn sleeps_at(&self, grants: &Grants) -> Option<Timestamp> {
        if self.rrc != Some(false) {
            return None;
        }
        Some(self.released?.after(grants.psm?.active_time).after(SHUTDOWN))
    }

    fn should_sleep(&self, grants: &Grants, now: Timestamp) -> bool {
        self.sleeping.is_none() && self.sleeps_at(grants).is_some_and(|at| at <= now)
    }

    /// A model that does not tell sleeps when its timers say so.
    fn presumed(&self, grants: &Grants, now: Timestamp) -> Option<Sleeping> {
        let presumed = !grants.tells && self.should_sleep(grants, now);
        presumed.then(|| Sleeping { until: self.expected_end(grants, now) })
    }

    fn grace(&self, grants: &Grants) -> Duration {
        margin(grants.psm.and_then(|psm| psm.periodic_tau).unwrap_or_default())
    }

    fn overdue(&self, sleeping: Sleeping, grants: &Grants, now: Timestamp) -> Option<Duration> {
        let until = sleeping.until?;
        (now >= until.after(self.grace(grants))).then(|| now.since(until))
    }

    /// The next paging window, a whole number of cycles after the release. The network's window lies on its own
    /// hyperframes (TS 36.304 §7.3), so this is the length of the wait rather than its exact end.
    fn next_paging(&self, grants: &Grants, now: Timestamp) -> Option<Timestamp> {
        let (edrx, released) = (grants.edrx?, self.released?);
        let cycle = u64::try_from(edrx.cycle.as_millis()).ok().filter(|cycle| *cycle > 0)?;
        let passed = u64::try_from(now.since(released).as_millis()).ok()? / cycle;
        Some(released.after(Duration::from_millis(cycle.saturating_mul(passed.saturating_add(1)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn grants(tells: bool) -> Grants {
        let psm = PsmTimers { periodic_tau: Some(HOUR), active_time: Duration::from_secs(10) };
        Grants { psm: Some(psm), edrx: None, tells, wakes: Wakes::Itself }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp(1_000_000_000).after(Duration::from_secs(seconds))
    }

    #[test]
    fn a_model_that_tells_sleeps_when_it_tells() {
        let (grants, mut reach) = (grants(true), Reach::default());
        reach.note(Evidence::Rrc(true), &grants, at(0));
        assert_eq!(reach.state(&grants, at(0)), Reachability::Connected);
        reach.note(Evidence::Rrc(false), &grants, at(10));
        assert_eq!(reach.state(&grants, at(30)), Reachability::Awake);
        reach.note(Evidence::SleepEntered(None), &grants, at(31));
        let asleep = Reachability::Asleep { until: Some(at(10).after(HOUR)), wakes: Wakes::Itself };
        assert_eq!(reach.state(&grants, at(3600)), asleep);
        reach.note(Evidence::Heard, &grants, at(3611));
        assert_eq!(reach.state(&grants, at(3611)), Reachability::Awake);
    }

    #[test]
    fn a_model_that_does_not_tell_is_presumed_asleep_when_its_timers_say_so() {
        let (grants, mut reach) = (grants(false), Reach::default());
        reach.note(Evidence::Rrc(false), &grants, at(0));
        assert_eq!(reach.state(&grants, at(14)), Reachability::Awake);
        assert_eq!(reach.deadline(&grants, at(14)), Some(at(15)));
        let asleep = Reachability::Asleep { until: Some(at(0).after(HOUR)), wakes: Wakes::Itself };
        assert_eq!(reach.state(&grants, at(15)), asleep);
    }

    #[test]
    fn silence_while_it_should_sleep_is_sleep_and_otherwise_a_fault() {
        let (grants, mut reach) = (grants(true), Reach::default());
        reach.note(Evidence::Rrc(false), &grants, at(0));
        let mut early = reach;
        early.note(Evidence::Silence, &grants, at(5));
        assert_eq!(early.state(&grants, at(5)), Reachability::Unreachable { overdue: None });
        reach.note(Evidence::PortLost, &grants, at(20));
        assert!(matches!(reach.state(&grants, at(20)), Reachability::Asleep { .. }));
    }

    #[test]
    fn a_wake_that_does_not_come_is_overdue_after_the_margin() {
        let (grants, mut reach) = (grants(true), Reach::default());
        reach.note(Evidence::SleepEntered(Some(HOUR)), &grants, at(0));
        assert!(matches!(reach.state(&grants, at(3600 + 179)), Reachability::Asleep { .. }));
        assert_eq!(reach.deadline(&grants, at(0)), Some(at(3600 + 180)));
        let overdue = Reachability::Unreachable { overdue: Some(Duration::from_secs(180)) };
        assert_eq!(reach.state(&grants, at(3600 + 180)), overdue);
    }

    #[test]
    fn edrx_names_the_next_window() {
        let edrx = Edrx { cycle: Duration::from_millis(81_920), ptw: None };
        let grants = Grants { edrx: Some(edrx), ..Grants::default() };
        let mut reach = Reach::default();
        reach.note(Evidence::Rrc(false), &grants, at(0));
        let next = at(0).after(Duration::from_millis(2 * 81_920));
        assert_eq!(reach.state(&grants, at(100)), Reachability::Edrx { next });
    }

    /// What happens to a modem and its daemon.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Note(Evidence),
        Granted(Option<(u64, u64)>, Option<u64>),
        Restart,
    }

    fn step() -> impl Strategy<Value = Step> {
        let psm = proptest::option::of((60u64..100_000, 0u64..600));
        prop_oneof![
            6 => evidence().prop_map(Step::Note),
            1 => (psm, proptest::option::of(5u64..10_000)).prop_map(|(psm, edrx)| Step::Granted(psm, edrx)),
            1 => Just(Step::Restart),
        ]
    }

    fn evidence() -> impl Strategy<Value = Evidence> {
        prop_oneof![
            Just(Evidence::Heard),
            any::<bool>().prop_map(Evidence::Rrc),
            proptest::option::of(0u64..100_000).prop_map(|s| Evidence::SleepEntered(s.map(Duration::from_secs))),
            Just(Evidence::Silence),
            Just(Evidence::PortLost),
        ]
    }

    proptest! {
        #[test]
        fn never_awake_after_a_confirmed_sleep_without_evidence(
            steps in proptest::collection::vec((step(), 0u64..10_000), 1..60),
            tells in any::<bool>(),
        ) {
            let (mut grants, mut reach, mut now) = (grants(tells), Reach::default(), at(0));
            let mut confirmed = false;
            for (step, wait) in steps {
                now = now.after(Duration::from_secs(wait));
                match step {
                    Step::Note(evidence) => {
                        reach.note(evidence, &grants, now);
                        match evidence {
                            Evidence::SleepEntered(_) => confirmed = true,
                            Evidence::Heard | Evidence::Rrc(_) => confirmed = false,
                            Evidence::Silence | Evidence::PortLost => {}
                        }
                    }
                    // The network grants otherwise in a later update.
                    Step::Granted(psm, edrx) => {
                        grants.psm = psm.map(|(tau, active)| PsmTimers {
                            periodic_tau: Some(Duration::from_secs(tau)),
                            active_time: Duration::from_secs(active),
                        });
                        grants.edrx = edrx.map(|cycle| Edrx { cycle: Duration::from_secs(cycle), ptw: None });
                    }
                    // The daemon starts again, with what it remembers of a sleeper.
                    Step::Restart => {
                        reach = match reach.state(&grants, now) {
                            Reachability::Asleep { until: Some(until), .. } => Reach::remembered(Some(until)),
                            _ => Reach::default(),
                        };
                    }
                }
                for later in [0, 1, 60, 3600, 1_000_000] {
                    let state = reach.state(&grants, now.after(Duration::from_secs(later)));
                    let up = matches!(state, Reachability::Awake | Reachability::Connected | Reachability::Edrx { .. });
                    prop_assert!(!(confirmed && up), "{state:?}");
                }
            }
        }

        #[test]
        fn a_deadline_lies_ahead_and_changes_the_state(
            steps in proptest::collection::vec((evidence(), 0u64..10_000), 1..40),
            tells in any::<bool>(),
        ) {
            let (grants, mut reach, mut now) = (grants(tells), Reach::default(), at(0));
            for (evidence, wait) in steps {
                now = now.after(Duration::from_secs(wait));
                reach.note(evidence, &grants, now);
                if let Some(deadline) = reach.deadline(&grants, now) {
                    prop_assert!(deadline > now);
                    prop_assert_ne!(reach.state(&grants, now), reach.state(&grants, deadline));
                }
            }
        }
    }
}
