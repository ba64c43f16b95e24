//! Data contexts: activation, addresses, and the end of it.

use super::{Retry, Stop, during, optional};
use crate::modem::channel::{CommandError, Refusal};
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::state::{Bearer, Lifecycle};

/// Brings the default context up and reads its addresses.
///
/// On LTE the attach has brought it up already; then it is only read.
pub async fn connect(d: &Driver, want: &Settings) -> Result<(), Stop> {
    let cid = d.definition().capabilities.default_context;
    let mut bearer = read(d, cid, want).await?;
    if bearer.is_none() {
        d.enter(Lifecycle::Connecting);
        activate(d, cid, want).await?;
        bearer = read(d, cid, want).await?;
    }
    let Some(bearer) = bearer.filter(|bearer| !bearer.addresses.is_empty()) else {
        return Err(Stop {
            lifecycle: d.snapshot().lifecycle,
            trouble: Some(format!("context {cid} is up and has no address; set another pdp_type or APN")),
            retry: Retry::Network,
        });
    };
    d.update(|state, _| {
        state.bearers.retain(|other| other.context != cid);
        state.bearers.push(bearer);
        state.lifecycle = Lifecycle::Connected;
        state.trouble = None;
    });
    Ok(())
}

async fn read(d: &Driver, cid: u8, want: &Settings) -> Result<Option<Bearer>, Stop> {
    d.read_context(cid, want).await.map_err(during("reading the data context"))
}

/// Whether the default context is up: a notice that it went down is not always true (transcript T-32).
pub async fn is_up(d: &Driver) -> Result<bool, Stop> {
    let cid = d.definition().capabilities.default_context;
    d.is_context_up(cid).await.map_err(during("reading the data context"))
}

/// The default context is down; the modem is registered still.
pub fn mark_down(d: &Driver) {
    d.update(|state, _| {
        let roaming = state.network.registration.is_some_and(|r| r.value.is_roaming());
        state.lifecycle = Lifecycle::Registered { roaming };
        for bearer in &mut state.bearers {
            bearer.active = false;
        }
    });
}

async fn activate(d: &Driver, cid: u8, want: &Settings) -> Result<(), Stop> {
    match d.activate(cid, want).await {
        Ok(()) => Ok(()),
        Err(CommandError::Refused { refusal, command }) => Err(refused(d, cid, want, &command, &refusal)),
        Err(error) => Err(Stop::failed("activating the data context", &error)),
    }
}

/// Registered still; the network, or the modem, refused the context.
fn refused(d: &Driver, cid: u8, want: &Settings, command: &str, refusal: &Refusal) -> Stop {
    let apn = want.apn.as_ref().map_or("", |apn| apn.as_str());
    let apn = if apn.is_empty() { "the network's default APN".to_owned() } else { format!("the APN {apn}") };
    let why = match refusal.esm_cause() {
        Some(cause) => format!("{cause}. {}", cause.advice()),
        None => format!("{command} failed: {refusal}"),
    };
    let roaming = d.snapshot().network.registration.is_some_and(|r| r.value.is_roaming());
    Stop {
        lifecycle: Lifecycle::Registered { roaming },
        trouble: Some(format!("context {cid} with {apn} was refused: {why}")),
        retry: Retry::Network,
    }
}

/// Takes the default context down and stays registered.
pub async fn disconnect(d: &Driver) -> Result<(), CommandError> {
    let cid = d.definition().capabilities.default_context;
    // The last context of an LTE attach cannot be taken down (ESM cause 49): it is no longer used, that is all.
    optional(d.deactivate(cid).await)?;
    let roaming = d.snapshot().network.registration.is_some_and(|r| r.value.is_roaming());
    d.update(|state, _| {
        state.bearers.clear();
        // A modem that was not that far is where it was.
        if state.lifecycle.has_context()
            || matches!(state.lifecycle, Lifecycle::Registered { .. } | Lifecycle::Connecting)
        {
            state.lifecycle = Lifecycle::Registered { roaming };
            state.trouble = None;
        }
    });
    Ok(())
}
