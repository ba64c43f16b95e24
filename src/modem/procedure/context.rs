//! Data contexts: activation, addresses, and the end of it.

use super::wish::Wanted;
use super::{Again, Aids, Retry, Stop, during, optional};
use crate::modem::channel::{CommandError, Refusal as Refused};
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::policy::governor::{Act, Event, Intent, Refusal};
use crate::spec::cause::Cause;
use crate::state::{Bearer, Lifecycle};

/// Brings the default context up and reads its addresses.
///
/// On LTE the attach has brought it up already; then it is only read.
pub async fn connect(d: &Driver, want: &Wanted, aids: &Aids) -> Result<(), Stop> {
    let cid = d.definition().capabilities.default_context;
    let mut bearer = read(d, cid, &want.settings).await?;
    if bearer.is_none() {
        let roaming = d.snapshot().network.registration.is_some_and(|r| r.value.is_roaming());
        aids.ask(Act::Activate, want.apn(), Lifecycle::Registered { roaming })?;
        d.enter(Lifecycle::Connecting);
        activate(d, cid, want, aids).await?;
        bearer = read(d, cid, &want.settings).await?;
    }
    let Some(bearer) = bearer.filter(|bearer| !bearer.addresses.is_empty()) else {
        let trouble = format!("context {cid} is up and has no address; set another pdp_type or APN");
        let lifecycle = d.snapshot().lifecycle;
        return Err(Stop { lifecycle, trouble: Some(trouble), retry: hold_back(d, want, aids, None) });
    };
    aids.gate.step(Event::Done(Act::Activate, want.apn()));
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

async fn activate(d: &Driver, cid: u8, want: &Wanted, aids: &Aids) -> Result<(), Stop> {
    match d.activate(cid, &want.settings).await {
        Ok(()) => Ok(()),
        Err(CommandError::Refused { refusal, command }) => Err(refused(d, cid, want, aids, &command, &refusal)),
        Err(error) => {
            if matches!(error, CommandError::TimedOut { .. }) {
                // The network was asked, and may be at work still: it counts as a refusal does.
                hold_back(d, want, aids, None);
            }
            Err(Stop::failed("activating the data context", &error))
        }
    }
}

/// Registered still; the network, or the modem, refused the context.
fn refused(d: &Driver, cid: u8, want: &Wanted, aids: &Aids, command: &str, refusal: &Refused) -> Stop {
    let apn =
        if want.apn().is_empty() { "the network's default APN".to_owned() } else { format!("the APN {}", want.apn()) };
    let cause = refusal.esm_cause();
    // A cause is told with the wait that it brings.
    let trouble = cause.is_none().then(|| format!("context {cid} with {apn} was refused: {command} failed: {refusal}"));
    let roaming = d.snapshot().network.registration.is_some_and(|r| r.value.is_roaming());
    Stop { lifecycle: Lifecycle::Registered { roaming }, trouble, retry: hold_back(d, want, aids, cause) }
}

/// What the governor makes of a context that did not come up.
fn hold_back(d: &Driver, want: &Wanted, aids: &Aids, cause: Option<Cause>) -> Retry {
    let plmn = d.snapshot().network.plmn.map(|plmn| plmn.value);
    let refusal = Refusal { act: Act::Activate, cause, timer: None, apns: &want.apns, apn: want.apn(), plmn };
    match aids.gate.step(Event::Refused(refusal)) {
        Intent::NextApn(_, wait) => Retry::Held(wait, Again::Settings),
        Intent::Wait(wait) => Retry::Held(wait, Again::Network),
        Intent::Go | Intent::Rest => Retry::Later,
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
        if matches!(state.lifecycle, Lifecycle::Registered { .. } | Lifecycle::Connecting | Lifecycle::Connected) {
            state.lifecycle = Lifecycle::Registered { roaming };
            state.trouble = None;
        }
    });
    Ok(())
}
