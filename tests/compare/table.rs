//! The figures side by side, and a day of each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use lpwa::policy::energy::{Activity, Case as Currents, Cause};
use lpwa::sim::Meter;

use super::{Case, Run, alone};

const DAY: Duration = Duration::from_secs(86_400);

/// What is compared.
struct Figure {
    name: &'static str,
    of: fn(&Meter) -> f64,
    decimals: usize,
}

const FIGURES: [Figure; 6] = [
    Figure { name: "commands heard", of: |m| m.commands as f64, decimals: 0 },
    Figure { name: "commands sent while deaf", of: |m| m.deaf_commands as f64, decimals: 0 },
    Figure { name: "bytes to the modem", of: |m| m.bytes_in as f64, decimals: 0 },
    Figure { name: "bytes from the modem", of: |m| m.bytes_out as f64, decimals: 0 },
    Figure { name: "awake, s", of: awake, decimals: 1 },
    Figure { name: "charge, mC", of: |m| m.charge(Currents::Typical).total(), decimals: 1 },
];

/// Seconds in which the modem was up: neither off nor asleep nor between two occasions to listen.
pub fn awake(meter: &Meter) -> f64 {
    activities(meter).iter().filter(|(activity, _)| is_awake(**activity)).map(|(_, seconds)| seconds).sum()
}

fn is_awake(activity: Activity) -> bool {
    !matches!(activity, Activity::Off | Activity::Psm | Activity::RadioOff | Activity::Drx | Activity::Edrx { .. })
}

fn activities(meter: &Meter) -> BTreeMap<Activity, f64> {
    let mut all = BTreeMap::new();
    for (_, activity, span) in meter.spent() {
        *all.entry(activity).or_default() += span.as_secs_f64();
    }
    all
}

/// The table of one case.
pub fn table(case: &Case, span: Duration, runs: &[Run]) -> String {
    let mut text = format!("{}: {} s each\n\n", case.title, span.as_secs());
    row(&mut text, "", runs.iter().map(|run| run.name.to_owned()));
    for figure in &FIGURES {
        let value = |run: &Run| format!("{:.*}", figure.decimals, (figure.of)(&run.end.meter));
        row(&mut text, figure.name, runs.iter().map(value));
    }
    for cause in Cause::ALL {
        let of = |run: &Run| run.end.meter.charge(Currents::Typical).of(cause);
        if runs.iter().any(|run| of(run) > 0.0) {
            row(&mut text, &format!("  {}, mC", cause.title()), runs.iter().map(|run| format!("{:.1}", of(run))));
        }
    }
    times(&mut text, runs);
    row(&mut text, "managed in the end", runs.iter().map(in_the_end));
    day(&mut text, case, runs);
    text
}

fn row(text: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let cells: String = cells.map(|cell| format!(" {cell:>20}")).collect();
    let _ = writeln!(text, "{}", format!("{name:<28}{cells}").trim_end());
}

/// How long the modem did what, as far as any of the runs saw it.
fn times(text: &mut String, runs: &[Run]) {
    let each: Vec<_> = runs.iter().map(|run| activities(&run.end.meter)).collect();
    let all: BTreeSet<_> = each.iter().flat_map(BTreeMap::keys).copied().collect();
    for activity in all {
        let seconds = |times: &BTreeMap<_, f64>| times.get(&activity).copied().unwrap_or_default();
        let name = format!("  {}, s", said(activity));
        row(text, &name, each.iter().map(|times| format!("{:.1}", seconds(times))));
    }
}

const fn said(activity: Activity) -> &'static str {
    match activity {
        Activity::Off => "off",
        Activity::Psm => "PSM",
        Activity::RadioOff => "radio off",
        Activity::Drx => "DRX",
        Activity::Edrx { .. } => "eDRX",
        Activity::Boot => "boot",
        Activity::HostAwake => "up for its host",
        Activity::Search => "search",
        Activity::Attach => "attach",
        Activity::Update => "TAU",
        Activity::Connected => "signalling",
        Activity::Transmit => "sending",
        Activity::Tail => "inactivity tail",
    }
}

fn in_the_end(run: &Run) -> String {
    match (&run.state, run.last_managed) {
        (Some(state), _) => state.clone(),
        (None, Some(at)) => format!("no, lost at {} s", at.as_secs()),
        (None, None) => "-".into(),
    }
}

/// What one figure comes to in a day: the bring-up happens once, the rest of the run is taken for the rest of the day.
struct Extrapolated {
    first: f64,
    other: f64,
    times: f64,
}

impl Extrapolated {
    fn of(figure: &Figure, run: &Run) -> Self {
        let first = (figure.of)(&run.settled.meter);
        let other = (figure.of)(&run.last.meter) - first;
        let rest = run.last.at.saturating_sub(run.settled.at).as_secs_f64();
        let times = if rest > 0.0 { (DAY - run.settled.at).as_secs_f64() / rest } else { 0.0 };
        Self { first, other, times }
    }

    fn total(&self) -> f64 {
        self.other.mul_add(self.times, self.first)
    }
}

/// A day, with the arithmetic. What the run was too short for, in either direction, is known from the modem alone,
/// whose whole day costs no time to simulate: the difference to its own extrapolation goes on top of all.
fn day(text: &mut String, case: &Case, runs: &[Run]) {
    let _ = writeln!(text, "\nA day = bring-up + rest of the run x (86400 s - bring-up) / rest + correction\n");
    let head = ["bring-up", "rest", "times", "correction", "a day", "added"];
    let _ = writeln!(
        text,
        "{:<37} {:>9}   {:>9}   {:>7}   {:>10}   {:>10}   {:>10}",
        "", head[0], head[1], head[2], head[3], head[4], head[5]
    );
    let whole_day = alone(case, DAY).end.meter;
    let nobody = runs.iter().find(|run| run.name == "nobody");
    let (mut ratios, mut added_ratios) = (Vec::new(), Vec::new());
    for figure in &FIGURES {
        let own = |run| (figure.of)(&whole_day) - Extrapolated::of(figure, run).total();
        let correction = nobody.map_or(0.0, own);
        let mut days = BTreeMap::new();
        for run in runs {
            let Extrapolated { first, other, times } = Extrapolated::of(figure, run);
            let (who, d, total) = (run.name, figure.decimals, other.mul_add(times, first) + correction);
            let sum = format!("{first:>9.d$} + {other:>9.d$} x {times:>7.2} + {correction:>10.d$} = {total:>10.d$}");
            // What the modem would have done with nobody to manage it is nobody's fault.
            let added = days.get("nobody").map(|nobody: &f64| format!("   {:>10.d$}", total - nobody));
            let _ = writeln!(text, "{:<24} {who:<12} {sum}{}", figure.name, added.unwrap_or_default());
            days.insert(who, total);
        }
        if let (Some(ours), Some(theirs)) = (days.get("lpwa"), days.get("ModemManager")) {
            ratios.push(format!("{} {}", figure.name, ratio(*ours, *theirs)));
            let nobodys = days.get("nobody").copied().unwrap_or_default();
            added_ratios.push(format!("{} {}", figure.name, ratio(ours - nobodys, theirs - nobodys)));
        }
    }
    let _ = writeln!(text, "\nAdded: what the modem does more than with nobody to manage it.");
    let _ = writeln!(text, "A day of ModemManager, over one of lpwa: {}", ratios.join("; "));
    let _ = writeln!(text, "What ModemManager adds to a day, over what lpwa adds: {}", added_ratios.join("; "));
}

fn ratio(ours: f64, theirs: f64) -> String {
    if ours > 0.0 { format!("{:.1}", theirs / ours) } else { format!("{theirs:.0} to {ours:.0}") }
}
