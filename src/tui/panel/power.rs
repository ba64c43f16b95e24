//! Power saving, granted and asked, and the next reachable window.

use crate::cli::out::Tone;
use crate::cli::say::{self, Grant};
use crate::cli::words;
use crate::state::json::Document;
use crate::state::{Timestamp, Wakes};

use super::Row;

/// PSM, eDRX, the next window.
pub fn rows(doc: &Document, now: Timestamp) -> Vec<Row> {
    let (psm, edrx) = (say::psm_of(doc), say::edrx(&doc.power.edrx));
    let mut rows = [grant("PSM", &psm), grant("eDRX", &edrx)].concat();
    rows.push(reach(doc, now));
    rows
}

/// What was granted, and under it what was asked for, where that differs.
fn grant(label: &'static str, grant: &Grant) -> Vec<Row> {
    let first = Row::new(label, Some(grant.granted.clone()), grant.tone);
    let asked = grant.asked.as_ref().map(|asked| Row::new("", Some(format!("asked {asked}")), Tone::Dim));
    std::iter::once(first).chain(asked).collect()
}

/// What the frame is called.
pub fn title(doc: &Document) -> String {
    if doc.reachability == "asleep" { "Power, asleep".into() } else { "Power".into() }
}

/// Whether the modem can be reached, and when the network can reach it next: half a screen of 80 columns has to do.
fn reach(doc: &Document, now: Timestamp) -> Row {
    let next = doc.power.next_window.map(|window| words::ahead(now, window.0));
    let window = next.as_ref().map(|next| format!("window {next}"));
    let (label, text) = match doc.reachability.as_str() {
        "asleep" => ("wakes", wakes(doc, now).or_else(|| Some("not known when".into()))),
        "connected" => ("awake", say::join(", ", [Some("RRC up".into()), window])),
        "edrx" => ("paging", say::next_paging(doc, now).map(|next| words::ahead(now, next))),
        "unreachable" => ("silent", Some(late(doc))),
        "awake" => ("awake", window.or_else(|| Some("now".into()))),
        _ => ("window", next),
    };
    Row::new(label, text, Tone::Plain)
}

/// `in 40 min or by PWRKEY`.
fn wakes(doc: &Document, now: Timestamp) -> Option<String> {
    let by = match doc.wakes_by {
        None | Some(Wakes::Itself) => None,
        Some(Wakes::FirstByte) => Some("on a byte".to_owned()),
        Some(by) => Some(by.words().to_owned()),
    };
    say::join(" or ", [doc.asleep_until.map(|until| words::ahead(now, until.0)), by])
}

fn late(doc: &Document) -> String {
    doc.overdue_s.map_or_else(|| "does not answer".into(), |late| format!("{} late", words::seconds(late)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::say::tests::modem;
    use crate::state::json::Time;

    /// Columns for a value in a frame of half a screen of 80 columns.
    const ROOM: usize = 30;

    fn asleep(seconds: u64, by: Wakes) -> Document {
        let until = Some(Time(Timestamp(seconds * 1000)));
        let mut doc = Document { asleep_until: until, wakes_by: Some(by), ..modem("connected") };
        (doc.reachability, doc.power.next_window) = ("asleep".into(), until);
        doc
    }

    fn reached(doc: &Document) -> (&'static str, String) {
        let row = reach(doc, Timestamp(0));
        assert!(row.text.chars().count() <= ROOM, "{}", row.text);
        (row.label, row.text)
    }

    #[test]
    fn sleep_and_what_ends_it_fit_half_a_screen() {
        assert_eq!(reached(&asleep(31, Wakes::Pwrkey)), ("wakes", "in 31 s or by PWRKEY".into()));
        assert_eq!(title(&asleep(31, Wakes::Pwrkey)), "Power, asleep");
        for seconds in [0, 59, 3599, 86_399, 413 * 86_400 - 1] {
            for by in [Wakes::Itself, Wakes::FirstByte, Wakes::Dtr, Wakes::Pwrkey] {
                reached(&asleep(seconds, by));
            }
        }
        let mut dark = asleep(0, Wakes::Itself);
        dark.asleep_until = None;
        assert_eq!(reached(&dark), ("wakes", "not known when".into()));
    }

    #[test]
    fn a_modem_that_is_awake_or_late_says_so() {
        let mut doc = asleep(413 * 86_400 - 1, Wakes::Itself);
        for (reachability, label) in [("awake", "awake"), ("connected", "awake"), ("unknown", "window")] {
            doc.reachability = reachability.into();
            assert_eq!(reached(&doc).0, label);
        }
        doc.power.next_window = None;
        doc.reachability = "awake".into();
        assert_eq!(reached(&doc), ("awake", "now".into()));
        doc.reachability = "unreachable".into();
        assert_eq!(reached(&doc), ("silent", "does not answer".into()));
        doc.overdue_s = Some(86_399.0);
        assert_eq!(reached(&doc), ("silent", "23 h 59 min late".into()));
        assert_eq!(title(&doc), "Power");
    }
}
