//! PSM and eDRX: asked here, granted by the network, and the two kept apart.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Stop, during, optional};
use crate::codec::at::answer::power::{EdrxGrant, cedrxrdp, cedrxs, cpsms};
use crate::codec::at::command::standard;
use crate::modem::channel::CommandError;
use crate::modem::definition::{Definition, QueryName};
use crate::modem::driver::Driver;
use crate::modem::handle::PowerRequest;
use crate::spec::edrx::{self, EdrxMode};
use crate::spec::rat::Rat;
use crate::spec::timer::{self, Rounding, t3324, t3412};
use crate::state::{Edrx, PsmTimers, Reading};

/// Unit 111: the timer is deactivated; for T3412 extended the network's own value applies (TS 24.008 §10.5.7.4a).
const DEACTIVATED: &str = "11100000";
/// `<mode>` of `+CEDRXS`: on, and told of what is granted (TS 27.007 §7.40).
const EDRX_WITH_NOTICES: u8 = 2;

/// What the modem asks the network for at present, and what has to change.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PowerPlan {
    psm: Option<Option<PsmTimers>>,
    edrx: Option<Option<Edrx>>,
}

impl PowerPlan {
    /// Whether nothing has to be sent.
    pub fn holds(&self) -> bool {
        self.psm.is_none() && self.edrx.is_none()
    }
}

/// Reads what the modem asks for and compares it with what is wanted.
pub async fn plan(d: &Driver, wanted: &PowerRequest) -> Result<PowerPlan, Stop> {
    let definition = d.definition();
    let lost = during("reading the power saving settings");
    let mut plan = PowerPlan::default();
    if definition.capabilities.psm {
        let present = read_psm(d).await.map_err(&lost)?;
        let codable = wanted.psm.map(|wanted| wanted.map(representable));
        plan.psm = wanted.psm.filter(|_| codable != Some(present));
        d.update(|state, _| state.power.psm_requested = codable.unwrap_or(present));
    }
    if !definition.capabilities.edrx.is_empty() {
        let present = read_edrx(d, &definition).await.map_err(&lost)?;
        plan.edrx = wanted.edrx.filter(|wanted| !edrx_holds(&definition, *wanted, &present));
        let shown = present.first().map(|(_, cycle)| Edrx { cycle: *cycle, ptw: None });
        d.update(|state, _| state.power.edrx_requested = wanted.edrx.unwrap_or(shown));
    }
    Ok(plan)
}

/// Tells the modem what to ask for, where it asks for something else.
pub async fn apply(d: &Driver, plan: &PowerPlan) -> Result<(), CommandError> {
    if let Some(psm) = plan.psm {
        request_psm(d, psm).await?;
    }
    if let Some(edrx) = plan.edrx {
        request_edrx(d, edrx).await?;
    }
    Ok(())
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

/// One line for each technology that the model knows eDRX for.
async fn request_edrx(d: &Driver, wanted: Option<Edrx>) -> Result<(), CommandError> {
    let definition = d.definition();
    // LTE and LTE-M are one type.
    let rats = definition.capabilities.edrx.iter().filter_map(|rat| Some((rat.edrx_act_type()?, *rat)));
    for (act_type, rat) in rats.collect::<BTreeMap<_, _>>() {
        let line = match wanted {
            // 3: off, and what was asked for is forgotten (TS 27.007 §7.40).
            None => standard::cedrxs_off(act_type),
            Some(edrx) => standard::cedrxs(EDRX_WITH_NOTICES, act_type, &cycle(rat, edrx.cycle).bits_text()),
        };
        d.run(line).await?;
    }
    Ok(())
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

/// Technologies for which the modem asks for eDRX, with the cycle.
async fn read_edrx(d: &Driver, definition: &Definition) -> Result<Vec<(u8, Duration)>, CommandError> {
    let lines = optional(d.run(standard::read("+CEDRXS")).await)?.unwrap_or_default();
    let cycle_of = |act_type: u8, bits: &str| {
        let rat = definition.capabilities.edrx.iter().find(|rat| rat.edrx_act_type() == Some(act_type))?;
        Some((act_type, edrx::cycle_decode_text((*rat).into(), bits).ok()??))
    };
    Ok(lines
        .iter()
        .filter_map(|line| cedrxs(line).ok()?)
        // Some modems list technologies without eDRX as 0000 (SARA-R5), which would be 5.12 s.
        .filter(|request| request.cycle.as_deref() != Some("0000"))
        .filter_map(|a| cycle_of(a.act_type, a.cycle.as_deref()?))
        .collect())
}

fn edrx_holds(definition: &Definition, wanted: Option<Edrx>, present: &[(u8, Duration)]) -> bool {
    let Some(wanted) = wanted else { return present.is_empty() };
    definition.capabilities.edrx.iter().all(|rat| {
        let asked = rat.edrx_act_type().map(|act_type| (act_type, cycle(*rat, wanted.cycle).value));
        asked.is_none_or(|asked| present.contains(&asked))
    })
}

/// Reads what the network granted, as far as notices have not told already.
pub async fn read_grants(d: &Driver) -> Result<(), CommandError> {
    let state = d.snapshot();
    if state.power.psm_requested.is_some() && state.power.psm_granted.is_none() {
        optional(d.ask(QueryName::PsmGranted).await)?;
    }
    if state.power.edrx_requested.is_some() {
        let definition = d.definition();
        let lines = optional(d.run(standard::execute("+CEDRXRDP")).await)?.unwrap_or_default();
        if let Some(answer) = lines.iter().find_map(|line| cedrxrdp(line).ok()) {
            let granted = answer.and_then(|answer| granted_edrx(&definition, &answer));
            d.update(|state, now| state.power.edrx_granted = Some(Reading::new(granted, now)));
        }
    }
    Ok(())
}

/// What a `+CEDRXRDP` answer or a `+CEDRXP` notice grants. An empty value means "not in use", whatever the type says.
pub fn granted_edrx(definition: &Definition, answer: &EdrxGrant) -> Option<Edrx> {
    let rat = definition.capabilities.edrx.iter().find(|rat| rat.edrx_act_type() == Some(answer.act_type))?;
    let mode = EdrxMode::from(*rat);
    let cycle = edrx::cycle_decode_text(mode, answer.granted.as_deref()?).ok()??;
    let ptw = answer.paging_time_window.as_deref().and_then(|bits| edrx::ptw_decode_text(mode, bits).ok().flatten());
    Some(Edrx { cycle, ptw })
}
