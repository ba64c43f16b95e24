//! What the modem does with its current, moment by moment, and what that draws.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::modem::definition::{Definition, Library, Row};
use crate::policy::energy::{Activity, Case, Charge, Coverage, Evidence, Load, Model, Quantity, Table};
use crate::spec::rat::Rat;

use super::modem::SimModem;
use super::power::Power;
use super::radio::Use;

/// The figures that come with this program.
static TABLE: LazyLock<Table> = LazyLock::new(Table::builtin);

/// The currents of a model on LTE-M and on NB-IoT.
///
/// Other technologies are counted as LTE-M, which is too little for GSM: no figures for them are at hand.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draw {
    lte_m: Model,
    nb_iot: Model,
}

impl Draw {
    /// What the model of `definition` draws, by the table that comes with this program.
    pub(super) fn of(definition: &Definition) -> Option<Arc<Self>> {
        let chain = chain(&definition.name);
        let figures = |rat| TABLE.model(&chain, rat);
        Some(Arc::new(Self { lte_m: figures(Rat::LteM)?, nb_iot: figures(Rat::NbIot)? }))
    }

    const fn on(&self, rat: Rat) -> &Model {
        if matches!(rat, Rat::NbIot) { &self.nb_iot } else { &self.lte_m }
    }

    /// The charge of `times`, mC by cause, in good coverage.
    pub(super) fn charge(&self, times: impl Iterator<Item = (Rat, Activity, Duration)>, case: Case) -> Charge {
        let mut charge = Charge::default();
        for (rat, activity, span) in times {
            let load = Load { model: self.on(rat), coverage: Coverage::Ce0, case };
            charge.add(activity, load.current_ma(activity) * span.as_secs_f64());
        }
        charge
    }

    /// How well the worst known of the currents is known.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        let currents = [Quantity::PsmFloor, Quantity::Rest, Quantity::Active, Quantity::Connected, Quantity::Rx];
        currents.into_iter().filter_map(|quantity| Some(self.lte_m.figure(quantity)?.1.mark)).max()
    }
}

/// The name of a model file and those of the shipped files that it extends, nearest first: its figures may be theirs.
fn chain(name: &str) -> Vec<&str> {
    static SHIPPED: LazyLock<Vec<Row>> = LazyLock::new(|| Library::builtin().list());
    let above = |name: &&str| SHIPPED.iter().find(|row| row.name == *name).and_then(|row| row.extends.as_deref());
    std::iter::successors(Some(name), above).take(SHIPPED.len()).collect()
}

impl SimModem {
    /// Lets the clock go on to `to`, and enters in the meter what the modem did meanwhile.
    pub(super) fn pass(&mut self, to: Duration) {
        while self.now < to {
            let turns = [self.drowsy_at(), self.radio.busy_until()];
            let next = turns.into_iter().flatten().filter(|at| *at > self.now).min().map_or(to, |at| at.min(to));
            let rat = self.radio.cell().map(|cell| cell.rat).or_else(|| self.rats().first().copied());
            self.meter.spend(rat.unwrap_or(Rat::LteM), self.activity(), next.saturating_sub(self.now));
            self.now = next;
        }
    }

    fn activity(&self) -> Activity {
        match self.power {
            Power::Off => Activity::Off,
            Power::Booting => Activity::Boot,
            Power::Asleep | Power::On { dozing: true } => Activity::Psm,
            // It does nothing, and does not rest.
            Power::Hung => Activity::HostAwake,
            Power::On { dozing: false } => match self.radio.in_use(self.now) {
                Some(Use::Search) => Activity::Search,
                Some(Use::Attach) => Activity::Attach,
                Some(Use::Update) => Activity::Update,
                Some(Use::Transfer) => Activity::Connected,
                Some(Use::Tail) => Activity::Tail,
                None => self.at_rest(),
            },
        }
    }

    /// The radio rests; so may the rest, if the host leaves it alone.
    fn at_rest(&self) -> Activity {
        match self.radio.edrx() {
            _ if !self.is_drowsy() => Activity::HostAwake,
            Some(edrx) => Activity::Edrx { cycle: edrx.cycle },
            None if self.radio.registration().is_registered() => Activity::Drx,
            None => Activity::RadioOff,
        }
    }
}
