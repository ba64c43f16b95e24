//! The carrier's side of the air: a host in a network namespace of its own, and the way of packets to it.
//!
//! Each context of a modem may have a TUN interface on this side, as the driver of a modem makes one. What the machine
//! sends there comes out at the host, if the simulated modem lets it pass, and back. Needs root.

mod bridge;
mod host;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::thread::JoinHandle;

use serde::Deserialize;
use tokio::sync::oneshot;

use super::serve::Simulated;
use crate::port::kernel;

/// What a scenario says of it, in `[carrier]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CarrierSettings {
    /// Interfaces on this side, and the context of each; none: there is no carrier.
    pub interfaces: BTreeMap<String, u8>,
    /// Addresses of the host, beside those of the network's name servers.
    pub hosts: Vec<IpAddr>,
}

impl Default for CarrierSettings {
    fn default() -> Self {
        let (v4, v6) = (Ipv4Addr::new(203, 0, 113, 1), Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1));
        Self { interfaces: BTreeMap::new(), hosts: vec![v4.into(), v6.into()] }
    }
}

/// A carrier at work; it ends, and its interfaces with it, when this is dropped.
#[derive(Debug)]
pub struct Carrier {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Carrier {
    /// Makes the interfaces, in the network namespace of the calling thread, and the host beyond them. It answers echo
    /// requests, TCP on port 7 (echo) and 80 (an empty answer, 204), and DNS for names below `carrier.test`.
    pub fn start(settings: &CarrierSettings, modem: Simulated) -> io::Result<Self> {
        let near = settings.interfaces.iter().map(|(name, cid)| Ok((*cid, named(name, kernel::tun(name))?)));
        let near = near.collect::<io::Result<Vec<_>>>()?;
        let dns = modem.with(|modem, _| modem.network().dns.clone());
        let addresses: Vec<IpAddr> = settings.hosts.iter().copied().chain(dns).collect();
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("carrier".into()).spawn(move || {
            if let Err(error) = live(near, addresses, modem, &ready, stopped) {
                // Whoever started it listens until it is ready; later there is nobody to tell.
                let _ = ready.send(Err(error));
            }
        })?;
        let carrier = Self { stop: Some(stop), thread: Some(thread) };
        is_ready.recv().map_err(|_| io::Error::other("the carrier's thread ended"))??;
        Ok(carrier)
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of it has been printed already.
            let _ = thread.join();
        }
    }
}

type Ready = std::sync::mpsc::Sender<io::Result<()>>;

/// The thread of the carrier: its namespace is the thread's.
fn live(
    near: Vec<(u8, std::os::fd::OwnedFd)>,
    addresses: Vec<IpAddr>,
    modem: Simulated,
    ready: &Ready,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    kernel::enter_own_network()?;
    let far = kernel::tun(host::INTERFACE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let host = host::Host::open(&addresses).await?;
        let bridge = bridge::Bridge::new(near, far, modem)?;
        // Somebody waits for it above.
        let _ = ready.send(Ok(()));
        tokio::select! {
            _ = stopped => {}
            () = host.answer() => {}
            () = bridge.carry() => {}
        }
        Ok(())
    })
}

fn named<T>(name: &str, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::PermissionDenied => "; a network interface is made by root alone",
            io::ErrorKind::NotFound => "; the kernel has no TUN: modprobe tun",
            _ => "",
        };
        io::Error::new(error.kind(), format!("the interface {name} cannot be made: {error}{advice}"))
    })
}
