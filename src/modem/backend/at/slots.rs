//! Slots for cards, in the model file's words: TS 27.007 has none.

use super::run_steps;
use crate::codec::at::command::CommandLine;
use crate::modem::channel::CommandError;
use crate::modem::definition::Slots;
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::state::Slot;

/// The slots that the model file names; which one is in use, as far as the modem tells, or was told.
pub async fn read_slots(d: &Driver) -> Result<Vec<Slot>, CommandError> {
    let definition = d.definition();
    let Some(slots) = &definition.slots else { return Ok(Vec::new()) };
    let lines = match &slots.read {
        Some(read) => optional(d.run(CommandLine::raw(read)).await)?.unwrap_or_default(),
        None => Vec::new(),
    };
    let bare = |line: &str| line.replace([' ', '"'], "");
    let told = (1..=slots.count).find(|slot| {
        let filled = |line: String, (name, value): &(&str, String)| line.replace(&format!("{{{name}}}"), value);
        let wanted = bare(&values(*slot).iter().fold(slots.holds.clone(), filled));
        lines.iter().any(|line| bare(line) == wanted)
    });
    let used = told.or_else(|| d.snapshot().sim.slot());
    let slot = |number| Slot { number, active: used == Some(number), ..Slot::default() };
    Ok((1..=slots.count).map(slot).collect())
}

fn values(slot: u8) -> [(&'static str, String); 2] {
    [("slot", slot.to_string()), ("index", slot.saturating_sub(1).to_string())]
}

/// The model's recipe.
pub async fn use_slot(d: &Driver, slot: u8) -> Result<(), CommandError> {
    let definition = d.definition();
    let Some(Slots { steps, .. }) = definition.slots.as_ref().filter(|slots| (1..=slots.count).contains(&slot)) else {
        let name = &definition.name;
        return Err(CommandError::Unsupported(format!(
            "SIM slot {slot}: the model file {name} has no [slots] with it; a QMI or MBIM port knows the slots by itself"
        )));
    };
    let values = values(slot);
    run_steps(d, steps, &values.each_ref().map(|(name, value)| (*name, value.as_str()))).await
}
