//! What a setting amounts to: what of the demand it does not meet, and what else there is to know.

use std::time::Duration;

use super::candidates::can_sleep;
use super::premises::premises;
use super::{Demand, Device, LONGEST_TAU, Plan, Saving, Trial};
use crate::policy::energy::{Case, Evidence, HostLink, Load, Quantity, Trait, formula};
use crate::spec::edrx::EdrxMode;
use crate::spec::rat::Rat;
use crate::spec::span::Span;
use crate::state::{Edrx, PsmTimers};

/// Nobody vouches for a battery for longer, years.
const SHELF_YEARS: f64 = 20.0;

/// The shortest eDRX cycle of NB-IoT (TS 24.008 §10.5.5.32).
const NB_SHORTEST: Duration = Duration::from_millis(20_480);

/// Why a demand is not met: a sentence, with what would be possible.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Obstacle {
    /// No setting is as fast.
    #[error(
        "a message within {}: the least on {rat} is {}, listening without a pause; it takes one DRX cycle and a service \
         request",
        Span(*wanted), Span(*least)
    )]
    TooFast {
        /// What is wanted.
        wanted: Duration,
        /// What listening without a pause gives.
        least: Duration,
        /// The technology.
        rat: Rat,
    },
    /// The setting that was to be examined is slower.
    #[error("a message within {}: with these settings it may take {}", Span(*wanted), Span(*worst))]
    TooSlow {
        /// What is wanted.
        wanted: Duration,
        /// What it is.
        worst: Duration,
    },
    /// The battery is empty before.
    #[error("{wanted} years: the battery lasts {typical:.1}; {}", remedy(*reached_within, *needed_ah))]
    TooShort {
        /// What is wanted.
        wanted: f64,
        /// What it is, typically.
        typical: f64,
        /// The shortest latency with which the battery lasts.
        reached_within: Option<Duration>,
        /// The battery that lasts with this plan, Ah.
        needed_ah: Option<f64>,
    },
    /// Reports come faster than they can be sent.
    #[error("a report every {}: sending one takes {seconds:.1} s at {coverage}", Span(*every))]
    TooMuch {
        /// What is wanted.
        every: Duration,
        /// What it takes, s.
        seconds: f64,
        /// Where.
        coverage: &'static str,
    },
}

fn remedy(reached_within: Option<Duration>, needed_ah: Option<f64>) -> String {
    let patience = reached_within.map(|within| format!("if a message might take {}", Span(within)));
    let battery = needed_ah.map(|needed| format!("with {needed:.0} Ah"));
    match (patience, battery) {
        (Some(patience), Some(battery)) => format!("it would last {patience}, or {battery}"),
        (Some(one), None) | (None, Some(one)) => format!("it would last {one}"),
        (None, None) => "no battery lasts that long under this load: report less often".into(),
    }
}

/// Something that does not work as it looks, or that has to be seen to.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Warning {
    /// Another time was taken.
    #[error("{what} cannot be {}: {} is taken, the next that can be asked for on {rat}", Span(*asked), Span(*taken))]
    Rounded {
        /// Name of the timer.
        what: &'static str,
        /// What was asked for.
        asked: Duration,
        /// What can be coded.
        taken: Duration,
        /// The technology.
        rat: Rat,
    },
    /// The model has no PSM.
    #[error("this model does not do PSM; the settings for it change nothing")]
    NoPsm,
    /// The model has no eDRX.
    #[error("this model does not do eDRX on {0}; the setting for it changes nothing")]
    NoEdrx(Rat),
    /// The model stays out of PSM because of USB.
    #[error("this model never enters PSM while USB is on: use its UART, or switch USB off")]
    NoPsmOnUsb,
    /// USB outweighs everything.
    #[error(
        "USB keeps the modem up at about {active_ma:.0} mA whatever it asks for: power saving has no benefit unless the \
         host suspends or detaches USB, or uses the UART{}", instead(*uart_mc)
    )]
    UsbKeepsItUp {
        /// What it draws, mA.
        active_ma: f64,
        /// What the same device would spend in a day on its UART, mC.
        uart_mc: Option<f64>,
    },
    /// PSM was left out because of the PIN.
    #[error("PSM is left out: this model may not enter it while the SIM asks for a PIN; switch the PIN off (AT+CLCK)")]
    PinInTheWay,
    /// PSM only without a PIN.
    #[error("this model may not enter PSM while the SIM asks for a PIN: see to it that it does not")]
    NeedsNoPin,
    /// No paging occasion falls into the active time.
    #[error(
        "the eDRX cycle of {} is longer than the active time of {}: the modem may sleep again without having listened \
         once (TS 23.682 §4.5.4)",
        Span(*cycle), Span(*active_time)
    )]
    EdrxOutlastsActiveTime {
        /// Cycle.
        cycle: Duration,
        /// T3324.
        active_time: Duration,
    },
    /// One occasion may be missed.
    #[error("the active time of {} holds less than two eDRX cycles of {}: one missed page is one too many", Span(*active_time), Span(*cycle))]
    ActiveTimeUnderTwoCycles {
        /// Cycle.
        cycle: Duration,
        /// T3324.
        active_time: Duration,
    },
    /// It never sleeps.
    #[error("the periodic TAU of {} is over before the active time of {} is: the modem never sleeps", Span(*tau), Span(*active_time))]
    NeverSleeps {
        /// T3412.
        tau: Duration,
        /// T3324.
        active_time: Duration,
    },
    /// The operator grants no less.
    #[error("{what} of {} is below the operator's minimum of {}: expect the longer time, or no PSM", Span(*asked), Span(*least))]
    UnderMinimum {
        /// Name of the timer.
        what: &'static str,
        /// What is asked for.
        asked: Duration,
        /// What is granted.
        least: Duration,
    },
    /// The longest T3412 is shorter than the time between reports.
    #[error(
        "no timer is longer than {} (T3412 extended, 9920 h): between two reports the modem comes up for a tracking area \
         update",
        Span(LONGEST_TAU)
    )]
    ReportsBeyondLongestTau,
    /// The network would not release in between.
    #[error(
        "reports come every {} and the network holds a connection for about {inactivity_s:.0} s after each: the modem \
         never comes to rest",
        Span(*every)
    )]
    NeverReleased {
        /// The interval.
        every: Duration,
        /// Inactivity timer, s.
        inactivity_s: f64,
    },
    /// What NB-IoT cannot do.
    #[error("eDRX on NB-IoT starts at 20.48 s: a message within {} takes listening without a pause", Span(*.0))]
    NoShortEdrx(Duration),
    /// Older than any battery.
    #[error("{0:.0} years is arithmetic: hardly any battery is warranted for more than 20")]
    BeyondShelfLife(f64),
    /// Empty before it has anything to say.
    #[error("the battery is empty before the next report is due")]
    EmptyBeforeReport,
    /// Nothing of the model is known.
    #[error("none of the currents of this model is confirmed: measure them before you rely on a life")]
    Unconfirmed,
}

fn instead(uart_mc: Option<f64>) -> String {
    uart_mc.map(|spent| format!(", where a day would take {spent:.0} mC")).unwrap_or_default()
}

/// Puts the answer together.
pub(super) fn plan(demand: &Demand, device: &Device<'_>, trial: Trial, trials: &[Trial]) -> Plan {
    let obstacles = obstacles(demand, device, &trial, trials);
    let warnings = warnings(demand, device, &trial);
    let premises = premises(demand, device, trial.saving);
    let Trial { saving, latency, charge, total, life } = trial;
    Plan { saving, latency, charge, total, life, obstacles, warnings, premises }
}

fn obstacles(demand: &Demand, device: &Device<'_>, trial: &Trial, trials: &[Trial]) -> Vec<Obstacle> {
    [too_late(demand, device, trial, trials), too_short(demand, device, trial, trials), too_much(demand, device)]
        .into_iter()
        .flatten()
        .collect()
}

fn too_late(demand: &Demand, device: &Device<'_>, trial: &Trial, trials: &[Trial]) -> Option<Obstacle> {
    let wanted = demand.downlink_within.filter(|_| !trial.is_in_time(demand))?;
    let worst = trial.latency.worst;
    let examined = trials.is_empty();
    Some(if examined {
        Obstacle::TooSlow { wanted, worst }
    } else {
        Obstacle::TooFast { wanted, least: worst, rat: device.model.rat }
    })
}

fn too_short(demand: &Demand, device: &Device<'_>, trial: &Trial, trials: &[Trial]) -> Option<Obstacle> {
    let (wanted, life) = (demand.life_years?, trial.life?);
    if trial.lasts(demand) {
        return None;
    }
    let reached_within = trials.iter().filter(|trial| trial.lasts(demand)).map(|trial| trial.latency.worst).min();
    let needed_ah = needed_ah(&device.load(demand, Case::Typical), wanted, trial.total.typical);
    Some(Obstacle::TooShort { wanted, typical: life.typical, reached_within, needed_ah })
}

/// The battery that gives `millicoulombs` a day for `years`; `None` where it would empty itself before.
fn needed_ah(load: &Load<'_>, years: f64, millicoulombs: f64) -> Option<f64> {
    let share = load.at(Quantity::UsableShare) - load.at(Quantity::SelfDischarge) * years;
    let drawn_ah = formula::mean_ua(millicoulombs) / 1e6 * formula::YEAR_H * years;
    (share > 0.0).then(|| (drawn_ah / share).ceil()).filter(|needed| *needed < 1e5)
}

fn too_much(demand: &Demand, device: &Device<'_>) -> Option<Obstacle> {
    let every = demand.report_every?;
    let seconds = device.load(demand, Case::Typical).sending_s(demand.bytes);
    let coverage = demand.coverage.name();
    (seconds > every.as_secs_f64()).then_some(Obstacle::TooMuch { every, seconds, coverage })
}

fn warnings(demand: &Demand, device: &Device<'_>, trial: &Trial) -> Vec<Warning> {
    let saving = trial.saving;
    let mut warnings = host(demand, device, saving);
    warnings.extend(pin(demand, device, saving));
    warnings.extend(saving.psm.filter(|_| !device.psm).map(|_| Warning::NoPsm));
    warnings.extend(saving.edrx.filter(|_| !device.edrx).map(|_| Warning::NoEdrx(device.model.rat)));
    warnings.extend(saving.psm.into_iter().flat_map(|timers| timers_of(demand, timers, saving.edrx)));
    warnings.extend(reports(demand, device, saving));
    warnings.extend(
        demand
            .downlink_within
            .filter(|wanted| *wanted < NB_SHORTEST && device.edrx && device.mode() == EdrxMode::NbS1)
            .map(Warning::NoShortEdrx),
    );
    warnings.extend(battery(demand, trial));
    warnings.extend(unconfirmed(device).then_some(Warning::Unconfirmed));
    warnings
}

fn host(demand: &Demand, device: &Device<'_>, saving: Saving) -> Vec<Warning> {
    if demand.host == HostLink::Uart {
        return Vec::new();
    }
    let refused = device.model.has(Trait::NoPsmOnUsb) && (device.psm || saving.psm.is_some());
    let active_ma = device.load(demand, Case::Typical).at(Quantity::Active);
    let keeps = Warning::UsbKeepsItUp { active_ma, uart_mc: on_uart(demand, device) };
    refused.then_some(Warning::NoPsmOnUsb).into_iter().chain([keeps]).collect()
}

/// What the cheapest plan without USB takes in a day, mC.
fn on_uart(demand: &Demand, device: &Device<'_>) -> Option<f64> {
    let demand = Demand { host: HostLink::Uart, ..*demand };
    super::plan(&demand, device).ok().map(|plan| plan.total.typical)
}

fn pin(demand: &Demand, device: &Device<'_>, saving: Saving) -> Option<Warning> {
    let touchy = device.model.has(Trait::NoPsmWithPin) && device.psm && demand.host == HostLink::Uart;
    match (touchy, demand.sim_pin, saving.psm.is_some()) {
        (true, true, false) if !can_sleep(demand, device) => Some(Warning::PinInTheWay),
        (true, _, true) => Some(Warning::NeedsNoPin),
        _ => None,
    }
}

fn timers_of(demand: &Demand, timers: PsmTimers, edrx: Option<Edrx>) -> Vec<Warning> {
    let PsmTimers { periodic_tau, active_time } = timers;
    let least = demand.network;
    let under = |what, asked: Duration, least| (asked < least).then_some(Warning::UnderMinimum { what, asked, least });
    let listens = edrx.map(|edrx| edrx.cycle).and_then(|cycle| {
        if cycle > active_time {
            Some(Warning::EdrxOutlastsActiveTime { cycle, active_time })
        } else {
            (cycle.saturating_mul(2) > active_time).then_some(Warning::ActiveTimeUnderTwoCycles { cycle, active_time })
        }
    });
    let restless = periodic_tau.filter(|tau| *tau <= active_time).map(|tau| Warning::NeverSleeps { tau, active_time });
    let tau = periodic_tau.and_then(|tau| under("a periodic TAU", tau, least.periodic_tau));
    let active = under("an active time", active_time, least.active_time);
    [listens, restless, tau, active].into_iter().flatten().collect()
}

fn reports(demand: &Demand, device: &Device<'_>, saving: Saving) -> Option<Warning> {
    let every = demand.report_every?;
    let load = device.load(demand, Case::Typical);
    let inactivity_s = load.at(Quantity::Inactivity);
    if every.as_secs_f64() <= load.sending_s(demand.bytes) + inactivity_s {
        return Some(Warning::NeverReleased { every, inactivity_s });
    }
    (every > LONGEST_TAU && saving.psm.is_some()).then_some(Warning::ReportsBeyondLongestTau)
}

fn battery(demand: &Demand, trial: &Trial) -> Option<Warning> {
    let years = trial.life?.typical;
    let every = demand.report_every.unwrap_or_default().as_secs_f64() / 3600.0 / formula::YEAR_H;
    if years > SHELF_YEARS {
        return Some(Warning::BeyondShelfLife(years));
    }
    (years < every).then_some(Warning::EmptyBeforeReport)
}

/// Whether no current of the model itself is confirmed.
fn unconfirmed(device: &Device<'_>) -> bool {
    let currents = [Quantity::PsmFloor, Quantity::Rest, Quantity::Page, Quantity::Active, Quantity::Connected];
    let mark = |quantity| device.model.figure(quantity).map(|(_, figure)| figure.mark);
    currents.into_iter().all(|quantity| mark(quantity) == Some(Evidence::Unconfirmed))
}

/// What of `asked` became another time.
pub(super) fn rounded(rat: Rat, asked: Saving, taken: Saving) -> Vec<Warning> {
    let rounded = |what, asked: Option<Duration>, taken: Option<Duration>| {
        let (asked, taken) = (asked?, taken?);
        (asked != taken).then_some(Warning::Rounded { what, asked, taken, rat })
    };
    let tau = |saving: Saving| saving.psm?.periodic_tau;
    let active = |saving: Saving| Some(saving.psm?.active_time);
    let cycle = |saving: Saving| Some(saving.edrx?.cycle);
    [
        rounded("the periodic TAU", tau(asked), tau(taken)),
        rounded("the active time", active(asked), active(taken)),
        rounded("the eDRX cycle", cycle(asked), cycle(taken)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
