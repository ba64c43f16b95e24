//! A TCP connection that is opened, kept for a moment, and dropped.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{Link, Silence};

/// What is in between and answers for others closes within a third of a second, as seen in the field.
const MOMENT: Duration = Duration::from_millis(500);

pub(super) async fn ask(link: &Link, address: SocketAddr) -> Result<(), Silence> {
    let stream = connect(link, address).await?;
    // Reset instead of four packets to say goodbye.
    stream.set_zero_linger()?;
    match timeout(MOMENT, stream.peek(&mut [0])).await {
        // Nothing came: it is kept.
        Err(_) => Ok(()),
        Ok(Ok(1..)) => Ok(()),
        Ok(Ok(0) | Err(_)) => Err(Silence::Closed),
    }
}

/// A connection by `link`.
pub(super) async fn connect(link: &Link, address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind_device(Some(link.interface.as_bytes()))?;
    socket.connect(address).await
}
