//! `ModemState`: the one truth about a modem, as plain data.
//!
//! Native D-Bus, `--json`, the dashboard are projections of it. Every value that was read from a modem is a
//! [`Reading`]: it carries the time at which it was read, because nothing here is polled.

pub mod fact;
pub mod history;
pub mod json;
pub mod queue;
pub mod time;
pub mod uplink;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crate::private::Private;
use crate::spec::apn::{Apn, PdpType};
use crate::spec::cause::Cause;
use crate::spec::drx::DrxCycle;
use crate::spec::identity::{Iccid, Imei, Imsi};
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;

pub use time::Timestamp;

/// A value and when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading<T> {
    /// What was read.
    pub value: T,
    /// When it was read.
    pub at: Timestamp,
}

impl<T> Reading<T> {
    /// `value`, read at `at`.
    pub const fn new(value: T, at: Timestamp) -> Self {
        Self { value, at }
    }
}

/// A value that may not have been read yet.
pub type Known<T> = Option<Reading<T>>;

/// Everything lpwa knows about one modem.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModemState {
    /// The id that lasts: from the configuration, else from the physical path.
    pub id: String,
    /// How far the modem is on its way to data.
    pub lifecycle: Lifecycle,
    /// When `lifecycle` last changed.
    pub since: Timestamp,
    /// Why the modem is not further on, and what happens next; a whole sentence.
    pub trouble: Option<String>,
    /// What the retry governor waits for.
    pub retry: Option<Retry>,
    /// Whether a command would be answered now.
    pub reachability: Reachability,
    /// The model file that drives it, such as `quectel-bg95`.
    pub definition: String,
    /// Who made it and which one it is.
    pub identity: Identity,
    /// The card.
    pub sim: Sim,
    /// Where it is registered.
    pub network: Network,
    /// Signal as last read or reported.
    pub signal: Option<Signal>,
    /// Power saving, asked and granted.
    pub power: Power,
    /// Data contexts that lpwa asked for.
    pub bearers: Vec<Bearer>,
    /// Requests that wait for the modem to wake.
    pub queue: queue::Queue,
    /// Who keeps the modem awake.
    pub holds: Vec<queue::Hold>,
}

impl ModemState {
    /// Why the modem is where it is: what the state itself says, else what kept it from going on; and what it waits for.
    pub fn reason(&self) -> Option<String> {
        let told = match (&self.lifecycle, &self.retry) {
            // The wait names the cause.
            (Lifecycle::Denied(Some(_)), Some(_)) => None,
            (lifecycle, _) => lifecycle.reason().or_else(|| self.trouble.clone()),
        };
        let wait = self.retry.as_ref().map(|retry| retry.words(told.is_none()));
        let parts: Vec<_> = told.into_iter().chain(wait).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

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
    fn words(&self, with_reason: bool) -> String {
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

/// Maker, model, firmware, IMEI.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// As `AT+CGMI` or the model file says.
    pub manufacturer: Known<String>,
    /// As `AT+CGMM` says.
    pub model: Known<String>,
    /// Firmware revision.
    pub revision: Known<String>,
    /// International mobile equipment identity.
    pub imei: Known<Imei>,
}

/// The card in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sim {
    /// Ready, absent, locked.
    pub state: Known<SimState>,
    /// Integrated circuit card identifier.
    pub iccid: Known<Private<Iccid>>,
    /// International mobile subscriber identity.
    pub imsi: Known<Private<Imsi>>,
    /// PIN attempts left.
    pub pin_retries: Known<u8>,
    /// PUK attempts left.
    pub puk_retries: Known<u8>,
    /// The network that the card calls home.
    pub home: Known<Plmn>,
    /// Service provider name.
    pub spn: Known<String>,
    /// Group identifier level 1, hexadecimal digits.
    pub gid1: Known<String>,
    /// What is wanted with this card, and why.
    pub policy: Option<SimPolicy>,
    /// The slots for cards, of a modem that tells them.
    pub slots: Known<Vec<Slot>>,
}

impl Sim {
    /// The slot in use, where it is known.
    pub fn slot(&self) -> Option<u8> {
        let slots = self.slots.as_ref()?;
        slots.value.iter().find(|slot| slot.active).map(|slot| slot.number)
    }

    /// Another card, of which nothing is known yet; the slots are what they are.
    pub fn forget_card(&mut self) {
        *self = Self { slots: self.slots.take(), ..Self::default() };
    }
}

/// A slot for a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slot {
    /// Its number, from 1.
    pub number: u8,
    /// Whether the modem uses it.
    pub active: bool,
    /// Whether there is a card in it; `None`: not told.
    pub card: Option<bool>,
    /// Which card, where the modem tells it.
    pub iccid: Option<Private<Iccid>>,
}

/// What was chosen for a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimPolicy {
    /// The policy file's name; `None`: none is meant for the card.
    pub name: Option<String>,
    /// Why this one; a sentence part.
    pub why: String,
    /// APNs in the order in which they are tried; the empty one is the network's default.
    pub apns: Vec<String>,
    /// Where they come from; a sentence part.
    pub source: String,
    /// Where data may be used away from home: `yes`, `no`, or networks and countries.
    pub roaming: String,
    /// How much data the card's tariff has.
    pub data: Option<DataPlan>,
}

/// How much data the tariff of a card has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataPlan {
    /// Octets in a cycle, both ways.
    pub limit: u64,
    /// From this share on it comes to an end, per cent.
    pub warn_at: u8,
    /// When it begins anew.
    pub cycle: Cycle,
}

/// When a data plan begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cycle {
    /// On this day of each month.
    Monthly(u8),
    /// After so many days.
    Days(u16),
}

/// What `+CPIN?` says of the card (TS 27.007 clause 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimState {
    /// No card.
    Absent,
    /// No code is asked for.
    Ready,
    /// PIN1 is asked for.
    PinRequired,
    /// PUK1 is asked for.
    PukRequired,
    /// Another code is asked for.
    OtherLock,
    /// The card does not work.
    Failure,
}

impl SimState {
    /// `absent, ready, pin-required, puk-required, locked, failure`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Ready => "ready",
            Self::PinRequired => "pin-required",
            Self::PukRequired => "puk-required",
            Self::OtherLock => "locked",
            Self::Failure => "failure",
        }
    }
}

/// Registration and serving cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    /// Registration state of the packet domain.
    pub registration: Known<Registration>,
    /// Radio access technology in use.
    pub rat: Known<Rat>,
    /// Serving network.
    pub plmn: Known<Plmn>,
    /// Operator name as the modem gives it (often the SIM's word, not the network's).
    pub operator: Known<String>,
    /// Tracking area code.
    pub tac: Known<u32>,
    /// E-UTRAN or NR cell identity.
    pub cell_id: Known<u64>,
    /// Physical cell identity.
    pub pci: Known<u16>,
    /// Downlink channel number.
    pub earfcn: Known<u32>,
    /// Band number.
    pub band: Known<u16>,
    /// Coverage enhancement level, 0 is best.
    pub ce_level: Known<u8>,
    /// RRC connection is up.
    pub rrc_connected: Known<bool>,
    /// The last refusal, until a registration succeeds.
    pub reject: Known<Cause>,
}

/// One signal reading; a scale that the modem does not give is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Signal {
    /// Reference signal received power, dBm.
    pub rsrp_dbm: Option<f32>,
    /// Reference signal received quality, dB.
    pub rsrq_db: Option<f32>,
    /// Received signal strength, dBm.
    pub rssi_dbm: Option<f32>,
    /// Signal to interference and noise ratio, dB.
    pub sinr_db: Option<f32>,
    /// When it was read.
    pub read_at: Timestamp,
}

/// Power saving: what we asked for, and what the network gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Power {
    /// PSM timers asked for; `None` while PSM is not wanted.
    pub psm_requested: Option<PsmTimers>,
    /// PSM timers granted; the inner `None` says "the network refused PSM".
    pub psm_granted: Known<Option<PsmTimers>>,
    /// eDRX asked for; `None` while eDRX is not wanted.
    pub edrx_requested: Option<Edrx>,
    /// eDRX granted; the inner `None` says "eDRX is not in use".
    pub edrx_granted: Known<Option<Edrx>>,
    /// Whether MICO mode is asked for (TS 24.501 clause 5.3.6).
    pub mico_requested: bool,
    /// Whether the modem registers with MICO mode. What the network makes of it is not told to the host.
    pub mico_accepted: Known<Accepted<bool>>,
    /// DRX cycle in 5G asked for; `None`: the network's.
    pub drx_requested: Option<DrxCycle>,
    /// The DRX cycle that the modem registers with; the inner `None`: the network's, or not told.
    pub drx_accepted: Known<Accepted<Option<DrxCycle>>>,
    /// The next time at which the network can reach the modem, where it can be told.
    pub next_window: Option<Timestamp>,
}

/// What a modem makes of a wish for its 5G registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted<T> {
    /// It cannot be asked for.
    Unsupported,
    /// It registers with this.
    As(T),
}

/// PSM timers in seconds (TS 24.008 clauses 10.5.7.4 and 10.5.7.4a).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PsmTimers {
    /// T3412 extended: period of the tracking area update. `None`: the network's default applies.
    pub periodic_tau: Option<Duration>,
    /// T3324: time awake after release.
    pub active_time: Duration,
}

/// eDRX parameters (TS 24.008 clause 10.5.5.32).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edrx {
    /// Cycle length.
    pub cycle: Duration,
    /// Paging time window, where it is known.
    pub ptw: Option<Duration>,
}

/// A data context that lpwa asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bearer {
    /// Context id (`<cid>` of TS 27.007 clause 10.1.1).
    pub context: u8,
    /// APN asked for; empty is the network's default.
    pub apn: Apn,
    /// Type of the connection.
    pub pdp_type: PdpType,
    /// Whether the context is up.
    pub active: bool,
    /// Addresses of the modem's end.
    pub addresses: Vec<IpAddr>,
    /// Next hops, where the link has some.
    pub gateways: Vec<IpAddr>,
    /// Name servers.
    pub dns: Vec<IpAddr>,
    /// Maximum transmission unit, octets.
    pub mtu: Option<u16>,
    /// Network interface; `None` for a context without one.
    pub interface: Option<String>,
}
