//! The data plane in network namespaces of its own: real interfaces, the kernel's routes, real programs. Needs root.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail loudly"
)]

#[path = "net/links.rs"]
mod links;
#[path = "net/namespace.rs"]
mod namespace;
