//! Placeholder while the module is being written.

pub mod config;
