//! A day of a device, and the life of its battery.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::activity::{Activity, Charge};
use super::formula::{self, DAY_S};
use super::load::Load;
use super::table::Quantity;
use crate::state::{Edrx, PsmTimers};

/// What the host reaches the modem by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum HostLink {
    /// A serial line that rests while nobody speaks.
    #[default]
    Uart,
    /// USB that is not suspended: it keeps the modem up.
    Usb,
}

impl HostLink {
    /// `uart, usb`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uart => "uart",
            Self::Usb => "usb",
        }
    }
}

impl Serialize for HostLink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for HostLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no host link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no host link; use uart or usb")]
pub struct UnknownHostLink(String);

impl FromStr for HostLink {
    type Err = UnknownHostLink;

    fn from_str(text: &str) -> Result<Self, UnknownHostLink> {
        [Self::Uart, Self::Usb]
            .into_iter()
            .find(|link| link.name() == text)
            .ok_or_else(|| UnknownHostLink(text.to_owned()))
    }
}

/// How a device spends its days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Habits {
    /// The time from one report to the next; `None`: it never reports.
    pub report_every: Option<Duration>,
    /// Payload of a report, bytes.
    pub bytes: u32,
    /// Power saving mode, as granted.
    pub psm: Option<PsmTimers>,
    /// Extended DRX, as granted. With PSM it matters during the active time only.
    pub edrx: Option<Edrx>,
    /// What the host reaches the modem by.
    pub host: HostLink,
}

impl Habits {
    fn listening(&self) -> Activity {
        self.edrx.map_or(Activity::Drx, |edrx| Activity::Edrx { cycle: edrx.cycle })
    }

    /// PSM that is worth something: a link that stays up keeps the modem up.
    fn sleeps(&self) -> Option<PsmTimers> {
        self.psm.filter(|_| self.host == HostLink::Uart)
    }
}

impl Load<'_> {
    /// Charge of a day, by cause.
    pub fn day(&self, habits: &Habits) -> Charge {
        let mut charge = Charge::default();
        for (activity, seconds) in self.times(habits) {
            charge.add(activity, self.current_ma(activity) * seconds);
        }
        charge
    }

    /// Seconds of a day in each activity. Those that overlap with rest are not taken off from it: less than 1 %.
    fn times(&self, habits: &Habits) -> Vec<(Activity, f64)> {
        let reports = self.reports_per_day(habits);
        let updates = formula::taus_per_day(self.periodic_tau_s(habits), reports);
        let attaches = self.at(Quantity::AttachesPerDay);
        let wakes = reports + updates;
        let mut times = vec![
            (Activity::Search, (wakes + attaches) * self.on_air_s(Quantity::Search)),
            (Activity::Attach, attaches * self.on_air_s(Quantity::AttachTime)),
            (Activity::Update, updates * self.on_air_s(Quantity::Tau)),
            (Activity::Connected, reports * self.on_air_s(Quantity::ServiceRequest)),
            (Activity::Transmit, reports * self.data_s(habits.bytes)),
            (Activity::Tail, reports * self.tail_s(habits)),
        ];
        match (habits.host, habits.sleeps()) {
            (HostLink::Usb, _) => times.push((Activity::HostAwake, DAY_S)),
            (HostLink::Uart, None) => times.push((habits.listening(), DAY_S)),
            (HostLink::Uart, Some(timers)) => times.extend([
                (Activity::Psm, DAY_S),
                (Activity::Boot, wakes * self.at(Quantity::Boot)),
                (habits.listening(), (wakes * timers.active_time.as_secs_f64()).min(DAY_S)),
            ]),
        }
        times
    }

    /// No more than can be sent one after the other.
    fn reports_per_day(&self, habits: &Habits) -> f64 {
        let interval_s = |every: Duration| every.as_secs_f64().max(self.sending_s(habits.bytes)).max(0.001);
        habits.report_every.map_or(0.0, |every| DAY_S / interval_s(every))
    }

    /// Time on air of a report, s.
    pub fn data_s(&self, bytes: u32) -> f64 {
        let bytes = f64::from(bytes) + self.at(Quantity::Overhead);
        formula::data_s(bytes, self.less_is_worse(Quantity::Uplink), self.repetitions())
    }

    /// From the wish to send until the data is sent, s.
    pub fn sending_s(&self, bytes: u32) -> f64 {
        self.on_air_s(Quantity::ServiceRequest) + self.data_s(bytes)
    }

    /// How long a report leaves the modem connected with nothing to carry: the inactivity timer, or until the next.
    fn tail_s(&self, habits: &Habits) -> f64 {
        let until_next = habits.report_every.map_or(0.0, |every| every.as_secs_f64());
        self.at(Quantity::Inactivity).min((until_next - self.sending_s(habits.bytes)).max(0.0))
    }

    fn periodic_tau_s(&self, habits: &Habits) -> f64 {
        let asked = habits.psm.and_then(|timers| timers.periodic_tau);
        asked.map_or_else(|| self.less_is_worse(Quantity::DefaultTau), |tau| tau.as_secs_f64())
    }

    /// Life of a battery under a mean current, years.
    pub fn life_years(&self, battery: Battery, mean_ma: f64) -> f64 {
        let nominal_mah = battery.ampere_hours * 1000.0;
        let usable_mah = nominal_mah * self.less_is_worse(Quantity::UsableShare);
        formula::life_years(nominal_mah, usable_mah, mean_ma, self.at(Quantity::SelfDischarge))
    }
}

/// A battery.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Battery {
    /// Nominal capacity, Ah.
    pub ampere_hours: f64,
}

#[cfg(test)]
mod tests {
    use super::super::activity::Cause;
    use super::super::load::{Case, Coverage};
    use super::super::table::{Model, Table};
    use super::*;
    use crate::spec::rat::Rat;

    const S: fn(u64) -> Duration = Duration::from_secs;

    fn model(name: &str, rat: Rat) -> Model {
        Table::builtin().model(&[name], rat).unwrap()
    }

    fn typical(model: &Model) -> Load<'_> {
        Load { model, coverage: Coverage::Ce0, case: Case::Typical }
    }

    /// Reports, and PSM at once after them.
    fn psm(every_s: u64, bytes: u32) -> Habits {
        let timers = PsmTimers { periodic_tau: Some(S(every_s * 2)), active_time: S(0) };
        Habits { report_every: Some(S(every_s)), bytes, psm: Some(timers), ..Habits::default() }
    }

    /// A device whose whole event was measured: `seconds` at a mean current, nothing else.
    fn measured(floor_ua: f64, millicoulombs: f64, seconds: f64) -> Model {
        let zero = ["inactivity_s", "attaches_per_day", "overhead_bytes", "search_s", "boot_s"]
            .map(|key| format!("{key} = {{ value = 0, mark = \"V\", source = \"measured whole\" }}\n"));
        let figure = |key: &str, value: f64| format!("{key} = {{ value = {value}, mark = \"V\", source = \"doc\" }}\n");
        let text = format!(
            "[published.all]\n{}{}{}{}{}{}",
            zero.concat(),
            figure("psm_floor_ua", floor_ua),
            figure("service_request_s", seconds),
            figure("connected_ma", millicoulombs / seconds),
            figure("usable_share", 1.0),
            figure("self_discharge_per_year", 0.0),
        );
        let mut table = Table::builtin();
        table.lay_over(&text).unwrap();
        table.model(&["published"], Rat::LteM).unwrap()
    }

    fn close(value: f64, wanted: f64, tolerance: f64) {
        assert!((value / wanted - 1.0).abs() <= tolerance, "{value} is not {wanted}");
    }

    /// Online Power Profiler: 40 B every 1200 s, an event of 48.33 mC in 7.9 s, 2.7 µA asleep, prints 42.96 µA.
    #[test]
    fn published_mean_current_of_a_report_every_20_minutes() {
        let model = measured(2.7, 48.33, 7.9);
        close(formula::mean_ua(typical(&model).day(&psm(1200, 0)).total()), 42.96, 0.01);
    }

    /// Online Power Profiler: 20 B every 600 s prints 82.84 µA, with the same event.
    #[test]
    fn published_mean_current_of_a_report_every_10_minutes() {
        let model = measured(2.7, 48.33, 7.9);
        close(formula::mean_ua(typical(&model).day(&psm(600, 0)).total()), 82.84, 0.01);
    }

    /// nRF Connect SDK: 116.57 mC every hour and 3.44 µA from 1000 mAh are 3.18 years.
    #[test]
    fn published_life_of_a_report_an_hour() {
        let model = measured(3.44, 116.57, 12.32);
        let load = typical(&model);
        let mean_ua = formula::mean_ua(load.day(&psm(3600, 0)).total());
        close(mean_ua, 35.82, 0.01);
        close(load.life_years(Battery { ampere_hours: 1.0 }, mean_ua / 1000.0), 3.18, 0.01);
    }

    /// The row of nRF91 against the measurement that it was made from: 115.06 mC for 40 B, of which 93.82 mC are the
    /// tail; 116.57 mC for 120 B.
    #[test]
    fn nrf9160_costs_what_was_measured() {
        let model = model("nordic-nrf91", Rat::LteM);
        let event = |bytes| typical(&model).day(&Habits { report_every: Some(S(86_400)), ..psm(86_400, bytes) });
        let of = |bytes| event(bytes).of(Cause::Transfer) + event(bytes).of(Cause::Tail);
        close(of(40), 115.06, 0.02);
        close(of(120), 116.57, 0.02);
        close(event(40).of(Cause::Tail), 93.82, 0.02);
    }

    /// Product specification of nRF9160: 18 µA at eDRX 81.92 s and 6 µA at 655.36 s with one occasion in a window of
    /// 2.56 s; on NB-IoT 37 and 9 µA.
    #[test]
    fn nrf9160_idles_as_specified() {
        for (rat, cycle_s, wanted_ua) in
            [(Rat::LteM, 81.92, 18.0), (Rat::LteM, 655.36, 6.0), (Rat::NbIot, 81.92, 37.0), (Rat::NbIot, 655.36, 9.0)]
        {
            let model = model("nordic-nrf91", rat);
            let figure = |quantity| model.figure(quantity).unwrap().1.value;
            let idle = formula::idle_ma(figure(Quantity::Rest), figure(Quantity::Page), 1.0, cycle_s);
            close(idle * 1000.0, wanted_ua, 0.02);
        }
    }

    /// BG96 specification: M1 1.5 mA at DRX 1.28 s, 1.2 mA at eDRX 40.96 s; NB1 1.1 mA at eDRX 40.96 s.
    #[test]
    fn bg96_idles_as_specified() {
        let edrx = Activity::Edrx { cycle: Duration::from_millis(40_960) };
        let lte_m = model("quectel-bg96", Rat::LteM);
        close(typical(&lte_m).current_ma(Activity::Drx), 1.5, 0.01);
        close(typical(&lte_m).current_ma(edrx), 1.2, 0.01);
        close(typical(&model("quectel-bg96", Rat::NbIot)).current_ma(edrx), 1.1, 0.01);
    }

    /// TR 45.820: a report at ECL 2 can cost more than ten times one at ECL 0.
    #[test]
    fn deep_coverage_costs_ten_times_as_much() {
        let model = model("nordic-nrf91", Rat::NbIot);
        let report = |coverage| {
            let day = Load { coverage, ..typical(&model) }.day(&psm(86_400, 20));
            day.of(Cause::Transfer) + day.of(Cause::Tail)
        };
        assert!(report(Coverage::Ce1) > report(Coverage::Ce0));
        assert!(report(Coverage::Ce2) > 10.0 * report(Coverage::Ce0));
    }

    #[test]
    fn usb_keeps_the_modem_up_whatever_it_asks_for() {
        let model = model("quectel-bg96", Rat::LteM);
        let day = typical(&model).day(&Habits { host: HostLink::Usb, ..psm(86_400, 100) });
        assert_eq!((day.of(Cause::PsmFloor), day.of(Cause::Idle)), (0.0, 0.0));
        close(day.of(Cause::HostLink), 15.5 * 86_400.0, 1e-9);
    }

    #[test]
    fn cases_are_ordered_and_all_is_finite() {
        let table = Table::builtin();
        for name in table.models() {
            for rat in [Rat::LteM, Rat::NbIot] {
                let model = table.model(&[name], rat).unwrap();
                for coverage in Coverage::ALL {
                    let total = |case| Load { model: &model, coverage, case }.day(&psm(3600, 200)).total();
                    let (best, middle, worst) = (total(Case::Best), total(Case::Typical), total(Case::Worst));
                    assert!(0.0 < best && best < middle && middle < worst && worst < 1e9, "{name} {rat} {coverage}");
                }
            }
        }
    }
}
