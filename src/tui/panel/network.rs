//! Where the modem is registered.

use crate::cli::out::Tone;
use crate::cli::say;
use crate::state::json::{Document, Reject};

use super::Row;

/// Registration, operator, cell, the last refusal.
pub fn rows(doc: &Document) -> Vec<Row> {
    let net = &doc.network;
    let registration = net.registration.as_deref();
    let tone = match registration {
        Some("home" | "roaming") => Tone::Good,
        Some("denied") => Tone::Bad,
        _ => Tone::Warn,
    };
    let mut rows = vec![
        Row::new("state", registration.map(say::registration), tone),
        Row::new("network", say::operator(net), Tone::Plain),
        Row::new("RAT", say::technology(net), Tone::Plain),
        Row::new("cell", say::cell(net), Tone::Plain),
    ];
    rows.extend(net.reject.as_ref().map(|reject| Row::new("refused", Some(refusal(reject)), Tone::Bad)));
    rows
}

fn refusal(reject: &Reject) -> String {
    format!("{} {}, {}", reject.domain.to_uppercase(), reject.cause, reject.name)
}
