//! A recorded modem on a stream, in the time of tokio's clock.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};

use super::Stream;
use crate::transcript::session::{Mismatch, Session};

/// A command is as long as this at most, in bytes; the rest is taken for the next one.
const MAX_COMMAND: usize = 4096;

/// How a replay ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The driver did something else than in the recording.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The stream broke.
    #[error("the replay broke off: {0}")]
    Io(#[from] io::Error),
}

/// Serves a [`Session`] on a stream.
#[derive(Debug)]
pub struct Replayer {
    session: Session,
    command: Vec<u8>,
}

impl Replayer {
    /// A modem that answers as in `session`.
    pub const fn new(session: Session) -> Self {
        Self { session, command: Vec::new() }
    }

    /// Answers on `stream` until the driver closes its end or parts from a strict transcript, and gives the verdict.
    /// The time of the session starts with this call.
    pub async fn serve<S: Stream>(mut self, mut stream: S) -> Result<(), ReplayError> {
        let start = Instant::now();
        let mut buffer = [0; 1024];
        loop {
            while let Some(data) = self.session.poll(start.elapsed()) {
                if stream.write_all(&data).await.is_err() {
                    return Ok(self.session.verdict()?);
                }
            }
            let due = self.session.next_deadline().and_then(|at| start.checked_add(at));
            tokio::select! {
                // Bytes of the driver go first: at the same instant a command comes before a notice.
                biased;
                read = stream.read(&mut buffer) => match read? {
                    0 => return Ok(self.session.verdict()?),
                    length => self.read(buffer.get(..length).unwrap_or_default(), start)?,
                },
                () = wait(due) => {}
            }
        }
    }

    /// Cuts what the driver sends into commands: messages where they end, lines at CR or Ctrl-Z.
    fn read(&mut self, data: &[u8], start: Instant) -> Result<(), Mismatch> {
        let Some(framing) = self.session.framing() else { return self.read_lines(data, start) };
        self.command.extend_from_slice(data);
        while let Some(length) = framing.length(&self.command).filter(|length| *length <= self.command.len()) {
            let rest = self.command.split_off(length);
            let message = std::mem::replace(&mut self.command, rest);
            self.session.on_command(&message, start.elapsed())?;
        }
        Ok(())
    }

    fn read_lines(&mut self, data: &[u8], start: Instant) -> Result<(), Mismatch> {
        for &byte in data {
            let ends = matches!(byte, b'\r' | 0x1a) || self.command.len() >= MAX_COMMAND;
            if byte == b'\n' && self.command.is_empty() {
                continue;
            }
            if byte != b'\r' {
                self.command.push(byte);
            }
            if ends {
                let command = std::mem::take(&mut self.command);
                self.session.on_command(&command, start.elapsed())?;
            }
        }
        Ok(())
    }
}

async fn wait(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
