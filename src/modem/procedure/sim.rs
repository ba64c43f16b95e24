//! The card: is it there, is it open, who is it. A PIN is never spent lightly.

use std::time::Duration;

use tokio::time::sleep;
use tracing::warn;

use super::{Aids, Retry, Stop, during, optional, wish};
use crate::modem::channel::CommandError;
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;
use crate::modem::pins::Pins;
use crate::modem::settings::Settings;
use crate::private::Private;
use crate::state::{Lifecycle, Lock, LockKind, Reading, SimState};

/// A SIM is busy for some seconds after power on and after the PIN (transcript T-24).
const BUSY_WAIT: Duration = Duration::from_secs(2);
const BUSY_TRIES: u32 = 10;

/// Makes sure that the card is there and open.
pub async fn ready(d: &Driver, base: &Settings, aids: &Aids) -> Result<(), Stop> {
    match read_state(d).await? {
        SimState::Ready => Ok(()),
        SimState::PinRequired => unlock(d, base, aids).await,
        other => Err(stop_at(other)),
    }
}

/// Reads who the card is, and what of it a policy asks for. What is known of another card is forgotten.
pub async fn identify(d: &Driver, base: &Settings, aids: &Aids) -> Result<(), Stop> {
    let lost = during("reading the SIM");
    let before = d.snapshot().sim.iccid;
    read_iccid(d).await?;
    let sim = d.snapshot().sim;
    if sim.iccid.as_ref().map(|r| &r.value) != before.as_ref().map(|r| &r.value) {
        forget_owner(d);
    }
    optional(d.ask(QueryName::Imsi).await).map_err(&lost)?;
    if let Some(iccid) = &sim.iccid {
        aids.gate.meet_card(aids.pins.fingerprint(iccid.value.reveal().as_str()));
    }
    wish::read_card(d, base, aids).await
}

/// A card that does not tell its number is nobody's.
async fn read_iccid(d: &Driver) -> Result<(), Stop> {
    let told = optional(d.ask(QueryName::Iccid).await).map_err(during("reading the SIM"))?;
    if told.flatten().is_none() {
        d.update(|state, _| state.sim.iccid = None);
    }
    Ok(())
}

fn forget_owner(d: &Driver) {
    d.update(|state, _| {
        let sim = &mut state.sim;
        (sim.imsi, sim.home, sim.spn, sim.gid1) = (None, None, None, None);
    });
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
    if state == SimState::Absent {
        d.update(|state, _| state.sim.iccid = None);
        forget_owner(d);
    }
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
    let retry = if matches!(state, SimState::Absent | SimState::Failure) { Retry::Later } else { Retry::OnChange };
    Stop { lifecycle, trouble: None, retry }
}

fn locked(kind: LockKind, reason: &str) -> Lifecycle {
    Lifecycle::Locked(Lock { kind, reason: reason.into() })
}

/// One automatic attempt, if the rules of `policy::pin` allow it.
async fn unlock(d: &Driver, base: &Settings, aids: &Aids) -> Result<(), Stop> {
    // What only an open card tells is another card's.
    forget_owner(d);
    read_iccid(d).await?;
    optional(d.ask(QueryName::PinRetries).await).map_err(during("reading the SIM"))?;
    let (card, sim) = (key(d), d.snapshot().sim);
    let want = wish::wanted(d, base, aids).settings;
    let pin = match (&want.pin, want.pin_trouble) {
        (None, Some(trouble)) => Err(format!("{trouble}; or run `lpwa sim unlock`")),
        (pin, _) => aids.pins.spend(&card, pin.as_ref(), sim.pin_retries.map(|r| r.value)),
    };
    let pin = pin.map_err(refused)?;
    match d.enter_pin(&pin).await {
        Ok(()) => {}
        Err(error @ CommandError::Refused { .. }) => {
            note(d, aids.pins.answered(&card, &pin, false));
            return Err(refused(format!("{error}; correct the PIN of the configuration, or run `lpwa sim unlock`")));
        }
        Err(error) => return Err(Stop::failed("entering the PIN", &error)),
    }
    match read_state(d).await? {
        SimState::Ready => {
            note(d, aids.pins.answered(&card, &pin, true));
            Ok(())
        }
        SimState::PinRequired => Err(refused("the PIN was accepted and the SIM still asks for it".into())),
        other => Err(stop_at(other)),
    }
}

fn refused(reason: String) -> Stop {
    let lifecycle = Lifecycle::Locked(Lock { kind: LockKind::Pin, reason });
    Stop { lifecycle, trouble: None, retry: Retry::OnChange }
}

/// What attempts are remembered under: the card, or the slot where the card does not say which one it is.
pub fn key(d: &Driver) -> String {
    let state = d.snapshot();
    let iccid = state.sim.iccid.map(|iccid| iccid.value.reveal().to_string());
    iccid.unwrap_or_else(|| format!("the card in {}", state.id))
}

fn note(d: &Driver, kept: Result<(), String>) {
    if let Err(error) = kept {
        warn!("{}: the end of a PIN attempt is not remembered: {error}", d.snapshot().id);
    }
}

/// Sends a PIN that a person gave.
pub async fn enter_pin(d: &Driver, pins: &Pins, pin: &Private<String>) -> Result<(), CommandError> {
    d.enter_pin(pin).await?;
    note(d, pins.opened(&key(d), pin));
    Ok(())
}

/// Sends a PUK and a new PIN that a person gave.
pub async fn enter_puk(
    d: &Driver,
    pins: &Pins,
    puk: &Private<String>,
    pin: &Private<String>,
) -> Result<(), CommandError> {
    d.enter_puk(puk, pin).await?;
    note(d, pins.opened(&key(d), pin));
    Ok(())
}

/// How many attempts a refused code has left, in words, where the modem tells. What it told before is no more true.
pub async fn attempts_left(d: &Driver, refused: &CommandError, code: &str) -> Option<String> {
    let CommandError::Refused { .. } = refused else { return None };
    d.ask(QueryName::PinRetries).await.ok().flatten()?;
    let sim = d.snapshot().sim;
    let left = if code == "PIN" { sim.pin_retries } else { sim.puk_retries }?.value;
    Some(match (left, code) {
        (0, "PIN") => "no attempt is left, the PUK is wanted now: `lpwa sim puk`".into(),
        (0, _) => "no attempt is left, the card is of no use any more".into(),
        (1, _) => format!("1 attempt is left for the {code}"),
        (left, _) => format!("{left} attempts are left for the {code}"),
    })
}
