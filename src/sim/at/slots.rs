//! Slots for cards, in the model file's words.

use std::sync::Arc;

use crate::sim::modem::SimModem;

use super::answer::{Answer, CME_INVALID, Reply};
use super::model::{fits, is, value};

/// The slot that the host chooses, or the question which one that is.
pub(super) fn answer(modem: &mut SimModem, asked: &str) -> Option<Reply> {
    let definition = Arc::clone(&modem.definition);
    let slots = definition.slots.as_ref()?;
    if slots.read.as_ref().is_some_and(|read| is(read, asked)) {
        let active = modem.slots.active;
        let line = slots.holds.replace("{slot}", &active.to_string());
        return Some(Ok(Answer::line(line.replace("{index}", &active.saturating_sub(1).to_string()))));
    }
    let values = slots.steps.iter().find_map(|step| fits(step, asked))?;
    let number = |name| value(&values, name).and_then(|text| text.parse::<u8>().ok());
    let slot = number("SLOT").or_else(|| number("INDEX").map(|index| index.saturating_add(1)));
    let Some(slot) = slot.filter(|slot| modem.card_in(*slot).is_some()) else { return Some(Err(CME_INVALID)) };
    if slot != modem.slots.active {
        modem.switch_slot();
    }
    Some(Ok(Answer::ok()))
}
