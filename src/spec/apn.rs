//! Access point names and connection types.

use std::fmt;
use std::str::FromStr;

/// An access point name whose syntax was checked, so that it can stand between quotes in an AT command.
///
/// The empty APN is valid: the network chooses (TS 23.003 clause 9.1 gives the label syntax).
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
