//! What the store writes to: the five things it asks of a file system, so that tests can pull the plug at each of them.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A file system, as far as the store needs one.
pub trait Media: Debug + Send + Sync {
    /// The content of a file of at most `most` octets.
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>>;
    /// Makes a file, or empties it, for its owner alone, and writes it. Nothing of that lasts before [`Media::sync`].
    fn write(&self, path: &Path, octets: &[u8]) -> io::Result<()>;
    /// Brings the content of a file to the disk.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Gives a file another name, in the place of what had it; that lasts after [`Media::sync_dir`].
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Brings the names of a directory to the disk.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// The real one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Media for Disk {
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let mut octets = Vec::new();
        let read = File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut octets)?;
        if read as u64 > most {
            return Err(io::Error::new(ErrorKind::InvalidData, format!("it has more than {most} octets")));
        }
        Ok(octets)
    }

    fn write(&self, path: &Path, octets: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(octets)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}
