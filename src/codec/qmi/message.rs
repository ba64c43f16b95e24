//! A message: whom it is for, what it is, its TLVs; with its QMUX frame around it, or bare as on QRTR.
//!
//! ```text
//! QMUX     01 | length u16, of all that follows | 00 host, 80 modem | service u8 | client u8 | SDU
//! CTL SDU  0 request, 1 response, 2 indication | transaction u8  | message u16 | length of the TLVs u16 | TLVs
//! SDU      0 request, 2 response, 4 indication | transaction u16 | message u16 | length of the TLVs u16 | TLVs
//! TLV      type u8 | length u16 | value
//! ```

use std::ops::Range;

use super::body::{Body, Request};
use super::coding::Wire;
use super::error::{self, QmiError};
use super::service::Service;
use super::tlv::{Reader, Tlv, Writer};

/// First octet of a QMUX frame.
pub const MARKER: u8 = 0x01;
/// First octet of the header that other programs write before a QRTR message in their logs.
const QRTR_MARKER: u8 = 0x02;
/// Octets before the SDU: marker, length, flags, service, client.
pub(super) const QMUX_HEADER: usize = 6;

/// What a message is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// From the host; it wants a response.
    #[default]
    Request,
    /// From the modem, to the request with the same transaction.
    Response,
    /// From the modem, on its own.
    Indication,
}

/// A message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The service it belongs to.
    pub service: Service,
    /// The client of that service: 0 none (CTL), 255 all of them.
    pub client: u8,
    /// What it is.
    pub kind: Kind,
    /// From 1; 1 to 255 on CTL. A response repeats that of its request, an indication has 0.
    pub transaction: u16,
    /// Which message of the service.
    pub id: u16,
    /// Its TLVs, in the order in which they came.
    pub tlvs: Vec<Tlv>,
    /// Whether a value did not fit its layout: such a message cannot be written.
    pub too_long: bool,
}

/// Octets that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoMessage {
    /// There are fewer octets than the length field says.
    #[error("{0} more octets are needed for a whole QMI message")]
    Incomplete(usize),
    /// The first octet is no marker.
    #[error("it starts with {0:#04x}; a QMUX frame starts with 0x01")]
    Marker(u8),
    /// A length field contradicts another.
    #[error("its length fields contradict each other: {0} octets are left where the next part needs {1}")]
    Length(usize, usize),
}

/// A message that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("message {id:#06x} of {service} cannot be written: a value in it is longer than QMI allows; shorten it")]
pub struct TooLong {
    /// The service.
    pub service: Service,
    /// The message.
    pub id: u16,
}

/// A message that is not the one that somebody wants to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the modem sent message {id:#06x} of {service} ({kind:?}) where another was due")]
pub struct Unexpected {
    /// The service.
    pub service: Service,
    /// The message.
    pub id: u16,
    /// What it is.
    pub kind: Kind,
}

impl Message {
    /// `body` as a message of its kind.
    pub fn new<B: Body>(client: u8, transaction: u16, body: &B) -> Self {
        let mut message =
            Self { service: B::SERVICE, client, kind: B::KIND, transaction, id: B::ID, ..Self::default() };
        message.put(body);
        message
    }

    /// The response to this request: what failed, or `body`.
    pub fn respond<B: Body>(&self, result: Result<&B, QmiError>) -> Self {
        let mut response = self.result(result.err());
        if let Ok(body) = result {
            response.put(body);
        }
        response
    }

    /// The response to this request with its result alone.
    pub fn result(&self, error: Option<QmiError>) -> Self {
        let tlvs = vec![error::tlv(error)];
        Self { kind: Kind::Response, tlvs, too_long: false, ..self.clone() }
    }

    /// Adds the TLVs of `body`; some responses carry them beside an error.
    pub fn put<B: Body>(&mut self, body: &B) {
        self.too_long |= !body.put(&mut self.tlvs);
        self.tlvs.extend(body.others().iter().cloned());
    }

    /// The message as a `B`. Of TLVs that come twice the first counts.
    pub fn read<B: Body>(&self) -> Result<B, Unexpected> {
        if (self.service, self.id, self.kind) != (B::SERVICE, B::ID, B::KIND) {
            return Err(Unexpected { service: self.service, id: self.id, kind: self.kind });
        }
        let mut body = B::default();
        for tlv in &self.tlvs {
            let result = tlv.id == error::TLV_RESULT && self.kind == Kind::Response;
            // What cannot be read is kept as it is: no TLV spoils the others.
            if !result && !body.take(tlv.id, &mut Reader::new(&tlv.value)) {
                body.keep(tlv.clone());
            }
        }
        Ok(body)
    }

    /// The answer to a request of type `R`: its error, or its body.
    pub fn answer<R: Request>(&self) -> Result<Result<R::Response, QmiError>, Unexpected> {
        let body = self.read::<R::Response>()?;
        Ok(match self.error() {
            Some(error) => Err(error),
            None => Ok(body),
        })
    }

    /// What the result TLV of a response says; `None`: success, or no response.
    pub fn error(&self) -> Option<QmiError> {
        error::of(&self.tlvs).filter(|_| self.kind == Kind::Response)
    }

    /// The value of the first TLV of this type.
    pub fn tlv(&self, id: u8) -> Option<&[u8]> {
        self.tlvs.iter().find(|tlv| tlv.id == id).map(|tlv| tlv.value.as_slice())
    }

    /// The QMUX frame.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let too_long = TooLong { service: self.service, id: self.id };
        let sdu = self.encode_sdu()?;
        let length = u16::try_from(sdu.len() + QMUX_HEADER - 1).map_err(|_| too_long)?;
        let service = u8::try_from(self.service.0).map_err(|_| too_long)?;
        let sender = if self.kind == Kind::Request { 0x00 } else { 0x80 };
        let mut frame = vec![MARKER];
        frame.extend(length.to_le_bytes());
        frame.extend([sender, service, self.client]);
        frame.extend(sdu);
        Ok(frame)
    }

    /// The message without its frame, as QRTR carries it.
    pub fn encode_sdu(&self) -> Result<Vec<u8>, TooLong> {
        let too_long = TooLong { service: self.service, id: self.id };
        let mut tlvs = Writer::default();
        for tlv in &self.tlvs {
            tlv.id.write(&mut tlvs);
            u16::try_from(tlv.value.len()).map_err(|_| too_long)?.write(&mut tlvs);
            tlvs.put(&tlv.value);
        }
        let tlvs = tlvs.finish().filter(|_| !self.too_long).ok_or(too_long)?;
        let mut sdu = vec![self.flags()];
        let transaction = self.transaction.to_le_bytes();
        sdu.extend(transaction.iter().take(if self.service == Service::CTL { 1 } else { 2 }));
        sdu.extend(self.id.to_le_bytes());
        sdu.extend(u16::try_from(tlvs.len()).map_err(|_| too_long)?.to_le_bytes());
        sdu.extend(tlvs);
        Ok(sdu)
    }

    const fn flags(&self) -> u8 {
        match (self.kind, self.service.0 == Service::CTL.0) {
            (Kind::Request, _) => 0,
            (Kind::Response, true) => 1,
            (Kind::Response, false) | (Kind::Indication, true) => 2,
            (Kind::Indication, false) => 4,
        }
    }

    /// Reads a whole frame; what follows it is not looked at.
    pub fn decode(frame: &[u8]) -> Result<Self, NoMessage> {
        let (service, client, sdu) = unframe(frame)?;
        Self::decode_sdu(service, client, sdu)
    }

    /// Reads a message without frame, of `service` and for `client`.
    pub fn decode_sdu(service: Service, client: u8, sdu: &[u8]) -> Result<Self, NoMessage> {
        let header = if service == Service::CTL { 6 } else { 7 };
        let mut reader = Reader::new(sdu);
        let short = |_| NoMessage::Length(sdu.len(), header);
        let flags = u8::read(&mut reader).map_err(short)?;
        let transaction = if service == Service::CTL {
            u8::read(&mut reader).map(u16::from).map_err(short)?
        } else {
            u16::read(&mut reader).map_err(short)?
        };
        let id = u16::read(&mut reader).map_err(short)?;
        let length = usize::from(u16::read(&mut reader).map_err(short)?);
        let tlvs = reader.remaining();
        if tlvs.len() != length {
            return Err(NoMessage::Length(tlvs.len(), length));
        }
        let kind = kind(service, flags);
        let tlvs = split(tlvs)?.into_iter().map(|(id, _, value)| Tlv { id, value: value.to_vec() }).collect();
        Ok(Self { service, client, kind, transaction, id, tlvs, too_long: false })
    }
}

/// Bit 0 of a service's flags marks a compound message, which no modem is known to send.
const fn kind(service: Service, flags: u8) -> Kind {
    let flags = if service.0 == Service::CTL.0 { flags << 1 } else { flags };
    match flags & 0x06 {
        0 => Kind::Request,
        2 => Kind::Response,
        _ => Kind::Indication,
    }
}

/// Service, client and SDU of a frame.
pub(super) fn unframe(frame: &[u8]) -> Result<(Service, u8, &[u8]), NoMessage> {
    let length = frame_length(frame)?;
    let mut reader = Reader::new(frame.get(..length).ok_or(NoMessage::Incomplete(length.saturating_sub(frame.len())))?);
    let short = |_| NoMessage::Length(length, QMUX_HEADER);
    reader.take(3).map_err(short)?;
    let [first, second, client] = reader.array().map_err(short)?;
    // QMUX has the sender and one octet of service there, the QRTR header two octets of service.
    let service = if frame.first() == Some(&QRTR_MARKER) { u16::from_le_bytes([first, second]) } else { second.into() };
    Ok((Service(service), client, reader.remaining()))
}

/// How long the frame is that starts here, by its length field.
pub(super) fn frame_length(frame: &[u8]) -> Result<usize, NoMessage> {
    match frame {
        [MARKER | QRTR_MARKER, low, high, ..] => Ok(usize::from(u16::from_le_bytes([*low, *high])) + 1),
        [MARKER | QRTR_MARKER, ..] | [] => Err(NoMessage::Incomplete(QMUX_HEADER.saturating_sub(frame.len()))),
        [other, ..] => Err(NoMessage::Marker(*other)),
    }
}

/// A TLV of an SDU: its type, where the value starts, the value.
type Split<'a> = (u8, usize, &'a [u8]);

/// The TLVs of an SDU.
pub(super) fn split(octets: &[u8]) -> Result<Vec<Split<'_>>, NoMessage> {
    let mut reader = Reader::new(octets);
    let mut tlvs = Vec::new();
    let mut at = 0_usize;
    while !reader.is_empty() {
        let left = octets.len().saturating_sub(at);
        let [id, low, high] = reader.array().map_err(|_| NoMessage::Length(left, 3))?;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let value = reader.take(length).map_err(|_| NoMessage::Length(left.saturating_sub(3), length))?;
        tlvs.push((id, at + 3, value));
        at += 3 + length;
    }
    Ok(tlvs)
}

/// Where the values of a frame's TLVs stand in it.
pub(super) fn places(frame: &[u8]) -> Result<Vec<Range<usize>>, NoMessage> {
    let (service, _, sdu) = unframe(frame)?;
    let header = if service == Service::CTL { 6 } else { 7 };
    let tlvs = split(sdu.get(header..).unwrap_or_default())?;
    let start = QMUX_HEADER + header;
    Ok(tlvs.into_iter().map(|(_, at, value)| start + at..start + at + value.len()).collect())
}
