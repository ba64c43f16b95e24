//! What the kernel and udev say of devices that come and go: the messages, as bytes.
//!
//! The kernel's message is `add@/devices/…` and `KEY=VALUE` strings, each ended by a zero byte. udev's has a header of
//! 40 bytes before the strings (`struct udev_monitor_netlink_header` of systemd).

use std::fmt;

/// A device came, went or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uevent {
    /// What happened.
    pub action: Action,
    /// The kernel's name of the kind of device, such as `tty`.
    pub subsystem: String,
    /// Path of the device below `/sys`.
    pub devpath: String,
    /// Device file, such as `/dev/ttyUSB2`, for a device that has one.
    pub devname: Option<String>,
}

/// What happened to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It came.
    Add,
    /// It went.
    Remove,
    /// Something about it changed.
    Change,
    /// Bound, unbound, moved, online, offline or what is not known here.
    Other,
}

/// A message that is no uevent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUevent {
    /// Neither form.
    #[error("the message is neither the kernel's nor udev's")]
    Form,
    /// The header of udev's message points outside of it.
    #[error("the header of udev's message points outside of the message")]
    Header,
    /// `ACTION`, `SUBSYSTEM` or `DEVPATH` is missing.
    #[error("the message has no {0}")]
    Missing(&'static str),
}

const UDEV_PREFIX: &[u8] = b"libudev\0";
const UDEV_MAGIC: u32 = 0xfeed_cafe;

/// Reads a message of either form.
pub fn parse(message: &[u8]) -> Result<Uevent, InvalidUevent> {
    let strings = if message.starts_with(UDEV_PREFIX) { udev(message)? } else { kernel(message)? };
    let property = |key: &str| {
        let values = strings.split(|b| *b == 0).filter_map(|s| s.strip_prefix(key.as_bytes())?.strip_prefix(b"="));
        values.map(|value| String::from_utf8_lossy(value).into_owned()).next()
    };
    let action = match property("ACTION").ok_or(InvalidUevent::Missing("ACTION"))?.as_str() {
        "add" => Action::Add,
        "remove" => Action::Remove,
        "change" => Action::Change,
        _ => Action::Other,
    };
    Ok(Uevent {
        action,
        subsystem: property("SUBSYSTEM").ok_or(InvalidUevent::Missing("SUBSYSTEM"))?,
        devpath: property("DEVPATH").ok_or(InvalidUevent::Missing("DEVPATH"))?,
        // The kernel leaves the directory away, udev does not.
        devname: property("DEVNAME").map(|name| if name.starts_with('/') { name } else { format!("/dev/{name}") }),
    })
}

/// `add@/devices/…`, then the strings.
fn kernel(message: &[u8]) -> Result<&[u8], InvalidUevent> {
    let end = message.iter().position(|b| *b == 0).ok_or(InvalidUevent::Form)?;
    let (summary, strings) = message.split_at_checked(end).ok_or(InvalidUevent::Form)?;
    if summary.contains(&b'@') { Ok(strings) } else { Err(InvalidUevent::Form) }
}

/// Prefix, magic in network order, then in host order: size of the header, offset and length of the strings.
fn udev(message: &[u8]) -> Result<&[u8], InvalidUevent> {
    let word = |at: usize| -> Result<[u8; 4], InvalidUevent> {
        let bytes = message.get(at..at.saturating_add(4)).ok_or(InvalidUevent::Header)?;
        bytes.try_into().map_err(|_| InvalidUevent::Header)
    };
    if u32::from_be_bytes(word(8)?) != UDEV_MAGIC {
        return Err(InvalidUevent::Form);
    }
    let size = |at| Ok(u32::from_ne_bytes(word(at)?) as usize);
    let (offset, length) = (size(16)?, size(20)?);
    let end = offset.checked_add(length).ok_or(InvalidUevent::Header)?;
    message.get(offset..end).ok_or(InvalidUevent::Header)
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Change => "change",
            Self::Other => "other",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STRINGS: &[u8] =
        b"ACTION=add\0DEVPATH=/devices/usb1/1-1/1-1.2/1-1.2:1.2/ttyUSB2/tty/ttyUSB2\0SUBSYSTEM=tty\0\
        MAJOR=188\0MINOR=2\0DEVNAME=ttyUSB2\0SEQNUM=4711\0";

    fn of_udev(offset: u32, length: u32) -> Vec<u8> {
        let mut message = UDEV_PREFIX.to_vec();
        message.extend(UDEV_MAGIC.to_be_bytes());
        message.extend([40, offset, length].into_iter().flat_map(u32::to_ne_bytes));
        message.extend([0; 16]);
        message.extend(STRINGS);
        message
    }

    fn expected() -> Uevent {
        Uevent {
            action: Action::Add,
            subsystem: "tty".into(),
            devpath: "/devices/usb1/1-1/1-1.2/1-1.2:1.2/ttyUSB2/tty/ttyUSB2".into(),
            devname: Some("/dev/ttyUSB2".into()),
        }
    }

    #[test]
    fn reads_both_forms() {
        let kernel = [b"add@/devices/usb1\0".as_slice(), STRINGS].concat();
        assert_eq!(parse(&kernel), Ok(expected()));
        assert_eq!(parse(&of_udev(40, STRINGS.len() as u32)), Ok(expected()));
    }

    #[test]
    fn refuses_what_is_none() {
        assert_eq!(parse(b""), Err(InvalidUevent::Form));
        assert_eq!(parse(b"hello\0ACTION=add\0"), Err(InvalidUevent::Form));
        assert_eq!(parse(b"add@/x\0ACTION=add\0"), Err(InvalidUevent::Missing("SUBSYSTEM")));
        assert_eq!(parse(b"libudev\0"), Err(InvalidUevent::Header));
        assert_eq!(parse(&of_udev(40, u32::MAX)), Err(InvalidUevent::Header));
        assert_eq!(parse(&of_udev(u32::MAX, 1)), Err(InvalidUevent::Header));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(mut message in proptest::collection::vec(any::<u8>(), 0..80), form in 0..3) {
            match form {
                1 => message.splice(..0, *b"add@/x\0ACTION=add\0").for_each(drop),
                2 => message.splice(..0, *b"libudev\0\xfe\xed\xca\xfe").for_each(drop),
                _ => {}
            }
            let _ = parse(&message);
        }
    }
}
