//! Ports: where bytes cross. Serial lines, sockets, ptys, and wrappers that compose around them.

use tokio::io::{AsyncRead, AsyncWrite};

/// Anything that carries bytes both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open port, whatever it is made of.
pub type BoxStream = Box<dyn Stream>;
