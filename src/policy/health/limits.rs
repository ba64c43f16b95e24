//! How closely a link is watched: what a user says, and what follows from it.

use std::time::Duration;

/// What a link is, as far as the price of a question goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Ethernet, Wi-Fi: an interface that somebody else keeps.
    Wired,
    /// LTE, 5G and what was before them.
    Broadband,
    /// LTE-M.
    LteM,
    /// NB-IoT.
    NbIot,
}

impl LinkKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wired, Self::Broadband, Self::LteM, Self::NbIot];

    /// `wired, broadband, lte-m, nb-iot`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wired => "wired",
            Self::Broadband => "broadband",
            Self::LteM => "lte-m",
            Self::NbIot => "nb-iot",
        }
    }

    /// How closely such a link is watched unless the configuration says otherwise.
    pub const fn limits(self) -> Limits {
        let (detect_s, timeout_s, budget) = match self {
            Self::Wired => (30, 3, 5_000_000),
            Self::Broadband => (120, 5, 1_000_000),
            Self::LteM => (900, 15, 100_000),
            Self::NbIot => (3600, 30, 20_000),
        };
        Limits {
            detect_within: Duration::from_secs(detect_s),
            timeout: Duration::from_secs(timeout_s),
            down_after: 3,
            up_after: 3,
            need: 1,
            budget,
            // On a shared medium something is always received, whether or not anything gets through.
            passive: !matches!(self, Self::Wired),
        }
    }
}

/// How closely a link is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A link on which nothing gets through any more is known to be dead by then.
    pub detect_within: Duration,
    /// A probe that was not answered by then has failed.
    pub timeout: Duration,
    /// Rounds of probes that fail in a row before a link is called dead.
    pub down_after: u32,
    /// Rounds that succeed in a row before a link that was dead is used again.
    pub up_after: u32,
    /// Targets that have to answer in a round.
    pub need: usize,
    /// Octets a day that probes may take, both ways.
    pub budget: u64,
    /// Whether traffic that is answered is as good as a probe.
    pub passive: bool,
}

/// When what is done, as it follows from [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Between two looks at the counters of the interface, which costs no traffic.
    pub look: Duration,
    /// With nothing heard for so long, a probe is sent.
    pub idle: Duration,
    /// With something sent and nothing heard for so long, a probe is sent.
    pub silence: Duration,
    /// Between two rounds while the link is in doubt.
    pub retry: Duration,
}

/// The longest wait between two rounds while a link is in doubt.
const LONGEST_RETRY: Duration = Duration::from_secs(60);
/// Looks at the counters wake the processor: no more often, and no more seldom, than this.
const LOOKS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(600));

impl Limits {
    /// The worst case adds up to `detect_within`: heard just after a look, silent for `idle` from the next look on,
    /// then `down_after` rounds in vain, each `retry` long.
    pub fn pace(&self) -> Pace {
        let rounds = self.down_after.max(1);
        let retry = (self.detect_within / 2 / rounds).min(LONGEST_RETRY).max(self.timeout);
        let rest = self.detect_within.saturating_sub(retry.saturating_mul(rounds));
        let look = (rest / 5).clamp(LOOKS.0, LOOKS.1);
        let idle = rest.saturating_sub(look).max(look);
        Pace { look, idle, silence: (idle / 4).max(self.timeout).min(idle), retry }
    }

    /// The shortest `detect_within` that `timeout` and `down_after` leave room for.
    pub fn shortest_detection(&self) -> Duration {
        self.timeout.saturating_mul(self.down_after) + LOOKS.0 * 2
    }

    /// How soon a dead link is known where a round costs `cost` octets: the budget goes before `detect_within`.
    pub fn detection(&self, cost: u64) -> Duration {
        let pace = self.pace();
        let apart = self.apart(cost);
        self.detect_within.max(apart + pace.look + pace.retry.saturating_mul(self.down_after))
    }

    /// Octets that probes take in a day on which nobody else sends anything and every probe is answered.
    pub fn octets_a_day(&self, cost: u64) -> u64 {
        let apart = self.pace().idle.max(self.apart(cost));
        DAY.as_millis().checked_div(apart.as_millis()).map_or(0, |rounds| cost * u64::try_from(rounds).unwrap_or(0))
    }

    /// Rounds that cost `cost` have to be so far apart for the budget to last for a day.
    fn apart(&self, cost: u64) -> Duration {
        spread(DAY, self.budget, cost)
    }
}

/// A day of the budget.
pub const DAY: Duration = Duration::from_secs(86_400);

/// How far apart rounds that cost `cost` are so that `left` octets last for `span`; `span` where they do not.
pub fn spread(span: Duration, left: u64, cost: u64) -> Duration {
    match left.checked_div(cost.max(1)).and_then(|rounds| u32::try_from(rounds).ok()) {
        Some(0) => span,
        Some(rounds) => span / rounds,
        None => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_case_is_within_what_was_asked_for() {
        for kind in LinkKind::ALL {
            for detect in [10, 20, 45, 300, 7200] {
                let limits = Limits { detect_within: Duration::from_secs(detect), ..kind.limits() };
                if limits.detect_within < limits.shortest_detection() {
                    continue;
                }
                let pace = limits.pace();
                let worst = pace.look + pace.idle + pace.retry * limits.down_after;
                assert!(worst <= limits.detect_within, "{kind:?} {detect}: {pace:?}");
                assert!(pace.retry >= limits.timeout && pace.silence <= pace.idle);
            }
        }
    }

    #[test]
    fn the_budget_goes_before_the_detection() {
        let limits = LinkKind::NbIot.limits();
        assert_eq!(limits.detection(72), Duration::from_secs(3600));
        assert!(limits.octets_a_day(72) < 2_500, "{}", limits.octets_a_day(72));
        let poor = Limits { budget: 720, ..limits };
        assert!(poor.detection(72) > Duration::from_secs(8640));
        assert!(poor.octets_a_day(72) <= 720);
        assert_eq!(spread(DAY, 71, 72), DAY);
    }
}
