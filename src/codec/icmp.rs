//! ICMP echo (RFC 792, RFC 4443 clause 4): the one message a gateway asks with.

/// Octets of a message that we send: header and token.
const LENGTH: usize = 16;

/// An echo request or its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Echo {
    /// Which of a sender's questions it is.
    pub id: u16,
    /// Which of them.
    pub sequence: u16,
    /// Tells ours from those of others.
    pub token: u64,
}

/// The protocol that carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// ICMP.
    V4,
    /// ICMPv6.
    V6,
}

impl Version {
    const fn request(self) -> u8 {
        match self {
            Self::V4 => 8,
            Self::V6 => 128,
        }
    }

    const fn reply(self) -> u8 {
        match self {
            Self::V4 => 0,
            Self::V6 => 129,
        }
    }
}

impl Echo {
    /// The request as it is sent. The checksum of ICMPv6 covers addresses, and is left to the kernel.
    pub fn request(self, version: Version) -> [u8; LENGTH] {
        let mut message = [0; LENGTH];
        let [kind, _, _, _, rest @ ..] = &mut message;
        *kind = version.request();
        let fields = self.id.to_be_bytes().into_iter().chain(self.sequence.to_be_bytes());
        let fields = fields.chain(self.token.to_be_bytes());
        rest.iter_mut().zip(fields).for_each(|(place, octet)| *place = octet);
        if version == Version::V4 {
            let sum = checksum(&message).to_be_bytes();
            let [_, _, high, low, ..] = &mut message;
            [*high, *low] = sum;
        }
        message
    }

    /// The reply in a packet, which has its IPv4 header in front where a raw socket gives it; `None`: it is another
    /// message.
    pub fn reply(packet: &[u8], version: Version, with_header: bool) -> Option<Self> {
        let skip = if with_header { usize::from(packet.first()? & 0x0F) * 4 } else { 0 };
        let message = packet.get(skip..)?;
        let [kind, 0, _, _, id0, id1, seq0, seq1, token @ ..] = message else { return None };
        let token = u64::from_be_bytes(*token.first_chunk()?);
        let echo = Self { id: u16::from_be_bytes([*id0, *id1]), sequence: u16::from_be_bytes([*seq0, *seq1]), token };
        (*kind == version.reply()).then_some(echo)
    }
}

/// The Internet checksum (RFC 1071).
fn checksum(message: &[u8]) -> u16 {
    let words = message.chunks(2).map(|pair| match pair {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        [high] => u32::from(*high) << 8,
        _ => 0,
    });
    let mut sum: u32 = words.fold(0, u32::wrapping_add);
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ECHO: Echo = Echo { id: 0x1234, sequence: 7, token: 0x0102_0304_0506_0708 };

    #[test]
    fn a_request_has_its_checksum() {
        let message = ECHO.request(Version::V4);
        assert_eq!(message[..8], [8, 0, 0xD5, 0xB0, 0x12, 0x34, 0, 7]);
        assert_eq!(checksum(&message), 0);
        assert_eq!(ECHO.request(Version::V6)[..4], [128, 0, 0, 0]);
    }

    #[test]
    fn a_reply_is_read_with_and_without_its_header() {
        let mut message = ECHO.request(Version::V4);
        message[0] = 0;
        assert_eq!(Echo::reply(&message, Version::V4, false), Some(ECHO));
        let packet: Vec<u8> = [0x45].into_iter().chain([0; 19]).chain(message).collect();
        assert_eq!(Echo::reply(&packet, Version::V4, true), Some(ECHO));
        message[0] = 129;
        assert_eq!(Echo::reply(&message, Version::V6, false), Some(ECHO));
        assert_eq!(Echo::reply(&message, Version::V4, false), None);
    }

    #[test]
    fn what_is_cut_or_foreign_is_no_reply() {
        let mut message = ECHO.request(Version::V4).to_vec();
        assert_eq!(Echo::reply(&message, Version::V4, false), None, "our own request");
        message[0] = 0;
        for length in 0..message.len() {
            assert_eq!(Echo::reply(&message[..length], Version::V4, false), None);
            assert_eq!(Echo::reply(&message[..length], Version::V4, true), None);
        }
    }
}
