//! Decisions as pure functions: what is known and the time in; what to do, and why, out.

pub mod backoff;
pub mod card;
pub mod energy;
pub mod governor;
pub mod health;
pub mod jitter;
pub mod pin;
pub mod plan;
pub mod queue;
pub mod reach;
pub mod recovery;
pub mod uplink;
pub mod usage;
