//! What a probe asks, and what asking costs.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// Something at the far end that answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// An echo request (RFC 792, RFC 4443 clause 4.1).
    Icmp(IpAddr),
    /// A TCP connection that the far end opens and keeps: one that is closed at once was not opened by whom it was
    /// meant for.
    Tcp(SocketAddr),
    /// A question to a name server.
    Dns(SocketAddr),
    /// A question to the name servers that the network gave with the link.
    LinkDns,
    /// An HTTP request that is answered with 204 and nothing else: no portal in between does that.
    Http {
        /// Host as the URL has it, a name or an address.
        host: String,
        /// TCP port.
        port: u16,
        /// Path and query.
        path: String,
    },
}

/// The text names nothing that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is nothing to ask; write icmp:192.0.2.1, tcp:192.0.2.1:443, dns:192.0.2.53, dns:link or http://host/path"
)]
pub struct InvalidTarget(pub String);

/// Name servers answer here (RFC 1035 clause 4.2).
const DNS_PORT: u16 = 53;

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let invalid = || InvalidTarget(text.to_owned());
        let (kind, rest) = text.split_once(':').ok_or_else(invalid)?;
        match (kind, rest) {
            ("icmp", address) => address.parse().map(Self::Icmp).map_err(|_| invalid()),
            ("tcp", address) => address.parse().map(Self::Tcp).map_err(|_| invalid()),
            ("dns", "link") => Ok(Self::LinkDns),
            ("dns", address) => name_server(address).map(Self::Dns).ok_or_else(invalid),
            ("http", url) => http(url).ok_or_else(invalid),
            _ => Err(invalid()),
        }
    }
}

fn name_server(text: &str) -> Option<SocketAddr> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address: IpAddr| SocketAddr::new(address, DNS_PORT)))
}

/// `//host[:port][/path]`. What goes into the request is printable ASCII without blanks: no line can be smuggled in.
fn http(url: &str) -> Option<Target> {
    let url = url.strip_prefix("//").filter(|url| url.bytes().all(|b| b.is_ascii_graphic()))?;
    let (authority, path) = url.split_at(url.find('/').unwrap_or(url.len()));
    let (host, port) = match authority.parse::<SocketAddr>() {
        Ok(address) => (address.ip().to_string(), address.port()),
        Err(_) => match authority.rsplit_once(':').filter(|(host, _)| !host.contains(':')) {
            Some((host, port)) => (host.to_owned(), port.parse().ok()?),
            None => (authority.trim_start_matches('[').trim_end_matches(']').to_owned(), 80),
        },
    };
    let name = |b: u8| b.is_ascii_alphanumeric() || b"-._:".contains(&b);
    let sound = !host.is_empty() && host.len() <= 253 && host.bytes().all(name) && port > 0;
    let path = if path.is_empty() { "/" } else { path };
    sound.then(|| Target::Http { host, port, path: path.to_owned() })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Icmp(address) => write!(f, "icmp:{address}"),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Dns(address) => write!(f, "dns:{address}"),
            Self::LinkDns => f.write_str("dns:link"),
            Self::Http { host, port, path } if host.contains(':') => write!(f, "http://[{host}]:{port}{path}"),
            Self::Http { host, port, path } => write!(f, "http://{host}:{port}{path}"),
        }
    }
}

/// Header of IPv4 without options (RFC 791); IPv6 has 20 octets more (RFC 8200).
const IPV4: u64 = 20;
const IPV6: u64 = 40;
/// ICMP echo header and eight octets of ours.
const ECHO: u64 = 16;
/// UDP header, DNS header, the question for the root, and an answer with its authority, as they are in the field.
const QUESTION: u64 = 8 + 17;
const ANSWER: u64 = 8 + 92;
/// A TCP header with the usual options of a handshake, and without any.
const SYN: u64 = 40;
const ACK: u64 = 32;
/// Octets of a request for nothing beside its host and path, and of an answer 204 with its usual headers.
const REQUEST: u64 = 60;
const NO_CONTENT: u64 = 180;

impl Target {
    /// Octets on the link for one probe that is answered, both ways, with IP headers.
    pub fn cost(&self) -> u64 {
        let ip = match self {
            Self::Icmp(IpAddr::V6(_)) | Self::Tcp(SocketAddr::V6(_)) | Self::Dns(SocketAddr::V6(_)) => IPV6,
            Self::Http { host, .. } if host.contains(':') => IPV6,
            _ => IPV4,
        };
        let (packets, octets) = match self {
            Self::Icmp(_) => (2, 2 * ECHO),
            Self::Dns(_) | Self::LinkDns => (2, QUESTION + ANSWER),
            // SYN, SYN+ACK, ACK, RST.
            Self::Tcp(_) => (4, 2 * SYN + 2 * ACK),
            // A handshake, request and answer with their acknowledgements, two FINs with theirs.
            Self::Http { host, path, .. } => {
                (11, 2 * SYN + 9 * ACK + REQUEST + NO_CONTENT + (host.len() + path.len()) as u64)
            }
        };
        packets * ip + octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints() {
        for text in [
            "icmp:192.0.2.1",
            "icmp:2001:db8::1",
            "tcp:192.0.2.1:443",
            "tcp:[2001:db8::1]:443",
            "dns:192.0.2.53:53",
            "dns:[2001:db8::53]:53",
            "dns:link",
            "http://probe.example:80/generate_204?a=b",
            "http://[2001:db8::1]:8080/",
        ] {
            assert_eq!(text.parse::<Target>().map(|target| target.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("dns:192.0.2.53".parse(), Ok(Target::Dns("192.0.2.53:53".parse().unwrap())));
        let short: Target = "http://probe.example".parse().unwrap();
        assert_eq!(short.to_string(), "http://probe.example:80/");
    }

    #[test]
    fn refuses_what_cannot_be_asked() {
        for text in [
            "",
            "192.0.2.1",
            "ping:192.0.2.1",
            "icmp:",
            "icmp:example.org",
            "tcp:192.0.2.1",
            "tcp:192.0.2.1:0x1",
            "dns:",
            "dns:host",
            "http:probe.example",
            "http://",
            "http:///path",
            "http://host:0/",
            "http://host:99999/",
            "http://ho st/",
            "http://host/\r\nX: y",
            "http://user@host/",
            "https://host/",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_echo_is_the_cheapest_question() {
        let cost = |text: &str| text.parse::<Target>().unwrap().cost();
        assert_eq!(cost("icmp:192.0.2.1"), 72);
        assert_eq!(cost("icmp:2001:db8::1"), 112);
        assert_eq!(cost("dns:link"), 165);
        assert_eq!(cost("tcp:192.0.2.1:443"), 224);
        assert!(cost("http://probe.example/generate_204") > 800);
    }
}
