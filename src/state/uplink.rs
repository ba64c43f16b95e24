//! An uplink as plain data: the links that it may use, how they are, which one has the default route, and why.

use std::collections::VecDeque;
use std::time::Duration;

use super::Timestamp;

/// Decisions that are remembered for each uplink.
pub const LOG: usize = 200;

/// Everything lpwa knows about one uplink.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UplinkState {
    /// Its name, from the configuration.
    pub name: String,
    /// The member that has the default route.
    pub active: Option<String>,
    /// When `active` last changed.
    pub since: Timestamp,
    /// Why it is the active one, or why there is none; a sentence part.
    pub reason: String,
    /// The member that a person chose.
    pub pinned: Option<String>,
    /// Something that needs a person; a whole sentence.
    pub trouble: Option<String>,
    /// Its members, the preferred first.
    pub members: Vec<Member>,
    /// What was decided, the oldest first.
    pub log: VecDeque<Decision>,
}

impl UplinkState {
    /// Adds to the log, which has an end.
    pub fn note(&mut self, decision: Decision) {
        if self.log.len() >= LOG {
            self.log.pop_front();
        }
        self.log.push_back(decision);
    }
}

/// One link of an uplink.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    /// Its name: the modem's id, with its bearer where there are several, or the interface.
    pub name: String,
    /// The modem, where it is one.
    pub modem: Option<String>,
    /// The network interface, where there is one now.
    pub interface: Option<String>,
    /// What it is: `wired, broadband, lte-m, nb-iot`.
    pub kind: String,
    /// Whether packets get through.
    pub condition: Condition,
    /// When `condition` last changed.
    pub since: Timestamp,
    /// The round trip of the last probe that was answered.
    pub round_trip: Option<Duration>,
    /// A dead link is known as such within this time.
    pub detection: Duration,
    /// Octets that probes took since `probed_since`, and how many they may take in a day.
    pub probed: u64,
    /// See `probed`.
    pub probe_budget: u64,
    /// Relative price.
    pub cost: u32,
    /// Octets of this billing cycle.
    pub usage: Usage,
}

/// Whether packets get through a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Condition {
    /// There is no link; the sentence part says why.
    Down(String),
    /// It is there, and nothing is proven yet.
    #[default]
    Checking,
    /// Packets get through.
    Good,
    /// Packets got through, and lately did not.
    Suspect,
    /// Registered, addressed, and no packet comes back; the sentence part says what was tried.
    NoDataPath(String),
}

impl Condition {
    /// Its stable name: `down, checking, good, suspect, no-data-path`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Down(_) => "down",
            Self::Checking => "checking",
            Self::Good => "good",
            Self::Suspect => "suspect",
            Self::NoDataPath(_) => "no-data-path",
        }
    }

    /// Why, where a reason is worth a sentence.
    pub const fn reason(&self) -> Option<&String> {
        match self {
            Self::Down(reason) | Self::NoDataPath(reason) => Some(reason),
            _ => None,
        }
    }

    /// Whether there is a link at all.
    pub const fn is_up(&self) -> bool {
        !matches!(self, Self::Down(_))
    }

    /// Whether packets got through, as far as is known.
    pub const fn works(&self) -> bool {
        matches!(self, Self::Good | Self::Suspect)
    }
}

/// Octets that a link carried in its billing cycle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// When the cycle began.
    pub since: Timestamp,
    /// Received.
    pub received: u64,
    /// Sent.
    pub sent: u64,
    /// How many the plan has; `None`: no limit is set.
    pub limit: Option<u64>,
    /// How that is judged.
    pub allowance: Allowance,
}

impl Usage {
    /// Both ways.
    pub const fn total(&self) -> u64 {
        self.received.saturating_add(self.sent)
    }
}

/// How much of the plan is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allowance {
    /// Enough, or no limit is set.
    #[default]
    Free,
    /// It comes to an end.
    Low,
    /// It is used up.
    Spent,
}

impl Allowance {
    /// `free, low, spent`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Low => "low",
            Self::Spent => "spent",
        }
    }
}

/// One line of the decision log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// Which member or modem it is about; empty: the uplink.
    pub subject: String,
    /// What was decided or seen, and why.
    pub text: String,
}
