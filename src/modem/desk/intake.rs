//! What is asked for comes in: done at once, entered, answered with what is known, or refused.

use super::{Access, Busy, Desk, Errand, Pending, ReplyTo};
use crate::modem::handle::{Answer, ErrorKind, Job, Order, Reply, Request, RequestError, When};
use crate::modem::memory::may_keep;
use crate::policy::queue::Terms;
use crate::state::Lifecycle;
use crate::state::queue::Outcome;

impl Desk {
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
            Job::DataPath(blocked) => {
                self.show_data_path(blocked);
                None
            }
            Job::Release(id, back) => {
                let released = self.holds.release(id);
                let unknown = || self.error(ErrorKind::WrongState, no_such("hold", id));
                let _ = back.send(if released { Ok(()) } else { Err(unknown()) });
                None
            }
            // The actor's own.
            Job::Share(_) | Job::Stop => None,
        };
        self.publish();
        done
    }

    /// Registered, addressed, and no packet comes back: a state of its own.
    fn show_data_path(&self, blocked: Option<String>) {
        let now = self.clock.now();
        self.state.send_if_modified(|state| {
            let next = blocked.map_or(Lifecycle::Connected, Lifecycle::NoDataPath);
            let news = state.lifecycle.has_context() && state.lifecycle != next;
            if news {
                if state.lifecycle.name() != next.name() {
                    state.since = now;
                }
                state.lifecycle = next;
            }
            news
        });
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
                // Where there is no room, the caller has heard of it.
                let _ = self.enter(work, when, keep);
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
            self.ledger.remember(id, Ok(answer));
            return Ok(id);
        }
        let id = self.enter(Pending::submitted(order.request), order.when, order.keep)?;
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
        match (asleep && *when == When::Wake).then(|| access.obstacle()).flatten() {
            Some(obstacle) => {
                let message = format!(
                    "the modem is asleep: {obstacle}; with --when wait (`when` on D-Bus) it is done when the modem wakes"
                );
                Err(self.error(ErrorKind::WrongState, message))
            }
            None => Ok(()),
        }
    }

    fn enter(&mut self, work: Pending, when: When, keep: bool) -> Result<u64, RequestError> {
        let now = self.clock.now();
        let deadline = if let When::Within(span) = when { Some(now.after(span)) } else { None };
        let terms = Terms { wake: when == When::Wake, deadline, keep };
        let task = work.request.task();
        self.queue.enter(task, terms, work, now).map_err(|(full, work)| {
            let error = self.error(ErrorKind::WrongState, full.to_string());
            work.answer(&Err(error.clone()));
            error
        })
    }

    fn cached(&self) -> Answer {
        let read_at = self.state.borrow().signal.map(|signal| signal.read_at);
        read_at.map(Reply::Cached).ok_or_else(|| {
            let message = "the modem is asleep and its signal was not read yet; ask with --when wait (`when` on D-Bus), and it is read when it wakes";
            self.error(ErrorKind::WrongState, message.into())
        })
    }

    /// Lets `reply` have what became of a request: now, or when it ends.
    fn tell(&mut self, id: u64, reply: ReplyTo) {
        if let Some(answer) = self.ledger.answer(id) {
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
}

fn no_such(what: &str, id: u64) -> String {
    format!("there is no {what} {id}; `lpwa queue list` shows what there is")
}
