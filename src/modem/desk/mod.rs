//! The desk of a modem: it takes what is asked for, keeps what has to wait for the modem to wake, hands it on in order,
//! and tells everybody what became of it.
//!
//! The actor hands jobs in and carries errands out; it owns the desk beyond the life of a port, since a modem whose
//! port vanishes while it sleeps comes back.

mod holds;

use std::collections::VecDeque;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::{oneshot, watch};
use tokio::time::sleep;
use tracing::{info, warn};

use super::clock::Clock;
use super::handle::{Answer, ErrorKind, Job, Order, PowerRequest, Reply, Request, RequestError, When};
use super::memory::{Held, KeptRequest, Memory, may_keep};
use super::requests::{absorb_connect, merge_power};
use crate::policy::queue::{Delivery, Left, Queue, Terms};
use crate::state::ModemState;
use crate::state::queue::{self, Ended, Outcome, Waiting};
use holds::Holds;

/// Requests that ended and are shown still.
const ENDED: usize = 16;
/// Answers that are remembered for those who ask later.
const ANSWERS: usize = 32;

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
    /// It can be woken from here.
    pub wakes: bool,
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
    ended: VecDeque<Ended>,
    answers: VecDeque<(u64, Answer)>,
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
            ended: VecDeque::new(),
            answers: VecDeque::new(),
        };
        desk.publish();
        desk
    }

    /// Takes a job in. What can be done at once comes back.
    pub fn take(&mut self, job: Job, access: Access) -> Option<(Errand, ReplyTo)> {
        let done = match job {
            Job::Do(request, when, reply) => self.take_request(Order { request, when, keep: false }, reply, access),
            Job::Submit(order, back) => {
                let _ = back.send(self.submit(order, access));
                None
            }
            Job::Await(id, reply) => {
                self.tell(id, reply);
                None
            }
            Job::Cancel(id, back) => {
                let _ = back.send(self.cancel(id));
                None
            }
            Job::Hold(reason, end, back) => {
                self.holds.add(&mut self.queue, reason, self.clock.now(), (end, back), &self.id);
                None
            }
            Job::Release(id, back) => {
                let released = self.holds.release(id);
                let unknown = || self.error(ErrorKind::WrongState, no_such("hold", id));
                let _ = back.send(if released { Ok(()) } else { Err(unknown()) });
                None
            }
        };
        self.publish();
        done
    }

    fn take_request(&mut self, order: Order, reply: ReplyTo, access: Access) -> Option<(Errand, ReplyTo)> {
        let answer = match self.admit(&order, access) {
            Err(error) => Err(error),
            Ok(()) if order.when == When::Cached && self.is_asleep() => self.cached(),
            // Nothing waits before it.
            Ok(()) if self.queue.is_empty() && !self.is_asleep() => {
                return Some((Errand::Request(order.request), reply));
            }
            Ok(()) => {
                let (when, keep) = (order.when, order.keep);
                let work = Pending { request: order.request, callers: vec![reply], submitted: false };
                if let Err(refused) = self.enter(work, when, keep) {
                    let (error, work) = *refused;
                    work.answer(&Err(error));
                }
                return None;
            }
        };
        // Whoever does not wait any more has no use for the answer.
        let _ = reply.send(answer);
        None
    }

    fn submit(&mut self, order: Order, access: Access) -> Result<u64, RequestError> {
        self.admit(&order, access)?;
        if order.when == When::Cached && self.is_asleep() {
            let (id, answer) = (self.queue.number(), self.cached()?);
            self.note(id, order.request.task(), Outcome::Delivered, None);
            self.remember(id, Ok(answer));
            return Ok(id);
        }
        let id = self.enter(Pending::submitted(order.request), order.when, order.keep).map_err(|refused| refused.0)?;
        if order.keep
            && let Err(reason) = self.keep()
        {
            let left = self.queue.cancel(id);
            self.leave(left, None);
            return Err(self.error(ErrorKind::WrongState, format!("the request cannot be kept: {reason}")));
        }
        Ok(id)
    }

    /// Whether there is any sense in taking it.
    fn admit(&self, order: &Order, access: Access) -> Result<(), RequestError> {
        let Order { request, when, keep } = order;
        let asleep = self.is_asleep();
        if *when == When::Cached && !matches!(request, Request::ReadSignal) {
            let name = request.task().name();
            let message = format!("{name} has no cached value; only the signal has. Wait for the modem, or wake it");
            return Err(self.error(ErrorKind::InvalidArgument, message));
        }
        if *keep && !may_keep(request) {
            let message = "a request with a code, a password or a user name is not kept over a restart; leave keep out";
            return Err(self.error(ErrorKind::InvalidArgument, message.into()));
        }
        if !asleep && !access.port && !keep {
            return Err(self.error(ErrorKind::Gone, self.reason()));
        }
        if asleep && *when == When::Wake && !access.wakes {
            let message =
                "the modem is asleep and nothing here can wake it; `--when wait` waits until it wakes by itself";
            return Err(self.error(ErrorKind::WrongState, message.into()));
        }
        Ok(())
    }

    fn enter(&mut self, work: Pending, when: When, keep: bool) -> Result<u64, Box<(RequestError, Pending)>> {
        let now = self.clock.now();
        let deadline = if let When::Within(span) = when { Some(now.after(span)) } else { None };
        let terms = Terms { wake: when == When::Wake, deadline, keep };
        let task = work.request.task();
        let entered = self.queue.enter(task, terms, work, now);
        entered.map_err(|(full, work)| Box::new((self.error(ErrorKind::WrongState, full.to_string()), work)))
    }

    fn cached(&self) -> Answer {
        let read_at = self.state.borrow().signal.map(|signal| signal.read_at);
        read_at.map(Reply::Cached).ok_or_else(|| {
            let message = "the modem is asleep and its signal was not read yet; `--when wait` reads it when it wakes";
            self.error(ErrorKind::WrongState, message.into())
        })
    }

    /// Lets `reply` have what became of a request: now, or when it ends.
    fn tell(&mut self, id: u64, reply: ReplyTo) {
        if let Some((_, answer)) = self.answers.iter().find(|(known, _)| *known == id) {
            let _ = reply.send(answer.clone());
            return;
        }
        let busy = match &mut self.busy {
            Some(Busy::Delivery(delivery, _)) => delivery.entries.iter_mut().find(|entry| entry.item.id == id),
            _ => None,
        };
        match busy.map(|entry| &mut entry.work).or_else(|| self.queue.get_mut(id)) {
            Some(work) => work.callers.push(reply),
            None => drop(reply.send(Err(self.error(ErrorKind::WrongState, no_such("request", id))))),
        }
    }

    fn cancel(&mut self, id: u64) -> Result<(), RequestError> {
        if let Some(left) = self.queue.cancel(id) {
            self.leave([left], None);
            return Ok(());
        }
        let message = match self.under_way().any(|item| item.id == id) {
            true => format!("request {id} is being carried out; it is too late to take it back"),
            false => no_such("request", id),
        };
        Err(self.error(ErrorKind::WrongState, message))
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

    /// What power saving to ask for: as configured, but no PSM while it is what the modem is kept awake from.
    pub fn power(&self, configured: PowerRequest, by_psm: bool) -> PowerRequest {
        if self.holds.is_engaged() && by_psm {
            return PowerRequest { psm: Some(None), ..configured };
        }
        let before = self.memory.kept().held.map(|held| held.psm.map(Into::into));
        PowerRequest { psm: configured.psm.or(before), ..configured }
    }

    /// Waits until there is something to do: an errand ended, a deadline passed, somebody left.
    pub async fn attend(&mut self) {
        let wait = self.queue.next_deadline().map(|deadline| deadline.since(self.clock.now()));
        let mut over = pin!(async move {
            match wait {
                Some(wait) => sleep(wait).await,
                None => pending().await,
            }
        });
        poll_fn(|cx| {
            let news = [self.poll_errand(cx), self.poll_callers(cx), self.holds.poll(cx), over.as_mut().poll(cx)];
            if news.iter().any(Poll::is_ready) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let left = self.queue.expire(self.clock.now());
        self.leave(left, None);
        self.publish();
    }

    fn poll_errand(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(Busy::Delivery(_, answer) | Busy::KeepAwake(_, answer)) = &mut self.busy else { return Poll::Pending };
        match Pin::new(answer).poll(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(answer)) => self.finish(answer),
            // Whoever did it is gone, and the port with it.
            Poll::Ready(Err(_)) => self.interrupt(),
        }
        Poll::Ready(())
    }

    fn poll_callers(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut gone = self.queue.withdraw(|work| work.is_abandoned(cx));
        self.busy = match self.busy.take() {
            Some(Busy::Delivery(mut delivery, answer)) => {
                // Every one is asked, also after the first that is not: asking is what wakes us when it changes.
                let held =
                    delivery.entries.iter_mut().map(|entry| entry.work.is_abandoned(cx)).filter(|gone| !gone).count();
                if held == 0 {
                    gone.extend(delivery.abandon());
                    None
                } else {
                    Some(Busy::Delivery(delivery, answer))
                }
            }
            other => other,
        };
        if gone.is_empty() {
            return Poll::Pending;
        }
        self.leave(gone, None);
        Poll::Ready(())
    }

    /// The modem sleeps: what is under way goes on in the next window, unless the modem was to be woken for it.
    pub fn settle(&mut self) {
        if !self.is_asleep() {
            return;
        }
        self.holds.try_again();
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
        self.holds.restarted();
    }

    /// The modem is not there, and not because it sleeps.
    pub fn absent(&mut self) {
        self.interrupt();
        let error = self.error(ErrorKind::Gone, self.reason());
        let left = self.queue.fail(&error.message);
        self.leave(left, Some(&Err(error)));
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
                self.remember(item.id, answer.clone());
            }
            work.answer(&answer);
            self.note(item.id, item.task, outcome, reason);
        }
    }

    fn note(&mut self, id: u64, task: queue::Task, outcome: Outcome, reason: Option<String>) {
        let why = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        info!("{}: request {id}, {}, {}{why}", self.id, task.name(), outcome.name());
        self.ended.push_back(Ended { id, task, outcome, reason, at: self.clock.now() });
        while self.ended.len() > ENDED {
            self.ended.pop_front();
        }
    }

    fn remember(&mut self, id: u64, answer: Answer) {
        self.answers.push_back((id, answer));
        while self.answers.len() > ANSWERS {
            self.answers.pop_front();
        }
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
        let (ended, holds) = (self.ended.iter().cloned().collect(), self.holds.shown());
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

fn no_such(what: &str, id: u64) -> String {
    format!("there is no {what} {id}; `lpwa queue` lists what there is")
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
