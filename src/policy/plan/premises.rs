//! What a plan rests on.

use super::{Demand, Device, Saving};
use crate::policy::energy::{HostLink, Quantity};

/// The figures that count for a plan with these settings.
pub(super) fn premises(demand: &Demand, device: &Device<'_>, saving: Saving) -> Vec<Quantity> {
    let sleeps = saving.psm.is_some() && demand.host == HostLink::Uart;
    let battery = demand.battery.is_some();
    let reports = demand.report_every.is_some();
    let default_tau = saving.psm.is_none_or(|timers| timers.periodic_tau.is_none());
    let groups: [(bool, &[Quantity]); 8] = [
        (sleeps, &[Quantity::PsmFloor, Quantity::Boot]),
        (demand.host == HostLink::Uart, &[Quantity::Rest, Quantity::Page, Quantity::Drx]),
        (demand.host == HostLink::Uart && saving.edrx.is_some(), &[Quantity::Ptw]),
        (demand.host == HostLink::Usb || sleeps, &[Quantity::Active]),
        (default_tau, &[Quantity::DefaultTau]),
        (true, &[Quantity::Search, Quantity::AttachTime, Quantity::AttachesPerDay, Quantity::Tau, Quantity::Connected]),
        (reports, REPORT),
        (battery, &[Quantity::UsableShare, Quantity::SelfDischarge]),
    ];
    let chosen = groups.into_iter().filter(|(counts, _)| *counts).flat_map(|(_, group)| group).copied();
    let chosen = chosen.chain(demand.coverage.factor());
    chosen.filter(|quantity| device.model.figure(*quantity).is_some()).collect()
}

const REPORT: &[Quantity] = &[
    Quantity::Rx,
    Quantity::Tx,
    Quantity::ServiceRequest,
    Quantity::Overhead,
    Quantity::Uplink,
    Quantity::Inactivity,
    Quantity::CdrxCycle,
    Quantity::CdrxOn,
    Quantity::CdrxSleep,
    Quantity::TailFactor,
];
