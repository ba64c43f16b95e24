//! The memory of PIN attempts, shared by all modems and kept over restarts.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::policy::pin::{self, PinMemory};
use crate::private::Private;

/// Brings the memory to where it lasts; the error is a sentence.
type Keeper = Box<dyn FnMut(&PinMemory) -> Result<(), String> + Send>;

/// The memory of PIN attempts. Clones share it.
#[derive(Clone, Default)]
pub struct Pins(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    memory: PinMemory,
    keeper: Option<Keeper>,
}

impl Pins {
    /// What an earlier life remembered, and who keeps more. [`Pins::default`] lasts as long as it is held.
    pub fn new(memory: PinMemory, keeper: Keeper) -> Self {
        Self(Arc::new(Mutex::new(Inner { memory, keeper: Some(keeper) })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The PIN, if it may be sent to the card that has `left` attempts; the attempt is on the disk when this returns, so
    /// that a crash leads to no second one. The error says why not.
    pub fn spend(
        &self,
        card: &str,
        pin: Option<&Private<String>>,
        left: Option<u8>,
    ) -> Result<Private<String>, String> {
        let mut inner = self.inner();
        let pin = pin::may_send(&inner.memory, card, pin, left).map_err(|refusal| refusal.to_string())?;
        inner.change(|memory| memory.sending(card, &pin, left)).map_err(|error| {
            format!("the attempt cannot be remembered, so it is not made ({error}); run `lpwa sim unlock`")
        })?;
        Ok(pin)
    }

    /// What the card said to the PIN.
    pub fn answered(&self, card: &str, pin: &Private<String>, accepted: bool) -> Result<(), String> {
        self.inner().change(|memory| if accepted { memory.accepted(card, pin) } else { memory.refused(card, pin) })
    }

    /// A person opened the card.
    pub fn opened(&self, card: &str, pin: &Private<String>) -> Result<(), String> {
        self.inner().change(|memory| memory.opened(card, pin))
    }

    /// What stands for a card where its number must not.
    pub fn fingerprint(&self, card: &str) -> u64 {
        self.inner().memory.fingerprint(card)
    }
}

impl Inner {
    fn change(&mut self, change: impl FnOnce(&mut PinMemory)) -> Result<(), String> {
        let before = self.memory.clone();
        change(&mut self.memory);
        match &mut self.keeper {
            Some(keeper) if self.memory != before => keeper(&self.memory),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Pins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pins")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_that_cannot_be_remembered_is_not_made() {
        let pins = Pins::new(PinMemory::default(), Box::new(|_| Err("the disk is full".into())));
        let pin = Private::new("1234".to_owned());
        let why = pins.spend("card", Some(&pin), Some(3)).unwrap_err();
        assert!(why.contains("the disk is full") && why.contains("lpwa sim unlock"), "{why}");
    }

    #[test]
    fn it_is_on_the_disk_before_it_is_sent() {
        let (told, hears) = std::sync::mpsc::channel();
        let pins = Pins::new(
            PinMemory::default(),
            Box::new(move |memory| told.send(memory.clone()).map_err(|error| error.to_string())),
        );
        let pin = Private::new("1234".to_owned());
        pins.spend("card", Some(&pin), Some(3)).unwrap();
        let kept = hears.try_recv().unwrap();
        assert!(pin::may_send(&kept, "card", Some(&pin), Some(2)).is_err());
        pins.answered("card", &pin, true).unwrap();
        assert!(pins.spend("card", Some(&pin), Some(3)).is_ok(), "the right PIN is sent whenever the card asks");
    }
}
