//! Sans-IO codecs: bytes to values and back. No panic on any input, no unbounded buffer.

pub mod at;
pub mod dns;
pub mod icmp;
pub mod mbim;
pub mod qmi;
pub mod qrtr;
