//! What a configuration calls a port: `/dev/ttyS1?baud=115200&flow=hw`, `/dev/cdc-wdm0`, `qmi-proxy:/dev/cdc-wdm0`,
//! `mbim-proxy:/dev/cdc-wdm0`, `qrtr:NODE`, `unix:PATH`, `unix-abstract:NAME`, `tcp:HOST:PORT`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Speed of a serial line that does not name one, in baud.
pub const DEFAULT_BAUD: u32 = 115_200;

/// Speeds that a UART can have, in baud.
const BAUD: std::ops::RangeInclusive<u32> = 300..=4_000_000;

/// A port by name. Prints as it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortSpec {
    /// A terminal device, 8 data bits, no parity, 1 stop bit.
    Tty {
        /// Its device file.
        path: PathBuf,
        /// Speed in baud; means nothing to a USB modem.
        baud: u32,
        /// Whether RTS and CTS hold the other side back.
        flow: Flow,
    },
    /// A control device of the kernel: `/dev/cdc-wdmN`, or a port of the kernel's wwan subsystem, `/dev/wwanN…`.
    Wdm(PathBuf),
    /// A device of which a proxy of the name has charge; other programs use it as well.
    Proxy {
        /// Which proxy.
        kind: Proxy,
        /// What it opens, such as `/dev/cdc-wdm0` or `qrtr://0`.
        device: String,
    },
    /// The QMI services of this QRTR node: a modem on the SoC or on PCIe.
    Qrtr(u32),
    /// A unix socket.
    Unix(PathBuf),
    /// A unix socket without a file, by its name without the leading zero byte.
    UnixAbstract(String),
    /// A TCP socket.
    Tcp {
        /// Name or address.
        host: String,
        /// Port number.
        port: u16,
    },
}

/// A program that shares a control device among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proxy {
    /// `qmi-proxy` of libqmi.
    Qmi,
    /// `mbim-proxy` of libmbim.
    Mbim,
}

impl Proxy {
    /// Its name, which is also that of its socket in the abstract namespace.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qmi => "qmi-proxy",
            Self::Mbim => "mbim-proxy",
        }
    }
}

/// Flow control of a serial line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// None.
    #[default]
    None,
    /// By RTS and CTS.
    Hardware,
}

/// A text that names no port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPort {
    /// It starts like none of the kinds.
    #[error(
        "{0:?} is no port; write /dev/ttyS1, /dev/cdc-wdm0, qmi-proxy:/dev/cdc-wdm0, mbim-proxy:/dev/cdc-wdm0, \
         qrtr:0, unix:/path, unix-abstract:NAME or tcp:HOST:PORT"
    )]
    Kind(String),
    /// An unknown word behind `?`.
    #[error("{0:?} is no setting of a serial line; write baud=NUMBER or flow=hw|none")]
    Setting(String),
    /// No speed.
    #[error("{0:?} is no speed of a serial line; write a number of baud from 300 to 4000000")]
    Baud(String),
    /// No node.
    #[error("{0:?} names no QRTR node; write its number, such as qrtr:0")]
    Node(String),
    /// No flow control.
    #[error("{0:?} is no flow control; write hw (RTS/CTS) or none")]
    Flow(String),
    /// No TCP port.
    #[error("{0:?} names no TCP port; write tcp:HOST:PORT with a port from 1 to 65535")]
    Tcp(String),
}

impl FromStr for PortSpec {
    type Err = InvalidPort;

    fn from_str(text: &str) -> Result<Self, InvalidPort> {
        let kind = || InvalidPort::Kind(text.to_owned());
        // A zero byte would end the name of a file and start that of an abstract socket.
        if text.contains('\0') {
            return Err(kind());
        }
        if is_wdm(text) {
            return Ok(Self::Wdm(text.into()));
        }
        if text.starts_with('/') {
            return tty(text);
        }
        let proxy = |kind, device: &str| Ok(Self::Proxy { kind, device: device.to_owned() });
        match text.split_once(':') {
            Some(("qmi-proxy", device)) if !device.is_empty() => proxy(Proxy::Qmi, device),
            Some(("mbim-proxy", device)) if !device.is_empty() => proxy(Proxy::Mbim, device),
            Some(("qrtr", node)) => node.parse().map(Self::Qrtr).map_err(|_| InvalidPort::Node(text.to_owned())),
            Some(("unix", path)) if !path.is_empty() => Ok(Self::Unix(path.into())),
            Some(("unix-abstract", name)) if !name.is_empty() => Ok(Self::UnixAbstract(name.to_owned())),
            Some(("tcp", address)) => tcp(address).ok_or_else(|| InvalidPort::Tcp(text.to_owned())),
            _ => Err(kind()),
        }
    }
}

/// `/dev/cdc-wdm0`, `/dev/wwan0qmi0`.
fn is_wdm(text: &str) -> bool {
    let name = text.strip_prefix('/').and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    ["cdc-wdm", "wwan"].into_iter().any(|kind| name.strip_prefix(kind).is_some_and(number))
}

fn tty(text: &str) -> Result<PortSpec, InvalidPort> {
    let (path, settings) = text.split_once('?').unwrap_or((text, ""));
    let (mut baud, mut flow) = (DEFAULT_BAUD, Flow::None);
    for setting in settings.split('&').filter(|s| !s.is_empty()) {
        match setting.split_once('=') {
            Some(("baud", value)) => {
                let number = value.parse().ok().filter(|n| BAUD.contains(n));
                baud = number.ok_or_else(|| InvalidPort::Baud(value.to_owned()))?;
            }
            Some(("flow", "hw")) => flow = Flow::Hardware,
            Some(("flow", "none")) => flow = Flow::None,
            Some(("flow", value)) => return Err(InvalidPort::Flow(value.to_owned())),
            _ => return Err(InvalidPort::Setting(setting.to_owned())),
        }
    }
    Ok(PortSpec::Tty { path: path.into(), baud, flow })
}

fn tcp(address: &str) -> Option<PortSpec> {
    let (host, port) = address.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    // An IPv6 address stands in brackets.
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').filter(|h| h.parse::<std::net::Ipv6Addr>().is_ok())?,
        None => Some(host).filter(|h| !h.is_empty() && !h.contains(':'))?,
    };
    Some(PortSpec::Tcp { host: host.to_owned(), port })
}

impl fmt::Display for PortSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tty { path, baud, flow } => {
                write!(f, "{}", path.display())?;
                let settings = [
                    (*baud != DEFAULT_BAUD).then(|| format!("baud={baud}")),
                    (*flow == Flow::Hardware).then(|| "flow=hw".to_owned()),
                ];
                let settings: Vec<String> = settings.into_iter().flatten().collect();
                if settings.is_empty() { Ok(()) } else { write!(f, "?{}", settings.join("&")) }
            }
            Self::Wdm(path) => write!(f, "{}", path.display()),
            Self::Proxy { kind, device } => write!(f, "{}:{device}", kind.name()),
            Self::Qrtr(node) => write!(f, "qrtr:{node}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::UnixAbstract(name) => write!(f, "unix-abstract:{name}"),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "tcp:[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "tcp:{host}:{port}"),
        }
    }
}

impl PortSpec {
    /// A serial line at 115200 baud without flow control.
    pub fn tty(path: impl Into<PathBuf>) -> Self {
        Self::Tty { path: path.into(), baud: DEFAULT_BAUD, flow: Flow::None }
    }

    /// A short name for transcripts and logs, without blanks: `ttyUSB2`, `m0.sock`, `tcp:host:5000`.
    pub fn short_name(&self) -> String {
        let name = match self {
            Self::Tty { path, .. } | Self::Unix(path) | Self::Wdm(path) => {
                path.file_name().map(|n| n.to_string_lossy().into_owned())
            }
            Self::Proxy { device, .. } => Some(device.rsplit('/').next().unwrap_or(device).to_owned()),
            Self::UnixAbstract(name) => Some(name.clone()),
            Self::Qrtr(_) | Self::Tcp { .. } => None,
        };
        let name = name.unwrap_or_else(|| self.to_string());
        name.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_parses_and_prints_as_it_was() {
        for (text, name) in [
            ("/dev/ttyS1", "ttyS1"),
            ("/dev/ttyUSB2?baud=921600", "ttyUSB2"),
            ("/dev/ttyS1?flow=hw", "ttyS1"),
            ("/dev/ttyS1?baud=9600&flow=hw", "ttyS1"),
            ("unix:/run/m 0.sock", "m_0.sock"),
            ("unix-abstract:port0:test", "port0:test"),
            ("qrtr:3", "qrtr:3"),
            ("tcp:192.0.2.1:5000", "tcp:192.0.2.1:5000"),
            ("tcp:[2001:db8::1]:5000", "tcp:[2001:db8::1]:5000"),
            ("tcp:gateway.example:5000", "tcp:gateway.example:5000"),
        ] {
            let spec: PortSpec = text.parse().unwrap();
            assert_eq!((spec.to_string().as_str(), spec.short_name().as_str()), (text, name));
        }
    }

    #[test]
    fn settings_of_a_serial_line() {
        let spec: PortSpec = "/dev/ttyS1?baud=9600&flow=hw".parse().unwrap();
        assert_eq!(spec, PortSpec::Tty { path: "/dev/ttyS1".into(), baud: 9600, flow: Flow::Hardware });
        assert_eq!("/dev/ttyS1?flow=none&baud=115200".parse(), Ok(PortSpec::tty("/dev/ttyS1")));
    }

    #[test]
    fn a_mistake_is_named() {
        let said = |text: &str| text.parse::<PortSpec>().unwrap_err().to_string();
        assert!(said("ttyUSB2").starts_with("\"ttyUSB2\" is no port; write /dev/ttyS1"));
        assert!(said("/dev/ttyS1?baud=fast").starts_with("\"fast\" is no speed"));
        assert!(said("/dev/ttyS1?baud=1").starts_with("\"1\" is no speed"));
        assert!(said("/dev/ttyS1?flow=xon").starts_with("\"xon\" is no flow control"));
        assert!(said("/dev/ttyS1?parity=even").starts_with("\"parity=even\" is no setting"));
        for text in ["qrtr:", "qrtr:modem", "qrtr://0", "qrtr:-1"] {
            assert!(said(text).ends_with("names no QRTR node; write its number, such as qrtr:0"), "{text}");
        }
        for text in ["tcp:host", "tcp::1", "tcp:host:0", "tcp:host:65536", "tcp:2001:db8::1:5000", "tcp:[x]:1"] {
            assert!(said(text).contains("names no TCP port"), "{text}");
        }
        for text in ["", "unix:", "unix-abstract:", "serial:/dev/ttyS1", "/dev/tty\0S1", "unix:\0x"] {
            assert!(said(text).contains("is no port"), "{text}");
        }
    }
}
