//! `power plan`: the planner, offline.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::modem::plan::{Answer, Assumption, Document, PlanError, Planner, Spread, Wish};
use crate::policy::energy::{Battery, Cause, Evidence};
use crate::policy::plan::{Demand, Minimums, Saving};
use crate::spec::span::Span;
use crate::state::{Edrx, PsmTimers};

use super::args::PowerPlanArgs;
use super::exit::{Exit, Failure};
use super::models::{self, ModelsDir};
use super::out::{Out, Tone, aside, clean};
use super::table::{Cell, Table};
use super::words;

/// Columns of the longest bar.
const BAR: usize = 40;

/// `power plan`.
pub fn run(args: &PowerPlanArgs, own: ModelsDir, out: &mut Out) -> anyhow::Result<()> {
    let answer = planner(&own(&args.machine)?)?
        .plan(&wish(args))
        .map_err(|error| Failure::new(exit(&error), error.to_string()))?;
    let document = Document::from(&answer);
    if out.json() {
        out.value(&document, false)?;
    } else {
        print(&answer, &document, out)?;
    }
    if document.possible {
        return Ok(());
    }
    out.flush()?;
    Err(Failure::new(Exit::Unsupported, "not all of that can be had; what is printed is the nearest").into())
}

fn exit(error: &PlanError) -> Exit {
    match error {
        PlanError::Rat { .. } => Exit::Unsupported,
        _ => Exit::Usage,
    }
}

/// With the models and the figures of this machine; what is wrong with the latter is told on standard error.
fn planner(own: &Path) -> anyhow::Result<Planner> {
    let (planner, problem) = Planner::of_this_machine(Arc::new(models::library(own)?));
    if let Some(problem) = problem {
        aside(&problem);
    }
    Ok(planner)
}

fn wish(args: &PowerPlanArgs) -> Wish {
    let span = |span: Option<Span>| span.map(|span| span.0);
    let least = Minimums::default();
    let demand = Demand {
        report_every: span(args.report_every),
        bytes: args.bytes,
        downlink_within: span(args.downlink_within),
        battery: args.battery,
        life_years: args.life,
        coverage: args.coverage,
        host: args.host,
        sim_pin: args.sim_pin,
        network: Minimums {
            periodic_tau: span(args.min_tau).unwrap_or(least.periodic_tau),
            active_time: span(args.min_active_time).unwrap_or(least.active_time),
        },
    };
    let periodic_tau = span(args.periodic_tau);
    let saving = Saving {
        psm: span(args.active_time).map(|active_time| PsmTimers { periodic_tau, active_time }),
        edrx: span(args.edrx_cycle).map(|cycle| Edrx { cycle, ptw: None }),
    };
    let examined = (saving != Saving::default()).then_some(saving);
    Wish { model: args.model.clone(), rat: args.rat, demand, saving: examined }
}

/// The text is no capacity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no capacity; write it like 19Ah or 2400mAh")]
pub struct InvalidCapacity(String);

/// A capacity as people write it: `19Ah`, `2400mAh`.
pub fn battery(text: &str) -> Result<Battery, InvalidCapacity> {
    let lower = text.trim().to_ascii_lowercase();
    let number = |unit: &str, scale: f64| {
        let number: f64 = lower.strip_suffix(unit)?.trim().parse().ok()?;
        (number.is_finite() && number > 0.0).then_some(Battery { ampere_hours: number * scale })
    };
    number("mah", 0.001).or_else(|| number("ah", 1.0)).ok_or_else(|| InvalidCapacity(text.to_owned()))
}

/// The text is no number of years.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no number of years; write it like 10y")]
pub struct InvalidYears(String);

/// Years as people write them: `10y`.
pub fn years(text: &str) -> Result<f64, InvalidYears> {
    let number = text.trim().strip_suffix('y').and_then(|number| number.trim().parse().ok());
    number.filter(|years: &f64| years.is_finite() && *years > 0.0).ok_or_else(|| InvalidYears(text.to_owned()))
}

fn print(answer: &Answer, document: &Document, out: &mut Out) -> io::Result<()> {
    head(answer, document, out)?;
    settings(answer, document, out)?;
    latency(answer, out)?;
    chart(document, out)?;
    life(answer, document, out)?;
    list("warnings", &document.warnings, out)?;
    assumptions(&document.assumptions, out)
}

fn section(name: &str, out: &mut Out) -> io::Result<()> {
    out.line("")?;
    let name = out.paint(Tone::Strong, name);
    out.line(&name)
}

fn head(answer: &Answer, document: &Document, out: &mut Out) -> io::Result<()> {
    let demand = &document.demand;
    let (rat, coverage, host) = (demand.rat.title(), demand.coverage, demand.host);
    let place = format!("{} on {rat}, coverage {coverage}, host link {host}", document.title);
    let title = out.paint(Tone::Strong, &clean(&place));
    out.line(&title)?;
    if !answer.known {
        out.line("there is no model file for it: the AT lines are those of the nearest one")?;
    }
    if document.possible {
        let verdict = out.paint(Tone::Good, "possible");
        return out.line(&verdict);
    }
    let verdict = out.paint(Tone::Bad, "not possible");
    out.line(&format!("{verdict}; below is the nearest there is"))?;
    for obstacle in &document.obstacles {
        wrapped("  ", obstacle, out)?;
    }
    Ok(())
}

fn settings(answer: &Answer, document: &Document, out: &mut Out) -> io::Result<()> {
    section("ask the network for", out)?;
    let mut table = Table::indented(2);
    let saving = answer.plan.saving;
    match (&document.psm, saving.psm) {
        (Some(psm), Some(timers)) => {
            let tau = timers.periodic_tau.map_or_else(|| "the network's default".to_owned(), words::span);
            let bits = psm.periodic_tau_bits.as_deref().unwrap_or_default();
            table.row(vec!["periodic TAU (T3412 extended)".into(), tau.into(), bits.into()]);
            let active = words::span(timers.active_time);
            table.row(vec!["active time (T3324)".into(), active.into(), psm.active_time_bits.as_str().into()]);
        }
        _ => table.row(vec!["PSM".into(), "off".into()]),
    }
    match (&document.edrx, saving.edrx) {
        (Some(coded), Some(edrx)) => {
            table.row(vec!["eDRX cycle".into(), words::span(edrx.cycle).into(), coded.cycle_bits.as_str().into()]);
        }
        _ => table.row(vec!["eDRX".into(), "off".into()]),
    }
    table.print(out)?;
    document.commands.iter().try_for_each(|command| out.line(&format!("  {}", clean(command))))
}

fn latency(answer: &Answer, out: &mut Out) -> io::Result<()> {
    section("a message to it comes", out)?;
    let latency = answer.plan.latency;
    let wanted = answer.demand.downlink_within.map(|wanted| format!(" (wanted: {})", words::span(wanted)));
    let wanted = wanted.unwrap_or_default();
    out.line(&format!(
        "  after {} on average, after {} at worst{wanted}",
        words::span(latency.typical),
        words::span(latency.worst)
    ))
}

fn chart(document: &Document, out: &mut Out) -> io::Result<()> {
    section("charge of a day", out)?;
    let charge = &document.charge_mc_per_day;
    let most = charge.by_cause.values().copied().fold(0.0, f64::max);
    let mut table = Table::indented(2);
    for cause in Cause::ALL {
        let spent = charge.by_cause.get(&cause).copied().unwrap_or_default();
        // A link that does not keep the modem up is nothing to tell of.
        if cause == Cause::HostLink && spent == 0.0 {
            continue;
        }
        let share = if charge.total.typical > 0.0 { spent / charge.total.typical * 100.0 } else { 0.0 };
        let columns = if most > 0.0 { (spent / most * BAR as f64).round() as usize } else { 0 };
        let value = format!("{:>10} mC", digits(spent));
        table.row(vec![
            cause.title().into(),
            value.into(),
            format!("{share:>3.0} %").into(),
            "#".repeat(columns).into(),
        ]);
    }
    let all = format!("{:>10} mC", digits(charge.total.typical));
    let spread = format!("{} to {} mC", digits(charge.total.low), digits(charge.total.high));
    table.row(vec![Cell::new("all", Tone::Strong), all.into(), Cell::default(), spread.into()]);
    table.print(out)?;
    out.line(&format!("  mean current {} µA", digits(document.mean_ua)))
}

fn life(answer: &Answer, document: &Document, out: &mut Out) -> io::Result<()> {
    let (Some(Spread { low, typical, high }), Some(battery)) = (document.life_years, answer.demand.battery) else {
        return Ok(());
    };
    section("battery life", out)?;
    let capacity = words::decimal(battery.ampere_hours);
    out.line(&format!(
        "  {} from {capacity} Ah; {} with all uncertain figures at their worst, {} at their best",
        lasting(typical),
        lasting(low),
        lasting(high)
    ))
}

/// `2.3 years`, `39 days`.
fn lasting(years: f64) -> String {
    if years < 1.0 { format!("{} days", digits(years * 365.25)) } else { format!("{} years", digits(years)) }
}

fn list(name: &str, sentences: &[String], out: &mut Out) -> io::Result<()> {
    if sentences.is_empty() {
        return Ok(());
    }
    section(name, out)?;
    sentences.iter().try_for_each(|sentence| wrapped("  - ", sentence, out))
}

fn assumptions(assumptions: &[Assumption], out: &mut Out) -> io::Result<()> {
    section("assumptions", out)?;
    for line in [
        "The network grants what is asked for; it may grant other times, or nothing.",
        "While the device sleeps, its server keeps what it has for it: networks hold little.",
        "[V] published or measured, [S] derived, [U] not confirmed; own figures go to /etc/lpwa/energy.toml",
    ] {
        wrapped("  ", line, out)?;
    }
    let mut table = Table::indented(2);
    for assumption in assumptions {
        let Assumption { value, low, high, mark, .. } = assumption;
        let tone = if *mark == Evidence::Unconfirmed { Tone::Warn } else { Tone::Dim };
        let range = if low == high { String::new() } else { format!("{} to {}", digits(*low), digits(*high)) };
        table.row(vec![
            Cell::new(format!("[{}]", mark.mark()), tone),
            assumption.title.into(),
            format!("{} {}", digits(*value), assumption.unit).trim_end().into(),
            range.into(),
            Cell::new(&assumption.source, Tone::Dim),
        ]);
    }
    table.print(out)
}

/// A sentence behind `mark`, broken where the terminal ends, at 100 columns elsewhere.
fn wrapped(mark: &str, sentence: &str, out: &mut Out) -> io::Result<()> {
    let room = out.width().unwrap_or(100).max(40) - mark.len();
    let mut line = mark.to_owned();
    let mut used = 0;
    for word in clean(sentence).split(' ') {
        let columns = word.chars().count();
        if used > 0 && used + 1 + columns > room {
            out.line(&line)?;
            line = " ".repeat(mark.len());
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line += word;
        used += columns;
    }
    out.line(&line)
}

/// A number with three digits that mean something: `0.0043`, `12.3`, `86400`.
fn digits(value: f64) -> String {
    let size = value.abs();
    let before = if size > 0.0 { size.log10().floor() as i32 + 1 } else { 1 };
    let places = usize::try_from(3 - before).unwrap_or(0).min(9);
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_show_what_is_known() {
        for (value, text) in [
            (0.0043, "0.0043"),
            (0.0, "0"),
            (12.34, "12.3"),
            (86_400.4, "86400"),
            (1.0, "1"),
            (0.999_9, "1"),
            (205.0, "205"),
        ] {
            assert_eq!(digits(value), text);
        }
    }

    #[test]
    fn capacities_and_years_are_read_as_people_write_them() {
        let ah = |text| battery(text).map(|battery| battery.ampere_hours);
        assert_eq!((ah("19Ah"), ah("2400 mAh"), ah("1.5ah")), (Ok(19.0), Ok(2.4), Ok(1.5)));
        for text in ["19", "Ah", "-1Ah", "0Ah", "nanAh", "infAh", "19Wh"] {
            assert_eq!(ah(text), Err(InvalidCapacity(text.into())));
        }
        assert_eq!(years("10y"), Ok(10.0));
        for text in ["10", "y", "0y", "-1y", "infy"] {
            assert_eq!(years(text), Err(InvalidYears(text.into())));
        }
    }
}
