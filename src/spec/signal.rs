//! Signal scales: the index that a modem reports to dBm or dB, and what the figure is worth.
//!
//! An index names a bucket; its lower edge is taken (TS 36.133 §9.1.4 and §9.1.7, TS 38.133 §10.1.6). The lowest
//! bucket has no lower edge, the highest no upper: there the true value may lie further out. Unknown (99 or 255) and
//! out of range are both `None`.

use super::rat::Rat;

/// The lower edge of bucket `index` on a scale of `0..=top` that starts at `base` and goes up by `step`.
fn bucket(index: i64, top: i64, base: f32, step: f32) -> Option<f32> {
    (0..=top).contains(&index).then_some(base + step * index as f32)
}

/// `<rssi>` of `+CSQ`, 0 to 31, in dBm (TS 27.007 §8.5). No measure of quality on LTE-M and NB-IoT.
pub fn csq_rssi_dbm(index: i64) -> Option<f32> {
    bucket(index, 31, -113.0, 2.0)
}

/// `<rxlev>` of `+CESQ`, 0 to 63, in dBm (TS 27.007 §8.69); GSM.
pub fn rxlev_dbm(index: i64) -> Option<f32> {
    bucket(index, 63, -111.0, 1.0)
}

/// `<rscp>` of `+CESQ`, 0 to 96, in dBm; UMTS.
pub fn rscp_dbm(index: i64) -> Option<f32> {
    bucket(index, 96, -121.0, 1.0)
}

/// `<ecno>` of `+CESQ`, 0 to 49, in dB; UMTS.
pub fn ecno_db(index: i64) -> Option<f32> {
    bucket(index, 49, -24.5, 0.5)
}

/// `<rsrq>` of `+CESQ`, 0 to 34, in dB; LTE.
pub fn rsrq_db(index: i64) -> Option<f32> {
    bucket(index, 34, -20.0, 0.5)
}

/// `<rsrp>` of `+CESQ`, 0 to 97, in dBm; LTE.
pub fn rsrp_dbm(index: i64) -> Option<f32> {
    bucket(index, 97, -141.0, 1.0)
}

/// `<ss_rsrq>` of `+CESQ`, 0 to 126, in dB; NR.
pub fn ss_rsrq_db(index: i64) -> Option<f32> {
    bucket(index, 126, -43.5, 0.5)
}

/// `<ss_rsrp>` of `+CESQ`, 0 to 126, in dBm; NR.
pub fn ss_rsrp_dbm(index: i64) -> Option<f32> {
    bucket(index, 126, -157.0, 1.0)
}

/// `<ss_sinr>` of `+CESQ`, 0 to 127, in dB; NR.
pub fn ss_sinr_db(index: i64) -> Option<f32> {
    bucket(index, 127, -23.5, 0.5)
}

/// RSRP index with the extension downwards for coverage enhancement, -17 to 97, in dBm (TS 36.133 §9.1.4).
///
/// Nordic's `%CESQ`, `%XMONITOR` and `%NCELLMEAS` use it.
pub fn rsrp_extended_dbm(index: i64) -> Option<f32> {
    match index {
        // -1 and 0 are neighbours around the old lowest bucket, so the extension is one off.
        -17..0 => Some(index as f32 - 140.0),
        _ => rsrp_dbm(index),
    }
}

/// RSRQ index with the extension to both sides, -30 to 46, in dB (TS 36.133 §9.1.7).
pub fn rsrq_extended_db(index: i64) -> Option<f32> {
    match index {
        -30..0 => Some((index as f32 - 39.0) * 0.5),
        35..=46 => Some((index as f32 - 41.0) * 0.5),
        _ => rsrq_db(index),
    }
}

/// Signal to noise ratio of Nordic's `%XMONITOR` and `%CONEVAL`, 0 to 49, in dB.
pub fn nordic_snr_db(index: i64) -> Option<f32> {
    bucket(index, 49, -24.0, 1.0)
}

/// `<sinr>` of Quectel's `+QCSQ` on LTE, 0 to 250 in fifths of a decibel above -20 dB, in dB.
pub fn quectel_sinr_db(raw: i64) -> Option<f32> {
    bucket(raw, 250, -20.0, 0.2)
}

/// What a signal is worth, best first. The thresholds are field practice, no standard has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Everything works; repetitions are rare.
    Good,
    /// Works.
    Usable,
    /// Works with repetitions, which cost energy; turn or move the antenna.
    Poor,
    /// The edge of coverage: LTE-M CE mode B, NB-IoT ECL 2, and often nothing at all.
    Edge,
}

impl Quality {
    /// The stable name: `good, usable, poor, edge`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Usable => "usable",
            Self::Poor => "poor",
            Self::Edge => "edge",
        }
    }

    /// `good` lies above the first threshold; the lower two belong to the better side.
    fn graded(value: f32, good: f32, usable: f32, poor: f32) -> Option<Self> {
        match value {
            v if v.is_nan() => None,
            v if v > good => Some(Self::Good),
            v if v >= usable => Some(Self::Usable),
            v if v >= poor => Some(Self::Poor),
            _ => Some(Self::Edge),
        }
    }

    /// Of RSRP in dBm. NB-IoT hears five decibels deeper than the others; GSM and UMTS have no RSRP.
    pub fn of_rsrp(rat: Rat, dbm: f32) -> Option<Self> {
        match rat {
            Rat::Lte | Rat::LteM | Rat::Nr => Self::graded(dbm, -95.0, -110.0, -120.0),
            Rat::NbIot => Self::graded(dbm, -100.0, -115.0, -125.0),
            Rat::Gsm | Rat::EcGsm | Rat::Umts => None,
        }
    }

    /// Of RSRQ in dB.
    pub fn of_rsrq(db: f32) -> Option<Self> {
        Self::graded(db, -10.0, -15.0, -20.0)
    }

    /// Of SINR in dB.
    pub fn of_sinr(db: f32) -> Option<Self> {
        Self::graded(db, 13.0, 0.0, -5.0)
    }

    /// Of a whole reading: the worst of what is known, for that is what a link suffers from.
    pub fn of(rat: Rat, rsrp_dbm: Option<f32>, rsrq_db: Option<f32>, sinr_db: Option<f32>) -> Option<Self> {
        let rsrp = rsrp_dbm.and_then(|dbm| Self::of_rsrp(rat, dbm));
        rsrp.max(rsrq_db.and_then(Self::of_rsrq)).max(sinr_db.and_then(Self::of_sinr))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reported with the buckets of TS 27.007 §8.5 and §8.69, TS 36.133 and TS 38.133.
    #[test]
    fn indexes_give_the_lower_edge() {
        for (read, expected) in [
            (csq_rssi_dbm(0), -113.0),
            (csq_rssi_dbm(15), -83.0),
            (csq_rssi_dbm(31), -51.0),
            (rxlev_dbm(10), -101.0),
            (rscp_dbm(96), -25.0),
            (ecno_db(49), 0.0),
            (rsrp_dbm(60), -81.0),
            (rsrp_dbm(80), -61.0),
            (rsrp_dbm(97), -44.0),
            (rsrq_db(17), -11.5),
            (rsrq_db(20), -10.0),
            (rsrq_db(34), -3.0),
            (ss_rsrp_dbm(70), -87.0),
            (ss_rsrq_db(66), -10.5),
            (ss_sinr_db(66), 9.5),
            (rsrp_extended_dbm(-5), -145.0),
            (rsrp_extended_dbm(-17), -157.0),
            (rsrp_extended_dbm(53), -88.0),
            (rsrq_extended_db(-1), -20.0),
            (rsrq_extended_db(35), -3.0),
            (rsrq_extended_db(30), -5.0),
            (nordic_snr_db(22), -2.0),
            (quectel_sinr_db(195), 19.0),
            (quectel_sinr_db(0), -20.0),
        ] {
            assert!((read.unwrap() - expected).abs() < 0.001, "{read:?}, not {expected}");
        }
    }

    #[test]
    fn unknown_and_out_of_range_are_none() {
        let scales: [fn(i64) -> Option<f32>; 13] = [
            csq_rssi_dbm,
            rxlev_dbm,
            rscp_dbm,
            ecno_db,
            rsrq_db,
            rsrp_dbm,
            ss_rsrq_db,
            ss_rsrp_dbm,
            ss_sinr_db,
            rsrp_extended_dbm,
            rsrq_extended_db,
            nordic_snr_db,
            quectel_sinr_db,
        ];
        for scale in scales {
            for index in [i64::MIN, -31, 255, 32_767, i64::MAX] {
                assert_eq!(scale(index), None);
            }
        }
        assert_eq!([csq_rssi_dbm(99), rxlev_dbm(99), csq_rssi_dbm(-1), rsrp_dbm(98)], [None; 4]);
    }

    #[test]
    fn quality_depends_on_the_technology() {
        let quality = |rat, dbm| Quality::of_rsrp(rat, dbm).unwrap();
        assert_eq!(quality(Rat::LteM, -94.0), Quality::Good);
        assert_eq!(quality(Rat::LteM, -112.0), Quality::Poor);
        assert_eq!(quality(Rat::NbIot, -112.0), Quality::Usable);
        assert_eq!(quality(Rat::LteM, -121.0), Quality::Edge);
        assert_eq!(quality(Rat::NbIot, -126.0), Quality::Edge);
        assert_eq!(Quality::of_rsrp(Rat::Gsm, -80.0), None);
    }

    #[test]
    fn the_worst_figure_decides() {
        assert_eq!(Quality::of(Rat::LteM, Some(-80.0), Some(-17.0), Some(20.0)), Some(Quality::Poor));
        assert_eq!(Quality::of(Rat::LteM, Some(-80.0), None, None), Some(Quality::Good));
        assert_eq!(Quality::of(Rat::LteM, None, None, None), None);
        assert_eq!(Quality::of(Rat::LteM, Some(f32::NAN), None, Some(5.0)), Some(Quality::Usable));
    }
}
