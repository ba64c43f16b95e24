//! One actor for each modem; a modem that fails does not take the others along.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tracing::{error, info};

use super::config::ModemConfig;
use super::ports::Ports;
use super::store::Store;
use crate::modem::actor::{self, Parts};
use crate::modem::clock::Clock;
use crate::modem::definition::{Definition, Library};
use crate::modem::handle::ModemHandle;
use crate::modem::memory::{Kept, Memory};
use crate::modem::settings::Settings;
use crate::modem::wake::WakeLines;
use crate::policy::pin::PinMemory;
use crate::port::line::{Dtr, Line};

/// So long a defect may repeat itself before it is tried again.
const REVIVE_AFTER: Duration = Duration::from_secs(5);

/// The handles of all modems, by id, as they come and go.
pub type Handles = BTreeMap<String, ModemHandle>;

/// What runs for one modem.
struct Running {
    config: ModemConfig,
    handle: ModemHandle,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Handles may live on in D-Bus objects; the port must not.
        self.task.abort();
    }
}

/// Starts, stops and restarts the actors of all modems.
pub struct Supervisor {
    library: Arc<Library>,
    ports: Ports,
    store: Option<Store>,
    pins: Arc<Mutex<PinMemory>>,
    running: BTreeMap<String, Running>,
    tasks: JoinSet<()>,
    handles: watch::Sender<Handles>,
}

impl Supervisor {
    /// Nothing runs yet. `ports` opens, and records, what the configuration names; without a `store` nothing outlives
    /// the daemon.
    pub fn new(library: Arc<Library>, ports: Ports, store: Option<Store>) -> Self {
        let handles = watch::Sender::new(Handles::new());
        Self { library, ports, store, pins: Arc::default(), running: BTreeMap::new(), tasks: JoinSet::new(), handles }
    }

    /// The model files in use.
    pub fn library(&self) -> Arc<Library> {
        self.library.clone()
    }

    /// The handles, as they come and go.
    pub fn handles(&self) -> watch::Receiver<Handles> {
        self.handles.subscribe()
    }

    /// Makes what runs be what `configured` says, and what is plugged in beside: a modem whose configuration did not
    /// change is left alone.
    pub fn apply(&mut self, library: Arc<Library>, configured: &[ModemConfig]) {
        self.library = library;
        let mut wanted = configured.to_vec();
        wanted.extend(self.ports.unconfigured(configured, &self.library));
        self.running.retain(|id, running| {
            let kept = wanted.contains(&running.config);
            if !kept {
                info!("{id}: stopped");
            }
            kept
        });
        for config in wanted {
            if !self.running.contains_key(&config.id) {
                self.start(config);
            }
        }
        self.publish();
    }

    /// Waits until a driver ends that was not stopped, which only a defect makes it do, and starts that modem anew.
    pub async fn revive(&mut self) -> ! {
        while self.tasks.join_next().await.is_some() {
            let ended = self.running.values().find(|running| running.task.is_finished());
            let Some(config) = ended.map(|running| running.config.clone()) else { continue };
            error!("{}: the driver ended unexpectedly; it is started again", config.id);
            tokio::time::sleep(REVIVE_AFTER).await;
            self.running.remove(&config.id);
            self.start(config);
            self.publish();
        }
        std::future::pending().await
    }

    fn start(&mut self, config: ModemConfig) {
        let definition = self.definition_of(&config);
        let dtr = Dtr::default();
        let opener = self.ports.opener(&config, &definition, &dtr);
        let parts = Parts {
            wake: wake_lines(&config, dtr),
            settings: settings(&config),
            library: self.library.clone(),
            definition,
            opener,
            clock: Clock::System,
            pins: self.pins.clone(),
            memory: memory(&self.store, &config.id),
            seed: seed_of(&config.id),
        };
        let (handle, driver) = actor::new(parts);
        let task = self.tasks.spawn(driver);
        info!("{}: started", config.id);
        self.running.insert(config.id.clone(), Running { config, handle, task });
    }

    /// The configured model, else what USB says, else the generic one until the modem was asked.
    fn definition_of(&self, config: &ModemConfig) -> Arc<Definition> {
        let configured = config.model.as_deref().and_then(|name| self.library.get(name));
        let by_usb = || self.library.by_usb(&self.ports.usb_id(config, &self.library)?);
        configured.or_else(by_usb).or_else(|| self.library.get("generic")).unwrap_or_default()
    }

    fn publish(&self) {
        let handles: Handles = self.running.iter().map(|(id, r)| (id.clone(), r.handle.clone())).collect();
        self.handles.send_if_modified(|old| {
            let same = old.len() == handles.len()
                && old.iter().all(|(id, h)| handles.get(id).is_some_and(|new| new.jobs.same_channel(&h.jobs)));
            *old = handles;
            !same
        });
    }
}

/// The lines that the configuration names.
fn wake_lines(config: &ModemConfig, dtr: Dtr) -> WakeLines {
    let pwrkey = config.pwrkey.clone();
    WakeLines {
        dtr: config.dtr.then(|| Arc::new(dtr) as Arc<dyn Line>),
        pwrkey: pwrkey.map(|key| (Arc::new(key.output) as Arc<dyn Line>, key.pulse)),
    }
}

/// What an earlier life of modem `id` kept, and the way to keep more.
fn memory(store: &Option<Store>, id: &str) -> Memory {
    let name = format!("modem-{id}");
    let Some(store) = store.clone() else {
        return Memory::new(
            Kept::default(),
            Box::new(|_| Err("there is no state directory, see [daemon] state_dir".into())),
        );
    };
    let kept = store.load(&name).unwrap_or_default();
    // A few hundred octets, and only when something that is kept changes: the loop can wait for the disk.
    Memory::new(kept, Box::new(move |kept| store.save(&name, kept).map_err(|error| error.to_string())))
}

fn settings(config: &ModemConfig) -> Settings {
    let password = config.password.clone();
    Settings {
        id: config.id.clone(),
        model: config.model.clone(),
        apn: config.apn.clone(),
        pdp_type: config.pdp_type.unwrap_or_default(),
        credentials: config.user.clone().map(|user| (user, password.unwrap_or_default())),
        rats: config.rats.clone().unwrap_or_default(),
        bands: config.bands.clone().unwrap_or_default(),
        autoconnect: config.autoconnect,
        pin: config.pin.clone(),
        power: config.power,
        release: config.release,
    }
}

/// Devices that start together must not try again together: the seed differs by machine and modem.
pub fn seed_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    std::fs::read_to_string("/etc/machine-id").unwrap_or_default().hash(&mut hasher);
    id.hash(&mut hasher);
    hasher.finish()
}
