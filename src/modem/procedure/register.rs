//! Waiting for the network, without asking it again and again; and reading where the modem is then.

use std::time::Duration;

use tokio::time::timeout;

use super::{Retry, Stop, during, optional, power};
use crate::codec::at::answer::{network, registration};
use crate::codec::at::command::standard;
use crate::modem::channel::CommandError;
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;
use crate::modem::notice;
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;
use crate::spec::span::Span;
use crate::state::fact::Fact;
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
        if !matches!(state.lifecycle, Lifecycle::Registered { .. } | Lifecycle::Connected) {
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

/// Asks the packet domain of LTE, and that of GSM where the modem has it or does not know the first.
pub async fn read_registration(d: &Driver) -> Result<(), Stop> {
    let lost = during("reading the registration");
    let lte = read_domain(d, "+CEREG").await;
    if lte.is_ok() && (is_registered(&d.snapshot()) || !d.definition().capabilities.rats.contains(&Rat::Gsm)) {
        return Ok(());
    }
    let lte = optional(lte).map_err(&lost)?;
    let gsm = read_domain(d, "+CGREG").await;
    if lte.is_some() { optional(gsm).map(drop).map_err(lost) } else { gsm.map_err(lost) }
}

async fn read_domain(d: &Driver, command: &str) -> Result<(), CommandError> {
    let lines = d.run(standard::read(command)).await?;
    let definition = d.definition();
    for report in lines.iter().filter_map(|line| registration::parse(line, true).ok()) {
        d.update(|state, now| notice::enter_registration(state, &definition, &report, now));
    }
    Ok(())
}

/// The state to stay in while the modem goes on searching by itself.
async fn not_registered(d: &Driver, patience: Duration) -> Stop {
    let state = d.snapshot();
    let trouble = match &state.lifecycle {
        Lifecycle::Denied(None) => extended_error(d).await.map(|text| format!("the modem says: {text}")),
        Lifecycle::Denied(Some(_)) => None,
        _ => Some(format!(
            "no network after {}; the modem goes on searching. Check antenna and coverage, and that the SIM is active",
            Span(patience)
        )),
    };
    Stop { lifecycle: state.lifecycle, trouble, retry: Retry::Network }
}

/// `+CEER`: the modem's own words for what went wrong last.
async fn extended_error(d: &Driver) -> Option<String> {
    let lines = d.run(standard::execute("+CEER")).await.ok()?;
    let text = lines.iter().find_map(|line| line.strip_prefix("+CEER:"))?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads what is worth knowing of the network once: grants, cell, operator.
pub async fn read_network(d: &Driver) -> Result<(), Stop> {
    let lost = during("reading the serving network");
    optional(d.ask(QueryName::ServingCell).await).map_err(&lost)?;
    read_operator(d).await.map_err(&lost)?;
    power::read_grants(d).await.map_err(&lost)
}

/// `+COPS?` for what the serving cell did not tell.
async fn read_operator(d: &Driver) -> Result<(), CommandError> {
    let network = d.snapshot().network;
    if network.operator.is_some() && network.plmn.is_some() {
        return Ok(());
    }
    if network.plmn.is_none() {
        // Numeric: the name often is the SIM's word for another network (transcript T-20).
        optional(d.run(standard::cops_numeric()).await)?;
    }
    let lines = optional(d.run(standard::read("+COPS")).await)?.unwrap_or_default();
    if let Some(operator) = lines.iter().find_map(|line| network::cops(line).ok()).and_then(|answer| answer.operator) {
        d.learn(&[operator.parse().map_or_else(|_| Fact::Operator(operator.clone()), Fact::Plmn)]);
    }
    Ok(())
}
