//! Microsoft's extensions of Basic Connect.

use std::time::Duration;

use crate::codec::mbim::list::Pointed;
use crate::codec::mbim::message::choices::*;
use crate::codec::mbim::message::extensions::*;
use crate::codec::mbim::{Status, Version as Extensions, context};
use crate::sim::agenda::Due;
use crate::sim::card::CardState;
use crate::sim::event::Event;
use crate::sim::modem::SimModem;
use crate::sim::settings::Context;

use super::ask::{Answer, Ask};
use super::contexts::{ip_type, kind_of};

/// MBIM 1.0, as the version exchange writes it.
const MBIM_1_0: u16 = 0x0100;

/// The extensions that hold from now on: those that both sides have.
pub(super) fn version(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let asked: Version = ask.read()?;
    let own = modem.profile.mbimex;
    let agreed = Extensions::from_number(asked.mbim_extended_version).min(own);
    if let Some(link) = modem.mbim.links.get_mut(&ask.link) {
        link.version = agreed;
    }
    ask.answer(&Version { mbim_version: MBIM_1_0, mbim_extended_version: own.number() })
}

pub(super) fn device_caps(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let caps = modem.mbim_caps(ask.version);
    if ask.version < Extensions::V3 {
        return ask.answer(&DeviceCapsV2 {
            device_type: caps.device_type,
            cellular_class: caps.cellular_class,
            voice_class: caps.voice_class,
            sim_class: caps.sim_class,
            data_class: caps.data_class,
            sms_caps: caps.sms_caps,
            control_caps: caps.control_caps,
            max_sessions: caps.max_sessions,
            custom_data_class: caps.custom_data_class,
            device_id: caps.device_id,
            firmware_info: caps.firmware_info,
            hardware_info: caps.hardware_info,
            executor_index: 0,
        });
    }
    let mut bands: Vec<u16> = modem.network.cells.iter().map(|cell| cell.band).collect();
    bands.sort_unstable();
    bands.dedup();
    ask.answer(&DeviceCapsV3 {
        device_type: caps.device_type,
        cellular_class: caps.cellular_class,
        voice_class: caps.voice_class,
        sim_class: caps.sim_class,
        data_class: caps.data_class,
        sms_caps: caps.sms_caps,
        control_caps: caps.control_caps,
        max_sessions: caps.max_sessions,
        lte_band_class: crate::codec::mbim::tlv::TlvNumbers(bands),
        device_id: caps.device_id.as_str().into(),
        firmware_info: caps.firmware_info.as_str().into(),
        hardware_info: caps.hardware_info.as_str().into(),
        ..DeviceCapsV3::default()
    })
}

pub(super) fn sys_caps(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let number_of_slots = slots(modem);
    ask.answer(&SysCaps { number_of_executors: 1, number_of_slots, concurrency: 1, modem_id: 1 })
}

/// Slots for cards; MBIM counts them from 0.
fn slots(modem: &SimModem) -> u32 {
    if modem.slots.other.is_some() { 2 } else { 1 }
}

fn active(modem: &SimModem) -> u32 {
    u32::from(modem.slots.active).saturating_sub(1)
}

pub(super) fn slot_mappings(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if ask.set {
        let asked: SlotMappings = ask.read()?;
        let [Slot { slot }] = asked.slot_map.0.as_slice() else { return Err(Status::InvalidParameters) };
        if *slot >= slots(modem) {
            return Err(Status::InvalidParameters);
        }
        if *slot != active(modem) {
            modem.switch_slot();
        }
    }
    let slot = active(modem);
    ask.answer(&SlotMappings { slot_map: vec![Slot { slot }].into(), ..SlotMappings::default() })
}

pub(super) fn slot_info(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let asked: SlotQuery = ask.read()?;
    let slot = u8::try_from(asked.slot_index).ok().and_then(|slot| slot.checked_add(1));
    let card = slot.and_then(|slot| modem.card_in(slot)).ok_or(Status::InvalidParameters)?;
    let state = match card.state() {
        CardState::Absent => UiccSlotState::Empty,
        CardState::Blocked => UiccSlotState::Error,
        _ if asked.slot_index != active(modem) => UiccSlotState::Off,
        _ if modem.agenda.has(&Due::SimReady) => UiccSlotState::NotReady,
        _ => UiccSlotState::Active,
    };
    ask.answer(&SlotInfo { slot_index: asked.slot_index, state })
}

/// The answer goes out before the modem starts anew.
pub(super) fn reset(modem: &mut SimModem, _: &Ask) -> Result<Answer, Status> {
    let at = modem.now.saturating_add(modem.profile.answer).saturating_add(Duration::from_millis(50));
    modem.agenda.at(at, Due::Event(Event::Reboot, None));
    Ok(Answer::done())
}

pub(super) fn attach_configuration(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let id = modem.definition.capabilities.default_context;
    if ask.set {
        let asked: SetLteAttachConfiguration = ask.read()?;
        let home = |one: &&LteAttachConfiguration| one.roaming == LteAttachContextRoamingControl::Home;
        match asked.configurations.0.iter().find(home) {
            _ if asked.operation == LteAttachContextOperation::RestoreFactory => {
                modem.kept.contexts.insert(id, Context::default());
            }
            Some(one) => {
                let (kind, user) = (kind_of(one.ip_type), one.user_name.reveal());
                modem.define(id, kind, &one.access_string, one.auth_protocol, user)?;
            }
            None => return Err(Status::InvalidParameters),
        }
    }
    let context = modem.kept.contexts.get(&id).cloned().unwrap_or_default();
    let (v4, v6) = (context.kind.at_name() != "IPV6", context.kind.at_name().contains("V6"));
    let one = |roaming| LteAttachConfiguration {
        ip_type: ip_type(v4, v6),
        roaming,
        source: ContextSource::User,
        access_string: context.apn.clone(),
        user_name: context.user.clone().into(),
        auth_protocol: AuthProtocol::from_number(context.auth.into()),
        ..LteAttachConfiguration::default()
    };
    let configurations: Pointed<_> = [
        LteAttachContextRoamingControl::Home,
        LteAttachContextRoamingControl::Partner,
        LteAttachContextRoamingControl::NonPartner,
    ]
    .into_iter()
    .map(one)
    .collect();
    ask.answer(&LteAttachConfigurations { configurations, ..LteAttachConfigurations::default() })
}

pub(super) fn attach_info(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let lease = modem.leases.get(&modem.definition.capabilities.default_context);
    let attached = modem.serving().is_some();
    let refused = modem.radio.reject().filter(|_| !attached).map_or(0, u32::from);
    ask.answer(&LteAttachInfo {
        lte_attach_state: if attached { LteAttachState::Attached } else { LteAttachState::Detached },
        nw_error: NwError::from_number(refused).into(),
        ip_type: lease.map_or(ContextIpType::Default, |lease| ip_type(lease.v4.is_some(), lease.v6.is_some())),
        access_string: lease.map(|lease| lease.apn.clone()).unwrap_or_default(),
        ..LteAttachInfo::default()
    })
}

pub(super) fn provisioned(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if ask.set {
        let asked: SetProvisionedContextV2 = ask.read()?;
        let same = |(_, context): &(&u8, &Context)| context.apn == asked.access_string;
        let known = modem.kept.contexts.iter().find(same).map(|(id, _)| *id);
        match (asked.operation, known) {
            (ContextOperation::Delete, Some(id)) => drop(modem.kept.contexts.remove(&id)),
            (ContextOperation::Delete, None) => return Err(Status::InvalidParameters),
            (ContextOperation::RestoreFactory, _) => {
                let id = modem.definition.capabilities.default_context;
                modem.kept.contexts = [(id, Context::default())].into();
            }
            (_, known) => {
                let free = || (1..16).find(|id| !modem.kept.contexts.contains_key(id));
                let id = known.or_else(free).ok_or(Status::MemoryFull)?;
                let (kind, user) = (kind_of(asked.ip_type), asked.user_name.reveal());
                modem.define(id, kind, &asked.access_string, asked.auth_protocol, user)?;
            }
        }
    }
    let context = |(id, context): (&u8, &Context)| ProvisionedContextV2 {
        context_id: (*id).into(),
        context_type: context::INTERNET,
        ip_type: ip_type(context.kind.at_name() != "IPV6", context.kind.at_name().contains("V6")),
        state: ContextState::Enabled,
        roaming: ContextRoamingControl::AllowAll,
        source: ContextSource::User,
        access_string: context.apn.clone(),
        user_name: context.user.clone().into(),
        auth_protocol: AuthProtocol::from_number(context.auth.into()),
        ..ProvisionedContextV2::default()
    };
    let provisioned_contexts = modem.kept.contexts.iter().map(context).collect();
    ask.answer(&ProvisionedContextsV2 { provisioned_contexts, ..ProvisionedContextsV2::default() })
}

/// What there is since MBIMEx 3.0 is not there before.
const fn third(ask: &Ask) -> Result<(), Status> {
    match ask.version {
        Extensions::V3 => Ok(()),
        _ => Err(Status::NoDeviceSupport),
    }
}

pub(super) fn modem_configuration(_: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    third(ask)?;
    ask.answer(&ModemConfiguration {
        configuration_status: ModemConfigurationStatus::Completed,
        configuration_name: "default".into(),
        ..ModemConfiguration::default()
    })
}

pub(super) fn registration_parameters(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    third(ask)?;
    if ask.set {
        let mut asked: RegistrationParameters = ask.read()?;
        if asked.mico_mode == MicoMode::Unsupported || asked.drx_cycle == DrxCycle::NotSupported {
            return Err(Status::InvalidParameters);
        }
        if asked.mico_mode == MicoMode::Default {
            asked.mico_mode = MicoMode::Disabled;
        }
        let now = std::mem::take(&mut asked.re_register_if_needed);
        let again = now && asked != modem.mbim.registration;
        modem.mbim.registration = asked;
        if again {
            modem.restart_radio();
        }
    }
    let (registration, profile) = (&modem.mbim.registration, &modem.profile);
    ask.answer(&RegistrationParameters {
        mico_mode: if profile.mico { registration.mico_mode } else { MicoMode::Unsupported },
        drx_cycle: if profile.drx_cycle { registration.drx_cycle } else { DrxCycle::NotSupported },
        ..registration.clone()
    })
}
