//! The daemon's life: start, reload, stop.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout_at};
use tracing::{error, info, warn};

use crate::bus::{self, Exports, ReloadJob, local_users};
use crate::daemon::config::{Bus, Config, DaemonConfig, Disk, Listen};
use crate::daemon::ports::{Ports, Rings};
use crate::daemon::providers;
use crate::daemon::store::Store;
use crate::daemon::supervisor::Supervisor;
use crate::daemon::uplinks::Uplinks;
use crate::modem::definition::Library;
use crate::modem::plan::Planner;
use crate::modem::sim_policy::{Offer, Providers, SimPolicies};
use crate::net::Links;
use crate::net::dns::Dns;
use crate::policy::card::Card;
use crate::port::watch::{Heard, Watcher};

use super::log::Log;
use super::{record, usage};

/// Devices that come within this time of each other are looked at together.
const QUIET: Duration = Duration::from_secs(1);
/// So long after the first they are looked at even if they still come and go.
const SETTLED: Duration = Duration::from_secs(10);

/// What the command line says; it goes before the configuration.
#[derive(Debug, Clone)]
pub struct Options {
    /// The configuration file.
    pub config: PathBuf,
    /// The bus.
    pub bus: Option<Bus>,
    /// The socket for peers.
    pub listen: Option<Listen>,
    /// What is told meanwhile.
    pub log: Log,
}

/// Runs until SIGTERM or SIGINT.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let (config, library) = load(&options)?;
    let rings = Rings::default();
    let ring_bytes = usize::try_from(config.daemon.recorder_kib).unwrap_or_default().saturating_mul(1024);
    let store =
        Store::open(&config.daemon.state_dir).map_err(|error| warn!("nothing outlives a restart: {error}")).ok();
    let ports = Ports { root: "/".into(), rings: rings.clone(), ring_bytes };
    let links = Links::open(Dns::new(config.daemon.dns.clone())).await;
    let links = links.map_err(|error| warn!("no bearer can be used on this machine: {error}")).ok();
    let mut supervisor = Supervisor::new(library.clone(), ports, store.clone(), links.clone());
    let mut uplinks = Uplinks::new(store, supervisor.handles(), links);
    let (reload, mut reloads) = mpsc::channel(4);
    let (planners, planner_seen) = watch::channel(planner(library.clone()));
    let exports = Exports {
        transcript: record::source(rings, supervisor.handles()),
        modems: supervisor.handles(),
        uplinks: uplinks.handles(),
        usage: usage::source(uplinks.meter()),
        reload,
        planner: planner_seen,
        authority: local_users(),
    };
    let place = options.bus.as_ref().unwrap_or(&config.daemon.bus);
    let listen = options.listen.as_ref().or(config.daemon.listen.as_ref());
    if *place == Bus::None && listen.is_none() {
        warn!(
            "nobody can ask this daemon: there is no bus and no socket; --listen unix:path=/run/lpwa/lpwa.sock makes one"
        );
    }
    let server = bus::serve(exports, place, listen).await?;
    share(&mut supervisor, &config);
    supervisor.apply(library, &config.modems);
    uplinks.apply(&config);
    notify(&[sd_notify::NotifyState::Ready]);
    let core = Core { config, supervisor, uplinks, planners };
    let supervisor = core.live(&options, &mut reloads).await?;
    notify(&[sd_notify::NotifyState::Stopping]);
    drop(server);
    supervisor.stop().await;
    Ok(())
}

/// What a reload changes.
struct Core {
    config: Config,
    supervisor: Supervisor,
    uplinks: Uplinks,
    planners: watch::Sender<Arc<Planner>>,
}

impl Core {
    async fn live(mut self, options: &Options, reloads: &mut mpsc::Receiver<ReloadJob>) -> anyhow::Result<Supervisor> {
        let mut hangup = signal(SignalKind::hangup())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut devices = Devices::new();
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => drop(self.reload(options)),
                Some(job) = reloads.recv() => {
                    // Nobody waits for the answer any more: fine.
                    let _ = job.send(self.reload(options));
                }
                () = devices.changed() => self.rescan(),
                _ = self.supervisor.revive() => {}
            }
        }
        self.uplinks.close();
        Ok(self.supervisor)
    }

    /// A bad file keeps what runs; the caller hears every mistake.
    fn reload(&mut self, options: &Options) -> Result<(), String> {
        match load(options) {
            Ok((new, library)) => {
                self.planners.send_replace(planner(library.clone()));
                if (&new.sims, &new.retry, &new.daemon.providers)
                    != (&self.config.sims, &self.config.retry, &self.config.daemon.providers)
                {
                    share(&mut self.supervisor, &new);
                }
                let later = of_next_start(&self.config.daemon, &new.daemon);
                if !later.is_empty() {
                    warn!("{} of [daemon] changed; that is of effect from the next start on", later.join(", "));
                }
                self.supervisor.apply(library, &new.modems);
                self.uplinks.apply(&new);
                self.config = new;
                info!("the configuration was read again");
                Ok(())
            }
            Err(mistakes) => {
                error!("the configuration is kept as it was: {mistakes:#}");
                Err(format!("{mistakes:#}"))
            }
        }
    }

    fn rescan(&mut self) {
        let library = self.supervisor.library();
        self.supervisor.apply(library, &self.config.modems);
        self.uplinks.care(&self.config);
    }
}

fn share(supervisor: &mut Supervisor, config: &Config) {
    let providers = config.daemon.providers.clone().filter(|path| path.exists());
    let providers = providers.map(|path| Box::new(move |card: &Card| look_up(&path, card)) as Providers);
    supervisor.share(SimPolicies::new(config.sims.policies.clone(), providers), config.retry.clone());
}

/// What the provider database has; one that cannot be read has nothing, and the log says why.
fn look_up(path: &Path, card: &Card) -> Option<Offer> {
    providers::look_up(path, card).unwrap_or_else(|error| {
        warn!("{} is not used: {error}", path.display());
        None
    })
}

fn planner(library: Arc<Library>) -> Arc<Planner> {
    let (planner, problem) = Planner::of_this_machine(library);
    if let Some(problem) = problem {
        error!("{problem}");
    }
    Arc::new(planner)
}

fn load(options: &Options) -> anyhow::Result<(Config, Arc<Library>)> {
    let mut library = Library::builtin();
    let config = Config::load(&options.config, &Disk, |models_dir| {
        library = overlaid(models_dir);
        library.list().into_iter().map(|row| row.name).collect()
    })?;
    options.log.set(&config.daemon.log);
    for warning in config.warnings.iter().chain(&config.sims.warnings) {
        warn!("{warning}");
    }
    for mistake in &config.sims.mistakes {
        error!("{mistake}; the policy is not used");
    }
    Ok((config, Arc::new(library)))
}

/// Keys of `[daemon]` that are others now, and that a running daemon does not take over.
fn of_next_start(old: &DaemonConfig, new: &DaemonConfig) -> Vec<&'static str> {
    let changed = [
        ("bus", old.bus != new.bus),
        ("listen", old.listen != new.listen),
        ("recorder_kib", old.recorder_kib != new.recorder_kib),
        ("state_dir", old.state_dir != new.state_dir),
        ("dns", old.dns != new.dns),
    ];
    changed.into_iter().filter(|(_, changed)| *changed).map(|(key, _)| key).collect()
}

/// The shipped model files with the user's over them. A file with mistakes is left out, and named in the log.
pub fn overlaid(models_dir: &Path) -> Library {
    let (library, problems) = Library::with_overlay(&model_files(models_dir));
    for problem in problems {
        error!("{}/{problem}", models_dir.display());
    }
    library
}

/// `name.toml` and text of every model file in a directory; none where there is no directory.
pub fn model_files(dir: &Path) -> Vec<(String, String)> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|ext| ext == "toml"))
        .filter_map(|entry| Some((entry.file_name().to_str()?.to_owned(), fs::read_to_string(entry.path()).ok()?)))
        .collect();
    files.sort();
    files
}

fn notify(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        warn!("systemd does not listen: {error}");
    }
}

/// Devices that come and go; nothing where the kernel cannot be listened to.
struct Devices {
    watcher: Option<Watcher>,
    /// When the first of them came or went of which nothing was told yet.
    since: Option<Instant>,
}

impl Devices {
    fn new() -> Self {
        let watcher = Watcher::new();
        if let Err(error) = &watcher {
            warn!("cannot listen for devices that come and go ({error}); `lpwa` reload looks anew");
        }
        Self { watcher: watcher.ok(), since: None }
    }

    /// Resolves when modems may have come or gone: a modem is several devices, which come one after the other. Dropping
    /// the future loses nothing.
    async fn changed(&mut self) {
        loop {
            let Some(since) = self.since else {
                self.next().await;
                self.since = Some(Instant::now());
                continue;
            };
            let quiet = timeout_at((Instant::now() + QUIET).min(since + SETTLED), self.next()).await.is_err();
            if quiet {
                self.since = None;
                return;
            }
        }
    }

    /// Resolves when a serial line or a control device came or went.
    async fn next(&mut self) {
        let Some(watcher) = &mut self.watcher else { return std::future::pending().await };
        loop {
            match watcher.next().await {
                Ok(Heard::Lost) => return,
                Ok(Heard::Device(event)) if matches!(event.subsystem.as_str(), "tty" | "usbmisc") => return,
                Ok(Heard::Device(_)) => {}
                Err(error) => {
                    warn!("no longer listening for devices that come and go: {error}");
                    self.watcher = None;
                    return std::future::pending().await;
                }
            }
        }
    }
}
