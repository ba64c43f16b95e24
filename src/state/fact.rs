//! One thing learnt from a modem: what a model file's pattern captures, and how it enters the state.

use std::time::Duration;

use crate::private::Private;
use crate::spec::identity::{Iccid, Imei, Imsi};
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;

use super::{Edrx, Known, ModemState, PsmTimers, Reading, Signal, Timestamp};

/// One thing learnt from a modem.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Maker.
    Manufacturer(String),
    /// Model.
    Model(String),
    /// Firmware revision.
    Revision(String),
    /// Equipment identity.
    Imei(Imei),
    /// Card identity.
    Iccid(Private<Iccid>),
    /// Subscriber identity.
    Imsi(Private<Imsi>),
    /// PIN attempts left.
    PinRetries(u8),
    /// PUK attempts left.
    PukRetries(u8),
    /// Registration.
    Registration(Registration),
    /// Technology in use.
    Rat(Rat),
    /// Serving network.
    Plmn(Plmn),
    /// Operator name.
    Operator(String),
    /// Tracking area code.
    Tac(u32),
    /// Cell identity.
    CellId(u64),
    /// Physical cell identity.
    Pci(u16),
    /// Downlink channel.
    Earfcn(u32),
    /// Band number.
    Band(u16),
    /// Coverage enhancement level.
    CeLevel(u8),
    /// RRC connection up or not.
    RrcConnected(bool),
    /// RSRP, dBm.
    Rsrp(f32),
    /// RSRQ, dB.
    Rsrq(f32),
    /// RSSI, dBm.
    Rssi(f32),
    /// SINR, dB.
    Sinr(f32),
    /// Granted T3412 extended, seconds; `None`: not granted.
    GrantedTau(Option<u32>),
    /// Granted T3324, seconds; `None`: PSM refused.
    GrantedActive(Option<u32>),
    /// Granted eDRX cycle, milliseconds; `None`: not in use.
    GrantedEdrx(Option<u32>),
    /// Granted paging time window, milliseconds.
    GrantedPtw(u32),
    /// The modem says for how long it sleeps now, milliseconds; 0 is the end of a sleep.
    SleepFor(u64),
    /// A context id, where a notice is about one.
    Context(u8),
}

fn known<T>(slot: &mut Known<T>, value: T, at: Timestamp) {
    *slot = Some(Reading::new(value, at));
}

impl ModemState {
    /// Enters what was learnt at `at`. Signal and power facts need the whole answer: [`ModemState::learn_all`].
    fn learn(&mut self, fact: &Fact, at: Timestamp) {
        let (id, sim, net) = (&mut self.identity, &mut self.sim, &mut self.network);
        match fact.clone() {
            Fact::Manufacturer(v) => known(&mut id.manufacturer, v, at),
            Fact::Model(v) => known(&mut id.model, v, at),
            Fact::Revision(v) => known(&mut id.revision, v, at),
            Fact::Imei(v) => known(&mut id.imei, v, at),
            Fact::Iccid(v) => known(&mut sim.iccid, v, at),
            Fact::Imsi(v) => known(&mut sim.imsi, v, at),
            Fact::PinRetries(v) => known(&mut sim.pin_retries, v, at),
            Fact::PukRetries(v) => known(&mut sim.puk_retries, v, at),
            Fact::Registration(v) => known(&mut net.registration, v, at),
            Fact::Rat(v) => known(&mut net.rat, v, at),
            Fact::Plmn(v) => known(&mut net.plmn, v, at),
            Fact::Operator(v) => known(&mut net.operator, v, at),
            Fact::Tac(v) => known(&mut net.tac, v, at),
            Fact::CellId(v) => known(&mut net.cell_id, v, at),
            Fact::Pci(v) => known(&mut net.pci, v, at),
            Fact::Earfcn(v) => known(&mut net.earfcn, v, at),
            Fact::Band(v) => known(&mut net.band, v, at),
            Fact::CeLevel(v) => known(&mut net.ce_level, v, at),
            Fact::RrcConnected(v) => known(&mut net.rrc_connected, v, at),
            Fact::Rsrp(_) | Fact::Rsrq(_) | Fact::Rssi(_) | Fact::Sinr(_) => {}
            Fact::GrantedTau(_) | Fact::GrantedActive(_) | Fact::GrantedEdrx(_) | Fact::GrantedPtw(_) => {}
            Fact::SleepFor(_) | Fact::Context(_) => {}
        }
    }

    /// Enters all facts of one answer or one URC, read at `at`.
    pub fn learn_all(&mut self, facts: &[Fact], at: Timestamp) {
        self.leave_network(facts);
        for fact in facts {
            self.learn(fact, at);
        }
        self.learn_signal(facts, at);
        self.learn_grants(facts, at);
    }

    /// The name of a network goes with it: whoever tells the next one need not tell its name as well.
    fn leave_network(&mut self, facts: &[Fact]) {
        let left = self
            .network
            .plmn
            .is_some_and(|known| facts.iter().any(|fact| matches!(fact, Fact::Plmn(plmn) if *plmn != known.value)));
        if left {
            self.network.operator = None;
        }
    }

    /// Timers of one answer belong together: an active time without the rest is still a grant, a period alone is not.
    fn learn_grants(&mut self, facts: &[Fact], at: Timestamp) {
        let (mut active, mut tau, mut cycle, mut ptw) = (None, None, None, None);
        for fact in facts {
            match fact {
                Fact::GrantedActive(seconds) => active = Some(*seconds),
                Fact::GrantedTau(seconds) => tau = *seconds,
                Fact::GrantedEdrx(ms) => cycle = Some(*ms),
                Fact::GrantedPtw(ms) => ptw = Some(*ms),
                _ => {}
            }
        }
        let seconds = |s: u32| Duration::from_secs(s.into());
        let ms = |ms: u32| Duration::from_millis(ms.into());
        if let Some(active) = active {
            let granted =
                active.map(|active| PsmTimers { periodic_tau: tau.map(seconds), active_time: seconds(active) });
            known(&mut self.power.psm_granted, granted, at);
        }
        if let Some(cycle) = cycle {
            let granted = cycle.map(|cycle| Edrx { cycle: ms(cycle), ptw: ptw.map(ms) });
            known(&mut self.power.edrx_granted, granted, at);
        }
    }

    /// A signal answer replaces the whole reading: scales of two moments never stand side by side.
    fn learn_signal(&mut self, facts: &[Fact], at: Timestamp) {
        let mut signal = Signal { read_at: at, ..Signal::default() };
        for fact in facts {
            match *fact {
                Fact::Rsrp(v) => signal.rsrp_dbm = Some(v),
                Fact::Rsrq(v) => signal.rsrq_db = Some(v),
                Fact::Rssi(v) => signal.rssi_dbm = Some(v),
                Fact::Sinr(v) => signal.sinr_db = Some(v),
                _ => {}
            }
        }
        let any = [signal.rsrp_dbm, signal.rsrq_db, signal.rssi_dbm, signal.sinr_db].iter().any(Option::is_some);
        if any {
            self.signal = Some(signal);
        }
    }
}
