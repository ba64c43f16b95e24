//! Amounts of data as people write them: `500MB`, `1.5GB`, `100kB`, `64KiB`.

use std::fmt;
use std::str::FromStr;

/// A number of octets that prints and parses as a person writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub u64);

/// The text is no amount of data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no amount of data; write it like 100kB, 500MB, 1.5GB or 64KiB")]
pub struct InvalidAmount(pub String);

/// Decimal units as data plans have them, binary ones for those who mean these (IEC 80000-13).
const UNITS: [(&str, u64); 8] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// The largest amount that parses: a thousand terabytes, so that sums never overflow.
const MOST: f64 = 1e15;

impl FromStr for Amount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let invalid = || InvalidAmount(text.to_owned());
        let text = text.trim();
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(invalid)?;
        let (number, unit) = text.split_at_checked(split).ok_or_else(invalid)?;
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let size = UNITS.iter().find(|(name, _)| *name == unit.trim()).ok_or_else(invalid)?.1;
        let octets = (number * size as f64).round();
        if octets > MOST { Err(invalid()) } else { Ok(Self(octets as u64)) }
    }
}

/// To three places at most, in the largest decimal unit of which there is one.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = UNITS.get(..5).unwrap_or_default().iter().rev();
        let (unit, size) = decimal.copied().find(|(_, size)| self.0 >= *size).unwrap_or(("B", 1));
        let (whole, part) = (self.0 / size, self.0 % size * 1000 / size);
        let digits = format!("{part:03}");
        // Three figures are enough for people.
        let digits = digits.get(..3usize.saturating_sub(whole.to_string().len()).max(1)).unwrap_or_default();
        match digits.trim_end_matches('0') {
            "" => write!(f, "{whole} {unit}"),
            digits => write!(f, "{whole}.{digits} {unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read() {
        for (text, octets) in [
            ("0B", 0),
            ("100kB", 100_000),
            ("500 MB", 500_000_000),
            ("1.5GB", 1_500_000_000),
            ("64KiB", 65_536),
            ("2TB", 2_000_000_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Amount(octets)), "{text}");
        }
        for text in ["", "5", "MB", "-1MB", "1mb", "1.2.3MB", "9999999TB", "1MB extra"] {
            assert!(text.parse::<Amount>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn amounts_are_printed_for_people() {
        for (octets, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (72_000, "72 kB"),
            (518_400, "518.4 kB"),
            (1_234_567, "1.23 MB"),
            (12_345_678, "12.3 MB"),
            (5_000_000_000, "5 GB"),
        ] {
            assert_eq!(Amount(octets).to_string(), text);
        }
    }
}
