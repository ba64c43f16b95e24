//! Messages as they cross the port (MBIM 1.0 clause 9).

use std::ops::Range;

use super::fragment::{Fragment, FrameError, Whole, split};
use super::message::{Cid, Kind};
use super::service::Service;
use super::status::{FrameFault, Status};
use super::uuid::Uuid;

/// Type, length and transaction of every message (clause 9.1).
pub(super) const HEADER: usize = 12;
/// Behind the header of a message that may be cut: how many fragments, and which one this is (clause 9.2).
pub(super) const FRAGMENT_HEADER: usize = 8;

/// Types of messages (clauses 9.3 and 9.4).
pub(super) mod kind {
    pub const OPEN: u32 = 1;
    pub const CLOSE: u32 = 2;
    pub const COMMAND: u32 = 3;
    pub const HOST_ERROR: u32 = 4;
    pub const OPEN_DONE: u32 = 0x8000_0001;
    pub const CLOSE_DONE: u32 = 0x8000_0002;
    pub const COMMAND_DONE: u32 = 0x8000_0003;
    pub const FUNCTION_ERROR: u32 = 0x8000_0004;
    pub const INDICATE_STATUS: u32 = 0x8000_0007;

    /// Whether messages of the type may be cut into fragments.
    pub const fn is_cut(kind: u32) -> bool {
        matches!(kind, COMMAND | COMMAND_DONE | INDICATE_STATUS)
    }
}

/// A message, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Ties an answer to its question; 0 in a notification.
    pub transaction: u32,
    /// What is said.
    pub body: Body,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The host opens the session.
    Open {
        /// The longest fragment, octets.
        max_control_transfer: u32,
    },
    /// The host closes the session.
    Close,
    /// The host asks, or changes something.
    Command {
        /// The service.
        service: Uuid,
        /// The command of the service.
        cid: u32,
        /// Whether something is changed.
        set: bool,
        /// The information buffer.
        buffer: Vec<u8>,
    },
    /// The host could not make sense of a message.
    HostError(FrameFault),
    /// The session is open, or not.
    OpenDone(Status),
    /// The session is closed.
    CloseDone(Status),
    /// The answer to a command.
    CommandDone {
        /// The service.
        service: Uuid,
        /// The command of the service.
        cid: u32,
        /// What came of it.
        status: Status,
        /// The information buffer; usually empty where the status is an error.
        buffer: Vec<u8>,
    },
    /// The modem could not make sense of a message.
    FunctionError(FrameFault),
    /// The modem tells by itself.
    Indicate {
        /// The service.
        service: Uuid,
        /// The command of the service.
        cid: u32,
        /// The information buffer.
        buffer: Vec<u8>,
    },
}

impl Body {
    /// A command that asks.
    pub fn query(service: Service, cid: &Cid, buffer: Vec<u8>) -> Self {
        Self::Command { service: service.uuid(), cid: cid.number, set: false, buffer }
    }

    /// A command that changes something.
    pub fn set(service: Service, cid: &Cid, buffer: Vec<u8>) -> Self {
        Self::Command { service: service.uuid(), cid: cid.number, set: true, buffer }
    }

    /// An answer.
    pub fn done(service: Service, cid: &Cid, status: Status, buffer: Vec<u8>) -> Self {
        Self::CommandDone { service: service.uuid(), cid: cid.number, status, buffer }
    }

    /// A notification.
    pub fn indicate(service: Service, cid: &Cid, buffer: Vec<u8>) -> Self {
        Self::Indicate { service: service.uuid(), cid: cid.number, buffer }
    }

    /// The message's name, in lower case with dashes.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Close => "close",
            Self::Command { .. } => "command",
            Self::HostError(_) => "host-error",
            Self::OpenDone(_) => "open-done",
            Self::CloseDone(_) => "close-done",
            Self::CommandDone { .. } => "command-done",
            Self::FunctionError(_) => "function-error",
            Self::Indicate { .. } => "indicate-status",
        }
    }

    /// The message by service and command: `MBIM basic-connect connect`.
    pub fn title(&self) -> String {
        let Some((uuid, number, _)) = self.command() else { return format!("MBIM {}", self.name()) };
        let Some(service) = Service::of(uuid) else { return format!("MBIM command {number} of {uuid}") };
        match service.cid(number) {
            Some(cid) => format!("MBIM {} {}", service.name(), cid.name),
            None => format!("MBIM {} command {number}", service.name()),
        }
    }

    const fn kind(&self) -> u32 {
        match self {
            Self::Open { .. } => kind::OPEN,
            Self::Close => kind::CLOSE,
            Self::Command { .. } => kind::COMMAND,
            Self::HostError(_) => kind::HOST_ERROR,
            Self::OpenDone(_) => kind::OPEN_DONE,
            Self::CloseDone(_) => kind::CLOSE_DONE,
            Self::CommandDone { .. } => kind::COMMAND_DONE,
            Self::FunctionError(_) => kind::FUNCTION_ERROR,
            Self::Indicate { .. } => kind::INDICATE_STATUS,
        }
    }

    /// Service, number of the command, and what the buffer is, in a message that has one.
    pub const fn command(&self) -> Option<(Uuid, u32, Kind)> {
        match self {
            Self::Command { service, cid, set: true, .. } => Some((*service, *cid, Kind::Set)),
            Self::Command { service, cid, set: false, .. } => Some((*service, *cid, Kind::Query)),
            Self::CommandDone { service, cid, .. } => Some((*service, *cid, Kind::Response)),
            Self::Indicate { service, cid, .. } => Some((*service, *cid, Kind::Notification)),
            _ => None,
        }
    }

    /// The information buffer, in a message that has one.
    pub fn buffer(&self) -> Option<&[u8]> {
        match self {
            Self::Command { buffer, .. } | Self::CommandDone { buffer, .. } | Self::Indicate { buffer, .. } => {
                Some(buffer)
            }
            _ => None,
        }
    }

    /// What stands behind the headers.
    fn payload(&self) -> Vec<u8> {
        match self {
            Self::Open { max_control_transfer: number } => number.to_le_bytes().to_vec(),
            Self::Close => Vec::new(),
            Self::HostError(fault) | Self::FunctionError(fault) => fault.number().to_le_bytes().to_vec(),
            Self::OpenDone(status) | Self::CloseDone(status) => status.number().to_le_bytes().to_vec(),
            Self::Command { service, cid, set, buffer } => information(*service, &[*cid, u32::from(*set)], buffer),
            Self::CommandDone { service, cid, status, buffer } => {
                information(*service, &[*cid, status.number()], buffer)
            }
            Self::Indicate { service, cid, buffer } => information(*service, &[*cid], buffer),
        }
    }
}

/// Service, numbers, and the information buffer with its length.
fn information(service: Uuid, numbers: &[u32], buffer: &[u8]) -> Vec<u8> {
    let mut payload = service.0.to_vec();
    numbers.iter().for_each(|number| payload.extend(number.to_le_bytes()));
    payload.extend(u32::try_from(buffer.len()).unwrap_or(u32::MAX).to_le_bytes());
    payload.extend_from_slice(buffer);
    payload
}

impl Frame {
    /// Reads a message that is not cut.
    pub fn parse(bytes: &[u8]) -> Result<Self, FrameError> {
        let fragment = Fragment::parse(bytes)?;
        if fragment.total > 1 {
            return Err(FrameError::Cut { total: fragment.total });
        }
        let Fragment { kind, transaction, payload, .. } = fragment;
        Self::from_whole(Whole { kind, transaction, payload: payload.to_vec() })
    }

    /// Reads a message whose fragments have been put together.
    pub fn from_whole(whole: Whole) -> Result<Self, FrameError> {
        let mut payload = Payload(&whole.payload);
        let body = match whole.kind {
            kind::OPEN => Body::Open { max_control_transfer: payload.u32()? },
            kind::CLOSE => Body::Close,
            kind::HOST_ERROR => Body::HostError(FrameFault::from_number(payload.u32()?)),
            kind::FUNCTION_ERROR => Body::FunctionError(FrameFault::from_number(payload.u32()?)),
            kind::OPEN_DONE => Body::OpenDone(Status::from_number(payload.u32()?)),
            kind::CLOSE_DONE => Body::CloseDone(Status::from_number(payload.u32()?)),
            kind::COMMAND => {
                let (service, cid, set) = (payload.uuid()?, payload.u32()?, payload.u32()? != 0);
                Body::Command { service, cid, set, buffer: payload.buffer()? }
            }
            kind::COMMAND_DONE => {
                let (service, cid, status) = (payload.uuid()?, payload.u32()?, Status::from_number(payload.u32()?));
                Body::CommandDone { service, cid, status, buffer: payload.buffer()? }
            }
            kind::INDICATE_STATUS => {
                Body::Indicate { service: payload.uuid()?, cid: payload.u32()?, buffer: payload.buffer()? }
            }
            other => return Err(FrameError::Kind(other)),
        };
        Ok(Self { transaction: whole.transaction, body })
    }

    /// The information buffer of a message that is not cut: service, command, what it is, and where it stands in the octets.
    pub fn buffer_place(bytes: &[u8]) -> Option<(Uuid, u32, Kind, Range<usize>)> {
        let body = Self::parse(bytes).ok()?.body;
        let ((service, number, kind), buffer) = body.command().zip(body.buffer())?;
        // It comes behind its length, right behind the numbers of the command.
        let numbers = if kind == Kind::Notification { 2 } else { 3 };
        let start = HEADER + FRAGMENT_HEADER + 16 + numbers * 4;
        Some((service, number, kind, start..start.saturating_add(buffer.len())))
    }

    /// Where secrets stand in the octets of a message that is not cut.
    pub fn secrets(bytes: &[u8]) -> Vec<Range<usize>> {
        let Some((service, number, kind, place)) = Self::buffer_place(bytes) else { return Vec::new() };
        let cid = Service::of(service).and_then(|service| service.cid(number));
        let Some((cid, buffer)) = cid.zip(bytes.get(place.clone())) else { return Vec::new() };
        let start = place.start;
        let moved = |range: Range<usize>| range.start.saturating_add(start)..range.end.saturating_add(start);
        cid.secrets(kind, buffer).into_iter().map(moved).collect()
    }

    /// The message in one piece, whatever its length.
    pub fn encode(&self) -> Vec<u8> {
        self.fragments(u32::MAX).concat()
    }

    /// The message, cut where it is longer than `max_control_transfer` octets.
    pub fn fragments(&self, max_control_transfer: u32) -> Vec<Vec<u8>> {
        let whole = Whole { kind: self.body.kind(), transaction: self.transaction, payload: self.body.payload() };
        split(&whole, max_control_transfer)
    }
}

/// Reads what stands behind the headers.
struct Payload<'a>(&'a [u8]);

impl Payload<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(FrameError::Length)?;
        self.0 = rest;
        Ok(*array)
    }

    fn u32(&mut self) -> Result<u32, FrameError> {
        self.array().map(u32::from_le_bytes)
    }

    fn uuid(&mut self) -> Result<Uuid, FrameError> {
        self.array().map(Uuid)
    }

    fn buffer(&mut self) -> Result<Vec<u8>, FrameError> {
        let length = self.u32()? as usize;
        self.0.get(..length).map(<[u8]>::to_vec).ok_or(FrameError::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::mbim::message::basic_connect::{CONNECT, RADIO_STATE};

    fn every_body() -> Vec<Body> {
        vec![
            Body::Open { max_control_transfer: 4096 },
            Body::Close,
            Body::query(Service::BasicConnect, &RADIO_STATE, Vec::new()),
            Body::set(Service::BasicConnect, &CONNECT, vec![1, 2, 3]),
            Body::HostError(FrameFault::TimeoutFragment),
            Body::OpenDone(Status::SUCCESS),
            Body::CloseDone(Status::Failure),
            Body::done(Service::BasicConnect, &CONNECT, Status::InvalidAccessString, Vec::new()),
            Body::FunctionError(FrameFault::NotOpened),
            Body::indicate(Service::BasicConnect, &CONNECT, vec![9; 40]),
        ]
    }

    #[test]
    fn known_bytes() {
        // MBIM 1.0 clause 9.3.1: type, length, transaction, longest transfer.
        let open = Frame { transaction: 1, body: Body::Open { max_control_transfer: 4096 } };
        assert_eq!(open.encode(), [1, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0x10, 0, 0]);
        let done = [3, 0, 0, 0x80, 12, 0, 0, 0, 1, 0, 0, 0];
        assert_eq!(Frame::parse(&done), Err(FrameError::Length));
    }

    #[test]
    fn there_and_back_and_cut_short() {
        for body in every_body() {
            let frame = Frame { transaction: 0x0102_0304, body };
            let bytes = frame.encode();
            assert_eq!(Frame::parse(&bytes), Ok(frame.clone()));
            for length in 0..bytes.len() {
                let missing = if length < HEADER { HEADER - length } else { bytes.len() - length };
                assert_eq!(Frame::parse(&bytes[..length]), Err(FrameError::Incomplete(missing)), "{frame:?}");
            }
        }
    }

    #[test]
    fn lengths_and_types_that_cannot_be_are_refused() {
        let mut bytes = Frame { transaction: 1, body: Body::query(Service::Sms, &RADIO_STATE, vec![5; 8]) }.encode();
        // The information buffer is said to be longer than the frame.
        bytes[44] = 9;
        assert_eq!(Frame::parse(&bytes), Err(FrameError::Length));
        bytes[0] = 9;
        assert_eq!(Frame::parse(&bytes), Err(FrameError::Kind(9)));
    }
}
