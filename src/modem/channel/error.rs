//! Why a command has no good answer.

use std::time::Duration;

use crate::codec::at::AtError;
use crate::codec::at::command::InvalidCommand;
use crate::modem::backend::at;
use crate::modem::backend::mbim::MbimRefusal;
use crate::modem::backend::qmi::QmiRefusal;
use crate::spec::cause::Cause;
use crate::spec::span::Span;

/// Why a command has no good answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The modem said no.
    #[error("{command} failed: {refusal}")]
    Refused {
        /// The command, secrets out.
        command: String,
        /// What it answered.
        refusal: Refusal,
    },
    /// No final result in time.
    #[error("the modem did not answer {command} within {}", Span(*after))]
    TimedOut {
        /// The command, secrets out.
        command: String,
        /// The time-out.
        after: Duration,
    },
    /// The boot banner came instead of an answer.
    #[error("the modem restarted during {command}")]
    Rebooted {
        /// The command, secrets out.
        command: String,
    },
    /// The port is gone.
    #[error("the port closed")]
    Closed,
    /// The line could not be built.
    #[error(transparent)]
    Invalid(#[from] InvalidCommand),
    /// The line carries data and takes no commands meanwhile.
    #[error(
        "the line carries data; `lpwa disconnect` frees it, or give PPP a line of its own with ppp_port = \"/dev/...\""
    )]
    Lent,
    /// The model has no way to do it; a sentence.
    #[error("{0}")]
    Unsupported(String),
}

/// How a modem says no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `ERROR`, `+CME ERROR` and their like.
    #[error(transparent)]
    At(AtError),
    /// An error of QMI.
    #[error("{0}")]
    Qmi(QmiRefusal),
    /// A status of MBIM.
    #[error("{0}")]
    Mbim(MbimRefusal),
}

impl Refusal {
    /// The ESM cause that the refusal of a data context stands for.
    pub fn esm_cause(&self) -> Option<Cause> {
        match self {
            Self::At(error) => at::esm_cause(error),
            Self::Qmi(refusal) => refusal.cause(),
            Self::Mbim(refusal) => refusal.cause,
        }
    }
}
