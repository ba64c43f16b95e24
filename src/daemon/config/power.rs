//! Power saving: what is asked for, in the words of `power` and of profiles.

use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::report::{Place, Problem, Report};
use super::section::{Section, keys, wrong_type};
use crate::modem::handle::PowerRequest;
use crate::spec::drx::DrxCycle;
use crate::spec::edrx::{self, EdrxMode};
use crate::spec::rat::Rat;
use crate::spec::span::Span;
use crate::spec::timer::{Encoded, OutOfRange, Rounding, t3324, t3412};
use crate::state::{Edrx, PsmTimers};

/// The table `power` of a modem that uses `rats`.
pub fn inline<'a>(place: Place<'a>, table: DeTable<'a>, rats: &[Rat], report: &Report) -> Saving {
    let mut section = Section::new(place, keys(table, place.source), report);
    let saving = saving(&mut section, rats);
    section.finish();
    saving
}

/// Power saving as it is written.
#[derive(Default)]
pub struct Saving {
    pub request: PowerRequest,
    /// Tell the network when no more data is expected.
    pub release: bool,
}

/// The keys of `section` that are about power saving, on a modem that uses `rats`.
pub fn saving(section: &mut Section<'_, '_>, rats: &[Rat]) -> Saving {
    let psm = switch(section, "psm", r#"{ active_time = "10s" }"#, psm);
    let edrx = switch(section, "edrx", r#"{ cycle = "81.92s" }"#, |section| edrx(section, rats));
    let (mico, drx_cycle) = (section.flag("mico"), drx_cycle(section));
    let release = section.flag("release").unwrap_or_default();
    Saving { request: PowerRequest { psm, edrx, mico, drx_cycle }, release }
}

/// `false`, or a cycle that 5G has.
fn drx_cycle(section: &mut Section<'_, '_>) -> Option<Option<DrxCycle>> {
    let item = section.item("drx_cycle")?;
    match &item.value {
        DeValue::Boolean(false) => Some(None),
        DeValue::String(text) => section.sound("drx_cycle", item.place, text.parse()).map(Some),
        _ => {
            section.report.error(wrong_type(&item, "drx_cycle", r#"a cycle such as "2.56s", or false,"#));
            None
        }
    }
}

/// `false`, or a table that `read` understands.
fn switch<T>(
    section: &mut Section<'_, '_>,
    key: &'static str,
    example: &str,
    read: impl Fn(&mut Section<'_, '_>) -> Option<T>,
) -> Option<Option<T>> {
    let report = section.report;
    let item = section.item(key)?;
    match item.value {
        DeValue::Boolean(false) => Some(None),
        DeValue::Table(table) => {
            let mut inner = Section::new(item.place, keys(table, item.place.source), report);
            let value = read(&mut inner);
            inner.finish();
            value.map(Some)
        }
        _ => {
            report.error(wrong_type(&item, key, &format!("a table such as {example}, or false,")));
            None
        }
    }
}

fn psm(section: &mut Section<'_, '_>) -> Option<PsmTimers> {
    let periodic_tau = timer(section, "periodic_tau", t3412::encode);
    let Some(place) = section.find("active_time") else {
        let message = "psm has no active_time; write how long the modem stays reachable, such as 10s";
        section.report.error(section.place.problem(message));
        return None;
    };
    let active_time = timer(section, "active_time", t3324::encode)?;
    if let Some(tau) = periodic_tau
        && tau <= active_time
    {
        let (active, tau) = (Span(active_time), Span(tau));
        section.report.warn(place.problem(format!("active_time: with {active} out of {tau} the modem never sleeps")));
    }
    Some(PsmTimers { periodic_tau, active_time })
}

/// A timer, as the network will be asked for it: what no code says exactly is rounded up, with a warning.
fn timer(
    section: &mut Section<'_, '_>,
    key: &'static str,
    encode: impl Fn(Duration, Rounding) -> Result<Encoded, OutOfRange>,
) -> Option<Duration> {
    let place = section.find(key)?;
    let Span(asked) = section.parsed(key)?;
    let value = match encode(asked, Rounding::Up) {
        Ok(encoded) => encoded.value,
        Err(OutOfRange { max, .. }) => max,
    };
    if value != asked {
        section.report.warn(rounded(place, key, asked, value, ""));
    }
    Some(value)
}

fn rounded(place: Place<'_>, key: &str, asked: Duration, value: Duration, whose: &str) -> Problem {
    let (asked, value) = (Span(asked), Span(value));
    place.problem(format!("{key}: {asked} has no code{whose}; {value} is asked for instead"))
}

fn edrx(section: &mut Section<'_, '_>, rats: &[Rat]) -> Option<Edrx> {
    let Some(place) = section.find("cycle") else {
        section.report.error(section.place.problem("edrx has no cycle; write one such as 81.92s"));
        return None;
    };
    let Span(cycle) = section.parsed("cycle")?;
    let encode = |mode| Some(edrx::cycle_encode(mode, cycle, Rounding::Up));
    warn_of_codes(section.report, place, "cycle", cycle, rats, encode);
    let ptw = match section.find("ptw") {
        Some(place) => Some(window(section, place, cycle, rats)?),
        None => None,
    };
    Some(Edrx { cycle, ptw })
}

fn window(section: &mut Section<'_, '_>, place: Place<'_>, cycle: Duration, rats: &[Rat]) -> Option<Duration> {
    let Span(ptw) = section.parsed("ptw")?;
    if ptw >= cycle {
        let message = format!("ptw: {} is no part of a cycle of {}; make it shorter", Span(ptw), Span(cycle));
        section.report.error(place.problem(message));
        return None;
    }
    let encode = |mode| edrx::ptw_encode(mode, ptw, Rounding::Up);
    warn_of_codes(section.report, place, "ptw", ptw, rats, encode);
    Some(ptw)
}

/// Warns of each technology that has another time than `asked`.
fn warn_of_codes(
    report: &Report,
    place: Place<'_>,
    key: &str,
    asked: Duration,
    rats: &[Rat],
    encode: impl Fn(EdrxMode) -> Option<edrx::Encoded>,
) {
    for rat in rats {
        if let Some(encoded) = encode(EdrxMode::from(*rat)).filter(|encoded| !encoded.exact) {
            report.warn(rounded(place, key, asked, encoded.value, &format!(" on {rat}")));
        }
    }
}
