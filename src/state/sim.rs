//! The card, and what holds for it.

use super::Known;
use crate::private::Private;
use crate::spec::identity::{Iccid, Imsi};
use crate::spec::plmn::Plmn;

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
