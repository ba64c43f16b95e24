//! Units: how a captured text reads as a value, and back.

use crate::spec::rat::Rat;

use super::RatNames;
use super::name::Value;

macro_rules! units {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// How the text of a field means its value.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Unit { $($variant),* }

        impl Unit {
            /// Every unit, for finding one.
            pub(super) const ALL: &'static [(&'static str, Self)] = &[$(($name, Self::$variant)),*];
        }
    };
}

units! {
    Text "text", Int "int", Byte "byte", Hex "hex", BandText "band-text", RatWord "word", Act "act",
    Flag "flag", StateWord "state-word",
    Dbm "dbm", Db "db", Dbm10 "dbm10", Db10 "db10", Csq "csq", CesqRsrp "cesq-rsrp", CesqRsrq "cesq-rsrq",
    NordicSnr "nordic-snr", QcsqSinr "qcsq-sinr",
    S "s", S0 "s0", Ms "ms", BitsT3412 "bits-t3412", BitsT3324 "bits-t3324", BitsEdrx "bits-edrx", BitsPtw "bits-ptw",
}

/// What the text of a field says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Read {
    Value(Value),
    /// The modem says that it does not know.
    Unknown,
    /// No text of this unit: the line has another form.
    Misfit,
}

impl From<Option<Value>> for Read {
    fn from(value: Option<Value>) -> Self {
        value.map_or(Self::Misfit, Self::Value)
    }
}

impl Unit {
    /// Its name in a pattern.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, unit)| *unit == self).map_or("", |(name, _)| name)
    }

    /// How "not known" is printed.
    pub(super) const fn unknown(self) -> &'static str {
        match self {
            Self::Csq => "99",
            Self::Byte | Self::CesqRsrp | Self::CesqRsrq | Self::NordicSnr | Self::QcsqSinr => "255",
            _ => "",
        }
    }

    fn is_unknown(self, text: &str) -> bool {
        // `fff,fff` is the MCC and MNC of a SARA-R5 that has none.
        let filled = |text: &str| text.len() > 1 && text.bytes().all(|b| matches!(b, b'f' | b'F'));
        match text {
            "" | "-" => true,
            "-32768" | "-3276" => self.scale().is_some(),
            "127" => self == Self::NordicSnr,
            _ => (!self.unknown().is_empty() && text == self.unknown()) || filled(text),
        }
    }

    /// Value at index 0 and step of a linear scale.
    const fn scale(self) -> Option<(f32, f32)> {
        match self {
            Self::Dbm | Self::Db => Some((0.0, 1.0)),
            Self::Dbm10 | Self::Db10 => Some((0.0, 0.1)),
            // TS 27.007 clause 8.5.
            Self::Csq => Some((-113.0, 2.0)),
            // TS 36.133 clauses 9.1.4 and 9.1.7: the lower edge of the step.
            Self::CesqRsrp => Some((-141.0, 1.0)),
            Self::CesqRsrq => Some((-20.0, 0.5)),
            Self::NordicSnr => Some((-24.0, 1.0)),
            Self::QcsqSinr => Some((-20.0, 0.2)),
            _ => None,
        }
    }
}

/// The technology that a captured word or number names.
pub(super) fn rat(unit: Unit, text: &str, rats: &RatNames<'_>) -> Option<Rat> {
    match unit {
        Unit::Act => rats.of_act(text.parse().ok()?),
        _ => rats.of_word(text),
    }
}

/// Reads `text`; `rat` decides the tables that differ by technology.
pub(super) fn read(unit: Unit, text: &str, of: Option<Rat>, rats: &RatNames<'_>) -> Read {
    if unit.is_unknown(text) {
        return Read::Unknown;
    }
    match unit {
        Unit::Text => Read::Value(Value::Text(text.to_owned())),
        // A word that the file does not know is a technology that we have no name for, not another form of line.
        Unit::RatWord | Unit::Act => rat(unit, text, rats).map_or(Read::Unknown, |rat| Read::Value(Value::Rat(rat))),
        Unit::Flag => match text {
            "0" => Read::Value(Value::Flag(false)),
            "1" => Read::Value(Value::Flag(true)),
            _ => Read::Misfit,
        },
        Unit::StateWord => state_word(text),
        Unit::Int | Unit::Byte | Unit::Ms => digits(text, 10).map(Value::Number).into(),
        Unit::Hex => digits(text.trim_start_matches("0x").trim_start_matches("0X"), 16).map(Value::Number).into(),
        Unit::BandText => trailing_number(text).map(Value::Number).into(),
        Unit::S | Unit::S0 => seconds(unit, text).into(),
        Unit::BitsT3412 => bits(text, 8).map(|v| Value::Granted(t3412(v))).into(),
        Unit::BitsT3324 => bits(text, 8).map(|v| Value::Granted(t3324(v))).into(),
        Unit::BitsEdrx => bits(text, 4).map(|v| Value::Granted(Some(edrx(v, of)))).into(),
        Unit::BitsPtw => bits(text, 4).map(|v| Value::Granted(Some(ptw(v, of)))).into(),
        _ => level(unit, text).map(Value::Level).into(),
    }
}

/// Writes `value`; the inverse of [`read`]. A value that the unit cannot say is written as "not known".
pub(super) fn write(unit: Unit, value: &Value, of: Option<Rat>, rats: &RatNames<'_>) -> String {
    let text = match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(write_number(unit, *number)),
        Value::Level(level) => write_level(unit, *level),
        Value::Granted(granted) => write_granted(unit, *granted, of),
        Value::Flag(connected) if unit == Unit::StateWord => Some(if *connected { "CONNECT" } else { "NOCONN" }.into()),
        Value::Flag(flag) => Some(u8::from(*flag).to_string()),
        Value::Rat(rat) if unit == Unit::Act => rats.act_of(*rat).map(|act| act.to_string()),
        Value::Rat(rat) => rats.words.get(rat).and_then(|words| words.first().cloned()),
    };
    text.unwrap_or_else(|| unit.unknown().to_owned())
}

fn write_number(unit: Unit, number: u64) -> String {
    match unit {
        Unit::Hex => format!("{number:X}"),
        Unit::BandText => format!("LTE BAND {number}"),
        _ => number.to_string(),
    }
}

fn write_level(unit: Unit, level: f32) -> Option<String> {
    let (base, step) = unit.scale()?;
    let index = (level - base) / step;
    let index = if unit == Unit::CesqRsrp && index < 0.0 { index - 1.0 } else { index };
    // A scale of whole steps is written whole; dBm and dB as the value has it.
    Some(match unit {
        Unit::Dbm | Unit::Db => format!("{index}"),
        _ => format!("{}", index.round()),
    })
}

fn write_granted(unit: Unit, granted: Option<u32>, of: Option<Rat>) -> Option<String> {
    // The smallest code of the value, as a search: there are 256 at most.
    let code = |last: u8, decode: &dyn Fn(u8) -> Option<u32>| (0..=last).find(|code| decode(*code) == granted);
    match unit {
        Unit::S0 => Some(granted.unwrap_or(0).to_string()),
        Unit::BitsT3412 => code(255, &t3412).map(|code| format!("{code:08b}")),
        Unit::BitsT3324 => code(255, &t3324).map(|code| format!("{code:08b}")),
        Unit::BitsEdrx => code(15, &|code| Some(edrx(code, of))).map(|code| format!("{code:04b}")),
        Unit::BitsPtw => code(15, &|code| Some(ptw(code, of))).map(|code| format!("{code:04b}")),
        _ => granted.map(|seconds| seconds.to_string()),
    }
}

/// States of an RRC connection in words: Quectel's `CONNECT`, Cinterion's `CONN`.
fn state_word(text: &str) -> Read {
    match text {
        "CONNECT" | "CONN" => Read::Value(Value::Flag(true)),
        "NOCONN" | "LIMSRV" => Read::Value(Value::Flag(false)),
        _ => Read::Unknown,
    }
}

fn digits(text: &str, radix: u32) -> Option<u64> {
    let only = !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    only.then(|| u64::from_str_radix(text, radix).ok()).flatten()
}

/// The number at the end of `LTE BAND 20` or `EUTRAN-BAND20`.
fn trailing_number(text: &str) -> Option<u64> {
    let words = text.trim_end_matches(|c: char| c.is_ascii_digit());
    digits(text.strip_prefix(words)?, 10)
}

fn seconds(unit: Unit, text: &str) -> Option<Value> {
    let seconds = digits(text, 10).and_then(|v| u32::try_from(v).ok())?;
    Some(Value::Granted(Some(seconds).filter(|s| unit == Unit::S || *s > 0)))
}

/// A level on the unit's linear scale.
fn level(unit: Unit, text: &str) -> Option<f32> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.');
    let index: f32 = text.chars().all(plain).then(|| text.parse().ok()).flatten()?;
    let (base, step) = unit.scale()?;
    // TS 36.133 clause 9.1.4 extends the scale below 0 for LTE-M: index -1 is the step that index 0 stood for.
    let gap = if index < 0.0 && unit == Unit::CesqRsrp { 1.0 } else { 0.0 };
    Some(base + (index + gap) * step)
}

fn bits(text: &str, count: usize) -> Option<u8> {
    let only = text.len() == count && text.bytes().all(|b| matches!(b, b'0' | b'1'));
    only.then(|| u8::from_str_radix(text, 2).ok()).flatten()
}

/// T3412 extended in seconds, GPRS timer 3 (TS 24.008 clause 10.5.7.4a); `None`: deactivated.
fn t3412(octet: u8) -> Option<u32> {
    let unit = match octet >> 5 {
        0 => 600,
        1 => 3600,
        2 => 36_000,
        3 => 2,
        4 => 30,
        5 => 60,
        6 => 320 * 3600,
        _ => return None,
    };
    Some(unit * u32::from(octet & 31))
}

/// T3324 in seconds, GPRS timer 2 (TS 24.008 clauses 10.5.7.3 and 10.5.7.4); `None`: deactivated.
fn t3324(octet: u8) -> Option<u32> {
    let unit = match octet >> 5 {
        0 => 2,
        2 => 360,
        7 => return None,
        // Units without a meaning are minutes.
        _ => 60,
    };
    Some(unit * u32::from(octet & 31))
}

/// eDRX cycle in milliseconds (TS 24.008 clause 10.5.5.32).
fn edrx(code: u8, of: Option<Rat>) -> u32 {
    // In multiples of 5.12 s.
    let wb = [1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256, 512, 512, 512];
    let nb = [4, 4, 4, 8, 4, 16, 4, 4, 4, 32, 64, 128, 256, 512, 1024, 2048];
    let table = if of == Some(Rat::NbIot) { nb } else { wb };
    table.get(usize::from(code)).map_or(0, |cycles| cycles * 5120)
}

/// Paging time window in milliseconds (TS 24.008 clause 10.5.5.32).
fn ptw(code: u8, of: Option<Rat>) -> u32 {
    let step = if of == Some(Rat::NbIot) { 2560 } else { 1280 };
    step * (u32::from(code) + 1)
}
