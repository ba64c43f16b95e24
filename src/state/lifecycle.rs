//! Where a modem stands, and what it waits for.

use std::fmt;

use super::Timestamp;
use crate::spec::cause::Cause;

/// An attempt that has to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// What has to wait: `attach, activate, reset, switch`.
    pub act: &'static str,
    /// When the wait began, by the wall clock.
    pub since: Timestamp,
    /// The end; `None`: until something changes.
    pub until: Option<Timestamp>,
    /// Why; a sentence part.
    pub reason: String,
    /// What a person can do.
    pub advice: String,
}

/// `waiting until 14:32Z, ESM #27 missing or unknown APN, tried iot.a`.
impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(true))
    }
}

impl Retry {
    /// `waiting until 14:32Z, ESM #27 missing or unknown APN, tried iot.a`; without the reason where it was told already.
    pub(super) fn words(&self, with_reason: bool) -> String {
        let until = self.until.map_or_else(|| "something changes".to_owned(), |until| self.clock(until));
        let reason = if with_reason { format!(", {}", self.reason) } else { String::new() };
        format!("waiting until {until}{reason}")
    }

    /// The minute, with the date where it is another one.
    fn clock(&self, at: Timestamp) -> String {
        let (text, today) = (at.to_string(), self.since.to_string());
        let part = if text.get(..10) == today.get(..10) { text.get(11..16) } else { text.get(..16) };
        format!("{}Z", part.unwrap_or(&text).replace('T', " "))
    }
}

/// The way from "port appeared" to "data", and the named places where it can stop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Lifecycle {
    /// No port, or the port went away.
    #[default]
    Absent,
    /// The port is open; the modem is being identified and configured.
    Probing,
    /// Bring-up stopped; the reason says what to do.
    Failed(String),
    /// No SIM card in the slot.
    NoSim,
    /// The SIM wants a code.
    Locked(Lock),
    /// The radio is switched off, as asked.
    Off,
    /// The radio is on and looks for a network.
    Searching,
    /// The network refused.
    Denied(Option<Cause>),
    /// Registered, no data context up.
    Registered {
        /// Away from the home network.
        roaming: bool,
    },
    /// A data context is being activated.
    Connecting,
    /// A data context is up.
    Connected,
    /// A data context is up, and no packet comes back; the sentence part says what was asked.
    NoDataPath(String),
}

impl Lifecycle {
    /// The state's stable name: `absent, probing, failed, no-sim, locked, off, searching, denied, registered,
    /// connecting, connected, no-data-path`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Probing => "probing",
            Self::Failed(_) => "failed",
            Self::NoSim => "no-sim",
            Self::Locked(_) => "locked",
            Self::Off => "off",
            Self::Searching => "searching",
            Self::Denied(_) => "denied",
            Self::Registered { .. } => "registered",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::NoDataPath(_) => "no-data-path",
        }
    }

    /// Whether a data context is up.
    pub const fn has_context(&self) -> bool {
        matches!(self, Self::Connected | Self::NoDataPath(_))
    }

    /// Why the modem is in this state, where a reason is worth a sentence.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Failed(reason) => Some(reason.clone()),
            Self::NoDataPath(reason) => Some(format!("connected, and no packet comes back: {reason}")),
            Self::NoSim => Some("no SIM card was found in the slot".into()),
            Self::Locked(lock) => Some(lock.to_string()),
            Self::Denied(Some(cause)) => Some(cause.to_string()),
            Self::Denied(None) => Some("the network refused; the modem gives no cause".into()),
            _ => None,
        }
    }
}

/// Which code the SIM asks for, and why lpwa did not give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The code.
    pub kind: LockKind,
    /// Why no automatic attempt was made, or how it ended.
    pub reason: String,
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} required: {}", self.kind.name(), self.reason)
    }
}

/// The code a SIM asks for (TS 27.007 clause 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// PIN1.
    Pin,
    /// PUK1: only a person may give it.
    Puk,
    /// A depersonalisation key or another code, by its 27.007 name in lower case.
    Other,
}

impl LockKind {
    /// `SIM PIN`, `SIM PUK`, `a code`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pin => "SIM PIN",
            Self::Puk => "SIM PUK",
            Self::Other => "a code other than PIN or PUK",
        }
    }
}
