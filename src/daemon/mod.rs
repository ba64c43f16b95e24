//! The daemon without its faces: configuration, ports, supervision.

pub mod boot;
pub mod config;
pub mod ports;
pub mod providers;
pub mod store;
pub mod supervisor;
pub mod uplinks;
