//! The commands that need more of the house than `cli` may use.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio::runtime::Builder;

use crate::cli::Wiring;
use crate::cli::args::{DaemonArgs, Global, ReplayArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::models;
use crate::cli::out::{Out, aside, clean};
use crate::daemon::config::ConfigError;
use crate::modem::definition::Library;
use crate::transcript::Transcript;
use crate::transcript::compare::timelines;
use crate::transcript::import::import;
use crate::transcript::redact::redact;
use crate::tui;

use super::daemon::{self, Options};
use super::log::Log;
use super::replay::{Outcome, replay};
use super::{demo, machine, profiles, sims, simulate};

/// The commands of `lpwa`, for `main`.
pub const WIRING: Wiring = Wiring {
    daemon: run_daemon,
    demo: demo::run,
    replay: run_replay,
    simulate: simulate::run,
    profiles: profiles::run,
    sims: sims::run,
    profile: profiles::request,
    models_dir: machine::models_dir,
    tui: |client| Box::pin(tui::run(client)),
};

fn run_daemon(global: &Global, args: &DaemonArgs) -> anyhow::Result<()> {
    let usage = |error: String| Failure::new(Exit::Usage, error);
    let options = Options {
        config: args.config.clone(),
        bus: args.bus.as_ref().map(|bus| bus.parse().map_err(|e| usage(format!("--bus: {e}")))).transpose()?,
        listen: args.listen.as_ref().map(|at| at.parse().map_err(|e| usage(format!("--listen: {e}")))).transpose()?,
        log: Log::start(global.verbose)?,
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(daemon::run(options)).map_err(|error| match error.downcast::<ConfigError>() {
        Ok(mistakes) => {
            mistakes.problems.iter().for_each(|problem| aside(&clean(&problem.to_string())));
            usage(format!("nothing was started: {} to correct in the configuration", mistakes.problems.len())).into()
        }
        Err(error) => error,
    })
}

fn run_replay(global: &Global, args: &ReplayArgs) -> anyhow::Result<()> {
    if global.verbose > 0 {
        Log::start(global.verbose)?;
    }
    let mut out = Out::stdout(global.json);
    if args.import {
        return import_log(args, &mut out);
    }
    let library = Arc::new(models::library(&machine::models_dir(&args.machine)?)?);
    let mut failed = 0;
    for file in &args.files {
        if let Err(reason) = replay_file(file, args, &library, &mut out) {
            failed += 1;
            out.line(&clean(&format!("{}: {reason:#}", file.display())))?;
        }
        out.flush()?;
    }
    match failed {
        0 => Ok(()),
        n => Err(Failure::new(Exit::Failure, format!("{n} of {} transcripts do not hold", args.files.len())).into()),
    }
}

/// One transcript; the error is a sentence part for people.
fn replay_file(file: &Path, args: &ReplayArgs, library: &Arc<Library>, out: &mut Out) -> anyhow::Result<()> {
    let transcript: Transcript = fs::read_to_string(file)?.parse()?;
    let Outcome { timeline, mismatch } = replay(&transcript, library, args.model.as_deref())?;
    let beside = file.with_extension("timeline");
    if args.timeline {
        out.raw(&timeline)?;
    } else if args.bless {
        fs::write(&beside, &timeline).with_context(|| format!("{} cannot be written", beside.display()))?;
    }
    if let Some(mismatch) = mismatch {
        anyhow::bail!("driver and recording part: {mismatch}");
    }
    if args.timeline {
        return Ok(());
    }
    let expected = fs::read_to_string(&beside).with_context(|| {
        format!("{} cannot be read; --bless writes what comes out as what is expected", beside.display())
    })?;
    match timelines(&expected, &timeline) {
        Some(difference) => anyhow::bail!("{}: {difference}", beside.display()),
        None => Ok(out.line(&format!("{}: ok", file.display()))?),
    }
}

/// The log of another program as a transcript, fit to be shared.
fn import_log(args: &ReplayArgs, out: &mut Out) -> anyhow::Result<()> {
    let [file] = args.files.as_slice() else {
        return Err(Failure::new(Exit::Usage, "--import reads one log at a time").into());
    };
    let log = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut transcript = import(&String::from_utf8_lossy(&log), "at").with_context(|| file.display().to_string())?;
    if let Some(model) = &args.model {
        transcript.header.set("model", model);
    }
    let text = redact(&transcript).to_string();
    match &args.output {
        Some(path) => fs::write(path, text).with_context(|| format!("{} cannot be written", path.display())),
        None => Ok(out.raw(&text)?),
    }
}
