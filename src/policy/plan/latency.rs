//! How late a message to the device comes.

use std::time::Duration;

use super::{Demand, Device};
use crate::policy::energy::{Case, Habits, HostLink, Quantity};
use crate::state::PsmTimers;

/// From the moment that the network has a message until the device has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// On average, with typical figures.
    pub typical: Duration,
    /// In the most unlucky moment, with unfavourable figures. Faults of the network are not in it.
    pub worst: Duration,
}

impl Latency {
    /// The latency of a device with these habits.
    pub(super) fn new(demand: &Demand, device: &Device<'_>, habits: &Habits) -> Self {
        let wait = |case| {
            let idle = idle_s(demand, device, habits, case);
            // A link that stays up keeps the modem out of PSM.
            let timers = habits.psm.filter(|_| habits.host == HostLink::Uart);
            timers.map_or(idle, |timers| asleep_s(demand, device, timers, case).max(idle))
        };
        // The message may come right after an occasion, and comes half a cycle before the next on average.
        Self {
            typical: seconds(wait(Case::Typical) / 2.0 + ready_s(demand, device, habits, Case::Typical)),
            worst: seconds(wait(Case::Worst) + ready_s(demand, device, habits, Case::Worst)),
        }
    }

    /// The longest T3412 with which a message still comes within `wanted`, whatever the reports do.
    pub(super) fn longest_tau(
        demand: &Demand,
        device: &Device<'_>,
        wanted: Duration,
        active_time: Duration,
    ) -> Duration {
        let ready = seconds(boot_s(demand, device, Case::Worst) + setup_s(demand, device, Case::Worst));
        wanted.saturating_add(active_time).saturating_sub(ready)
    }
}

/// From one paging occasion to the next, s.
fn idle_s(demand: &Demand, device: &Device<'_>, habits: &Habits, case: Case) -> f64 {
    let drx_s = device.load(demand, case).at(Quantity::Drx);
    habits.edrx.map_or(drx_s, |edrx| edrx.cycle.as_secs_f64().max(drx_s))
}

/// How long nobody listens in PSM, s: from the end of the active time until the device comes back by itself, for its
/// report or for a tracking area update.
fn asleep_s(demand: &Demand, device: &Device<'_>, timers: PsmTimers, case: Case) -> f64 {
    // The shortest connection leaves the longest gap.
    let load = device.load(demand, if case == Case::Worst { Case::Best } else { case });
    let update = timers.periodic_tau.map_or_else(|| load.at(Quantity::DefaultTau), |tau| tau.as_secs_f64());
    let connected = load.sending_s(demand.bytes) + load.at(Quantity::Inactivity);
    let report = demand.report_every.map_or(f64::INFINITY, |every| (every.as_secs_f64() - connected).max(0.0));
    // T3412 and T3324 start when the connection is released (TS 24.301 §5.3.5, TS 23.682 §4.5.4).
    (update.min(report) - timers.active_time.as_secs_f64()).max(0.0)
}

/// From the occasion until the device has the message, s.
fn ready_s(demand: &Demand, device: &Device<'_>, habits: &Habits, case: Case) -> f64 {
    let boots = habits.psm.is_some() && habits.host == HostLink::Uart;
    setup_s(demand, device, case) + if boots { boot_s(demand, device, case) } else { 0.0 }
}

/// A service request, s. Repetitions count as they typically are: the worst of everything at once would promise
/// nothing.
fn setup_s(demand: &Demand, device: &Device<'_>, case: Case) -> f64 {
    device.load(demand, case).at(Quantity::ServiceRequest) * device.load(demand, Case::Typical).repetitions()
}

fn boot_s(demand: &Demand, device: &Device<'_>, case: Case) -> f64 {
    device.load(demand, case).at(Quantity::Boot)
}

/// Rounded up, to a tenth of a second under a minute and to seconds above: no more is known. What is no length of time
/// does not end.
fn seconds(seconds: f64) -> Duration {
    let steps = if seconds < 60.0 { 10.0 } else { 1.0 };
    // 0.1 s cannot be told exactly in binary; what is a hair over counts as even.
    Duration::try_from_secs_f64(((seconds * steps) - 1e-6).ceil() / steps).unwrap_or(Duration::MAX)
}
