//! All model files together: those of this program, and those that a user lays over them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::spec::rat::Rat;

use super::Definition;
use super::build::build;
use super::layers::Layers;
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
    "nordic-nrf91",
    "quectel",
    "quectel-bg95",
    "quectel-bg96",
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

#[derive(Debug, Clone)]
struct Model {
    /// The whole file with what it inherits.
    tree: Node,
    definition: Arc<Definition>,
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
    library.clone().lay_over([(file, text)])
}

impl Library {
    /// The models that come with this program.
    pub fn builtin() -> Self {
        let mut library = Self::default();
        let files: Vec<_> = BUILTIN.iter().map(|(name, text)| (format!("modems/{name}.toml"), *text)).collect();
        // `tests/models.rs` sees to it that there are no problems.
        library.lay_over(files.iter().map(|(file, text)| (file.as_str(), *text)));
        library
    }

    /// The models of this program with the user's files, as name and text, laid over: a file of the same name replaces
    /// the one below, or refines it if it `extends` its own name; a new name adds a model.
    ///
    /// A file with problems is left out and what was below it stays, so that a slip in one file takes no modem down.
    pub fn with_overlay(files: &[(String, String)]) -> (Self, Vec<Problem>) {
        let mut library = Self::builtin();
        let problems = library.lay_over(files.iter().map(|(file, text)| (file.as_str(), text.as_str())));
        (library, problems)
    }

    fn lay_over<'t>(&mut self, files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Vec<Problem> {
        let (mut pending, mut problems) = (Vec::new(), Vec::new());
        for (file, text) in files {
            match Layers::parse(file, text) {
                Ok(layer) => pending.push(layer),
                Err(found) => problems.extend(found),
            }
        }
        let Err(found) = self.add(&pending) else { return problems };
        problems.extend(found);
        // Those that are right are kept. One may extend another that comes later, so this goes round.
        let mut waiting = usize::MAX;
        while pending.len() < waiting {
            waiting = pending.len();
            pending.retain(|layer| self.add(std::slice::from_ref(layer)).is_err());
        }
        problems
    }

    /// Adds `files` on top if every model, those below them included, can still be built.
    fn add(&mut self, files: &[(String, Node)]) -> Result<(), Vec<Problem>> {
        let mut layers = self.layers.clone();
        for (name, node) in files {
            layers.push(name, node.clone());
        }
        let (mut models, mut problems) = (BTreeMap::new(), Vec::new());
        for name in layers.names() {
            match Model::build(name, &layers) {
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

    /// The model of the file `name`.
    pub fn get(&self, name: &str) -> Option<Arc<Definition>> {
        self.models.get(name).map(|model| Arc::clone(&model.definition))
    }

    /// Every USB id that a model file names.
    pub fn usb_ids(&self) -> Vec<String> {
        self.models.values().flat_map(|model| model.definition.matches.usb.iter().cloned()).collect()
    }

    /// The model of a USB id such as `2c7c:0700`. The id is a hint only: vendors reuse them, so that the model is known
    /// for sure after `AT+CGMM` only.
    pub fn by_usb(&self, id: &str) -> Option<Arc<Definition>> {
        let has = |model: &&Model| model.definition.matches.usb.iter().any(|usb| usb.eq_ignore_ascii_case(id));
        self.models.values().find(has).map(|model| Arc::clone(&model.definition))
    }

    /// The model of an answer to `AT+CGMM`: the longest glob that fits wins.
    pub fn by_model(&self, model: &str) -> Option<Arc<Definition>> {
        let fit = |candidate: &Model| {
            let globs = candidate.definition.matches.model.iter();
            globs.filter(|glob| fits(glob, model)).map(String::len).max()
        };
        let candidates = self.models.values().filter_map(|candidate| Some((fit(candidate)?, candidate)));
        let best = candidates.reduce(|best, other| if other.0 > best.0 { other } else { best });
        best.map(|(_, model)| Arc::clone(&model.definition))
    }

    /// The model of the file `name` as it is with the firmware `revision`: every `[[firmware]]` whose glob fits is laid
    /// over, in order.
    pub fn for_revision(&self, name: &str, revision: &str) -> Option<Arc<Definition>> {
        let model = self.models.get(name)?;
        let mut tree = model.tree.clone();
        for over in tree.overrides().unwrap_or_default() {
            if fits(&over.glob, revision) {
                tree.merge(over.tree);
            }
        }
        Some(Arc::new(build(name, &tree).0))
    }

    /// Every model, by name.
    pub fn list(&self) -> Vec<Row> {
        let row = |model: &Model| {
            let definition = &model.definition;
            Row {
                name: definition.name.clone(),
                title: definition.title.clone(),
                extends: model.tree.get("extends").and_then(Node::text).map(str::to_owned),
                models: definition.matches.model.clone(),
                rats: definition.capabilities.rats.clone(),
                verified: definition.unverified.is_empty(),
            }
        };
        self.models.values().map(row).collect()
    }
}

impl Model {
    fn build(name: &str, layers: &Layers) -> Result<Self, Vec<Problem>> {
        let tree = layers.resolve(name).map_err(|problem| vec![problem])?;
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
        if problems.is_empty() { Ok(Self { tree, definition: Arc::new(definition) }) } else { Err(problems) }
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
