//! Backends: the 3GPP procedures that every modem has, each in the words of a control protocol.
//!
//! What is common to all protocols (waiting for a registration, the safety of a PIN, what is read when) stands once, in
//! [`procedure`](super::procedure). It calls the functions listed here on the [`Driver`]; each is carried by the
//! protocol that the model's routes name and that the modem has a port for.

pub mod at;
mod link;
pub mod mbim;
mod no_saving;
mod outbox;
pub mod qmi;

use std::time::Duration;

use super::channel::CommandError;
use super::data::Share;
use super::definition::{Effect, QueryName};
use super::driver::Driver;
use super::handle::{PowerRequest, ScannedNetwork};
use super::settings::Settings;
use crate::codec::mbim::message::extensions::RegistrationParameters;
use crate::policy::governor::Timer;
use crate::private::Private;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::state::fact::Fact;
use crate::state::{Accepted, Bearer, Edrx, PsmTimers, Reading, SimState, Slot};

/// What a modem is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// AT commands (TS 27.007).
    At,
    /// QMI.
    Qmi,
    /// MBIM.
    Mbim,
}

/// Procedures that always go the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Who the modem is.
    Identity,
    /// The card and its codes.
    Sim,
    /// Radio on and off, restart.
    Radio,
    /// The choice of technologies and bands.
    Selection,
    /// Registration, operator, search for networks.
    Network,
    /// Signal and serving cell.
    Signal,
    /// PSM and eDRX.
    Power,
    /// Data contexts.
    Data,
}

impl Route {
    /// The way of a question.
    pub const fn of(name: QueryName) -> Self {
        match name {
            QueryName::Manufacturer | QueryName::Model | QueryName::Revision | QueryName::Imei => Self::Identity,
            QueryName::Iccid | QueryName::Imsi | QueryName::PinRetries => Self::Sim,
            QueryName::Signal | QueryName::ServingCell => Self::Signal,
            QueryName::PsmGranted => Self::Power,
        }
    }
}

/// How far the radio is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RadioLevel {
    /// Off, and with many modems the card as well.
    Minimum,
    /// Off; the card can be read.
    Off,
    /// On.
    On,
}

/// What has to change of what the modem asks the network for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PowerPlan {
    /// PSM to ask for.
    pub psm: Option<Option<PsmTimers>>,
    /// PSM is on, and the model takes other timers for no news.
    pub psm_off_first: bool,
    /// eDRX to ask for.
    pub edrx: Option<Option<Edrx>>,
    /// The paging time window is to be asked for, of this eDRX.
    pub window: Option<Edrx>,
}

impl PowerPlan {
    /// Whether nothing has to be sent.
    pub fn holds(&self) -> bool {
        self.psm.is_none() && self.edrx.is_none() && self.window.is_none()
    }
}

/// What has to change of what the modem asks a 5G network for when it registers. MBIM alone has words for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegistrationPlan {
    /// To be set; `None`: all is as wanted.
    pub set: Option<RegistrationParameters>,
    /// What is wanted and the modem does not have; a sentence part.
    pub lacking: Option<String>,
}

/// One list of procedures; each becomes a function of the driver that goes the way of its route.
macro_rules! procedures {
    ($($(#[$doc:meta])* [$route:expr] fn $name:ident($($arg:ident: $type:ty),*) -> $told:ty;)*) => {
        impl Driver {
            $(
                $(#[$doc])*
                pub async fn $name(&self, $($arg: $type),*) -> Result<$told, CommandError> {
                    match self.ports.protocol($route, &self.definition()) {
                        Protocol::At => at::$name(self, $($arg),*).await,
                        Protocol::Qmi => qmi::$name(self, $($arg),*).await,
                        Protocol::Mbim => mbim::$name(self, $($arg),*).await,
                    }
                }
            )*
        }
    };
}

procedures! {
    /// Asks a question and enters what it told. `None`: there are no words for it.
    [Route::of(name)] fn ask(name: QueryName) -> Option<Vec<Fact>>;

    /// How far the radio is on. A modem that does not tell is taken for one that is off: switching on does no harm.
    [Route::Radio] fn radio() -> RadioLevel;
    /// Switches the radio; it may take minutes.
    [Route::Radio] fn set_radio(level: RadioLevel) -> ();
    /// Restarts the modem.
    [Route::Radio] fn restart() -> ();

    /// The state of the card; `None` while it is busy, or for something that passes.
    [Route::Sim] fn sim_state() -> Option<SimState>;
    /// Reads a transparent file of the card, `length` octets of it or all; `None`: the card has no such file.
    [Route::Sim] fn read_sim_file(id: u16, length: u8) -> Option<Vec<u8>>;
    /// Sends a PIN. Whether it may be sent is the caller's care.
    [Route::Sim] fn enter_pin(pin: &Private<String>) -> ();
    /// Sends the PUK and the new PIN: only ever for a person.
    [Route::Sim] fn enter_puk(puk: &Private<String>, pin: &Private<String>) -> ();

    /// The slots for cards; empty: there is one, or they are not told.
    [Route::Sim] fn read_slots() -> Vec<Slot>;
    /// Uses the card in another slot.
    [Route::Sim] fn use_slot(slot: u8) -> ();

    /// Whether exactly these technologies are chosen, in this order.
    [Route::Selection] fn rats_hold(rats: &[Rat]) -> bool;
    /// Chooses technologies, the preferred first; what it tells is when that takes effect.
    [Route::Selection] fn choose_rats(rats: &[Rat]) -> Effect;
    /// Chooses bands.
    [Route::Selection] fn choose_bands(bands: &[u16]) -> ();

    /// Reads the registration into the state.
    [Route::Network] fn read_registration() -> ();
    /// Reads network and operator, as far as they are not known.
    [Route::Network] fn read_operator() -> ();
    /// The modem's own words for what went wrong last.
    [Route::Network] fn last_failure() -> Option<String>;
    /// Registers with a network if it is there, else as the SIM has it; takes minutes.
    [Route::Network] fn prefer_network(plmn: Plmn) -> ();
    /// Detaches from the packet domain and attaches again.
    [Route::Network] fn reattach() -> ();
    /// Searches for networks; takes minutes and can be withdrawn.
    [Route::Network] fn scan() -> Vec<ScannedNetwork>;

    /// Reads what the modem asks for and compares it with what is wanted.
    [Route::Power] fn plan_power(wanted: &PowerRequest) -> PowerPlan;
    /// Tells the modem what to ask for, where it asks for something else.
    [Route::Power] fn apply_power(plan: &PowerPlan) -> ();
    /// Reads what the network granted, as far as notices have not told already.
    [Route::Power] fn read_grants() -> ();
    /// Reads the eDRX that the network granted, if any was asked for.
    [Route::Power] fn read_edrx_grant() -> ();
    /// Tells the network that no more data is expected, so that it releases the radio connection without waiting for
    /// its inactivity timer. A modem that knows no such hint goes without: then the network's timer decides as ever.
    [Route::Power] fn no_more_data() -> ();

    /// Whether the definition of the default context, by which the modem attaches, is as wanted.
    [Route::Data] fn context_holds(want: &Settings) -> bool;
    /// Defines the default context.
    [Route::Data] fn define_context(want: &Settings) -> ();
    /// Whether a context is up.
    [Route::Data] fn is_context_up(cid: u8) -> bool;
    /// What is known of a context that is up; `None` where it is down.
    [Route::Data] fn read_context(cid: u8, want: &Settings) -> Option<Bearer>;
    /// How packets of a context that is up share the modem's interface with those of others; `None`: they do not.
    [Route::Data] fn share(cid: u8, want: &Settings) -> Option<Share>;
    /// Brings a context up.
    [Route::Data] fn activate(cid: u8, want: &Settings) -> ();
    /// Takes a context down.
    [Route::Data] fn deactivate(cid: u8) -> ();
    /// The back-off timer (T3396, TS 24.301 §6.5.1.4.2) that runs for the APN of `want`; `None`: none, or it is not told.
    [Route::Data] fn back_off(want: &Settings) -> Option<Timer>;
}

impl Driver {
    /// Waits until the modem answers on each of its ports, for as long as `patience`, and sets up how it is spoken to.
    pub async fn open(&self, patience: Duration) -> Result<(), CommandError> {
        // First the one that may carry the next.
        if self.ports.has(Protocol::Mbim) {
            mbim::open(self, patience).await?;
        }
        if self.ports.has(Protocol::Qmi) {
            qmi::open(self, patience).await?;
        }
        if self.ports.has(Protocol::At) {
            at::open(self, patience).await?;
        }
        Ok(())
    }

    /// Gives back what the modem has few of, as far as it answers at once.
    pub async fn close(&self) {
        if self.ports.has(Protocol::Qmi) {
            qmi::close(self).await;
        }
    }

    /// As [`Self::open`] and [`Self::ask_for_notices`], for a modem that has only slept: in as few commands as it takes.
    pub async fn open_again(&self, patience: Duration, want: &Settings) -> Result<(), CommandError> {
        if self.ports.protocol(Route::Network, &self.definition()) == Protocol::At {
            return at::open_again(self, patience, want).await;
        }
        self.open(patience).await?;
        self.ask_for_notices(want).await
    }

    /// Whether the modem still asks the network for what it was told before it slept. A modem that forgets asks for
    /// nothing, so what is not wanted needs no look; and what has no words for power saving has not forgotten any.
    pub async fn power_kept(&self, wanted: &PowerRequest) -> Result<bool, CommandError> {
        let kept = match self.ports.protocol(Route::Power, &self.definition()) {
            Protocol::At => at::power_kept(self, wanted).await?,
            _ => true,
        };
        Ok(kept && self.plan_registration(wanted).await?.set.is_none())
    }

    /// Reads what the modem asks a 5G network for when it registers, where something of it is wanted, and compares.
    pub async fn plan_registration(&self, wanted: &PowerRequest) -> Result<RegistrationPlan, CommandError> {
        if !wanted.is_of_registration() {
            return Ok(RegistrationPlan::default());
        }
        if self.ports.has(Protocol::Mbim) {
            return mbim::registration::plan(self, wanted).await;
        }
        let why =
            "MICO mode and the DRX cycle of 5G are asked for by MBIM; name the MBIM port of this modem with `mbim`";
        Ok(lacking(self, wanted, why))
    }

    /// Sets what differs; with `again` the modem registers anew for it, otherwise it holds from the next registration on.
    pub async fn apply_registration(
        &self,
        plan: &RegistrationPlan,
        wanted: &PowerRequest,
        again: bool,
    ) -> Result<(), CommandError> {
        match &plan.set {
            Some(set) => mbim::registration::apply(self, wanted, set, again).await,
            None => Ok(()),
        }
    }

    /// Asks to be told of changes, so that nothing has to be polled. The AT port beside another tells of power saving.
    pub async fn ask_for_notices(&self, want: &Settings) -> Result<(), CommandError> {
        let definition = self.definition();
        let network = self.ports.protocol(Route::Network, &definition);
        match network {
            Protocol::Qmi => qmi::ask_for_notices(self, want).await?,
            Protocol::Mbim => mbim::ask_for_notices(self, want).await?,
            Protocol::At => {}
        }
        let saves = definition.capabilities.psm || !definition.capabilities.edrx.is_empty();
        if network == Protocol::At || (saves && self.ports.has(Protocol::At)) {
            at::ask_for_notices(self, want).await?;
        }
        Ok(())
    }
}

/// A context that is up, as far as every protocol knows it.
fn bearer(d: &Driver, cid: u8, want: &Settings) -> Bearer {
    Bearer {
        context: cid,
        apn: want.apn.clone().unwrap_or_default(),
        pdp_type: want.pdp_type,
        active: true,
        addresses: Vec::new(),
        gateways: Vec::new(),
        dns: Vec::new(),
        mtu: None,
        interface: d.ports.interface().map(str::to_owned),
    }
}

/// Where nothing can be set: what is not wanted is so already.
fn lacking(d: &Driver, wanted: &PowerRequest, why: &str) -> RegistrationPlan {
    let (mico, drx_cycle) = (wanted.mico == Some(true), wanted.drx_cycle.flatten());
    d.update(|state, now| {
        let power = &mut state.power;
        (power.mico_requested, power.drx_requested) = (mico, drx_cycle);
        power.mico_accepted = Some(Reading::new(Accepted::Unsupported, now));
        power.drx_accepted = Some(Reading::new(Accepted::Unsupported, now));
    });
    RegistrationPlan { set: None, lacking: (mico || drx_cycle.is_some()).then(|| why.to_owned()) }
}
