//! SIM policy files: `/etc/lpwa/sims.d/*.toml`, one file for one kind of card.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::files::Files;
use super::power::Saving;
use super::profile::Profiles;
use super::report::{ConfigError, Place, Problem, Report, Source};
use super::section::{Keys, Section, keys, whole, wrong_type};
use super::{modem, rats};
use crate::modem::handle::PowerRequest;
use crate::modem::sim_policy::{Access, Roaming, SimPolicy};
use crate::policy::card::{Key, Rule};
use crate::private::Private;
use crate::spec::amount::Amount;
use crate::spec::apn::Apn;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::state::{Cycle, DataPlan};

/// APNs of one policy at most: each has its turn, with a minute in between.
const MOST_APNS: usize = 8;

/// The directory of policies, and what their files refer to.
#[derive(Clone, Copy)]
pub struct Sims<'s> {
    /// Reads the files.
    pub files: &'s dyn Files,
    /// The directory; it need not be there.
    pub dir: &'s Path,
    /// Where power profiles are.
    pub profiles: Profiles<'s>,
}

/// What the directory holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shelf {
    /// Policies without a mistake, by file name.
    pub policies: Vec<SimPolicy>,
    /// What is wrong in the files that are left out.
    pub mistakes: Vec<Problem>,
    /// What is possible but hardly meant.
    pub warnings: Vec<Problem>,
}

impl Sims<'_> {
    /// Reads every policy. A file with mistakes is left out: it takes no other card offline.
    pub fn load(&self) -> Shelf {
        let mut shelf = Shelf::default();
        let mut paths = match self.files.list(self.dir) {
            Ok(paths) => paths,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                shelf.mistakes.push(Problem::of_file(self.dir, format!("cannot be read: {error}")));
                Vec::new()
            }
        };
        paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
        paths.sort();
        for path in paths {
            let read = self.files.read(&path).map_err(|error| {
                let problem = Problem::of_file(&path, format!("cannot be read: {error}"));
                ConfigError { problems: vec![problem] }
            });
            match read.and_then(|text| self.parse(&path, &text)) {
                Ok((policy, warnings)) => {
                    shelf.policies.push(policy);
                    shelf.warnings.extend(warnings);
                }
                Err(error) => shelf.mistakes.extend(error.problems),
            }
        }
        shelf
    }

    /// Reads the policy in `text`, the content of `path`. The error has every mistake.
    pub fn parse(&self, path: &Path, text: &str) -> Result<(SimPolicy, Vec<Problem>), ConfigError> {
        let (report, source) = (Report::default(), Source { path: path.into(), text: text.into() });
        let policy = self.read(&source, &report);
        report.finish().map(|warnings| (policy, warnings))
    }

    fn read(&self, source: &Source, report: &Report) -> SimPolicy {
        let mut section = Section::of_file(source, report);
        let name = source.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let title = section.string("title");
        let rule = table(&mut section, "match", r#"match = { plmn = "00101" }"#, rule).unwrap_or_default();
        let accesses = self.accesses(&mut section);
        let pin = self.pin(&mut section);
        let roaming = roaming(&mut section).unwrap_or_default();
        let rats = rats(&mut section);
        let bands = section.list("bands", "whole numbers", |value| whole(value).map(modem::band));
        let (power, profile_rats) = self.power(&mut section, rats.as_deref());
        let data = table(&mut section, "data", r#"data = { limit = "50MB" }"#, data).flatten();
        let networks = table(&mut section, "networks", r#"networks = { forbidden = ["00101"] }"#, networks);
        let (preferred, forbidden) = networks.unwrap_or_default();
        section.finish();
        let rats = rats.or(profile_rats);
        SimPolicy { name, title, rule, accesses, pin, roaming, rats, bands, power, data, preferred, forbidden }
    }

    fn accesses(&self, section: &mut Section<'_, '_>) -> Vec<Access> {
        let report = section.report;
        let Some(item) = section.item("apns") else { return Vec::new() };
        let place = item.place;
        let DeValue::Array(list) = item.value else {
            report.error(wrong_type(&item, "apns", r#"a list such as ["iot.a", { apn = "iot.b", user = "u" }]"#));
            return Vec::new();
        };
        if list.is_empty() || list.len() > MOST_APNS {
            let message = format!("apns: {} APNs are in the list; 1 to {MOST_APNS} are possible", list.len());
            report.error(place.problem(message));
        }
        let read = |value: toml::Spanned<DeValue<'_>>| {
            let at = Place { offset: value.span().start, ..place };
            match value.into_inner() {
                DeValue::String(apn) => {
                    let apn = section.sound("apns", at, apn.parse::<Apn>())?;
                    Some(Access { apn, ..Access::default() })
                }
                DeValue::Table(table) => self.access(at, table, report),
                _ => {
                    report.error(at.problem("apns: an APN is a string, or a table with apn and what it needs"));
                    None
                }
            }
        };
        list.into_iter().filter_map(read).collect()
    }

    fn access<'a>(&self, place: Place<'a>, table: DeTable<'a>, report: &Report) -> Option<Access> {
        let mut section = Section::new(place, keys(table, place.source), report);
        let named = section.find("apn").is_some();
        let apn = section.parsed("apn");
        let pdp_type = section.parsed("pdp_type");
        let (user_place, user) = (section.find("user"), section.string("user"));
        let password = self.secret(&mut section, "password_file", "password_credential", Ok);
        let (auth_place, auth) = (section.find("auth"), section.parsed("auth"));
        if user.is_none()
            && let Some(place) = auth_place.filter(|_| user_place.is_none())
        {
            report.error(place.problem("auth: there is no user to prove; write user = \"...\" as well"));
        }
        if !named {
            let message = r#"this APN has no apn; write apn = "iot.example", or "" for the network's default"#;
            report.error(place.problem(message));
        }
        section.finish();
        let password = password.and_then(|password| password.map_err(|why| report.error(place.problem(why))).ok());
        let credentials = user.map(|user| (user, password.unwrap_or_default()));
        Some(Access { apn: apn?, pdp_type, credentials, authentication: auth.unwrap_or_default() })
    }

    /// Power saving, and the technologies that its profile is made for.
    fn power(
        &self,
        section: &mut Section<'_, '_>,
        rats: Option<&[Rat]>,
    ) -> (Option<(PowerRequest, bool)>, Option<Vec<Rat>>) {
        let named = section.find("profile").is_some() || section.find("power").is_some();
        let (Saving { request, release }, profile_rats) = modem::saving(section, rats, self.profiles, "policy");
        (named.then_some((request, release)), profile_rats)
    }

    fn pin(&self, section: &mut Section<'_, '_>) -> Option<Result<Private<String>, String>> {
        let place = section.find("pin_file").or_else(|| section.find("pin_credential"))?;
        let pin = self.secret(section, "pin_file", "pin_credential", modem::pin)?;
        // The policy is of use without it, and the reason is what a person has to read.
        if let Err(why) = &pin {
            section.report.warn(place.problem(why));
        }
        Some(pin)
    }

    /// The first line of a file, or of a credential of systemd (systemd.exec(5), `LoadCredential=`). One that everybody
    /// may read is refused: it is no secret any more.
    fn secret(
        &self,
        section: &mut Section<'_, '_>,
        file_key: &'static str,
        credential_key: &'static str,
        check: impl Fn(String) -> Result<String, String>,
    ) -> Option<Result<Private<String>, String>> {
        let (file_place, credential_place) = (section.find(file_key), section.find(credential_key));
        let (file, credential) = (section.string(file_key), section.string(credential_key));
        let (key, path) = match (file_place.zip(file), credential_place.zip(credential)) {
            (None, None) => return None,
            (Some((place, file)), None) => (file_key, modem::resolve(place, &file)),
            (None, Some((_, name))) => match self.credential(&name) {
                Ok(path) => (credential_key, path),
                Err(why) => return Some(Err(format!("{credential_key}: {why}"))),
            },
            (Some(_), Some((place, _))) => {
                section.report.error(
                    place.problem(format!("{credential_key}: there is {file_key} as well; keep one of the two")),
                );
                return None;
            }
        };
        let wrong = |message: String| format!("{key}: {} {message}", path.display());
        if self.files.mode(&path).is_ok_and(|mode| mode & 0o004 != 0) {
            return Some(Err(wrong(format!(
                "is readable by everybody and is not used; run chmod 600 {}",
                path.display()
            ))));
        }
        let text = self.files.read(&path).map_err(|error| wrong(format!("cannot be read: {error}")));
        let first = text.map(|text| text.lines().next().unwrap_or_default().trim_end().to_owned());
        Some(first.and_then(|line| check(line).map_err(wrong)).map(Private::new))
    }

    fn credential(&self, name: &str) -> Result<PathBuf, String> {
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !plain || name.starts_with('.') {
            return Err(format!("{name:?} is no name of a credential"));
        }
        let dir = self.files.credentials().ok_or_else(|| {
            format!("systemd gave this process no credentials; write LoadCredential={name}:/PATH into the unit")
        })?;
        Ok(dir.join(name))
    }
}

/// A table under `key`, read by `read`.
fn table<'a, 'r, T>(
    section: &mut Section<'a, 'r>,
    key: &'static str,
    example: &str,
    read: impl FnOnce(&mut Section<'a, 'r>) -> T,
) -> Option<T> {
    let report = section.report;
    let item = section.item(key)?;
    let DeValue::Table(table) = item.value else {
        report.error(wrong_type(&item, key, &format!("a table such as {example}")));
        return None;
    };
    let keys: Keys<'a> = keys(table, item.place.source);
    let mut inner = Section::new(item.place, keys, report);
    let value = read(&mut inner);
    inner.finish();
    Some(value)
}

/// `match`: prefixes, as a string or a list.
fn rule(section: &mut Section<'_, '_>) -> Rule {
    Rule::new(Key::ALL.map(|key| (key, prefixes(section, key))))
}

fn prefixes(section: &mut Section<'_, '_>, key: Key) -> Vec<String> {
    let name = key.name();
    let Some(item) = section.item(name) else { return Vec::new() };
    let texts: Option<Vec<&str>> = match &item.value {
        DeValue::String(text) => Some(vec![text]),
        DeValue::Array(list) => list.iter().map(|value| value.get_ref().as_str()).collect(),
        _ => None,
    };
    let Some(texts) = texts else {
        section.report.error(wrong_type(&item, name, "a string or a list of strings"));
        return Vec::new();
    };
    if texts.is_empty() {
        section.report.error(item.place.problem(format!("{name}: the list is empty; leave the key out for any card")));
    }
    texts.into_iter().filter_map(|text| section.sound(name, item.place, prefix(key, text))).collect()
}

/// A prefix that some card can have.
fn prefix(key: Key, text: &str) -> Result<String, String> {
    let digits = |longest: usize| (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let hex = |longest: usize| (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let good = match key {
        Key::Iccid => hex(20) && "89".starts_with(text.get(..2).unwrap_or(text)),
        Key::Imsi => digits(15),
        Key::Gid1 => hex(64),
        Key::Spn => (1..=64).contains(&text.chars().count()),
        Key::Plmn => text.parse::<Plmn>().is_ok(),
    };
    let wanted = match key {
        Key::Iccid => "the first digits of an ICCID, which starts with 89",
        Key::Imsi => "up to 15 digits of an IMSI",
        Key::Gid1 => "hexadecimal digits",
        Key::Spn => "up to 64 characters",
        Key::Plmn => "five or six digits, such as 00101,",
    };
    match (good, key) {
        (true, Key::Gid1 | Key::Iccid) => Ok(text.to_ascii_uppercase()),
        (true, _) => Ok(text.to_owned()),
        (false, _) => Err(format!("{text:?} matches no card; {wanted} are wanted")),
    }
}

/// `roaming`: `true`, `false`, or a list of networks and countries.
fn roaming(section: &mut Section<'_, '_>) -> Option<Roaming> {
    let item = section.item("roaming")?;
    match &item.value {
        DeValue::Boolean(true) => Some(Roaming::Allowed),
        DeValue::Boolean(false) => Some(Roaming::Forbidden),
        DeValue::Array(list) => {
            let read = |value: &toml::Spanned<DeValue<'_>>| {
                let text = value.get_ref().as_str().unwrap_or_default();
                let country = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
                let good = country || text.parse::<Plmn>().is_ok();
                let message = format!("{text:?} is neither a network such as 26201 nor a country such as 262");
                section.sound("roaming", item.place, good.then(|| text.to_owned()).ok_or(message))
            };
            list.iter().map(read).collect::<Option<Vec<_>>>().map(Roaming::Only)
        }
        _ => {
            section.report.error(wrong_type(&item, "roaming", "true, false, or a list of networks and countries"));
            None
        }
    }
}

/// `data`: how much the tariff has.
fn data(section: &mut Section<'_, '_>) -> Option<DataPlan> {
    let place = section.place;
    let had_limit = section.find("limit").is_some();
    let limit: Option<Amount> = section.parsed("limit");
    let warn_at = section.number("warn_at", 1..=100).unwrap_or(80);
    let (day_place, day) = (section.find("cycle_day"), section.number("cycle_day", 1..=31));
    let (days_place, days) = (section.find("cycle_days"), section.number("cycle_days", 1..=366));
    if let (Some(_), Some(place)) = (day_place, days_place) {
        section.report.error(place.problem("cycle_days: there is cycle_day as well; keep one of the two"));
    }
    if !had_limit {
        section.report.error(place.problem(r#"data has no limit; write limit = "50MB""#));
    }
    let small = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
    let cycle = match (day, days) {
        (_, Some(days)) => Cycle::Days(small(days)),
        (day, None) => Cycle::Monthly(u8::try_from(day.unwrap_or(1)).unwrap_or(1)),
    };
    Some(DataPlan { limit: limit?.0, warn_at: u8::try_from(warn_at).unwrap_or(100), cycle })
}

/// `networks`: preferred and forbidden ones.
fn networks(section: &mut Section<'_, '_>) -> (Vec<Plmn>, Vec<Plmn>) {
    let read = |value: &DeValue<'_>| value.as_str().map(|text| text.parse::<Plmn>().map_err(|e| e.to_string()));
    let preferred = section.list("preferred", "strings", read).unwrap_or_default();
    let place = section.find("forbidden");
    let forbidden = section.list("forbidden", "strings", read).unwrap_or_default();
    if let (Some(place), Some(both)) = (place, forbidden.iter().find(|plmn| preferred.contains(plmn))) {
        section.report.error(place.problem(format!("forbidden: {both} is preferred as well; keep one of the two")));
    }
    (preferred, forbidden)
}
