//! Addresses of a session, and the packets that wake its host.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::codec::mbim::Status;
use crate::codec::mbim::address::{Ipv4, Ipv6};
use crate::codec::mbim::list::At;
use crate::codec::mbim::message::basic_connect::IpPacketFilters;
use crate::codec::mbim::message::choices::IpConfigurationAvailableFlag;
use crate::codec::mbim::message::ip::{IpConfiguration, Ipv4Element, Ipv6Element};
use crate::sim::modem::SimModem;

use super::ask::{Answer, Ask};

/// The prefix of a lease: as `+CGCONTRDP` has it, 255.255.255.0.
const PREFIX4: u32 = 24;
/// The prefix that a bearer has (TS 29.061 clause 11.2.1.3).
const PREFIX6: u32 = 64;

/// The other end of the network of a lease.
fn gateway4(own: Ipv4Addr) -> Ipv4Addr {
    let [a, b, c, d] = own.octets();
    Ipv4Addr::new(a, b, c, if d == 254 { 253 } else { 254 })
}

/// The link-local address of the network's end.
const GATEWAY6: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);

impl SimModem {
    /// The addresses of a session that is up.
    pub(super) fn mbim_ip(&self, session_id: u32) -> Option<IpConfiguration> {
        let (has4, has6, lease) = self.session(session_id)?;
        let (v4, v6) = (lease.v4.filter(|_| has4), lease.v6.filter(|_| has6));
        let all = IpConfigurationAvailableFlag::ADDRESS
            | IpConfigurationAvailableFlag::GATEWAY
            | IpConfigurationAvailableFlag::DNS
            | IpConfigurationAvailableFlag::MTU;
        let available = |has: bool| if has { all } else { IpConfigurationAvailableFlag::default() };
        let mtu = |has: bool| if has { u32::from(self.network.mtu) } else { 0 };
        let element4 = |address: Ipv4Addr| Ipv4Element { on_link_prefix_length: PREFIX4, ipv4_address: address.into() };
        let element6 = |address: Ipv6Addr| Ipv6Element { on_link_prefix_length: PREFIX6, ipv6_address: address.into() };
        let (mut dns4, mut dns6) = (Vec::new(), Vec::new());
        for dns in &self.network.dns {
            match dns {
                IpAddr::V4(address) if v4.is_some() => dns4.push(Ipv4(*address)),
                IpAddr::V6(address) if v6.is_some() => dns6.push(Ipv6(*address)),
                _ => {}
            }
        }
        Some(IpConfiguration {
            session_id,
            ipv4_configuration_available: available(v4.is_some()),
            ipv6_configuration_available: available(v6.is_some()),
            ipv4_address: v4.map(element4).into_iter().collect(),
            ipv6_address: v6.map(element6).into_iter().collect(),
            ipv4_gateway: At(v4.map(|own| gateway4(own).into())),
            ipv6_gateway: At(v6.map(|_| GATEWAY6.into())),
            ipv4_dns_server: dns4.into(),
            ipv6_dns_server: dns6.into(),
            ipv4_mtu: mtu(v4.is_some()),
            ipv6_mtu: mtu(v6.is_some()),
            ..IpConfiguration::default()
        })
    }
}

pub(super) fn configuration(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let asked: IpConfiguration = ask.read()?;
    let configuration = modem.mbim_ip(asked.session_id).ok_or(Status::ContextNotActivated)?;
    ask.answer(&configuration)
}

pub(super) fn filters(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let asked: IpPacketFilters = ask.read()?;
    let id = asked.session_id;
    if id >= super::device::SESSIONS {
        return Err(Status::InvalidParameters);
    }
    if ask.set {
        modem.mbim.filters.insert(id, asked);
    }
    let none = || IpPacketFilters { session_id: id, ..IpPacketFilters::default() };
    let filters = modem.mbim.filters.get(&id).cloned().unwrap_or_else(none);
    ask.answer(&filters)
}
