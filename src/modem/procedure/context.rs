//! Data contexts: activation, addresses, and the end of it.

use super::{Retry, Stop, cme_code, during, optional, radio};
use crate::codec::at::AtError;
use crate::codec::at::answer::context::{Dynamic, cgcontrdp, cgpaddr};
use crate::codec::at::command::standard;
use crate::modem::channel::CommandError;
use crate::modem::definition::ProcedureName;
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::spec::cause::Cause;
use crate::state::{Bearer, Lifecycle};

/// Brings the default context up and reads its addresses.
///
/// On LTE the attach has brought it up already; then it is only read.
pub async fn connect(d: &Driver, want: &Settings) -> Result<(), Stop> {
    let cid = d.definition().capabilities.default_context;
    let mut parameters = read(d, cid).await?;
    if parameters.is_empty() {
        d.enter(Lifecycle::Connecting);
        activate(d, cid, want).await?;
        parameters = read(d, cid).await?;
    }
    let bearer = describe(d, cid, want, &parameters).await?;
    d.update(|state, _| {
        state.bearers.retain(|other| other.context != cid);
        state.bearers.push(bearer);
        state.lifecycle = Lifecycle::Connected;
        state.trouble = None;
    });
    Ok(())
}

/// Whether the default context is up: a notice that it went down is not always true (transcript T-32).
pub async fn is_up(d: &Driver) -> Result<bool, Stop> {
    let cid = d.definition().capabilities.default_context;
    read(d, cid).await.map(|parameters| !parameters.is_empty())
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

/// Parameters of an active context; none where it is down.
async fn read(d: &Driver, cid: u8) -> Result<Vec<Dynamic>, Stop> {
    let lines = optional(d.run(standard::cgcontrdp(cid)).await).map_err(during("reading the data context"))?;
    let lines = lines.unwrap_or_default();
    Ok(lines.iter().filter_map(|line| cgcontrdp(line).ok()).filter(|p| p.cid == cid).collect())
}

async fn activate(d: &Driver, cid: u8, want: &Settings) -> Result<(), Stop> {
    let definition = d.definition();
    let result = match definition.procedures.get(&ProcedureName::Activate) {
        Some(recipe) => radio::run_steps(d, &recipe.steps, &[("cid", &cid.to_string())]).await,
        None => d.run_within(standard::cgact(true, cid), definition.timing.activate).await.map(drop),
    };
    match result {
        Ok(()) => Ok(()),
        Err(CommandError::Refused { error, command }) => Err(refused(d, cid, want, &command, &error)),
        Err(error) => Err(Stop::failed("activating the data context", &error)),
    }
}

/// Registered still; the network, or the modem, refused the context.
fn refused(d: &Driver, cid: u8, want: &Settings, command: &str, error: &AtError) -> Stop {
    let apn = want.apn.as_ref().map_or("", |apn| apn.as_str());
    let apn = if apn.is_empty() { "the network's default APN".to_owned() } else { format!("the APN {apn}") };
    let why = match esm_cause(error) {
        Some(cause) => format!("{cause}. {}", cause.advice()),
        None => format!("{command} failed: {error}"),
    };
    let roaming = d.snapshot().network.registration.is_some_and(|r| r.value.is_roaming());
    Stop {
        lifecycle: Lifecycle::Registered { roaming },
        trouble: Some(format!("context {cid} with {apn} was refused: {why}")),
        retry: Retry::Network,
    }
}

/// The ESM cause that a `+CME ERROR` stands for (TS 27.007 §9.2.2): 126 to 134 are causes 26 to 34, 149 is a failed
/// authentication.
fn esm_cause(error: &AtError) -> Option<Cause> {
    let number = match cme_code(error)? {
        code @ 126..=134 => u8::try_from(code - 100).ok()?,
        149 => 29,
        177 => 8,
        192 => 50,
        193 => 51,
        _ => return None,
    };
    Some(Cause::esm(number))
}

async fn describe(d: &Driver, cid: u8, want: &Settings, parameters: &[Dynamic]) -> Result<Bearer, Stop> {
    let mut bearer = Bearer {
        context: cid,
        apn: want.apn.clone().unwrap_or_default(),
        pdp_type: want.pdp_type,
        active: true,
        addresses: parameters.iter().flat_map(|p| p.addresses.iter().copied()).collect(),
        gateways: parameters.iter().filter_map(|p| p.gateway).collect(),
        dns: parameters.iter().flat_map(|p| p.dns.iter().copied()).collect(),
        mtu: parameters.iter().find_map(|p| p.mtu),
        interface: None,
    };
    if bearer.addresses.is_empty() {
        let lines = d.run(standard::cgpaddr(cid)).await;
        let lines = optional(lines).map_err(during("reading the address of the data context"))?.unwrap_or_default();
        bearer.addresses =
            lines.iter().filter_map(|line| cgpaddr(line).ok()).filter(|a| a.0 == cid).flat_map(|a| a.1).collect();
    }
    if bearer.addresses.is_empty() {
        return Err(Stop {
            lifecycle: d.snapshot().lifecycle,
            trouble: Some(format!("context {cid} is up and has no address; set another pdp_type or APN")),
            retry: Retry::Network,
        });
    }
    Ok(bearer)
}

/// Takes the default context down and stays registered.
pub async fn disconnect(d: &Driver) -> Result<(), CommandError> {
    let definition = d.definition();
    let cid = definition.capabilities.default_context;
    let result = match definition.procedures.get(&ProcedureName::Deactivate) {
        Some(recipe) => radio::run_steps(d, &recipe.steps, &[("cid", &cid.to_string())]).await,
        None => d.run_within(standard::cgact(false, cid), definition.timing.activate).await.map(drop),
    };
    // The last context of an LTE attach cannot be taken down (ESM cause 49): it is no longer used, that is all.
    optional(result)?;
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
