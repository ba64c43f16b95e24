//! [`Time`] as text: RFC 3339 in UTC, as [`Timestamp`] prints it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Time, Timestamp};
use crate::state::time::days;

/// The text is no point in time as lpwa writes them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time in UTC; it looks like 2026-11-22T12:34:56.789Z")]
pub struct InvalidTime(pub String);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Time {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        parse(text).map(|ms| Self(Timestamp(ms))).ok_or_else(|| InvalidTime(text.to_owned()))
    }
}

/// Milliseconds since 1970 of `YYYY-MM-DDThh:mm:ss[.mmm]Z`.
fn parse(text: &str) -> Option<u64> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    // Four digits of year keep every product below 2^64.
    let ranges = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !ranges || hour > 23 || minute > 59 || second > 60 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some((((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms)
}

/// Three numbers of at most four digits.
fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let mut parts = text.split(separator).map(|part| if part.len() <= 4 { part.parse().ok() } else { None });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints() {
        for (text, ms) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2000-02-29T00:00:00.000Z", 951_782_400_000),
            ("2026-11-22T12:34:56.789Z", 1_795_350_896_789),
        ] {
            assert_eq!(text.parse(), Ok(Time(Timestamp(ms))));
            assert_eq!(Time(Timestamp(ms)).to_string(), text);
        }
        assert_eq!("1970-01-01T00:00:01Z".parse(), Ok(Time(Timestamp(1000))));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "now", "1969-12-31T23:59:59Z", "2026-13-01T00:00:00Z", "2026-11-22T12:34:56", "-1-1-1T0:0:0Z"]
        {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }
}
