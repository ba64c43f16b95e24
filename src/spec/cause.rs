//! Reject causes: EMM, ESM and 5GMM, with class, name and advice.

mod table;

use std::fmt;

use serde::{Deserialize, Serialize};
use table::Entry;

/// The protocol that gave a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Domain {
    /// EPS mobility management (TS 24.301 §9.9.3.9).
    Emm,
    /// EPS session management (TS 24.301 §9.9.4.4).
    Esm,
    /// 5GS mobility management (TS 24.501 §9.11.3.2).
    #[serde(rename = "5gmm")]
    FiveGmm,
}

impl Domain {
    /// `EMM, ESM, 5GMM`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Emm => "EMM",
            Self::Esm => "ESM",
            Self::FiveGmm => "5GMM",
        }
    }
}

/// What kind of trouble a cause is, by what helps against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The network does not accept the SIM: no retry helps, another SIM or the operator may.
    PermanentSim,
    /// The network does not accept the modem.
    PermanentDevice,
    /// This network is closed to the SIM; another may be open.
    PermanentPlmn,
    /// The subscription does not cover what was asked for.
    Subscription,
    /// Refused here; another area or cell may be open.
    TrackingArea,
    /// Refused on this radio access technology; another may be open.
    Rat,
    /// APN, connection type or credentials are wrong; the same request fails again.
    Configuration,
    /// May pass by itself; retry with growing intervals.
    Temporary,
    /// The network asks for a wait and says, or the standard says, how long.
    BackOff,
    /// The network lost what it knew of the modem; once more, at once.
    ReAttach,
    /// A matter between modem and network on which nobody else has to act.
    Local,
    /// No refusal of data at all.
    Information,
}

impl Class {
    /// The stable name: `permanent-sim, permanent-device, permanent-plmn, subscription, tracking-area, rat,
    /// configuration, temporary, back-off, re-attach, local, information`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PermanentSim => "permanent-sim",
            Self::PermanentDevice => "permanent-device",
            Self::PermanentPlmn => "permanent-plmn",
            Self::Subscription => "subscription",
            Self::TrackingArea => "tracking-area",
            Self::Rat => "rat",
            Self::Configuration => "configuration",
            Self::Temporary => "temporary",
            Self::BackOff => "back-off",
            Self::ReAttach => "re-attach",
            Self::Local => "local",
            Self::Information => "information",
        }
    }
}

/// A cause as the network gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// The protocol.
    pub domain: Domain,
    /// The number.
    pub number: u8,
}

impl Cause {
    /// An EMM cause.
    pub const fn emm(number: u8) -> Self {
        Self { domain: Domain::Emm, number }
    }

    /// An ESM cause; the verbose 3GPP end reasons of QMI and the `NwError` of MBIM count alike.
    pub const fn esm(number: u8) -> Self {
        Self { domain: Domain::Esm, number }
    }

    /// A 5GMM cause.
    pub const fn five_gmm(number: u8) -> Self {
        Self { domain: Domain::FiveGmm, number }
    }

    /// `<cause_type>` and `<reject_cause>` of `+CEREG` (TS 27.007 §10.1.22). `None`: no cause that a standard knows.
    ///
    /// Type 1 is the maker's own numbering. Modems send 0,0 for "no cause given": EMM has no cause 0.
    pub const fn from_report(cause_type: u8, number: u8) -> Option<Self> {
        match (cause_type, number) {
            (0, 0) => None,
            (0, number) => Some(Self::emm(number)),
            _ => None,
        }
    }

    /// The standard's name, such as `PLMN not allowed`; `unknown cause` for a number that the table does not have.
    pub fn name(self) -> &'static str {
        self.entry().map_or("unknown cause", |entry| entry.name)
    }

    /// What kind of trouble it is.
    pub fn class(self) -> Class {
        // An unknown EMM or 5GMM cause counts as 111, protocol error (TS 24.301 §9.9.3.9, TS 24.501 §9.11.3.2), an
        // unknown ESM cause as 34, out of order for a while (TS 24.301 §9.9.4.4): temporary all three.
        self.entry().map_or(Class::Temporary, |entry| entry.class)
    }

    /// What a person should do next, in one or two sentences.
    pub fn advice(self) -> &'static str {
        self.entry().map_or(table::UNKNOWN, |entry| entry.advice)
    }

    /// Whether trying again with this SIM, modem and network is useless, and harms: it stops until a person, a new
    /// place or a new SIM changes something. Restarting the modem is no such change.
    pub fn is_permanent(self) -> bool {
        matches!(
            self.class(),
            Class::PermanentSim | Class::PermanentDevice | Class::PermanentPlmn | Class::Subscription
        )
    }

    fn entry(self) -> Option<&'static Entry> {
        let table = match self.domain {
            Domain::Emm => table::EMM,
            Domain::Esm => table::ESM,
            Domain::FiveGmm => table::FIVE_GMM,
        };
        table.iter().find(|entry| entry.number == self.number)
    }
}

/// `EMM cause 11 (PLMN not allowed)`.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cause {} ({})", self.domain.name(), self.number, self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_protocol_number_and_name() {
        assert_eq!(Cause::emm(11).to_string(), "EMM cause 11 (PLMN not allowed)");
        assert_eq!(Cause::esm(27).to_string(), "ESM cause 27 (Missing or unknown APN)");
        assert_eq!(Cause::five_gmm(27).to_string(), "5GMM cause 27 (N1 mode not allowed)");
        assert_eq!(Cause::emm(200).to_string(), "EMM cause 200 (unknown cause)");
    }

    #[test]
    fn no_cause_is_not_cause_zero() {
        assert_eq!(Cause::from_report(0, 0), None);
        assert_eq!(Cause::from_report(1, 15), None);
        assert_eq!(Cause::from_report(0, 15), Some(Cause::emm(15)));
        assert_eq!(Cause::from_report(255, 255), None);
    }

    /// TS 24.301 §5.5.1.2.5: what the attach procedure does on each cause.
    #[test]
    fn attach_rejects_are_classed_as_the_standard_acts_on_them() {
        for (number, class) in [
            (3, Class::PermanentSim),
            (6, Class::PermanentDevice),
            (7, Class::PermanentSim),
            (8, Class::PermanentSim),
            (10, Class::ReAttach),
            (11, Class::PermanentPlmn),
            (12, Class::TrackingArea),
            (13, Class::TrackingArea),
            (14, Class::PermanentPlmn),
            (15, Class::TrackingArea),
            (17, Class::Temporary),
            (19, Class::Configuration),
            (22, Class::BackOff),
            (35, Class::PermanentPlmn),
            (111, Class::Temporary),
        ] {
            assert_eq!(Cause::emm(number).class(), class, "{number}");
        }
    }

    #[test]
    fn permanent_causes_stop_and_the_others_do_not() {
        for permanent in [Cause::emm(3), Cause::emm(6), Cause::emm(8), Cause::emm(11), Cause::esm(8), Cause::esm(33)] {
            assert!(permanent.is_permanent(), "{permanent}");
        }
        for other in [Cause::emm(17), Cause::emm(22), Cause::emm(15), Cause::esm(26), Cause::esm(27), Cause::emm(250)] {
            assert!(!other.is_permanent(), "{other}");
        }
    }

    #[test]
    fn every_number_has_advice_and_tables_are_in_order() {
        for domain in [Domain::Emm, Domain::Esm, Domain::FiveGmm] {
            for number in 0..=u8::MAX {
                let advice = Cause { domain, number }.advice();
                assert!(advice.ends_with('.') && advice.len() > 20, "{domain:?} {number}: {advice}");
            }
        }
        for table in [table::EMM, table::ESM, table::FIVE_GMM] {
            assert!(table.is_sorted_by(|a, b| a.number < b.number));
        }
    }
}
