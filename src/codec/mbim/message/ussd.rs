//! Supplementary services (MBIM 1.0 clause 10.5.31).

use super::super::bytes::Bytes;
use super::Cid;
use crate::private::Private;

/// A session with the network.
pub const USSD: Cid = Cid::new(1, "ussd").set::<Ussd>().response::<Answer>().notification::<Answer>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[USSD];

record! {
    /// What to say to the network.
    Ussd {
        action: UssdAction,
        /// TS 23.038 clause 5.
        data_coding_scheme: u32,
        payload: Private<Bytes>,
    }

    /// What the network says.
    Answer {
        response: UssdResponse,
        session_state: UssdSessionState,
        /// TS 23.038 clause 5.
        data_coding_scheme: u32,
        payload: Private<Bytes>,
    }
}

choice! {
    /// What to do with a session.
    UssdAction {
        Initiate = 0 "initiate",
        Continue = 1 "continue",
        Cancel = 2 "cancel",
    }

    /// What came of it.
    UssdResponse {
        NoActionRequired = 0 "no-action-required",
        ActionRequired = 1 "action-required",
        TerminatedByNetwork = 2 "terminated-by-network",
        OtherLocalClient = 3 "other-local-client",
        OperationNotSupported = 4 "operation-not-supported",
        NetworkTimeout = 5 "network-timeout",
    }

    /// Whether the session is new.
    UssdSessionState {
        NewSession = 0 "new-session",
        ExistingSession = 1 "existing-session",
    }
}
