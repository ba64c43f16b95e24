//! The DRX cycle that a device asks a 5G network for: how often it listens for paging while idle.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::span::Span;

/// DRX cycle parameter T (TS 24.501 clause 9.11.3.2A), in radio frames of 10 ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DrxCycle {
    /// 0.32 s.
    Frames32,
    /// 0.64 s.
    Frames64,
    /// 1.28 s.
    Frames128,
    /// 2.56 s.
    Frames256,
}

impl DrxCycle {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::Frames32, Self::Frames64, Self::Frames128, Self::Frames256];

    /// Its length in radio frames.
    pub const fn frames(self) -> u16 {
        match self {
            Self::Frames32 => 32,
            Self::Frames64 => 64,
            Self::Frames128 => 128,
            Self::Frames256 => 256,
        }
    }

    /// Its length.
    pub const fn length(self) -> Duration {
        Duration::from_millis(self.frames() as u64 * 10)
    }

    /// The cycle of exactly this length.
    pub fn of_length(length: Duration) -> Result<Self, NoDrxCycle> {
        Self::ALL.into_iter().find(|cycle| cycle.length() == length).ok_or_else(|| NoDrxCycle(Span(length).to_string()))
    }
}

/// `2.56s`.
impl fmt::Display for DrxCycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.length()).fmt(f)
    }
}

/// There is no DRX cycle of that length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no DRX cycle of 5G; use 0.32s, 0.64s, 1.28s or 2.56s")]
pub struct NoDrxCycle(pub String);

impl FromStr for DrxCycle {
    type Err = NoDrxCycle;

    fn from_str(text: &str) -> Result<Self, NoDrxCycle> {
        let length: Span = text.parse().map_err(|_| NoDrxCycle(text.to_owned()))?;
        Self::of_length(length.0).map_err(|_| NoDrxCycle(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_are_radio_frames() {
        let lengths = DrxCycle::ALL.map(|cycle| cycle.to_string());
        assert_eq!(lengths, ["0.32s", "0.64s", "1.28s", "2.56s"]);
        for cycle in DrxCycle::ALL {
            assert_eq!(cycle.to_string().parse(), Ok(cycle));
            assert_eq!(DrxCycle::of_length(cycle.length()), Ok(cycle));
        }
        assert_eq!("320ms".parse(), Ok(DrxCycle::Frames32));
        for text in ["", "2.5s", "5.12s", "0s", "2.56"] {
            assert_eq!(text.parse::<DrxCycle>().unwrap_err().0, text);
        }
    }
}
