//! What the kernel knows of interfaces: whether there is a carrier, what they carried, which default routes lead there.

use std::io;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::path::Path;

use futures_util::{StreamExt, TryStreamExt};
use rtnetlink::packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use rtnetlink::packet_route::route::{RouteAttribute, RouteHeader, RouteMessage, RouteProtocol};
use rtnetlink::{Handle, RouteMessageBuilder};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};
use tokio::io::unix::AsyncFd;

use crate::net::plan::PROTOCOL;
use crate::policy::health::Octets;

/// An interface as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Index; never given twice while the machine runs.
    pub index: u32,
    /// It is up and has a carrier.
    pub carrier: bool,
    /// What it carried.
    pub octets: Octets,
}

/// Asks the kernel; a cheap handle.
#[derive(Clone, Debug)]
pub struct Kernel {
    handle: Handle,
}

impl Kernel {
    /// Opens it; needs a tokio runtime, which carries it until the last handle is dropped.
    pub fn open() -> io::Result<Self> {
        let (connection, handle, _) = rtnetlink::new_connection()?;
        tokio::spawn(connection);
        Ok(Self { handle })
    }

    /// The interface of that name; `None`: there is none.
    pub async fn look(&self, name: &str) -> Option<Seen> {
        let mut found = self.handle.link().get().match_name(name.to_owned()).execute();
        found.try_next().await.ok().flatten().map(|link| seen(&link))
    }

    /// The lowest metric of the default routes by `index` in the main table that are not ours; `None`: there is none.
    pub async fn metric(&self, index: u32) -> Option<u32> {
        let routes = self.handle.route().get(RouteMessageBuilder::<IpAddr>::new().build()).execute();
        let theirs = routes.filter_map(|route| async { route.ok().filter(|route| leads_to(route, index)) });
        theirs.map(|route| metric(&route)).collect::<Vec<_>>().await.into_iter().min()
    }
}

/// Whether the kernel drops what comes in by an interface that is not the way back (RFC 3704 clause 2.2; `rp_filter` in
/// `Documentation/networking/ip-sysctl.rst`: the larger value of all interfaces and of this one counts, 1 is strict).
pub fn is_strict(interface: &str) -> bool {
    let read = |name: &str| -> u8 {
        let path = Path::new("/proc/sys/net/ipv4/conf").join(name).join("rp_filter");
        std::fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or_default()
    };
    read("all").max(read(interface)) == 1
}

fn seen(link: &LinkMessage) -> Seen {
    let octets = link.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::Stats64(stats) => Some(Octets { received: stats.rx_bytes, sent: stats.tx_bytes }),
        _ => None,
    });
    let carrier = link.header.flags.contains(LinkFlags::Up | LinkFlags::LowerUp);
    Seen { index: link.header.index, carrier, octets: octets.unwrap_or_default() }
}

fn leads_to(route: &RouteMessage, index: u32) -> bool {
    let by = route.attributes.iter().any(|attribute| matches!(attribute, RouteAttribute::Oif(oif) if *oif == index));
    let ours = route.header.protocol == RouteProtocol::Other(PROTOCOL);
    by && !ours && route.header.destination_prefix_length == 0 && route.header.table == RouteHeader::RT_TABLE_MAIN
}

fn metric(route: &RouteMessage) -> u32 {
    let metric = |attribute: &RouteAttribute| match attribute {
        RouteAttribute::Priority(metric) => Some(*metric),
        _ => None,
    };
    route.attributes.iter().find_map(metric).unwrap_or_default()
}

/// Groups of rtnetlink: links, and the routes of either family (`RTMGRP_LINK`, `RTMGRP_IPV4_ROUTE`,
/// `RTMGRP_IPV6_ROUTE`).
const GROUPS: u32 = 0x1 | 0x40 | 0x400;

/// Hears that links or routes changed, not what: who cares looks anew.
#[derive(Debug)]
pub struct Changes(AsyncFd<OwnedFd>);

impl Changes {
    /// Listens. Needs no rights.
    pub fn listen() -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        // Protocol 0 of this family is rtnetlink.
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        Ok(Self(crate::port::kernel::watched(socket)?))
    }

    /// Resolves when something changed since the last time.
    pub async fn next(&self) -> io::Result<()> {
        let mut guard = self.0.readable().await?;
        let mut buffer = [0; 64];
        // All that is waiting is one change; more than the kernel could keep is one as well.
        while let Ok(received) = guard.try_io(|socket| Ok(recv(socket.get_ref(), &mut buffer[..], RecvFlags::empty())?))
        {
            match received {
                Ok(_) => {}
                Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NOBUFS.raw_os_error()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
