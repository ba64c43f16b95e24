//! Waiting for the network, without asking it again and again; and reading where the modem is then.

use std::time::Duration;

use tokio::time::timeout;

use super::wish::Wanted;
use super::{Again, Aids, Retry, Stop, context, during, optional};
use crate::modem::channel::CommandError;
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::modem::sim_policy::Roaming;
use crate::policy::governor::{Act, Change, Event, Intent, Refusal};
use crate::spec::cause::Cause;
use crate::spec::registration::Registration;
use crate::spec::span::Span;
use crate::state::{Lifecycle, ModemState};

/// ESM failure: the attach was refused with its context (TS 24.301 §5.5.1.2.5).
const ESM_FAILURE: Cause = Cause::emm(19);

/// Waits until the modem is registered. It is asked once at the start, unless it has just `told`, and once when the
/// time is over, in case the notice was lost; in between it tells.
pub async fn register(d: &Driver, want: &Wanted, aids: &Aids, told: bool) -> Result<(), Stop> {
    if !told {
        read_registration(d).await?;
    }
    if !d.look(is_registered) {
        search(d, want, aids).await?;
    }
    aids.gate.step(Event::Done(Act::Attach, ""));
    d.update(|state, _| {
        if !state.lifecycle.has_context() && !matches!(state.lifecycle, Lifecycle::Registered { .. }) {
            let roaming = state.network.registration.is_some_and(|r| r.value.is_roaming());
            state.lifecycle = Lifecycle::Registered { roaming };
        }
        state.trouble = None;
    });
    Ok(())
}

async fn search(d: &Driver, want: &Wanted, aids: &Aids) -> Result<(), Stop> {
    d.update(|state, _| {
        let denied = state.network.registration.is_some_and(|r| r.value == Registration::Denied);
        let cause = state.network.reject.map(|reject| reject.value);
        state.lifecycle = if denied || cause.is_some() { Lifecycle::Denied(cause) } else { Lifecycle::Searching };
        state.trouble = None;
    });
    let patience = d.definition().timing.attach;
    if wait(d, patience).await {
        return Ok(());
    }
    read_registration(d).await?;
    if d.look(is_registered) { Ok(()) } else { Err(not_registered(d, want, aids, patience).await) }
}

/// Whether it happened in time.
async fn wait(d: &Driver, patience: Duration) -> bool {
    let mut changes = d.subscribe();
    timeout(patience, changes.wait_for(is_registered)).await.is_ok_and(|state| state.is_ok())
}

/// Registered for packet data, as last told.
pub fn is_registered(state: &ModemState) -> bool {
    state.network.registration.is_some_and(|r| r.value.is_registered())
}

async fn read_registration(d: &Driver) -> Result<(), Stop> {
    d.read_registration().await.map_err(during("reading the registration"))
}

/// The state to stay in while the modem goes on searching by itself. After a permanent cause it may not: then it is made
/// to, when the governor says so.
async fn not_registered(d: &Driver, want: &Wanted, aids: &Aids, patience: Duration) -> Stop {
    let state = d.snapshot();
    let (trouble, cause) = match &state.lifecycle {
        // It says no more where the port fails as well.
        Lifecycle::Denied(None) => {
            let words = d.last_failure().await.ok().flatten();
            (words.map(|text| format!("the modem says: {text}")), None)
        }
        Lifecycle::Denied(Some(cause)) => (None, Some(*cause)),
        _ => {
            let advice = "the modem goes on searching. Check antenna and coverage, and that the SIM is active";
            (Some(format!("no network after {}; {advice}", Span(patience))), None)
        }
    };
    let plmn = state.network.plmn.map(|plmn| plmn.value);
    // T3346 of an attach is told by no modem; where the attach failed by its context, that one's timer may run.
    let timer = if cause == Some(ESM_FAILURE) { context::back_off(d, &want.settings).await } else { None };
    let refusal = Refusal { act: Act::Attach, cause, timer, apns: &want.apns, apn: want.apn(), plmn };
    let retry = match aids.gate.step(Event::Refused(refusal)) {
        Intent::NextApn(_, wait) => Retry::Held(wait, Again::Settings),
        Intent::Wait(wait) if cause.is_some_and(Cause::is_permanent) => Retry::Held(wait, Again::Attach),
        Intent::Wait(wait) => Retry::Held(wait, Again::Network),
        Intent::Go | Intent::Rest => Retry::Later,
    };
    Stop { lifecycle: state.lifecycle, trouble, retry }
}

/// Reads what is worth knowing of the network once: grants, cell, operator.
pub async fn read_network(d: &Driver, aids: &Aids) -> Result<(), Stop> {
    let lost = during("reading the serving network");
    optional(d.ask(QueryName::ServingCell).await).map_err(&lost)?;
    d.read_operator().await.map_err(&lost)?;
    if let Some(plmn) = d.look(|state| state.network.plmn) {
        aids.gate.changed(Change::Place(plmn.value));
    }
    d.read_grants().await.map_err(&lost)
}

/// Looks for a network that the policy prefers to the present one.
pub async fn prefer(d: &Driver, want: &Wanted, aids: &Aids) -> Result<(), Stop> {
    for plmn in &want.settings.preferred {
        if d.look(|state| state.network.plmn).is_some_and(|here| here.value == *plmn) {
            return Ok(());
        }
        if !aids.gate.may_look_for(*plmn) || aids.gate.ask(Act::Attach, aids.asker, "").is_err() {
            continue;
        }
        match d.prefer_network(*plmn).await {
            Ok(()) => {}
            // Then the SIM's own lists have it.
            Err(CommandError::Refused { .. } | CommandError::Unsupported(_)) => continue,
            Err(error) => return Err(Stop::failed("choosing a preferred network", &error)),
        }
        d.update(|state, _| (state.network.plmn, state.network.operator) = (None, None));
        register(d, want, aids, false).await?;
        read_network(d, aids).await?;
    }
    Ok(())
}

/// Whether data may be used where the modem is registered; it is looked again after a while, since moving on may change
/// that without a notice.
pub fn may_use(d: &Driver, want: &Settings) -> Result<(), Stop> {
    let (registration, plmn) = d.look(|state| (state.network.registration, state.network.plmn));
    let roaming = registration.is_some_and(|r| r.value.is_roaming());
    let plmn = plmn.map(|plmn| plmn.value);
    let here = plmn.map_or_else(|| "a network that the modem does not name".to_owned(), |plmn| plmn.to_string());
    let allowed = plmn.map_or(want.roaming == Roaming::Allowed, |plmn| want.roaming.allows(plmn));
    let trouble = if plmn.is_some_and(|plmn| want.forbidden.contains(&plmn)) {
        format!("the SIM policy forbids data in {here}; see `lpwa sim policy`")
    } else if roaming && !allowed {
        format!("the SIM policy allows no roaming in {here}; set `roaming` of the policy, see `lpwa sim policy`")
    } else {
        return Ok(());
    };
    Err(Stop { lifecycle: Lifecycle::Registered { roaming }, trouble: Some(trouble), retry: Retry::Later })
}
