//! What a model file says of its slots for cards.

/// How the slots for cards are told and chosen, where AT commands are spoken. Lines have the placeholders of
/// [`Slots::PLACEHOLDERS`].
#[derive(Debug, Clone, Default)]
pub struct Slots {
    /// How many there are.
    pub count: u8,
    /// Lines that choose one; a line that starts with `?` may fail.
    pub steps: Vec<String>,
    /// The line that reads which one is in use; without it that is known only after a choice.
    pub read: Option<String>,
    /// The line of its answer for a slot. Blanks and quotes do not count.
    pub holds: String,
}

impl Slots {
    /// Names that may stand in braces: the number of the slot from 1, and from 0.
    pub const PLACEHOLDERS: &[&str] = &["slot", "index"];
}
