//! Breaks a port on purpose, the same way every time: for tests and for the simulator.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A fault and its place. It strikes once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// How many commands (CR) have gone to the modem: 1 is the answer to the first command, 0 the time before it.
    pub command: usize,
    /// How many bytes have come from the modem since that command; the fault strikes at the next one.
    pub byte: usize,
    /// What happens.
    pub kind: FaultKind,
}

/// What can happen to the bytes from a modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// This many random bytes come in between.
    Garbage(usize),
    /// The rest comes after this time: half a line now, half later.
    Pause(Duration),
    /// This many bytes are lost.
    Drop(usize),
    /// Nothing comes any more; what is sent goes nowhere.
    Hang,
    /// The port is gone.
    Close,
}

/// A port with faults in what comes from the modem.
#[derive(Debug)]
pub struct FaultInjector<S> {
    inner: S,
    faults: Vec<Fault>,
    random: u64,
    commands: usize,
    bytes: usize,
    /// Read from the port, not handed on yet.
    input: VecDeque<u8>,
    garbage: VecDeque<u8>,
    dropping: usize,
    pause: Option<Pin<Box<Sleep>>>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Working,
    Hung,
    Closed,
}

impl<S> FaultInjector<S> {
    /// Puts `faults` into what `inner` delivers; the same `seed` gives the same garbage.
    pub fn new(inner: S, seed: u64, faults: Vec<Fault>) -> Self {
        Self {
            inner,
            faults,
            random: seed,
            commands: 0,
            bytes: 0,
            input: VecDeque::new(),
            garbage: VecDeque::new(),
            dropping: 0,
            pause: None,
            state: State::Working,
        }
    }

    /// Takes the fault that strikes here.
    fn strike(&mut self) -> Option<FaultKind> {
        let here = |f: &Fault| f.command == self.commands && f.byte == self.bytes;
        let index = self.faults.iter().position(here)?;
        Some(self.faults.swap_remove(index).kind)
    }

    fn apply(&mut self, fault: FaultKind) {
        match fault {
            FaultKind::Garbage(count) => {
                for _ in 0..count {
                    let byte = self.random_byte();
                    self.garbage.push_back(byte);
                }
            }
            FaultKind::Pause(time) => self.pause = Some(Box::pin(sleep(time))),
            FaultKind::Drop(count) => self.dropping = count,
            FaultKind::Hang => self.state = State::Hung,
            FaultKind::Close => self.state = State::Closed,
        }
    }

    /// SplitMix64 (Steele, Lea, Flood 2014), its top byte.
    const fn random_byte(&mut self) -> u8 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 56) as u8
    }

    /// Hands on input up to the next fault.
    fn deliver(&mut self, buf: &mut ReadBuf<'_>) {
        let next =
            self.faults.iter().filter(|f| f.command == self.commands && f.byte > self.bytes).map(|f| f.byte).min();
        let room = next.map_or(usize::MAX, |byte| byte.saturating_sub(self.bytes)).min(buf.remaining());
        for byte in self.input.drain(..room.min(self.input.len())) {
            buf.put_slice(&[byte]);
            self.bytes = self.bytes.saturating_add(1);
        }
    }
}

impl<S: AsyncRead + Unpin> FaultInjector<S> {
    /// Waits for something to hand on: out of a pause, and with input if nothing else is there. `false`: the end.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        match self.state {
            State::Working => {}
            State::Hung => return Poll::Pending,
            State::Closed => return Poll::Ready(Ok(false)),
        }
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        if self.garbage.is_empty() && self.input.is_empty() {
            let mut bytes = [0; 1024];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut read))?;
            self.input.extend(read.filled());
        }
        Poll::Ready(Ok(!self.garbage.is_empty() || !self.input.is_empty()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FaultInjector<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        while buf.remaining() > 0 && buf.filled().len() == before && ready!(this.poll_input(cx))? {
            if !this.garbage.is_empty() {
                let count = this.garbage.len().min(buf.remaining());
                this.garbage.drain(..count).for_each(|byte| buf.put_slice(&[byte]));
            } else if let Some(fault) = this.strike() {
                this.apply(fault);
            } else if this.dropping > 0 {
                let lost = this.dropping.min(this.input.len());
                this.input.drain(..lost);
                this.dropping = this.dropping.saturating_sub(lost);
                this.bytes = this.bytes.saturating_add(lost);
            } else {
                this.deliver(buf);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FaultInjector<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = match self.state {
            State::Working => ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?,
            State::Hung => buf.len(),
            State::Closed => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        };
        let commands = buf.iter().take(written).filter(|b| **b == b'\r').count();
        if commands > 0 {
            self.commands = self.commands.saturating_add(commands);
            self.bytes = 0;
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
