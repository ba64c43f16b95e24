//! Decoded values as names and plain values: for people, and for whoever compares.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::private::{Private, REDACTED};

/// A decoded value without its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A number.
    Number(i128),
    /// A number with a fraction.
    Real(f64),
    /// Yes or no.
    Flag(bool),
    /// A text, an address.
    Text(String),
    /// A value of an enumeration.
    Name {
        /// Its name; empty: the enumeration has none for it.
        name: String,
        /// The value.
        value: u64,
    },
    /// The bits that are set, by name.
    Flags {
        /// Their names.
        names: Vec<String>,
        /// The value.
        value: u64,
    },
    /// Octets that have no other form.
    Octets(Vec<u8>),
    /// A list.
    List(Vec<Shown>),
    /// Fields with their names.
    Fields(Vec<(&'static str, Shown)>),
    /// A secret.
    Secret,
    /// Nothing there.
    Absent,
}

/// A value that can be shown.
pub trait Show {
    /// It, without its type.
    fn show(&self) -> Shown;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Show for $number {
            fn show(&self) -> Shown {
                Shown::Number(i128::from(*self))
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, i8, i16, i32);

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl Show for $text {
            fn show(&self) -> Shown {
                Shown::Text(self.to_string())
            }
        }
    )*};
}

texts!(String, Ipv4Addr, Ipv6Addr);

impl Show for f32 {
    fn show(&self) -> Shown {
        Shown::Real(f64::from(*self))
    }
}

impl Show for f64 {
    fn show(&self) -> Shown {
        Shown::Real(*self)
    }
}

impl Show for bool {
    fn show(&self) -> Shown {
        Shown::Flag(*self)
    }
}

impl<const N: usize> Show for [u8; N] {
    fn show(&self) -> Shown {
        Shown::Octets(self.to_vec())
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self) -> Shown {
        Shown::List(self.iter().map(Show::show).collect())
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self) -> Shown {
        self.as_ref().map_or(Shown::Absent, Show::show)
    }
}

impl<T> Show for Private<T> {
    fn show(&self) -> Shown {
        Shown::Secret
    }
}

/// `CsPs` as `cs-ps`, `LTE_BAND` as `lte-band`.
pub(super) fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    let mut before = '-';
    for c in name.chars() {
        if c == '_' {
            kebab.push('-');
        } else {
            if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
                kebab.push('-');
            }
            kebab.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    kebab
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Flag(flag) => f.write_str(if *flag { "yes" } else { "no" }),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Name { name, value } if name.is_empty() => write!(f, "{value} (no known name)"),
            Self::Name { name, value } => write!(f, "{name} ({value})"),
            Self::Flags { names, value } => {
                write!(f, "{} ({value:#x})", if names.is_empty() { "none".into() } else { names.join(" ") })
            }
            Self::Octets(octets) if octets.is_empty() => f.write_str("nothing"),
            Self::Octets(octets) => octets.iter().try_for_each(|octet| write!(f, "{octet:02X}")),
            Self::List(list) => {
                f.write_str("[")?;
                joined(f, list.iter(), |f, value| write!(f, "{value}"))?;
                f.write_str("]")
            }
            Self::Fields(fields) => {
                joined(f, fields.iter(), |f, (name, value)| write!(f, "{} {value}", name.replace('_', " ")))
            }
            Self::Secret => f.write_str(REDACTED),
            Self::Absent => f.write_str("-"),
        }
    }
}

fn joined<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl Iterator<Item = T>,
    each: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (n, item) in items.enumerate() {
        if n > 0 {
            f.write_str(", ")?;
        }
        each(f, item)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_with_dashes() {
        for (name, expected) in [
            ("CsPs", "cs-ps"),
            ("EnabledNotVerified", "enabled-not-verified"),
            ("LTE_BAND", "lte-band"),
            ("Ipv4", "ipv4"),
        ] {
            assert_eq!(kebab(name), expected);
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let fields =
            Shown::Fields(vec![("imsi", Private::new("999700000000001".to_owned()).show()), ("left", 3u8.show())]);
        assert_eq!(fields.to_string(), "imsi <redacted>, left 3");
    }
}
