//! What every procedure works with: the ports, the model, the state, the time. What it can do is listed in
//! [`backend`](super::backend).

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::channel::{Command, CommandError};
use super::clock::Clock;
use super::data::DataPath;
use super::definition::Definition;
use super::ports::Ports;
use super::settings::Settings;
use crate::codec::at::command::standard::Built;
use crate::spec::apn::{Apn, PdpType};
use crate::spec::plmn::Plmn;
use crate::state::fact::Fact;
use crate::state::{Lifecycle, ModemState, Timestamp};

/// APNs that are remembered at most with the family that they have.
const MAX_GRANTED: usize = 16;

/// The one family that a network has for an APN.
struct Granted {
    apn: Option<Apn>,
    plmn: Option<Plmn>,
    pdp_type: PdpType,
}

impl Granted {
    fn is_of(&self, want: &Settings, plmn: Option<Plmn>) -> bool {
        self.apn == want.apn && self.plmn == plmn
    }
}

/// The modem as procedures see it.
pub struct Driver {
    /// What it is spoken to by.
    pub ports: Ports,
    /// Names points in time.
    pub clock: Clock,
    /// The machine's side of bearers.
    pub data: Arc<dyn DataPath>,
    /// Whether the modem may know `+CABTRDP`: until it refuses that.
    pub(super) tells_back_off: AtomicBool,
    families: Mutex<Vec<Granted>>,
    state: Arc<watch::Sender<ModemState>>,
    definition: Mutex<Arc<Definition>>,
}

impl Driver {
    /// A driver over open ports.
    pub fn new(
        ports: Ports,
        clock: Clock,
        state: Arc<watch::Sender<ModemState>>,
        definition: Arc<Definition>,
        data: Arc<dyn DataPath>,
    ) -> Self {
        Self {
            ports,
            clock,
            data,
            tells_back_off: AtomicBool::new(true),
            families: Mutex::default(),
            state,
            definition: Mutex::new(definition),
        }
    }

    /// The id of the context that `want` is about.
    pub fn context(&self, want: &Settings) -> u8 {
        want.context.unwrap_or_else(|| self.definition().capabilities.default_context)
    }

    /// `want`, with the one family that the network has for its APN, where it said so.
    pub fn settled(&self, want: Settings) -> Settings {
        let plmn = self.look(|state| state.network.plmn).map(|plmn| plmn.value);
        let families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        let known = families.iter().find(|granted| granted.is_of(&want, plmn));
        Settings { pdp_type: known.map_or(want.pdp_type, |granted| granted.pdp_type), ..want }
    }

    /// The network has only `pdp_type` for the APN of `want`; it is not asked for the other again.
    pub fn settle(&self, want: &Settings, pdp_type: PdpType) {
        let plmn = self.look(|state| state.network.plmn).map(|plmn| plmn.value);
        let mut families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        families.retain(|granted| !granted.is_of(want, plmn));
        if families.len() >= MAX_GRANTED {
            families.remove(0);
        }
        families.push(Granted { apn: want.apn.clone(), plmn, pdp_type });
    }

    /// The model in use.
    pub fn definition(&self) -> Arc<Definition> {
        self.definition.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The model turned out to be another.
    pub fn set_definition(&self, definition: Arc<Definition>) {
        self.update(|state, _| state.definition.clone_from(&definition.name));
        self.ports.set_definition(&definition);
        *self.definition.lock().unwrap_or_else(PoisonError::into_inner) = definition;
    }

    /// Changes the state; watchers hear of it when something really changed.
    pub fn update(&self, change: impl FnOnce(&mut ModemState, Timestamp)) {
        drop(self.change(change));
    }

    /// As [`Self::update`]; gives the state as it was before.
    pub fn change(&self, change: impl FnOnce(&mut ModemState, Timestamp)) -> ModemState {
        let now = self.clock.now();
        let mut before = ModemState::default();
        self.state.send_if_modified(|state| {
            before = state.clone();
            change(state, now);
            if state.lifecycle != before.lifecycle {
                state.since = now;
            }
            *state != before
        });
        before
    }

    /// Enters what was learnt.
    pub fn learn(&self, facts: &[Fact]) {
        self.update(|state, now| state.learn_all(facts, now));
    }

    /// Moves the modem on; what kept it from moving on before no longer holds.
    pub fn enter(&self, lifecycle: Lifecycle) {
        self.update(|state, _| {
            state.lifecycle = lifecycle;
            state.trouble = None;
        });
    }

    /// The state as it is now.
    pub fn snapshot(&self) -> ModemState {
        self.state.borrow().clone()
    }

    /// What `look` makes of the state as it is now: for a part of it, where [`Self::snapshot`] copies all. The state must
    /// not be changed meanwhile.
    pub fn look<T>(&self, look: impl FnOnce(&ModemState) -> T) -> T {
        look(&self.state.borrow())
    }

    /// To wait for changes of the state.
    pub fn subscribe(&self) -> watch::Receiver<ModemState> {
        self.state.subscribe()
    }

    /// Sends a line with the model's usual time-out.
    pub async fn run(&self, line: Built) -> Result<Vec<String>, CommandError> {
        let time_out = self.definition().timing.command;
        self.run_within(line, time_out).await
    }

    /// Sends a line with a time-out of its own.
    pub async fn run_within(&self, line: Built, time_out: Duration) -> Result<Vec<String>, CommandError> {
        self.ports.at()?.send(Command::new(line?, time_out)).await
    }
}
