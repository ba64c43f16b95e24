//! The figures side by side, and a day of each.

use std::fmt::Write as _;
use std::time::Duration;

use lpwa::sim::Meter;

use super::{Run, bring_up};

const DAY: f64 = 86_400.0;

/// What is compared.
struct Figure {
    name: &'static str,
    of: fn(&Meter) -> f64,
    decimals: usize,
}

const FIGURES: [Figure; 5] = [
    Figure { name: "commands heard", of: |m| m.commands as f64, decimals: 0 },
    Figure { name: "commands sent while deaf", of: |m| m.deaf_commands as f64, decimals: 0 },
    Figure { name: "bytes to the modem", of: |m| m.bytes_in as f64, decimals: 0 },
    Figure { name: "bytes from the modem", of: |m| m.bytes_out as f64, decimals: 0 },
    Figure { name: "awake, s", of: awake, decimals: 1 },
];

fn awake(meter: &Meter) -> f64 {
    meter.spent().filter(|(state, _)| state.is_awake()).map(|(_, span)| span.as_secs_f64()).sum()
}

/// The table of one case.
pub fn table(title: &str, span: Duration, runs: &[Run]) -> String {
    let mut text = format!("{title}: {} s each\n\n", span.as_secs());
    row(&mut text, "", runs.iter().map(|run| run.name.to_owned()));
    for figure in FIGURES {
        let value = |run: &Run| format!("{:.*}", figure.decimals, (figure.of)(&run.end));
        row(&mut text, figure.name, runs.iter().map(value));
    }
    states(&mut text, runs);
    row(&mut text, "managed in the end", runs.iter().map(in_the_end));
    days(&mut text, span, runs);
    text
}

fn row(text: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let cells: String = cells.map(|cell| format!(" {cell:>24}")).collect();
    let _ = writeln!(text, "{}", format!("{name:<28}{cells}").trim_end());
}

/// How long the modem was in each state, where any of the runs saw it.
fn states(text: &mut String, runs: &[Run]) {
    let mut all: Vec<_> = runs.iter().flat_map(|run| run.end.spent().map(|(state, _)| state)).collect();
    all.sort();
    all.dedup();
    for state in all {
        let in_it = |run: &Run| run.end.spent().find(|(s, _)| *s == state).map_or(0.0, |(_, span)| span.as_secs_f64());
        row(text, &format!("  {state:?}"), runs.iter().map(|run| format!("{:.1}", in_it(run))));
    }
}

fn in_the_end(run: &Run) -> String {
    match (&run.state, run.last_managed) {
        (Some(state), _) => state.clone(),
        (None, Some(at)) => format!("no, since {} s", at.as_secs()),
        (None, None) => "-".into(),
    }
}

/// The bring-up happens once; the rest of the run is taken for the rest of the day.
fn days(text: &mut String, span: Duration, runs: &[Run]) {
    let (once, rest) = (bring_up(span).as_secs_f64(), (span - bring_up(span)).as_secs_f64());
    let times = (DAY - once) / rest;
    let _ = writeln!(text, "\nA day = the first {once:.0} s + the other {rest:.0} s x {times:.2}");
    for figure in FIGURES {
        for run in runs {
            let first = (figure.of)(&run.settled);
            let other = (figure.of)(&run.end) - first;
            let (name, who, d) = (figure.name, run.name, figure.decimals);
            let day = other.mul_add(times, first);
            let _ = writeln!(text, "{name:<28} {who:<14} {first:>10.d$} + {other:>10.d$} x {times:.2} = {day:>12.d$}");
        }
    }
}
