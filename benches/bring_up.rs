//! What it costs to bring a modem online: AT commands and (virtual) seconds from "port there" to "data context up,
//! PSM and eDRX granted", on a simulated modem of each family; QMI or MBIM messages from "port there" to connected.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/ways/mod.rs"]
mod ways;

use std::time::Duration;

use lpwa::state::{Lifecycle, ModemState};
use support::{Bench, MODELS, drive, library, scenario, start, wanted};
use tokio::time::Instant;
use ways::Way;

/// AT commands of ModemManager 1.25.95 from the port to connected: 112 to 119 on a generic modem.
const MODEM_MANAGER: f64 = 115.0;

/// An LTE modem that speaks QMI and MBIM as well, in an LTE cell.
const BINARY: &str = "[modem]\nmodel = \"quectel-eg25\"\n[[network.cell]]\nrat = \"lte\"\n";

/// Commands, or messages, and time of one bring-up.
struct Cost {
    commands: u64,
    time: Duration,
}

fn main() {
    println!("From the port to connected, PSM and eDRX granted; seconds are those of the simulated modem\n");
    println!("{:<16} {:>21} {:>21} {:>22}", "", "settings to change", "settings held", "ModemManager 115 is");
    println!(
        "{:<16} {:>9} {:>11} {:>9} {:>11} {:>22}",
        "model", "commands", "seconds", "commands", "seconds", "times as many"
    );
    for model in MODELS {
        let (changed, held) = in_virtual_time(costs(model));
        #[allow(clippy::cast_precision_loss, reason = "a few dozen")]
        let times = |cost: &Cost| MODEM_MANAGER / cost.commands as f64;
        println!(
            "{model:<16} {:>9} {:>11.1} {:>9} {:>11.1} {:>10.1} and {:>6.1}",
            changed.commands,
            changed.time.as_secs_f64(),
            held.commands,
            held.time.as_secs_f64(),
            times(&changed),
            times(&held),
        );
    }
    println!("\nFrom the port to connected, Quectel EG25-G\n");
    println!("{:<16} {:>21} {:>21}", "", "settings to change", "settings held");
    println!("{:<16} {:>9} {:>11} {:>9} {:>11} {:>8}", "protocol", "messages", "seconds", "messages", "seconds", "aim");
    for (way, aim) in [(Way::Qmi, 30), (Way::Mbim, 20)] {
        let (changed, held) = in_virtual_time(messages(way));
        println!(
            "{:<16} {:>9} {:>11.1} {:>9} {:>11.1} {aim:>8}",
            format!("{way:?}"),
            changed.commands,
            changed.time.as_secs_f64(),
            held.commands,
            held.time.as_secs_f64(),
        );
    }
}

fn in_virtual_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

/// As [`costs`], in messages.
async fn messages(way: Way) -> (Cost, Cost) {
    let modem = ways::simulated(BINARY);
    let changed = connected(&modem, way).await;
    // One host at a time: the line has to close before it opens again.
    tokio::time::sleep(Duration::from_secs(1)).await;
    (changed, connected(&modem, way).await)
}

/// Connects once, and ends the driver.
async fn connected(modem: &lpwa::sim::Simulated, way: Way) -> Cost {
    let from = Instant::now();
    let (bench, ring) = ways::drive(modem, way, ways::wanted());
    ways::connected(&bench).await;
    bench.driver.abort();
    Cost { commands: ways::requests(&ring).len() as u64, time: from.elapsed() }
}

/// The first start, then the daemon's restart on a modem that is set as wanted.
async fn costs(model: &str) -> (Cost, Cost) {
    let bench = start(&scenario(&format!("[modem]\nmodel = \"{model}\"\n")), wanted());
    let changed = cost(&bench).await;
    bench.driver.abort();
    // One host at a time: the line has to close before it opens again.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (handle, driver) = drive(&bench.modem, wanted(), &library());
    let held = cost(&Bench { modem: bench.modem, handle, driver }).await;
    (changed, held)
}

async fn cost(bench: &Bench) -> Cost {
    let (before, from) = (bench.modem.meter().commands, Instant::now());
    bench.wait(Duration::from_secs(300), "connected with PSM and eDRX", is_up).await;
    Cost { commands: bench.modem.meter().commands - before, time: from.elapsed() }
}

fn is_up(state: &ModemState) -> bool {
    let power = &state.power;
    state.lifecycle == Lifecycle::Connected
        && power.psm_granted.is_some_and(|grant| grant.value.is_some())
        && power.edrx_granted.is_some_and(|grant| grant.value.is_some())
}
