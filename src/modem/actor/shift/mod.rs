//! The time between an open port and its end: one piece of work, and what comes beside it.

mod jobs;
mod notices;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::ladder::reach;
use super::{Actor, End, Start, grants, whole};
use crate::modem::channel::ChannelEvent;
use crate::modem::desk::ReplyTo;
use crate::modem::driver::Driver;
use crate::modem::handle::{Answer, ErrorKind, Job, Reply, RequestError};
use crate::modem::procedure::{Again, Retry, Stop, context, slot};
use crate::policy::governor::Asker;
use crate::policy::reach::Evidence;
use crate::spec::span::Span;
use crate::state::{Lifecycle, Reachability};

/// Restarts in a row that are answered at once.
const QUICK_RESTARTS: u32 = 3;

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
    /// Another slot is in use, as a person wanted.
    Switched(u8),
    /// The line that wakes the modem could not be moved.
    NotWoken(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    Pursuing,
    Waiting,
}

/// What a caller is to hear otherwise than who merely waits for the goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Goal,
    /// A port may go with it: that is no failure.
    Restart,
    /// Where another slot has its turn because that one is of no use, that is one.
    Slot,
}

/// Who waits for a step or for the goal.
struct Caller {
    reply: ReplyTo,
    wish: Wish,
}

impl Caller {
    fn answer(self, answer: Answer) {
        // Who has gone needs no answer.
        let _ = self.reply.send(answer);
    }
}

type Work = Pin<Box<dyn Future<Output = WorkEnd> + Send>>;

/// The time between an open port and its end.
pub(super) struct Shift<'a> {
    actor: &'a mut Actor,
    driver: Arc<Driver>,
    work: Work,
    doing: Doing,
    /// From where the work under way began.
    start: Start,
    /// Requests that need no goal: signal, scan, a line for a person.
    beside: FuturesUnordered<BoxFuture<'static, ()>>,
    /// Who asked for the step under way; where it is overtaken, as a reset is by the restart, they wait for the goal.
    asked: Option<Caller>,
    /// Who waits for the goal.
    waiting: Vec<Caller>,
    restarts: u32,
    /// Whether the modem has told of granted eDRX by itself: then it does so when that changes.
    tells_edrx: bool,
    /// When it came back from its last sleep.
    woke: Option<Instant>,
}

impl<'a> Shift<'a> {
    /// Nothing is being done yet.
    pub(super) fn new(actor: &'a mut Actor, driver: Arc<Driver>) -> Self {
        Self {
            actor,
            driver,
            work: Box::pin(std::future::pending()),
            doing: Doing::Nothing,
            start: Start::Fresh,
            beside: FuturesUnordered::new(),
            asked: None,
            waiting: Vec::new(),
            restarts: 0,
            tells_edrx: false,
            woke: None,
        }
    }

    pub(super) async fn run(mut self, mut incoming: mpsc::Receiver<ChannelEvent>) -> End {
        loop {
            self.actor.grants = grants(&self.actor.state.borrow(), &self.driver.definition());
            self.actor.refresh();
            self.actor.desk.settle();
            self.beside.extend(self.actor.leave_lost());
            self.wake();
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
                (context, reason) = self.driver.data.ended() => self.data_ended(context, &reason),
                () = self.actor.reach_changes() => self.take_time(),
                () = self.actor.desk.attend() => {}
                job = self.actor.jobs.recv() => match job {
                    Some(Job::Stop) | None => return self.farewell().await,
                    Some(job) => self.take_job(job),
                },
            }
        }
    }

    /// Drops what is being done; a modem that would answer gets back what it has few of.
    async fn farewell(self) -> End {
        let (driver, asleep) = (self.driver.clone(), self.actor.asleep());
        drop(self);
        if !asleep {
            driver.close().await;
        }
        End::Stopped
    }

    /// A device that comes back is awake; a line that is always there tells nothing of a sleeper behind it.
    pub(super) fn begin(&mut self) {
        self.actor.grants = grants(&self.actor.state.borrow(), &self.driver.definition());
        let asleep = self.actor.asleep();
        if !asleep {
            self.pursue(Start::Fresh);
        } else if std::mem::take(&mut self.actor.port_lost) {
            self.actor.note(Evidence::Heard);
            self.woke = Some(Instant::now());
            self.pursue(Start::Resume);
        }
    }

    fn close(self, reason: String) -> End {
        let (restarts, others): (Vec<_>, Vec<_>) =
            self.waiting.into_iter().chain(self.asked).partition(|caller| caller.wish == Wish::Restart);
        for caller in others {
            caller.answer(Err(self.actor.error(ErrorKind::Gone, format!("the port closed: {reason}"))));
        }
        if restarts.is_empty() {
            return End::Closed(reason);
        }
        self.actor.restarted = restarts.into_iter().map(|caller| caller.reply).collect();
        End::Closed("it went with the restart that was asked for, and comes back with the modem".into())
    }

    /// Drops whatever is being done and pursues the goal.
    fn pursue(&mut self, start: Start) {
        self.waiting.extend(self.asked.take());
        let (driver, parts, goal) = (self.driver.clone(), &self.actor.parts, self.actor.goal);
        let (settings, library) = (parts.settings.clone(), parts.library.clone());
        let aids = self.actor.aids(&driver.definition());
        self.driver.update(|state, _| state.retry = None);
        (self.doing, self.start) = (Doing::Pursuing, start);
        self.work = Box::pin(async move {
            context::free_line(&driver, &settings).await;
            match reach(&driver, &settings, &library, &aids, goal, start).await {
                Ok(()) => WorkEnd::Reached,
                Err(stop) => WorkEnd::Stopped(stop),
            }
        });
    }

    fn pursue_after(&mut self, wait: Duration, start: Start) {
        (self.doing, self.start) = (Doing::Waiting, start);
        let (late, id) = (self.late_pulse(), self.actor.parts.settings.id.clone());
        self.work = Box::pin(async move {
            sleep(wait).await;
            if let Some(pulse) = late
                && let Err(reason) = pulse.await
            {
                warn!("{id}: {reason}");
            }
            WorkEnd::GoOn(start)
        });
    }

    /// One that did not come back from its sleep, and does not answer either, may do so when its line is pulsed.
    fn late_pulse(&self) -> Option<impl Future<Output = Result<(), String>> + Send + 'static> {
        let late = matches!(self.actor.state.borrow().reachability, Reachability::Unreachable { overdue: Some(_) });
        late.then(|| self.actor.pulse()).flatten()
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
                if let Some(caller) = self.asked.take() {
                    caller.answer(Err(error));
                }
                self.pursue(self.start_anew());
            }
            WorkEnd::Switched(slot) => {
                self.actor.parts.settings.slot_by_person = Some(slot);
                self.pursue(Start::Fresh);
            }
            WorkEnd::NotWoken(reason) => {
                self.actor.not_woken(&reason);
                self.rest();
            }
        }
    }

    fn reached(&mut self) {
        self.rest();
        self.restarts = 0;
        self.actor.port_backoff.reset();
        self.actor.look_backoff.reset();
        self.actor.asker = Asker::Itself;
        info!("{}: {}", self.actor.parts.settings.id, self.actor.state.borrow().lifecycle.name());
        self.look_at_slots();
        self.waiting.drain(..).for_each(|caller| caller.answer(Ok(Reply::Done)));
    }

    fn stopped(&mut self, stop: Stop) {
        let near = stop.retry == Retry::Port;
        self.actor.asker = Asker::Itself;
        let (wait, start) = self.when(&stop);
        let held = match &stop.retry {
            Retry::Held(wait, _) => Some(self.actor.gate.show(wait)),
            _ => None,
        };
        let again = wait.filter(|wait| held.is_none() && !wait.is_zero());
        let again = again.map(|wait| format!("next attempt in {}", Span(whole(wait))));
        self.driver.update(|state, _| {
            state.lifecycle = stop.lifecycle;
            state.retry = held;
            let parts: Vec<_> = stop.trouble.into_iter().chain(again).collect();
            state.trouble = (!parts.is_empty()).then(|| parts.join("; "));
        });
        info!("{}: {}", self.actor.parts.settings.id, self.actor.reason());
        if stop.retry == Retry::NextSlot {
            self.refuse_slot();
        } else {
            self.fail_waiting(near);
        }
        self.actor.give_up();
        if !near {
            self.look_at_slots();
        }
        match wait {
            None => self.rest(),
            Some(wait) => self.pursue_after(wait, start),
        }
    }

    /// Which slots for cards there are is read once, when the modem is known and nothing else has to be done.
    fn look_at_slots(&self) {
        let known = self.actor.state.borrow().identity.imei.is_some();
        if known && self.actor.state.borrow().sim.slots.is_none() {
            let driver = self.driver.clone();
            self.beside.push(Box::pin(async move { slot::read_once(&driver).await }));
        }
    }

    /// How long to wait after a stop, and from where to go on then; `None`: until something changes.
    fn when(&mut self, stop: &Stop) -> (Option<Duration>, Start) {
        match &stop.retry {
            Retry::OnChange => (None, Start::Settings),
            Retry::Port => (Some(self.actor.port_backoff.next_wait()), Start::Resume),
            Retry::Later if matches!(stop.lifecycle, Lifecycle::NoSim | Lifecycle::Failed(_)) => {
                (Some(self.actor.look_backoff.next_wait()), Start::Settings)
            }
            Retry::Later => (Some(self.actor.look_backoff.next_wait()), Start::Network),
            Retry::Held(wait, again) => {
                let start = match again {
                    Again::Network => Start::Network,
                    Again::Settings => Start::Settings,
                    Again::Attach => Start::Attach,
                };
                (self.actor.gate.left(wait), start)
            }
            Retry::NextSlot => (Some(Duration::ZERO), Start::Settings),
            Retry::Restart => (Some(self.restart_wait()), Start::Fresh),
        }
    }

    /// A person's slot is left for another one.
    fn refuse_slot(&mut self) {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let (left, waiting): (Vec<_>, Vec<_>) = waiting.partition(|caller| caller.wish == Wish::Slot);
        self.waiting = waiting;
        for caller in left {
            caller.answer(Err(self.actor.error(ErrorKind::Sim, self.actor.reason())));
        }
    }

    /// `near`: it failed on this side of the air.
    fn fail_waiting(&mut self, near: bool) {
        let kind = match self.actor.state.borrow().lifecycle {
            Lifecycle::Registered { .. } if near => ErrorKind::Modem,
            Lifecycle::NoSim | Lifecycle::Locked(_) => ErrorKind::Sim,
            Lifecycle::Denied(_) | Lifecycle::Registered { .. } => ErrorKind::Denied,
            Lifecycle::Searching => ErrorKind::TimedOut,
            _ => ErrorKind::Modem,
        };
        let reason = self.actor.reason();
        for caller in self.waiting.drain(..).chain(self.asked.take()) {
            caller.answer(Err(self.actor.error(kind, reason.clone())));
        }
    }

    /// A modem that restarts is taken up at once, unless it does so again and again.
    fn restart_wait(&mut self) -> Duration {
        self.restarts = self.restarts.saturating_add(1);
        if self.restarts <= QUICK_RESTARTS { Duration::ZERO } else { self.actor.port_backoff.next_wait() }
    }
}
