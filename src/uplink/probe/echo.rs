//! ICMP echo, by a ping socket where the kernel lets us, else by a raw one.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket as StdUdpSocket};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, ipproto, socket_with};
use tokio::net::UdpSocket;

use super::{Link, Silence, token};
use crate::codec::icmp::{Echo, Version};

pub(super) async fn ask(link: &Link, address: IpAddr) -> Result<(), Silence> {
    let (family, protocol, version) = match address {
        IpAddr::V4(_) => (AddressFamily::INET, ipproto::ICMP, Version::V4),
        IpAddr::V6(_) => (AddressFamily::INET6, ipproto::ICMPV6, Version::V6),
    };
    let (socket, raw) = open(family, protocol)?;
    socket.bind_device(Some(link.interface.as_bytes()))?;
    socket.connect(SocketAddr::new(address, 0)).await?;
    let token = token();
    let [id0, id1, ..] = token.to_be_bytes();
    let echo = Echo { id: u16::from_be_bytes([id0, id1]), sequence: 1, token };
    socket.send(&echo.request(version)).await?;
    let mut packet = [0; 128];
    loop {
        let length = socket.recv(&mut packet).await?;
        // A ping socket has a number of its own in place of ours.
        let reply = Echo::reply(packet.get(..length).unwrap_or_default(), version, raw && version == Version::V4);
        if reply.is_some_and(|reply| reply.token == token) {
            return Ok(());
        }
    }
}

/// A socket for ICMP, and whether it is a raw one. Ping sockets need a group of `net.ipv4.ping_group_range`, which has
/// nobody in it as the kernel comes; raw ones need CAP_NET_RAW.
fn open(family: AddressFamily, protocol: Protocol) -> io::Result<(UdpSocket, bool)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let of = |kind| socket_with(family, kind, flags, Some(protocol)).map_err(io::Error::from);
    let (socket, raw): (OwnedFd, bool) = match of(SocketType::DGRAM) {
        Ok(socket) => (socket, false),
        Err(_) => (of(SocketType::RAW)?, true),
    };
    Ok((UdpSocket::from_std(StdUdpSocket::from(socket))?, raw))
}
