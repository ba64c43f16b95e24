//! The result that every response carries: TLV 0x02, a status and an error.

use std::fmt;

use super::coding::Wire;
use super::tlv::{Reader, Tlv, Writer};

/// Type of the result TLV in every response.
pub const TLV_RESULT: u8 = 0x02;

/// Why a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QmiError(pub u16);

macro_rules! errors {
    ($($name:ident = $code:literal $text:literal;)*) => {
        impl QmiError {
            $(#[doc = concat!("Error ", stringify!($code), ": ", $text, ".")] pub const $name: Self = Self($code);)*

            /// What it means; `None`: it is none that lpwa knows of.
            pub const fn text(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

errors! {
    MALFORMED_MESSAGE = 1 "malformed message";
    NO_MEMORY = 2 "no memory left in the modem";
    INTERNAL = 3 "internal error of the modem";
    ABORTED = 4 "aborted";
    CLIENT_IDS_EXHAUSTED = 5 "no client ids left";
    UNABORTABLE_TRANSACTION = 6 "the transaction cannot be aborted";
    INVALID_CLIENT_ID = 7 "no such client id";
    NO_THRESHOLDS_PROVIDED = 8 "no thresholds given";
    INVALID_HANDLE = 9 "no such handle";
    INVALID_PROFILE = 10 "no such profile";
    INVALID_PIN_ID = 11 "no such PIN";
    INCORRECT_PIN = 12 "wrong PIN";
    NO_NETWORK_FOUND = 13 "no network found";
    CALL_FAILED = 14 "the call failed";
    OUT_OF_CALL = 15 "there is no call";
    NOT_PROVISIONED = 16 "not provisioned";
    MISSING_ARGUMENT = 17 "an argument is missing";
    ARGUMENT_TOO_LONG = 19 "an argument is too long";
    INVALID_TRANSACTION_ID = 22 "no such transaction";
    DEVICE_IN_USE = 23 "the device is in use";
    NETWORK_UNSUPPORTED = 24 "the network does not support it";
    DEVICE_UNSUPPORTED = 25 "the device does not support it";
    NO_EFFECT = 26 "no effect: it is so already";
    NO_FREE_PROFILE = 27 "no free profile";
    INVALID_PDP_TYPE = 28 "no such PDP type";
    INVALID_TECHNOLOGY_PREFERENCE = 29 "no such technology preference";
    INVALID_PROFILE_TYPE = 30 "no such type of profile";
    INVALID_SERVICE_TYPE = 31 "no such service";
    INVALID_REGISTER_ACTION = 32 "no such registration action";
    INVALID_PS_ATTACH_ACTION = 33 "no such attach action";
    AUTHENTICATION_FAILED = 34 "authentication failed";
    PIN_BLOCKED = 35 "the PIN is blocked, the PUK is needed";
    PIN_ALWAYS_BLOCKED = 36 "the PIN is blocked for ever";
    UIM_UNINITIALIZED = 37 "the SIM is not ready yet, or locked";
    MAXIMUM_QOS_REQUESTS_IN_USE = 38 "too many QoS requests";
    INCORRECT_FLOW_FILTER = 39 "wrong flow filter";
    NETWORK_QOS_UNAWARE = 40 "the network has no QoS";
    INVALID_QOS_ID = 41 "no such QoS id";
    REQUESTED_NUMBER_UNSUPPORTED = 42 "so many are not supported";
    INTERFACE_NOT_FOUND = 43 "no such interface";
    FLOW_SUSPENDED = 44 "the flow is suspended";
    INVALID_DATA_FORMAT = 45 "no such data format";
    GENERAL_ERROR = 46 "general error";
    UNKNOWN_ERROR = 47 "unknown error";
    INVALID_ARGUMENT = 48 "an argument is out of range";
    INVALID_INDEX = 49 "no such index";
    NO_ENTRY = 50 "no such entry";
    DEVICE_STORAGE_FULL = 51 "the storage of the device is full";
    DEVICE_NOT_READY = 52 "the device is not ready";
    NETWORK_NOT_READY = 53 "the network is not ready";
    WMS_CAUSE_CODE = 54 "the network refused the message with a cause";
    WMS_MESSAGE_NOT_SENT = 55 "the message was not sent";
    WMS_MESSAGE_DELIVERY_FAILURE = 56 "the message was not delivered";
    WMS_INVALID_MESSAGE_ID = 57 "no such message";
    WMS_ENCODING = 58 "the encoding of the message is wrong";
    AUTHENTICATION_LOCK = 59 "authentication is locked";
    INVALID_TRANSITION = 60 "this state cannot follow the present one";
    NOT_MCAST_INTERFACE = 61 "no multicast interface";
    MAXIMUM_MCAST_REQUESTS_IN_USE = 62 "too many multicast requests";
    INVALID_MCAST_HANDLE = 63 "no such multicast handle";
    INVALID_IP_FAMILY_PREFERENCE = 64 "this IP family is not available";
    SESSION_INACTIVE = 65 "the session is not active";
    SESSION_INVALID = 66 "no such session";
    SESSION_OWNERSHIP = 67 "the session belongs to another client";
    INSUFFICIENT_RESOURCES = 68 "not enough resources";
    DISABLED = 69 "disabled";
    INVALID_OPERATION = 70 "not possible now";
    INVALID_QMI_COMMAND = 71 "the modem does not know this message";
    WMS_T_PDU_TYPE = 72 "wrong type of TPDU";
    WMS_SMSC_ADDRESS = 73 "wrong address of the SMS centre";
    INFORMATION_UNAVAILABLE = 74 "the information is not available";
    SEGMENT_TOO_LONG = 75 "a segment is too long";
    SEGMENT_ORDER = 76 "a segment is out of order";
    BUNDLING_NOT_SUPPORTED = 77 "bundling is not supported";
    OPERATION_PARTIAL_FAILURE = 78 "it failed in part";
    POLICY_MISMATCH = 79 "against the policy";
    SIM_FILE_NOT_FOUND = 80 "no such file on the SIM";
    EXTENDED_INTERNAL = 81 "extended internal error";
    ACCESS_DENIED = 82 "access denied";
    HARDWARE_RESTRICTED = 83 "a hardware switch forbids it";
    ACK_NOT_SENT = 84 "the acknowledgement was not sent";
    INJECT_TIMEOUT = 85 "the injection timed out";
    INCOMPATIBLE_STATE = 90 "not possible in this state";
    FDN_RESTRICT = 91 "fixed dialling forbids it";
    SUPS_FAILURE_CAUSE = 92 "the supplementary service failed";
    NO_RADIO = 93 "no radio";
    NOT_SUPPORTED = 94 "not supported";
    NO_SUBSCRIPTION = 95 "no subscription";
    CARD_CALL_CONTROL_FAILED = 96 "the card's call control failed";
    NETWORK_ABORTED = 97 "the network aborted it";
    MESSAGE_BLOCKED = 98 "the message is blocked";
    INVALID_SESSION_TYPE = 100 "no such type of session";
    INVALID_PB_TYPE = 101 "no such phone book";
    NO_SIM = 102 "no SIM";
    PB_NOT_READY = 103 "the phone book is not ready";
    PIN_RESTRICTION = 104 "the PIN has to be given first";
    PIN2_RESTRICTION = 105 "PIN2 has to be given first";
    PUK_RESTRICTION = 106 "the PUK has to be given first";
    PUK2_RESTRICTION = 107 "PUK2 has to be given first";
    PB_ACCESS_RESTRICTED = 108 "the phone book is closed";
    PB_DELETE_IN_PROGRESS = 109 "the phone book is being deleted";
    PB_TEXT_TOO_LONG = 110 "the text is too long";
    PB_NUMBER_TOO_LONG = 111 "the number is too long";
    PB_HIDDEN_KEY_RESTRICTION = 112 "the hidden key has to be given first";
    PB_NOT_AVAILABLE = 113 "the phone book is not available";
    DEVICE_MEMORY_ERROR = 114 "memory error of the device";
    NO_PERMISSION = 115 "no permission";
    TOO_SOON = 116 "too soon";
    TIME_NOT_ACQUIRED = 117 "the time is not known";
    OPERATION_IN_PROGRESS = 118 "it is being done already";
}

impl fmt::Display for QmiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => write!(f, "{text} (QMI error {})", self.0),
            None => write!(f, "QMI error {}", self.0),
        }
    }
}

impl std::error::Error for QmiError {}

/// The result TLV.
pub(super) fn tlv(error: Option<QmiError>) -> Tlv {
    let mut value = Writer::default();
    u16::from(error.is_some()).write(&mut value);
    error.map_or(0, |error| error.0).write(&mut value);
    Tlv { id: TLV_RESULT, value: value.finish().unwrap_or_default() }
}

/// The error that the result TLV among `tlvs` tells; a response without one counts as malformed.
pub(super) fn of(tlvs: &[Tlv]) -> Option<QmiError> {
    let read = |tlv: &Tlv| {
        let mut reader = Reader::new(&tlv.value);
        Some((u16::read(&mut reader).ok()?, u16::read(&mut reader).ok()?))
    };
    match tlvs.iter().find(|tlv| tlv.id == TLV_RESULT).and_then(read) {
        Some((0, _)) => None,
        Some((_, error)) => Some(QmiError(error)),
        None => Some(QmiError::MALFORMED_MESSAGE),
    }
}
