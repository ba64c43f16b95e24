//! What a modem asks a 5G network for when it registers: MICO mode and DRX cycle (MBIMEx 3.0).
//!
//! The modem says what it accepted of a wish. What the network makes of it then is not told to the host.

use crate::codec::mbim::message::Nothing;
use crate::codec::mbim::message::extensions::{self, MicoMode, REGISTRATION_PARAMETERS, RegistrationParameters};
use crate::codec::mbim::{Service, Version};
use crate::modem::backend::{RegistrationPlan, lacking};
use crate::modem::channel::CommandError;
use crate::modem::driver::Driver;
use crate::modem::handle::PowerRequest;
use crate::modem::procedure::optional;
use crate::spec::drx::DrxCycle;
use crate::state::{Accepted, Reading};

/// Reads what the modem registers with, and compares it with what is wanted.
pub async fn plan(d: &Driver, wanted: &PowerRequest) -> Result<RegistrationPlan, CommandError> {
    let present: Option<RegistrationParameters> = match d.ports.mbim()?.agreed.get() {
        Version::V3 => optional(d.mbim_extended(&REGISTRATION_PARAMETERS, &Nothing {}).await)?,
        _ => None,
    };
    let Some(present) = present else {
        let why = "MICO mode and the DRX cycle of 5G are asked for by MBIMEx 3.0, which this modem does not have";
        return Ok(lacking(d, wanted, why));
    };
    enter(d, wanted, &present);
    let (has_mico, has_drx) = (mico(&present) != Accepted::Unsupported, drx_cycle(&present) != Accepted::Unsupported);
    let mut set = settable(&present);
    if let Some(wish) = wanted.mico.filter(|_| has_mico) {
        set.mico_mode = if wish { MicoMode::Enabled } else { MicoMode::Disabled };
    }
    if let Some(wish) = wanted.drx_cycle.filter(|_| has_drx) {
        set.drx_cycle = written(wish);
    }
    let changed = (set.mico_mode, set.drx_cycle) != (present.mico_mode, present.drx_cycle);
    let mut lacks = Vec::new();
    lacks.extend((!has_mico && wanted.mico == Some(true)).then_some("no MICO mode"));
    lacks.extend((!has_drx && wanted.drx_cycle.flatten().is_some()).then_some("no choice of the DRX cycle in 5G"));
    let lacking = (!lacks.is_empty()).then(|| format!("this modem has {}", lacks.join(" and ")));
    let asked = wanted.mico.is_some() && has_mico || wanted.drx_cycle.is_some() && has_drx;
    Ok(RegistrationPlan { set: (changed && asked).then_some(set), lacking })
}

/// Sets what the modem registers with; with `again` it registers anew, if that makes a difference.
pub async fn apply(
    d: &Driver,
    wanted: &PowerRequest,
    set: &RegistrationParameters,
    again: bool,
) -> Result<(), CommandError> {
    let set = RegistrationParameters { re_register_if_needed: again, ..set.clone() };
    let (mbim, time_out) = (d.ports.mbim()?, d.definition().timing.attach);
    let answer = mbim.set(Service::MsBasicConnectExtensions, &REGISTRATION_PARAMETERS, &set, time_out).await?;
    let accepted = mbim.decode(&answer, "MBIM registration-parameters".into())?;
    enter(d, wanted, &accepted);
    Ok(())
}

/// Some values are for answers only.
fn settable(present: &RegistrationParameters) -> RegistrationParameters {
    let mut set = present.clone();
    if !matches!(set.mico_mode, MicoMode::Disabled | MicoMode::Enabled) {
        set.mico_mode = MicoMode::Default;
    }
    if set.drx_cycle == extensions::DrxCycle::NotSupported {
        set.drx_cycle = extensions::DrxCycle::NotSpecified;
    }
    set
}

fn enter(d: &Driver, wanted: &PowerRequest, told: &RegistrationParameters) {
    let (mico, drx) = (mico(told), drx_cycle(told));
    d.update(|state, now| {
        let power = &mut state.power;
        power.mico_requested = wanted.mico.unwrap_or(mico == Accepted::As(true));
        power.drx_requested = wanted.drx_cycle.unwrap_or(match drx {
            Accepted::As(cycle) => cycle,
            Accepted::Unsupported => None,
        });
        (power.mico_accepted, power.drx_accepted) = (Some(Reading::new(mico, now)), Some(Reading::new(drx, now)));
    });
}

const fn mico(told: &RegistrationParameters) -> Accepted<bool> {
    match told.mico_mode {
        MicoMode::Enabled => Accepted::As(true),
        MicoMode::Disabled | MicoMode::Default => Accepted::As(false),
        MicoMode::Unsupported | MicoMode::Other(_) => Accepted::Unsupported,
    }
}

const fn drx_cycle(told: &RegistrationParameters) -> Accepted<Option<DrxCycle>> {
    Accepted::As(match told.drx_cycle {
        extensions::DrxCycle::Frames32 => Some(DrxCycle::Frames32),
        extensions::DrxCycle::Frames64 => Some(DrxCycle::Frames64),
        extensions::DrxCycle::Frames128 => Some(DrxCycle::Frames128),
        extensions::DrxCycle::Frames256 => Some(DrxCycle::Frames256),
        extensions::DrxCycle::NotSpecified | extensions::DrxCycle::Other(_) => None,
        extensions::DrxCycle::NotSupported => return Accepted::Unsupported,
    })
}

const fn written(cycle: Option<DrxCycle>) -> extensions::DrxCycle {
    match cycle {
        None => extensions::DrxCycle::NotSpecified,
        Some(DrxCycle::Frames32) => extensions::DrxCycle::Frames32,
        Some(DrxCycle::Frames64) => extensions::DrxCycle::Frames64,
        Some(DrxCycle::Frames128) => extensions::DrxCycle::Frames128,
        Some(DrxCycle::Frames256) => extensions::DrxCycle::Frames256,
    }
}
