//! What the network makes of requests for power saving: PSM timers and eDRX.

use std::time::Duration;

use serde::Deserialize;

use crate::spec::edrx::{self, EdrxMode};
use crate::spec::rat::Rat;
use crate::spec::timer::{Rounding, t3324, t3412};

use super::text::some_span;

/// `11100000`: timer deactivated, in the coding of both PSM timers (TS 24.008 clauses 10.5.7.4 and 10.5.7.4a).
pub(super) const DEACTIVATED: &str = "11100000";

/// What becomes of PSM requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PsmPolicy {
    /// PSM is not granted at all.
    pub refuse: bool,
    /// Active time (T3324) to grant whatever is asked for.
    #[serde(deserialize_with = "some_span")]
    pub active_time: Option<Duration>,
    /// Periodic TAU (T3412 extended) to grant whatever is asked for.
    #[serde(deserialize_with = "some_span")]
    pub periodic_tau: Option<Duration>,
}

/// PSM as granted; the bits are what the modem reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PsmGrant {
    /// T3324, eight of `0` and `1`.
    pub active_bits: String,
    /// T3412 extended, eight of `0` and `1`.
    pub tau_bits: String,
    /// T3324.
    pub active_time: Duration,
    /// T3412 extended; `None`: deactivated, the network's own T3412 holds.
    pub periodic_tau: Option<Duration>,
}

impl PsmPolicy {
    /// The grant for a request; `None`: PSM is refused, or the request is none.
    pub(super) fn grant(&self, tau: &str, active: &str) -> Option<PsmGrant> {
        if self.refuse {
            return None;
        }
        let active_bits = match self.active_time {
            Some(time) => t3324::encode(time, Rounding::Up).ok()?.bits_text(),
            None => active.to_owned(),
        };
        let tau_bits = match self.periodic_tau {
            Some(time) => t3412::encode(time, Rounding::Up).ok()?.bits_text(),
            None => tau.to_owned(),
        };
        let active_time = t3324::decode_text(&active_bits).ok()??;
        let periodic_tau = t3412::decode_text(&tau_bits).ok()?;
        Some(PsmGrant { active_bits, tau_bits, active_time, periodic_tau })
    }
}

/// What becomes of eDRX requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct EdrxPolicy {
    /// eDRX is not granted at all.
    pub refuse: bool,
    /// Cycle to grant whatever is asked for.
    #[serde(deserialize_with = "some_span")]
    pub cycle: Option<Duration>,
    /// Paging time window to grant; left out: as asked, else 5.12 s on LTE-M, 10.24 s on NB-IoT.
    #[serde(deserialize_with = "some_span")]
    pub ptw: Option<Duration>,
}

/// eDRX as granted; the bits are what the modem reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdrxGrant {
    /// What was asked for, four of `0` and `1`.
    pub asked_bits: String,
    /// The cycle, four of `0` and `1`.
    pub cycle_bits: String,
    /// The paging time window, four of `0` and `1`.
    pub ptw_bits: String,
    /// The cycle.
    pub cycle: Duration,
    /// The paging time window.
    pub ptw: Duration,
}

impl EdrxPolicy {
    /// The grant for a request on `rat`, perhaps with a window; `None`: eDRX is not in use.
    pub(super) fn grant(&self, rat: Rat, asked: &str, window: Option<&str>) -> Option<EdrxGrant> {
        if self.refuse {
            return None;
        }
        let mode = EdrxMode::from(rat);
        let asked_cycle = edrx::cycle_decode_text(mode, asked).ok()??;
        let cycle = edrx::cycle_encode(mode, self.cycle.unwrap_or(asked_cycle), Rounding::Nearest);
        let usual = if mode == EdrxMode::NbS1 { 10_240 } else { 5120 };
        let window = window.and_then(|bits| edrx::ptw_decode_text(mode, bits).ok()?);
        let ptw = self.ptw.or(window).unwrap_or(Duration::from_millis(usual));
        let ptw = edrx::ptw_encode(mode, ptw, Rounding::Nearest)?;
        Some(EdrxGrant {
            asked_bits: asked.to_owned(),
            cycle_bits: cycle.bits_text(),
            ptw_bits: ptw.bits_text(),
            cycle: cycle.value,
            ptw: ptw.value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn psm_is_granted_as_asked_refused_or_fixed() {
        // T-30 of the transcripts: "00001000","00101101" is 16 s active, 46 800 s TAU.
        let asked = PsmPolicy::default().grant("00101101", "00001000").unwrap();
        assert_eq!((asked.active_time, asked.periodic_tau), (S(16), Some(S(46_800))));
        assert_eq!((asked.active_bits.as_str(), asked.tau_bits.as_str()), ("00001000", "00101101"));
        assert_eq!(PsmPolicy { refuse: true, ..PsmPolicy::default() }.grant("00101101", "00001000"), None);
        let fixed = PsmPolicy { active_time: Some(S(20)), periodic_tau: Some(S(6000)), refuse: false };
        // T-31: 00001010 is 20 s as active time, 6000 s as TAU.
        let fixed = fixed.grant("00101101", "00001000").unwrap();
        assert_eq!((fixed.active_bits.as_str(), fixed.tau_bits.as_str()), ("00001010", "00001010"));
        assert_eq!(PsmPolicy::default().grant("00101101", DEACTIVATED), None);
    }

    #[test]
    fn edrx_depends_on_the_technology() {
        // Standards facts 2.3: WB-S1 octet 0x35 is 81.92 s, window 5.12 s; NB-S1 0x3F is 10485.76 s, 10.24 s.
        let lte_m = EdrxPolicy::default().grant(Rat::LteM, "0101", None).unwrap();
        assert_eq!((lte_m.cycle_bits.as_str(), lte_m.ptw_bits.as_str()), ("0101", "0011"));
        assert_eq!(lte_m.cycle, Duration::from_millis(81_920));
        let nb = EdrxPolicy::default().grant(Rat::NbIot, "1111", None).unwrap();
        assert_eq!((nb.cycle, nb.ptw), (Duration::from_millis(10_485_760), Duration::from_millis(10_240)));
        // Code 0111 is a window of 10.24 s on LTE-M; the network may give another one all the same.
        let asked = EdrxPolicy::default().grant(Rat::LteM, "0101", Some("0111")).unwrap();
        assert_eq!((asked.ptw_bits.as_str(), asked.ptw), ("0111", Duration::from_millis(10_240)));
        let own = EdrxPolicy { ptw: Some(Duration::from_millis(2560)), ..EdrxPolicy::default() };
        assert_eq!(own.grant(Rat::LteM, "0101", Some("0111")).unwrap().ptw_bits, "0001");
        assert_eq!(EdrxPolicy { refuse: true, ..EdrxPolicy::default() }.grant(Rat::LteM, "0101", None), None);
        assert_eq!(EdrxPolicy::default().grant(Rat::LteM, "x", None), None);
    }
}
