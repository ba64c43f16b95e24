//! A plan as JSON, for scripts and for D-Bus. Units are in the names.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Answer;
use crate::policy::energy::{Cause, Coverage, Evidence, HostLink, Quantity, formula};
use crate::policy::plan::Range;
use crate::spec::rat::Rat;
use crate::state::json::seconds;

/// The answer; `docs/power-planner.md` describes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// Name of the model.
    pub model: String,
    /// The model for people.
    pub title: String,
    /// What was asked for.
    pub demand: Wanted,
    /// Whether all of it is met.
    pub possible: bool,
    /// Why it is not, a sentence each.
    pub obstacles: Vec<String>,
    /// PSM to ask for; `null`: none.
    pub psm: Option<Psm>,
    /// eDRX to ask for; `null`: none.
    pub edrx: Option<Edrx>,
    /// The AT lines that ask for it.
    pub commands: Vec<String>,
    /// How late a message to the device comes.
    pub downlink_s: Downlink,
    /// Charge of a day, mC.
    pub charge_mc_per_day: Charge,
    /// Mean current, µA.
    pub mean_ua: f64,
    /// Life of the battery, years; `null` without a battery.
    pub life_years: Option<Spread>,
    /// What else there is to know, a sentence each.
    pub warnings: Vec<String>,
    /// The figures that all this rests on.
    pub assumptions: Vec<Assumption>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wanted {
    /// Technology.
    pub rat: Rat,
    /// Coverage enhancement level.
    pub coverage: Coverage,
    /// Host link.
    pub host: HostLink,
    /// Interval of the reports, s.
    pub report_every_s: Option<f64>,
    /// Payload of a report.
    pub bytes: u32,
    /// Latency of a message to the device, s.
    pub downlink_within_s: Option<f64>,
    /// Battery, Ah.
    pub battery_ah: Option<f64>,
    /// Life, years.
    pub life_years: Option<f64>,
    /// The operator's shortest T3412, s.
    pub min_periodic_tau_s: f64,
    /// The operator's shortest T3324, s.
    pub min_active_time_s: f64,
}

/// PSM timers with their octets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Psm {
    /// T3412 extended, s; `null`: the network's default.
    pub periodic_tau_s: Option<f64>,
    /// T3412 extended as GPRS timer 3.
    pub periodic_tau_bits: Option<String>,
    /// T3324, s.
    pub active_time_s: f64,
    /// T3324 as GPRS timer 2.
    pub active_time_bits: String,
}

/// eDRX with its code.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edrx {
    /// Cycle, s.
    pub cycle_s: f64,
    /// Cycle as AT commands have it.
    pub cycle_bits: String,
}

/// Latency, s.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Downlink {
    /// On average.
    pub typical: f64,
    /// In the most unlucky moment.
    pub worst: f64,
}

/// Charge of a day, mC.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Charge {
    /// All of it.
    #[serde(flatten)]
    pub total: Spread,
    /// What it is spent for, typically.
    pub by_cause: BTreeMap<Cause, f64>,
}

/// A value, and how far uncertain figures move it when all of them lie at the same end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The least.
    pub low: f64,
    /// With the typical figures.
    pub typical: f64,
    /// The most.
    pub high: f64,
}

/// A figure that the plan rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assumption {
    /// Its key in the table of figures.
    pub key: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Its unit; empty for a pure number.
    pub unit: &'static str,
    /// The typical value.
    pub value: f64,
    /// The least.
    pub low: f64,
    /// The most.
    pub high: f64,
    /// How well it is known: `V`, `S` or `U`.
    pub mark: Evidence,
    /// The entry of the table that it stands in.
    pub of: String,
    /// Where it comes from.
    pub source: String,
}

impl From<&Answer> for Document {
    fn from(answer: &Answer) -> Self {
        let plan = &answer.plan;
        Self {
            model: answer.name.clone(),
            title: answer.title.clone(),
            demand: wanted(answer),
            possible: plan.is_possible(),
            obstacles: plan.obstacles.iter().map(ToString::to_string).collect(),
            psm: psm(answer),
            edrx: edrx(answer),
            commands: answer.commands.clone(),
            downlink_s: Downlink { typical: seconds(plan.latency.typical), worst: seconds(plan.latency.worst) },
            charge_mc_per_day: Charge {
                total: spread(plan.total),
                by_cause: Cause::ALL.into_iter().map(|cause| (cause, short(plan.charge.of(cause)))).collect(),
            },
            mean_ua: short(formula::mean_ua(plan.total.typical)),
            life_years: plan.life.map(spread),
            warnings: plan.warnings.iter().map(ToString::to_string).collect(),
            assumptions: plan.premises.iter().filter_map(|quantity| assumption(answer, *quantity)).collect(),
        }
    }
}

fn wanted(answer: &Answer) -> Wanted {
    let demand = &answer.demand;
    Wanted {
        rat: answer.model.rat,
        coverage: demand.coverage,
        host: demand.host,
        report_every_s: demand.report_every.map(seconds),
        bytes: demand.bytes,
        downlink_within_s: demand.downlink_within.map(seconds),
        battery_ah: demand.battery.map(|battery| battery.ampere_hours),
        life_years: demand.life_years,
        min_periodic_tau_s: seconds(demand.network.periodic_tau),
        min_active_time_s: seconds(demand.network.active_time),
    }
}

fn psm(answer: &Answer) -> Option<Psm> {
    let saving = answer.plan.saving;
    let (tau, active) = (saving.periodic_tau(), saving.active_time()?);
    Some(Psm {
        periodic_tau_s: tau.map(|tau| seconds(tau.value)),
        periodic_tau_bits: tau.map(|tau| tau.bits_text()),
        active_time_s: seconds(active.value),
        active_time_bits: active.bits_text(),
    })
}

fn edrx(answer: &Answer) -> Option<Edrx> {
    let cycle = answer.plan.saving.cycle(answer.model.rat.into())?;
    Some(Edrx { cycle_s: seconds(cycle.value), cycle_bits: cycle.bits_text() })
}

fn assumption(answer: &Answer, quantity: Quantity) -> Option<Assumption> {
    let (of, figure) = answer.model.figure(quantity)?;
    Some(Assumption {
        key: quantity.key(),
        title: quantity.title(),
        unit: quantity.unit(),
        value: figure.value,
        low: short(figure.low()),
        high: short(figure.high()),
        mark: figure.mark,
        of: of.to_owned(),
        source: figure.source.clone(),
    })
}

fn spread(range: Range) -> Spread {
    Spread { low: short(range.low), typical: short(range.typical), high: short(range.high) }
}

/// Four digits: no estimate has more.
fn short(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
