//! Power saving: inline, or as a profile file of the same content.

use std::path::Path;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::Context;
use super::nearest::nearest;
use super::report::{Place, Problem, Report, Source};
use super::section::{Section, keys, wrong_type};
use crate::modem::handle::PowerRequest;
use crate::spec::edrx::{self, EdrxMode};
use crate::spec::rat::Rat;
use crate::spec::span::Span;
use crate::spec::timer::{Encoded, OutOfRange, Rounding, t3324, t3412};
use crate::state::{Edrx, PsmTimers};

/// Profiles that are there without a file; one of the same name in the directory wins.
const SHIPPED: [(&str, &str); 2] = [
    ("always-on", include_str!("../../../profiles/always-on.toml")),
    ("hourly-report", include_str!("../../../profiles/hourly-report.toml")),
];

/// What a table with `psm` and `edrx` asks for, on a modem that uses `rats`.
pub fn request<'a>(place: Place<'a>, table: DeTable<'a>, rats: &[Rat], report: &Report) -> PowerRequest {
    let mut section = Section::new(place, keys(table, place.source), report);
    let request = power(&mut section, rats);
    section.finish();
    request
}

/// What the profile `name`, called for at `place`, asks for.
pub fn profile(name: &str, place: Place<'_>, rats: &[Rat], context: &Context<'_>) -> Option<PowerRequest> {
    let source = find(name, place, context)?;
    let mut section = Section::of_file(&source, context.report);
    section.string("description");
    let request = power(&mut section, rats);
    section.finish();
    Some(request)
}

fn find(name: &str, place: Place<'_>, context: &Context<'_>) -> Option<Source> {
    let path = context.profiles_dir.join(name).with_extension("toml");
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if plain && let Ok(text) = context.files.read(&path) {
        return Some(Source { path, text });
    }
    if let Some((name, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        return Some(Source { path: Path::new("profiles").join(name).with_extension("toml"), text: (*text).into() });
    }
    let known = known_profiles(context);
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(name) => format!("did you mean {name:?}?"),
        None => format!("there are {}", known.join(", ")),
    };
    context.report.error(place.problem(format!("profile: no file {}; {hint}", path.display())));
    None
}

fn known_profiles(context: &Context<'_>) -> Vec<String> {
    let files = context.files.list(context.profiles_dir).unwrap_or_default();
    let toml = files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "toml"));
    let mut names: Vec<_> = toml.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.extend(SHIPPED.iter().map(|(name, _)| (*name).to_owned()));
    names.sort();
    names.dedup();
    names
}

fn power(section: &mut Section<'_, '_>, rats: &[Rat]) -> PowerRequest {
    PowerRequest {
        psm: switch(section, "psm", r#"{ active_time = "10s" }"#, psm),
        edrx: switch(section, "edrx", r#"{ cycle = "81.92s" }"#, |section| edrx(section, rats)),
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
    for rat in rats {
        let encoded = edrx::cycle_encode(EdrxMode::from(*rat), cycle, Rounding::Up);
        if !encoded.exact {
            section.report.warn(rounded(place, "cycle", cycle, encoded.value, &format!(" on {rat}")));
        }
    }
    Some(Edrx { cycle, ptw: None })
}
