//! Never burn a SIM: whether a PIN may be sent without a person.
//!
//! The memory of attempts goes to the disk. It holds no PIN and no ICCID: only what a keyed hash makes of them, under a
//! key that every gateway draws for itself.

use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;

use crate::private::Private;

/// Attempts that are remembered; beyond them the oldest is forgotten.
const MOST: usize = 256;

/// PINs that were tried, by card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PinMemory {
    key: (u64, u64),
    tried: Vec<Attempt>,
}

/// An automatic attempt that was not accepted, or whose end is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Attempt {
    card: u64,
    pin: u64,
    /// Attempts that were left before it, as long as its end is not known: a wrong one would have cost one of them.
    left: Option<u8>,
}

impl PinMemory {
    /// Nothing was tried yet. The key is drawn by lot.
    pub const fn new(key: (u64, u64)) -> Self {
        Self { key, tried: Vec::new() }
    }

    /// What stands for `text` here; of use for comparing only.
    pub fn fingerprint(&self, text: &str) -> u64 {
        let mut hasher = SipHasher24::new_with_keys(self.key.0, self.key.1);
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    /// Notes that `pin` goes to the card `iccid`, which has `left` attempts; to be kept before the PIN is sent.
    ///
    /// If the card takes it, its counter is full again and no longer tells what became of attempts with another PIN.
    pub fn sending(&mut self, iccid: &str, pin: &Private<String>, left: Option<u8>) {
        self.opened(iccid, pin);
        if self.tried.len() >= MOST {
            self.tried.remove(0);
        }
        let (card, pin) = self.tags(iccid, pin);
        self.tried.push(Attempt { card, pin, left });
    }

    /// The card refused `pin`: it is never sent there again.
    pub fn refused(&mut self, iccid: &str, pin: &Private<String>) {
        self.sending(iccid, pin, None);
    }

    /// The card took `pin`: it may be sent again when the card asks again.
    pub fn accepted(&mut self, iccid: &str, pin: &Private<String>) {
        self.forget(iccid, pin);
    }

    /// A person opened the card with `pin`, which fills its counter.
    pub fn opened(&mut self, iccid: &str, pin: &Private<String>) {
        self.forget(iccid, pin);
        let (card, _) = self.tags(iccid, pin);
        self.tried.iter_mut().filter(|attempt| attempt.card == card).for_each(|attempt| attempt.left = None);
    }

    fn forget(&mut self, iccid: &str, pin: &Private<String>) {
        let tags = self.tags(iccid, pin);
        self.tried.retain(|attempt| (attempt.card, attempt.pin) != tags);
    }

    fn tags(&self, iccid: &str, pin: &Private<String>) -> (u64, u64) {
        // The same PIN leaves another trace on every card.
        (self.fingerprint(iccid), self.fingerprint(&format!("{iccid} {}", pin.reveal())))
    }

    fn find(&self, iccid: &str, pin: &Private<String>) -> Option<&Attempt> {
        let tags = self.tags(iccid, pin);
        self.tried.iter().find(|attempt| (attempt.card, attempt.pin) == tags)
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
/// The rules: one automatic attempt for a card and a PIN that it does not take, never with one attempt or fewer left,
/// never with an unknown count. An attempt whose end is not known, for a power cut, was no wrong one if it cost none.
pub fn may_send(
    memory: &PinMemory,
    iccid: &str,
    pin: Option<&Private<String>>,
    left: Option<u8>,
) -> Result<Private<String>, Refusal> {
    let pin = pin.ok_or(Refusal::NoPin)?;
    let attempt = memory.find(iccid, pin);
    let cost_none = |attempt: &Attempt| attempt.left.is_some_and(|before| left.is_some_and(|left| left >= before));
    if attempt.is_some_and(|attempt| !cost_none(attempt)) {
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

    fn memory() -> PinMemory {
        PinMemory::new((1, 2))
    }

    fn pin() -> Private<String> {
        Private::new("1234".to_owned())
    }

    /// As it is after a restart.
    fn again(memory: &PinMemory) -> PinMemory {
        serde_json::from_str(&serde_json::to_string(memory).unwrap()).unwrap()
    }

    #[test]
    fn a_wrong_pin_is_sent_once_to_a_card() {
        let mut memory = memory();
        assert_eq!(may_send(&memory, "card", Some(&pin()), Some(3)), Ok(pin()));
        memory.sending("card", &pin(), Some(3));
        memory.refused("card", &pin());
        let memory = again(&memory);
        assert_eq!(may_send(&memory, "card", Some(&pin()), Some(2)), Err(Refusal::Tried));
        assert_eq!(may_send(&memory, "card", Some(&pin()), Some(3)), Err(Refusal::Tried), "after a person's PIN");
        assert!(may_send(&memory, "other card", Some(&pin()), Some(3)).is_ok());
        assert!(may_send(&memory, "card", Some(&Private::new("4321".into())), Some(2)).is_ok());
    }

    #[test]
    fn the_right_pin_is_sent_whenever_the_card_asks() {
        let mut memory = memory();
        for _ in 0..3 {
            assert!(may_send(&memory, "card", Some(&pin()), Some(3)).is_ok());
            memory.sending("card", &pin(), Some(3));
            memory.accepted("card", &pin());
        }
        assert_eq!(memory, self::memory());
    }

    #[test]
    fn a_power_cut_after_the_pin_is_no_second_attempt() {
        let mut memory = memory();
        memory.sending("card", &pin(), Some(3));
        let mut memory = again(&memory);
        assert_eq!(may_send(&memory, "card", Some(&pin()), Some(2)), Err(Refusal::Tried), "it was wrong");
        assert_eq!(may_send(&memory, "card", Some(&pin()), None), Err(Refusal::Tried), "nobody knows");
        assert!(may_send(&memory, "card", Some(&pin()), Some(3)).is_ok(), "it was right, or was not sent");
        memory.opened("card", &Private::new("9999".into()));
        assert_eq!(may_send(&memory, "card", Some(&pin()), Some(3)), Err(Refusal::Tried), "the counter was refilled");
    }

    #[test]
    fn another_pin_that_opens_the_card_makes_its_counter_say_nothing() {
        let (mut memory, other) = (memory(), Private::new("4321".to_owned()));
        memory.sending("card", &pin(), Some(3));
        let mut memory = again(&memory);
        memory.sending("card", &other, Some(2));
        let cut = again(&memory);
        memory.accepted("card", &other);
        for memory in [memory, cut] {
            assert_eq!(may_send(&memory, "card", Some(&pin()), Some(3)), Err(Refusal::Tried));
        }
    }

    #[test]
    fn the_last_attempts_are_kept_for_a_person() {
        let memory = memory();
        assert_eq!(may_send(&memory, "card", Some(&pin()), Some(1)), Err(Refusal::FewLeft(1)));
        assert_eq!(may_send(&memory, "card", Some(&pin()), Some(0)), Err(Refusal::FewLeft(0)));
        assert_eq!(may_send(&memory, "card", Some(&pin()), None), Err(Refusal::UnknownCount));
        assert_eq!(may_send(&memory, "card", None, Some(3)), Err(Refusal::NoPin));
    }

    #[test]
    fn no_pin_and_no_card_is_in_what_is_kept() {
        let mut memory = memory();
        memory.sending("8944200099990000128", &Private::new("58213407".into()), Some(3));
        let text = serde_json::to_string(&memory).unwrap();
        assert!(!text.contains("58213407") && !text.contains("8944200099990000128"), "{text}");
        let other = PinMemory::new((3, 4));
        assert_ne!(memory.fingerprint("x"), other.fingerprint("x"), "every gateway has its own key");
        assert_eq!(memory.fingerprint("x"), again(&memory).fingerprint("x"));
    }

    #[test]
    fn the_memory_has_an_end() {
        let mut memory = memory();
        (0..1000).for_each(|n| memory.refused(&format!("card {n}"), &pin()));
        assert_eq!(memory.tried.len(), MOST);
        assert_eq!(may_send(&memory, "card 999", Some(&pin()), Some(3)), Err(Refusal::Tried));
    }
}
