//! Reject causes: EMM, ESM and 5GMM, with class, name and advice.

use std::fmt;

/// The protocol that gave a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Domain {
    /// EPS mobility management (TS 24.301 clause 9.9.3.9).
    Emm,
    /// EPS session management (TS 24.301 clause 9.9.4.4).
    Esm,
    /// 5GS mobility management (TS 24.501 clause 9.11.3.2).
    FiveGmm,
}

/// A cause as the network gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// The protocol.
    pub domain: Domain,
    /// The number.
    pub number: u8,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cause {}", self.number)
    }
}
