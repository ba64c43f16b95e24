//! Choice of network and technology: scan, registration, preferences. What AT chose is what QMI tells, and back.

use crate::codec::qmi::nas::{
    self, AttachAction, BandMask, FoundNetwork, FoundTechnology, ModePreference, NetworkSelection, NetworkStatus,
    RegisterAction, RoamingPreference,
};
use crate::codec::qmi::{Body, Message, QmiError};
use crate::sim::modem::SimModem;
use crate::sim::settings::Selection;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;

use super::registration::{interface, numbers};
use super::{Reply, answer, needed, pin};

pub(super) fn run(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    Some(match request.id {
        nas::NetworkScan::ID => {
            let takes = modem.profile.scan;
            answer(request, |_: nas::NetworkScan| scan(modem)).taking(takes)
        }
        nas::InitiateNetworkRegister::ID => answer(request, |body: nas::InitiateNetworkRegister| {
            let selection = match (needed(body.action)?, body.network) {
                (RegisterAction::Automatic, _) => Selection::Automatic,
                (RegisterAction::Manual, network) => {
                    let network = needed(network)?;
                    manual(modem, network.mcc, network.mnc)?
                }
                _ => return Err(QmiError::INVALID_REGISTER_ACTION),
            };
            select(modem, selection);
            Ok(nas::NetworkRegisterInitiated::default())
        }),
        nas::ForceNetworkSearch::ID => answer(request, |_: nas::ForceNetworkSearch| {
            modem.restart_radio();
            Ok(nas::NetworkSearchForced::default())
        }),
        nas::AttachDetach::ID => answer(request, |body: nas::AttachDetach| {
            match needed(body.action)? {
                AttachAction::Attach => modem.radio_follows(),
                AttachAction::Detach => modem.detach(),
                AttachAction::Other(_) => return Err(QmiError::INVALID_PS_ATTACH_ACTION),
            }
            Ok(nas::AttachDetachDone::default())
        }),
        nas::GetSystemSelectionPreference::ID => {
            answer(request, |_: nas::GetSystemSelectionPreference| Ok(preference(modem)))
        }
        nas::SetSystemSelectionPreference::ID => answer(request, |body: nas::SetSystemSelectionPreference| {
            prefer(modem, &body).map(|()| nas::SystemSelectionPreferenceSet::default())
        }),
        _ => return None,
    })
}

fn scan(modem: &SimModem) -> Result<nas::ScannedNetworks, QmiError> {
    if modem.kept.cfun != 1 {
        return Err(QmiError::NO_RADIO);
    }
    pin::open(modem.card.state())?;
    let own = modem.serving().and_then(|cell| cell.plmn);
    let (mut networks, mut technologies, mut digits) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen: Vec<(Plmn, Rat)> = Vec::new();
    for cell in modem.network.cells.iter().filter(|_| modem.network.coverage) {
        let Some(key) = cell.plmn.map(|plmn| (plmn, cell.rat)).filter(|key| !seen.contains(key)) else { continue };
        seen.push(key);
        let number = numbers(key.0);
        let home = if modem.home() == Some(key.0) { NetworkStatus::HOME } else { NetworkStatus::ROAMING };
        let now = if own == Some(key.0) { NetworkStatus::CURRENT_SERVING } else { NetworkStatus::AVAILABLE };
        networks.push(FoundNetwork {
            mcc: number.mcc,
            mnc: number.mnc,
            network_status: now | home | NetworkStatus::NOT_FORBIDDEN | NetworkStatus::NOT_PREFERRED,
            description: cell.operator.clone(),
        });
        technologies.push(FoundTechnology { mcc: number.mcc, mnc: number.mnc, radio_interface: interface(cell.rat) });
        digits.push(number);
    }
    Ok(nas::ScannedNetworks {
        network_information: Some(networks),
        radio_access_technology: Some(technologies),
        mnc_pcs_digit_include_status: Some(digits),
        network_scan_result: Some(nas::ScanResult::Success),
        ..Default::default()
    })
}

/// The network of these numbers, which must be in reach.
fn manual(modem: &SimModem, mcc: u16, mnc: u16) -> Result<Selection, QmiError> {
    let of = |plmn: &Plmn| {
        let number = numbers(*plmn);
        (number.mcc, number.mnc) == (mcc, mnc)
    };
    let cells = modem.network.cells.iter().filter(|_| modem.network.coverage);
    cells.filter_map(|cell| cell.plmn).find(of).map(Selection::Manual).ok_or(QmiError::NO_NETWORK_FOUND)
}

fn select(modem: &mut SimModem, selection: Selection) {
    if modem.kept.selection != selection {
        modem.kept.selection = selection;
        modem.restart_radio();
    }
}

fn modes(rats: &[Rat]) -> ModePreference {
    rats.iter().map(|rat| mode(*rat)).fold(ModePreference::default(), |all, one| all | one)
}

const fn mode(rat: Rat) -> ModePreference {
    match rat {
        Rat::Gsm | Rat::EcGsm => ModePreference::GSM,
        Rat::Umts => ModePreference::UMTS,
        Rat::Lte | Rat::LteM | Rat::NbIot => ModePreference::LTE,
        Rat::Nr => ModePreference::NR5G,
    }
}

fn preference(modem: &SimModem) -> nas::SystemSelectionPreference {
    let rats = modem.rats();
    let bands = modem.network.cells.iter().map(|cell| cell.band);
    let BandMask([lte]) = bands.clone().collect();
    let mut order = Vec::new();
    for interface in rats.iter().map(|rat| interface(*rat)) {
        if !order.contains(&interface) {
            order.push(interface);
        }
    }
    let manual = match modem.kept.selection {
        Selection::Manual(plmn) => Some(numbers(plmn)),
        Selection::Automatic | Selection::Deregistered => None,
    };
    nas::SystemSelectionPreference {
        emergency_mode: Some(false),
        mode_preference: Some(modes(&rats)),
        roaming_preference: Some(RoamingPreference::Any),
        lte_band_preference: Some(lte),
        network_selection: Some(if manual.is_some() { NetworkSelection::Manual } else { NetworkSelection::Automatic }),
        service_domain: Some(nas::DomainPreference::CsPs),
        manual_network: manual,
        acquisition_order: Some(order),
        usage_preference: Some(nas::UsagePreference::DataCentric),
        extended_lte_bands: Some(bands.collect()),
        ..Default::default()
    }
}

fn prefer(modem: &mut SimModem, body: &nas::SetSystemSelectionPreference) -> Result<(), QmiError> {
    if let Some(wanted) = body.mode_preference {
        // LTE stands for LTE-M and NB-IoT too: which of them, AT alone can say. Those in use stay in use.
        let all = modem.definition.capabilities.rats.iter().copied().filter(|rat| wanted.has(mode(*rat)));
        let kept = modem.rats();
        let usual: Vec<Rat> = kept.iter().copied().filter(|rat| wanted.has(mode(*rat))).collect();
        let rats = if modes(&usual) == modes(&all.clone().collect::<Vec<_>>()) { usual } else { all.collect() };
        if rats.is_empty() {
            return Err(QmiError::INVALID_ARGUMENT);
        }
        if kept != rats {
            modem.kept.rats = rats;
            modem.restart_radio();
        }
    }
    match &body.network_selection {
        Some(nas::SelectionPreference { mode: NetworkSelection::Manual, mcc, mnc }) => {
            let selection = manual(modem, *mcc, *mnc)?;
            select(modem, selection);
        }
        Some(_) => select(modem, Selection::Automatic),
        None => {}
    }
    Ok(())
}
