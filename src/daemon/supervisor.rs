//! One actor for each modem; a modem that fails does not take the others along.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tracing::{error, info, warn};

use super::boot::boot;
use super::config::{BearerConfig, DataConfig, ModemConfig, PortChoice};
use super::ports::Ports;
use super::store::Store;
use crate::modem::actor::{self, Parts, Shared};
use crate::modem::clock::Clock;
use crate::modem::data::{DataPath, Unused, Which};
use crate::modem::definition::{Definition, Library};
use crate::modem::handle::{Job, ModemHandle};
use crate::modem::memory::{Kept, Memory};
use crate::modem::pins::Pins;
use crate::modem::settings::{Context, Settings};
use crate::modem::sim_policy::SimPolicies;
use crate::modem::wake::WakeLines;
use crate::net::hook::Hook;
use crate::net::links::Links;
use crate::net::path::{ModemPath, PathSettings};
use crate::net::ppp::Call;
use crate::policy::governor::Limits;
use crate::policy::pin::PinMemory;
use crate::port::PortSpec;
use crate::port::line::{Dtr, Line};
use crate::port::spec::Flow;
use crate::private::Private;
use crate::spec::apn::PdpType;

/// So long a defect may repeat itself before it is tried again.
const REVIVE_AFTER: Duration = Duration::from_secs(5);

/// The handles of all modems, by id, as they come and go.
pub type Handles = BTreeMap<String, ModemHandle>;

/// What runs for one modem.
struct Running {
    config: ModemConfig,
    /// It was started without knowing what is plugged in at its USB path.
    unseen: bool,
    handle: ModemHandle,
    data: Arc<dyn DataPath>,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Handles may live on in D-Bus objects; the port must not.
        self.task.abort();
    }
}

/// How long drivers may take to leave their modems.
const FAREWELL: Duration = Duration::from_secs(3);

/// Starts, stops and restarts the actors of all modems.
pub struct Supervisor {
    library: Arc<Library>,
    ports: Ports,
    store: Option<Store>,
    links: Option<Links>,
    shared: Shared,
    running: BTreeMap<String, Running>,
    tasks: JoinSet<()>,
    handles: watch::Sender<Handles>,
}

impl Supervisor {
    /// Nothing runs yet. `ports` opens, and records, what the configuration names; without a `store` nothing outlives
    /// the daemon, and without `links` the machine uses no bearer.
    pub fn new(library: Arc<Library>, ports: Ports, store: Option<Store>, links: Option<Links>) -> Self {
        Self {
            shared: Shared { pins: pins(&store), boot: boot(), ..Shared::default() },
            library,
            ports,
            store,
            links,
            running: BTreeMap::new(),
            tasks: JoinSet::new(),
            handles: watch::Sender::new(Handles::new()),
        }
    }

    /// Ends all drivers, and takes the machine off all bearers.
    pub async fn stop(mut self) {
        let paths: Vec<_> = self.running.values().map(|running| running.data.clone()).collect();
        for running in self.running.values() {
            // A driver with so many jobs waiting ends without a farewell.
            let _ = running.handle.jobs.try_send(Job::Stop);
        }
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, ended).await.is_err() {
            warn!("not every modem took its farewell in time");
        }
        self.running.clear();
        // Not before its end is a driver sure to bring nothing up any more.
        self.tasks.shutdown().await;
        for path in paths {
            path.down(Which::All).await;
        }
    }

    /// The model files in use.
    pub fn library(&self) -> Arc<Library> {
        self.library.clone()
    }

    /// The handles, as they come and go.
    pub fn handles(&self) -> watch::Receiver<Handles> {
        self.handles.subscribe()
    }

    /// What is wanted with which card, and how often what may be asked of a network. Modems that run look at it anew.
    pub fn share(&mut self, sims: SimPolicies, limits: Limits) {
        (self.shared.sims, self.shared.limits) = (sims, limits);
        for running in self.running.values() {
            // A driver with so many jobs waiting takes the news with its next start.
            let _ = running.handle.jobs.try_send(Job::Share(self.shared.clone()));
        }
    }

    /// Makes what runs be what `configured` says, and what is plugged in beside: a modem whose configuration did not
    /// change is left alone, but for one that is plugged in for the first time: only now its model is known.
    pub fn apply(&mut self, library: Arc<Library>, configured: &[ModemConfig]) {
        self.library = library;
        let mut wanted = configured.to_vec();
        wanted.extend(self.ports.unconfigured(configured, &self.library));
        let seen = |r: &Running| r.unseen && self.ports.usb_id(&r.config, &self.library).is_some();
        let unwanted: Vec<_> = self.running.iter().filter(|(_, r)| !wanted.contains(&r.config) || seen(r)).collect();
        let unwanted: Vec<_> = unwanted.into_iter().map(|(id, _)| id.clone()).collect();
        for id in unwanted {
            self.end(&id);
        }
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
            self.end(&config.id);
            self.start(config);
            self.publish();
        }
        std::future::pending().await
    }

    /// Ends a driver, and takes the machine off the modem's bearers. One that follows it starts by asking the modem who
    /// it is: by then that is done.
    fn end(&mut self, id: &str) {
        let Some(running) = self.running.remove(id) else { return };
        info!("{id}: stopped");
        let data = running.data.clone();
        drop(running);
        tokio::spawn(async move { data.down(Which::All).await });
    }

    fn start(&mut self, config: ModemConfig) {
        let definition = self.definition_of(&config);
        let unseen = matches!(config.port, PortChoice::Usb(_)) && self.ports.usb_id(&config, &self.library).is_none();
        let dtr = Dtr::default();
        let opener = self.ports.opener(&config, &definition, &dtr);
        let data = data_path(self.links.as_ref(), &config);
        let parts = Parts {
            wake: wake_lines(&config, dtr),
            settings: settings(&config),
            library: self.library.clone(),
            definition,
            opener,
            data: data.clone(),
            clock: Clock::System,
            shared: self.shared.clone(),
            memory: memory(&self.store, &config.id),
            seed: seed_of(&config.id),
        };
        let (handle, driver) = actor::new(parts);
        let task = self.tasks.spawn(driver);
        info!("{}: started", config.id);
        self.running.insert(config.id.clone(), Running { config, unseen, handle, data, task });
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
    let kept = store.load::<Kept>(&name).unwrap_or_default().in_boot(boot().as_ref());
    // A few hundred octets, and only when something that is kept changes: the loop can wait for the disk.
    Memory::new(kept, Box::new(move |kept| store.save(&name, kept).map_err(|error| error.to_string())))
}

/// The PINs that were tried in earlier lives. Without a place to remember them none is sent but by a person.
fn pins(store: &Option<Store>) -> Pins {
    const NAME: &str = "pins";
    let Some(store) = store.clone() else {
        let nowhere = |_: &PinMemory| Err("there is no state directory, see [daemon] state_dir".into());
        return Pins::new(PinMemory::default(), Box::new(nowhere));
    };
    let memory = store.load(NAME).unwrap_or_else(|| PinMemory::new(lot()));
    Pins::new(memory, Box::new(move |memory| store.save(NAME, memory).map_err(|error| error.to_string())))
}

/// A key that nobody knows.
fn lot() -> (u64, u64) {
    let mut octets = [0; 16];
    if let Err(error) = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut octets)) {
        warn!("/dev/urandom cannot be read, and the PIN memory goes without a key of its own: {error}");
    }
    let key = u128::from_ne_bytes(octets);
    ((key >> 64) as u64, key as u64)
}

fn settings(config: &ModemConfig) -> Settings {
    Settings {
        id: config.id.clone(),
        model: config.model.clone(),
        apn: config.apn.clone(),
        pdp_type: config.pdp_type.unwrap_or_default(),
        credentials: credentials(config.user.as_ref(), config.password.as_ref()),
        rats: config.rats.clone().unwrap_or_default(),
        bands: config.bands.clone().unwrap_or_default(),
        slots: config.slots.clone(),
        autoconnect: config.autoconnect,
        pin: config.pin.clone(),
        power: config.power,
        release: config.release,
        context: None,
        dial: config.data.dial,
        more: config.bearers.iter().map(context).collect(),
        ..Settings::default()
    }
}

fn context(bearer: &BearerConfig) -> Context {
    Context {
        cid: bearer.context,
        apn: bearer.apn.clone(),
        pdp_type: bearer.pdp_type,
        credentials: credentials(bearer.user.as_ref(), bearer.password.as_ref()),
    }
}

fn credentials(user: Option<&String>, password: Option<&Private<String>>) -> Option<(String, Private<String>)> {
    user.cloned().map(|user| (user, password.cloned().unwrap_or_default()))
}

/// The machine's side of the bearers of a modem.
fn data_path(links: Option<&Links>, config: &ModemConfig) -> Arc<dyn DataPath> {
    let Some(links) = links else { return Arc::new(Unused) };
    let usb = if let PortChoice::Usb(path) = &config.port { Some(path.clone()) } else { None };
    let credentials = credentials(config.user.as_ref(), config.password.as_ref());
    let first = PathSettings { usb, call: call(&config.data, credentials), ..path_settings(&config.data) };
    let more = config.bearers.iter().map(|bearer| (bearer.context, path_settings(&bearer.data))).collect();
    Arc::new(ModemPath::new(links.clone(), &config.id, first, more))
}

fn path_settings(data: &DataConfig) -> PathSettings {
    PathSettings {
        kind: data.kind,
        interface: data.interface.clone(),
        usb: None,
        dhcp: data.dhcp,
        metric: data.metric,
        manage: data.manage,
        hook: data.hook.clone().map(Hook),
        call: None,
    }
}

/// The call on a serial line, whose families and name are those of the bearer.
fn call(data: &DataConfig, credentials: Option<(String, Private<String>)>) -> Option<Call> {
    let Some(PortSpec::Tty { path, baud, flow }) = &data.ppp_port else { return None };
    Some(Call {
        tty: path.clone(),
        baud: *baud,
        hardware_flow: *flow == Flow::Hardware,
        pdp_type: PdpType::default(),
        credentials,
        name: String::new(),
    })
}

/// Devices that start together must not try again together: the seed differs by machine and modem.
pub fn seed_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    fs::read_to_string("/etc/machine-id").unwrap_or_default().hash(&mut hasher);
    id.hash(&mut hasher);
    hasher.finish()
}
