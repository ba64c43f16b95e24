//! A simulated modem on a real line: any stream, a pty, a socket. Time is tokio's clock.

mod qrtr;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::os::linux::net::SocketAddrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::port::pty::Pty;
use crate::port::qrtr::Kernel;

use super::event::Event;
use super::mbim::{MbimLink, MbimPort};
use super::meter::Meter;
use super::modem::SimModem;
use super::qmi::{QmiLink, QmiPort};

/// Bytes that an in-process line holds.
const LINE: usize = 64 * 1024;

/// A shared simulated modem: it goes on whether or not somebody has its port open.
///
/// Its time starts when it is made.
#[derive(Clone)]
pub struct Simulated(Arc<Shared>);

struct Shared {
    modem: Mutex<SimModem>,
    start: Instant,
    changed: watch::Sender<u64>,
}

/// Where a simulated modem is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A pseudo-terminal, found by this symbolic link.
    Pty(PathBuf),
    /// A unix socket at this path.
    Unix(PathBuf),
    /// A unix socket in the abstract namespace.
    Abstract(String),
    /// The QRTR node of this machine, by the kernel's name server.
    Qrtr,
    /// TCP; on a loopback address only, as the modem asks nobody who they are.
    Tcp(SocketAddr),
}

/// What the modem speaks on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// AT commands.
    At,
    /// QMI, on the control device, through the proxy or by QRTR.
    Qmi(QmiPort),
    /// MBIM, on the control device or through the proxy.
    Mbim(MbimPort),
}

impl Speech {
    /// Whether several hosts may have it open.
    const fn takes_many(self) -> bool {
        matches!(self, Self::Qmi(QmiPort::Proxy) | Self::Mbim(MbimPort::Proxy))
    }
}

/// One open port.
#[derive(Debug, Clone, Copy)]
enum Line {
    At,
    Qmi(QmiLink),
    Mbim(MbimLink),
}

impl Line {
    fn open(speech: Speech, modem: &mut SimModem, now: Duration) -> Self {
        match speech {
            Speech::At => {
                modem.port_opened(now);
                Self::At
            }
            Speech::Qmi(port) => Self::Qmi(modem.qmi_open(now, port)),
            Speech::Mbim(port) => Self::Mbim(modem.mbim_open(now, port)),
        }
    }

    fn close(self, modem: &mut SimModem, now: Duration) {
        match self {
            Self::At => modem.port_closed(now),
            Self::Qmi(link) => modem.qmi_close(now, link),
            Self::Mbim(link) => modem.mbim_close(now, link),
        }
    }

    fn poll(self, modem: &mut SimModem, now: Duration) -> Option<Vec<u8>> {
        match self {
            Self::At => modem.poll(now),
            Self::Qmi(link) => modem.qmi_poll(now, link),
            Self::Mbim(link) => modem.mbim_poll(now, link),
        }
    }

    fn deadline(self, modem: &SimModem) -> Option<Duration> {
        match self {
            Self::At => modem.deadline(),
            Self::Qmi(link) => modem.qmi_deadline(link),
            Self::Mbim(link) => modem.mbim_deadline(link),
        }
    }
}

impl Simulated {
    /// Sets `modem` going.
    pub fn new(modem: SimModem) -> Self {
        Self(Arc::new(Shared { modem: Mutex::new(modem), start: Instant::now(), changed: watch::Sender::new(0) }))
    }

    /// Time since the start.
    pub fn now(&self) -> Duration {
        self.0.start.elapsed()
    }

    /// Runs `act` on the modem as it is now, and lets whoever serves it see to the consequences.
    pub fn with<R>(&self, act: impl FnOnce(&mut SimModem, Duration) -> R) -> R {
        let result = self.look(act);
        self.0.changed.send_modify(|n| *n = n.wrapping_add(1));
        result
    }

    fn look<R>(&self, act: impl FnOnce(&mut SimModem, Duration) -> R) -> R {
        let now = self.now();
        let mut modem = self.0.modem.lock().unwrap_or_else(PoisonError::into_inner);
        modem.advance(now);
        act(&mut modem, now)
    }

    /// What happens to the modem now.
    pub fn happen(&self, event: Event) {
        self.with(|modem, now| modem.happen(now, event));
    }

    /// The wake line: power key or DTR.
    pub fn wake(&self) {
        self.with(SimModem::wake);
    }

    /// What the host cost so far.
    pub fn meter(&self) -> Meter {
        self.look(|modem, _| modem.meter().clone())
    }

    /// Clients of QMI that hosts have allocated and not released.
    pub fn qmi_clients(&self) -> usize {
        self.look(|modem, _| modem.qmi_clients())
    }

    /// Opens the port in process: the host's end of the line. An error while the port is away.
    ///
    /// Needs a tokio runtime, which then carries the modem's end.
    pub fn open(&self) -> io::Result<DuplexStream> {
        self.open_line(Speech::At)
    }

    /// The same for any of its ports.
    pub fn open_line(&self, speech: Speech) -> io::Result<DuplexStream> {
        if !self.look(|modem, _| modem.port_present()) {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the simulated port is away; it comes back by itself"));
        }
        let (host, own) = tokio::io::duplex(LINE);
        let modem = self.clone();
        tokio::spawn(async move { modem.serve_line(speech, own).await });
        Ok(host)
    }

    /// Carries bytes between `stream` and the modem's AT port, until the host closes it or the port goes away.
    pub async fn serve(&self, stream: impl AsyncRead + AsyncWrite) -> io::Result<()> {
        self.serve_line(Speech::At, stream).await
    }

    /// The same for any of its ports.
    pub async fn serve_line(&self, speech: Speech, stream: impl AsyncRead + AsyncWrite) -> io::Result<()> {
        let line = self.with(|modem, now| Line::open(speech, modem, now));
        let result = self.carry(line, stream).await;
        self.with(|modem, now| line.close(modem, now));
        result
    }

    async fn carry(&self, line: Line, stream: impl AsyncRead + AsyncWrite) -> io::Result<()> {
        let (from, to) = tokio::io::split(stream);
        tokio::pin!(from, to);
        let (mut pending, mut buffer) = (Vec::new(), [0; 1024]);
        let mut changed = self.0.changed.subscribe();
        loop {
            changed.mark_unchanged();
            let (due, deadline, present) =
                self.look(|modem, now| (line.poll(modem, now), line.deadline(modem), modem.port_present()));
            pending.extend(due.unwrap_or_default());
            if !present {
                return Ok(());
            }
            tokio::select! {
                read = from.read(&mut buffer) => match read? {
                    0 => return Ok(()),
                    n => self.heard(line, buffer.get(..n).unwrap_or_default()),
                },
                written = to.write(&pending), if !pending.is_empty() => drop(pending.drain(..written?)),
                () = self.sleep_until(deadline) => {}
                _ = changed.changed() => {}
            }
        }
    }

    /// What comes in by one line may give another something to say.
    fn heard(&self, line: Line, bytes: &[u8]) {
        self.with(|modem, now| match line {
            Line::At => modem.receive(now, bytes),
            Line::Qmi(link) => modem.qmi_receive(now, link, bytes),
            Line::Mbim(link) => modem.mbim_receive(now, link, bytes),
        });
    }

    async fn sleep_until(&self, deadline: Option<Duration>) {
        match deadline.and_then(|at| self.0.start.checked_add(at)) {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Waits until the modem is as it `shall` be.
    async fn until(&self, shall: impl Fn(&SimModem) -> bool) {
        let mut changed = self.0.changed.subscribe();
        loop {
            changed.mark_unchanged();
            // What waits to be read makes no difference to that: nobody may be there to read it.
            let (is, deadline) = self.look(|modem, _| (shall(modem), modem.inner_deadline()));
            if is {
                return;
            }
            tokio::select! {
                () = self.sleep_until(deadline) => {}
                _ = changed.changed() => {}
            }
        }
    }

    /// Serves the modem's AT port at `place`, one host at a time, over and over: a host that comes back finds it as it
    /// left it.
    ///
    /// While the port is away, the place is not there either.
    pub async fn serve_at(&self, place: &Place) -> io::Result<Infallible> {
        self.serve_speech(Speech::At, place).await
    }

    /// The same for any of its ports. A proxy takes many hosts at a time.
    pub async fn serve_speech(&self, speech: Speech, place: &Place) -> io::Result<Infallible> {
        loop {
            self.until(SimModem::port_present).await;
            match place {
                Place::Pty(link) => self.serve_pty(speech, link).await?,
                Place::Unix(path) => {
                    let bound = Bound::at(path)?;
                    self.serve_unix(speech, &bound.listener).await?;
                }
                Place::Abstract(name) => self.serve_unix(speech, &abstract_listener(name)?).await?,
                Place::Qrtr => match self.serve_qrtr(&Kernel).await.map_err(io::Error::other)? {},
                Place::Tcp(address) => self.serve_tcp(speech, *address).await?,
            }
        }
    }

    async fn serve_pty(&self, speech: Speech, link: &Path) -> io::Result<()> {
        let pty = Pty::open()?;
        let _link = Link::to(pty.path(), link)?;
        self.serve_line(speech, pty).await
    }

    async fn serve_unix(&self, speech: Speech, listener: &UnixListener) -> io::Result<()> {
        let mut hosts = JoinSet::new();
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => accepted?.0,
                () = self.until(|modem| !modem.port_present()) => return Ok(()),
            };
            // A host that goes away in the middle of a byte is no reason to stop.
            if speech.takes_many() {
                let modem = self.clone();
                while hosts.try_join_next().is_some() {}
                hosts.spawn(async move { modem.serve_line(speech, stream).await });
            } else {
                let _ = self.serve_line(speech, stream).await;
            }
        }
    }

    async fn serve_tcp(&self, speech: Speech, address: SocketAddr) -> io::Result<()> {
        if !address.ip().is_loopback() {
            let message =
                format!("{address} is no loopback address; a simulated modem listens on 127.0.0.1 or ::1 only");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listener = TcpListener::bind(address).await?;
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => accepted?.0,
                () = self.until(|modem| !modem.port_present()) => return Ok(()),
            };
            // A host that goes away in the middle of a byte is no reason to stop.
            let _ = self.serve_line(speech, stream).await;
        }
    }
}

fn abstract_listener(name: &str) -> io::Result<UnixListener> {
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
    let listener = std::os::unix::net::UnixListener::bind_addr(&address)?;
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// A socket in the file system, which goes with it.
struct Bound {
    listener: UnixListener,
    path: PathBuf,
}

impl Bound {
    /// Listens at `path`. A socket that nobody listens on any more is replaced; anything else is left alone.
    fn at(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::FileTypeExt;
        let stale = std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_socket())
            && std::os::unix::net::UnixStream::connect(path).is_err();
        if stale {
            std::fs::remove_file(path)?;
        }
        Ok(Self { listener: UnixListener::bind(path)?, path: path.to_owned() })
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        // Somebody may have cleaned up already.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A symbolic link that goes with the pty it leads to.
struct Link(PathBuf);

impl Link {
    /// Links `link` to `target`; an older link is replaced, anything else is left alone.
    fn to(target: &Path, link: &Path) -> io::Result<Self> {
        if std::fs::symlink_metadata(link).is_ok_and(|m| m.file_type().is_symlink()) {
            std::fs::remove_file(link)?;
        }
        std::os::unix::fs::symlink(target, link)?;
        Ok(Self(link.to_owned()))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Somebody may have cleaned up already.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl std::fmt::Debug for Simulated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulated").field("now", &self.now()).finish_non_exhaustive()
    }
}
