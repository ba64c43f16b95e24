//! Where the daemon is reached: a bus, a socket.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The bus to be on: `system`, `session`, `none`, or a D-Bus address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Bus {
    /// The system bus.
    #[default]
    System,
    /// The session bus.
    Session,
    /// No bus.
    None,
    /// The bus at an address such as `unix:path=/run/x/bus`.
    Address(String),
}

/// A unix socket on which peers are served without a bus: `unix:path=/run/lpwa/lpwa.sock`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen(PathBuf);

/// The text names no place that the daemon could be reached at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlace {
    /// No bus.
    #[error("{0:?} is no bus; use system, session, none, or an address such as unix:path=/run/x/bus")]
    Bus(String),
    /// No socket.
    #[error("{0:?} is no socket to listen on; write it like unix:path=/run/lpwa/lpwa.sock")]
    Listen(String),
}

impl Listen {
    /// The socket's path, absolute.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl FromStr for Bus {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        match text {
            "system" => Ok(Self::System),
            "session" => Ok(Self::Session),
            "none" => Ok(Self::None),
            // D-Bus specification, "Server Addresses": a transport, a colon, key=value pairs.
            _ if text.split_once(':').is_some_and(|(_, keys)| keys.contains('=')) => Ok(Self::Address(text.into())),
            _ => Err(InvalidPlace::Bus(text.into())),
        }
    }
}

impl FromStr for Listen {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        match text.strip_prefix("unix:path=") {
            Some(path) if path.starts_with('/') && !path.contains([',', ';', '%', '\0']) => Ok(Self(path.into())),
            _ => Err(InvalidPlace::Listen(text.into())),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unix:path={}", self.0.display())
    }
}
