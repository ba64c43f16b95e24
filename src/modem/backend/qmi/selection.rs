//! NAS: the choice of technologies and bands.

use super::{Client, unless_so};
use crate::codec::qmi::nas::{self, BandMask, ChangeDuration, ModePreference, RadioInterface};
use crate::modem::channel::CommandError;
use crate::modem::definition::Effect;
use crate::modem::driver::Driver;
use crate::spec::rat::Rat;

/// Bands that the older mask has room for.
const OLD_MASK: u16 = 64;

/// Compares the system selection preference with what is wanted.
pub async fn rats_hold(d: &Driver, rats: &[Rat]) -> Result<bool, CommandError> {
    let (modes, order) = preference(d, rats)?;
    let told = d.qmi(Client::Nas, &nas::GetSystemSelectionPreference::default()).await?;
    let first = |wanted: &[RadioInterface], told: &[RadioInterface]| told.starts_with(wanted);
    // One that tells no order has none to compare.
    let ordered = told.acquisition_order.is_none_or(|told| first(&order, &told));
    Ok(told.mode_preference == Some(modes) && ordered)
}

/// Sets the system selection preference, for good.
pub async fn choose_rats(d: &Driver, rats: &[Rat]) -> Result<Effect, CommandError> {
    let (modes, order) = preference(d, rats)?;
    let wanted = nas::SetSystemSelectionPreference {
        mode_preference: Some(modes),
        acquisition_order: Some(order),
        change_duration: Some(ChangeDuration::Permanent),
        ..Default::default()
    };
    unless_so(d.qmi(Client::Nas, &wanted).await).map(|()| Effect::Now)
}

/// Modes, and the order in which they are looked for. QMI as published has one word for LTE, LTE-M and NB-IoT.
fn preference(d: &Driver, rats: &[Rat]) -> Result<(ModePreference, Vec<RadioInterface>), CommandError> {
    let (mut modes, mut order) = (ModePreference::default(), Vec::new());
    for rat in rats {
        let (mode, interface) = match rat {
            Rat::Gsm | Rat::EcGsm => (ModePreference::GSM, RadioInterface::Gsm),
            Rat::Umts => (ModePreference::UMTS, RadioInterface::Umts),
            Rat::Lte | Rat::LteM | Rat::NbIot => (ModePreference::LTE, RadioInterface::Lte),
            Rat::Nr => (ModePreference::NR5G, RadioInterface::Nr5g),
        };
        modes = modes | mode;
        if !order.contains(&interface) {
            order.push(interface);
        }
    }
    let kinds = |rats: &[Rat]| rats.iter().filter(|rat| matches!(rat, Rat::Lte | Rat::LteM | Rat::NbIot)).count();
    let definition = d.definition();
    if kinds(rats) > 0 && kinds(&definition.capabilities.rats) > kinds(rats) {
        return Err(CommandError::Unsupported(format!(
            "QMI cannot tell LTE-M, NB-IoT and LTE apart on {}; name its AT port with `at`, or remove `rats`",
            definition.name
        )));
    }
    Ok((modes, order))
}

/// Sets the LTE bands, for good.
pub async fn choose_bands(d: &Driver, bands: &[u16]) -> Result<(), CommandError> {
    let low =
        bands.iter().filter(|band| (1..=OLD_MASK).contains(*band)).fold(0, |mask, band| mask | 1_u64 << (band - 1));
    let wanted = nas::SetSystemSelectionPreference {
        lte_band_preference: Some(low),
        extended_lte_bands: Some(bands.iter().copied().collect::<BandMask<4>>()),
        change_duration: Some(ChangeDuration::Permanent),
        ..Default::default()
    };
    unless_so(d.qmi(Client::Nas, &wanted).await)
}
