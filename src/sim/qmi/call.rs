//! Calls of WDS: each belongs to a client, carries one family, and shares its context with calls to the same APN.

use crate::codec::qmi::wds::{self, EndReason, EndReasonType, IpFamily, PdpType as QmiPdpType, VerboseEndReason};
use crate::codec::qmi::{QmiError, Service};
use crate::sim::modem::SimModem;
use crate::sim::network::Lease;
use crate::sim::notice::Failure;
use crate::sim::settings::Context;
use crate::spec::apn::PdpType;

/// Contexts of calls that name no profile; those with one have its number.
const NAMELESS: u8 = 100;
/// Reason of the connection manager: no service.
const CM_NO_SERVICE: i16 = 2001;
/// Reason of the modem: the radio is off.
const LOW_POWER: i16 = 219;

/// Reason of the modem: the interface carries another context.
const INTERFACE_IN_USE: i16 = 241;

/// A call that is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// What tells it from others.
    pub(super) handle: u32,
    /// The context that it uses.
    pub(super) context: u8,
    pub(super) family: IpFamily,
}

/// Why there is no call: the error, and the reasons beside it.
pub(super) struct NoCall {
    pub(super) error: QmiError,
    pub(super) reason: Option<(EndReason, VerboseEndReason)>,
}

impl From<QmiError> for NoCall {
    fn from(error: QmiError) -> Self {
        Self { error, reason: None }
    }
}

impl NoCall {
    fn failed(reason: EndReason, kind: EndReasonType, number: i16) -> Self {
        Self { error: QmiError::CALL_FAILED, reason: Some((reason, VerboseEndReason { kind, reason: number })) }
    }

    /// The network refused, with an ESM cause.
    fn refused(cause: u8) -> Self {
        let reason = match cause {
            8 => EndReason::GsmWcdmaOperatorDeterminedBarring,
            27 => EndReason::GsmWcdmaUnknownApn,
            28 | 50 | 51 => EndReason::GsmWcdmaUnknownPdp,
            29 => EndReason::GenericAuthenticationFailed,
            30 => EndReason::GsmWcdmaGgsnReject,
            33 => EndReason::GsmWcdmaOptionUnsubscribed,
            _ => EndReason::GsmWcdmaActivationReject,
        };
        Self::failed(reason, EndReasonType::ThreeGpp, i16::from(cause))
    }
}

impl SimModem {
    /// Starts a call for a client.
    pub(super) fn start_call(&mut self, id: (Service, u8), body: &wds::StartNetwork) -> Result<u32, NoCall> {
        let client = self.qmi.clients.get(&id).ok_or(QmiError::INVALID_CLIENT_ID)?;
        if client.call.is_some() {
            return Err(QmiError::NO_EFFECT.into());
        }
        let family = match body.ip_family.or(client.family) {
            Some(IpFamily::Ipv6) => IpFamily::Ipv6,
            _ => IpFamily::Ipv4,
        };
        if self.kept.cfun != 1 || self.qmi.offline {
            return Err(NoCall::failed(EndReason::GenericNoService, EndReasonType::Internal, LOW_POWER));
        }
        let mux_id = client.mux_id;
        let context = self.context_of(body)?;
        if self.qmi.carries_another(mux_id, context) {
            return Err(NoCall::failed(EndReason::GenericUnspecified, EndReasonType::Internal, INTERFACE_IN_USE));
        }
        self.bring_up(context, body.profile.is_some())?;
        let lease = self.leases.get(&context);
        // TS 24.301 §9.9.4.4: 50 is "PDN type IPv4 only allowed", 51 the other way round.
        let has = |lease: &Lease| if family == IpFamily::Ipv6 { lease.v6.is_some() } else { lease.v4.is_some() };
        if !lease.is_some_and(has) {
            self.leave(context);
            return Err(NoCall::refused(if family == IpFamily::Ipv6 { 50 } else { 51 }));
        }
        self.qmi.made = self.qmi.made.wrapping_add(1);
        let handle = 0x4000_0000 | self.qmi.made;
        if let Some(client) = self.qmi.clients.get_mut(&id) {
            client.call = Some(Call { handle, context, family });
        }
        Ok(handle)
    }

    /// The context that a call uses: of its profile, of another call to the same APN, or one of its own.
    fn context_of(&mut self, body: &wds::StartNetwork) -> Result<u8, NoCall> {
        let authentication = body.authentication.map_or(0, |kind| kind.0);
        let user = body.user.as_ref().map(|user| user.reveal().clone()).unwrap_or_default();
        let Some(profile) = body.profile.filter(|profile| *profile != 0) else {
            let apn = body.apn.clone().unwrap_or_default();
            let own =
                |(context, other): (&u8, &Context)| (*context >= NAMELESS && other.apn == apn).then_some(*context);
            let free = || (NAMELESS..u8::MAX).find(|context| !self.leases.contains_key(context));
            let context =
                self.qmi.contexts.iter().find_map(own).or_else(free).ok_or(QmiError::INSUFFICIENT_RESOURCES)?;
            let new = Context { kind: PdpType::Ipv4v6, apn, auth: authentication, user };
            self.qmi.contexts.insert(context, new);
            return Ok(context);
        };
        let mut context = self.kept.contexts.get(&profile).cloned().ok_or(QmiError::INVALID_PROFILE)?;
        // What the request says goes before what the profile says.
        if let Some(apn) = &body.apn {
            context.apn.clone_from(apn);
        }
        self.qmi.contexts.insert(profile, context);
        Ok(profile)
    }

    fn bring_up(&mut self, context: u8, profiled: bool) -> Result<(), NoCall> {
        let no_service = || NoCall::failed(EndReason::GenericNoService, EndReasonType::Cm, CM_NO_SERVICE);
        let plmn = self.serving().and_then(|cell| cell.plmn).ok_or_else(no_service)?;
        if self.leases.contains_key(&context) {
            return Ok(());
        }
        let wanted = self.qmi.contexts.get(&context).cloned().unwrap_or_default();
        match self.ask_context(plmn, &wanted.apn, wanted.kind) {
            Ok(lease) => {
                self.leases.insert(context, lease);
                Ok(())
            }
            Err(cause) => {
                if !profiled {
                    self.qmi.contexts.remove(&context);
                }
                self.reported.failure = Some(Failure::Context(cause));
                Err(NoCall::refused(cause))
            }
        }
    }

    /// A client's call ends, if it has one; false: it has none.
    pub(super) fn end_call(&mut self, id: (Service, u8)) -> bool {
        let Some(call) = self.qmi.clients.get_mut(&id).and_then(|client| client.call.take()) else { return false };
        self.leave(call.context);
        true
    }

    /// The context goes down where no other call uses it.
    fn leave(&mut self, context: u8) {
        let used = self.qmi.clients.values().any(|c| c.call.as_ref().is_some_and(|call| call.context == context));
        if !used {
            self.deactivate(context);
            self.qmi.contexts.remove(&context);
        }
    }

    /// Where a client's call stands.
    pub(super) fn call(&self, id: (Service, u8)) -> Option<(&Call, &Lease)> {
        let call = self.qmi.clients.get(&id)?.call.as_ref()?;
        Some((call, self.leases.get(&call.context)?))
    }
}

/// The type of a profile, as QMI writes it.
pub(super) const fn pdp_type(kind: PdpType) -> QmiPdpType {
    match kind {
        PdpType::Ipv4 => QmiPdpType::Ipv4,
        PdpType::Ipv6 => QmiPdpType::Ipv6,
        PdpType::Ipv4v6 => QmiPdpType::Ipv4OrIpv6,
        PdpType::NonIp => QmiPdpType::NonIp,
    }
}

/// The same the other way round; `None`: the modem has no such type.
pub(super) const fn kind_of(kind: QmiPdpType) -> Option<PdpType> {
    match kind {
        QmiPdpType::Ipv4 => Some(PdpType::Ipv4),
        QmiPdpType::Ipv6 => Some(PdpType::Ipv6),
        QmiPdpType::Ipv4OrIpv6 => Some(PdpType::Ipv4v6),
        QmiPdpType::NonIp => Some(PdpType::NonIp),
        QmiPdpType::Ppp | QmiPdpType::Other(_) => None,
    }
}
