//! A year of hourly PSM cycles in virtual time: the real driver on a simulated modem of each family.
//!
//! `cargo bench --bench year -- quectel-bg95` runs one model.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use lpwa::state::Lifecycle;
use support::{MODELS, scenario, start, wanted};

const YEAR: Duration = Duration::from_secs(365 * 86_400);

fn main() {
    let asked: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    println!("A year of hourly PSM cycles (T3412 1 h, T3324 10 s), virtual time\n");
    println!(
        "{:<16} {:>8} {:>10} {:>12} {:>8} {:>14}",
        "model", "sleeps", "commands", "bytes", "wall s", "us per cycle"
    );
    for model in MODELS.into_iter().filter(|model| asked.is_empty() || asked.iter().any(|name| name == model)) {
        run(model);
    }
}

fn run(model: &str) {
    // No I/O: the line is in process.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let from = Instant::now();
    let meter = runtime.block_on(year(model));
    let wall = from.elapsed();
    let (sleeps, bytes) = (meter.sleeps, meter.bytes_in + meter.bytes_out);
    let cycle = wall.as_micros() / u128::from(sleeps.max(1));
    println!("{model:<16} {sleeps:>8} {:>10} {bytes:>12} {:>8.2} {cycle:>14}", meter.commands, wall.as_secs_f64());
}

async fn year(model: &str) -> lpwa::sim::Meter {
    let bench = start(&scenario(&format!("[modem]\nmodel = \"{model}\"\n")), wanted());
    tokio::time::sleep(YEAR).await;
    bench.wait(Duration::from_secs(3600), "connected", |state| state.lifecycle == Lifecycle::Connected).await;
    let meter = bench.modem.meter();
    assert!(meter.sleeps > 8_600, "{model}: slept {} times only\n{:#?}", meter.sleeps, bench.state());
    meter
}
