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
    /// From `mcc` and `mnc` as two fields, where some modems print numbers and so lose leading zeros: MCC 1, MNC 1 is
    /// 001-01. An MNC of two digits is taken for one of two: that it was one of three cannot be told.
    pub fn from_parts(mcc: &str, mnc: &str) -> Result<Self, InvalidPlmn> {
        if mcc.is_empty() || mcc.len() > 3 || mnc.is_empty() || mnc.len() > 3 {
            return Err(InvalidPlmn(format!("{mcc}-{mnc}")));
        }
        format!("{mcc:0>3}{mnc:0>2}").parse()
    }

    /// Mobile country code, three digits.
    pub fn mcc(self) -> String {
        format!("{:03}", self.mcc)
    }

    /// Both codes as numbers, for those who tell them so; 24-7 and 24-07 are the same then.
    pub const fn numbers(self) -> (u16, u16) {
        (self.mcc, self.mnc)
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
        let (mcc, mnc) = (mcc.parse().map_err(|_| invalid())?, mnc.parse().map_err(|_| invalid())?);
        // Modems print 00000 or 000000 for "no network"; ITU-T E.212 has no country 000.
        if mcc == 0 { Err(invalid()) } else { Ok(Self { mcc, mnc, mnc_digits }) }
    }
}

impl fmt::Display for Plmn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.mcc(), self.mnc())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_kept() {
        for text in ["00101", "99970", "310410", "310026", "24007", "240007"] {
            assert_eq!(text.parse::<Plmn>().unwrap().to_string(), text);
        }
        let (two, three): (Plmn, Plmn) = ("24007".parse().unwrap(), "240007".parse().unwrap());
        assert_ne!(two, three);
        assert_eq!((two.mcc(), two.mnc(), three.mnc()), ("240".into(), "07".into(), "007".into()));
    }

    #[test]
    fn fields_regain_their_zeros() {
        let plmn = |mcc, mnc| Plmn::from_parts(mcc, mnc).map(|p| p.to_string());
        assert_eq!(plmn("334", "020"), Ok("334020".into()));
        assert_eq!(plmn("262", "3"), Ok("26203".into()));
        assert_eq!(plmn("1", "1"), Ok("00101".into()));
        for (mcc, mnc) in [("", "01"), ("001", ""), ("0010", "1"), ("001", "0001"), ("-", "-"), ("262", "-1")] {
            assert!(plmn(mcc, mnc).is_err(), "{mcc} {mnc}");
        }
    }

    #[test]
    fn refuses_what_is_no_plmn() {
        for text in ["", "1234", "1234567", "00000", "000000", "0010A", "Telia N@", "00\u{661}1"] {
            assert!(text.parse::<Plmn>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(mcc in ".{0,8}", mnc in ".{0,8}") {
            let _ = (mcc.parse::<Plmn>(), Plmn::from_parts(&mcc, &mnc));
        }
    }
}
