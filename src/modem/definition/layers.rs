//! Inheritance: files that extend others, files laid over files of the same name, overrides for firmware.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::problem::{Check, Problem};
use super::tree::{self, Node, Place, Value};

/// A file counts for itself in these keys; the rest comes down to the files that extend it.
const OWN_KEYS: [&str; 3] = ["extends", "match", "title"];

/// The files of each name, the lowest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers(BTreeMap<String, Vec<Node>>);

/// An entry of `[[firmware]]`.
pub(super) struct Override {
    /// Which revisions it is for.
    pub(super) glob: String,
    /// What it lays over.
    pub(super) tree: Node,
}

impl Layers {
    /// The name and the tree of a file.
    pub(super) fn parse(file: &str, text: &str) -> Result<(String, Node), Vec<Problem>> {
        let place = Place { file: Arc::from(file), line: 1 };
        let stem = file.rsplit_once('/').map_or(file, |(_, name)| name);
        let stem = stem.strip_suffix(".toml").unwrap_or(stem);
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if stem.is_empty() || !stem.bytes().all(allowed) {
            let what = format!("\"{stem}\" is no model name; a-z, 0-9 and - are allowed, such as quectel-bg95.toml");
            return Err(vec![problem(&place, "", Check::BadValue, what)]);
        }
        Ok((stem.to_owned(), tree::parse(&place.file, text)?))
    }

    /// Lays a file over what there is of its name.
    pub(super) fn push(&mut self, name: &str, node: Node) {
        self.0.entry(name.to_owned()).or_default().push(node);
    }

    /// Every name.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// The file `name` with all that it inherits.
    pub(super) fn resolve(&self, name: &str) -> Result<Node, Problem> {
        let top = self.0.get(name).map_or(&[][..], Vec::as_slice);
        self.inherit(name, top, &mut Vec::new())
    }

    /// The last of `files`, all of the name `name`, with what it inherits; `chain` is who asked.
    fn inherit(&self, name: &str, files: &[Node], chain: &mut Vec<String>) -> Result<Node, Problem> {
        let Some((file, below)) = files.split_last() else {
            return Err(problem(
                &Place { file: Arc::from(name), line: 1 },
                "",
                Check::BadParent,
                "there is no such file",
            ));
        };
        let mut file = file.clone();
        let Some(extends) = file.get("extends").cloned() else { return Ok(file) };
        let wrong = |check, what: String| problem(&extends.place, "extends", check, what);
        let Some(parent) = extends.text() else {
            return Err(wrong(Check::WrongType, format!("a text is wanted, not {}", extends.value.kind())));
        };
        chain.push(name.to_owned());
        let mut base = if parent == name {
            if below.is_empty() {
                return Err(wrong(Check::Cycle, format!("\"{parent}\" is this file, and there is none below it")));
            }
            file.remove("extends");
            self.inherit(name, below, chain)?
        } else if chain.iter().any(|before| before == parent) {
            return Err(wrong(Check::Cycle, format!("{} -> {parent} goes round in a circle", chain.join(" -> "))));
        } else {
            let Some(files) = self.0.get(parent) else {
                let known: Vec<&str> = self.names().map(String::as_str).filter(|known| *known != name).collect();
                let what = format!("there is no model file \"{parent}\"; there are {}", known.join(", "));
                return Err(wrong(Check::BadParent, what));
            };
            let mut base = self.inherit(parent, files, chain)?;
            for key in OWN_KEYS {
                base.remove(key);
            }
            base
        };
        base.merge(file);
        Ok(base)
    }
}

impl Node {
    /// The entries of `[[firmware]]`.
    pub(super) fn overrides(&self) -> Result<Vec<Override>, Problem> {
        let Some(list) = self.get("firmware") else { return Ok(Vec::new()) };
        let Value::List(items) = &list.value else {
            let what = "a list of tables is wanted; write [[firmware]]";
            return Err(problem(&list.place, "firmware", Check::WrongType, what));
        };
        items.iter().map(Self::firmware).collect()
    }

    fn firmware(&self) -> Result<Override, Problem> {
        let mut tree = self.clone();
        let glob = tree.remove("match");
        let Some(glob) = glob.as_ref().and_then(Self::text) else {
            let what = "a glob over the revision must be given, such as match = \"L0.0.00.00.05.08*\"";
            return Err(problem(&self.place, "firmware.match", Check::Missing, what));
        };
        for key in ["extends", "firmware", "title"] {
            if let Some(node) = tree.get(key) {
                let what = format!("\"{key}\" belongs to the file, not to a firmware");
                return Err(problem(&node.place, "firmware", Check::UnknownKey, what));
            }
        }
        Ok(Override { glob: glob.to_owned(), tree })
    }
}

fn problem(place: &Place, key: &str, check: Check, what: impl Into<String>) -> Problem {
    Problem { file: place.file.to_string(), line: place.line, key: key.into(), what: what.into(), check }
}
