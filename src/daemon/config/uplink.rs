//! `[[uplink]]`, and `[health]` for all that do not say otherwise.

mod setup;

use std::net::IpAddr;
use std::time::Duration;

use toml::de::DeValue;

use super::report::{Place, Report};
use super::section::{Keys, Section, keys, wrong_type};
use super::{Context, ModemConfig, merge};
use crate::modem::handle::{LinkSetup, PowerRequest};
use crate::policy::health::{Limits, LinkKind, Target};
use crate::policy::uplink::Rules;
use crate::policy::usage::{Cycle, Plan};
use crate::spec::amount::Amount;
use crate::spec::rat::Rat;
use crate::spec::span::Span;
use crate::uplink::{MemberSettings, Then, UplinkSettings, Way};

/// Before every metric that others give as a rule: NetworkManager starts at 100.
const METRIC: u32 = 50;
/// Resolvers that anybody may ask for an answer to a ping, where the configuration names nobody.
const ANYCAST: [&str; 3] = ["1.1.1.1", "9.9.9.9", "2606:4700:4700::1111"];

/// What is said of the health of a link; `None` inside leaves it.
#[derive(Debug, Clone, Default)]
struct Wish {
    targets: Option<Vec<Target>>,
    detect_within: Option<Duration>,
    timeout: Option<Duration>,
    down_after: Option<u32>,
    up_after: Option<u32>,
    need: Option<u32>,
    budget: Option<Amount>,
    passive: Option<bool>,
}

impl Wish {
    fn read(section: &mut Section<'_, '_>) -> Self {
        let span = |section: &mut Section<'_, '_>, key| section.parsed(key).map(|Span(span)| span);
        Self {
            targets: section.list("targets", "strings", |value| {
                value.as_str().map(|text| text.parse::<Target>().map_err(|error| error.to_string()))
            }),
            detect_within: span(section, "detect_within"),
            timeout: span(section, "timeout"),
            down_after: section.number("down_after", 1..=20),
            up_after: section.number("up_after", 1..=20),
            need: section.number("need", 1..=8),
            budget: section.parsed("budget"),
            passive: section.flag("passive"),
        }
    }

    fn or(self, other: &Self) -> Self {
        Self {
            targets: self.targets.or_else(|| other.targets.clone()),
            detect_within: self.detect_within.or(other.detect_within),
            timeout: self.timeout.or(other.timeout),
            down_after: self.down_after.or(other.down_after),
            up_after: self.up_after.or(other.up_after),
            need: self.need.or(other.need),
            budget: self.budget.or(other.budget),
            passive: self.passive.or(other.passive),
        }
    }

    fn limits(&self, kind: LinkKind) -> Limits {
        let usual = kind.limits();
        Limits {
            detect_within: self.detect_within.unwrap_or(usual.detect_within),
            timeout: self.timeout.unwrap_or_else(|| usual.timeout.min(self.room(&usual))),
            down_after: self.down_after.unwrap_or(usual.down_after),
            up_after: self.up_after.unwrap_or(usual.up_after),
            need: self.need.and_then(|need| usize::try_from(need).ok()).unwrap_or(usual.need),
            budget: self.budget.map_or(usual.budget, |Amount(octets)| octets),
            passive: self.passive.unwrap_or(usual.passive),
        }
    }

    /// A usual time-out gives way to a short `detect_within`.
    fn room(&self, usual: &Limits) -> Duration {
        let rounds = self.down_after.unwrap_or(usual.down_after);
        self.detect_within.map_or(usual.timeout, |within| within / 2 / rounds.max(1))
    }
}

/// Reads the uplinks. Every mistake is in the report.
pub fn read(
    uplinks: Vec<merge::Named<'_>>,
    health: Keys<'_>,
    place: Option<Place<'_>>,
    modems: &[ModemConfig],
    context: &Context<'_>,
) -> Vec<UplinkSettings> {
    let common = place.map_or_else(Wish::default, |place| {
        let mut section = Section::new(place, health, context.report);
        let wish = Wish::read(&mut section);
        section.finish();
        wish
    });
    let read = |uplink| Reader { common: &common, modems, context }.uplink(uplink);
    let places: Vec<_> = uplinks.iter().map(|uplink| uplink.place).collect();
    let uplinks: Vec<_> = uplinks.into_iter().map(read).collect();
    for (at, uplink) in uplinks.iter().enumerate().filter_map(|(at, uplink)| Some((at, uplink.as_ref()?))) {
        let others = uplinks.iter().take(at).flatten();
        for problem in others.filter_map(|other| clash(uplink, other)) {
            places.get(at).into_iter().for_each(|place| context.report.error(place.problem(&problem)));
        }
    }
    uplinks.into_iter().flatten().collect()
}

/// Two uplinks that would take the default route, or a link, from each other.
fn clash(uplink: &UplinkSettings, other: &UplinkSettings) -> Option<String> {
    let shared = uplink.members.iter().find(|member| other.members.iter().any(|theirs| theirs.way.is_of(&member.way)));
    if let Some(shared) = shared {
        return Some(format!("{:?} is a link of uplink {:?} already; it can be of one only", shared.name, other.name));
    }
    (uplink.metric == other.metric).then(|| {
        format!(
            "metric: uplink {:?} has {} as well; the lower one goes first, so each needs its own",
            other.name, other.metric
        )
    })
}

struct Reader<'c> {
    common: &'c Wish,
    modems: &'c [ModemConfig],
    context: &'c Context<'c>,
}

impl Reader<'_> {
    fn uplink(&self, uplink: merge::Named<'_>) -> Option<UplinkSettings> {
        let report = self.context.report;
        let mut section = Section::new(uplink.place, uplink.keys, report);
        let usual = Rules::default();
        let rules = Rules {
            min_stay: section.parsed("min_stay").map_or(usual.min_stay, |Span(span)| span),
            hold_down: section.parsed("hold_down").map_or(usual.hold_down, |Span(span)| span),
            switch_after: section.parsed("switch_after").map_or(usual.switch_after, |Span(span)| span),
            switch_back: section.parsed("switch_back").map_or(usual.switch_back, |Span(span)| span),
        };
        let named = section.find("member").is_some();
        let metric = section.number("metric", 1..=1_000_000).unwrap_or(METRIC);
        let members = self.members(&mut section);
        section.finish();
        if members.is_empty() && named {
            return None;
        }
        if members.is_empty() {
            let message = r#"this uplink has no link; write one such as [[uplink.member]] with modem = "m0""#;
            report.error(uplink.place.problem(message));
            return None;
        }
        Some(UplinkSettings { name: uplink.id, rules, metric, members })
    }

    fn members(&self, section: &mut Section<'_, '_>) -> Vec<MemberSettings> {
        let report = section.report;
        let Some(item) = section.item("member") else { return vec![] };
        let DeValue::Array(list) = item.value else {
            report.error(wrong_type(&item, "member", "a list, [[uplink.member]] with two brackets,"));
            return vec![];
        };
        if list.is_empty() {
            report.error(item.place.problem("member: the list names no link"));
        }
        let mut members: Vec<MemberSettings> = vec![];
        for member in list {
            let place = Place { source: item.place.source, offset: member.span().start };
            let DeValue::Table(table) = member.into_inner() else {
                report.error(place.problem("member is a list of something else; a list of tables is wanted"));
                continue;
            };
            let section = Section::new(place, keys(table, place.source), report);
            let Some(member) = self.member(section) else { continue };
            let twin = |known: &MemberSettings| (&known.way, &known.setup) == (&member.way, &member.setup);
            if members.iter().any(twin) {
                report.error(place.problem(format!("there is a member {:?} already; one is enough", member.name)));
                continue;
            }
            members.push(member);
            if let Some(problem) = setup::turns(&members) {
                report.error(place.problem(problem));
                members.pop();
            }
        }
        setup::tell_apart(&mut members);
        members
    }

    fn member(&self, mut section: Section<'_, '_>) -> Option<MemberSettings> {
        let place = section.place;
        let way = self.way(&mut section);
        let setup = setup::setup(&mut section, way.as_ref());
        let kind = section.find("kind").and_then(|place| kind(&mut section, place));
        let cost = section.number("cost", 0..=1_000_000).unwrap_or_default();
        let plan = plan(&mut section);
        let then = self.then(&mut section, way.as_ref());
        let own = health_of(&mut section);
        section.finish();
        let way = way?;
        let kind = kind.unwrap_or_else(|| self.usual_kind(&way, setup.as_ref()));
        let wish = own.or(self.common);
        let limits = wish.limits(kind);
        let targets = wish.targets.unwrap_or_else(|| usual_targets(kind));
        let name = setup::name_of(&way, setup.as_ref());
        check(section_report(self.context), place, &name, &limits, &targets);
        Some(MemberSettings { name, way, setup, kind, limits, targets, cost, plan, then })
    }

    fn way(&self, section: &mut Section<'_, '_>) -> Option<Way> {
        let (modem_place, interface_place) = (section.find("modem"), section.find("interface"));
        let (modem, interface) = (section.string("modem"), section.string("interface"));
        let context = section.number("context", 0..=255).and_then(|context| u8::try_from(context).ok());
        match (modem_place, interface_place) {
            (Some(place), None) => {
                let id = modem?;
                if self.modems.iter().any(|modem| modem.id == id && modem.is_without_link()) {
                    let message =
                        format!("modem: {id} has data = \"none\", so no packet goes by this link; say how it gets one");
                    section.report.warn(place.problem(message));
                }
                if !self.modems.iter().any(|modem| modem.id == id) {
                    let known: Vec<_> = self.modems.iter().map(|modem| modem.id.as_str()).collect();
                    let hint = super::nearest::nearest(&id, known.iter().copied()).map_or_else(
                        || "a [[modem]] with that id is wanted".into(),
                        |name| format!("did you mean {name:?}?"),
                    );
                    section.report.error(place.problem(format!("modem: there is no modem {id:?}; {hint}")));
                }
                Some(Way::Modem { id, context })
            }
            (None, Some(place)) => section.sound("interface", place, interface_name(interface?)).map(Way::Interface),
            (Some(_), Some(place)) => {
                section.report.error(place.problem("interface: this member has modem as well; keep one of the two"));
                None
            }
            (None, None) => {
                let message = r#"this member goes by nothing; write modem = "m0" or interface = "eth0""#;
                section.report.error(section.place.problem(message));
                None
            }
        }
    }

    /// What a modem is, by the technologies it is to use; one that is not told is treated sparingly.
    fn usual_kind(&self, way: &Way, setup: Option<&LinkSetup>) -> LinkKind {
        let Way::Modem { id, .. } = way else { return LinkKind::Wired };
        let own = self.modems.iter().find(|modem| modem.id == *id).and_then(|modem| modem.rats.as_deref());
        let rats = setup.and_then(|setup| setup.rats.as_deref()).or(own);
        match rats.and_then(<[Rat]>::first) {
            None | Some(Rat::LteM) => LinkKind::LteM,
            Some(Rat::NbIot) => LinkKind::NbIot,
            Some(_) => LinkKind::Broadband,
        }
    }

    /// What the modem is to ask for when it is no longer throttled: what its configuration says, and nothing of what is
    /// the profile's alone.
    fn usual_power(&self, way: Option<&Way>, profile: PowerRequest) -> PowerRequest {
        let of = |id: &String| self.modems.iter().find(|modem| modem.id == *id).map(|modem| modem.power);
        let own = match way {
            Some(Way::Modem { id, .. }) => of(id).unwrap_or_default(),
            _ => PowerRequest::default(),
        };
        PowerRequest {
            psm: own.psm.or(profile.psm.map(|_| None)),
            edrx: own.edrx.or(profile.edrx.map(|_| None)),
            mico: own.mico.or(profile.mico.map(|_| false)),
            drx_cycle: own.drx_cycle.or(profile.drx_cycle.map(|_| None)),
        }
    }

    fn then(&self, section: &mut Section<'_, '_>, way: Option<&Way>) -> Then {
        let Some(place) = section.find("then") else { return Then::Warn };
        let Some(then) = section.string("then") else { return Then::Warn };
        let profile = section.find("profile").zip(section.string("profile"));
        let problem = |message: String| {
            section.report.error(place.problem(message));
            Then::Warn
        };
        match (then.as_str(), profile) {
            ("warn", None) => Then::Warn,
            ("switch", None) => Then::Switch,
            ("throttle", Some((place, name))) => match self.context.profiles.find(&name) {
                Ok((path, text)) => {
                    let source = super::report::Source { path, text };
                    let found = super::profile::Profile::read(&source, None, section.report);
                    Then::Throttle { profile: name, power: found.power, usual: self.usual_power(way, found.power) }
                }
                Err(error) => {
                    section.report.error(place.problem(format!("profile: {error}")));
                    Then::Warn
                }
            },
            ("throttle", None) => {
                problem("then: to throttle, a power profile is wanted, such as profile = \"utility-meter\"".into())
            }
            ("warn" | "switch", Some(_)) => problem(format!("then: {then:?} needs no profile; \"throttle\" does")),
            _ => problem(format!("then: {then:?} is nothing to do; there are warn, switch, throttle")),
        }
    }
}

const fn section_report<'c>(context: &'c Context<'_>) -> &'c Report {
    context.report
}

/// Warns of what cannot be as it is written.
fn check(report: &Report, place: Place<'_>, name: &str, limits: &Limits, targets: &[Target]) {
    let shortest = limits.shortest_detection();
    if limits.detect_within < shortest {
        let (within, shortest) = (Span(limits.detect_within), Span(shortest));
        let message = format!(
            "detect_within: {within} is too short for {} rounds of {}; {shortest} is the least",
            limits.down_after,
            Span(limits.timeout)
        );
        report.error(place.problem(message));
        return;
    }
    if limits.need > targets.len() && !targets.is_empty() {
        report.error(place.problem(format!(
            "need: {} targets have to answer, and there are {}",
            limits.need,
            targets.len()
        )));
    }
    let cost = targets.iter().map(Target::cost).min().unwrap_or_default();
    let detection = limits.detection(cost);
    if !targets.is_empty() && detection > limits.detect_within {
        let (budget, within, real) =
            (Amount(limits.budget), Span(limits.detect_within), Span(Duration::from_secs(detection.as_secs())));
        report.warn(place.problem(format!("budget: {budget} a day are too little to detect within {within}; a silent {name} is known to be dead within {real}")));
    }
}

fn health_of(section: &mut Section<'_, '_>) -> Wish {
    let report = section.report;
    let Some(item) = section.item("health") else { return Wish::default() };
    match item.value {
        // No questions at all.
        DeValue::Boolean(false) => Wish { targets: Some(vec![]), ..Wish::default() },
        DeValue::Table(table) => {
            let mut inner = Section::new(item.place, keys(table, item.place.source), report);
            let wish = Wish::read(&mut inner);
            inner.finish();
            wish
        }
        _ => {
            report.error(wrong_type(&item, "health", r#"a table such as { detect_within = "1m" }, or false,"#));
            Wish::default()
        }
    }
}

fn kind(section: &mut Section<'_, '_>, place: Place<'_>) -> Option<LinkKind> {
    let text = section.string("kind")?;
    let found = LinkKind::ALL.into_iter().find(|kind| kind.name() == text);
    section.sound(
        "kind",
        place,
        found.ok_or_else(|| format!("{text:?} is no kind of link; there are wired, broadband, lte-m, nb-iot")),
    )
}

fn plan(section: &mut Section<'_, '_>) -> Plan {
    let limit = section.parsed("limit").map(|Amount(octets)| octets);
    let warn_at = section.number("warn_at", 1..=100).and_then(|share| u8::try_from(share).ok()).unwrap_or(80);
    let cycle = section.find("cycle").and_then(|place| {
        let text = section.string("cycle")?;
        section.sound("cycle", place, cycle(&text))
    });
    Plan { limit, warn_at, cycle: cycle.unwrap_or_default() }
}

/// `monthly`, `monthly on 15`, `30 days`.
fn cycle(text: &str) -> Result<Cycle, String> {
    let advice = || format!("{text:?} is no cycle; write monthly, \"monthly on 15\" or \"30 days\"");
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["monthly"] => Ok(Cycle::Monthly(1)),
        ["monthly", "on", day] => match day.parse() {
            Ok(day @ 1..=31) => Ok(Cycle::Monthly(day)),
            _ => Err(advice()),
        },
        [days, "days" | "day"] => match days.parse() {
            Ok(days @ 1..=366) => Ok(Cycle::Days(days)),
            _ => Err(advice()),
        },
        _ => Err(advice()),
    }
}

/// As the kernel takes it (`IFNAMSIZ`).
fn interface_name(name: String) -> Result<String, String> {
    let sound = (1..=15).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
    if sound { Ok(name) } else { Err(format!("{name:?} is no name of a network interface, such as eth0")) }
}

/// The name servers that came with a modem's link, and resolvers that anybody may ask.
fn usual_targets(kind: LinkKind) -> Vec<Target> {
    let pings = ANYCAST.iter().filter_map(|address| address.parse().ok()).map(|address: IpAddr| Target::Icmp(address));
    let own = (kind != LinkKind::Wired).then_some(Target::LinkDns);
    own.into_iter().chain(pings).collect()
}
