//! What is known of one kind of attempt.

use serde::{Deserialize, Serialize};

use super::Why;
use crate::spec::cause::{Cause, Class};
use crate::spec::plmn::Plmn;
use crate::state::Timestamp;

/// The end of a wait that only a change ends.
pub(super) const NEVER: u64 = u64::MAX;

/// Networks that are remembered.
const PLACES: usize = 16;

/// Attaches, or activations: what went wrong, and until when to be quiet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lane {
    /// In a row.
    pub failures: u32,
    /// No attempt before; 0: at any time.
    pub until: u64,
    /// A permanent cause was given.
    pub permanent: bool,
    /// Why to wait.
    pub why: Option<Why>,
    /// Networks in which it was refused.
    pub places: Vec<String>,
}

/// An APN that is not to be used for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub until: u64,
    /// Refusals in a row.
    pub tries: u32,
    pub why: Why,
}

impl Lane {
    pub fn wait(&mut self, until: Timestamp, why: Why) {
        (self.until, self.why) = (until.0, Some(why));
    }

    pub fn obstacle(&self) -> Option<(Timestamp, Why)> {
        self.why.clone().map(|why| (Timestamp(self.until), why))
    }

    /// A permanent cause, or a timer of the network, which a restart would only wipe out and run into again.
    pub fn forbids_reset(&self) -> Option<(Timestamp, Why)> {
        let timer = matches!(self.why, Some(Why::Refused { timer: true, .. }));
        let why = self.why.clone().filter(|_| self.permanent || timer)?;
        Some((Timestamp(if self.permanent { NEVER } else { self.until }), why))
    }

    pub fn cause(&self) -> Option<Cause> {
        match self.why {
            Some(Why::Refused { cause, .. }) => cause,
            _ => None,
        }
    }

    /// It worked: only service that holds wipes the number of failures.
    pub fn succeed(&mut self) {
        *self = Self { failures: self.failures, ..Self::default() };
    }

    pub fn meet(&mut self, plmn: Plmn) {
        let plmn = plmn.to_string();
        if !self.places.contains(&plmn) && self.places.len() < PLACES {
            self.places.push(plmn);
        }
    }

    /// Another network may be of another mind, but not of a SIM or a modem that its own operator refuses. Returns whether
    /// waits were lifted; networks that refused already lift none, so that a modem at a border does not try for ever.
    pub fn move_to(&mut self, plmn: Plmn) -> bool {
        let bound = self.cause().map(Cause::class);
        let everywhere = matches!(bound, Some(Class::PermanentSim | Class::PermanentDevice));
        let full = self.places.len() >= PLACES;
        if everywhere || full || self.places.is_empty() || self.places.contains(&plmn.to_string()) {
            return false;
        }
        (self.until, self.permanent, self.why) = (0, false, None);
        true
    }
}
