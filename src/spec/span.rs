//! Lengths of time as people write them: `10s`, `1h`, `81.92s`, `2h30m`, `1d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A length of time that prints and parses as a person writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub Duration);

/// The text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no length of time; write it like 10s, 81.92s, 5m, 2h30m or 1d")]
pub struct InvalidSpan(pub String);

/// The longest span that parses: 400 years, so that sums never overflow.
const MAX_SECONDS: f64 = 400.0 * 366.0 * 86_400.0;

impl FromStr for Span {
    type Err = InvalidSpan;

    fn from_str(text: &str) -> Result<Self, InvalidSpan> {
        let invalid = || InvalidSpan(text.to_owned());
        let (mut rest, mut total) = (text.trim(), 0.0);
        if rest.is_empty() {
            return Err(invalid());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(invalid)?;
            let (number, tail) = rest.split_at_checked(digits).ok_or_else(invalid)?;
            let number: f64 = number.parse().map_err(|_| invalid())?;
            let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at_checked(letters).ok_or_else(invalid)?;
            total += number * seconds_of(unit).ok_or_else(invalid)?;
            rest = tail.trim_start();
        }
        if total > MAX_SECONDS {
            return Err(invalid());
        }
        // Milliseconds are enough for every 3GPP timer and keep 81.92 exact.
        Ok(Self(Duration::from_millis((total * 1000.0).round() as u64)))
    }
}

const fn seconds_of(unit: &str) -> Option<f64> {
    match unit.as_bytes() {
        b"ms" => Some(0.001),
        b"s" => Some(1.0),
        b"m" | b"min" => Some(60.0),
        b"h" => Some(3600.0),
        b"d" => Some(86_400.0),
        b"w" => Some(604_800.0),
        _ => None,
    }
}

/// Whole seconds print in units (`2h30m`), a fraction in seconds (`81.92s`), as the eDRX tables have it.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut seconds, ms) = (self.0.as_secs(), self.0.subsec_millis());
        if ms > 0 {
            let fraction = format!("{ms:03}");
            return write!(f, "{seconds}.{}s", fraction.trim_end_matches('0'));
        }
        let whole = seconds;
        for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60)] {
            if seconds >= size {
                write!(f, "{}{unit}", seconds / size)?;
                seconds %= size;
            }
        }
        if seconds > 0 || whole == 0 { write!(f, "{seconds}s") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        for (text, ms, printed) in [
            ("10s", 10_000, "10s"),
            ("81.92s", 81_920, "81.92s"),
            ("2h30m", 9_000_000, "2h30m"),
            ("90m", 5_400_000, "1h30m"),
            ("1d", 86_400_000, "1d"),
            ("0s", 0, "0s"),
            ("1w", 604_800_000, "7d"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.0, Duration::from_millis(ms), "{text}");
            assert_eq!(span.to_string(), printed);
        }
    }

    #[test]
    fn refuses_what_is_no_span() {
        for text in ["", "10", "s", "1.2.3s", "1y", "-1s", "99999999999999999999d", "1h ."] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
