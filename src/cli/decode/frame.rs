//! Frames of binary protocols: `lpwa decode qmi HEX`, `lpwa decode mbim HEX`, and frames in a pasted log.

use super::{Explanation, mbim, qmi};

/// A protocol whose frames are explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// MBIM.
    Mbim,
    /// QMI over QMUX.
    Qmi,
}

/// The shortest frame that a log is searched for: a header of MBIM, or one of QMUX with a message of CTL without TLVs.
const SHORTEST: usize = 12;

impl Protocol {
    /// The protocol that somebody names in front of the octets.
    pub fn named(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "mbim" => Some(Self::Mbim),
            "qmi" => Some(Self::Qmi),
            _ => None,
        }
    }

    /// What the frames say that are one behind the other in `octets`; an error says why there is none.
    pub fn explain(self, octets: &[u8]) -> Result<Vec<Explanation>, String> {
        match self {
            Self::Mbim => mbim::frames(octets).map_err(|error| format!("no MBIM frame: {error}")),
            Self::Qmi => qmi::frames(octets).map_err(|error| format!("no QMI frame: {error}")),
        }
    }
}

/// The octets of hexadecimal digits, with or without `0x`, `:`, `,`, `-` or blanks between them.
pub fn octets(text: &str) -> Option<Vec<u8>> {
    let text = text.replace("0x", " ").replace("0X", " ");
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && !":,-".contains(*c)).collect();
    crate::codec::mbim::bytes::unhex(&digits).filter(|octets| !octets.is_empty())
}

/// The frames that a line of a log holds as hexadecimal digits, with or without `:` or blanks between the octets.
pub fn in_line(line: &str) -> Vec<Explanation> {
    let separators = |c: char| !(c.is_ascii_hexdigit() || c == ':');
    let words = line.split(separators).filter(|word| word.len() >= 2);
    let found: Vec<Explanation> = words.clone().filter_map(octets).flat_map(|octets| in_octets(&octets)).collect();
    if !found.is_empty() {
        return found;
    }
    // Pairs of digits with blanks between them.
    let pairs: Vec<u8> = words.filter(|word| word.len() == 2).filter_map(octets).flatten().collect();
    in_octets(&pairs)
}

fn in_octets(octets: &[u8]) -> Vec<Explanation> {
    if octets.len() < SHORTEST {
        return Vec::new();
    }
    let protocol = if mbim::is_frame(octets) { Protocol::Mbim } else { Protocol::Qmi };
    protocol.explain(octets).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_pairs_of_digits() {
        for text in ["01:0b 00", "010B00", "0x01, 0x0b, 0x00", "01-0b-00"] {
            assert_eq!(octets(text), Some(vec![1, 11, 0]), "{text}");
        }
        for text in ["010", "", "hello", ":"] {
            assert_eq!(octets(text), None, "{text}");
        }
    }

    #[test]
    fn frames_of_mbim_are_found_in_a_log() {
        // OPEN_DONE of transaction 1, as libmbim's debug log has it.
        let line = "<<<<<<   data   = 01:00:00:80:10:00:00:00:01:00:00:00:00:00:00:00";
        assert_eq!(in_line(line)[0].title, "The session is open");
        assert_eq!(in_line("2026-11-22T12:00:00 nothing here"), []);
    }
}
