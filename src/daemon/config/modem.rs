//! `[[modem]]`.

use std::path::PathBuf;

use toml::de::DeValue;

use super::merge;
use super::nearest::nearest;
use super::power::Saving;
use super::profile::{Profile, Profiles};
use super::report::{Place, Source};
use super::section::{Section, whole, within, wrong_type};
use super::{Context, ModemConfig, data, lines, port, power, rats, recovery};
use crate::private::Private;
use crate::spec::rat::Rat;

/// What an LPWA modem uses unless it is told: eDRX cycles are checked for these.
pub const USUAL_RATS: [Rat; 2] = [Rat::LteM, Rat::NbIot];

/// Reads one modem; `None` where it has no port to go on with. Every mistake is in the report.
pub fn read(modem: merge::Named<'_>, context: &Context<'_>) -> Option<ModemConfig> {
    let mut section = Section::new(modem.place, modem.keys, context.report);
    let port = port::read(&mut section);
    let model = model(&mut section, context);
    let apn = section.parsed("apn");
    let pdp_type = section.parsed("pdp_type");
    let user = section.string("user");
    let password = secret(&mut section, "password_file", context, Ok);
    let rats = rats(&mut section);
    let bands = section.list("bands", "whole numbers", |value| whole(value).map(band));
    let autoconnect = section.flag("autoconnect").unwrap_or(true);
    let slots = slots(&mut section);
    let pin = secret(&mut section, "pin_file", context, pin);
    let data = data::read(&mut section, port.as_ref());
    let bearers = data::bearers(&mut section, port.as_ref(), context);
    let power_cut = recovery::power_cut(&mut section, port.as_ref());
    let (Saving { request: power, release }, profile_rats) =
        saving(&mut section, rats.as_deref(), context.profiles, "modem");
    let rats = rats.or(profile_rats);
    let (dtr, pwrkey) = lines::read(&mut section, port.as_ref());
    section.finish();
    let id = modem.id;
    Some(ModemConfig {
        id,
        port: port?,
        model,
        apn,
        pdp_type,
        user,
        password,
        rats,
        bands,
        slots,
        autoconnect,
        pin,
        power,
        release,
        data,
        bearers,
        power_cut,
        dtr,
        pwrkey,
    })
}

/// No modem has more slots for cards.
pub const MOST_SLOTS: u32 = 8;

/// `slot = 2`, or `slots = [2, 1]`: the preferred first.
fn slots(section: &mut Section<'_, '_>) -> Vec<u8> {
    let place = section.find("slots");
    let one = section.number("slot", 1..=MOST_SLOTS).and_then(|slot| u8::try_from(slot).ok());
    let several = section.list("slots", "whole numbers", |value| whole(value).map(slot)).unwrap_or_default();
    let Some(place) = place else { return one.into_iter().collect() };
    let twice = several.iter().enumerate().any(|(at, slot)| several.iter().take(at).any(|other| other == slot));
    if one.is_some() {
        section.report.error(place.problem("slots: this modem has slot as well; keep one of the two"));
    } else if several.is_empty() || twice {
        section.report.error(place.problem("slots: each slot once is wanted, the preferred first, such as [2, 1]"));
    }
    several
}

fn model(section: &mut Section<'_, '_>, context: &Context<'_>) -> Option<String> {
    let place = section.find("model")?;
    let model = section.string("model")?;
    if context.models.contains(&model) {
        return Some(model);
    }
    let hint = match nearest(&model, context.models.iter().map(String::as_str)) {
        Some(name) => format!("did you mean {name:?}?"),
        None => "`lpwa modems list` shows those that are known".into(),
    };
    section.report.error(place.problem(format!("model: there is no model {model:?}; {hint}")));
    None
}

/// The number of a slot.
fn slot(number: i64) -> Result<u8, String> {
    within(number, &(1..=MOST_SLOTS)).map(|number| u8::try_from(number).unwrap_or(u8::MAX))
}

/// The highest E-UTRA and NR band numbers in use stay below 1024.
pub(super) fn band(number: i64) -> Result<u16, String> {
    within(number, &(1..=1024)).map(|number| u16::try_from(number).unwrap_or(u16::MAX))
}

/// Power saving, and the technologies that its profile is made for.
pub(super) fn saving(
    section: &mut Section<'_, '_>,
    rats: Option<&[Rat]>,
    profiles: Profiles<'_>,
    owner: &str,
) -> (Saving, Option<Vec<Rat>>) {
    let report = section.report;
    let (profile_place, item) = (section.find("profile"), section.item("power"));
    let profile = section.string("profile");
    let power = match (profile_place.zip(profile), item) {
        (Some((place, _)), Some(_)) => {
            report.error(place.problem(format!("profile: this {owner} has power as well; keep one of the two")));
            None
        }
        (Some((place, name)), None) => match profiles.find(&name) {
            Ok((path, text)) => {
                let profile = Profile::read(&Source { path, text }, rats, report);
                return (Saving { request: profile.power, release: profile.release }, profile.rats);
            }
            Err(error) => {
                report.error(place.problem(format!("profile: {error}")));
                None
            }
        },
        (None, Some(item)) => match item.value {
            DeValue::Table(table) => Some(power::inline(item.place, table, rats.unwrap_or(&USUAL_RATS), report)),
            _ => {
                report.error(wrong_type(&item, "power", "a table such as { psm = false }"));
                None
            }
        },
        (None, None) => None,
    };
    (power.unwrap_or_default(), None)
}

/// The first line of the file that `key` names. A file that is not as it should be is no reason to leave the other
/// modems offline: it is a warning, and the secret is not there.
pub fn secret(
    section: &mut Section<'_, '_>,
    key: &'static str,
    context: &Context<'_>,
    check: impl Fn(String) -> Result<String, String>,
) -> Option<Private<String>> {
    let place = section.find(key)?;
    let path = resolve(place, &section.string(key)?);
    let warn = |message: String| context.report.warn(place.problem(format!("{key}: {} {message}", path.display())));
    if context.files.mode(&path).is_ok_and(|mode| mode & 0o004 != 0) {
        warn(format!("is readable by everybody; run chmod 600 {}", path.display()));
    }
    let text = match context.files.read(&path) {
        Ok(text) => text.lines().next().unwrap_or_default().trim_end().to_owned(),
        Err(error) => {
            warn(format!("cannot be read: {error}"));
            return None;
        }
    };
    check(text).map(Private::new).map_err(warn).ok()
}

/// PIN1 has four to eight digits (TS 31.101 clause 9.5.1).
pub(super) fn pin(text: String) -> Result<String, String> {
    let good = (4..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if good { Ok(text) } else { Err("holds no PIN; four to eight digits in its first line are wanted".into()) }
}

/// A relative path starts at the file that names it.
pub(super) fn resolve(place: Place<'_>, path: &str) -> PathBuf {
    place.source.path.parent().map_or_else(|| PathBuf::from(path), |dir| dir.join(path))
}
