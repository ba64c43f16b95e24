//! Records everything that crosses a port, always: a failure in the field is a fixture tomorrow.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::transcript::message::Framing;
use crate::transcript::{Direction, Record, Transcript, redact};

/// Size of a ring that nobody sized, in bytes.
pub const DEFAULT_CAPACITY: usize = 256 * 1024;

/// Bytes read one after the other within this time are one chunk: a UART hands out a line in pieces of a few bytes.
const TOGETHER: Duration = Duration::from_millis(20);

/// A chunk grows to this size at most, in bytes.
const MAX_CHUNK: usize = 2048;

/// What a chunk costs beside its bytes: an upper bound of its bookkeeping.
const OVERHEAD: usize = 96;

/// The last that crossed one or more ports. Cheap to clone; all clones are the same ring.
#[derive(Debug, Clone)]
pub struct Ring {
    shared: Arc<Mutex<Shared>>,
    start: Instant,
}

#[derive(Debug)]
struct Shared {
    chunks: VecDeque<Chunk>,
    used: usize,
    capacity: usize,
    dropped: u64,
}

#[derive(Debug)]
struct Chunk {
    at: Duration,
    /// A message of a protocol that has them: nothing is added to it.
    whole: bool,
    /// When the last byte was added.
    end: Duration,
    port: Arc<str>,
    direction: Direction,
    data: Vec<u8>,
}

impl Chunk {
    fn cost(&self) -> usize {
        OVERHEAD.saturating_add(self.data.len())
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new(DEFAULT_CAPACITY)
    }
}

impl Ring {
    /// A ring of at most `capacity` bytes, bookkeeping included. Its time starts now.
    pub fn new(capacity: usize) -> Self {
        let shared = Shared { chunks: VecDeque::new(), used: 0, capacity, dropped: 0 };
        Self { shared: Arc::new(Mutex::new(shared)), start: Instant::now() }
    }

    /// What crossed in the last `span` (`None`: all that is left), without personal data.
    pub fn transcript(&self, span: Option<Duration>) -> Transcript {
        redact::redact(&self.unredacted(span))
    }

    /// What crossed in the last `span` (`None`: all that is left), as it crossed: PIN, IMSI and messages included.
    pub fn unredacted(&self, span: Option<Duration>) -> Transcript {
        let now = self.start.elapsed();
        let since = span.map_or(Duration::ZERO, |span| now.saturating_sub(span));
        let shared = self.lock();
        let mut records = Vec::new();
        if span.is_none() && shared.dropped > 0 {
            records.push(Record::note(Duration::ZERO, &format!("{} older chunks were dropped", shared.dropped)));
        }
        let mut first = None;
        for chunk in shared.chunks.iter().filter(|chunk| chunk.at >= since) {
            let at = chunk.at.saturating_sub(*first.get_or_insert(chunk.at));
            records.extend(Record::split(at, &chunk.port, chunk.direction, &chunk.data));
        }
        Transcript { records, ..Transcript::default() }
    }

    fn enter(&self, port: &Arc<str>, direction: Direction, data: &[u8]) {
        let at = self.start.elapsed();
        let mut shared = self.lock();
        for piece in data.chunks(MAX_CHUNK) {
            shared.enter(at, port, direction, piece, false);
        }
    }

    fn enter_message(&self, port: &Arc<str>, direction: Direction, message: &[u8]) {
        let at = self.start.elapsed();
        self.lock().enter(at, port, direction, message, true);
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // A panic elsewhere leaves at worst a half-entered chunk: still worth printing.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn enter(&mut self, at: Duration, port: &Arc<str>, direction: Direction, data: &[u8], whole: bool) {
        let joins = |last: &&mut Chunk| {
            !(whole || last.whole)
                && last.port == *port
                && last.direction == direction
                && at.saturating_sub(last.end) <= TOGETHER
                && last.data.len().saturating_add(data.len()) <= MAX_CHUNK
        };
        if let Some(last) = self.chunks.back_mut().filter(joins) {
            last.data.extend_from_slice(data);
            last.end = at;
            self.used = self.used.saturating_add(data.len());
        } else {
            let chunk = Chunk { at, whole, end: at, port: Arc::clone(port), direction, data: data.to_vec() };
            self.used = self.used.saturating_add(chunk.cost());
            self.chunks.push_back(chunk);
        }
        while self.used > self.capacity {
            let Some(oldest) = self.chunks.pop_front() else { break };
            self.used = self.used.saturating_sub(oldest.cost());
            self.dropped = self.dropped.saturating_add(1);
        }
    }
}

/// A port that enters everything that crosses it into a [`Ring`].
#[derive(Debug)]
pub struct Recorder<S> {
    inner: S,
    port: Arc<str>,
    ring: Ring,
    messages: Option<Messages>,
}

/// What a protocol's messages say of their length, in both directions.
#[derive(Debug)]
struct Messages {
    framing: Framing,
    to: Vec<u8>,
    from: Vec<u8>,
}

impl<S> Recorder<S> {
    /// Records `inner` under the name `port`; white space in it becomes `_`.
    pub fn new(inner: S, port: &str, ring: Ring) -> Self {
        let port: String = port.chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect();
        Self { inner, port: if port.is_empty() { "-".into() } else { port.into() }, ring, messages: None }
    }

    /// As [`Recorder::new`], a record for each message of a protocol that has them.
    pub fn of_messages(inner: S, port: &str, ring: Ring, framing: Framing) -> Self {
        let messages = Some(Messages { framing, to: Vec::new(), from: Vec::new() });
        Self { messages, ..Self::new(inner, port, ring) }
    }

    fn enter(&mut self, direction: Direction, data: &[u8]) {
        let Some(messages) = &mut self.messages else { return self.ring.enter(&self.port, direction, data) };
        let (framing, partial) = match direction {
            Direction::ToModem => (messages.framing, &mut messages.to),
            _ => (messages.framing, &mut messages.from),
        };
        partial.extend_from_slice(data);
        while let Some(length) = framing.length(partial).filter(|length| *length <= partial.len()) {
            let rest = partial.split_off(length);
            self.ring.enter_message(&self.port, direction, &std::mem::replace(partial, rest));
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Recorder<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        let read = buf.filled().get(before..).unwrap_or_default();
        self.enter(Direction::FromModem, read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recorder<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        self.enter(Direction::ToModem, buf.get(..written).unwrap_or_default());
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
