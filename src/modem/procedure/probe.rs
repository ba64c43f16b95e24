//! Is a modem there, and which one.

use std::sync::Arc;

use super::{Stop, during, optional};
use crate::modem::channel::CommandError;
use crate::modem::definition::{Definition, Library, QueryName};
use crate::modem::driver::Driver;
use crate::state::fact::Fact;

/// Waits until the modem answers. One that is starting gets its boot time and as much again.
pub async fn synchronise(d: &Driver) -> Result<(), Stop> {
    let patience = d.definition().timing.boot.saturating_mul(2);
    d.open(patience).await.map_err(during("waiting for the modem to answer"))
}

/// Reads model, maker, firmware and IMEI, and picks the model file unless `fixed`.
pub async fn identify(d: &Driver, library: &Library, fixed: bool) -> Result<(), Stop> {
    let lost = during("identifying the modem");
    ask(d, QueryName::Model).await.map_err(&lost)?;
    if !fixed {
        adopt(d, best_match(d, library));
    }
    if let Some(manufacturer) = d.definition().manufacturer.clone() {
        d.learn(&[Fact::Manufacturer(manufacturer)]);
    } else {
        ask(d, QueryName::Manufacturer).await.map_err(&lost)?;
    }
    ask(d, QueryName::Revision).await.map_err(&lost)?;
    adopt(d, firmware_form(d, library));
    ask(d, QueryName::Imei).await.map_err(&lost)
}

async fn ask(d: &Driver, name: QueryName) -> Result<(), CommandError> {
    optional(d.ask(name).await).map(drop)
}

fn adopt(d: &Driver, definition: Option<Arc<Definition>>) {
    if let Some(definition) = definition {
        d.set_definition(definition);
    }
}

fn best_match(d: &Driver, library: &Library) -> Option<Arc<Definition>> {
    library.by_model(&d.snapshot().identity.model?.value)
}

fn firmware_form(d: &Driver, library: &Library) -> Option<Arc<Definition>> {
    library.for_revision(&d.definition().name, &d.snapshot().identity.revision?.value)
}
