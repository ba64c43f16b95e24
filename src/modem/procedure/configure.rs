//! From "it answers" to "it is set as wanted and looks for a network". What holds already is not sent again.

use std::sync::Mutex;

use tracing::warn;

use super::power::{self, PowerPlan};
use super::{Retry, Stop, during, optional, radio, sim};
use crate::codec::at::answer::context::cgdcont;
use crate::codec::at::command::CommandLine;
use crate::codec::at::command::standard::{self, Authentication};
use crate::modem::channel::CommandError;
use crate::modem::definition::{BandForm, Effect, ProcedureName, RatChoice};
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::policy::pin::PinMemory;
use crate::spec::apn::Apn;
use crate::spec::apn::PdpType;
use crate::spec::band::{Band, BandSet};
use crate::spec::rat::Rat;
use crate::state::Lifecycle;

/// What has to change before the radio may look for a network.
#[derive(Default)]
struct Changes {
    rats: Option<RatChoice>,
    bands: bool,
    context: bool,
    power: PowerPlan,
}

/// Opens the SIM, sets what differs from what is wanted, subscribes, and switches the radio on.
///
/// A modem that is `known` has only slept: its card is the same.
pub async fn configure(d: &Driver, want: &Settings, pins: &Mutex<PinMemory>, known: bool) -> Result<(), Stop> {
    let mut level = radio::level(d).await?;
    if level == 0 {
        // Many modems cannot read the SIM at level 0; one that stays there tells so by its SIM.
        let off = d.definition().capabilities.radio_off;
        if optional(radio::set_level(d, off).await).map_err(during("switching the SIM on"))?.is_some() {
            level = off;
        }
    }
    sim::ready(d, want.pin.as_ref(), pins).await?;
    if !(known && d.snapshot().sim.imsi.is_some()) {
        sim::identify(d).await?;
    }
    let changes = find_changes(d, want).await?;
    let needs_off = changes.rats.is_some() || changes.bands || changes.context;
    if needs_off && level == radio::FULL {
        radio::off(d).await?;
        level = d.definition().capabilities.radio_off;
    }
    apply(d, want, &changes).await?;
    subscribe(d, want).await?;
    if level != radio::FULL {
        radio::set_level(d, radio::FULL).await.map_err(during("switching the radio on"))?;
    }
    Ok(())
}

async fn find_changes(d: &Driver, want: &Settings) -> Result<Changes, Stop> {
    Ok(Changes {
        rats: rats_to_choose(d, want).await?,
        bands: !want.bands.is_empty(),
        context: context_differs(d, want).await?,
        power: power::plan(d, &want.power).await?,
    })
}

/// The choice of technologies to make; `None` where it holds already or nothing is wanted.
async fn rats_to_choose(d: &Driver, want: &Settings) -> Result<Option<RatChoice>, Stop> {
    let definition = d.definition();
    let Some(select) = definition.select_rats.as_ref().filter(|_| !want.rats.is_empty()) else { return Ok(None) };
    let Some(choice) = select.choices.iter().find(|choice| choice.rats == want.rats) else {
        let known: Vec<_> = select.choices.iter().map(|choice| names(&choice.rats)).collect();
        let (wanted, model) = (names(&want.rats), &definition.name);
        return Err(unsupported(format!(
            "the model file {model} cannot choose rats = [{wanted}]; it knows [{}]",
            known.join("], [")
        )));
    };
    let mut answers = Vec::new();
    for line in &select.read {
        let lines = optional(d.run(CommandLine::raw(line)).await).map_err(during("reading the radio technologies"))?;
        answers.extend(lines.unwrap_or_default());
    }
    Ok((!choice.is_held(&answers, &definition.rat_names())).then(|| choice.clone()))
}

fn unsupported(message: String) -> Stop {
    Stop { lifecycle: Lifecycle::Failed(message), trouble: None, retry: Retry::OnChange }
}

fn names(rats: &[Rat]) -> String {
    rats.iter().map(|rat| rat.name()).collect::<Vec<_>>().join(", ")
}

async fn context_differs(d: &Driver, want: &Settings) -> Result<bool, Stop> {
    let Some(apn) = &want.apn else { return Ok(false) };
    let lines = d.run(standard::read("+CGDCONT")).await.map_err(during("reading the data contexts"))?;
    let cid = d.definition().capabilities.default_context;
    let present = lines.iter().filter_map(|line| cgdcont(line).ok()).find(|context| context.cid == cid);
    Ok(!present.is_some_and(|context| {
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

async fn apply(d: &Driver, want: &Settings, changes: &Changes) -> Result<(), Stop> {
    let definition = d.definition();
    if let Some(choice) = &changes.rats {
        radio::run_steps(d, &choice.set, &[]).await.map_err(during("choosing the radio technologies"))?;
    }
    if changes.bands {
        select_bands(d, want).await?;
    }
    if changes.context {
        define_context(d, want).await.map_err(during("defining the data context"))?;
    }
    let power = optional(power::apply(d, &changes.power).await).map_err(during("asking for power saving"))?;
    if power.is_none() {
        warn!("{}: the modem refused the power saving settings; see `lpwa at 'AT+CPSMS=?'`", want.id);
    }
    let reboot = definition.select_rats.as_ref().is_some_and(|select| select.effect == Effect::Reboot);
    if changes.rats.is_some() && reboot {
        radio::reset(d).await.map_err(during("restarting the modem for its new radio technologies"))?;
        return Err(Stop {
            lifecycle: Lifecycle::Probing,
            trouble: Some("restarting for new settings".into()),
            retry: Retry::Restart,
        });
    }
    Ok(())
}

async fn select_bands(d: &Driver, want: &Settings) -> Result<(), Stop> {
    let definition = d.definition();
    let Some(recipe) = definition.procedures.get(&ProcedureName::SelectBands) else {
        return Err(unsupported(format!("the model file {} cannot choose bands; remove `bands`", definition.name)));
    };
    let bands = want.bands.iter().filter_map(|band| Band::new(*band)).collect::<BandSet>();
    radio::run_steps(d, &recipe.steps, &[("bands", &write_bands(recipe.bands, &bands))])
        .await
        .map_err(during("choosing the bands"))
}

fn write_bands(form: BandForm, bands: &BandSet) -> String {
    match form {
        BandForm::List => bands.list(),
        BandForm::HexMask => bands.hex_mask(),
        BandForm::DecimalMask => bands.decimal_masks(),
        // A band above the 88th has no digit; the modem would not have it either.
        BandForm::BinaryString => bands.binary(88).unwrap_or_default(),
    }
}

async fn define_context(d: &Driver, want: &Settings) -> Result<(), CommandError> {
    let definition = d.definition();
    let cid = definition.capabilities.default_context;
    let apn = want.apn.clone().unwrap_or_default();
    d.run(standard::cgdcont(cid, want.pdp_type, &apn)).await?;
    let Some((user, password)) = &want.credentials else { return Ok(()) };
    match definition.procedures.get(&ProcedureName::Authenticate) {
        None => d.run(standard::cgauth(cid, Authentication::Chap, user, password.reveal())).await.map(drop),
        Some(recipe) => {
            let (cid, password) = (cid.to_string(), password.reveal().as_str());
            let ip = match want.pdp_type {
                PdpType::Ipv4 | PdpType::NonIp => "1",
                PdpType::Ipv6 => "2",
                PdpType::Ipv4v6 => "3",
            };
            let name = [("cid", cid.as_str()), ("apn", apn.as_str()), ("ip", ip)];
            let who = [("auth", "2"), ("user", user), ("password", password)];
            radio::run_steps(d, &recipe.steps, &[name, who].concat()).await
        }
    }
}

/// Whether notices of GSM are worth having.
pub fn wants_gsm(d: &Driver, want: &Settings) -> bool {
    let gsm = |rats: &[Rat]| rats.contains(&Rat::Gsm);
    gsm(&d.definition().capabilities.rats) && (want.rats.is_empty() || gsm(&want.rats))
}

/// Asks to be told of changes, so that nothing has to be polled.
pub async fn subscribe(d: &Driver, want: &Settings) -> Result<(), Stop> {
    let lost = during("subscribing to notices");
    let definition = d.definition();
    // Some firmwares refuse 5 and 4 (causes, timers); the plain location form is in every modem.
    for n in (1..=definition.capabilities.cereg).rev().filter(|n| *n != 3) {
        if optional(d.run(standard::set("+CEREG", n)).await).map_err(&lost)?.is_some() {
            break;
        }
    }
    if wants_gsm(d, want) {
        optional(d.run(standard::set("+CGREG", 2)).await).map_err(&lost)?;
    }
    for line in &definition.subscribe {
        optional(d.run(CommandLine::raw(line)).await).map_err(&lost)?;
    }
    Ok(())
}
