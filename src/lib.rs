//! lpwa keeps the cellular modems of a Linux gateway connected, cheaply and for years, unattended.
//!
//! The house has three floors; an arrow goes from a module to one named before it, never the other way
//! (`tests/architecture.rs` checks this):
//!
//! | floor | modules | what they may do |
//! | --- | --- | --- |
//! | ground | [`private`], [`spec`], [`codec`], [`state`], [`policy`], [`transcript`] | bytes and values: no I/O, no clock, no async |
//! | first | [`port`], [`modem`], [`net`], [`uplink`], [`daemon`], [`bus`] | the hands: ports, procedures, the data plane, health and failover, supervision, D-Bus |
//! | top | [`sim`], [`cli`], [`tui`] | the faces: simulator, command, dashboard |
//! | roof | [`wiring`] | where they meet: the daemon with its bus, the driver with a recording |
//!
//! `docs/architecture.md` tells why.

pub mod bus;
pub mod cli;
pub mod codec;
pub mod daemon;
pub mod modem;
pub mod net;
pub mod policy;
pub mod port;
pub mod private;
pub mod sim;
pub mod spec;
pub mod state;
pub mod transcript;
pub mod tui;
pub mod uplink;
pub mod wiring;
