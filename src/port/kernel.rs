//! What is asked of the kernel and safe Rust has no words for. All of the project's `unsafe` is here.
#![expect(
    unsafe_code,
    reason = "unshare(2), ioctls, descriptors on a reactor, addresses: only the caller knows that they are sound"
)]

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;
use rustix::ioctl::{self, Getter, Setter, opcode};
use rustix::net::{AddressFamily, SocketAddrAny};
use rustix::thread::{UnshareFlags, unshare_unsafe};
use tokio::io::unix::AsyncFd;

use crate::codec::qrtr::Address;

/// `IFNAMSIZ` of linux/if.h, the closing zero included.
const NAME: usize = 16;
/// Packets as they are, without a header before them (`IFF_TUN | IFF_NO_PI` of linux/if_tun.h).
const IFF_TUN_NO_PI: i16 = 0x1001;
/// `TUNSETIFF`: the header says `int`, the kernel reads a `struct ifreq`.
const TUNSETIFF: ioctl::Opcode = opcode::write::<i32>(b'T', 202);

/// `IOCTL_WDM_MAX_COMMAND` of linux/usb/cdc-wdm.h: `_IOR('H', 0xA0, __u16)`.
const WDM_MAX_COMMAND: ioctl::Opcode = opcode::read::<u16>(b'H', 0xA0);

/// `AF_QIPCRTR` of linux/socket.h: sockets of the network of Qualcomm's processors.
pub const AF_QIPCRTR: AddressFamily = AddressFamily::from_raw(42);

/// `struct sockaddr_qrtr` of linux/qrtr.h.
#[repr(C)]
struct QrtrName {
    family: u16,
    /// Where C leaves a gap.
    gap: u16,
    node: u32,
    port: u32,
}

/// `struct ifreq` of linux/if.h: the name, then a union of 24 octets, of which the flags are used.
#[repr(C)]
struct InterfaceRequest {
    name: [u8; NAME],
    flags: i16,
    rest: [u8; 22],
}

/// The longest message that a control device takes, in octets, where its driver tells: cdc-wdm alone does.
pub fn max_message(fd: &OwnedFd) -> Option<usize> {
    // SAFETY: the kernel's header gives this opcode a u16 to write into, which is what the getter makes room for.
    let max = unsafe { ioctl::ioctl(fd, Getter::<WDM_MAX_COMMAND, u16>::new()) };
    max.ok().map(usize::from).filter(|max| *max > 0)
}

/// Puts a descriptor on tokio's reactor; it must not block.
pub fn watched(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an OwnedFd is the same open descriptor for as long as it lives.
    unsafe { AsyncFd::register(fd) }.map_err(Into::into)
}

/// A QRTR address as the kernel takes it.
pub fn qrtr_name(address: Address) -> SocketAddrAny {
    let name = QrtrName { family: AF_QIPCRTR.as_raw(), gap: 0, node: address.node, port: address.port };
    let length = u32::try_from(size_of::<QrtrName>()).unwrap_or_default();
    // SAFETY: every octet of `name` is set, it is as long as said, and lives until it was copied.
    unsafe { SocketAddrAny::read((&raw const name).cast(), length) }
}

/// The QRTR address that the kernel gave; `None`: it is another.
pub fn qrtr_address(name: &SocketAddrAny) -> Option<Address> {
    let length = usize::try_from(name.addr_len()).ok()?;
    if name.address_family() != AF_QIPCRTR || length < size_of::<QrtrName>() {
        return None;
    }
    // SAFETY: as many octets are set as `name` says that it has; any octets are a `QrtrName`.
    let QrtrName { node, port, .. } = unsafe { name.as_ptr().cast::<QrtrName>().read_unaligned() };
    Some(Address { node, port })
}

/// Moves the calling thread into a new network namespace, which ends with the last thread, process and file in it.
pub fn enter_own_network() -> io::Result<()> {
    // SAFETY: of the flags that there are, only those of the file table can break I/O safety; this is another one.
    unsafe { unshare_unsafe(UnshareFlags::NEWNET) }.map_err(io::Error::from)
}

/// Makes a TUN interface in the namespace of the calling thread; it goes with the descriptor, which does not block.
pub fn tun(name: &str) -> io::Result<OwnedFd> {
    let mut request = InterfaceRequest { name: [0; NAME], flags: IFF_TUN_NO_PI, rest: [0; 22] };
    if name.is_empty() || name.len() >= NAME || name.bytes().any(|b| b == b'/' || b <= b' ' || b == b'%') {
        let message = format!("{name:?} is no name of a network interface; 1 to 15 letters and digits are");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    request.name.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options().read(true).write(true).custom_flags(nonblocking).open("/dev/net/tun")?;
    // SAFETY: the kernel reads and writes a `struct ifreq`, which is what `InterfaceRequest` is laid out as; it lives
    // until the call returns.
    unsafe { ioctl::ioctl(&file, Setter::<TUNSETIFF, InterfaceRequest>::new(request)) }?;
    Ok(file.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qrtr_address_has_the_octets_of_the_header() {
        let address = Address { node: 1, port: 0xFFFF_FFFE };
        let name = qrtr_name(address);
        assert_eq!((name.addr_len(), name.address_family().as_raw()), (12, 42));
        assert_eq!(qrtr_address(&name), Some(address));
        let other = std::net::SocketAddr::from(([127, 0, 0, 1], 7));
        assert_eq!(qrtr_address(&other.into()), None);
    }
}
