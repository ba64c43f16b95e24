//! Values and structures of WDS.

use std::net::Ipv6Addr;

use crate::codec::qmi::body::{coding, flags, records, values};
use crate::codec::qmi::coding::Prefixed;
use crate::codec::qmi::{Malformed, Reader, Show, Shown, Wire, Writer};

values! {
    /// A family of addresses.
    IpFamily: u8 {
        Unknown = 0,
        Ipv4 = 4,
        Ipv6 = 6,
        Unspecified = 8,
    }

    /// What a profile asks for.
    PdpType: u8 {
        Ipv4 = 0,
        Ppp = 1,
        Ipv6 = 2,
        Ipv4OrIpv6 = 3,
        NonIp = 4,
    }

    /// What kind of profile it is.
    ProfileType: u8 {
        #[doc = "GSM to NR."]
        ThreeGpp = 0,
        #[doc = "CDMA."]
        ThreeGpp2 = 1,
        Epc = 2,
        All = 255,
    }

    /// Where a call stands.
    ConnectionStatus: u8 {
        Unknown = 0,
        Disconnected = 1,
        Connected = 2,
        Suspended = 3,
        Authenticating = 4,
    }

    /// Whether the modem connects by itself.
    Autoconnect: u8 {
        Disabled = 0,
        Enabled = 1,
        Paused = 2,
    }

    /// When it does so abroad.
    AutoconnectRoaming: u8 {
        Allowed = 0,
        HomeOnly = 1,
    }

    /// Whether the radio carries data.
    Dormancy: u8 {
        Unknown = 0,
        TrafficChannelDormant = 1,
        TrafficChannelActive = 2,
    }

    /// Whom a call serves.
    CallType: u8 {
        Laptop = 0,
        Embedded = 1,
    }

    /// What carries a call.
    BearerTechnology: i8 {
        Unknown = -1,
        Cdma20001x = 1,
        Evdo = 2,
        Gsm = 3,
        Umts = 4,
        EvdoRevA = 5,
        Edge = 6,
        Hsdpa = 7,
        Hsupa = 8,
        Lte = 10,
    }

    /// Which kind of network carries a call.
    NetworkType: u8 {
        Unknown = 0,
        #[doc = "CDMA."]
        ThreeGpp2 = 1,
        #[doc = "GSM to NR."]
        ThreeGpp = 2,
    }

    /// Which technologies may carry a call.
    ExtendedTechnology: u16 {
        #[doc = "CDMA."]
        Cdma = 32769,
        #[doc = "GSM to NR."]
        ThreeGpp = 34817,
    }

    /// Addresses of the attach.
    IpSupport: u8 {
        Ipv4 = 0,
        Ipv6 = 1,
        Ipv4v6 = 2,
    }

    /// Whether the attach went over the air.
    OverTheAir: u8 {
        NotPerformed = 0,
        Performed = 1,
    }

    /// When a list of attach profiles holds.
    AttachListAction: u8 {
        None = 1,
        DetachOrPdnDisconnect = 2,
    }

    /// What the packets pass over.
    EndpointType: u32 {
        Undefined = 0,
        Hsic = 1,
        Hsusb = 2,
        Pcie = 3,
        Embedded = 4,
        BamDmux = 5,
    }

    /// Who uses a mux channel.
    ClientType: u32 {
        Tethered = 1,
    }
}

flags! {
    /// How to prove who one is to the access point.
    Authentication: u8 {
        PAP = 0,
        CHAP = 1,
    }

    /// Which settings to tell.
    Settings: u32 {
        PROFILE_ID = 0,
        PROFILE_NAME = 1,
        PDP_TYPE = 2,
        APN_NAME = 3,
        DNS_ADDRESS = 4,
        GRANTED_QOS = 5,
        USERNAME = 6,
        AUTHENTICATION_PROTOCOL = 7,
        IP_ADDRESS = 8,
        GATEWAY_INFO = 9,
        PCSCF_ADDRESS = 10,
        PCSCF_SERVER_LIST = 11,
        PCSCF_DOMAIN_LIST = 12,
        MTU = 13,
        DOMAIN_NAME_LIST = 14,
        IP_FAMILY = 15,
    }

    /// Which counters to tell.
    Statistics: u32 {
        TX_PACKETS_OK = 0,
        RX_PACKETS_OK = 1,
        TX_PACKETS_ERROR = 2,
        RX_PACKETS_ERROR = 3,
        TX_OVERFLOWS = 4,
        RX_OVERFLOWS = 5,
        TX_BYTES_OK = 6,
        RX_BYTES_OK = 7,
        TX_PACKETS_DROPPED = 8,
        RX_PACKETS_DROPPED = 9,
    }

    /// Technologies that may carry a call.
    TechnologyPreference: u8 {
        #[doc = "GSM to NR."]
        THREE_GPP = 0,
        #[doc = "CDMA."]
        THREE_GPP2 = 1,
    }

    /// Technologies of a network that carry a call.
    RatMask: u32 {
        WCDMA = 0,
        GPRS = 1,
        HSDPA = 2,
        HSUPA = 3,
        EDGE = 4,
        LTE = 5,
        HSDPA_PLUS = 6,
        DC_HSDPA_PLUS = 7,
        NULL_BEARER = 15,
    }
}

records! {
    /// Why a call ended, in the terms of whoever ended it.
    VerboseEndReason {
        kind: super::EndReasonType,
        reason: i16,
    }

    /// Where a call stands, and whether the host has to set its interface up anew.
    PacketStatus {
        status: ConnectionStatus,
        reconfigure: bool,
    }

    /// Rates, bits a second.
    ChannelRates {
        tx: u32,
        rx: u32,
        max_tx: u32,
        max_rx: u32,
    }

    /// A profile by its number.
    ProfileId {
        kind: ProfileType,
        index: u8,
    }

    /// A profile in a list.
    ListedProfile {
        kind: ProfileType,
        index: u8,
        name: String as Prefixed,
    }

    /// What carries a call.
    CurrentBearer {
        network: NetworkType,
        rats: RatMask,
        service_options: u32,
    }

    /// Reports of counters: every so many seconds, 0 never.
    StatisticsReport {
        interval: u8,
        statistics: Statistics,
    }

    /// What the packets pass over.
    Endpoint {
        kind: EndpointType,
        interface: u32,
    }

    /// An APN that the modem throttles; times left in milliseconds.
    Throttled {
        ipv4: bool,
        ipv6: bool,
        ipv4_time: u32,
        ipv6_time: u32,
        apn: String as Prefixed,
    }

    /// A name of a domain.
    DomainName {
        name: String as Prefixed<u16>,
    }

}

/// An IPv6 address and how much of it is its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv6Prefix {
    /// The address.
    pub address: Ipv6Addr,
    /// Bits of the prefix.
    pub length: u8,
}

impl Wire for Ipv6Prefix {
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { address: Ipv6Addr::read(from)?, length: u8::read(from)? })
    }

    fn write(&self, to: &mut Writer) {
        self.address.write(to);
        self.length.write(to);
    }
}

impl Show for Ipv6Prefix {
    fn show(&self) -> Shown {
        Shown::Text(format!("{}/{}", self.address, self.length))
    }
}
