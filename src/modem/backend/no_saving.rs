//! Power saving where the protocol has no words for it: neither QMI as published nor MBIM can ask for PSM and eDRX of LTE.

use tracing::warn;

use super::PowerPlan;
use crate::modem::channel::CommandError;
use crate::modem::driver::Driver;
use crate::modem::handle::PowerRequest;

/// A plan of nothing; who wants more is told where to go.
pub async fn plan_power(d: &Driver, wanted: &PowerRequest) -> Result<PowerPlan, CommandError> {
    if wanted.psm.flatten().is_some() || wanted.edrx.flatten().is_some() {
        let id = d.snapshot().id;
        warn!("{id}: PSM and eDRX can be asked for by AT commands only; name the AT port of this modem with `at`");
    }
    Ok(PowerPlan::default())
}

/// There is nothing to apply.
pub async fn apply_power(_: &Driver, _: &PowerPlan) -> Result<(), CommandError> {
    Ok(())
}

/// Nothing was asked for.
pub async fn read_grants(_: &Driver) -> Result<(), CommandError> {
    Ok(())
}

/// Nothing was asked for.
pub async fn read_edrx_grant(_: &Driver) -> Result<(), CommandError> {
    Ok(())
}

/// The network's timer decides.
pub async fn no_more_data(_: &Driver) -> Result<(), CommandError> {
    Ok(())
}
