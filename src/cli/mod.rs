//! The command `lpwa`: asks the daemon over D-Bus, prints for people or for scripts.

pub mod args;
pub mod decode;
pub mod exit;
pub mod models;
pub mod out;
pub mod plain;
mod progress;
pub mod say;
pub mod scales;
mod secret;
pub mod table;
pub mod words;
