//! QMI inside MBIM: a stream of QMUX frames on one side, commands of the QMI service on the other.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tracing::debug;

use super::link::Link;
use crate::codec::mbim::message::tunnel::QMI_MSG;
use crate::codec::mbim::{Body, Service};
use crate::codec::qmi::{FrameReader, Framed};
use crate::port::BoxStream;

/// Frames that wait in one direction at most.
pub const QUEUE: usize = 64;
/// How long the modem may take; whoever sent the frame has a shorter one of its own, but for a scan.
const TIME_OUT: Duration = Duration::from_secs(300);
/// Octets of one read.
const CHUNK: usize = 4096;

/// Carries frames until the stream or the port ends. `told` are frames that the modem sends by itself.
pub async fn carry(mut stream: BoxStream, link: Link, mut told: mpsc::Receiver<Vec<u8>>) {
    let (answers, mut answered) = mpsc::channel(QUEUE);
    let mut frames = FrameReader::new();
    let mut chunk = [0; CHUNK];
    loop {
        let frame = tokio::select! {
            read = stream.read(&mut chunk) => match read {
                Ok(length) if length > 0 => {
                    frames.push(chunk.get(..length).unwrap_or_default());
                    while let Some(Framed::Frame(frame)) = frames.next() {
                        tokio::spawn(exchange(link.clone(), frame, answers.clone()));
                    }
                    continue;
                }
                _ => return,
            },
            Some(frame) = answered.recv() => frame,
            frame = told.recv() => match frame {
                Some(frame) => frame,
                None => return,
            },
        };
        if stream.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// One frame there, the answer back. An answer that does not come is missed by whoever waits for it.
async fn exchange(link: Link, frame: Vec<u8>, answers: mpsc::Sender<Vec<u8>>) {
    match link.exchange(Body::set(Service::Qmi, &QMI_MSG, frame), TIME_OUT).await {
        Ok(Body::CommandDone { buffer, .. }) if !buffer.is_empty() => drop(answers.send(buffer).await),
        Ok(other) => debug!("QMI over MBIM: {} without a frame", other.name()),
        Err(error) => debug!("QMI over MBIM: {error}"),
    }
}
