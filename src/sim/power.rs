//! On and off, boot, sleep, wake, hang; and what a scenario does to the modem.

use std::time::Duration;

use crate::modem::definition::UrcKind;
use crate::state::Wakes;
use crate::state::fact::Fact;

use super::agenda::Due;
use super::card::CardState;
use super::event::Event;
use super::fault::{Fault, FaultKind};
use super::modem::{Mode, SimModem};
use super::notice::Reported;
use super::radio::{Air, Radio, RadioEvent};
use super::settings::{Context, Selection, Settings};

/// Whether the modem works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    /// Off; the power key starts it.
    Off,
    /// Starting: it hears nothing yet.
    Booting,
    /// It works; `dozing`: in PSM, but its command port answers all the same.
    On { dozing: bool },
    /// In PSM: deaf.
    Asleep,
    /// It hangs: deaf, and its radio stands still.
    Hung,
}

impl SimModem {
    /// The first start: settings of the factory and of an earlier life.
    pub(super) fn prepare(&mut self) {
        let default = self.definition.capabilities.default_context;
        self.kept.contexts.insert(default, Context::default());
        self.first_rats();
        for line in self.profile.setup.clone() {
            self.change_kept(&line);
        }
        self.forget();
        self.radio.switch_off();
        if self.profile.starts_off {
            self.power = Power::Off;
        } else {
            self.radio_follows();
        }
    }

    /// What does not survive the power goes.
    fn forget(&mut self) {
        self.settings = Settings::new(self.definition.capabilities.echo);
        (self.mode, self.job) = (Mode::Command, None);
        self.input.clear();
        self.agenda.restart();
    }

    /// The modem starts anew. After PSM it is still registered; after anything else it starts from nothing.
    pub(super) fn boot(&mut self, after_psm: bool) {
        self.meter.woke(self.now);
        self.meter.boots = self.meter.boots.saturating_add(1);
        self.forget();
        self.use_rats();
        self.kept.windows_in_force.clone_from(&self.kept.windows);
        if !after_psm {
            self.radio.switch_off();
            self.leases.clear();
            self.back_offs.restarted();
            self.card.restart();
            self.reported = Reported::default();
        }
        self.mbim_restart();
        self.qmi_restart();
        self.power = Power::Booting;
        if self.profile.usb {
            self.port.present = false;
        }
        let boot = self.profile.boot.unwrap_or(self.definition.timing.boot);
        self.agenda.at(self.now.saturating_add(boot), Due::Booted);
    }

    pub(super) fn booted(&mut self) {
        (self.power, self.port.present) = (Power::On { dozing: false }, true);
        self.last_byte = self.now;
        self.notify(UrcKind::Boot, &[]);
        self.agenda.at(self.now.saturating_add(Duration::from_millis(100)), Due::Ready);
        self.agenda.at(self.now.saturating_add(self.profile.sim_ready), Due::SimReady);
        if self.radio.is_on() {
            self.radio.resume(self.now);
        } else {
            self.radio_follows();
        }
    }

    /// The radio is on exactly if `+CFUN`, `+COPS` and the card let it be.
    pub(super) fn radio_follows(&mut self) {
        let wanted = self.kept.cfun == 1
            && !self.qmi.is_offline()
            && self.card.state() == CardState::Ready
            && self.kept.selection != Selection::Deregistered;
        if wanted {
            self.on_air(Radio::switch_on);
        } else if self.radio.is_on() {
            self.detach();
        }
    }

    /// The radio starts its search anew: other networks or technologies are wanted.
    pub(super) fn restart_radio(&mut self) {
        if self.radio.is_on() {
            self.detach();
        }
        self.radio_follows();
    }

    /// Off the network at once, contexts and all.
    pub(super) fn detach(&mut self) {
        let released = self.radio.rrc();
        self.radio.switch_off();
        self.leases.clear();
        self.agenda.cancel(&Due::Sleep);
        self.heard(released.then_some(RadioEvent::Rrc(false)).into_iter().collect());
    }

    /// Runs `act` on the radio with all that it needs.
    pub(super) fn on_air<R>(&mut self, act: impl FnOnce(&mut Radio, &mut Air<'_>) -> R) -> R {
        let wish = self.wish();
        let Self { radio, network, random, now, .. } = self;
        act(radio, &mut Air { now: *now, network, wish: &wish, random })
    }

    /// Signalling or data: the RRC connection comes up.
    pub(super) fn use_air(&mut self) {
        let events = self.on_air(Radio::connect);
        self.heard(events.into_iter().collect());
    }

    /// T3324 is over. Work in progress, or a host that spoke just now, keeps the modem awake a little longer.
    pub(super) fn fall_asleep(&mut self) {
        let quiet = self.last_byte.saturating_add(self.profile.psm_silence);
        if self.job.is_some() || matches!(self.mode, Mode::Data { .. }) || quiet > self.now {
            return self.agenda.at(quiet.max(self.now.saturating_add(Duration::from_secs(1))), Due::Sleep);
        }
        let until = self.radio.update_at().unwrap_or(self.now);
        let ms = u64::try_from(until.saturating_sub(self.now).as_millis()).unwrap_or(u64::MAX);
        self.notify(UrcKind::Sleep, &[Fact::SleepFor(ms)]);
        self.notify(UrcKind::PsmEntered, &[]);
        self.meter.fell_asleep(self.now);
        let sleep = &self.definition.sleep;
        if sleep.wake == Wakes::Itself && !sleep.reboots {
            self.power = Power::On { dozing: true };
            return;
        }
        self.power = Power::Asleep;
        self.input.clear();
        self.agenda.at(until, Due::Wake);
        if self.profile.usb {
            self.agenda.at(self.now.saturating_add(Duration::from_millis(200)), Due::PortGone);
        }
    }

    /// Out of PSM, by T3412 or by the wake line.
    pub(super) fn wake_up(&mut self) {
        self.agenda.cancel(&Due::Wake);
        self.agenda.cancel(&Due::PortGone);
        if self.definition.sleep.reboots {
            return self.boot(true);
        }
        self.meter.woke(self.now);
        (self.power, self.port.present) = (Power::On { dozing: false }, true);
        self.notify(UrcKind::PsmExited, &[]);
        self.notify(UrcKind::Sleep, &[Fact::SleepFor(0)]);
        self.radio.resume(self.now);
    }

    /// The radio woke a modem that dozed.
    pub(super) fn stir(&mut self) {
        if self.power == (Power::On { dozing: true }) {
            self.power = Power::On { dozing: false };
            self.meter.woke(self.now);
            self.notify(UrcKind::PsmExited, &[]);
            self.notify(UrcKind::Sleep, &[Fact::SleepFor(0)]);
        }
    }

    /// Off, as asked by a command.
    pub(super) fn power_off(&mut self) {
        self.notify(UrcKind::PoweredDown, &[]);
        self.forget();
        self.radio.switch_off();
        self.leases.clear();
        self.card.restart();
        self.power = Power::Off;
    }

    /// Whether bytes that arrive now are heard; counts those that are not.
    pub(super) fn hears(&mut self, bytes: &[u8]) -> bool {
        match self.power {
            Power::On { .. } if self.is_drowsy() => {
                self.meter.lost(bytes);
                false
            }
            Power::On { .. } => true,
            Power::Asleep => {
                self.meter.lost(bytes);
                if self.definition.sleep.wake == Wakes::FirstByte {
                    self.wake_up();
                }
                false
            }
            Power::Off | Power::Booting | Power::Hung => false,
        }
    }

    /// When silence sent the command side to sleep, or will; `None`: it stays awake.
    ///
    /// A USB link never lets it sleep; a call and a command in progress do not for now.
    pub(super) fn drowsy_at(&self) -> Option<Duration> {
        let limit = self.profile.uart_sleep.or(self.definition.sleep.deaf_after)?;
        let may = self.mode == Mode::Command && self.job.is_none() && !self.profile.usb;
        may.then(|| self.last_byte.saturating_add(limit))
    }

    /// Whether the command side sleeps: the characters that wake it are lost.
    pub(super) fn is_drowsy(&self) -> bool {
        self.drowsy_at().is_some_and(|at| at <= self.now)
    }

    /// A fault that needs no answer to spoil.
    pub(super) fn strike(&mut self, fault: &Fault) {
        match fault.kind {
            FaultKind::Garbage => {
                let noise = self.random.noise(24);
                self.send(noise);
            }
            FaultKind::Hang if matches!(self.power, Power::On { .. } | Power::Asleep) => {
                self.forget_input();
                // It does not come back from its sleep either.
                self.agenda.cancel(&Due::Wake);
                self.power = Power::Hung;
                if let Some(lasts) = fault.lasts {
                    self.agenda.at(self.now.saturating_add(lasts), Due::Unhang);
                }
            }
            FaultKind::Reboot => self.boot(false),
            FaultKind::Vanish => {
                self.forget_input();
                self.port.present = false;
                self.output.clear();
                self.agenda.at(self.now.saturating_add(fault.span()), Due::PortBack);
            }
            _ => {}
        }
    }

    fn forget_input(&mut self) {
        self.job = None;
        self.input.clear();
        self.agenda.cancel(&Due::Answer);
    }

    /// Something happens, and again after `every`.
    pub(super) fn occur(&mut self, event: Event, every: Option<Duration>) {
        if let Some(every) = every {
            self.agenda.at(self.now.saturating_add(every), Due::Event(event.clone(), Some(every)));
        }
        match event {
            Event::Coverage(on) => {
                self.network.coverage = on;
                self.air_changed();
            }
            Event::Rsrp(rsrp) => self.heard_at(rsrp),
            Event::ContextLost(cid) => self.context_lost(cid),
            Event::Detach => {
                let lost: Vec<u8> = self.leases.keys().copied().collect();
                lost.into_iter().for_each(|cid| self.context_lost(cid));
                let events = self.on_air(Radio::detached);
                self.heard(events);
            }
            Event::Reject(reject) => self.network.reject = reject,
            Event::Traffic => self.use_air(),
            Event::Path(path) => self.network.path = path,
            Event::Card(present) => self.card_moved(present),
            Event::Wake if self.power == Power::Asleep => self.wake_up(),
            Event::Wake if self.power == Power::Off => self.boot(false),
            Event::Wake => {}
            Event::Reboot => self.boot(false),
            Event::Notice(text) => self.say(&text),
            // A full store loses it, as in a modem.
            Event::Message(message) => drop(self.inbox.keep(message)),
        }
    }

    /// Cells came or went, or other ones may be used.
    pub(super) fn air_changed(&mut self) {
        if matches!(self.power, Power::On { .. }) {
            let events = self.on_air(Radio::look_again);
            self.heard(events);
        }
    }

    fn heard_at(&mut self, rsrp: f32) {
        let own = self.radio.cell().map(|cell| (cell.plmn, cell.cell_id));
        for cell in self.network.cells.iter_mut().filter(|c| own.is_none_or(|o| o == (c.plmn, c.cell_id))) {
            let by = rsrp - cell.rsrp;
            (cell.rsrp, cell.rssi) = (rsrp, cell.rssi + by);
            // Over noise that does not change, quality falls with power.
            cell.sinr = (cell.sinr + by).clamp(-20.0, 30.0);
            cell.rsrq = (cell.rsrq + by / 8.0).clamp(-19.5, -3.0);
        }
        self.air_changed();
        let facts = self.facts();
        self.notify(UrcKind::Signal, &facts);
    }

    fn card_moved(&mut self, present: bool) {
        self.card.present = present;
        self.card.restart();
        if present {
            self.agenda.at(self.now.saturating_add(self.profile.sim_ready), Due::SimReady);
        } else {
            self.back_offs.forget();
            self.notify(UrcKind::SimRemoved, &[]);
        }
        self.radio_follows();
    }
}
