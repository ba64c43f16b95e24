//! The queue of one modem: work that waits for the modem to wake.
//!
//! Requests are done in the order of their arrival, one at a time. Where several mean the same they are done once, and
//! where one undoes another that has not begun, only the later one is done:
//!
//! | earlier | later | what becomes of them |
//! | --- | --- | --- |
//! | read-signal, scan | the same | one reading answers both |
//! | set-power, connect | the same | done once; what the later one names goes before what the earlier one named |
//! | disconnect, enable, disable, reset | the same | done once |
//! | connect | disconnect, disable | the earlier one is cancelled |
//! | disconnect | connect | the earlier one is cancelled |
//! | enable | disable, and the other way round | the earlier one is cancelled |
//!
//! Only what is next to each other is merged: between the two may stand readings, but no other change, so that no
//! change is carried past another one. Lines of a person and codes of the SIM are never merged.
//!
//! Merging is done when work is taken, not when it is entered: until then each request can be cancelled by itself, and
//! what it would have replaced holds again.

use std::collections::VecDeque;

use crate::state::Timestamp;
use crate::state::queue::{Outcome, Task, Waiting};

/// Requests that wait at most.
pub const CAPACITY: usize = 64;

/// Times that a request may be begun: a modem that falls asleep in the middle each time would never be done with it.
const TRIES: u32 = 3;

/// There is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{CAPACITY} requests wait for the modem already; `lpwa queue list` shows them, `lpwa queue cancel` takes one back"
)]
pub struct Full;

/// A request in the queue, with whatever its owner needs to carry it out.
#[derive(Debug)]
pub struct Entry<W> {
    /// What all may know of it.
    pub item: Waiting,
    /// What only its owner knows.
    pub work: W,
    tries: u32,
}

/// A request that left the queue, and how.
#[derive(Debug)]
pub struct Left<W> {
    /// What it was.
    pub item: Waiting,
    /// What its owner knows of it.
    pub work: W,
    /// How it ended.
    pub outcome: Outcome,
    /// Why; `None` where it was delivered.
    pub reason: Option<String>,
}

/// Requests to be carried out as one.
#[derive(Debug)]
pub struct Delivery<W> {
    /// What to do.
    pub task: Task,
    /// All that ask for it, in the order of their arrival.
    pub entries: Vec<Entry<W>>,
}

/// How long, and for what, a request waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terms {
    /// Whether the modem is to be woken for it.
    pub wake: bool,
    /// When it is given up.
    pub deadline: Option<Timestamp>,
    /// Whether it outlives the daemon.
    pub keep: bool,
}

/// Work that waits for one modem.
#[derive(Debug)]
pub struct Queue<W> {
    entries: VecDeque<Entry<W>>,
    next: u64,
}

impl<W> Default for Queue<W> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), next: 1 }
    }
}

/// What a later request makes of an earlier one beside it.
enum Meeting {
    Join,
    Supersede,
    Apart,
}

fn meeting(earlier: Task, later: Task) -> Meeting {
    use Task::{At, Connect, Disable, Disconnect, Enable, EnterPin, EnterPuk};
    match (earlier, later) {
        (At | EnterPin | EnterPuk, _) => Meeting::Apart,
        (earlier, later) if earlier == later => Meeting::Join,
        (Connect, Disconnect | Disable) | (Disconnect, Connect) | (Enable, Disable) | (Disable, Enable) => {
            Meeting::Supersede
        }
        _ => Meeting::Apart,
    }
}

impl<W> Queue<W> {
    /// A number that nothing in the queue has had.
    pub fn number(&mut self) -> u64 {
        let id = self.next;
        self.next = self.next.saturating_add(1);
        id
    }

    /// Enters a request at the end; its number comes back, or its work where there is no room.
    pub fn enter(&mut self, task: Task, terms: Terms, work: W, now: Timestamp) -> Result<u64, (Full, W)> {
        if self.entries.len() >= CAPACITY {
            return Err((Full, work));
        }
        let Terms { wake, deadline, keep } = terms;
        let item = Waiting { id: self.number(), task, wake, deadline, keep, entered: now };
        self.entries.push_back(Entry { item, work, tries: 0 });
        Ok(item.id)
    }

    /// Enters a request of an earlier life, with the number that it had. What is beyond the capacity is left out.
    pub fn restore(&mut self, item: Waiting, work: W) {
        if self.entries.len() < CAPACITY {
            self.next = self.next.max(item.id.saturating_add(1));
            self.entries.push_back(Entry { item, work, tries: 0 });
        }
    }

    /// What waits, in the order of arrival.
    pub fn entries(&self) -> impl Iterator<Item = &Entry<W>> {
        self.entries.iter()
    }

    /// The request `id`, while it waits.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut W> {
        self.entries.iter_mut().find(|entry| entry.item.id == id).map(|entry| &mut entry.work)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the modem is to be woken for something.
    pub fn wants_waking(&self) -> bool {
        self.entries.iter().any(|entry| entry.item.wake)
    }

    /// When [`Self::expire`] is worth calling next.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.entries.iter().filter_map(|entry| entry.item.deadline).min()
    }

    /// Takes back the request `id`; `None` where no such request waits.
    pub fn cancel(&mut self, id: u64) -> Option<Left<W>> {
        self.leave(|entry| entry.item.id == id, Outcome::Cancelled, "it was taken back").pop()
    }

    /// Takes back what nobody waits for any more.
    pub fn withdraw(&mut self, mut abandoned: impl FnMut(&mut W) -> bool) -> Vec<Left<W>> {
        self.leave(|entry| abandoned(&mut entry.work), Outcome::Cancelled, "whoever asked for it is gone")
    }

    /// Gives up what has waited for too long.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Left<W>> {
        let over = |entry: &mut Entry<W>| entry.item.deadline.is_some_and(|deadline| deadline <= now);
        self.leave(over, Outcome::Expired, "its deadline passed before the modem woke")
    }

    /// Gives up everything that is not kept, because the modem will not wake.
    pub fn fail(&mut self, reason: &str) -> Vec<Left<W>> {
        self.leave(|entry| !entry.item.keep, Outcome::Failed, reason)
    }

    /// Gives up what the modem is to be woken for.
    pub fn fail_waking(&mut self, reason: &str) -> Vec<Left<W>> {
        self.leave(|entry| entry.item.wake, Outcome::Failed, reason)
    }

    fn leave(&mut self, mut leaves: impl FnMut(&mut Entry<W>) -> bool, outcome: Outcome, reason: &str) -> Vec<Left<W>> {
        let mut left = Vec::new();
        for mut entry in std::mem::take(&mut self.entries) {
            if leaves(&mut entry) {
                left.push(entry.left(outcome, Some(reason.to_owned())));
            } else {
                self.entries.push_back(entry);
            }
        }
        left
    }

    /// What is to be done next, and what need not be done any more; nothing while the modem is not to be reached.
    pub fn take_ready(&mut self, reachable: bool) -> (Option<Delivery<W>>, Vec<Left<W>>) {
        if !reachable {
            return (None, Vec::new());
        }
        let (mut groups, mut left): (VecDeque<Delivery<W>>, _) = (VecDeque::new(), Vec::new());
        for entry in std::mem::take(&mut self.entries) {
            place(&mut groups, entry, &mut left);
        }
        let delivery = groups.pop_front();
        self.entries = groups.into_iter().flat_map(|group| group.entries).collect();
        self.entries.make_contiguous().sort_by_key(|entry| entry.item.id);
        (delivery, left)
    }

    /// The modem fell asleep in the middle of `delivery`: it is done in the next window, or not at all where that
    /// could do harm or was tried often enough. What leaves for that comes back.
    pub fn put_back(&mut self, delivery: Delivery<W>) -> Vec<Left<W>> {
        let mut left = Vec::new();
        for mut entry in delivery.entries.into_iter().rev() {
            entry.tries = entry.tries.saturating_add(1);
            if !entry.item.task.is_repeatable() {
                let reason = "the modem fell asleep or went away in the middle of it; it may have been done";
                left.push(entry.left(Outcome::Failed, Some(reason.into())));
            } else if entry.tries >= TRIES {
                let reason = format!(
                    "the modem fell asleep or went away {TRIES} times before it was done; `lpwa power hold` keeps it awake"
                );
                left.push(entry.left(Outcome::Failed, Some(reason)));
            } else {
                self.entries.push_front(entry);
            }
        }
        self.entries.make_contiguous().sort_by_key(|entry| entry.item.id);
        left
    }
}

/// Puts `entry` where it belongs among the groups before it.
fn place<W>(groups: &mut VecDeque<Delivery<W>>, entry: Entry<W>, left: &mut Vec<Left<W>>) {
    let later = entry.item.task;
    let mut at = groups.len();
    while let Some(before) = at.checked_sub(1) {
        at = before;
        let Some(group) = groups.get_mut(at) else { break };
        match meeting(group.task, later) {
            Meeting::Join => return group.entries.push(entry),
            Meeting::Supersede => {
                let reason = format!("a later request, {} {}, took its place", later.name(), entry.item.id);
                let superseded = groups.remove(at).into_iter().flat_map(|group| group.entries);
                left.extend(superseded.map(|entry| entry.left(Outcome::Cancelled, Some(reason.clone()))));
            }
            Meeting::Apart if group.task.is_read() => {}
            Meeting::Apart => break,
        }
    }
    groups.push_back(Delivery { task: later, entries: vec![entry] });
}

impl<W> Entry<W> {
    fn left(self, outcome: Outcome, reason: Option<String>) -> Left<W> {
        Left { item: self.item, work: self.work, outcome, reason }
    }
}

impl<W> Delivery<W> {
    /// It is done, or could not be done for a reason.
    pub fn end(self, reason: Option<&str>) -> Vec<Left<W>> {
        let outcome = if reason.is_none() { Outcome::Delivered } else { Outcome::Failed };
        self.entries.into_iter().map(|entry| entry.left(outcome, reason.map(str::to_owned))).collect()
    }

    /// Nobody waits for it any more.
    pub fn abandon(self) -> Vec<Left<W>> {
        let reason = "whoever asked for it is gone";
        self.entries.into_iter().map(|entry| entry.left(Outcome::Cancelled, Some(reason.into()))).collect()
    }

    /// Whether the modem is to be woken for it.
    pub fn wants_waking(&self) -> bool {
        self.entries.iter().any(|entry| entry.item.wake)
    }
}

#[cfg(test)]
mod tests;
