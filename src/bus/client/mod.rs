//! The daemon as its users see it: typed calls, errors that say what to do, a stream of changes.

mod error;
mod queue;
mod uplink;
mod watch;

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::{Connection, DynamicType, OwnedObjectPath, OwnedVariant, Type, Variant};

use super::{BUS_NAME, MANAGER_PATH, path, request};
use crate::modem::handle::{ConnectRequest, PowerRequest};
use crate::private::Private;
use crate::spec::drx::DrxCycle;
use crate::state::json::Document;
use crate::state::json::uplink::Uplink;

pub use error::{ClientError, Failure};
pub use queue::Answered;
pub use watch::Watch;

const MANAGER: &str = "org.lpwa.Manager1";
const MODEM: &str = "org.lpwa.Modem1";
const NETWORK: &str = "org.lpwa.Network1";
const POWER: &str = "org.lpwa.Power1";
const SIM: &str = "org.lpwa.Sim1";
const DIAGNOSTICS: &str = "org.lpwa.Diagnostics1";

/// How long a daemon may take to answer the first call; later calls may take minutes.
const GREETING: Duration = Duration::from_secs(10);

/// A network that a scan found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundNetwork {
    /// `available`, `current`, `forbidden` or `unknown`.
    pub status: String,
    /// Name.
    pub name: String,
    /// MCC and MNC, five or six digits.
    pub plmn: String,
    /// Technology's stable name, such as `lte-m`; `None` where the modem does not tell.
    pub rat: Option<String>,
}

/// A connection to the daemon. Cheap to clone; calls may run side by side.
#[derive(Debug, Clone)]
pub struct Client {
    connection: Connection,
}

impl Client {
    /// Connects: to the system bus for `None` and `system`, to the session bus for `session`, else to a D-Bus address,
    /// at which either the daemon itself (`lpwa daemon --listen`) or a bus may be.
    pub async fn connect(address: Option<&str>) -> Result<Self, ClientError> {
        let client = match address {
            None | Some("system") => Self::join(Builder::system()).await,
            Some("session") => Self::join(Builder::session()).await,
            Some(address) => match Self::join(Builder::address(address).p2p()).await {
                Ok(client) => Ok(client),
                // A bus daemon hangs up on a client that does not say hello to it first.
                Err(peer) => Self::join(Builder::address(address)).await.map_err(|bus| peer.or(bus)),
            },
        };
        client.map_err(|error| error.at(address.unwrap_or("the system bus")))
    }

    async fn join(builder: Builder<'_>) -> Result<Self, ClientError> {
        let greeted = timeout(GREETING, async {
            let client = Self { connection: builder.build().await? };
            client.version().await?;
            Ok(client)
        });
        greeted.await.unwrap_or_else(|_| Err(ClientError::new(Failure::Unreachable, "the daemon does not answer")))
    }

    /// Version of the daemon.
    pub async fn version(&self) -> Result<String, ClientError> {
        let properties = "org.freedesktop.DBus.Properties";
        let value: OwnedVariant = self.call(MANAGER_PATH, properties, "Get", &(MANAGER, "Version")).await?;
        String::try_from(value).map_err(ClientError::from)
    }

    /// All modems, by id.
    pub async fn list(&self) -> Result<Vec<Document>, ClientError> {
        let paths: Vec<OwnedObjectPath> = self.call(MANAGER_PATH, MANAGER, "ListModems", &()).await?;
        let mut documents = vec![];
        for path in paths {
            match self.document_at(path.as_str()).await {
                Ok(document) => documents.push(document),
                // It left since it was listed.
                Err(error) if error.failure == Failure::NoSuchModem => {}
                Err(error) => return Err(error),
            }
        }
        Ok(documents)
    }

    /// One modem.
    pub async fn document(&self, id: &str) -> Result<Document, ClientError> {
        self.document_at(&path::modem(id)).await.map_err(|error| error.of_modem(id))
    }

    async fn document_at(&self, path: &str) -> Result<Document, ClientError> {
        let text: String = self.call(path, MODEM, "GetDocument", &()).await?;
        serde_json::from_str(&text).map_err(|error| {
            let message =
                format!("the daemon's answer cannot be read ({error}); are daemon and command of one version?");
            ClientError::new(Failure::Other, message)
        })
    }

    /// Documents of one modem or of all as they change, beginning with what they are now.
    pub async fn watch(&self, id: Option<&str>) -> Result<Watch, ClientError> {
        watch::start(self.clone(), id).await
    }

    /// All uplinks as they change, beginning with what they are now; ends with the daemon.
    pub async fn watch_uplinks(&self) -> Result<tokio::sync::mpsc::Receiver<Vec<Uplink>>, ClientError> {
        watch::uplinks(self.clone()).await
    }

    /// Brings a data context up.
    pub async fn connect_data(&self, id: &str, request: &ConnectRequest) -> Result<(), ClientError> {
        self.of(id, MODEM, "Connect", &request::connect_options(request)).await
    }

    /// Takes the data contexts down; the modem stays registered.
    pub async fn disconnect(&self, id: &str) -> Result<(), ClientError> {
        self.of(id, MODEM, "Disconnect", &()).await
    }

    /// Switches the radio on and registers.
    pub async fn enable(&self, id: &str) -> Result<(), ClientError> {
        self.of(id, MODEM, "Enable", &()).await
    }

    /// Switches the radio off.
    pub async fn disable(&self, id: &str) -> Result<(), ClientError> {
        self.of(id, MODEM, "Disable", &()).await
    }

    /// Restarts the modem and brings it up again.
    pub async fn reset(&self, id: &str) -> Result<(), ClientError> {
        self.of(id, MODEM, "Reset", &()).await
    }

    /// Reads the signal once; the document has it then.
    pub async fn read_signal(&self, id: &str) -> Result<(), ClientError> {
        self.of(id, NETWORK, "ReadSignal", &()).await
    }

    /// Searches for networks: minutes.
    pub async fn scan(&self, id: &str) -> Result<Vec<FoundNetwork>, ClientError> {
        let networks: Vec<HashMap<String, OwnedVariant>> = self.of(id, NETWORK, "Scan", &()).await?;
        Ok(networks.into_iter().map(found).collect())
    }

    /// Sends one AT command as it is; the answer lines and the final result come back. Without a `limit` the model
    /// file's time-out holds.
    pub async fn at(&self, id: &str, line: &str, limit: Option<Duration>) -> Result<Vec<String>, ClientError> {
        // 0 is "no limit given" on the wire.
        let limit_ms = limit.map_or(0, |limit| u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1));
        self.of(id, DIAGNOSTICS, "At", &(line, limit_ms)).await
    }

    /// Uses the card in another slot.
    pub async fn switch_slot(&self, id: &str, slot: u8) -> Result<(), ClientError> {
        self.of(id, SIM, "SwitchSlot", &slot).await
    }

    /// Enters the PIN.
    pub async fn enter_pin(&self, id: &str, pin: &Private<String>) -> Result<(), ClientError> {
        self.of(id, SIM, "EnterPin", pin.reveal()).await
    }

    /// Unblocks the SIM with the PUK and sets a new PIN.
    pub async fn enter_puk(
        &self,
        id: &str,
        puk: &Private<String>,
        new_pin: &Private<String>,
    ) -> Result<(), ClientError> {
        self.of(id, SIM, "EnterPuk", &(puk.reveal(), new_pin.reveal())).await
    }

    /// Asks for other power saving: PSM first, then eDRX, MICO mode and the DRX cycle, as far as they are named.
    pub async fn set_power(&self, id: &str, request: &PowerRequest) -> Result<(), ClientError> {
        if let Some(psm) = request.psm {
            let tau = psm.and_then(|timers| timers.periodic_tau).unwrap_or_default();
            let active = psm.map(|timers| timers.active_time).unwrap_or_default();
            self.of::<_, ()>(id, POWER, "SetPsm", &(psm.is_some(), tau.as_secs(), active.as_secs())).await?;
        }
        if let Some(edrx) = request.edrx {
            let cycle = edrx.map(|edrx| edrx.cycle).unwrap_or_default();
            let ptw = edrx.and_then(|edrx| edrx.ptw).unwrap_or_default();
            let wish = (edrx.is_some(), cycle.as_secs_f64(), ptw.as_secs_f64());
            self.of::<_, ()>(id, POWER, "SetEdrx", &wish).await?;
        }
        if let Some(mico) = request.mico {
            self.of::<_, ()>(id, POWER, "SetMico", &mico).await?;
        }
        if let Some(cycle) = request.drx_cycle {
            let length = cycle.map(DrxCycle::length).unwrap_or_default();
            self.of::<_, ()>(id, POWER, "SetDrx", &length.as_secs_f64()).await?;
        }
        Ok(())
    }

    /// What crossed the modem's port during the last `span`, as a transcript.
    pub async fn transcript(&self, id: &str, span: Duration, redacted: bool) -> Result<String, ClientError> {
        let seconds = u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        self.of(id, DIAGNOSTICS, "Transcript", &(seconds, redacted)).await
    }

    /// Makes the daemon read its configuration again; the error has all mistakes in it.
    pub async fn reload(&self) -> Result<(), ClientError> {
        self.call(MANAGER_PATH, MANAGER, "Reload", &()).await
    }

    /// Plans power saving: the answer is the JSON of `docs/power-planner.md`, which has the keys of `wish` as well.
    pub async fn plan_power(&self, wish: &HashMap<&str, Variant<'_>>) -> Result<String, ClientError> {
        self.call(MANAGER_PATH, MANAGER, "PlanPower", wish).await
    }

    /// A call to the object of a modem.
    async fn of<B, R>(&self, id: &str, interface: &str, method: &str, body: &B) -> Result<R, ClientError>
    where
        B: Serialize + DynamicType,
        R: DeserializeOwned + Type,
    {
        self.call(&path::modem(id), interface, method, body).await.map_err(|error: ClientError| error.of_modem(id))
    }

    async fn call<B, R>(&self, path: &str, interface: &str, method: &str, body: &B) -> Result<R, ClientError>
    where
        B: Serialize + DynamicType,
        R: DeserializeOwned + Type,
    {
        let reply = self.connection.call_method(Some(BUS_NAME), path, Some(interface), method, body).await?;
        Ok(reply.body().deserialize()?)
    }
}

fn found(mut network: HashMap<String, OwnedVariant>) -> FoundNetwork {
    let mut text = |key| network.remove(key).and_then(|value| String::try_from(value).ok());
    FoundNetwork {
        status: text("status").unwrap_or_default(),
        name: text("name").unwrap_or_default(),
        plmn: text("plmn").unwrap_or_default(),
        rat: text("rat"),
    }
}
