//! `lpwa sims`: the SIM policies, offline.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use crate::cli::args::SimsCommand;
use crate::cli::exit::{Exit, Failure};
use crate::cli::out::{Out, Tone, aside, clean};
use crate::cli::table::Table;
use crate::daemon::config::profile::Profiles;
use crate::daemon::config::sims::Sims;
use crate::daemon::config::{Disk, Files};
use crate::modem::sim_policy::{Roaming, SimPolicy};

use super::machine;

/// A policy as JSON has it; its secrets stay where they are.
#[derive(Serialize)]
struct Listed<'p> {
    name: &'p str,
    title: Option<&'p str>,
    cards: String,
    apns: Vec<&'p str>,
    roaming: String,
    pin: bool,
}

/// `sims list` or `sims check`.
pub fn run(command: &SimsCommand, out: &mut Out) -> anyhow::Result<()> {
    match command {
        SimsCommand::List { dir, machine } => {
            let config = machine::daemon(machine)?;
            list(dir.as_ref().unwrap_or(&config.sims_dir), &config.profiles_dir, out)
        }
        SimsCommand::Check { files, machine } => check(files, &machine::daemon(machine)?.profiles_dir, out),
    }
}

/// The policies of `dir`, with the profiles of this machine.
fn of<'d>(dir: &'d Path, profiles: &'d Path) -> Sims<'d> {
    Sims { files: &Disk, dir, profiles: Profiles { files: &Disk, dir: profiles } }
}

fn list(dir: &Path, profiles: &Path, out: &mut Out) -> anyhow::Result<()> {
    let shelf = of(dir, profiles).load();
    for problem in shelf.mistakes.iter().chain(&shelf.warnings) {
        aside(&clean(&problem.to_string()));
    }
    let listed: Vec<_> = shelf.policies.iter().map(listed).collect();
    if out.json() {
        return out.value(&listed, false);
    }
    if listed.is_empty() {
        return Ok(out.line(&format!("there is no policy in {}", clean(&dir.display().to_string())))?);
    }
    let mut table = Table::with_head(&["name", "cards", "APNs", "roaming", "PIN", "title"]);
    for policy in listed {
        let apns: Vec<_> = policy.apns.iter().map(|apn| if apn.is_empty() { "(default)" } else { apn }).collect();
        let pin = if policy.pin { "yes" } else { "no" };
        table.row(vec![
            policy.name.into(),
            policy.cards.into(),
            apns.join(", ").into(),
            policy.roaming.into(),
            pin.into(),
            policy.title.unwrap_or_default().into(),
        ]);
    }
    Ok(table.print(out)?)
}

fn listed(policy: &SimPolicy) -> Listed<'_> {
    Listed {
        name: &policy.name,
        title: policy.title.as_deref(),
        cards: policy.rule.to_string(),
        apns: policy.accesses.iter().map(|access| access.apn.as_str()).collect(),
        roaming: match &policy.roaming {
            Roaming::Allowed => "yes".into(),
            Roaming::Forbidden => "no".into(),
            Roaming::Only(list) => list.join(", "),
        },
        pin: matches!(policy.pin, Some(Ok(_))),
    }
}

fn check(files: &[PathBuf], profiles: &Path, out: &mut Out) -> anyhow::Result<()> {
    let mut bad = 0;
    for path in files {
        let text = Disk.read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        match of(path.parent().unwrap_or(path), profiles).parse(path, &text) {
            Ok((_, warnings)) => {
                warnings.iter().try_for_each(|warning| out.line(&clean(&format!("{warning} (a warning)"))))?;
                out.line(&format!("{}: {}", clean(&path.display().to_string()), out.paint(Tone::Good, "good")))?;
            }
            Err(mistakes) => {
                bad += 1;
                mistakes.problems.iter().try_for_each(|problem| out.line(&clean(&problem.to_string())))?;
            }
        }
    }
    if bad > 0 {
        let message = format!("{bad} of {} policies cannot be used; the lines above say why", files.len());
        return Err(Failure::new(Exit::Failure, message).into());
    }
    Ok(())
}
