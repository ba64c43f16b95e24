//! A modem that slept and started anew: it has kept what it stores, and is told again what it does not.

use std::sync::Mutex;

use super::{Stop, configure, during, optional, power, probe, register, sim};
use crate::codec::at::command::CommandLine;
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::policy::pin::PinMemory;
use crate::spec::registration::Registration;

/// Takes up a modem that was set as wanted when it fell asleep. False: it has lost more than a start costs, and has to
/// be set anew.
///
/// Echo, error numbers and subscriptions are lost with the power. What else was set is stored, on most models: that the
/// modem is registered shows that radio, card and technologies are as they were, and one reading of the wish for power
/// saving finds the model that forgets.
pub async fn take_up(d: &Driver, want: &Settings, pins: &Mutex<PinMemory>) -> Result<bool, Stop> {
    tell_again(d, want).await?;
    register::read_registration(d).await?;
    match d.snapshot().network.registration.map(|told| told.value) {
        Some(registration) if registration.is_registered() => {}
        // On its way; the card must not keep it from arriving.
        Some(Registration::Searching) => sim::ready(d, want.pin.as_ref(), pins).await?,
        _ => return Ok(false),
    }
    power::kept(d, &want.power).await.map_err(during("reading the power saving settings"))
}

/// Error numbers and notices, in one line where the model takes that.
async fn tell_again(d: &Driver, want: &Settings) -> Result<(), Stop> {
    let definition = d.definition();
    if definition.capabilities.chain {
        let lost = during("subscribing to notices");
        let reports = format!("+CMEE=1;+CEREG={}", definition.capabilities.cereg);
        let gsm = configure::wants_gsm(d, want).then_some("+CGREG=2");
        let own = definition.subscribe.iter().filter_map(|line| line.get("AT".len()..));
        let line = std::iter::once(reports.as_str()).chain(gsm).chain(own).collect::<Vec<_>>().join(";");
        // A command that fails ends the line; then each goes by itself.
        if optional(d.run(CommandLine::raw(&format!("AT{line}"))).await).map_err(lost)?.is_some() {
            return Ok(());
        }
    }
    probe::ask_for_causes(d).await?;
    configure::subscribe(d, want).await
}
