//! Frames of binary protocols: `lpwa decode mbim HEX`, and frames in a pasted log.

use super::{Explanation, mbim};

/// A protocol whose frames are explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// MBIM.
    Mbim,
}

/// The fewest octets in a log that are taken for a frame.
const SHORTEST: usize = 12;

impl Protocol {
    /// The protocol that somebody names in front of the octets.
    pub fn named(word: &str) -> Option<Self> {
        word.eq_ignore_ascii_case("mbim").then_some(Self::Mbim)
    }

    /// What the frames say that are one after the other in `octets`.
    pub fn explain(self, octets: &[u8]) -> Vec<Explanation> {
        match self {
            Self::Mbim => mbim::explain(octets),
        }
    }
}

/// The octets that somebody pasted: pairs of hexadecimal digits, with anything between them that tools print.
pub fn octets(text: &str) -> Option<Vec<u8>> {
    let text = text.replace("0x", " ").replace("0X", " ");
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && !":,-".contains(*c)).collect();
    crate::codec::mbim::bytes::unhex(&digits).filter(|octets| !octets.is_empty())
}

/// The frames in a line of a log: the longest run of pairs of digits, such as `03:00:00:80:...`.
pub fn in_line(line: &str) -> Vec<Explanation> {
    let runs = line.split(|c: char| !c.is_ascii_hexdigit() && c != ':');
    let longest = runs.max_by_key(|run| run.len()).unwrap_or_default();
    let Some(octets) = octets(longest).filter(|octets| octets.len() >= SHORTEST) else { return Vec::new() };
    if mbim::is_frame(&octets) { Protocol::Mbim.explain(&octets) } else { Vec::new() }
}
