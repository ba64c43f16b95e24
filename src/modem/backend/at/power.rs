//! PSM and eDRX: asked here, granted by the network, and the two kept apart.

use std::collections::BTreeMap;
use std::time::Duration;

use tracing::{info, warn};

use super::{ask, run_steps};
use crate::codec::at::answer::power::{EdrxGrant, cedrxrdp, cedrxs, cpsms};
use crate::codec::at::command::{CommandLine, standard};
use crate::modem::backend::PowerPlan;
use crate::modem::channel::CommandError;
use crate::modem::definition::{Definition, ProcedureName, QueryName, Window};
use crate::modem::driver::Driver;
use crate::modem::handle::PowerRequest;
use crate::modem::procedure::optional;
use crate::spec::edrx::{self, EdrxMode};
use crate::spec::rat::Rat;
use crate::spec::timer::{self, Rounding, t3324, t3412};
use crate::state::{Edrx, PsmTimers, Reading};

/// Unit 111: the timer is deactivated; for T3412 extended the network's own value applies (TS 24.008 §10.5.7.4a).
const DEACTIVATED: &str = "11100000";
/// `<mode>` of `+CEDRXS`: on, and told of what is granted (TS 27.007 §7.40).
const EDRX_WITH_NOTICES: u8 = 2;

/// Reads what the modem asks for and compares it with what is wanted.
pub async fn plan(d: &Driver, wanted: &PowerRequest) -> Result<PowerPlan, CommandError> {
    let definition = d.definition();
    let mut plan = PowerPlan::default();
    if definition.capabilities.psm {
        let present = read_psm(d).await?;
        let codable = wanted.psm.map(|wanted| wanted.map(representable));
        plan.psm = wanted.psm.filter(|_| codable != Some(present));
        plan.psm_off_first = definition.power.psm_toggle && present.is_some();
        d.update(|state, _| state.power.psm_requested = codable.unwrap_or(present));
    }
    if !definition.capabilities.edrx.is_empty() {
        plan_edrx(d, &definition, wanted.edrx, &mut plan).await?;
    }
    Ok(plan)
}

async fn plan_edrx(
    d: &Driver,
    definition: &Definition,
    wanted: Option<Option<Edrx>>,
    plan: &mut PowerPlan,
) -> Result<(), CommandError> {
    let present = read_edrx(d, definition).await?;
    let wanted = wanted.map(|edrx| edrx.map(|edrx| askable(d, definition, edrx)));
    plan.edrx = wanted.filter(|wanted| !edrx_holds(definition, *wanted, &present));
    if let Some(Some(edrx)) = wanted
        && (plan.edrx.is_some() || !window_holds(d, definition, edrx).await?)
    {
        plan.window = Some(edrx);
    }
    let shown = present.iter().find_map(|(_, cycle)| Some(Edrx { cycle: (*cycle)?, ptw: None }));
    d.update(|state, _| state.power.edrx_requested = wanted.unwrap_or(shown));
    Ok(())
}

/// `wanted`, without a window where the model has no words for one.
fn askable(d: &Driver, definition: &Definition, wanted: Edrx) -> Edrx {
    if wanted.ptw.is_some() && definition.window().is_none() {
        let (id, name) = (d.snapshot().id, &definition.name);
        info!("{id}: model {name} has no command for a paging time window; the network chooses it");
        return Edrx { ptw: None, ..wanted };
    }
    wanted
}

/// One line for each feature that is wanted; the window goes with its cycle.
pub async fn kept(d: &Driver, wanted: &PowerRequest) -> Result<bool, CommandError> {
    let definition = d.definition();
    if let Some(psm) = wanted.psm.flatten().filter(|_| definition.capabilities.psm)
        && read_psm(d).await? != Some(representable(psm))
    {
        return Ok(false);
    }
    match wanted.edrx.flatten().filter(|_| !definition.capabilities.edrx.is_empty()) {
        Some(edrx) => Ok(edrx_holds(&definition, Some(edrx), &read_edrx(d, &definition).await?)),
        None => Ok(true),
    }
}

/// Tells the modem what to ask for, where it asks for something else.
pub async fn apply(d: &Driver, plan: &PowerPlan) -> Result<(), CommandError> {
    if let Some(psm) = plan.psm {
        if psm.is_some() && plan.psm_off_first {
            d.run(standard::cpsms_off()).await?;
        }
        request_psm(d, psm).await?;
    }
    if let Some(edrx) = plan.edrx {
        request_edrx(d, edrx).await?;
    }
    match plan.window {
        Some(edrx) => request_window(d, edrx).await,
        None => Ok(()),
    }
}

async fn request_psm(d: &Driver, wanted: Option<PsmTimers>) -> Result<(), CommandError> {
    let line = match wanted {
        None => standard::cpsms_off(),
        Some(timers) => {
            let bits = |encoded: Option<timer::Encoded>| encoded.map_or(DEACTIVATED.to_owned(), |e| e.bits_text());
            let tau = timers.periodic_tau.and_then(|tau| t3412::encode(tau, Rounding::Up).ok());
            let active = t3324::encode(timers.active_time, Rounding::Up).ok();
            standard::cpsms(&bits(tau), &bits(active))
        }
    };
    d.run(line).await.map(drop)
}

/// Technologies with eDRX by AcT-type; LTE and LTE-M are one type.
fn technologies(definition: &Definition) -> BTreeMap<u8, Rat> {
    definition.capabilities.edrx.iter().filter_map(|rat| Some((rat.edrx_act_type()?, *rat))).collect()
}

/// One line for each technology that the model knows eDRX for.
async fn request_edrx(d: &Driver, wanted: Option<Edrx>) -> Result<(), CommandError> {
    for (act_type, rat) in technologies(&d.definition()) {
        let line = match wanted {
            None => standard::cedrxs_off(act_type),
            Some(edrx) => standard::cedrxs(EDRX_WITH_NOTICES, act_type, &cycle(rat, edrx.cycle).bits_text()),
        };
        d.run(line).await?;
    }
    Ok(())
}

/// The window after the cycle: a Nordic modem takes its own window with every new cycle.
async fn request_window(d: &Driver, wanted: Edrx) -> Result<(), CommandError> {
    let definition = d.definition();
    let Some(window) = definition.window() else { return Ok(()) };
    for (act_type, rat) in technologies(&definition) {
        let Some(values) = window_values(window, act_type, rat, wanted) else { continue };
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        run_steps(d, &window.set, &values).await?;
    }
    if window.reboot && wanted.ptw.is_some() {
        let id = d.snapshot().id;
        warn!("{id}: the paging time window is asked for after the modem's next start; `lpwa reset {id}` makes one");
    }
    Ok(())
}

/// What the placeholders of a window's lines stand for.
fn window_values(window: &Window, act_type: u8, rat: Rat, edrx: Edrx) -> Option<[(&'static str, String); 5]> {
    let (cycle, ptw) = (cycle(rat, edrx.cycle), edrx::ptw_encode(rat.into(), edrx.ptw?, Rounding::Up)?);
    Some([
        ("act", window.act.get(&rat).unwrap_or(&act_type).to_string()),
        ("cycle", cycle.bits_text()),
        ("ptw", ptw.bits_text()),
        ("cycle:int", cycle.bits.to_string()),
        ("ptw:int", ptw.bits.to_string()),
    ])
}

/// Whether the modem asks for the wanted window on every technology, as far as it can be asked.
async fn window_holds(d: &Driver, definition: &Definition, wanted: Edrx) -> Result<bool, CommandError> {
    let Some(window) = definition.window().filter(|_| wanted.ptw.is_some()) else { return Ok(true) };
    let Some(read) = &window.read else { return Ok(false) };
    let lines = optional(d.run(CommandLine::raw(read)).await)?.unwrap_or_default();
    let bare = |line: &str| line.replace([' ', '"'], "");
    let holds = |values: [(&str, String); 5]| {
        let line = values.iter().fold(window.holds.clone(), |line, (name, v)| line.replace(&format!("{{{name}}}"), v));
        lines.iter().any(|told| bare(told) == bare(&line))
    };
    let values = |(act, rat)| window_values(window, act, rat, wanted);
    Ok(technologies(definition).into_iter().filter_map(values).all(holds))
}

fn cycle(rat: Rat, cycle: Duration) -> edrx::Encoded {
    edrx::cycle_encode(rat.into(), cycle, Rounding::Up)
}

/// What the timers become when they are coded (TS 24.008 §10.5.7.4, §10.5.7.4a), rounded up.
fn representable(timers: PsmTimers) -> PsmTimers {
    let tau = timers.periodic_tau.map(|tau| t3412::encode(tau, Rounding::Up).map_or(tau, |e| e.value));
    let active_time = t3324::encode(timers.active_time, Rounding::Up).map_or(timers.active_time, |e| e.value);
    PsmTimers { periodic_tau: tau, active_time }
}

async fn read_psm(d: &Driver) -> Result<Option<PsmTimers>, CommandError> {
    let lines = optional(d.run(standard::read("+CPSMS")).await)?.unwrap_or_default();
    let Some(answer) = lines.iter().find_map(|line| cpsms(line).ok()).filter(|answer| answer.on) else {
        return Ok(None);
    };
    let tau = answer.periodic_tau.and_then(|bits| t3412::decode_text(&bits).ok().flatten());
    let active = answer.active_time.and_then(|bits| t3324::decode_text(&bits).ok().flatten());
    Ok(active.map(|active_time| PsmTimers { periodic_tau: tau, active_time }))
}

/// AcT-types for which the modem asks for eDRX, with the cycle, where that is clear.
async fn read_edrx(d: &Driver, definition: &Definition) -> Result<Vec<(u8, Option<Duration>)>, CommandError> {
    let lines = optional(d.run(standard::read("+CEDRXS")).await)?.unwrap_or_default();
    let known = technologies(definition);
    let cycle_of = |act_type: u8, bits: &str| match bits {
        // 5.12 s on LTE-M; and some modems list technologies without eDRX as 0000 (SARA-R5).
        "0000" => known.contains_key(&act_type).then_some((act_type, None)),
        _ => Some((act_type, Some(edrx::cycle_decode_text((*known.get(&act_type)?).into(), bits).ok()??))),
    };
    let asked = lines.iter().filter_map(|line| cedrxs(line).ok()?);
    Ok(asked.filter_map(|a| cycle_of(a.act_type, a.cycle.as_deref()?)).collect())
}

fn edrx_holds(definition: &Definition, wanted: Option<Edrx>, present: &[(u8, Option<Duration>)]) -> bool {
    let Some(wanted) = wanted else { return present.is_empty() };
    let asked = |(act_type, rat)| (act_type, Some(cycle(rat, wanted.cycle).value));
    technologies(definition).into_iter().all(|technology| present.contains(&asked(technology)))
}

/// Reads what the network granted, as far as notices have not told already.
pub async fn read_grants(d: &Driver) -> Result<(), CommandError> {
    let state = d.snapshot();
    if state.power.psm_requested.is_some() && state.power.psm_granted.is_none() {
        optional(ask(d, QueryName::PsmGranted).await)?;
    }
    read_edrx_grant(d).await
}

/// Reads the eDRX that the network granted, if any was asked for.
pub async fn read_edrx_grant(d: &Driver) -> Result<(), CommandError> {
    if d.look(|state| state.power.edrx_requested.is_none()) {
        return Ok(());
    }
    let definition = d.definition();
    let lines = optional(d.run(standard::execute("+CEDRXRDP")).await)?.unwrap_or_default();
    if let Some(answer) = lines.iter().find_map(|line| cedrxrdp(line).ok()) {
        let granted = answer.and_then(|answer| granted_edrx(&definition, &answer));
        d.update(|state, now| state.power.edrx_granted = Some(Reading::new(granted, now)));
    }
    Ok(())
}

/// The model's recipe, where it has one.
pub async fn no_more_data(d: &Driver) -> Result<(), CommandError> {
    match d.definition().procedures.get(&ProcedureName::NoMoreData) {
        Some(recipe) => optional(run_steps(d, &recipe.steps, &[]).await).map(drop),
        None => Ok(()),
    }
}

/// What a `+CEDRXRDP` answer or a `+CEDRXP` notice grants. An empty value means "not in use", whatever the type says.
pub fn granted_edrx(definition: &Definition, answer: &EdrxGrant) -> Option<Edrx> {
    let rat = definition.capabilities.edrx.iter().find(|rat| rat.edrx_act_type() == Some(answer.act_type))?;
    let mode = EdrxMode::from(*rat);
    let cycle = edrx::cycle_decode_text(mode, answer.granted.as_deref()?).ok()??;
    let ptw = answer.paging_time_window.as_deref().and_then(|bits| edrx::ptw_decode_text(mode, bits).ok().flatten());
    Some(Edrx { cycle, ptw })
}
