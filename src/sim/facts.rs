//! What is true of the modem now, as the facts that a model file's patterns print.

use crate::private::Private;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::state::fact::Fact;

use super::card::CardState;
use super::modem::SimModem;
use super::network::{Cell, EdrxWish, Wish};
use super::settings::Selection;

impl SimModem {
    /// Everything that is true of the modem now and that it could know.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![
            Fact::Manufacturer(self.profile.manufacturer(&self.definition)),
            Fact::Model(self.profile.product(&self.definition)),
            Fact::Revision(self.profile.revision.clone()),
            Fact::Registration(self.radio.registration()),
            Fact::RrcConnected(self.radio.rrc()),
            Fact::Context(self.definition.capabilities.default_context),
        ];
        facts.extend(self.profile.imei.parse().ok().map(Fact::Imei));
        facts.extend(self.card_facts());
        facts.extend(self.radio.cell().into_iter().flat_map(cell_facts));
        facts.extend(self.grant_facts());
        facts
    }

    fn card_facts(&self) -> Vec<Fact> {
        let state = self.card.state();
        if state == CardState::Absent {
            return Vec::new();
        }
        let mut facts = vec![Fact::PinRetries(self.card.pin_tries), Fact::PukRetries(self.card.puk_tries)];
        facts.extend(self.card.iccid.parse().ok().map(|v| Fact::Iccid(Private::new(v))));
        let imsi = self.card.imsi.parse().ok().filter(|_| state == CardState::Ready);
        facts.extend(imsi.map(|v| Fact::Imsi(Private::new(v))));
        facts
    }

    fn grant_facts(&self) -> Vec<Fact> {
        if !self.radio.registration().is_registered() {
            return Vec::new();
        }
        let psm = self.radio.psm();
        let seconds = |time: std::time::Duration| u32::try_from(time.as_secs()).ok();
        let ms = |time: std::time::Duration| u32::try_from(time.as_millis()).ok();
        let mut facts = vec![
            Fact::GrantedTau(psm.and_then(|p| p.periodic_tau).and_then(seconds)),
            Fact::GrantedActive(psm.and_then(|p| seconds(p.active_time))),
            Fact::GrantedEdrx(self.radio.edrx().and_then(|e| ms(e.cycle))),
        ];
        facts.extend(self.radio.edrx().and_then(|e| ms(e.ptw)).map(Fact::GrantedPtw));
        facts
    }

    /// What the modem asks the network for.
    pub(super) fn wish(&self) -> Wish {
        let kept = &self.kept;
        let plmn = match kept.selection {
            Selection::Manual(plmn) => Some(plmn),
            Selection::Automatic | Selection::Deregistered => None,
        };
        let rats = self.rats();
        let edrx = |rat: &Rat| {
            let act = rat.edrx_act_type()?;
            let (cycle, ptw) = (kept.edrx.get(&act)?.clone(), kept.windows_in_force.get(&act).cloned());
            Some(EdrxWish { rat: *rat, cycle, ptw })
        };
        Wish {
            plmn,
            home: self.home(),
            psm: kept.psm_timers.clone().filter(|_| kept.psm),
            edrx: rats.iter().filter_map(edrx).collect(),
            rats: rats.into_iter().filter(|rat| kept.selected_rat.is_none_or(|s| s == *rat)).collect(),
        }
    }

    pub(super) fn home(&self) -> Option<Plmn> {
        self.card.home().filter(|_| self.card.present)
    }

    /// The serving cell, while registered.
    pub(super) fn serving(&self) -> Option<&Cell> {
        self.radio.cell().filter(|_| self.radio.registration().is_registered())
    }
}

fn cell_facts(cell: &Cell) -> Vec<Fact> {
    let mut facts = vec![
        Fact::Rat(cell.rat),
        Fact::Operator(cell.operator.clone()),
        Fact::Tac(cell.tac.into()),
        Fact::CellId(cell.cell_id.into()),
        Fact::Pci(cell.pci),
        Fact::Earfcn(cell.earfcn),
        Fact::Band(cell.band),
        Fact::CeLevel(0),
        Fact::Rsrp(cell.rsrp),
        Fact::Rsrq(cell.rsrq),
        Fact::Rssi(cell.rssi),
        Fact::Sinr(cell.sinr),
    ];
    facts.extend(cell.plmn.map(Fact::Plmn));
    facts
}
