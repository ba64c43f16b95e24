//! Registration and signal as NAS tells them, in the response and in the indication.

use crate::codec::qmi::nas::{
    self, AttachState, DataCapability, Domain, InterfaceRoaming, LteSignal, LteSystem, MncDigits, NamedPlmn, NetworkId,
    NetworkType, NrSignal, RadioInterface, RegistrationState, RejectInfo, RoamingIndicator, RoamingStatus, ServiceInfo,
    ServiceStatus, ServingInfo, SimReject, SystemIdentity,
};
use crate::sim::card::CardState;
use crate::sim::modem::SimModem;
use crate::sim::network::Cell;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;

/// The technology as NAS has it: LTE-M and NB-IoT are LTE.
pub(super) const fn interface(rat: Rat) -> RadioInterface {
    match rat {
        Rat::Gsm | Rat::EcGsm => RadioInterface::Gsm,
        Rat::Umts => RadioInterface::Umts,
        Rat::Lte | Rat::LteM | Rat::NbIot => RadioInterface::Lte,
        Rat::Nr => RadioInterface::Nr5g,
    }
}

/// MCC, MNC, and whether the MNC has three digits.
pub(super) fn numbers(plmn: Plmn) -> MncDigits {
    let (mcc, mnc) = (plmn.mcc(), plmn.mnc());
    let number = |digits: &str| digits.parse().unwrap_or_default();
    MncDigits { mcc: number(&mcc), mnc: number(&mnc), includes_pcs_digit: mnc.len() == 3 }
}

fn serving_info(modem: &SimModem) -> ServingInfo {
    let (registration_state, attached) = match modem.radio.registration() {
        Registration::Home | Registration::Roaming => (RegistrationState::Registered, AttachState::Attached),
        Registration::Searching => (RegistrationState::NotRegisteredSearching, AttachState::Detached),
        Registration::Denied => (RegistrationState::RegistrationDenied, AttachState::Detached),
        _ => (RegistrationState::NotRegistered, AttachState::Detached),
    };
    let serving = modem.serving();
    ServingInfo {
        registration_state,
        cs_attach_state: AttachState::Detached,
        ps_attach_state: attached,
        selected_network: if serving.is_some() { NetworkType::ThreeGpp } else { NetworkType::Unknown },
        radio_interfaces: vec![serving.map_or(RadioInterface::None, |cell| interface(cell.rat))],
    }
}

fn roaming(modem: &SimModem) -> RoamingIndicator {
    if modem.radio.registration() == Registration::Roaming { RoamingIndicator::On } else { RoamingIndicator::Off }
}

fn named(cell: &Cell) -> Option<NamedPlmn> {
    let MncDigits { mcc, mnc, .. } = numbers(cell.plmn?);
    Some(NamedPlmn { mcc, mnc, description: cell.operator.clone() })
}

/// Get Serving System.
pub(super) fn serving(modem: &SimModem) -> nas::ServingSystem {
    let mut body = nas::ServingSystem { serving_system: Some(serving_info(modem)), ..Default::default() };
    let Some(cell) = modem.serving() else { return body };
    let roaming = roaming(modem);
    body.roaming_indicator = Some(roaming);
    body.roaming_indicators = Some(vec![InterfaceRoaming { radio_interface: interface(cell.rat), roaming }]);
    body.data_service_capability = Some(vec![DataCapability::Lte]);
    body.current_plmn = named(cell);
    body.mnc_pcs_digit = cell.plmn.map(numbers);
    body.cid = Some(cell.cell_id);
    body.lte_tac = Some(cell.tac);
    body.time_zone = Some(modem.network.zone);
    body.daylight_saving = Some(0);
    body
}

/// The indication that goes with it: other types for the same.
pub(super) fn serving_changed(modem: &SimModem) -> nas::ServingSystemChanged {
    let body = serving(modem);
    nas::ServingSystemChanged {
        serving_system: body.serving_system,
        roaming_indicator: body.roaming_indicator,
        data_service_capability: body.data_service_capability,
        current_plmn: body.current_plmn,
        roaming_indicators: body.roaming_indicators,
        cid: body.cid,
        lte_tac: body.lte_tac,
        mnc_pcs_digit: body.mnc_pcs_digit,
        ..Default::default()
    }
}

fn identity(modem: &SimModem, cell: &Cell) -> SystemIdentity {
    let reject = modem.radio.reject().map(|cause| RejectInfo { domain: Domain::Ps, cause });
    let status = if roaming(modem) == RoamingIndicator::On { RoamingStatus::On } else { RoamingStatus::Off };
    SystemIdentity {
        domain: Some(Domain::Ps),
        service_capability: Some(Domain::Ps),
        roaming_status: Some(status).filter(|_| modem.serving().is_some()),
        forbidden: Some(false),
        lac: None,
        cid: Some(cell.cell_id),
        registration_reject: reject,
        network_id: cell.plmn.map(|plmn| NetworkId { mcc: plmn.mcc(), mnc: plmn.mnc() }),
    }
}

/// Get System Info: one service for each technology that the modem has, one system for the cell that it camps on.
pub(super) fn system(modem: &SimModem) -> nas::SystemInfo {
    let camped = modem.radio.cell();
    let service = |wanted: &[Rat]| {
        let own = camped.filter(|cell| wanted.contains(&cell.rat));
        let status = match (own, modem.radio.registration()) {
            (Some(_), Registration::Denied) => ServiceStatus::Limited,
            (Some(_), registration) if registration.is_registered() => ServiceStatus::Available,
            _ if modem.radio.is_on() => ServiceStatus::None,
            _ => ServiceStatus::PowerSave,
        };
        let has = modem.definition.capabilities.rats.iter().any(|rat| wanted.contains(rat));
        has.then_some(ServiceInfo { status, true_status: status, preferred_data_path: own.is_some() })
    };
    let lte = [Rat::Lte, Rat::LteM, Rat::NbIot];
    let on =
        |wanted: &[Rat]| camped.filter(|cell| wanted.contains(&cell.rat)).map(|cell| (identity(modem, cell), cell));
    let four = |wanted: &[Rat]| on(wanted).map(|(system, cell)| LteSystem { system, tac: Some(cell.tac) });
    let [_, tac @ ..] = u32::from(camped.map_or(0, |cell| cell.tac)).to_be_bytes();
    let usable = modem.card.state() == CardState::Ready;
    nas::SystemInfo {
        gsm_service_status: service(&[Rat::Gsm, Rat::EcGsm]),
        wcdma_service_status: service(&[Rat::Umts]),
        lte_service_status: service(&lte),
        gsm_system_info: on(&[Rat::Gsm, Rat::EcGsm]).map(|(system, _)| nas::GsmSystem { system, ..Default::default() }),
        wcdma_system_info: on(&[Rat::Umts]).map(|(system, _)| nas::WcdmaSystem { system, ..Default::default() }),
        lte_system_info: four(&lte),
        sim_reject: Some(if usable { SimReject::Available } else { SimReject::Unavailable }),
        nr5g_service_status: service(&[Rat::Nr]),
        nr5g_system_info: four(&[Rat::Nr]),
        nr5g_tac: on(&[Rat::Nr]).map(|_| tac),
        ..Default::default()
    }
}

/// The indication that goes with it.
pub(super) fn system_changed(modem: &SimModem) -> nas::SystemInfoChanged {
    let body = system(modem);
    nas::SystemInfoChanged {
        gsm_service_status: body.gsm_service_status,
        wcdma_service_status: body.wcdma_service_status,
        lte_service_status: body.lte_service_status,
        gsm_system_info: body.gsm_system_info,
        wcdma_system_info: body.wcdma_system_info,
        lte_system_info: body.lte_system_info,
        ..Default::default()
    }
}

/// A level in whole units, or in tenths.
pub(super) fn level<T: TryFrom<i64> + Default>(value: f32, steps: f32) -> T {
    // Levels are small numbers: the cast keeps them.
    T::try_from((value * steps).round() as i64).unwrap_or_default()
}

/// Get Signal Info.
pub(super) fn signal(modem: &SimModem) -> nas::SignalInfo {
    let Some(cell) = modem.serving() else { return nas::SignalInfo::default() };
    let mut body = nas::SignalInfo::default();
    match interface(cell.rat) {
        RadioInterface::Gsm => body.gsm = Some(level(cell.rssi, 1.0)),
        RadioInterface::Umts => {
            // Ec/Io in -0.5 dB.
            body.wcdma = Some(nas::WcdmaSignal { rssi: level(cell.rssi, 1.0), ecio: level(cell.sinr, -2.0) });
        }
        RadioInterface::Nr5g => {
            body.nr5g = Some(NrSignal { rsrp: level(cell.rsrp, 1.0), snr: level(cell.sinr, 10.0) });
            body.nr5g_rsrq = Some(level(cell.rsrq, 1.0));
        }
        _ => {
            body.lte = Some(LteSignal {
                rssi: level(cell.rssi, 1.0),
                rsrq: level(cell.rsrq, 1.0),
                rsrp: level(cell.rsrp, 1.0),
                snr: level(cell.sinr, 10.0),
            });
        }
    }
    body
}

/// The indication that goes with it.
pub(super) fn signal_changed(modem: &SimModem) -> nas::SignalInfoChanged {
    let nas::SignalInfo { gsm, wcdma, lte, nr5g, nr5g_rsrq, .. } = signal(modem);
    nas::SignalInfoChanged { gsm, wcdma, lte, nr5g, nr5g_rsrq, ..Default::default() }
}

/// A refusal, EMM cause.
pub(super) fn refusal(modem: &SimModem, cause: u8) -> nas::NetworkReject {
    let cell = modem.radio.cell();
    nas::NetworkReject {
        radio_interface: cell.map(|cell| interface(cell.rat)),
        domain: Some(Domain::Ps),
        cause: Some(cause),
        plmn: cell.and_then(|cell| cell.plmn).map(numbers),
        ..Default::default()
    }
}
