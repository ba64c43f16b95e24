//! Information lines of TS 27.007 and TS 27.005 as values.
//!
//! Every function takes one line as the digester gives it; the name in front (`+CESQ:`) may be missing. Fields that
//! a modem leaves out, or pads, are `None`; a field that a caller cannot do without is an error that names it.

pub mod clock;
pub mod context;
pub mod event;
pub mod facility;
pub mod identity;
pub mod message;
pub mod network;
pub mod power;
pub mod registration;
pub mod sim;

pub use super::cursor::Malformed;
