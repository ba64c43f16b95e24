//! Growing, randomised waits between attempts.

use std::time::Duration;

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

/// Waits after the network refused: at least a minute apart and at most ten in an hour (GSMA TS.34 §4, as quoted
/// in the Telefonica device requirements, REQ_008), up to four hours.
pub const NETWORK: Limits = Limits { first: Duration::from_secs(360), longest: Duration::from_secs(4 * 3600) };

/// Doubling waits with jitter. The same seed gives the same waits.
#[derive(Debug, Clone)]
pub struct Backoff {
    limits: Limits,
    failures: u32,
    random: u64,
}

impl Backoff {
    /// A backoff that has not failed yet.
    pub const fn new(limits: Limits, seed: u64) -> Self {
        // A zero state would make the generator stand still.
        Self { limits, failures: 0, random: seed | 1 }
    }

    /// How many failures stand in a row.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// A success: the next wait is the first again.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }

    /// A failure: how long to wait before the next attempt. Between the doubled wait and 1.5 times of it, so that
    /// devices that failed together do not come back together (TS.34 forbids synchronised behaviour).
    pub fn next_wait(&mut self) -> Duration {
        let doubled = self.limits.first.saturating_mul(1u32 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        let wait = doubled.min(self.limits.longest);
        let jitter = u32::try_from(self.next_random() % 500).unwrap_or_default();
        wait + wait * jitter / 1000
    }

    /// xorshift64: no cryptography, only spread.
    const fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
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
    fn network_attempts_stay_within_ten_an_hour() {
        let mut backoff = Backoff::new(NETWORK, 1);
        let total: Duration = (0..10).map(|_| backoff.next_wait()).sum();
        assert!(total >= Duration::from_secs(3600));
    }

    #[test]
    fn same_seed_same_waits() {
        let waits = |seed| {
            let mut b = Backoff::new(NETWORK, seed);
            (0..5).map(|_| b.next_wait()).collect::<Vec<_>>()
        };
        assert_eq!(waits(42), waits(42));
        assert_ne!(waits(42), waits(44));
    }
}
