//! `ModemState`: the one truth about a modem, as plain data.
//!
//! Native D-Bus, `--json`, the dashboard are projections of it. Every value that was read from a modem is a
//! [`Reading`]: it carries the time at which it was read, because nothing here is polled.

pub mod fact;
pub mod history;
pub mod json;
mod lifecycle;
pub mod queue;
mod reach;
mod sim;
pub mod time;
pub mod uplink;

use std::net::IpAddr;
use std::time::Duration;

use crate::spec::apn::{Apn, PdpType};
use crate::spec::cause::Cause;
use crate::spec::drx::DrxCycle;
use crate::spec::identity::Imei;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;

pub use lifecycle::{Lifecycle, Lock, LockKind, Retry};
pub use reach::{Reachability, Wakes};
pub use sim::{Cycle, DataPlan, Sim, SimPolicy, SimState, Slot};
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
