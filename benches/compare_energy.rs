//! lpwa and Debian's ModemManager, one after the other, on the same simulated modem and the real clock.
//!
//! `make compare-energy` runs it; `COMPARE_SECONDS` is the length of each run, and without it there is none, so that
//! `cargo bench` does not take an hour. `docs/energy-comparison.md` reads the figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../tests/compare/mod.rs"]
mod compare;

use std::time::Duration;

use compare::manager::{Lpwa, ModemManager};

fn main() {
    let Ok(seconds) = std::env::var("COMPARE_SECONDS") else {
        return eprintln!("`make compare-energy` compares lpwa with ModemManager, in real time");
    };
    let span = Duration::from_secs(seconds.parse().expect("COMPARE_SECONDS is a whole number of seconds"));
    for case in compare::cases() {
        let mut runs = vec![compare::alone(&case, span), compare::managed::<Lpwa>(&case, span)];
        if ModemManager::is_installed() {
            runs.push(compare::managed::<ModemManager>(&case, span));
        } else {
            eprintln!("ModemManager, mmcli, gdbus or dbus-run-session is not installed: `make tools` installs them");
        }
        println!("{}", compare::table::table(&case, span, &runs));
    }
}
