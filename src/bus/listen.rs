//! The unix socket for peers without a bus.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use super::auth::group_gid;

/// A socket that is removed when nobody listens any more.
pub struct Socket {
    path: PathBuf,
    listener: UnixListener,
}

impl Socket {
    /// Listens at `path`, for the daemon's user and the members of its group: mode 0660. The directory is created, and
    /// what a daemon that is gone left behind is removed.
    pub fn bind(path: &Path) -> io::Result<Self> {
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        remove_stale(path)?;
        let socket = Self { path: path.to_owned(), listener: UnixListener::bind(path)? };
        if let Some(gid) = group_gid() {
            // Without the right to give it away it stays with the daemon's own group.
            let _ = chown(path, None, Some(gid));
        }
        fs::set_permissions(path, Permissions::from_mode(0o660))?;
        Ok(socket)
    }

    /// The next peer.
    pub async fn accept(&self) -> io::Result<UnixStream> {
        self.listener.accept().await?.0.into_std()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Whatever is there is then found stale by the next daemon.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes a socket on which nobody answers. Anything else that is in the way is an error.
fn remove_stale(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(io::Error::new(ErrorKind::AlreadyExists, "a file that is no socket is in the way"));
        }
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(ErrorKind::AddrInUse, "another daemon listens there")),
        Err(_) => fs::remove_file(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stale_socket_gives_way_and_a_live_one_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/dir/lpwa.sock");
        let first = Socket::bind(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
        assert_eq!(Socket::bind(&path).err().map(|error| error.kind()), Some(ErrorKind::AddrInUse));
        drop(first);
        assert!(!path.exists());
        // A daemon that was killed leaves its socket.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        Socket::bind(&path).unwrap();
    }

    #[tokio::test]
    async fn a_file_in_the_way_is_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes.txt");
        fs::write(&path, "precious").unwrap();
        assert_eq!(Socket::bind(&path).err().map(|error| error.kind()), Some(ErrorKind::AlreadyExists));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }
}
