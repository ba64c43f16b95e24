//! One modem: its definition (a model file), its command channel, its backends, its procedures, its actor.

pub mod actor;
pub mod backend;
pub mod channel;
pub mod clock;
pub mod data;
pub mod definition;
mod desk;
pub mod driver;
pub mod gate;
pub mod handle;
pub mod memory;
pub mod notice;
pub mod pins;
pub mod plan;
pub mod ports;
pub mod procedure;
mod requests;
pub mod settings;
pub mod sim_policy;
pub mod sleeper;
pub mod wake;
