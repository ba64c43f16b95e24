//! QMUX frames out of a stream of bytes.

use super::message::{MARKER, NoMessage, QMUX_HEADER, frame_length};

/// The longest frame: 16 bits of length, and the marker.
pub const FRAME_MAX: usize = 0x1_0000;
/// Bytes that are kept while nobody asks for frames.
const BUFFER_MAX: usize = 2 * FRAME_MAX;

/// Collects bytes and gives frames, whatever the portions in which they came.
///
/// It holds two frames at most: what comes beyond that before somebody calls [`FrameReader::next`] is lost, and said.
#[derive(Debug, Clone, Default)]
pub struct FrameReader {
    buffer: Vec<u8>,
    lost: usize,
}

/// What a stream gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed {
    /// A frame, whole.
    Frame(Vec<u8>),
    /// So many bytes that are no frame; reading goes on behind them.
    Noise(usize),
}

impl FrameReader {
    /// An empty one.
    pub const fn new() -> Self {
        Self { buffer: Vec::new(), lost: 0 }
    }

    /// Takes what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = BUFFER_MAX.saturating_sub(self.buffer.len());
        let kept = bytes.get(..room).unwrap_or(bytes);
        self.buffer.extend_from_slice(kept);
        self.lost = self.lost.saturating_add(bytes.len() - kept.len());
    }

    /// The next frame; `None`: more bytes are needed.
    #[expect(clippy::should_implement_trait, reason = "an iterator that ends and goes on is a trap")]
    pub fn next(&mut self) -> Option<Framed> {
        let noise = self.noise();
        if noise > 0 {
            self.buffer.drain(..noise);
            return Some(Framed::Noise(noise));
        }
        match frame_length(&self.buffer) {
            Ok(length) if length <= self.buffer.len() => Some(Framed::Frame(self.buffer.drain(..length).collect())),
            _ if self.lost > 0 => {
                // A frame with a hole in it is none: what is left of it is noise too.
                let lost = self.buffer.len().saturating_add(std::mem::take(&mut self.lost));
                self.buffer.clear();
                Some(Framed::Noise(lost))
            }
            _ => None,
        }
    }

    /// Bytes at the front that cannot be a frame.
    fn noise(&self) -> usize {
        let marker = self.buffer.iter().position(|byte| *byte == MARKER).unwrap_or(self.buffer.len());
        match frame_length(self.buffer.get(marker..).unwrap_or_default()) {
            // No frame is shorter than its header.
            Ok(length) if length < QMUX_HEADER => marker + 1,
            Ok(_) | Err(NoMessage::Incomplete(_)) => marker,
            Err(_) => marker + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CTL request 0x0027 (sync), transaction 1.
    const SYNC: [u8; 12] = [0x01, 0x0B, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x27, 0x00, 0x00, 0x00];

    fn all(reader: &mut FrameReader) -> Vec<Framed> {
        std::iter::from_fn(|| reader.next()).collect()
    }

    #[test]
    fn portions_make_no_difference() {
        let stream = [SYNC, SYNC].concat();
        for portion in 1..=stream.len() {
            let mut reader = FrameReader::new();
            let mut frames = Vec::new();
            for bytes in stream.chunks(portion) {
                reader.push(bytes);
                frames.extend(all(&mut reader));
            }
            assert_eq!(frames, [Framed::Frame(SYNC.to_vec()), Framed::Frame(SYNC.to_vec())], "portions of {portion}");
        }
    }

    #[test]
    fn noise_is_skipped_and_told() {
        let mut reader = FrameReader::new();
        reader.push(&[0xFF, 0x00]);
        reader.push(&SYNC);
        reader.push(&[0x01, 0x02, 0x00, 0x00]);
        reader.push(&SYNC);
        let frame = Framed::Frame(SYNC.to_vec());
        let told = all(&mut reader);
        assert_eq!(told.iter().filter(|framed| **framed == frame).count(), 2);
        assert_eq!(told.first(), Some(&Framed::Noise(2)));
        assert_eq!(reader.next(), None);
    }

    #[test]
    fn a_reader_that_nobody_empties_stays_small() {
        let mut reader = FrameReader::new();
        (0..1000).for_each(|_| reader.push(&[0x01; 1000]));
        assert!(reader.buffer.len() <= BUFFER_MAX);
        assert!(all(&mut reader).iter().any(|framed| matches!(framed, Framed::Noise(_))));
        reader.push(&SYNC);
        assert_eq!(all(&mut reader), [Framed::Frame(SYNC.to_vec())], "it works on");
    }
}
