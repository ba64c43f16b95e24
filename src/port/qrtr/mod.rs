//! QRTR as a port: what speaks QMUX above reaches the QMI services of a node below.
//!
//! Modems on a SoC or on PCIe have no control device: each QMI service is a port of a node (see
//! [`codec::qrtr`](crate::codec::qrtr)), and each client of it a socket. [`open`] puts a stream of QMUX frames before them,
//! so that whoever drives, records or replays a modem need not know the difference. There is no CTL service on QRTR: what
//! is asked of it is answered here. A service that goes takes its clients along, which is told as a device tells its reset.

mod qmux;
mod socket;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::poll_fn;
use tokio::io::DuplexStream;
use tokio::time::timeout;

use crate::codec::qmi::Service;
use crate::codec::qrtr::{Address, Control, Server};

use qmux::Qmux;
pub use socket::Kernel;

/// How long the name server may take to tell what there is.
const LISTING: Duration = Duration::from_secs(5);
/// Services that are remembered of a node; a modem has less than a hundred.
const SERVERS: usize = 1024;
/// Octets of the longest datagram.
const DATAGRAM: usize = 0x1_0000;
/// Octets on their way to whoever speaks QMUX.
const PIPE: usize = 64 * 1024;

/// Makes sockets that reach QRTR nodes.
pub trait Network: Send + Sync {
    /// A new socket with an address of its own.
    fn socket(&self) -> io::Result<Box<dyn Socket>>;
}

/// A socket of a [`Network`]; dropping it closes it, and whoever it spoke to is told.
pub trait Socket: Send {
    /// Its own address.
    fn address(&self) -> Address;

    /// Sends a datagram now or not at all: [`ErrorKind::WouldBlock`] where the receiver takes no more.
    fn send(&self, datagram: &[u8], to: Address) -> io::Result<()>;

    /// The next datagram, its length in `buffer` and where it comes from.
    fn poll_receive(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<(usize, Address)>>;
}

/// Why the services of a node cannot be reached, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum QrtrError {
    /// The kernel has no such sockets.
    #[error(
        "this kernel has no QRTR; `modprobe qrtr` loads it, with qrtr-smd for a modem on the SoC or qrtr-mhi for one on \
         PCIe (CONFIG_QRTR)"
    )]
    Unsupported,
    /// Nobody answers lookups.
    #[error("the QRTR name server does not answer; kernels before 5.7 have none of their own: start qrtr-ns there")]
    NoNameServer,
    /// There is no modem on the node.
    #[error("{}", no_modem(.0))]
    NoModem(Vec<u32>),
    /// Anything else, in the system's words.
    #[error("QRTR: {0}")]
    Failed(io::Error),
}

impl From<io::Error> for QrtrError {
    fn from(error: io::Error) -> Self {
        let unknown = rustix::io::Errno::AFNOSUPPORT.raw_os_error();
        if error.raw_os_error() == Some(unknown) { Self::Unsupported } else { Self::Failed(error) }
    }
}

fn no_modem(nodes: &[u32]) -> String {
    let nodes: Vec<String> = nodes.iter().map(|node| format!("qrtr:{node}")).collect();
    let advice = match nodes.as_slice() {
        [] => "no other node has one either; does its processor run? /sys/class/remoteproc/*/state tells".to_owned(),
        nodes => format!("there is one at {}; write that", nodes.join(" and ")),
    };
    format!("no modem is on this QRTR node (none that has the service DMS): {advice}")
}

/// A stream of QMUX frames to and from the QMI services of `node`.
///
/// Needs a tokio runtime, which carries the other end.
pub async fn open(network: Arc<dyn Network>, node: u32) -> Result<DuplexStream, QrtrError> {
    let mut sockets = Sockets::default();
    let control = network.socket()?;
    let name_server = Address::control(control.address().node);
    let lookup = Control::NewLookup { service: 0, instance: 0 };
    // Where nobody has the control port, there is nobody to send to.
    control.send(&lookup.encode(), name_server).map_err(|_| QrtrError::NoNameServer)?;
    sockets.insert(None, control);
    let listed = timeout(LISTING, list(&mut sockets, name_server)).await.map_err(|_| QrtrError::NoNameServer)??;
    let modems: BTreeSet<u32> = listed.iter().filter(|server| is_modem(server)).map(|s| s.address.node).collect();
    if !modems.contains(&node) {
        return Err(QrtrError::NoModem(modems.into_iter().collect()));
    }
    let (near, far) = tokio::io::duplex(PIPE);
    tokio::spawn(Qmux::new(network, node, sockets, listed).run(far));
    Ok(near)
}

/// Every modem has the service that tells its identity.
fn is_modem(server: &Server) -> bool {
    server.qmi() == Some(Service::DMS)
}

/// What the name server knows of now.
async fn list(sockets: &mut Sockets<Door>, name_server: Address) -> io::Result<BTreeSet<Server>> {
    let mut listed = BTreeSet::new();
    loop {
        let (_, received) = sockets.receive().await;
        let (packet, from) = received?;
        if from != name_server {
            continue;
        }
        match Control::decode(&packet) {
            Ok(Control::EndOfList) => return Ok(listed),
            Ok(Control::NewServer(server)) if listed.len() < SERVERS => drop(listed.insert(server)),
            Ok(Control::DelServer(server)) => drop(listed.remove(&server)),
            _ => {}
        }
    }
}

/// A client's socket, or that of the name server.
type Door = Option<(Service, u8)>;

/// Which socket got a datagram, the datagram, and where it comes from.
pub type Received<K> = (K, io::Result<(Vec<u8>, Address)>);

/// Several sockets, each by its key; none of them keeps the others from their turn.
pub struct Sockets<K> {
    all: BTreeMap<K, Box<dyn Socket>>,
    last: Option<K>,
    buffer: Vec<u8>,
}

impl<K> Default for Sockets<K> {
    fn default() -> Self {
        Self { all: BTreeMap::new(), last: None, buffer: vec![0; DATAGRAM] }
    }
}

impl<K: Copy + Ord> Sockets<K> {
    /// Adds a socket, in the place of the one that has the key.
    pub fn insert(&mut self, key: K, socket: Box<dyn Socket>) {
        self.all.insert(key, socket);
    }

    /// Closes those that are not wanted.
    pub fn retain(&mut self, wanted: impl Fn(K) -> bool) {
        self.all.retain(|key, _| wanted(*key));
    }

    /// The address of one of them.
    pub fn address(&self, key: K) -> Option<Address> {
        self.all.get(&key).map(|socket| socket.address())
    }

    /// Sends from one of them; one that is closed is not connected.
    pub fn send(&self, key: K, datagram: &[u8], to: Address) -> io::Result<()> {
        self.all.get(&key).ok_or(ErrorKind::NotConnected)?.send(datagram, to)
    }

    /// The next datagram that one of them gets, and where it comes from. Dropping the future loses nothing.
    pub async fn receive(&mut self) -> Received<K> {
        poll_fn(|cx| self.poll_receive(cx)).await
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Received<K>> {
        let Self { all, last, buffer } = self;
        let first = last.map_or(Unbounded, Excluded);
        // Behind the one that had its turn last; then, from the start, the rest.
        let turns: Vec<K> =
            all.range((first, Unbounded)).chain(all.iter()).map(|(key, _)| *key).take(all.len()).collect();
        for key in turns {
            let Some(socket) = all.get_mut(&key) else { continue };
            if let Poll::Ready(received) = socket.poll_receive(cx, buffer) {
                *last = Some(key);
                let datagram = |length| buffer.get(..length).unwrap_or(buffer).to_vec();
                return Poll::Ready((key, received.map(|(length, from)| (datagram(length), from))));
            }
        }
        Poll::Pending
    }
}
