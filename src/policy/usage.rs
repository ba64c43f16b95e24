//! How much data a SIM has used of its plan: counted by billing cycle, whatever the counters of an interface do.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::health::Octets;
use crate::state::Timestamp;
use crate::state::uplink::{Allowance, Usage};

/// What an interface carried since the last reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counter {
    interface: Option<u32>,
    last: Octets,
}

/// Counters of 32 bits come back to zero here.
const WRAP: u64 = 1 << 32;
/// So near to the end of 32 bits a counter that is small the next time has wrapped; otherwise it was reset.
const NEAR: u64 = 1 << 30;

impl Counter {
    /// What was carried since the last reading, where the interface `index` has carried `now`. An interface that is
    /// seen for the first time gives nothing: what it carried before is not known to be of this SIM.
    pub fn advance(&mut self, index: u32, now: Octets) -> Octets {
        let known = self.interface == Some(index);
        let last = std::mem::replace(self, Self { interface: Some(index), last: now }).last;
        if !known {
            return Octets::default();
        }
        Octets { received: since(last.received, now.received), sent: since(last.sent, now.sent) }
    }
}

fn since(last: u64, now: u64) -> u64 {
    match now.checked_sub(last) {
        Some(more) => more,
        None if (WRAP - NEAR..WRAP).contains(&last) && now < NEAR => WRAP - last + now,
        // It began anew.
        None => now,
    }
}

/// When a plan begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cycle {
    /// On this day of each month, UTC; on the last one where the month is shorter.
    Monthly(u8),
    /// So many days after the last time.
    Days(u16),
}

impl Default for Cycle {
    fn default() -> Self {
        Self::Monthly(1)
    }
}

const DAY_MS: u64 = 86_400_000;

impl Cycle {
    /// When the cycle that `now` is in began; `anchor` is when any one began.
    pub fn start(self, anchor: Timestamp, now: Timestamp) -> Timestamp {
        match self {
            Self::Monthly(day) => monthly(u64::from(day.clamp(1, 31)), now),
            Self::Days(days) => {
                let length = u64::from(days.max(1)) * DAY_MS;
                let anchor = anchor.0 / DAY_MS * DAY_MS;
                match now.0.checked_sub(anchor) {
                    Some(gone) => Timestamp(anchor + gone / length * length),
                    None => Timestamp(now.0 / DAY_MS * DAY_MS),
                }
            }
        }
    }
}

fn monthly(day: u64, now: Timestamp) -> Timestamp {
    let (year, month, today) = now.date();
    let starts = |year, month| Timestamp::midnight(year, month, day.min(days_in(year, month)));
    if today >= day.min(days_in(year, month)) {
        return starts(year, month);
    }
    match month {
        1 if year <= 1970 => Timestamp(0),
        1 => starts(year - 1, 12),
        _ => starts(year, month - 1),
    }
}

const fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What the plan allows, and what is to happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Plan {
    /// Octets in a cycle, both ways; `None`: no limit.
    pub limit: Option<u64>,
    /// From this share on it comes to an end, per cent.
    pub warn_at: u8,
    /// When it begins anew.
    pub cycle: Cycle,
}

impl Plan {
    /// How a usage of `octets` is judged.
    pub fn judge(&self, octets: u64) -> Allowance {
        match self.limit {
            Some(limit) if octets >= limit => Allowance::Spent,
            Some(limit) if octets.saturating_mul(100) >= limit.saturating_mul(u64::from(self.warn_at)) => {
                Allowance::Low
            }
            _ => Allowance::Free,
        }
    }
}

/// What one SIM used on one APN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// When the cycle began, milliseconds since 1970.
    since: u64,
    received: u64,
    sent: u64,
    /// The cycle before: its begin, received, sent.
    before: Option<(u64, u64, u64)>,
}

impl Account {
    /// Received and sent in the cycle before, and when it began.
    pub fn before(&self) -> Option<(Timestamp, Octets)> {
        self.before.map(|(since, received, sent)| (Timestamp(since), Octets { received, sent }))
    }

    fn turn(&mut self, cycle: Cycle, now: Timestamp) {
        let start = cycle.start(Timestamp(self.since), now).0;
        // A clock that is set back, as at a start without a battery, begins no cycle.
        if start > self.since {
            let old = (self.since, self.received, self.sent);
            let before = (self.received > 0 || self.sent > 0).then_some(old);
            *self = Self { since: start, received: 0, sent: 0, before };
        }
    }
}

/// Accounts that are kept at most: SIMs that were swapped through one gateway.
const MOST_ACCOUNTS: usize = 64;

/// The accounts of all SIMs, each by its card and APN, or by the name of an interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Accounts(BTreeMap<String, Account>);

impl Accounts {
    /// Adds what was carried, and tells the usage of the cycle.
    pub fn add(&mut self, key: &str, plan: &Plan, octets: Octets, now: Timestamp) -> Usage {
        if !self.0.contains_key(key) && self.0.len() >= MOST_ACCOUNTS {
            self.forget_one();
        }
        let account = self
            .0
            .entry(key.to_owned())
            .or_insert_with(|| Account { since: plan.cycle.start(now, now).0, ..Account::default() });
        account.turn(plan.cycle, now);
        account.received = account.received.saturating_add(octets.received);
        account.sent = account.sent.saturating_add(octets.sent);
        let total = account.received.saturating_add(account.sent);
        Usage {
            since: Timestamp(account.since),
            received: account.received,
            sent: account.sent,
            limit: plan.limit,
            allowance: plan.judge(total),
        }
    }

    /// The names of all accounts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The account of `key`.
    pub fn get(&self, key: &str) -> Option<&Account> {
        self.0.get(key)
    }

    /// The one that was begun longest ago.
    fn forget_one(&mut self) {
        let oldest = self.0.iter().min_by_key(|(_, account)| account.since).map(|(key, _)| key.clone());
        if let Some(key) = oldest {
            self.0.remove(&key);
        }
    }
}

/// When accounts go to the disk: flash wears, and a power cut must not cost much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    saved: Timestamp,
    unsaved: u64,
}

/// The longest that traffic is not on the disk.
pub const SAVE_AFTER: Duration = Duration::from_secs(900);
/// Octets after which it goes there sooner, and the shortest time between two writes even so.
const MUCH: u64 = 1 << 20;
const SOON: Duration = Duration::from_secs(60);

impl Ledger {
    /// Counts traffic that is not on the disk.
    pub const fn note(&mut self, octets: Octets) {
        self.unsaved = self.unsaved.saturating_add(octets.received).saturating_add(octets.sent);
    }

    /// Whether it is time to write; `turned`: a limit was passed, which is not to be forgotten.
    pub fn is_due(&self, turned: bool, now: Timestamp) -> bool {
        let waited = now.since(self.saved);
        let jumped_back = now < self.saved;
        turned
            || (self.unsaved > 0 && (jumped_back || waited >= SAVE_AFTER || (self.unsaved >= MUCH && waited >= SOON)))
    }

    /// All is on the disk.
    pub const fn saved(&mut self, now: Timestamp) {
        (self.saved, self.unsaved) = (now, 0);
    }

    /// Octets that are not on the disk.
    pub const fn unsaved(&self) -> u64 {
        self.unsaved
    }
}

#[cfg(test)]
mod tests;
