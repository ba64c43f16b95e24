//! `lpwa profiles`: the power profiles, offline.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use crate::cli::args::{Machine, ProfilesCommand};
use crate::cli::exit::{Exit, Failure};
use crate::cli::out::{Out, Tone, aside, clean};
use crate::cli::table::{Cell, Table};
use crate::cli::words;
use crate::daemon::config::profile::{Profile, Profiles};
use crate::daemon::config::{ConfigError, Disk};
use crate::modem::handle::PowerRequest;
use crate::spec::rat::Rat;
use crate::state::json::seconds;
use crate::state::{Edrx, PsmTimers};

use super::machine;

/// A profile as JSON has it.
#[derive(Serialize)]
struct Listed<'p> {
    name: &'p str,
    title: Option<&'p str>,
    need: Option<&'p str>,
    rats: Option<Vec<&'static str>>,
    /// Left out: stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    psm: Option<Wish<Psm>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edrx: Option<Wish<Cycle>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mico: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drx_cycle_s: Option<Wish<f64>>,
    release: bool,
}

/// `false`, or what is asked for.
#[derive(Serialize)]
#[serde(untagged)]
enum Wish<T> {
    Off(bool),
    On(T),
}

#[derive(Serialize)]
struct Psm {
    periodic_tau_s: Option<u64>,
    active_time_s: u64,
}

#[derive(Serialize)]
struct Cycle {
    cycle_s: f64,
    ptw_s: Option<f64>,
}

/// `profiles list`, `profiles show` or `profiles check`.
pub fn run(command: &ProfilesCommand, out: &mut Out) -> anyhow::Result<()> {
    match command {
        ProfilesCommand::List(machine) => list(&dir(machine)?, out),
        ProfilesCommand::Show { name, machine } => show(name, &dir(machine)?, out),
        ProfilesCommand::Check { files } => check(files, out),
    }
}

/// What the profile `name` asks for. What a running daemon cannot take over is told on standard error.
pub fn request(name: &str) -> anyhow::Result<PowerRequest> {
    let (path, text) = find(name, &dir(&Machine::default())?)?;
    let profile = Profile::parse(&path, &text).map_err(unusable)?;
    profile.warnings.iter().for_each(|warning| aside(&clean(&warning.to_string())));
    if let Some(rats) = &profile.rats {
        aside(&format!("{name} is made for {}; `rats` of the configuration chooses technologies", titles(rats)));
    }
    Ok(profile.power)
}

/// Where the profiles of this machine are.
fn dir(machine: &Machine) -> Result<PathBuf, Failure> {
    Ok(machine::daemon(machine)?.profiles_dir)
}

fn find(name: &str, dir: &Path) -> Result<(PathBuf, String), Failure> {
    Profiles { files: &Disk, dir }
        .find(name)
        .map_err(|error| Failure::new(Exit::Usage, format!("profile {name}: {error}")))
}

fn unusable(mistakes: ConfigError) -> Failure {
    mistakes.problems.iter().for_each(|problem| aside(&clean(&problem.to_string())));
    Failure::new(Exit::Usage, "the profile cannot be used; the lines above say why")
}

fn list(dir: &Path, out: &mut Out) -> anyhow::Result<()> {
    let (all, mut profiles) = (Profiles { files: &Disk, dir }, Vec::new());
    for name in all.names() {
        // One bad file hides no other.
        match all.find(&name).map(|(path, text)| Profile::parse(&path, &text)) {
            Ok(Ok(profile)) => profiles.push(profile),
            Ok(Err(mistakes)) => mistakes.problems.iter().for_each(|problem| aside(&clean(&problem.to_string()))),
            Err(error) => aside(&clean(&format!("profile {name}: {error}"))),
        }
    }
    if out.json() {
        return out.value(&profiles.iter().map(listed).collect::<Vec<_>>(), false);
    }
    let mut table = Table::with_head(&["name", "PSM, TAU / active", "eDRX, cycle / window", "technologies", "title"]);
    for profile in &profiles {
        let rats = profile.rats.as_deref().map_or_else(|| "any".into(), titles);
        let (psm, edrx) = (wish(profile.power.psm, timers), wish(profile.power.edrx, cycle));
        let title = Cell::or_dash(profile.title.as_deref());
        table.row(vec![profile.name.as_str().into(), psm, edrx, rats.into(), title]);
    }
    Ok(table.print(out)?)
}

fn titles(rats: &[Rat]) -> String {
    rats.iter().map(|rat| rat.title()).collect::<Vec<_>>().join(", ")
}

fn wish<T>(asked: Option<Option<T>>, say: fn(T) -> String) -> Cell {
    match asked {
        None => Cell::new("as it is", Tone::Dim),
        Some(None) => Cell::new("off", Tone::Plain),
        Some(Some(value)) => Cell::new(say(value), Tone::Plain),
    }
}

fn timers(psm: PsmTimers) -> String {
    let tau = psm.periodic_tau.map_or_else(|| "the network's".into(), words::span);
    format!("{tau} / {}", words::span(psm.active_time))
}

fn cycle(edrx: Edrx) -> String {
    let window = edrx.ptw.map(|ptw| format!(" / {}", words::span(ptw)));
    format!("{}{}", words::span(edrx.cycle), window.unwrap_or_default())
}

fn listed(profile: &Profile) -> Listed<'_> {
    let psm = |asked: Option<PsmTimers>| match asked {
        None => Wish::Off(false),
        Some(psm) => Wish::On(Psm {
            periodic_tau_s: psm.periodic_tau.map(|tau| tau.as_secs()),
            active_time_s: psm.active_time.as_secs(),
        }),
    };
    let edrx = |asked: Option<Edrx>| match asked {
        None => Wish::Off(false),
        Some(edrx) => Wish::On(Cycle { cycle_s: seconds(edrx.cycle), ptw_s: edrx.ptw.map(seconds) }),
    };
    Listed {
        name: &profile.name,
        title: profile.title.as_deref(),
        need: profile.need.as_deref(),
        rats: profile.rats.as_ref().map(|rats| rats.iter().map(|rat| rat.name()).collect()),
        psm: profile.power.psm.map(psm),
        edrx: profile.power.edrx.map(edrx),
        mico: profile.power.mico,
        drx_cycle_s: profile.power.drx_cycle.map(|cycle| match cycle {
            None => Wish::Off(false),
            Some(cycle) => Wish::On(seconds(cycle.length())),
        }),
        release: profile.release,
    }
}

/// The file as it is: its comments are the reasons.
fn show(name: &str, dir: &Path, out: &mut Out) -> anyhow::Result<()> {
    let (path, text) = find(name, dir)?;
    if out.json() {
        let profile = Profile::parse(&path, &text).map_err(unusable)?;
        return out.value(&listed(&profile), false);
    }
    out.line(&out.paint(Tone::Dim, &format!("# {}", clean(&path.display().to_string()))))?;
    text.lines().try_for_each(|line| out.line(&clean(line)))?;
    Ok(())
}

fn check(files: &[PathBuf], out: &mut Out) -> anyhow::Result<()> {
    let mut bad = 0;
    for path in files {
        match Profile::parse(path, &text(path)?) {
            Ok(profile) => {
                profile.warnings.iter().try_for_each(|warning| out.line(&clean(&format!("{warning} (a warning)"))))?;
                out.line(&format!("{}: {}", clean(&path.display().to_string()), out.paint(Tone::Good, "good")))?;
            }
            Err(mistakes) => {
                bad += 1;
                mistakes.problems.iter().try_for_each(|problem| out.line(&clean(&problem.to_string())))?;
            }
        }
    }
    if bad > 0 {
        let message = format!("{bad} of {} profiles cannot be used; the lines above say why", files.len());
        return Err(Failure::new(Exit::Failure, message).into());
    }
    Ok(())
}

fn text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
