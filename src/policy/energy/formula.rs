//! The arithmetic, one function for each formula. Charge in mC, which is mA times s; currents in mA unless the name
//! says µA; times in s.

/// Seconds of a day.
pub const DAY_S: f64 = 86_400.0;

/// Hours of a year of 365.25 days.
pub const YEAR_H: f64 = 8766.0;

/// Occasions to listen in one paging time window: one at least.
pub fn paging_occasions(window_s: f64, drx_s: f64) -> f64 {
    if drx_s > 0.0 { (window_s / drx_s).max(1.0) } else { 1.0 }
}

/// Mean current of a modem that listens `occasions` times in each cycle, and rests in between: mA.
///
/// With a DRX cycle and one occasion it is idle mode, with an eDRX cycle extended idle mode.
pub fn idle_ma(rest_ma: f64, page_mc: f64, occasions: f64, cycle_s: f64) -> f64 {
    if cycle_s > 0.0 { rest_ma + occasions * page_mc / cycle_s } else { rest_ma }
}

/// Connected mode DRX.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cdrx {
    /// On-duration, s.
    pub on_s: f64,
    /// Cycle, s.
    pub cycle_s: f64,
    /// Current while receiving, mA.
    pub rx_ma: f64,
    /// Current between two on-durations, mA.
    pub sleep_ma: f64,
    /// What measurements have over this model: 1 to 1.5.
    pub factor: f64,
}

impl Cdrx {
    /// Mean current, mA. An on-duration that fills the cycle is reception without a pause.
    pub fn mean_ma(self) -> f64 {
        let share = if self.cycle_s > 0.0 { (self.on_s / self.cycle_s).clamp(0.0, 1.0) } else { 1.0 };
        (self.sleep_ma + share * (self.rx_ma - self.sleep_ma)) * self.factor
    }
}

/// Time on air of `bytes`, s.
pub fn data_s(bytes: f64, bits_per_second: f64, repetitions: f64) -> f64 {
    if bits_per_second > 0.0 { bytes * 8.0 / bits_per_second * repetitions } else { 0.0 }
}

/// Tracking area updates a day of their own: each report starts the periodic timer anew (TS 24.301 §5.3.5), so that a
/// period with data in it has none.
pub fn taus_per_day(periodic_tau_s: f64, reports_per_day: f64) -> f64 {
    // The shortest period that T3412 can code is 2 s.
    (DAY_S / periodic_tau_s.max(2.0) - reports_per_day).max(0.0)
}

/// Mean current of a charge a day, µA.
pub fn mean_ua(millicoulombs_per_day: f64) -> f64 {
    millicoulombs_per_day / DAY_S * 1000.0
}

/// Life of a battery that loses `self_discharge` of its `nominal_mah` a year and gives `usable_mah`: years. Infinite
/// where nothing is drawn.
pub fn life_years(nominal_mah: f64, usable_mah: f64, mean_ma: f64, self_discharge: f64) -> f64 {
    usable_mah / (mean_ma + nominal_mah * self_discharge / YEAR_H) / YEAR_H
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, wanted: f64, tolerance: f64) {
        assert!((value / wanted - 1.0).abs() <= tolerance, "{value} is not {wanted}");
    }

    /// Published for BG96: 1.5 mA at DRX 1.28 s, 1.2 mA at eDRX 40.96 s.
    #[test]
    fn idle_is_rest_and_listening() {
        close(idle_ma(1.157, 0.439, 1.0, 1.28), 1.5, 0.01);
        close(idle_ma(1.157, 0.439, paging_occasions(5.12, 1.28), 40.96), 1.2, 0.01);
        assert_eq!(idle_ma(1.0, 1.0, 1.0, 0.0), 1.0);
    }

    #[test]
    fn a_window_has_one_occasion_at_least() {
        assert_eq!(paging_occasions(1.28, 2.56), 1.0);
        assert_eq!(paging_occasions(10.24, 2.56), 4.0);
        assert_eq!(paging_occasions(10.24, 0.0), 1.0);
    }

    /// One on-duration of nRF9160 with its rest is 1.92 mC, and 11 s of them were modelled as 68.89 mC.
    #[test]
    fn the_tail_is_that_of_the_model_of_the_maker() {
        let cdrx = Cdrx { on_s: 0.04, cycle_s: 0.32, rx_ma: 44.5, sleep_ma: 0.5, factor: 1.0 };
        close(cdrx.mean_ma() * 0.32, 1.92, 0.01);
        close(cdrx.mean_ma() * 11.0, 68.89, 0.05);
        assert_eq!(Cdrx { on_s: 1.0, ..cdrx }.mean_ma(), 44.5);
    }

    #[test]
    fn reports_stand_for_updates() {
        assert_eq!(taus_per_day(3600.0, 0.0), 24.0);
        assert_eq!(taus_per_day(3600.0, 24.0), 0.0);
        assert_eq!(taus_per_day(3600.0, 1000.0), 0.0);
        assert!(taus_per_day(0.0, 0.0).is_finite());
    }

    /// 1 % a year of 1000 mAh is 1.14 µA.
    #[test]
    fn a_battery_empties_itself() {
        close(life_years(1000.0, 1000.0, 0.0, 0.01), 100.0, 1e-9);
        close(life_years(1000.0, 1000.0, 0.00114, 0.01), 50.0, 0.001);
    }
}
