//! Signal scales in words, each with its grade.

use crate::spec::rat::Rat;
use crate::spec::signal::Quality;
use crate::state::json::Document;

use super::out::Tone;
use super::words;

/// One scale of a signal reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// `RSRP, RSRQ, SINR, RSSI`.
    pub name: &'static str,
    /// The value.
    pub value: f64,
    /// Its unit: dBm or dB.
    pub unit: &'static str,
    /// Its grade, where the scale has one.
    pub quality: Option<Quality>,
}

impl Scale {
    /// `-97 dBm, usable`.
    pub fn text(&self) -> String {
        let grade = self.quality.map(|quality| format!(", {}", quality.name())).unwrap_or_default();
        format!("{} {}{grade}", words::decimal(self.value), self.unit)
    }
}

/// The scales that a modem gave, the most telling first.
///
/// RSSI has no grade: on LTE-M and NB-IoT it tells nothing about the quality.
pub fn scales(doc: &Document) -> Vec<Scale> {
    let (signal, rat) = (&doc.signal, doc.network.rat.unwrap_or(Rat::LteM));
    let scale = |name, value: Option<f64>, unit, grade: &dyn Fn(f32) -> Option<Quality>| {
        value.map(|value| Scale { name, value, unit, quality: grade(value as f32) })
    };
    [
        scale("RSRP", signal.rsrp_dbm, "dBm", &|dbm| Quality::of_rsrp(rat, dbm)),
        scale("RSRQ", signal.rsrq_db, "dB", &Quality::of_rsrq),
        scale("SINR", signal.sinr_db, "dB", &Quality::of_sinr),
        scale("RSSI", signal.rssi_dbm, "dBm", &|_| None),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The grade of the whole reading: the worst figure decides.
pub fn overall(doc: &Document) -> Option<Quality> {
    let (signal, as_f32) = (&doc.signal, |value: f64| value as f32);
    let rat = doc.network.rat.unwrap_or(Rat::LteM);
    Quality::of(rat, signal.rsrp_dbm.map(as_f32), signal.rsrq_db.map(as_f32), signal.sinr_db.map(as_f32))
}

/// How good a grade is.
pub const fn tone(quality: Option<Quality>) -> Tone {
    match quality {
        Some(Quality::Good | Quality::Usable) => Tone::Good,
        Some(Quality::Poor) => Tone::Warn,
        Some(Quality::Edge) => Tone::Bad,
        None => Tone::Plain,
    }
}

/// What a grade means to somebody with an antenna in the hand.
pub const fn advice(quality: Quality) -> &'static str {
    match quality {
        Quality::Good => "nothing to do",
        Quality::Usable => "works; an antenna in a better place saves energy",
        Quality::Poor => {
            "works with repetitions, which cost energy: turn or move the antenna, then `lpwa signal` again"
        }
        Quality::Edge => "the edge of coverage: move the antenna up or outside, then `lpwa signal` again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::say::tests::modem;

    #[test]
    fn the_technology_decides_the_grade() {
        let mut doc = modem("connected");
        (doc.signal.rsrp_dbm, doc.signal.rssi_dbm) = (Some(-112.0), Some(-80.0));
        doc.network.rat = Some(Rat::LteM);
        assert_eq!(scales(&doc).iter().map(Scale::text).collect::<Vec<_>>(), ["-112 dBm, poor", "-80 dBm"]);
        doc.network.rat = Some(Rat::NbIot);
        assert_eq!(scales(&doc)[0].text(), "-112 dBm, usable");
        doc.signal.sinr_db = Some(-6.0);
        assert_eq!(overall(&doc), Some(Quality::Edge));
    }
}
