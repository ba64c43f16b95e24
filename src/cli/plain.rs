//! Events in words: what changed between two documents of a modem, one line each.
//!
//! `lpwa watch`, `lpwa demo --plain` and the dashboard's log all say it with [`events`].

use crate::state::json::{Bearer, Document};

use super::scales::{self, Scale};
use super::{say, words};

/// One aspect of a modem: what to say where it changed.
type Aspect = fn(&Document, &Document) -> Option<String>;

/// In the order in which they are said.
const ASPECTS: [Aspect; 11] = [state, sim, network, reject, psm, edrx, mico, drx, bearers, reachability, signal];

/// What changed from `old` to `new`, as sentences without the modem's name.
pub fn events(old: &Document, new: &Document) -> Vec<String> {
    ASPECTS.iter().filter_map(|aspect| aspect(old, new)).collect()
}

/// What to say of a modem that nothing was known of: the state it is in.
pub fn first(doc: &Document) -> Vec<String> {
    events(&Document { state: String::new(), ..doc.clone() }, doc)
}

fn changed<T: PartialEq>(old: T, new: T) -> Option<T> {
    (old != new).then_some(new)
}

fn state(old: &Document, new: &Document) -> Option<String> {
    changed((&old.state, &old.state_reason), (&new.state, &new.state_reason))?;
    // A refusal that has a cause gets a line of its own, with the advice.
    let told = new.state == "denied" && new.network.reject.is_some();
    let reason = new.state_reason.as_ref().filter(|_| !told).map(|reason| format!(": {reason}"));
    Some(format!("{}{}", new.state, reason.unwrap_or_default()))
}

fn sim(old: &Document, new: &Document) -> Option<String> {
    let state = changed(&old.sim.state, &new.sim.state)?.as_ref()?;
    Some(format!("SIM {}", state.replace('-', " ")))
}

fn network(old: &Document, new: &Document) -> Option<String> {
    let place = |doc: &Document| {
        let net = &doc.network;
        let (cell, area) =
            (net.cell_id.map(|id| format!("cell {id:08X}")), net.tac.map(|tac| format!("area {tac:04X}")));
        // The registration state alone is no place; the modem's state tells it.
        (net.rat.is_some() || net.plmn.is_some()).then(|| say::join(", ", [say::network(net), cell, area]))?
    };
    Some(format!("network {}", changed(place(old), place(new))??))
}

fn reject(old: &Document, new: &Document) -> Option<String> {
    let reject = changed(&old.network.reject, &new.network.reject)?.as_ref()?;
    let (domain, advice) = (reject.domain.to_uppercase(), &reject.advice);
    Some(format!("network refused, {domain} cause {}, {}: {advice}", reject.cause, reject.name))
}

fn psm(old: &Document, new: &Document) -> Option<String> {
    Some(format!("PSM {}", say::psm(changed(&old.power.psm, &new.power.psm)?).line()))
}

fn mico(old: &Document, new: &Document) -> Option<String> {
    Some(format!("MICO mode {}", say::mico(changed(&old.power.mico, &new.power.mico)?)?.line()))
}

fn drx(old: &Document, new: &Document) -> Option<String> {
    Some(format!("5G DRX cycle {}", say::drx(changed(&old.power.drx, &new.power.drx)?)?.line()))
}

fn edrx(old: &Document, new: &Document) -> Option<String> {
    Some(format!("eDRX {}", say::edrx(changed(&old.power.edrx, &new.power.edrx)?).line()))
}

fn bearers(old: &Document, new: &Document) -> Option<String> {
    let new = changed(&old.bearers, &new.bearers)?;
    let up: Vec<String> = new.iter().filter(|bearer| bearer.active).map(bearer).collect();
    Some(if up.is_empty() { "data down".into() } else { format!("data up: {}", up.join("; ")) })
}

/// A data context in words: `10.0.0.2, APN iot.test, context 1`.
pub fn bearer(bearer: &Bearer) -> String {
    let mut parts: Vec<String> = bearer.addresses.iter().map(ToString::to_string).collect();
    if !bearer.apn.is_empty() {
        parts.push(format!("APN {}", bearer.apn));
    }
    parts.push(format!("context {}", bearer.context));
    parts.join(", ")
}

fn reachability(old: &Document, new: &Document) -> Option<String> {
    changed((&old.reachability, old.asleep_until), (&new.reachability, new.asleep_until))?;
    let until = new.asleep_until.map(|until| format!(" until {}", words::clock(until.0)));
    let what = match new.reachability.as_str() {
        "connected" => "RRC connected",
        "edrx" => "RRC released, eDRX",
        "awake" if old.reachability == "connected" => "RRC released",
        "awake" => "modem awake",
        "asleep" => "modem asleep",
        "unreachable" => "modem unreachable",
        _ => "modem unknown",
    };
    Some(format!("{what}{}", until.unwrap_or_default()))
}

fn signal(old: &Document, new: &Document) -> Option<String> {
    changed(&old.signal, &new.signal)?;
    let value = |scale: &Scale| format!("{} {} {}", scale.name, words::decimal(scale.value), scale.unit);
    let values: Vec<String> = scales::scales(new).iter().map(value).collect();
    let grade = scales::overall(new).map(|quality| format!(": {}", quality.name())).unwrap_or_default();
    (!values.is_empty()).then(|| format!("signal {}{grade}", values.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::say::tests::modem;
    use crate::spec::rat::Rat;
    use crate::state::Timestamp;
    use crate::state::json::{Granted, PsmTimers, Reject, Time};

    #[test]
    fn nothing_changed_says_nothing() {
        assert_eq!(events(&modem("searching"), &modem("searching")), Vec::<String>::new());
    }

    #[test]
    fn a_registration_says_state_network_and_power() {
        let old = modem("searching");
        let mut new = modem("registered");
        new.network.rat = Some(Rat::LteM);
        new.network.registration = Some("roaming".into());
        new.network.plmn = Some("00101".into());
        new.network.tac = Some(0x1A2D);
        new.power.psm.requested = Some(PsmTimers { periodic_tau_s: Some(3600), active_time_s: Some(10) });
        new.power.psm.granted = Some(Granted::default());
        assert_eq!(
            events(&old, &new),
            ["registered", "network LTE-M, 00101, roaming, area 1A2D", "PSM refused by the network, asked 1 h / 10 s",]
        );
    }

    #[test]
    fn a_refusal_says_why_and_what_next() {
        let old = modem("searching");
        let mut new = modem("denied");
        new.network.reject = Some(Reject {
            cause: 15,
            domain: "emm".into(),
            name: "no suitable cells in tracking area".into(),
            class: "temporary".into(),
            advice: "allow the other RAT".into(),
        });
        assert_eq!(
            events(&old, &new),
            ["denied", "network refused, EMM cause 15, no suitable cells in tracking area: allow the other RAT"]
        );
    }

    #[test]
    fn sleep_data_and_signal() {
        let old = modem("connected");
        let mut new = old.clone();
        new.reachability = "asleep".into();
        new.asleep_until = Some(Time(Timestamp(1_795_350_896_789)));
        new.signal.rsrp_dbm = Some(-97.5);
        new.signal.read_at = Some(Time(Timestamp(1)));
        new.bearers.push(Bearer {
            context: 1,
            apn: "iot.test".into(),
            pdp_type: "ipv4".into(),
            active: true,
            addresses: vec!["10.0.0.2".parse().unwrap()],
            gateways: vec![],
            dns: Vec::new(),
            mtu: None,
            interface: None,
        });
        assert_eq!(
            events(&old, &new),
            [
                "data up: 10.0.0.2, APN iot.test, context 1",
                "modem asleep until 2026-11-22 12:34:56Z",
                "signal RSRP -97.5 dBm: usable",
            ]
        );
        assert_eq!(events(&new, &old), ["data down", "modem unknown"]);
    }
}
