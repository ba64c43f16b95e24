//! WDS: calls, settings, counters, profiles, the attach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::codec::qmi::wds::{
    self, Autoconnect, ConnectionStatus, IpFamily, IpSupport, ListedProfile, OverTheAir, ProfileId, ProfileType,
};
use crate::codec::qmi::{Body, Message, QmiError};
use crate::policy::governor::Timer;
use crate::sim::modem::SimModem;
use crate::sim::settings::Context;
use crate::spec::apn::PdpType;

use super::call::{kind_of, pdp_type};
use super::{Reply, answer, needed};

/// The highest number of a profile.
const PROFILES: u8 = 16;

pub(super) fn run(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    calls(modem, request)
        .or_else(|| told(modem, request))
        .or_else(|| profiles(modem, request))
        .or_else(|| attach(modem, request))
}

fn calls(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    let id = (request.service, request.client);
    Some(match request.id {
        wds::Reset::ID => {
            modem.end_call(id);
            answer(request, |_: wds::Reset| Ok(wds::ResetDone::default()))
        }
        wds::StartNetwork::ID => start(modem, request).taking(modem.profile.activate),
        wds::StopNetwork::ID => {
            let takes = modem.profile.activate;
            answer(request, |body: wds::StopNetwork| stop(modem, id, &body)).taking(takes)
        }
        wds::Abort::ID => answer(request, |_: wds::Abort| Ok(wds::Aborted::default())),
        wds::SetIpFamily::ID => answer(request, |body: wds::SetIpFamily| {
            let family = needed(body.family)?;
            if let Some(client) = modem.qmi.clients.get_mut(&id) {
                client.family = Some(family);
            }
            Ok(wds::IpFamilySet::default())
        }),
        wds::BindMuxDataPort::ID => answer(request, |body: wds::BindMuxDataPort| {
            if let Some(client) = modem.qmi.clients.get_mut(&id) {
                client.mux_id = body.mux_id.filter(|mux_id| *mux_id > 0);
            }
            Ok(wds::MuxDataPortBound::default())
        }),
        wds::BindDataPort::ID => answer(request, |_: wds::BindDataPort| Ok(wds::DataPortBound::default())),
        wds::GoDormant::ID => answer(request, |_: wds::GoDormant| Ok(wds::WentDormant::default())),
        wds::GoActive::ID => answer(request, |_: wds::GoActive| {
            modem.use_air();
            Ok(wds::WentActive::default())
        }),
        _ => return None,
    })
}

fn start(modem: &mut SimModem, request: &Message) -> Reply {
    let Ok(body) = request.read::<wds::StartNetwork>() else {
        return request.result(Some(QmiError::MALFORMED_MESSAGE)).into();
    };
    match modem.start_call((request.service, request.client), &body) {
        Ok(handle) => request.respond(Ok(&wds::NetworkStarted { handle: Some(handle), ..Default::default() })).into(),
        Err(no_call) => {
            let mut message = request.result(Some(no_call.error));
            if let Some((reason, verbose)) = no_call.reason {
                message.put(&wds::NetworkStarted {
                    end_reason: Some(reason),
                    verbose_end_reason: Some(verbose),
                    ..Default::default()
                });
            }
            message.into()
        }
    }
}

fn stop(
    modem: &mut SimModem,
    id: (crate::codec::qmi::Service, u8),
    body: &wds::StopNetwork,
) -> Result<wds::NetworkStopped, QmiError> {
    let handle = needed(body.handle)?;
    let own = modem.qmi.clients.get(&id).and_then(|client| client.call.as_ref()).map(|call| call.handle);
    if own.is_none() {
        return Err(QmiError::NO_EFFECT);
    }
    if own != Some(handle) && handle != u32::MAX {
        return Err(QmiError::INVALID_HANDLE);
    }
    modem.end_call(id);
    Ok(wds::NetworkStopped::default())
}

fn told(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    let id = (request.service, request.client);
    let call = modem.call(id);
    Some(match request.id {
        wds::SetEventReport::ID => answer(request, |_: wds::SetEventReport| Ok(wds::EventReportSet::default())),
        wds::GetPacketServiceStatus::ID => answer(request, |_: wds::GetPacketServiceStatus| {
            let status = if call.is_some() { ConnectionStatus::Connected } else { ConnectionStatus::Disconnected };
            Ok(wds::PacketServiceStatus { status: Some(status), ..Default::default() })
        }),
        wds::GetCurrentSettings::ID => answer(request, |body: wds::GetCurrentSettings| {
            let asked = body.settings.unwrap_or(wds::Settings(u32::MAX));
            settings(modem, id, asked).ok_or(QmiError::OUT_OF_CALL)
        }),
        wds::GetChannelRates::ID => answer(request, |_: wds::GetChannelRates| {
            call.ok_or(QmiError::OUT_OF_CALL)?;
            let rates = wds::ChannelRates { tx: 375_000, rx: 300_000, max_tx: 1_000_000, max_rx: 1_000_000 };
            Ok(wds::ChannelRatesInfo { rates: Some(rates), ..Default::default() })
        }),
        wds::GetPacketStatistics::ID => answer(request, |body: wds::GetPacketStatistics| {
            call.ok_or(QmiError::OUT_OF_CALL)?;
            Ok(counters(needed(body.statistics)?))
        }),
        wds::GetThrottleInfo::ID if modem.profile.tells_back_off => answer(request, |body: wds::GetThrottleInfo| {
            needed(body.network_type)?;
            Ok(wds::ThrottleInfo { throttled: Some(throttled(modem)), ..Default::default() })
        }),
        wds::GetDormancyStatus::ID => answer(request, |_: wds::GetDormancyStatus| {
            call.ok_or(QmiError::OUT_OF_CALL)?;
            let active = if modem.radio.rrc() {
                wds::Dormancy::TrafficChannelActive
            } else {
                wds::Dormancy::TrafficChannelDormant
            };
            Ok(wds::DormancyStatus { status: Some(active), ..Default::default() })
        }),
        wds::GetDataBearerTechnology::ID => answer(request, |_: wds::GetDataBearerTechnology| {
            call.ok_or(QmiError::OUT_OF_CALL)?;
            Ok(wds::DataBearerTechnology { current: Some(wds::BearerTechnology::Lte), ..Default::default() })
        }),
        wds::GetCurrentDataBearer::ID => answer(request, |_: wds::GetCurrentDataBearer| {
            call.ok_or(QmiError::OUT_OF_CALL)?;
            let current =
                wds::CurrentBearer { network: wds::NetworkType::ThreeGpp, rats: wds::RatMask::LTE, service_options: 0 };
            Ok(wds::CurrentDataBearer { current: Some(current), ..Default::default() })
        }),
        wds::GetAutoconnectSettings::ID => answer(request, |_: wds::GetAutoconnectSettings| {
            Ok(wds::AutoconnectSettings { status: Some(Autoconnect::Disabled), ..Default::default() })
        }),
        _ => return None,
    })
}

/// Every counter that is asked for; no packets pass through the simulated modem.
fn counters(asked: wds::Statistics) -> wds::PacketStatistics {
    let small = |flag| asked.has(flag).then_some(0);
    let large = |flag| asked.has(flag).then_some(0);
    wds::PacketStatistics {
        tx_packets_ok: small(wds::Statistics::TX_PACKETS_OK),
        rx_packets_ok: small(wds::Statistics::RX_PACKETS_OK),
        tx_packets_error: small(wds::Statistics::TX_PACKETS_ERROR),
        rx_packets_error: small(wds::Statistics::RX_PACKETS_ERROR),
        tx_overflows: small(wds::Statistics::TX_OVERFLOWS),
        rx_overflows: small(wds::Statistics::RX_OVERFLOWS),
        tx_bytes_ok: large(wds::Statistics::TX_BYTES_OK),
        rx_bytes_ok: large(wds::Statistics::RX_BYTES_OK),
        ..Default::default()
    }
}

/// Settings of a call, those that are asked for.
fn settings(
    modem: &SimModem,
    id: (crate::codec::qmi::Service, u8),
    asked: wds::Settings,
) -> Option<wds::CurrentSettings> {
    let (call, lease) = modem.call(id)?;
    let context = modem.qmi.contexts.get(&call.context);
    let mut settings = wds::CurrentSettings { ip_family: Some(call.family), ..Default::default() };
    if asked.has(wds::Settings::PDP_TYPE) {
        settings.pdp_type = context.map(|context| pdp_type(context.kind));
    }
    if asked.has(wds::Settings::APN_NAME) {
        settings.apn = Some(lease.apn.clone());
    }
    if asked.has(wds::Settings::MTU) {
        settings.mtu = Some(modem.network.mtu.into());
    }
    let addresses = asked.has(wds::Settings::IP_ADDRESS);
    let (gateway, dns) = (asked.has(wds::Settings::GATEWAY_INFO), asked.has(wds::Settings::DNS_ADDRESS));
    if call.family == IpFamily::Ipv6 {
        let own = lease.v6?;
        settings.ipv6_address = addresses.then_some(wds::Ipv6Prefix { address: own, length: 64 });
        settings.ipv6_gateway = gateway.then_some(wds::Ipv6Prefix { address: beside_v6(own), length: 64 });
        let mut servers = modem.network.dns.iter().filter_map(|dns| match dns {
            IpAddr::V6(dns) => Some(*dns),
            IpAddr::V4(_) => None,
        });
        (settings.ipv6_primary_dns, settings.ipv6_secondary_dns) =
            (servers.next().filter(|_| dns), servers.next().filter(|_| dns));
    } else {
        let own = lease.v4?;
        settings.ipv4_address = addresses.then_some(own);
        settings.ipv4_subnet_mask = addresses.then_some(Ipv4Addr::new(255, 255, 255, 252));
        settings.ipv4_gateway = gateway.then_some(beside_v4(own));
        let mut servers = modem.network.dns.iter().filter_map(|dns| match dns {
            IpAddr::V4(dns) => Some(*dns),
            IpAddr::V6(_) => None,
        });
        (settings.primary_dns, settings.secondary_dns) =
            (servers.next().filter(|_| dns), servers.next().filter(|_| dns));
    }
    Some(settings)
}

/// Another address of the same four, as modems make up a gateway on a link that has none.
fn beside_v4(own: Ipv4Addr) -> Ipv4Addr {
    let bits = own.to_bits();
    Ipv4Addr::from_bits(if bits & 3 == 1 { bits + 1 } else { (bits & !3) | 1 })
}

fn beside_v6(own: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(own.to_bits() ^ 0xFF)
}

fn profiles(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    let contexts = &mut modem.kept.contexts;
    Some(match request.id {
        wds::GetProfileList::ID => answer(request, |_: wds::GetProfileList| {
            let line = |(index, _): (&u8, &Context)| ListedProfile {
                kind: ProfileType::ThreeGpp,
                index: *index,
                name: format!("profile{index}"),
            };
            Ok(wds::ProfileList { profiles: Some(contexts.iter().map(line).collect()), ..Default::default() })
        }),
        wds::GetProfileSettings::ID => answer(request, |body: wds::GetProfileSettings| {
            let index = needed(body.profile)?.index;
            let context = contexts.get(&index).ok_or(QmiError::INVALID_PROFILE)?;
            Ok(profile(index, context))
        }),
        wds::CreateProfile::ID => answer(request, |body: wds::CreateProfile| {
            let free = (1..=PROFILES).find(|index| !contexts.contains_key(index)).ok_or(QmiError::NO_FREE_PROFILE)?;
            let mut context = Context { kind: PdpType::Ipv4, ..Context::default() };
            change(&mut context, body.pdp_type, body.apn, body.authentication, body.user)?;
            contexts.insert(free, context);
            let profile = ProfileId { kind: ProfileType::ThreeGpp, index: free };
            Ok(wds::ProfileCreated { profile: Some(profile), ..Default::default() })
        }),
        wds::ModifyProfile::ID => answer(request, |body: wds::ModifyProfile| {
            let context = contexts.get_mut(&needed(body.profile)?.index).ok_or(QmiError::INVALID_PROFILE)?;
            change(context, body.pdp_type, body.apn, body.authentication, body.user)?;
            Ok(wds::ProfileModified::default())
        }),
        wds::DeleteProfile::ID => answer(request, |body: wds::DeleteProfile| {
            contexts.remove(&needed(body.profile)?.index).ok_or(QmiError::INVALID_PROFILE)?;
            Ok(wds::ProfileDeleted::default())
        }),
        wds::GetDefaultSettings::ID => answer(request, |_: wds::GetDefaultSettings| {
            let settings = wds::DefaultSettings {
                pdp_type: Some(wds::PdpType::Ipv4),
                apn: Some(String::new()),
                ..Default::default()
            };
            Ok(settings)
        }),
        _ => return None,
    })
}

fn profile(index: u8, context: &Context) -> wds::ProfileSettings {
    wds::ProfileSettings {
        name: Some(format!("profile{index}")),
        pdp_type: Some(pdp_type(context.kind)),
        apn: Some(context.apn.clone()),
        user: Some(context.user.clone().into()).filter(|_| !context.user.is_empty()),
        authentication: Some(wds::Authentication(context.auth)),
        context: Some(index),
        ..Default::default()
    }
}

/// T3396 bars the APN whatever the family.
fn throttled(modem: &SimModem) -> Vec<wds::Throttled> {
    let left = |timer| match timer {
        Timer::Runs(left) => u32::try_from(left.as_millis()).unwrap_or(u32::MAX - 1),
        Timer::Deactivated => u32::MAX,
    };
    let told = modem.back_offs.told(modem.now).map(|(apn, timer)| (apn.to_owned(), left(timer)));
    let both = |(apn, ms)| wds::Throttled { ipv4: true, ipv6: true, ipv4_time: ms, ipv6_time: ms, apn };
    told.map(both).collect()
}

fn change(
    context: &mut Context,
    kind: Option<wds::PdpType>,
    apn: Option<String>,
    authentication: Option<wds::Authentication>,
    user: Option<crate::private::Private<String>>,
) -> Result<(), QmiError> {
    if let Some(kind) = kind {
        context.kind = kind_of(kind).ok_or(QmiError::INVALID_PDP_TYPE)?;
    }
    if let Some(apn) = apn {
        // TS 23.003 §9.1: 100 octets.
        if apn.len() > 100 {
            return Err(QmiError::ARGUMENT_TOO_LONG);
        }
        context.apn = apn;
    }
    context.auth = authentication.map_or(context.auth, |kind| kind.0);
    context.user = user.map_or_else(|| std::mem::take(&mut context.user), crate::private::Private::into_inner);
    Ok(())
}

fn attach(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    let default = modem.definition.capabilities.default_context;
    let context = modem.kept.contexts.get(&default);
    Some(match request.id {
        wds::GetLteAttachParameters::ID => answer(request, |_: wds::GetLteAttachParameters| {
            modem.serving().ok_or(QmiError::INFORMATION_UNAVAILABLE)?;
            let apn = context.map(|context| context.apn.clone()).filter(|apn| !apn.is_empty());
            Ok(wds::LteAttachParameters {
                apn: Some(apn.unwrap_or_else(|| modem.network.default_apn.clone())),
                ip_support: Some(IpSupport::Ipv4v6),
                over_the_air: Some(OverTheAir::Performed),
                ..Default::default()
            })
        }),
        wds::GetMaxAttachPdns::ID => {
            answer(request, |_: wds::GetMaxAttachPdns| Ok(wds::MaxAttachPdns { most: Some(1), ..Default::default() }))
        }
        wds::GetLteAttachPdnList::ID => answer(request, |_: wds::GetLteAttachPdnList| {
            let current = Some(vec![u16::from(default)]);
            Ok(wds::LteAttachPdnList { current, pending: Some(Vec::new()), ..Default::default() })
        }),
        _ => return None,
    })
}
