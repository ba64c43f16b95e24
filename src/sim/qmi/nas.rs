//! NAS: registration, signal, names, the clock of the network.

use crate::codec::qmi::nas::{
    self, DrxCycle, HomeDigits, NameEncoding, NamedPlmn, NetworkTimeInfo, PlmnNames, ProviderName, RadioInterface,
    Strength, UniversalTime,
};
use crate::codec::qmi::{Body, Message, Octets, QmiError};
use crate::sim::at::general::civil;
use crate::sim::modem::SimModem;

use super::registration::{interface, level, numbers, serving, signal, system};
use super::{Reply, answer, cell, needed, pin, select};

pub(super) fn run(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    registration(modem, request)
        .or_else(|| select::run(modem, request))
        .or_else(|| cell::run(modem, request))
        .or_else(|| names(modem, request))
}

fn registration(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    Some(match request.id {
        nas::Reset::ID => answer(request, |_: nas::Reset| Ok(nas::ResetDone::default())),
        nas::RegisterIndications::ID => answer(request, |body: nas::RegisterIndications| {
            modem.wanting(request, |wants| {
                wants.serving_system = body.serving_system.unwrap_or(wants.serving_system);
                wants.system_info = body.system_info.unwrap_or(wants.system_info);
                wants.signal_info = body.signal_info.unwrap_or(wants.signal_info);
                wants.network_reject = body.network_reject.map_or(wants.network_reject, |reports| reports.reject);
            });
            Ok(nas::IndicationsRegistered::default())
        }),
        nas::SetEventReport::ID => answer(request, |_: nas::SetEventReport| Ok(nas::EventReportSet::default())),
        nas::ConfigSignalInfo::ID => {
            answer(request, |_: nas::ConfigSignalInfo| Ok(nas::SignalInfoConfigured::default()))
        }
        nas::GetServingSystem::ID => answer(request, |_: nas::GetServingSystem| Ok(serving(modem))),
        nas::GetSystemInfo::ID => answer(request, |_: nas::GetSystemInfo| Ok(system(modem))),
        nas::GetSignalInfo::ID => answer(request, |_: nas::GetSignalInfo| {
            modem.serving().ok_or(QmiError::INFORMATION_UNAVAILABLE)?;
            Ok(signal(modem))
        }),
        nas::GetSignalStrength::ID => answer(request, |body: nas::GetSignalStrength| strength(modem, body.request)),
        nas::GetDrx::ID => answer(request, |_: nas::GetDrx| {
            modem.serving().ok_or(QmiError::INFORMATION_UNAVAILABLE)?;
            Ok(nas::Drx { cycle: Some(DrxCycle::Cn8T128), ..Default::default() })
        }),
        nas::GetNetworkTime::ID => answer(request, |_: nas::GetNetworkTime| {
            let cell = modem.serving().ok_or(QmiError::INFORMATION_UNAVAILABLE)?;
            let time_3gpp = Some(NetworkTimeInfo {
                time: time(modem.network_clock()),
                zone: modem.network.zone,
                daylight_saving: 0,
                radio_interface: interface(cell.rat),
            });
            Ok(nas::NetworkTime { time_3gpp, ..Default::default() })
        }),
        _ => return None,
    })
}

fn strength(modem: &SimModem, asked: Option<nas::SignalRequest>) -> Result<nas::SignalStrength, QmiError> {
    let cell = modem.serving().ok_or(QmiError::INFORMATION_UNAVAILABLE)?;
    let radio_interface = interface(cell.rat);
    let lte = radio_interface == RadioInterface::Lte;
    let wants = |flag| asked.is_some_and(|asked| asked.has(flag));
    let mut body = nas::SignalStrength {
        strength: Some(Strength { strength: level(cell.rssi, 1.0), radio_interface }),
        ..Default::default()
    };
    if wants(nas::SignalRequest::RSSI) {
        body.rssi = Some(vec![nas::Rssi { rssi: level(cell.rssi, -1.0), radio_interface }]);
    }
    if wants(nas::SignalRequest::RSRQ) && lte {
        body.rsrq = Some(nas::Rsrq { rsrq: level(cell.rsrq, 1.0), radio_interface });
    }
    body.lte_snr = (wants(nas::SignalRequest::LTE_SNR) && lte).then(|| level(cell.sinr, 10.0));
    body.lte_rsrp = (wants(nas::SignalRequest::LTE_RSRP) && lte).then(|| level(cell.rsrp, 1.0));
    Ok(body)
}

fn time(clock: u64) -> UniversalTime {
    let (days, seconds) = (clock / 86_400, clock % 86_400);
    let (year, month, day) = civil(days);
    // 1 January 1970 was a Thursday; 0 is Monday.
    let day_of_week = ((days + 3) % 7) as u8;
    UniversalTime {
        year: year as u16,
        month: month as u8,
        day: day as u8,
        hour: (seconds / 3600) as u8,
        minute: (seconds / 60 % 60) as u8,
        second: (seconds % 60) as u8,
        day_of_week,
    }
}

fn names(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    Some(match request.id {
        nas::GetHomeNetwork::ID => answer(request, |_: nas::GetHomeNetwork| {
            pin::open(modem.card.state())?;
            let home = modem.home().ok_or(QmiError::NOT_PROVISIONED)?;
            let number = numbers(home);
            let description = modem.card.provider.clone().unwrap_or_default();
            Ok(nas::HomeNetwork {
                home_network: Some(NamedPlmn { mcc: number.mcc, mnc: number.mnc, description }),
                home_network_digits: Some(HomeDigits {
                    is_3gpp: true,
                    mnc_includes_pcs_digit: number.includes_pcs_digit,
                }),
                ..Default::default()
            })
        }),
        nas::GetOperatorName::ID => answer(request, |_: nas::GetOperatorName| {
            let provider = modem.card.provider.clone().map(|name| ProviderName { display_condition: 1, name });
            let serving = modem.serving().map(|cell| cell.operator.clone());
            Ok(nas::OperatorName {
                service_provider_name: provider,
                operator_string_name: serving,
                ..Default::default()
            })
        }),
        nas::GetPlmnName::ID => answer(request, |body: nas::GetPlmnName| {
            let asked = needed(body.plmn)?;
            let own = |plmn| {
                let number = numbers(plmn);
                (number.mcc, number.mnc) == (asked.mcc, asked.mnc)
            };
            let cell = modem.network.cells.iter().find(|cell| cell.plmn.is_some_and(own));
            let name = &cell.ok_or(QmiError::INFORMATION_UNAVAILABLE)?.operator;
            let name = Octets(name.encode_utf16().flat_map(u16::to_le_bytes).collect());
            let names = PlmnNames {
                short_encoding: NameEncoding::Ucs2le,
                short: name.clone(),
                long_encoding: NameEncoding::Ucs2le,
                long: name,
                ..Default::default()
            };
            Ok(nas::PlmnName { names: Some(names), ..Default::default() })
        }),
        nas::GetPreferredNetworks::ID => answer(request, |_: nas::GetPreferredNetworks| {
            pin::open(modem.card.state())?;
            // E-UTRAN (TS 31.102 §4.2.5).
            let line = |home| {
                let number = numbers(home);
                nas::PreferredNetwork { mcc: number.mcc, mnc: number.mnc, technology: 0x4000 }
            };
            Ok(nas::PreferredNetworks {
                preferred_networks: Some(modem.home().map(line).into_iter().collect()),
                ..Default::default()
            })
        }),
        _ => return None,
    })
}
