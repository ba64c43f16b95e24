//! The file system as the configuration sees it; tests bring one in memory.

use std::env;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A configuration file of more octets than this is none.
const MAX_SIZE: u64 = 1 << 20;

/// Reading files.
pub trait Files {
    /// The text of a file.
    fn read(&self, path: &Path) -> io::Result<String>;
    /// The files of a directory, in any order.
    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>>;
    /// The permission bits of a file, such as `0o600`.
    fn mode(&self, path: &Path) -> io::Result<u32>;
    /// Where the credentials are that systemd gave this process (systemd.exec(5), `LoadCredential=`).
    fn credentials(&self) -> Option<PathBuf> {
        None
    }
}

/// The real file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<String> {
        let mut text = String::new();
        fs::File::open(path)?.take(MAX_SIZE + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MAX_SIZE {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file is over 1 MiB"));
        }
        Ok(text)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.path())).collect()
    }

    fn mode(&self, path: &Path) -> io::Result<u32> {
        Ok(fs::metadata(path)?.permissions().mode() & 0o7777)
    }

    fn credentials(&self) -> Option<PathBuf> {
        env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
    }
}
