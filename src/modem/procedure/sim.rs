//! The card: is it there, is it open, who is it. A PIN is never spent lightly.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::{Retry, Stop, cme_code, during, optional};
use crate::codec::at::AtError;
use crate::codec::at::answer::sim::{Pin, cpin};
use crate::codec::at::command::standard;
use crate::modem::channel::CommandError;
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;
use crate::policy::pin::{self, PinMemory};
use crate::private::Private;
use crate::state::{Lifecycle, Lock, LockKind, Reading, SimState};

/// A SIM is busy for some seconds after power on and after the PIN (transcript T-24).
const BUSY_WAIT: Duration = Duration::from_secs(2);
const BUSY_TRIES: u32 = 10;

/// Makes sure that the card is there and open.
pub async fn ready(d: &Driver, pin: Option<&Private<String>>, memory: &Mutex<PinMemory>) -> Result<(), Stop> {
    match read_state(d).await? {
        SimState::Ready => Ok(()),
        SimState::PinRequired => unlock(d, pin, memory).await,
        other => Err(stop_at(other)),
    }
}

/// Reads who the card is.
pub async fn identify(d: &Driver) -> Result<(), Stop> {
    let lost = during("reading the SIM");
    optional(d.ask(QueryName::Iccid).await).map_err(&lost)?;
    optional(d.ask(QueryName::Imsi).await).map_err(&lost)?;
    Ok(())
}

/// Reads `+CPIN?`, waiting while the card is busy.
pub async fn read_state(d: &Driver) -> Result<SimState, Stop> {
    let mut state = SimState::Failure;
    for _ in 0..BUSY_TRIES {
        match d.run(standard::read("+CPIN")).await {
            Ok(lines) => {
                state = lines.iter().find_map(|line| cpin(line).ok()).map_or(SimState::Failure, |pin| state_of(&pin));
                break;
            }
            Err(CommandError::Refused { error, .. }) => match state_of_error(&error) {
                Some(final_state) => {
                    state = final_state;
                    break;
                }
                None => sleep(BUSY_WAIT).await,
            },
            Err(error) => return Err(Stop::failed("reading the state of the SIM", &error)),
        }
    }
    d.update(|s, now| s.sim.state = Some(Reading::new(state, now)));
    Ok(state)
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

fn stop_at(state: SimState) -> Stop {
    let lifecycle = match state {
        SimState::Absent => Lifecycle::NoSim,
        SimState::PukRequired => locked(
            LockKind::Puk,
            "the PIN was wrong too often; ask the operator for the PUK and run `lpwa sim puk`, which a wrong PUK can end for good",
        ),
        SimState::OtherLock => {
            locked(LockKind::Other, "the modem or the card is locked to a network; see `lpwa at 'AT+CPIN?'`")
        }
        _ => Lifecycle::Failed(
            "the SIM does not work: the modem reports a SIM failure; reseat or replace the card".into(),
        ),
    };
    let retry = if matches!(state, SimState::Absent | SimState::Failure) { Retry::Network } else { Retry::OnChange };
    Stop { lifecycle, trouble: None, retry }
}

fn locked(kind: LockKind, reason: &str) -> Lifecycle {
    Lifecycle::Locked(Lock { kind, reason: reason.into() })
}

/// One automatic attempt, if the rules of `policy::pin` allow it.
async fn unlock(d: &Driver, pin: Option<&Private<String>>, memory: &Mutex<PinMemory>) -> Result<(), Stop> {
    let lost = during("reading the SIM");
    let refused = |reason: String| Stop {
        lifecycle: Lifecycle::Locked(Lock { kind: LockKind::Pin, reason }),
        trouble: None,
        retry: Retry::OnChange,
    };
    optional(d.ask(QueryName::Iccid).await).map_err(&lost)?;
    optional(d.ask(QueryName::PinRetries).await).map_err(&lost)?;
    let sim = d.snapshot().sim;
    let iccid = sim.iccid.map(|r| r.value.reveal().to_string()).unwrap_or_default();
    let left = sim.pin_retries.map(|r| r.value);
    let pin = {
        let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        let pin = pin::may_send(&memory, &iccid, pin, left).map_err(|why| refused(why.to_string()))?;
        // Before it is sent: a crash in between must not lead to a second attempt.
        memory.remember(&iccid, &pin);
        pin
    };
    enter_pin(d, &pin)
        .await
        .map_err(|error| refused(format!("{error}; correct pin_file, or run `lpwa sim unlock`")))?;
    match read_state(d).await? {
        SimState::Ready => Ok(()),
        SimState::PinRequired => Err(refused("the PIN was accepted and the SIM still asks for it".into())),
        other => Err(stop_at(other)),
    }
}

/// Sends a PIN that a person or the configuration gave.
pub async fn enter_pin(d: &Driver, pin: &Private<String>) -> Result<(), CommandError> {
    d.run(standard::cpin(pin.reveal())).await.map(drop)
}

/// Sends the PUK and the new PIN: only ever for a person.
pub async fn enter_puk(d: &Driver, puk: &Private<String>, pin: &Private<String>) -> Result<(), CommandError> {
    d.run(standard::cpin_puk(puk.reveal(), pin.reveal())).await.map(drop)
}
