//! Slots and executors of Microsoft's extensions, which count slots from 0. The modem's first executor is put on one.

use crate::codec::mbim::Service;
use crate::codec::mbim::message::Nothing;
use crate::codec::mbim::message::extensions::{
    self, DEVICE_SLOT_MAPPINGS, SLOT_INFO_STATUS, SYS_CAPS, SlotInfo, SlotMappings, SlotQuery, SysCaps, UiccSlotState,
};
use crate::modem::channel::CommandError;
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::state::Slot;

/// No modem has more.
const MOST: u32 = 8;

/// Sys Caps, Device Slot Mappings and Slot Info Status; a modem without them has one slot for us.
pub async fn read_slots(d: &Driver) -> Result<Vec<Slot>, CommandError> {
    let caps: Option<SysCaps> = optional(d.mbim_extended(&SYS_CAPS, &Nothing {}).await)?;
    let count = caps.map_or(0, |caps| caps.number_of_slots).min(MOST);
    if count < 2 {
        return Ok(Vec::new());
    }
    let active = mapping(d).await?.slot_map.0.first().map(|slot| slot.slot);
    let mut slots = Vec::new();
    for index in 0..count {
        let query = SlotQuery { slot_index: index };
        let told: Option<SlotInfo> = optional(d.mbim_extended(&SLOT_INFO_STATUS, &query).await)?;
        let card = told.and_then(|told| card(told.state));
        slots.push(Slot { number: number(index), active: active == Some(index), card, iccid: None });
    }
    Ok(slots)
}

async fn mapping(d: &Driver) -> Result<SlotMappings, CommandError> {
    d.mbim_extended(&DEVICE_SLOT_MAPPINGS, &Nothing {}).await
}

fn number(index: u32) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX).saturating_add(1)
}

const fn card(state: UiccSlotState) -> Option<bool> {
    match state {
        UiccSlotState::OffEmpty | UiccSlotState::Empty => Some(false),
        UiccSlotState::Off
        | UiccSlotState::NotReady
        | UiccSlotState::Active
        | UiccSlotState::ActiveEsim
        | UiccSlotState::ActiveEsimNoProfiles => Some(true),
        _ => None,
    }
}

/// Maps the first executor to the slot, and leaves the others where they are.
pub async fn use_slot(d: &Driver, slot: u8) -> Result<(), CommandError> {
    let wanted = u32::from(slot).saturating_sub(1);
    let mut map = mapping(d).await?.slot_map.0;
    match map.first_mut() {
        Some(first) => first.slot = wanted,
        None => map.push(extensions::Slot { slot: wanted }),
    }
    let set = SlotMappings { slot_map: map.into(), ..SlotMappings::default() };
    let time_out = d.definition().timing.cfun;
    let extensions = Service::MsBasicConnectExtensions;
    d.ports.mbim()?.set(extensions, &DEVICE_SLOT_MAPPINGS, &set, time_out).await.map(drop)
}
