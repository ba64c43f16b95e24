//! What can be wrong with a model file, told so that the author can put it right.

use std::fmt;

/// One mistake in a model file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {key}: {what} [{check}]", key = if key.is_empty() { "the file" } else { key })]
pub struct Problem {
    /// The file, as it was given to the library.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// Dotted path of the key, such as `query.signal.line[2]`; empty for the file as a whole.
    pub key: String,
    /// The offender, and what is allowed in its place.
    pub what: String,
    /// The check that found it.
    pub check: Check,
}

/// The checks that every model file has to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The file is TOML.
    Syntax,
    /// Every key is known; so is every query, procedure and notice.
    UnknownKey,
    /// Every value has the type that its key wants.
    WrongType,
    /// Every value is one of those that its key can have.
    BadValue,
    /// What must be there after inheritance is there.
    Missing,
    /// Every pattern compiles.
    BadPattern,
    /// Every line to send is one AT command line without control characters, its placeholders known.
    BadCommand,
    /// The file that is extended exists and is in order.
    BadParent,
    /// No file extends itself by a detour.
    Cycle,
    /// A technology that is chosen, or has eDRX, is one that the model has.
    ForeignRat,
    /// Every choice of technologies is there once.
    DuplicateChoice,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "syntax",
            Self::UnknownKey => "unknown-key",
            Self::WrongType => "wrong-type",
            Self::BadValue => "bad-value",
            Self::Missing => "missing",
            Self::BadPattern => "bad-pattern",
            Self::BadCommand => "bad-command",
            Self::BadParent => "bad-parent",
            Self::Cycle => "cycle",
            Self::ForeignRat => "foreign-rat",
            Self::DuplicateChoice => "duplicate-choice",
        })
    }
}
