//! Growing, randomised waits before a port or a modem that does not answer is tried again.
//!
//! What costs the network something goes by [`governor`](super::governor) instead.

use std::time::Duration;

use super::jitter::Jitter;

/// Limits of a [`Backoff`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The first wait.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
}

/// Waits after a port or a modem that does not answer.
pub const PORT: Limits = Limits { first: Duration::from_secs(5), longest: Duration::from_secs(600) };

/// Waits before a card that is missing or fails, or a place where data may not be used, is looked at again.
pub const LOOK: Limits = Limits { first: Duration::from_secs(360), longest: Duration::from_secs(4 * 3600) };

/// Doubling waits with jitter. The same seed gives the same waits.
#[derive(Debug, Clone)]
pub struct Backoff {
    limits: Limits,
    failures: u32,
    jitter: Jitter,
}

impl Backoff {
    /// A backoff that has not failed yet.
    pub const fn new(limits: Limits, seed: u64) -> Self {
        Self { limits, failures: 0, jitter: Jitter::new(seed) }
    }

    /// How many failures stand in a row.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// A success: the next wait is the first again.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }

    /// A failure: how long to wait before the next attempt, between the doubled wait and 1.5 times of it.
    pub fn next_wait(&mut self) -> Duration {
        let doubled = self.limits.first.saturating_mul(1u32 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        self.jitter.longer(doubled.min(self.limits.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_longest_and_starts_again() {
        let mut backoff = Backoff::new(PORT, 7);
        let waits: Vec<_> = (0..12).map(|_| backoff.next_wait()).collect();
        for (n, wait) in waits.iter().enumerate() {
            let base = Duration::from_secs(5 * (1 << n.min(10))).min(PORT.longest);
            assert!(*wait >= base && *wait <= base * 3 / 2, "{n}: {wait:?}");
        }
        backoff.reset();
        assert!(backoff.next_wait() < Duration::from_secs(8));
    }

    #[test]
    fn same_seed_same_waits() {
        let waits = |seed| {
            let mut b = Backoff::new(PORT, seed);
            (0..5).map(|_| b.next_wait()).collect::<Vec<_>>()
        };
        assert_eq!(waits(42), waits(42));
        assert_ne!(waits(42), waits(44));
    }
}
