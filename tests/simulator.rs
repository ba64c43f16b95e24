//! The simulator against what the standards and real logs say of modems.

#[path = "simulator/host.rs"]
mod host;

#[path = "simulator/command_line.rs"]
mod command_line;
