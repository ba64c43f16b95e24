//! A small generator of numbers that a seed fixes: the same scenario gives the same bytes.

use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood 2014): enough for jitter and line noise, and no dependency.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound - 1`; 0 where there is no choice.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// `time`, a tenth more or less.
    pub(super) fn around(&mut self, time: Duration) -> Duration {
        let percent = 90 + self.below(21);
        time.saturating_mul(percent as u32) / 100
    }

    /// `count` bytes of line noise: never CR or LF, so that noise alone ends no line.
    pub(super) fn noise(&mut self, count: usize) -> Vec<u8> {
        let mut byte = || match self.below(254) as u8 {
            b'\n' => 254,
            b'\r' => 255,
            other => other,
        };
        (0..count).map(|_| byte()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_the_numbers() {
        let (mut a, mut b, mut c) = (Random::new(1), Random::new(1), Random::new(2));
        assert_eq!(a.noise(40), b.noise(40));
        assert_ne!(a.next(), c.next());
    }

    #[test]
    fn jitter_stays_within_a_tenth_and_noise_ends_no_line() {
        let mut random = Random::new(7);
        for _ in 0..1000 {
            let time = random.around(Duration::from_secs(10));
            assert!((Duration::from_secs(9)..=Duration::from_secs(11)).contains(&time), "{time:?}");
        }
        assert!(!random.noise(10_000).iter().any(|b| matches!(b, b'\r' | b'\n')));
    }
}
