//! Times in log lines.

use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// A time as a log line tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// Since some start that stays: seconds since 1970, milliseconds since power-on.
    Absolute(Duration),
    /// Since midnight.
    OfDay(Duration),
}

/// Turns the stamps of a log into a time that runs on over midnight.
#[derive(Debug, Default)]
pub(super) struct Clock {
    last: Option<Stamp>,
    days: u32,
    now: Duration,
}

impl Clock {
    /// The time of a line; a line without a stamp, or with one of another kind than before, has the time of the last.
    pub(super) fn at(&mut self, stamp: Option<Stamp>) -> Duration {
        match (stamp, self.last) {
            (Some(Stamp::Absolute(t)), None | Some(Stamp::Absolute(_))) => {
                self.last = stamp;
                self.now = t;
            }
            (Some(Stamp::OfDay(t)), None | Some(Stamp::OfDay(_))) => {
                let before = if let Some(Stamp::OfDay(before)) = self.last { before } else { t };
                // Back by more than half a day is midnight, by less a line out of order.
                if t.saturating_add(DAY / 2) < before {
                    self.days = self.days.saturating_add(1);
                }
                self.last = stamp;
                self.now = t.saturating_add(DAY.saturating_mul(self.days));
            }
            _ => {}
        }
        self.now
    }

    /// Whether any stamp was seen.
    pub(super) const fn is_set(&self) -> bool {
        self.last.is_some()
    }
}

/// The stamp in the part of a line that stands before its payload: `[1767016030.394053]` anywhere, else the first
/// `14:05:09.055`.
pub(super) fn find(prefix: &str) -> Option<Stamp> {
    let bracketed =
        prefix.split('[').skip(1).filter_map(|part| part.split_once(']')).find_map(|(inner, _)| epoch(inner));
    bracketed.map(Stamp::Absolute).or_else(|| {
        let starts = prefix.char_indices().map(|(i, _)| i);
        starts.filter_map(|i| prefix.get(i..)).find_map(of_day).map(|(t, _)| Stamp::OfDay(t))
    })
}

/// Takes date and time off the front of a line, with the bracket around them.
pub(super) fn strip(line: &str) -> (Option<Stamp>, &str) {
    let trimmed = line.trim_start();
    let (inner, bracket) = trimmed.strip_prefix('[').map_or((trimmed, false), |inner| (inner, true));
    let undated = date(inner).unwrap_or(inner);
    let Some((time, rest)) = of_day(undated) else { return boot(trimmed) };
    let rest = if bracket { rest.split_once(']').map_or(rest, |(_, rest)| rest) } else { rest };
    (Some(Stamp::OfDay(time)), rest)
}

/// `1767016030.394053`, seconds since 1970.
fn epoch(text: &str) -> Option<Duration> {
    let (seconds, fraction) = text.split_once('.')?;
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !(9..=11).contains(&seconds.len()) || !(1..=9).contains(&fraction.len()) || !digits(seconds) || !digits(fraction)
    {
        return None;
    }
    Some(Duration::new(seconds.parse().ok()?, format!("{fraction:0<9}").parse().ok()?))
}

/// `2019-06-26 ` or `2019-06-26T`.
fn date(text: &str) -> Option<&str> {
    let (date, rest) = text.split_at_checked(10)?;
    let shape = date.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    if shape { Some(rest.trim_start_matches([' ', 'T', '_'])) } else { None }
}

/// `14:05:09`, with a fraction after `.`, `,` or `:`.
fn of_day(text: &str) -> Option<(Duration, &str)> {
    let (time, rest) = text.split_at_checked(8)?;
    let shape = time.bytes().enumerate().all(|(i, b)| if matches!(i, 2 | 5) { b == b':' } else { b.is_ascii_digit() });
    if !shape {
        return None;
    }
    let mut seconds = 0_u64;
    for part in time.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    let Some(after) = rest.strip_prefix(['.', ',', ':']) else { return Some((Duration::from_secs(seconds), rest)) };
    let length = after.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, rest) = after.split_at_checked(length)?;
    let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Some((Duration::new(seconds, nanos), rest))
}

/// `I (829) tag: `, the milliseconds since power-on of an ESP-IDF log.
fn boot(line: &str) -> (Option<Stamp>, &str) {
    let parts = || {
        let (level, rest) = line.split_once(" (")?;
        let (ms, rest) = rest.split_once(") ")?;
        // `AT CMD:` and `AT RESP:` are tags that mark a direction.
        let tagged = rest.starts_with("AT ");
        let (_, text) = if tagged { ("", rest) } else { rest.split_once(": ")? };
        let time = ms.parse().ok().filter(|_| matches!(level, "V" | "D" | "I" | "W" | "E"))?;
        Some((Some(Stamp::Absolute(Duration::from_millis(time))), text))
    };
    parts().unwrap_or((None, line))
}
