//! One link of an uplink: where it is now, and how it is.

use std::net::IpAddr;
use std::time::Duration;

use super::kernel::{Kernel, Seen};
use super::meter::{Meter, Payer};
use super::{MemberSettings, Then, Way};
use crate::net::links::{LinkId, Up};
use crate::policy::health::{Event, Health, Target};
use crate::policy::uplink::Link;
use crate::state::uplink::{self, Usage};
use crate::state::{Bearer, ModemState, Timestamp};

/// A link at work.
pub(super) struct Member {
    pub settings: MemberSettings,
    pub health: Health,
    /// Where it is, while it is up.
    pub place: Option<Place>,
    /// The metric of the default route that somebody else gave an interface.
    pub metric: Option<u32>,
    pub usage: Usage,
    /// Who paid when something was counted last.
    pub payer: Option<Payer>,
    pub round_trip: Option<Duration>,
    /// When its condition last changed, on the clock of people.
    pub since: Timestamp,
    /// Counts the times that it came up: a round of probes is of one of them.
    pub life: u64,
}

/// Where a link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub interface: String,
    pub dns: Vec<IpAddr>,
    /// The link, where it is ours.
    pub id: Option<LinkId>,
}

/// What is found where a link should be.
pub(super) enum Found {
    Up(Place, bool),
    Down(String),
}

impl Member {
    pub fn new(settings: MemberSettings, now: Timestamp) -> Self {
        let costs = settings.targets.iter().map(Target::cost).collect();
        let health = Health::new(settings.limits, costs, now);
        let (usage, since) = (Usage { limit: settings.plan.limit, ..Usage::default() }, now);
        let (place, metric, payer, round_trip) = (None, None, None, None);
        Self { settings, health, place, metric, usage, payer, round_trip, since, life: 0 }
    }

    /// The modem that it goes by.
    pub fn modem(&self) -> Option<&str> {
        self.settings.way.modem()
    }

    /// Looks where the link should be: at the links of its modem, or at its interface.
    /// `busy`: the link that has its turn instead.
    pub async fn find(&mut self, modem: Option<&ModemState>, busy: Option<String>, up: &Up, kernel: &Kernel) -> Found {
        match &self.settings.way {
            Way::Modem { id, context } => {
                let Some(modem) = modem else { return Found::Down(format!("there is no modem {id}")) };
                if let Some(other) = busy {
                    return Found::Down(format!("{id} is used for {other}"));
                }
                if let Some(reason) = self.unlike(modem) {
                    return Found::Down(reason);
                }
                of_modem(modem, *context, up)
            }
            Way::Interface(name) => {
                let name = name.clone();
                let (found, metric) = of_interface(&name, kernel).await;
                self.metric = metric;
                found
            }
        }
    }

    /// What keeps the modem from being this link already, which has its turn.
    fn unlike(&self, state: &ModemState) -> Option<String> {
        let setup = self.settings.setup.as_ref()?;
        if let Some(slot) = setup.slot.filter(|slot| state.sim.slot().is_some_and(|used| used != *slot)) {
            let reason = state.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
            return Some(format!("the modem is not on SIM slot {slot} yet{reason}"));
        }
        let apn = setup.apn.as_ref()?;
        let other = |bearer: &Bearer| bearer.active && !bearer.apn.as_str().eq_ignore_ascii_case(apn.as_str());
        // A link without a context of its own is the modem's first one.
        state
            .bearers
            .first()
            .filter(|bearer| other(bearer))
            .map(|_| format!("the modem does not use the APN {apn} yet"))
    }

    /// What the health of the link is told of what was found.
    pub fn events(&mut self, found: Found) -> Vec<Event> {
        match found {
            Found::Down(reason) => {
                self.place = None;
                vec![Event::Down(reason)]
            }
            Found::Up(place, asleep) => {
                let same = self.place.as_ref() == Some(&place);
                let moved = self.place.replace(place).is_some() && !same;
                if !same {
                    self.life += 1;
                }
                let gone = moved.then(|| Event::Down("its interface changed".into()));
                gone.into_iter().chain([Event::Up, Event::Asleep(asleep)]).collect()
            }
        }
    }

    /// Counts what the interface carried.
    pub fn count(&mut self, meter: &Meter, payer: Option<Payer>, seen: &Seen) {
        if let Some(payer) = payer {
            self.usage = meter.count(&payer, seen);
            self.payer = Some(payer);
        }
    }

    /// A plan begins anew while its link is down, too: one whose turn it is not would stay used up for ever.
    pub fn turn_plan(&mut self, meter: &Meter) {
        if let Some(payer) = self.payer.as_ref().filter(|_| self.place.is_none()) {
            self.usage = meter.usage(payer);
        }
    }

    /// As the choice between links sees it.
    pub fn link(&self) -> Link {
        let leave = self.settings.then == Then::Switch;
        Link::new(self.health.condition(), self.settings.cost, self.usage.allowance, leave)
    }

    /// As it is shown.
    pub fn shown(&self, now: Timestamp) -> uplink::Member {
        uplink::Member {
            name: self.settings.name.clone(),
            modem: self.modem().map(str::to_owned),
            interface: self.place.as_ref().map(|place| place.interface.clone()),
            kind: self.settings.kind.name().to_owned(),
            condition: self.health.condition().clone(),
            since: self.since,
            round_trip: self.round_trip,
            detection: self.health.detection(),
            probed: self.health.spent(now),
            probe_budget: self.health.limits().budget,
            cost: self.settings.cost,
            usage: self.usage,
        }
    }
}

/// The link of a modem, if its bearer is up; else what the modem says about that.
fn of_modem(state: &ModemState, context: Option<u8>, up: &Up) -> Found {
    let of_it = |id: &&LinkId| id.modem == state.id && context.is_none_or(|context| id.context == context);
    match up.keys().find(of_it).and_then(|id| up.get_key_value(id)) {
        Some((id, plan)) => {
            let place = Place { interface: plan.interface.clone(), dns: plan.dns.clone(), id: Some(id.clone()) };
            Found::Up(place, state.reachability.is_asleep())
        }
        None => {
            let reason = state.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
            Found::Down(format!("the modem is {}{reason}", state.lifecycle.name()))
        }
    }
}

/// An interface that somebody else keeps, and the metric of its default route.
async fn of_interface(name: &str, kernel: &Kernel) -> (Found, Option<u32>) {
    let Some(seen) = kernel.look(name).await else { return (Found::Down("there is no such interface".into()), None) };
    if !seen.carrier {
        return (Found::Down("it has no carrier".into()), None);
    }
    match kernel.metric(seen.index).await {
        Some(metric) => (Found::Up(Place { interface: name.to_owned(), dns: vec![], id: None }, false), Some(metric)),
        None => (Found::Down("it has no default route; is a DHCP client at work there?".into()), None),
    }
}
