//! What a model draws in each activity, under given conditions.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::activity::Activity;
use super::formula::{self, Cdrx};
use super::table::{Figure, Model, Quantity};

/// With the shortest cycle of LTE-M there is one occasion and no paging time window (TS 36.304 §7.3).
const NO_WINDOW: Duration = Duration::from_millis(5_120);

/// How the uncertain figures are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// All at the end that spends least.
    Best,
    /// As they are.
    Typical,
    /// All at the end that spends most.
    Worst,
}

/// Coverage enhancement level (LTE-M: mode A without and with repetitions, mode B; NB-IoT: ECL 0, 1, 2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coverage {
    /// Good: no repetitions.
    #[default]
    Ce0,
    /// Repetitions.
    Ce1,
    /// Many of them: deep inside a building, or underground.
    Ce2,
}

impl Coverage {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::Ce0, Self::Ce1, Self::Ce2];

    /// `ce0, ce1, ce2`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ce0 => "ce0",
            Self::Ce1 => "ce1",
            Self::Ce2 => "ce2",
        }
    }

    /// The factor on the time on air; level 0 has none.
    pub const fn factor(self) -> Option<Quantity> {
        match self {
            Self::Ce0 => None,
            Self::Ce1 => Some(Quantity::Ce1Factor),
            Self::Ce2 => Some(Quantity::Ce2Factor),
        }
    }
}

impl Serialize for Coverage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no coverage enhancement level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no coverage enhancement level; use ce0 (good coverage), ce1 or ce2 (deep indoors)")]
pub struct UnknownCoverage(String);

impl FromStr for Coverage {
    type Err = UnknownCoverage;

    fn from_str(text: &str) -> Result<Self, UnknownCoverage> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or_else(|| UnknownCoverage(text.to_owned()))
    }
}

/// A model at work: its figures, where it is, and how the uncertain ones are taken.
#[derive(Debug, Clone, Copy)]
pub struct Load<'m> {
    /// The figures.
    pub model: &'m Model,
    /// Where it is.
    pub coverage: Coverage,
    /// How uncertain figures are taken.
    pub case: Case,
}

impl Load<'_> {
    /// A figure of which more costs more, as the case takes it.
    pub fn at(&self, quantity: Quantity) -> f64 {
        self.model.read(quantity, |figure| match self.case {
            Case::Best => figure.low(),
            Case::Typical => figure.value,
            Case::Worst => figure.high(),
        })
    }

    /// A figure of which more costs less.
    pub(super) fn less_is_worse(&self, quantity: Quantity) -> f64 {
        self.model.read(quantity, |figure| match self.case {
            Case::Best => figure.high(),
            Case::Typical => figure.value,
            Case::Worst => figure.low(),
        })
    }

    /// The typical value, whatever the case: periods of which nobody can say which end spends more.
    pub(super) fn typical(&self, quantity: Quantity) -> f64 {
        self.model.read(quantity, |figure: &Figure| figure.value)
    }

    /// How much longer everything on air takes than in good coverage.
    pub fn repetitions(&self) -> f64 {
        self.coverage.factor().map_or(1.0, |quantity| self.at(quantity).max(1.0))
    }

    /// A time on air, s.
    pub(super) fn on_air_s(&self, quantity: Quantity) -> f64 {
        self.at(quantity) * self.repetitions()
    }

    /// Mean current of `activity`, mA.
    pub fn current_ma(&self, activity: Activity) -> f64 {
        match activity {
            Activity::Off | Activity::Psm => self.at(Quantity::PsmFloor) / 1000.0,
            Activity::RadioOff => self.at(Quantity::Rest),
            Activity::Drx => self.idle_ma(1.0, self.typical(Quantity::Drx)),
            Activity::Edrx { cycle } => {
                let window_s = if cycle > NO_WINDOW { self.at(Quantity::Ptw).min(cycle.as_secs_f64()) } else { 0.0 };
                let occasions = formula::paging_occasions(window_s, self.typical(Quantity::Drx));
                // However wide the window, extended DRX listens no more than DRX does.
                self.idle_ma(occasions, cycle.as_secs_f64()).min(self.current_ma(Activity::Drx))
            }
            Activity::Boot | Activity::HostAwake => self.at(Quantity::Active),
            Activity::Search => self.at(Quantity::Rx),
            Activity::Attach | Activity::Update | Activity::Connected => {
                let connected = self.at(Quantity::Connected);
                // Where everything is repeated there is no pause, neither in signalling nor in the tail.
                if self.coverage == Coverage::Ce0 { connected } else { connected.max(self.current_ma(Activity::Tail)) }
            }
            Activity::Transmit => self.at(Quantity::Tx),
            Activity::Tail => self.cdrx().mean_ma(),
        }
    }

    fn idle_ma(&self, occasions: f64, cycle_s: f64) -> f64 {
        formula::idle_ma(self.at(Quantity::Rest), self.on_air_s(Quantity::Page), occasions, cycle_s)
    }

    fn cdrx(&self) -> Cdrx {
        Cdrx {
            on_s: self.on_air_s(Quantity::CdrxOn),
            cycle_s: self.typical(Quantity::CdrxCycle),
            rx_ma: self.at(Quantity::Rx),
            sleep_ma: self.at(Quantity::CdrxSleep),
            factor: self.at(Quantity::TailFactor),
        }
    }
}
