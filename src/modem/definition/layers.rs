//! Inheritance: files that extend others, files laid over files of the same name, overrides for firmware.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::problem::{Check, Problem};
use super::tree::{self, Node, Place, Value};

/// A file counts for itself in these keys; the rest comes down to the files that extend it.
const OWN_KEYS: [&str; 3] = ["extends", "match", "title"];

/// The files of each name, the lowest first. They are kept as text and parsed when asked for: a daemon that runs for
/// years needs one model of them all, once.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers(BTreeMap<String, Vec<Source>>);

/// A model file.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The file, for messages.
    file: Arc<str>,
    text: Cow<'static, str>,
}

/// A file with all that it inherits.
pub(super) struct Resolved {
    pub(super) tree: Node,
    /// The names of the files that it consists of, its own first.
    pub(super) chain: Vec<String>,
}

/// An entry of `[[firmware]]`.
pub(super) struct Override {
    /// Which revisions it is for.
    pub(super) glob: String,
    /// What it lays over.
    pub(super) tree: Node,
}

impl Source {
    /// A file, its model's name and its content; checked as far as it can be alone.
    pub(super) fn new(file: &str, text: Cow<'static, str>) -> Result<(String, Self), Vec<Problem>> {
        let source = Self { file: Arc::from(file), text };
        let stem = file.rsplit_once('/').map_or(file, |(_, name)| name);
        let stem = stem.strip_suffix(".toml").unwrap_or(stem);
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if stem.is_empty() || !stem.bytes().all(allowed) {
            let what = format!("\"{stem}\" is no model name; a-z, 0-9 and - are allowed, such as quectel-bg95.toml");
            let place = Place { file: source.file, line: 1 };
            return Err(vec![problem(&place, "", Check::BadValue, what)]);
        }
        source.parse()?;
        Ok((stem.to_owned(), source))
    }

    fn parse(&self) -> Result<Node, Vec<Problem>> {
        tree::parse(&self.file, &self.text)
    }
}

impl Layers {
    /// Lays a file over what there is of its name.
    pub(super) fn push(&mut self, name: &str, source: Source) {
        self.0.entry(name.to_owned()).or_default().push(source);
    }

    /// Every name.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// The file `name` with all that it inherits; `None` if there is no such file.
    pub(super) fn resolve(&self, name: &str) -> Option<Result<Resolved, Vec<Problem>>> {
        let (top, below) = self.0.get(name)?.split_last()?;
        let mut chain = Vec::new();
        Some(self.inherit(name, top, below, &mut chain).map(|tree| Resolved { tree, chain }))
    }

    /// `source` with what it inherits: a file of the name `name` that lies over those `below`; `chain` is who asked.
    fn inherit(
        &self,
        name: &str,
        source: &Source,
        below: &[Source],
        chain: &mut Vec<String>,
    ) -> Result<Node, Vec<Problem>> {
        chain.push(name.to_owned());
        let mut file = source.parse()?;
        let Some(extends) = file.get("extends").cloned() else { return Ok(file) };
        let wrong = |check, what: String| Err(vec![problem(&extends.place, "extends", check, what)]);
        let Some(parent) = extends.text() else {
            return wrong(Check::WrongType, format!("a text is wanted, not {}", extends.value.kind()));
        };
        let mut base = match below.split_last() {
            Some((under, below)) if parent == name => self.inherit(name, under, below, chain)?,
            None if parent == name => {
                return wrong(Check::Cycle, format!("\"{parent}\" is this file, and there is none below it"));
            }
            _ if chain.iter().any(|before| before == parent) => {
                return wrong(Check::Cycle, format!("{} -> {parent} goes round in a circle", chain.join(" -> ")));
            }
            _ => match self.parent(parent, chain) {
                Some(base) => base?,
                None => return wrong(Check::BadParent, self.no_such_file(parent, name)),
            },
        };
        if parent == name {
            // The same model: it keeps what it extends.
            file.remove("extends");
        }
        base.merge(file);
        Ok(base)
    }

    /// What a file inherits from the file `name`; `None` if there is no such file.
    fn parent(&self, name: &str, chain: &mut Vec<String>) -> Option<Result<Node, Vec<Problem>>> {
        let (top, below) = self.0.get(name)?.split_last()?;
        let inherited = self.inherit(name, top, below, chain).map(|mut base| {
            for key in OWN_KEYS {
                base.remove(key);
            }
            base
        });
        Some(inherited)
    }

    fn no_such_file(&self, parent: &str, child: &str) -> String {
        let known: Vec<&str> = self.names().map(String::as_str).filter(|known| *known != child).collect();
        format!("there is no model file \"{parent}\"; there are {}", known.join(", "))
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
