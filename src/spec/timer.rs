//! PSM timers as NAS messages and AT commands code them: three bits of unit, five bits of value.
//!
//! | timer | element | on AT |
//! | --- | --- | --- |
//! | [`t3324`], active time | GPRS timer 2, TS 24.008 §10.5.7.4 | `+CPSMS` last, `+CEREG` first of the two |
//! | [`t3412`], periodic TAU, extended | GPRS timer 3, TS 24.008 §10.5.7.4a | `+CPSMS` before last, `+CEREG` last |
//! | [`gprs_timer`], legacy T3412 | GPRS timer, TS 24.008 §10.5.7.3 | vendor answers only |
//!
//! Several octets code the same time, so compare decoded times, never bits.

use std::cmp::Reverse;
use std::time::Duration;

use super::span::Span;

/// What to do with a time that no code holds exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rounding {
    /// The shortest time that is not under the one asked for.
    #[default]
    Up,
    /// The longest time that is not over the one asked for.
    Down,
    /// The closest time; halfway goes up.
    Nearest,
}

impl Rounding {
    /// The best of `codes` for `asked`; of equal times the one that comes first. `None`: no code lies on the side
    /// that the rounding allows.
    pub(super) fn choose(self, asked: Duration, codes: impl Iterator<Item = (u8, Duration)>) -> Option<(u8, Duration)> {
        codes
            .filter(|(_, value)| match self {
                Self::Up => *value >= asked,
                Self::Down => *value <= asked,
                Self::Nearest => true,
            })
            .min_by_key(|(_, value)| (value.abs_diff(asked), Reverse(*value)))
    }
}

/// A timer octet and the time that it really says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    /// Bits 8 to 6 unit, bits 5 to 1 value.
    pub bits: u8,
    /// What the octet says; show it to whoever asked.
    pub value: Duration,
    /// Whether that is the time asked for.
    pub exact: bool,
}

impl Encoded {
    /// The octet as AT commands write it: eight of `0` and `1`, without quotes.
    pub fn bits_text(&self) -> String {
        format!("{:08b}", self.bits)
    }
}

/// The time is longer than the timer can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{timer} cannot be {}: the longest is {}; ask for that or less", Span(*asked), Span(*max))]
pub struct OutOfRange {
    /// Name of the timer.
    pub timer: &'static str,
    /// The time asked for.
    pub asked: Duration,
    /// The longest time that the timer takes.
    pub max: Duration,
}

/// The text is no timer octet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no timer value; eight of 0 and 1 are wanted, such as 00100010")]
pub struct InvalidTimer(pub String);

/// Unit bits and the seconds they stand for, shortest unit first.
type Units = [(u8, u64)];

/// The unit bits that say "deactivated" in all three codings; the value bits are then ignored.
const DEACTIVATED: u8 = 0b111;

/// The largest value of five bits.
const MOST: u8 = 0b1_1111;

/// Both sides of one coding. Of equal times the shortest unit is taken: SIMCom and R&S document the same choice.
fn encode(timer: &'static str, units: &Units, asked: Duration, rounding: Rounding) -> Result<Encoded, OutOfRange> {
    // Of the times of a unit only those next to the one asked for can be the best.
    let next = |seconds: u64| u8::try_from(asked.as_secs() / seconds).map_or(MOST, |n| n.min(MOST));
    let codes = units.iter().flat_map(|&(unit, seconds)| {
        let below = next(seconds);
        (below..=MOST.min(below + 1)).map(move |n| code(unit, seconds, n))
    });
    let max = units.iter().map(|&(unit, seconds)| code(unit, seconds, MOST).1).max().unwrap_or_default();
    // A time over the range is refused even when rounding down: hours for the years asked for is no rounding.
    match rounding.choose(asked, codes) {
        Some((bits, value)) if asked <= max => Ok(Encoded { bits, value, exact: value == asked }),
        _ => Err(OutOfRange { timer, asked, max }),
    }
}

const fn code(unit: u8, seconds: u64, n: u8) -> (u8, Duration) {
    (unit << 5 | n, Duration::from_secs(seconds * n as u64))
}

fn decode(units: &Units, bits: u8) -> Option<Duration> {
    let unit = bits >> 5;
    if unit == DEACTIVATED {
        return None;
    }
    // TS 24.008 §10.5.7.3: a unit that is not defined counts minutes.
    let seconds = units.iter().find(|(known, _)| *known == unit).map_or(60, |(_, seconds)| *seconds);
    Some(code(unit, seconds, bits & MOST).1)
}

fn octet(text: &str) -> Result<u8, InvalidTimer> {
    let invalid = || InvalidTimer(text.to_owned());
    if text.len() != 8 || !text.bytes().all(|b| matches!(b, b'0' | b'1')) {
        return Err(invalid());
    }
    u8::from_str_radix(text, 2).map_err(|_| invalid())
}

/// T3412 extended: the period of tracking area updates while asleep, at most 9920 h (GPRS timer 3).
pub mod t3412 {
    use super::{Duration, Encoded, InvalidTimer, OutOfRange, Rounding, Units};

    // TS 24.008 §10.5.7.4a. The 320 h unit counts hours instead when the message was not integrity protected,
    // which a modem does not tell.
    const UNITS: &Units =
        &[(0b011, 2), (0b100, 30), (0b101, 60), (0b000, 600), (0b001, 3600), (0b010, 36_000), (0b110, 1_152_000)];

    /// The octet for `asked`, in the shortest unit that holds the rounded time.
    pub fn encode(asked: Duration, rounding: Rounding) -> Result<Encoded, OutOfRange> {
        super::encode("the periodic TAU timer (T3412 extended)", UNITS, asked, rounding)
    }

    /// The time that `bits` says; `None` is "deactivated": the legacy T3412 rules then, 54 minutes by default.
    pub fn decode(bits: u8) -> Option<Duration> {
        super::decode(UNITS, bits)
    }

    /// The time that eight of `0` and `1` say; `None` is "deactivated".
    pub fn decode_text(text: &str) -> Result<Option<Duration>, InvalidTimer> {
        super::octet(text).map(decode)
    }
}

/// T3324, the active time: how long a modem stays reachable after release, at most 3 h 6 min (GPRS timer 2).
///
/// Zero is a time like any other: PSM at once. "Deactivated" is the opposite: no PSM.
pub mod t3324 {
    use super::{Duration, Encoded, InvalidTimer, OutOfRange, Rounding, gprs_timer::UNITS};

    /// The octet for `asked`, in the shortest unit that holds the rounded time.
    pub fn encode(asked: Duration, rounding: Rounding) -> Result<Encoded, OutOfRange> {
        super::encode("the active time (T3324)", UNITS, asked, rounding)
    }

    /// The time that `bits` says; `None` is "deactivated": the network does not grant PSM.
    pub fn decode(bits: u8) -> Option<Duration> {
        super::decode(UNITS, bits)
    }

    /// The time that eight of `0` and `1` say; `None` is "deactivated".
    pub fn decode_text(text: &str) -> Result<Option<Duration>, InvalidTimer> {
        super::octet(text).map(decode)
    }
}

/// The first GPRS timer, which codes the T3412 that is not extended. Networks send it, nobody asks for it.
pub mod gprs_timer {
    use super::{Duration, InvalidTimer, Units};

    // TS 24.008 §10.5.7.3; GPRS timer 2 is coded alike (§10.5.7.4).
    pub(super) const UNITS: &Units = &[(0b000, 2), (0b001, 60), (0b010, 360)];

    /// The time that `bits` says; `None` is "deactivated".
    pub fn decode(bits: u8) -> Option<Duration> {
        super::decode(UNITS, bits)
    }

    /// The time that eight of `0` and `1` say; `None` is "deactivated".
    pub fn decode_text(text: &str) -> Result<Option<Duration>, InvalidTimer> {
        super::octet(text).map(decode)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn rounding_is_the_callers_choice() {
        // One week has no code: 160 h and 170 h are its neighbours (10 h unit).
        let week = S(604_800);
        let hours = |rounding| t3412::encode(week, rounding).unwrap().value.as_secs() / 3600;
        assert_eq!((hours(Rounding::Up), hours(Rounding::Down), hours(Rounding::Nearest)), (170, 160, 170));
        assert!(!t3412::encode(week, Rounding::Up).unwrap().exact);
    }

    #[test]
    fn halfway_goes_up() {
        assert_eq!(t3324::encode(S(91), Rounding::Nearest).unwrap().value, S(120));
        assert_eq!(t3324::encode(S(3), Rounding::Nearest).unwrap().value, S(4));
    }

    #[test]
    fn over_range_names_the_maximum() {
        for rounding in [Rounding::Up, Rounding::Down, Rounding::Nearest] {
            assert_eq!(t3412::encode(S(35_712_001), rounding).unwrap_err().max, S(35_712_000));
            assert_eq!(t3324::encode(S(11_161), rounding).unwrap_err().max, S(11_160));
        }
        let text = t3324::encode(S(14_400), Rounding::Up).unwrap_err().to_string();
        assert_eq!(text, "the active time (T3324) cannot be 4h: the longest is 3h6m; ask for that or less");
        assert!(t3412::encode(Duration::MAX, Rounding::Down).is_err());
    }

    #[test]
    fn psm_at_once_is_not_no_psm() {
        assert_eq!(t3324::decode_text("00000000"), Ok(Some(S(0))));
        assert_eq!(t3324::decode_text("11100000"), Ok(None));
    }

    #[test]
    fn refuses_what_is_no_octet() {
        for text in ["", "0000000", "000000000", "0000000a", "+0000001", "\"0000000", "00000002", "0000000é"] {
            assert_eq!(t3412::decode_text(text), Err(InvalidTimer(text.into())));
        }
    }

    /// Every time that some octet says, from the decoder: what encoders are measured against.
    fn all(decode: fn(u8) -> Option<Duration>) -> Vec<Duration> {
        (0..=u8::MAX).filter_map(decode).collect()
    }

    fn check(
        encode: fn(Duration, Rounding) -> Result<Encoded, OutOfRange>,
        decode: fn(u8) -> Option<Duration>,
        asked: Duration,
    ) {
        let up = encode(asked, Rounding::Up).unwrap();
        assert_eq!(Some(up.value), all(decode).into_iter().filter(|v| *v >= asked).min());
        let down = encode(asked, Rounding::Down).unwrap();
        assert_eq!(Some(down.value), all(decode).into_iter().filter(|v| *v <= asked).max());
        let nearest = encode(asked, Rounding::Nearest).unwrap();
        assert_eq!(Some(nearest.value.abs_diff(asked)), all(decode).into_iter().map(|v| v.abs_diff(asked)).min());
        for encoded in [up, down, nearest] {
            assert_eq!(decode(encoded.bits), Some(encoded.value));
            assert_eq!(encoded.exact, encoded.value == asked);
            // What is exact stays as it is, whatever the rounding.
            assert_eq!(encode(encoded.value, Rounding::Down).unwrap().bits, encoded.bits);
        }
    }

    proptest! {
        #[test]
        fn t3412_takes_the_best_octet(seconds in 0..=35_712_000_u64) {
            check(t3412::encode, t3412::decode, S(seconds));
        }

        #[test]
        fn t3412_takes_the_best_octet_of_short_times(seconds in 0..=120_000_u64) {
            check(t3412::encode, t3412::decode, S(seconds));
        }

        #[test]
        fn t3324_takes_the_best_octet(ms in 0..=11_160_000_u64) {
            check(t3324::encode, t3324::decode, Duration::from_millis(ms));
        }

        #[test]
        fn any_text_is_survived(text in ".{0,12}") {
            let _ = (t3412::decode_text(&text), t3324::decode_text(&text), gprs_timer::decode_text(&text));
        }
    }
}
