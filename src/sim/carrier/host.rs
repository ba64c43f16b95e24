//! The host: real sockets on the kernel's own IP, in the namespace of the calling thread.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use crate::net::netlink::Netlink;
use crate::net::plan::{Address, Family, Route, Target};

/// Its end of the way to the modem.
pub const INTERFACE: &str = "modem";
/// RFC 862.
const ECHO: u16 = 7;
const HTTP: u16 = 80;
const DNS: u16 = 53;
/// Names that it answers for, in the form of RFC 1035 clause 3.1.
const ZONE: &[u8] = b"\x07carrier\x04test\x00";
/// A request line and its headers are shorter.
const REQUEST: usize = 4096;

/// Sockets that are open.
pub struct Host {
    echo: TcpListener,
    http: TcpListener,
    dns: Vec<Arc<UdpSocket>>,
    addresses: Vec<IpAddr>,
}

impl Host {
    /// Gives the namespace its addresses and routes, and listens.
    pub async fn open(addresses: &[IpAddr]) -> io::Result<Self> {
        configure(addresses).await.map_err(io::Error::other)?;
        let any = |port| SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
        let mut dns = Vec::new();
        for address in addresses {
            // A socket each, so that an answer comes from where the question went.
            dns.push(Arc::new(UdpSocket::bind((*address, DNS)).await?));
        }
        Ok(Self {
            echo: TcpListener::bind(any(ECHO)).await?,
            http: TcpListener::bind(any(HTTP)).await?,
            dns,
            addresses: addresses.to_vec(),
        })
    }

    /// For ever.
    pub async fn answer(&self) {
        let dns = join_all(self.dns.iter().map(|socket| self.answer_names(socket)));
        tokio::join!(accept(&self.echo, echo), accept(&self.http, no_content), dns);
    }

    async fn answer_names(&self, socket: &UdpSocket) {
        let mut buffer = [0; 512];
        loop {
            // What cannot be delivered is reported at the next call; there is always a next one.
            let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
            if let Some(answer) = buffer.get(..length).and_then(|question| answer(question, &self.addresses)) {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    }
}

async fn configure(addresses: &[IpAddr]) -> Result<(), crate::net::NetError> {
    let refused = |error: io::Error| crate::net::NetError::refused("opening rtnetlink", &error);
    let netlink = Netlink::open().map_err(refused)?;
    netlink.set_up(&netlink.interface("lo").await?, None).await?;
    let interface = netlink.interface(INTERFACE).await?;
    netlink.set_up(&interface, None).await?;
    for address in addresses {
        netlink.add_address(&interface, Address::from(*address)).await?;
    }
    for family in Family::ALL.into_iter().filter(|family| addresses.iter().any(|ip| Family::of(ip) == *family)) {
        let route = Route { family, table: None, gateway: None, source: None, metric: 1, target: Target::Interface };
        netlink.add_route(&interface, &route).await?;
    }
    Ok(())
}

async fn accept<F: Future<Output = io::Result<()>> + Send + 'static>(
    listener: &TcpListener,
    serve: impl Fn(TcpStream) -> F,
) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    }
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let (mut from, mut to) = stream.split();
    tokio::io::copy(&mut from, &mut to).await?;
    to.shutdown().await
}

async fn no_content(mut stream: TcpStream) -> io::Result<()> {
    let (mut request, mut buffer) = (Vec::<u8>::new(), [0; 512]);
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < REQUEST {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            n => request.extend(buffer.iter().take(n)),
        }
    }
    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await?;
    stream.shutdown().await
}

/// The answer to a question (RFC 1035 clause 4): the first address of the family that is asked for, for every name below
/// `carrier.test`; any other name does not exist.
fn answer(question: &[u8], addresses: &[IpAddr]) -> Option<Vec<u8>> {
    let id = question.get(..2)?;
    let body = question.get(12..)?;
    let end = name_length(body)?;
    let (name, kind) = (body.get(..end)?, body.get(end..end.checked_add(2)?)?);
    let asked = body.get(..end.checked_add(4)?)?;
    let known = name.to_ascii_lowercase().ends_with(ZONE);
    let found = addresses.iter().find_map(|ip| match (ip, kind) {
        (IpAddr::V4(v4), [0, 1]) => Some(v4.octets().to_vec()),
        (IpAddr::V6(v6), [0, 28]) => Some(v6.octets().to_vec()),
        _ => None,
    });
    let found = found.filter(|_| known);
    let mut text = id.to_vec();
    // An answer of its own zone; recursion is there for who asked for it. 3: no such name.
    text.extend([0x85, if known { 0x80 } else { 0x83 }]);
    text.extend([0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0]);
    text.extend(asked);
    if let Some(address) = found {
        // The name again, the type, the Internet, 60 s.
        text.extend([0xc0, 12, 0]);
        text.extend(kind.get(1..)?);
        text.extend([0, 1, 0, 0, 0, 60, 0, u8::try_from(address.len()).ok()?]);
        text.extend(address);
    }
    Some(text)
}

/// Octets of the name that `body` starts with, its closing zero included; questions have no pointers.
fn name_length(body: &[u8]) -> Option<usize> {
    let mut at = 0usize;
    loop {
        match *body.get(at)? {
            0 => return at.checked_add(1),
            length @ 1..=63 => at = at.checked_add(usize::from(length))?.checked_add(1)?,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const ADDRESSES: [IpAddr; 2] =
        [IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))];

    fn question(name: &[u8], kind: u8) -> Vec<u8> {
        [&[0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], name, &[0, kind, 0, 1]].concat()
    }

    #[test]
    fn names_of_the_zone_are_known() {
        let name = b"\x04host\x07Carrier\x04test\x00";
        let v4 = answer(&question(name, 1), &ADDRESSES).unwrap();
        assert_eq!(v4.get(..4), Some(&[0xab, 0xcd, 0x85, 0x80][..]));
        assert!(v4.ends_with(&[0, 4, 203, 0, 113, 1]));
        let v6 = answer(&question(name, 28), &ADDRESSES).unwrap();
        assert!(v6.ends_with(&Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).octets()));
        let text = answer(&question(name, 16), &ADDRESSES).unwrap();
        assert_eq!(text.get(3..8), Some(&[0x80, 0, 1, 0, 0][..]), "the name is known, and has no text");
        let other = answer(&question(b"\x07example\x03org\x00", 1), &ADDRESSES).unwrap();
        assert_eq!(other.get(3..8), Some(&[0x83, 0, 1, 0, 0][..]));
    }

    #[test]
    fn broken_questions_are_not_answered() {
        let good = question(b"\x04host\x07carrier\x04test\x00", 1);
        for end in 0..good.len() {
            assert_eq!(answer(good.get(..end).unwrap(), &ADDRESSES), None, "{end}");
        }
        assert_eq!(answer(&question(b"\xc0\x0c", 1), &ADDRESSES), None, "a pointer");
    }
}
