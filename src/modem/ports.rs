//! The control ports of one modem: as they were opened, and as they are spoken to.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::backend::qmi::{Access, Qmi};
use super::backend::{Protocol, Route};
use super::channel::{Channel, ChannelEvent, CommandError};
use super::definition::Definition;
use super::memory::Memory;
use crate::port::{BoxStream, Control};

/// Open ports of one modem.
#[derive(Default)]
pub struct Lines {
    /// Takes AT commands.
    pub at: Option<BoxStream>,
    /// Takes QMI messages.
    pub qmi: Option<Control>,
    /// The network interface beside them.
    pub interface: Option<String>,
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
    interface: Option<String>,
}

impl Ports {
    /// Takes ports over; what comes from them by itself goes to `events`.
    pub fn start(
        lines: Lines,
        definition: &Arc<Definition>,
        memory: &Memory,
        events: &mpsc::Sender<ChannelEvent>,
    ) -> Self {
        let qmi = |control: Control| {
            let access = control.proxied.map_or(Access::Own, Access::Proxy);
            Qmi::start(control.stream, access, memory.clone(), events.clone())
        };
        Self {
            at: lines.at.map(|stream| Channel::start(stream, definition.clone(), events.clone())),
            qmi: lines.qmi.map(qmi),
            interface: lines.interface,
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

    /// The network interface, where the modem has one.
    pub fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
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
        }
    }

    /// The protocol that carries a procedure: the one that the model names, else the first that there is a port for.
    /// The binary protocols know no power saving, and what distinguishes LTE-M from NB-IoT is the makers' AT commands.
    pub fn protocol(&self, route: Route, definition: &Definition) -> Protocol {
        let by_at = match route {
            Route::Power => true,
            Route::Selection => definition.select_rats.is_some(),
            _ => false,
        };
        let usual = if by_at { [Protocol::At, Protocol::Qmi] } else { [Protocol::Qmi, Protocol::At] };
        let named = definition.routes.get(&route).copied();
        named.into_iter().chain(usual).find(|protocol| self.has(*protocol)).unwrap_or(Protocol::At)
    }
}

fn missing(protocol: &str, key: &str) -> String {
    format!("this modem has no {protocol} port that lpwa knows of; name it with `{key}` in its configuration")
}
