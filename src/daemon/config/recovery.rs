//! `[recovery]`, and `power_cut` of a modem.

use std::time::Duration;

use toml::de::DeValue;

use super::PortChoice;
use super::report::Place;
use super::section::{Section, keys, wrong_type};
use crate::policy::recovery::{Budget, MOST_USES, Rules, Rung};
use crate::port::line::Output;
use crate::spec::span::Span;
use crate::uplink::supply::{PowerCut, Supply};

/// What is done for modems that need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryConfig {
    /// Whether anything is.
    pub enabled: bool,
    /// Which rungs there are, and what each may cost.
    pub rules: Rules,
    /// So long a modem may be dead before anything is done.
    pub patience: Duration,
}

impl Default for RecoveryConfig {
    fn default() -> Self {
        Self { enabled: true, rules: Rules::default(), patience: Duration::from_secs(180) }
    }
}

/// The keys of each rung, in the order of [`Rung::ALL`].
const RUNGS: [&str; Rung::ALL.len()] = ["re-query", "re-activate", "re-attach", "radio", "reset", "power-cycle"];

/// How long a supply is cut where nobody says.
const OFF: Duration = Duration::from_secs(5);
/// A supply that is cut for longer is switched off.
const LONGEST_OFF: Duration = Duration::from_secs(120);

/// Reads `[recovery]`.
pub fn read(mut section: Section<'_, '_>) -> RecoveryConfig {
    let mut config = RecoveryConfig { enabled: section.flag("enabled").unwrap_or(true), ..RecoveryConfig::default() };
    config.rules.dead = section.parsed("dead").unwrap_or(config.rules.dead);
    config.rules.no_data_path = section.parsed("no_data_path").unwrap_or(config.rules.no_data_path);
    config.patience = section.parsed("patience").map_or(config.patience, |Span(span)| span);
    for (rung, key) in Rung::ALL.into_iter().zip(RUNGS) {
        if let Some(budget) = budget(&mut section, key, config.rules.budget(rung)) {
            config.rules.set_budget(rung, budget);
        }
    }
    section.finish();
    config
}

fn budget(section: &mut Section<'_, '_>, key: &'static str, usual: Budget) -> Option<Budget> {
    let report = section.report;
    let item = section.item(key)?;
    let DeValue::Table(table) = item.value else {
        report.error(wrong_type(&item, key, "a table such as { per_hour = 1, per_day = 4 }"));
        return None;
    };
    let mut inner = Section::new(item.place, keys(table, item.place.source), report);
    let most = u32::try_from(MOST_USES).unwrap_or(u32::MAX);
    let budget = Budget {
        wait: inner.parsed("wait").map_or(usual.wait, |Span(span)| span),
        per_hour: inner.number("per_hour", 0..=most).unwrap_or(usual.per_hour),
        per_day: inner.number("per_day", 0..=most).unwrap_or(usual.per_day),
    };
    inner.finish();
    Some(budget)
}

/// `power_cut` of a modem at `port`.
pub fn power_cut(section: &mut Section<'_, '_>, port: Option<&PortChoice>) -> Option<PowerCut> {
    let report = section.report;
    let item = section.item("power_cut")?;
    let DeValue::Table(table) = item.value else {
        report.error(wrong_type(&item, "power_cut", r#"a table such as { gpio = "gpiochip0:4" }"#));
        return None;
    };
    let mut inner = Section::new(item.place, keys(table, item.place.source), report);
    let gpio = inner.find("gpio").and(inner.parsed("gpio"));
    let active_low = inner.flag("active_low").unwrap_or_default();
    let usb_port = inner.find("usb_port").map(|place| (place, inner.flag("usb_port").unwrap_or_default()));
    let hook = inner.find("hook").map(|place| (place, inner.string("hook").unwrap_or_default()));
    let off = off(&mut inner);
    inner.finish();
    let supply = match (gpio, usb_port, hook) {
        (Some(gpio), None, None) => Some(Supply::Gpio(Output { gpio, active_low })),
        (None, Some((place, true)), None) => usb(report, place, port),
        (None, None, Some((place, path))) if !path.starts_with('/') => {
            report.error(place.problem(format!("hook: {path:?} is no absolute path of a program")));
            None
        }
        (None, None, Some((_, path))) => Some(Supply::Hook(path.into())),
        _ => {
            report.error(item.place.problem("power_cut: one of gpio, usb_port = true and hook is wanted"));
            None
        }
    };
    Some(PowerCut { supply: supply?, off })
}

fn off(section: &mut Section<'_, '_>) -> Duration {
    let Some(place) = section.find("off") else { return OFF };
    let Some(Span(off)) = section.parsed("off") else { return OFF };
    if off.is_zero() || off > LONGEST_OFF {
        let message = format!("off: {} is no cut; more than 0 and at most {}", Span(off), Span(LONGEST_OFF));
        section.report.error(place.problem(message));
    }
    off
}

fn usb(report: &super::report::Report, place: Place<'_>, port: Option<&PortChoice>) -> Option<Supply> {
    match port {
        Some(PortChoice::Usb(path)) => Some(Supply::UsbPort(path.clone())),
        _ => {
            report.error(
                place.problem(r#"usb_port: the modem is not named by its USB path; write usb = "1-1.2" instead of at"#),
            );
            None
        }
    }
}
