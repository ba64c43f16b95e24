//! An HTTP request that is answered with 204 and nothing else.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Link, Silence, dns, tcp};

/// Octets of an answer that are read at most: the status line is first.
const ENOUGH: usize = 64;

pub(super) async fn ask(link: &Link, host: &str, port: u16, path: &str) -> Result<(), Silence> {
    let addresses = match host.parse() {
        Ok(address) => vec![address],
        Err(_) => dns::addresses(link, host).await?,
    };
    let mut failure = Silence::NoAddress(host.to_owned());
    for address in addresses {
        match tcp::connect(link, SocketAddr::new(address, port)).await {
            Ok(stream) => return request(stream, host, path).await,
            Err(error) => failure = error.into(),
        }
    }
    Err(failure)
}

async fn request(mut stream: tokio::net::TcpStream, host: &str, path: &str) -> Result<(), Silence> {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ENOUGH as u64).read_to_end(&mut answer).await?;
    let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
    let mut words = line.split(' ');
    match (words.next().is_some_and(|version| version.starts_with("HTTP/1.")), words.next()) {
        (true, Some("204")) => Ok(()),
        (true, Some(status)) => Err(Silence::Status(status.chars().take(3).collect())),
        _ => Err(Silence::Closed),
    }
}
