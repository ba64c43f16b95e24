//! The desk of a modem: it takes what is asked for, keeps what has to wait for the modem to wake, hands it on in order,
//! and tells everybody what became of it.
//!
//! The actor hands jobs in and carries errands out; it owns the desk beyond the life of a port, since a modem whose
//! port vanishes while it sleeps comes back.

mod attend;
mod holds;
mod intake;
mod ledger;

use std::sync::Arc;
use std::task::Context;

use tokio::sync::{oneshot, watch};
use tracing::{info, warn};

use super::clock::Clock;
use super::handle::{Answer, ErrorKind, PowerRequest, Request, RequestError};
use super::memory::{Held, KeptRequest, Memory};
use super::requests::{absorb_connect, merge_power};
use super::wake::Waking;
use crate::policy::queue::{Delivery, Left, Queue};
use crate::state::queue::{self, Ended, Outcome, Waiting};
use crate::state::{ModemState, PsmTimers};
use holds::Holds;
use ledger::Ledger;

/// What holds make of the power saving that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vigil {
    /// The modem is kept awake: no PSM.
    Awake,
    /// Nobody holds it; it gets back what a hold changed.
    Over(Option<Option<PsmTimers>>),
}

impl Vigil {
    /// What to ask for.
    pub fn apply(self, wanted: PowerRequest) -> PowerRequest {
        match self {
            Self::Awake => PowerRequest { psm: Some(None), ..wanted },
            Self::Over(before) => PowerRequest { psm: wanted.psm.or(before), ..wanted },
        }
    }
}

/// Where an answer goes.
pub type ReplyTo = oneshot::Sender<Answer>;

/// What the actor is to do.
#[derive(Debug)]
pub enum Errand {
    /// Carry a request out.
    Request(Request),
    /// Keep the modem from sleeping, or let it sleep again.
    KeepAwake(bool),
}

/// How the modem can be got at.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    /// Its port is open.
    pub port: bool,
    /// Whether it can be woken from here.
    pub waking: Waking,
}

impl Access {
    /// Why the modem cannot be woken from here; `None`: it can.
    fn obstacle(self) -> Option<String> {
        match self.waking {
            Waking::Command if !self.port => Some("its port is away while it sleeps".into()),
            waking => waking.missing(),
        }
    }
}

/// A request in the queue.
#[derive(Debug)]
struct Pending {
    request: Request,
    /// Who waits for it.
    callers: Vec<ReplyTo>,
    /// It was left to the queue: nobody has to wait for it.
    submitted: bool,
}

/// The errand under way.
enum Busy {
    Delivery(Delivery<Pending>, oneshot::Receiver<Answer>),
    KeepAwake(bool, oneshot::Receiver<Answer>),
}

/// The desk of one modem.
pub struct Desk {
    id: String,
    clock: Clock,
    state: Arc<watch::Sender<ModemState>>,
    memory: Memory,
    queue: Queue<Pending>,
    busy: Option<Busy>,
    holds: Holds,
    ledger: Ledger,
}

impl Desk {
    /// The desk of modem `id` with what an earlier life kept.
    pub fn new(id: &str, clock: Clock, state: Arc<watch::Sender<ModemState>>, memory: Memory) -> Self {
        let kept = memory.kept();
        let mut queue = Queue::default();
        for item in kept.queue {
            match item.clone().request() {
                Some((item, request)) => queue.restore(item, Pending::submitted(request)),
                None => warn!("{id}: request {} of an earlier life cannot be read and is left out", item.id),
            }
        }
        let mut desk = Self {
            id: id.to_owned(),
            clock,
            state,
            memory,
            queue,
            busy: None,
            holds: Holds::new(kept.held.is_some()),
            ledger: Ledger::default(),
        };
        desk.publish();
        desk
    }

    /// The next errand, where the modem can be reached and the last one has ended.
    pub fn next(&mut self, reachable: bool) -> Option<(Errand, ReplyTo)> {
        if self.busy.is_some() || !reachable {
            return None;
        }
        let (answer, receiver) = oneshot::channel();
        if let Some(on) = self.holds.begin() {
            if on {
                self.remember_psm();
            }
            self.busy = Some(Busy::KeepAwake(on, receiver));
            return Some((Errand::KeepAwake(on), answer));
        }
        let (delivery, left) = self.queue.take_ready(reachable);
        self.leave(left, None);
        let delivery = delivery?;
        let request = merged(&delivery)?;
        self.busy = Some(Busy::Delivery(delivery, receiver));
        self.publish();
        Some((Errand::Request(request), answer))
    }

    /// Whether the modem is to be woken.
    pub fn wants_waking(&self) -> bool {
        let busy = match &self.busy {
            Some(Busy::Delivery(delivery, _)) => delivery.wants_waking(),
            _ => false,
        };
        busy || self.queue.wants_waking()
    }

    /// What holds make of the power saving to ask for: no PSM while it is what the modem is kept awake from.
    pub fn vigil(&self, by_psm: bool) -> Vigil {
        if self.holds.is_engaged() && by_psm {
            return Vigil::Awake;
        }
        Vigil::Over(self.memory.kept().held.map(|held| held.psm.map(Into::into)))
    }

    /// The modem sleeps: what is under way goes on in the next window, unless the modem was to be woken for it.
    pub fn settle(&mut self) {
        if !self.is_asleep() {
            return;
        }
        self.holds.lost();
        if self.busy.is_none() || self.wants_waking() {
            return;
        }
        if let Some(Busy::Delivery(_, answer) | Busy::KeepAwake(_, answer)) = &mut self.busy
            && let Ok(answer) = answer.try_recv()
        {
            return self.finish(answer);
        }
        self.interrupt();
    }

    fn interrupt(&mut self) {
        if let Some(Busy::Delivery(delivery, _)) = self.busy.take() {
            let left = self.queue.put_back(delivery);
            self.leave(left, None);
        }
        self.publish();
    }

    /// The modem has started anew: what kept it awake may be lost.
    pub fn restarted(&mut self) {
        self.holds.lost();
    }

    /// The modem is not to be got at, and not because it sleeps: nobody but who asked for that waits any longer.
    pub fn absent(&mut self) {
        self.interrupt();
        let error = self.error(ErrorKind::Gone, self.reason());
        let left = self.queue.fail(&error.message);
        self.leave(left, Some(&Err(error)));
        self.publish();
    }

    /// The modem cannot be woken: whoever asked for that hears why; who waits for it to wake goes on waiting.
    pub fn cannot_wake(&mut self, reason: &str) {
        self.interrupt();
        let left = self.queue.fail_waking(reason);
        self.leave(left, None);
        self.publish();
    }

    fn finish(&mut self, answer: Answer) {
        match self.busy.take() {
            Some(Busy::Delivery(delivery, _)) => {
                let left = delivery.end(answer.as_ref().err().map(|error| error.message.as_str()));
                self.leave(left, Some(&answer));
            }
            Some(Busy::KeepAwake(on, _)) => {
                if let Err(error) = &answer {
                    warn!("{error}");
                }
                if self.holds.end(answer.map(drop)) && !on {
                    let _ = self.memory.change(|kept| kept.held = None).map_err(|error| warn!("{}: {error}", self.id));
                }
            }
            None => {}
        }
        self.publish();
    }

    /// What the modem is to be given back when nobody holds it any more.
    fn remember_psm(&mut self) {
        let psm = self.state.borrow().power.psm_requested.map(Into::into);
        let remembered = self.memory.change(|kept| {
            kept.held.get_or_insert(Held { psm });
        });
        if let Err(error) = remembered {
            warn!("{}: {error}", self.id);
        }
    }

    /// Tells those who wait for what left the queue: `answer`, or how it ended.
    fn leave(&mut self, left: impl IntoIterator<Item = Left<Pending>>, answer: Option<&Answer>) {
        for Left { item, work, outcome, reason } in left {
            let answer = answer.cloned().unwrap_or_else(|| {
                let kind = match outcome {
                    Outcome::Cancelled => ErrorKind::Cancelled,
                    Outcome::Delivered | Outcome::Expired | Outcome::Failed => ErrorKind::TimedOut,
                };
                Err(self.error(kind, format!("{}: {}", item.task.name(), reason.as_deref().unwrap_or("done"))))
            });
            if work.submitted {
                self.ledger.remember(item.id, answer.clone());
            }
            work.answer(&answer);
            self.note(item.id, item.task, outcome, reason);
        }
    }

    fn note(&mut self, id: u64, task: queue::Task, outcome: Outcome, reason: Option<String>) {
        let why = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        info!("{}: request {id}, {}, {}{why}", self.id, task.name(), outcome.name());
        self.ledger.note(Ended { id, task, outcome, reason, at: self.clock.now() });
    }

    fn under_way(&self) -> impl Iterator<Item = Waiting> {
        let entries = match &self.busy {
            Some(Busy::Delivery(delivery, _)) => delivery.entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|entry| entry.item)
    }

    /// Shows and keeps what there is.
    fn publish(&mut self) {
        let mut waiting: Vec<_> = self.under_way().chain(self.queue.entries().map(|entry| entry.item)).collect();
        waiting.sort_by_key(|item| item.id);
        let (ended, holds) = (self.ledger.ended(), self.holds.shown());
        let queue = queue::Queue { waiting, ended };
        self.state.send_if_modified(|state| {
            let changed = state.queue != queue || state.holds != holds;
            (state.queue, state.holds) = (queue, holds);
            changed
        });
        if let Err(error) = self.keep() {
            warn!("{}: requests are not kept: {error}", self.id);
        }
    }

    /// What is under way is kept only where doing it twice does no harm.
    fn keep(&self) -> Result<(), String> {
        let busy = match &self.busy {
            Some(Busy::Delivery(delivery, _)) if delivery.task.is_repeatable() => delivery.entries.as_slice(),
            _ => &[],
        };
        let entries = busy.iter().chain(self.queue.entries()).filter(|entry| entry.item.keep);
        let mut queue: Vec<_> =
            entries.filter_map(|entry| KeptRequest::new(&entry.item, &entry.work.request)).collect();
        queue.sort_by_key(|request| request.id);
        self.memory.change(|kept| kept.queue = queue)
    }

    fn is_asleep(&self) -> bool {
        self.state.borrow().reachability.is_asleep()
    }

    fn reason(&self) -> String {
        let state = self.state.borrow();
        state.reason().unwrap_or_else(|| format!("the modem is {}", state.lifecycle.name()))
    }

    fn error(&self, kind: ErrorKind, message: String) -> RequestError {
        RequestError { kind, modem: self.id.clone(), message }
    }
}

/// One request that does for all of a delivery.
fn merged(delivery: &Delivery<Pending>) -> Option<Request> {
    let requests = delivery.entries.iter().map(|entry| entry.work.request.clone());
    requests.reduce(|earlier, later| match (earlier, later) {
        (Request::SetPower(mut power), Request::SetPower(later)) => {
            merge_power(&mut power, later);
            Request::SetPower(power)
        }
        (Request::Connect(mut wanted), Request::Connect(later)) => {
            absorb_connect(&mut wanted, later);
            Request::Connect(wanted)
        }
        (_, later) => later,
    })
}

impl Pending {
    const fn submitted(request: Request) -> Self {
        Self { request, callers: Vec::new(), submitted: true }
    }

    /// Whether nobody waits for it any more.
    fn is_abandoned(&mut self, cx: &mut Context<'_>) -> bool {
        self.callers.retain_mut(|caller| caller.poll_closed(cx).is_pending());
        !self.submitted && self.callers.is_empty()
    }

    fn answer(self, answer: &Answer) {
        for caller in self.callers {
            // Whoever does not wait any more has no use for the answer.
            let _ = caller.send(answer.clone());
        }
    }
}
