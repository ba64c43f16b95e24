//! Units: how a captured text reads as a value, and back.

use std::time::Duration;

use crate::spec::edrx::{self, EdrxMode};
use crate::spec::rat::Rat;
use crate::spec::signal;
use crate::spec::timer::{Rounding, t3324, t3412};

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
    Text "text", Int "int", Byte "byte", Hex "hex", RatWord "word", Act "act",
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
            "-32768" | "-3276" => self.is_level(),
            "255" => self == Self::Byte,
            _ => filled(text),
        }
    }

    const fn is_level(self) -> bool {
        matches!(self, Self::Dbm | Self::Db | Self::Dbm10 | Self::Db10) || self.scale().is_some()
    }

    /// The scale of an index, where the unit has one.
    const fn scale(self) -> Option<fn(i64) -> Option<f32>> {
        match self {
            Self::Csq => Some(signal::csq_rssi_dbm),
            Self::CesqRsrp => Some(signal::rsrp_extended_dbm),
            Self::CesqRsrq => Some(signal::rsrq_extended_db),
            Self::NordicSnr => Some(signal::nordic_snr_db),
            Self::QcsqSinr => Some(signal::quectel_sinr_db),
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
        Unit::S | Unit::S0 => seconds(unit, text).into(),
        Unit::BitsT3412 => t3412::decode_text(text).map_or(Read::Misfit, granted_s),
        Unit::BitsT3324 => t3324::decode_text(text).map_or(Read::Misfit, granted_s),
        Unit::BitsEdrx => edrx::cycle_decode_text(edrx_mode(of), text).map_or(Read::Misfit, granted_ms),
        Unit::BitsPtw => match edrx::ptw_decode_text(edrx_mode(of), text) {
            Ok(Some(window)) => granted_ms(Some(window)),
            Ok(None) => Read::Unknown,
            Err(_) => Read::Misfit,
        },
        _ => level(unit, text),
    }
}

/// LTE-M unless the line says otherwise.
fn edrx_mode(of: Option<Rat>) -> EdrxMode {
    of.map_or(EdrxMode::WbS1, EdrxMode::from)
}

fn granted_s(granted: Option<Duration>) -> Read {
    granted_in(granted, Duration::as_secs)
}

fn granted_ms(granted: Option<Duration>) -> Read {
    granted_in(granted, |granted| granted.as_secs().saturating_mul(1000).saturating_add(granted.subsec_millis().into()))
}

fn granted_in(granted: Option<Duration>, count: fn(&Duration) -> u64) -> Read {
    Read::Value(Value::Granted(granted.and_then(|granted| u32::try_from(count(&granted)).ok())))
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
        Value::Rat(rat) => rats.words_of(*rat).next().cloned(),
    };
    text.unwrap_or_else(|| unit.unknown().to_owned())
}

fn write_number(unit: Unit, number: u64) -> String {
    match unit {
        Unit::Hex => format!("{number:X}"),
        _ => number.to_string(),
    }
}

fn write_level(unit: Unit, level: f32) -> Option<String> {
    let Some(scale) = unit.scale() else {
        let tenths = matches!(unit, Unit::Dbm10 | Unit::Db10);
        return Some(if tenths { format!("{:.0}", level * 10.0) } else { format!("{level}") });
    };
    // The index that comes closest, as a search: no scale goes beyond these ends.
    let steps = (-30..=250).rev().filter_map(|index| Some((index, (scale(index)? - level).abs())));
    let closest = steps.min_by(|(_, one), (_, other)| one.total_cmp(other));
    closest.map(|(index, _)| index.to_string())
}

fn write_granted(unit: Unit, granted: Option<u32>, of: Option<Rat>) -> Option<String> {
    let seconds = granted.map(|granted| Duration::from_secs(granted.into()));
    let milliseconds = granted.map(|granted| Duration::from_millis(granted.into()));
    let (mode, up) = (edrx_mode(of), Rounding::Up);
    match unit {
        Unit::S0 => Some(granted.unwrap_or(0).to_string()),
        // "Deactivated" (TS 24.008 §10.5.7.3).
        Unit::BitsT3412 | Unit::BitsT3324 if granted.is_none() => Some("11100000".into()),
        Unit::BitsT3412 => t3412::encode(seconds?, up).ok().map(|code| code.bits_text()),
        Unit::BitsT3324 => t3324::encode(seconds?, up).ok().map(|code| code.bits_text()),
        Unit::BitsEdrx => Some(edrx::cycle_encode(mode, milliseconds?, up).bits_text()),
        Unit::BitsPtw => edrx::ptw_encode(mode, milliseconds?, up).map(|code| code.bits_text()),
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

fn seconds(unit: Unit, text: &str) -> Option<Value> {
    let seconds = digits(text, 10).and_then(|v| u32::try_from(v).ok())?;
    Some(Value::Granted(Some(seconds).filter(|s| unit == Unit::S || *s > 0)))
}

/// A level: dBm or dB as it is, in tenths, or an index on a scale of which the ends and beyond say "not known".
fn level(unit: Unit, text: &str) -> Read {
    if let Some(scale) = unit.scale() {
        let index = text.parse::<i64>().map(scale);
        return index
            .map_or(Read::Misfit, |level| level.map_or(Read::Unknown, |level| Read::Value(Value::Level(level))));
    }
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.');
    let level: Option<f32> = text.chars().all(plain).then(|| text.parse().ok()).flatten();
    let tenths = matches!(unit, Unit::Dbm10 | Unit::Db10);
    level.map(|level| Value::Level(if tenths { level / 10.0 } else { level })).into()
}
