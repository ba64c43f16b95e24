//! All links of the machine that are ours: brought up, moved in the order of default routes, taken down.

use std::collections::BTreeMap;
use std::fmt;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
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
    /// One change at a time; each link with its interface as it was before.
    live: Mutex<BTreeMap<LinkId, Live>>,
    dns: Dns,
    up: watch::Sender<Up>,
    _alone: Option<UnixListener>,
}

/// The name by which daemons in one network namespace see each other; it goes with its process.
const ALONE: &[u8] = b"lpwa-links";

/// Whether no other daemon has links in this network namespace: what carries our marks would be in use.
fn alone() -> Option<UnixListener> {
    let name = SocketAddr::from_abstract_name(ALONE).ok()?;
    UnixListener::bind_addr(&name).ok()
}

struct Live {
    plan: LinkPlan,
    before: Interface,
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
        if let Some(old) = live.remove(id) {
            self.take_away(&old).await;
        }
        let now = self.0.netlink.interface(&plan.interface).await?;
        // One that is in use already says how it was before.
        let before = mark::read(&now).unwrap_or(now);
        let new = Live { plan, before };
        if let Err(error) = self.apply(&new).await {
            self.take_away(&new).await;
            self.publish(&live);
            return Err(error);
        }
        info!("{id}: {} is up", new.plan.interface);
        live.insert(id.clone(), new);
        self.publish(&live);
        Ok(())
    }

    /// Takes a link down; one that is not up is down.
    pub async fn take_down(&self, id: &LinkId) {
        let mut live = self.0.live.lock().await;
        if let Some(old) = live.remove(id) {
            self.take_away(&old).await;
            info!("{id}: {} is down", old.plan.interface);
            self.publish(&live);
        }
    }

    /// Takes everything down.
    pub async fn take_all_down(&self) {
        let ids: Vec<_> = self.0.live.lock().await.keys().cloned().collect();
        for id in ids {
            self.take_down(&id).await;
        }
    }

    /// Moves a link in the order of default routes: the lowest metric goes first. `None` takes its default routes out
    /// of the main table; what is bound to the link goes out by it all the same.
    pub async fn set_metric(&self, id: &LinkId, metric: Option<u32>) -> Result<(), NetError> {
        let mut live = self.0.live.lock().await;
        let Some(link) = live.get_mut(id).filter(|link| link.plan.metric != metric) else { return Ok(()) };
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

    async fn apply(&self, link: &Live) -> Result<(), NetError> {
        let (netlink, Live { plan, before }) = (&self.0.netlink, link);
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

    async fn take_away(&self, link: &Live) {
        self.0.dns.unset(&link.plan, link.before.index).await;
        leftovers::remove_table(&self.0.netlink, link.plan.table).await;
        router::ignore_default_routes(&link.plan.interface, false);
        if let Err(error) = self.0.netlink.set_back(&link.before).await {
            warn!("{error}");
        }
    }

    fn publish(&self, live: &BTreeMap<LinkId, Live>) {
        self.0.up.send_replace(live.iter().map(|(id, link)| (id.clone(), link.plan.clone())).collect());
    }
}

async fn clean(netlink: &Netlink, dns: &Dns) {
    let removed = leftovers::remove_all(netlink).await;
    if !removed.is_empty() {
        let leftovers::Removed { addresses, routes, rules } = removed;
        info!("removed {addresses} addresses, {routes} routes and {rules} rules that an earlier life left behind");
    }
    dns.clean().await;
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Links").field(&*self.0.up.borrow()).finish()
    }
}
