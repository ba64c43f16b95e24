//! Where the objects are served: on a bus, whose loss is survived, and to peers on a socket.

use std::path::PathBuf;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};
use zbus::connection::Builder;
use zbus::fdo::RequestNameFlags;
use zbus::{Connection, Guid};

use super::listen::Socket;
use super::publish::Published;
use super::{BUS_NAME, Exports};
use crate::daemon::config::{Bus, Listen};

/// Peers at the same time; each costs a connection's memory.
const MAX_PEERS: usize = 32;

/// A peer that has not authenticated by then is no D-Bus client.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Waits between attempts to be on the bus again: from one second, doubled up to one minute.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No connection to the bus.
    #[error("cannot be on the {bus}: {cause}; is a D-Bus daemon running? `--bus none` goes without")]
    Bus {
        /// Which one.
        bus: String,
        /// Why.
        cause: zbus::Error,
    },
    /// Another daemon has the name.
    #[error("{BUS_NAME} is taken on the {bus}: another lpwa daemon is running; stop it first")]
    NameTaken {
        /// Which bus.
        bus: String,
    },
    /// No socket.
    #[error("cannot listen at {}: {cause}", path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}

/// Serves until it is dropped; the socket is removed then.
#[must_use]
pub struct Server {
    _tasks: JoinSet<()>,
}

/// Serves `exports` on `bus` and at `listen`. What cannot be served now is an error; a bus that goes away later is
/// waited for.
pub async fn serve(exports: Exports, bus: &Bus, listen: Option<&Listen>) -> Result<Server, ServeError> {
    let mut tasks = JoinSet::new();
    if let Some(listen) = listen {
        let path = listen.path();
        let socket = Socket::bind(path).map_err(|cause| ServeError::Socket { path: path.into(), cause })?;
        tasks.spawn(serve_peers(exports.clone(), socket));
    }
    if *bus != Bus::None {
        let (published, connection) = join(&exports, bus).await?;
        tasks.spawn(stay(exports, bus.clone(), published, connection));
    }
    Ok(Server { _tasks: tasks })
}

async fn join(exports: &Exports, bus: &Bus) -> Result<(Published, Connection), ServeError> {
    let builder = match bus {
        Bus::Session => Builder::session(),
        Bus::Address(address) => Builder::address(address.as_str()),
        Bus::System | Bus::None => Builder::system(),
    };
    let (published, builder) = Published::within(exports, builder);
    let named = async {
        let connection = builder.build().await?;
        // Asked for otherwise, zbus lets the next daemon take the name away.
        connection.request_name_with_flags(BUS_NAME, RequestNameFlags::DO_NOT_QUEUE).await?;
        Ok(connection)
    };
    match named.await {
        Ok(connection) => Ok((published, connection)),
        Err(zbus::Error::NameTaken) => Err(ServeError::NameTaken { bus: title(bus) }),
        Err(cause) => Err(ServeError::Bus { bus: title(bus), cause }),
    }
}

fn title(bus: &Bus) -> String {
    match bus {
        Bus::System => "system bus".into(),
        Bus::Session => "session bus".into(),
        Bus::None => "bus".into(),
        Bus::Address(address) => format!("bus at {address}"),
    }
}

/// A gateway runs for years; its D-Bus daemon may be restarted under it.
async fn stay(exports: Exports, bus: Bus, mut published: Published, mut connection: Connection) {
    loop {
        match published.follow(&connection).await {
            Ok(()) => warn!("the {} is gone; waiting for it", title(&bus)),
            Err(error) => warn!("lost the {}: {error}; connecting again", title(&bus)),
        }
        (published, connection) = join_again(&exports, &bus).await;
        info!("on the {} again", title(&bus));
    }
}

async fn join_again(exports: &Exports, bus: &Bus) -> (Published, Connection) {
    let (mut wait, longest) = RETRY;
    loop {
        sleep(wait).await;
        match join(exports, bus).await {
            Ok(joined) => return joined,
            Err(error) => debug!("{error}"),
        }
        wait = wait.saturating_mul(2).min(longest);
    }
}

async fn serve_peers(exports: Exports, socket: Socket) {
    let guid = Guid::generate();
    let mut peers = JoinSet::new();
    loop {
        let stream = tokio::select! {
            stream = socket.accept() => stream,
            Some(_) = peers.join_next() => continue,
        };
        match stream {
            Ok(_) if peers.len() >= MAX_PEERS => warn!("a peer was turned away: {MAX_PEERS} are connected"),
            Ok(stream) => {
                let (published, builder) = Published::within(&exports, Builder::unix_stream(stream));
                let builder = builder.server(guid.clone()).p2p();
                peers.spawn(async move { serve_peer(published, builder).await });
            }
            // Out of descriptors, most likely: let some close.
            Err(error) => {
                warn!("a peer could not be accepted: {error}");
                sleep(RETRY.0).await;
            }
        }
    }
}

async fn serve_peer(published: Published, builder: Builder<'_>) {
    match timeout(HANDSHAKE, builder.build()).await {
        Ok(Ok(connection)) => {
            if let Err(error) = published.follow(&connection).await {
                debug!("a peer is gone: {error}");
            }
        }
        Ok(Err(error)) => debug!("a peer did not get through the handshake: {error}"),
        Err(_) => debug!("a peer did not finish the handshake"),
    }
}
