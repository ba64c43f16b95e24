//! A model file as a tree of values that know where they were written.
//!
//! serde stops at the first mistake and forgets the line once files are merged. An author wants all mistakes, each
//! with its file and line, after inheritance: hence this tree, made from the spanned tree of the `toml` crate.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Check, Problem};

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The file.
    pub(super) file: Arc<str>,
    /// The line of its key, or of the value itself in a list.
    pub(super) line: usize,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// What model files are made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Table(BTreeMap<String, Node>),
    List(Vec<Node>),
    Text(String),
    Number(i64),
    Flag(bool),
    /// A value that no key wants; the name of its type.
    Other(&'static str),
}

impl Value {
    /// The name of its type.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Table(_) => "a table",
            Self::List(_) => "a list",
            Self::Text(_) => "a text",
            Self::Number(_) => "a whole number",
            Self::Flag(_) => "true or false",
            Self::Other(kind) => kind,
        }
    }
}

impl Node {
    /// The entry `key` of a table.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Table(entries) => entries.get(key),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Takes the entry `key` out of a table.
    pub(super) fn remove(&mut self, key: &str) -> Option<Self> {
        match &mut self.value {
            Value::Table(entries) => entries.remove(key),
            _ => None,
        }
    }

    /// Lays `over` on top: tables merge key by key, everything else replaces.
    pub(super) fn merge(&mut self, over: Self) {
        match (&mut self.value, over.value) {
            (Value::Table(base), Value::Table(entries)) => {
                for (key, node) in entries {
                    match base.get_mut(&key) {
                        Some(below) => below.merge(node),
                        None => drop(base.insert(key, node)),
                    }
                }
                self.place = over.place;
            }
            (_, value) => *self = Self { value, place: over.place },
        }
    }
}

/// Parses `text`, the content of `file`.
pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<Node, Vec<Problem>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let source = Source { file: Arc::clone(file), text };
    if errors.is_empty() {
        return Ok(Node { value: source.table(table.get_ref()), place: source.place(0) });
    }
    let problem = |error: &toml::de::Error| Problem {
        file: file.to_string(),
        line: source.place(error.span().map_or(0, |span| span.start)).line,
        key: String::new(),
        what: error.message().to_owned(),
        check: Check::Syntax,
    };
    Err(errors.iter().map(problem).collect())
}

struct Source<'t> {
    file: Arc<str>,
    text: &'t str,
}

impl Source<'_> {
    fn place(&self, offset: usize) -> Place {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        Place { file: Arc::clone(&self.file), line: 1 + before.iter().filter(|b| **b == b'\n').count() }
    }

    fn table(&self, table: &DeTable<'_>) -> Value {
        let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let key: &Spanned<std::borrow::Cow<'_, str>> = key;
            (
                key.get_ref().to_string(),
                Node { value: self.value(value.get_ref()), place: self.place(key.span().start) },
            )
        };
        Value::Table(table.iter().map(entry).collect())
    }

    fn value(&self, value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Value::Other("a number that is too large"), Value::Number),
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Float(_) => Value::Other("a number with a fraction"),
            DeValue::Datetime(_) => Value::Other("a date"),
            DeValue::Array(items) => {
                let node = |item: &Spanned<DeValue<'_>>| Node {
                    value: self.value(item.get_ref()),
                    place: self.place(item.span().start),
                };
                Value::List(items.iter().map(node).collect())
            }
            DeValue::Table(table) => self.table(table),
        }
    }
}
