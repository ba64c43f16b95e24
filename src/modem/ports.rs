//! The control ports of one modem: as they were opened, and as they are spoken to.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::backend::mbim::Mbim;
use super::backend::qmi::{Access, Qmi};
use super::backend::{Protocol, Route};
use super::channel::{Channel, ChannelEvent, CommandError};
use super::definition::Definition;
use super::memory::Memory;
use crate::port::{BoxStream, Control};

/// Octets that wait between QMI and the MBIM that carries it.
const PIPE: usize = 64 * 1024;

/// Open ports of one modem.
#[derive(Default)]
pub struct Lines {
    /// Takes AT commands.
    pub at: Option<BoxStream>,
    /// Takes QMI messages.
    pub qmi: Option<QmiLine>,
    /// Takes MBIM messages.
    pub mbim: Option<Control>,
    /// The network interface beside them.
    pub interface: Option<String>,
    /// The number of the USB interface that data pass over.
    pub usb_interface: Option<u8>,
}

/// Where QMI messages go.
pub enum QmiLine {
    /// To a port of their own.
    Port(Control),
    /// Inside messages of the MBIM port.
    OverMbim,
}

impl From<BoxStream> for Lines {
    /// A modem with one port, which takes AT commands.
    fn from(at: BoxStream) -> Self {
        Self { at: Some(at), ..Self::default() }
    }
}

/// The ports as they are spoken to. They close when this is dropped.
pub struct Ports {
    at: Option<Channel>,
    qmi: Option<Qmi>,
    mbim: Option<Mbim>,
    /// QMI has no port of its own.
    tunnelled: bool,
    interface: Option<String>,
    usb_interface: Option<u8>,
}

impl Ports {
    /// Takes ports over; what comes from them by itself goes to `events`.
    pub fn start(
        lines: Lines,
        definition: &Arc<Definition>,
        memory: &Memory,
        events: &mpsc::Sender<ChannelEvent>,
    ) -> Self {
        let start = |stream, access| Qmi::start(stream, access, memory.clone(), events.clone());
        let shared = lines.mbim.as_ref().is_some_and(|control| control.proxied.is_some());
        let tunnelled = matches!(lines.qmi, Some(QmiLine::OverMbim)) && lines.mbim.is_some();
        let (qmi, tunnel) = match lines.qmi {
            Some(QmiLine::Port(control)) => {
                (Some(start(control.stream, control.proxied.map_or(Access::Own, Access::Proxy))), None)
            }
            Some(QmiLine::OverMbim) if tunnelled => {
                let (near, far) = tokio::io::duplex(PIPE);
                let access = if shared { Access::Shared } else { Access::Own };
                (Some(start(Box::new(near), access)), Some(Box::new(far) as BoxStream))
            }
            _ => (None, None),
        };
        Self {
            at: lines.at.map(|stream| Channel::start(stream, definition.clone(), events.clone())),
            qmi,
            mbim: lines.mbim.map(|control| Mbim::start(control, tunnel, events)),
            tunnelled,
            interface: lines.interface,
            usb_interface: lines.usb_interface,
        }
    }

    /// The command channel.
    pub fn at(&self) -> Result<&Channel, CommandError> {
        self.at.as_ref().ok_or_else(|| CommandError::Unsupported(missing("AT", "at")))
    }

    /// The QMI port.
    pub fn qmi(&self) -> Result<&Qmi, CommandError> {
        self.qmi.as_ref().ok_or_else(|| CommandError::Unsupported(missing("QMI", "qmi")))
    }

    /// The MBIM port.
    pub fn mbim(&self) -> Result<&Mbim, CommandError> {
        self.mbim.as_ref().ok_or_else(|| CommandError::Unsupported(missing("MBIM", "mbim")))
    }

    /// The network interface, where the modem has one.
    pub fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
    }

    /// The number of the USB interface that data pass over, where the modem is on USB.
    pub const fn usb_interface(&self) -> Option<u8> {
        self.usb_interface
    }

    /// The model turned out to be another.
    pub fn set_definition(&self, definition: &Arc<Definition>) {
        if let Some(at) = &self.at {
            at.set_definition(definition.clone());
        }
    }

    /// Whether there is a port for a protocol.
    pub const fn has(&self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::At => self.at.is_some(),
            Protocol::Qmi => self.qmi.is_some(),
            Protocol::Mbim => self.mbim.is_some(),
        }
    }

    /// The protocol that carries a procedure: the one that the model names, else the first that there is a port for.
    ///
    /// The binary protocols know no power saving, and what distinguishes LTE-M from NB-IoT is the makers' AT commands.
    /// Where QMI goes inside MBIM, the network interface is MBIM's, and so are its contexts.
    pub fn protocol(&self, route: Route, definition: &Definition) -> Protocol {
        use Protocol::{At, Mbim, Qmi};
        let usual = match route {
            Route::Power => [At, Qmi, Mbim],
            Route::Selection if definition.select_rats.is_some() => [At, Qmi, Mbim],
            Route::Data if self.tunnelled => [Mbim, Qmi, At],
            _ => [Qmi, Mbim, At],
        };
        let named = definition.routes.get(&route).copied();
        named.into_iter().chain(usual).find(|protocol| self.has(*protocol)).unwrap_or(At)
    }
}

fn missing(protocol: &str, key: &str) -> String {
    format!("this modem has no {protocol} port that lpwa knows of; name it with `{key}` in its configuration")
}
