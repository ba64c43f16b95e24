//! The main file and its drop-ins, laid over each other key by key: the later file wins.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeValue;

use super::files::Files;
use super::report::{Place, Problem, Report, Source};
use super::section::{Keys, Section, keys, wrong_type};

/// What the files say together.
#[derive(Default)]
pub struct Merged<'a> {
    pub daemon: Keys<'a>,
    pub retry: Keys<'a>,
    pub health: Keys<'a>,
    pub recovery: Keys<'a>,
    /// In the order in which the ids first appear.
    pub modems: Vec<Named<'a>>,
    /// In the order in which the names first appear.
    pub uplinks: Vec<Named<'a>>,
}

/// The keys of one `[[modem]]` or `[[uplink]]`, over all files.
pub struct Named<'a> {
    pub id: String,
    /// Where it first appears.
    pub place: Place<'a>,
    pub keys: Keys<'a>,
}

/// The main file, then `*.toml` of its directory of drop-ins by name: `lpwa.d` beside `lpwa.toml`.
pub fn sources(main: &Path, files: &dyn Files, report: &Report) -> Vec<Source> {
    let drop_ins = main.with_extension("d");
    let mut paths = match files.list(&drop_ins) {
        Ok(paths) => paths,
        Err(error) if error.kind() == ErrorKind::NotFound => vec![],
        Err(error) => {
            report.error(Problem::of_file(&drop_ins, format!("cannot be read: {error}")));
            vec![]
        }
    };
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    std::iter::once(main.to_owned()).chain(paths).filter_map(|path| source(path, files, report)).collect()
}

fn source(path: PathBuf, files: &dyn Files, report: &Report) -> Option<Source> {
    match files.read(&path) {
        Ok(text) => Some(Source { path, text }),
        Err(error) => {
            report.error(Problem::of_file(&path, format!("cannot be read: {error}")));
            None
        }
    }
}

/// Parses and merges.
pub fn merge<'a>(sources: &'a [Source], report: &Report) -> Merged<'a> {
    let mut merged = Merged::default();
    for source in sources {
        merged.add_file(Section::of_file(source, report), source);
    }
    merged
}

impl<'a> Merged<'a> {
    fn add_file(&mut self, mut section: Section<'a, '_>, source: &'a Source) {
        let report = section.report;
        let tables = [
            ("daemon", "a table, [daemon],", &mut self.daemon),
            ("retry", "a table, [retry],", &mut self.retry),
            ("health", "a table, [health],", &mut self.health),
            ("recovery", "a table, [recovery],", &mut self.recovery),
        ];
        for (name, wanted, into) in tables {
            let Some(item) = section.item(name) else { continue };
            match item.value {
                DeValue::Table(table) => into.extend(keys(table, source)),
                _ => report.error(wrong_type(&item, name, wanted)),
            }
        }
        let lists = [
            ("modem", "id", "a list, [[modem]] with two brackets,", &mut self.modems),
            ("uplink", "name", "a list, [[uplink]] with two brackets,", &mut self.uplinks),
        ];
        for (name, key, wanted, into) in lists {
            let Some(item) = section.item(name) else { continue };
            match item.value {
                DeValue::Array(list) => add_named(into, (name, key), list, source, report),
                _ => report.error(wrong_type(&item, name, wanted)),
            }
        }
        section.finish();
    }
}

/// Adds the tables of a list such as `[[modem]]`, each of which `key` names.
fn add_named<'a>(
    all: &mut Vec<Named<'a>>,
    (name, key): (&str, &str),
    list: impl IntoIterator<Item = Spanned<DeValue<'a>>>,
    source: &'a Source,
    report: &Report,
) {
    let mut here: Vec<(String, usize)> = vec![];
    for element in list {
        let place = Place { source, offset: element.span().start };
        let DeValue::Table(table) = element.into_inner() else {
            report.error(place.problem(format!("{name} is a list of something else; a list of tables is wanted")));
            continue;
        };
        let mut keys = keys(table, source);
        let Some(id) = take_id(&mut keys, (name, key), place, report) else { continue };
        if let Some((_, line)) = here.iter().find(|(known, _)| *known == id) {
            let message = format!("there is a {name} {id:?} already, in line {line}; choose another {key}");
            report.error(place.problem(message));
            continue;
        }
        here.push((id.clone(), place.line()));
        match all.iter_mut().find(|known| known.id == id) {
            Some(known) => known.keys.extend(keys),
            None => all.push(Named { id, place, keys }),
        }
    }
}

fn take_id(keys: &mut Keys<'_>, (name, key): (&str, &str), place: Place<'_>, report: &Report) -> Option<String> {
    let Some(item) = keys.remove(key) else {
        let example = if name == "modem" { "m0" } else { "wan" };
        report.error(place.problem(format!("this {name} has no {key}; write one such as {key} = {example:?}")));
        return None;
    };
    let Some(id) = item.value.as_str() else {
        report.error(wrong_type(&item, key, "a string"));
        return None;
    };
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    if !(1..=32).contains(&id.len()) || !id.bytes().all(allowed) {
        let message = format!("{key}: {id:?} is no {key}; 1 to 32 of a-z, 0-9, '_' and '-' are wanted");
        report.error(item.place.problem(message));
        return None;
    }
    Some(id.to_owned())
}
