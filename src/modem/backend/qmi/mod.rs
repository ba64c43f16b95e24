//! QMI: the binary protocol of Qualcomm modems (see [`codec::qmi`](crate::codec::qmi)).
//!
//! Each service is spoken to as a client of it. Clients are allocated as they are needed; when the modem does not know
//! one any more, it was reset, and everything starts over.

mod data;
mod device;
mod format;
mod link;
mod network;
pub mod notice;
mod selection;
mod sim;
mod slots;

pub use super::no_saving::{apply_power, no_more_data, plan_power, read_edrx_grant, read_grants};
pub use data::{activate, back_off, context_holds, deactivate, define_context, is_context_up, read_context, share};
pub use device::{radio, restart, set_radio};
pub use network::{last_failure, prefer_network, read_operator, read_registration, reattach, scan};
pub use selection::{choose_bands, choose_rats, rats_hold};
pub use sim::{enter_pin, enter_puk, read_sim_file, sim_state};
pub use slots::{read_slots, use_slot};

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, timeout};
use tracing::debug;

use crate::codec::qmi::ctl::{self, ServiceId};
use crate::codec::qmi::wds::VerboseEndReason;
use crate::codec::qmi::{Message, Octets, QmiError, Request, Service, explain, nas, uim};
use crate::modem::channel::{ChannelEvent, CommandError, Refusal};
use crate::modem::definition::QueryName;
use crate::modem::driver::Driver;
use crate::modem::memory::Memory;
use crate::modem::settings::Settings;
use crate::port::BoxStream;
use crate::spec::cause::Cause;
use crate::state::fact::Fact;
use data::Calls;
use link::Link;

/// How long the release of all clients may take.
const RELEASE_TIME_OUT: Duration = Duration::from_secs(2);
/// How long one attempt of the first message may take.
const FIRST_TIME_OUT: Duration = Duration::from_secs(2);

/// A client that we are: of a service, and of WDS one for each context and family of addresses (a call has one family).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Client {
    Dms,
    Nas,
    Uim,
    Wda,
    Wds(u8, Family),
}

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    V4,
    V6,
}

impl Client {
    const fn service(self) -> Service {
        match self {
            Self::Dms => Service::DMS,
            Self::Nas => Service::NAS,
            Self::Uim => Service::UIM,
            Self::Wda => Service::WDA,
            Self::Wds(..) => Service::WDS,
        }
    }
}

/// Who else uses the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nobody: what earlier users left behind is cleared.
    Own,
    /// Whoever speaks to the proxy as well; it opens the device of this name.
    Proxy(String),
    /// Others, who are not to be disturbed, and nobody clears up after us.
    Shared,
}

/// A modem that speaks QMI.
pub struct Qmi {
    link: Link,
    access: Access,
    clients: Mutex<BTreeMap<Client, u8>>,
    calls: Mutex<Calls>,
    memory: Memory,
    events: mpsc::Sender<ChannelEvent>,
}

/// Why a modem refused a request.
#[derive(Debug, Clone, PartialEq)]
pub struct QmiRefusal {
    /// The error of its response.
    pub error: QmiError,
    /// Why a call could not be made.
    pub end: Option<VerboseEndReason>,
}

// Whole numbers all through.
impl Eq for QmiRefusal {}

impl QmiRefusal {
    /// The cause of the network, where it was the network that refused.
    pub fn cause(&self) -> Option<Cause> {
        self.end.as_ref().and_then(VerboseEndReason::cause)
    }
}

impl fmt::Display for QmiRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.end {
            Some(end) => end.fmt(f),
            None => self.error.fmt(f),
        }
    }
}

impl Qmi {
    /// Takes a port over.
    pub fn start(stream: BoxStream, access: Access, memory: Memory, events: mpsc::Sender<ChannelEvent>) -> Self {
        let link = link::start(stream, events.clone());
        Self { link, access, clients: Mutex::default(), calls: Mutex::default(), memory, events }
    }

    async fn ctl<R: Request>(&self, request: &R, time_out: Duration) -> Result<R::Response, CommandError> {
        let response = self.link.exchange(Message::new(0, 0, request), time_out).await?;
        read::<R>(&response)
    }

    /// Our number as a client.
    async fn client(&self, client: Client, time_out: Duration) -> Result<u8, CommandError> {
        let mut clients = self.clients.lock().await;
        if let Some(id) = clients.get(&client) {
            return Ok(*id);
        }
        let service = ServiceId(u8::try_from(client.service().0).unwrap_or_default());
        let allocated =
            self.ctl(&ctl::AllocateClient { service: Some(service), ..Default::default() }, time_out).await?;
        let id = allocated.client.map(|allocated| allocated.client).ok_or_else(unreadable::<ctl::AllocateClient>)?;
        clients.insert(client, id);
        self.remember(&clients);
        Ok(id)
    }

    /// Where nobody clears up after us, an earlier life's clients are released by the next: a modem has only so many.
    /// A proxy keeps the clients of a program that has died, in case it comes back for them.
    fn remember(&self, clients: &BTreeMap<Client, u8>) {
        if self.access != Access::Own {
            let held = clients.iter().map(|(client, id)| (client.service().0, *id)).collect();
            if let Err(error) = self.memory.change(|kept| kept.qmi_clients = held) {
                debug!("QMI clients are not remembered: {error}");
            }
        }
    }

    /// Sends a request and waits for its response, good or bad.
    async fn exchange<R: Request>(&self, of: Client, request: &R, time_out: Duration) -> Result<Message, CommandError> {
        let client = self.client(of, time_out).await?;
        let response = self.link.exchange(Message::new(client, 0, request), time_out).await?;
        if response.error() == Some(QmiError::INVALID_CLIENT_ID) {
            // The modem was reset, or another program has reset it: all of them are gone.
            self.forget().await;
            self.remember(&BTreeMap::new());
            let command = explain::title(R::SERVICE, R::ID);
            // Nobody listens any more when the modem's actor has gone.
            let _ = self.events.send(ChannelEvent::Rebooted(command.clone())).await;
            return Err(CommandError::Rebooted { command });
        }
        Ok(response)
    }

    async fn call<R: Request>(&self, of: Client, request: &R, time_out: Duration) -> Result<R::Response, CommandError> {
        read::<R>(&self.exchange(of, request, time_out).await?)
    }

    async fn forget(&self) {
        self.clients.lock().await.clear();
        *self.calls.lock().await = Calls::default();
    }

    /// Opens the device, which may be starting still, for as long as `patience`.
    async fn open(&self, patience: Duration) -> Result<(), CommandError> {
        let deadline = Instant::now() + patience;
        loop {
            let greeted = match &self.access {
                Access::Own => self.ctl(&ctl::Sync::default(), FIRST_TIME_OUT).await.map(drop),
                Access::Proxy(device) => {
                    let path = Some(Octets(device.clone().into_bytes()));
                    self.ctl(&ctl::OpenProxy { path, ..Default::default() }, patience).await.map(drop)
                }
                Access::Shared => self.ctl(&ctl::GetVersionInfo::default(), FIRST_TIME_OUT).await.map(drop),
            };
            match greeted {
                Err(CommandError::TimedOut { .. } | CommandError::Rebooted { .. }) if Instant::now() < deadline => {}
                Err(error) => return Err(error),
                Ok(()) => break,
            }
        }
        self.forget().await;
        self.release_leaked().await;
        Ok(())
    }

    /// Releases all clients; a call ends with its client.
    async fn close(&self) {
        let clients = std::mem::take(&mut *self.clients.lock().await);
        let release = async {
            for (client, id) in clients {
                let service = ServiceId(u8::try_from(client.service().0).unwrap_or_default());
                let client = Some(ctl::Client { service, client: id });
                let release = ctl::ReleaseClient { client, ..Default::default() };
                self.ctl(&release, RELEASE_TIME_OUT).await?;
            }
            Ok::<_, CommandError>(())
        };
        match timeout(RELEASE_TIME_OUT, release).await {
            Ok(Ok(())) => self.remember(&BTreeMap::new()),
            Ok(Err(error)) => debug!("QMI clients are left behind: {error}"),
            Err(_) => debug!("QMI clients are left behind: the modem does not answer"),
        }
    }

    /// Clients that an earlier life of the daemon could not release.
    async fn release_leaked(&self) {
        if self.access == Access::Own {
            return;
        }
        if self.link.has_restarted() {
            // They have gone with the modem's memory; by now the numbers may be others' clients.
            return self.remember(&BTreeMap::new());
        }
        for (service, client) in self.memory.kept().qmi_clients {
            let leaked = ctl::Client { service: ServiceId(u8::try_from(service).unwrap_or_default()), client };
            let release = ctl::ReleaseClient { client: Some(leaked), ..Default::default() };
            // One that is not known any more is as good as released.
            if let Err(error) = self.ctl(&release, FIRST_TIME_OUT).await {
                debug!("QMI client {client} of an earlier start: {error}");
            }
        }
        self.remember(&BTreeMap::new());
    }
}

/// The body of a response to `R`.
fn read<R: Request>(response: &Message) -> Result<R::Response, CommandError> {
    match response.answer::<R>() {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => Err(refused::<R>(error)),
        Err(_) => Err(unreadable::<R>()),
    }
}

fn refused<R: Request>(error: QmiError) -> CommandError {
    let refusal = Refusal::Qmi(QmiRefusal { error, end: None });
    CommandError::Refused { command: explain::title(R::SERVICE, R::ID), refusal }
}

/// A response without the part that it is for.
fn unreadable<R: Request>() -> CommandError {
    refused::<R>(QmiError::MALFORMED_MESSAGE)
}

/// A request for what is so already was not refused.
fn unless_so<T>(result: Result<T, CommandError>) -> Result<(), CommandError> {
    match result {
        Err(CommandError::Refused { refusal: Refusal::Qmi(QmiRefusal { error: QmiError::NO_EFFECT, .. }), .. }) => {
            Ok(())
        }
        other => other.map(drop),
    }
}

impl Driver {
    /// Sends a QMI request with the model's usual time-out.
    async fn qmi<R: Request>(&self, of: Client, request: &R) -> Result<R::Response, CommandError> {
        self.qmi_within(of, request, self.definition().timing.command).await
    }

    /// Sends a QMI request with a time-out of its own.
    async fn qmi_within<R: Request>(
        &self,
        of: Client,
        request: &R,
        time_out: Duration,
    ) -> Result<R::Response, CommandError> {
        self.ports.qmi()?.call(of, request, time_out).await
    }
}

/// Greets the modem.
pub async fn open(d: &Driver, patience: Duration) -> Result<(), CommandError> {
    d.ports.qmi()?.open(patience).await
}

/// Releases all clients.
pub async fn close(d: &Driver) {
    if let Ok(qmi) = d.ports.qmi() {
        qmi.close().await;
    }
}

/// Asks a question; every one has its words.
pub async fn ask(d: &Driver, name: QueryName) -> Result<Option<Vec<Fact>>, CommandError> {
    let facts = match name {
        QueryName::Manufacturer | QueryName::Model | QueryName::Revision | QueryName::Imei => {
            device::identity(d, name).await?
        }
        QueryName::Iccid => sim::iccid(d).await?,
        QueryName::Imsi => sim::imsi(d).await?,
        QueryName::PinRetries => sim::retries(d).await?,
        QueryName::Signal => network::signal(d).await?,
        QueryName::ServingCell => network::serving_cell(d).await?,
        QueryName::PsmGranted => return Ok(None),
    };
    d.learn(&facts);
    Ok(Some(facts))
}

/// Asks for indications of registration, refusals and the card.
pub async fn ask_for_notices(d: &Driver, _: &Settings) -> Result<(), CommandError> {
    let reject = nas::RejectReports { reject: true, suppress_system_info: false };
    let wanted = nas::RegisterIndications {
        serving_system: Some(true),
        system_info: Some(true),
        network_reject: Some(reject),
        ..Default::default()
    };
    unless_so(d.qmi(Client::Nas, &wanted).await)?;
    let events = Some(uim::Events::CARD_STATUS);
    unless_so(d.qmi(Client::Uim, &uim::RegisterEvents { events, ..Default::default() }).await)
}
