//! MBIM: the USB forum's protocol (see [`codec::mbim`](crate::codec::mbim)), with Microsoft's extensions where the modem
//! has them.

mod data;
mod device;
mod link;
mod network;
pub mod notice;
pub mod registration;
mod sim;
mod slots;
mod tunnel;

pub use super::no_saving::{apply_power, no_more_data, plan_power, read_edrx_grant, read_grants};
pub use data::{
    activate, back_off, context_holds, deactivate, define_context, is_context_up, read_context, reattach, share,
};
pub use device::{choose_bands, choose_rats, radio, rats_hold, restart, set_radio};
pub use network::{last_failure, prefer_network, read_operator, read_registration, scan};
pub use sim::{enter_pin, enter_puk, read_sim_file, sim_state};
pub use slots::{read_slots, use_slot};

use std::fmt;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;
use tracing::debug;

use crate::codec::mbim::message::basic_connect::DeviceCaps;
use crate::codec::mbim::message::choices::NwError;
use crate::codec::mbim::message::extensions::{self, VERSION};
use crate::codec::mbim::message::proxy::{self, CONFIGURATION};
use crate::codec::mbim::{Body, Cid, Record, Service, Status, Version, Wire, decode, encode};
use crate::modem::channel::{ChannelEvent, CommandError, Refusal};
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::port::{BoxStream, Control};
use crate::spec::cause::Cause;
use crate::state::fact::Fact;
use link::{Agreed, Link};

/// How long one attempt of the first message may take; modems that start are asked again that often.
const FIRST_TIME_OUT: Duration = Duration::from_secs(5);
/// The version of MBIM itself.
const MBIM_VERSION: u16 = 0x0100;

/// A modem that speaks MBIM.
pub struct Mbim {
    link: Link,
    /// The version of the extensions in use.
    agreed: Agreed,
    /// What the proxy on the other side is to open.
    proxied: Option<String>,
    /// What the modem is; it is asked once.
    caps: Mutex<Option<DeviceCaps>>,
}

/// Why a modem refused a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MbimRefusal {
    /// The status of its answer.
    pub status: Status,
    /// What the network said, where it was asked.
    pub cause: Option<Cause>,
}

impl fmt::Display for MbimRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.cause, self.status.name()) {
            (Some(cause), _) => cause.fmt(f),
            (None, Some(name)) => write!(f, "{} (MBIM status {})", name.replace('-', " "), self.status.number()),
            (None, None) => write!(f, "MBIM status {}", self.status.number()),
        }
    }
}

impl Mbim {
    /// Takes a port over; with `tunnel`, QMI frames are carried between that stream and the modem.
    pub fn start(control: Control, tunnel: Option<BoxStream>, events: &mpsc::Sender<ChannelEvent>) -> Self {
        let (frames, told) = mpsc::channel(tunnel::QUEUE);
        let frames = tunnel.is_some().then_some(frames);
        let (link, agreed) = link::start(control.stream, control.max_message, events.clone(), frames);
        if let Some(stream) = tunnel {
            tokio::spawn(tunnel::carry(stream, link.clone(), told));
        }
        Self { link, agreed, proxied: control.proxied, caps: Mutex::default() }
    }

    /// Opens the session with a modem that may be starting still, for as long as `patience`.
    async fn open(&self, patience: Duration) -> Result<(), CommandError> {
        let deadline = Instant::now() + patience;
        *self.caps.lock().await = None;
        self.agreed.set(Version::V1);
        if let Some(device) = &self.proxied {
            let timeout = u32::try_from(patience.as_secs()).unwrap_or(u32::MAX);
            let configuration = proxy::Configuration { device_path: device.clone(), timeout };
            self.set(Service::ProxyControl, &CONFIGURATION, &configuration, patience).await?;
        }
        loop {
            match self.greet().await {
                Err(CommandError::TimedOut { .. } | CommandError::Rebooted { .. }) if Instant::now() < deadline => {}
                other => return other,
            }
        }
    }

    async fn greet(&self) -> Result<(), CommandError> {
        if self.open_session().await? != Status::SUCCESS {
            // A session that an earlier life left open.
            self.link.exchange(Body::Close, FIRST_TIME_OUT).await?;
            let status = self.open_session().await?;
            if status != Status::SUCCESS {
                let refusal = Refusal::Mbim(MbimRefusal { status, cause: None });
                return Err(CommandError::Refused { command: "MBIM open".into(), refusal });
            }
        }
        self.agree().await
    }

    async fn open_session(&self) -> Result<Status, CommandError> {
        // The link fills in the length that its port takes.
        match self.link.exchange(Body::Open { max_control_transfer: 0 }, FIRST_TIME_OUT).await? {
            Body::OpenDone(status) => Ok(status),
            _ => Ok(Status::Failure),
        }
    }

    /// Agrees on a version of the extensions; a modem without them has version 1.
    async fn agree(&self) -> Result<(), CommandError> {
        let ours = extensions::Version { mbim_version: MBIM_VERSION, mbim_extended_version: Version::V3.number() };
        let buffer = encode(&ours, Version::V1);
        let query = Body::query(Service::MsBasicConnectExtensions, &VERSION, buffer);
        match self.answer(query, FIRST_TIME_OUT).await {
            Ok(buffer) => {
                if let Ok(theirs) = decode::<extensions::Version>(&buffer, Version::V1) {
                    self.agreed.set(Version::from_number(theirs.mbim_extended_version).min(Version::V3));
                }
                Ok(())
            }
            Err(CommandError::Refused { refusal, .. }) => {
                debug!("the modem has no MBIM extensions: {refusal}");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Sends a command and waits for the buffer of its answer.
    async fn answer(&self, body: Body, time_out: Duration) -> Result<Vec<u8>, CommandError> {
        let command = body.title();
        match self.link.exchange(body, time_out).await? {
            Body::CommandDone { status: Status::None, buffer, .. } => Ok(buffer),
            Body::CommandDone { status, .. } => {
                let refusal = Refusal::Mbim(MbimRefusal { status, cause: None });
                Err(CommandError::Refused { command, refusal })
            }
            _ => Err(unreadable(command)),
        }
    }

    async fn query<Q: Record + Wire, A: Record + Default>(
        &self,
        service: Service,
        cid: &Cid,
        query: &Q,
        time_out: Duration,
    ) -> Result<A, CommandError> {
        let body = Body::query(service, cid, encode(query, self.agreed.get()));
        let command = body.title();
        let buffer = self.answer(body, time_out).await?;
        self.decode(&buffer, command)
    }

    async fn set<S: Record + Wire>(
        &self,
        service: Service,
        cid: &Cid,
        set: &S,
        time_out: Duration,
    ) -> Result<Vec<u8>, CommandError> {
        self.answer(Body::set(service, cid, encode(set, self.agreed.get())), time_out).await
    }

    fn decode<A: Record + Default>(&self, buffer: &[u8], command: String) -> Result<A, CommandError> {
        decode(buffer, self.agreed.get()).map_err(|error| {
            debug!("{command}: {error:?}");
            unreadable(command)
        })
    }
}

/// An answer that is none of the command's.
fn unreadable(command: String) -> CommandError {
    let refusal = Refusal::Mbim(MbimRefusal { status: Status::InvalidParameters, cause: None });
    CommandError::Refused { command, refusal }
}

/// The cause of a refused registration (TS 24.008 §10.5.5.14, TS 24.301 §9.9.3.9: the same numbers).
fn registration_cause(error: NwError) -> Option<Cause> {
    u8::try_from(error.number()).ok().filter(|number| *number > 0).map(Cause::emm)
}

impl Driver {
    /// Asks Basic Connect with the model's usual time-out.
    async fn mbim<Q: Record + Wire, A: Record + Default>(&self, cid: &Cid, query: &Q) -> Result<A, CommandError> {
        let time_out = self.definition().timing.command;
        self.ports.mbim()?.query(Service::BasicConnect, cid, query, time_out).await
    }

    /// Changes something of Basic Connect.
    async fn mbim_set<S: Record + Wire>(
        &self,
        cid: &Cid,
        set: &S,
        time_out: Duration,
    ) -> Result<Vec<u8>, CommandError> {
        self.ports.mbim()?.set(Service::BasicConnect, cid, set, time_out).await
    }

    /// Asks the card, by Microsoft's low-level access.
    async fn mbim_card<Q: Record + Wire, A: Record + Default>(&self, cid: &Cid, query: &Q) -> Result<A, CommandError> {
        let time_out = self.definition().timing.command;
        self.ports.mbim()?.query(Service::MsUiccLowLevelAccess, cid, query, time_out).await
    }

    /// Asks Microsoft's extensions of Basic Connect.
    async fn mbim_extended<Q: Record + Wire, A: Record + Default>(
        &self,
        cid: &Cid,
        query: &Q,
    ) -> Result<A, CommandError> {
        let time_out = self.definition().timing.command;
        self.ports.mbim()?.query(Service::MsBasicConnectExtensions, cid, query, time_out).await
    }
}

/// Opens the session.
pub async fn open(d: &Driver, patience: Duration) -> Result<(), CommandError> {
    d.ports.mbim()?.open(patience).await
}

/// Asks a question. `None`: MBIM has no words for it.
pub async fn ask(d: &Driver, name: QueryName) -> Result<Option<Vec<Fact>>, CommandError> {
    let facts = match name {
        QueryName::Model | QueryName::Revision | QueryName::Imei => device::identity(d, name).await?,
        QueryName::Iccid | QueryName::Imsi => sim::identity(d, name).await?,
        QueryName::PinRetries => sim::retries(d).await?,
        QueryName::Signal => network::signal(d).await?,
        QueryName::ServingCell => network::serving_cell(d).await?,
        QueryName::Manufacturer | QueryName::PsmGranted => return Ok(None),
    };
    d.learn(&facts);
    Ok(Some(facts))
}

/// Nothing has to be asked for: a modem tells everything until it is told not to (MBIM 1.0 §10.5.17).
pub async fn ask_for_notices(_: &Driver, _: &Settings) -> Result<(), CommandError> {
    Ok(())
}
