//! What 3GPP says, as types: no I/O, no clock, no modem.

pub mod amount;
pub mod apn;
pub mod band;
pub mod cause;
pub mod drx;
pub mod edrx;
pub mod identity;
pub mod plmn;
pub mod rat;
pub mod registration;
pub mod signal;
pub mod sim_file;
pub mod span;
pub mod timer;
