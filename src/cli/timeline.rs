//! The last hours of a modem and its coming windows as a line of characters, one for each stretch of time. It is read
//! without colour; colour only helps.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::state::Timestamp;
use crate::state::json::{Document, Timeline};

use super::out::Tone;
use super::words;

/// Lengths of a column, seconds: twelve of each make a stretch that people count in.
const STEPS: [u64; 16] = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400];
/// Columns between two marks of the axis.
const MARK: usize = 12;
/// A young history is not drawn over less time than this.
const LEAST: Duration = Duration::from_secs(600);

/// What a column stands for, the more wakeful the later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Not known: the daemon did not run, or it cannot be told.
    #[default]
    Unknown,
    /// In PSM.
    Asleep,
    /// Idle with eDRX.
    Edrx,
    /// A window to come.
    Coming,
    /// It answers.
    Awake,
    /// It answers, and its RRC connection is up.
    Connected,
    /// It does not answer though it should.
    Silent,
}

/// All marks but the one for nothing, in the order of the legend.
const MARKS: [Mark; 6] = [Mark::Asleep, Mark::Edrx, Mark::Awake, Mark::Connected, Mark::Silent, Mark::Coming];

impl Mark {
    fn of(reachability: &str) -> Self {
        match reachability {
            "asleep" => Self::Asleep,
            "edrx" => Self::Edrx,
            "awake" => Self::Awake,
            "connected" => Self::Connected,
            "unreachable" => Self::Silent,
            _ => Self::Unknown,
        }
    }

    /// The character: plain ASCII, for serial consoles.
    pub const fn symbol(self) -> char {
        match self {
            Self::Unknown => ' ',
            Self::Asleep => '_',
            Self::Edrx => '-',
            Self::Coming => '^',
            Self::Awake => '=',
            Self::Connected => '#',
            Self::Silent => '!',
        }
    }

    /// Its colour, where there is one.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Unknown | Self::Asleep => Tone::Dim,
            Self::Edrx => Tone::Plain,
            Self::Coming => Tone::Strong,
            Self::Awake => Tone::Good,
            Self::Connected => Tone::Warn,
            Self::Silent => Tone::Bad,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Unknown => "not known",
            Self::Asleep => "asleep",
            Self::Edrx => "eDRX",
            Self::Coming => "coming window",
            Self::Awake => "awake",
            Self::Connected => "RRC connected",
            Self::Silent => "no answer",
        }
    }
}

/// A timeline, drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Marks of time: `|-2 h       |now        |+2 h`.
    pub axis: String,
    /// What the modem did, and will do.
    pub marks: Vec<Mark>,
    /// Commands that it was sent, counted by column; `+` is more than nine.
    pub commands: String,
    /// The time that one column stands for.
    pub step: Duration,
}

impl Drawing {
    /// The characters that occur, explained.
    pub fn legend(&self) -> String {
        let used: BTreeSet<Mark> = self.marks.iter().copied().collect();
        let known = MARKS.iter().filter(|mark| used.contains(mark));
        let said: Vec<String> = known.map(|mark| format!("{} {}", mark.symbol(), mark.words())).collect();
        said.join("  ")
    }
}

/// Draws what `timeline` and `doc` tell into `columns`, of which a quarter lies ahead.
pub fn draw(timeline: &Timeline, doc: &Document, now: Timestamp, last: Duration, columns: usize) -> Drawing {
    let back = columns - columns / 4;
    let known = timeline.changes.first().map_or(Duration::ZERO, |first| now.since(first.at.0));
    let step = step(last.min(known.max(LEAST)), back);
    let grid = Grid { start: before(now, step.saturating_mul(count(back))), step };
    let mut marks = vec![Mark::Unknown; columns];
    past(&mut marks, back, timeline, &grid, now);
    ahead(&mut marks, back, doc, &grid, now);
    Drawing { axis: axis(columns, back, step), marks, commands: commands(timeline, &grid, back), step }
}

/// The shortest step with which `span` fits into `columns`.
fn step(span: Duration, columns: usize) -> Duration {
    let fits = |seconds: &&u64| Duration::from_secs(**seconds).saturating_mul(count(columns)) >= span;
    Duration::from_secs(STEPS.iter().find(fits).or(STEPS.last()).copied().unwrap_or(1))
}

fn count(columns: usize) -> u32 {
    u32::try_from(columns).unwrap_or(u32::MAX)
}

fn before(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp(now.0.saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
}

/// Where the columns lie in time.
struct Grid {
    start: Timestamp,
    step: Duration,
}

impl Grid {
    /// The column of `at`; the first for what was before.
    fn column(&self, at: Timestamp) -> usize {
        usize::try_from(at.since(self.start).as_millis() / self.step.as_millis().max(1)).unwrap_or(usize::MAX)
    }
}

/// Each column shows the most wakeful thing that happened in it: a minute awake must not vanish in an hour of sleep.
fn past(marks: &mut [Mark], back: usize, timeline: &Timeline, grid: &Grid, now: Timestamp) {
    for (index, change) in timeline.changes.iter().enumerate() {
        let end = timeline.changes.get(index + 1).map_or(now, |next| next.at.0);
        if end <= grid.start {
            continue;
        }
        let mark = Mark::of(&change.reachability);
        // What ends with a column's beginning is not in that column.
        let last = grid.column(Timestamp(end.0.saturating_sub(1)));
        for column in marks.iter_mut().take(back).take(last.saturating_add(1)).skip(grid.column(change.at.0)) {
            *column = (*column).max(mark);
        }
    }
}

/// What follows from the granted timers.
fn ahead(marks: &mut [Mark], back: usize, doc: &Document, grid: &Grid, now: Timestamp) {
    let psm = doc.power.psm.granted.as_ref().filter(|granted| granted.in_use);
    let edrx = doc.power.edrx.granted.as_ref().filter(|granted| granted.in_use);
    let (idle, period) = match doc.reachability.as_str() {
        "asleep" => (Mark::Asleep, psm.and_then(|psm| psm.value.periodic_tau_s).map(Duration::from_secs)),
        "edrx" => {
            let cycle = edrx.and_then(|edrx| edrx.value.cycle_s);
            (Mark::Edrx, cycle.and_then(|cycle| Duration::try_from_secs_f64(cycle).ok()))
        }
        // It sleeps when its timers have run out, and nobody knows what for it stays awake until then.
        "awake" | "connected" if psm.is_some() || edrx.is_some() => return,
        "awake" | "connected" => (Mark::Awake, None),
        _ => return,
    };
    let until = doc.asleep_until.map(|until| until.0).or(doc.power.next_window.map(|window| window.0));
    if idle == Mark::Asleep && until.is_none() {
        return;
    }
    marks.iter_mut().skip(back).for_each(|column| *column = idle);
    // Windows that lie closer together than the columns would be nothing but windows.
    let period = period.filter(|period| *period >= grid.step.saturating_mul(2));
    let mut next = until.filter(|_| idle == Mark::Asleep || period.is_some());
    while let Some(at) = next.filter(|at| grid.column(*at) < marks.len()) {
        if at >= now
            && let Some(column) = marks.get_mut(back.max(grid.column(at)))
        {
            *column = Mark::Coming;
        }
        next = period.map(|period| at.after(period));
    }
}

fn commands(timeline: &Timeline, grid: &Grid, back: usize) -> String {
    let mut counts = vec![0_u32; back];
    for burst in timeline.commands.iter().filter(|burst| burst.at.0 >= grid.start) {
        if let Some(count) = counts.iter_mut().take(back).nth(grid.column(burst.at.0).min(back.saturating_sub(1))) {
            *count = count.saturating_add(burst.count);
        }
    }
    let digit = |count: &u32| match *count {
        0 => ' ',
        few => char::from_digit(few, 10).unwrap_or('+'),
    };
    counts.iter().map(digit).collect::<String>().trim_end().to_owned()
}

/// A mark for now and one for every twelve columns before and after it, as far as its words have room.
fn axis(columns: usize, back: usize, step: Duration) -> String {
    let mut line = vec![' '; columns];
    for column in (0..columns).filter(|column| column % MARK == back % MARK) {
        let away = step.saturating_mul(count(column.abs_diff(back)));
        let text = match column.cmp(&back) {
            std::cmp::Ordering::Less => format!("|-{}", words::span(away)),
            std::cmp::Ordering::Equal => "|now".into(),
            std::cmp::Ordering::Greater => format!("|+{}", words::span(away)),
        };
        if column + text.len() <= columns {
            line.splice(column..column + text.len(), text.chars());
        }
    }
    line.into_iter().collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::say::tests::modem;
    use crate::state::json::{Change, Commands, Granted, PsmTimers, Time};

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn ago(seconds: u64) -> Time {
        Time(before(NOW, Duration::from_secs(seconds)))
    }

    fn timeline(changes: &[(u64, &str)], commands: &[(u64, u32)]) -> Timeline {
        let change = |(seconds, name): &(u64, &str)| Change { at: ago(*seconds), reachability: (*name).into() };
        let burst = |(seconds, count): &(u64, u32)| Commands { at: ago(*seconds), until: ago(*seconds), count: *count };
        Timeline { changes: changes.iter().map(change).collect(), commands: commands.iter().map(burst).collect() }
    }

    fn asleep(for_seconds: u64, tau: u64) -> Document {
        let mut doc = modem("connected");
        doc.reachability = "asleep".into();
        doc.asleep_until = Some(Time(NOW.after(Duration::from_secs(for_seconds))));
        doc.power.next_window = doc.asleep_until;
        let timers = PsmTimers { periodic_tau_s: Some(tau), active_time_s: Some(10) };
        doc.power.psm.granted = Some(Granted { in_use: true, value: timers });
        doc
    }

    fn text(drawing: &Drawing) -> String {
        drawing.marks.iter().map(|mark| mark.symbol()).collect()
    }

    #[test]
    fn hourly_sleep_is_seen_at_a_glance() {
        let changes: Vec<_> =
            (0..6).rev().flat_map(|h| [(h * 3600 + 1800, "connected"), (h * 3600 + 1780, "asleep")]).collect();
        let commands: Vec<_> = (0..6).map(|h| (h * 3600 + 1799, 6)).collect();
        let drawing = draw(&timeline(&changes, &commands), &asleep(1800, 3600), NOW, Duration::from_secs(6 * 3600), 64);
        assert_eq!(drawing.axis, "|-8 h       |-6 h       |-4 h       |-2 h       |now");
        assert_eq!(text(&drawing), "               #_____#_____#_____#_____#_____#__".to_owned() + "___^_____^_____^");
        assert_eq!(drawing.commands, "               6     6     6     6     6     6");
        assert_eq!(drawing.legend(), "_ asleep  # RRC connected  ^ coming window");
    }

    #[test]
    fn what_cannot_be_told_stays_blank() {
        let young = timeline(&[(30, "unknown"), (20, "awake")], &[(20, 24)]);
        let mut doc = asleep(0, 3600);
        (doc.reachability, doc.asleep_until, doc.power.next_window) = ("awake".into(), None, None);
        let drawing = draw(&young, &doc, NOW, Duration::from_secs(6 * 3600), 40);
        assert_eq!(drawing.step, Duration::from_secs(30));
        assert_eq!(text(&drawing), format!("{:29}={:10}", "", ""));
        assert_eq!(drawing.commands.trim_start(), "+");
        let nothing = draw(&Timeline::default(), &modem("absent"), NOW, Duration::from_secs(6 * 3600), 40);
        assert_eq!((text(&nothing).trim(), nothing.commands.as_str()), ("", ""));
    }

    #[test]
    fn narrow_and_wide_do_not_matter() {
        for columns in [0, 1, 3, 10, 31, 200, 1000] {
            for last in [1, 3600, 86_400 * 400] {
                let drawing = draw(
                    &timeline(&[(9000, "edrx")], &[(0, 1)]),
                    &asleep(90, 60),
                    NOW,
                    Duration::from_secs(last),
                    columns,
                );
                assert_eq!(drawing.marks.len(), columns);
                assert!(drawing.axis.len() <= columns && drawing.commands.len() <= columns);
            }
        }
    }
}
