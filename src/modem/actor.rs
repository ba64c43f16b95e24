//! The actor of one modem: it owns the port, pursues a goal, and otherwise keeps still.
//!
//! One piece of work runs at a time (bring-up, or a wait before the next attempt); notices and requests are dealt
//! with beside it. When nothing is left to do, nothing is sent: the modem tells what changes.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::channel::{Channel, ChannelEvent};
use super::clock::Clock;
use super::definition::{Definition, Library, ProcedureName, UrcKind};
use super::desk::{Access, Desk, Errand, ReplyTo};
use super::driver::Driver;
use super::handle::{ErrorKind, Job, ModemHandle, PowerRequest, Reply, Request, RequestError};
use super::memory::Memory;
use super::notice::{self, Meaning};
use super::procedure::{Retry, Stop, context, power, probe, radio, register};
use super::settings::Settings;
use super::sleeper::Sleeper;
use super::{procedure, requests};
use crate::policy::backoff::{self, Backoff};
use crate::policy::pin::PinMemory;
use crate::policy::reach::{Evidence, Grants, Reach};
use crate::port::BoxStream;
use crate::spec::span::Span;
use crate::state::{Lifecycle, ModemState, Reachability, SimState, Wakes};

/// Opens the port anew, whenever it is needed; the error is a sentence part.
pub type Opener = Box<dyn FnMut() -> BoxFuture<'static, Result<BoxStream, String>> + Send>;

/// Requests that wait for the actor at most.
const JOBS: usize = 16;
/// A connection that held so long was a good one: its loss is no reason to wait before the next.
const STABLE: Duration = Duration::from_secs(600);
/// Restarts in a row that are answered at once.
const QUICK_RESTARTS: u32 = 3;

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
    /// Names points in time.
    pub clock: Clock,
    /// PINs that were tried, on any modem.
    pub pins: Arc<Mutex<PinMemory>>,
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
    let handle = ModemHandle { id: parts.settings.id.clone(), state: watcher, jobs: sender };
    let goal = if parts.settings.autoconnect { Goal::Connected } else { Goal::Registered };
    let state = Arc::new(state);
    let desk = Desk::new(&parts.settings.id, parts.clock, state.clone(), parts.memory.clone());
    let actor = Actor {
        state,
        jobs,
        desk,
        goal,
        port_backoff: Backoff::new(backoff::PORT, parts.seed),
        network_backoff: Backoff::new(backoff::NETWORK, parts.seed ^ 0x9E37_79B9),
        reach: remembered,
        grants: Grants::default(),
        port_lost: false,
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
    network_backoff: Backoff,
    reach: Reach,
    grants: Grants,
    /// The port was away since the modem was last heard.
    port_lost: bool,
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
                Ok(stream) => self.drive(stream).await,
                Err(reason) => End::Closed(reason),
            };
            let End::Closed(reason) = end else { return };
            self.port_lost = true;
            self.note(Evidence::PortLost);
            let wait = self.port_backoff.next_wait();
            if !self.asleep() {
                // A device that vanishes while it sleeps is asleep, not unplugged.
                self.mark_absent(&reason, wait);
            }
            if !self.wait_without_port(wait).await {
                return;
            }
        }
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
                Some(format!("the port is not there ({reason}); it is tried again in {}", Span(whole(wait))));
            true
        });
        self.desk.absent();
    }

    /// Takes jobs in until it is time to open the port again. False: nobody holds a handle any more.
    async fn wait_without_port(&mut self, wait: Duration) -> bool {
        let deadline = Instant::now() + wait;
        let access = Access { port: false, wakes: false };
        loop {
            self.desk.settle();
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => return true,
                () = self.reach_changes() => self.refresh(),
                () = self.desk.attend() => {}
                job = self.jobs.recv() => match job {
                    None => return false,
                    Some(job) => drop(self.desk.take(job, access)),
                },
            }
        }
    }

    /// What power saving to ask for at present.
    fn power(&self, definition: &Definition) -> PowerRequest {
        self.desk.power(self.parts.settings.power, !definition.procedures.contains_key(&ProcedureName::StayAwake))
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
        self.remember(reachability.is_asleep() && !slept);
    }

    /// One write for each sleep, and none while awake: flash wears.
    fn remember(&self, fell_asleep: bool) {
        if let Some(sleeper) = fell_asleep.then(|| Sleeper::of(&self.state.borrow())).flatten() {
            if let Err(error) = self.parts.memory.change(|kept| kept.asleep = Some(sleeper)) {
                warn!("{}: {error}", self.parts.settings.id);
            }
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

    async fn drive(&mut self, stream: BoxStream) -> End {
        let (events, incoming) = mpsc::channel(64);
        let channel = Channel::start(stream, self.parts.definition.clone(), events);
        let driver = Driver::new(channel, self.parts.clock, self.state.clone(), self.parts.definition.clone());
        let driver = Arc::new(driver);
        let mut shift = Shift {
            actor: self,
            driver,
            work: Box::pin(std::future::pending()),
            doing: Doing::Nothing,
            start: Start::Fresh,
            beside: FuturesUnordered::new(),
            asked: None,
            waiting: Vec::new(),
            restarts: 0,
            connected_at: None,
            tells_edrx: false,
        };
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

/// Whether the card being ready is what it waits for.
fn waits_for_sim(state: &ModemState) -> bool {
    let failed = state.sim.state.is_some_and(|sim| sim.value == SimState::Failure);
    matches!(state.lifecycle, Lifecycle::NoSim | Lifecycle::Locked(_)) || failed
}

/// Whole seconds, for people.
fn whole(span: Duration) -> Duration {
    Duration::from_secs(span.as_secs())
}

/// How a piece of work ended.
enum WorkEnd {
    Reached,
    /// Nothing changed.
    Settled,
    Stopped(Stop),
    /// A wait is over, or something was changed: go on from here.
    GoOn(Start),
    /// What was asked for failed, and nothing changed.
    Refused(RequestError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    Pursuing,
    Waiting,
}

type Work = Pin<Box<dyn Future<Output = WorkEnd> + Send>>;

/// The time between an open port and its end.
struct Shift<'a> {
    actor: &'a mut Actor,
    driver: Arc<Driver>,
    work: Work,
    doing: Doing,
    /// From where the work under way began.
    start: Start,
    /// Requests that need no goal: signal, scan, a line for a person.
    beside: FuturesUnordered<BoxFuture<'static, ()>>,
    /// Who asked for the step under way; where it is overtaken, as a reset is by the restart, they wait for the goal.
    asked: Option<ReplyTo>,
    /// Who waits for the goal.
    waiting: Vec<ReplyTo>,
    restarts: u32,
    connected_at: Option<Instant>,
    /// Whether the modem has told of granted eDRX by itself: then it does so when that changes.
    tells_edrx: bool,
}

impl Shift<'_> {
    async fn run(mut self, mut incoming: mpsc::Receiver<ChannelEvent>) -> End {
        loop {
            self.actor.grants = grants(&self.actor.state.borrow(), &self.driver.definition());
            self.actor.refresh();
            self.actor.desk.settle();
            if let Some((errand, reply)) = self.actor.desk.next(self.is_window()) {
                self.run_errand(errand, reply);
            }
            tokio::select! {
                biased;
                event = incoming.recv() => match event {
                    Some(ChannelEvent::Closed(reason)) => return self.close(reason),
                    Some(event) => self.take_event(event),
                    None => return self.close("the command channel ended".into()),
                },
                Some(()) = self.beside.next(), if !self.beside.is_empty() => {}
                end = &mut self.work, if self.doing != Doing::Nothing => self.take_end(end),
                () = self.actor.reach_changes() => self.take_time(),
                () = self.actor.desk.attend() => {}
                job = self.actor.jobs.recv() => match job {
                    Some(job) => self.take_job(job),
                    None => return End::Stopped,
                },
            }
        }
    }

    /// A device that comes back is awake; a line that is always there tells nothing of a sleeper behind it.
    fn begin(&mut self) {
        self.actor.grants = grants(&self.actor.state.borrow(), &self.driver.definition());
        let asleep = self.actor.asleep();
        if !asleep {
            self.pursue(Start::Fresh);
        } else if std::mem::take(&mut self.actor.port_lost) {
            self.actor.note(Evidence::Heard);
            self.pursue(Start::Resume);
        }
    }

    fn close(self, reason: String) -> End {
        for reply in self.waiting.into_iter().chain(self.asked) {
            let _ = reply.send(Err(self.actor.error(ErrorKind::Gone, format!("the port closed: {reason}"))));
        }
        End::Closed(reason)
    }

    /// Drops whatever is being done and pursues the goal.
    fn pursue(&mut self, start: Start) {
        self.waiting.extend(self.asked.take());
        let (driver, parts, goal) = (self.driver.clone(), &self.actor.parts, self.actor.goal);
        let (settings, library, pins) = (self.settings(), parts.library.clone(), parts.pins.clone());
        (self.doing, self.start) = (Doing::Pursuing, start);
        self.work = Box::pin(async move {
            match reach(&driver, &settings, &library, &pins, goal, start).await {
                Ok(()) => WorkEnd::Reached,
                Err(stop) => WorkEnd::Stopped(stop),
            }
        });
    }

    fn settings(&self) -> Settings {
        Settings { power: self.actor.power(&self.driver.definition()), ..self.actor.parts.settings.clone() }
    }

    fn pursue_after(&mut self, wait: Duration, start: Start) {
        (self.doing, self.start) = (Doing::Waiting, start);
        self.work = Box::pin(async move {
            sleep(wait).await;
            WorkEnd::GoOn(start)
        });
    }

    fn rest(&mut self) {
        self.doing = Doing::Nothing;
        self.work = Box::pin(std::future::pending());
    }

    fn take_end(&mut self, end: WorkEnd) {
        match end {
            WorkEnd::Reached => self.reached(),
            WorkEnd::Settled => self.rest(),
            WorkEnd::Stopped(stop) => self.stopped(stop),
            WorkEnd::GoOn(start) => self.pursue(start),
            WorkEnd::Refused(error) => {
                if let Some(reply) = self.asked.take() {
                    let _ = reply.send(Err(error));
                }
                self.pursue(Start::Settings);
            }
        }
    }

    fn reached(&mut self) {
        self.rest();
        self.restarts = 0;
        self.actor.port_backoff.reset();
        self.connected_at = Some(Instant::now());
        info!("{}: {}", self.actor.parts.settings.id, self.actor.state.borrow().lifecycle.name());
        for reply in self.waiting.drain(..) {
            let _ = reply.send(Ok(Reply::Done));
        }
    }

    fn stopped(&mut self, stop: Stop) {
        let (wait, start) = match stop.retry {
            Retry::OnChange => (None, Start::Settings),
            Retry::Port => (Some(self.actor.port_backoff.next_wait()), Start::Resume),
            Retry::Network if matches!(stop.lifecycle, Lifecycle::NoSim | Lifecycle::Failed(_)) => {
                (Some(self.actor.network_backoff.next_wait()), Start::Settings)
            }
            Retry::Network => (Some(self.actor.network_backoff.next_wait()), Start::Network),
            Retry::Restart => (Some(self.restart_wait()), Start::Fresh),
        };
        let again = wait.filter(|wait| !wait.is_zero()).map(|wait| format!("next attempt in {}", Span(whole(wait))));
        self.driver.update(|state, _| {
            state.lifecycle = stop.lifecycle;
            let parts: Vec<_> = stop.trouble.into_iter().chain(again).collect();
            state.trouble = (!parts.is_empty()).then(|| parts.join("; "));
        });
        info!("{}: {}", self.actor.parts.settings.id, self.actor.reason());
        self.fail_waiting();
        match wait {
            None => self.rest(),
            Some(wait) => self.pursue_after(wait, start),
        }
    }

    fn fail_waiting(&mut self) {
        let kind = match self.actor.state.borrow().lifecycle {
            Lifecycle::NoSim | Lifecycle::Locked(_) => ErrorKind::Sim,
            Lifecycle::Denied(_) | Lifecycle::Registered { .. } => ErrorKind::Denied,
            Lifecycle::Searching => ErrorKind::TimedOut,
            _ => ErrorKind::Modem,
        };
        let reason = self.actor.reason();
        for reply in self.waiting.drain(..).chain(self.asked.take()) {
            let _ = reply.send(Err(self.actor.error(kind, reason.clone())));
        }
    }

    /// A modem that restarts is taken up at once, unless it does so again and again.
    fn restart_wait(&mut self) -> Duration {
        self.restarts = self.restarts.saturating_add(1);
        if self.restarts <= QUICK_RESTARTS { Duration::ZERO } else { self.actor.port_backoff.next_wait() }
    }

    fn take_event(&mut self, event: ChannelEvent) {
        match event {
            ChannelEvent::Notice(line) => self.take_notice(&line),
            ChannelEvent::Rebooted(_) => self.take_reboot(),
            ChannelEvent::Silent => {
                self.actor.note(Evidence::Silence);
                if self.actor.asleep() {
                    self.rest();
                }
            }
            ChannelEvent::Answered => self.actor.note(Evidence::Heard),
            ChannelEvent::DataEnded | ChannelEvent::Closed(_) => {}
        }
    }

    fn take_reboot(&mut self) {
        self.actor.desk.restarted();
        let slept = self.actor.reach.slept();
        self.actor.note(Evidence::Heard);
        if slept {
            return self.pursue(Start::Resume);
        }
        self.driver.update(|state, _| {
            state.bearers.clear();
            state.lifecycle = Lifecycle::Probing;
        });
        let wait = self.restart_wait();
        if wait.is_zero() {
            return self.pursue(Start::Fresh);
        }
        let trouble = format!("the modem restarts again and again; next attempt in {}", Span(whole(wait)));
        self.driver.update(|state, _| state.trouble = Some(trouble));
        self.pursue_after(wait, Start::Fresh);
    }

    fn take_notice(&mut self, line: &str) {
        let definition = self.driver.definition();
        let before = self.actor.state.borrow().clone();
        let mut meaning = Meaning::Noted;
        self.driver.update(|state, now| meaning = notice::enter(state, &definition, line, now));
        self.actor.note(match meaning {
            Meaning::Asleep(length) => Evidence::SleepEntered(length),
            Meaning::Rrc(connected) => Evidence::Rrc(connected),
            _ => Evidence::Heard,
        });
        self.tells_edrx |= line.starts_with("+CEDRXP");
        if !self.tells_edrx && power::moved(&before, &self.actor.state.borrow()) {
            let driver = self.driver.clone();
            self.beside.push(Box::pin(async move { power::read_back(&driver).await }));
        }
        if before.reachability.is_asleep() && !self.actor.asleep() && before.identity.imei.is_none() {
            // It slept while the daemon was restarted: now it can be asked who it is.
            return self.pursue(Start::Fresh);
        }
        match meaning {
            Meaning::Noted | Meaning::Awake | Meaning::Rrc(_) => self.follow(&before),
            Meaning::Asleep(_) => self.rest(),
            Meaning::SimRemoved => self.lose_sim(),
            Meaning::SimReady if waits_for_sim(&before) && self.doing != Doing::Pursuing => {
                self.pursue(Start::Settings)
            }
            Meaning::SimReady => {}
            Meaning::PoweredDown => self.stopped(Stop {
                lifecycle: Lifecycle::Failed("the modem switched itself off".into()),
                trouble: None,
                retry: Retry::Port,
            }),
            Meaning::ContextLost => self.context_lost(),
        }
    }

    /// Time alone changed reachability: a presumed sleep, or a wake that did not come.
    fn take_time(&mut self) {
        self.actor.refresh();
        let state = self.actor.state.borrow().reachability;
        match state {
            Reachability::Asleep { .. } => self.rest(),
            Reachability::Unreachable { overdue: Some(overdue) } if self.doing == Doing::Nothing => {
                warn!("{}: {} late from its sleep; looking for it", self.actor.parts.settings.id, Span(whole(overdue)));
                self.pursue(Start::Resume);
            }
            _ => {}
        }
    }

    /// Registration came or went.
    fn follow(&mut self, before: &ModemState) {
        let now = self.actor.state.borrow().lifecycle.clone();
        let searching = |l: &Lifecycle| matches!(l, Lifecycle::Searching | Lifecycle::Denied(_));
        if now == before.lifecycle || self.doing == Doing::Pursuing {
            return;
        }
        let lost = searching(&now) && !searching(&before.lifecycle) && before.lifecycle != Lifecycle::Probing;
        let found = matches!(now, Lifecycle::Registered { .. }) && searching(&before.lifecycle);
        if lost || found {
            self.pursue(Start::Network);
        }
    }

    /// The work under way finds out for itself; otherwise the card is looked for again after a while, in case the
    /// modem does not tell that it is back.
    fn lose_sim(&mut self) {
        if self.doing == Doing::Pursuing {
            return;
        }
        self.driver.update(|state, _| {
            state.bearers.clear();
            state.lifecycle = Lifecycle::NoSim;
        });
        self.fail_waiting();
        let wait = self.actor.network_backoff.next_wait();
        self.pursue_after(wait, Start::Settings);
    }

    /// A context is said to be down: looked at once, then brought up again, at once if it had held for long.
    fn context_lost(&mut self) {
        if self.doing == Doing::Pursuing {
            return;
        }
        let (driver, wanted) = (self.driver.clone(), self.actor.goal == Goal::Connected);
        let stable = self.connected_at.is_some_and(|at| at.elapsed() >= STABLE);
        if stable {
            self.actor.network_backoff.reset();
        }
        self.doing = Doing::Pursuing;
        self.work = Box::pin(async move {
            match context::is_up(&driver).await {
                Ok(true) => return WorkEnd::Settled,
                Ok(false) => context::mark_down(&driver),
                Err(stop) => return WorkEnd::Stopped(stop),
            }
            if stable && wanted {
                return WorkEnd::GoOn(Start::Network);
            }
            let trouble = wanted.then(|| "the data context went down soon after it came up".to_owned());
            let retry = if wanted { Retry::Network } else { Retry::OnChange };
            WorkEnd::Stopped(Stop { lifecycle: driver.snapshot().lifecycle, trouble, retry })
        });
    }

    /// Whether work that waited can be done now: the modem answers, and nothing is made of it at present.
    fn is_window(&self) -> bool {
        let reachability = self.actor.state.borrow().reachability;
        let woken = reachability.is_asleep() && self.actor.desk.wants_waking() && self.wakes();
        (reachability.answers() || woken) && self.doing != Doing::Pursuing
    }

    /// Whether a command wakes the modem, or is answered while it sleeps.
    fn wakes(&self) -> bool {
        matches!(self.driver.definition().sleep.wake, Wakes::Itself | Wakes::FirstByte)
    }

    fn take_job(&mut self, job: Job) {
        let access = Access { port: true, wakes: self.wakes() };
        if let Some((errand, reply)) = self.actor.desk.take(job, access) {
            self.run_errand(errand, reply);
        }
    }

    fn run_errand(&mut self, errand: Errand, reply: ReplyTo) {
        let driver = self.driver.clone();
        let on = match errand {
            Errand::Request(request) => return self.take_request(request, reply),
            Errand::KeepAwake(on) => on,
        };
        let recipe = if on { ProcedureName::StayAwake } else { ProcedureName::MaySleep };
        let definition = driver.definition();
        let work = match definition.procedures.get(&recipe) {
            Some(recipe) => requests::keep_awake(driver.clone(), recipe.steps.clone(), reply),
            None => requests::set_power(driver.clone(), self.actor.power(&definition), reply),
        };
        let last_word = !on && self.actor.parts.settings.release;
        self.beside.push(if last_word { requests::then_no_more_data(driver, work) } else { work });
    }

    fn take_request(&mut self, request: Request, reply: ReplyTo) {
        // Withdrawn while the modem slept.
        if reply.is_closed() {
            return;
        }
        let autoconnect = self.actor.parts.settings.autoconnect;
        match request {
            Request::Enable => self.aim(if autoconnect { Goal::Connected } else { Goal::Registered }, reply),
            Request::Disable => self.aim(Goal::Off, reply),
            Request::Connect(wanted) => {
                requests::merge_connect(&mut self.actor.parts.settings, wanted);
                self.aim(Goal::Connected, reply);
            }
            Request::Disconnect => self.take_down(reply),
            Request::Reset => self.after(reply, requests::reset(self.driver.clone())),
            Request::EnterPin(pin) => self.after(reply, requests::enter_pin(self.driver.clone(), pin)),
            Request::EnterPuk(puk, pin) => self.after(reply, requests::enter_puk(self.driver.clone(), puk, pin)),
            Request::SetPower(power) => {
                requests::merge_power(&mut self.actor.parts.settings.power, power);
                let wanted = self.actor.power(&self.driver.definition());
                self.beside.push(requests::set_power(self.driver.clone(), wanted, reply));
            }
            Request::ReadSignal => self.beside.push(requests::read_signal(self.driver.clone(), reply)),
            Request::Scan => self.beside.push(requests::scan(self.driver.clone(), reply)),
            Request::At(line, time_out) => self.beside.push(requests::at(self.driver.clone(), line, time_out, reply)),
        }
    }

    /// Takes data down. A bring-up under way then begins again, with less to reach: no modem is left half set.
    fn take_down(&mut self, reply: ReplyTo) {
        self.actor.goal = Goal::Registered;
        let (down, start) = (requests::disconnect(self.driver.clone(), reply), self.start);
        if self.doing != Doing::Pursuing {
            return self.beside.push(down);
        }
        self.work = Box::pin(async move {
            down.await;
            WorkEnd::GoOn(start)
        });
    }

    /// Takes a new goal; the caller hears when it is reached or why not.
    fn aim(&mut self, goal: Goal, reply: ReplyTo) {
        self.actor.goal = goal;
        self.waiting.push(reply);
        let answers = !matches!(
            self.actor.state.borrow().lifecycle,
            Lifecycle::Absent | Lifecycle::Probing | Lifecycle::Failed(_)
        );
        self.pursue(if answers { Start::Settings } else { Start::Fresh });
    }

    /// Runs `step`, then starts over; the caller hears of the goal if the step went well.
    fn after(&mut self, reply: ReplyTo, step: BoxFuture<'static, Result<(), RequestError>>) {
        self.waiting.extend(self.asked.replace(reply));
        (self.doing, self.start) = (Doing::Pursuing, Start::Fresh);
        self.work = Box::pin(async move { step.await.map_or_else(WorkEnd::Refused, |()| WorkEnd::GoOn(Start::Fresh)) });
    }
}

/// From `start` to `goal`.
async fn reach(
    d: &Driver,
    settings: &Settings,
    library: &Library,
    pins: &Mutex<PinMemory>,
    goal: Goal,
    start: Start,
) -> Result<(), Stop> {
    let before = d.snapshot();
    if matches!(start, Start::Fresh | Start::Resume) {
        if start == Start::Fresh {
            d.enter(Lifecycle::Probing);
        }
        probe::synchronise(d).await?;
        probe::ask_for_causes(d).await?;
        let same = start == Start::Resume && d.snapshot().identity.imei.is_some();
        if !same {
            probe::identify(d, library, settings.model.is_some()).await?;
        }
    }
    if goal == Goal::Off {
        radio::off(d).await?;
        d.update(|state, _| state.bearers.clear());
        d.enter(Lifecycle::Off);
        return Ok(());
    }
    if start != Start::Network {
        procedure::configure::configure(d, settings, pins, start == Start::Resume).await?;
    }
    register::register(d, start == Start::Network).await?;
    let now = d.snapshot();
    if start != Start::Resume || now.network.plmn.is_none() || power::moved(&before, &now) {
        register::read_network(d).await?;
    }
    if goal == Goal::Connected { context::connect(d, settings).await } else { Ok(()) }
}
