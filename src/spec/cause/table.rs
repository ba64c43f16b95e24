//! The tables of causes: names from TS 24.301 and TS 24.501, advice for the person at the keyboard.

use super::Class;
use super::Class::{
    BackOff, Configuration, Information, Local, PermanentDevice, PermanentPlmn, PermanentSim, Rat, ReAttach,
    Subscription, Temporary, TrackingArea,
};

/// One cause.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) number: u8,
    pub(super) name: &'static str,
    pub(super) class: Class,
    pub(super) advice: &'static str,
}

const fn entry(number: u8, name: &'static str, class: Class, advice: &'static str) -> Entry {
    Entry { number, name, class, advice }
}

pub(super) const UNKNOWN: &str = "This number is not in the standard's table; it counts as a temporary failure and the \
    modem tries again. If it stays, ask the operator what the number means.";

const SIM: &str = "The network does not accept this SIM. Ask the operator whether it is active and may use this \
    technology, or use another SIM; restarting the modem does not help.";
const ANOTHER_NETWORK: &str = "This network is closed to this SIM. Leave the network choice on automatic, and ask the \
    SIM's operator whether it has a roaming agreement here.";
const ANOTHER_AREA: &str = "The SIM may not be used in this area; the modem looks for another one. Ask the operator \
    which areas and technologies the SIM may use.";
const REATTACH: &str = "The network lost the registration; the modem registers again by itself. Nothing to do.";
const VOICE_ONLY: &str = "This concerns voice and circuit-switched service only; data is not affected. Nothing to do.";
const AUTHENTICATION: &str = "SIM and network failed to authenticate each other. If it stays, the operator has to \
    check the SIM's keys, or replace the SIM.";
const WAIT: &str = "The network trouble may pass by itself; the modem tries again. Wait, and do not restart it.";
const CONGESTION: &str = "The network is overloaded and asks for a wait, usually 15 to 30 minutes. Wait; restarting the \
    modem makes it worse.";
const PROTOCOL: &str = "Modem and network do not understand each other; the modem tries again after a pause. If it \
    stays, look for newer modem firmware.";
const NOT_FOR_US: &str = "This does not concern a modem like this one. Nothing to do; if it stays, ask the operator.";
const ROUTINE: &str = "Modem and network settle this between themselves. Nothing to do.";
const DEVICE: &str = "The network does not accept this modem: its IMEI may be blocked or not approved. Ask the operator \
    to check the IMEI; another SIM of the same operator does not help.";
const ELSEWHERE: &str = "The network may not serve this place, such as a satellite network across a border; the modem \
    looks for another one. Nothing to do.";
const QUALITY: &str = "The network offers a quality of service that the modem or the technology lacks. Ask the operator \
    for a plain default bearer.";
const NEW_TYPE: &str =
    "Set the connection type (pdp_type) that the cause names; the network allows no other on this APN.";
const NOT_SUBSCRIBED: &str = "The subscription does not cover this. Check APN and connection type, and ask the \
    operator what the SIM may use; trying again before 12 minutes are over is refused too.";

/// TS 24.301 §9.9.3.9 and annex A.
pub(super) const EMM: &[Entry] = &[
    entry(2, "IMSI unknown in HSS", Information, VOICE_ONLY),
    entry(3, "Illegal UE", PermanentSim, SIM),
    entry(5, "IMEI not accepted", PermanentDevice, DEVICE),
    entry(6, "Illegal ME", PermanentDevice, DEVICE),
    entry(7, "EPS services not allowed", PermanentSim, SIM),
    entry(8, "EPS services and non-EPS services not allowed", PermanentSim, SIM),
    entry(9, "UE identity cannot be derived by the network", ReAttach, REATTACH),
    entry(10, "Implicitly detached", ReAttach, REATTACH),
    entry(11, "PLMN not allowed", PermanentPlmn, ANOTHER_NETWORK),
    entry(12, "Tracking area not allowed", TrackingArea, ANOTHER_AREA),
    entry(13, "Roaming not allowed in this tracking area", TrackingArea, ANOTHER_AREA),
    entry(14, "EPS services not allowed in this PLMN", PermanentPlmn, ANOTHER_NETWORK),
    entry(
        15,
        "No suitable cells in tracking area",
        TrackingArea,
        "The SIM may not use this technology, or this area. Allow the other of LTE-M and NB-IoT, and ask the operator \
         which of them the SIM may use.",
    ),
    entry(16, "MSC temporarily not reachable", Information, VOICE_ONLY),
    entry(
        17,
        "Network failure",
        Temporary,
        "The network failed, or steers the modem to another network: four such refusals in a row are normal. Wait, and \
         do not restart the modem.",
    ),
    entry(18, "CS domain not available", Information, VOICE_ONLY),
    entry(
        19,
        "ESM failure",
        Configuration,
        "The network refused the data connection that belongs to the registration. Check APN, connection type and \
         credentials of the default context.",
    ),
    entry(20, "MAC failure", Local, AUTHENTICATION),
    entry(21, "Synch failure", Local, AUTHENTICATION),
    entry(22, "Congestion", BackOff, CONGESTION),
    entry(23, "UE security capabilities mismatch", Temporary, PROTOCOL),
    entry(24, "Security mode rejected, unspecified", Temporary, PROTOCOL),
    entry(
        25,
        "Not authorized for this CSG",
        TrackingArea,
        "The cell belongs to a closed group; the modem looks for another cell. Nothing to do.",
    ),
    entry(26, "Non-EPS authentication unacceptable", Local, AUTHENTICATION),
    entry(
        31,
        "Redirection to 5GCN required",
        Rat,
        "The network wants this SIM on its 5G core. Allow 5G if the modem has it, or ask the operator for 4G access.",
    ),
    entry(35, "Requested service option not authorized in this PLMN", PermanentPlmn, ANOTHER_NETWORK),
    entry(36, "IAB-node operation not authorized", Information, NOT_FOR_US),
    entry(39, "CS service temporarily not available", Information, VOICE_ONLY),
    entry(40, "No EPS bearer context activated", ReAttach, REATTACH),
    entry(
        42,
        "Severe network failure",
        Temporary,
        "The network is out of order; the modem avoids it for a time and tries others. Wait, or use a SIM that may \
         roam.",
    ),
    entry(78, "PLMN not allowed to operate at the present UE location", TrackingArea, ELSEWHERE),
    entry(95, "Semantically incorrect message", Temporary, PROTOCOL),
    entry(96, "Invalid mandatory information", Temporary, PROTOCOL),
    entry(97, "Message type non-existent or not implemented", Temporary, PROTOCOL),
    entry(98, "Message type not compatible with the protocol state", Temporary, PROTOCOL),
    entry(99, "Information element non-existent or not implemented", Temporary, PROTOCOL),
    entry(100, "Conditional IE error", Temporary, PROTOCOL),
    entry(101, "Message not compatible with the protocol state", Temporary, PROTOCOL),
    entry(111, "Protocol error, unspecified", Temporary, PROTOCOL),
];

/// TS 24.301 §9.9.4.4 and annex B.
pub(super) const ESM: &[Entry] = &[
    entry(
        8,
        "Operator determined barring",
        Subscription,
        "The operator has barred data for this SIM, often for an unpaid bill or a used-up volume. Ask the operator.",
    ),
    entry(
        26,
        "Insufficient resources",
        BackOff,
        "The network has no room for this APN now and asks for a wait. Wait; it is tried again.",
    ),
    entry(
        27,
        "Missing or unknown APN",
        Configuration,
        "Check the APN for this SIM with the operator, or leave it empty for the network's default. The same APN is \
         refused again for 12 minutes.",
    ),
    entry(
        28,
        "Unknown PDN type",
        Configuration,
        "Try another connection type (pdp_type): ipv4v6, ipv4, ipv6, then non-ip.",
    ),
    entry(
        29,
        "User authentication failed",
        Configuration,
        "Check user name and password of the APN, and try the other of PAP and CHAP once. Do not repeat wrong ones.",
    ),
    entry(
        30,
        "Request rejected by Serving GW or PDN GW",
        Temporary,
        "The gateway refused; it is tried again with growing pauses. If it stays, try another connection type, then \
         ask the operator.",
    ),
    entry(31, "Request rejected, unspecified", Temporary, WAIT),
    entry(32, "Service option not supported", Subscription, NOT_SUBSCRIBED),
    entry(33, "Requested service option not subscribed", Subscription, NOT_SUBSCRIBED),
    entry(34, "Service option temporarily out of order", Temporary, WAIT),
    entry(35, "PTI already in use", Local, ROUTINE),
    entry(
        36,
        "Regular deactivation",
        Information,
        "The network closed the connection in good order. It is opened again if it is wanted.",
    ),
    entry(37, "EPS QoS not accepted", Local, ROUTINE),
    entry(38, "Network failure", Temporary, WAIT),
    entry(39, "Reactivation requested", ReAttach, "The network wants the connection opened anew; that is done once."),
    entry(41, "Semantic error in the TFT operation", Local, ROUTINE),
    entry(42, "Syntactical error in the TFT operation", Local, ROUTINE),
    entry(43, "Invalid EPS bearer identity", Local, ROUTINE),
    entry(44, "Semantic errors in packet filter(s)", Local, ROUTINE),
    entry(45, "Syntactical errors in packet filter(s)", Local, ROUTINE),
    entry(47, "PTI mismatch", Local, ROUTINE),
    entry(
        49,
        "Last PDN disconnection not allowed",
        Local,
        "LTE keeps one connection while it is registered. Detach, or switch the radio off, to close the last one.",
    ),
    entry(50, "PDN type IPv4 only allowed", Configuration, NEW_TYPE),
    entry(51, "PDN type IPv6 only allowed", Configuration, NEW_TYPE),
    entry(
        52,
        "Single address bearers only allowed",
        Information,
        "The network gives IPv4 or IPv6 on one context, not both. A second context can carry the other.",
    ),
    entry(53, "ESM information not received", Temporary, WAIT),
    entry(54, "PDN connection does not exist", ReAttach, "The network lost the connection; it is opened anew."),
    entry(
        55,
        "Multiple PDN connections for a given APN not allowed",
        Configuration,
        "Another context uses this APN already, often the default one (1). Use that context.",
    ),
    entry(56, "Collision with network initiated request", Temporary, WAIT),
    entry(57, "PDN type IPv4v6 only allowed", Configuration, NEW_TYPE),
    entry(58, "PDN type non IP only allowed", Configuration, NEW_TYPE),
    entry(59, "Unsupported QCI value", Subscription, QUALITY),
    entry(60, "Bearer handling not supported", Subscription, QUALITY),
    entry(61, "PDN type Ethernet only allowed", Configuration, NEW_TYPE),
    entry(
        65,
        "Maximum number of EPS bearers reached",
        Configuration,
        "The network allows no further connection. Close another context first.",
    ),
    entry(
        66,
        "Requested APN not supported in current RAT and PLMN combination",
        Rat,
        "This APN is not served on this technology here. Allow another technology, or use another APN.",
    ),
    entry(81, "Invalid PTI value", Temporary, PROTOCOL),
    entry(95, "Semantically incorrect message", Temporary, PROTOCOL),
    entry(96, "Invalid mandatory information", Temporary, PROTOCOL),
    entry(97, "Message type non-existent or not implemented", Temporary, PROTOCOL),
    entry(98, "Message type not compatible with protocol state", Temporary, PROTOCOL),
    entry(99, "Information element non-existent or not implemented", Temporary, PROTOCOL),
    entry(100, "Conditional IE error", Temporary, PROTOCOL),
    entry(101, "Message not compatible with protocol state", Temporary, PROTOCOL),
    entry(111, "Protocol error, unspecified", Temporary, PROTOCOL),
    entry(
        112,
        "APN restriction value incompatible with active EPS bearer context",
        Configuration,
        "This APN may not be used beside the one that is up. Close the other context first.",
    ),
    entry(
        113,
        "Multiple accesses to a PDN connection not allowed",
        Configuration,
        "The connection is in use over another access. Close it there first.",
    ),
];

/// TS 24.501 §9.11.3.2 and annex A.
pub(super) const FIVE_GMM: &[Entry] = &[
    entry(3, "Illegal UE", PermanentSim, SIM),
    entry(5, "PEI not accepted", PermanentDevice, DEVICE),
    entry(6, "Illegal ME", PermanentDevice, DEVICE),
    entry(7, "5GS services not allowed", PermanentSim, SIM),
    entry(9, "UE identity cannot be derived by the network", ReAttach, REATTACH),
    entry(10, "Implicitly de-registered", ReAttach, REATTACH),
    entry(11, "PLMN not allowed", PermanentPlmn, ANOTHER_NETWORK),
    entry(12, "Tracking area not allowed", TrackingArea, ANOTHER_AREA),
    entry(13, "Roaming not allowed in this tracking area", TrackingArea, ANOTHER_AREA),
    entry(15, "No suitable cells in tracking area", TrackingArea, ANOTHER_AREA),
    entry(20, "MAC failure", Local, AUTHENTICATION),
    entry(21, "Synch failure", Local, AUTHENTICATION),
    entry(22, "Congestion", BackOff, CONGESTION),
    entry(23, "UE security capabilities mismatch", Temporary, PROTOCOL),
    entry(24, "Security mode rejected, unspecified", Temporary, PROTOCOL),
    entry(26, "Non-5G authentication unacceptable", Local, AUTHENTICATION),
    entry(
        27,
        "N1 mode not allowed",
        Rat,
        "The SIM may not use the 5G core; the modem goes on with 4G. Allow LTE, or ask the operator for 5G access.",
    ),
    entry(28, "Restricted service area", TrackingArea, ANOTHER_AREA),
    entry(
        31,
        "Redirection to EPC required",
        Rat,
        "The network wants this SIM on its 4G core. Allow LTE; the modem does the rest.",
    ),
    entry(36, "IAB-node operation not authorized", Information, NOT_FOR_US),
    entry(43, "LADN not available", TrackingArea, ANOTHER_AREA),
    entry(
        62,
        "No network slices available",
        Subscription,
        "The SIM has no network slice here. Ask the operator which slices the subscription has.",
    ),
    entry(
        65,
        "Maximum number of PDU sessions reached",
        Configuration,
        "The network allows no further connection. Close another context first.",
    ),
    entry(67, "Insufficient resources for specific slice and DNN", BackOff, CONGESTION),
    entry(69, "Insufficient resources for specific slice", BackOff, CONGESTION),
    entry(71, "ngKSI already in use", Temporary, WAIT),
    entry(72, "Non-3GPP access to 5GCN not allowed", Information, NOT_FOR_US),
    entry(73, "Serving network not authorized", PermanentPlmn, ANOTHER_NETWORK),
    entry(74, "Temporarily not authorized for this SNPN", Temporary, WAIT),
    entry(75, "Permanently not authorized for this SNPN", PermanentPlmn, ANOTHER_NETWORK),
    entry(76, "Not authorized for this CAG or authorized for CAG cells only", TrackingArea, ANOTHER_AREA),
    entry(77, "Wireline access area not allowed", Information, NOT_FOR_US),
    entry(78, "PLMN not allowed to operate at the present UE location", TrackingArea, ELSEWHERE),
    entry(79, "UAS services not allowed", Subscription, NOT_SUBSCRIBED),
    entry(
        80,
        "Disaster roaming for the determined PLMN with disaster condition not allowed",
        PermanentPlmn,
        ANOTHER_NETWORK,
    ),
    entry(90, "Payload was not forwarded", Temporary, WAIT),
    entry(
        91,
        "DNN not supported or not subscribed in the slice",
        Configuration,
        "Check the APN (DNN) for this SIM with the operator, or leave it empty for the network's default.",
    ),
    entry(92, "Insufficient user-plane resources for the PDU session", Temporary, WAIT),
    entry(95, "Semantically incorrect message", Temporary, PROTOCOL),
    entry(96, "Invalid mandatory information", Temporary, PROTOCOL),
    entry(97, "Message type non-existent or not implemented", Temporary, PROTOCOL),
    entry(98, "Message type not compatible with the protocol state", Temporary, PROTOCOL),
    entry(99, "Information element non-existent or not implemented", Temporary, PROTOCOL),
    entry(100, "Conditional IE error", Temporary, PROTOCOL),
    entry(101, "Message not compatible with the protocol state", Temporary, PROTOCOL),
    entry(111, "Protocol error, unspecified", Temporary, PROTOCOL),
];
