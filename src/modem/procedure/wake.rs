//! A modem that slept and started anew: it has kept what it stores, and is told again what it does not.

use std::time::Duration;

use tokio::time::timeout;

use super::wish::{self, Wanted};
use super::{Aids, Stop, during, sim};
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::spec::registration::Registration;
use crate::state::{ModemState, SimState, Timestamp};

/// How long the card may take to be told of after a start, before it is asked for.
const CARD: Duration = Duration::from_secs(3);

/// Takes up a modem that was set as wanted when it fell asleep. `None`: it has lost more than a start costs, and has to
/// be set anew.
///
/// Echo, error numbers and subscriptions are lost with the power. What else was set is stored, on most models: that the
/// modem is registered shows that radio, card and technologies are as they were, and one reading of the wish for power
/// saving finds the model that forgets.
pub async fn take_up(d: &Driver, base: &Settings, aids: &Aids) -> Result<Option<Wanted>, Stop> {
    let want = wish::wanted(d, base, aids);
    let boot = d.definition().timing.boot;
    let started = before(d.clock.now(), boot);
    d.open_again(boot.saturating_mul(2), &want.settings).await.map_err(during("waiting for the modem to answer"))?;
    if !told_of_card(d, started).await {
        sim::ready(d, base, aids).await?;
    }
    let told = d.look(|state| state.network.registration);
    if told.is_none_or(|told| told.at < started) {
        d.read_registration().await.map_err(during("reading the registration"))?;
    }
    match d.look(|state| state.network.registration).map(|told| told.value) {
        Some(registration) if registration.is_registered() || registration == Registration::Searching => {}
        _ => return Ok(None),
    }
    let kept = d.power_kept(&want.settings.power).await.map_err(during("reading the power saving settings"))?;
    Ok(kept.then_some(want))
}

/// Whether the modem told since its start that the card can be read. Most do, within seconds, and need not be asked.
async fn told_of_card(d: &Driver, started: Timestamp) -> bool {
    let told =
        |state: &ModemState| state.sim.state.is_some_and(|card| card.value == SimState::Ready && card.at >= started);
    timeout(CARD, d.subscribe().wait_for(told)).await.is_ok_and(|state| state.is_ok())
}

fn before(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp(now.0.saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
}
