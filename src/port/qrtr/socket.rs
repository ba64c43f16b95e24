//! Sockets of the kernel's QRTR (`AF_QIPCRTR`): datagrams, as `linux/qrtr.h` has them.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::task::{Context, Poll, ready};

use rustix::net::{RecvFlags, SendFlags, SocketFlags, SocketType, bind, getsockname, recvfrom, sendto, socket_with};
use tokio::io::unix::AsyncFd;

use super::{Network, Socket};
use crate::codec::qrtr::Address;
use crate::port::kernel::{self, AF_QIPCRTR};

/// The kernel's own. Needs a tokio runtime with I/O, and no rights.
#[derive(Debug, Clone, Copy)]
pub struct Kernel;

struct KernelSocket {
    fd: AsyncFd<OwnedFd>,
    address: Address,
}

impl Network for Kernel {
    fn socket(&self) -> io::Result<Box<dyn Socket>> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let fd = socket_with(AF_QIPCRTR, SocketType::DGRAM, flags, None)?;
        let node = own_address(&fd)?.node;
        // Port 0 is any that is free.
        bind(&fd, &kernel::qrtr_name(Address { node, port: 0 }))?;
        let address = own_address(&fd)?;
        Ok(Box::new(KernelSocket { fd: kernel::watched(fd)?, address }))
    }
}

fn own_address(fd: &OwnedFd) -> io::Result<Address> {
    kernel::qrtr_address(&getsockname(fd)?).ok_or_else(|| ErrorKind::InvalidData.into())
}

impl Socket for KernelSocket {
    fn address(&self) -> Address {
        self.address
    }

    /// A receiver that takes no more is not waited for: the kernel tells nobody when it does again.
    fn send(&self, datagram: &[u8], to: Address) -> io::Result<()> {
        sendto(self.fd.get_ref(), datagram, SendFlags::DONTWAIT, &kernel::qrtr_name(to))?;
        Ok(())
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<(usize, Address)>> {
        loop {
            let mut guard = ready!(self.fd.poll_read_ready(cx))?;
            let received = guard.try_io(|fd| Ok(recvfrom(fd.get_ref(), &mut *buffer, RecvFlags::empty())?));
            let Ok(received) = received else { continue };
            let (_, length, from) = received?;
            // A datagram from nowhere is none.
            if let Some(from) = from.as_ref().and_then(kernel::qrtr_address) {
                return Poll::Ready(Ok((length, from)));
            }
        }
    }
}
