//! WDS: calls, their settings and counters, profiles, the attach.
//!
//! A call belongs to the client that started it, and carries one family of addresses: for both, there are two clients.

mod end;
mod types;

use std::net::Ipv4Addr;

use super::body::{body, coding, explains, service};
use super::coding::{Counted, Secret};
use crate::private::Private;
pub use end::{EndReason, EndReasonType};
pub use types::*;

service! {
    WDS;
    0x0000 "Reset" {
        request Reset {}
        response ResetDone {}
    }
    0x0001 "Set Event Report" {
        request SetEventReport {
            0x10 channel_rate: bool,
            0x11 transfer_statistics: StatisticsReport,
            0x13 dormancy_status: bool,
            0x15 current_bearer: bool,
            0x17 call_status: bool,
        }
        response EventReportSet {}
        indication EventReport {
            0x10 tx_packets_ok: u32,
            0x11 rx_packets_ok: u32,
            0x12 tx_packets_error: u32,
            0x13 rx_packets_error: u32,
            0x14 tx_overflows: u32,
            0x15 rx_overflows: u32,
            0x17 bearer: BearerTechnology,
            0x18 dormancy_status: Dormancy,
            0x19 tx_bytes_ok: u64,
            0x1A rx_bytes_ok: u64,
            0x1D current_bearer: CurrentBearer,
            0x25 tx_packets_dropped: u32,
            0x26 rx_packets_dropped: u32,
        }
    }
    0x0002 "Abort" {
        request Abort { 0x01 transaction: u16 }
        response Aborted {}
    }
    0x0020 "Start Network" {
        request StartNetwork {
            0x10 primary_dns: Ipv4Addr,
            0x11 secondary_dns: Ipv4Addr,
            0x14 apn: String,
            0x15 ipv4_address: Ipv4Addr,
            0x16 authentication: Authentication,
            0x17 user: Private<String> as Secret,
            0x18 password: Private<String> as Secret,
            0x19 ip_family: IpFamily,
            0x30 technology_preference: TechnologyPreference,
            0x31 profile: u8,
            0x32 profile_3gpp2: u8,
            0x33 autoconnect: bool,
            0x34 extended_technology: ExtendedTechnology,
            0x35 call_type: CallType,
        }
        // Reasons come with an error: CALL_FAILED says nothing by itself.
        response NetworkStarted {
            0x01 handle: u32,
            0x10 end_reason: EndReason,
            0x11 verbose_end_reason: VerboseEndReason,
        }
    }
    0x0021 "Stop Network" {
        request StopNetwork {
            /// 0xFFFFFFFF: every call, also those that the modem began by itself.
            0x01 handle: u32,
            0x10 disable_autoconnect: bool,
        }
        response NetworkStopped {}
    }
    0x0022 "Get Packet Service Status" {
        request GetPacketServiceStatus {}
        response PacketServiceStatus { 0x01 status: ConnectionStatus }
        indication PacketServiceStatusChanged {
            0x01 status: PacketStatus,
            0x10 end_reason: EndReason,
            0x11 verbose_end_reason: VerboseEndReason,
            0x12 ip_family: IpFamily,
            0x13 technology: ExtendedTechnology,
        }
    }
    0x0023 "Get Channel Rates" {
        request GetChannelRates {}
        response ChannelRatesInfo { 0x01 rates: ChannelRates }
    }
    0x0024 "Get Packet Statistics" {
        request GetPacketStatistics { 0x01 statistics: Statistics }
        response PacketStatistics {
            0x10 tx_packets_ok: u32,
            0x11 rx_packets_ok: u32,
            0x12 tx_packets_error: u32,
            0x13 rx_packets_error: u32,
            0x14 tx_overflows: u32,
            0x15 rx_overflows: u32,
            0x19 tx_bytes_ok: u64,
            0x1A rx_bytes_ok: u64,
            0x1B last_call_tx_bytes_ok: u64,
            0x1C last_call_rx_bytes_ok: u64,
            0x1D tx_packets_dropped: u32,
            0x1E rx_packets_dropped: u32,
        }
    }
    0x0025 "Go Dormant" {
        request GoDormant {}
        response WentDormant {}
    }
    0x0026 "Go Active" {
        request GoActive {}
        response WentActive {}
    }
    0x0027 "Create Profile" {
        request CreateProfile {
            0x01 kind: ProfileType,
            0x10 name: String,
            0x11 pdp_type: PdpType,
            0x14 apn: String,
            0x15 primary_dns: Ipv4Addr,
            0x16 secondary_dns: Ipv4Addr,
            0x1B user: Private<String> as Secret,
            0x1C password: Private<String> as Secret,
            0x1D authentication: Authentication,
            0x2F apn_disabled: bool,
            0x3E roaming_disallowed: bool,
        }
        response ProfileCreated {
            0x01 profile: ProfileId,
            0xE0 profile_error: u16,
        }
    }
    0x0028 "Modify Profile" {
        request ModifyProfile {
            0x01 profile: ProfileId,
            0x10 name: String,
            0x11 pdp_type: PdpType,
            0x14 apn: String,
            0x15 primary_dns: Ipv4Addr,
            0x16 secondary_dns: Ipv4Addr,
            0x1B user: Private<String> as Secret,
            0x1C password: Private<String> as Secret,
            0x1D authentication: Authentication,
            0x2F apn_disabled: bool,
            0x3E roaming_disallowed: bool,
        }
        response ProfileModified { 0xE0 profile_error: u16 }
    }
    0x0029 "Delete Profile" {
        request DeleteProfile { 0x01 profile: ProfileId }
        response ProfileDeleted { 0xE0 profile_error: u16 }
    }
    0x002A "Get Profile List" {
        request GetProfileList { 0x11 kind: ProfileType }
        response ProfileList { 0x01 profiles: Vec<ListedProfile> as Counted, 0xE0 profile_error: u16 }
    }
    0x002B "Get Profile Settings" {
        request GetProfileSettings { 0x01 profile: ProfileId }
        response ProfileSettings {
            0x10 name: String,
            0x11 pdp_type: PdpType,
            0x14 apn: String,
            0x15 primary_dns: Ipv4Addr,
            0x16 secondary_dns: Ipv4Addr,
            0x1B user: Private<String> as Secret,
            0x1C password: Private<String> as Secret,
            0x1D authentication: Authentication,
            0x25 context: u8,
            0x2F apn_disabled: bool,
            0x3E roaming_disallowed: bool,
            0xE0 profile_error: u16,
        }
    }
    0x002C "Get Default Settings" {
        request GetDefaultSettings { 0x01 kind: ProfileType }
        response DefaultSettings {
            0x10 name: String,
            0x11 pdp_type: PdpType,
            0x14 apn: String,
            0x15 primary_dns: Ipv4Addr,
            0x16 secondary_dns: Ipv4Addr,
            0x1B user: Private<String> as Secret,
            0x1C password: Private<String> as Secret,
            0x1D authentication: Authentication,
            0xE0 profile_error: u16,
        }
    }
    0x002D "Get Current Settings" {
        request GetCurrentSettings { 0x10 settings: Settings }
        response CurrentSettings {
            0x10 profile_name: String,
            0x11 pdp_type: PdpType,
            0x14 apn: String,
            0x15 primary_dns: Ipv4Addr,
            0x16 secondary_dns: Ipv4Addr,
            0x1B user: Private<String> as Secret,
            0x1D authentication: Authentication,
            0x1E ipv4_address: Ipv4Addr,
            0x1F profile: ProfileId,
            0x20 ipv4_gateway: Ipv4Addr,
            0x21 ipv4_subnet_mask: Ipv4Addr,
            0x25 ipv6_address: Ipv6Prefix,
            0x26 ipv6_gateway: Ipv6Prefix,
            0x27 ipv6_primary_dns: std::net::Ipv6Addr,
            0x28 ipv6_secondary_dns: std::net::Ipv6Addr,
            /// Octets.
            0x29 mtu: u32,
            0x2A domain_names: Vec<DomainName> as Counted,
            0x2B ip_family: IpFamily,
            0x2D technology: ExtendedTechnology,
        }
    }
    0x0030 "Get Dormancy Status" {
        request GetDormancyStatus {}
        response DormancyStatus { 0x01 status: Dormancy }
    }
    0x0034 "Get Autoconnect Settings" {
        request GetAutoconnectSettings {}
        response AutoconnectSettings { 0x01 status: Autoconnect, 0x10 roaming: AutoconnectRoaming }
    }
    0x0037 "Get Data Bearer Technology" {
        request GetDataBearerTechnology {}
        response DataBearerTechnology { 0x01 current: BearerTechnology, 0x10 last: BearerTechnology }
    }
    0x0044 "Get Current Data Bearer Technology" {
        request GetCurrentDataBearer {}
        response CurrentDataBearer { 0x01 current: CurrentBearer, 0x10 last: CurrentBearer }
    }
    0x004D "Set IP Family" {
        request SetIpFamily { 0x01 family: IpFamily }
        response IpFamilySet {}
    }
    0x0051 "Set Autoconnect Settings" {
        request SetAutoconnectSettings { 0x01 status: Autoconnect, 0x10 roaming: AutoconnectRoaming }
        response AutoconnectSettingsSet {}
    }
    0x006C "Get PDN Throttle Info" {
        request GetThrottleInfo { 0x01 network_type: u8 }
        response ThrottleInfo { 0x10 throttled: Vec<Throttled> as Counted }
    }
    0x0085 "Get LTE Attach Parameters" {
        request GetLteAttachParameters {}
        response LteAttachParameters { 0x10 apn: String, 0x11 ip_support: IpSupport, 0x12 over_the_air: OverTheAir }
    }
    0x0089 "Bind Data Port" {
        request BindDataPort { 0x01 port: u16 }
        response DataPortBound {}
    }
    0x0092 "Get Max LTE Attach PDN Number" {
        request GetMaxAttachPdns {}
        response MaxAttachPdns { 0x10 most: u8 }
    }
    0x0093 "Set LTE Attach PDN List" {
        request SetLteAttachPdnList { 0x01 profiles: Vec<u16> as Counted, 0x10 action: AttachListAction }
        response LteAttachPdnListSet {}
    }
    0x0094 "Get LTE Attach PDN List" {
        request GetLteAttachPdnList {}
        response LteAttachPdnList { 0x10 current: Vec<u16> as Counted, 0x11 pending: Vec<u16> as Counted }
    }
    0x00A2 "Bind Mux Data Port" {
        request BindMuxDataPort { 0x10 endpoint: Endpoint, 0x11 mux_id: u8, 0x13 client_type: ClientType }
        response MuxDataPortBound {}
    }
}
