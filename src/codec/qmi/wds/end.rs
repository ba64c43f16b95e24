//! Why calls end.

use std::fmt;

use super::VerboseEndReason;
use crate::codec::qmi::body::values;
use crate::spec::cause::Cause;

values! {
    /// Who ended a call, which says what its reason means.
    EndReasonType: u16 {
        Mip = 1,
        Internal = 2,
        Cm = 3,
        #[doc = "The network; reasons are ESM causes (TS 24.301 §9.9.4.4)."]
        ThreeGpp = 6,
        Ppp = 7,
        Ehrpd = 8,
        Ipv6 = 9,
        Handoff = 12,
    }

    /// Why a call ended, in the older way.
    EndReason: u16 {
        GenericUnspecified = 1,
        GenericClientEnd = 2,
        GenericNoService = 3,
        GenericFade = 4,
        GenericReleaseNormal = 5,
        GenericAccessAttemptInProgress = 6,
        GenericAccessFailure = 7,
        GenericRedirectionOrHandoff = 8,
        GenericCloseInProgress = 9,
        GenericAuthenticationFailed = 10,
        GenericInternalError = 11,
        GsmWcdmaConferenceFailed = 1000,
        GsmWcdmaIncomingRejected = 1001,
        GsmWcdmaNoService = 1002,
        GsmWcdmaNetworkEnd = 1003,
        GsmWcdmaLlcOrSndcpFailure = 1004,
        GsmWcdmaInsufficientResources = 1005,
        GsmWcdmaOptionTemporarilyOutOfOrder = 1006,
        GsmWcdmaNsapiAlreadyUsed = 1007,
        GsmWcdmaRegularDeactivation = 1008,
        GsmWcdmaNetworkFailure = 1009,
        GsmWcdmaReattachRequired = 1010,
        GsmWcdmaProtocolError = 1011,
        GsmWcdmaOperatorDeterminedBarring = 1012,
        GsmWcdmaUnknownApn = 1013,
        GsmWcdmaUnknownPdp = 1014,
        GsmWcdmaGgsnReject = 1015,
        GsmWcdmaActivationReject = 1016,
        GsmWcdmaOptionNotSupported = 1017,
        GsmWcdmaOptionUnsubscribed = 1018,
        GsmWcdmaQosNotAccepted = 1019,
    }
}

/// Reasons of the modem itself ([`EndReasonType::Internal`]).
const INTERNAL: [(i16, &str); 14] = [
    (201, "internal error"),
    (202, "the call was ended"),
    (205, "another call is being closed"),
    (209, "IPv4 is throttled after refusals"),
    (210, "IPv4 is throttled after refusals"),
    (211, "IPv6 is throttled after refusals"),
    (214, "the technology is not a preferred one"),
    (218, "the card was removed or reset"),
    (219, "the radio was switched off"),
    (230, "the APN is another than that of the call"),
    (236, "there is such a call already"),
    (241, "the interface is in use with other settings"),
    (253, "the APN is not valid"),
    (263, "the APN is not valid"),
];

impl VerboseEndReason {
    /// The cause of the network, where the network ended the call.
    pub fn cause(&self) -> Option<Cause> {
        let number = u8::try_from(self.reason).ok()?;
        (self.kind == EndReasonType::ThreeGpp).then(|| Cause::esm(number))
    }
}

impl fmt::Display for VerboseEndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, reason } = self;
        if let Some(cause) = self.cause() {
            return write!(f, "{} (ESM cause {reason})", cause.name());
        }
        let internal = INTERNAL.iter().find(|(number, _)| kind == &EndReasonType::Internal && number == reason);
        match internal {
            Some((_, text)) => write!(f, "{text} (reason {reason} of the modem)"),
            None => write!(f, "reason {reason} of kind {} ({kind:?})", kind.value()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_in_words() {
        let end = VerboseEndReason { kind: EndReasonType::ThreeGpp, reason: 27 };
        assert!(end.to_string().ends_with("(ESM cause 27)"), "{end}");
        assert_eq!(end.cause(), Some(Cause::esm(27)));
        let end = VerboseEndReason { kind: EndReasonType::Internal, reason: 219 };
        assert_eq!(end.to_string(), "the radio was switched off (reason 219 of the modem)");
        assert_eq!(end.cause(), None);
        let end = VerboseEndReason { kind: EndReasonType::Cm, reason: 7 };
        assert_eq!(end.to_string(), "reason 7 of kind 3 (Cm)");
    }
}
