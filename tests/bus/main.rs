//! `org.lpwa` as clients meet it: over a unix socket and over a real bus.

// Helpers of tests fail by panicking, as the tests do.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod authorisation;
mod calls;
mod changes;
mod house;
mod introspection;
mod places;
mod planning;
mod queue;
mod uplinks;
mod xml;
