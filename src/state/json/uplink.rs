//! Uplinks as JSON.

use serde::{Deserialize, Serialize};

use super::Time;
use super::project::seconds;
use crate::state::uplink::{self, UplinkState};

/// Everything lpwa knows about one uplink; `docs/schema.json` describes it as `uplink`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Uplink {
    /// Its name.
    pub name: String,
    /// The member that has the default route.
    pub active: Option<String>,
    /// When that last changed.
    pub since: Option<Time>,
    /// Why it is this one, or why there is none.
    pub reason: String,
    /// The member that a person chose.
    pub pinned: Option<String>,
    /// Something that needs a person.
    pub trouble: Option<String>,
    /// Its members, the preferred first.
    pub members: Vec<Member>,
    /// What was decided, the oldest first.
    pub log: Vec<Decision>,
}

/// One link of an uplink.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// The modem, where it is one.
    pub modem: Option<String>,
    /// Network interface; `None` while there is none.
    pub interface: Option<String>,
    /// `wired, broadband, lte-m, nb-iot`.
    pub kind: String,
    /// Name of the [`Condition`](uplink::Condition).
    pub condition: String,
    /// Why, where there is a reason.
    pub condition_reason: Option<String>,
    /// When `condition` last changed.
    pub since: Option<Time>,
    /// Round trip of the last probe that was answered, seconds.
    pub round_trip_s: Option<f64>,
    /// A dead link is known as such within this time, seconds.
    pub detection_s: f64,
    /// Octets that probes took in the present day.
    pub probe_octets: u64,
    /// How many they may take in a day.
    pub probe_budget: u64,
    /// Relative price.
    pub cost: u32,
    /// What it carried in its billing cycle.
    pub usage: Usage,
}

/// What a link carried in its billing cycle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// When the cycle began.
    pub since: Option<Time>,
    /// Octets received.
    pub received: u64,
    /// Octets sent.
    pub sent: u64,
    /// Octets that the plan has; `None`: no limit is set.
    pub limit: Option<u64>,
    /// Name of the [`Allowance`](uplink::Allowance).
    pub allowance: String,
}

/// One line of the decision log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When.
    pub at: Time,
    /// Member, modem or uplink that it is about.
    pub subject: String,
    /// What was decided or seen, and why.
    pub text: String,
}

/// What one SIM, or one interface, carried; `docs/schema.json` describes it as `account`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Card and APN, or an interface; the card is `<redacted>` for a reader who may not see personal data.
    pub account: String,
    /// What it carried.
    #[serde(flatten)]
    pub usage: Usage,
}

impl From<&UplinkState> for Uplink {
    fn from(state: &UplinkState) -> Self {
        Self {
            name: state.name.clone(),
            active: state.active.clone(),
            since: known(state.since),
            reason: state.reason.clone(),
            pinned: state.pinned.clone(),
            trouble: state.trouble.clone(),
            members: state.members.iter().map(Member::from).collect(),
            log: state.log.iter().map(Decision::from).collect(),
        }
    }
}

impl From<&uplink::Member> for Member {
    fn from(member: &uplink::Member) -> Self {
        Self {
            name: member.name.clone(),
            modem: member.modem.clone(),
            interface: member.interface.clone(),
            kind: member.kind.clone(),
            condition: member.condition.name().into(),
            condition_reason: member.condition.reason().cloned(),
            since: known(member.since),
            round_trip_s: member.round_trip.map(seconds),
            detection_s: seconds(member.detection),
            probe_octets: member.probed,
            probe_budget: member.probe_budget,
            cost: member.cost,
            usage: (&member.usage).into(),
        }
    }
}

impl From<&uplink::Usage> for Usage {
    fn from(usage: &uplink::Usage) -> Self {
        Self {
            since: known(usage.since),
            received: usage.received,
            sent: usage.sent,
            limit: usage.limit,
            allowance: usage.allowance.name().into(),
        }
    }
}

impl From<&uplink::Decision> for Decision {
    fn from(decision: &uplink::Decision) -> Self {
        Self { at: Time(decision.at), subject: decision.subject.clone(), text: decision.text.clone() }
    }
}

fn known(at: crate::state::Timestamp) -> Option<Time> {
    (at != crate::state::Timestamp::default()).then_some(Time(at))
}
