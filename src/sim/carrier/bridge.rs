//! Packets between the interfaces of a modem and the host.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::port::kernel::watched;
use crate::sim::path::Direction;
use crate::sim::serve::Simulated;

/// The largest packet there is.
const PACKET: usize = 65_535;
/// Packets under way, one way; more are lost, as in a full buffer.
const UNDER_WAY: usize = 1024;

type Tun = Arc<AsyncFd<OwnedFd>>;

/// The interfaces of the contexts on one side, the host's on the other.
pub struct Bridge {
    near: Vec<(u8, Tun)>,
    far: Tun,
    modem: Simulated,
}

/// A packet, when it arrives, and where.
type Parcel = (Instant, Tun, Vec<u8>);

impl Bridge {
    pub fn new(near: Vec<(u8, OwnedFd)>, far: OwnedFd, modem: Simulated) -> io::Result<Self> {
        let near = near.into_iter().map(|(cid, fd)| Ok((cid, Arc::new(watched(fd)?))));
        Ok(Self { near: near.collect::<io::Result<_>>()?, far: Arc::new(watched(far)?), modem })
    }

    /// Until an interface is gone.
    pub async fn carry(&self) {
        let (up, up_queue) = mpsc::channel(UNDER_WAY);
        let (down, down_queue) = mpsc::channel(UNDER_WAY);
        let ups = join_all(self.near.iter().map(|(cid, tun)| self.take_up(*cid, tun, &up)));
        tokio::join!(ups, self.take_down(&down), deliver(up_queue), deliver(down_queue));
    }

    async fn take_up(&self, cid: u8, near: &Tun, queue: &mpsc::Sender<Parcel>) {
        while let Ok(packet) = read(near).await {
            let delay = self.modem.with(|modem, now| modem.carry(now, cid, Direction::Up, &packet));
            if let Some(delay) = delay {
                // A full buffer loses.
                let _ = queue.try_send((Instant::now() + delay, self.far.clone(), packet));
            }
        }
    }

    async fn take_down(&self, queue: &mpsc::Sender<Parcel>) {
        while let Ok(packet) = read(&self.far).await {
            let found = self.modem.with(|modem, now| {
                let find = |(cid, tun): &(u8, Tun)| {
                    modem.carry(now, *cid, Direction::Down, &packet).map(|delay| (delay, tun.clone()))
                };
                self.near.iter().find_map(find)
            });
            if let Some((delay, near)) = found {
                // A full buffer loses.
                let _ = queue.try_send((Instant::now() + delay, near, packet));
            }
        }
    }
}

async fn read(tun: &Tun) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; PACKET];
    let read = |fd: &OwnedFd| rustix::io::read(fd, &mut buffer).map_err(io::Error::from);
    let length = tun.async_io(Interest::READABLE, read).await?;
    buffer.truncate(length);
    Ok(buffer)
}

/// Packets do not overtake each other.
async fn deliver(mut queue: mpsc::Receiver<Parcel>) {
    while let Some((at, tun, packet)) = queue.recv().await {
        sleep_until(at).await;
        // An interface that is down takes nothing; the packet is lost.
        let _ = rustix::io::write(tun.get_ref(), &packet);
    }
}
