//! Contexts: the attach, the packet service, sessions, addresses.
//!
//! Session n is context n after the default one. Packets of a further session pass the modem's interface with its number.

use std::net::IpAddr;

use super::{MbimRefusal, unreadable};
use crate::codec::mbim::message::Nothing;
use crate::codec::mbim::message::basic_connect::{
    CONNECT, Connect, ConnectQuery, IP_CONFIGURATION, PACKET_SERVICE, PacketService, SetConnect, SetConnectV3,
    SetPacketService,
};
use crate::codec::mbim::message::choices::{
    ActivationCommand, ActivationState, AuthProtocol, ContextIpType, PacketServiceAction, PacketServiceState,
};
use crate::codec::mbim::message::extensions::{
    LTE_ATTACH_CONFIGURATION, LteAttachConfigurations, SetLteAttachConfiguration,
};
use crate::codec::mbim::message::ip::IpConfiguration;
use crate::codec::mbim::tlv::TlvText;
use crate::codec::mbim::{Body, Service, Status, Version, context, decode, encode};
use crate::modem::backend::bearer;
use crate::modem::channel::{CommandError, Refusal};
use crate::modem::data::Share;
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::modem::settings::Settings;
use crate::policy::governor::Timer;
use crate::private::Private;
use crate::spec::apn::PdpType;
use crate::spec::cause::Cause;
use crate::state::Bearer;

/// The session of a context; `None`: it has none.
fn session(d: &Driver, cid: u8) -> Option<u8> {
    cid.checked_sub(d.definition().capabilities.default_context)
}

/// Session 0 has the modem's interface for itself, but for others that are marked.
pub async fn share(d: &Driver, cid: u8, _: &Settings) -> Result<Option<Share>, CommandError> {
    Ok(session(d, cid).filter(|session| *session > 0).map(Share::Session))
}

const fn ip_type(wanted: PdpType) -> ContextIpType {
    match wanted {
        PdpType::Ipv4 => ContextIpType::Ipv4,
        PdpType::Ipv6 => ContextIpType::Ipv6,
        PdpType::Ipv4v6 => ContextIpType::Ipv4v6,
        // The modem has no word for it, and refuses.
        PdpType::NonIp => ContextIpType::Default,
    }
}

/// Whether `want` is about the context by which the modem attaches; others are defined as they are activated.
fn is_attach(d: &Driver, want: &Settings) -> bool {
    d.context(want) == d.definition().capabilities.default_context
}

/// The contexts that an LTE attach asks for; `None`: the modem has no such list.
async fn attach_contexts(d: &Driver) -> Result<Option<LteAttachConfigurations>, CommandError> {
    optional(d.mbim_extended(&LTE_ATTACH_CONFIGURATION, &Nothing {}).await)
}

/// Compares what the attach asks for at home with what is wanted. A modem that does not tell is told at activation.
pub async fn context_holds(d: &Driver, want: &Settings) -> Result<bool, CommandError> {
    let Some(apn) = want.apn.as_ref().filter(|_| is_attach(d, want)) else { return Ok(true) };
    let told = attach_contexts(d).await?;
    let home = told.and_then(|told| told.configurations.0.into_iter().next());
    Ok(home.is_none_or(|home| {
        home.access_string.eq_ignore_ascii_case(apn.as_str()) && home.ip_type == ip_type(want.pdp_type)
    }))
}

/// Sets what the attach asks for, at home and elsewhere.
pub async fn define_context(d: &Driver, want: &Settings) -> Result<(), CommandError> {
    if !is_attach(d, want) {
        return Ok(());
    }
    let Some(told) = attach_contexts(d).await? else { return Ok(()) };
    let mut configurations = told.configurations;
    for configuration in &mut configurations.0 {
        configuration.ip_type = ip_type(want.pdp_type);
        configuration.access_string = want.apn.clone().unwrap_or_default().as_str().to_owned();
        let (user, password, auth) = credentials(want);
        configuration.user_name = user;
        configuration.password = password;
        configuration.auth_protocol = auth;
    }
    let set = SetLteAttachConfiguration { configurations, ..SetLteAttachConfiguration::default() };
    let time_out = d.definition().timing.command;
    let mbim = d.ports.mbim()?;
    mbim.set(Service::MsBasicConnectExtensions, &LTE_ATTACH_CONFIGURATION, &set, time_out).await.map(drop)
}

fn credentials(want: &Settings) -> (Private<String>, Private<String>, AuthProtocol) {
    match &want.credentials {
        Some((user, password)) => (user.clone().into(), password.clone(), AuthProtocol::Chap),
        None => (Private::default(), Private::default(), AuthProtocol::None),
    }
}

/// Whether the session is activated.
pub async fn is_context_up(d: &Driver, cid: u8) -> Result<bool, CommandError> {
    let Some(session) = session(d, cid) else { return Ok(false) };
    let query = ConnectQuery { session_id: session.into(), ..ConnectQuery::default() };
    // A session that was never used is refused by some modems.
    let told: Option<Connect> = optional(d.mbim(&CONNECT, &query).await)?;
    Ok(told.is_some_and(|told| told.activation_state == ActivationState::Activated))
}

/// Reads the addresses of a session that is activated.
pub async fn read_context(d: &Driver, cid: u8, want: &Settings) -> Result<Option<Bearer>, CommandError> {
    let Some(session) = session(d, cid) else { return Ok(None) };
    if !is_context_up(d, cid).await? {
        return Ok(None);
    }
    let query = IpConfiguration { session_id: session.into(), ..IpConfiguration::default() };
    let told: IpConfiguration = d.mbim(&IP_CONFIGURATION, &query).await?;
    let mut bearer = bearer(d, cid, want);
    if session > 0 {
        // The interface is not the bearer's alone.
        bearer.interface = None;
    }
    bearer.addresses.extend(told.ipv4_address.0.iter().map(|element| IpAddr::V4(element.ipv4_address.0)));
    bearer.addresses.extend(told.ipv6_address.0.iter().map(|element| IpAddr::V6(element.ipv6_address.0)));
    bearer.gateways.extend(told.ipv4_gateway.0.map(|gateway| IpAddr::V4(gateway.0)));
    bearer.gateways.extend(told.ipv6_gateway.0.map(|gateway| IpAddr::V6(gateway.0)));
    bearer.dns.extend(told.ipv4_dns_server.0.iter().map(|server| IpAddr::V4(server.0)));
    bearer.dns.extend(told.ipv6_dns_server.0.iter().map(|server| IpAddr::V6(server.0)));
    let mtu = |mtu: u32| u16::try_from(mtu).ok().filter(|mtu| *mtu > 0);
    bearer.mtu = mtu(told.ipv4_mtu).or(mtu(told.ipv6_mtu));
    Ok(Some(bearer))
}

/// Attaches where the modem has not done so by itself, and activates the session.
pub async fn activate(d: &Driver, cid: u8, want: &Settings) -> Result<(), CommandError> {
    let first = d.definition().capabilities.default_context;
    let session = session(d, cid).ok_or_else(|| {
        let message = format!("context {cid}: sessions of MBIM begin with context {first}; choose a higher number");
        CommandError::Unsupported(message)
    })?;
    attach(d).await?;
    switch(d, session, ActivationCommand::Activate, want).await
}

async fn attach(d: &Driver) -> Result<(), CommandError> {
    let told: PacketService = d.mbim(&PACKET_SERVICE, &Nothing {}).await?;
    if !matches!(told.packet_service_state, PacketServiceState::Detached | PacketServiceState::Detaching) {
        return Ok(());
    }
    let attach = SetPacketService { packet_service_action: PacketServiceAction::Attach };
    d.mbim_set(&PACKET_SERVICE, &attach, d.definition().timing.activate).await.map(drop)
}

/// Not told: neither Connect nor Packet Service of MBIM and its extensions has a place for it.
pub async fn back_off(_: &Driver, _: &Settings) -> Result<Option<Timer>, CommandError> {
    Ok(None)
}

/// Packet Service, detached and attached.
pub async fn reattach(d: &Driver) -> Result<(), CommandError> {
    for packet_service_action in [PacketServiceAction::Detach, PacketServiceAction::Attach] {
        let set = SetPacketService { packet_service_action };
        d.mbim_set(&PACKET_SERVICE, &set, d.definition().timing.activate).await?;
    }
    Ok(())
}

/// Deactivates the session.
pub async fn deactivate(d: &Driver, cid: u8) -> Result<(), CommandError> {
    let Some(session) = session(d, cid) else { return Ok(()) };
    match switch(d, session, ActivationCommand::Deactivate, &Settings::default()).await {
        Err(CommandError::Refused {
            refusal: Refusal::Mbim(MbimRefusal { status: Status::ContextNotActivated, .. }),
            ..
        }) => Ok(()),
        other => other,
    }
}

async fn switch(d: &Driver, session: u8, command: ActivationCommand, want: &Settings) -> Result<(), CommandError> {
    let mbim = d.ports.mbim()?;
    let version = mbim.agreed.get();
    let body = Body::set(Service::BasicConnect, &CONNECT, request(version, session.into(), command, want));
    let name = body.title();
    let answer = mbim.link.exchange(body, d.definition().timing.activate).await?;
    let Body::CommandDone { status, buffer, .. } = answer else { return Err(unreadable(name)) };
    if status == Status::SUCCESS {
        return Ok(());
    }
    // The cause of the network comes beside the status.
    let told = decode::<Connect>(&buffer, version).ok();
    let number = told.and_then(|told| u8::try_from(told.nw_error.0.number()).ok()).filter(|number| *number > 0);
    let refusal = Refusal::Mbim(MbimRefusal { status, cause: number.map(Cause::esm) });
    Err(CommandError::Refused { command: name, refusal })
}

/// The layout changed with MBIMEx 3.0.
fn request(version: Version, session_id: u32, command: ActivationCommand, want: &Settings) -> Vec<u8> {
    let apn = want.apn.clone().unwrap_or_default().as_str().to_owned();
    let (user, password, auth_protocol) = credentials(want);
    if version < Version::V3 {
        let set = SetConnect {
            session_id,
            activation_command: command,
            access_string: apn,
            user_name: user,
            password,
            auth_protocol,
            ip_type: ip_type(want.pdp_type),
            context_type: context::INTERNET,
            ..SetConnect::default()
        };
        return encode(&set, version);
    }
    let set = SetConnectV3 {
        session_id,
        activation_command: command,
        auth_protocol,
        ip_type: ip_type(want.pdp_type),
        context_type: context::INTERNET,
        access_string: TlvText(apn),
        user_name: Private::new(TlvText(user.reveal().clone())),
        password: Private::new(TlvText(password.reveal().clone())),
        ..SetConnectV3::default()
    };
    encode(&set, version)
}
