//! Codes of the card, as DMS and UIM take them.

use crate::codec::qmi::{Message, QmiError, Request};
use crate::private::Private;
use crate::sim::agenda::Due;
use crate::sim::card::{CardState, WrongCode};
use crate::sim::modem::SimModem;

use super::Reply;

/// Attempts left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub(super) pin: u8,
    pub(super) puk: u8,
}

/// An attempt at a code: the answer tells the attempts left, where it fails.
pub(super) fn attempt<R: Request>(
    modem: &mut SimModem,
    request: &Message,
    act: impl FnOnce(&mut SimModem, R) -> Result<(), QmiError>,
    body: impl FnOnce(Option<Left>) -> R::Response,
) -> Reply {
    let done = request.read::<R>().map_err(|_| QmiError::MALFORMED_MESSAGE).and_then(|read| act(modem, read));
    let left = Left { pin: modem.card.pin_tries, puk: modem.card.puk_tries };
    let mut message = request.result(done.err());
    message.put(&body(done.is_err().then_some(left)));
    message.into()
}

impl SimModem {
    /// VERIFY (TS 31.101 §11.1.9).
    pub(super) fn qmi_verify(&mut self, pin: &Private<String>) -> Result<(), QmiError> {
        match self.card.state() {
            CardState::Pin => {}
            CardState::Ready => return Err(QmiError::NO_EFFECT),
            other => return Err(closed(other)),
        }
        let taken = self.card.verify(digits(pin)?);
        self.judged(pin, taken)
    }

    /// UNBLOCK PIN (TS 31.101 §11.1.13).
    pub(super) fn qmi_unblock(&mut self, puk: &Private<String>, pin: &Private<String>) -> Result<(), QmiError> {
        match self.card.state() {
            CardState::Puk => {}
            CardState::Ready | CardState::Pin => return Err(QmiError::INVALID_OPERATION),
            other => return Err(closed(other)),
        }
        let (code, new) = (digits(puk)?, digits(pin)?.to_owned());
        let taken = self.card.unblock(code, &new);
        self.judged(puk, taken)
    }

    /// Switches the question for the PIN on or off.
    pub(super) fn qmi_protect(&mut self, on: bool, pin: &Private<String>) -> Result<(), QmiError> {
        open(self.card.state())?;
        if self.card.pin_required == on {
            return Err(QmiError::NO_EFFECT);
        }
        let taken = self.card.require_pin(on, digits(pin)?);
        self.judged(pin, taken)
    }

    /// CHANGE PIN (TS 31.101 §11.1.10): only while it is asked for.
    pub(super) fn qmi_change_pin(&mut self, old: &Private<String>, new: &Private<String>) -> Result<(), QmiError> {
        open(self.card.state())?;
        if !self.card.pin_required {
            return Err(QmiError::INVALID_OPERATION);
        }
        let new = digits(new)?.to_owned();
        let taken = self.card.verify(digits(old)?);
        if taken.is_ok() {
            self.card.pin = new;
        }
        self.judged(old, taken)
    }

    fn judged(&mut self, code: &Private<String>, taken: Result<(), WrongCode>) -> Result<(), QmiError> {
        self.meter.pin(self.now, code.reveal(), taken.is_ok());
        if taken.is_ok() {
            self.agenda.at(self.now.saturating_add(self.profile.sim_ready), Due::SimReady);
            return Ok(());
        }
        Err(match self.card.state() {
            CardState::Puk => QmiError::PIN_BLOCKED,
            CardState::Blocked => QmiError::PIN_ALWAYS_BLOCKED,
            _ => QmiError::INCORRECT_PIN,
        })
    }
}

/// A code has 4 to 8 digits (TS 31.101 §9.5.1); anything else does not reach the card.
fn digits(code: &Private<String>) -> Result<&str, QmiError> {
    let code = code.reveal();
    let valid = (4..=8).contains(&code.len()) && code.bytes().all(|digit| digit.is_ascii_digit());
    if valid { Ok(code) } else { Err(QmiError::INVALID_ARGUMENT) }
}

/// What keeps the card's data closed.
pub(super) fn open(state: CardState) -> Result<(), QmiError> {
    if state == CardState::Ready { Ok(()) } else { Err(closed(state)) }
}

const fn closed(state: CardState) -> QmiError {
    match state {
        CardState::Absent => QmiError::NO_SIM,
        CardState::Puk => QmiError::PIN_BLOCKED,
        CardState::Blocked => QmiError::PIN_ALWAYS_BLOCKED,
        CardState::Ready | CardState::Pin => QmiError::ACCESS_DENIED,
    }
}
