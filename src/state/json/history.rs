//! The last hours of a modem, as JSON.

use serde::{Deserialize, Serialize};

use super::Time;
use crate::state::Timestamp;
use crate::state::history::{self, History};

/// The last hours of a modem.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// How the modem could be reached, the oldest first; each holds until the next.
    pub changes: Vec<Change>,
    /// When it was sent commands, the oldest first.
    pub commands: Vec<Commands>,
}

/// From when on a modem could be reached in a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Since when.
    pub at: Time,
    /// Name of the [`Reachability`](crate::state::Reachability).
    pub reachability: String,
}

/// Commands that were sent shortly after one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commands {
    /// The first.
    pub at: Time,
    /// The last.
    pub until: Time,
    /// How many.
    pub count: u32,
}

impl Timeline {
    /// What `history` has from `since` on.
    pub fn of(history: &History, since: Timestamp) -> Self {
        Self {
            changes: history.changes(since).map(Change::from).collect(),
            commands: history.commands(since).map(Commands::from).collect(),
        }
    }
}

impl From<&history::Change> for Change {
    fn from(change: &history::Change) -> Self {
        Self { at: Time(change.at), reachability: change.reachability.into() }
    }
}

impl From<&history::Commands> for Commands {
    fn from(burst: &history::Commands) -> Self {
        Self { at: Time(burst.at), until: Time(burst.until), count: burst.count }
    }
}
