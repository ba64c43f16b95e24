//! Data contexts: definition, activation, addresses.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{cme_code, run_steps};
use crate::codec::at::AtError;
use crate::codec::at::answer::context::{Dynamic, cabtrdp, cgcontrdp, cgdcont, cgpaddr};
use crate::codec::at::command::standard::{self, Authentication};
use crate::modem::channel::CommandError;
use crate::modem::data::Share;
use crate::modem::definition::ProcedureName;
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::modem::settings::Settings;
use crate::policy::governor::Timer;
use crate::spec::apn::{Apn, PdpType};
use crate::spec::cause::Cause;
use crate::state::Bearer;

/// Each context has an interface, or a line, of its own.
pub async fn share(_: &Driver, _: u8, _: &Settings) -> Result<Option<Share>, CommandError> {
    Ok(None)
}

/// Compares `+CGDCONT?` with what is wanted.
pub async fn context_holds(d: &Driver, want: &Settings) -> Result<bool, CommandError> {
    let Some(apn) = &want.apn else { return Ok(true) };
    let lines = d.run(standard::read("+CGDCONT")).await?;
    let cid = d.context(want);
    let present = lines.iter().filter_map(|line| cgdcont(line).ok()).find(|context| context.cid == cid);
    Ok(present.is_some_and(|context| {
        context.pdp_type == Some(want.pdp_type) && same_apn(apn, context.apn.as_deref().unwrap_or_default())
    }))
}

/// SARA-R5 reads back `apn.mnc001.mcc001.gprs` for `apn`.
fn same_apn(wanted: &Apn, present: &str) -> bool {
    let present = present.to_ascii_lowercase();
    let wanted = wanted.as_str().to_ascii_lowercase();
    present
        .strip_prefix(&wanted)
        .is_some_and(|rest| rest.is_empty() || (!wanted.is_empty() && rest.starts_with(".mnc")))
}

/// `+CGDCONT=`, and credentials where there are any.
pub async fn define_context(d: &Driver, want: &Settings) -> Result<(), CommandError> {
    let definition = d.definition();
    let cid = d.context(want);
    let apn = want.apn.clone().unwrap_or_default();
    d.run(standard::cgdcont(cid, want.pdp_type, &apn)).await?;
    let Some((user, password)) = &want.credentials else { return Ok(()) };
    match definition.procedures.get(&ProcedureName::Authenticate) {
        None => d.run(standard::cgauth(cid, want.authentication, user, password.reveal())).await.map(drop),
        Some(recipe) => {
            let (cid, password) = (cid.to_string(), password.reveal().as_str());
            let ip = match want.pdp_type {
                PdpType::Ipv4 | PdpType::NonIp => "1",
                PdpType::Ipv6 => "2",
                PdpType::Ipv4v6 => "3",
            };
            let name = [("cid", cid.as_str()), ("apn", apn.as_str()), ("ip", ip)];
            let auth = if want.authentication == Authentication::Pap { "1" } else { "2" };
            let who = [("auth", auth), ("user", user), ("password", password)];
            run_steps(d, &recipe.steps, &[name, who].concat()).await
        }
    }
}

/// Whether `+CGCONTRDP` knows the context.
pub async fn is_context_up(d: &Driver, cid: u8) -> Result<bool, CommandError> {
    read(d, cid).await.map(|parameters| !parameters.is_empty())
}

/// `+CGATT=0`, `+CGATT=1`; attaching may take as long as switching the radio on.
pub async fn reattach(d: &Driver) -> Result<(), CommandError> {
    let limit = d.definition().timing.cfun;
    for attached in [false, true] {
        d.run_within(standard::cgatt(attached), limit).await?;
    }
    Ok(())
}

/// `+CGCONTRDP`, and `+CGPADDR` for a model that gives no addresses there.
pub async fn read_context(d: &Driver, cid: u8, want: &Settings) -> Result<Option<Bearer>, CommandError> {
    let parameters = read(d, cid).await?;
    if parameters.is_empty() {
        return Ok(None);
    }
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
        let lines = optional(d.run(standard::cgpaddr(cid)).await)?.unwrap_or_default();
        bearer.addresses =
            lines.iter().filter_map(|line| cgpaddr(line).ok()).filter(|a| a.0 == cid).flat_map(|a| a.1).collect();
    }
    Ok(Some(bearer))
}

/// Parameters of an active context; none where it is down.
async fn read(d: &Driver, cid: u8) -> Result<Vec<Dynamic>, CommandError> {
    let lines = optional(d.run(standard::cgcontrdp(cid)).await)?.unwrap_or_default();
    Ok(lines.iter().filter_map(|line| cgcontrdp(line).ok()).filter(|p| p.cid == cid).collect())
}

/// The model's recipe, else `+CGACT`.
pub async fn activate(d: &Driver, cid: u8, _: &Settings) -> Result<(), CommandError> {
    switch(d, cid, true).await
}

/// The model's recipe, else `+CGACT`.
pub async fn deactivate(d: &Driver, cid: u8) -> Result<(), CommandError> {
    switch(d, cid, false).await
}

async fn switch(d: &Driver, cid: u8, on: bool) -> Result<(), CommandError> {
    let definition = d.definition();
    let name = if on { ProcedureName::Activate } else { ProcedureName::Deactivate };
    match definition.procedures.get(&name) {
        Some(recipe) => run_steps(d, &recipe.steps, &[("cid", &cid.to_string())]).await,
        None => d.run_within(standard::cgact(on, cid), definition.timing.activate).await.map(drop),
    }
}

/// `+CABTRDP`. A modem that does not know it is not asked again.
pub async fn back_off(d: &Driver, want: &Settings) -> Result<Option<Timer>, CommandError> {
    if !d.tells_back_off.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let apn = want.apn.clone().unwrap_or_default();
    let Some(lines) = optional(d.run(standard::cabtrdp(&apn)).await)? else {
        d.tells_back_off.store(false, Ordering::Relaxed);
        return Ok(None);
    };
    let own = lines.iter().filter_map(|line| cabtrdp(line).ok()).filter(|told| same_apn(&apn, &told.apn));
    let timers = own.map(|told| match told.seconds {
        Some(seconds) => Timer::Runs(Duration::from_secs(seconds.into())),
        None => Timer::Deactivated,
    });
    Ok(timers.max().filter(|timer| *timer != Timer::Runs(Duration::ZERO)))
}

/// The ESM cause that a `+CME ERROR` stands for (TS 27.007 §9.2.2): 126 to 134 are causes 26 to 34, 149 is a failed
/// authentication.
pub fn esm_cause(error: &AtError) -> Option<Cause> {
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
