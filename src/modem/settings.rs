//! What the configuration wants of one modem.

use super::handle::{LinkSetup, PowerRequest};
use super::sim_policy::{Access, Roaming};
use crate::private::Private;
use crate::spec::apn::{Apn, Authentication, PdpType};
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;

/// What is wanted of a modem. What is not set is left as the modem has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// The id that lasts.
    pub id: String,
    /// The model file, where the configuration names it; otherwise the modem is asked.
    pub model: Option<String>,
    /// APN; `None` leaves the context as the modem has it.
    pub apn: Option<Apn>,
    /// Type of the connection.
    pub pdp_type: PdpType,
    /// Context id; `None` is the one by which the modem attaches.
    pub context: Option<u8>,
    /// Whether data go by PPP on the line that takes commands.
    pub dial: bool,
    /// Further contexts.
    pub more: Vec<Context>,
    /// User name and password of the APN.
    pub credentials: Option<(String, Private<String>)>,
    /// How they are sent.
    pub authentication: Authentication,
    /// Whether a person asked for the APN since the daemon started: no policy goes before that.
    pub apn_by_person: bool,
    /// Technologies, the preferred first; empty leaves the modem's choice.
    pub rats: Vec<Rat>,
    /// Bands; empty leaves the modem's choice.
    pub bands: Vec<u16>,
    /// Whether a data context is brought up without being asked.
    pub autoconnect: bool,
    /// PIN.
    pub pin: Option<Private<String>>,
    /// Why the PIN that is named cannot be used.
    pub pin_trouble: Option<String>,
    /// Power saving.
    pub power: PowerRequest,
    /// What a person asked for since the daemon started: it goes before the rest.
    pub power_by_person: PowerRequest,
    /// Whether the network is told that no more data is expected when nobody holds the modem awake any more.
    pub release: bool,
    /// Where data may be used away from home.
    pub roaming: Roaming,
    /// Networks to be used where they are there, the first before the others.
    pub preferred: Vec<Plmn>,
    /// Networks that are never used for data.
    pub forbidden: Vec<Plmn>,
    /// Slots for cards, the preferred first; empty: the modem's own choice.
    pub slots: Vec<u8>,
    /// The slot that a person asked for since the daemon started: it goes before the others.
    pub slot_by_person: Option<u8>,
    /// How the modem is set for the link of an uplink.
    pub link: Option<LinkSetup>,
}

impl Settings {
    /// Slots for cards that may be used, the preferred first; empty: the modem's own choice.
    pub fn slot_order(&self) -> Vec<u8> {
        if let Some(slot) = self.link.as_ref().and_then(|link| link.slot) {
            return vec![slot];
        }
        let others = self.slots.iter().copied().filter(|slot| Some(*slot) != self.slot_by_person);
        self.slot_by_person.into_iter().chain(others).collect()
    }

    /// Takes `access`; what it leaves open is as in `base`.
    pub fn enter(&mut self, access: &Access, base: &Self) {
        self.apn = Some(access.apn.clone());
        self.pdp_type = access.pdp_type.unwrap_or(base.pdp_type);
        self.credentials.clone_from(&access.credentials);
        self.authentication = access.authentication;
    }
}

/// A context beside the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// Context id.
    pub cid: u8,
    /// APN; empty asks for the network's default.
    pub apn: Apn,
    /// Type of the connection.
    pub pdp_type: PdpType,
    /// User name and password of the APN.
    pub credentials: Option<(String, Private<String>)>,
}

impl Settings {
    /// Whether the modem is to have several contexts up at a time.
    pub const fn is_one_of_several(&self) -> bool {
        self.context.is_some() || !self.more.is_empty()
    }

    /// What is wanted of one of the further contexts.
    pub fn of(&self, context: &Context) -> Self {
        Self {
            context: Some(context.cid),
            apn: Some(context.apn.clone()),
            pdp_type: context.pdp_type,
            credentials: context.credentials.clone(),
            // One line carries one call.
            dial: false,
            more: Vec::new(),
            ..self.clone()
        }
    }
}
