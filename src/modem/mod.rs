//! One modem: its definition (a model file), its command channel, its procedures, its actor.

pub mod definition;
pub mod handle;
