//! All links of the machine that are ours: brought up, moved in the order of default routes, taken down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Mutex, watch};
use tracing::{info, warn};

use super::dns::Dns;
use super::error::NetError;
use super::leftovers;
use super::mark;
use super::netlink::Netlink;
use super::plan::{Interface, LinkPlan};
use super::router;
use super::share::{self, Made};
use crate::modem::data::Share;

/// A bearer of a modem. Prints as `m0/1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId {
    /// The modem's id.
    pub modem: String,
    /// Context id.
    pub context: u8,
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.modem, self.context)
    }
}

/// The links that are up.
pub type Up = BTreeMap<LinkId, LinkPlan>;

/// A cheap handle to all links.
#[derive(Clone)]
pub struct Links(Arc<Shared>);

struct Shared {
    netlink: Netlink,
    /// One change at a time.
    live: Mutex<Live>,
    dns: Dns,
    up: watch::Sender<Up>,
    _alone: Option<UnixListener>,
}

/// Where the switches of drivers are.
const ROOT: &str = "/";

/// The name by which daemons in one network namespace see each other; it goes with its process.
const ALONE: &[u8] = b"lpwa-links";

/// Whether no other daemon has links in this network namespace: what carries our marks would be in use.
fn alone() -> Option<UnixListener> {
    let name = SocketAddr::from_abstract_name(ALONE).ok()?;
    UnixListener::bind_addr(&name).ok()
}

/// What is ours of the machine.
#[derive(Default)]
struct Live {
    /// Links that are up.
    links: BTreeMap<LinkId, Link>,
    /// Interfaces that bearers share.
    shared: BTreeMap<LinkId, Part>,
}

struct Link {
    plan: LinkPlan,
    before: Interface,
}

/// A bearer that passes an interface together with others.
struct Part {
    /// The interface, as it was before.
    base: Interface,
    /// The link that was made for the bearer, where nobody else has made one.
    made: Option<(Interface, Made)>,
}

impl Live {
    /// How an interface was before we used it; one that is in use says so.
    fn before(&self, now: Interface) -> Interface {
        let links = self.links.values().map(|link| &link.before);
        let mut used = links.chain(self.shared.values().map(|part| &part.base));
        used.find(|before| before.index == now.index).cloned().or_else(|| mark::read(&now)).unwrap_or(now)
    }

    /// Whether a bearer passes the interface.
    fn uses(&self, interface: &Interface) -> bool {
        let links = self.links.values().map(|link| &link.before);
        links.chain(self.shared.values().map(|part| &part.base)).any(|before| before.index == interface.index)
    }
}

impl Links {
    /// Removes what an earlier life left behind, unless another daemon lives beside, and starts with none.
    pub async fn open(dns: Dns) -> Result<Self, NetError> {
        let netlink = Netlink::open().map_err(|error| NetError::refused("opening rtnetlink", &error))?;
        let alone = alone();
        if alone.is_some() {
            clean(&netlink, &dns).await;
        } else {
            info!("another daemon has links in this network namespace; what an earlier life left behind stays");
        }
        let (live, up) = (Mutex::default(), watch::Sender::new(Up::new()));
        Ok(Self(Arc::new(Shared { netlink, live, dns, up, _alone: alone })))
    }

    /// To look interfaces up.
    pub fn netlink(&self) -> &Netlink {
        &self.0.netlink
    }

    /// The links that are up, as they change.
    pub fn watch(&self) -> watch::Receiver<Up> {
        self.0.up.subscribe()
    }

    /// Makes the kernel and the resolver be what `plan` says, in place of what `id` had before. Nothing stays where it
    /// fails.
    pub async fn bring_up(&self, id: &LinkId, plan: LinkPlan) -> Result<(), NetError> {
        let mut live = self.0.live.lock().await;
        if let Some(old) = live.links.remove(id) {
            self.take_away(&live, &old).await;
        }
        let before = live.before(self.0.netlink.interface(&plan.interface).await?);
        let new = Link { plan, before };
        if let Err(error) = self.apply(&new).await {
            self.take_away(&live, &new).await;
            self.publish(&live);
            return Err(error);
        }
        info!("{id}: {} is up", new.plan.interface);
        live.links.insert(id.clone(), new);
        self.publish(&live);
        Ok(())
    }

    /// Has the interface `base` carry several bearers, and makes the link of this one: `name`, or the usual name. A link
    /// of that name that is there already is used as it is.
    pub async fn share(
        &self,
        id: &LinkId,
        base: &str,
        name: Option<&str>,
        share: Share,
    ) -> Result<Interface, NetError> {
        let netlink = &self.0.netlink;
        let mut live = self.0.live.lock().await;
        if let Some(old) = live.shared.remove(id) {
            self.unshare(&live, old).await;
        }
        let base = live.before(netlink.interface(base).await?);
        let name = name.map_or_else(|| share::name(&base, share), str::to_owned);
        let (link, made) = match netlink.interface(&name).await {
            Ok(link) => (link, None),
            Err(_) => {
                let (link, made) = share::make(netlink, Path::new(ROOT), &base, &name, share).await?;
                (link, Some(made))
            }
        };
        let part = Part { base, made: made.map(|made| (link.clone(), made)) };
        let mtu = if let Share::Qmap { transfer, .. } = share { Some(transfer) } else { None };
        if let Err(error) = netlink.set_up(&part.base, mtu).await {
            self.unshare(&live, part).await;
            return Err(error);
        }
        live.shared.insert(id.clone(), part);
        Ok(link)
    }

    /// Takes a link down, and away where it was made; one that is not up is down.
    pub async fn take_down(&self, id: &LinkId) {
        let mut live = self.0.live.lock().await;
        if let Some(old) = live.links.remove(id) {
            self.take_away(&live, &old).await;
            info!("{id}: {} is down", old.plan.interface);
            self.publish(&live);
        }
        if let Some(old) = live.shared.remove(id) {
            self.unshare(&live, old).await;
        }
    }

    /// Takes everything down.
    pub async fn take_all_down(&self) {
        let live = self.0.live.lock().await;
        let ids: BTreeSet<_> = live.links.keys().chain(live.shared.keys()).cloned().collect();
        drop(live);
        for id in ids {
            self.take_down(&id).await;
        }
    }

    /// Moves a link in the order of default routes: the lowest metric goes first. `None` takes its default routes out
    /// of the main table; what is bound to the link goes out by it all the same.
    pub async fn set_metric(&self, id: &LinkId, metric: Option<u32>) -> Result<(), NetError> {
        let mut live = self.0.live.lock().await;
        let Some(link) = live.links.get_mut(id).filter(|link| link.plan.metric != metric) else { return Ok(()) };
        let netlink = &self.0.netlink;
        // The new route first: there is no moment without one.
        for route in metric.map(|metric| link.plan.default_routes(metric)).unwrap_or_default() {
            netlink.add_route(&link.before, &route).await?;
        }
        for route in link.plan.metric.map(|metric| link.plan.default_routes(metric)).unwrap_or_default() {
            netlink.delete_route(&link.before, &route).await?;
        }
        link.plan.metric = metric;
        self.publish(&live);
        Ok(())
    }

    async fn apply(&self, link: &Link) -> Result<(), NetError> {
        let (netlink, Link { plan, before }) = (&self.0.netlink, link);
        if plan.families().next().is_none() {
            return Err(NetError::NoAddress(plan.interface.clone()));
        }
        // Leftovers of an interface that came back under the same index cannot be: the kernel never gives one twice.
        router::ignore_default_routes(&plan.interface, true);
        netlink.set_up(before, plan.mtu).await?;
        for address in plan.addresses.iter().filter(|_| !plan.addressed) {
            netlink.add_address(before, *address).await?;
        }
        for route in plan.own_routes() {
            netlink.add_route(before, &route).await?;
        }
        for rule in plan.rules() {
            netlink.add_rule(plan, rule).await?;
        }
        for route in plan.metric.map(|metric| plan.default_routes(metric)).unwrap_or_default() {
            netlink.add_route(before, &route).await?;
        }
        // Names that cannot be resolved are a trouble, but no reason to have no link.
        if let Err(error) = self.0.dns.set(plan, before.index).await {
            warn!("{}: {error}", plan.interface);
        }
        Ok(())
    }

    async fn take_away(&self, live: &Live, link: &Link) {
        self.0.dns.unset(&link.plan, link.before.index).await;
        leftovers::remove_table(&self.0.netlink, link.plan.table).await;
        router::ignore_default_routes(&link.plan.interface, false);
        self.set_back(live, &link.before).await;
    }

    async fn unshare(&self, live: &Live, part: Part) {
        if let Some((link, made)) = part.made
            && let Err(error) = share::unmake(&self.0.netlink, Path::new(ROOT), &link, &made).await
        {
            warn!("{error}");
        }
        self.set_back(live, &part.base).await;
    }

    /// The last bearer that leaves an interface puts it back.
    async fn set_back(&self, live: &Live, before: &Interface) {
        if !live.uses(before)
            && let Err(error) = self.0.netlink.set_back(before).await
        {
            warn!("{error}");
        }
    }

    fn publish(&self, live: &Live) {
        self.0.up.send_replace(live.links.iter().map(|(id, link)| (id.clone(), link.plan.clone())).collect());
    }
}

async fn clean(netlink: &Netlink, dns: &Dns) {
    let removed = leftovers::remove_all(netlink).await;
    if !removed.is_empty() {
        let leftovers::Removed { addresses, routes, rules, links } = removed;
        info!(
            "removed {addresses} addresses, {routes} routes, {rules} rules and {links} links that an earlier life left \
             behind"
        );
    }
    dns.clean().await;
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Links").field(&*self.0.up.borrow()).finish()
    }
}
