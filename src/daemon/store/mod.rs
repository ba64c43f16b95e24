//! What outlives the daemon: small JSON files in the state directory, each replaced as a whole.
//!
//! A file is written beside its place, brought to the disk and renamed, so that a power cut leaves the old one or the
//! new one. A file that cannot be understood is a warning and a fresh start: nothing kept here is worth staying offline.

pub mod media;

use std::fs::DirBuilder;
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tracing::warn;

use media::{Disk, Media};

/// The layout of the files; one of another version is not read.
const VERSION: u32 = 1;

/// Octets of a file at most.
const LARGEST: u64 = 256 * 1024;

/// Why something was not kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory or the file.
    #[error("{} cannot be written: {source}; check [daemon] state_dir and the space on its disk", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The name is no plain file name.
    #[error("{0:?} is no name for a file of the state directory")]
    Name(String),
    /// It is no JSON, or too much of it.
    #[error("{name} cannot be kept: {reason}")]
    Value {
        /// The file.
        name: String,
        /// Why.
        reason: String,
    },
}

/// The state directory.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
    media: Arc<dyn Media>,
}

/// A file: the version beside the value, so that another layout is told from a damaged file.
#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    version: u32,
    value: T,
}

/// The version alone.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Store {
    /// The store in `dir`, which is made where it is not there, for its owner alone.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        match DirBuilder::new().recursive(true).mode(0o700).create(dir) {
            Ok(()) => Ok(Self::on(Arc::new(Disk), dir)),
            Err(source) => Err(StoreError::Io { path: dir.to_owned(), source }),
        }
    }

    /// The store in `dir`, which is there, of another file system.
    pub fn on(media: Arc<dyn Media>, dir: &Path) -> Self {
        Self { dir: dir.to_owned(), media }
    }

    /// What was saved as `name`; `None` where nothing was, or where it cannot be used, which is logged.
    pub fn load<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let path = self.path(name).map_err(|error| warn!("{error}")).ok()?;
        let unusable = |reason: String| warn!("{} is not used, and started anew: {reason}", path.display());
        let text = match self.media.read(&path, LARGEST) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => {
                unusable(error.to_string());
                return None;
            }
        };
        value(&text).map_err(unusable).ok()
    }

    /// Saves `value` as `name`; when this returns, it is on the disk.
    pub fn save<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        let path = self.path(name)?;
        let wrong = |reason: String| StoreError::Value { name: name.to_owned(), reason };
        let text =
            serde_json::to_vec(&Versioned { version: VERSION, value }).map_err(|error| wrong(error.to_string()))?;
        if text.len() as u64 > LARGEST {
            return Err(wrong(format!("it has {} octets; {LARGEST} are the most", text.len())));
        }
        let written = self.replace(&path, &text);
        written.map_err(|source| StoreError::Io { path, source })
    }

    fn replace(&self, path: &Path, text: &[u8]) -> io::Result<()> {
        // Names have no dot in front, so that nobody's file is in the way.
        let beside = self.dir.join(format!(".{}.new", path.file_name().unwrap_or_default().display()));
        self.media.write(&beside, text)?;
        self.media.sync(&beside)?;
        self.media.rename(&beside, path)?;
        // The new name is in the directory, which has to reach the disk as well.
        self.media.sync_dir(&self.dir)
    }

    /// Names come from ids of modems, which may be those of a device: nothing leads out of the directory.
    fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.bytes().all(plain) {
            return Err(StoreError::Name(name.to_owned()));
        }
        Ok(self.dir.join(format!("{name}.json")))
    }
}

fn value<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    let Version { version } = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if version != VERSION {
        return Err(format!("it is of version {version}; this daemon knows {VERSION}"));
    }
    serde_json::from_slice(text).map(|file: Versioned<T>| file.value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("lib/lpwa")).unwrap();
        (dir, store)
    }

    #[test]
    fn what_was_saved_is_there_again() {
        let (_dir, store) = store();
        assert_eq!(store.load::<Vec<u32>>("queue-m0"), None);
        store.save("queue-m0", &vec![1, 2, 3]).unwrap();
        store.save("queue-m0", &vec![4]).unwrap();
        store.save("queue-usb-1-1.2", &vec![5]).unwrap();
        let again = Store::open(&store.dir).unwrap();
        assert_eq!(again.load::<Vec<u32>>("queue-m0"), Some(vec![4]));
        assert_eq!(again.load::<Vec<u32>>("queue-usb-1-1.2"), Some(vec![5]));
        let names: Vec<_> = fs::read_dir(&store.dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "nothing is left beside: {names:?}");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&store.dir), mode(&store.dir.join("queue-m0.json"))), (0o700, 0o600));
    }

    #[test]
    fn a_damaged_file_is_a_fresh_start() {
        let (_dir, store) = store();
        let path = store.dir.join("queue-m0.json");
        store.save("queue-m0", &vec![1, 2, 3]).unwrap();
        let whole = fs::read(&path).unwrap();
        let large = vec![b' '; usize::try_from(LARGEST).unwrap() + 1];
        let cut = whole[..whole.len() - 2].to_vec();
        for damaged in [vec![], cut, large, b"\xff\xfe".to_vec(), br#"{"version":1,"value":"x"}"#.to_vec()] {
            fs::write(&path, &damaged).unwrap();
            assert_eq!(store.load::<Vec<u32>>("queue-m0"), None);
            store.save("queue-m0", &vec![7]).unwrap();
            assert_eq!(store.load::<Vec<u32>>("queue-m0"), Some(vec![7]));
        }
    }

    #[test]
    fn another_version_is_not_taken_for_ours() {
        let (_dir, store) = store();
        fs::write(store.dir.join("queue-m0.json"), r#"{"version":2,"value":[1]}"#).unwrap();
        assert_eq!(store.load::<Vec<u32>>("queue-m0"), None);
    }

    #[test]
    fn names_lead_nowhere_else_and_values_have_an_end() {
        let (_dir, store) = store();
        for name in ["", "../x", "a/b", ".hidden", "a b", "\u{e9}"] {
            assert!(matches!(store.save(name, &1), Err(StoreError::Name(_))), "{name:?}");
            assert_eq!(store.load::<u32>(name), None);
        }
        let large = "x".repeat(usize::try_from(LARGEST).unwrap());
        assert!(matches!(store.save("m0", &large), Err(StoreError::Value { .. })));
    }

    #[test]
    fn a_place_that_cannot_be_written_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Store::open(&file.join("below")).unwrap_err().to_string();
        assert!(error.contains("state_dir") && error.contains("below"), "{error}");
    }
}
