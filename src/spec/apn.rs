//! Access point names and connection types.

use std::fmt;
use std::str::FromStr;

/// An access point name whose syntax was checked, so that it can stand between quotes in an AT command.
///
/// The empty APN is valid: the network chooses (TS 23.003 §9.1 gives the label syntax).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Apn(String);

/// The text is no APN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidApn {
    /// A character that no label may have.
    #[error("the APN {apn:?} has the character {character:?}; letters, digits, '-', '_' and '.' are allowed")]
    Character {
        /// The whole text.
        apn: String,
        /// The first character that is wrong.
        character: char,
    },
    /// An empty label, one of over 63 octets, or one that starts or ends with a hyphen.
    #[error(
        "the APN {apn:?} has the label {label:?}; a label has 1 to 63 characters and neither starts nor ends with '-'"
    )]
    Label {
        /// The whole text.
        apn: String,
        /// The label that is wrong.
        label: String,
    },
    /// Over 100 octets.
    #[error("the APN has {0} characters; 100 are the most")]
    Long(usize),
}

impl Apn {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the choice is left to the network.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Apn {
    type Err = InvalidApn;

    fn from_str(apn: &str) -> Result<Self, InvalidApn> {
        if apn.is_empty() {
            return Ok(Self::default());
        }
        if apn.len() > 100 {
            return Err(InvalidApn::Long(apn.len()));
        }
        if let Some(character) = apn.chars().find(|c| !(c.is_ascii_alphanumeric() || "-_.".contains(*c))) {
            return Err(InvalidApn::Character { apn: apn.into(), character });
        }
        let wrong =
            |label: &&str| label.is_empty() || label.len() > 63 || label.starts_with('-') || label.ends_with('-');
        match apn.split('.').find(wrong) {
            Some(label) => Err(InvalidApn::Label { apn: apn.into(), label: label.into() }),
            None => Ok(Self(apn.into())),
        }
    }
}

impl fmt::Display for Apn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How user name and password are sent (`<auth_prot>` of TS 27.007 clause 10.1.31).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// PAP: as they are.
    Pap,
    /// CHAP: the password proves itself.
    #[default]
    Chap,
}

/// The text is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no authentication; pap and chap are")]
pub struct InvalidAuthentication(pub String);

impl FromStr for Authentication {
    type Err = InvalidAuthentication;

    fn from_str(text: &str) -> Result<Self, InvalidAuthentication> {
        match text {
            "pap" => Ok(Self::Pap),
            "chap" => Ok(Self::Chap),
            _ => Err(InvalidAuthentication(text.to_owned())),
        }
    }
}

/// `<PDP_type>` of `+CGDCONT` (TS 27.007 clause 10.1.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum PdpType {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
    /// Both.
    #[default]
    Ipv4v6,
    /// No IP: data in NAS messages.
    NonIp,
}

impl PdpType {
    /// As TS 27.007 writes it: `IP`, `IPV6`, `IPV4V6`, `Non-IP`.
    pub const fn at_name(self) -> &'static str {
        match self {
            Self::Ipv4 => "IP",
            Self::Ipv6 => "IPV6",
            Self::Ipv4v6 => "IPV4V6",
            Self::NonIp => "Non-IP",
        }
    }

    /// The stable name: `ipv4, ipv6, ipv4v6, non-ip`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Ipv4v6 => "ipv4v6",
            Self::NonIp => "non-ip",
        }
    }
}

/// The text names no connection type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no PDP type; use ipv4, ipv6, ipv4v6 or non-ip")]
pub struct UnknownPdpType(pub String);

impl FromStr for PdpType {
    type Err = UnknownPdpType;

    /// Accepts the stable names and those of TS 27.007, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownPdpType> {
        match text.to_ascii_lowercase().as_str() {
            "ip" | "ipv4" => Ok(Self::Ipv4),
            "ipv6" => Ok(Self::Ipv6),
            "ipv4v6" => Ok(Self::Ipv4v6),
            "non-ip" | "nonip" => Ok(Self::NonIp),
            _ => Err(UnknownPdpType(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_operators_use() {
        for apn in ["", "iot.test", "internet", "m2m-eu", "a.b.mnc001.mcc001.gprs", "APN_1"] {
            assert_eq!(apn.parse::<Apn>().unwrap().as_str(), apn);
        }
        assert!("".parse::<Apn>().unwrap().is_empty());
    }

    /// What would end the quotes or the line of an AT command is named, not sent.
    #[test]
    fn refuses_and_names_what_would_break_out_of_quotes() {
        for (apn, character) in [
            ("iot\"test", '"'),
            ("iot\r", '\r'),
            ("iot\nAT", '\n'),
            ("iot\u{1a}", '\u{1a}'),
            ("iot test", ' '),
            ("iot,test", ','),
            ("iöt", 'ö'),
        ] {
            let error = apn.parse::<Apn>().unwrap_err();
            assert_eq!(error, InvalidApn::Character { apn: apn.into(), character });
            assert!(error.to_string().contains(&format!("{character:?}")), "{error}");
        }
    }

    /// TS 23.003 §9.1: labels of 1 to 63 octets, 100 in all, no hyphen at the ends.
    #[test]
    fn labels_have_limits() {
        for apn in [".", "..", "-", "a..b", ".a", "a.", "-a.b", "a.b-"] {
            assert!(matches!(apn.parse::<Apn>(), Err(InvalidApn::Label { .. })), "{apn}");
        }
        assert!("a".repeat(63).parse::<Apn>().is_ok());
        assert!("a".repeat(64).parse::<Apn>().is_err());
        let long = vec!["a".repeat(50); 2].join(".");
        assert_eq!(long.parse::<Apn>(), Err(InvalidApn::Long(101)));
    }

    #[test]
    fn pdp_types_go_by_both_names() {
        for pdp_type in [PdpType::Ipv4, PdpType::Ipv6, PdpType::Ipv4v6, PdpType::NonIp] {
            assert_eq!(pdp_type.name().parse(), Ok(pdp_type));
            assert_eq!(pdp_type.at_name().parse(), Ok(pdp_type));
        }
        assert!("PPP".parse::<PdpType>().is_err());
    }
}
