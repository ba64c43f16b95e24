//! Control devices of the kernel: `/dev/cdc-wdmN` and `/dev/wwanNqmiM`. One write is one message, and so is one read.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::fs::OFlags;
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tracing::debug;

use super::kernel;

/// The longest message where the device does not tell, in octets: what a full-speed control endpoint carries.
pub const USUAL_MAX: usize = 4096;
/// What every driver takes as the MTU of its interface, octets.
const DEFAULT_MTU: u16 = 1500;

/// An open control device.
#[derive(Debug)]
pub struct Wdm {
    fd: AsyncFd<OwnedFd>,
    /// A message that was read, from where it is still to be handed out.
    message: Vec<u8>,
    from: usize,
    max: usize,
}

impl Wdm {
    /// Opens the device at `path`; it never blocks.
    ///
    /// Needs a tokio runtime with I/O.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
        let file = File::options().read(true).write(true).custom_flags(flags).open(path)?;
        Self::new(file.into())
    }

    /// Takes over a descriptor that keeps messages apart and does not block.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        let max = kernel::max_message(&fd).unwrap_or(USUAL_MAX);
        Ok(Self { fd: kernel::watched(fd)?, message: Vec::new(), from: 0, max })
    }

    /// The longest message that the device takes, in octets.
    pub const fn max_message(&self) -> usize {
        self.max
    }
}

/// Has the kernel carry bare packets on the interface of a QMI modem (`qmi_wwan`), which it takes only while the interface
/// is down. A driver without the switch carries nothing else. `root` is `/` but in tests.
pub fn carry_raw_ip(root: &Path, interface: &str) -> io::Result<()> {
    let switch = root.join("sys/class/net").join(interface).join("qmi/raw_ip");
    match fs::read_to_string(&switch) {
        Ok(present) if present.trim() == "Y" => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        _ => fs::write(&switch, "Y\n"),
    }
}

/// The longest transfer, up to `wanted` octets, that `qmi_wwan` takes from a modem. It is as long as the MTU of the
/// interface, which some kernels (Debian's 6.1.192) let be no more than 1500. `root` is `/` but in tests.
pub fn longest_transfer(root: &Path, interface: &str, wanted: u16) -> u16 {
    let mtu = root.join("sys/class/net").join(interface).join("mtu");
    let Ok(present) = fs::read_to_string(&mtu) else { return wanted };
    // Nobody tells but by refusing.
    if fs::write(&mtu, format!("{wanted}\n")).is_err() {
        return wanted.min(DEFAULT_MTU);
    }
    if let Err(error) = fs::write(&mtu, present) {
        debug!("{interface} keeps an MTU of {wanted}: {error}");
    }
    wanted
}

impl AsyncRead for Wdm {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.from >= self.message.len() {
            let mut message = vec![0; self.max];
            let length = loop {
                let mut guard = ready!(self.fd.poll_read_ready(cx))?;
                if let Ok(read) = guard.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut message[..])?)) {
                    break read?;
                }
            };
            message.truncate(length);
            (self.message, self.from) = (message, 0);
        }
        let rest = self.message.get(self.from..).unwrap_or_default();
        let part = rest.get(..buf.remaining()).unwrap_or(rest);
        buf.put_slice(part);
        let length = part.len();
        self.from = self.from.saturating_add(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wdm {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf.len() > self.max {
            let message =
                format!("a message of {} octets is too long for the device, which takes {}", buf.len(), self.max);
            return Poll::Ready(Err(io::Error::new(ErrorKind::InvalidInput, message)));
        }
        loop {
            let mut guard = ready!(self.fd.poll_write_ready(cx))?;
            if let Ok(result) = guard.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), buf)?)) {
                return Poll::Ready(result);
            }
        }
    }

    /// Nothing to do: every write reaches the kernel.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
