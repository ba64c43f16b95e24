//! What may go wrong between a face and the daemon.

use std::io::ErrorKind;

use zbus::DBusError;

use crate::bus::auth;
use crate::bus::error::kind_of;
use crate::modem::handle;

/// Why a call failed: a kind for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ClientError {
    /// What kind of failure it is.
    pub failure: Failure,
    /// What failed, why, and what to do next.
    pub message: String,
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The daemon or the modem refused.
    Request(handle::ErrorKind),
    /// The caller may not do that.
    NotAuthorized,
    /// There is no modem of that id.
    NoSuchModem,
    /// No daemon answers.
    Unreachable,
    /// The two do not understand each other.
    Other,
}

impl ClientError {
    pub(super) fn new(failure: Failure, message: impl Into<String>) -> Self {
        Self { failure, message: message.into() }
    }

    /// Of two attempts to reach the daemon, the one that got further.
    pub(super) fn or(self, other: Self) -> Self {
        if self.failure == Failure::Unreachable { other } else { self }
    }

    /// Says where the daemon was looked for.
    pub(super) fn at(self, place: &str) -> Self {
        if self.failure != Failure::Unreachable {
            return self;
        }
        let message =
            format!("no lpwa daemon at {place}: {}; is `lpwa daemon` running? --address looks elsewhere", self.message);
        Self { message, ..self }
    }

    /// Says which modem is missing.
    pub(super) fn of_modem(self, id: &str) -> Self {
        if self.failure != Failure::NoSuchModem {
            return self;
        }
        Self { message: format!("there is no modem {id}; `lpwa list` shows those that are there"), ..self }
    }
}

impl From<zbus::Error> for ClientError {
    fn from(error: zbus::Error) -> Self {
        match &error {
            zbus::Error::MethodError(name, description, _) => {
                let message = description.clone().unwrap_or_else(|| error.to_string());
                Self::new(failure_of(name.as_str()), message)
            }
            zbus::Error::FDO(error) => {
                let message = error.description().map_or_else(|| error.to_string(), str::to_owned);
                Self::new(failure_of(error.name().as_str()), message)
            }
            zbus::Error::Connection(cause, place) if cause.kind() == ErrorKind::PermissionDenied => {
                let message = format!("{place} is not open to you: {}", auth::remedy());
                Self::new(Failure::NotAuthorized, message)
            }
            zbus::Error::InputOutput(_)
            | zbus::Error::Connection(..)
            | zbus::Error::Handshake(_)
            | zbus::Error::Address(_) => Self::new(Failure::Unreachable, error.to_string()),
            _ => Self::new(Failure::Other, format!("the daemon's answer cannot be read: {error}")),
        }
    }
}

fn failure_of(name: &str) -> Failure {
    if let Some(kind) = kind_of(name) {
        return Failure::Request(kind);
    }
    match name {
        "org.lpwa.Error.NotAuthorized" | "org.freedesktop.DBus.Error.AccessDenied" => Failure::NotAuthorized,
        "org.freedesktop.DBus.Error.UnknownObject" => Failure::NoSuchModem,
        "org.freedesktop.DBus.Error.ServiceUnknown"
        | "org.freedesktop.DBus.Error.NameHasNoOwner"
        | "org.freedesktop.DBus.Error.NoReply"
        | "org.freedesktop.DBus.Error.Disconnected" => Failure::Unreachable,
        _ => Failure::Other,
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_socket_that_is_closed_to_somebody_is_no_daemon_that_does_not_run() {
        let of = |kind: ErrorKind| {
            let place = Box::new("unix:path=/run/lpwa/lpwa.sock".parse::<zbus::Address>().unwrap());
            ClientError::from(zbus::Error::Connection(Arc::new(io::Error::from(kind)), place)).at("the socket")
        };
        let closed = of(ErrorKind::PermissionDenied);
        assert_eq!(closed.failure, Failure::NotAuthorized);
        assert!(closed.message.contains("usermod -aG lpwa"), "{closed}");
        assert_eq!(of(ErrorKind::NotFound).failure, Failure::Unreachable);
    }
}
