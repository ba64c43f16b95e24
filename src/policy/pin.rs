//! Never burn a SIM: whether a PIN may be sent without a person.

use std::collections::BTreeSet;

use crate::private::Private;

/// PINs that were tried, by card: a PIN is tried once on a card, whatever came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PinMemory {
    tried: BTreeSet<(Private<String>, Private<String>)>,
}

impl PinMemory {
    /// Remembers that `pin` was sent to the card `iccid`; call it before sending.
    pub fn remember(&mut self, iccid: &str, pin: &Private<String>) {
        self.tried.insert((Private::new(iccid.to_owned()), pin.clone()));
    }

    fn knows(&self, iccid: &str, pin: &Private<String>) -> bool {
        self.tried.contains(&(Private::new(iccid.to_owned()), pin.clone()))
    }
}

/// Why a PIN is not sent: a sentence part that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The configuration has no PIN.
    #[error("no PIN is configured; set pin_file, or run `lpwa sim unlock`")]
    NoPin,
    /// This PIN was tried on this card before.
    #[error(
        "the configured PIN was tried on this card before and is not sent again; correct pin_file, or run `lpwa sim unlock`"
    )]
    Tried,
    /// One attempt or none is left.
    #[error("only {0} PIN attempt(s) left, which are kept for a person; run `lpwa sim unlock`")]
    FewLeft(u8),
    /// The modem does not tell how many attempts are left.
    #[error("the modem does not tell how many PIN attempts are left, so none is spent; run `lpwa sim unlock`")]
    UnknownCount,
}

/// Whether `pin` may be sent to the card `iccid` that has `left` attempts.
///
/// The rules: one automatic attempt for a card and a PIN, never with one attempt or fewer left, never with an
/// unknown count.
pub fn may_send(
    memory: &PinMemory,
    iccid: &str,
    pin: Option<&Private<String>>,
    left: Option<u8>,
) -> Result<Private<String>, Refusal> {
    let pin = pin.ok_or(Refusal::NoPin)?;
    if memory.knows(iccid, pin) {
        return Err(Refusal::Tried);
    }
    match left {
        None => Err(Refusal::UnknownCount),
        Some(left) if left <= 1 => Err(Refusal::FewLeft(left)),
        Some(_) => Ok(pin.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_sent_once_to_a_card() {
        let pin = Private::new("1234".to_owned());
        let mut memory = PinMemory::default();
        assert_eq!(may_send(&memory, "card", Some(&pin), Some(3)), Ok(pin.clone()));
        memory.remember("card", &pin);
        assert_eq!(may_send(&memory, "card", Some(&pin), Some(3)), Err(Refusal::Tried));
        assert!(may_send(&memory, "other card", Some(&pin), Some(3)).is_ok());
    }

    #[test]
    fn the_last_attempts_are_kept_for_a_person() {
        let pin = Private::new("1234".to_owned());
        let memory = PinMemory::default();
        assert_eq!(may_send(&memory, "card", Some(&pin), Some(1)), Err(Refusal::FewLeft(1)));
        assert_eq!(may_send(&memory, "card", Some(&pin), None), Err(Refusal::UnknownCount));
        assert_eq!(may_send(&memory, "card", None, Some(3)), Err(Refusal::NoPin));
    }
}
