//! What the modem tells, and what follows from it.

use tokio::time::Instant;
use tracing::warn;

use super::{Doing, Shift, WorkEnd};
use crate::modem::actor::{Goal, Start, whole};
use crate::modem::channel::ChannelEvent;
use crate::modem::notice::{self, Meaning, Notice};
use crate::modem::procedure::{Again, Retry, Stop, context, power};
use crate::policy::governor::{Event, Intent};
use crate::policy::reach::Evidence;
use crate::spec::span::Span;
use crate::state::{Lifecycle, ModemState, Reachability, SimState};

impl Shift<'_> {
    pub(super) fn take_event(&mut self, event: ChannelEvent) {
        if matches!(event, ChannelEvent::Answered | ChannelEvent::Silent) {
            let now = self.actor.parts.clock.now();
            self.actor.recent.enter(|history| history.commanded(now));
        }
        match event {
            ChannelEvent::Notice(notice) => self.take_notice(&notice),
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
        let slept = self.actor.reach.slept() || self.is_just_awake();
        self.actor.note(Evidence::Heard);
        if slept {
            return self.take_up();
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

    /// The modem is back from its sleep.
    fn take_up(&mut self) {
        self.woke = Some(Instant::now());
        self.pursue(Start::Resume);
    }

    /// A boot banner may come after other notices, or after the port of a USB modem.
    fn is_just_awake(&self) -> bool {
        self.woke.is_some_and(|woke| woke.elapsed() < self.driver.definition().timing.boot)
    }

    fn take_notice(&mut self, notice: &Notice) {
        let definition = self.driver.definition();
        let mut meaning = Meaning::Noted;
        let before = self.driver.change(|state, now| meaning = notice::enter(state, &definition, notice, now));
        let slept = before.reachability.is_asleep() || self.actor.reach.slept();
        self.actor.note(match meaning {
            Meaning::Asleep(length) => Evidence::SleepEntered(length),
            Meaning::Rrc(connected) => Evidence::Rrc(connected),
            _ => Evidence::Heard,
        });
        self.tells_edrx |= notice.tells_edrx();
        if !self.tells_edrx && power::moved(&before, &self.actor.state.borrow()) {
            let driver = self.driver.clone();
            self.beside.push(Box::pin(async move { power::read_back(&driver).await }));
        }
        if slept && !self.actor.asleep() && before.identity.imei.is_none() {
            // It slept while the daemon was restarted: now it can be asked who it is.
            return self.pursue(Start::Fresh);
        }
        if slept && !self.actor.asleep() && definition.sleep.reboots {
            // Not every model has a boot banner.
            return self.take_up();
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
    pub(super) fn take_time(&mut self) {
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
        self.fail_waiting(false);
        let wait = self.actor.look_backoff.next_wait();
        self.pursue_after(wait, Start::Settings);
    }

    /// The machine can use a bearer no longer, as when pppd ended: it is brought up anew.
    pub(super) fn data_ended(&mut self, context: u8, reason: &str) {
        warn!("{}: context {context}: {reason}", self.actor.parts.settings.id);
        context::mark_down(&self.driver, &[context]);
        if self.doing == Doing::Pursuing {
            return;
        }
        let retry = if self.actor.goal == Goal::Connected { Retry::Port } else { Retry::OnChange };
        let lifecycle = self.driver.snapshot().lifecycle;
        self.stopped(Stop { lifecycle, trouble: Some(reason.to_owned()), retry });
    }

    /// A context is said to be down: looked at once, then brought up again, at once if it had held for long.
    fn context_lost(&mut self) {
        if self.doing == Doing::Pursuing {
            return;
        }
        let (driver, wanted) = (self.driver.clone(), self.actor.goal == Goal::Connected);
        let gate = self.actor.gate.clone();
        self.doing = Doing::Pursuing;
        self.work = Box::pin(async move {
            match context::find_lost(&driver).await {
                Ok(lost) if lost.is_empty() => return WorkEnd::Settled,
                Ok(lost) => context::mark_down(&driver, &lost),
                Err(stop) => return WorkEnd::Stopped(stop),
            }
            let retry = match gate.step(Event::Lost) {
                _ if !wanted => Retry::OnChange,
                Intent::Wait(wait) => Retry::Held(wait, Again::Network),
                _ => return WorkEnd::GoOn(Start::Network),
            };
            WorkEnd::Stopped(Stop { lifecycle: driver.snapshot().lifecycle, trouble: None, retry })
        });
    }
}

/// Whether the card being ready is what it waits for.
fn waits_for_sim(state: &ModemState) -> bool {
    let failed = state.sim.state.is_some_and(|sim| sim.value == SimState::Failure);
    matches!(state.lifecycle, Lifecycle::NoSim | Lifecycle::Locked(_)) || failed
}
