//! Notices that the modem sends on its own (URCs): the standard ones, and those of the model file.

use std::time::Duration;

use crate::modem::definition::{Urc, UrcKind};
use crate::state::fact::Fact;

use super::agenda::Due;
use super::card::CardState;
use super::modem::{Mode, SimModem};
use super::power::Power;
use super::radio::RadioEvent;
use super::saving::{EdrxGrant, PsmGrant};

/// What the host was told last: a notice is a change.
#[derive(Debug, Clone, Default)]
pub(super) struct Reported {
    /// `+CREG`, `+CGREG`, `+CEREG`.
    pub(super) registration: [String; 3],
    psm: Option<PsmGrant>,
    edrx: Option<EdrxGrant>,
    pub(super) failure: Option<Failure>,
}

/// The last refusal, for `+CEER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// EMM cause.
    Registration(u8),
    /// ESM cause.
    Context(u8),
}

/// Notices that the standard commands switch on; a model file that names them too does not double them.
const STANDARD: [&str; 8] = ["+CREG", "+CGREG", "+CEREG", "+CSCON", "+CEDRXP", "+CGEV", "+CTZV", "+CIEV"];

impl SimModem {
    /// Sends `text` as a line of its own, unless a data call has the port.
    pub(super) fn say(&mut self, text: &str) {
        if matches!(self.power, Power::On { .. }) && !matches!(self.mode, Mode::Data { .. }) {
            self.send(format!("\r\n{text}\r\n").into_bytes());
        }
    }

    /// Sends the model's notice of a kind: the first form that the host gets.
    pub(super) fn notify(&mut self, kind: UrcKind, facts: &[Fact]) {
        let forms = self.definition.urcs.iter().filter(|urc| urc.kind == kind);
        let form = forms.map(|urc| (name_of(urc), urc)).find(|(name, _)| self.wants(name));
        if let Some((_, urc)) = form {
            let text = urc.pattern.render(facts, &self.definition.rat_names());
            self.say(&text);
        }
    }

    /// Whether the host asked for the notice, or gets it without asking.
    fn wants(&self, name: &str) -> bool {
        if STANDARD.contains(&name) {
            return false;
        }
        let asks = |line: &String| line.get(2..).is_some_and(|l| l.split(['=', '?']).next() == Some(name));
        !self.definition.subscribe.iter().any(asks) || self.settings.subscribed.contains(name)
    }

    pub(super) fn notify_ready(&mut self) {
        self.notify(UrcKind::Ready, &[]);
    }

    pub(super) fn sim_ready(&mut self) {
        if self.card.state() == CardState::Ready {
            self.notify(UrcKind::SimReady, &[]);
        }
        self.radio_follows();
    }

    /// Tells the host, where it asked, what happened on the air.
    pub(super) fn heard(&mut self, events: Vec<RadioEvent>) {
        for event in events {
            match event {
                RadioEvent::Refused(cause) => self.refused(cause),
                RadioEvent::Rrc(up) => self.rrc(up),
                RadioEvent::Registered => self.registered(),
                RadioEvent::Updated => self.granted(),
                RadioEvent::Lost => self.agenda.cancel(&Due::Sleep),
            }
        }
        self.report_registration();
    }

    fn refused(&mut self, cause: u8) {
        self.report_registration();
        self.reported.failure = Some(Failure::Registration(cause));
        if self.settings.cnec & 8 != 0 {
            self.say(&format!("+CNEC_EMM: {cause}"));
        }
    }

    fn rrc(&mut self, up: bool) {
        // A cell is told of before the connection to it (T-18 of the transcripts), a grant after.
        if !self.radio.registration().is_registered() {
            self.report_registration();
        }
        if up {
            self.agenda.cancel(&Due::Sleep);
            self.stir();
        }
        let state = u8::from(up);
        match self.settings.cscon {
            0 => {}
            1 => self.say(&format!("+CSCON: {state}")),
            // <state> 7: E-UTRAN connected (TS 27.007 clause 7.30).
            _ if up => self.say("+CSCON: 1,7"),
            _ => self.say("+CSCON: 0"),
        }
        self.notify(UrcKind::Rrc, &[Fact::RrcConnected(up)]);
        if let Some(psm) = self.radio.psm().filter(|_| !up && self.radio.update_at().is_some()) {
            // T3324 starts with the release.
            self.agenda.at(self.now.saturating_add(psm.active_time), Due::Sleep);
        }
    }

    fn registered(&mut self) {
        self.report_registration();
        if !self.definition.capabilities.activate {
            let cid = self.definition.capabilities.default_context;
            // A refusal of the default bearer shows where somebody asks for it.
            let _ = self.activate(cid);
        }
        if self.settings.ctzr > 0 {
            self.say(&format!("+CTZV: {:+03}", self.network.zone));
        }
        self.granted();
        if self.settings.indicators {
            self.say("+CIEV: 3,1");
        }
    }

    /// Tells of grants that are new.
    fn granted(&mut self) {
        let psm = self.radio.psm().cloned();
        if psm.is_some() && psm != self.reported.psm {
            let facts = self.facts();
            self.notify(UrcKind::PsmGranted, &facts);
        }
        self.reported.psm = psm;
        let edrx = self.radio.edrx().cloned();
        if self.kept.edrx_reports && edrx != self.reported.edrx {
            let line = self.edrx_line("+CEDRXP");
            self.say(&line);
        }
        self.reported.edrx = edrx;
    }

    /// `+CREG`, `+CGREG`, `+CEREG` where they changed.
    pub(super) fn report_registration(&mut self) {
        for domain in super::at::registration::Domain::ALL {
            let text = self.registration_text(domain);
            let last = self.reported.registration.get_mut(domain as usize);
            let Some(last) = last.filter(|last| **last != text) else { continue };
            last.clone_from(&text);
            if self.reports(domain) > 0 {
                self.say(&format!("{}: {text}", domain.name()));
            }
        }
    }

    /// The network took a context down.
    pub(super) fn context_lost(&mut self, cid: u8) {
        if self.leases.remove(&cid).is_none() {
            return;
        }
        self.no_carrier();
        if self.settings.cgerep > 0 {
            self.say(&format!("+CGEV: NW PDN DEACT {cid}"));
        }
        self.notify(UrcKind::ContextLost, &[Fact::Context(cid)]);
    }

    /// The clock of the network now, seconds since 1970 UTC.
    pub(super) fn network_clock(&self) -> u64 {
        self.network.clock.saturating_add(Duration::as_secs(&self.now))
    }

    /// Seconds since midnight, and the date (year, month, day), UTC.
    pub(super) fn network_date(&self) -> (u64, (u64, u64, u64)) {
        let clock = self.network_clock();
        (clock % 86_400, super::at::general::civil(clock / 86_400))
    }
}

/// What a notice is switched on by: its start up to the colon, or all of it.
fn name_of(urc: &Urc) -> String {
    urc.pattern.prefix().map_or_else(|| urc.pattern.text().to_owned(), |prefix| prefix.trim_end_matches(':').to_owned())
}
