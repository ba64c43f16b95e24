//! Name servers of a link by systemd-resolved (org.freedesktop.resolve1(5)): it binds its queries to the link, and
//! forgets the servers with it.

use std::net::IpAddr;

use tokio::sync::OnceCell;

use crate::net::error::NetError;
use crate::net::plan::LinkPlan;

/// The address families of `SetLinkDNS` are those of the kernel.
const AF_INET: i32 = 2;
const AF_INET6: i32 = 10;

#[zbus::proxy(
    interface = "org.freedesktop.resolve1.Manager",
    default_service = "org.freedesktop.resolve1",
    default_path = "/org/freedesktop/resolve1"
)]
trait Manager {
    #[zbus(name = "SetLinkDNS")]
    fn set_link_dns(&self, ifindex: i32, addresses: &[(i32, Vec<u8>)]) -> zbus::Result<()>;
    fn set_link_domains(&self, ifindex: i32, domains: &[(&str, bool)]) -> zbus::Result<()>;
    fn set_link_default_route(&self, ifindex: i32, enable: bool) -> zbus::Result<()>;
    fn revert_link(&self, ifindex: i32) -> zbus::Result<()>;
}

/// The way to it; the bus is asked when there is something to tell.
#[derive(Default)]
pub struct Resolved {
    bus: OnceCell<zbus::Connection>,
}

impl Resolved {
    pub fn on(bus: zbus::Connection) -> Self {
        Self { bus: OnceCell::new_with(Some(bus)) }
    }

    async fn manager(&self) -> zbus::Result<ManagerProxy<'_>> {
        let bus = self.bus.get_or_try_init(zbus::Connection::system).await?;
        ManagerProxy::new(bus).await
    }

    pub async fn set(&self, plan: &LinkPlan, index: u32) -> Result<(), NetError> {
        let work = async {
            let (manager, index) = (self.manager().await?, ifindex(index));
            let servers: Vec<_> = plan.dns.iter().map(server).collect();
            manager.set_link_dns(index, &servers).await?;
            let domains: Vec<_> = plan.domains.iter().map(|domain| (domain.as_str(), false)).collect();
            manager.set_link_domains(index, &domains).await?;
            // Names that belong to no link are asked for here only where packets go this way, too.
            manager.set_link_default_route(index, plan.metric.is_some()).await
        };
        work.await.map_err(|error| refused(plan, &error))
    }

    pub async fn unset(&self, plan: &LinkPlan, index: u32) -> Result<(), NetError> {
        let work = async { self.manager().await?.revert_link(ifindex(index)).await };
        match work.await {
            // The link has gone, and what was told about it with it.
            Err(zbus::Error::MethodError(name, ..)) if name.as_str().ends_with(".NoSuchLink") => Ok(()),
            other => other.map_err(|error| refused(plan, &error)),
        }
    }
}

fn ifindex(index: u32) -> i32 {
    i32::try_from(index).unwrap_or_default()
}

fn server(ip: &IpAddr) -> (i32, Vec<u8>) {
    match ip {
        IpAddr::V4(v4) => (AF_INET, v4.octets().to_vec()),
        IpAddr::V6(v6) => (AF_INET6, v6.octets().to_vec()),
    }
}

fn refused(plan: &LinkPlan, error: &zbus::Error) -> NetError {
    NetError::Refused { doing: format!("telling systemd-resolved of {}", plan.interface), reason: error.to_string() }
}
