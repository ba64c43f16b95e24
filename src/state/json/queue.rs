//! Requests that wait, and who keeps the modem awake, as JSON.

use serde::{Deserialize, Serialize};

use super::Time;
use crate::state::queue;

/// Requests that ended, at most.
const SHOWN: usize = 16;

/// The requests of one modem.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Those that wait for the modem, and the one being carried out, in the order of their arrival.
    pub waiting: Vec<Waiting>,
    /// Those that ended last, the oldest first.
    pub ended: Vec<Ended>,
}

/// One request that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its number.
    pub id: u64,
    /// Name of the [`Task`](queue::Task).
    pub task: String,
    /// Whether the modem is to be woken for it.
    pub wake: bool,
    /// When it is given up; `None`: never.
    pub deadline: Option<Time>,
    /// Whether it outlives the daemon.
    pub keep: bool,
    /// When it was entered.
    pub entered: Time,
}

/// One request that left the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Its number.
    pub id: u64,
    /// Name of the [`Task`](queue::Task).
    pub task: String,
    /// Name of the [`Outcome`](queue::Outcome).
    pub outcome: String,
    /// Why; `None` where it was delivered.
    pub reason: Option<String>,
    /// When.
    pub at: Time,
}

/// Somebody keeps the modem awake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its number.
    pub id: u64,
    /// Why.
    pub reason: String,
    /// When it was asked for.
    pub since: Time,
    /// Whether the modem is held; it cannot be before it wakes.
    pub granted: bool,
}

impl From<&queue::Queue> for Queue {
    fn from(queue: &queue::Queue) -> Self {
        Self {
            waiting: queue.waiting.iter().map(Waiting::from).collect(),
            ended: queue.ended.iter().skip(queue.ended.len().saturating_sub(SHOWN)).map(Ended::from).collect(),
        }
    }
}

impl From<&queue::Waiting> for Waiting {
    fn from(item: &queue::Waiting) -> Self {
        Self {
            id: item.id,
            task: item.task.name().into(),
            wake: item.wake,
            deadline: item.deadline.map(Time),
            keep: item.keep,
            entered: Time(item.entered),
        }
    }
}

impl From<&queue::Ended> for Ended {
    fn from(ended: &queue::Ended) -> Self {
        Self {
            id: ended.id,
            task: ended.task.name().into(),
            outcome: ended.outcome.name().into(),
            reason: ended.reason.clone(),
            at: Time(ended.at),
        }
    }
}

impl From<&queue::Hold> for Hold {
    fn from(hold: &queue::Hold) -> Self {
        Self { id: hold.id, reason: hold.reason.clone(), since: Time(hold.since), granted: hold.granted }
    }
}
