//! What the configuration says of this machine, for commands that ask no daemon.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::cli::args::Machine;
use crate::cli::exit::{Exit, Failure};
use crate::cli::out::{aside, clean};
use crate::daemon::config::{DEFAULT_PATH, DaemonConfig, Disk};

/// `[daemon]` of the configuration that was named, else of the machine's own where that is there and may be read.
pub fn daemon(machine: &Machine) -> Result<DaemonConfig, Failure> {
    let usual = Path::new(DEFAULT_PATH);
    let path = match &machine.config {
        Some(path) => path,
        None if File::open(usual).is_ok() => usual,
        None => return Ok(DaemonConfig::default()),
    };
    DaemonConfig::load(path, &Disk).map_err(|mistakes| {
        mistakes.problems.iter().for_each(|problem| aside(&clean(&problem.to_string())));
        let count = mistakes.problems.len();
        let message = format!("where this machine has its files is not known: {count} to correct in the configuration");
        Failure::new(Exit::Usage, message)
    })
}

/// Where its model files are.
pub fn models_dir(machine: &Machine) -> anyhow::Result<PathBuf> {
    Ok(daemon(machine)?.models_dir)
}
