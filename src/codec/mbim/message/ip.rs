//! Addresses of a context (MBIM 1.0 clause 10.5.20).

use super::super::address::{Ipv4, Ipv6};
use super::super::list::{At, Block, Count};
use super::choices::IpConfigurationAvailableFlag;

record! {
    /// Addresses of a context. As a query, the session alone counts.
    IpConfiguration {
        session_id: u32,
        ipv4_configuration_available: IpConfigurationAvailableFlag,
        ipv6_configuration_available: IpConfigurationAvailableFlag,
        ipv4_address_count: Count,
        ipv4_address: Block<Ipv4Element>,
        ipv6_address_count: Count,
        ipv6_address: Block<Ipv6Element>,
        ipv4_gateway: At<Ipv4>,
        ipv6_gateway: At<Ipv6>,
        ipv4_dns_server_count: Count,
        ipv4_dns_server: Block<Ipv4>,
        ipv6_dns_server_count: Count,
        ipv6_dns_server: Block<Ipv6>,
        /// Octets.
        ipv4_mtu: u32,
        /// Octets.
        ipv6_mtu: u32,
    }

    /// An IPv4 address with its prefix.
    Ipv4Element {
        on_link_prefix_length: u32,
        ipv4_address: Ipv4,
    }

    /// An IPv6 address with its prefix.
    Ipv6Element {
        on_link_prefix_length: u32,
        ipv6_address: Ipv6,
    }
}
