//! Public land mobile network codes.

use std::fmt;
use std::str::FromStr;

/// MCC and MNC; `24-7` and `24-07` and `24-007` are three networks, so the digits are kept (TS 23.003 clause 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plmn {
    mcc: u16,
    mnc: u16,
    mnc_digits: u8,
}

/// The text is no PLMN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no PLMN; five or six digits are wanted, such as 00101")]
pub struct InvalidPlmn(pub String);

impl Plmn {
    /// From the two texts `mcc` (three digits) and `mnc` (two or three digits).
    pub fn from_parts(mcc: &str, mnc: &str) -> Result<Self, InvalidPlmn> {
        format!("{mcc}{mnc}").parse()
    }

    /// Mobile country code, three digits.
    pub fn mcc(self) -> String {
        format!("{:03}", self.mcc)
    }

    /// Mobile network code, two or three digits.
    pub fn mnc(self) -> String {
        format!("{:0width$}", self.mnc, width = usize::from(self.mnc_digits))
    }
}

impl FromStr for Plmn {
    type Err = InvalidPlmn;

    fn from_str(text: &str) -> Result<Self, InvalidPlmn> {
        let invalid = || InvalidPlmn(text.to_owned());
        if !(5..=6).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let (mcc, mnc) = text.split_at_checked(3).ok_or_else(invalid)?;
        let mnc_digits = if mnc.len() == 3 { 3 } else { 2 };
        Ok(Self { mcc: mcc.parse().map_err(|_| invalid())?, mnc: mnc.parse().map_err(|_| invalid())?, mnc_digits })
    }
}

impl fmt::Display for Plmn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.mcc(), self.mnc())
    }
}
