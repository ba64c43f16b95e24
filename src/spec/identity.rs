//! Identities: IMEI, IMSI, ICCID.

use std::fmt;
use std::str::FromStr;

use super::plmn::Plmn;

/// The text is not the identity that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {what}: {wanted} are wanted, {got} characters were read")]
pub struct InvalidIdentity {
    what: &'static str,
    wanted: &'static str,
    got: usize,
}

impl InvalidIdentity {
    /// The text itself stays out of the error: it may be most of a secret.
    const fn new(what: &'static str, wanted: &'static str, text: &str) -> Self {
        Self { what, wanted, got: text.len() }
    }
}

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identity!(
    /// International mobile equipment identity, 15 digits, or 14 without the check digit, or 16 with the software
    /// version (TS 23.003 §6.2).
    Imei
);
identity!(
    /// International mobile subscriber identity, 6 to 15 digits (TS 23.003 §2.2).
    Imsi
);
identity!(
    /// Integrated circuit card identifier (ITU-T E.118): 18 to 20 digits, without the `F` that fills the last octet.
    ///
    /// Some operators store hexadecimal digits and no valid check digit: neither is a reason to refuse a card.
    Iccid
);

/// What modems put around an identity: blanks and quotes.
fn bare(text: &str) -> &str {
    text.trim().trim_matches('"')
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

impl FromStr for Imei {
    type Err = InvalidIdentity;

    fn from_str(text: &str) -> Result<Self, InvalidIdentity> {
        match bare(text) {
            digits if (14..=16).contains(&digits.len()) && all_digits(digits) => Ok(Self(digits.into())),
            _ => Err(InvalidIdentity::new("IMEI", "14 to 16 digits", text)),
        }
    }
}

impl FromStr for Imsi {
    type Err = InvalidIdentity;

    fn from_str(text: &str) -> Result<Self, InvalidIdentity> {
        match bare(text) {
            digits if (6..=15).contains(&digits.len()) && all_digits(digits) => Ok(Self(digits.into())),
            _ => Err(InvalidIdentity::new("IMSI", "6 to 15 digits", text)),
        }
    }
}

impl Imsi {
    /// The country of the home network, three digits. Where the network code ends, the IMSI does not tell: EF_AD of
    /// the SIM does (TS 31.102 §4.2.18).
    pub fn mcc(&self) -> &str {
        self.0.get(..3).unwrap_or_default()
    }

    /// The home network, given how many digits its MNC has. Where the card does not tell, only countries in which all have
    /// three are known.
    pub fn home(&self, mnc_digits: Option<u8>) -> Option<Plmn> {
        let north_america = matches!(self.mcc(), "302" | "310" | "311" | "312" | "313" | "314" | "315" | "316");
        let digits = mnc_digits.or(north_america.then_some(3))?;
        self.0.get(..usize::from(digits).checked_add(3)?)?.parse().ok()
    }
}

impl FromStr for Iccid {
    type Err = InvalidIdentity;

    /// Accepts the printed form and that of EF_ICCID; 89, telecommunications, comes first (ITU-T E.118), so a 98 there
    /// is a number whose digits are still swapped in pairs.
    fn from_str(text: &str) -> Result<Self, InvalidIdentity> {
        let digits = bare(text);
        let unswapped = if digits.starts_with("98") { swap_pairs(digits) } else { digits.to_owned() };
        let number = unswapped.trim_end_matches(['F', 'f']).to_ascii_uppercase();
        let wellformed = (18..=20).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_hexdigit());
        if wellformed && number.starts_with("89") {
            return Ok(Self(number));
        }
        Err(InvalidIdentity::new("ICCID", "18 to 20 digits that start with 89", text))
    }
}

impl Iccid {
    /// From EF_ICCID in hexadecimal, as `AT+CRSM=176,12258,0,0,10` gives it: ten octets, the digits of each swapped
    /// (ETSI TS 102 221 §13.2).
    pub fn from_ef(hex: &str) -> Result<Self, InvalidIdentity> {
        match bare(hex) {
            octets if octets.len() == 20 => swap_pairs(octets).parse(),
            _ => Err(InvalidIdentity::new("ICCID", "20 hexadecimal digits of EF_ICCID", hex)),
        }
    }

    /// Whether the last digit is the check digit of the others. `false` is worth a warning and nothing more.
    pub fn check_digit_fits(&self) -> bool {
        luhn_fits(&self.0)
    }
}

/// Swaps the digits of each pair; what has no partner stays.
fn swap_pairs(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().collect();
    digits.chunks(2).flat_map(|pair| pair.iter().rev()).collect()
}

/// Whether the last digit of `digits` is the check digit of the others (ISO/IEC 7812-1 annex B, "Luhn").
pub fn luhn_fits(digits: &str) -> bool {
    // From the right, every second digit is doubled, and the digits of the product are summed.
    let sum = digits.chars().rev().enumerate().try_fold(0_u32, |sum, (n, digit)| {
        let digit = digit.to_digit(10)?;
        let term = if n % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 };
        sum.checked_add(term)
    });
    digits.len() > 1 && sum.is_some_and(|sum| sum % 10 == 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn iccid_as_modems_give_it() {
        for (text, iccid) in [
            ("8944200099990000128F", "8944200099990000128"),
            ("8944200099990000128", "8944200099990000128"),
            ("\"89324102999900001239\"", "89324102999900001239"),
            ("\"898602F0099900000012\"", "898602F0099900000012"),
            ("98231420999900002193", "89324102999900001239"),
            ("984402009999000021F8", "8944200099990000128"),
            (" 8988303000000000001f\r", "8988303000000000001"),
        ] {
            assert_eq!(text.parse::<Iccid>().map(|i| i.to_string()), Ok(iccid.into()), "{text}");
        }
        for text in ["", "982314209999000", "98231420999pl0002193", "\"0044200099990000128\"", "8944é00099990000128"] {
            assert!(text.parse::<Iccid>().is_err(), "{text}");
        }
    }

    #[test]
    fn ef_iccid_is_swapped_and_padded() {
        let iccid = |hex| Iccid::from_ef(hex).map(|i| i.to_string());
        assert_eq!(iccid("98440000000000000010"), Ok("89440000000000000001".into()));
        assert_eq!(iccid("984402009999000021F8"), Ok("8944200099990000128".into()));
        assert!(iccid("FFFFFFFFFFFFFFFFFFFF").is_err());
        assert!(iccid("9844").is_err());
    }

    /// Check digits computed by hand from ISO/IEC 7812-1, and the example IMEI of TS 23.003 annex B.
    #[test]
    fn luhn() {
        for digits in ["89441000000000000018", "8931083000000000016", "89883030000000000015", "260531793113837"] {
            assert!(luhn_fits(digits), "{digits}");
        }
        for digits in ["89441000000000000019", "0", "", "898602F0099900000012"] {
            assert!(!luhn_fits(digits), "{digits}");
        }
    }

    #[test]
    fn a_card_without_a_check_digit_is_a_card() {
        let iccid: Iccid = "898602F0099900000012".parse().unwrap();
        assert!(!iccid.check_digit_fits());
    }

    #[test]
    fn imei_and_imsi() {
        assert_eq!("350000000000006".parse::<Imei>().unwrap().as_str(), "350000000000006");
        assert_eq!("\"3500000000000060\"".parse::<Imei>().unwrap().as_str(), "3500000000000060");
        assert_eq!("001010000000001".parse::<Imsi>().unwrap().mcc(), "001");
        for text in ["", "35000000000000A", "3500000000000000000", "+CME ERROR: 10"] {
            assert!(text.parse::<Imei>().is_err() && text.parse::<Imsi>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_home_network_needs_the_length_of_its_mnc() {
        let home = |imsi: &str, digits| imsi.parse::<Imsi>().unwrap().home(digits).map(|plmn| plmn.to_string());
        assert_eq!(home("001010123456789", Some(2)).as_deref(), Some("00101"));
        assert_eq!(home("001010123456789", Some(3)).as_deref(), Some("001010"));
        assert_eq!(home("001010123456789", None), None);
        assert_eq!(home("310410123456789", None).as_deref(), Some("310410"));
    }

    #[test]
    fn errors_do_not_carry_the_number() {
        let error = "00101000000000x".parse::<Imsi>().unwrap_err();
        assert_eq!(error.to_string(), "no IMSI: 6 to 15 digits are wanted, 15 characters were read");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".{0,30}") {
            let _ = (text.parse::<Imei>(), text.parse::<Imsi>(), text.parse::<Iccid>(), Iccid::from_ef(&text));
            let _ = luhn_fits(&text);
        }

        #[test]
        fn ef_iccid_round_trips(account in "[0-9]{18}") {
            let printed = format!("89{account}");
            prop_assert_eq!(Iccid::from_ef(&swap_pairs(&printed)).unwrap().to_string(), printed);
        }
    }
}
