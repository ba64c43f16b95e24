//! Counts what every link carries, by SIM and APN, and keeps it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use tracing::warn;

use super::kernel::{Kernel, Seen};
use crate::modem::clock::Clock;
use crate::net::links::Up;
use crate::policy::health::Octets;
use crate::policy::usage::{Accounts, Counter, Ledger, Plan};
use crate::state::uplink::{Allowance, Usage};

/// Between two readings of links that nobody else looks at.
const LOOK: Duration = Duration::from_secs(60);

/// Brings accounts to where they last; the error is a sentence.
pub type Keeper = Box<dyn FnMut(&Accounts) -> Result<(), String> + Send>;

/// Whose data it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payer {
    /// Names the account: card and APN, or an interface.
    pub account: String,
    /// What its plan allows.
    pub plan: Plan,
}

/// Tells who pays for a link of a modem; `None`: the card is not known yet.
pub type Payers = Arc<dyn Fn(&str, u8) -> Option<Payer> + Send + Sync>;

/// All accounts. Clones share them.
#[derive(Clone)]
pub struct Meter(Arc<Mutex<Inner>>);

struct Inner {
    clock: Clock,
    accounts: Accounts,
    counters: BTreeMap<u32, Counter>,
    /// How the account of each was judged last.
    judged: BTreeMap<String, Allowance>,
    plans: BTreeMap<String, Plan>,
    ledger: Ledger,
    keeper: Option<Keeper>,
}

/// Interfaces whose counters are remembered at most; PPP makes a new one at each dial.
const MOST_COUNTERS: usize = 64;

impl Meter {
    /// Goes on from `accounts`; what changes goes to the `keeper`.
    pub fn new(clock: Clock, accounts: Accounts, keeper: Option<Keeper>) -> Self {
        let mut ledger = Ledger::default();
        ledger.saved(clock.now());
        let (counters, judged, plans) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(Inner { clock, accounts, counters, judged, plans, ledger, keeper })))
    }

    /// Counts what an interface carried since the last time; the usage of its payer's cycle comes back.
    pub fn count(&self, payer: &Payer, seen: &Seen) -> Usage {
        let mut inner = self.lock();
        let now = inner.clock.now();
        let carried = inner.advance(seen);
        let usage = inner.accounts.add(&payer.account, &payer.plan, carried, now);
        let before = inner.judged.insert(payer.account.clone(), usage.allowance);
        inner.plans.insert(payer.account.clone(), payer.plan);
        inner.ledger.note(carried);
        let turned = before.is_some_and(|before| before < usage.allowance);
        if inner.ledger.is_due(turned, now) {
            inner.save();
        }
        usage
    }

    /// What an account has in its cycle, which may be a new one, while nothing is carried.
    pub fn usage(&self, payer: &Payer) -> Usage {
        let mut inner = self.lock();
        let now = inner.clock.now();
        inner.accounts.add(&payer.account, &payer.plan, Octets::default(), now)
    }

    /// Every account with its usage, by name.
    pub fn accounts(&self) -> Vec<(String, Usage)> {
        let mut inner = self.lock();
        let now = inner.clock.now();
        let Inner { accounts, plans, .. } = &mut *inner;
        let names: Vec<String> = accounts.names().map(str::to_owned).collect();
        let usage = |name: String| {
            let plan = plans.get(&name).copied().unwrap_or_default();
            let usage = accounts.add(&name, &plan, Octets::default(), now);
            (name, usage)
        };
        names.into_iter().map(usage).collect()
    }

    /// Brings to the disk what is not there yet: at the end of the daemon.
    pub fn close(&self) {
        let mut inner = self.lock();
        if inner.ledger.unsaved() > 0 {
            inner.save();
        }
    }

    /// Counts the links of all modems until nobody brings any up.
    pub async fn run(self, kernel: Kernel, mut links: watch::Receiver<Up>, payers: Payers) {
        loop {
            let up = links.borrow_and_update().clone();
            for (id, plan) in &up {
                if let (Some(payer), Some(seen)) = (payers(&id.modem, id.context), kernel.look(&plan.interface).await) {
                    self.count(&payer, &seen);
                }
            }
            let waits = !up.is_empty();
            tokio::select! {
                changed = links.changed() => if changed.is_err() { return },
                () = sleep(LOOK), if waits => {}
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn advance(&mut self, seen: &Seen) -> Octets {
        if self.counters.len() >= MOST_COUNTERS && !self.counters.contains_key(&seen.index) {
            // Indices grow: the smallest is of the interface that is gone for longest.
            self.counters.pop_first();
        }
        self.counters.entry(seen.index).or_default().advance(seen.index, seen.octets)
    }

    fn save(&mut self) {
        let now = self.clock.now();
        self.ledger.saved(now);
        if let Some(Err(error)) = self.keeper.as_mut().map(|keeper| keeper(&self.accounts)) {
            warn!("the data usage is not kept: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Timestamp;

    #[tokio::test(start_paused = true)]
    async fn a_plan_begins_anew_while_nothing_is_carried() {
        let meter = Meter::new(Clock::fixed(Timestamp(1_795_350_896_789)), Accounts::default(), None);
        let payer = Payer { account: "sim1".into(), plan: Plan { limit: Some(100), warn_at: 80, ..Plan::default() } };
        let seen = |received| Seen { index: 1, carrier: true, octets: Octets { received, sent: 0 } };
        meter.count(&payer, &seen(0));
        assert_eq!(meter.count(&payer, &seen(150)).allowance, Allowance::Spent);
        tokio::time::advance(Duration::from_secs(86_400)).await;
        assert_eq!(meter.usage(&payer).allowance, Allowance::Spent);
        tokio::time::advance(Duration::from_secs(31 * 86_400)).await;
        assert_eq!((meter.usage(&payer).allowance, meter.usage(&payer).total()), (Allowance::Free, 0));
    }
}
