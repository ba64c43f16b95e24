//! AT commands: TS 27.007, and what the model files say of each model's own.

mod context;
mod network;
mod power;
mod radio;
mod selection;
mod sim;
mod slots;
mod start;

pub use context::{
    activate, back_off, context_holds, deactivate, define_context, esm_cause, is_context_up, read_context, reattach,
    share,
};
pub use network::{last_failure, prefer_network, read_operator, read_registration, scan};
pub use power::{
    apply as apply_power, granted_edrx, kept as power_kept, no_more_data, plan as plan_power, read_edrx_grant,
    read_grants,
};
pub use radio::{radio, restart, run_steps, set_radio};
pub use selection::{choose_bands, choose_rats, rats_hold};
pub use sim::{enter_pin, enter_puk, read_sim_file, sim_state};
pub use slots::{read_slots, use_slot};
pub use start::{ask_for_notices, open, open_again};

use crate::codec::at::AtError;
use crate::codec::at::command::CommandLine;
use crate::modem::channel::{Command, CommandError};
use crate::modem::definition::{Definition, Query, QueryName};
use crate::modem::driver::Driver;
use crate::state::fact::Fact;

/// Asks a question of the model file and enters what it told. `None`: the model has no such question.
pub async fn ask(d: &Driver, name: QueryName) -> Result<Option<Vec<Fact>>, CommandError> {
    let definition = d.definition();
    let Some(query) = definition.queries.get(&name) else { return Ok(None) };
    let facts = ask_query(d, &definition, query).await?;
    d.learn(&facts);
    Ok(Some(facts))
}

async fn ask_query(d: &Driver, definition: &Definition, query: &Query) -> Result<Vec<Fact>, CommandError> {
    let line = CommandLine::raw(&query.send)?;
    let mut pending = line.pending();
    pending.unprefixed |= query.unprefixed;
    pending.prefixes.extend(query.lines.iter().filter_map(|form| form.prefix().map(str::to_owned)));
    let time_out = query.time_out.unwrap_or(definition.timing.command);
    let command = Command { line, pending, time_out, abortable: false };
    let lines = d.ports.at()?.send(command).await?;
    let rats = definition.rat_names();
    Ok(lines.iter().filter_map(|line| query.parse(line, &rats)).flatten().collect())
}

/// The number of a `+CME ERROR` (TS 27.007 §9.2).
fn cme_code(error: &AtError) -> Option<u16> {
    if let AtError::Cme(error) = error { error.code } else { None }
}
