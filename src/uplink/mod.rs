//! Uplinks at work: the hands of [`policy::health`](crate::policy::health), [`policy::uplink`](crate::policy::uplink),
//! [`policy::recovery`](crate::policy::recovery) and [`policy::usage`](crate::policy::usage).
//!
//! A [`runner`] watches the links of one uplink and gives the default route to one of them; a [`medic`] climbs the
//! ladder for one modem; the [`meter`] counts what every link carries.

pub mod handle;
pub mod journal;
pub mod kernel;
pub mod medic;
mod member;
pub mod meter;
pub mod probe;
pub mod runner;
pub mod supply;

use crate::modem::handle::{LinkSetup, PowerRequest};
use crate::policy::health::{Limits, LinkKind, Target};
use crate::policy::uplink::Rules;
use crate::policy::usage::Plan;

pub use handle::{UplinkError, UplinkHandle};

/// What the configuration wants of one uplink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UplinkSettings {
    /// Its name.
    pub name: String,
    /// How willingly links are changed.
    pub rules: Rules,
    /// Metric of the default route.
    pub metric: u32,
    /// Its links, the preferred first.
    pub members: Vec<MemberSettings>,
}

/// What the configuration wants of one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSettings {
    /// Its name in the uplink.
    pub name: String,
    /// What it goes by.
    pub way: Way,
    /// How its modem has to be set for it; links of one modem that differ in this take turns.
    pub setup: Option<LinkSetup>,
    /// What it is.
    pub kind: LinkKind,
    /// How closely it is watched.
    pub limits: Limits,
    /// Who is asked whether packets get through.
    pub targets: Vec<Target>,
    /// Relative price.
    pub cost: u32,
    /// What its data plan allows.
    pub plan: Plan,
    /// What happens when the plan is used up.
    pub then: Then,
}

/// What a link goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A data context of a modem; without a number its first.
    Modem {
        /// Id of the modem.
        id: String,
        /// Context id.
        context: Option<u8>,
    },
    /// An interface that somebody else keeps.
    Interface(String),
}

impl Way {
    /// The modem that it goes by.
    pub fn modem(&self) -> Option<&str> {
        match self {
            Self::Modem { id, .. } => Some(id),
            Self::Interface(_) => None,
        }
    }

    /// Whether both go by the same modem or interface.
    pub fn is_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Modem { id, .. }, Self::Modem { id: other, .. }) => id == other,
            _ => self == other,
        }
    }
}

/// What happens when a plan is used up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Then {
    /// It is told.
    #[default]
    Warn,
    /// Another link is used, where there is one.
    Switch,
    /// The modem goes to another power profile until the plan begins anew.
    Throttle {
        /// Name of the profile.
        profile: String,
        /// What it asks for.
        power: PowerRequest,
        /// What the modem asks for otherwise.
        usual: PowerRequest,
    },
}
