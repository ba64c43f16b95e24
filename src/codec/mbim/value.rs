//! What a message says, as a tree of names and values: for display, logs and tools.

use std::borrow::Cow;

use crate::private::REDACTED;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing is there.
    Absent,
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i128),
    /// A number with what it means; it stays a number to a program.
    Coded(u32, &'static str),
    /// A choice by its name.
    Name(&'static str),
    /// The names of all bits that are set.
    Names(Vec<Cow<'static, str>>),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Several.
    List(Vec<Value>),
    /// Names and values.
    Record(Fields),
    /// Not for everybody's eyes.
    Secret(Box<Value>),
}

/// Names and values, in the order of the message.
pub type Fields = Vec<(Cow<'static, str>, Value)>;

impl Value {
    /// The value itself, secret or not: for the one place that must use it.
    pub fn reveal(&self) -> &Self {
        match self {
            Self::Secret(value) => value.reveal(),
            other => other,
        }
    }

    /// The value of that name in a record.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self.reveal() {
            Self::Record(fields) => fields.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Text(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Record(fields) => fields.is_empty(),
            Self::Secret(value) => value.is_empty(),
            _ => false,
        }
    }

    /// The value in one line, where it fits one; lists and records do not.
    pub fn line(&self) -> Option<String> {
        Some(match self {
            Self::List(_) | Self::Record(_) => return None,
            Self::Absent => "-".to_owned(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Coded(number, name) => format!("{number} ({name})"),
            Self::Name(name) => (*name).to_owned(),
            Self::Names(names) if names.is_empty() => "none".to_owned(),
            Self::Names(names) => names.join(", "),
            Self::Text(text) => text.clone(),
            Self::Bytes(bytes) => hex(bytes),
            Self::Secret(value) if value.is_empty() => return value.line(),
            Self::Secret(_) => REDACTED.to_owned(),
        })
    }
}

/// Bytes as pairs of hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
