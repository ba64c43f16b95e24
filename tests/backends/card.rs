//! Policies know a card by what its files say, whatever reads them.

use lpwa::codec::mbim;
use lpwa::modem::sim_policy::{Access, SimPolicies, SimPolicy};
use lpwa::policy::card::{Key, Rule};

use super::{LTE, Way, connected, requests, simulated, wanted};
use crate::ways::drive_with_policies;

const CARD: &str =
    "[sim]\niccid = \"8944200099990000128\"\nimsi = \"001010123456789\"\nprovider = \"Field\"\ngid1 = \"A10F\"\n";

fn policy(name: &str, keys: &[(Key, &str)]) -> SimPolicy {
    let apn = format!("{name}.iot").parse().unwrap();
    SimPolicy {
        name: name.into(),
        rule: Rule::new(keys.iter().map(|(key, prefix)| (*key, vec![(*prefix).to_owned()]))),
        accesses: vec![Access { apn, ..Access::default() }],
        ..SimPolicy::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_found_by_the_files_of_the_card() {
    for way in [Way::At, Way::Qmi, Way::Mbim, Way::MbimProxy, Way::QmiOverMbim] {
        let policies = [
            policy("range", &[(Key::Iccid, "8944")]),
            policy("name", &[(Key::Spn, "Field")]),
            policy("group", &[(Key::Gid1, "A1"), (Key::Plmn, "00101")]),
        ];
        let sims = SimPolicies::new(policies.to_vec(), None);
        let modem = simulated(&format!("{CARD}{LTE}plmn = \"00101\"\n"));
        let (bench, _) = drive_with_policies(&modem, way, wanted(), sims);
        let state = connected(&bench).await;
        let chosen = state.sim.policy.unwrap();
        assert_eq!(chosen.why, "GID1 starts with A1 and home network is 00101", "{way:?}");
        assert_eq!(state.bearers[0].apn.as_str(), "group.iot", "{way:?}");
        assert_eq!(state.sim.spn.unwrap().value, "Field", "{way:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_reads_files_that_no_policy_asks_for() {
    let sims = SimPolicies::new(vec![policy("range", &[(Key::Iccid, "8944")])], None);
    let modem = simulated(&format!("{CARD}{LTE}plmn = \"00101\"\n"));
    let (bench, ring) = drive_with_policies(&modem, Way::Mbim, wanted(), sims);
    connected(&bench).await;
    let asked = requests(&ring);
    assert!(!asked.iter().any(|name| name.starts_with(mbim::Service::MsUiccLowLevelAccess.name())), "{asked:?}");
}
