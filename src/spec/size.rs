//! Amounts of data as people and tariffs write them: `50MB`, `1.5GB`, `512KiB`.

use std::fmt;
use std::str::FromStr;

/// An amount of data, octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

/// The text is no amount of data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no amount of data; write it like 500kB, 50MB, 1.5GB or 64MiB")]
pub struct InvalidSize(pub String);

/// Decimal units, as tariffs have them; binary ones with an `i`.
const UNITS: [(&str, u64); 8] = [
    ("B", 1),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// More than any tariff: sums never overflow.
const MOST: f64 = 1e15;

impl FromStr for Size {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, InvalidSize> {
        let invalid = || InvalidSize(text.to_owned());
        let text = text.trim();
        let at = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(invalid)?;
        let (number, unit) = text.split_at_checked(at).ok_or_else(invalid)?;
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit.trim()).ok_or_else(invalid)?;
        let octets = number * *factor as f64;
        if octets <= MOST { Ok(Self(octets.round() as u64)) } else { Err(invalid()) }
    }
}

/// In the largest decimal unit of which it has one: `50 MB`, `1.5 GB`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)];
        match units.into_iter().find(|(_, size)| self.0 >= *size) {
            None => write!(f, "{} B", self.0),
            Some((unit, size)) if self.0.is_multiple_of(size) => write!(f, "{} {unit}", self.0 / size),
            Some((unit, size)) => write!(f, "{:.1} {unit}", self.0 as f64 / size as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_tariffs_have_them() {
        for (text, octets, said) in [
            ("500B", 500, "500 B"),
            ("500 kB", 500_000, "500 kB"),
            ("50MB", 50_000_000, "50 MB"),
            ("1.5GB", 1_500_000_000, "1.5 GB"),
            ("64MiB", 67_108_864, "67.1 MB"),
            ("0B", 0, "0 B"),
        ] {
            assert_eq!(text.parse(), Ok(Size(octets)), "{text}");
            assert_eq!(Size(octets).to_string(), said);
        }
        for text in ["", "50", "MB", "50mb", "-1MB", "1e30GB", "1.2.3MB", "99999999999GB", "50 M B"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
