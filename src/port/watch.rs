//! Listens for devices that come and go, without libudev.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::io::Errno;
use rustix::net::netlink::{KOBJECT_UEVENT, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recvfrom, socket_with};
use tokio::io::unix::AsyncFd;

use super::uevent::{self, Uevent};

/// udev's messages: they come when its rules have run, so the device's properties can be read.
const GROUP_UDEV: u32 = 2;
/// The kernel's messages, where no udev runs.
const GROUP_KERNEL: u32 = 1;

/// A message is no longer than this, in bytes: the kernel's buffer holds 2 KiB, udev's properties some more.
const MAX_MESSAGE: usize = 16 * 1024;

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A device came, went or changed.
    Device(Uevent),
    /// More came than could be taken: look at what is there.
    Lost,
}

/// A listener for uevents.
#[derive(Debug)]
pub struct Watcher {
    socket: AsyncFd<OwnedFd>,
    group: u32,
}

impl Watcher {
    /// Listens to udev where it runs, to the kernel elsewhere. Needs a tokio runtime with I/O, and no rights.
    pub fn new() -> io::Result<Self> {
        let group = if Path::new("/run/udev/control").exists() { GROUP_UDEV } else { GROUP_KERNEL };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(KOBJECT_UEVENT))?;
        bind(&socket, &SocketAddrNetlink::new(0, group))?;
        Ok(Self { socket: super::kernel::watched(socket)?, group })
    }

    /// The next thing heard. Messages that are no uevents are passed over. Dropping the future loses nothing.
    pub async fn next(&mut self) -> io::Result<Heard> {
        loop {
            let mut guard = self.socket.readable().await?;
            let mut buffer = vec![0; MAX_MESSAGE];
            let received = guard.try_io(|socket| Ok(recvfrom(socket.get_ref(), &mut buffer[..], RecvFlags::TRUNC)?));
            let (length, from) = match received {
                Ok(Ok((_, length, from))) => (length, from),
                Ok(Err(e)) if e.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => return Ok(Heard::Lost),
                Ok(Err(e)) => return Err(e),
                Err(_would_block) => continue,
            };
            if length > MAX_MESSAGE {
                return Ok(Heard::Lost);
            }
            let trusted =
                from.and_then(|from| SocketAddrNetlink::try_from(from).ok()).is_some_and(|from| self.trusts(&from));
            if let Some(event) =
                buffer.get(..length).filter(|_| trusted).and_then(|message| uevent::parse(message).ok())
            {
                return Ok(Heard::Device(event));
            }
        }
    }

    /// Any process may send to this socket alone, only root to a group; the kernel's port number is 0.
    const fn trusts(&self, from: &SocketAddrNetlink) -> bool {
        from.groups() & self.group != 0 && (self.group == GROUP_UDEV || from.pid() == 0)
    }
}
