//! Power saving, granted and asked, and the next reachable window.

use crate::cli::out::Tone;
use crate::cli::say::{self, Grant};
use crate::cli::words;
use crate::state::Timestamp;
use crate::state::json::Document;

use super::Row;

/// PSM, eDRX, the next window.
pub fn rows(doc: &Document, now: Timestamp) -> Vec<Row> {
    let (psm, edrx) = (say::psm_of(doc), say::edrx(&doc.power.edrx));
    let mut rows = [grant("PSM", &psm), grant("eDRX", &edrx)].concat();
    rows.push(Row::new("window", Some(window(doc, now)), Tone::Plain));
    rows
}

/// What was granted, and under it what was asked for, where that differs.
fn grant(label: &'static str, grant: &Grant) -> Vec<Row> {
    let first = Row::new(label, Some(grant.granted.clone()), grant.tone);
    let asked = grant.asked.as_ref().map(|asked| Row::new("", Some(format!("asked {asked}")), Tone::Dim));
    std::iter::once(first).chain(asked).collect()
}

/// Whether the modem can be reached, and when the network can reach it next.
fn window(doc: &Document, now: Timestamp) -> String {
    // A sleeping modem wakes with its window; that needs no saying twice.
    let other = doc.power.next_window.filter(|window| Some(*window) != doc.asleep_until);
    let next = other.map(|window| format!("next {}", words::ahead(now, window.0)));
    say::join(", ", [Some(say::reachability(doc, now)), next]).unwrap_or_else(|| "not known".into())
}
