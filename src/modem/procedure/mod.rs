//! 3GPP procedures as straight-line `async fn`s over a [`Driver`](super::driver::Driver): what a modem is asked and told, in which order.
//! How, in which protocol, is the care of the [`backend`](super::backend).
//!
//! A procedure ends well, or with a [`Stop`]: the state in which the modem is left, the reason, and whether trying
//! again later can help. None of them polls.

pub mod configure;
pub mod context;
pub mod power;
pub mod probe;
pub mod radio;
pub mod register;
pub mod sim;
pub mod wake;

use super::channel::CommandError;
use crate::state::Lifecycle;

/// Why a procedure did not reach its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The state that the modem is left in.
    pub lifecycle: Lifecycle,
    /// What kept it from going on, where the state does not say it.
    pub trouble: Option<String>,
    /// When to try again.
    pub retry: Retry,
}

/// When trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Soon, then less and less often: the modem or its port is the trouble.
    Port,
    /// In minutes, then hours: the network refused.
    Network,
    /// When a person, the SIM or the modem changed something.
    OnChange,
    /// At once, from the start: the modem restarted.
    Restart,
}

impl Stop {
    /// The modem cannot be worked with; `doing` says during what.
    pub fn failed(doing: &str, error: &CommandError) -> Self {
        if matches!(error, CommandError::Rebooted { .. }) {
            return Self { lifecycle: Lifecycle::Probing, trouble: Some(error.to_string()), retry: Retry::Restart };
        }
        if let CommandError::Unsupported(message) = error {
            let lifecycle = Lifecycle::Failed(message.clone());
            return Self { lifecycle, trouble: None, retry: Retry::OnChange };
        }
        Self { lifecycle: Lifecycle::Failed(format!("{doing}: {error}")), trouble: None, retry: Retry::Port }
    }
}

/// For `map_err`: names what was being done.
pub fn during(doing: &'static str) -> impl Fn(CommandError) -> Stop {
    move |error| Stop::failed(doing, &error)
}

/// An answer that may be missing: a refused command is no reason to stop, a lost port is.
pub fn optional<T>(result: Result<T, CommandError>) -> Result<Option<T>, CommandError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(CommandError::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
