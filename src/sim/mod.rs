//! The simulator.
mod at;
pub mod card;
pub mod network;
mod radio;
mod random;
pub mod saving;
mod text;
