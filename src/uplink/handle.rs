//! What the rest of the house may ask of an uplink.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, oneshot, watch};

use crate::state::uplink::UplinkState;

/// The uplinks by name, as they come and go.
pub type Uplinks = BTreeMap<String, UplinkHandle>;

/// Why an uplink does not do what it was asked for: a sentence for the person at the keyboard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UplinkError {
    /// It has no such member.
    #[error("{uplink}: there is no member {member:?}; there are {members}, and auto lets lpwa choose")]
    NoMember {
        /// The uplink.
        uplink: String,
        /// What was asked for.
        member: String,
        /// What there is.
        members: String,
    },
    /// It is no more.
    #[error("{0}: the uplink is no more; `lpwa uplink show` has those that there are")]
    Gone(String),
}

/// A person prefers a member; `None`: lpwa chooses again.
#[derive(Debug)]
pub struct Use {
    /// The member.
    pub member: Option<String>,
    /// The way back.
    pub reply: oneshot::Sender<Result<(), UplinkError>>,
}

/// A cheap handle to an uplink.
#[derive(Debug, Clone)]
pub struct UplinkHandle {
    /// Its name.
    pub name: String,
    /// The one truth, as it changes.
    pub state: watch::Receiver<UplinkState>,
    /// What persons ask for.
    pub wishes: mpsc::Sender<Use>,
}

impl UplinkHandle {
    /// Prefers `member` to all others; `None`: lpwa chooses again.
    pub async fn prefer(&self, member: Option<String>) -> Result<(), UplinkError> {
        let (reply, done) = oneshot::channel();
        let gone = || UplinkError::Gone(self.name.clone());
        self.wishes.send(Use { member, reply }).await.map_err(|_| gone())?;
        done.await.unwrap_or_else(|_| Err(gone()))
    }
}
