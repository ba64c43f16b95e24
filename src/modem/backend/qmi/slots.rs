//! UIM: the physical slots. The modem's one logical slot is put on one of them.

use super::sim::digits;
use super::{Client, unless_so};
use crate::codec::qmi::uim::{self, PhysicalCardState, PhysicalSlot, SlotState};
use crate::modem::channel::CommandError;
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::private::Private;
use crate::state::Slot;

/// The logical slot that the modem registers with.
const LOGICAL: u8 = 1;

/// Get Slot Status; a modem with one slot, or an old one, does not know it.
pub async fn read_slots(d: &Driver) -> Result<Vec<Slot>, CommandError> {
    let told = optional(d.qmi(Client::Uim, &uim::GetSlotStatus::default()).await)?;
    let slots = told.and_then(|told| told.slots).unwrap_or_default();
    Ok(if slots.len() < 2 { Vec::new() } else { (1..).zip(&slots).map(|(number, slot)| of(number, slot)).collect() })
}

fn of(number: u8, told: &PhysicalSlot) -> Slot {
    let card = match told.card {
        PhysicalCardState::Present => Some(true),
        PhysicalCardState::Absent => Some(false),
        _ => None,
    };
    let iccid = digits(&told.iccid.reveal().0).parse().ok().map(Private::new);
    Slot { number, active: told.state == SlotState::Active, card, iccid }
}

/// Switch Slot.
pub async fn use_slot(d: &Driver, slot: u8) -> Result<(), CommandError> {
    let switch =
        uim::SwitchSlot { logical_slot: Some(LOGICAL), physical_slot: Some(slot.into()), ..Default::default() };
    unless_so(d.qmi(Client::Uim, &switch).await)
}
