//! The lines that wake a modem: `dtr` and `pwrkey`.

use std::time::Duration;

use toml::de::DeValue;

use super::report::Place;
use super::section::{Section, keys, wrong_type};
use super::{PortChoice, Pwrkey};
use crate::port::line::Output;
use crate::spec::span::Span;

/// A power key that is held longer does something else than wake: several modems reset after 12 s.
const LONGEST: Duration = Duration::from_secs(10);

/// `dtr` and `pwrkey` of a modem at `port`.
pub fn read(section: &mut Section<'_, '_>, port: Option<&PortChoice>) -> (bool, Option<Pwrkey>) {
    let place = section.find("dtr");
    let dtr = section.flag("dtr").unwrap_or_default();
    if let (true, Some(place), Some(PortChoice::At(at))) = (dtr, place, port)
        && !at.starts_with('/')
    {
        section.report.error(place.problem(format!("dtr: only a serial port has this line, and the modem is at {at}")));
    }
    let report = section.report;
    let pwrkey = section.item("pwrkey").and_then(|item| match item.value {
        DeValue::Table(table) => pwrkey(Section::new(item.place, keys(table, item.place.source), report)),
        _ => {
            report.error(wrong_type(&item, "pwrkey", r#"a table such as { gpio = "gpiochip0:17" }"#));
            None
        }
    });
    (dtr, pwrkey)
}

fn pwrkey(mut section: Section<'_, '_>) -> Option<Pwrkey> {
    let missing = section.find("gpio").is_none();
    let gpio = section.parsed("gpio");
    let active_low = section.flag("active_low").unwrap_or_default();
    let pulse = section.find("pulse").and_then(|place| pulse(&mut section, place));
    if missing {
        section.report.error(section.place.problem(r#"pwrkey has no gpio; write the line, such as "gpiochip0:17""#));
    }
    section.finish();
    Some(Pwrkey { output: Output { gpio: gpio?, active_low }, pulse })
}

fn pulse(section: &mut Section<'_, '_>, place: Place<'_>) -> Option<Duration> {
    let Span(pulse) = section.parsed("pulse")?;
    if pulse.is_zero() || pulse > LONGEST {
        let message = format!("pulse: {} is no press of a key; more than 0 and at most {}", Span(pulse), Span(LONGEST));
        section.report.error(place.problem(message));
        return None;
    }
    Some(pulse)
}
