//! Contexts: bringing them up, and those that are stored (MBIM 1.0 clauses 10.5.12 and 10.5.13).

use super::super::conditional::{Before, Since};
use super::super::list::{Count, Pointed};
use super::super::tlv::{TlvText, Tlvs};
use super::super::uuid::Uuid;
use super::choices::*;
use crate::private::Private;

record! {
    /// Brings a context up, or takes it down.
    SetConnect {
        session_id: u32,
        activation_command: ActivationCommand,
        /// The APN.
        access_string: String,
        user_name: Private<String>,
        password: Private<String>,
        compression: Compression,
        auth_protocol: AuthProtocol,
        ip_type: ContextIpType,
        context_type: Uuid,
    }

    /// Brings a context up, or takes it down (MBIMEx 3.0).
    SetConnectV3 {
        session_id: u32,
        activation_command: ActivationCommand,
        compression: Compression,
        auth_protocol: AuthProtocol,
        ip_type: ContextIpType,
        context_type: Uuid,
        media_preference: AccessMediaType,
        /// The APN.
        access_string: TlvText,
        user_name: Private<TlvText>,
        password: Private<TlvText>,
        unnamed_ies: Tlvs,
    }

    /// Which context is meant. MBIM 1.0 has the query in the shape of its answer, of which the session counts.
    ConnectQuery {
        session_id: u32,
        activation_state: Before<3, ActivationState>,
        voice_call_state: Before<3, VoiceCallState>,
        ip_type: Before<3, ContextIpType>,
        context_type: Before<3, Uuid>,
        nw_error: Before<3, Cause>,
    }

    /// A context.
    Connect {
        session_id: u32,
        activation_state: ActivationState,
        voice_call_state: VoiceCallState,
        ip_type: ContextIpType,
        context_type: Uuid,
        nw_error: Cause,
        media_preference: Since<3, AccessMediaType>,
        /// The APN.
        access_string: Since<3, TlvText>,
        unnamed_ies: Since<3, Tlvs>,
    }

    /// A stored context.
    ProvisionedContext {
        context_id: u32,
        context_type: Uuid,
        access_string: String,
        user_name: Private<String>,
        password: Private<String>,
        compression: Compression,
        auth_protocol: AuthProtocol,
    }

    /// Stores a context.
    SetProvisionedContext {
        context_id: u32,
        context_type: Uuid,
        access_string: String,
        user_name: Private<String>,
        password: Private<String>,
        compression: Compression,
        auth_protocol: AuthProtocol,
        provider_id: String,
    }

    /// Stored contexts.
    ProvisionedContexts {
        provisioned_contexts_count: Count,
        provisioned_contexts: Pointed<ProvisionedContext>,
    }
}
