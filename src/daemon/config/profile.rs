//! Power profiles: a need and the power saving that serves it, one file each.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::files::Files;
use super::nearest::nearest;
use super::power;
use super::report::{ConfigError, Problem, Report, Source};
use super::section::Section;
use super::{modem, rats};
use crate::modem::handle::PowerRequest;
use crate::spec::rat::Rat;

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        /// Profiles that are there without a file; `tests/profiles.rs` compares this list with the folder.
        const SHIPPED: &[(&str, &str)] =
            &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/", $name, ".toml")))),*];
    };
}

shipped! {
    "alarm-panel",
    "always-on",
    "asset-tracker",
    "field-service",
    "parking-sensor",
    "utility-meter",
}

/// A need, and the power saving that serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The file's name without `.toml`.
    pub name: String,
    /// In two or three words.
    pub title: Option<String>,
    /// Whom it serves, and with what.
    pub need: Option<String>,
    /// Technologies that it is made for, the preferred first; `None`: any.
    pub rats: Option<Vec<Rat>>,
    /// What to ask the network for; times that no timer code says exactly are rounded already.
    pub power: PowerRequest,
    /// Whether the network is told that no more data is expected when nobody holds the modem awake any more.
    pub release: bool,
    /// What is possible but hardly meant.
    pub warnings: Vec<Problem>,
}

/// The profiles of a directory, laid over those that are built in.
#[derive(Clone, Copy)]
pub struct Profiles<'p> {
    /// Reads the directory.
    pub files: &'p dyn Files,
    /// The directory; it need not be there.
    pub dir: &'p Path,
}

/// There is no such profile, or it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoProfile {
    /// No file and nothing built in has the name.
    #[error("no file {}; {hint}", path.display())]
    Absent {
        /// Where it would be.
        path: PathBuf,
        /// What may have been meant.
        hint: String,
    },
    /// The file is there.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: String,
    },
}

impl Profiles<'_> {
    /// The names of all of them, in order.
    pub fn names(&self) -> Vec<String> {
        let files = self.files.list(self.dir).unwrap_or_default();
        let toml = files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "toml"));
        let mut names: Vec<_> = toml.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
        names.extend(SHIPPED.iter().map(|(name, _)| (*name).to_owned()));
        names.sort();
        names.dedup();
        names
    }

    /// Where the profile `name` is, and its text. A file of the directory wins over one that is built in.
    pub fn find(&self, name: &str) -> Result<(PathBuf, String), NoProfile> {
        let path = self.dir.join(name).with_extension("toml");
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if plain {
            match self.files.read(&path) {
                Ok(text) => return Ok((path, text)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(NoProfile::Unreadable { path, error: error.to_string() }),
            }
        }
        if let Some((name, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
            return Ok((Path::new("profiles").join(name).with_extension("toml"), (*text).into()));
        }
        let known = self.names();
        let hint = match nearest(name, known.iter().map(String::as_str)) {
            Some(name) => format!("did you mean {name:?}?"),
            None => format!("there are {}", known.join(", ")),
        };
        Err(NoProfile::Absent { path, hint })
    }
}

impl Profile {
    /// Reads the profile in `text`, the content of `path`. The error has every mistake.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let (report, source) = (Report::default(), Source { path: path.into(), text: text.into() });
        let mut profile = Self::read(&source, None, &report);
        profile.warnings = report.finish()?;
        Ok(profile)
    }

    /// Reads a file. Cycles are checked for the technologies `own` of a modem, else for those of the profile; what is
    /// wrong or doubtful is in the report.
    pub(super) fn read(source: &Source, own: Option<&[Rat]>, report: &Report) -> Self {
        let mut section = Section::of_file(source, report);
        let (title, need) = (section.string("title"), section.string("need"));
        let rats = rats(&mut section);
        let power::Saving { request, release } =
            power::saving(&mut section, own.or(rats.as_deref()).unwrap_or(&modem::USUAL_RATS));
        section.finish();
        let name = source.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        Self { name, title, need, rats, power: request, release, warnings: Vec::new() }
    }
}
