//! All model files together: those of this program, and those that a user lays over them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::spec::rat::Rat;

use super::Definition;
use super::build::build;
use super::layers::{Layers, Resolved, Source};
use super::problem::Problem;
use super::tree::Node;

macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        /// The files of `modems/`; `tests/models.rs` compares this list with the directory.
        const BUILTIN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/modems/", $name, ".toml")))),*];
    };
}

builtin! {
    "generic",
    "generic-mbim",
    "generic-qmi",
    "nordic-nrf91",
    "quectel",
    "quectel-bg95",
    "quectel-bg96",
    "quectel-eg25",
    "quectel-rg255c",
    "quectel-rm520n",
    "sierra-wp76",
    "simcom",
    "simcom-sim7000",
    "simcom-sim7080",
    "simcom-sim7080-9206",
    "ublox",
    "ublox-sara-r4",
    "ublox-sara-r410m-02b",
    "ublox-sara-r412",
    "ublox-sara-r422",
    "ublox-sara-r5",
}

/// Every model that lpwa knows.
#[derive(Debug, Clone, Default)]
pub struct Library {
    layers: Layers,
    models: BTreeMap<String, Model>,
}

/// What is kept of a model for finding it; the rest is built when it is asked for.
#[derive(Debug, Clone)]
struct Model {
    row: Row,
    usb: Vec<String>,
    /// The names of the files that it consists of.
    chain: Vec<String>,
}

/// One line of `lpwa modems list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The file's name without `.toml`.
    pub name: String,
    /// For people.
    pub title: String,
    /// The file that it extends.
    pub extends: Option<String>,
    /// Globs over the answer of `AT+CGMM`; none for a file that is there to be extended.
    pub models: Vec<String>,
    /// Technologies.
    pub rats: Vec<Rat>,
    /// Whether a source confirms everything in it.
    pub verified: bool,
}

/// Checks the text of one model file against `library`; no problem means that it can be used.
pub fn check_text(file: &str, text: &str, library: &Library) -> Vec<Problem> {
    library.clone().lay_over([(file, Cow::Owned(text.to_owned()))])
}

impl Library {
    /// The models that come with this program.
    pub fn builtin() -> Self {
        let mut library = Self::default();
        let files: Vec<_> = BUILTIN.iter().map(|(name, text)| (format!("modems/{name}.toml"), *text)).collect();
        // `tests/models.rs` sees to it that there are no problems.
        library.lay_over(files.iter().map(|(file, text)| (file.as_str(), Cow::Borrowed(*text))));
        library
    }

    /// The models of this program with the user's files, as name and text, laid over: a file of the same name replaces
    /// the one below, or refines it if it `extends` its own name; a new name adds a model.
    ///
    /// A file with problems is left out and what was below it stays, so that a slip in one file takes no modem down.
    pub fn with_overlay(files: &[(String, String)]) -> (Self, Vec<Problem>) {
        let mut library = Self::builtin();
        let problems = library.lay_over(files.iter().map(|(file, text)| (file.as_str(), Cow::Owned(text.clone()))));
        (library, problems)
    }

    fn lay_over<'f>(&mut self, files: impl IntoIterator<Item = (&'f str, Cow<'static, str>)>) -> Vec<Problem> {
        let (mut pending, mut problems) = (Vec::new(), Vec::new());
        for (file, text) in files {
            match Source::new(file, text) {
                Ok(source) => pending.push(source),
                Err(found) => problems.extend(found),
            }
        }
        let Err(found) = self.add(&pending) else { return problems };
        problems.extend(found);
        // Those that are right are kept. One may extend another that comes later, so this goes round.
        let mut waiting = usize::MAX;
        while pending.len() < waiting {
            waiting = pending.len();
            pending.retain(|source| self.add(std::slice::from_ref(source)).is_err());
        }
        problems
    }

    /// Adds `files` on top if every model, those below them included, can still be built.
    fn add(&mut self, files: &[(String, Source)]) -> Result<(), Vec<Problem>> {
        let mut layers = self.layers.clone();
        for (name, source) in files {
            layers.push(name, source.clone());
        }
        let (mut models, mut problems) = (self.models.clone(), Vec::new());
        // What consists of other files only is as good as it was.
        models.retain(|_, model| !files.iter().any(|(name, _)| model.chain.contains(name)));
        let stale: Vec<&String> = layers.names().filter(|name| !models.contains_key(*name)).collect();
        for name in stale {
            match Model::check(name, &layers) {
                Ok(model) => drop(models.insert(name.clone(), model)),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            *self = Self { layers, models };
            return Ok(());
        }
        problems.sort();
        problems.dedup();
        Err(problems)
    }

    /// The model of the file `name`. Built on each call: keep it.
    pub fn get(&self, name: &str) -> Option<Arc<Definition>> {
        let resolved = self.layers.resolve(name)?.ok()?;
        Some(Arc::new(build(name, &resolved.tree).0))
    }

    /// Every USB id that a model file names.
    pub fn usb_ids(&self) -> Vec<String> {
        self.models.values().flat_map(|model| model.usb.iter().cloned()).collect()
    }

    /// The model of a USB id such as `2c7c:0700`. The id is a hint only: vendors reuse them, so that the model is known
    /// for sure after `AT+CGMM` only.
    pub fn by_usb(&self, id: &str) -> Option<Arc<Definition>> {
        let has = |model: &&Model| model.usb.iter().any(|usb| usb.eq_ignore_ascii_case(id));
        self.models.values().find(has).and_then(|model| self.get(&model.row.name))
    }

    /// The model of an answer to `AT+CGMM`: the longest glob that fits wins.
    pub fn by_model(&self, model: &str) -> Option<Arc<Definition>> {
        let fit =
            |candidate: &Model| candidate.row.models.iter().filter(|glob| fits(glob, model)).map(String::len).max();
        let candidates = self.models.values().filter_map(|candidate| Some((fit(candidate)?, candidate)));
        let best = candidates.reduce(|best, other| if other.0 > best.0 { other } else { best });
        best.and_then(|(_, model)| self.get(&model.row.name))
    }

    /// The model of the file `name` as it is with the firmware `revision`: every `[[firmware]]` whose glob fits is laid
    /// over, in order. Built on each call: keep it.
    pub fn for_revision(&self, name: &str, revision: &str) -> Option<Arc<Definition>> {
        let mut tree = self.layers.resolve(name)?.ok()?.tree;
        for over in tree.overrides().unwrap_or_default() {
            if fits(&over.glob, revision) {
                tree.merge(over.tree);
            }
        }
        Some(Arc::new(build(name, &tree).0))
    }

    /// Every model, by name.
    pub fn list(&self) -> Vec<Row> {
        self.models.values().map(|model| model.row.clone()).collect()
    }
}

impl Model {
    /// Builds the model of `name` and of each firmware that has its own, for the sake of the problems.
    fn check(name: &str, layers: &Layers) -> Result<Self, Vec<Problem>> {
        let Resolved { tree, chain } = layers.resolve(name).unwrap_or_else(|| Err(Vec::new()))?;
        let (definition, mut problems) = build(name, &tree);
        match tree.overrides() {
            Ok(overrides) => {
                for over in overrides {
                    let mut tree = tree.clone();
                    tree.merge(over.tree);
                    problems.extend(build(name, &tree).1);
                }
            }
            Err(problem) => problems.push(problem),
        }
        if problems.is_empty() { Ok(Self::of(definition, &tree, chain)) } else { Err(problems) }
    }

    fn of(definition: Definition, tree: &Node, chain: Vec<String>) -> Self {
        let row = Row {
            name: definition.name,
            title: definition.title,
            extends: tree.get("extends").and_then(Node::text).map(str::to_owned),
            models: definition.matches.model,
            rats: definition.capabilities.rats,
            verified: definition.unverified.is_empty(),
        };
        Self { row, usb: definition.matches.usb, chain }
    }
}

/// Whether `glob` fits the whole of `text`; `*` stands for any characters, letters count the same in both cases.
fn fits(glob: &str, text: &str) -> bool {
    let (glob, text) = (glob.to_ascii_lowercase(), text.to_ascii_lowercase());
    let Some((start, rest)) = glob.split_once('*') else { return glob == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some((_, after)) = text.split_once(part) else { return false };
        text = after;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn globs() {
        for (glob, text, wanted) in [
            ("BG95*", "BG95-M3", true),
            ("BG95*", "bg95", true),
            ("BG95*", "BG96", false),
            ("BG95", "BG95-M3", false),
            ("*SIM7080*", "SIMCOM_SIM7080G", true),
            ("*SIM7080*", "SIMCOM_SIM7070", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*", "", true),
        ] {
            assert_eq!(fits(glob, text), wanted, "{glob} {text}");
        }
    }
}
