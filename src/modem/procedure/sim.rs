//! The card: is it there, is it open, who is it. A PIN is never spent lightly.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::{Retry, Stop, during, optional};
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

/// Reads the state of the card, waiting while it is busy.
pub async fn read_state(d: &Driver) -> Result<SimState, Stop> {
    let mut tries = 0;
    let state = loop {
        tries += 1;
        match d.sim_state().await.map_err(during("reading the state of the SIM"))? {
            Some(state) => break state,
            None if tries < BUSY_TRIES => sleep(BUSY_WAIT).await,
            None => break SimState::Failure,
        }
    };
    d.update(|s, now| s.sim.state = Some(Reading::new(state, now)));
    Ok(state)
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
            "the SIM cannot be read: the modem reports a failure instead of the state of the card; reseat or replace it".into(),
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
    d.enter_pin(&pin).await.map_err(|error| refused(format!("{error}; correct pin_file, or run `lpwa sim unlock`")))?;
    match read_state(d).await? {
        SimState::Ready => Ok(()),
        SimState::PinRequired => Err(refused("the PIN was accepted and the SIM still asks for it".into())),
        other => Err(stop_at(other)),
    }
}
