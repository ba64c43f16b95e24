//! How the modem of a link has to be set for it, and what such links are called.

use crate::daemon::config::modem::MOST_SLOTS;
use crate::daemon::config::rats;
use crate::daemon::config::section::Section;
use crate::modem::handle::LinkSetup;
use crate::uplink::{MemberSettings, Way};

/// `slot`, `apn`, `rats`: how the modem has to be set for this link.
pub fn setup(section: &mut Section<'_, '_>, way: Option<&Way>) -> Option<LinkSetup> {
    let named = ["slot", "apn", "rats"].into_iter().find_map(|key| Some((key, section.find(key)?)));
    let setup = LinkSetup {
        slot: section.number("slot", 1..=MOST_SLOTS).and_then(|slot| u8::try_from(slot).ok()),
        apn: section.parsed("apn"),
        rats: rats(section),
    };
    let (key, place) = named?;
    let wrong = match way {
        Some(Way::Interface(_)) => Some("an interface has none; it goes with modem"),
        Some(Way::Modem { context: Some(_), .. }) if setup.apn.is_some() => {
            Some("a context has its APN in [[modem.bearer]]; leave one of the two out")
        }
        _ => None,
    };
    if let Some(wrong) = wrong {
        section.report.error(place.problem(format!("{key}: {wrong}")));
    }
    Some(setup).filter(|_| wrong.is_none())
}

/// `m0`, `m0/2`, `m0/sim2`, `m0/b.test`, `m0/nb-iot`: what is named first of these. What it takes besides to tell links of
/// one modem apart comes from [`tell_apart`].
pub fn name_of(way: &Way, setup: Option<&LinkSetup>) -> String {
    let (id, context) = match way {
        Way::Modem { id, context } => (id, context),
        Way::Interface(name) => return name.clone(),
    };
    let own = setup.and_then(|setup| parts_of(setup).into_iter().next());
    let context = context.map(|context| context.to_string());
    [Some(id.clone()), own, context].into_iter().flatten().collect::<Vec<_>>().join("/")
}

/// What a setup names, in words.
fn parts_of(setup: &LinkSetup) -> Vec<String> {
    let rats = setup.rats.iter().map(|rats| rats.iter().map(|rat| rat.name()).collect::<Vec<_>>().join("+"));
    let apn = setup.apn.iter().map(|apn| if apn.as_str().is_empty() { "default".into() } else { apn.to_string() });
    setup.slot.iter().map(|slot| format!("sim{slot}")).chain(apn).chain(rats).collect()
}

/// Links of one modem that would have the same name have all of their setup in it.
pub fn tell_apart(members: &mut [MemberSettings]) {
    let names: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
    for member in members {
        let same = names.iter().filter(|name| **name == member.name).count();
        if let (Some(setup), Some(modem), true) = (&member.setup, member.way.modem(), same > 1) {
            member.name = std::iter::once(modem.to_owned()).chain(parts_of(setup)).collect::<Vec<_>>().join("/");
        }
    }
}

/// Why these links of one modem cannot be: where one has a setup, each needs its own, as they take turns.
pub fn turns(members: &[MemberSettings]) -> Option<String> {
    let set = |modem: &str| members.iter().any(|other| other.way.modem() == Some(modem) && other.setup.is_some());
    members.iter().enumerate().find_map(|(at, member)| {
        let modem = member.way.modem().filter(|modem| set(modem))?;
        let mut before = members.iter().take(at).filter(|other| other.way.modem() == Some(modem));
        let name = &before.find(|other| other.setup == member.setup)?.name;
        Some(format!(
            "{modem} has a link with the same slot, apn and rats already, {name:?}; links of one modem with these take turns"
        ))
    })
}
