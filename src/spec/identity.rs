//! Identities: IMEI, IMSI, ICCID.

use std::fmt;
use std::str::FromStr;

/// The text is not the identity that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {what}: {wanted} digits are wanted, {got} characters were read")]
pub struct InvalidIdentity {
    what: &'static str,
    wanted: &'static str,
    got: usize,
}

macro_rules! digits {
    ($(#[$doc:meta])* $name:ident, $what:literal, $range:expr, $wanted:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidIdentity;

            fn from_str(text: &str) -> Result<Self, InvalidIdentity> {
                let digits = Self::normalise(text.trim().trim_matches('"'));
                if $range.contains(&digits.len()) && Self::accepts(digits) {
                    return Ok(Self(digits.to_ascii_uppercase()));
                }
                Err(InvalidIdentity { what: $what, wanted: $wanted, got: text.len() })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

digits!(
    /// International mobile equipment identity, 15 digits, or 14 without the check digit, or 16 with the software
    /// version (TS 23.003 clause 6.2).
    Imei, "IMEI", (14..=16), "14 to 16"
);
digits!(
    /// International mobile subscriber identity, 6 to 15 digits (TS 23.003 clause 2.2).
    Imsi, "IMSI", (6..=15), "6 to 15"
);
digits!(
    /// Integrated circuit card identifier (ITU-T E.118): 18 to 20 digits, without the `F` that fills the last octet.
    ///
    /// Some operators store hexadecimal digits and no valid check digit: neither is a reason to refuse a card.
    Iccid, "ICCID", (18..=20), "18 to 20"
);

impl Imei {
    fn normalise(text: &str) -> &str {
        text
    }

    fn accepts(digits: &str) -> bool {
        digits.bytes().all(|b| b.is_ascii_digit())
    }
}

impl Imsi {
    fn normalise(text: &str) -> &str {
        text
    }

    fn accepts(digits: &str) -> bool {
        digits.bytes().all(|b| b.is_ascii_digit())
    }
}

impl Iccid {
    fn normalise(text: &str) -> &str {
        text.trim_end_matches(['F', 'f'])
    }

    fn accepts(digits: &str) -> bool {
        digits.bytes().all(|b| b.is_ascii_hexdigit())
    }
}
