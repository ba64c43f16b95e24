//! The MBIM side of the modem: frames in, frames out, over the same card, network and power as the AT side.
//!
//! A link is what a host opened: the device itself, or a connection to the proxy, which stands before the modem. Each
//! has a session of its own, with the extensions that its host asked for.

mod ask;
mod cards;
mod cells;
mod contexts;
mod device;
mod extensions;
mod ip;
mod network;
mod phonebook;
mod pin;
mod services;
mod sms;
mod tell;
mod tunnel;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::codec::mbim::message::basic_connect::{IpPacketFilters, SetSignalState};
use crate::codec::mbim::message::extensions::RegistrationParameters;
use crate::codec::mbim::message::proxy;
use crate::codec::mbim::{Body, Frame, FrameError, FrameFault, Reassembler, Service, Splitter, Status, Uuid, Version};

use super::fault::{Fault, FaultKind, spoil};
use super::modem::SimModem;
use super::power::Power;
use ask::{Answer, Ask};
use contexts::Session;
use tell::Told;
use tunnel::Tunnel;

/// Frames that wait for a host; more are lost, as in a modem whose host does not read.
const WAITING: usize = 4096;
/// The longest fragment where the host has not said, octets.
const FRAGMENT: u32 = 4096;

/// Which end a host opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MbimPort {
    /// The control device of the modem.
    Device,
    /// A connection to `mbim-proxy`, which stands before the modem.
    Proxy,
}

/// A link, as [`SimModem::mbim_open`] gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MbimLink(u32);

/// Everything that only MBIM has.
#[derive(Debug, Clone, Default)]
pub(super) struct Mbim {
    links: BTreeMap<MbimLink, Link>,
    made: u32,
    told: Told,
    /// Sessions of data, by number.
    sessions: BTreeMap<u32, Session>,
    signal: SetSignalState,
    filters: BTreeMap<u32, IpPacketFilters>,
    registration: RegistrationParameters,
    /// Whether the host said that it is idle.
    idle: bool,
    /// Whether the host talks to the card itself.
    pass_through: bool,
    /// Logical channels of the card that are open.
    channels: Vec<u32>,
}

#[derive(Debug, Clone)]
struct Link {
    port: MbimPort,
    splitter: Splitter,
    reassembler: Reassembler,
    /// By the time when they are due; those of one time in the order in which they were made.
    out: BTreeMap<(Duration, u64), Vec<u8>>,
    made: u64,
    /// The longest fragment, while the session is open.
    open: Option<u32>,
    version: Version,
    /// Notifications that the host wants; `None`: it has not said, and gets all.
    wanted: Option<Vec<(Uuid, u32)>>,
    /// QMI over this link, once a host has used it.
    tunnel: Option<Tunnel>,
}

impl Link {
    fn new(port: MbimPort) -> Self {
        Self {
            port,
            splitter: Splitter::new(),
            reassembler: Reassembler::new(),
            out: BTreeMap::new(),
            made: 0,
            open: None,
            version: Version::V1,
            wanted: None,
            tunnel: None,
        }
    }

    fn push(&mut self, at: Duration, bytes: Vec<u8>) {
        if self.out.len() < WAITING {
            self.made = self.made.wrapping_add(1);
            self.out.insert((at, self.made), bytes);
        }
    }

    fn wants(&self, service: Service, cid: u32) -> bool {
        self.open.is_some() && self.wanted.as_ref().is_none_or(|wanted| wanted.contains(&(service.uuid(), cid)))
    }

    fn close(&mut self) {
        (self.open, self.version, self.wanted) = (None, Version::V1, None);
    }
}

impl SimModem {
    /// A host opens a link.
    pub fn mbim_open(&mut self, now: Duration, port: MbimPort) -> MbimLink {
        self.advance(now);
        self.mbim.made = self.mbim.made.wrapping_add(1);
        let link = MbimLink(self.mbim.made);
        self.mbim.links.insert(link, Link::new(port));
        link
    }

    /// The host closes it.
    pub fn mbim_close(&mut self, now: Duration, link: MbimLink) {
        self.advance(now);
        self.close_tunnel(link);
        self.mbim.links.remove(&link);
    }

    /// Bytes from the host, which arrive at `now`.
    pub fn mbim_receive(&mut self, now: Duration, link: MbimLink, bytes: &[u8]) {
        self.advance(now);
        self.meter.bytes_in = self.meter.bytes_in.saturating_add(bytes.len() as u64);
        if let Some(link) = self.mbim.links.get_mut(&link) {
            link.splitter.push(bytes);
        }
        while let Some(piece) = self.next_piece(link) {
            self.mbim_piece(link, &piece);
        }
        self.tell_hosts();
    }

    fn next_piece(&mut self, link: MbimLink) -> Option<Vec<u8>> {
        self.mbim.links.get_mut(&link)?.splitter.next_frame().ok().flatten()
    }

    /// Bytes to the host that are due at `now`: a fragment, or a whole frame.
    pub fn mbim_poll(&mut self, now: Duration, link: MbimLink) -> Option<Vec<u8>> {
        self.advance(now);
        self.pull_tunnel(now, link);
        let out = &mut self.mbim.links.get_mut(&link)?.out;
        let entry = out.first_entry().filter(|entry| entry.key().0 <= now)?;
        let bytes = entry.remove();
        self.meter.bytes_out = self.meter.bytes_out.saturating_add(bytes.len() as u64);
        Some(bytes)
    }

    /// When [`SimModem::mbim_poll`] is worth calling next.
    pub fn mbim_deadline(&self, link: MbimLink) -> Option<Duration> {
        let own = self.mbim.links.get(&link).and_then(|link| link.out.first_key_value()).map(|((at, _), _)| *at);
        [self.inner_deadline(), own, self.tunnel_deadline(link)].into_iter().flatten().min()
    }

    /// A fragment, or a whole frame; a modem that hears nothing answers nothing.
    fn mbim_piece(&mut self, link: MbimLink, piece: &[u8]) {
        if !matches!(self.power, Power::On { .. }) {
            return;
        }
        let Some(end) = self.mbim.links.get_mut(&link) else { return };
        match end.reassembler.push(piece) {
            Ok(Some(frame)) => self.mbim_frame(link, frame),
            Ok(None) => {}
            Err(error) => self.mbim_fault(link, piece, &error),
        }
    }

    /// What a modem says to a frame that it cannot make sense of (MBIM 1.0 clause 9.3.4).
    fn mbim_fault(&mut self, link: MbimLink, piece: &[u8], error: &FrameError) {
        let fault = match error {
            FrameError::OutOfOrder { .. } => FrameFault::FragmentOutOfSequence,
            FrameError::Length | FrameError::Incomplete(_) => FrameFault::LengthMismatch,
            FrameError::TooLong => FrameFault::MaxTransfer,
            _ => FrameFault::Unknown,
        };
        let transaction = piece.get(8..12).and_then(|bytes| bytes.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b));
        self.mbim_send(link, self.now, &Frame { transaction, body: Body::FunctionError(fault) });
    }

    fn mbim_frame(&mut self, link: MbimLink, Frame { transaction, body }: Frame) {
        let Some(end) = self.mbim.links.get_mut(&link) else { return };
        let reply = match body {
            Body::Open { max_control_transfer } => {
                end.close();
                end.open = Some(max_control_transfer.max(64));
                Body::OpenDone(Status::SUCCESS)
            }
            Body::Close => {
                end.close();
                Body::CloseDone(Status::SUCCESS)
            }
            Body::Command { service, cid, set, buffer } if service == Service::ProxyControl.uuid() => {
                Self::proxied(end.port, cid, set, &buffer)
            }
            Body::Command { .. } if end.open.is_none() => Body::FunctionError(FrameFault::NotOpened),
            Body::Command { service, cid, set, buffer } => {
                let ask = Ask { link, transaction, service, cid, set, buffer, version: end.version };
                return self.mbim_command(&ask);
            }
            // What a modem sends makes no sense to a modem; an error of the host needs no answer.
            _ => return,
        };
        let at = self.now.saturating_add(self.profile.answer);
        self.mbim_send(link, at, &Frame { transaction, body: reply });
    }

    /// What the proxy answers itself: which device to use.
    fn proxied(port: MbimPort, cid: u32, set: bool, buffer: &[u8]) -> Body {
        let known = port == MbimPort::Proxy && set && cid == proxy::CONFIGURATION.number;
        let status = match crate::codec::mbim::decode::<proxy::Configuration>(buffer, Version::V1) {
            Ok(_) if known => Status::SUCCESS,
            Err(_) if known => Status::InvalidParameters,
            _ => Status::NoDeviceSupport,
        };
        Body::CommandDone { service: Service::ProxyControl.uuid(), cid, status, buffer: Vec::new() }
    }

    fn mbim_command(&mut self, ask: &Ask) {
        self.meter.command(self.now, &format!("MBIM {}", ask.name()));
        let fault = self.faults.strike(self.meter.commands, self.now);
        if ask.service == Service::Qmi.uuid() && fault.is_none() {
            return self.mbim_qmi(ask);
        }
        let answer = match fault {
            Some(fault) if matches!(fault.kind, FaultKind::Hang | FaultKind::Reboot | FaultKind::Vanish) => {
                return self.strike(&fault);
            }
            Some(Fault { kind: FaultKind::Error, code, .. }) => {
                Answer::refused(code.map_or(Status::Failure, |code| Status::from_number(code.into())))
            }
            _ => self.mbim_execute(ask).unwrap_or_else(Answer::refused),
        };
        self.answer_mbim(ask, answer, fault);
    }

    fn answer_mbim(&mut self, ask: &Ask, answer: Answer, fault: Option<Fault>) {
        let Answer { status, buffer, takes } = answer;
        let body = Body::CommandDone { service: ask.service, cid: ask.cid, status, buffer };
        let frame = Frame { transaction: ask.transaction, body };
        let mut due = self.now.saturating_add(self.profile.answer).saturating_add(takes);
        let Some(fault) = fault else { return self.mbim_send(ask.link, due, &frame) };
        if fault.kind == FaultKind::Slow {
            due = due.saturating_add(fault.span());
        }
        for (wait, piece) in spoil(&fault, frame.encode(), &mut self.random) {
            if let Some(link) = self.mbim.links.get_mut(&ask.link) {
                link.push(due.saturating_add(wait), piece);
            }
        }
    }

    fn mbim_send(&mut self, link: MbimLink, at: Duration, frame: &Frame) {
        if let Some(link) = self.mbim.links.get_mut(&link) {
            for piece in frame.fragments(link.open.unwrap_or(FRAGMENT)) {
                link.push(at, piece);
            }
        }
    }

    /// The modem starts anew: sessions are gone, and nobody is told.
    pub(super) fn mbim_restart(&mut self) {
        let Mbim { links, made, .. } = std::mem::take(&mut self.mbim);
        (self.mbim.links, self.mbim.made) = (links, made);
        for link in self.mbim.links.values_mut() {
            *link = Link { tunnel: link.tunnel.take(), ..Link::new(link.port) };
        }
    }
}
