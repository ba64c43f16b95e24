//! Messages of the binary protocols: where each ends, and what it answers. Nothing more is read of them here.

/// How a protocol says where its messages end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// QMUX: a marker, then 16 bits of length.
    Qmux,
    /// MBIM: the length is the second of its 32-bit words.
    Mbim,
}

/// First octet of a QMUX frame.
const QMUX: u8 = 0x01;
/// Headers: that of QMUX with the shortest SDU, that of MBIM.
const QMUX_LEAST: usize = 12;
const MBIM_LEAST: usize = 12;
/// No message is longer, in octets.
const MOST: usize = 0x1_0000;
/// `MBIM_INDICATE_STATUS_MSG`.
const MBIM_INDICATE: u32 = 0x8000_0007;

impl Framing {
    /// What `data` is a whole message of.
    pub fn of(data: &[u8]) -> Option<Self> {
        let whole = |framing: Self| framing.claimed(data).is_some_and(|(n, least)| n == data.len() && n >= least);
        let qmux = matches!(data, [_, _, _, 0x00 | 0x80, ..]) && whole(Self::Qmux);
        let mbim = mbim_kind(data).is_some_and(|kind| matches!(kind & 0x7FFF_FFFF, 1..=4 | 7)) && whole(Self::Mbim);
        if qmux {
            Some(Self::Qmux)
        } else if mbim {
            Some(Self::Mbim)
        } else {
            None
        }
    }

    /// How long the message is that starts here; `None`: that cannot be told yet. What is no message ends where it ends.
    pub fn length(self, data: &[u8]) -> Option<usize> {
        let (length, least) = self.claimed(data)?;
        Some(if (least..=MOST).contains(&length) { length } else { data.len() })
    }

    /// The length in the header, and the least that it can be.
    fn claimed(self, data: &[u8]) -> Option<(usize, usize)> {
        match (self, data) {
            (Self::Qmux, [QMUX, low, high, ..]) => {
                Some((usize::from(u16::from_le_bytes([*low, *high])) + 1, QMUX_LEAST))
            }
            (Self::Qmux, [QMUX, ..] | []) => None,
            // No frame at all.
            (Self::Qmux, _) => Some((0, QMUX_LEAST)),
            (Self::Mbim, [_, _, _, _, a, b, c, d, ..]) => {
                let length = u32::from_le_bytes([*a, *b, *c, *d]);
                Some((usize::try_from(length).unwrap_or(usize::MAX), MBIM_LEAST))
            }
            (Self::Mbim, _) => None,
        }
    }

    /// Whether a message from the modem answers a request; otherwise the modem tells by itself.
    pub fn is_answer(self, message: &[u8]) -> bool {
        match (self, message) {
            (Self::Qmux, [_, _, _, _, 0, _, flags, ..]) => *flags == 1,
            (Self::Qmux, [_, _, _, _, _, _, flags, ..]) => *flags == 2,
            (Self::Qmux, _) => false,
            (Self::Mbim, _) => mbim_kind(message).is_some_and(|kind| kind != MBIM_INDICATE),
        }
    }
}

fn mbim_kind(data: &[u8]) -> Option<u32> {
    data.first_chunk().map(|kind| u32::from_le_bytes(*kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYNC: [u8; 12] = [1, 11, 0, 0, 0, 0, 0, 1, 0x27, 0, 0, 0];
    const OPEN: [u8; 16] = [1, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0x10, 0, 0];

    #[test]
    fn messages_are_told_by_their_headers() {
        assert_eq!(Framing::of(&SYNC), Some(Framing::Qmux));
        assert_eq!(Framing::of(&OPEN), Some(Framing::Mbim));
        assert_eq!(Framing::of(b"AT+CEREG?\r"), None);
        assert_eq!(Framing::of(&SYNC[..11]), None);
        assert_eq!(Framing::of(&[]), None);
    }

    #[test]
    fn a_length_that_cannot_be_ends_what_is_there() {
        assert_eq!(Framing::Qmux.length(&[1, 0, 0, 9]), Some(4));
        assert_eq!(Framing::Qmux.length(b"noise"), Some(5));
        assert_eq!(Framing::Mbim.length(&[0xFF; 8]), Some(8));
        assert_eq!(Framing::Mbim.length(&OPEN[..7]), None);
    }

    #[test]
    fn answers_and_what_comes_by_itself() {
        let answer = [1, 12, 0, 0x80, 3, 1, 2, 7, 0, 0x24, 0, 0, 0];
        let told = [1, 12, 0, 0x80, 3, 1, 4, 0, 0, 0x24, 0, 0, 0];
        assert!(Framing::Qmux.is_answer(&answer) && !Framing::Qmux.is_answer(&told));
        let done = [1, 0, 0, 0x80, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        let told = [7, 0, 0, 0x80, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert!(Framing::Mbim.is_answer(&done) && !Framing::Mbim.is_answer(&told));
    }
}
