//! The card, by `+CPIN`.

use super::cme_code;
use crate::codec::at::AtError;
use crate::codec::at::answer::sim::{Pin, cpin, crsm};
use crate::codec::at::command::standard;
use crate::modem::channel::{CommandError, Refusal};
use crate::modem::driver::Driver;
use crate::private::Private;
use crate::spec::sim_file;
use crate::state::SimState;

/// Reads `+CPIN?`.
pub async fn sim_state(d: &Driver) -> Result<Option<SimState>, CommandError> {
    match d.run(standard::read("+CPIN")).await {
        Ok(lines) => {
            let told = lines.iter().find_map(|line| cpin(line).ok()).map(|pin| state_of(&pin));
            Ok(Some(told.unwrap_or(SimState::Failure)))
        }
        Err(CommandError::Refused { refusal: Refusal::At(error), .. }) => Ok(state_of_error(&error)),
        Err(error) => Err(error),
    }
}

fn state_of(pin: &Pin) -> SimState {
    match pin {
        Pin::Ready => SimState::Ready,
        Pin::SimPin => SimState::PinRequired,
        Pin::SimPuk => SimState::PukRequired,
        // PIN2 and PUK2 guard fixed dialling and charging; data goes without them.
        Pin::Other("SIM PIN2" | "SIM PUK2") => SimState::Ready,
        Pin::Other(_) => SimState::OtherLock,
        // Makers' words such as `NOT INSERTED` and `SIM REMOVED`.
        Pin::Unknown(_) => SimState::Absent,
    }
}

/// `None`: busy, or something that passes; ask again (TS 27.007 §9.2.1).
fn state_of_error(error: &AtError) -> Option<SimState> {
    match cme_code(error) {
        Some(10) => Some(SimState::Absent),
        Some(11) => Some(SimState::PinRequired),
        Some(12) => Some(SimState::PukRequired),
        Some(15) => Some(SimState::Failure),
        _ => None,
    }
}

/// `+CRSM` READ BINARY.
pub async fn read_sim_file(d: &Driver, id: u16, length: u8) -> Result<Option<Vec<u8>>, CommandError> {
    let lines = d.run(standard::crsm_read(id, length)).await?;
    let answer = lines.iter().find_map(|line| crsm(line).ok()).filter(|answer| matches!(answer.sw1, 0x90 | 0x91));
    Ok(answer.and_then(|answer| sim_file::octets(&answer.data)))
}

/// `+CPIN=` with a PIN.
pub async fn enter_pin(d: &Driver, pin: &Private<String>) -> Result<(), CommandError> {
    d.run(standard::cpin(pin.reveal())).await.map(drop)
}

/// `+CPIN=` with the PUK and the new PIN.
pub async fn enter_puk(d: &Driver, puk: &Private<String>, pin: &Private<String>) -> Result<(), CommandError> {
    d.run(standard::cpin_puk(puk.reveal(), pin.reveal())).await.map(drop)
}
