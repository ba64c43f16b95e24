//! Ports: where bytes cross. Serial lines, sockets, ptys, wrappers that compose around them, the lines beside them, and
//! how they are found.
//!
//! Whatever a port is made of, it is never flushed: on a serial line a flush waits in the kernel until a hung modem
//! has read everything, and the whole daemon with it.

pub mod claim;
pub mod discovery;
pub mod fault;
pub mod kernel;
pub mod line;
mod open;
pub mod pty;
pub mod qrtr;
pub mod recorder;
pub mod replay;
pub mod spec;
pub mod uevent;
pub mod watch;
pub mod wdm;

use tokio::io::{AsyncRead, AsyncWrite};

pub use open::{Control, OpenError, open, open_control, open_with};
pub use spec::PortSpec;

/// Anything that carries bytes both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open port, whatever it is made of.
pub type BoxStream = Box<dyn Stream>;
