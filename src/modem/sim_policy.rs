//! What is wanted of a modem with a certain card in it: the SIM policy files, and what comes where none is meant for
//! the card.

use std::fmt;
use std::sync::Arc;

use super::handle::PowerRequest;
use super::requests::merge_power;
use super::settings::Settings;
use crate::policy::card::{self, Card, Key, Match, Rule};
use crate::private::Private;
use crate::spec::apn::{Apn, Authentication, PdpType};
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::state::DataPlan;

/// An APN, and how it is entered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The name; empty is the network's default.
    pub apn: Apn,
    /// Type of the connection; `None`: as the modem is configured.
    pub pdp_type: Option<PdpType>,
    /// User name and password.
    pub credentials: Option<(String, Private<String>)>,
    /// How they are sent.
    pub authentication: Authentication,
}

/// Where data may be used away from the home network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Roaming {
    /// Everywhere.
    #[default]
    Allowed,
    /// Nowhere.
    Forbidden,
    /// In these networks, or in all of a country: `26201`, `262`.
    Only(Vec<String>),
}

impl Roaming {
    /// Whether data may be used in `plmn`.
    pub fn allows(&self, plmn: Plmn) -> bool {
        match self {
            Self::Allowed => true,
            Self::Forbidden => false,
            Self::Only(list) => list.iter().any(|entry| *entry == plmn.to_string() || *entry == plmn.mcc()),
        }
    }
}

/// One policy file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SimPolicy {
    /// The file's name without `.toml`.
    pub name: String,
    /// In a few words.
    pub title: Option<String>,
    /// Which cards it is for.
    pub rule: Rule,
    /// APNs, the first to be tried first; none: as without a policy.
    pub accesses: Vec<Access>,
    /// PIN; the error says why the one that is named cannot be used.
    pub pin: Option<Result<Private<String>, String>>,
    /// Where data may be used away from home.
    pub roaming: Roaming,
    /// Technologies, the preferred first.
    pub rats: Option<Vec<Rat>>,
    /// Bands.
    pub bands: Option<Vec<u16>>,
    /// Power saving, and whether the network is told that no more data is expected.
    pub power: Option<(PowerRequest, bool)>,
    /// How much data the tariff has.
    pub data: Option<DataPlan>,
    /// Networks to be used where they are there, the first before the others.
    pub preferred: Vec<Plmn>,
    /// Networks that are never used.
    pub forbidden: Vec<Plmn>,
}

/// Where the APNs come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A person named one; it holds until the daemon starts again.
    Person,
    /// A link of an uplink.
    Uplink,
    /// A policy file.
    Policy,
    /// `[[modem]]` of the configuration.
    Modem,
    /// The provider database, for this provider.
    Providers(String),
    /// Nobody knows one: the network's default, or what the modem has.
    Network,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person => f.write_str("asked for by a person"),
            Self::Uplink => f.write_str("from a link of [[uplink]] of the configuration"),
            Self::Policy => f.write_str("from the policy"),
            Self::Modem => f.write_str("from [[modem]] of the configuration"),
            Self::Providers(name) => write!(f, "from the provider database, {name}"),
            Self::Network => f.write_str("the modem's own, else the network's default"),
        }
    }
}

/// What the provider database has for a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// The provider.
    pub provider: String,
    /// Its APNs.
    pub accesses: Vec<Access>,
}

/// Looks a card up in the provider database.
pub type Providers = Box<dyn Fn(&Card) -> Option<Offer> + Send + Sync>;

/// All policies, and what comes after them. Clones share it.
#[derive(Clone, Default)]
pub struct SimPolicies(Arc<Shelf>);

#[derive(Default)]
struct Shelf {
    policies: Vec<SimPolicy>,
    providers: Option<Providers>,
}

impl fmt::Debug for SimPolicies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.policies.iter().map(|policy| &policy.name)).finish()
    }
}

/// What is wanted with this card.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The settings, with the first of `accesses` in them.
    pub settings: Settings,
    /// The policy that is meant for the card, and why.
    pub policy: Option<(SimPolicy, Match)>,
    /// APNs in the order in which they are tried; none: the context is left as the modem has it.
    pub accesses: Vec<Access>,
    /// Where they come from.
    pub source: Source,
}

impl SimPolicies {
    /// These policies, and then `providers`.
    pub fn new(policies: Vec<SimPolicy>, providers: Option<Providers>) -> Self {
        Self(Arc::new(Shelf { policies, providers }))
    }

    /// Whether any policy asks for `key`: what nobody asks for need not be read from the card.
    pub fn ask_for(&self, key: Key) -> bool {
        self.0.policies.iter().any(|policy| policy.rule.looks_at(key))
    }

    /// Whether the provider database may be asked, which needs the home network.
    pub fn has_providers(&self) -> bool {
        self.0.providers.is_some()
    }

    /// What is wanted of a modem that is configured as `base` says, with `card` in it.
    pub fn resolve(&self, base: &Settings, card: &Card) -> Resolved {
        let policies = &self.0.policies;
        let found = card::choose(policies.iter().map(|policy| &policy.rule), card);
        let policy = found.and_then(|(at, why)| Some((policies.get(at)?.clone(), why)));
        let mut settings = base.clone();
        if let Some((policy, _)) = &policy {
            overlay(&mut settings, policy);
        }
        merge_power(&mut settings.power, base.power_by_person);
        if let Some(rats) = base.link.as_ref().and_then(|link| link.rats.clone()) {
            settings.rats = rats;
        }
        let (source, accesses) = self.accesses(base, policy.as_ref().map(|(policy, _)| policy), card);
        if let Some(access) = accesses.first() {
            settings.enter(access, base);
        }
        Resolved { settings, policy, accesses, source }
    }

    /// What was asked for goes before what the card is known by, and that before what the configuration says for any card.
    fn accesses(&self, base: &Settings, policy: Option<&SimPolicy>, card: &Card) -> (Source, Vec<Access>) {
        let own = base.apn.clone().map(|apn| Access {
            apn,
            pdp_type: None,
            credentials: base.credentials.clone(),
            authentication: base.authentication,
        });
        if base.apn_by_person {
            return (Source::Person, own.into_iter().collect());
        }
        if let Some(apn) = base.link.as_ref().and_then(|link| link.apn.clone()) {
            // Credentials are those of the same APN, whoever has it.
            let known = policy.iter().flat_map(|policy| &policy.accesses).chain(&own).find(|access| access.apn == apn);
            return (Source::Uplink, vec![known.cloned().unwrap_or(Access { apn, ..Access::default() })]);
        }
        if let Some(policy) = policy.filter(|policy| !policy.accesses.is_empty()) {
            return (Source::Policy, policy.accesses.clone());
        }
        if let Some(own) = own {
            return (Source::Modem, vec![own]);
        }
        match self.0.providers.as_ref().and_then(|providers| providers(card)) {
            Some(offer) if !offer.accesses.is_empty() => (Source::Providers(offer.provider), offer.accesses),
            _ => (Source::Network, Vec::new()),
        }
    }
}

fn overlay(settings: &mut Settings, policy: &SimPolicy) {
    match &policy.pin {
        Some(Ok(pin)) => (settings.pin, settings.pin_trouble) = (Some(pin.clone()), None),
        Some(Err(why)) => (settings.pin, settings.pin_trouble) = (None, Some(why.clone())),
        None => {}
    }
    if let Some(rats) = &policy.rats {
        settings.rats.clone_from(rats);
    }
    if let Some(bands) = &policy.bands {
        settings.bands.clone_from(bands);
    }
    if let Some((power, release)) = policy.power {
        merge_power(&mut settings.power, power);
        settings.release = release;
    }
    settings.roaming = policy.roaming.clone();
    (settings.preferred, settings.forbidden) = (policy.preferred.clone(), policy.forbidden.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str, plmn: &str, apns: &[&str]) -> SimPolicy {
        SimPolicy {
            name: name.into(),
            rule: Rule::new([(Key::Plmn, vec![plmn.into()])]),
            accesses: apns.iter().map(|apn| Access { apn: apn.parse().unwrap(), ..Access::default() }).collect(),
            ..SimPolicy::default()
        }
    }

    fn card() -> Card {
        Card { plmn: Some("00101".into()), ..Card::default() }
    }

    fn names(resolved: &Resolved) -> Vec<&str> {
        resolved.accesses.iter().map(|access| access.apn.as_str()).collect()
    }

    fn base(apn: Option<&str>) -> Settings {
        Settings { apn: apn.map(|apn| apn.parse().unwrap()), ..Settings::default() }
    }

    fn providers() -> Option<Providers> {
        Some(Box::new(|card| {
            card.plmn.as_ref()?;
            let accesses = vec![Access { apn: "db.test".parse().unwrap(), ..Access::default() }];
            Some(Offer { provider: "Test".into(), accesses })
        }))
    }

    #[test]
    fn apns_come_from_person_policy_modem_database_in_this_order() {
        let shelf = SimPolicies::new(vec![policy("a", "00101", &["iot.a", "iot.b"])], providers());
        let asked = Settings { apn_by_person: true, ..base(Some("own.test")) };
        let resolved = shelf.resolve(&asked, &card());
        assert_eq!((names(&resolved), &resolved.source), (vec!["own.test"], &Source::Person));
        let resolved = shelf.resolve(&base(Some("own.test")), &card());
        assert_eq!((names(&resolved), &resolved.source), (vec!["iot.a", "iot.b"], &Source::Policy));
        assert_eq!(resolved.settings.apn.as_ref().map(|apn| apn.as_str()), Some("iot.a"));
        assert_eq!(resolved.policy.unwrap().0.name, "a");

        let bare = SimPolicies::new(vec![policy("a", "00101", &[])], providers());
        assert_eq!(names(&bare.resolve(&base(Some("own.test")), &card())), ["own.test"]);
        let resolved = bare.resolve(&base(None), &card());
        assert_eq!((names(&resolved), &resolved.source), (vec!["db.test"], &Source::Providers("Test".into())));
        let resolved = SimPolicies::default().resolve(&base(None), &card());
        assert!(names(&resolved).is_empty() && resolved.source == Source::Network && resolved.settings.apn.is_none());
    }

    #[test]
    fn a_policy_for_another_card_changes_nothing() {
        let shelf = SimPolicies::new(vec![policy("a", "00102", &["iot.a"])], None);
        let resolved = shelf.resolve(&base(Some("own.test")), &card());
        assert_eq!((resolved.settings, resolved.policy), (base(Some("own.test")), None));
    }

    #[test]
    fn a_pin_that_cannot_be_used_hides_that_of_the_modem() {
        let broken = SimPolicy { pin: Some(Err("it is open to all".into())), ..policy("a", "00101", &[]) };
        let mut base = base(None);
        base.pin = Some(Private::new("0000".into()));
        let settings = SimPolicies::new(vec![broken], None).resolve(&base, &card()).settings;
        assert_eq!((settings.pin, settings.pin_trouble.as_deref()), (None, Some("it is open to all")));
    }

    #[test]
    fn roaming_goes_by_network_or_country() {
        let plmn = |text: &str| text.parse::<Plmn>().unwrap();
        let only = Roaming::Only(vec!["26201".into(), "001".into()]);
        assert!(only.allows(plmn("26201")) && only.allows(plmn("00199")) && !only.allows(plmn("26202")));
        assert!(Roaming::Allowed.allows(plmn("26202")) && !Roaming::Forbidden.allows(plmn("26202")));
    }
}
