//! UUIDs of services and of kinds of contexts.

use std::fmt;
use std::str::FromStr;

use super::context;
use super::service::Service;

/// A UUID, in the order in which it is written and sent (MBIM 1.0 clause 7).
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

/// Text that is no UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no UUID: 32 hexadecimal digits are expected, as in a289cc33-bcbb-8b4f-b6b0-133ec2aae6df")]
pub struct InvalidUuid;

impl Uuid {
    /// The UUID of a number as it is written in hexadecimal digits.
    pub const fn from_u128(number: u128) -> Self {
        Self(number.to_be_bytes())
    }

    /// What it is known by: the name of a service or of a kind of context.
    pub fn name(&self) -> Option<&'static str> {
        Service::of(*self).map(Service::name).or_else(|| context::name(*self))
    }

    /// The UUID that is known by `name`, or written as digits.
    pub fn named(name: &str) -> Result<Self, InvalidUuid> {
        match Service::named(name) {
            Some(service) => Ok(service.uuid()),
            None => context::named(name).map_or_else(|| name.parse(), Ok),
        }
    }
}

/// Where the dashes stand.
const DASHES: [usize; 4] = [8, 13, 18, 23];

impl FromStr for Uuid {
    type Err = InvalidUuid;

    fn from_str(text: &str) -> Result<Self, InvalidUuid> {
        let dashed = text.len() == 36 && DASHES.iter().all(|at| text.as_bytes().get(*at) == Some(&b'-'));
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if !dashed || digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidUuid);
        }
        u128::from_str_radix(&digits, 16).map(Self::from_u128).map_err(|_| InvalidUuid)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{self}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let text = "a289cc33-bcbb-8b4f-b6b0-133ec2aae6df";
        let uuid: Uuid = text.parse().unwrap();
        assert_eq!(uuid.to_string(), text);
        assert_eq!(Service::of(uuid), Some(Service::BasicConnect));
        assert_eq!(Uuid::named("sms"), Ok(Service::Sms.uuid()));
        assert_eq!(Uuid::named("internet"), Ok(context::INTERNET));
        for wrong in [
            "",
            "289cc33-bcbb-8b4f-b6b0-133ec2aae6dfa",
            "a289cc33bcbb8b4fb6b0133ec2aae6df",
            "+289cc33-bcbb-8b4f-b6b0-133ec2aae6df",
        ] {
            assert_eq!(wrong.parse::<Uuid>(), Err(InvalidUuid), "{wrong}");
        }
    }
}
