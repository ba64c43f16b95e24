//! A question to a name server.

use std::net::{IpAddr, SocketAddr};

use futures_util::FutureExt;
use futures_util::future::select_ok;

use super::{Link, Silence, datagrams, token};
use crate::codec::dns::{self, Answer, Kind, LARGEST};

const PORT: u16 = 53;
/// The server could not find out (RFC 1035 clause 4.1.1): it answers, and its own way out is gone.
const SERVER_FAILURE: u8 = 2;

/// Asks for the servers of the root, which every resolver knows by heart.
pub(super) async fn ask(link: &Link, server: SocketAddr) -> Result<(), Silence> {
    match question(link, server, "", Kind::Ns).await?.code {
        SERVER_FAILURE => Err(Silence::Name(SERVER_FAILURE)),
        _ => Ok(()),
    }
}

/// Asks every name server that came with the link; one answer is enough.
pub(super) async fn ask_any(link: &Link) -> Result<(), Silence> {
    let servers = link.dns.iter().map(|server| SocketAddr::new(*server, PORT));
    let questions: Vec<_> = servers.map(|server| ask(link, server).boxed()).collect();
    if questions.is_empty() {
        return Err(Silence::NoServer);
    }
    select_ok(questions).await.map(|((), _)| ())
}

/// The addresses of `name` as the name servers of the link know them: the machine's own resolver may ask by another.
pub(super) async fn addresses(link: &Link, name: &str) -> Result<Vec<IpAddr>, Silence> {
    let mut failure = Silence::NoServer;
    for server in &link.dns {
        for kind in [Kind::A, Kind::Aaaa] {
            match question(link, SocketAddr::new(*server, PORT), name, kind).await {
                Ok(answer) if !answer.addresses.is_empty() => return Ok(answer.addresses),
                Ok(_) => failure = Silence::NoAddress(name.to_owned()),
                Err(error) => failure = error,
            }
        }
    }
    Err(failure)
}

async fn question(link: &Link, server: SocketAddr, name: &str, kind: Kind) -> Result<Answer, Silence> {
    let [id0, id1, ..] = token().to_be_bytes();
    let missing = || Silence::NoAddress(name.to_owned());
    let question = dns::question(u16::from_be_bytes([id0, id1]), name, kind).ok_or_else(missing)?;
    let socket = datagrams(link, server).await?;
    socket.send(&question).await?;
    let mut message = [0; LARGEST];
    loop {
        let length = socket.recv(&mut message).await?;
        if let Some(answer) = dns::answer(&question, message.get(..length).unwrap_or_default()) {
            return Ok(answer);
        }
    }
}
