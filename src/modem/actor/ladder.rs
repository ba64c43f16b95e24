//! The way from an open port to the goal.

use std::sync::Mutex;

use super::{Goal, Start};
use crate::modem::data::Which;
use crate::modem::definition::Library;
use crate::modem::driver::Driver;
use crate::modem::procedure::{Stop, configure, context, power, probe, radio, register, wake};
use crate::modem::settings::Settings;
use crate::policy::pin::PinMemory;
use crate::state::{Lifecycle, ModemState};

/// From `start` to `goal`.
pub(super) async fn reach(
    d: &Driver,
    settings: &Settings,
    library: &Library,
    pins: &Mutex<PinMemory>,
    goal: Goal,
    start: Start,
) -> Result<(), Stop> {
    let before = d.snapshot();
    let settings = &d.settled(settings);
    if start == Start::Resume && goal != Goal::Off && was_set(&before) && wake::take_up(d, settings, pins).await? {
        register::register(d, true).await?;
        return arrive(d, settings, goal, &before).await;
    }
    if matches!(start, Start::Fresh | Start::Resume) {
        if start == Start::Fresh {
            d.enter(Lifecycle::Probing);
        }
        probe::synchronise(d).await?;
        let same = start == Start::Resume && d.snapshot().identity.imei.is_some();
        if !same {
            probe::identify(d, library, settings.model.is_some()).await?;
        }
    }
    if goal == Goal::Off {
        d.data.down(Which::All).await;
        radio::off(d).await?;
        d.update(|state, _| state.bearers.clear());
        d.enter(Lifecycle::Off);
        return Ok(());
    }
    if start != Start::Network {
        configure::configure(d, settings, pins, start == Start::Resume).await?;
    }
    register::register(d, start == Start::Network).await?;
    if start != Start::Resume {
        register::read_network(d).await?;
        return connect(d, settings, goal).await;
    }
    arrive(d, settings, goal, &before).await
}

/// Whether a modem that went to sleep so was set as wanted.
const fn was_set(before: &ModemState) -> bool {
    before.identity.imei.is_some()
        && (before.lifecycle.has_context() || matches!(before.lifecycle, Lifecycle::Registered { .. }))
}

/// Registered again after a sleep: the network is read where it is another than before.
async fn arrive(d: &Driver, settings: &Settings, goal: Goal, before: &ModemState) -> Result<(), Stop> {
    let now = d.snapshot();
    if now.network.plmn.is_none() || power::moved(before, &now) {
        register::read_network(d).await?;
    }
    connect(d, settings, goal).await
}

async fn connect(d: &Driver, settings: &Settings, goal: Goal) -> Result<(), Stop> {
    if goal == Goal::Connected { context::connect(d, settings).await } else { Ok(()) }
}
