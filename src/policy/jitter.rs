//! Spread, so that devices that failed together do not come back together (GSMA TS.34 forbids synchronised behaviour).

use std::time::Duration;

/// A seeded source of spread: the same seed gives the same waits. No cryptography.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jitter(u64);

impl Jitter {
    /// Starts at `seed`.
    pub const fn new(seed: u64) -> Self {
        // A zero state would make the generator stand still.
        Self(seed | 1)
    }

    /// xorshift64.
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Between `wait` and 1.5 times of it.
    pub fn longer(&mut self, wait: Duration) -> Duration {
        wait.saturating_add(self.within(wait / 2))
    }

    /// Between nothing and `span`.
    pub fn within(&mut self, span: Duration) -> Duration {
        let part = u32::try_from(self.next() % 1000).unwrap_or_default();
        span / 1000 * part
    }
}
