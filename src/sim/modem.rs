//! The simulated modem: bytes in, bytes out, time as a parameter.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::modem::definition::Definition;

use super::agenda::{Agenda, Due};
use super::at;
use super::back_off::BackOffs;
use super::card::Card;
use super::energy::Draw;
use super::event::Event;
use super::fault::{Fault, Faults};
use super::inbox::Inbox;
use super::job::Job;
use super::mbim::Mbim;
use super::meter::Meter;
use super::network::{Lease, Network};
use super::notice::Reported;
use super::power::Power;
use super::profile::ModemProfile;
use super::qmi::Qmi;
use super::radio::Radio;
use super::random::Random;
use super::settings::{Kept, Settings};
use super::slots::Slots;
use super::wire::{Input, Output};

/// A modem that obeys a model file, with its card and the network around it.
///
/// It does nothing by itself: bytes go in by [`SimModem::receive`], come out by [`SimModem::poll`], and time passes
/// with the `now` of either, counted from the start. What happened in between happens in order and at its time.
#[derive(Debug, Clone)]
pub struct SimModem {
    pub(super) now: Duration,
    pub(super) definition: Arc<Definition>,
    pub(super) profile: ModemProfile,
    pub(super) card: Card,
    pub(super) network: Network,
    pub(super) radio: Radio,
    pub(super) random: Random,
    pub(super) settings: Settings,
    pub(super) kept: Kept,
    /// Contexts that are up.
    pub(super) leases: BTreeMap<u8, Lease>,
    /// APNs that the network wants to be left alone with.
    pub(super) back_offs: BackOffs,
    pub(super) power: Power,
    pub(super) mode: Mode,
    pub(super) agenda: Agenda,
    pub(super) job: Option<Job>,
    pub(super) faults: Faults,
    pub(super) reported: Reported,
    pub(super) meter: Meter,
    pub(super) input: Input,
    pub(super) output: Output,
    pub(super) last_line: String,
    /// When a byte last crossed, either way.
    pub(super) last_byte: Duration,
    pub(super) port: Port,
    pub(super) mbim: Mbim,
    pub(super) qmi: Qmi,
    pub(super) slots: Slots,
    pub(super) inbox: Inbox,
}

/// What bytes on the line mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Command lines.
    Command,
    /// Data of a call; `plus`: only `+++` came since a second of silence.
    Data { plus: bool },
    /// Command lines, with a call that `ATO` resumes.
    OnHold,
}

/// The port, as the host sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Port {
    /// Whether the host has it open.
    pub(super) open: bool,
    /// Whether it is there at all.
    pub(super) present: bool,
}

impl SimModem {
    /// A modem that is on and has booted, unless `profile` says otherwise. `seed` fixes jitter, noise and addresses.
    pub fn new(
        definition: Arc<Definition>,
        profile: ModemProfile,
        card: Card,
        mut network: Network,
        seed: u64,
    ) -> Self {
        network.settle(card.home());
        let settings = Settings::new(definition.capabilities.echo);
        let draw = Draw::of(&definition);
        let mut modem = Self {
            now: Duration::ZERO,
            kept: Kept { cfun: if profile.radio_on { 1 } else { 0 }, ..Kept::default() },
            definition,
            profile,
            card,
            network,
            radio: Radio::default(),
            random: Random::new(seed),
            settings,
            leases: BTreeMap::new(),
            back_offs: BackOffs::default(),
            power: Power::On { dozing: false },
            mode: Mode::Command,
            agenda: Agenda::default(),
            job: None,
            faults: Faults::default(),
            reported: Reported::default(),
            meter: Meter::of(draw),
            input: Input::default(),
            output: Output::default(),
            last_line: String::new(),
            last_byte: Duration::ZERO,
            port: Port { open: true, present: true },
            mbim: Mbim::default(),
            qmi: Qmi::default(),
            slots: Slots::default(),
            inbox: Inbox::default(),
        };
        modem.prepare();
        modem
    }

    /// Bytes from the host, which arrive at `now`.
    pub fn receive(&mut self, now: Duration, bytes: &[u8]) {
        self.advance(now);
        self.meter.bytes_in = self.meter.bytes_in.saturating_add(bytes.len() as u64);
        if self.hears(bytes) {
            match self.mode {
                Mode::Data { .. } => self.data(bytes),
                Mode::Command | Mode::OnHold => {
                    self.input.push(bytes);
                    self.read_lines();
                }
            }
        }
        self.last_byte = self.now;
    }

    /// Bytes to the host that are due at `now`.
    pub fn poll(&mut self, now: Duration) -> Option<Vec<u8>> {
        self.advance(now);
        let bytes = self.output.pop(now)?;
        self.meter.bytes_out = self.meter.bytes_out.saturating_add(bytes.len() as u64);
        self.last_byte = self.now;
        Some(bytes)
    }

    /// When [`SimModem::poll`] is worth calling next; `None`: not before the host or the scenario does something.
    pub fn deadline(&self) -> Option<Duration> {
        [self.inner_deadline(), self.output.deadline()].into_iter().flatten().min()
    }

    pub(super) fn inner_deadline(&self) -> Option<Duration> {
        let radio = self.radio.deadline().filter(|_| matches!(self.power, Power::On { .. }));
        [self.agenda.deadline(), radio].into_iter().flatten().min()
    }

    /// Lets time pass up to `now`.
    pub fn advance(&mut self, now: Duration) {
        while let Some(at) = self.inner_deadline().filter(|at| *at <= now) {
            self.pass(at);
            match self.agenda.pop(self.now) {
                Some(due) => self.do_now(due),
                None => {
                    let events = self.on_air(|radio, air| radio.step(air));
                    self.heard(events);
                }
            }
            self.tell_hosts();
        }
        self.pass(now);
    }

    fn do_now(&mut self, due: Due) {
        match due {
            Due::Answer => self.answer(),
            Due::Booted => self.booted(),
            Due::Ready => self.notify_ready(),
            Due::SimReady => self.sim_ready(),
            Due::Sleep => self.fall_asleep(),
            Due::Wake => self.wake_up(),
            Due::Escape => self.escape(),
            Due::Unhang => self.power = Power::On { dozing: false },
            Due::PortGone => self.port.present = false,
            Due::PortBack => self.port.present = true,
            Due::Event(event, every) => self.occur(event, every),
            Due::Fault(fault) => self.strike(&fault),
        }
    }

    /// What happens to the modem at `at`, and again every `every`.
    pub fn schedule(&mut self, at: Duration, event: Event, every: Option<Duration>) {
        self.agenda.at(at, Due::Event(event, every.filter(|e| !e.is_zero())));
    }

    /// What happens to the modem now.
    pub fn happen(&mut self, now: Duration, event: Event) {
        self.advance(now);
        self.occur(event, None);
        self.tell_hosts();
    }

    /// Tells hosts on control channels what is no longer as they were told.
    pub(super) fn tell_hosts(&mut self) {
        self.tell();
        self.mbim_tell();
    }

    /// A fault to come.
    pub fn add_fault(&mut self, fault: Fault) {
        if let Some((at, fault)) = self.faults.add(fault) {
            self.agenda.at(at, Due::Fault(fault));
        }
    }

    /// The wake line: a pulse on the power key, or an edge on DTR. Wakes a sleeping modem, starts one that is off.
    pub fn wake(&mut self, now: Duration) {
        self.happen(now, Event::Wake);
    }

    /// Its timer fails: it does not wake by itself any more. Only its wake line helps.
    pub fn oversleep(&mut self) {
        self.agenda.cancel(&Due::Wake);
    }

    /// A setting changes behind the host's back: one of an earlier life, or one that the modem forgot.
    pub fn change_kept(&mut self, line: &str) {
        for command in at::line::parse(line.get(2..).unwrap_or_default()).unwrap_or_default() {
            // What it answers is nobody's business.
            let _ = at::execute(self, &command);
        }
    }

    /// The reset line, or the power cut and given back: the modem starts anew, whatever it is doing.
    pub fn reset(&mut self, now: Duration) {
        self.happen(now, Event::Reboot);
    }

    /// The host opened the port: what the modem said before is lost.
    pub fn port_opened(&mut self, now: Duration) {
        self.advance(now);
        self.output.clear();
        self.port.open = true;
    }

    /// The host closed the port: DTR drops, which ends a data call (V.250 clause 6.2.9, `&D2`).
    pub fn port_closed(&mut self, now: Duration) {
        self.advance(now);
        self.port.open = false;
        self.output.clear();
        self.input.clear();
        self.hang_up();
    }

    /// Whether the port is there to be opened.
    pub fn port_present(&self) -> bool {
        self.port.present
    }

    /// Whether the modem sleeps (PSM), up to the latest `now` it was told.
    pub fn is_asleep(&self) -> bool {
        matches!(self.power, Power::Asleep | Power::On { dozing: true })
    }

    /// What the host cost so far.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The card, with its counters.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// The network around the modem.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The model file that it obeys.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }
}
