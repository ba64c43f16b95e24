//! What is wanted of the modem with the card that is in it.

use super::Aids;
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::modem::sim_policy::{Access, Resolved, Roaming, Source};
use crate::policy::card::{Card, Key};
use crate::private::Private;
use crate::spec::sim_file;
use crate::state::{Reading, Sim, SimPolicy};

use super::{Stop, during, optional};

/// What is wanted, with the APN whose turn it is.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The settings.
    pub settings: Settings,
    /// What the governor knows the APNs by, in order; the empty one is the network's default.
    pub apns: Vec<String>,
    /// The place of the one whose turn it is.
    turn: usize,
}

impl Wanted {
    /// Settings with one APN, which has no other beside it.
    pub fn only(settings: Settings) -> Self {
        let apn = settings.apn.as_ref().map_or_else(String::new, ToString::to_string);
        Self { settings, apns: vec![apn], turn: 0 }
    }

    /// The APN whose turn it is.
    pub fn apn(&self) -> &str {
        self.apns.get(self.turn).map_or("", String::as_str)
    }
}

/// What the configuration, the policies and the provider database want with this card, and the governor for now.
pub fn wanted(d: &Driver, base: &Settings, aids: &Aids) -> Wanted {
    let resolved = aids.sims.resolve(base, &d.look(|state| card(&state.sim)));
    let mut apns = labels(&resolved.accesses);
    let chosen = describe(&resolved);
    let mut settings = resolved.settings;
    aids.gate.meet_apns(&apns);
    let turn = aids.gate.choose(&apns);
    if let Some(access) = resolved.accesses.get(turn) {
        settings.enter(access, base);
    }
    if apns.is_empty() {
        apns.push(String::new());
    }
    settings.power = aids.vigil.apply(settings.power);
    let settings = d.settled(settings);
    d.update(|state, _| state.sim.policy = Some(chosen));
    Wanted { settings, apns, turn }
}

/// The card, as far as it was read.
pub fn card(sim: &Sim) -> Card {
    Card {
        iccid: sim.iccid.as_ref().map(|r| Private::new(r.value.reveal().to_string())),
        imsi: sim.imsi.as_ref().map(|r| Private::new(r.value.reveal().to_string())),
        plmn: sim.home.as_ref().map(|r| r.value.to_string()),
        spn: sim.spn.as_ref().map(|r| r.value.clone()),
        gid1: sim.gid1.as_ref().map(|r| r.value.clone()),
    }
}

/// Names that differ where the same APN is tried in several ways.
fn labels(accesses: &[Access]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for access in accesses {
        let apn = access.apn.as_str();
        let label = match access.pdp_type {
            Some(kind) if apn.is_empty() => format!("the network's default APN as {}", kind.name()),
            Some(kind) => format!("{apn} as {}", kind.name()),
            None => apn.to_owned(),
        };
        let same = labels.iter().filter(|known| **known == label).count();
        labels.push(if same == 0 { label } else { format!("{label}, entry {}", labels.len().saturating_add(1)) });
    }
    labels
}

fn describe(resolved: &Resolved) -> SimPolicy {
    let (name, why) = match &resolved.policy {
        Some((policy, why)) => (Some(policy.name.clone()), why.to_string()),
        None => (None, "no policy file is meant for this card".to_owned()),
    };
    let roaming = match &resolved.settings.roaming {
        Roaming::Allowed => "yes".to_owned(),
        Roaming::Forbidden => "no".to_owned(),
        Roaming::Only(list) => list.join(", "),
    };
    let apns = match resolved.accesses.as_slice() {
        [] => vec![String::new()],
        accesses => accesses.iter().map(|access| access.apn.to_string()).collect(),
    };
    let data = resolved.policy.as_ref().and_then(|(policy, _)| policy.data);
    SimPolicy { name, why, apns, source: resolved.source.to_string(), roaming, data }
}

/// Reads of the card what a policy asks for, or the provider database, and nothing else: a command is a command.
pub async fn read_card(d: &Driver, base: &Settings, aids: &Aids) -> Result<(), Stop> {
    if aids.sims.ask_for(Key::Spn) {
        let spn = read_file(d, sim_file::SPN).await?.and_then(|file| sim_file::spn(&file));
        d.update(|state, now| state.sim.spn = spn.map(|spn| Reading::new(spn, now)));
    }
    if aids.sims.ask_for(Key::Gid1) {
        let gid1 = read_file(d, sim_file::GID1).await?.and_then(|file| sim_file::gid1(&file));
        d.update(|state, now| state.sim.gid1 = gid1.map(|gid1| Reading::new(gid1, now)));
    }
    let nobody_knows = || {
        aids.sims.has_providers()
            && aids.sims.resolve(base, &d.look(|state| card(&state.sim))).source == Source::Network
    };
    if aids.sims.ask_for(Key::Plmn) || nobody_knows() {
        let digits = read_file(d, sim_file::AD).await?.and_then(|file| sim_file::mnc_digits(&file));
        d.update(|state, now| {
            let home = state.sim.imsi.as_ref().and_then(|imsi| imsi.value.reveal().home(digits));
            state.sim.home = home.map(|home| Reading::new(home, now));
        });
    }
    Ok(())
}

async fn read_file(d: &Driver, (id, length): (u16, u8)) -> Result<Option<Vec<u8>>, Stop> {
    optional(d.read_sim_file(id, length).await).map(Option::flatten).map_err(during("reading the SIM"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_apn_tried_in_several_ways_has_several_names() {
        let access = |apn: &str, kind: Option<&str>| Access {
            apn: apn.parse().unwrap(),
            pdp_type: kind.map(|kind| kind.parse().unwrap()),
            ..Access::default()
        };
        let all = [access("a", Some("ipv4v6")), access("a", Some("ipv4")), access("a", None), access("a", None)];
        assert_eq!(labels(&all), ["a as ipv4v6", "a as ipv4", "a", "a, entry 4"]);
        assert_eq!(labels(&[access("", None), access("", Some("ipv6"))]), ["", "the network's default APN as ipv6"]);
    }
}
