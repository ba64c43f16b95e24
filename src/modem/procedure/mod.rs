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
pub mod slot;
pub mod wake;
pub mod wish;

use super::channel::CommandError;
use super::desk::Vigil;
use super::gate::Gate;
use super::pins::Pins;
use super::sim_policy::SimPolicies;
use crate::policy::governor::{Act, Asker, Wait};
use crate::state::Lifecycle;

/// What procedures work with beside the modem.
#[derive(Debug, Clone)]
pub struct Aids {
    /// PINs that were tried.
    pub pins: Pins,
    /// What is wanted with which card.
    pub sims: SimPolicies,
    /// Where attaches and activations pass.
    pub gate: Gate,
    /// Who wants it.
    pub asker: Asker,
    /// What holds make of the power saving that is wanted.
    pub vigil: Vigil,
}

impl Aids {
    /// Asks for leave; where it is not given, the modem stays in `lifecycle` meanwhile.
    pub fn ask(&self, act: Act, apn: &str, lifecycle: Lifecycle) -> Result<(), Stop> {
        self.gate.ask(act, self.asker, apn).map_err(|wait| {
            // A network that refused has a say in what comes next; otherwise the modem is where it was.
            let again = if act == Act::Attach { Again::Settings } else { Again::Network };
            Stop { lifecycle, trouble: None, retry: Retry::Held(wait, again) }
        })
    }
}

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retry {
    /// Soon, then less and less often: the modem or its port is the trouble.
    Port,
    /// In minutes, then hours: nothing may tell that it has changed.
    Later,
    /// When the governor says so, and then from here.
    Held(Wait, Again),
    /// When a person, the SIM or the modem changed something.
    OnChange,
    /// At once, from the start: the modem restarted.
    Restart,
    /// At once, with the card in another slot.
    NextSlot,
}

/// From where it goes on after a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Registration and context.
    Network,
    /// The settings, since another APN has its turn.
    Settings,
    /// The radio is switched off and on, so that the modem asks a network that had refused it.
    Attach,
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
