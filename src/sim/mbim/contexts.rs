//! Contexts: session 0 is the modem's default context, the others have contexts of their own.

use crate::codec::mbim::message::basic_connect::{self as basic, Connect, ProvisionedContext, SetConnect};
use crate::codec::mbim::message::choices::*;
use crate::codec::mbim::tlv::TlvText;
use crate::codec::mbim::{Status, Version, context};
use crate::sim::modem::SimModem;
use crate::sim::network::Lease;
use crate::sim::notice::Failure;
use crate::sim::power::Power;
use crate::sim::settings::Context;
use crate::spec::apn::PdpType;

use super::ask::{Answer, Ask};
use super::device::SESSIONS;

/// Contexts of sessions from 1 on; AT has none so high.
const OWN: u8 = 200;
/// The longest APN (TS 23.003 clause 9.1), octets.
pub(super) const APN_MAX: usize = 100;

/// A session of data, once a host has asked for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Session {
    /// The context that it uses.
    context: u8,
    /// Families that were asked for.
    kind: PdpType,
    apn: String,
    /// What the network said last, ESM cause.
    cause: Option<u8>,
}

/// The kinds of addresses that were asked for.
pub(super) const fn kind_of(ip_type: ContextIpType) -> PdpType {
    match ip_type {
        ContextIpType::Ipv4 => PdpType::Ipv4,
        ContextIpType::Ipv6 => PdpType::Ipv6,
        _ => PdpType::Ipv4v6,
    }
}

/// The kinds of addresses, as MBIM writes them.
pub(super) const fn ip_type(v4: bool, v6: bool) -> ContextIpType {
    match (v4, v6) {
        (true, true) => ContextIpType::Ipv4v6,
        (true, false) => ContextIpType::Ipv4,
        (false, true) => ContextIpType::Ipv6,
        (false, false) => ContextIpType::Default,
    }
}

const fn families(kind: PdpType) -> (bool, bool) {
    match kind {
        PdpType::Ipv4 => (true, false),
        PdpType::Ipv6 => (false, true),
        PdpType::Ipv4v6 => (true, true),
        PdpType::NonIp => (false, false),
    }
}

impl SimModem {
    /// The lease of a session that is up, with the families that were asked for.
    pub(super) fn session(&self, id: u32) -> Option<(bool, bool, &Lease)> {
        let session = self.mbim.sessions.get(&id)?;
        let lease = self.leases.get(&session.context)?;
        let (v4, v6) = families(session.kind);
        Some((v4 && lease.v4.is_some(), v6 && lease.v6.is_some(), lease))
    }

    /// Sessions that a host has asked for.
    pub(super) fn session_ids(&self) -> Vec<u32> {
        self.mbim.sessions.keys().copied().collect()
    }

    pub(super) fn mbim_connect(&self, session_id: u32) -> Connect {
        let known = self.mbim.sessions.get(&session_id);
        let up = self.session(session_id);
        let state = if up.is_some() { ActivationState::Activated } else { ActivationState::Deactivated };
        let cause = known.and_then(|session| session.cause).map_or(0, u32::from);
        let apn = up.map(|(.., lease)| lease.apn.clone()).or(known.map(|session| session.apn.clone()));
        Connect {
            session_id,
            activation_state: state,
            voice_call_state: VoiceCallState::None,
            ip_type: up.map_or(ContextIpType::Default, |(v4, v6, _)| ip_type(v4, v6)),
            context_type: context::INTERNET,
            nw_error: Cause(NwError::from_number(cause)),
            media_preference: AccessMediaType::ThreeGpp.into(),
            access_string: TlvText(apn.unwrap_or_default()).into(),
            ..Connect::default()
        }
    }

    /// Brings a session up; an error is the status, and the session keeps the network's cause.
    fn start_session(&mut self, asked: &SetConnect) -> Result<(), Status> {
        self.mbim_card()?;
        if self.kept.cfun != 1 {
            return Err(Status::RadioPowerOff);
        }
        let plmn = self.serving().and_then(|cell| cell.plmn).ok_or(Status::NotRegistered)?;
        let default = self.definition.capabilities.default_context;
        let context = match asked.session_id {
            0 => default,
            other => u8::try_from(other).ok().and_then(|n| n.checked_add(OWN)).ok_or(Status::InvalidParameters)?,
        };
        let (kind, apn) = (kind_of(asked.ip_type), asked.access_string.clone());
        let (v4, v6) = families(kind);
        let fits = |lease: &Lease| {
            let same = apn.is_empty() || lease.apn.eq_ignore_ascii_case(&apn);
            same && (v4 && lease.v4.is_some() || v6 && lease.v6.is_some())
        };
        let session = Session { context, kind, apn: apn.clone(), cause: None };
        self.mbim.sessions.insert(asked.session_id, session);
        if self.leases.get(&context).is_some_and(fits) {
            return Ok(());
        }
        self.deactivate(context);
        if context == default {
            let auth = u8::try_from(asked.auth_protocol.number()).unwrap_or(0);
            let user = asked.user_name.reveal().clone();
            self.kept.contexts.insert(context, Context { kind, apn: apn.clone(), auth, user });
        }
        let granted = self.ask_context(plmn, &apn, kind);
        let cause = match &granted {
            Ok(lease) => lease.note,
            Err(cause) => Some(*cause),
        };
        if let Some(session) = self.mbim.sessions.get_mut(&asked.session_id) {
            session.cause = cause;
        }
        match granted {
            Ok(lease) => drop(self.leases.insert(context, lease)),
            Err(cause) => {
                self.reported.failure = Some(Failure::Context(cause));
                return Err(refused(cause));
            }
        }
        Ok(())
    }

    fn stop_session(&mut self, id: u32) -> Result<(), Status> {
        let session = self.mbim.sessions.get(&id).filter(|session| self.leases.contains_key(&session.context));
        let context = session.map(|session| session.context).ok_or(Status::ContextNotActivated)?;
        self.deactivate(context);
        Ok(())
    }
}

/// The status of an ESM cause (TS 24.301 clause 9.9.4.4).
const fn refused(cause: u8) -> Status {
    match cause {
        27 => Status::InvalidAccessString,
        29 => Status::InvalidUserNamePwd,
        _ => Status::Failure,
    }
}

/// The command as MBIM 1.0 has it, whatever the version.
fn asked(ask: &Ask) -> Result<SetConnect, Status> {
    if ask.version < Version::V3 {
        return ask.read();
    }
    let third: basic::SetConnectV3 = ask.read()?;
    Ok(SetConnect {
        session_id: third.session_id,
        activation_command: third.activation_command,
        access_string: third.access_string.0,
        user_name: third.user_name.into_inner().0.into(),
        password: third.password.into_inner().0.into(),
        compression: third.compression,
        auth_protocol: third.auth_protocol,
        ip_type: third.ip_type,
        context_type: third.context_type,
    })
}

pub(super) fn connect(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if !ask.set {
        let asked: basic::ConnectQuery = ask.read()?;
        return ask.answer(&modem.mbim_connect(asked.session_id));
    }
    let asked = asked(ask)?;
    if asked.session_id >= SESSIONS || asked.access_string.len() > APN_MAX {
        return Err(if asked.session_id >= SESSIONS {
            Status::MaxActivatedContexts
        } else {
            Status::InvalidAccessString
        });
    }
    let result = match asked.activation_command {
        ActivationCommand::Activate => modem.start_session(&asked),
        _ => modem.stop_session(asked.session_id),
    };
    let status = match result {
        Ok(()) => Status::SUCCESS,
        // The network's cause comes with the refusal (clause 10.5.12.7).
        Err(status @ (Status::Failure | Status::InvalidAccessString | Status::InvalidUserNamePwd)) => status,
        Err(other) => return Err(other),
    };
    let answer = ask.answer(&modem.mbim_connect(asked.session_id))?;
    Ok(answer.with(status).taking(modem.profile.activate))
}

pub(super) fn provisioned(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if ask.set {
        let asked: basic::SetProvisionedContext = ask.read()?;
        let id = u8::try_from(asked.context_id).ok().filter(|id| *id < 16).ok_or(Status::InvalidParameters)?;
        modem.define(id, PdpType::Ipv4v6, &asked.access_string, asked.auth_protocol, asked.user_name.reveal())?;
    }
    let context = |(id, context): (&u8, &Context)| ProvisionedContext {
        context_id: (*id).into(),
        context_type: context::INTERNET,
        access_string: context.apn.clone(),
        user_name: context.user.clone().into(),
        auth_protocol: AuthProtocol::from_number(context.auth.into()),
        ..ProvisionedContext::default()
    };
    let provisioned_contexts = modem.kept.contexts.iter().map(context).collect();
    ask.answer(&basic::ProvisionedContexts { provisioned_contexts, ..basic::ProvisionedContexts::default() })
}

impl SimModem {
    /// Stores a context.
    pub(super) fn define(
        &mut self,
        id: u8,
        kind: PdpType,
        apn: &str,
        auth: AuthProtocol,
        user: &str,
    ) -> Result<(), Status> {
        if apn.len() > APN_MAX {
            return Err(Status::ParameterTooLong);
        }
        let auth = u8::try_from(auth.number()).map_err(|_| Status::InvalidParameters)?;
        self.kept.contexts.insert(id, Context { kind, apn: apn.to_owned(), auth, user: user.to_owned() });
        Ok(())
    }

    /// Whether the modem is there to be told of anything.
    pub(super) fn mbim_is_awake(&self) -> bool {
        matches!(self.power, Power::On { .. })
    }
}

/// Counters of a session; what crosses the bearer is not the modem's to count here.
pub(super) fn statistics(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let up = modem.session_ids().into_iter().any(|id| modem.session(id).is_some());
    if up { ask.answer(&basic::PacketStatistics::default()) } else { Err(Status::ContextNotActivated) }
}
