//! Where the floors meet: the daemon with its bus, the simulator with a port, the driver with a recording.

mod cli;
pub mod daemon;
mod demo;
mod log;
mod machine;
mod profiles;
mod record;
pub mod replay;
mod sims;
mod simulate;
mod usage;

use std::io;

use tokio::signal::unix::{SignalKind, signal};

pub use cli::WIRING;

/// Resolves with SIGINT or SIGTERM.
async fn interrupted() -> io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
