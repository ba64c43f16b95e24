//! `demo`: daemon, simulated modem and dashboard in one process; no bus daemon, no rights, no modem.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{env, io, process};

use anyhow::Context;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};

use crate::bus::client::Client;
use crate::bus::{self, Exports, local_users};
use crate::cli::args::{DemoArgs, Global, Machine, Target};
use crate::cli::out::Out;
use crate::cli::{models, watch as events};
use crate::daemon::config::{Bus, Listen};
use crate::modem::actor::{self, Parts, Shared};
use crate::modem::clock::Clock;
use crate::modem::data::Unused;
use crate::modem::definition::Library;
use crate::modem::handle::{ModemHandle, PowerRequest};
use crate::modem::memory::Memory;
use crate::modem::plan::Planner;
use crate::modem::ports::Lines;
use crate::modem::settings::Settings;
use crate::modem::wake::WakeLines;
use crate::port::BoxStream;
use crate::port::recorder::{Recorder, Ring};
use crate::sim::Simulated;
use crate::state::{Edrx, PsmTimers};
use crate::tui;

use super::{interrupted, log::Log, machine, simulate};

/// What happens to the modem of the demo.
const DAY: &str = include_str!("demo.toml");
/// The modem's name.
const ID: &str = "demo";

/// Runs until somebody quits.
pub fn run(global: &Global, args: &DemoArgs) -> anyhow::Result<()> {
    // Nothing may be written over the dashboard.
    if args.plain && global.verbose > 0 {
        Log::start(global.verbose)?;
    }
    let scenario = simulate::scenario(args.scenario.as_deref(), args.model.as_deref(), DAY.parse()?)?;
    let modem = simulate::modem(&scenario, &Machine::default())?;
    let mut out = Out::stdout(global.json);
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let dir = PrivateDir::new().context("a directory for the socket cannot be made")?;
        let listen: Listen = format!("unix:path={}", dir.0.join("lpwa.sock").display()).parse()?;
        let _server = bus::serve(exports(Simulated::new(modem))?, &Bus::None, Some(&listen)).await?;
        let client = Client::connect(Some(&listen.to_string())).await?;
        if !args.plain {
            return tui::run(client).await;
        }
        let everything = Target::default();
        tokio::select! {
            shown = events::run(&client, &everything, &mut out) => shown,
            ended = interrupted() => Ok(ended?),
            () = over(args.span.map(|span| span.0)) => Ok(()),
        }
    })
}

async fn over(span: Option<Duration>) {
    match span {
        Some(span) => tokio::time::sleep(span).await,
        None => std::future::pending().await,
    }
}

/// The real driver on the simulated modem, as a daemon with one modem.
fn exports(modem: Simulated) -> anyhow::Result<Exports> {
    let ring = Ring::default();
    let handle = drive(modem, ring.clone())?;
    let (modems, watcher) = watch::channel(BTreeMap::from([(ID.to_owned(), handle)]));
    let (reload, mut reloads) = mpsc::channel::<bus::ReloadJob>(1);
    tokio::spawn(async move {
        let _modems = modems;
        while let Some(job) = reloads.recv().await {
            // Who asked may have left.
            let _ = job.send(Err("the demo has no configuration".into()));
        }
    });
    let transcript = Arc::new(move |_: &str, span, redacted| {
        let transcript = if redacted { ring.transcript(Some(span)) } else { ring.unredacted(Some(span)) };
        Some(transcript.to_string())
    });
    let planner = watch::channel(Arc::new(Planner::new(Arc::new(library()?)))).1;
    let uplinks = watch::channel(BTreeMap::new()).1;
    let usage = Arc::new(|_| Vec::new());
    Ok(Exports { modems: watcher, uplinks, usage, reload, transcript, planner, authority: local_users() })
}

fn library() -> anyhow::Result<Library> {
    models::library(&machine::models_dir(&Machine::default())?)
}

fn drive(modem: Simulated, ring: Ring) -> anyhow::Result<ModemHandle> {
    let library = Arc::new(library()?);
    let (handle, driver) = actor::new(Parts {
        wake: WakeLines::default(),
        settings: settings()?,
        definition: library.get("generic").unwrap_or_default(),
        library,
        opener: Box::new(move || {
            let opened = modem.open().map(|line| Box::new(Recorder::new(line, "sim", ring.clone())) as BoxStream);
            Box::pin(async move { opened.map(Lines::from).map_err(|error| error.to_string()) })
        }),
        data: Arc::new(Unused),
        clock: Clock::System,
        shared: Shared::default(),
        memory: Memory::default(),
        seed: 1,
    });
    tokio::spawn(driver);
    Ok(handle)
}

/// Reachable for 10 s every minute: soon enough to be watched.
fn settings() -> anyhow::Result<Settings> {
    let psm = PsmTimers { periodic_tau: Some(Duration::from_secs(60)), active_time: Duration::from_secs(10) };
    let edrx = Edrx { cycle: Duration::from_millis(20_480), ptw: None };
    Ok(Settings {
        id: ID.into(),
        apn: Some("iot.test".parse()?),
        autoconnect: true,
        power: PowerRequest { psm: Some(Some(psm)), edrx: Some(Some(edrx)), ..PowerRequest::default() },
        ..Settings::default()
    })
}

/// A directory of this user alone, which goes with its owner.
struct PrivateDir(PathBuf);

impl PrivateDir {
    fn new() -> io::Result<Self> {
        let above = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute() && dir.is_dir());
        let dir = above.unwrap_or_else(env::temp_dir).join(format!("lpwa-demo-{}", process::id()));
        DirBuilder::new().mode(0o700).create(&dir)?;
        Ok(Self(dir))
    }
}

impl Drop for PrivateDir {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever tidies up after reboots.
        let _ = fs::remove_dir_all(&self.0);
    }
}
