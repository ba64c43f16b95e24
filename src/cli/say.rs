//! A modem in words: what `status`, `show`, `watch` and the dashboard all say in the same way.

use std::time::Duration;

use crate::state::json::{Document, Drx, Edrx, EdrxCycle, Granted, Mico, Network, Psm, PsmTimers};
use crate::state::{Timestamp, Wakes};

use super::out::Tone;
use super::words;

/// What a state means to a person.
pub struct StateWords {
    /// The state's stable name.
    pub name: &'static str,
    /// How good or bad it is.
    pub tone: Tone,
    /// What it means, in the place of "...": "the modem is ...".
    pub meaning: &'static str,
    /// What to do next; `{id}` is the modem. Empty: nothing, or the reason says it.
    pub next: &'static str,
}

const fn state(name: &'static str, tone: Tone, meaning: &'static str, next: &'static str) -> StateWords {
    StateWords { name, tone, meaning, next }
}

/// In the order of the way from port to data.
const STATES: [StateWords; 12] = [
    state(
        "absent",
        Tone::Bad,
        "its port is not there",
        "as the reason says, else check cable and power; the daemon waits for the port",
    ),
    state("probing", Tone::Warn, "it is being identified and set up", "wait; `lpwa watch {id}` shows each step"),
    state(
        "failed",
        Tone::Bad,
        "bring-up stopped",
        "`lpwa reset {id}` tries again; `lpwa record {id}` shows what was said on the port",
    ),
    state("no-sim", Tone::Bad, "there is no SIM card", "insert a SIM card, then `lpwa reset {id}`"),
    state(
        "locked",
        Tone::Bad,
        "the SIM wants a code",
        "`lpwa sim show {id}` shows the attempts left, `lpwa sim unlock {id}` asks for the code",
    ),
    state("off", Tone::Warn, "its radio is switched off", "`lpwa enable {id}`"),
    state(
        "searching",
        Tone::Warn,
        "it looks for a network",
        "wait, five minutes are normal in poor coverage; then check antenna and RATs, and see `lpwa scan {id}`",
    ),
    state(
        "denied",
        Tone::Bad,
        "the network refused it",
        "ask the operator whether this SIM may use LTE-M or NB-IoT here",
    ),
    state("registered", Tone::Warn, "it is registered, but no data context is up", "`lpwa connect {id}`"),
    state("connecting", Tone::Warn, "a data context is being activated", "wait; `lpwa watch {id}` shows each step"),
    state("connected", Tone::Good, "online", ""),
    state(
        "no-data-path",
        Tone::Bad,
        "it is connected, and no packet comes back",
        "another APN or SIM may have a way out; `lpwa uplink log` shows what was tried, and the operator knows what is blocked",
    ),
];

/// A state that this version does not know.
const OTHER: StateWords =
    state("", Tone::Plain, "it is in a state that this lpwa does not know", "use the lpwa of the daemon's version");

/// A PUK is asked for: another way out than for a PIN.
const PUK: &str = "`lpwa sim puk {id}` asks for the PUK and a new PIN; ten wrong PUKs destroy the SIM";

/// What the state of `doc` means.
pub fn state_words(doc: &Document) -> &'static StateWords {
    STATES.iter().find(|words| words.name == doc.state).unwrap_or(&OTHER)
}

/// Why the modem is in its state: the reason where there is one, else what the state means.
pub fn why(doc: &Document) -> String {
    doc.state_reason.clone().unwrap_or_else(|| state_words(doc).meaning.to_owned())
}

/// What to do next; `None` where all is well.
pub fn next(doc: &Document) -> Option<String> {
    if let Some(retry) = &doc.retry {
        return Some(retry.advice.clone());
    }
    if let (true, Some(reject)) = (doc.state == "denied", &doc.network.reject) {
        return Some(reject.advice.clone());
    }
    let next = match doc.sim.state.as_deref() {
        Some("puk-required") if doc.state == "locked" => PUK,
        _ => state_words(doc).next,
    };
    (!next.is_empty()).then(|| next.replace("{id}", &doc.id))
}

/// Network, as far as it is known: `LTE-M, Test Network (00101), home network`.
pub fn network(net: &Network) -> Option<String> {
    join(", ", [technology(net), operator(net), net.registration.as_deref().map(registration)])
}

/// Operator, as far as it is known: `Test Network (00101)`.
pub fn operator(net: &Network) -> Option<String> {
    match (&net.operator, &net.plmn) {
        (Some(operator), Some(plmn)) if operator != plmn => Some(format!("{operator} ({plmn})")),
        (one, other) => one.clone().or_else(|| other.clone()),
    }
}

/// Technology and band: `LTE-M, band 20`.
pub fn technology(net: &Network) -> Option<String> {
    join(", ", [net.rat.map(|rat| rat.title().to_owned()), net.band.map(|band| format!("band {band}"))])
}

/// Cell, as far as it is known: `0D4F3C15, area 1A2D`. Hexadecimal, as modems and operators write it.
pub fn cell(net: &Network) -> Option<String> {
    let cell = net.cell_id.map(|id| format!("{id:08X}"));
    join(", ", [cell, net.tac.map(|tac| format!("area {tac:04X}"))])
}

/// A registration state's name, said.
pub fn registration(name: &str) -> String {
    match name {
        "home" => "home network".into(),
        "denied" => "refused".into(),
        name => name.replace('-', " "),
    }
}

/// The parts that are there, with `between` in between; `None` where there is none.
pub fn join<const N: usize>(between: &str, parts: [Option<String>; N]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(between))
}

/// `1 h / 10 s`: T3412 extended / T3324.
fn timers(timers: &PsmTimers) -> String {
    let said = |s: Option<u64>| s.map(|s| words::span(std::time::Duration::from_secs(s)));
    let tau = said(timers.periodic_tau_s).unwrap_or_else(|| "network's default".into());
    format!("{tau} / {}", said(timers.active_time_s).unwrap_or_else(|| "?".into()))
}

/// `81.92 s / 5.12 s`: cycle / paging time window.
fn cycle(edrx: &EdrxCycle) -> String {
    join(" / ", [edrx.cycle_s.map(words::seconds), edrx.ptw_s.map(words::seconds)]).unwrap_or_else(|| "?".into())
}

/// What was asked for and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What the network gave, or that it did not.
    pub granted: String,
    /// What was asked for, where it differs.
    pub asked: Option<String>,
    /// How good that is.
    pub tone: Tone,
}

impl Grant {
    fn new(granted: impl Into<String>, asked: Option<String>, tone: Tone) -> Self {
        Self { granted: granted.into(), asked, tone }
    }

    /// In one line: `granted 3 h / 20 s, asked 1 h / 10 s`.
    pub fn line(&self) -> String {
        let asked = self.asked.as_ref().map(|asked| format!(", asked {asked}"));
        format!("{}{}", self.granted, asked.unwrap_or_default())
    }
}

/// PSM, T3412 extended / T3324: `granted 3 h / 20 s` and asked `1 h / 10 s`.
pub fn psm(psm: &Psm) -> Grant {
    grant(psm.requested.as_ref(), psm.granted.as_ref(), timers)
}

/// As [`psm`], of a modem that somebody may keep from sleeping.
pub fn psm_of(doc: &Document) -> Grant {
    let held = doc.holds.iter().any(|hold| hold.granted);
    match doc.power.psm.requested {
        None if held => Grant::new("off while it is held awake", None, Tone::Plain),
        _ => psm(&doc.power.psm),
    }
}

/// eDRX, cycle / paging time window: `granted 81.92 s / 5.12 s` and asked `20.48 s`.
pub fn edrx(edrx: &Edrx) -> Grant {
    grant(edrx.requested.as_ref(), edrx.granted.as_ref(), cycle)
}

/// MICO mode; `None` where nobody asked for it and it is not in use.
pub fn mico(mico: &Mico) -> Option<Grant> {
    let accepted = mico.accepted.as_ref().map(|mico| (mico.supported, mico.enabled));
    Some(match (mico.requested, accepted) {
        (false, None | Some((false, _))) => return None,
        (true, None) => Grant::new("not known yet", Some("on".into()), Tone::Warn),
        (true, Some((false, _))) => Grant::new("this modem cannot be asked for it", Some("on".into()), Tone::Bad),
        (true, Some((_, true))) => Grant::new("asked for at registration", None, Tone::Good),
        (true, Some((_, false))) => Grant::new("not taken by the modem", Some("on".into()), Tone::Bad),
        (false, Some((_, true))) => Grant::new("asked for at registration, unasked", None, Tone::Warn),
        (false, Some((_, false))) => Grant::new("not asked for", None, Tone::Dim),
    })
}

/// DRX cycle in 5G; `None` where nobody asked for one and the network's holds.
pub fn drx(drx: &Drx) -> Option<Grant> {
    let asked = drx.requested_s.map(words::seconds);
    let Some(accepted) = &drx.accepted else {
        return asked.map(|asked| Grant::new("not known yet", Some(asked), Tone::Warn));
    };
    let taken = accepted.cycle_s.map(words::seconds);
    Some(match (asked, taken) {
        (None, None) => return None,
        (asked, _) if !accepted.supported => Grant::new("this modem cannot be asked for it", asked, Tone::Bad),
        (asked, None) => Grant::new("not taken by the modem", asked, Tone::Bad),
        (None, Some(taken)) => Grant::new(format!("{taken} asked for at registration, unasked"), None, Tone::Warn),
        (Some(asked), Some(taken)) if asked == taken => {
            Grant::new(format!("{taken} asked for at registration"), None, Tone::Good)
        }
        (asked, Some(taken)) => Grant::new(format!("{taken} asked for at registration"), asked, Tone::Warn),
    })
}

fn grant<T>(asked: Option<&T>, granted: Option<&Granted<T>>, say: fn(&T) -> String) -> Grant {
    match (asked.map(say), granted) {
        (None, None) => Grant::new("not asked for", None, Tone::Dim),
        (None, Some(granted)) if !granted.in_use => Grant::new("not asked for, not in use", None, Tone::Dim),
        (None, Some(granted)) => Grant::new(format!("granted {} unasked", say(&granted.value)), None, Tone::Warn),
        (asked, None) => Grant::new("not known yet", asked, Tone::Warn),
        (asked, Some(granted)) if !granted.in_use => Grant::new("refused by the network", asked, Tone::Bad),
        (Some(asked), Some(granted)) => match say(&granted.value) {
            given if given == asked => Grant::new(format!("granted as asked, {asked}"), None, Tone::Good),
            given => Grant::new(format!("granted {given}"), Some(asked), Tone::Good),
        },
    }
}

/// Whether a command would be answered: `awake`, `asleep, wakes in 40 min or by PWRKEY`, `does not answer`.
pub fn reachability(doc: &Document, now: Timestamp) -> String {
    match doc.reachability.as_str() {
        "asleep" => asleep(doc, now),
        "connected" => "awake, RRC connected".into(),
        "edrx" => match next_paging(doc, now) {
            Some(next) => format!("eDRX, next paging window {}", words::ahead(now, next)),
            None => "eDRX".into(),
        },
        "unreachable" => match doc.overdue_s {
            Some(late) => format!("does not answer, {} late from its sleep", words::seconds(late)),
            None => "does not answer".into(),
        },
        "unknown" => String::new(),
        name => name.to_owned(),
    }
}

fn asleep(doc: &Document, now: Timestamp) -> String {
    let by_itself = doc.asleep_until.map(|until| words::ahead(now, until.0));
    let woken = doc.wakes_by.filter(|by| *by != Wakes::Itself).map(Wakes::words);
    match (by_itself, woken) {
        (Some(ahead), Some(by)) => format!("asleep, wakes {ahead} or {by}"),
        (Some(ahead), None) => format!("asleep, wakes {ahead}"),
        (None, Some(by)) => format!("asleep, wakes {by}"),
        (None, None) => "asleep".into(),
    }
}

/// The document names one window; later ones follow every cycle.
pub fn next_paging(doc: &Document, now: Timestamp) -> Option<Timestamp> {
    let (first, cycle) = (doc.power.next_window?.0, doc.power.edrx.granted.as_ref()?.value.cycle_s?);
    let cycle = Duration::try_from_secs_f64(cycle).ok().filter(|cycle| !cycle.is_zero())?;
    let passed = now.since(first).as_millis() / cycle.as_millis().max(1);
    let passed = if now >= first { passed.saturating_add(1) } else { 0 };
    Some(first.after(cycle.saturating_mul(u32::try_from(passed).unwrap_or(u32::MAX))))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::spec::rat::Rat;
    use crate::state::json::{Reject, Reveal};
    use crate::state::{Lifecycle, ModemState};

    /// A modem about which nothing is known but its id and state.
    pub(crate) fn modem(state: &str) -> Document {
        let empty = ModemState { id: "m0".into(), ..ModemState::default() };
        Document { state: state.into(), ..Document::new(&empty, Reveal::All) }
    }

    fn timers(tau: u64, active: u64) -> PsmTimers {
        PsmTimers { periodic_tau_s: Some(tau), active_time_s: Some(active) }
    }

    #[test]
    fn every_state_has_words() {
        let lock = crate::state::Lock { kind: crate::state::LockKind::Pin, reason: String::new() };
        let all = [
            Lifecycle::Absent,
            Lifecycle::Probing,
            Lifecycle::Failed(String::new()),
            Lifecycle::NoSim,
            Lifecycle::Locked(lock),
            Lifecycle::Off,
            Lifecycle::Searching,
            Lifecycle::Denied(None),
            Lifecycle::Registered { roaming: true },
            Lifecycle::Connecting,
            Lifecycle::Connected,
            Lifecycle::NoDataPath(String::new()),
        ];
        for lifecycle in &all {
            assert_eq!(state_words(&modem(lifecycle.name())).name, lifecycle.name());
        }
        assert_eq!(state_words(&modem("new-in-2.0")).tone, Tone::Plain);
    }

    #[test]
    fn asked_and_granted_are_kept_apart() {
        let granted = |in_use, value| Some(Granted { in_use, value });
        for (requested, granted, said) in [
            (None, None, "not asked for"),
            (Some(timers(3600, 10)), None, "not known yet, asked 1 h / 10 s"),
            (Some(timers(3600, 10)), granted(true, timers(10_800, 20)), "granted 3 h / 20 s, asked 1 h / 10 s"),
            (Some(timers(3600, 10)), granted(true, timers(3600, 10)), "granted as asked, 1 h / 10 s"),
            (Some(timers(3600, 10)), granted(false, PsmTimers::default()), "refused by the network, asked 1 h / 10 s"),
            (None, granted(true, timers(10_800, 20)), "granted 3 h / 20 s unasked"),
            (None, granted(false, PsmTimers::default()), "not asked for, not in use"),
        ] {
            assert_eq!(psm(&Psm { requested, granted }).line(), said);
        }
    }

    #[test]
    fn edrx_names_cycle_and_window() {
        let requested = Some(EdrxCycle { cycle_s: Some(20.48), ptw_s: None });
        let value = EdrxCycle { cycle_s: Some(81.92), ptw_s: Some(5.12) };
        let granted = Some(Granted { in_use: true, value });
        assert_eq!(edrx(&Edrx { requested, granted }).line(), "granted 81.92 s / 5.12 s, asked 20.48 s");
    }

    #[test]
    fn a_denied_modem_passes_on_the_advice_of_its_cause() {
        let mut doc = modem("denied");
        assert!(next(&doc).unwrap().contains("operator"));
        doc.network.reject = Some(Reject {
            cause: 11,
            domain: "emm".into(),
            name: "PLMN not allowed".into(),
            class: "permanent".into(),
            advice: "use another network".into(),
        });
        assert_eq!(next(&doc).unwrap(), "use another network");
        assert_eq!(next(&modem("connected")), None);
        doc.retry = Some(crate::state::json::Retry {
            act: "attach".into(),
            until: None,
            reason: "EMM #11 PLMN not allowed".into(),
            advice: "ask for a roaming agreement".into(),
        });
        assert_eq!(next(&doc).unwrap(), "ask for a roaming agreement");
        let mut locked = modem("locked");
        assert!(next(&locked).unwrap().contains("lpwa sim unlock m0"));
        locked.sim.state = Some("puk-required".into());
        assert!(next(&locked).unwrap().contains("lpwa sim puk m0"));
        assert_eq!(next(&modem("off")).unwrap(), "`lpwa enable m0`");
    }

    #[test]
    fn networks_and_cells() {
        let mut net = Network::default();
        assert_eq!(network(&net), None);
        net.rat = Some(Rat::LteM);
        net.plmn = Some("00101".into());
        assert_eq!(network(&net).unwrap(), "LTE-M, 00101");
        net.operator = Some("Test Network".into());
        net.registration = Some("home".into());
        assert_eq!(network(&net).unwrap(), "LTE-M, Test Network (00101), home network");
        (net.cell_id, net.tac) = (Some(0x0D4F_3C15), Some(0x1A2D));
        assert_eq!(cell(&net).unwrap(), "0D4F3C15, area 1A2D");
    }
}
