//! Reads typed values out of a [`tree`](super::tree), and collects every mistake on the way.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as WordError;

use super::Pattern;
use super::problem::{Check, Problem};
use super::tree::{Node, Place, Value};
use crate::spec::span::Span;

/// Collects what is wrong, and what is marked as not confirmed.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) problems: Vec<Problem>,
    /// Paths of tables with `verified = false`.
    pub(super) unverified: Vec<String>,
}

/// A table whose keys are taken one by one; what is left at the end is a mistake.
pub(super) struct Section<'n> {
    pub(super) path: String,
    pub(super) place: Place,
    entries: BTreeMap<&'n str, &'n Node>,
    asked: Vec<&'static str>,
}

impl<'n> Section<'n> {
    /// The path of `key` in this section.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Takes `key` out.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        self.asked.push(key);
        self.entries.remove(key)
    }

    /// Takes everything that is left, where the keys are data and not fixed.
    pub(super) fn take_all(&mut self) -> BTreeMap<&'n str, &'n Node> {
        std::mem::take(&mut self.entries)
    }

    /// Takes `key` out and reads it with `read`.
    pub(super) fn read<T>(
        &mut self,
        reader: &mut Reader,
        key: &'static str,
        read: impl FnOnce(&mut Reader, &'n Node, &str) -> Option<T>,
    ) -> Option<T> {
        let node = self.take(key)?;
        read(reader, node, &self.path_of(key))
    }

    /// Like [`Section::read`], of a key that must be there.
    pub(super) fn require<T>(
        &mut self,
        reader: &mut Reader,
        key: &'static str,
        read: impl FnOnce(&mut Reader, &'n Node, &str) -> Option<T>,
    ) -> Option<T> {
        if !self.entries.contains_key(key) {
            self.asked.push(key);
            reader.problem(&self.place, &self.path_of(key), Check::Missing, "must be given here or in a parent file");
            return None;
        }
        self.read(reader, key, read)
    }

    /// Whatever was not taken has a name that nobody knows.
    pub(super) fn finish(self, reader: &mut Reader) {
        for (key, node) in &self.entries {
            let what = format!("unknown key \"{key}\"; known here: {}", self.asked.join(", "));
            reader.problem(&node.place, &self.path_of(key), Check::UnknownKey, what);
        }
    }
}

impl Reader {
    pub(super) fn problem(&mut self, place: &Place, key: &str, check: Check, what: impl Into<String>) {
        let problem =
            Problem { file: place.file.to_string(), line: place.line, key: key.into(), what: what.into(), check };
        self.problems.push(problem);
    }

    fn wrong_type<T>(&mut self, node: &Node, path: &str, wanted: &str) -> Option<T> {
        self.problem(&node.place, path, Check::WrongType, format!("{wanted} is wanted, not {}", node.value.kind()));
        None
    }

    /// A table; its mark `verified = false` is noted.
    pub(super) fn section<'n>(&mut self, node: &'n Node, path: &str) -> Option<Section<'n>> {
        let Value::Table(entries) = &node.value else { return self.wrong_type(node, path, "a table") };
        let entries = entries.iter().map(|(key, node)| (key.as_str(), node)).collect();
        let mut section = Section { path: path.into(), place: node.place.clone(), entries, asked: Vec::new() };
        if section.read(self, "verified", Self::flag) == Some(false) {
            self.unverified.push(path.into());
        }
        Some(section)
    }

    pub(super) fn text(&mut self, node: &Node, path: &str) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => self.wrong_type(node, path, "a text"),
        }
    }

    pub(super) fn flag(&mut self, node: &Node, path: &str) -> Option<bool> {
        match node.value {
            Value::Flag(flag) => Some(flag),
            _ => self.wrong_type(node, path, "true or false"),
        }
    }

    /// A whole number from 0 to `last`.
    pub(super) fn number(&mut self, node: &Node, path: &str, last: u8) -> Option<u8> {
        let Value::Number(number) = node.value else { return self.wrong_type(node, path, "a whole number") };
        let number = u8::try_from(number).ok().filter(|number| *number <= last);
        if number.is_none() {
            self.problem(&node.place, path, Check::BadValue, format!("0 to {last} is allowed"));
        }
        number
    }

    /// A length of time such as `"10s"`.
    pub(super) fn span(&mut self, node: &Node, path: &str) -> Option<std::time::Duration> {
        match self.text(node, path)?.parse::<Span>() {
            Ok(span) => Some(span.0),
            Err(error) => {
                self.problem(&node.place, path, Check::BadValue, error.to_string());
                None
            }
        }
    }

    /// One of the words of an enumeration.
    pub(super) fn word<T: for<'d> Deserialize<'d>>(&mut self, node: &Node, path: &str) -> Option<T> {
        let text = self.text(node, path)?;
        self.word_of(&text, &node.place, path, Check::BadValue)
    }

    /// `text` as one of the words of an enumeration.
    pub(super) fn word_of<T>(&mut self, text: &str, place: &Place, path: &str, check: Check) -> Option<T>
    where
        T: for<'d> Deserialize<'d>,
    {
        let word: Result<T, WordError> = T::deserialize(text.into_deserializer());
        word.map_err(|error| self.problem(place, path, check, error.to_string())).ok()
    }

    /// A list, each item read with `read`; a single item may stand without brackets.
    pub(super) fn list<T>(
        &mut self,
        node: &Node,
        path: &str,
        mut read: impl FnMut(&mut Self, &Node, &str) -> Option<T>,
    ) -> Vec<T> {
        let Value::List(items) = &node.value else { return read(self, node, path).into_iter().collect() };
        let numbered = items.iter().enumerate();
        numbered.filter_map(|(i, item)| read(self, item, &format!("{path}[{}]", i + 1))).collect()
    }

    pub(super) fn pattern(&mut self, node: &Node, path: &str) -> Option<Pattern> {
        let text = self.text(node, path)?;
        let compiled = Pattern::compile(&text);
        compiled.map_err(|error| self.problem(&node.place, path, Check::BadPattern, error.to_string())).ok()
    }

    /// A command line whose `{placeholders}` are all among `known`.
    pub(super) fn command(&mut self, node: &Node, path: &str, known: &[&str]) -> Option<String> {
        let text = self.text(node, path)?;
        if let Some(what) = wrong_command(&text, known) {
            self.problem(&node.place, path, Check::BadCommand, what);
            return None;
        }
        Some(text)
    }

    /// A line of an answer whose `{placeholders}` are all among `known`.
    pub(super) fn template(&mut self, node: &Node, path: &str, known: &[&str]) -> Option<String> {
        let text = self.text(node, path)?;
        if let Some(what) = unknown_placeholder(&text, known) {
            self.problem(&node.place, path, Check::BadPattern, what);
            return None;
        }
        Some(text)
    }
}

/// The longest command line that we send; TS 27.007 sets no limit, modems do.
const LONGEST_COMMAND: usize = 256;

fn wrong_command(text: &str, known: &[&str]) -> Option<String> {
    if let Some(c) = text.chars().find(|c| !matches!(c, ' '..='~')) {
        return Some(format!("the character {c:?} cannot be sent; a command is one line of printable ASCII"));
    }
    if !text.starts_with("AT") {
        return Some(format!("{text:?} does not start with AT"));
    }
    if text.len() > LONGEST_COMMAND {
        return Some(format!("{} characters; {LONGEST_COMMAND} are the most", text.len()));
    }
    unknown_placeholder(text, known)
}

fn unknown_placeholder(text: &str, known: &[&str]) -> Option<String> {
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once('{') {
        let (name, tail) = tail.split_once('}').unwrap_or((tail, ""));
        if !known.contains(&name) {
            let allowed = if known.is_empty() { "none is allowed here".into() } else { known.join(", ") };
            return Some(format!("unknown placeholder {{{name}}}; known here: {allowed}"));
        }
        rest = tail;
    }
    None
}
