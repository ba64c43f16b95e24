//! What is ours and has no link any more: found by its marks, and taken away.
//!
//! A daemon that was killed leaves addresses, routes and rules; its next life starts by removing them. What others
//! made carries other marks and is never touched.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use rtnetlink::packet_route::address::{AddressAttribute, AddressMessage, AddressProtocol};
use rtnetlink::packet_route::route::{RouteAddress, RouteAttribute, RouteHeader, RouteMessage};
use rtnetlink::packet_route::rule::{RuleAttribute, RuleMessage};
use tracing::warn;

use super::mark;
use super::netlink::Netlink;
use super::plan::{PROTOCOL, TABLES};
use super::share::{self, Made};

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Addresses.
    pub addresses: usize,
    /// Routes.
    pub routes: usize,
    /// Rules.
    pub rules: usize,
    /// Links that were made.
    pub links: usize,
}

impl Removed {
    /// Whether there was nothing.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Removes everything of ours.
pub async fn remove_all(netlink: &Netlink) -> Removed {
    let mut removed = remove(netlink, |_| true).await;
    for link in netlink.interfaces().await {
        if let Some(made) = Made::read(&link) {
            count(share::unmake(netlink, Path::new("/"), &link, &made).await, &mut removed.links);
        } else if let Some(before) = mark::read(&link)
            && let Err(error) = netlink.set_back(&before).await
        {
            warn!("{error}");
        }
    }
    removed
}

/// Removes what is ours of one link, by the number of its table.
pub async fn remove_table(netlink: &Netlink, table: u32) -> Removed {
    remove(netlink, |of| of == table).await
}

async fn remove(netlink: &Netlink, wanted: impl Fn(u32) -> bool) -> Removed {
    let mut removed = Removed::default();
    for rule in netlink.our_rules().await.into_iter().filter(|rule| rule_table(rule).is_some_and(&wanted)) {
        count(netlink.remove_rule(rule).await, &mut removed.rules);
    }
    let routes: Vec<_> =
        netlink.our_routes().await.into_iter().filter(|r| link_table(r).is_some_and(&wanted)).collect();
    let sources: BTreeSet<_> = routes.iter().filter_map(source).collect();
    for route in routes {
        count(netlink.remove_route(route).await, &mut removed.routes);
    }
    let is_ours = |address: &AddressMessage| wanted(TABLES | address.header.index) && ours(address, &sources);
    for address in netlink.addresses().await.into_iter().filter(is_ours) {
        count(netlink.remove_address(address).await, &mut removed.addresses);
    }
    removed
}

fn count(result: Result<(), super::NetError>, removed: &mut usize) {
    match result {
        Ok(()) => *removed = removed.saturating_add(1),
        Err(error) => warn!("{error}"),
    }
}

fn rule_table(rule: &RuleMessage) -> Option<u32> {
    rule.attributes.iter().find_map(|a| if let RuleAttribute::Table(table) = a { Some(*table) } else { None })
}

/// The table of the link that a route is of: its own, or for the main table that of its interface.
fn link_table(route: &RouteMessage) -> Option<u32> {
    let table = route.attributes.iter().find_map(|a| if let RouteAttribute::Table(t) = a { Some(*t) } else { None });
    match table {
        Some(table) if table != u32::from(RouteHeader::RT_TABLE_MAIN) => Some(table),
        _ => oif(route).map(|index| TABLES | index),
    }
}

fn oif(route: &RouteMessage) -> Option<u32> {
    route.attributes.iter().find_map(|a| if let RouteAttribute::Oif(index) = a { Some(*index) } else { None })
}

/// The interface and the source address of a route.
fn source(route: &RouteMessage) -> Option<(u32, IpAddr)> {
    let source = route.attributes.iter().find_map(|attribute| match attribute {
        RouteAttribute::PrefSource(RouteAddress::Inet(ip)) => Some(IpAddr::V4(*ip)),
        RouteAttribute::PrefSource(RouteAddress::Inet6(ip)) => Some(IpAddr::V6(*ip)),
        _ => None,
    })?;
    Some((oif(route)?, source))
}

/// Whether the address is marked as ours; kernels before 5.18 keep no mark (`IFA_PROTO`), there it is ours if a route of
/// ours has it as its source.
fn ours(address: &AddressMessage, sources: &BTreeSet<(u32, IpAddr)>) -> bool {
    address.attributes.iter().any(|attribute| match attribute {
        AddressAttribute::Protocol(protocol) => *protocol == AddressProtocol::Other(PROTOCOL),
        AddressAttribute::Local(ip) | AddressAttribute::Address(ip) => sources.contains(&(address.header.index, *ip)),
        _ => false,
    })
}
