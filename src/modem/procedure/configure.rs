//! From "it answers" to "it is set as wanted and looks for a network". What holds already is not sent again.

use tracing::warn;

use super::wish::{self, Wanted};
use super::{Aids, Retry, Stop, during, optional, radio, sim, slot};
use crate::modem::backend::{PowerPlan, RadioLevel, RegistrationPlan};
use crate::modem::definition::Effect;
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::policy::governor::Act;
use crate::state::Lifecycle;

/// What has to change before the radio may look for a network.
#[derive(Default)]
struct Changes {
    rats: bool,
    bands: bool,
    context: bool,
    power: PowerPlan,
    registration: RegistrationPlan,
}

/// Opens the SIM, sets what differs from what is wanted, subscribes, and switches the radio on.
///
/// A modem that is `known` has only slept: its card is the same.
pub async fn configure(d: &Driver, base: &Settings, aids: &Aids, known: bool) -> Result<Wanted, Stop> {
    let mut level = d.radio().await.map_err(during("reading whether the radio is on"))?;
    if level == RadioLevel::Minimum {
        // Many modems cannot read the SIM at this level; one that stays there tells so by its SIM.
        let off = optional(d.set_radio(RadioLevel::Off).await).map_err(during("switching the SIM on"))?;
        if off.is_some() {
            level = RadioLevel::Off;
        }
    }
    if slot::choose(d, base, aids).await? {
        level = RadioLevel::Off;
    }
    sim::ready(d, base, aids).await?;
    if !(known && d.snapshot().sim.imsi.is_some()) {
        sim::identify(d, base, aids).await?;
    }
    let wanted = wish::wanted(d, base, aids);
    let want = &wanted.settings;
    let changes = find_changes(d, want).await?;
    if (changes.rats || changes.bands || changes.context) && level == RadioLevel::On {
        radio::off(d).await?;
        level = RadioLevel::Off;
    }
    apply(d, want, &changes).await?;
    register_with(d, want, &changes.registration, level, aids).await?;
    d.ask_for_notices(want).await.map_err(during("subscribing to notices"))?;
    if level != RadioLevel::On {
        // A modem with its radio off looks for no network, but it waits to.
        aids.ask(Act::Attach, wanted.apn(), Lifecycle::Searching)?;
        d.set_radio(RadioLevel::On).await.map_err(during("switching the radio on"))?;
    }
    Ok(wanted)
}

async fn find_changes(d: &Driver, want: &Settings) -> Result<Changes, Stop> {
    let rats_hold =
        want.rats.is_empty() || d.rats_hold(&want.rats).await.map_err(during("reading the radio technologies"))?;
    Ok(Changes {
        rats: !rats_hold,
        bands: !want.bands.is_empty(),
        context: !d.context_holds(want).await.map_err(during("reading the data contexts"))?,
        power: d.plan_power(&want.power).await.map_err(during("reading the power saving settings"))?,
        registration: d
            .plan_registration(&want.power)
            .await
            .map_err(during("reading the 5G registration parameters"))?,
    })
}

async fn apply(d: &Driver, want: &Settings, changes: &Changes) -> Result<(), Stop> {
    let mut effect = Effect::Now;
    if changes.rats {
        effect = d.choose_rats(&want.rats).await.map_err(during("choosing the radio technologies"))?;
    }
    if changes.bands {
        d.choose_bands(&want.bands).await.map_err(during("choosing the bands"))?;
    }
    if changes.context {
        d.define_context(want).await.map_err(during("defining the data context"))?;
    }
    let power = optional(d.apply_power(&changes.power).await).map_err(during("asking for power saving"))?;
    if power.is_none() {
        warn!("{}: the modem refused the power saving settings; see `lpwa at 'AT+CPSMS=?'`", want.id);
    }
    if effect == Effect::Reboot {
        d.restart().await.map_err(during("restarting the modem for its new radio technologies"))?;
        return Err(Stop {
            lifecycle: Lifecycle::Probing,
            trouble: Some("restarting for new settings".into()),
            retry: Retry::Restart,
        });
    }
    Ok(())
}

/// Tells what to register with in 5G networks. A modem that is on the air registers anew for it when the governor lets it;
/// else it holds from the next registration on.
async fn register_with(
    d: &Driver,
    want: &Settings,
    plan: &RegistrationPlan,
    level: RadioLevel,
    aids: &Aids,
) -> Result<(), Stop> {
    if let Some(lacking) = &plan.lacking {
        warn!("{}: {lacking}", want.id);
    }
    let again = || level == RadioLevel::On && aids.gate.ask(Act::Attach, aids.asker, "").is_ok();
    let again = plan.set.is_some() && again();
    let set = d.apply_registration(plan, &want.power, again).await;
    if optional(set).map_err(during("setting the 5G registration parameters"))?.is_none() {
        warn!("{}: the modem refused the 5G registration parameters; the network's defaults hold", want.id);
    }
    Ok(())
}
