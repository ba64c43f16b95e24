//! Time that never jumps: budgets must hold while NTP, a dead clock battery or a person sets the clock.
//!
//! Within a life of the daemon only the monotonic clock moves it. Over a restart the kernel's time since boot does, and
//! over a reboot the wall clock, as far as it went forward: one that went back or stood still says nothing of how long
//! the gateway was off, and then no time is taken to have passed.

use serde::{Deserialize, Serialize};

use crate::state::Timestamp;

/// One boot of the kernel, and how far it is, milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boot {
    /// The kernel's id of it.
    pub id: String,
    /// Time since it, suspended time included.
    pub up_ms: u64,
}

/// A point in steady time, and what the other clocks said then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Steady time, milliseconds.
    pub steady: u64,
    /// The wall clock, milliseconds since 1970.
    pub wall: u64,
    /// The boot, where it is known.
    pub boot: Option<Boot>,
}

/// Where steady time stands at a start, given the last `kept` anchor.
pub fn resume(kept: Option<&Anchor>, wall: Timestamp, boot: Option<&Boot>) -> Timestamp {
    let Some(kept) = kept else { return wall };
    let passed = match (&kept.boot, boot) {
        (Some(then), Some(now)) if then.id == now.id => now.up_ms.saturating_sub(then.up_ms),
        _ => wall.0.saturating_sub(kept.wall),
    };
    Timestamp(kept.steady.saturating_add(passed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boot(id: &str, up_ms: u64) -> Option<Boot> {
        Some(Boot { id: id.into(), up_ms })
    }

    #[test]
    fn a_restart_goes_by_the_time_since_boot() {
        let kept = Anchor { steady: 1000, wall: 1000, boot: boot("a", 50) };
        for wall in [0, 1000, u64::MAX] {
            assert_eq!(resume(Some(&kept), Timestamp(wall), boot("a", 80).as_ref()), Timestamp(1030));
        }
    }

    #[test]
    fn a_reboot_goes_by_the_wall_clock_unless_it_went_back() {
        let kept = Anchor { steady: 5000, wall: 1000, boot: boot("a", 50) };
        assert_eq!(resume(Some(&kept), Timestamp(1200), boot("b", 3).as_ref()), Timestamp(5200));
        assert_eq!(resume(Some(&kept), Timestamp(0), boot("b", 3).as_ref()), Timestamp(5000));
        assert_eq!(resume(Some(&kept), Timestamp(1200), None), Timestamp(5200));
        assert_eq!(resume(None, Timestamp(7), None), Timestamp(7));
    }
}
