//! The carrier's side of the air: a host in a network namespace of its own, and the way of packets to it.

pub mod kernel;
