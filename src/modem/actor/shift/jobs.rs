//! What people and programs ask for.

use futures_util::future::BoxFuture;

use super::{Caller, Doing, Shift, Wish, WorkEnd};
use crate::modem::actor::{Goal, Shared, Start};
use crate::modem::definition::ProcedureName;
use crate::modem::desk::{Access, Errand, ReplyTo};
use crate::modem::handle::{ErrorKind, Job, LinkSetup, Reply, Request, RequestError};
use crate::modem::procedure::{Aids, context};
use crate::modem::requests;
use crate::modem::wake::Waking;
use crate::policy::governor::{Act, Asker, Change, Event};
use crate::state::Lifecycle;

impl Shift<'_> {
    /// Whether work that waited can be done now: the modem answers, and nothing is made of it at present.
    pub(super) fn is_window(&self) -> bool {
        let reachability = self.actor.state.borrow().reachability;
        let woken =
            reachability.is_asleep() && self.actor.desk.wants_waking() && self.actor.waking() == Waking::Command;
        (reachability.answers() || woken) && self.doing != Doing::Pursuing
    }

    /// Wakes the modem by its line, where somebody wants it awake.
    pub(super) fn wake(&mut self) {
        if self.doing == Doing::Pursuing {
            return;
        }
        if let Some(pulse) = self.actor.due_pulse() {
            (self.doing, self.start) = (Doing::Pursuing, Start::Resume);
            self.work =
                Box::pin(async move { pulse.await.map_or_else(WorkEnd::NotWoken, |()| WorkEnd::GoOn(Start::Resume)) });
        }
    }

    pub(super) fn take_job(&mut self, job: Job) {
        let job = match job {
            Job::Share(shared) => return self.take_shared(shared),
            job => job,
        };
        let access = Access { port: true, waking: self.actor.waking() };
        if let Some((errand, reply)) = self.actor.desk.take(job, access) {
            self.run_errand(errand, reply);
        }
    }

    /// Other policies: what differs from them is set anew, at once unless the modem sleeps.
    fn take_shared(&mut self, shared: Shared) {
        self.actor.take_shared(shared);
        let lifecycle = self.actor.state.borrow().lifecycle.clone();
        let set = !matches!(lifecycle, Lifecycle::Absent | Lifecycle::Probing | Lifecycle::Failed(_) | Lifecycle::Off);
        if self.actor.asleep() || self.actor.goal == Goal::Off {
            return;
        }
        self.pursue(if set { Start::Settings } else { Start::Fresh });
    }

    pub(super) fn run_errand(&mut self, errand: Errand, reply: ReplyTo) {
        let driver = self.driver.clone();
        let on = match errand {
            Errand::Request(request) => return self.take_request(request, reply),
            Errand::KeepAwake(on) => on,
        };
        let recipe = if on { ProcedureName::StayAwake } else { ProcedureName::MaySleep };
        let definition = driver.definition();
        let work = match definition.procedures.get(&recipe) {
            Some(recipe) => requests::keep_awake(driver.clone(), recipe.steps.clone(), reply),
            None => requests::set_power(driver.clone(), self.actor.power(&definition), None, reply),
        };
        let last_word = !on && self.actor.parts.settings.release;
        self.beside.push(if last_word { requests::then_no_more_data(driver, work) } else { work });
    }

    fn take_request(&mut self, request: Request, reply: ReplyTo) {
        // Withdrawn while the modem slept.
        if reply.is_closed() {
            return;
        }
        let (request, asker) = match request {
            Request::Unasked(request) => (*request, Asker::Itself),
            request => (request, Asker::Person),
        };
        self.asked_by(asker, &request);
        let autoconnect = self.actor.parts.settings.autoconnect;
        match request {
            Request::Enable => self.aim(if autoconnect { Goal::Connected } else { Goal::Registered }, reply),
            Request::Disable => self.aim(Goal::Off, reply),
            Request::Connect(wanted) => {
                requests::merge_connect(&mut self.actor.parts.settings, wanted);
                self.aim(Goal::Connected, reply);
            }
            Request::Disconnect => self.take_down(reply),
            Request::Reset => {
                if let Some(reply) = self.leave(Act::Reset, asker, "restarted", reply) {
                    let caller = Caller { reply, wish: Wish::Restart };
                    self.after(caller, requests::reset(self.driver.clone()));
                }
            }
            Request::Reattach => {
                if let Some(reply) = self.leave(Act::Attach, asker, "attached anew", reply) {
                    self.after(Caller { reply, wish: Wish::Goal }, requests::reattach(self.driver.clone()));
                }
            }
            Request::SwitchSlot(slot) => self.switch_slot(slot, reply),
            Request::Adopt(setup) => self.adopt(*setup, asker, reply),
            // One inside another is nobody's wish.
            Request::Unasked(_) => {}
            Request::EnterPin(pin) => {
                let pins = self.actor.parts.shared.pins.clone();
                self.after(Caller { reply, wish: Wish::Goal }, requests::enter_pin(self.driver.clone(), pins, pin));
            }
            Request::EnterPuk(puk, pin) => {
                let pins = self.actor.parts.shared.pins.clone();
                self.after(
                    Caller { reply, wish: Wish::Goal },
                    requests::enter_puk(self.driver.clone(), pins, puk, pin),
                );
            }
            Request::SetPower(power) => {
                requests::merge_power(&mut self.actor.parts.settings.power_by_person, power);
                let definition = self.driver.definition();
                let aids = power.is_of_registration().then(|| Aids { asker, ..self.actor.aids(&definition) });
                let wanted = self.actor.power(&definition);
                self.beside.push(requests::set_power(self.driver.clone(), wanted, aids, reply));
            }
            Request::ReadSignal => self.beside.push(requests::read_signal(self.driver.clone(), reply)),
            Request::Scan if self.actor.state.borrow().lifecycle == Lifecycle::Off => {
                let id = &self.actor.parts.settings.id;
                let message = format!("the radio is off, and a search needs it; `lpwa enable {id}` switches it on");
                drop(reply.send(Err(self.actor.error(ErrorKind::WrongState, message))));
            }
            Request::Scan => self.beside.push(requests::scan(self.driver.clone(), reply)),
            Request::At(line, time_out) => self.beside.push(requests::at(self.driver.clone(), line, time_out, reply)),
        }
    }

    /// A person wants another slot. Where an uplink chooses it, that has the say.
    fn switch_slot(&mut self, slot: u8, reply: ReplyTo) {
        if self.actor.parts.settings.link.as_ref().is_some_and(|link| link.slot.is_some()) {
            let message = "an uplink chooses the SIM slot of this modem; `lpwa uplink show` has its links, and `lpwa uplink use` prefers one";
            return drop(reply.send(Err(self.actor.error(ErrorKind::WrongState, message.into()))));
        }
        // Neither the network nor the budget of changes is touched for nothing.
        if let Some(refused) = requests::refused_slot(&self.driver, slot) {
            return drop(reply.send(Err(refused)));
        }
        let Some(reply) = self.leave(Act::Switch, Asker::Person, "put on another SIM slot", reply) else { return };
        self.actor.gate.step(Event::SlotWorks(slot));
        // The attach with that card is a person's as well.
        self.actor.asker = Asker::Person;
        self.waiting.extend(self.asked.replace(Caller { reply, wish: Wish::Slot }));
        (self.doing, self.start) = (Doing::Pursuing, Start::Fresh);
        let (driver, settings) = (self.driver.clone(), self.actor.parts.settings.clone());
        self.work = Box::pin(async move {
            let switched = requests::switch_slot(driver, settings, slot).await;
            switched.map_or_else(WorkEnd::Refused, |()| WorkEnd::Switched(slot))
        });
    }

    /// Takes over what a link of an uplink needs; the caller hears at once whether that may be done.
    fn adopt(&mut self, setup: LinkSetup, asker: Asker, reply: ReplyTo) {
        let settings = &self.actor.parts.settings;
        if settings.link.as_ref() == Some(&setup) {
            return drop(reply.send(Ok(Reply::Done)));
        }
        let used = self.actor.state.borrow().sim.slot();
        let reply = match setup.slot {
            Some(slot) if used != Some(slot) => self.leave(Act::Switch, asker, "put on another SIM slot", reply),
            _ => Some(reply),
        };
        let Some(reply) = reply else { return };
        self.actor.parts.settings.link = Some(setup);
        self.actor.asker = asker;
        let _ = reply.send(Ok(Reply::Done));
        self.pursue(self.start_anew());
    }

    /// From where a goal is pursued when something else is wanted than before.
    pub(super) fn start_anew(&self) -> Start {
        match self.actor.state.borrow().lifecycle {
            Lifecycle::Absent | Lifecycle::Probing | Lifecycle::Failed(_) => Start::Fresh,
            _ => Start::Settings,
        }
    }

    /// Asks the governor; where it says no, the caller hears why and until when.
    fn leave(&mut self, act: Act, asker: Asker, what: &str, reply: ReplyTo) -> Option<ReplyTo> {
        let Err(wait) = self.actor.gate.ask(act, asker, "") else { return Some(reply) };
        let message = format!("the modem is not {what}: {}", self.actor.gate.show(&wait));
        let _ = reply.send(Err(self.actor.error(ErrorKind::WrongState, message)));
        None
    }

    /// Who wants what comes next. A person may have changed something that nobody else sees.
    fn asked_by(&mut self, asker: Asker, request: &Request) {
        if !matches!(request, Request::Enable | Request::Connect(_) | Request::Reset) {
            return;
        }
        self.actor.asker = asker;
        if asker == Asker::Person {
            self.actor.gate.changed(Change::Person);
        }
    }

    /// Takes data down. A bring-up under way then begins again, with less to reach: no modem is left half set.
    fn take_down(&mut self, reply: ReplyTo) {
        self.actor.goal = Goal::Registered;
        let (down, start) =
            (requests::disconnect(self.driver.clone(), self.actor.parts.settings.clone(), reply), self.start);
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
        let settings = &self.actor.parts.settings;
        // The line takes no commands, and nothing is left to be commanded.
        if goal == Goal::Connected
            && settings.dial
            && context::carries_data(&self.driver, self.driver.context(settings))
        {
            return drop(reply.send(Ok(Reply::Done)));
        }
        self.actor.goal = goal;
        self.waiting.push(Caller { reply, wish: Wish::Goal });
        self.pursue(self.start_anew());
    }

    /// Runs `step`, then starts over; the caller hears of the goal if the step went well.
    fn after(&mut self, caller: Caller, step: BoxFuture<'static, Result<(), RequestError>>) {
        self.waiting.extend(self.asked.replace(caller));
        (self.doing, self.start) = (Doing::Pursuing, Start::Fresh);
        let (driver, settings) = (self.driver.clone(), self.actor.parts.settings.clone());
        self.work = Box::pin(async move {
            context::free_line(&driver, &settings).await;
            step.await.map_or_else(WorkEnd::Refused, |()| WorkEnd::GoOn(Start::Fresh))
        });
    }
}
