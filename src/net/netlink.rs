//! The hands that tell the kernel, by rtnetlink.

use std::io;
use std::net::IpAddr;

use futures_util::{StreamExt, TryStreamExt};
use rtnetlink::packet_route::AddressFamily;
use rtnetlink::packet_route::address::{AddressAttribute, AddressFlags, AddressMessage, AddressProtocol};
use rtnetlink::packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use rtnetlink::packet_route::route::{RouteMessage, RouteProtocol, RouteType};
use rtnetlink::packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use rtnetlink::{Handle, IpVersion, LinkUnspec, RouteMessageBuilder};

use super::error::NetError;
use super::mark;
use super::plan::{Address, Family, Interface, LinkPlan, PROTOCOL, Route, Rule, Selector, Target};

/// A name that the kernel takes has 15 octets at most (`IFNAMSIZ`).
pub const MAX_NAME: usize = 15;

/// A connection to the kernel; a cheap handle.
#[derive(Clone, Debug)]
pub struct Netlink {
    handle: Handle,
}

impl Netlink {
    /// Opens it; needs a tokio runtime, which carries it until the last handle is dropped.
    pub fn open() -> io::Result<Self> {
        let (connection, handle, _) = rtnetlink::new_connection()?;
        tokio::spawn(connection);
        Ok(Self { handle })
    }

    /// The interface of that name.
    pub async fn interface(&self, name: &str) -> Result<Interface, NetError> {
        let missing = || NetError::NoInterface(name.to_owned());
        if name.is_empty() || name.len() > MAX_NAME || name.contains(['/', '\0', ' ']) {
            return Err(missing());
        }
        let found = self.handle.link().get().match_name(name.to_owned()).execute().try_next().await;
        found.ok().flatten().and_then(|link| interface(&link)).ok_or_else(missing)
    }

    /// Brings the interface up, with `mtu` where it is given. How it was before is written on it, for a life that comes
    /// after a crash, unless somebody else wrote there.
    pub async fn set_up(&self, interface: &Interface, mtu: Option<u16>) -> Result<(), NetError> {
        let mut link = LinkUnspec::new_with_index(interface.index).up();
        if interface.note.is_none() {
            link = link.alias(mark::of(interface));
        }
        if let Some(mtu) = mtu {
            link = link.mtu(mtu.into());
        }
        let doing = || format!("bringing {} up", interface.name);
        self.handle.link().set(link.build()).execute().await.map_err(|error| refused(doing(), &error))
    }

    /// Puts the interface back to what it was.
    pub async fn set_back(&self, interface: &Interface) -> Result<(), NetError> {
        let link = LinkUnspec::new_with_index(interface.index).mtu(interface.mtu);
        let link = if interface.up { link.up() } else { link.down() };
        let link = if interface.note.is_none() { link.alias("") } else { link };
        let doing = || format!("putting {} back", interface.name);
        gone_is_fine(self.handle.link().set(link.build()).execute().await, doing)
    }

    /// Makes a link; the error is the kernel's.
    pub(super) async fn add_link(&self, link: LinkMessage) -> io::Result<()> {
        self.handle.link().add(link).execute().await.map_err(|error| error_of(&error))
    }

    /// Takes a link away; one that is gone is gone.
    pub(super) async fn delete_link(&self, link: &Interface) -> Result<(), NetError> {
        gone_is_fine(self.handle.link().del(link.index).execute().await, || format!("removing {}", link.name))
    }

    /// Gives a link that is down another name.
    pub(super) async fn rename(&self, link: &Interface, name: &str) -> Result<(), NetError> {
        let change = LinkUnspec::new_with_index(link.index).name(name).build();
        let doing = || format!("naming {} {name}", link.name);
        self.handle.link().set(change).execute().await.map_err(|error| refused(doing(), &error))
    }

    /// Writes on a link what it is.
    pub(super) async fn note(&self, link: &Interface, text: &str) -> Result<(), NetError> {
        let change = LinkUnspec::new_with_index(link.index).alias(text).build();
        let doing = || format!("marking {}", link.name);
        self.handle.link().set(change).execute().await.map_err(|error| refused(doing(), &error))
    }

    /// Adds an address, or does nothing where it is there.
    pub async fn add_address(&self, interface: &Interface, address: Address) -> Result<(), NetError> {
        let mut request = self.handle.address().add(interface.index, address.ip, address.prefix).replace();
        let attributes = &mut request.message_mut().attributes;
        attributes.push(AddressAttribute::Protocol(AddressProtocol::Other(PROTOCOL)));
        // The network gave it to this modem alone: nobody has to be asked whether it is free.
        attributes.push(AddressAttribute::Flags(AddressFlags::Nodad));
        let doing = || format!("adding the address {address} to {}", interface.name);
        request.execute().await.map_err(|error| refused(doing(), &error))
    }

    /// Adds a default route, in place of one with the same table and metric.
    pub async fn add_route(&self, interface: &Interface, route: &Route) -> Result<(), NetError> {
        let doing = || format!("adding a default route by {}", interface.name);
        let message = route_message(interface.index, route);
        self.handle.route().add(message).replace().execute().await.map_err(|error| refused(doing(), &error))
    }

    /// Takes a route away; one that is gone is gone.
    pub async fn delete_route(&self, interface: &Interface, route: &Route) -> Result<(), NetError> {
        let doing = || format!("removing a default route by {}", interface.name);
        gone_is_fine(self.handle.route().del(route_message(interface.index, route)).execute().await, doing)
    }

    /// Adds a rule that leads into `table`, or does nothing where it is there.
    pub async fn add_rule(&self, plan: &LinkPlan, rule: Rule) -> Result<(), NetError> {
        let mut request = self.handle.rule().add();
        *request.message_mut() = rule_message(plan, rule);
        let doing = || format!("adding a routing rule for {}", plan.interface);
        match request.execute().await {
            Err(error) if error_of(&error).kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other.map_err(|error| refused(doing(), &error)),
        }
    }

    /// Routes of both families that carry our protocol number.
    pub(super) async fn our_routes(&self) -> Vec<RouteMessage> {
        let ours = |route: &RouteMessage| route.header.protocol == RouteProtocol::Other(PROTOCOL);
        let mut found = Vec::new();
        for family in Family::ALL {
            let mut filter = RouteMessageBuilder::<IpAddr>::new().build();
            filter.header.address_family = address_family(family);
            // What the kernel cannot list, it does not have: a kernel without IPv6.
            let routes = self.handle.route().get(filter).execute();
            found.extend(routes.filter_map(|route| async { route.ok().filter(ours) }).collect::<Vec<_>>().await);
        }
        found
    }

    /// Rules of both families that carry our protocol number and priorities.
    pub(super) async fn our_rules(&self) -> Vec<RuleMessage> {
        let mut found = Vec::new();
        for version in [IpVersion::V4, IpVersion::V6] {
            let rules = self.handle.rule().get(version).execute();
            found.extend(rules.filter_map(|rule| async { rule.ok().filter(is_ours) }).collect::<Vec<_>>().await);
        }
        found
    }

    /// All interfaces of the machine.
    pub(super) async fn interfaces(&self) -> Vec<Interface> {
        let links = self.handle.link().get().execute();
        links.filter_map(|link| async move { link.ok().as_ref().and_then(interface) }).collect().await
    }

    /// All addresses of the machine.
    pub(super) async fn addresses(&self) -> Vec<AddressMessage> {
        self.handle.address().get().execute().filter_map(|address| async { address.ok() }).collect().await
    }

    pub(super) async fn remove_route(&self, route: RouteMessage) -> Result<(), NetError> {
        gone_is_fine(self.handle.route().del(route).execute().await, || "removing a route".into())
    }

    pub(super) async fn remove_rule(&self, rule: RuleMessage) -> Result<(), NetError> {
        gone_is_fine(self.handle.rule().del(rule).execute().await, || "removing a routing rule".into())
    }

    pub(super) async fn remove_address(&self, address: AddressMessage) -> Result<(), NetError> {
        gone_is_fine(self.handle.address().del(address).execute().await, || "removing an address".into())
    }
}

fn interface(link: &LinkMessage) -> Option<Interface> {
    let (mut name, mut mtu, mut note) = (None, 0, None);
    for attribute in &link.attributes {
        match attribute {
            LinkAttribute::IfName(text) => name = Some(text.clone()),
            LinkAttribute::Mtu(octets) => mtu = *octets,
            LinkAttribute::IfAlias(text) => note = Some(text.clone()).filter(|text| !text.is_empty()),
            _ => {}
        }
    }
    let up = link.header.flags.contains(LinkFlags::Up);
    name.map(|name| Interface { name, index: link.header.index, up, mtu, note })
}

fn is_ours(rule: &RuleMessage) -> bool {
    let ours = [super::plan::RULE_FROM, super::plan::RULE_MARK, super::plan::RULE_INTERFACE];
    let protocol = RuleAttribute::Protocol(RouteProtocol::Other(PROTOCOL));
    rule.attributes.contains(&protocol)
        && rule.attributes.iter().any(|a| matches!(a, RuleAttribute::Priority(n) if ours.contains(n)))
}

const fn address_family(family: Family) -> AddressFamily {
    match family {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    }
}

fn route_message(index: u32, route: &Route) -> RouteMessage {
    let mut builder =
        RouteMessageBuilder::<IpAddr>::new().protocol(RouteProtocol::Other(PROTOCOL)).priority(route.metric);
    builder.get_mut().header.address_family = address_family(route.family);
    if let Some(table) = route.table {
        builder = builder.table_id(table);
    }
    if route.target == Target::Unreachable {
        return builder.kind(RouteType::Unreachable).build();
    }
    builder = builder.output_interface(index);
    // Of the family that the builder was told above: neither can fail.
    if let Some(source) = route.source {
        builder = builder.clone().pref_source(source).unwrap_or(builder);
    }
    match route.gateway {
        Some(gateway) => builder.clone().gateway(gateway).map_or_else(|_| builder.build(), |b| b.onlink().build()),
        None => builder.build(),
    }
}

fn rule_message(plan: &LinkPlan, rule: Rule) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header.family = address_family(rule.family);
    message.header.action = RuleAction::ToTable;
    message.attributes = vec![
        RuleAttribute::Table(plan.table),
        RuleAttribute::Priority(rule.priority()),
        RuleAttribute::Protocol(RouteProtocol::Other(PROTOCOL)),
    ];
    match rule.selector {
        Selector::From(ip) => {
            message.header.src_len = Address::from(ip).prefix;
            message.attributes.push(RuleAttribute::Source(ip));
        }
        Selector::Mark => message.attributes.push(RuleAttribute::FwMark(plan.table)),
        Selector::Interface => message.attributes.push(RuleAttribute::Oifname(plan.interface.clone())),
    }
    message
}

fn error_of(error: &rtnetlink::Error) -> io::Error {
    match error {
        rtnetlink::Error::NetlinkError(message) => message.to_io(),
        other => io::Error::other(other.to_string()),
    }
}

fn refused(doing: String, error: &rtnetlink::Error) -> NetError {
    NetError::refused(doing, &error_of(error))
}

/// What was to be removed and is not there, or whose interface is not there any more, is removed.
fn gone_is_fine(result: Result<(), rtnetlink::Error>, doing: impl FnOnce() -> String) -> Result<(), NetError> {
    use rustix::io::Errno;
    let gone = [Errno::NOENT, Errno::SRCH, Errno::NODEV, Errno::ADDRNOTAVAIL, Errno::NXIO];
    match result.map_err(|error| error_of(&error)) {
        Err(error) if !gone.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error())) => {
            Err(NetError::refused(doing(), &error))
        }
        _ => Ok(()),
    }
}
