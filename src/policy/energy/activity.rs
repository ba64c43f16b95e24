//! What a modem does with its current, and what the charge is spent for.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// What a modem does at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Activity {
    /// Switched off, with its supply.
    Off,
    /// Power saving mode.
    Psm,
    /// The radio is off, the host link rests.
    RadioOff,
    /// Idle: listens to each paging occasion.
    Drx,
    /// Idle: listens once a cycle.
    Edrx {
        /// The cycle.
        cycle: Duration,
    },
    /// Starts, after power on or after PSM.
    Boot,
    /// The host link keeps it up, the radio has nothing to do.
    HostAwake,
    /// Looks for a cell.
    Search,
    /// Attaches.
    Attach,
    /// Tracking area update.
    Update,
    /// Connected, signalling and receiving.
    Connected,
    /// Sends.
    Transmit,
    /// Connected without anything to carry, until the network's inactivity timer ends it.
    Tail,
}

impl Activity {
    /// What the charge of it is entered under.
    pub const fn cause(self) -> Cause {
        match self {
            Self::Off | Self::Psm => Cause::PsmFloor,
            Self::RadioOff | Self::Drx | Self::Edrx { .. } => Cause::Idle,
            Self::Boot | Self::Search | Self::Attach => Cause::Attach,
            Self::HostAwake => Cause::HostLink,
            Self::Update => Cause::Tau,
            Self::Connected | Self::Transmit => Cause::Transfer,
            Self::Tail => Cause::Tail,
        }
    }
}

/// What charge is spent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Asleep.
    PsmFloor,
    /// Listening for the network while idle, with DRX or eDRX.
    Idle,
    /// Periodic tracking area updates.
    Tau,
    /// Starting, looking for the cell, attaching.
    Attach,
    /// Getting connected, and the data.
    Transfer,
    /// Waiting for the network to release the connection.
    Tail,
    /// A host link that keeps the modem up, such as USB.
    HostLink,
}

impl Cause {
    /// Every cause, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::PsmFloor, Self::Idle, Self::Tau, Self::Attach, Self::Transfer, Self::Tail, Self::HostLink];

    /// The stable name: `psm-floor, idle, tau, attach, transfer, inactivity-tail, host-link`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PsmFloor => "psm-floor",
            Self::Idle => "idle",
            Self::Tau => "tau",
            Self::Attach => "attach",
            Self::Transfer => "transfer",
            Self::Tail => "inactivity-tail",
            Self::HostLink => "host-link",
        }
    }

    /// For people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PsmFloor => "PSM floor",
            Self::Idle => "idle listening",
            Self::Tau => "TAU",
            Self::Attach => "boot and attach",
            Self::Transfer => "transfer",
            Self::Tail => "inactivity tail",
            Self::HostLink => "host link",
        }
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Charge by cause, mC.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Charge(BTreeMap<Cause, f64>);

impl Charge {
    /// Enters `millicoulombs` that `activity` took; less than none counts as none.
    pub fn add(&mut self, activity: Activity, millicoulombs: f64) {
        *self.0.entry(activity.cause()).or_default() += millicoulombs.max(0.0);
    }

    /// What was spent for `cause`, mC.
    pub fn of(&self, cause: Cause) -> f64 {
        self.0.get(&cause).copied().unwrap_or_default()
    }

    /// All of it, mC.
    pub fn total(&self) -> f64 {
        self.0.values().sum()
    }
}
