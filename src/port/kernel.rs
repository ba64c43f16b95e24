//! What is asked of the kernel and safe Rust has no words for. All of the project's `unsafe` is here.
#![expect(
    unsafe_code,
    reason = "unshare(2), ioctls, descriptors on a reactor: only the caller knows that they are sound"
)]

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;
use rustix::ioctl::{self, Getter, Setter, opcode};
use rustix::thread::{UnshareFlags, unshare_unsafe};
use tokio::io::unix::AsyncFd;

/// `IFNAMSIZ` of linux/if.h, the closing zero included.
const NAME: usize = 16;
/// Packets as they are, without a header before them (`IFF_TUN | IFF_NO_PI` of linux/if_tun.h).
const IFF_TUN_NO_PI: i16 = 0x1001;
/// `TUNSETIFF`: the header says `int`, the kernel reads a `struct ifreq`.
const TUNSETIFF: ioctl::Opcode = opcode::write::<i32>(b'T', 202);

/// `IOCTL_WDM_MAX_COMMAND` of linux/usb/cdc-wdm.h: `_IOR('H', 0xA0, __u16)`.
const WDM_MAX_COMMAND: ioctl::Opcode = opcode::read::<u16>(b'H', 0xA0);

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
