//! Work that waits for a modem to wake, and who keeps the modem awake.

use super::Timestamp;

/// What a request asks for, without its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Read the signal once.
    ReadSignal,
    /// Search for networks.
    Scan,
    /// Send one line as it is.
    At,
    /// Ask for other power saving.
    SetPower,
    /// Bring a data context up.
    Connect,
    /// Take the data contexts down.
    Disconnect,
    /// Radio on, register.
    Enable,
    /// Radio off.
    Disable,
    /// Restart the modem.
    Reset,
    /// Detach and attach.
    Reattach,
    /// Enter the PIN.
    EnterPin,
    /// Enter the PUK and a new PIN.
    EnterPuk,
    /// Use another slot for a card.
    SwitchSlot,
    /// Use the SIM slot, the APN and the technologies of a link of an uplink.
    Adopt,
}

impl Task {
    /// The stable name: `read-signal, scan, at, set-power, connect, disconnect, enable, disable, reset, enter-pin,
    /// enter-puk, switch-slot, adopt`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadSignal => "read-signal",
            Self::Scan => "scan",
            Self::At => "at",
            Self::SetPower => "set-power",
            Self::Connect => "connect",
            Self::Disconnect => "disconnect",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Reset => "reset",
            Self::Reattach => "reattach",
            Self::EnterPin => "enter-pin",
            Self::EnterPuk => "enter-puk",
            Self::SwitchSlot => "switch-slot",
            Self::Adopt => "adopt",
        }
    }

    /// Whether it changes nothing.
    pub const fn is_read(self) -> bool {
        matches!(self, Self::ReadSignal | Self::Scan)
    }

    /// Whether it may be begun again when the modem fell asleep in the middle. A code costs an attempt, a line of a
    /// person may do anything, and a restart has happened already.
    pub const fn is_repeatable(self) -> bool {
        !matches!(self, Self::At | Self::EnterPin | Self::EnterPuk | Self::Reset | Self::Reattach | Self::SwitchSlot)
    }
}

/// One request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Its number; the next request has a higher one.
    pub id: u64,
    /// What it asks for.
    pub task: Task,
    /// Whether the modem is to be woken for it.
    pub wake: bool,
    /// When it is given up.
    pub deadline: Option<Timestamp>,
    /// Whether it outlives the daemon.
    pub keep: bool,
    /// When it was entered.
    pub entered: Timestamp,
}

/// How a request left the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The modem did it.
    Delivered,
    /// It was taken back, or a later request made it pointless.
    Cancelled,
    /// Its deadline passed.
    Expired,
    /// The modem could not do it.
    Failed,
}

impl Outcome {
    /// The stable name: `delivered, cancelled, expired, failed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

/// One request that left the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its number.
    pub id: u64,
    /// What it asked for.
    pub task: Task,
    /// How it ended.
    pub outcome: Outcome,
    /// Why; `None` where it was delivered.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The requests of one modem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    /// Those that wait, and the one being carried out, in the order of their arrival.
    pub waiting: Vec<Waiting>,
    /// Those that ended last, the oldest first.
    pub ended: Vec<Ended>,
}

/// Somebody keeps the modem awake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its number; holds and requests are counted together.
    pub id: u64,
    /// Why, as its owner says.
    pub reason: String,
    /// When it was asked for.
    pub since: Timestamp,
    /// Whether the modem is held; it cannot be before it wakes.
    pub granted: bool,
}
