//! Where the floors meet: the daemon with its bus, the simulator with a port, the driver with a recording.

pub mod daemon;
pub mod replay;
