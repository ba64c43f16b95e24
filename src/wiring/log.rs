//! What the process tells of itself, on standard error.

use std::io::{self, IsTerminal};

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::{Layer, Registry, fmt};

/// The log of the process; what is logged can be changed while it runs.
#[derive(Debug, Clone)]
pub struct Log {
    filter: Handle<Targets, Registry>,
    verbose: u8,
}

impl Log {
    /// Starts to log, once in a process: `info` and above, with `verbose` more of lpwa's own doings.
    pub fn start(verbose: u8) -> anyhow::Result<Self> {
        let (filter, handle) = reload::Layer::new(Targets::new());
        let log = Self { filter: handle, verbose };
        log.set(&Targets::new().with_default(Level::INFO));
        let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).with_target(verbose > 0);
        // The journal has its own clock.
        let lines = match std::env::var_os("JOURNAL_STREAM") {
            Some(_) => lines.without_time().boxed(),
            None => lines.boxed(),
        };
        tracing::subscriber::set_global_default(Registry::default().with(filter).with(lines))?;
        Ok(log)
    }

    /// Logs what `targets` say, but never less than the command line asked for.
    pub fn set(&self, targets: &Targets) {
        let asked = [None, Some(Level::DEBUG), Some(Level::TRACE)].get(usize::from(self.verbose.min(2))).copied();
        let targets = match asked.flatten() {
            Some(level) => targets.clone().with_target("lpwa", level),
            None => targets.clone(),
        };
        // Fails only where the subscriber is gone, and with it the log.
        let _ = self.filter.reload(targets);
    }
}
