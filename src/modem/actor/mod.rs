//! The actor of one modem: it owns the port, pursues a goal, and otherwise keeps still.
//!
//! One piece of work runs at a time (bring-up, or a wait before the next attempt); notices and requests are dealt
//! with beside it. When nothing is left to do, nothing is sent: the modem tells what changes.

mod ladder;
mod shift;
mod wake;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::clock::Clock;
use super::data::{DataPath, Which};
use super::definition::{Definition, Library, ProcedureName, UrcKind};
use super::desk::{Access, Desk, ReplyTo, Vigil};
use super::driver::Driver;
use super::gate::{self, Gate};
use super::handle::{ErrorKind, Job, ModemHandle, PowerRequest, Recent, Reply, RequestError};
use super::memory::Memory;
use super::pins::Pins;
use super::ports::{Lines, Ports};
use super::procedure::{Aids, wish};
use super::settings::Settings;
use super::sim_policy::SimPolicies;
use super::sleeper::Sleeper;
use super::wake::WakeLines;
use crate::policy::backoff::{self, Backoff};
use crate::policy::governor::steady::Boot;
use crate::policy::governor::{Asker, Limits};
use crate::policy::reach::{Evidence, Grants, Reach};
use crate::spec::span::Span;
use crate::state::{Lifecycle, ModemState, Reachability};
use shift::Shift;
use wake::Tried;

/// Opens the ports anew, whenever they are needed; the error is a sentence part.
pub type Opener = Box<dyn FnMut() -> BoxFuture<'static, Result<Lines, String>> + Send>;

/// Requests that wait for the actor at most.
const JOBS: usize = 16;
/// Between two looks for a port that should be back from its sleep.
const LOOK: Duration = Duration::from_secs(1);
/// Attempts in vain after which nobody waits any longer: half a minute, with the pauses between them.
const PATIENCE: u32 = 3;

/// What the modem is to be brought to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Radio off.
    Off,
    /// Registered.
    Registered,
    /// A data context up.
    Connected,
}

/// From where the goal is pursued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Nothing is known of the modem.
    Fresh,
    /// It is the same modem and has restarted.
    Resume,
    /// It answers; its settings may differ from what is wanted.
    Settings,
    /// It is set as wanted; registration or context were lost.
    Network,
    /// It is set as wanted, and is made to ask anew a network that had refused it.
    Attach,
}

/// What all modems of a daemon share.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    /// PINs that were tried, on any modem.
    pub pins: Pins,
    /// What is wanted with which card.
    pub sims: SimPolicies,
    /// How often what may be asked of the network.
    pub limits: Limits,
    /// The kernel's boot, where it is known.
    pub boot: Option<Boot>,
}

/// What an actor is made of.
pub struct Parts {
    /// What is wanted of the modem.
    pub settings: Settings,
    /// All model files.
    pub library: Arc<Library>,
    /// The model to start with: the configured one, what USB says, else the generic one.
    pub definition: Arc<Definition>,
    /// Opens the port.
    pub opener: Opener,
    /// The machine's side of bearers.
    pub data: Arc<dyn DataPath>,
    /// Lines that wake the modem.
    pub wake: WakeLines,
    /// Names points in time.
    pub clock: Clock,
    /// What all modems share.
    pub shared: Shared,
    /// What is kept over restarts of the daemon.
    pub memory: Memory,
    /// Seed of the jitter.
    pub seed: u64,
}

/// The actor of a modem, to be spawned, and a handle to it; it ends when the last handle is dropped.
pub fn new(mut parts: Parts) -> (ModemHandle, impl Future<Output = ()> + Send + 'static) {
    let mut initial = ModemState {
        id: parts.settings.id.clone(),
        definition: parts.definition.name.clone(),
        since: parts.clock.now(),
        ..ModemState::default()
    };
    let remembered = recall(&mut parts, &mut initial);
    let (state, watcher) = watch::channel(initial);
    let (sender, jobs) = mpsc::channel(JOBS);
    let recent = Recent::default();
    let handle = ModemHandle { id: parts.settings.id.clone(), state: watcher, jobs: sender, recent: recent.clone() };
    let goal = if parts.settings.autoconnect { Goal::Connected } else { Goal::Registered };
    let state = Arc::new(state);
    let gate = gate(&parts);
    let desk = Desk::new(&parts.settings.id, parts.clock, state.clone(), parts.memory.clone());
    let actor = Actor {
        state,
        jobs,
        desk,
        goal,
        port_backoff: Backoff::new(backoff::PORT, parts.seed),
        look_backoff: Backoff::new(backoff::LOOK, parts.seed ^ 0x9E37_79B9),
        gate,
        asker: Asker::Itself,
        in_use: Vec::new(),
        reach: remembered,
        grants: Grants::default(),
        port_lost: false,
        restarted: Vec::new(),
        recent,
        tried: Tried::default(),
        parts,
    };
    (handle, actor.run())
}

struct Actor {
    parts: Parts,
    state: Arc<watch::Sender<ModemState>>,
    jobs: mpsc::Receiver<Job>,
    desk: Desk,
    goal: Goal,
    port_backoff: Backoff,
    look_backoff: Backoff,
    gate: Gate,
    /// Who wants what is being pursued.
    asker: Asker,
    /// Contexts that the machine may use.
    in_use: Vec<u8>,
    reach: Reach,
    grants: Grants,
    /// The port was away since the modem was last heard.
    port_lost: bool,
    /// Who asked for the restart with which the port went.
    restarted: Vec<ReplyTo>,
    recent: Recent,
    tried: Tried,
}

fn gate(parts: &Parts) -> Gate {
    let Shared { limits, boot, .. } = parts.shared.clone();
    let (id, memory, clock) = (parts.settings.id.clone(), parts.memory.clone(), parts.clock);
    Gate::new(gate::Parts { id, limits, memory, clock, boot, seed: parts.seed ^ 0xC2B2_AE35 })
}

/// A modem that was asleep when the daemon stopped, and should be still.
fn recall(parts: &mut Parts, state: &mut ModemState) -> Reach {
    let now = parts.clock.now();
    match parts.memory.kept().asleep.filter(|sleeper| sleeper.until() > now) {
        None => Reach::default(),
        Some(sleeper) => {
            sleeper.recall(state, now);
            if let Some(definition) = parts.library.get(&sleeper.definition) {
                parts.definition = definition;
            }
            Reach::remembered(Some(sleeper.until()))
        }
    }
}

/// Why an open port is left.
enum End {
    Closed(String),
    Stopped,
}

impl Actor {
    async fn run(mut self) {
        loop {
            let end = match (self.parts.opener)().await {
                Ok(lines) => self.drive(lines).await,
                Err(reason) => End::Closed(reason),
            };
            let End::Closed(reason) = end else { return };
            self.port_lost = true;
            self.note(Evidence::PortLost);
            let wait = self.port_wait();
            if !self.asleep() {
                // A device that vanishes while it sleeps is asleep, not unplugged.
                self.mark_absent(&reason, wait);
                if let Some(leave) = self.leave_lost() {
                    leave.await;
                }
            }
            for reply in self.restarted.drain(..) {
                let _ = reply.send(Ok(Reply::Done));
            }
            if !self.wait_without_port(wait).await {
                return;
            }
        }
    }

    /// A port that went to sleep with its modem is back for some seconds only: from the end of the sleep on it is looked
    /// for every second, until the modem counts as overdue.
    fn port_wait(&mut self) -> Duration {
        let now = self.parts.clock.now();
        let Reachability::Asleep { until: Some(until), .. } = self.reach.state(&self.grants, now) else {
            return self.port_backoff.next_wait();
        };
        if until <= now {
            self.port_backoff.reset();
        }
        until.since(now).max(LOOK).min(self.port_backoff.next_wait())
    }

    fn mark_absent(&mut self, reason: &str, wait: Duration) {
        let id = &self.parts.settings.id;
        let now = self.parts.clock.now();
        self.state.send_if_modified(|state| {
            // Told once, also where the port never was there.
            if state.lifecycle != Lifecycle::Absent || state.trouble.is_none() {
                warn!("{id}: {reason}");
            }
            if state.lifecycle != Lifecycle::Absent {
                state.since = now;
            }
            state.lifecycle = Lifecycle::Absent;
            state.bearers.clear();
            state.trouble =
                Some(format!("the port cannot be used ({reason}); it is tried again in {}", Span(whole(wait))));
            true
        });
        self.give_up();
    }

    /// Those who wait hear of it when the modem was tried in vain for a while. It may only have been reset.
    fn give_up(&mut self) {
        if self.port_backoff.failures() >= PATIENCE && !self.state.borrow().reachability.answers() {
            self.desk.absent();
        }
    }

    /// Takes jobs in until it is time to open the port again. False: nobody holds a handle any more.
    async fn wait_without_port(&mut self, wait: Duration) -> bool {
        let deadline = Instant::now() + wait;
        loop {
            self.desk.settle();
            if self.wake_without_port().await {
                return true;
            }
            let access = Access { port: false, waking: self.waking() };
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => return true,
                () = self.reach_changes() => self.refresh(),
                () = self.desk.attend() => {}
                job = self.jobs.recv() => match job {
                    None | Some(Job::Stop) => return false,
                    Some(Job::Share(shared)) => self.take_shared(shared),
                    Some(job) => drop(self.desk.take(job, access)),
                },
            }
        }
    }

    fn take_shared(&mut self, shared: Shared) {
        self.gate.set_limits(shared.limits.clone());
        self.parts.shared = shared;
    }

    /// What power saving to ask for at present.
    fn power(&self, definition: &Definition) -> PowerRequest {
        let card = wish::card(&self.state.borrow().sim);
        self.vigil(definition).apply(self.parts.shared.sims.resolve(&self.parts.settings, &card).settings.power)
    }

    fn vigil(&self, definition: &Definition) -> Vigil {
        self.desk.vigil(!definition.procedures.contains_key(&ProcedureName::StayAwake))
    }

    /// What procedures work with.
    fn aids(&self, definition: &Definition) -> Aids {
        let Shared { pins, sims, .. } = self.parts.shared.clone();
        Aids { pins, sims, gate: self.gate.clone(), asker: self.asker, vigil: self.vigil(definition) }
    }

    /// Takes evidence of whether the modem would answer.
    fn note(&mut self, evidence: Evidence) {
        self.reach.note(evidence, &self.grants, self.parts.clock.now());
        self.refresh();
    }

    /// Shows what follows from the evidence by now.
    fn refresh(&self) {
        let now = self.parts.clock.now();
        let reachability = self.reach.state(&self.grants, now);
        let slept = self.state.borrow().reachability.is_asleep();
        let next_window = match reachability {
            Reachability::Asleep { until, .. } => until,
            Reachability::Edrx { next } => Some(next),
            _ => None,
        };
        self.state.send_if_modified(|state| {
            let changed = (state.reachability, state.power.next_window) != (reachability, next_window);
            (state.reachability, state.power.next_window) = (reachability, next_window);
            changed
        });
        self.recent.enter(|history| history.reached(reachability, now));
        self.remember(reachability.is_asleep() && !slept);
    }

    /// One write for each sleep, and none while awake: flash wears.
    fn remember(&self, fell_asleep: bool) {
        if let Some(sleeper) = fell_asleep.then(|| Sleeper::of(&self.state.borrow())).flatten()
            && let Err(error) = self.parts.memory.change(|kept| kept.asleep = Some(sleeper))
        {
            warn!("{}: {error}", self.parts.settings.id);
        }
    }

    /// Resolves when reachability changes by time alone.
    fn reach_changes(&self) -> impl Future<Output = ()> + 'static {
        let now = self.parts.clock.now();
        let wait = self.reach.deadline(&self.grants, now).map(|at| at.since(now));
        async move {
            match wait {
                // A millisecond more: timestamps have no finer grain.
                Some(wait) => sleep(wait + Duration::from_millis(1)).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Takes the machine off bearers that are no longer active, whatever ended them.
    fn leave_lost(&mut self) -> Option<BoxFuture<'static, ()>> {
        let active: Vec<u8> = self.state.borrow().bearers.iter().filter(|b| b.active).map(|b| b.context).collect();
        let mut lost = std::mem::replace(&mut self.in_use, active);
        lost.retain(|context| !self.in_use.contains(context));
        if lost.is_empty() {
            return None;
        }
        let data = self.parts.data.clone();
        Some(Box::pin(async move { data.down(Which::These(lost)).await }))
    }

    fn asleep(&self) -> bool {
        self.reach.state(&self.grants, self.parts.clock.now()).is_asleep()
    }

    fn reason(&self) -> String {
        let state = self.state.borrow();
        state.reason().unwrap_or_else(|| format!("the modem is {}", state.lifecycle.name()))
    }

    fn error(&self, kind: ErrorKind, message: String) -> RequestError {
        RequestError { kind, modem: self.parts.settings.id.clone(), message }
    }

    async fn drive(&mut self, lines: Lines) -> End {
        let (events, incoming) = mpsc::channel(64);
        let definition = self.form();
        let ports = Ports::start(lines, &definition, &self.parts.memory, &events);
        let data = self.parts.data.clone();
        let driver = Driver::new(ports, self.parts.clock, self.state.clone(), definition, data);
        let driver = Arc::new(driver);
        let mut shift = Shift::new(self, driver);
        shift.begin();
        shift.run(incoming).await
    }
}

/// What reachability follows from.
fn grants(state: &ModemState, definition: &Definition) -> Grants {
    let power = &state.power;
    Grants {
        psm: power.psm_granted.and_then(|grant| grant.value),
        edrx: power.edrx_granted.and_then(|grant| grant.value),
        tells: definition.urcs.iter().any(|urc| matches!(urc.kind, UrcKind::PsmEntered | UrcKind::Sleep)),
        wakes: definition.sleep.wake,
    }
}

/// Whole seconds, for people.
fn whole(span: Duration) -> Duration {
    Duration::from_secs(span.as_secs())
}
