//! The daemon without its faces: configuration, ports, supervision.

pub mod config;
pub mod ports;
pub mod providers;
pub mod store;
pub mod supervisor;
