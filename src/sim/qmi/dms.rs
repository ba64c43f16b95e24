//! DMS: identity, operating mode, PINs as old modems have them.

use std::collections::BTreeSet;

use crate::codec::qmi::dms::{
    self, Capabilities, DataService, OperatingMode, PinState, PinStatus, RadioInterface, Retries, SimCapability,
    UimState,
};
use crate::codec::qmi::nas::BandMask;
use crate::codec::qmi::{Body, Message, QmiError};
use crate::private::Private;
use crate::sim::card::CardState;
use crate::sim::modem::SimModem;
use crate::spec::rat::Rat;

use super::pin::{self, Left, attempt};
use super::{Reply, answer, needed};

/// Seconds from 1970 to 6 January 1980, where the modem's clock starts.
const GPS_EPOCH: u64 = 315_964_800;

pub(super) fn run(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    identity(modem, request).or_else(|| card(modem, request)).or_else(|| codes(modem, request))
}

fn identity(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    let profile = &modem.profile;
    Some(match request.id {
        dms::Reset::ID => answer(request, |_: dms::Reset| Ok(dms::ResetDone::default())),
        dms::SetEventReport::ID => {
            modem.wanting(request, |wants| wants.event_report = true);
            answer(request, |_: dms::SetEventReport| Ok(dms::EventReportSet::default()))
        }
        dms::GetCapabilities::ID => answer(request, |_: dms::GetCapabilities| {
            Ok(dms::CapabilitiesInfo { info: Some(capabilities(modem)), ..Default::default() })
        }),
        dms::GetManufacturer::ID => answer(request, |_: dms::GetManufacturer| {
            Ok(dms::Manufacturer { manufacturer: Some(profile.manufacturer(&modem.definition)), ..Default::default() })
        }),
        dms::GetModel::ID => answer(request, |_: dms::GetModel| {
            Ok(dms::Model { model: Some(profile.product(&modem.definition)), ..Default::default() })
        }),
        dms::GetRevision::ID => answer(request, |_: dms::GetRevision| {
            Ok(dms::Revision { revision: Some(profile.revision.clone()), ..Default::default() })
        }),
        dms::GetSoftwareVersion::ID => answer(request, |_: dms::GetSoftwareVersion| {
            Ok(dms::SoftwareVersion { version: Some(profile.revision.clone()), ..Default::default() })
        }),
        dms::GetHardwareRevision::ID => answer(request, |_: dms::GetHardwareRevision| {
            Ok(dms::HardwareRevision { revision: Some("1.0".into()), ..Default::default() })
        }),
        dms::GetIds::ID => answer(request, |_: dms::GetIds| {
            Ok(dms::Ids { esn: Some("0".into()), imei: Some(profile.imei.clone()), ..Default::default() })
        }),
        dms::GetOperatingMode::ID => answer(request, |_: dms::GetOperatingMode| {
            Ok(dms::OperatingModeInfo {
                mode: Some(mode(modem)),
                hardware_restricted: Some(false),
                ..Default::default()
            })
        }),
        dms::SetOperatingMode::ID => {
            let takes = profile.cfun;
            answer(request, |body: dms::SetOperatingMode| {
                set_mode(modem, needed(body.mode)?).map(|()| dms::OperatingModeSet::default())
            })
            .taking(takes)
        }
        dms::GetPowerState::ID => answer(request, |_: dms::GetPowerState| {
            // Externally powered, no battery.
            Ok(dms::PowerState { info: Some([1, 100]), ..Default::default() })
        }),
        dms::GetTime::ID => answer(request, |_: dms::GetTime| Ok(time(modem))),
        dms::GetActivationState::ID => answer(request, |_: dms::GetActivationState| {
            Ok(dms::ActivationState { state: Some(dms::Activation::Activated), ..Default::default() })
        }),
        dms::GetUserLockState::ID => answer(request, |_: dms::GetUserLockState| {
            Ok(dms::UserLockState { enabled: Some(false), ..Default::default() })
        }),
        dms::GetFactorySku::ID => answer(request, |_: dms::GetFactorySku| {
            Ok(dms::FactorySku { sku: Some(profile.product(&modem.definition)), ..Default::default() })
        }),
        dms::GetBandCapabilities::ID => answer(request, |_: dms::GetBandCapabilities| Ok(bands(modem))),
        _ => return None,
    })
}

fn card(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    let state = modem.card.state();
    let number = modem.card.number.clone();
    Some(match request.id {
        dms::GetMsisdn::ID => answer(request, |_: dms::GetMsisdn| {
            pin::open(state)?;
            let number = number.ok_or(QmiError::NOT_PROVISIONED)?;
            Ok(dms::Msisdn { msisdn: Some(number.into()), ..Default::default() })
        }),
        dms::GetIccid::ID => answer(request, |_: dms::GetIccid| {
            let iccid = Some(Private::new(modem.card.iccid.clone())).filter(|_| state != CardState::Absent);
            Ok(dms::Iccid { iccid: Some(iccid.ok_or(QmiError::UIM_UNINITIALIZED)?), ..Default::default() })
        }),
        dms::GetImsi::ID => answer(request, |_: dms::GetImsi| {
            pin::open(state).map_err(|_| QmiError::UIM_UNINITIALIZED)?;
            Ok(dms::Imsi { imsi: Some(modem.card.imsi.clone().into()), ..Default::default() })
        }),
        dms::GetUimState::ID => answer(request, |_: dms::GetUimState| {
            let state = match state {
                CardState::Ready => UimState::InitializationCompleted,
                CardState::Absent => UimState::NotPresent,
                _ => UimState::LockedOrFailed,
            };
            Ok(dms::UimStateInfo { state: Some(state), ..Default::default() })
        }),
        dms::GetPinStatus::ID => answer(request, |_: dms::GetPinStatus| {
            if state == CardState::Absent {
                return Err(QmiError::NO_SIM);
            }
            let fresh = PinState {
                current_status: PinStatus::EnabledNotVerified,
                verify_retries_left: 3,
                unblock_retries_left: 10,
            };
            Ok(dms::PinStatuses { pin1_status: Some(pin1(modem)), pin2_status: Some(fresh), ..Default::default() })
        }),
        _ => return None,
    })
}

fn codes(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    Some(match request.id {
        dms::VerifyPin::ID => attempt(
            modem,
            request,
            |modem, body: dms::VerifyPin| modem.qmi_verify(&needed(body.info)?.code),
            |left| dms::PinVerified { retries: left.map(retries), ..Default::default() },
        ),
        dms::SetPinProtection::ID => attempt(
            modem,
            request,
            |modem, body: dms::SetPinProtection| {
                let info = needed(body.info)?;
                modem.qmi_protect(info.on, &info.code)
            },
            |left| dms::PinProtectionSet { retries: left.map(retries), ..Default::default() },
        ),
        dms::UnblockPin::ID => attempt(
            modem,
            request,
            |modem, body: dms::UnblockPin| {
                let info = needed(body.info)?;
                modem.qmi_unblock(&info.puk, &info.new)
            },
            |left| dms::PinUnblocked { retries: left.map(retries), ..Default::default() },
        ),
        dms::ChangePin::ID => attempt(
            modem,
            request,
            |modem, body: dms::ChangePin| {
                let info = needed(body.info)?;
                modem.qmi_change_pin(&info.old, &info.new)
            },
            |left| dms::PinChanged { retries: left.map(retries), ..Default::default() },
        ),
        _ => return None,
    })
}

fn pin1(modem: &SimModem) -> PinState {
    let card = &modem.card;
    let current_status = match card.state() {
        CardState::Blocked => PinStatus::PermanentlyBlocked,
        CardState::Puk => PinStatus::Blocked,
        CardState::Pin => PinStatus::EnabledNotVerified,
        _ if card.pin_required => PinStatus::EnabledVerified,
        _ => PinStatus::Disabled,
    };
    PinState { current_status, verify_retries_left: card.pin_tries, unblock_retries_left: card.puk_tries }
}

fn capabilities(modem: &SimModem) -> Capabilities {
    let rats = &modem.definition.capabilities.rats;
    let mut radio_interfaces = Vec::new();
    for rat in rats {
        let interface = match rat {
            Rat::Gsm | Rat::EcGsm => RadioInterface::Gsm,
            Rat::Umts => RadioInterface::Umts,
            Rat::Lte | Rat::LteM | Rat::NbIot => RadioInterface::Lte,
            Rat::Nr => RadioInterface::Nr5g,
        };
        if !radio_interfaces.contains(&interface) {
            radio_interfaces.push(interface);
        }
    }
    // Category 4, or category M1 (TS 36.306 §4.1).
    let (max_tx_rate, max_rx_rate) =
        if rats.contains(&Rat::Lte) { (50_000_000, 150_000_000) } else { (1_000_000, 1_000_000) };
    Capabilities {
        max_tx_rate,
        max_rx_rate,
        data_service: DataService::Ps,
        sim: SimCapability::Supported,
        radio_interfaces,
    }
}

pub(super) fn mode(modem: &SimModem) -> OperatingMode {
    match modem.kept.cfun {
        _ if modem.qmi.offline => OperatingMode::Offline,
        1 => OperatingMode::Online,
        _ => OperatingMode::LowPower,
    }
}

fn set_mode(modem: &mut SimModem, mode: OperatingMode) -> Result<(), QmiError> {
    match mode {
        OperatingMode::Reset if modem.qmi.offline => {
            modem.boot(false);
            return Ok(());
        }
        OperatingMode::ShuttingDown => {
            modem.power_off();
            return Ok(());
        }
        // Only a reset leads out of offline, and only offline to a reset.
        OperatingMode::Reset => return Err(QmiError::INVALID_TRANSITION),
        _ if modem.qmi.offline => return Err(QmiError::INVALID_TRANSITION),
        OperatingMode::Online => modem.kept.cfun = 1,
        OperatingMode::LowPower | OperatingMode::PersistentLowPower => modem.kept.cfun = 4,
        OperatingMode::Offline => {
            modem.qmi.offline = true;
            modem.detach();
            return Ok(());
        }
        _ => return Err(QmiError::INVALID_ARGUMENT),
    }
    modem.radio_follows();
    Ok(())
}

fn time(modem: &SimModem) -> dms::Time {
    let since = modem.network_clock().saturating_sub(GPS_EPOCH).saturating_mul(1000);
    let ticks = since.saturating_mul(4) / 5;
    let [a, b, c, d, e, f, ..] = ticks.to_le_bytes();
    let device_time = dms::DeviceTime { ticks: [a, b, c, d, e, f], source: dms::TimeSource::Device };
    dms::Time { device_time: Some(device_time), system_time: Some(since), user_time: Some(since), ..Default::default() }
}

/// The bands of the cells around: a model file does not tell what the radio can do.
fn bands(modem: &SimModem) -> dms::BandCapabilities {
    let bands: BTreeSet<u16> = modem.network.cells.iter().map(|cell| cell.band).collect();
    let BandMask([lte_bands]) = bands.iter().copied().collect();
    dms::BandCapabilities {
        bands: Some(dms::Bands::default()),
        lte_bands: Some(lte_bands),
        extended_lte_bands: Some(bands.into_iter().collect()),
        ..Default::default()
    }
}

const fn retries(left: Left) -> Retries {
    Retries { verify: left.pin, unblock: left.puk }
}
