//! Pseudo-terminals: a serial line whose modem is a program.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::fs::{Mode, OFlags, fcntl_setfl, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The modem's end of a pseudo-terminal; others open [`Pty::path`].
///
/// The other end may be closed and opened again as often as one likes: it is kept open here too, so the kernel never
/// reports a hang-up, and what is written while nobody listens waits (4 KiB; then writing waits, as with flow control).
pub struct Pty {
    modem: AsyncFd<OwnedFd>,
    /// Never read: it holds the line.
    _line: OwnedFd,
    path: PathBuf,
}

impl Pty {
    /// Makes a pair in raw mode: no echo, no translation of line ends.
    ///
    /// Needs a tokio runtime with I/O.
    pub fn open() -> io::Result<Self> {
        let modem = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&modem)?;
        unlockpt(&modem)?;
        let name = ptsname(&modem, Vec::new())?;
        let path = PathBuf::from(OsString::from_vec(name.into_bytes()));
        let line = open(&path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        let mut settings = tcgetattr(&line)?;
        settings.make_raw();
        tcsetattr(&line, OptionalActions::Now, &settings)?;
        fcntl_setfl(&modem, OFlags::NONBLOCK)?;
        Ok(Self { modem: super::kernel::watched(modem)?, _line: line, path })
    }

    /// The device that others open, such as `/dev/pts/3`.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Debug for Pty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pty").field("path", &self.path).finish_non_exhaustive()
    }
}

impl AsyncRead for Pty {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.modem.poll_read_ready(cx))?;
            let read = guard.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), buf.initialize_unfilled())?));
            if let Ok(result) = read {
                return Poll::Ready(result.map(|length| buf.advance(length)));
            }
        }
    }
}

impl AsyncWrite for Pty {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.modem.poll_write_ready(cx))?;
            if let Ok(result) = guard.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), buf)?)) {
                return Poll::Ready(result);
            }
        }
    }

    /// Nothing to do: every write reaches the kernel.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
