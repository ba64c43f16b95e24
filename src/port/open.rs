//! Opening a port.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_serial::{ClearBuffer, FlowControl, SerialPort, SerialStream};

use super::claim::{self, Holder};
use super::line::Dtr;
use super::qrtr::{self, QrtrError};
use super::spec::Flow;
use super::wdm::{USUAL_MAX, Wdm};
use super::{BoxStream, PortSpec};

/// A host that does not answer is given up after this time.
const CONNECT: Duration = Duration::from_secs(10);

/// Why a port could not be opened, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No such file.
    #[error("{port}: there is no such port; is the modem plugged in and powered, and the name right?")]
    Missing {
        /// The port.
        port: PortSpec,
    },
    /// Another process has it.
    #[error("{port}: {holder}")]
    Busy {
        /// The port.
        port: PortSpec,
        /// Who has it.
        holder: Holder,
    },
    /// Another process has it, and it cannot be told which.
    #[error("{port}: another program has it open; `fuser {port}` names it")]
    Locked {
        /// The port.
        port: PortSpec,
    },
    /// No right to open it.
    #[error("{port}: no right to open it; run as root, or join the group that owns it (often `dialout`)")]
    Denied {
        /// The port.
        port: PortSpec,
    },
    /// The proxy does not run.
    #[error("{port}: {name} does not run; start it, or leave it out and name the device itself")]
    NoProxy {
        /// The port.
        port: PortSpec,
        /// The proxy.
        name: &'static str,
    },
    /// A socket on which nobody listens.
    #[error("{port}: nobody listens there; start the program that serves the modem")]
    Refused {
        /// The port.
        port: PortSpec,
    },
    /// No answer in time.
    #[error("{port}: no connection within {} seconds; check the address and the way to it", CONNECT.as_secs())]
    TimedOut {
        /// The port.
        port: PortSpec,
    },
    /// No modem is reached by QRTR.
    #[error("{port}: {source}")]
    Qrtr {
        /// The port.
        port: PortSpec,
        /// Why.
        source: QrtrError,
    },
    /// Anything else, in the system's words.
    #[error("{port}: {source}")]
    Failed {
        /// The port.
        port: PortSpec,
        /// What the system said.
        source: io::Error,
    },
}

/// Opens a port.
///
/// A serial line is opened for this process alone; one that another process uses is refused. Dropping the stream
/// closes the port.
pub async fn open(spec: &PortSpec) -> Result<BoxStream, OpenError> {
    open_control(spec).await.map(|control| control.stream)
}

/// As [`open`]; `dtr` moves that line of a serial port for as long as the port is open.
pub async fn open_with(spec: &PortSpec, dtr: &Dtr) -> Result<BoxStream, OpenError> {
    let PortSpec::Tty { path, baud, flow } = spec else { return open(spec).await };
    let serial = Serial::new(tty(spec, path, *baud, *flow).await?);
    dtr.set(Arc::downgrade(&serial.0));
    Ok(Box::new(serial))
}

/// An open port of a protocol that has messages.
pub struct Control {
    /// Carries whole messages: what is written at once leaves at once.
    pub stream: BoxStream,
    /// The longest message that it takes, in octets.
    pub max_message: usize,
    /// What the proxy on the other side is to open; other programs use it too, so nothing may be reset.
    pub proxied: Option<String>,
}

/// As [`open`], and tells what the port is like.
pub async fn open_control(spec: &PortSpec) -> Result<Control, OpenError> {
    let failed = |source: io::Error| failure(spec, source);
    match spec {
        PortSpec::Wdm(path) => {
            let device = Wdm::open(path).map_err(failed)?;
            Ok(Control { max_message: device.max_message(), stream: Box::new(device), proxied: None })
        }
        PortSpec::Proxy { kind, device } => {
            let stream =
                UnixStream::connect(format!("\0{}", kind.name())).await.map_err(|source| match source.kind() {
                    ErrorKind::ConnectionRefused => OpenError::NoProxy { port: spec.clone(), name: kind.name() },
                    _ => failed(source),
                })?;
            Ok(Control { stream: Box::new(stream), max_message: USUAL_MAX, proxied: Some(device.clone()) })
        }
        PortSpec::Tty { path, baud, flow } => {
            tty(spec, path, *baud, *flow).await.map(|stream| plain(Box::new(Serial::new(stream))))
        }
        PortSpec::Qrtr(node) => {
            let opened = qrtr::open(Arc::new(qrtr::Kernel), *node).await;
            let stream = opened.map_err(|source| OpenError::Qrtr { port: spec.clone(), source })?;
            Ok(plain(Box::new(stream)))
        }
        PortSpec::Unix(path) => Ok(plain(Box::new(UnixStream::connect(path).await.map_err(failed)?))),
        // tokio takes a path that starts with a zero byte for an abstract name, as the kernel does.
        PortSpec::UnixAbstract(name) => {
            Ok(plain(Box::new(UnixStream::connect(format!("\0{name}")).await.map_err(failed)?)))
        }
        PortSpec::Tcp { host, port } => {
            let stream = timeout(CONNECT, TcpStream::connect((host.as_str(), *port))).await;
            let stream = stream.map_err(|_| OpenError::TimedOut { port: spec.clone() })?.map_err(failed)?;
            // An AT line must not wait for more to send.
            stream.set_nodelay(true).map_err(failed)?;
            Ok(plain(Box::new(stream)))
        }
    }
}

/// A port that nobody else uses.
fn plain(stream: BoxStream) -> Control {
    Control { stream, max_message: USUAL_MAX, proxied: None }
}

async fn tty(spec: &PortSpec, path: &Path, baud: u32, flow: Flow) -> Result<SerialStream, OpenError> {
    let device = path.to_owned();
    // Looking at every process and opening a line that waits for its modem take time on the disk and in the driver.
    let opened = tokio::task::spawn_blocking(move || match usable(&device) {
        Some(holder) => Ok(Err(holder)),
        None => serial(&device, baud, flow).map(Ok),
    });
    match opened.await.map_err(|e| failure(spec, io::Error::other(e)))? {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(holder)) => Err(OpenError::Busy { port: spec.clone(), holder }),
        // serialport tells EBUSY and a lock that is taken as a missing device.
        Err(e) if matches!(e.kind, tokio_serial::ErrorKind::NoDevice) => Err(OpenError::Locked { port: spec.clone() }),
        Err(e) => Err(failure(spec, e.into())),
    }
}

/// Who uses the device. The maker of a pty keeps its other end open, so a pty is always free.
fn usable(device: &PathBuf) -> Option<Holder> {
    let real = std::fs::canonicalize(device).ok()?;
    if real.starts_with("/dev/pts") { None } else { claim::holder(Path::new("/"), &real) }
}

fn serial(device: &Path, baud: u32, flow: Flow) -> Result<SerialStream, tokio_serial::Error> {
    let flow = match flow {
        Flow::None => FlowControl::None,
        Flow::Hardware => FlowControl::Hardware,
    };
    let builder = tokio_serial::new(device.to_string_lossy(), baud).flow_control(flow);
    SerialStream::open(&builder)
}

fn failure(spec: &PortSpec, source: io::Error) -> OpenError {
    let port = spec.clone();
    match source.kind() {
        ErrorKind::NotFound => OpenError::Missing { port },
        ErrorKind::PermissionDenied => OpenError::Denied { port },
        ErrorKind::ConnectionRefused => OpenError::Refused { port },
        ErrorKind::ResourceBusy => OpenError::Locked { port },
        _ => OpenError::Failed { port, source },
    }
}

/// A serial line whose flush does nothing and whose close does not wait. It is shared with whoever moves its DTR, which
/// never takes long.
struct Serial(Arc<Mutex<SerialStream>>);

impl Serial {
    fn new(stream: SerialStream) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }

    fn stream(&self) -> MutexGuard<'_, SerialStream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Serial {
    fn drop(&mut self) {
        // Closing waits up to 30 s for bytes that a hung modem does not take: throw them away. The line may be gone.
        let _ = self.stream().clear(ClearBuffer::Output);
    }
}

impl AsyncRead for Serial {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream()).poll_read(cx, buf)
    }
}

impl AsyncWrite for Serial {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.stream()).poll_write(cx, buf)
    }

    /// Does nothing: tcdrain(2) would stop the whole daemon until the modem has read everything.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
