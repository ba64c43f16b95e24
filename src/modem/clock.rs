//! The time that readings carry.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::state::Timestamp;

/// Where timestamps come from. Waiting is always tokio's; this only names points in time.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The system's clock, jumps included: what a person at the gateway reads.
    System,
    /// A fixed start, then tokio's clock: the same every time, for replay and tests.
    Fixed {
        /// The time at `start`.
        epoch: Timestamp,
        /// When it was.
        start: Instant,
    },
}

impl Clock {
    /// A clock that starts now at `epoch` and runs with tokio's.
    pub fn fixed(epoch: Timestamp) -> Self {
        Self::Fixed { epoch, start: Instant::now() }
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::default().after(elapsed)
            }
            Self::Fixed { epoch, start } => epoch.after(start.elapsed()),
        }
    }
}
