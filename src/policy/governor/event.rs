//! What the governor is told, and what it says.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SlotTrouble;
use crate::spec::cause::{Cause, Class};
use crate::spec::plmn::Plmn;
use crate::state::Timestamp;

/// What costs the network signalling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Radio on, attach, or the choice of a network.
    Attach,
    /// A data context.
    Activate,
    /// A restart of the modem, by command or by power.
    Reset,
    /// Another slot for a card: the modem leaves the network, and attaches with another SIM.
    Switch,
}

/// Who wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Nobody but the daemon.
    Itself,
    /// A person, or a program that speaks for one: that counts as a change.
    Person,
}

/// What became different; a refusal from before it says less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Another card, or another slot.
    Sim,
    /// APN, type or credentials.
    Apn,
    /// The modem hears this network.
    Place(Plmn),
    /// A person says to try again.
    Person,
}

/// A back-off timer that the network set: T3346 or T3396. The greater of two is the longer wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// It runs for so long.
    Runs(Duration),
    /// Deactivated: not again until something changes (TS 24.301 §6.5.1.4.2).
    Deactivated,
}

/// A refusal, or silence.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// What was refused.
    pub act: Act,
    /// Why; `None`: no answer, or none with a cause.
    pub cause: Option<Cause>,
    /// How long the network wants to be left alone, where it says so.
    pub timer: Option<Timer>,
    /// The APNs that may be used, in order; the empty one is the network's default.
    pub apns: &'a [String],
    /// The one that was tried.
    pub apn: &'a str,
    /// Where.
    pub plmn: Option<Plmn>,
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Somebody wants to do this, an activation with this APN.
    Wish(Act, Asker, &'a str),
    /// A part of an attempt was refused, and the network said what to do instead: that is done at once, where the budgets
    /// allow it.
    Again(Act),
    /// It was refused, or not answered.
    Refused(Refusal<'a>),
    /// It succeeded, an activation with this APN.
    Done(Act, &'a str),
    /// The data context went down by itself.
    Lost,
    /// The card in this slot is of no use.
    SlotFailed(u8, SlotTrouble),
    /// The card in this slot is of use, or a person wants it.
    SlotWorks(u8),
    /// Something became different.
    Changed(Change),
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Do it now: it is counted already.
    Go,
    /// Not yet.
    Wait(Wait),
    /// Try the APN at this place of the list, not before the end of the wait.
    NextApn(usize, Wait),
    /// Nothing follows.
    Rest,
}

/// Why something has to wait, and until when; prints as a sentence part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What has to wait.
    pub act: Act,
    /// The end; `None`: until something changes.
    pub until: Option<Timestamp>,
    /// Why.
    pub why: Why,
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The network refused, or did not answer.
    Refused {
        /// The cause, where it gave one.
        cause: Option<Cause>,
        /// The APN that was tried, where it matters.
        apn: Option<String>,
        /// The network said how long to wait.
        timer: bool,
    },
    /// The data context did not hold.
    Unstable,
    /// The last attempt was a moment ago.
    Spacing,
    /// So many within an hour.
    Hour(u32),
    /// So many within a day.
    Day(u32),
    /// So many restarts in a row did not help.
    Restarts(u32),
}

impl Refusal<'_> {
    pub(super) fn why(&self) -> Why {
        let about_apn = self.act == Act::Activate || self.cause.is_some_and(|c| c.class() == Class::Configuration);
        Why::Refused { cause: self.cause, apn: about_apn.then(|| self.apn.to_owned()), timer: self.timer.is_some() }
    }
}
