//! The meter: what the host cost the modem.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::policy::energy::{Activity, Case, Charge, Evidence};
use crate::private::Private;
use crate::spec::rat::Rat;

use super::energy::Draw;

/// Command lines that the meter keeps.
const LINES: usize = 4096;

/// What the host did to the modem, for tests and for the dashboard.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meter {
    /// Command lines received and read.
    pub commands: u64,
    /// Bytes from the host.
    pub bytes_in: u64,
    /// Bytes to the host.
    pub bytes_out: u64,
    /// Command lines sent while the modem, or its command side, slept; they were lost.
    pub deaf_commands: u64,
    /// Times it started, the first start not counted.
    pub boots: u64,
    /// Times it went to sleep (PSM).
    pub sleeps: u64,
    /// PIN and PUK attempts, and whether the card took them.
    pub pin_attempts: Vec<PinAttempt>,
    /// Short messages that the network took.
    pub messages_sent: u64,
    lines: VecDeque<(Duration, String)>,
    asleep: Duration,
    asleep_since: Option<Duration>,
    spent: BTreeMap<(Rat, Activity), Duration>,
    draw: Option<Arc<Draw>>,
}

/// One attempt at a code of the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinAttempt {
    /// When, since the start.
    pub at: Duration,
    /// The code as sent.
    pub code: Private<String>,
    /// Whether the card took it.
    pub accepted: bool,
}

impl Meter {
    /// The last command lines with their times, oldest first, at most 4096. They are as sent, secrets included.
    pub fn lines(&self) -> impl Iterator<Item = (Duration, &str)> {
        self.lines.iter().map(|(at, line)| (*at, line.as_str()))
    }

    /// Time asleep (PSM) up to `now`.
    pub fn asleep(&self, now: Duration) -> Duration {
        let current = self.asleep_since.map_or(Duration::ZERO, |since| now.saturating_sub(since));
        self.asleep.saturating_add(current)
    }

    /// Time awake up to `now`.
    pub fn awake(&self, now: Duration) -> Duration {
        now.saturating_sub(self.asleep(now))
    }

    /// How long the modem did what, up to the last time that it was told the time. One activity comes more than once
    /// where it was done on more than one technology.
    pub fn spent(&self) -> impl Iterator<Item = (Rat, Activity, Duration)> {
        self.spent.iter().map(|((rat, activity), span)| (*rat, *activity, *span))
    }

    /// The charge that this took, mC by cause, with the uncertain currents as `case` says. Nothing of a meter that
    /// belongs to no modem.
    pub fn charge(&self, case: Case) -> Charge {
        self.draw.as_ref().map(|draw| draw.charge(self.spent(), case)).unwrap_or_default()
    }

    /// How well the currents behind the charge are known.
    pub fn evidence(&self) -> Option<Evidence> {
        self.draw.as_ref().and_then(|draw| draw.evidence())
    }

    /// A meter of a modem with the currents of `draw`.
    pub(super) fn of(draw: Option<Arc<Draw>>) -> Self {
        Self { draw, ..Self::default() }
    }

    pub(super) fn spend(&mut self, rat: Rat, activity: Activity, span: Duration) {
        let spent = self.spent.entry((rat, activity)).or_default();
        *spent = spent.saturating_add(span);
    }

    /// Bytes arrived that nobody heard.
    pub(super) fn lost(&mut self, bytes: &[u8]) {
        let lines = bytes.iter().filter(|b| **b == b'\r').count() as u64;
        self.deaf_commands = self.deaf_commands.saturating_add(lines);
    }

    pub(super) fn command(&mut self, now: Duration, line: &str) {
        self.commands = self.commands.saturating_add(1);
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.lines.push_back((now, line.to_owned()));
    }

    pub(super) fn fell_asleep(&mut self, now: Duration) {
        self.sleeps = self.sleeps.saturating_add(1);
        self.asleep_since.get_or_insert(now);
    }

    pub(super) fn woke(&mut self, now: Duration) {
        self.asleep = self.asleep(now);
        self.asleep_since = None;
    }

    pub(super) fn pin(&mut self, at: Duration, code: &str, accepted: bool) {
        if self.pin_attempts.len() < LINES {
            self.pin_attempts.push(PinAttempt { at, code: Private::new(code.to_owned()), accepted });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_awake_from_asleep() {
        let s = Duration::from_secs;
        let mut meter = Meter::default();
        meter.fell_asleep(s(20));
        assert_eq!((meter.awake(s(50)), meter.asleep(s(50))), (s(20), s(30)));
        meter.woke(s(60));
        assert_eq!((meter.awake(s(70)), meter.asleep(s(70)), meter.sleeps), (s(30), s(40), 1));
    }

    #[test]
    fn keeps_a_bounded_list_of_lines() {
        let mut meter = Meter::default();
        (0..5000).for_each(|n| meter.command(Duration::from_secs(n), &format!("AT{n}")));
        assert_eq!((meter.commands, meter.lines().count()), (5000, 4096));
        assert_eq!(meter.lines().last(), Some((Duration::from_secs(4999), "AT4999")));
    }
}
