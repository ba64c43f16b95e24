//! Whether the network, and the host, can reach a modem.

use std::time::Duration;

use super::Timestamp;

/// Whether a command sent now would be answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reachability {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// The modem answers.
    Awake,
    /// The modem answers, and its RRC connection is up.
    Connected,
    /// The modem is idle with eDRX: the network reaches it in its paging windows.
    Edrx {
        /// The next window, as far as it can be told.
        next: Timestamp,
    },
    /// The modem sleeps (PSM).
    Asleep {
        /// When it comes back by itself, if it can be told.
        until: Option<Timestamp>,
        /// What wakes it earlier.
        wakes: Wakes,
    },
    /// The modem does not answer though it should.
    Unreachable {
        /// By how long it is late, where a time was known.
        overdue: Option<Duration>,
    },
}

impl Reachability {
    /// `unknown, awake, connected, edrx, asleep, unreachable`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Awake => "awake",
            Self::Connected => "connected",
            Self::Edrx { .. } => "edrx",
            Self::Asleep { .. } => "asleep",
            Self::Unreachable { .. } => "unreachable",
        }
    }

    /// Whether a command sent now would be answered.
    pub const fn answers(self) -> bool {
        matches!(self, Self::Awake | Self::Connected | Self::Edrx { .. })
    }

    /// Whether it sleeps.
    pub const fn is_asleep(self) -> bool {
        matches!(self, Self::Asleep { .. })
    }
}

/// What wakes a sleeping modem before its time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wakes {
    /// Its timer, or data to send.
    #[default]
    Itself,
    /// The first characters on the line; they are lost.
    FirstByte,
    /// The DTR line.
    Dtr,
    /// A pulse on the power key.
    Pwrkey,
}

impl Wakes {
    /// The stable name: `itself, first-byte, dtr, pwrkey`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::FirstByte => "first-byte",
            Self::Dtr => "dtr",
            Self::Pwrkey => "pwrkey",
        }
    }

    /// `by itself`, `on the first byte`, `by DTR`, `by PWRKEY`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Itself => "by itself",
            Self::FirstByte => "on the first byte",
            Self::Dtr => "by DTR",
            Self::Pwrkey => "by PWRKEY",
        }
    }
}
