//! The simulator.
mod agenda;
mod at;
pub mod card;
pub mod event;
mod facts;
pub mod fault;
mod job;
pub mod meter;
pub mod modem;
pub mod network;
mod notice;
mod power;
pub mod profile;
mod radio;
mod random;
pub mod saving;
mod settings;
mod text;
mod wire;

pub use card::Card;
pub use event::Event;
pub use fault::{Fault, FaultKind};
pub use meter::Meter;
pub use modem::SimModem;
pub use network::Network;
pub use profile::ModemProfile;
