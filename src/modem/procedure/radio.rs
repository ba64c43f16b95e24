//! Radio off, and the signal.

use super::{Stop, during};
use crate::modem::backend::RadioLevel;
use crate::modem::channel::CommandError;
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;

/// Radio off, SIM on.
pub async fn off(d: &Driver) -> Result<(), Stop> {
    d.set_radio(RadioLevel::Off).await.map_err(during("switching the radio off"))
}

/// Reads the signal once: the model's own words, else the serving cell's.
pub async fn read_signal(d: &Driver) -> Result<(), CommandError> {
    if d.ask(QueryName::Signal).await?.is_none() {
        d.ask(QueryName::ServingCell).await?;
    }
    Ok(())
}
