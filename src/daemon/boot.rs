//! Which boot of the kernel this is, and how far it is.

use std::fs;

use crate::policy::governor::steady::Boot;

/// The present boot; `None` where the kernel does not tell.
pub fn boot() -> Option<Boot> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned();
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    Some(Boot { id, up_ms: (seconds * 1000.0) as u64 })
}
