//! A type for secrets: what is inside never reaches a log by accident.
//!
//! PIN, APN password, IMSI, ICCID, phone numbers and SMS text travel as [`Private<T>`]. Both `Debug` and
//! `Display` print [`REDACTED`]; reading the value takes an explicit [`Private::reveal`].

use std::fmt;

/// What a redacted value prints as.
pub const REDACTED: &str = "<redacted>";

/// A value that prints redacted.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Marks `value` as a secret.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The secret itself, for the one place that must use it: the modem, the authorised caller.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Gives the secret away.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_redacted_and_reveals_on_request() {
        let pin = Private::new("1234");
        assert_eq!(format!("{pin} {pin:?}"), "<redacted> <redacted>");
        assert_eq!(*pin.reveal(), "1234");
    }
}
