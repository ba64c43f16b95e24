//! How values are said to people: lengths of time, ages, what was asked for and what was granted.

use std::time::Duration;

use crate::state::Timestamp;

/// A length of time in its two largest units: `3 h 20 min`, `81.92 s`, `7 d`.
pub fn span(span: Duration) -> String {
    let (seconds, ms) = (span.as_secs(), span.subsec_millis());
    if seconds < 3600 && ms > 0 || seconds < 60 {
        return decimal(span.as_millis() as f64 / 1000.0) + " s";
    }
    let units = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, size) in units {
        if rest >= size {
            parts.push(format!("{} {unit}", rest / size));
        } else if !parts.is_empty() {
            parts.push(String::new());
        }
        rest %= size;
    }
    parts.truncate(2);
    parts.join(" ").trim_end().to_owned()
}

/// [`span`] of a number of seconds that came from elsewhere; what is no length of time is zero.
pub fn seconds(s: f64) -> String {
    span(Duration::try_from_secs_f64(s).unwrap_or_default())
}

/// A number without needless zeros: `-97`, `81.92`, `-10.5`.
pub fn decimal(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// How long ago `then` was: `12 s ago`, `just now`.
pub fn ago(now: Timestamp, then: Timestamp) -> String {
    match now.since(then) {
        age if age < Duration::from_secs(1) => "just now".into(),
        _ => format!("{} ago", lasting(now, then)),
    }
}

/// How long it has been so since `then`: `12 s`, `10 min 47 s`.
pub fn lasting(now: Timestamp, then: Timestamp) -> String {
    span(Duration::from_secs(now.since(then).as_secs()))
}

/// How far ahead `then` is: `in 3 min`, or `now` once it has come.
pub fn ahead(now: Timestamp, then: Timestamp) -> String {
    match then.since(now) {
        wait if wait < Duration::from_secs(1) => "now".into(),
        _ => format!("in {}", lasting(then, now)),
    }
}

/// A point in time to the second: `2026-11-22 12:34:56Z`.
pub fn clock(at: Timestamp) -> String {
    at.to_string().get(..19).map_or_else(|| at.to_string(), |text| text.replace('T', " ") + "Z")
}

/// The time of day, for a line that was written today: `12:34:56Z`.
pub fn time_of_day(at: Timestamp) -> String {
    at.to_string().get(11..19).map_or_else(|| at.to_string(), |text| text.to_owned() + "Z")
}

/// `text` with a capital at its start, for a sentence that begins with it; a name such as eDRX stays as it is.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    if chars.clone().nth(1).is_some_and(char::is_uppercase) {
        return text.to_owned();
    }
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_speech() {
        for (ms, said) in [
            (0, "0 s"),
            (10_000, "10 s"),
            (81_920, "81.92 s"),
            (60_000, "1 min"),
            (90_000, "1 min 30 s"),
            (3_600_000, "1 h"),
            (12_000_000, "3 h 20 min"),
            (3_601_000, "1 h"),
            (252_000_000, "2 d 22 h"),
            (604_800_000, "7 d"),
            (10_485_760, "2 h 54 min"),
            (2_621_440, "2621.44 s"),
        ] {
            assert_eq!(span(Duration::from_millis(ms)), said);
        }
    }

    #[test]
    fn ages_and_distances() {
        let now = Timestamp(1_000_000_000);
        assert_eq!(ago(now, Timestamp(now.0 - 12_400)), "12 s ago");
        assert_eq!(ago(now, Timestamp(now.0 + 5_000)), "just now");
        assert_eq!(ahead(now, Timestamp(now.0 + 180_000)), "in 3 min");
        assert_eq!(ahead(now, Timestamp(now.0 - 1)), "now");
    }

    #[test]
    fn decimals_without_noise() {
        assert_eq!(decimal(-97.0), "-97");
        assert_eq!(decimal(-10.5), "-10.5");
        assert_eq!(decimal(-0.001), "0");
        assert_eq!(decimal(100.0), "100");
    }
}
