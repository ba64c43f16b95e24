//! What a line that answers nothing says, and how it enters the state: the standard's notices first, then the
//! model's own.

use std::time::Duration;

use super::backend::at::granted_edrx;
use super::backend::{self, qmi};
use super::definition::{Definition, UrcKind};
use crate::codec::at::answer::event::{Happening, PacketEvent};
use crate::codec::at::answer::registration::{self, Domain, Report};
use crate::codec::at::answer::{event, power};
use crate::codec::mbim;
use crate::codec::mbim::message::basic_connect::CONNECT;
use crate::codec::qmi::{Message, Service};
use crate::spec::cause::Cause;
use crate::spec::registration::Registration;
use crate::spec::timer::{t3324, t3412};
use crate::state::fact::Fact;
use crate::state::{Lifecycle, ModemState, PsmTimers, Reading, SimState, Timestamp};

/// What a modem tells by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A line that answers nothing.
    Line(String),
    /// An indication of QMI.
    Qmi(Message),
    /// An indication of MBIM.
    Mbim(Indication),
}

/// An indication of MBIM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indication {
    /// The service.
    pub service: mbim::Service,
    /// The command of the service.
    pub cid: u32,
    /// The information buffer.
    pub buffer: Vec<u8>,
    /// The version of the extensions that it is written in.
    pub version: mbim::Version,
}

impl Notice {
    /// Whether it tells of the same thing as `earlier`, as it is now. Lines are never compared; each message of WMS is
    /// one that arrived.
    pub fn replaces(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (Self::Qmi(later), Self::Qmi(earlier)) => {
                let what = |message: &Message| (message.service, message.client, message.id);
                what(later) == what(earlier) && later.service != Service::WMS
            }
            (Self::Mbim(later), Self::Mbim(earlier)) => {
                // Several contexts have one command.
                let alike = later.buffer.get(..4) == earlier.buffer.get(..4) || later.cid != CONNECT.number;
                let what = |told: &Indication| (told.service, told.cid);
                what(later) == what(earlier) && alike && later.service != mbim::Service::Sms
            }
            _ => false,
        }
    }

    /// Whether it tells of granted eDRX.
    pub fn tells_edrx(&self) -> bool {
        matches!(self, Self::Line(line) if line.starts_with("+CEDRXP"))
    }
}

/// What the actor has to do about a notice, beside entering it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing more.
    Noted,
    /// The SIM went away.
    SimRemoved,
    /// The SIM can be read.
    SimReady,
    /// The modem sleeps now, for so long where it tells.
    Asleep(Option<Duration>),
    /// The RRC connection came up, or was released.
    Rrc(bool),
    /// It is back from sleep.
    Awake,
    /// It switched itself off.
    PoweredDown,
    /// A data context is said to have gone down.
    ContextLost,
}

/// What the model file says of a line that answers nothing.
pub fn read(definition: &Definition, line: &str) -> Option<(UrcKind, Vec<Fact>)> {
    let rats = definition.rat_names();
    definition.urcs.iter().find_map(|urc| Some((urc.kind, urc.pattern.parse(line, &rats)?)))
}

/// Reads a notice into the state and tells what follows from it.
pub fn enter(state: &mut ModemState, definition: &Definition, notice: &Notice, now: Timestamp) -> Meaning {
    match notice {
        Notice::Line(line) => enter_line(state, definition, line, now),
        Notice::Qmi(message) => qmi::notice::enter(state, definition, message, now),
        Notice::Mbim(told) => backend::mbim::notice::enter(state, definition, told, now),
    }
}

fn enter_line(state: &mut ModemState, definition: &Definition, line: &str, now: Timestamp) -> Meaning {
    if let Ok(report) = registration::parse(line, false) {
        return enter_registration_notice(state, definition, &report, now);
    }
    if let Ok(event) = event::cgev(line) {
        return enter_context_event(state, definition, &event);
    }
    if let Ok(grant) = power::cedrxp(line) {
        state.power.edrx_granted = Some(Reading::new(grant.and_then(|grant| granted_edrx(definition, &grant)), now));
        return Meaning::Noted;
    }
    match read(definition, line) {
        Some((kind, facts)) => {
            state.learn_all(&facts, now);
            enter_vendor(state, kind, &facts, now)
        }
        None => Meaning::Noted,
    }
}

/// A modem that may sleep reports "out of coverage" when it does, and a registration when it is back (HL78xx, transcript
/// T-29).
fn enter_registration_notice(
    state: &mut ModemState,
    definition: &Definition,
    report: &Report,
    now: Timestamp,
) -> Meaning {
    let asleep = state.reachability.is_asleep();
    let may_sleep = state.power.psm_requested.is_some() && state.power.psm_granted.is_none_or(|g| g.value.is_some());
    if report.domain == Domain::Eps && report.registration() == Registration::Unknown && may_sleep {
        return Meaning::Asleep(None);
    }
    enter_registration(state, definition, report, now);
    if asleep { Meaning::Awake } else { Meaning::Noted }
}

/// Enters a registration report, read or told. The packet domain decides; `+CREG` says nothing of a data modem
/// (transcript T-20).
pub fn enter_registration(state: &mut ModemState, definition: &Definition, report: &Report, now: Timestamp) {
    let packet = match report.domain {
        Domain::Cs => false,
        Domain::Ps => state.network.registration.is_none_or(|r| !r.value.is_registered()),
        Domain::Eps | Domain::FiveGs => true,
    };
    if packet {
        enter_cell(state, definition, report, now);
        enter_report(state, report, now);
        settle(state, report.registration());
    }
}

fn enter_cell(state: &mut ModemState, definition: &Definition, report: &Report, now: Timestamp) {
    let net = &mut state.network;
    net.registration = Some(Reading::new(report.registration(), now));
    if let Some(rat) = report.act.and_then(|act| definition.rat_names().of_act(act)) {
        net.rat = Some(Reading::new(rat, now));
    }
    if let Some(tac) = report.area {
        net.tac = Some(Reading::new(tac, now));
    }
    // FFFFFFFF with a registration is a Nordic modem's word for "unknown".
    if let Some(cell) = report.cell.filter(|cell| *cell != 0xFFFF_FFFF) {
        net.cell_id = Some(Reading::new(cell, now));
    }
}

/// Granted timers of a success, the cause of a refusal.
fn enter_report(state: &mut ModemState, report: &Report, now: Timestamp) {
    if report.registration().is_registered() {
        state.network.reject = None;
        return enter_psm_grant(state, report, now);
    }
    let number = report.reject_cause.and_then(|number| u8::try_from(number).ok());
    let cause = report.cause_type.zip(number).and_then(|(kind, number)| match report.domain {
        Domain::FiveGs if kind == 0 && number != 0 => Some(Cause::five_gmm(number)),
        _ => Cause::from_report(kind, number),
    });
    if let Some(cause) = cause {
        state.network.reject = Some(Reading::new(cause, now));
    }
}

fn enter_psm_grant(state: &mut ModemState, report: &Report, now: Timestamp) {
    let Some(active) = report.active_time.as_deref() else { return };
    // TS 24.008 §10.5.7.4: a deactivated T3324 says that the network does not grant PSM.
    let Ok(active) = t3324::decode_text(active) else { return };
    let tau = report.periodic_tau.as_deref().and_then(|bits| t3412::decode_text(bits).ok().flatten());
    let granted = active.map(|active_time| PsmTimers { periodic_tau: tau, active_time });
    state.power.psm_granted = Some(Reading::new(granted, now));
}

/// Moves the lifecycle along with the registration. It only moves between states of a modem whose radio is on.
fn settle(state: &mut ModemState, registration: Registration) {
    use Lifecycle::{Connecting, Denied, Registered, Searching};
    let on_the_air = matches!(state.lifecycle, Searching | Denied(_) | Registered { .. } | Connecting);
    if !(on_the_air || state.lifecycle.has_context()) {
        return;
    }
    if registration.is_registered() {
        if matches!(state.lifecycle, Searching | Denied(_)) {
            state.lifecycle = Registered { roaming: registration.is_roaming() };
            state.trouble = None;
        }
        return;
    }
    for bearer in &mut state.bearers {
        bearer.active = false;
    }
    // A cause may come with "searching": the modem goes on to the next network (transcript T-18).
    let cause = state.network.reject.map(|reject| reject.value);
    state.lifecycle = match registration {
        Registration::Denied => Denied(cause),
        _ if cause.is_some() => Denied(cause),
        _ => Searching,
    };
}

fn enter_context_event(state: &ModemState, definition: &Definition, event: &PacketEvent) -> Meaning {
    let all = event.happening == Happening::Detach;
    if !(all || matches!(event.happening, Happening::Deactivation | Happening::PdpDeactivation)) {
        return Meaning::Noted;
    }
    let cid = event.cid.unwrap_or(definition.capabilities.default_context);
    lost_context(state, |context| all || context == cid)
}

/// Whether the notice is about a context that is in use.
pub fn lost_context(state: &ModemState, lost: impl Fn(u8) -> bool) -> Meaning {
    let used = state.bearers.iter().any(|bearer| bearer.active && lost(bearer.context));
    if used { Meaning::ContextLost } else { Meaning::Noted }
}

/// Enters a registration that was told without its timers, and the cause where it was refused.
pub fn enter_outcome(state: &mut ModemState, registration: Registration, cause: Option<Cause>, now: Timestamp) {
    state.network.registration = Some(Reading::new(registration, now));
    if registration.is_registered() {
        state.network.reject = None;
    } else if let Some(cause) = cause {
        state.network.reject = Some(Reading::new(cause, now));
    }
    settle(state, registration);
}

/// Enters the state of the card.
pub fn enter_card(state: &mut ModemState, card: SimState, now: Timestamp) -> Meaning {
    let before = state.sim.state.map(|known| known.value);
    state.sim.state = Some(Reading::new(card, now));
    match card {
        SimState::Absent if before != Some(card) => Meaning::SimRemoved,
        SimState::Ready if before != Some(card) => Meaning::SimReady,
        _ => Meaning::Noted,
    }
}

fn enter_vendor(state: &mut ModemState, kind: UrcKind, facts: &[Fact], now: Timestamp) -> Meaning {
    match kind {
        UrcKind::SimRemoved => {
            state.sim.state = Some(Reading::new(SimState::Absent, now));
            Meaning::SimRemoved
        }
        UrcKind::SimReady => {
            state.sim.state = Some(Reading::new(SimState::Ready, now));
            Meaning::SimReady
        }
        UrcKind::PsmEntered => Meaning::Asleep(None),
        UrcKind::PsmExited => Meaning::Awake,
        UrcKind::Sleep => sleep_told(facts),
        UrcKind::PoweredDown => Meaning::PoweredDown,
        UrcKind::ContextLost => {
            let cid = facts.iter().find_map(|fact| if let Fact::Context(cid) = fact { Some(*cid) } else { None });
            lost_context(state, |context| cid.is_none_or(|cid| cid == context))
        }
        UrcKind::Rrc => rrc_told(facts),
        UrcKind::Boot | UrcKind::Ready | UrcKind::Signal | UrcKind::PsmGranted | UrcKind::Ignore => Meaning::Noted,
    }
}

fn sleep_told(facts: &[Fact]) -> Meaning {
    let length = facts.iter().find_map(|fact| if let Fact::SleepFor(ms) = fact { Some(*ms) } else { None });
    match length {
        None => Meaning::Noted,
        Some(0) => Meaning::Awake,
        Some(ms) => Meaning::Asleep(Some(Duration::from_millis(ms))),
    }
}

fn rrc_told(facts: &[Fact]) -> Meaning {
    let told = facts.iter().find_map(|fact| if let Fact::RrcConnected(up) = fact { Some(*up) } else { None });
    told.map_or(Meaning::Noted, Meaning::Rrc)
}
