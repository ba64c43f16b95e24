//! The numbers of the governor, with the public sources of their defaults.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

/// What may be done how often. Every number can be set in `[retry]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Between two attempts of one kind, at least.
    pub spacing: Duration,
    /// Attaches, and activations, within an hour each.
    pub per_hour: u32,
    /// Attaches, and activations, within a day each.
    pub per_day: u32,
    /// Waits after failures in a row; the last one stays.
    pub waits: Vec<Duration>,
    /// The least wait for the same APN after a cause that says that it cannot work.
    pub hold: Duration,
    /// Waits after EMM cause 22 where the network tells no time: between these two.
    pub congestion: (Duration, Duration),
    /// After a permanent cause the network is asked once after so long, in case the operator has changed something;
    /// `None`: never.
    pub review: Option<Duration>,
    /// Service that held so long was good: waits start from the first again.
    pub stable: Duration,
    /// Restarts of the modem within an hour.
    pub resets_per_hour: u32,
    /// Restarts of the modem within a day.
    pub resets_per_day: u32,
    /// Waits between restarts in a row; the last one stays.
    pub reset_waits: Vec<Duration>,
    /// Changes of the SIM slot within an hour.
    pub switches_per_hour: u32,
    /// Changes of the SIM slot within a day.
    pub switches_per_day: u32,
}

impl Default for Limits {
    /// GSMA TS.34 as the Telefonica device requirements quote it: REQ_008 (a minute apart, ten an hour, the schedule),
    /// REQ_009 (restarts), table 1 (150 a day); TS 24.301 §6.5.1.4.2 (12 minutes, the default of SM_RetryWaitTime)
    /// and §5.5.1.2.5 (15 to 30 minutes). Review, the restarts of a day and the changes of the SIM slot are
    /// this project's own.
    fn default() -> Self {
        let all = |unit: u64, spans: &[u64]| spans.iter().map(|n| Duration::from_secs(n * unit)).collect::<Vec<_>>();
        let hours = [1, 4, 8, 16, 24, 36, 48, 72, 96, 132, 180, 240, 312];
        Self {
            spacing: Duration::from_secs(MINUTE),
            per_hour: 10,
            per_day: 150,
            waits: all(MINUTE, &[1, 2, 3, 5, 10, 15, 30, 60, 120, 240]),
            hold: Duration::from_secs(12 * MINUTE),
            congestion: (Duration::from_secs(15 * MINUTE), Duration::from_secs(30 * MINUTE)),
            review: Some(Duration::from_secs(24 * HOUR)),
            stable: Duration::from_secs(10 * MINUTE),
            resets_per_hour: 1,
            resets_per_day: 6,
            reset_waits: all(HOUR, &hours),
            switches_per_hour: 4,
            switches_per_day: 24,
        }
    }
}

impl Limits {
    /// The wait after so many failures in a row.
    pub(super) fn wait(&self, failures: u32) -> Duration {
        nth(&self.waits, failures).unwrap_or(self.spacing).max(self.spacing)
    }

    /// The wait after so many restarts in a row.
    pub(super) fn reset_wait(&self, restarts: u32) -> Duration {
        nth(&self.reset_waits, restarts).unwrap_or_default()
    }
}

/// The wait after the `n`th in a row, counted from 1.
fn nth(waits: &[Duration], n: u32) -> Option<Duration> {
    let index = usize::try_from(n.saturating_sub(1)).unwrap_or(usize::MAX);
    waits.get(index).or(waits.last()).copied()
}
