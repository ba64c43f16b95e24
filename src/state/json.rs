//! The JSON projection of [`ModemState`]: what `--json` prints and what D-Bus gives as a document.
//!
//! Every key is always there; a value that is not known is `null`. `docs/schema.json` is the contract. Three
//! answers are kept apart for power saving: `granted: null` was not read yet, `granted.in_use: false` is a network
//! that does not grant it, and otherwise `granted` holds its timers.

mod history;
mod project;
mod queue;
mod rfc3339;
#[cfg(test)]
mod tests;
pub mod uplink;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::spec::rat::Rat;

use super::{ModemState, Timestamp, Wakes};

pub use history::{Change, Commands, Timeline};
pub use project::{decibels, seconds};
pub use queue::{Ended, Hold, Queue, Waiting};

/// Whether personal data (IMSI, ICCID) goes into a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveal {
    /// The reader may see it.
    All,
    /// It reads `<redacted>` where it is known.
    Redacted,
}

/// When each value of a group was read, by the value's key; `None` for a value that was not read.
pub type ReadAt = BTreeMap<String, Option<Time>>;

/// A point in time that is RFC 3339 in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

/// Everything about one modem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The id that lasts.
    pub id: String,
    /// Name of the [`Lifecycle`](super::Lifecycle) state.
    pub state: String,
    /// Why it is in this state, where a reason is worth a sentence.
    pub state_reason: Option<String>,
    /// When `state` last changed.
    pub since: Option<Time>,
    /// The attempt that has to wait; `None`: none does.
    pub retry: Option<Retry>,
    /// Name of the [`Reachability`](super::Reachability).
    pub reachability: String,
    /// The end of the sleep, where it can be told.
    pub asleep_until: Option<Time>,
    /// What wakes it before that: `itself, first-byte, dtr, pwrkey`.
    pub wakes_by: Option<Wakes>,
    /// Seconds by which it is late from its sleep.
    pub overdue_s: Option<f64>,
    /// The model file that drives it.
    pub definition: Option<String>,
    /// Who made it and which one it is.
    pub identity: Identity,
    /// The card.
    pub sim: Sim,
    /// Where it is registered.
    pub network: Network,
    /// Signal as last read or reported.
    pub signal: Signal,
    /// Power saving, asked and granted.
    pub power: Power,
    /// Data contexts that lpwa asked for.
    pub bearers: Vec<Bearer>,
    /// Requests that wait for the modem to wake.
    pub queue: Queue,
    /// Who keeps the modem awake.
    pub holds: Vec<Hold>,
}

/// Maker, model, firmware, IMEI.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Maker.
    pub manufacturer: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Firmware revision.
    pub revision: Option<String>,
    /// International mobile equipment identity.
    pub imei: Option<String>,
    /// Reading times.
    pub read_at: ReadAt,
}

/// The card in use.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sim {
    /// Name of the [`SimState`](super::SimState).
    pub state: Option<String>,
    /// Card identifier, or `<redacted>`.
    pub iccid: Option<String>,
    /// Subscriber identity, or `<redacted>`.
    pub imsi: Option<String>,
    /// PIN attempts left.
    pub pin_retries: Option<u8>,
    /// PUK attempts left.
    pub puk_retries: Option<u8>,
    /// Home network, MCC and MNC.
    pub home: Option<String>,
    /// Service provider name.
    pub spn: Option<String>,
    /// Group identifier level 1, hexadecimal digits.
    pub gid1: Option<String>,
    /// What is wanted with this card; `None`: no card was read yet.
    pub policy: Option<SimPolicy>,
    /// The slots for cards; empty where the modem does not tell them.
    pub slots: Vec<SimSlot>,
    /// Reading times.
    pub read_at: ReadAt,
}

/// A slot for a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimSlot {
    /// Its number, from 1.
    pub slot: u8,
    /// Whether the modem uses it.
    pub active: bool,
    /// Whether there is a card in it; `None`: not told.
    pub card: Option<bool>,
    /// Its card identifier, or `<redacted>`; `None`: not told.
    pub iccid: Option<String>,
}

/// What is wanted with a card, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimPolicy {
    /// Name of the policy file without `.toml`; `None`: none is meant for the card.
    pub name: Option<String>,
    /// Why this one; a sentence part.
    pub why: String,
    /// APNs in the order in which they are tried; the empty one is the network's default.
    pub apns: Vec<String>,
    /// Where the APNs come from.
    pub source: String,
    /// Where data may be used away from home: `yes`, `no`, or networks and countries.
    pub roaming: String,
    /// Octets that the tariff has in a cycle, both ways; `None`: no limit is known.
    pub data_limit: Option<u64>,
}

/// An attempt that has to wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// What has to wait: `attach, activate, reset, switch`.
    pub act: String,
    /// When it is tried again; `None`: when the SIM, the APN, the place or a person changes something.
    pub until: Option<Time>,
    /// Why; a sentence part.
    pub reason: String,
    /// What a person can do.
    pub advice: String,
}

/// Registration and serving cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Name of the [`Registration`](crate::spec::registration::Registration).
    pub registration: Option<String>,
    /// Radio access technology.
    pub rat: Option<Rat>,
    /// MCC and MNC, five or six digits.
    pub plmn: Option<String>,
    /// Operator name.
    pub operator: Option<String>,
    /// Tracking area code.
    pub tac: Option<u32>,
    /// Cell identity.
    pub cell_id: Option<u64>,
    /// Band number.
    pub band: Option<u16>,
    /// Physical cell identity.
    pub pci: Option<u16>,
    /// Downlink channel number.
    pub earfcn: Option<u32>,
    /// Coverage enhancement level, 0 is best.
    pub ce_level: Option<u8>,
    /// RRC connection is up.
    pub rrc_connected: Option<bool>,
    /// The last refusal, until a registration succeeds.
    pub reject: Option<Reject>,
    /// Reading times.
    pub read_at: ReadAt,
}

/// Why the network refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The number.
    pub cause: u8,
    /// The protocol that gave it: `emm, esm, 5gmm`.
    pub domain: String,
    /// Name in the standard.
    pub name: String,
    /// Name of the [`Class`](crate::spec::cause::Class): what kind of trouble it is.
    pub class: String,
    /// What to do next.
    pub advice: String,
}

/// One signal reading.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Reference signal received power, dBm.
    pub rsrp_dbm: Option<f64>,
    /// Reference signal received quality, dB.
    pub rsrq_db: Option<f64>,
    /// Received signal strength, dBm.
    pub rssi_dbm: Option<f64>,
    /// Signal to interference and noise ratio, dB.
    pub sinr_db: Option<f64>,
    /// When it was read; `None`: never.
    pub read_at: Option<Time>,
}

/// Power saving, asked and granted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Power {
    /// Power saving mode.
    pub psm: Psm,
    /// Extended discontinuous reception.
    pub edrx: Edrx,
    /// Mobile initiated connection only, in 5G.
    pub mico: Mico,
    /// Discontinuous reception in 5G.
    pub drx: Drx,
    /// The next time at which the network can reach the modem.
    pub next_window: Option<Time>,
    /// Reading times of `psm_granted`, `edrx_granted`, `mico_accepted` and `drx_accepted`.
    pub read_at: ReadAt,
}

/// Power saving mode, asked and granted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Psm {
    /// `None`: not wanted.
    pub requested: Option<PsmTimers>,
    /// `None`: not read yet.
    pub granted: Option<Granted<PsmTimers>>,
}

/// Extended discontinuous reception, asked and granted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Edrx {
    /// `None`: not wanted.
    pub requested: Option<EdrxCycle>,
    /// `None`: not read yet.
    pub granted: Option<Granted<EdrxCycle>>,
}

/// MICO mode (TS 24.501 clause 5.3.6), asked and accepted by the modem. What the network makes of it is not told to the
/// host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mico {
    /// Whether it is asked for.
    pub requested: bool,
    /// What the modem registers with; `None`: not read.
    pub accepted: Option<AcceptedMico>,
}

/// Whether a modem registers with MICO mode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedMico {
    /// Whether the modem can be asked for it at all.
    pub supported: bool,
    /// Whether it registers with MICO mode.
    pub enabled: bool,
}

/// DRX cycle in 5G (TS 24.501 clause 9.11.3.2A), asked and accepted by the modem.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Drx {
    /// The cycle asked for, seconds; `None`: the network's.
    pub requested_s: Option<f64>,
    /// What the modem registers with; `None`: not read.
    pub accepted: Option<AcceptedDrx>,
}

/// With which DRX cycle a modem registers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct AcceptedDrx {
    /// Whether the modem can be asked for one at all.
    pub supported: bool,
    /// Its length, seconds; `None`: the network's, or not told.
    pub cycle_s: Option<f64>,
}

/// What the network gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted<T> {
    /// Whether the feature is in use; `false`: the network does not grant it.
    pub in_use: bool,
    /// Its parameters; all `None` where it is not in use.
    #[serde(flatten)]
    pub value: T,
}

/// PSM timers (TS 24.008 clauses 10.5.7.4 and 10.5.7.4a).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PsmTimers {
    /// T3412 extended, seconds; `None`: the network's default.
    pub periodic_tau_s: Option<u64>,
    /// T3324, seconds.
    pub active_time_s: Option<u64>,
}

/// eDRX parameters (TS 24.008 clause 10.5.5.32).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EdrxCycle {
    /// Cycle length, seconds.
    pub cycle_s: Option<f64>,
    /// Paging time window, seconds.
    pub ptw_s: Option<f64>,
}

/// A data context that lpwa asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bearer {
    /// Context id (`<cid>` of TS 27.007 clause 10.1.1).
    pub context: u8,
    /// APN asked for; empty is the network's default.
    pub apn: String,
    /// `ipv4, ipv6, ipv4v6, non-ip`.
    pub pdp_type: String,
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

impl Document {
    /// The document of `state`, for a reader who may see what `reveal` says.
    pub fn new(state: &ModemState, reveal: Reveal) -> Self {
        project::document(state, reveal)
    }
}
