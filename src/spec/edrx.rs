//! Extended DRX: cycles and paging time windows of every radio access technology (TS 24.008 §10.5.5.32).
//!
//! The same four bits say other times on LTE-M, NB-IoT and NR, so nothing here works without an [`EdrxMode`].

use std::time::Duration;

use super::rat::Rat;
use super::timer::Rounding;

/// The columns of the table: which technology reads the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EdrxMode {
    /// LTE and LTE-M (WB-S1, WB-N1).
    WbS1,
    /// NB-IoT (NB-S1, NB-N1).
    NbS1,
    /// NR connected to the 5G core: RedCap.
    Nr5gcn,
    /// UTRAN (Iu).
    Iu,
    /// GSM and EC-GSM-IoT (A/Gb).
    Geran,
}

impl From<Rat> for EdrxMode {
    fn from(rat: Rat) -> Self {
        match rat {
            Rat::Gsm | Rat::EcGsm => Self::Geran,
            Rat::Umts => Self::Iu,
            Rat::Lte | Rat::LteM => Self::WbS1,
            Rat::NbIot => Self::NbS1,
            Rat::Nr => Self::Nr5gcn,
        }
    }
}

/// A code and the time that it really says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    /// The code, in the low bits.
    pub bits: u8,
    /// How many bits the code has: 4, or 5 for the paging time window of NR.
    pub digits: u8,
    /// What the code says; show it to whoever asked.
    pub value: Duration,
    /// Whether that is the time asked for.
    pub exact: bool,
    /// Whether the time asked for lies outside of what the technology has, so that its limit was taken.
    pub clamped: bool,
}

impl Encoded {
    /// The code as AT commands write it: four or five of `0` and `1`, without quotes.
    pub fn bits_text(&self) -> String {
        format!("{:0width$b}", self.bits, width = usize::from(self.digits))
    }
}

/// The text is no eDRX code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no eDRX value; four of 0 and 1 are wanted, such as 0101")]
pub struct InvalidCode(pub String);

/// Milliseconds of each cycle that may be asked for, by code; 0 where the code is not for this technology.
type Cycles = [u32; 16];

const WB: Cycles = [
    5_120, 10_240, 20_480, 40_960, 61_440, 81_920, 102_400, 122_880, 143_360, 163_840, 327_680, 655_360, 1_310_720,
    2_621_440, 0, 0,
];

const NB: Cycles =
    [0, 0, 20_480, 40_960, 0, 81_920, 0, 0, 0, 163_840, 327_680, 655_360, 1_310_720, 2_621_440, 5_242_880, 10_485_760];

const NR: Cycles = [
    2_560, 5_120, 10_240, 20_480, 40_960, 81_920, 163_840, 327_680, 655_360, 1_310_720, 2_621_440, 5_242_880,
    10_485_760, 0, 0, 0,
];

const IU: Cycles =
    [10_240, 20_480, 40_960, 81_920, 163_840, 327_680, 655_360, 1_310_720, 1_966_080, 2_621_440, 0, 0, 0, 0, 0, 0];

const GERAN: Cycles =
    [1_880, 3_760, 7_530, 12_240, 24_480, 48_960, 97_920, 195_840, 391_680, 783_360, 1_566_720, 3_133_440, 0, 0, 0, 0];

/// Milliseconds of the paging time window on Iu, by code.
const IU_PTW: [u32; 16] =
    [0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 12_000, 14_000, 16_000, 18_000, 20_000];

impl EdrxMode {
    const fn cycles(self) -> &'static Cycles {
        match self {
            Self::WbS1 => &WB,
            Self::NbS1 => &NB,
            Self::Nr5gcn => &NR,
            Self::Iu => &IU,
            Self::Geran => &GERAN,
        }
    }

    /// What a receiver takes a code of another technology, or a reserved one, for: the notes of table 10.5.5.32.1.
    const fn foreign(self, bits: u8) -> Option<u64> {
        match self {
            Self::WbS1 => Some(2_621_440),
            // As if the element were not there; Rel-13 said 20.48 s. Sources disagree, so nobody asks for them.
            Self::NbS1 if bits < 2 => None,
            Self::NbS1 => Some(20_480),
            Self::Nr5gcn => Some(2_560),
            Self::Iu => Some(10_240),
            Self::Geran => Some(1_880),
        }
    }

    /// Paging time windows, shortest first; none on GERAN. On NR the extended window of Rel-17, five bits.
    fn windows(self) -> Vec<(u8, Duration)> {
        let steps = |count: u8, step: u64| (0..count).map(|n| (n, ms(step * (u64::from(n) + 1)))).collect();
        match self {
            Self::WbS1 => steps(16, 1280),
            Self::NbS1 => steps(16, 2560),
            Self::Nr5gcn => steps(32, 1280),
            Self::Iu => (0..).zip(IU_PTW).map(|(n, value)| (n, ms(u64::from(value)))).collect(),
            Self::Geran => Vec::new(),
        }
    }
}

const fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

/// Whether a modem may ask for this code on this technology.
pub fn requestable(mode: EdrxMode, bits: u8) -> bool {
    mode.cycles().get(usize::from(bits)).is_some_and(|value| *value > 0)
}

/// The code of a cycle of `asked`, never one that may not be asked for; beyond the technology's limits the limit.
pub fn cycle_encode(mode: EdrxMode, asked: Duration, rounding: Rounding) -> Encoded {
    let codes = (0..).zip(mode.cycles()).filter(|(_, value)| **value > 0);
    let codes: Vec<_> = codes.map(|(bits, value)| (bits, ms(u64::from(*value)))).collect();
    encode(4, &codes, asked, rounding)
}

/// What a receiver on `mode` takes the four bits for. `None`: as if no eDRX were there, or more than four bits.
pub fn cycle_decode(mode: EdrxMode, bits: u8) -> Option<Duration> {
    match *mode.cycles().get(usize::from(bits))? {
        0 => mode.foreign(bits).map(ms),
        value => Some(ms(value.into())),
    }
}

/// [`cycle_decode`] of four of `0` and `1`.
pub fn cycle_decode_text(mode: EdrxMode, text: &str) -> Result<Option<Duration>, InvalidCode> {
    code(text, 4..=4).map(|bits| cycle_decode(mode, bits))
}

/// The code of a paging time window of `asked`; `None` where the technology has none.
///
/// A window has to be shorter than the cycle, and the network has the last word on it.
pub fn ptw_encode(mode: EdrxMode, asked: Duration, rounding: Rounding) -> Option<Encoded> {
    let digits = if mode == EdrxMode::Nr5gcn { 5 } else { 4 };
    let windows = mode.windows();
    (!windows.is_empty()).then(|| encode(digits, &windows, asked, rounding))
}

/// The paging time window that the bits say: four, on NR up to five (extended window).
pub fn ptw_decode(mode: EdrxMode, bits: u8) -> Option<Duration> {
    mode.windows().into_iter().find(|(known, _)| *known == bits).map(|(_, value)| value)
}

/// [`ptw_decode`] of four, on NR also five, of `0` and `1`.
pub fn ptw_decode_text(mode: EdrxMode, text: &str) -> Result<Option<Duration>, InvalidCode> {
    let digits = if mode == EdrxMode::Nr5gcn { 4..=5 } else { 4..=4 };
    code(text, digits).map(|bits| ptw_decode(mode, bits))
}

/// Codes come shortest first and there is at least one.
fn encode(digits: u8, codes: &[(u8, Duration)], asked: Duration, rounding: Rounding) -> Encoded {
    let limit = |code: Option<&(u8, Duration)>| code.copied().unwrap_or_default();
    let (first, last) = (limit(codes.first()), limit(codes.last()));
    let chosen = rounding.choose(asked, codes.iter().copied());
    // Up finds nothing over the longest, down nothing under the shortest.
    let (bits, value) = chosen.unwrap_or(if asked > last.1 { last } else { first });
    Encoded { bits, digits, value, exact: value == asked, clamped: chosen.is_none() || asked > last.1 }
}

fn code(text: &str, digits: std::ops::RangeInclusive<usize>) -> Result<u8, InvalidCode> {
    let invalid = || InvalidCode(text.to_owned());
    if !digits.contains(&text.len()) || !text.bytes().all(|b| matches!(b, b'0' | b'1')) {
        return Err(invalid());
    }
    u8::from_str_radix(text, 2).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MODES: [EdrxMode; 5] = [EdrxMode::WbS1, EdrxMode::NbS1, EdrxMode::Nr5gcn, EdrxMode::Iu, EdrxMode::Geran];

    #[test]
    fn clamping_is_told() {
        let hour = Duration::from_secs(3600);
        let wb = cycle_encode(EdrxMode::WbS1, hour, Rounding::Up);
        assert_eq!((wb.bits_text().as_str(), wb.value, wb.clamped), ("1101", ms(2_621_440), true));
        let nb = cycle_encode(EdrxMode::NbS1, hour, Rounding::Up);
        assert_eq!((nb.bits_text().as_str(), nb.value, nb.clamped), ("1110", ms(5_242_880), false));
        let short = cycle_encode(EdrxMode::NbS1, Duration::from_secs(5), Rounding::Down);
        assert_eq!((short.value, short.clamped, short.exact), (ms(20_480), true, false));
        assert!(!cycle_encode(EdrxMode::NbS1, Duration::from_secs(5), Rounding::Up).clamped);
    }

    /// Octets of the element as networks send them: PTW in the high half, cycle in the low half.
    #[test]
    fn octets_read_by_their_technology() {
        for (mode, octet, cycle, ptw) in [
            (EdrxMode::WbS1, 0x35_u8, 81_920, 5_120),
            (EdrxMode::WbS1, 0xFE, 2_621_440, 20_480),
            (EdrxMode::NbS1, 0x3F, 10_485_760, 10_240),
            (EdrxMode::NbS1, 0x14, 20_480, 5_120),
        ] {
            assert_eq!(cycle_decode(mode, octet & 0xF), Some(ms(cycle)), "{octet:#x}");
            assert_eq!(ptw_decode(mode, octet >> 4), Some(ms(ptw)), "{octet:#x}");
        }
        assert_eq!(ptw_decode(EdrxMode::Nr5gcn, 0x0F), Some(ms(20_480)));
    }

    #[test]
    fn windows_have_their_own_widths() {
        let nr = ptw_encode(EdrxMode::Nr5gcn, Duration::from_secs(20), Rounding::Up).unwrap();
        assert_eq!((nr.bits_text().as_str(), nr.value), ("01111", ms(20_480)));
        assert_eq!(ptw_decode_text(EdrxMode::Nr5gcn, "11111"), Ok(Some(ms(40_960))));
        assert_eq!(ptw_decode_text(EdrxMode::NbS1, "1111"), Ok(Some(ms(40_960))));
        assert!(ptw_decode_text(EdrxMode::NbS1, "11111").is_err());
        assert_eq!(ptw_encode(EdrxMode::Geran, Duration::from_secs(1), Rounding::Up), None);
    }

    #[test]
    fn refuses_what_is_no_code() {
        for text in ["", "010", "01010", "0102", "+101", "\"010"] {
            assert_eq!(cycle_decode_text(EdrxMode::WbS1, text), Err(InvalidCode(text.into())));
        }
    }

    proptest! {
        #[test]
        fn cycles_are_the_best_of_all_codes(mode in 0..5_usize, asked in 0..12_000_000_u64) {
            let (mode, asked) = (MODES[mode], ms(asked));
            let all = || (0..16).filter(|bits| requestable(mode, *bits)).filter_map(|bits| cycle_decode(mode, bits));
            let up = cycle_encode(mode, asked, Rounding::Up);
            prop_assert_eq!(Some(up.value), all().filter(|v| *v >= asked).min().or(all().max()));
            let down = cycle_encode(mode, asked, Rounding::Down);
            prop_assert_eq!(Some(down.value), all().filter(|v| *v <= asked).max().or(all().min()));
            let nearest = cycle_encode(mode, asked, Rounding::Nearest);
            prop_assert_eq!(Some(nearest.value.abs_diff(asked)), all().map(|v| v.abs_diff(asked)).min());
            for encoded in [up, down, nearest] {
                prop_assert!(requestable(mode, encoded.bits));
                prop_assert_eq!(cycle_decode_text(mode, &encoded.bits_text()), Ok(Some(encoded.value)));
            }
        }

        #[test]
        fn windows_are_the_best_of_all_codes(mode in 0..4_usize, asked in 0..50_000_u64) {
            let (mode, asked) = (MODES[mode], ms(asked));
            let all = || (0..=u8::MAX).filter_map(|bits| ptw_decode(mode, bits));
            let up = ptw_encode(mode, asked, Rounding::Up).unwrap();
            prop_assert_eq!(Some(up.value), all().filter(|v| *v >= asked).min().or(all().max()));
            let down = ptw_encode(mode, asked, Rounding::Down).unwrap();
            prop_assert_eq!(Some(down.value), all().filter(|v| *v <= asked).max().or(all().min()));
            prop_assert_eq!(ptw_decode_text(mode, &up.bits_text()), Ok(Some(up.value)));
        }
    }
}
