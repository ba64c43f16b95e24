//! One modem: its definition (a model file), its command channel, its procedures, its actor.

pub mod actor;
pub mod channel;
pub mod clock;
pub mod definition;
pub mod driver;
pub mod handle;
pub mod notice;
pub mod plan;
pub mod procedure;
mod requests;
pub mod settings;
