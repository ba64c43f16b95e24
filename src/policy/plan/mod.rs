//! The planner: from what a device has to do to the power saving that it should ask the network for.
//!
//! Every setting that a network can represent is tried; of those that meet the demand the one that
//! spends least is taken. Where none does, the nearest is, and [`Obstacle`] says what stands in the way.

mod candidates;
mod latency;
mod premises;
mod verdict;

use std::time::Duration;

use crate::policy::energy::{Battery, Case, Charge, Coverage, Habits, HostLink, Load, Model, Quantity, formula};
use crate::spec::edrx::{self, EdrxMode};
use crate::spec::span::Span;
use crate::spec::timer::{self, OutOfRange, Rounding, t3324, t3412};
use crate::state::{Edrx, PsmTimers};

pub use latency::Latency;
pub use verdict::{Obstacle, Warning};

/// The longest T3412 extended: 9920 h, 413 days and 8 hours (TS 24.008 §10.5.7.4a).
pub const LONGEST_TAU: Duration = Duration::from_secs(9920 * 3600);

/// What a device has to do, and where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// The time from one report to the next; `None`: it never reports by itself.
    pub report_every: Option<Duration>,
    /// Payload of a report, bytes.
    pub bytes: u32,
    /// How late a message to it may come; `None`: that does not matter.
    pub downlink_within: Option<Duration>,
    /// What it lives on; `None`: mains.
    pub battery: Option<Battery>,
    /// How long that has to last, years.
    pub life_years: Option<f64>,
    /// Coverage.
    pub coverage: Coverage,
    /// What the host reaches the modem by.
    pub host: HostLink,
    /// Whether the SIM asks for a PIN.
    pub sim_pin: bool,
    /// What the operator allows.
    pub network: Minimums,
}

/// The shortest timers that an operator grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minimums {
    /// T3412 extended.
    pub periodic_tau: Duration,
    /// T3324.
    pub active_time: Duration,
}

impl Default for Minimums {
    /// No operator wants more signalling from a device that saves power than from one that does not: 54 minutes, the
    /// default of T3412 (TS 24.301 §10.2).
    fn default() -> Self {
        Self { periodic_tau: Duration::from_secs(54 * 60), active_time: Duration::ZERO }
    }
}

impl Default for Demand {
    fn default() -> Self {
        Self {
            report_every: None,
            bytes: 100,
            downlink_within: None,
            battery: None,
            life_years: None,
            coverage: Coverage::Ce0,
            host: HostLink::Uart,
            sim_pin: false,
            network: Minimums::default(),
        }
    }
}

/// A model as far as the planner has to know it.
#[derive(Debug, Clone, Copy)]
pub struct Device<'m> {
    /// Its figures, on the technology that is planned for.
    pub model: &'m Model,
    /// Whether it can do PSM.
    pub psm: bool,
    /// Whether it can do eDRX on that technology.
    pub edrx: bool,
}

impl Device<'_> {
    const fn load(&self, demand: &Demand, case: Case) -> Load<'_> {
        Load { model: self.model, coverage: demand.coverage, case }
    }

    fn mode(&self) -> EdrxMode {
        self.model.rat.into()
    }
}

/// Power saving to ask for. What is `None` is switched off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Saving {
    /// Power saving mode.
    pub psm: Option<PsmTimers>,
    /// Extended DRX.
    pub edrx: Option<Edrx>,
}

impl Saving {
    /// T3412 extended as it is coded; `None` without PSM, and where the network's default applies.
    pub fn periodic_tau(&self) -> Option<timer::Encoded> {
        t3412::encode(self.psm?.periodic_tau?, Rounding::Up).ok()
    }

    /// T3324 as it is coded; `None` without PSM.
    pub fn active_time(&self) -> Option<timer::Encoded> {
        t3324::encode(self.psm?.active_time, Rounding::Up).ok()
    }

    /// The eDRX cycle as it is coded for `mode`; `None` without eDRX.
    pub fn cycle(&self, mode: EdrxMode) -> Option<edrx::Encoded> {
        Some(edrx::cycle_encode(mode, self.edrx?.cycle, Rounding::Up))
    }

    /// The times that the codes really say.
    fn representable(&self, mode: EdrxMode) -> Result<Self, OutOfRange> {
        let timers = |timers: PsmTimers| {
            let tau = timers.periodic_tau.map(|tau| t3412::encode(tau, Rounding::Up)).transpose()?;
            let active_time = t3324::encode(timers.active_time, Rounding::Up)?.value;
            Ok(PsmTimers { periodic_tau: tau.map(|tau| tau.value), active_time })
        };
        let cycle = self.cycle(mode).map(|cycle| Edrx { cycle: cycle.value, ptw: None });
        Ok(Self { psm: self.psm.map(timers).transpose()?, edrx: cycle })
    }
}

/// A value, and how far uncertain figures move it when all of them lie at the same end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The least.
    pub low: f64,
    /// With the typical figures.
    pub typical: f64,
    /// The most.
    pub high: f64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What to ask the network for.
    pub saving: Saving,
    /// How late a message to the device comes.
    pub latency: Latency,
    /// Charge of a day by cause, mC; typical.
    pub charge: Charge,
    /// Charge of a day, mC.
    pub total: Range,
    /// Life of the battery, years.
    pub life: Option<Range>,
    /// What of the demand is not met; none: it is possible.
    pub obstacles: Vec<Obstacle>,
    /// What else there is to know.
    pub warnings: Vec<Warning>,
    /// The figures that it rests on.
    pub premises: Vec<Quantity>,
}

impl Plan {
    /// Whether all of the demand is met.
    pub const fn is_possible(&self) -> bool {
        self.obstacles.is_empty()
    }
}

/// The demand makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidDemand {
    /// Reports without a pause.
    #[error("a report every {} is no interval; 1s is the shortest that can be planned for", Span(*.0))]
    ReportEvery(Duration),
    /// No battery has that.
    #[error("a battery of {0} Ah cannot be planned for; more than 0 and at most 100000 is wanted")]
    Battery(f64),
    /// Nobody plans for that.
    #[error("a life of {0} years cannot be planned for; more than 0 and at most 100 is wanted")]
    Life(f64),
    /// A life without a battery.
    #[error("a life of {0} years is asked for and no battery is named; name its capacity, such as 19Ah")]
    LifeWithoutBattery(f64),
    /// A timer longer than its code.
    #[error(transparent)]
    Timer(#[from] OutOfRange),
}

impl Demand {
    fn check(&self) -> Result<(), InvalidDemand> {
        if let Some(every) = self.report_every.filter(|every| *every < Duration::from_secs(1)) {
            return Err(InvalidDemand::ReportEvery(every));
        }
        let capacity = self.battery.map(|battery| battery.ampere_hours);
        if let Some(capacity) = capacity.filter(|capacity| !(*capacity > 0.0 && *capacity <= 1e5)) {
            return Err(InvalidDemand::Battery(capacity));
        }
        match self.life_years {
            Some(years) if !(years > 0.0 && years <= 100.0) => Err(InvalidDemand::Life(years)),
            Some(years) if capacity.is_none() => Err(InvalidDemand::LifeWithoutBattery(years)),
            _ => Ok(()),
        }
    }

    fn habits(&self, saving: Saving) -> Habits {
        let Saving { psm, edrx } = saving;
        Habits { report_every: self.report_every, bytes: self.bytes, psm, edrx, host: self.host }
    }
}

/// One setting with what it would bring.
#[derive(Debug, Clone)]
struct Trial {
    saving: Saving,
    latency: Latency,
    charge: Charge,
    total: Range,
    life: Option<Range>,
}

impl Trial {
    fn new(demand: &Demand, device: &Device<'_>, saving: Saving) -> Self {
        let habits = demand.habits(saving);
        let day = |case| device.load(demand, case).day(&habits);
        let charge = day(Case::Typical);
        let total = Range { low: day(Case::Best).total(), typical: charge.total(), high: day(Case::Worst).total() };
        let life = demand.battery.map(|battery| {
            let years = |case, charge| device.load(demand, case).life_years(battery, formula::mean_ua(charge) / 1000.0);
            Range {
                low: years(Case::Worst, total.high),
                typical: years(Case::Typical, total.typical),
                high: years(Case::Best, total.low),
            }
        });
        Self { saving, latency: Latency::new(demand, device, &habits), charge, total, life }
    }

    fn is_in_time(&self, demand: &Demand) -> bool {
        demand.downlink_within.is_none_or(|wanted| self.latency.worst <= wanted)
    }

    fn lasts(&self, demand: &Demand) -> bool {
        demand.life_years.is_none_or(|wanted| self.life.is_some_and(|life| life.typical >= wanted))
    }
}

/// The power saving that meets `demand` with the least charge, or the nearest there is.
pub fn plan(demand: &Demand, device: &Device<'_>) -> Result<Plan, InvalidDemand> {
    demand.check()?;
    let candidates = candidates::candidates(demand, device);
    let trials: Vec<_> = candidates.into_iter().map(|saving| Trial::new(demand, device, saving)).collect();
    let best = choose(demand, &trials).unwrap_or_else(|| Trial::new(demand, device, Saving::default()));
    Ok(verdict::plan(demand, device, best, &trials))
}

/// What `saving`, rounded up to what can be coded, would bring.
pub fn examine(demand: &Demand, device: &Device<'_>, saving: Saving) -> Result<Plan, InvalidDemand> {
    demand.check()?;
    let taken = saving.representable(device.mode())?;
    let mut plan = verdict::plan(demand, device, Trial::new(demand, device, taken), &[]);
    plan.warnings.splice(0..0, verdict::rounded(device.model.rat, saving, taken));
    Ok(plan)
}

/// The cheapest of those that meet the demand; else the cheapest of those that are in time, or of the fastest.
fn choose(demand: &Demand, trials: &[Trial]) -> Option<Trial> {
    let cheapest = |fits: &dyn Fn(&Trial) -> bool| {
        let fitting = trials.iter().filter(|trial| fits(trial));
        fitting.min_by(|a, b| a.total.typical.total_cmp(&b.total.typical)).cloned()
    };
    let fastest = trials.iter().map(|trial| trial.latency.worst).min()?;
    cheapest(&|trial| trial.is_in_time(demand) && trial.lasts(demand))
        .or_else(|| cheapest(&|trial| trial.is_in_time(demand)))
        .or_else(|| cheapest(&|trial| trial.latency.worst == fastest))
}
