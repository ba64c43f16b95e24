//! Placeholder while the module is being written.

/// The form of one answer line, compiled.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern;
