//! The way from an open port to the goal.

use super::{Goal, Start};
use crate::modem::data::Which;
use crate::modem::definition::Library;
use crate::modem::driver::Driver;
use crate::modem::procedure::wish::{self, Wanted};
use crate::modem::procedure::{Aids, Stop, configure, context, power, probe, radio, register, slot, wake};
use crate::modem::settings::Settings;
use crate::policy::governor::Event;
use crate::state::{Lifecycle, ModemState};

/// From `start` to `goal`; a card that is of no use gives way to another one.
pub(super) async fn reach(
    d: &Driver,
    settings: &Settings,
    library: &Library,
    aids: &Aids,
    goal: Goal,
    start: Start,
) -> Result<(), Stop> {
    let climbed = climb(d, settings, library, aids, goal, start).await;
    climbed.map_err(|stop| slot::give_way(d, settings, aids, stop))
}

async fn climb(
    d: &Driver,
    settings: &Settings,
    library: &Library,
    aids: &Aids,
    goal: Goal,
    start: Start,
) -> Result<(), Stop> {
    let before = d.snapshot();
    let settings = &d.settled(settings.clone());
    if start == Start::Resume
        && goal != Goal::Off
        && was_set(&before)
        && let Some(want) = wake::take_up(d, settings, aids).await?
    {
        register::register(d, &want, aids, true).await?;
        return arrive(d, &want, aids, goal, &before).await;
    }
    if matches!(start, Start::Fresh | Start::Resume) {
        if start == Start::Fresh {
            d.enter(Lifecycle::Probing);
        }
        probe::synchronise(d).await?;
        let same = start == Start::Resume && d.look(|state| state.identity.imei.is_some());
        if !same {
            probe::identify(d, library, settings.model.is_some()).await?;
        }
    }
    if goal == Goal::Off {
        d.data.down(Which::All).await;
        radio::off(d).await?;
        slot::choose(d, settings, aids).await?;
        d.update(|state, _| state.bearers.clear());
        d.enter(Lifecycle::Off);
        return Ok(());
    }
    if start == Start::Attach {
        radio::off(d).await?;
    }
    let want = match start {
        Start::Network => wish::wanted(d, settings, aids),
        _ => configure::configure(d, settings, aids, start == Start::Resume).await?,
    };
    register::register(d, &want, aids, start == Start::Network).await?;
    if let Some(slot) = d.look(|state| state.sim.slot()) {
        aids.gate.step(Event::SlotWorks(slot));
    }
    if start == Start::Resume {
        return arrive(d, &want, aids, goal, &before).await;
    }
    register::read_network(d, aids).await?;
    if start != Start::Network {
        register::prefer(d, &want, aids).await?;
    }
    connect(d, &want, aids, goal).await
}

/// Whether a modem that went to sleep so was set as wanted.
const fn was_set(before: &ModemState) -> bool {
    before.identity.imei.is_some()
        && (before.lifecycle.has_context() || matches!(before.lifecycle, Lifecycle::Registered { .. }))
}

/// Registered again after a sleep: the network is read where it is another than before.
async fn arrive(d: &Driver, want: &Wanted, aids: &Aids, goal: Goal, before: &ModemState) -> Result<(), Stop> {
    if d.look(|now| now.network.plmn.is_none() || power::moved(before, now)) {
        register::read_network(d, aids).await?;
    }
    connect(d, want, aids, goal).await
}

async fn connect(d: &Driver, want: &Wanted, aids: &Aids, goal: Goal) -> Result<(), Stop> {
    if goal != Goal::Connected {
        return Ok(());
    }
    register::may_use(d, &want.settings)?;
    context::connect(d, want, aids).await
}
