//! The data plane in network namespaces of its own: real interfaces, the kernel's routes, real programs. Needs root.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail loudly"
)]

#[path = "net/control.rs"]
mod control;
#[path = "net/failover.rs"]
mod failover;
#[path = "net/gateway.rs"]
mod gateway;
#[path = "net/helpers.rs"]
mod helpers;
#[allow(dead_code, reason = "shared with the end-to-end tests, which use more of it")]
#[path = "end_to_end/house.rs"]
mod house;
#[path = "net/links.rs"]
mod links;
#[path = "net/modem.rs"]
mod modem;
#[path = "net/namespace.rs"]
mod namespace;
#[path = "private_bus/mod.rs"]
mod private_bus;
#[path = "net/resolved.rs"]
mod resolved;
#[path = "net/shared.rs"]
mod shared;
#[path = "net/turns.rs"]
mod turns;
