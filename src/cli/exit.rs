//! How a command ends: stable exit codes, and errors that carry one.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::bus::client::{self, ClientError};
use crate::modem::handle::ErrorKind;

/// Exit codes. Scripts depend on them: a code never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Ok = 0,
    /// 1: it failed, for a reason that has no code of its own; the modem answered with an error.
    Failure = 1,
    /// 2: the command line, or a value in it, is wrong.
    Usage = 2,
    /// 3: the daemon cannot be reached.
    Unreachable = 3,
    /// 4: there is no such modem.
    NoModem = 4,
    /// 5: no answer in time.
    TimedOut = 5,
    /// 6: the network refused.
    Denied = 6,
    /// 7: the SIM wants a code, is absent, or refused a code.
    Sim = 7,
    /// 8: the caller may not do that.
    NotAuthorised = 8,
    /// 9: the model cannot do it.
    Unsupported = 9,
    /// 10: the modem is in no state for it, or its driver has stopped.
    WrongState = 10,
}

/// The codes in words, printed under `--help`.
pub const HELP: &str = "\
Exit codes:
  0  done
  1  failed; the modem answered with an error
  2  the command line is wrong
  3  the daemon cannot be reached
  4  no such modem
  5  no answer in time
  6  the network refused
  7  the SIM wants a code, is absent, or refused a code
  8  not authorised
  9  the model cannot do it
 10  the modem is in no state for it";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure that the command itself found: a sentence and the exit code that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What failed, why, and what to do next.
    pub message: String,
}

impl Failure {
    /// `message`, ending the process with `exit`.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The end of a command that was run for somebody else: its exit code is passed on, and nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the command ended with {0}")]
pub struct Relayed(pub u8);

impl From<client::Failure> for Exit {
    fn from(failure: client::Failure) -> Self {
        match failure {
            client::Failure::Request(kind) => kind.into(),
            client::Failure::NotAuthorized => Self::NotAuthorised,
            client::Failure::NoSuchModem => Self::NoModem,
            client::Failure::Unreachable => Self::Unreachable,
            client::Failure::Other => Self::Failure,
        }
    }
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidArgument => Self::Usage,
            ErrorKind::WrongState | ErrorKind::Gone => Self::WrongState,
            ErrorKind::Sim => Self::Sim,
            ErrorKind::Denied => Self::Denied,
            ErrorKind::TimedOut => Self::TimedOut,
            ErrorKind::Unsupported => Self::Unsupported,
            ErrorKind::Modem | ErrorKind::Cancelled => Self::Failure,
        }
    }
}

/// The exit code of an error; `None` where nobody reads the output any more (`lpwa watch | head`), which is no error.
pub fn code(error: &anyhow::Error) -> Option<Exit> {
    if error.chain().filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe) {
        return None;
    }
    let own = error.chain().find_map(|e| e.downcast_ref::<Failure>()).map(|failure| failure.exit);
    let daemon = || error.chain().find_map(|e| e.downcast_ref::<ClientError>()).map(|error| error.failure.into());
    Some(own.or_else(daemon).unwrap_or(Exit::Failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_code() {
        for exit in [
            Exit::Ok,
            Exit::Failure,
            Exit::Usage,
            Exit::Unreachable,
            Exit::NoModem,
            Exit::TimedOut,
            Exit::Denied,
            Exit::Sim,
            Exit::NotAuthorised,
            Exit::Unsupported,
            Exit::WrongState,
        ] {
            let number = format!("{:>3}  ", exit as u8);
            assert!(HELP.lines().any(|line| line.starts_with(&number)), "{exit:?} is missing");
        }
    }

    #[test]
    fn a_closed_reader_is_no_error() {
        let closed = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe)).context("writing");
        assert_eq!(code(&closed), None);
        let missing = anyhow::Error::from(Failure::new(Exit::NoModem, "m7 is not there")).context("showing");
        assert_eq!(code(&missing), Some(Exit::NoModem));
        assert_eq!(code(&anyhow::anyhow!("anything else")), Some(Exit::Failure));
        let refused = client::Failure::Request(ErrorKind::Denied);
        let refused = ClientError { failure: refused, message: "m0: refused".into() };
        assert_eq!(code(&anyhow::Error::from(refused)), Some(Exit::Denied));
    }
}
