//! Climbs the recovery ladder for one modem.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::journal::Journal;
use super::supply::PowerCut;
use crate::modem::clock::Clock;
use crate::modem::handle::{ConnectRequest, ModemHandle, Request, RequestError};
use crate::policy::governor::steady::Anchor;
use crate::policy::recovery::{Ailment, Event, Intent, Ladder, Past, Rules, Rung};
use crate::spec::span::Span;
use crate::state::{Lifecycle, ModemState, Reachability, Timestamp};

/// Uplinks and their modems through which nothing gets.
pub type Blocked = Arc<watch::Sender<BTreeSet<(String, String)>>>;

/// What is kept of a ladder over restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Kept {
    /// What was done.
    pub past: Past,
    /// When that was written.
    pub anchor: Anchor,
}

/// Brings it to where it lasts; the error is a sentence.
pub type Keeper = Box<dyn FnMut(&Past) -> Result<(), String> + Send + Sync>;

/// What a medic is made of.
pub struct Parts {
    /// The modem.
    pub modem: ModemHandle,
    /// What may be done for it.
    pub rules: Rules,
    /// So long a modem may be dead before something is done: it may only have been restarted.
    pub patience: Duration,
    /// How its supply is cut, where it can be.
    pub power_cut: Option<PowerCut>,
    /// `/`, but in tests.
    pub root: PathBuf,
    /// A clock that never jumps and goes on over restarts.
    pub steady: Clock,
    /// What was done in earlier lives.
    pub past: Past,
    /// Keeps what is done.
    pub keeper: Option<Keeper>,
    /// The modems through which nothing gets.
    pub blocked: watch::Receiver<BTreeSet<(String, String)>>,
    /// Where decisions are written down.
    pub journal: Journal,
    /// Seed of the jitter.
    pub seed: u64,
}

/// Cares for the modem as long as its driver runs.
pub async fn run(mut parts: Parts) {
    let mut rules = parts.rules;
    if parts.power_cut.is_none() {
        rules.dead = rules.dead.min(Rung::Reset);
        rules.no_data_path = rules.no_data_path.min(Rung::Reset);
    }
    let mut ladder = Ladder::new(rules, std::mem::take(&mut parts.past), parts.seed);
    let mut dead_since = None;
    loop {
        let now = parts.steady.now();
        let (event, due) = parts.diagnose(&mut dead_since, now);
        if let Some(intent) = ladder.step(event, now) {
            parts.keep(ladder.past());
            parts.follow(intent).await;
            continue;
        }
        let wake = [ladder.deadline(now), due].into_iter().flatten().filter(|at| *at > now).min();
        let wait = wake.map_or(Duration::from_secs(86_400), |at| at.since(now));
        tokio::select! {
            // A millisecond more: timestamps have no finer grain.
            () = sleep_until(Instant::now() + wait + Duration::from_millis(1)) => {}
            changed = parts.modem.state.changed() => if changed.is_err() { return },
            Ok(()) = parts.blocked.changed() => {}
        }
    }
}

/// Whether the modem does not answer, or is not there, and does not sleep.
fn is_dead(state: &ModemState) -> bool {
    let silent = matches!(state.reachability, Reachability::Unreachable { .. });
    let gone = matches!(state.lifecycle, Lifecycle::Absent | Lifecycle::Failed(_));
    !state.reachability.is_asleep() && (silent || gone)
}

impl Parts {
    /// How the modem is, and when time alone makes that worse.
    fn diagnose(&mut self, dead_since: &mut Option<Timestamp>, now: Timestamp) -> (Event, Option<Timestamp>) {
        let dead = is_dead(&self.modem.state.borrow_and_update());
        let blocked = self.blocked.borrow_and_update().iter().any(|(_, modem)| *modem == self.modem.id);
        if !dead {
            *dead_since = None;
            return (if blocked { Event::Ill(Ailment::NoDataPath) } else { Event::Well }, None);
        }
        let ripe = dead_since.get_or_insert(now).after(self.patience);
        if now >= ripe { (Event::Ill(Ailment::Dead), None) } else { (Event::Time, Some(ripe)) }
    }

    fn keep(&mut self, past: &Past) {
        if let Some(Err(error)) = self.keeper.as_mut().map(|keeper| keeper(past)) {
            warn!("{}: what was done for it is not kept: {error}", self.modem.id);
        }
    }

    async fn follow(&self, intent: Intent) {
        let id = &self.modem.id;
        let (rung, why) = match intent {
            Intent::Rest(_, why) => return self.journal.note(id, why),
            Intent::Climb(rung, why) => (rung, why),
        };
        self.journal.note(id, format!("{why} ({})", rung.name()));
        let start = Instant::now();
        match self.climb(rung, &why).await {
            Ok(()) => {}
            Err(error) => {
                let span = Span(Duration::from_secs(start.elapsed().as_secs()));
                self.journal.note(id, format!("{} failed after {span}: {error}", rung.name()));
            }
        }
    }

    async fn climb(&self, rung: Rung, why: &str) -> Result<(), String> {
        let connected = !self.modem.state.borrow().bearers.is_empty();
        let back = || if connected { Request::Connect(ConnectRequest::default()) } else { Request::Enable };
        let steps = match rung {
            Rung::Requery => vec![back()],
            Rung::Reactivate => vec![Request::Disconnect, back()],
            Rung::Reattach => vec![Request::Reattach],
            Rung::Radio => vec![Request::Disable, back()],
            Rung::Reset => vec![Request::Reset],
            Rung::PowerCycle => vec![],
        };
        for step in steps {
            // Nobody ordered it: the retry governor may say no.
            self.modem
                .request(Request::Unasked(Box::new(step)))
                .await
                .map_err(|RequestError { message, .. }| message)?;
        }
        match (&self.power_cut, rung) {
            (Some(cut), Rung::PowerCycle) => cut.cut(&self.root, &self.modem.id, why).await,
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
