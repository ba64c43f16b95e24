//! `[retry]`: the numbers of the retry governor.

use std::time::Duration;

use super::section::Section;
use crate::policy::governor::Limits;
use crate::spec::span::Span;

/// Waits of one list at most.
const MOST_WAITS: usize = 32;

/// Reads the table. Numbers beyond the documented caps are taken, and warned of: operators may block what breaks them.
pub fn limits(mut section: Section<'_, '_>) -> Limits {
    let default = Limits::default();
    let (hour, day) = (section.find("attempts_per_hour"), section.find("attempts_per_day"));
    let limits = Limits {
        spacing: span(&mut section, "spacing").unwrap_or(default.spacing),
        per_hour: section.number("attempts_per_hour", 1..=3600).unwrap_or(default.per_hour),
        per_day: section.number("attempts_per_day", 1..=86_400).unwrap_or(default.per_day),
        waits: waits(&mut section, "waits").unwrap_or_else(|| default.waits.clone()),
        hold: span(&mut section, "hold").unwrap_or(default.hold),
        congestion: congestion(&mut section).unwrap_or(default.congestion),
        review: review(&mut section).unwrap_or(default.review),
        stable: span(&mut section, "stable").unwrap_or(default.stable),
        resets_per_hour: section.number("resets_per_hour", 0..=60).unwrap_or(default.resets_per_hour),
        resets_per_day: section.number("resets_per_day", 0..=1440).unwrap_or(default.resets_per_day),
        reset_waits: waits(&mut section, "reset_waits").unwrap_or_else(|| default.reset_waits.clone()),
        switches_per_hour: section.number("switches_per_hour", 0..=60).unwrap_or(default.switches_per_hour),
        switches_per_day: section.number("switches_per_day", 0..=1440).unwrap_or(default.switches_per_day),
    };
    let caps = [(hour, limits.per_hour, default.per_hour, "hour"), (day, limits.per_day, default.per_day, "day")];
    for (place, number, cap, of) in caps {
        if let Some(place) = place.filter(|_| number > cap) {
            let key = format!("attempts_per_{of}");
            let message =
                format!("{key}: {number} is more than the {cap} that GSMA TS.34 has; operators may block the SIM");
            section.report.warn(place.problem(message));
        }
    }
    section.finish();
    limits
}

fn span(section: &mut Section<'_, '_>, key: &'static str) -> Option<Duration> {
    section.parsed(key).map(|Span(span)| span)
}

/// A list of spans, none of them shorter than the one before.
fn waits(section: &mut Section<'_, '_>, key: &'static str) -> Option<Vec<Duration>> {
    let place = section.find(key)?;
    let spans: Vec<Span> = section
        .list(key, "strings", |value| value.as_str().map(|text| text.parse::<Span>().map_err(|e| e.to_string())))?;
    let wrong = match spans.len() {
        0 => Some("the list has no wait".to_owned()),
        n if n > MOST_WAITS => Some(format!("the list has {n} waits; {MOST_WAITS} are the most")),
        _ if !spans.is_sorted() => Some("a wait is shorter than the one before; waits grow".to_owned()),
        _ => None,
    };
    section.sound(key, place, wrong.map_or(Ok(()), Err))?;
    Some(spans.into_iter().map(|Span(span)| span).collect())
}

/// `congestion = ["15m", "30m"]`: the shortest and the longest wait.
fn congestion(section: &mut Section<'_, '_>) -> Option<(Duration, Duration)> {
    let place = section.find("congestion");
    let waits = waits(section, "congestion")?;
    match (waits.as_slice(), place) {
        (&[least, longest], _) => Some((least, longest)),
        (_, Some(place)) => {
            section.report.error(place.problem("congestion: two waits are wanted, the shortest and the longest"));
            None
        }
        _ => None,
    }
}

/// `review = "24h"`, or `"never"`.
fn review(section: &mut Section<'_, '_>) -> Option<Option<Duration>> {
    let place = section.find("review")?;
    let text = section.string("review")?;
    if text == "never" {
        return Some(None);
    }
    section.sound("review", place, text.parse::<Span>()).map(|Span(span)| Some(span))
}
