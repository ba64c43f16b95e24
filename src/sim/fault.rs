//! Faults: what goes wrong at a command, or at a time.

use std::time::Duration;

use serde::Deserialize;

use super::random::Random;
use super::text::some_span;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// Noise before the answer, and inside it.
    Garbage,
    /// The answer stops in the middle; the rest comes after the span (1 s).
    HalfLine,
    /// The answer stops in the middle; the rest never comes.
    Truncated,
    /// Nothing is answered, for the span or for ever; what is sent meanwhile is lost.
    Hang,
    /// The modem starts anew instead of answering.
    Reboot,
    /// The port goes away, and comes back after the span (5 s).
    Vanish,
    /// The command is refused with `code`, or with a plain `ERROR`.
    Error,
    /// The answer takes the span longer (5 s).
    Slow,
}

impl FaultKind {
    /// Every kind, for loops over all faults.
    pub const ALL: [Self; 8] = [
        Self::Garbage,
        Self::HalfLine,
        Self::Truncated,
        Self::Hang,
        Self::Reboot,
        Self::Vanish,
        Self::Error,
        Self::Slow,
    ];

    /// Whether it needs no command to strike.
    const fn strikes_alone(self) -> bool {
        matches!(self, Self::Garbage | Self::Hang | Self::Reboot | Self::Vanish)
    }
}

/// A fault, and when it strikes: at a command or at a time. It strikes once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// At this command line since the start, counted from 1.
    #[serde(default)]
    pub command: Option<u64>,
    /// At this time since the start; kinds that spoil an answer take the next command line then.
    #[serde(default, deserialize_with = "some_span")]
    pub at: Option<Duration>,
    /// How long, where the kind has a length.
    #[serde(default, rename = "for", deserialize_with = "some_span")]
    pub lasts: Option<Duration>,
    /// `+CME ERROR` code of [`FaultKind::Error`].
    #[serde(default)]
    pub code: Option<u16>,
}

impl Fault {
    /// `kind` at command line number `command`, counted from 1.
    pub const fn at_command(kind: FaultKind, command: u64) -> Self {
        Self { kind, command: Some(command), at: None, lasts: None, code: None }
    }

    /// `kind` at `at` since the start.
    pub const fn at_time(kind: FaultKind, at: Duration) -> Self {
        Self { kind, command: None, at: Some(at), lasts: None, code: None }
    }

    /// The same for `lasts`.
    pub const fn lasting(mut self, lasts: Duration) -> Self {
        self.lasts = Some(lasts);
        self
    }

    /// How long it lasts, where the kind needs a figure.
    pub(super) fn span(&self) -> Duration {
        self.lasts.unwrap_or(match self.kind {
            FaultKind::HalfLine => Duration::from_secs(1),
            _ => Duration::from_secs(5),
        })
    }
}

/// The faults that have not struck yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Keeps `fault` for its command; gives it back with its time if it strikes by itself.
    pub(super) fn add(&mut self, fault: Fault) -> Option<(Duration, Fault)> {
        if let Some(at) = fault.at.filter(|_| fault.kind.strikes_alone()) {
            return Some((at, fault));
        }
        self.0.push(fault);
        None
    }

    /// The fault that strikes command line `number`, received at `now`.
    pub(super) fn strike(&mut self, number: u64, now: Duration) -> Option<Fault> {
        let due = |f: &Fault| f.command == Some(number) || (f.command.is_none() && f.at.is_some_and(|at| at <= now));
        let index = self.0.iter().position(due)?;
        Some(self.0.remove(index))
    }
}

/// `answer` as the fault leaves it: pieces, each with the time that passes before it.
pub(super) fn spoil(fault: &Fault, answer: Vec<u8>, random: &mut Random) -> Vec<(Duration, Vec<u8>)> {
    let (head, tail) = answer.split_at_checked(answer.len() / 2).unwrap_or((&answer, &[]));
    let now = Duration::ZERO;
    match fault.kind {
        FaultKind::Garbage => {
            let noise = [random.noise(12), head.to_vec(), random.noise(3), tail.to_vec()];
            vec![(now, noise.concat())]
        }
        FaultKind::HalfLine => vec![(now, head.to_vec()), (fault.span(), tail.to_vec())],
        FaultKind::Truncated => vec![(now, head.to_vec())],
        _ => vec![(now, answer)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn strikes_once_at_its_command_or_time() {
        let mut faults = Faults::default();
        assert_eq!(faults.add(Fault::at_command(FaultKind::Error, 3)), None);
        assert_eq!(faults.add(Fault::at_time(FaultKind::Slow, S(60))), None);
        let alone = Fault::at_time(FaultKind::Reboot, S(9));
        assert_eq!(faults.add(alone), Some((S(9), alone)));
        assert_eq!(faults.strike(1, S(0)), None);
        assert_eq!(faults.strike(3, S(1)).map(|f| f.kind), Some(FaultKind::Error));
        assert_eq!(faults.strike(3, S(1)), None);
        assert_eq!(faults.strike(9, S(61)).map(|f| f.kind), Some(FaultKind::Slow));
    }

    #[test]
    fn spoils_an_answer() {
        let answer = b"\r\n+CSQ: 15,99\r\n\r\nOK\r\n".to_vec();
        let spoilt = |kind| spoil(&Fault::at_command(kind, 1), answer.clone(), &mut Random::new(1));
        let halves = spoilt(FaultKind::HalfLine);
        assert_eq!((halves[0].1.len() + halves[1].1.len(), halves[1].0), (answer.len(), S(1)));
        assert!(answer.starts_with(&halves[0].1) && answer.ends_with(&halves[1].1));
        assert_eq!(spoilt(FaultKind::Truncated), halves[..1]);
        let noisy = &spoilt(FaultKind::Garbage)[0].1;
        assert_eq!(noisy.len(), answer.len() + 15);
        assert_eq!(noisy, &spoilt(FaultKind::Garbage)[0].1, "the seed fixes the noise");
        assert_eq!(spoilt(FaultKind::Slow), [(S(0), answer.clone())]);
    }
}
