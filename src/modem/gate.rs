//! Where every attach, activation and restart of one modem passes: the retry governor, with its clock and its memory.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::{info, warn};

use super::clock::Clock;
use super::memory::Memory;
use crate::policy::governor::steady::{self, Anchor, Boot};
use crate::policy::governor::{Act, Asker, Change, Event, Governor, Intent, Limits, Wait};
use crate::spec::plmn::Plmn;
use crate::state::{Retry, Slot, Timestamp};

/// Between two looks for the same preferred network.
const LOOK: Duration = Duration::from_secs(86_400);

/// What a gate is made of.
pub struct Parts {
    /// The modem's id.
    pub id: String,
    /// How often what may be done.
    pub limits: Limits,
    /// What is kept over restarts.
    pub memory: Memory,
    /// Names points in time for people.
    pub clock: Clock,
    /// The kernel's boot, where it is known.
    pub boot: Option<Boot>,
    /// Makes the waits of devices differ.
    pub seed: u64,
}

/// The governor of one modem. Clones share it.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    id: String,
    governor: Mutex<Governor>,
    memory: Memory,
    clock: Clock,
    boot: Option<Boot>,
    /// Steady time when the gate was made, and when that was.
    base: Timestamp,
    made: Instant,
}

impl Gate {
    /// Goes on from what is kept in memory.
    pub fn new(parts: Parts) -> Self {
        let Parts { id, limits, memory, clock, boot, seed } = parts;
        let kept = memory.kept();
        let base = steady::resume(kept.anchor.as_ref(), clock.now(), boot.as_ref());
        let governor = Mutex::new(Governor::new(limits, kept.governor, seed));
        Self(Arc::new(Inner { id, governor, memory, clock, boot, base, made: Instant::now() }))
    }

    /// Steady time.
    fn now(&self) -> Timestamp {
        self.0.base.after(self.0.made.elapsed())
    }

    /// Takes what happened. What follows is on the disk when this returns; where that fails, the log says so: a gateway
    /// that cannot write does not stay offline for it.
    pub fn step(&self, event: Event<'_>) -> Intent {
        let now = self.now();
        let (intent, kept) = {
            let mut governor = self.0.governor.lock().unwrap_or_else(PoisonError::into_inner);
            let intent = governor.step(event, now);
            (intent, governor.kept().clone())
        };
        let anchor = self.anchor(now);
        let result = self.0.memory.change(|memory| {
            if memory.governor != kept {
                (memory.governor, memory.anchor) = (kept, Some(anchor));
            }
        });
        if let Err(error) = result {
            warn!("{}: budgets do not outlive a restart: {error}", self.0.id);
        }
        intent
    }

    fn anchor(&self, now: Timestamp) -> Anchor {
        let elapsed = u64::try_from(self.0.made.elapsed().as_millis()).unwrap_or(u64::MAX);
        let boot = self.0.boot.clone().map(|boot| Boot { up_ms: boot.up_ms.saturating_add(elapsed), ..boot });
        Anchor { steady: now.0, wall: self.0.clock.now().0, boot }
    }

    /// Asks for leave; it is counted where it is given.
    pub fn ask(&self, act: Act, asker: Asker, apn: &str) -> Result<(), Wait> {
        match self.step(Event::Wish(act, asker, apn)) {
            Intent::Wait(wait) | Intent::NextApn(_, wait) => {
                info!("{}: no {} yet: {wait}", self.0.id, act.name());
                Err(wait)
            }
            Intent::Go | Intent::Rest => Ok(()),
        }
    }

    /// Asks for leave to do at once what the network offers instead of what it refused; it is counted.
    pub fn ask_again(&self, act: Act) -> Result<(), Wait> {
        match self.step(Event::Again(act)) {
            Intent::Wait(wait) | Intent::NextApn(_, wait) => Err(wait),
            Intent::Go | Intent::Rest => Ok(()),
        }
    }

    /// What an attempt now, that nobody orders, would have to wait for; nothing is counted.
    pub fn obstacle(&self, act: Act) -> Option<Wait> {
        let governor = self.0.governor.lock().unwrap_or_else(PoisonError::into_inner);
        governor.obstacle(act, Asker::Itself, "", self.now())
    }

    /// The slot to use.
    pub fn choose_slot(&self, order: &[u8], slots: &[Slot]) -> Option<u8> {
        let governor = self.0.governor.lock().unwrap_or_else(PoisonError::into_inner);
        governor.choose_slot(order, slots, self.now())
    }

    /// Something became different.
    pub fn changed(&self, change: Change) {
        self.step(Event::Changed(change));
    }

    /// Whether a preferred network may be looked for: each once a day, since that costs a registration.
    pub fn may_look_for(&self, plmn: Plmn) -> bool {
        let (now, key) = (self.now(), plmn.to_string());
        let before = self.0.memory.kept().looked_for.get(&key).copied();
        if before.is_some_and(|at| now.since(Timestamp(at)) < LOOK) {
            return false;
        }
        let result = self.0.memory.change(|memory| {
            memory.looked_for.retain(|_, at| now.since(Timestamp(*at)) < LOOK);
            memory.looked_for.insert(key, now.0);
        });
        result.map_err(|error| warn!("{}: {error}", self.0.id)).is_ok()
    }

    /// The numbers are others now.
    pub fn set_limits(&self, limits: Limits) {
        self.0.governor.lock().unwrap_or_else(PoisonError::into_inner).set_limits(limits);
    }

    /// These are the APNs that may be used: others than before are a change, over restarts as well.
    pub fn meet_apns(&self, apns: &[String]) {
        let before = self.0.memory.kept().apns;
        if before.as_deref() == Some(apns) {
            return;
        }
        if before.is_some() {
            self.changed(Change::Apn);
        }
        if let Err(error) = self.0.memory.change(|memory| memory.apns = Some(apns.to_vec())) {
            warn!("{}: {error}", self.0.id);
        }
    }

    /// The card is the one that `fingerprint` stands for: another one than before is a change, over restarts as well.
    pub fn meet_card(&self, fingerprint: u64) {
        let before = self.0.memory.kept().card;
        if before == Some(fingerprint) {
            return;
        }
        if before.is_some() {
            self.changed(Change::Sim);
        }
        if let Err(error) = self.0.memory.change(|memory| memory.card = Some(fingerprint)) {
            warn!("{}: {error}", self.0.id);
        }
    }

    /// The place in `apns` of the one to use.
    pub fn choose(&self, apns: &[String]) -> usize {
        let governor = self.0.governor.lock().unwrap_or_else(PoisonError::into_inner);
        governor.choose(apns, self.now())
    }

    /// How long a wait is from now on; `None`: until something changes.
    pub fn left(&self, wait: &Wait) -> Option<Duration> {
        wait.until.map(|until| until.since(self.now()))
    }

    /// A wait as people see it, its end by the wall clock.
    pub fn show(&self, wait: &Wait) -> Retry {
        let since = self.0.clock.now();
        let until = self.left(wait).map(|left| since.after(left));
        Retry {
            act: wait.act.name(),
            since,
            until,
            reason: wait.to_string(),
            advice: wait.advice().replace("{id}", &self.0.id),
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gate").field(&self.0.id).finish()
    }
}
