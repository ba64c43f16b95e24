//! The way from an open port to the goal.

use super::{Goal, Start};
use crate::modem::definition::Library;
use crate::modem::driver::Driver;
use crate::modem::procedure::{Aids, Stop, configure, context, power, probe, radio, register, wish};
use crate::modem::settings::Settings;
use crate::state::Lifecycle;

/// From `start` to `goal`.
pub(super) async fn reach(
    d: &Driver,
    settings: &Settings,
    library: &Library,
    aids: &Aids,
    goal: Goal,
    start: Start,
) -> Result<(), Stop> {
    let before = d.snapshot();
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
        radio::off(d).await?;
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
    let now = d.snapshot();
    if start != Start::Resume || now.network.plmn.is_none() || power::moved(&before, &now) {
        register::read_network(d, aids).await?;
    }
    if start != Start::Network {
        register::prefer(d, &want, aids).await?;
    }
    if goal != Goal::Connected {
        return Ok(());
    }
    register::may_use(d, &want.settings)?;
    context::connect(d, &want, aids).await
}
