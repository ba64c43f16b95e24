//! Probes: questions to the far end that go out by one link alone, whichever has the default route.

mod dns;
mod echo;
mod http;
mod tcp;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout};

use crate::policy::health::{Round, Target};

/// The link to ask by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its interface.
    pub interface: String,
    /// The name servers that came with it.
    pub dns: Vec<IpAddr>,
}

/// Why a target is taken for not answering; a sentence part.
#[derive(Debug, thiserror::Error)]
enum Silence {
    #[error("no answer within {}", crate::spec::span::Span(*.0))]
    TimedOut(Duration),
    #[error("{0}")]
    Refused(#[from] std::io::Error),
    #[error("closed as soon as it was opened, by something in between")]
    Closed,
    #[error("answered with {0} instead of 204")]
    Status(String),
    #[error("the name server answered with code {0}")]
    Name(u8),
    #[error("{0} has no address")]
    NoAddress(String),
    #[error("the link came with no name server")]
    NoServer,
}

/// Asks `targets`, which have numbers, by `link`, side by side; also how long the first answer took.
pub async fn round(link: &Link, targets: &[(usize, Target)], limit: Duration) -> (Round, Option<Duration>) {
    let answers = join_all(targets.iter().map(|(_, target)| one(link, target, limit))).await;
    let (mut round, mut fastest) = (Round::default(), None);
    for ((number, target), answer) in targets.iter().zip(answers) {
        match answer {
            Ok(span) => {
                round.answered.push(*number);
                round.octets += target.cost();
                fastest = Some(fastest.map_or(span, |fastest: Duration| fastest.min(span)));
            }
            Err(silence) => {
                // What was not answered went one way.
                round.octets += target.cost().div_ceil(2);
                round.failures.push(format!("{target}: {silence}"));
            }
        }
    }
    (round, fastest)
}

async fn one(link: &Link, target: &Target, limit: Duration) -> Result<Duration, Silence> {
    let start = Instant::now();
    let answered = timeout(limit, ask(link, target)).await.map_err(|_| Silence::TimedOut(limit))?;
    answered.map(|()| start.elapsed())
}

async fn ask(link: &Link, target: &Target) -> Result<(), Silence> {
    match target {
        Target::Icmp(address) => echo::ask(link, *address).await,
        Target::Tcp(address) => tcp::ask(link, *address).await,
        Target::Dns(server) => dns::ask(link, *server).await,
        Target::LinkDns => dns::ask_any(link).await,
        Target::Http { host, port, path } => http::ask(link, host, *port, path).await,
    }
}

/// A datagram socket that goes out by `link` to `peer` alone.
async fn datagrams(link: &Link, peer: SocketAddr) -> std::io::Result<UdpSocket> {
    let any: SocketAddr = if peer.is_ipv4() { ([0; 4], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.bind_device(Some(link.interface.as_bytes()))?;
    socket.connect(peer).await?;
    Ok(socket)
}

/// A number that nobody can foresee, for questions: whoever cannot see them cannot answer them.
fn token() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}
