//! PIN1 and PUK1 of the card.

use crate::codec::mbim::Status;
use crate::codec::mbim::message::basic_connect::{self as basic, PinDesc};
use crate::codec::mbim::message::choices::{PinFormat, PinMode, PinOperation, PinState, PinType};
use crate::sim::agenda::Due;
use crate::sim::card::{CardState, WrongCode};
use crate::sim::modem::SimModem;

use super::ask::{Answer, Ask};

/// What is said of the number of tries where no PIN is asked for.
const NOT_KNOWN: u32 = u32::MAX;

impl SimModem {
    fn mbim_pin(&self) -> basic::Pin {
        let (pin_type, pin_state, remaining_attempts) = match self.card.state() {
            CardState::Pin => (PinType::Pin1, PinState::Locked, self.card.pin_tries.into()),
            CardState::Puk => (PinType::Puk1, PinState::Locked, self.card.puk_tries.into()),
            _ => (PinType::Unknown, PinState::Unlocked, NOT_KNOWN),
        };
        basic::Pin { pin_type, pin_state, remaining_attempts }
    }

    /// What stands in the way of the card.
    pub(super) fn mbim_card(&self) -> Result<(), Status> {
        match self.card.state() {
            CardState::Absent => Err(Status::SimNotInserted),
            CardState::Blocked => Err(Status::BadSim),
            _ if self.agenda.has(&Due::SimReady) => Err(Status::NotInitialized),
            CardState::Pin | CardState::Puk => Err(Status::PinRequired),
            CardState::Ready => Ok(()),
        }
    }

    fn use_pin(&mut self, asked: &basic::SetPin) -> Result<Result<(), WrongCode>, Status> {
        let (code, new) = (digits(asked.pin.reveal())?, asked.new_pin.reveal());
        let state = self.card.state();
        let taken = match (asked.pin_operation, asked.pin_type, state) {
            (_, _, CardState::Absent) => return Err(Status::SimNotInserted),
            (PinOperation::Enter, PinType::Pin1, CardState::Pin) => self.card.verify(code),
            (PinOperation::Enter, PinType::Puk1, CardState::Puk) => self.card.unblock(code, digits(new)?),
            (PinOperation::Enable, PinType::Pin1, CardState::Ready) => self.card.require_pin(true, code),
            (PinOperation::Disable, PinType::Pin1, CardState::Ready) => self.card.require_pin(false, code),
            (PinOperation::Change, PinType::Pin1, CardState::Ready) => {
                let new = digits(new)?.to_owned();
                self.card.verify(code).inspect(|()| self.card.pin = new)
            }
            (_, PinType::Pin1 | PinType::Puk1, CardState::Pin | CardState::Puk) => return Err(Status::PinRequired),
            _ => return Err(Status::OperationNotAllowed),
        };
        self.meter.pin(self.now, code, taken.is_ok());
        Ok(taken)
    }
}

/// A PIN has 4 to 8 digits (TS 31.101 clause 9.5.1); anything else does not reach the card.
fn digits(code: &str) -> Result<&str, Status> {
    let valid = (4..=8).contains(&code.len()) && code.bytes().all(|digit| digit.is_ascii_digit());
    if valid { Ok(code) } else { Err(Status::InvalidParameters) }
}

pub(super) fn pin(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if !ask.set {
        return match modem.card.state() {
            CardState::Absent => Err(Status::SimNotInserted),
            _ => ask.answer(&modem.mbim_pin()),
        };
    }
    let asked: basic::SetPin = ask.read()?;
    let locked = modem.card.state() != CardState::Ready;
    match modem.use_pin(&asked)? {
        Ok(()) => {
            if locked {
                modem.agenda.at(modem.now.saturating_add(modem.profile.sim_ready), Due::SimReady);
            }
            let done = basic::Pin { pin_type: asked.pin_type, ..modem.mbim_pin() };
            ask.answer(&done)
        }
        // Clause 10.5.4.7: how many tries are left comes with the refusal.
        Err(WrongCode) => Ok(ask.answer(&modem.after_wrong_code(asked.pin_type))?.with(Status::Failure)),
    }
}

impl SimModem {
    fn after_wrong_code(&self, pin_type: PinType) -> basic::Pin {
        match self.mbim_pin() {
            // Where the card asks for nothing, the tries of the code that was given are what counts.
            basic::Pin { pin_type: PinType::Unknown, .. } => {
                basic::Pin { pin_type, pin_state: PinState::Unlocked, remaining_attempts: self.card.pin_tries.into() }
            }
            asked => asked,
        }
    }
}

pub(super) fn list(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if modem.card.state() == CardState::Absent {
        return Err(Status::SimNotInserted);
    }
    let digits = |pin_mode| PinDesc { pin_mode, pin_format: PinFormat::Numeric, pin_length_min: 4, pin_length_max: 8 };
    let pin1 = if modem.card.pin_required { PinMode::Enabled } else { PinMode::Disabled };
    ask.answer(&basic::PinList {
        pin_desc_pin1: digits(pin1),
        pin_desc_pin2: digits(PinMode::Enabled),
        ..basic::PinList::default()
    })
}
