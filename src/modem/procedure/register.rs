//! Waiting for the network, without asking it again and again; and reading where the modem is then.

use std::time::Duration;

use tokio::time::timeout;

use super::{Retry, Stop, during, optional};
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;
use crate::spec::registration::Registration;
use crate::spec::span::Span;
use crate::state::{Lifecycle, ModemState};

/// Waits until the modem is registered. It is asked once at the start, unless it has just `told`, and once when the
/// time is over, in case the notice was lost; in between it tells.
pub async fn register(d: &Driver, told: bool) -> Result<(), Stop> {
    if !told {
        read_registration(d).await?;
    }
    if !is_registered(&d.snapshot()) {
        search(d).await?;
    }
    d.update(|state, _| {
        if !state.lifecycle.has_context() && !matches!(state.lifecycle, Lifecycle::Registered { .. }) {
            let roaming = state.network.registration.is_some_and(|r| r.value.is_roaming());
            state.lifecycle = Lifecycle::Registered { roaming };
        }
        state.trouble = None;
    });
    Ok(())
}

async fn search(d: &Driver) -> Result<(), Stop> {
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
    if is_registered(&d.snapshot()) { Ok(()) } else { Err(not_registered(d, patience).await) }
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

/// The state to stay in while the modem goes on searching by itself.
async fn not_registered(d: &Driver, patience: Duration) -> Stop {
    let state = d.snapshot();
    let trouble = match &state.lifecycle {
        // It says no more where the port fails as well.
        Lifecycle::Denied(None) => d.last_failure().await.ok().flatten().map(|text| format!("the modem says: {text}")),
        Lifecycle::Denied(Some(_)) => None,
        _ => Some(format!(
            "no network after {}; the modem goes on searching. Check antenna and coverage, and that the SIM is active",
            Span(patience)
        )),
    };
    Stop { lifecycle: state.lifecycle, trouble, retry: Retry::Network }
}

/// Reads what is worth knowing of the network once: grants, cell, operator.
pub async fn read_network(d: &Driver) -> Result<(), Stop> {
    let lost = during("reading the serving network");
    optional(d.ask(QueryName::ServingCell).await).map_err(&lost)?;
    d.read_operator().await.map_err(&lost)?;
    d.read_grants().await.map_err(&lost)
}
