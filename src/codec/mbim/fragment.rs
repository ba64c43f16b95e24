//! Fragments: how long messages cross a short pipe (MBIM 1.0 clauses 9.2 and 9.5).

use super::frame::{FRAGMENT_HEADER, Frame, HEADER, kind};

/// The longest piece that is taken from a stream, octets. The longest `wMaxControlMessage` is 65535 (clause 6.4).
pub const PIECE_MAX: usize = 0x1_0000;
/// The longest message that is put together, octets: a scan of a hundred networks has less than a tenth of it.
pub const WHOLE_MAX: usize = 0x4_0000;

/// A frame that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// More bytes have to come.
    #[error("the frame is not complete: {0} bytes more have to come")]
    Incomplete(usize),
    /// The length in the header does not fit the rest.
    #[error("the length in the frame does not fit what it holds")]
    Length,
    /// The type is unknown.
    #[error("no type of message has the number {0:#010x}")]
    Kind(u32),
    /// The numbers of a fragment contradict each other.
    #[error("fragment {current} of {total} cannot be")]
    Fragment {
        /// Which one it says it is, counted from 0.
        current: u32,
        /// How many there are to be.
        total: u32,
    },
    /// One fragment of several is not the message.
    #[error("this is one of {total} fragments: the message has to be put together first")]
    Cut {
        /// How many there are.
        total: u32,
    },
    /// A fragment came that does not follow the one before it.
    #[error("fragment {found} came where fragment {expected} was due: the message is lost")]
    OutOfOrder {
        /// The one that was due, counted from 0.
        expected: u32,
        /// The one that came.
        found: u32,
    },
    /// The message is too long.
    #[error("the message is longer than {WHOLE_MAX} bytes")]
    TooLong,
}

/// One fragment, or a message that cannot be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// Type of the message.
    pub kind: u32,
    /// Ties an answer to its question.
    pub transaction: u32,
    /// How many fragments there are; 1 for a message that cannot be cut.
    pub total: u32,
    /// Which one this is, counted from 0.
    pub current: u32,
    /// What stands behind the headers.
    pub payload: &'a [u8],
}

fn word(bytes: &[u8], at: usize) -> Result<u32, FrameError> {
    let word = bytes.get(at..).and_then(|rest| rest.first_chunk());
    word.map(|word| u32::from_le_bytes(*word)).ok_or(FrameError::Length)
}

impl<'a> Fragment<'a> {
    /// Reads one fragment; bytes behind it are not looked at.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let missing = HEADER.saturating_sub(bytes.len());
        if missing > 0 {
            return Err(FrameError::Incomplete(missing));
        }
        let (kind, length, transaction) = (word(bytes, 0)?, word(bytes, 4)? as usize, word(bytes, 8)?);
        if length < least(kind) {
            return Err(FrameError::Length);
        }
        let frame = bytes.get(..length).ok_or(FrameError::Incomplete(length.saturating_sub(bytes.len())))?;
        if !kind::is_cut(kind) {
            let payload = frame.get(HEADER..).unwrap_or_default();
            return Ok(Self { kind, transaction, total: 1, current: 0, payload });
        }
        let (total, current) = (word(frame, HEADER)?, word(frame, HEADER + 4)?);
        if total == 0 || current >= total {
            return Err(FrameError::Fragment { current, total });
        }
        let payload = frame.get(HEADER + FRAGMENT_HEADER..).unwrap_or_default();
        Ok(Self { kind, transaction, total, current, payload })
    }
}

/// The shortest frame of a type.
const fn least(kind: u32) -> usize {
    match kind {
        kind::CLOSE => HEADER,
        kind if kind::is_cut(kind) => HEADER + FRAGMENT_HEADER,
        kind::OPEN | kind::HOST_ERROR | kind::OPEN_DONE | kind::CLOSE_DONE | kind::FUNCTION_ERROR => HEADER + 4,
        _ => HEADER,
    }
}

/// A message whose fragments have been put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Type of the message.
    pub kind: u32,
    /// Ties an answer to its question.
    pub transaction: u32,
    /// What stands behind the headers of all fragments.
    pub payload: Vec<u8>,
}

/// Cuts a message into frames of at most `max` octets each, if it may be cut.
pub fn split(whole: &Whole, max: u32) -> Vec<Vec<u8>> {
    if !kind::is_cut(whole.kind) {
        return vec![frame(whole, &[], &whole.payload)];
    }
    let room = (max as usize).saturating_sub(HEADER + FRAGMENT_HEADER).max(1);
    let pieces: Vec<&[u8]> = match whole.payload.len() {
        0 => vec![&[]],
        _ => whole.payload.chunks(room).collect(),
    };
    let total = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    (0..total).zip(pieces).map(|(current, piece)| frame(whole, &[total, current], piece)).collect()
}

fn frame(whole: &Whole, numbers: &[u32], payload: &[u8]) -> Vec<u8> {
    let length = HEADER.saturating_add(numbers.len().saturating_mul(4)).saturating_add(payload.len());
    let mut frame = Vec::with_capacity(length);
    for number in [whole.kind, u32::try_from(length).unwrap_or(u32::MAX), whole.transaction].iter().chain(numbers) {
        frame.extend(number.to_le_bytes());
    }
    frame.extend_from_slice(payload);
    frame
}

/// Puts messages together from their fragments. One message at a time comes in: clause 9.5.1 forbids to interleave
/// fragments of several, except that a message of one fragment may come at any time.
#[derive(Debug, Clone, Default)]
pub struct Reassembler {
    partial: Option<Partial>,
}

#[derive(Debug, Clone)]
struct Partial {
    whole: Whole,
    total: u32,
    next: u32,
}

impl Reassembler {
    /// With nothing collected.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next piece, as it came from the port: the message, once it is whole.
    ///
    /// After an error whatever was collected is gone; the next first fragment starts anew.
    pub fn push(&mut self, piece: &[u8]) -> Result<Option<Frame>, FrameError> {
        self.push_raw(piece)?.map(Frame::from_whole).transpose()
    }

    /// Like [`Reassembler::push`], without a look into the message.
    pub fn push_raw(&mut self, piece: &[u8]) -> Result<Option<Whole>, FrameError> {
        let fragment = Fragment::parse(piece)?;
        let Fragment { kind, transaction, total, current, payload } = fragment;
        if total == 1 {
            return Ok(Some(Whole { kind, transaction, payload: payload.to_vec() }));
        }
        if current == 0 {
            let whole = Whole { kind, transaction, payload: payload.to_vec() };
            self.partial = Some(Partial { whole, total, next: 1 });
            return Ok(None);
        }
        let mut partial = self.partial.take().ok_or(FrameError::OutOfOrder { expected: 0, found: current })?;
        partial.add(&fragment)?;
        if partial.next == partial.total {
            return Ok(Some(partial.whole));
        }
        self.partial = Some(partial);
        Ok(None)
    }

    /// Whether fragments have come of a message that is not whole.
    pub const fn is_waiting(&self) -> bool {
        self.partial.is_some()
    }

    /// Forgets what has come, as after a time-out.
    pub fn clear(&mut self) {
        self.partial = None;
    }
}

impl Partial {
    fn add(&mut self, fragment: &Fragment<'_>) -> Result<(), FrameError> {
        let same = fragment.kind == self.whole.kind
            && fragment.transaction == self.whole.transaction
            && fragment.total == self.total;
        if !same || fragment.current != self.next {
            return Err(FrameError::OutOfOrder { expected: self.next, found: fragment.current });
        }
        if self.whole.payload.len().saturating_add(fragment.payload.len()) > WHOLE_MAX {
            return Err(FrameError::TooLong);
        }
        self.whole.payload.extend_from_slice(fragment.payload);
        self.next = self.next.saturating_add(1);
        Ok(())
    }
}

/// Cuts a stream, such as a proxy's socket, into the frames that were put into it.
#[derive(Debug, Clone, Default)]
pub struct Splitter {
    bytes: Vec<u8>,
}

impl Splitter {
    /// With nothing collected.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next frame, if it is there in full. An error ends the stream: there is no mark to find the next frame by.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        if self.bytes.len() < HEADER {
            return Ok(None);
        }
        let length = word(&self.bytes, 4)? as usize;
        if !(HEADER..=PIECE_MAX).contains(&length) {
            self.bytes.clear();
            return Err(FrameError::Length);
        }
        if self.bytes.len() < length {
            return Ok(None);
        }
        let rest = self.bytes.split_off(length);
        Ok(Some(std::mem::replace(&mut self.bytes, rest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::mbim::frame::Body;
    use crate::codec::mbim::message::sms::READ;
    use crate::codec::mbim::service::Service;

    fn long() -> Frame {
        let buffer = (0..2500_u32).map(|n| n as u8).collect();
        Frame { transaction: 12, body: Body::indicate(Service::Sms, &READ, buffer) }
    }

    #[test]
    fn fragments_are_put_together() {
        let frame = long();
        for max in [21, 64, 100, 2000, 4096] {
            let pieces = frame.fragments(max);
            assert!(pieces.iter().all(|piece| piece.len() <= max as usize));
            let mut reassembler = Reassembler::new();
            let (last, first) = pieces.split_last().unwrap();
            for piece in first {
                assert_eq!(reassembler.push(piece), Ok(None));
            }
            assert_eq!(reassembler.push(last), Ok(Some(frame.clone())));
            assert!(!reassembler.is_waiting());
        }
    }

    #[test]
    fn lost_and_foreign_fragments_are_told_and_the_next_message_comes_through() {
        let pieces = long().fragments(1000);
        let mut reassembler = Reassembler::new();
        assert_eq!(reassembler.push(&pieces[1]), Err(FrameError::OutOfOrder { expected: 0, found: 1 }));
        assert_eq!(reassembler.push(&pieces[0]), Ok(None));
        assert_eq!(reassembler.push(&pieces[2]), Err(FrameError::OutOfOrder { expected: 1, found: 2 }));
        let mut foreign = long();
        foreign.transaction = 13;
        assert_eq!(reassembler.push(&pieces[0]), Ok(None));
        assert!(reassembler.push(&foreign.fragments(1000)[1]).is_err());
        // A message in one piece does not disturb one in several.
        assert_eq!(reassembler.push(&pieces[0]), Ok(None));
        let close = Frame { transaction: 1, body: Body::Close };
        assert_eq!(reassembler.push(&close.encode()), Ok(Some(close)));
        assert_eq!(reassembler.push(&pieces[1]), Ok(None));
        assert_eq!(reassembler.push(&pieces[2]), Ok(Some(long())));
    }

    #[test]
    fn endless_fragments_are_refused() {
        let mut reassembler = Reassembler::new();
        let piece = |current: u32| {
            let mut bytes = long().encode();
            bytes[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
            bytes[16..20].copy_from_slice(&current.to_le_bytes());
            bytes
        };
        let refused = (0..1000).find_map(|current| reassembler.push(&piece(current)).err());
        assert_eq!(refused, Some(FrameError::TooLong));
    }

    #[test]
    fn a_stream_is_cut_wherever_it_breaks() {
        let frames = [long(), Frame { transaction: 1, body: Body::Close }, long()];
        let stream: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
        for step in [1, 7, 1000, stream.len()] {
            let mut splitter = Splitter::new();
            let mut found = Vec::new();
            for bytes in stream.chunks(step) {
                splitter.push(bytes);
                while let Some(frame) = splitter.next_frame().unwrap() {
                    found.push(Frame::parse(&frame).unwrap());
                }
            }
            assert_eq!(found, frames);
        }
        let mut splitter = Splitter::new();
        splitter.push(&[3, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
        assert_eq!(splitter.next_frame(), Err(FrameError::Length));
    }
}
