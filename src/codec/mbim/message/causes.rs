//! Causes of the network.

use super::super::reader::{Problem, Reader};
use super::super::value::Value;
use super::super::version::Version;
use super::super::wire::{Unsuitable, Wire};
use super::super::writer::Writer;

choice! {
    /// Why the network refused: the cause of TS 24.008, 24.301 or 24.501.
    NwError {
        None = 0 "none",
        ImsiUnknownInHlr = 2 "imsi-unknown-in-hlr",
        IllegalMs = 3 "illegal-ms",
        ImsiUnknownInVlr = 4 "imsi-unknown-in-vlr",
        ImeiNotAccepted = 5 "imei-not-accepted",
        IllegalMe = 6 "illegal-me",
        GprsNotAllowed = 7 "gprs-not-allowed",
        GprsAndNonGprsNotAllowed = 8 "gprs-and-non-gprs-not-allowed",
        MsIdentityNotDerivedByNetwork = 9 "ms-identity-not-derived-by-network",
        ImplicitlyDetached = 10 "implicitly-detached",
        PlmnNotAllowed = 11 "plmn-not-allowed",
        LocationAreaNotAllowed = 12 "location-area-not-allowed",
        RoamingNotAllowedInLocationArea = 13 "roaming-not-allowed-in-location-area",
        GprsNotAllowedInPlmn = 14 "gprs-not-allowed-in-plmn",
        NoCellsInLocationArea = 15 "no-cells-in-location-area",
        MscTemporarilyNotReachable = 16 "msc-temporarily-not-reachable",
        NetworkFailure = 17 "network-failure",
        MacFailure = 20 "mac-failure",
        SynchFailure = 21 "synch-failure",
        Congestion = 22 "congestion",
        GsmAuthenticationUnacceptable = 23 "gsm-authentication-unacceptable",
        NotAuthorizedForCsg = 25 "not-authorized-for-csg",
        InsufficientResources = 26 "insufficient-resources",
        MissingOrUnknownApn = 27 "missing-or-unknown-apn",
        UnknownPdpAddressOrType = 28 "unknown-pdp-address-or-type",
        UserAuthenticationFailed = 29 "user-authentication-failed",
        ActivationRejectedByGgsnOrGw = 30 "activation-rejected-by-ggsn-or-gw",
        ActivationRejectedUnspecified = 31 "activation-rejected-unspecified",
        ServiceOptionNotSupported = 32 "service-option-not-supported",
        RequestedServiceOptionNotSubscribed = 33 "requested-service-option-not-subscribed",
        ServiceOptionTemporarilyOutOfOrder = 34 "service-option-temporarily-out-of-order",
        NoPdpContextActivated = 40 "no-pdp-context-activated",
        SemanticErrorInTheTftOperation = 41 "semantic-error-in-the-tft-operation",
        SyntacticalErrorInTheTftOperation = 42 "syntactical-error-in-the-tft-operation",
        UnknownPdpContext = 43 "unknown-pdp-context",
        SemanticErrorsInPacketFilter = 44 "semantic-errors-in-packet-filter",
        SyntacticalErrorsInPacketFilter = 45 "syntactical-errors-in-packet-filter",
        PdpContextWithoutTftAlreadyActivated = 46 "pdp-context-without-tft-already-activated",
        RequestRejectedOrBearerControlModeViolation = 48 "request-rejected-or-bearer-control-mode-violation",
        LastPdnDisconnectionNotAllowed = 49 "last-pdn-disconnection-not-allowed",
        PdpTypeIpv4OnlyAllowed = 50 "pdp-type-ipv4-only-allowed",
        PdpTypeIpv6OnlyAllowed = 51 "pdp-type-ipv6-only-allowed",
        NoNetworkSlicesAvailable = 62 "no-network-slices-available",
        MaximumNumberOfPdpContextsReached = 65 "maximum-number-of-pdp-contexts-reached",
        RequestedApnNotSupportedInCurrentRatAndPlmn = 66 "requested-apn-not-supported-in-current-rat-and-plmn",
        InsufficientResourcesForSpecificSliceAndDnn = 67 "insufficient-resources-for-specific-slice-and-dnn",
        InsufficientResourcesForSpecificSlice = 69 "insufficient-resources-for-specific-slice",
        NgksiAlreadyInUse = 71 "ngksi-already-in-use",
        Non3gppAccessTo5gcnNotAllowed = 72 "non-3gpp-access-to-5gcn-not-allowed",
        ServingNetworkNotAuthorized = 73 "serving-network-not-authorized",
        TemporarilyNotAuthorizedForThisSnpn = 74 "temporarily-not-authorized-for-this-snpn",
        PermanentlyNotAuthorizedForThisSnpn = 75 "permanently-not-authorized-for-this-snpn",
        NotAuthorizedForThisCagOrAuthorizedForCagCellsOnly = 76 "not-authorized-for-this-cag-or-authorized-for-cag-cells-only",
        WirelineAccessAreaNotAllowed = 77 "wireline-access-area-not-allowed",
        PayloadWasNotForwarded = 90 "payload-was-not-forwarded",
        DnnNotSupportedOrNotSubscribedInTheSlice = 91 "dnn-not-supported-or-not-subscribed-in-the-slice",
        InsufficientUserPlaneResourcesForThePduSession = 92 "insufficient-user-plane-resources-for-the-pdu-session",
        SemanticallyIncorrectMessage = 95 "semantically-incorrect-message",
        InvalidMandatoryInformation = 96 "invalid-mandatory-information",
        MessageTypeNonExistentOrNotImplemented = 97 "message-type-non-existent-or-not-implemented",
        MessageTypeNotCompatibleWithProtocolState = 98 "message-type-not-compatible-with-protocol-state",
        InformationElementNonExistentOrNotImplemented = 99 "information-element-non-existent-or-not-implemented",
        ConditionalIeError = 100 "conditional-ie-error",
        MessageNotCompatibleWithProtocolState = 101 "message-not-compatible-with-protocol-state",
        ProtocolErrorUnspecified = 111 "protocol-error-unspecified",
        ApnRestrictionValueIncompatibleWithActivePdpContext = 112 "apn-restriction-value-incompatible-with-active-pdp-context",
        MultipleAccessesToAPdnConnectionNotAllowed = 113 "multiple-accesses-to-a-pdn-connection-not-allowed",
    }
}

/// A cause as a number; a program compares it, a person reads its name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cause(pub NwError);

impl Wire for Cause {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        self.0 = NwError::from_number(from.u32()?);
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        self.0.write(to);
    }

    fn show(&self, _: Version) -> Value {
        let number = self.0.number();
        self.0.name().map_or_else(|| Value::Number(i128::from(number)), |name| Value::Coded(number, name))
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        self.0.set(value)
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
        self.0.fill(random, version);
    }
}
