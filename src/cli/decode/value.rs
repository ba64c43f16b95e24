//! Single values in words.

use crate::cli::words;
use crate::spec::signal;
use crate::spec::timer::{t3324, t3412};

/// How one field is said.
#[derive(Clone, Copy)]
pub enum Say {
    /// It speaks for itself.
    Raw,
    /// It is one of these.
    Words(Words),
    /// It has to be worked out; `None`: it is none.
    With(fn(&str) -> Option<String>),
    /// It is a secret: it is not even repeated.
    Secret,
}

/// Values and their meanings.
pub type Words = &'static [(&'static str, &'static str)];

/// The meaning of `text` in `table`.
pub fn look_up(table: Words, text: &str) -> Option<&'static str> {
    table.iter().find(|(value, _)| *value == text).map(|(_, meaning)| *meaning)
}

impl Say {
    /// The meaning of `text`; empty where there is nothing to say.
    pub fn meaning(self, text: &str) -> String {
        match self {
            Self::Raw | Self::Secret => String::new(),
            _ if text.is_empty() => String::new(),
            Self::Words(table) => look_up(table, text).unwrap_or("no value of the standard").to_owned(),
            Self::With(say) => say(text).unwrap_or_else(|| "no value of the standard".into()),
        }
    }
}

/// T3412 extended of `+CPSMS` and `+CEREG` (TS 24.008 §10.5.7.4a).
pub fn tau(text: &str) -> Option<String> {
    let timer = t3412::decode_text(text).ok()?;
    Some(timer.map_or_else(|| "deactivated: the network's own T3412 applies".into(), words::span))
}

/// T3324 of `+CPSMS` and `+CEREG` (TS 24.008 §10.5.7.4).
pub fn active_time(text: &str) -> Option<String> {
    let timer = t3324::decode_text(text).ok()?;
    Some(timer.map_or_else(|| "deactivated: no PSM".into(), words::span))
}

/// An index of a signal scale; what is out of the scale means "not known".
fn scale(text: &str, unit: &str, value: fn(i64) -> Option<f32>) -> Option<String> {
    let index = text.parse().ok()?;
    let said = value(index).map(|value| format!("{} {unit}", words::decimal(f64::from(value))));
    Some(said.unwrap_or_else(|| "not known".into()))
}

macro_rules! scales {
    ($($name:ident $unit:literal $value:path, $doc:literal;)*) => {$(
        #[doc = $doc]
        pub fn $name(text: &str) -> Option<String> {
            scale(text, $unit, $value)
        }
    )*};
}

scales! {
    csq_rssi "dBm" signal::csq_rssi_dbm, "`<rssi>` of `+CSQ`.";
    rxlev "dBm" signal::rxlev_dbm, "`<rxlev>` of `+CESQ`.";
    rscp "dBm" signal::rscp_dbm, "`<rscp>` of `+CESQ`.";
    ecno "dB" signal::ecno_db, "`<ecno>` of `+CESQ`.";
    rsrq "dB" signal::rsrq_db, "`<rsrq>` of `+CESQ`.";
    rsrp "dBm" signal::rsrp_dbm, "`<rsrp>` of `+CESQ`.";
    ss_rsrq "dB" signal::ss_rsrq_db, "`<ss_rsrq>` of `+CESQ`.";
    ss_rsrp "dBm" signal::ss_rsrp_dbm, "`<ss_rsrp>` of `+CESQ`.";
    ss_sinr "dB" signal::ss_sinr_db, "`<ss_sinr>` of `+CESQ`.";
}

/// `<ber>` of `+CSQ` and `+CESQ`.
pub fn error_rate(text: &str) -> Option<String> {
    match text.parse::<u8>().ok()? {
        level @ 0..=7 => Some(format!("RXQUAL {level}")),
        _ => Some("not known (always so on LTE)".into()),
    }
}

/// A sum of 8 (EMM) and 16 (ESM), as `+CNEC` takes it.
pub fn error_reports(text: &str) -> Option<String> {
    let sum: u8 = text.parse().ok()?;
    let named: Vec<&str> = [(8, "EMM causes"), (16, "ESM causes")]
        .iter()
        .filter(|(bit, _)| sum & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    Some(if named.is_empty() { "none".into() } else { named.join(" and ") })
}

/// `<n>` of `+CREG`, `+CGREG`, `+CEREG`, `+C5GREG`.
pub const REPORTS: Words = &[
    ("0", "off"),
    ("1", "changes of the state"),
    ("2", "changes of state and cell"),
    ("3", "changes of state and cell, with causes"),
    ("4", "changes of state and cell, with the granted PSM timers"),
    ("5", "changes of state and cell, with causes and the granted PSM timers"),
];
