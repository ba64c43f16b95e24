//! Takes personal data out of a transcript and leaves it parseable.
//!
//! Every replacement has the length of what it replaces. Identities (IMEI, IMSI, ICCID, phone numbers) become invented
//! digits, the same for the same original throughout a transcript; a check digit that fitted still fits, and the first
//! six digits stay: they name the model or the operator, not the person. Secrets (PIN, PUK, passwords) become `*`,
//! message texts `x` (`0` in a hexadecimal PDU), positions lose all but their first two digits.
//!
//! The rules see whole lines, whatever pieces they were read in. Of QMI and MBIM frames the codecs know where their
//! secrets stand, also in QMI and AT inside MBIM and in messages that come in pieces; a piece without the others keeps
//! nothing of its contents. Other binary frames are searched for digits in ASCII only.

mod frame;
mod invent;
mod mbim;
mod rules;

use std::collections::BTreeMap;

use super::message::Framing;
use super::{Direction, Header, Record, Transcript};
use invent::Inventor;
use mbim::Pieces;
use rules::Context;

/// A copy of `transcript` without personal data.
pub fn redact(transcript: &Transcript) -> Transcript {
    let mut inventor = Inventor::default();
    let mut header = Header::default();
    for (key, value) in transcript.header.fields() {
        header.set(key, &text(value, &mut inventor));
    }
    let mut redactor = Redactor { records: transcript.records.clone(), inventor, ports: BTreeMap::new() };
    for index in 0..redactor.records.len() {
        redactor.record(index);
    }
    redactor.finish();
    Transcript { header, records: redactor.records }
}

/// `line` as it may stand in a log: the rules for one line that came from a modem, without a command before it.
pub fn redact_line(line: &str) -> String {
    let mut bytes = line.as_bytes().to_vec();
    rules::apply(&mut bytes, Direction::FromModem, &mut Context::default(), &mut Inventor::default());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn text(text: &str, inventor: &mut Inventor) -> String {
    let mut bytes = text.as_bytes().to_vec();
    rules::identities(&mut bytes, inventor);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A line in the making: its bytes, and the record and offset of each.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
    places: Vec<(usize, usize)>,
}

#[derive(Default)]
struct Port {
    to_modem: Line,
    from_modem: Line,
    context: Context,
    pieces: Pieces,
}

struct Redactor {
    records: Vec<Record>,
    inventor: Inventor,
    ports: BTreeMap<String, Port>,
}

impl Redactor {
    fn record(&mut self, index: usize) {
        let Some(record) = self.records.get_mut(index) else { return };
        if record.direction == Direction::Note {
            return rules::identities(&mut record.data, &mut self.inventor);
        }
        let direction = record.direction;
        if Framing::of(&record.data) == Some(Framing::Mbim) {
            let port = self.ports.entry(record.port.clone()).or_default();
            return port.pieces.take(&mut self.records, index, &mut port.context, &mut self.inventor);
        }
        if frame::redact(&mut record.data, &mut self.inventor) {
            return;
        }
        let mut port = self.ports.remove(&record.port).unwrap_or_default();
        let (name, data) = (record.port.clone(), record.data.clone());
        for (offset, byte) in data.into_iter().enumerate() {
            // A line from the modem ends with LF, an echo with a lone CR; a line to the modem with CR or Ctrl-Z.
            if direction == Direction::FromModem && byte != b'\n' && port.from_modem.bytes.ends_with(b"\r") {
                self.line(&mut port, direction);
            }
            let line = port.line(direction);
            line.bytes.push(byte);
            line.places.push((index, offset));
            if byte == b'\n' || direction == Direction::ToModem && matches!(byte, b'\r' | 0x1a) {
                self.line(&mut port, direction);
            }
        }
        self.ports.insert(name, port);
    }

    fn finish(&mut self) {
        for mut port in std::mem::take(&mut self.ports).into_values() {
            self.line(&mut port, Direction::ToModem);
            self.line(&mut port, Direction::FromModem);
            port.pieces.finish(&mut self.records);
        }
    }

    /// Applies the rules to a whole line and puts its bytes back where they came from.
    fn line(&mut self, port: &mut Port, direction: Direction) {
        let mut line = std::mem::take(port.line(direction));
        rules::apply(&mut line.bytes, direction, &mut port.context, &mut self.inventor);
        for (byte, (record, offset)) in line.bytes.into_iter().zip(line.places) {
            if let Some(slot) = self.records.get_mut(record).and_then(|r| r.data.get_mut(offset)) {
                *slot = byte;
            }
        }
    }
}

impl Port {
    const fn line(&mut self, direction: Direction) -> &mut Line {
        match direction {
            Direction::ToModem => &mut self.to_modem,
            Direction::FromModem | Direction::Note => &mut self.from_modem,
        }
    }
}

#[cfg(test)]
mod tests;
