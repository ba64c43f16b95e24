//! Messages of MBIM: text is UTF-16, QMI and AT may be inside, and a long message comes in pieces.

use std::ops::Range;

use super::frame::{self, IDENTITY};
use super::invent::Inventor;
use super::rules::{self, Context};
use super::{Direction, Record};
use crate::codec::mbim::fragment::Fragment;
use crate::codec::mbim::{Frame, Service};

/// Octets before the payload of a piece: two headers.
const HEADERS: usize = 20;
/// Octets of a payload before what it carries: service, command, set or status.
const NAMES: usize = 24;

/// Redacts a message in one piece; it keeps its length and can still be read.
pub(super) fn redact(data: &mut [u8], direction: Direction, context: &mut Context, inventor: &mut Inventor) {
    let place = Frame::buffer_place(data);
    if let Some((service, _, _, range)) = &place
        && let Some(buffer) = data.get_mut(range.clone())
    {
        if *service == Service::Qmi.uuid() {
            if !frame::redact(buffer, inventor) {
                buffer.fill(0);
            }
            return;
        }
        let tunnels = [Service::IntelAtTunnel, Service::Fibocom, Service::Compal];
        if tunnels.iter().any(|tunnel| *service == tunnel.uuid()) {
            return at(buffer, direction, context, inventor);
        }
    }
    secrets(data, Frame::secrets(data), inventor);
}

fn secrets(data: &mut [u8], mut places: Vec<Range<usize>>, inventor: &mut Inventor) {
    places.sort_by_key(|place| place.start);
    let mut behind = 0;
    for place in places {
        // What was invented for a secret must not be taken for an identity.
        if let Some(octets) = data.get_mut(behind..place.start) {
            identities(octets, inventor);
        }
        behind = behind.max(place.end);
        if let Some(octets) = data.get_mut(place) {
            wide(octets, inventor, frame::secret);
        }
    }
    if let Some(octets) = data.get_mut(behind..) {
        identities(octets, inventor);
    }
}

/// Lines of AT, as on a port of their own.
fn at(buffer: &mut [u8], direction: Direction, context: &mut Context, inventor: &mut Inventor) {
    let ends = |octet: &u8| *octet == b'\n' || direction == Direction::ToModem && matches!(octet, b'\r' | 0x1A);
    for line in buffer.split_inclusive_mut(ends) {
        rules::apply(line, direction, context, inventor);
    }
}

/// Runs `act` on the characters of UTF-16 where `octets` are plain ones of these; otherwise on the octets.
fn wide(octets: &mut [u8], inventor: &mut Inventor, act: impl Fn(&mut [u8], &mut Inventor)) {
    let plain = octets.len().is_multiple_of(2) && octets.chunks_exact(2).all(|unit| matches!(unit, [1..=0x7F, 0]));
    if !plain || octets.is_empty() {
        return act(octets, inventor);
    }
    let mut text: Vec<u8> = octets.iter().copied().step_by(2).collect();
    act(&mut text, inventor);
    octets.iter_mut().step_by(2).zip(text).for_each(|(octet, character)| *octet = character);
}

/// Identities in UTF-16 that are none of the card, such as an IMEI.
fn identities(data: &mut [u8], inventor: &mut Inventor) {
    let mut at = 0;
    while let Some(rest) = data.get_mut(at..).filter(|rest| !rest.is_empty()) {
        let units = rest.chunks_exact(2).take_while(|unit| matches!(unit, [b'0'..=b'9', 0])).count();
        if let Some(run) = rest.get_mut(..2 * units).filter(|_| units >= IDENTITY) {
            wide(run, inventor, |text, inventor| inventor.identity(text));
        }
        at += (2 * units).max(1);
    }
}

/// A message of which pieces have come: the records that they stand in, in order.
struct Started {
    direction: Direction,
    kind: u32,
    transaction: u32,
    total: u32,
    records: Vec<usize>,
}

/// The messages of a port that come in pieces.
#[derive(Default)]
pub(super) struct Pieces(Vec<Started>);

/// What a record is.
enum Piece {
    /// A whole message.
    Whole,
    /// The last piece of the message in these records.
    Last(Vec<usize>),
    /// More has to come, or none of it fits.
    Other(Vec<usize>),
}

impl Pieces {
    /// Redacts the message that the record at `index` is, or completes.
    pub(super) fn take(
        &mut self,
        records: &mut [Record],
        index: usize,
        context: &mut Context,
        inventor: &mut Inventor,
    ) {
        let Some(record) = records.get_mut(index) else { return };
        match self.piece(record, index) {
            Piece::Whole => redact(&mut record.data, record.direction, context, inventor),
            Piece::Last(places) => together(records, &places, context, inventor),
            Piece::Other(lost) => blank(records, &lost),
        }
    }

    /// What never became whole may hold anything.
    pub(super) fn finish(self, records: &mut [Record]) {
        self.0.iter().for_each(|started| blank(records, &started.records));
    }

    fn piece(&mut self, record: &Record, index: usize) -> Piece {
        let Ok(Fragment { kind, transaction, total, current, .. }) = Fragment::parse(&record.data) else {
            return Piece::Other(vec![index]);
        };
        if total == 1 {
            return Piece::Whole;
        }
        let direction = record.direction;
        let same = |one: &Started| (one.direction, one.kind, one.transaction) == (direction, kind, transaction);
        let before = self.0.iter().position(same).map(|at| self.0.swap_remove(at));
        if current == 0 {
            self.0.push(Started { direction, kind, transaction, total, records: vec![index] });
            return Piece::Other(before.map(|lost| lost.records).unwrap_or_default());
        }
        let Some(mut started) = before else { return Piece::Other(vec![index]) };
        let fits = started.total == total && u32::try_from(started.records.len()) == Ok(current);
        started.records.push(index);
        if !fits {
            return Piece::Other(started.records);
        }
        if current.saturating_add(1) == total {
            return Piece::Last(started.records);
        }
        self.0.push(started);
        Piece::Other(Vec::new())
    }
}

/// Redacts the message whose pieces stand in `places`, and puts them back.
fn together(records: &mut [Record], places: &[usize], context: &mut Context, inventor: &mut Inventor) {
    let pieces = || places.iter().filter_map(|place| records.get(*place));
    let payload: Vec<u8> = pieces().flat_map(|piece| piece.data.iter().skip(HEADERS).copied()).collect();
    let Some((first, direction)) = pieces().next().map(|piece| (piece.data.clone(), piece.direction)) else { return };
    let length = u32::try_from(HEADERS.saturating_add(payload.len())).unwrap_or(u32::MAX);
    // The type, the length, the transaction; the first piece of one.
    let mut whole: Vec<u8> = first.iter().take(4).copied().collect();
    whole.extend(length.to_le_bytes());
    whole.extend(first.iter().skip(8).take(4));
    whole.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    whole.extend(payload);
    redact(&mut whole, direction, context, inventor);
    let mut octets = whole.into_iter().skip(HEADERS);
    for place in places {
        let Some(record) = records.get_mut(*place) else { continue };
        record.data.iter_mut().skip(HEADERS).zip(octets.by_ref()).for_each(|(old, new)| *old = new);
    }
}

/// Leaves of pieces what they are, and nothing of what they carry.
fn blank(records: &mut [Record], places: &[usize]) {
    for place in places {
        let Some(record) = records.get_mut(*place) else { continue };
        let first = Fragment::parse(&record.data).is_ok_and(|piece| piece.current == 0);
        let names = if first { NAMES } else { 0 };
        record.data.iter_mut().skip(HEADERS.saturating_add(names)).for_each(|octet| *octet = 0);
    }
}
