//! From a configured modem to an open, recorded port.
//!
//! Only ports that the configuration names, or that udev says belong to a known modem, are ever opened.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::warn;

use super::config::{DataConfig, ModemConfig, PortChoice, QmiChoice};
use crate::modem::actor::Opener;
use crate::modem::definition::{Definition, Library, PortRole};
use crate::modem::handle::PowerRequest;
use crate::modem::ports::{Lines, QmiLine};
use crate::port::discovery::{self, ControlDevice, DiscoveredModem, discover};
use crate::port::line::Dtr;
use crate::port::recorder::{Recorder, Ring};
use crate::port::{self, BoxStream, Control, OpenError, PortSpec, wdm};
use crate::transcript::message::Framing;

/// What is recorded of every modem, by id.
#[derive(Debug, Clone, Default)]
pub struct Rings(Arc<Mutex<BTreeMap<String, Recording>>>);

/// What is recorded of a modem.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The bytes.
    pub ring: Ring,
    /// What was wanted of the modem.
    pub config: ModemConfig,
}

impl Rings {
    /// What is recorded of a modem.
    pub fn get(&self, id: &str) -> Option<Recording> {
        self.lock().get(id).cloned()
    }

    /// The ring of a modem, made where there is none yet: what was recorded outlives a change of configuration.
    fn of(&self, config: &ModemConfig, bytes: usize) -> Ring {
        let mut rings = self.lock();
        let ring = rings.get(&config.id).map_or_else(|| Ring::new(bytes), |recording| recording.ring.clone());
        rings.insert(config.id.clone(), Recording { ring: ring.clone(), config: config.clone() });
        ring
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Recording>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where modems are, and how their ports are opened.
#[derive(Debug, Clone)]
pub struct Ports {
    /// `/`, but in tests.
    pub root: PathBuf,
    /// The recorder.
    pub rings: Rings,
    /// Size of a ring, bytes; 0 switches the recorder off.
    pub ring_bytes: usize,
}

impl Ports {
    /// How the port of `config` is opened, each time anew: a USB modem may come back under another device name.
    ///
    /// `dtr` is the line of whichever port is open.
    pub fn opener(&self, config: &ModemConfig, definition: &Arc<Definition>, dtr: &Dtr) -> Opener {
        let dtr = config.dtr.then(|| dtr.clone());
        let ring = (self.ring_bytes > 0).then(|| self.rings.of(config, self.ring_bytes));
        let (choice, root, definition) = (config.port.clone(), self.root.clone(), definition.clone());
        Box::new(move || {
            let found = find(&choice, &root, &definition);
            let (ring, dtr) = (ring.clone(), dtr.clone());
            if let Ok(found) = &found {
                found.prepare(&root);
            }
            Box::pin(async move { open(found?, ring, dtr.as_ref()).await.map_err(|error| error.to_string()) })
        })
    }

    /// The USB id of a configured USB modem that is plugged in.
    pub fn usb_id(&self, config: &ModemConfig, library: &Library) -> Option<String> {
        let PortChoice::Usb(path) = &config.port else { return None };
        plugged(&self.root, &library.usb_ids(), path).ok().map(|modem| modem.usb)
    }

    /// Known modems that are plugged in and that the configuration does not name. They are registered, and brought
    /// to data when somebody asks.
    pub fn unconfigured(&self, configured: &[ModemConfig], library: &Library) -> Vec<ModemConfig> {
        let found = discover(&self.root, &library.usb_ids()).unwrap_or_else(|error| {
            warn!("cannot look for USB modems: {error}");
            Vec::new()
        });
        let configs = found.iter().filter_map(config_of);
        configs.filter(|found| !configured.iter().any(|c| c.port == found.port || c.id == found.id)).collect()
    }
}

fn config_of(modem: &DiscoveredModem) -> Option<ModemConfig> {
    Some(ModemConfig {
        id: modem.physical.replace('.', "_"),
        port: PortChoice::Usb(modem.physical.strip_prefix("usb-")?.to_owned()),
        model: None,
        apn: None,
        pdp_type: None,
        user: None,
        password: None,
        rats: None,
        slots: Vec::new(),
        bands: None,
        autoconnect: false,
        pin: None,
        power: PowerRequest::default(),
        release: false,
        data: DataConfig::default(),
        bearers: Vec::new(),
        power_cut: None,
        dtr: false,
        pwrkey: None,
    })
}

/// Where the ports of a modem are at present.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    at: Option<PortSpec>,
    qmi: Option<PortSpec>,
    mbim: Option<PortSpec>,
    over_mbim: bool,
    interface: Option<String>,
    /// The number of the USB interface that data pass over.
    usb_interface: Option<u8>,
}

impl Found {
    /// Has the kernel carry what the modem will send.
    fn prepare(&self, root: &Path) {
        if let (Some(_), Some(interface)) = (&self.qmi, &self.interface)
            && let Err(error) = wdm::carry_raw_ip(root, interface)
        {
            warn!("{interface} cannot carry raw IP: {error}; take it down with `ip link set {interface} down`");
        }
    }
}

async fn open(found: Found, ring: Option<Ring>, dtr: Option<&Dtr>) -> Result<Lines, OpenError> {
    let Found { interface, usb_interface, .. } = found;
    let mut lines = Lines { interface, usb_interface, ..Lines::default() };
    if let Some(spec) = found.at {
        let stream = match dtr {
            Some(dtr) => port::open_with(&spec, dtr).await?,
            None => port::open(&spec).await?,
        };
        lines.at = Some(match &ring {
            None => stream,
            Some(ring) => Box::new(Recorder::new(stream, &spec.short_name(), ring.clone())) as BoxStream,
        });
    }
    if let Some(spec) = found.mbim {
        lines.mbim = Some(open_control(&spec, Framing::Mbim, ring.as_ref()).await?);
    }
    lines.qmi = match found.qmi {
        Some(spec) => Some(QmiLine::Port(open_control(&spec, Framing::Qmux, ring.as_ref()).await?)),
        None => found.over_mbim.then_some(QmiLine::OverMbim),
    };
    Ok(lines)
}

async fn open_control(spec: &PortSpec, framing: Framing, ring: Option<&Ring>) -> Result<Control, OpenError> {
    let control = port::open_control(spec).await?;
    let Some(ring) = ring else { return Ok(control) };
    let recorder = Recorder::of_messages(control.stream, &spec.short_name(), ring.clone(), framing);
    Ok(Control { stream: Box::new(recorder), ..control })
}

fn find(choice: &PortChoice, root: &Path, definition: &Definition) -> Result<Found, String> {
    let parse = |port: &String| port.parse::<PortSpec>().map_err(|error| error.to_string());
    match choice {
        PortChoice::At(port) => Ok(Found { at: Some(parse(port)?), ..Found::default() }),
        PortChoice::Control(ports) => {
            let own = |choice: &QmiChoice| if let QmiChoice::Port(port) = choice { Some(parse(port)) } else { None };
            let qmi = ports.qmi.as_ref().and_then(own).transpose()?;
            let mbim = ports.mbim.as_ref().map(parse).transpose()?;
            let control = mbim.as_ref().or(qmi.as_ref()).and_then(|spec| device(root, spec));
            Ok(Found {
                at: ports.at.as_ref().map(parse).transpose()?,
                over_mbim: ports.qmi == Some(QmiChoice::OverMbim),
                usb_interface: control.as_ref().map(|control| control.number),
                interface: control.and_then(|control| control.interface),
                qmi,
                mbim,
            })
        }
        PortChoice::Usb(path) => {
            let modem = plugged(root, &definition.matches.usb, path).map_err(|error| error.to_string())?;
            by_discovery(&modem, definition)
        }
    }
}

/// A control device, where it is one of USB.
fn device(root: &Path, spec: &PortSpec) -> Option<ControlDevice> {
    let device = match spec {
        PortSpec::Wdm(path) => path.clone(),
        PortSpec::Proxy { device, .. } => device.into(),
        _ => return None,
    };
    discovery::control(root, &device)
}

/// The ports of a USB modem. The kernel's driver says what its control device speaks; with one, commands are an extra.
fn by_discovery(modem: &DiscoveredModem, definition: &Definition) -> Result<Found, String> {
    let at = command_port(modem, definition).map(PortSpec::tty);
    let Some(control) = &modem.control else { return at.map(|at| Found { at: Some(at), ..Found::default() }) };
    let (interface, usb_interface) = (control.interface.clone(), Some(control.number));
    let mut found = Found { at: at.ok(), interface, usb_interface, ..Found::default() };
    let spec = Some(PortSpec::Wdm(control.device.clone()));
    match control.driver.as_str() {
        "qmi_wwan" => found.qmi = spec,
        "cdc_mbim" => found.mbim = spec,
        // A driver whose device speaks AT, or what only its maker knows.
        other if found.at.is_none() => {
            let (physical, device) = (&modem.physical, control.device.display());
            return Err(format!(
                "{physical}: what {device} of the driver {other} speaks is not known; name it with qmi or mbim"
            ));
        }
        _ => {}
    }
    Ok(found)
}

fn plugged(root: &Path, known: &[String], path: &str) -> io::Result<DiscoveredModem> {
    let wanted = format!("usb-{path}");
    let missing = || {
        let message = format!("no known modem is plugged in at USB path {path}; `lpwa modems list` has the known ones");
        io::Error::new(io::ErrorKind::NotFound, message)
    };
    discover(root, known)?.into_iter().find(|modem| modem.physical == wanted).ok_or_else(missing)
}

/// The interface that the model file, or else udev, says takes commands.
fn command_port(modem: &DiscoveredModem, definition: &Definition) -> Result<PathBuf, String> {
    let by_role = |role: PortRole, word: &str| {
        let interface = definition.ports.iter().find(|(_, r)| **r == role).map(|(number, _)| *number);
        let tagged = modem.roles.iter().find(|(_, r)| r.as_str() == word).map(|(number, _)| *number);
        interface.or(tagged).and_then(|number| modem.ports.get(&number)).cloned()
    };
    by_role(PortRole::At, "at").or_else(|| by_role(PortRole::AtData, "at-data")).ok_or_else(|| {
        let (physical, usb) = (&modem.physical, &modem.usb);
        format!("{physical} ({usb}) has no command port that is known; name it with at = \"/dev/ttyUSBn\"")
    })
}
