//! Mistakes with the file and line where they stand, gathered so that all are told at once.

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};

/// A configuration file.
pub struct Source {
    pub path: PathBuf,
    pub text: String,
}

impl Source {
    pub const fn start(&self) -> Place<'_> {
        Place { source: self, offset: 0 }
    }
}

/// Where something is written.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub source: &'a Source,
    /// Offset in octets.
    pub offset: usize,
}

impl Place<'_> {
    /// Counted from 1.
    pub fn line(self) -> usize {
        self.source.text.bytes().take(self.offset).filter(|b| *b == b'\n').count().saturating_add(1)
    }

    pub fn problem(self, message: impl fmt::Display) -> Problem {
        Problem { path: self.source.path.clone(), line: Some(self.line()), message: message.to_string() }
    }
}

/// A mistake or a doubt, and where it is: `/etc/lpwa/lpwa.toml:12: unknown key "ap"; did you mean "apn"?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1; `None` where the whole file is meant.
    pub line: Option<usize>,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl Problem {
    pub(super) fn of_file(path: &Path, message: impl fmt::Display) -> Self {
        Self { path: path.into(), line: None, message: message.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Everything that keeps a configuration from being used; prints one mistake a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Sorted by file and line; never empty.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.problems.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// What was found so far. Shared by all sections that are being read.
#[derive(Default)]
pub struct Report {
    errors: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
}

impl Report {
    pub fn error(&self, problem: Problem) {
        self.errors.borrow_mut().push(problem);
    }

    pub fn warn(&self, problem: Problem) {
        self.warnings.borrow_mut().push(problem);
    }

    /// The warnings, if there was no error.
    pub fn finish(self) -> Result<Vec<Problem>, ConfigError> {
        let by_place = |mut problems: Vec<Problem>| {
            problems.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
            // A profile that two modems use is read twice.
            problems.dedup();
            problems
        };
        match self.errors.into_inner() {
            errors if errors.is_empty() => Ok(by_place(self.warnings.into_inner())),
            errors => Err(ConfigError { problems: by_place(errors) }),
        }
    }
}
