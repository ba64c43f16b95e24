//! Data contexts.

use crate::cli::out::Tone;
use crate::state::json::{Bearer, Document};

use super::Row;

/// Two lines and more for each context.
pub fn rows(doc: &Document) -> Vec<Row> {
    if doc.bearers.is_empty() {
        return vec![Row::new("context", Some("none".into()), Tone::Dim)];
    }
    doc.bearers.iter().flat_map(bearer).collect()
}

fn bearer(bearer: &Bearer) -> Vec<Row> {
    let (up, tone) = if bearer.active { ("up", Tone::Good) } else { ("down", Tone::Warn) };
    let apn = if bearer.apn.is_empty() { "network's default APN" } else { &bearer.apn };
    let context = format!("{} {up}, {apn}, {}", bearer.context, bearer.pdp_type);
    let list = |addresses: &[std::net::IpAddr]| {
        let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    };
    vec![
        Row::new("context", Some(context), tone),
        Row::new("address", list(&bearer.addresses), Tone::Plain),
        Row::new("DNS", list(&bearer.dns), Tone::Plain),
    ]
}
