//! The settings that are worth a trial: only such as networks can represent.

use std::time::Duration;

use super::{Demand, Device, LONGEST_TAU, Latency, Saving};
use crate::policy::energy::{HostLink, Quantity, Trait};
use crate::spec::edrx;
use crate::spec::timer::{Rounding, t3324, t3412};
use crate::state::{Edrx, PsmTimers};

/// T3412 of a device that never reports by itself and that nobody needs to reach.
const DAILY: Duration = Duration::from_secs(86_400);

/// The simplest comes first, so that of equals it is taken.
pub(super) fn candidates(demand: &Demand, device: &Device<'_>) -> Vec<Saving> {
    let mut candidates = vec![Saving::default()];
    if device.edrx {
        let codes = (0..16).filter(|bits| edrx::requestable(device.mode(), *bits));
        let cycles = codes.filter_map(|bits| edrx::cycle_decode(device.mode(), bits));
        candidates.extend(cycles.map(|cycle| Saving { psm: None, edrx: Some(Edrx { cycle, ptw: None }) }));
    }
    if can_sleep(demand, device) {
        candidates.extend(timers(demand, device).into_iter().map(|psm| Saving { psm: Some(psm), edrx: None }));
    }
    candidates
}

/// Whether PSM would be entered at all.
pub(super) fn can_sleep(demand: &Demand, device: &Device<'_>) -> bool {
    let locked = demand.sim_pin && device.model.has(Trait::NoPsmWithPin);
    device.psm && demand.host == HostLink::Uart && !locked
}

/// PSM timers: after each report only, or as often as messages have to come through, or as often as the operator lets
/// it.
fn timers(demand: &Demand, device: &Device<'_>) -> Vec<PsmTimers> {
    let Some(active_time) = active_time(demand, device) else { return Vec::new() };
    let up = |tau: Duration| t3412::encode(tau.min(LONGEST_TAU), Rounding::Up).ok();
    let down = |tau: Duration| t3412::encode(tau.min(LONGEST_TAU), Rounding::Down).ok();
    // A tenth longer than the interval: a report that comes a little late still stands for the update.
    let after_reports = demand.report_every.map_or(DAILY, |every| every.saturating_add(every / 10));
    let in_time = demand.downlink_within.map(|wanted| Latency::longest_tau(demand, device, wanted, active_time));
    let taus =
        [up(after_reports.max(demand.network.periodic_tau)), in_time.and_then(down), up(demand.network.periodic_tau)];
    let allowed = |tau: &Duration| *tau >= demand.network.periodic_tau && *tau > active_time;
    let taus = taus.into_iter().flatten().map(|tau| tau.value).filter(allowed);
    taus.map(|tau| PsmTimers { periodic_tau: Some(tau), active_time }).collect()
}

/// Two paging occasions, so that a message that waits gets through; `None` where the operator wants more than T3324 can
/// say.
fn active_time(demand: &Demand, device: &Device<'_>) -> Option<Duration> {
    let drx_s = device.model.figure(Quantity::Drx).map_or(0.0, |(_, figure)| figure.high());
    let two = Duration::try_from_secs_f64(2.0 * drx_s).ok()?;
    t3324::encode(two.max(demand.network.active_time), Rounding::Up).ok().map(|encoded| encoded.value)
}
