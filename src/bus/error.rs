//! D-Bus errors: `org.lpwa.Error.*`, with a sentence for the person at the keyboard.

use crate::modem::handle::{ErrorKind, RequestError};

/// An error as it goes over the wire.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.lpwa.Error")]
pub enum Error {
    InvalidArgument(String),
    WrongState(String),
    Sim(String),
    Denied(String),
    TimedOut(String),
    Unsupported(String),
    Modem(String),
    Gone(String),
    Cancelled(String),
    NotAuthorized(String),
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        let message = error.to_string();
        match error.kind {
            ErrorKind::InvalidArgument => Self::InvalidArgument(message),
            ErrorKind::WrongState => Self::WrongState(message),
            ErrorKind::Sim => Self::Sim(message),
            ErrorKind::Denied => Self::Denied(message),
            ErrorKind::TimedOut => Self::TimedOut(message),
            ErrorKind::Unsupported => Self::Unsupported(message),
            ErrorKind::Modem => Self::Modem(message),
            ErrorKind::Gone => Self::Gone(message),
            ErrorKind::Cancelled => Self::Cancelled(message),
        }
    }
}

/// The kind that an error's full name stands for; `None` for `NotAuthorized` and for names that are not ours.
pub fn kind_of(name: &str) -> Option<ErrorKind> {
    match name.strip_prefix("org.lpwa.Error.")? {
        "InvalidArgument" => Some(ErrorKind::InvalidArgument),
        "WrongState" => Some(ErrorKind::WrongState),
        "Sim" => Some(ErrorKind::Sim),
        "Denied" => Some(ErrorKind::Denied),
        "TimedOut" => Some(ErrorKind::TimedOut),
        "Unsupported" => Some(ErrorKind::Unsupported),
        "Modem" => Some(ErrorKind::Modem),
        "Gone" => Some(ErrorKind::Gone),
        "Cancelled" => Some(ErrorKind::Cancelled),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use zbus::DBusError;

    use super::*;

    #[test]
    fn kinds_survive_the_wire() {
        for kind in [
            ErrorKind::InvalidArgument,
            ErrorKind::WrongState,
            ErrorKind::Sim,
            ErrorKind::Denied,
            ErrorKind::TimedOut,
            ErrorKind::Unsupported,
            ErrorKind::Modem,
            ErrorKind::Gone,
            ErrorKind::Cancelled,
        ] {
            let error = Error::from(RequestError { kind, modem: "m0".into(), message: "no".into() });
            assert_eq!(kind_of(error.name().as_str()), Some(kind));
            assert_eq!(error.description(), Some("m0: no"));
        }
        assert_eq!(kind_of("org.lpwa.Error.NotAuthorized"), None);
        assert_eq!(kind_of("org.freedesktop.DBus.Error.Failed"), None);
    }
}
