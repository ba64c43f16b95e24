//! DMS: who the modem is, and its radio.

use super::{Client, unless_so, unreadable};
use crate::codec::qmi::dms::{self, OperatingMode};
use crate::modem::backend::RadioLevel;
use crate::modem::channel::CommandError;
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;
use crate::state::fact::Fact;

/// Maker, model, firmware, IMEI.
pub(super) async fn identity(d: &Driver, name: QueryName) -> Result<Vec<Fact>, CommandError> {
    let fact = match name {
        QueryName::Manufacturer => {
            d.qmi(Client::Dms, &dms::GetManufacturer::default()).await?.manufacturer.map(Fact::Manufacturer)
        }
        QueryName::Model => d.qmi(Client::Dms, &dms::GetModel::default()).await?.model.map(Fact::Model),
        QueryName::Revision => d.qmi(Client::Dms, &dms::GetRevision::default()).await?.revision.map(Fact::Revision),
        _ => {
            let imei = d.qmi(Client::Dms, &dms::GetIds::default()).await?.imei;
            imei.and_then(|imei| imei.parse().ok()).map(Fact::Imei)
        }
    };
    Ok(fact.into_iter().collect())
}

/// The operating mode.
pub async fn radio(d: &Driver) -> Result<RadioLevel, CommandError> {
    let told = d.qmi(Client::Dms, &dms::GetOperatingMode::default()).await?;
    Ok(match told.mode.ok_or_else(unreadable::<dms::GetOperatingMode>)? {
        OperatingMode::Online => RadioLevel::On,
        OperatingMode::LowPower | OperatingMode::PersistentLowPower | OperatingMode::ModeOnlyLowPower => {
            RadioLevel::Off
        }
        _ => RadioLevel::Minimum,
    })
}

/// Sets the operating mode. Low power is the lowest from which there is a way back without a restart.
pub async fn set_radio(d: &Driver, level: RadioLevel) -> Result<(), CommandError> {
    let mode = if level == RadioLevel::On { OperatingMode::Online } else { OperatingMode::LowPower };
    unless_so(set_mode(d, mode).await)
}

/// Offline, then reset: no modem takes the second without the first.
pub async fn restart(d: &Driver) -> Result<(), CommandError> {
    unless_so(set_mode(d, OperatingMode::Offline).await)?;
    set_mode(d, OperatingMode::Reset).await
}

async fn set_mode(d: &Driver, mode: OperatingMode) -> Result<(), CommandError> {
    let request = dms::SetOperatingMode { mode: Some(mode), ..Default::default() };
    d.qmi_within(Client::Dms, &request, d.definition().timing.cfun).await.map(drop)
}
