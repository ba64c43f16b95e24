//! WDS and WDA: profiles, calls, addresses.
//!
//! A call belongs to the client that made it and has one family of addresses: IPv4v6 is two calls.

use std::net::IpAddr;
use std::time::Duration;

use tracing::info;

use super::{Client, Qmi, QmiRefusal, unless_so, unreadable};
use crate::codec::qmi::explain::title;
use crate::codec::qmi::wda::{self, Aggregation, LinkLayer};
use crate::codec::qmi::wds::{
    self, Authentication, ConnectionStatus, IpFamily, NetworkStarted, ProfileId, ProfileType, StartNetwork,
};
use crate::codec::qmi::{Body, QmiError};
use crate::modem::backend::bearer;
use crate::modem::channel::{CommandError, Refusal};
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::modem::settings::Settings;
use crate::policy::governor::Timer;
use crate::spec::apn::PdpType;
use crate::state::Bearer;

/// The system of the networks that we know, GSM to NR, for Get PDN Throttle Info.
const THREE_GPP: u8 = 0;

/// The calls that are up, by family.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Calls {
    ipv4: Option<u32>,
    ipv6: Option<u32>,
    /// Packets come without an Ethernet header, as agreed since the port was opened.
    raw_ip: bool,
}

impl Calls {
    /// Clients and handles of calls that are up.
    fn up(self) -> impl Iterator<Item = (Client, u32)> {
        let both = [(Client::Wds4, self.ipv4), (Client::Wds6, self.ipv6)];
        both.into_iter().filter_map(|(client, handle)| Some((client, handle?)))
    }

    const fn slot(&mut self, client: Client) -> &mut Option<u32> {
        if matches!(client, Client::Wds6) { &mut self.ipv6 } else { &mut self.ipv4 }
    }
}

/// Compares the profile by which the modem attaches with what is wanted.
pub async fn context_holds(d: &Driver, want: &Settings) -> Result<bool, CommandError> {
    let Some(apn) = &want.apn else { return Ok(true) };
    let profile = Some(profile(d, want));
    let told = optional(d.qmi(Client::Wds4, &wds::GetProfileSettings { profile, ..Default::default() }).await)?;
    Ok(told.is_some_and(|told| {
        told.pdp_type == Some(pdp_type(want.pdp_type))
            && told.apn.unwrap_or_default().eq_ignore_ascii_case(apn.as_str())
    }))
}

fn profile(d: &Driver, want: &Settings) -> ProfileId {
    ProfileId { kind: ProfileType::ThreeGpp, index: d.context(want) }
}

/// The interface of a QMI modem carries one context; several would share it by QMAP.
fn is_carried(d: &Driver, cid: u8) -> bool {
    cid == d.definition().capabilities.default_context
}

const fn pdp_type(wanted: PdpType) -> wds::PdpType {
    match wanted {
        PdpType::Ipv4 => wds::PdpType::Ipv4,
        PdpType::Ipv6 => wds::PdpType::Ipv6,
        PdpType::Ipv4v6 => wds::PdpType::Ipv4OrIpv6,
        PdpType::NonIp => wds::PdpType::NonIp,
    }
}

/// Modifies the profile.
pub async fn define_context(d: &Driver, want: &Settings) -> Result<(), CommandError> {
    let mut wanted = wds::ModifyProfile {
        profile: Some(profile(d, want)),
        pdp_type: Some(pdp_type(want.pdp_type)),
        apn: Some(want.apn.clone().unwrap_or_default().as_str().to_owned()),
        ..Default::default()
    };
    if let Some((user, password)) = &want.credentials {
        wanted.user = Some(user.clone().into());
        wanted.password = Some(password.clone());
        wanted.authentication = Some(Authentication::PAP | Authentication::CHAP);
    }
    d.qmi(Client::Wds4, &wanted).await.map(drop)
}

/// Whether one of its calls is up.
pub async fn is_context_up(d: &Driver, cid: u8) -> Result<bool, CommandError> {
    let qmi = d.ports.qmi()?;
    if !is_carried(d, cid) {
        return Ok(false);
    }
    let up: Vec<_> = qmi.calls.lock().await.up().collect();
    for (client, _) in up {
        let told = optional(d.qmi(client, &wds::GetPacketServiceStatus::default()).await)?;
        if told.and_then(|told| told.status) == Some(ConnectionStatus::Connected) {
            return Ok(true);
        }
        *qmi.calls.lock().await.slot(client) = None;
    }
    Ok(false)
}

/// Reads the settings of the calls that are up.
pub async fn read_context(d: &Driver, cid: u8, want: &Settings) -> Result<Option<Bearer>, CommandError> {
    let up: Vec<_> = d.ports.qmi()?.calls.lock().await.up().collect();
    if up.is_empty() || !is_carried(d, cid) {
        return Ok(None);
    }
    let mut bearer = bearer(d, cid, want);
    for (client, _) in up {
        let settings = wds::Settings::DNS_ADDRESS
            | wds::Settings::IP_ADDRESS
            | wds::Settings::GATEWAY_INFO
            | wds::Settings::MTU
            | wds::Settings::IP_FAMILY;
        let told = d.qmi(client, &wds::GetCurrentSettings { settings: Some(settings), ..Default::default() }).await;
        if let Some(told) = optional(told)? {
            describe_call(&mut bearer, &told);
        }
    }
    Ok(Some(bearer))
}

fn describe_call(bearer: &mut Bearer, told: &wds::CurrentSettings) {
    bearer.addresses.extend(told.ipv4_address.map(IpAddr::V4));
    bearer.addresses.extend(told.ipv6_address.map(|prefix| IpAddr::V6(prefix.address)));
    bearer.gateways.extend(told.ipv4_gateway.map(IpAddr::V4));
    bearer.gateways.extend(told.ipv6_gateway.map(|prefix| IpAddr::V6(prefix.address)));
    let dns4 = [told.primary_dns, told.secondary_dns].into_iter().flatten().filter(|dns| !dns.is_unspecified());
    let dns6 =
        [told.ipv6_primary_dns, told.ipv6_secondary_dns].into_iter().flatten().filter(|dns| !dns.is_unspecified());
    bearer.dns.extend(dns4.map(IpAddr::V4));
    bearer.dns.extend(dns6.map(IpAddr::V6));
    bearer.mtu = bearer.mtu.or(told.mtu.and_then(|mtu| u16::try_from(mtu).ok()));
}

/// Makes a call for each family. Of two the one that comes up is enough: a network may give one address only.
pub async fn activate(d: &Driver, cid: u8, want: &Settings) -> Result<(), CommandError> {
    if !is_carried(d, cid) {
        return Err(CommandError::Unsupported(format!(
            "context {cid}: a QMI port carries one context; put the others on the AT port or use MBIM"
        )));
    }
    agree_on_raw_ip(d).await?;
    let families: &[(Client, IpFamily)] = match want.pdp_type {
        PdpType::Ipv4 => &[(Client::Wds4, IpFamily::Ipv4)],
        PdpType::Ipv6 => &[(Client::Wds6, IpFamily::Ipv6)],
        PdpType::Ipv4v6 => &[(Client::Wds4, IpFamily::Ipv4), (Client::Wds6, IpFamily::Ipv6)],
        PdpType::NonIp => {
            let message = "pdp_type = \"non-ip\" has no network interface over QMI; choose ipv4, ipv6 or ipv4v6";
            return Err(CommandError::Unsupported(message.into()));
        }
    };
    let (mut up, mut refusal) = (false, None);
    for (client, family) in families {
        match call(d, *client, *family, want).await {
            Ok(()) => up = true,
            Err(error @ CommandError::Refused { .. }) => {
                info!("{}: {error}", want.id);
                refusal = refusal.or(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    if up { Ok(()) } else { refusal.map_or(Ok(()), Err) }
}

/// The kernel's interface carries bare packets (`qmi_wwan`, raw-IP); the modem is told once after it started.
async fn agree_on_raw_ip(d: &Driver) -> Result<(), CommandError> {
    let qmi = d.ports.qmi()?;
    if qmi.calls.lock().await.raw_ip {
        return Ok(());
    }
    let format = wda::SetDataFormat {
        link_layer: Some(LinkLayer::RawIp),
        uplink_aggregation: Some(Aggregation::Disabled),
        downlink_aggregation: Some(Aggregation::Disabled),
        ..Default::default()
    };
    // A modem without WDA has no other format.
    optional(unless_so(d.qmi(Client::Wda, &format).await))?;
    qmi.calls.lock().await.raw_ip = true;
    Ok(())
}

async fn call(d: &Driver, client: Client, family: IpFamily, want: &Settings) -> Result<(), CommandError> {
    // A new client has IPv4; old modems go by the family of the call alone.
    if family != IpFamily::Ipv4 {
        let set = d.qmi(client, &wds::SetIpFamily { family: Some(family), ..Default::default() }).await;
        optional(unless_so(set))?;
    }
    let mut request = StartNetwork {
        apn: want.apn.as_ref().map(|apn| apn.as_str().to_owned()),
        ip_family: Some(family),
        profile: Some(d.definition().capabilities.default_context),
        ..Default::default()
    };
    if let Some((user, password)) = &want.credentials {
        request.user = Some(user.clone().into());
        request.password = Some(password.clone());
        request.authentication = Some(Authentication::PAP | Authentication::CHAP);
    }
    let qmi = d.ports.qmi()?;
    let response = qmi.exchange(client, &request, d.definition().timing.activate).await?;
    let started = response.read::<NetworkStarted>().map_err(|_| unreadable::<StartNetwork>())?;
    match response.error() {
        None => {}
        // Up already: by the attach, or by a call of ours whose answer was lost.
        Some(QmiError::NO_EFFECT) => {}
        Some(error) => {
            let refusal = Refusal::Qmi(QmiRefusal { error, end: started.verbose_end_reason });
            return Err(CommandError::Refused { command: title(StartNetwork::SERVICE, StartNetwork::ID), refusal });
        }
    }
    *qmi.calls.lock().await.slot(client) = Some(started.handle.unwrap_or(EVERY_CALL));
    Ok(())
}

/// The handle that stands for every call, also those that the modem began by itself.
const EVERY_CALL: u32 = 0xFFFF_FFFF;

/// Ends the calls.
pub async fn deactivate(d: &Driver, cid: u8) -> Result<(), CommandError> {
    let qmi: &Qmi = d.ports.qmi()?;
    if !is_carried(d, cid) {
        return Ok(());
    }
    let up: Vec<_> = qmi.calls.lock().await.up().collect();
    for (client, handle) in up {
        let stop = wds::StopNetwork { handle: Some(handle), ..Default::default() };
        let stopped = d.qmi_within(client, &stop, d.definition().timing.activate).await;
        optional(unless_so(stopped))?;
        *qmi.calls.lock().await.slot(client) = None;
    }
    Ok(())
}

/// Get PDN Throttle Info; with several timers of the APN, the longest.
pub async fn back_off(d: &Driver, want: &Settings) -> Result<Option<Timer>, CommandError> {
    let request = wds::GetThrottleInfo { network_type: Some(THREE_GPP), ..Default::default() };
    let Some(told) = optional(d.qmi(Client::Wds4, &request).await)? else { return Ok(None) };
    let apn = want.apn.clone().unwrap_or_default();
    let own = told.throttled.unwrap_or_default().into_iter().filter(|told| told.apn.eq_ignore_ascii_case(apn.as_str()));
    Ok(own.flat_map(|told| timers(&told)).max())
}

/// The timers of the families that are throttled. A modem that gives no time leaves it to us.
fn timers(told: &wds::Throttled) -> impl Iterator<Item = Timer> + use<> {
    let both = [(told.ipv4, told.ipv4_time), (told.ipv6, told.ipv6_time)];
    both.into_iter().filter(|(throttled, ms)| *throttled && *ms > 0).map(|(_, ms)| match ms {
        u32::MAX => Timer::Deactivated,
        ms => Timer::Runs(Duration::from_millis(ms.into())),
    })
}
