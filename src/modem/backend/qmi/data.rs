//! WDS: profiles, calls, addresses.
//!
//! A call belongs to the client that made it and has one family of addresses: IPv4v6 is two calls. Context, profile and mux
//! id have the same number.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use tracing::info;

use super::format::{self, Format};
use super::{Client, Family, Qmi, QmiRefusal, unless_so, unreadable};
use crate::codec::qmi::explain::title;
use crate::codec::qmi::wds::{
    self, Authentication, ConnectionStatus, IpFamily, NetworkStarted, ProfileId, ProfileType, StartNetwork,
};
use crate::codec::qmi::{Body, QmiError};
use crate::modem::backend::bearer;
use crate::modem::channel::{CommandError, Refusal};
use crate::modem::data::Share;
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::modem::settings::Settings;
use crate::policy::governor::Timer;
use crate::spec::apn::PdpType;
use crate::state::Bearer;

/// The system of the networks that we know, GSM to NR, for Get PDN Throttle Info.
const THREE_GPP: u8 = 0;

/// What WDS was told since the port was opened.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    /// Handles of calls that are up.
    up: BTreeMap<Client, u32>,
    /// Clients whose calls have a mux id.
    pub(super) bound: BTreeSet<Client>,
    /// How packets cross, once that is agreed on.
    pub(super) format: Option<Format>,
}

impl Qmi {
    /// Clients and handles of the calls of a context that are up.
    async fn calls_of(&self, cid: u8) -> Vec<(Client, u32)> {
        let of = |client: &Client| matches!(client, Client::Wds(context, _) if *context == cid);
        self.calls.lock().await.up.iter().filter(|(client, _)| of(client)).map(|(c, handle)| (*c, *handle)).collect()
    }
}

/// Compares the profile by which the modem attaches with what is wanted.
pub async fn context_holds(d: &Driver, want: &Settings) -> Result<bool, CommandError> {
    let Some(apn) = &want.apn else { return Ok(true) };
    let profile = Some(profile(d.context(want))?);
    let told = optional(d.qmi(keeper(d), &wds::GetProfileSettings { profile, ..Default::default() }).await)?;
    Ok(told.is_some_and(|told| {
        told.pdp_type == Some(pdp_type(want.pdp_type))
            && told.apn.unwrap_or_default().eq_ignore_ascii_case(apn.as_str())
    }))
}

/// The profile of a context has its number.
fn profile(cid: u8) -> Result<ProfileId, CommandError> {
    if cid == 0 {
        return Err(CommandError::Unsupported("context 0: QMI numbers its profiles from 1 on; choose another".into()));
    }
    Ok(ProfileId { kind: ProfileType::ThreeGpp, index: cid })
}

/// The client that looks after profiles.
fn keeper(d: &Driver) -> Client {
    Client::Wds(d.definition().capabilities.default_context, Family::V4)
}

const fn pdp_type(wanted: PdpType) -> wds::PdpType {
    match wanted {
        PdpType::Ipv4 => wds::PdpType::Ipv4,
        PdpType::Ipv6 => wds::PdpType::Ipv6,
        PdpType::Ipv4v6 => wds::PdpType::Ipv4OrIpv6,
        PdpType::NonIp => wds::PdpType::NonIp,
    }
}

/// Modifies the profile. One of a further context is made where the modem has none.
pub async fn define_context(d: &Driver, want: &Settings) -> Result<(), CommandError> {
    let mut wanted = wds::ModifyProfile {
        profile: Some(profile(d.context(want))?),
        pdp_type: Some(pdp_type(want.pdp_type)),
        apn: Some(want.apn.clone().unwrap_or_default().as_str().to_owned()),
        ..Default::default()
    };
    if let Some((user, password)) = &want.credentials {
        wanted.user = Some(user.clone().into());
        wanted.password = Some(password.clone());
        wanted.authentication = Some(Authentication::PAP | Authentication::CHAP);
    }
    match d.qmi(keeper(d), &wanted).await {
        Err(CommandError::Refused { .. }) if want.context.is_some() => make_profile(d, wanted).await,
        other => other.map(drop),
    }
}

/// Makes a profile, which gets the number that the modem chooses: the first free one.
async fn make_profile(d: &Driver, wanted: wds::ModifyProfile) -> Result<(), CommandError> {
    let new = wds::CreateProfile {
        kind: Some(ProfileType::ThreeGpp),
        pdp_type: wanted.pdp_type,
        apn: wanted.apn,
        user: wanted.user,
        password: wanted.password,
        authentication: wanted.authentication,
        ..Default::default()
    };
    let made = d.qmi(keeper(d), &new).await?.profile;
    if made == wanted.profile {
        return Ok(());
    }
    let made = made.ok_or_else(unreadable::<wds::CreateProfile>)?;
    let (next, wanted) = (made.index, wanted.profile.map_or(0, |profile| profile.index));
    optional(d.qmi(keeper(d), &wds::DeleteProfile { profile: Some(made), ..Default::default() }).await)?;
    Err(CommandError::Unsupported(format!(
        "context {wanted}: the modem has no profile of that number, and the next that it can make is {next}; write \
         context = {next}"
    )))
}

/// Whether one of its calls is up.
pub async fn is_context_up(d: &Driver, cid: u8) -> Result<bool, CommandError> {
    let qmi = d.ports.qmi()?;
    for (client, _) in qmi.calls_of(cid).await {
        let told = optional(d.qmi(client, &wds::GetPacketServiceStatus::default()).await)?;
        if told.and_then(|told| told.status) == Some(ConnectionStatus::Connected) {
            return Ok(true);
        }
        qmi.calls.lock().await.up.remove(&client);
    }
    Ok(false)
}

/// Reads the settings of the calls that are up.
pub async fn read_context(d: &Driver, cid: u8, want: &Settings) -> Result<Option<Bearer>, CommandError> {
    let up = d.ports.qmi()?.calls_of(cid).await;
    if up.is_empty() {
        return Ok(None);
    }
    let mut bearer = bearer(d, cid, want);
    if share(d, cid, want).await?.is_some() {
        // The interface is not the bearer's alone.
        bearer.interface = None;
    }
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

/// With QMAP the mux id of a context is its number.
pub async fn share(d: &Driver, cid: u8, _: &Settings) -> Result<Option<Share>, CommandError> {
    let format = d.ports.qmi()?.calls.lock().await.format;
    Ok(match format {
        Some(Format::Qmap { transfer }) => Some(Share::Qmap { mux_id: cid, transfer }),
        Some(Format::RawIp) | None => None,
    })
}

/// Makes a call for each family. Of two the one that comes up is enough: a network may give one address only.
pub async fn activate(d: &Driver, cid: u8, want: &Settings) -> Result<(), CommandError> {
    let profile = profile(cid)?.index;
    let format = format::agree(d, want.is_one_of_several()).await?;
    if format == Format::RawIp && want.context.is_some() {
        return Err(format::one_context(cid));
    }
    let families: &[Family] = match want.pdp_type {
        PdpType::Ipv4 => &[Family::V4],
        PdpType::Ipv6 => &[Family::V6],
        PdpType::Ipv4v6 => &[Family::V4, Family::V6],
        PdpType::NonIp => {
            let message = "pdp_type = \"non-ip\" has no network interface over QMI; choose ipv4, ipv6 or ipv4v6";
            return Err(CommandError::Unsupported(message.into()));
        }
    };
    let (mut up, mut refusal) = (false, None);
    for family in families {
        let client = Client::Wds(cid, *family);
        if let Format::Qmap { .. } = format {
            format::bind(d, client, cid).await?;
        }
        match call(d, client, *family, profile, want).await {
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

async fn call(d: &Driver, client: Client, family: Family, profile: u8, want: &Settings) -> Result<(), CommandError> {
    let family = if family == Family::V4 { IpFamily::Ipv4 } else { IpFamily::Ipv6 };
    // A new client has IPv4; old modems go by the family of the call alone.
    if family != IpFamily::Ipv4 {
        let set = d.qmi(client, &wds::SetIpFamily { family: Some(family), ..Default::default() }).await;
        optional(unless_so(set))?;
    }
    let mut request = StartNetwork {
        apn: want.apn.as_ref().map(|apn| apn.as_str().to_owned()),
        ip_family: Some(family),
        profile: Some(profile),
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
    qmi.calls.lock().await.up.insert(client, started.handle.unwrap_or(EVERY_CALL));
    Ok(())
}

/// The handle that stands for every call, also those that the modem began by itself.
const EVERY_CALL: u32 = 0xFFFF_FFFF;

/// Ends the calls.
pub async fn deactivate(d: &Driver, cid: u8) -> Result<(), CommandError> {
    let qmi: &Qmi = d.ports.qmi()?;
    for (client, handle) in qmi.calls_of(cid).await {
        let stop = wds::StopNetwork { handle: Some(handle), ..Default::default() };
        let stopped = d.qmi_within(client, &stop, d.definition().timing.activate).await;
        optional(unless_so(stopped))?;
        qmi.calls.lock().await.up.remove(&client);
    }
    Ok(())
}

/// Get PDN Throttle Info; with several timers of the APN, the longest.
pub async fn back_off(d: &Driver, want: &Settings) -> Result<Option<Timer>, CommandError> {
    let request = wds::GetThrottleInfo { network_type: Some(THREE_GPP), ..Default::default() };
    let Some(told) = optional(d.qmi(keeper(d), &request).await)? else { return Ok(None) };
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
