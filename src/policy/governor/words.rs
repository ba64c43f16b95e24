//! The governor's reasons in words.

use std::fmt;

use super::{Act, Wait, Why};
use crate::spec::cause::{Cause, Class};

impl Act {
    /// The stable name: `attach, activate, reset, switch`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::Activate => "activate",
            Self::Reset => "reset",
            Self::Switch => "switch",
        }
    }

    const fn plural(self) -> &'static str {
        match self {
            Self::Attach => "attaches",
            Self::Activate => "activations",
            Self::Reset => "restarts",
            Self::Switch => "changes of the SIM slot",
        }
    }

    const fn budget(self) -> &'static str {
        match self {
            Self::Reset => "resets",
            Self::Switch => "switches",
            _ => "attempts",
        }
    }
}

/// `ESM #27 missing or unknown APN`.
struct Short(Cause);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.name();
        write!(f, "{} #{} ", self.0.domain.name(), self.0.number)?;
        let mut chars = name.chars();
        // Abbreviations keep their capitals.
        match (chars.next(), chars.clone().next()) {
            (Some(first), Some(second)) if second.is_lowercase() => {
                write!(f, "{}{}", first.to_lowercase(), chars.as_str())
            }
            _ => f.write_str(name),
        }
    }
}

/// `ESM #27 missing or unknown APN, tried iot.a`.
impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Refused { cause, apn, timer } => {
                match cause {
                    Some(cause) => Short(*cause).fmt(f)?,
                    None if self.act == Act::Attach => f.write_str("the network refused without a cause")?,
                    None => f.write_str("the context was refused without a cause")?,
                }
                match apn.as_deref() {
                    Some("") => f.write_str(", tried the network's default APN")?,
                    Some(apn) => write!(f, ", tried {apn}")?,
                    None => {}
                }
                if *timer { f.write_str(", and the network says how long to wait") } else { Ok(()) }
            }
            Why::Unstable => f.write_str("the data context went down soon after it came up"),
            Why::Spacing => write!(f, "{} are kept apart ([retry] spacing)", self.act.plural()),
            Why::Hour(0) | Why::Day(0) => write!(f, "[retry] allows no {}", self.act.plural()),
            Why::Hour(most) => {
                let (act, key) = (self.act.plural(), self.act.budget());
                write!(f, "{most} {act} within an hour are the most ([retry] {key}_per_hour)")
            }
            Why::Day(most) => {
                let (act, key) = (self.act.plural(), self.act.budget());
                write!(f, "{most} {act} within a day are the most ([retry] {key}_per_day)")
            }
            Why::Restarts(n) => write!(f, "{n} restart(s) in a row did not help ([retry] reset_waits)"),
        }
    }
}

impl Wait {
    /// What the person at the keyboard can do, `{id}` being the modem.
    pub fn advice(&self) -> &'static str {
        let Why::Refused { cause: Some(cause), .. } = &self.why else {
            return match self.why {
                Why::Hour(_) | Why::Day(_) => "wait; [retry] of the configuration has the limits",
                _ => "wait, or try at once with `lpwa connect {id}`",
            };
        };
        match cause.class() {
            Class::Configuration | Class::Rat if self.act == Act::Activate || cause.number == 19 => {
                "set another APN with `lpwa connect {id} --apn NAME`, or in the SIM policy"
            }
            Class::PermanentSim | Class::Subscription => {
                "ask the operator whether this SIM is active and what it may use, then `lpwa connect {id}`"
            }
            Class::PermanentDevice => "ask the operator to check the IMEI, then `lpwa connect {id}`",
            Class::PermanentPlmn => "ask the SIM's operator for a roaming agreement, then `lpwa connect {id}`",
            Class::BackOff => "wait; trying earlier makes congestion worse",
            _ => "wait, or try at once with `lpwa connect {id}`",
        }
    }
}
