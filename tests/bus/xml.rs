//! As much XML as introspection data has: elements with attributes; order, white space and comments do not count.

use std::collections::{BTreeMap, BTreeSet};

/// An element. Its children are a set, but for arguments, whose order matters: they carry their position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub children: BTreeSet<(usize, Element)>,
}

impl Element {
    /// The interfaces below this node, by name.
    pub fn interfaces(&self) -> BTreeMap<&str, &Self> {
        let interfaces = self.children.iter().filter(|(_, child)| child.name == "interface");
        interfaces.map(|(_, child)| (child.attributes["name"].as_str(), child)).collect()
    }
}

/// The first element of `text`.
pub fn parse(text: &str) -> Element {
    let tags = without(&without(&without(text, "<!--", "-->"), "<!DOCTYPE", ">"), "<?", "?>");
    element(&mut tags.split('<').skip(1).map(|tag| tag.split_once('>').expect("a tag ends").0.to_owned()))
}

fn without(text: &str, from: &str, to: &str) -> String {
    match text.split_once(from) {
        Some((before, rest)) => before.to_owned() + &without(rest.split_once(to).expect(to).1, from, to),
        None => text.to_owned(),
    }
}

fn element(tags: &mut impl Iterator<Item = String>) -> Element {
    let tag = tags.next().expect("an element");
    one(&tag, tags)
}

fn one(tag: &str, tags: &mut impl Iterator<Item = String>) -> Element {
    let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
    let (name, rest) = tag.trim().split_once(char::is_whitespace).unwrap_or((tag.trim(), ""));
    let mut parsed = Element { name: name.into(), attributes: attributes(rest), children: BTreeSet::new() };
    let mut arguments = 0;
    if empty {
        return parsed;
    }
    loop {
        let tag = tags.next().expect("an end tag");
        if let Some(end) = tag.strip_prefix('/') {
            assert_eq!(end.trim(), parsed.name);
            return parsed;
        }
        let child = one(&tag, tags);
        arguments += usize::from(child.name == "arg");
        let position = if child.name == "arg" { arguments } else { 0 };
        assert!(parsed.children.insert((position, child)), "an element twice in {}", parsed.name);
    }
}

fn attributes(text: &str) -> BTreeMap<String, String> {
    let pairs: Vec<_> = text.split('"').collect();
    pairs.chunks_exact(2).map(|pair| (pair[0].trim().trim_end_matches('=').into(), pair[1].into())).collect()
}
