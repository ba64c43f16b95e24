//! `+CREG`, `+CGREG`, `+CEREG` (TS 27.007 clauses 7.2, 10.1.20, 10.1.22) and `+CFUN` (clause 8.2).

use crate::sim::modem::SimModem;
use crate::sim::profile::CeregShape;
use crate::sim::saving::DEACTIVATED;
use crate::spec::registration::Registration;

use super::answer::{Answer, AtError, CME_INVALID, Reply, Then};
use super::args::Args;
use super::line::Op;
use super::{Entry, Test, code};

pub(super) const ENTRIES: &[Entry] = &[
    code("+CREG", Test::Text("(0-3)"), |modem, op| report(modem, op, Domain::Circuit)),
    code("+CGREG", Test::Text("(0-2)"), |modem, op| report(modem, op, Domain::Packet)),
    code("+CEREG", Test::Own, |modem, op| report(modem, op, Domain::Eps)),
    code("+CFUN", Test::Own, cfun),
];

/// A registration that a modem reports on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Domain {
    Circuit,
    Packet,
    Eps,
}

impl Domain {
    pub(in crate::sim) const ALL: [Self; 3] = [Self::Circuit, Self::Packet, Self::Eps];

    pub(in crate::sim) const fn name(self) -> &'static str {
        match self {
            Self::Circuit => "+CREG",
            Self::Packet => "+CGREG",
            Self::Eps => "+CEREG",
        }
    }
}

impl SimModem {
    /// Highest `<n>` that the domain takes.
    fn most(&self, domain: Domain) -> u8 {
        match domain {
            Domain::Circuit => 3,
            Domain::Packet => 2,
            Domain::Eps => self.definition.capabilities.cereg,
        }
    }

    /// `<n>` as the host set it.
    pub(in crate::sim) fn reports(&self, domain: Domain) -> u8 {
        self.settings.reports.get(domain as usize).copied().unwrap_or(0)
    }

    fn stat(&self, domain: Domain) -> u8 {
        match self.radio.registration() {
            Registration::NotRegistered => 0,
            Registration::Denied => self.profile.denied_stat,
            Registration::Home | Registration::Roaming if domain == Domain::Circuit && self.profile.creg_denied => 3,
            Registration::Home => 1,
            Registration::Roaming => 5,
            _ => 2,
        }
    }

    /// What follows the name in a notice: everything that `<n>` asks for.
    pub(in crate::sim) fn registration_text(&self, domain: Domain) -> String {
        let (n, stat) = (self.reports(domain), self.stat(domain));
        let mut text = stat.to_string();
        let registered = self.radio.registration().is_registered();
        let Some(cell) = self.radio.cell().filter(|_| n >= 2 && stat != 0) else { return text };
        let act = self.act_of(cell.rat);
        let shape = if domain == Domain::Eps && n >= 4 { self.profile.cereg } else { CeregShape::Standard };
        let (before, after) = match shape {
            CeregShape::Standard => ("", ""),
            CeregShape::RacAfterTac => (",\"1B\"", ""),
            CeregShape::RacAfterAct => ("", ",\"00\""),
        };
        text.push_str(&format!(",\"{:04X}\"{before},\"{:08X}\",{act}{after}", cell.tac, cell.cell_id));
        let reject = self.radio.reject().filter(|_| !registered && matches!(n, 3 | 5));
        if let Some(cause) = reject {
            text.push_str(&format!(",0,{cause}"));
        }
        if n >= 4 && registered {
            let (active, tau) = self.radio.psm().map_or((DEACTIVATED, DEACTIVATED), |p| (&p.active_bits, &p.tau_bits));
            text.push_str(&format!(",,,\"{active}\",\"{tau}\""));
        }
        text
    }
}

fn report(modem: &mut SimModem, op: &Op, domain: Domain) -> Reply {
    let name = domain.name();
    match op {
        Op::Test => Ok(Answer::line(format!("{name}: (0-{})", modem.most(domain)))),
        Op::Read => {
            let line = format!("{name}: {},{}", modem.reports(domain), modem.registration_text(domain));
            Ok(Answer::line(line))
        }
        Op::Set(n) => {
            let n = Args::new(n).within(0, 0..=modem.most(domain).into())?;
            if let Some(slot) = modem.settings.reports.get_mut(domain as usize) {
                *slot = n;
            }
            // A new <n> is no change to tell of.
            let text = modem.registration_text(domain);
            if let Some(slot) = modem.reported.registration.get_mut(domain as usize) {
                *slot = text;
            }
            Ok(Answer::ok())
        }
        Op::Run => Err(AtError::Plain),
    }
}

fn cfun(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Test => Ok(Answer::line("+CFUN: (0,1,4),(0,1)")),
        Op::Read => Ok(Answer::line(format!("+CFUN: {}", modem.kept.cfun))),
        Op::Set(values) => {
            let args = Args::new(values);
            let level = args.within(0, 0..=4)?;
            if !matches!(level, 0 | 1 | 4) {
                return Err(CME_INVALID);
            }
            modem.kept.cfun = level;
            if args.number(1)? == Some(1) {
                return Ok(Answer::ok().then(Then::Reboot));
            }
            if level == 0 && modem.profile.forgets_on_cfun0 {
                modem.settings.unsubscribe();
            }
            if level == 0 {
                modem.card.restart();
            }
            modem.radio_follows();
            Ok(Answer::ok().taking(modem.profile.cfun))
        }
        Op::Run => Err(AtError::Plain),
    }
}
