//! The real binary against itself: `lpwa simulate` as the modem, `lpwa daemon` in between, `lpwa` as its user.
//!
//! On the real clock; nothing is slept for, everything is waited for with a deadline.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod bring_up;
mod house;
mod life;
#[path = "../private_bus/mod.rs"]
mod private_bus;
