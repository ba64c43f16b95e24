//! What a link needs of the kernel, as plain data: addresses, routes, rules. No I/O.
//!
//! Every link has a routing table of its own, found by rules, so that what is bound to the link goes out by it whichever
//! link has the default route; the default route of the machine is one more route, in the main table, with a metric.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::state::Bearer;

/// Marks routes, rules and addresses as ours (`rtm_protocol`, `FRA_PROTOCOL`, `IFA_PROTO`); a number that
/// `/etc/iproute2/rt_protos` gives to nobody.
pub const PROTOCOL: u8 = 108;
/// The tables of links are this number and the index of their interface; the same number is their firewall mark.
pub const TABLES: u32 = 0x6C00_0000;
/// Rules by source address; before the rule of the main table, which has 32766.
pub const RULE_FROM: u32 = 10_810;
/// Rules by firewall mark.
pub const RULE_MARK: u32 = 10_811;
/// Rules by interface that a socket is bound to.
pub const RULE_INTERFACE: u32 = 10_812;
/// The metric of a default route where nobody says otherwise, beyond wired and wireless LAN as NetworkManager has them.
pub const METRIC: u32 = 700;

/// IPv6 has no link with less (RFC 8200 clause 5).
const MIN_MTU_V6: u16 = 1280;
/// Every host takes so much (RFC 791 clause 3.1).
const MIN_MTU_V4: u16 = 576;

/// An address and its prefix: how many of its bits are the same on the whole link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub ip: IpAddr,
    /// Bits of the prefix.
    pub prefix: u8,
}

impl From<IpAddr> for Address {
    /// Alone on its link, as on a point-to-point bearer.
    fn from(ip: IpAddr) -> Self {
        Self { ip, prefix: if ip.is_ipv4() { 32 } else { 128 } }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ip, self.prefix)
    }
}

/// IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address.
    pub const fn of(ip: &IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// The address that stands for none.
    pub const fn unspecified(self) -> IpAddr {
        match self {
            Self::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            Self::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        }
    }
}

/// A network interface, as the kernel knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Name.
    pub name: String,
    /// Index; never given twice while the machine runs.
    pub index: u32,
    /// Whether it is administratively up.
    pub up: bool,
    /// Maximum transmission unit, octets.
    pub mtu: u32,
    /// What somebody wrote on it (`ip link set ... alias`).
    pub note: Option<String>,
}

/// Everything that a link needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPlan {
    /// Name of the network interface.
    pub interface: String,
    /// Addresses of this end.
    pub addresses: Vec<Address>,
    /// Whether somebody else, such as pppd, gives the interface its addresses.
    pub addressed: bool,
    /// Next hops; a family without one goes to the interface.
    pub gateways: Vec<IpAddr>,
    /// Maximum transmission unit, octets; `None` leaves it.
    pub mtu: Option<u16>,
    /// Name servers.
    pub dns: Vec<IpAddr>,
    /// Domains that are asked for by these name servers.
    pub domains: Vec<String>,
    /// Table of its own, and the firewall mark that leads there.
    pub table: u32,
    /// Metric of its default routes in the main table; `None`: it has none there.
    pub metric: Option<u32>,
}

/// A default route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Family.
    pub family: Family,
    /// Table; `None` is the main table.
    pub table: Option<u32>,
    /// Next hop; `None`: whatever is sent to the interface arrives.
    pub gateway: Option<IpAddr>,
    /// Source address of what names none.
    pub source: Option<IpAddr>,
    /// Metric.
    pub metric: u32,
    /// Where it leads.
    pub target: Target,
}

/// Where a route leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To the interface.
    Interface,
    /// Nowhere, and the sender hears of it.
    Unreachable,
}

/// What leads into the table of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selector {
    /// A source address.
    From(IpAddr),
    /// The firewall mark, which is the table's number.
    Mark,
    /// A socket bound to the interface.
    Interface,
}

/// A policy rule of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Family.
    pub family: Family,
    /// What it applies to.
    pub selector: Selector,
}

impl Rule {
    /// Its place among all rules.
    pub const fn priority(self) -> u32 {
        match self.selector {
            Selector::From(_) => RULE_FROM,
            Selector::Mark => RULE_MARK,
            Selector::Interface => RULE_INTERFACE,
        }
    }
}

impl LinkPlan {
    /// The plan of a bearer on `interface`. What a modem says is not believed blindly: addresses that no host may have,
    /// and sizes that no link may have, are left out.
    pub fn new(bearer: &Bearer, interface: &Interface, metric: Option<u32>) -> Self {
        let addresses: Vec<_> = bearer.addresses.iter().copied().filter(is_host).map(Address::from).collect();
        let has_v6 = addresses.iter().any(|address| address.ip.is_ipv6());
        let least = if has_v6 { MIN_MTU_V6 } else { MIN_MTU_V4 };
        Self {
            interface: interface.name.clone(),
            addresses,
            addressed: false,
            gateways: bearer.gateways.iter().copied().filter(is_neighbour).collect(),
            mtu: bearer.mtu.filter(|mtu| *mtu >= least),
            dns: bearer.dns.iter().copied().filter(is_host).collect(),
            domains: Vec::new(),
            table: TABLES | interface.index,
            metric,
        }
    }

    /// The families it has addresses of.
    pub fn families(&self) -> impl Iterator<Item = Family> + '_ {
        Family::ALL.into_iter().filter(|family| self.source(*family).is_some())
    }

    fn source(&self, family: Family) -> Option<IpAddr> {
        self.addresses.iter().map(|address| address.ip).find(|ip| Family::of(ip) == family)
    }

    fn route(&self, family: Family, table: Option<u32>, metric: u32) -> Route {
        Route {
            family,
            table,
            gateway: self.gateways.iter().copied().find(|ip| Family::of(ip) == family),
            source: self.source(family),
            metric,
            target: Target::Interface,
        }
    }

    /// The routes of its own table. What is bound to the link never leaves by another one: where the link has no route,
    /// there is none.
    pub fn own_routes(&self) -> Vec<Route> {
        let own = |family| self.route(family, Some(self.table), 1);
        let nowhere = |family| Route {
            gateway: None,
            source: None,
            metric: u32::MAX,
            target: Target::Unreachable,
            ..self.route(family, Some(self.table), 1)
        };
        self.families().map(own).chain(Family::ALL.map(nowhere)).collect()
    }

    /// Its default routes in the main table, with `metric`.
    pub fn default_routes(&self, metric: u32) -> Vec<Route> {
        self.families().map(|family| self.route(family, None, metric)).collect()
    }

    /// The rules that lead into its table.
    pub fn rules(&self) -> Vec<Rule> {
        let from = |address: &Address| Rule { family: Family::of(&address.ip), selector: Selector::From(address.ip) };
        let both = [Selector::Mark, Selector::Interface].into_iter();
        let both = both.flat_map(|selector| Family::ALL.map(|family| Rule { family, selector }));
        self.addresses.iter().map(from).chain(both).collect()
    }
}

/// Whether a host may have it.
fn is_host(ip: &IpAddr) -> bool {
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    // A link-local address comes from the kernel, not from the network.
    let local = matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local());
    !ip.is_unspecified() && !ip.is_loopback() && !ip.is_multicast() && !broadcast && !local
}

/// Whether it may be a next hop: a router has a link-local address as a rule.
fn is_neighbour(ip: &IpAddr) -> bool {
    is_host(ip) || matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| ip(text)).collect()
    }

    fn wwan0() -> Interface {
        Interface { name: "wwan0".into(), index: 7, up: false, mtu: 1500, note: None }
    }

    fn plan(addresses: &[&str], gateways: &[&str], mtu: u16) -> LinkPlan {
        let bearer = Bearer {
            addresses: ips(addresses),
            gateways: ips(gateways),
            dns: ips(&["192.0.2.53", "0.0.0.0"]),
            mtu: Some(mtu),
            ..Bearer::default()
        };
        LinkPlan::new(&bearer, &wwan0(), Some(METRIC))
    }

    #[test]
    fn a_bearer_with_two_families_has_routes_of_both() {
        let plan = plan(&["198.51.100.7", "2001:db8::7"], &["198.51.100.1"], 1358);
        assert_eq!(plan.table, 0x6C00_0007);
        assert_eq!(plan.dns, ips(&["192.0.2.53"]));
        assert_eq!(plan.mtu, Some(1358));
        let main = plan.default_routes(700);
        let expected = |family, gateway: Option<&str>, source| Route {
            family,
            table: None,
            gateway: gateway.map(ip),
            source: Some(ip(source)),
            metric: 700,
            target: Target::Interface,
        };
        assert_eq!(
            main,
            [expected(Family::V4, Some("198.51.100.1"), "198.51.100.7"), expected(Family::V6, None, "2001:db8::7")]
        );
        let own = plan.own_routes();
        assert!(own.iter().all(|route| route.table == Some(plan.table)));
        assert_eq!(own.iter().filter(|route| route.target == Target::Unreachable).count(), 2);
        assert_eq!(plan.rules().len(), 6, "two sources; mark and interface of either family");
    }

    #[test]
    fn a_family_without_address_leads_nowhere() {
        let plan = plan(&["198.51.100.7"], &[], 1500);
        assert_eq!(plan.default_routes(1).len(), 1);
        let own = plan.own_routes();
        assert!(own.iter().any(|r| r.family == Family::V6 && r.target == Target::Unreachable));
        assert!(!own.iter().any(|r| r.family == Family::V6 && r.target == Target::Interface));
    }

    #[test]
    fn nonsense_of_a_modem_is_left_out() {
        let nonsense = ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "ff02::1", "fe80::1"];
        let plan = plan(&nonsense, &["fe80::1", "0.0.0.0"], 68);
        assert_eq!(plan.addresses, []);
        assert_eq!(plan.gateways, ips(&["fe80::1"]));
        assert_eq!(plan.mtu, None);
        assert_eq!(plan.families().count(), 0);
    }

    #[test]
    fn an_ipv6_link_is_never_made_too_small_for_it() {
        assert_eq!(plan(&["2001:db8::7"], &[], 1279).mtu, None);
        assert_eq!(plan(&["2001:db8::7"], &[], 1280).mtu, Some(1280));
        assert_eq!(plan(&["198.51.100.7"], &[], 576).mtu, Some(576));
    }
}
