//! Uplinks, ladders and the meter of the daemon: started, stopped and kept as the configuration says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::AbortHandle;
use tracing::{info, warn};

use super::boot::boot;
use super::config::{Config, ModemConfig, RecoveryConfig};
use super::store::Store;
use super::supervisor::{Handles, seed_of};
use crate::modem::clock::Clock;
use crate::modem::handle::{LinkSetup, ModemHandle};
use crate::net::Links;
use crate::net::links::LinkId;
use crate::net::plan::METRIC;
use crate::policy::governor::steady::{self, Anchor};
use crate::policy::recovery::Past;
use crate::policy::usage::{self, Plan};
use crate::state::{self, DataPlan};
use crate::uplink::handle::Uplinks as Exported;
use crate::uplink::journal::Journal;
use crate::uplink::kernel::Kernel;
use crate::uplink::medic::{self, Blocked, Kept};
use crate::uplink::meter::{Meter, Payer, Payers};
use crate::uplink::supply::PowerCut;
use crate::uplink::{UplinkHandle, UplinkSettings, Way, runner};

/// Everything that goes on above single modems.
pub struct Uplinks {
    clock: Clock,
    store: Option<Store>,
    modems: watch::Receiver<Handles>,
    /// What is needed of the kernel; `None`: there is no rtnetlink, and no uplinks.
    ways: Option<(Links, Kernel)>,
    meter: Meter,
    journal: Journal,
    blocked: Blocked,
    running: BTreeMap<String, Running>,
    medics: BTreeMap<String, Medic>,
    exported: watch::Sender<Exported>,
}

struct Running {
    settings: UplinkSettings,
    handle: UplinkHandle,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Handles may live on in D-Bus objects; the routes must not be moved any more.
        self.task.abort();
    }
}

struct Medic {
    modem: ModemHandle,
    config: (RecoveryConfig, Option<PowerCut>),
    task: AbortHandle,
}

impl Drop for Medic {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The file of the accounts.
const USAGE: &str = "usage";

impl Uplinks {
    /// Nothing runs yet. Without a `store` nothing outlives the daemon, without `links` there are no uplinks.
    pub fn new(store: Option<Store>, modems: watch::Receiver<Handles>, links: Option<Links>) -> Self {
        let clock = Clock::System;
        let kernel = Kernel::open().map_err(|error| warn!("interfaces cannot be watched: {error}")).ok();
        let accounts = store.as_ref().and_then(|store| store.load(USAGE)).unwrap_or_default();
        let keeper = store.clone().map(|store| {
            let keep = move |accounts: &_| store.save(USAGE, accounts).map_err(|error| error.to_string());
            Box::new(keep) as crate::uplink::meter::Keeper
        });
        let meter = Meter::new(clock, accounts, keeper);
        let ways = links.zip(kernel);
        if let Some((links, kernel)) = &ways {
            let payers = payers(modems.clone());
            tokio::spawn(meter.clone().run(kernel.clone(), links.watch(), payers));
        }
        Self {
            clock,
            store,
            modems,
            ways,
            meter,
            journal: Journal::new(clock),
            blocked: Arc::new(watch::Sender::new(BTreeSet::new())),
            running: BTreeMap::new(),
            medics: BTreeMap::new(),
            exported: watch::Sender::new(Exported::new()),
        }
    }

    /// The handles, as they come and go.
    pub fn handles(&self) -> watch::Receiver<Exported> {
        self.exported.subscribe()
    }

    /// What every SIM used.
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// Makes what runs be what `config` says; an uplink whose configuration did not change is left alone.
    pub fn apply(&mut self, config: &Config) {
        let stays = |running: &Running| config.uplinks.contains(&running.settings);
        let (kept, gone): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.running).into_iter().partition(|(_, running)| stays(running));
        self.running = kept;
        gone.into_values().for_each(|running| self.stop(running));
        for settings in &config.uplinks {
            if !self.running.contains_key(&settings.name) {
                self.start(settings.clone());
            }
        }
        self.care(config);
        let handles = self.running.iter().map(|(name, running)| (name.clone(), running.handle.clone()));
        self.exported.send_replace(handles.collect());
    }

    /// Brings what is counted to the disk, at the end of the daemon.
    pub fn close(&self) {
        self.meter.close();
    }

    /// Its modems have a default route each, as they have without an uplink, and nothing is said of them any more.
    fn stop(&self, running: Running) {
        let name = running.settings.name.clone();
        self.blocked.send_modify(|all| all.retain(|(uplink, _)| *uplink != name));
        let Some((links, _)) = self.ways.clone() else { return };
        let ways: Vec<Way> = running.settings.members.iter().map(|member| member.way.clone()).collect();
        let set = running.settings.members.iter().filter(|member| member.setup.is_some());
        let set: BTreeSet<String> = set.filter_map(|member| member.way.modem().map(str::to_owned)).collect();
        let modems = self.modems.borrow().clone();
        drop(running);
        info!("uplink {name}: stopped");
        tokio::spawn(async move {
            for modem in set.iter().filter_map(|id| modems.get(id)) {
                // As its own configuration says again.
                if let Err(error) = runner::tell(modem, LinkSetup::default(), false).await {
                    warn!("{error}");
                }
            }
            let up = links.watch().borrow().clone();
            let of_it =
                |id: &&LinkId| ways.iter().any(|way| matches!(way, Way::Modem { id: modem, .. } if *modem == id.modem));
            for id in up.keys().filter(of_it) {
                if let Err(error) = links.set_metric(id, Some(METRIC)).await {
                    warn!("{id}: {error}");
                }
            }
        });
    }

    fn start(&mut self, settings: UplinkSettings) {
        let name = settings.name.clone();
        let Some((links, kernel)) = self.ways.clone() else {
            return warn!("uplink {name}: not started, as the kernel cannot be told of routes");
        };
        let (handle, task) = runner::new(runner::Parts {
            settings: settings.clone(),
            clock: self.clock,
            modems: self.modems.clone(),
            links,
            kernel,
            meter: self.meter.clone(),
            payers: payers(self.modems.clone()),
            journal: self.journal.clone(),
            blocked: self.blocked.clone(),
        });
        info!("uplink {name}: started");
        let task = tokio::spawn(task).abort_handle();
        self.running.insert(name, Running { settings, handle, task });
    }

    /// A medic for each modem, of which those are left alone for whom nothing changed.
    pub fn care(&mut self, config: &Config) {
        let modems = self.modems.borrow().clone();
        let wanted = |id: &str| (config.recovery.clone(), power_cut(&config.modems, id));
        self.medics.retain(|id, medic| {
            let same = modems.get(id).is_some_and(|modem| modem.jobs.same_channel(&medic.modem.jobs));
            same && medic.config == wanted(id)
        });
        for (id, modem) in modems.into_iter().filter(|_| config.recovery.enabled) {
            if !self.medics.contains_key(&id) {
                let medic = self.medic(&id, modem, wanted(&id));
                self.medics.insert(id, medic);
            }
        }
    }

    fn medic(&self, id: &str, modem: ModemHandle, config: (RecoveryConfig, Option<PowerCut>)) -> Medic {
        let name = format!("recovery-{id}");
        let kept: Kept = self.store.as_ref().and_then(|store| store.load(&name)).unwrap_or_default();
        let start =
            steady::resume(Some(&kept.anchor).filter(|_| kept != Kept::default()), self.clock.now(), boot().as_ref());
        let (steady, wall) = (Clock::fixed(start), self.clock);
        let keeper = self.store.clone().map(|store| {
            let keep = move |past: &Past| {
                let anchor = Anchor { steady: steady.now().0, wall: wall.now().0, boot: boot() };
                let kept = Kept { past: past.clone(), anchor };
                store.save(&name, &kept).map_err(|error| error.to_string())
            };
            Box::new(keep) as medic::Keeper
        });
        let task = tokio::spawn(medic::run(medic::Parts {
            modem: modem.clone(),
            rules: config.0.rules,
            patience: config.0.patience,
            power_cut: config.1.clone(),
            root: PathBuf::from("/"),
            steady,
            past: kept.past,
            keeper,
            blocked: self.blocked.subscribe(),
            journal: self.journal.clone(),
            seed: seed_of(id),
        }));
        Medic { modem, config, task: task.abort_handle() }
    }
}

fn power_cut(modems: &[ModemConfig], id: &str) -> Option<PowerCut> {
    modems.iter().find(|modem| modem.id == id)?.power_cut.clone()
}

/// The tariff that the SIM policy names.
fn plan_of(data: DataPlan) -> Plan {
    let cycle = match data.cycle {
        state::Cycle::Monthly(day) => usage::Cycle::Monthly(day),
        state::Cycle::Days(days) => usage::Cycle::Days(days),
    };
    Plan { limit: Some(data.limit), warn_at: data.warn_at, cycle }
}

/// A card pays, on an APN; a card that cannot be read is known by its modem.
fn payers(modems: watch::Receiver<Handles>) -> Payers {
    Arc::new(move |modem, context| {
        let handle = modems.borrow().get(modem).cloned()?;
        let state = handle.state.borrow();
        let card = state.sim.iccid.as_ref().map(|iccid| iccid.value.reveal().to_string());
        let bearer = state.bearers.iter().find(|bearer| bearer.context == context);
        let apn = bearer.map(|bearer| bearer.apn.to_string()).unwrap_or_default();
        let account = format!("{}/{apn}", card.unwrap_or_else(|| format!("modem:{modem}")));
        let plan = state.sim.policy.as_ref().and_then(|policy| policy.data).map(plan_of).unwrap_or_default();
        Some(Payer { account, plan })
    })
}
