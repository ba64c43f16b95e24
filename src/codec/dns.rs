//! The little of DNS (RFC 1035) that a probe needs: one question, and whether the answer is one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name servers of a name.
    Ns,
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

impl Kind {
    /// RFC 1035 clause 3.2.2, RFC 3596 clause 2.1.
    const fn number(self) -> u16 {
        match self {
            Self::Ns => 2,
            Self::A => 1,
            Self::Aaaa => 28,
        }
    }
}

/// A message of more octets is not waited for: the answer to our question fits in the smallest (clause 4.2.1).
pub const LARGEST: usize = 512;
/// Octets of the header.
const HEADER: usize = 12;
/// Class IN, the Internet.
const INTERNET: u16 = 1;

/// An answer to our question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The response code (clause 4.1.1): 0 all is well, 3 no such name, 2 the server could not find out, 5 refused.
    pub code: u8,
    /// The addresses in it.
    pub addresses: Vec<IpAddr>,
}

/// A question; `None` where `name` is no name. The empty name is the root.
pub fn question(id: u16, name: &str, kind: Kind) -> Option<Vec<u8>> {
    // Recursion is desired; one question.
    let mut message = id.to_be_bytes().to_vec();
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let length = u8::try_from(label.len()).ok().filter(|length| *length <= 63)?;
        message.push(length);
        message.extend(label.bytes());
    }
    message.push(0);
    message.extend(kind.number().to_be_bytes());
    message.extend(INTERNET.to_be_bytes());
    (message.len() <= HEADER + 255 + 4).then_some(message)
}

/// The answer to `question`, if `message` is one: same number, same question, a response.
pub fn answer(question: &[u8], message: &[u8]) -> Option<Answer> {
    let (id, asked) = (question.get(..2)?, question.get(HEADER..)?);
    let (flags, count) = (message.get(2..4)?, be16(message, 6)?);
    let response = flags.first()? & 0x80 != 0;
    // Names are answered in whatever case they were asked.
    let same = message.get(HEADER..HEADER + asked.len())?.eq_ignore_ascii_case(asked);
    if message.get(..2)? != id || !response || !same {
        return None;
    }
    let addresses = addresses(message, HEADER + asked.len(), count);
    Some(Answer { code: flags.get(1)? & 0x0F, addresses })
}

/// The addresses of `count` records from `at` on; what is damaged ends the list.
fn addresses(message: &[u8], mut at: usize, count: u16) -> Vec<IpAddr> {
    let mut found = vec![];
    for _ in 0..count {
        let Some((record, next)) = record(message, at) else { break };
        found.extend(record);
        at = next;
    }
    found
}

/// The address in the record at `at`, and where the next one begins.
fn record(message: &[u8], at: usize) -> Option<(Option<IpAddr>, usize)> {
    let at = after_name(message, at)?;
    let (kind, class, length) = (be16(message, at)?, be16(message, at + 2)?, usize::from(be16(message, at + 8)?));
    let data = message.get(at + 10..at + 10 + length)?;
    let address = match (kind, class) {
        (1, INTERNET) => data.try_into().ok().map(|octets: [u8; 4]| Ipv4Addr::from(octets).into()),
        (28, INTERNET) => data.try_into().ok().map(|octets: [u8; 16]| Ipv6Addr::from(octets).into()),
        _ => None,
    };
    Some((address, at + 10 + length))
}

/// Where the name at `at` ends: labels up to the empty one, or up to a pointer (clause 4.1.4), which is not followed.
fn after_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length if length & 0xC0 == 0xC0 => return Some(at + 2),
            length if length & 0xC0 == 0 => at += 1 + usize::from(length),
            _ => return None,
        }
    }
}

fn be16(message: &[u8], at: usize) -> Option<u16> {
    message.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer to `question` with `records` as they are on the wire.
    fn reply(question: &[u8], code: u8, records: &[&[u8]]) -> Vec<u8> {
        let mut message = question.to_vec();
        (message[2], message[3]) = (0x81, 0x80 | code);
        message[7] = u8::try_from(records.len()).unwrap();
        records.iter().for_each(|record| message.extend(*record));
        message
    }

    const ALIAS: &[u8] = &[0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, b'x', 0xC0, 12];
    const ADDRESS: &[u8] = &[1, b'x', 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7];

    #[test]
    fn the_root_is_a_small_question() {
        let question = question(0xABCD, "", Kind::Ns).unwrap();
        assert_eq!(question, [0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]);
    }

    #[test]
    fn addresses_are_found_behind_aliases() {
        let question = question(1, "probe.example", Kind::A).unwrap();
        let answer = answer(&question, &reply(&question, 0, &[ALIAS, ADDRESS])).unwrap();
        assert_eq!(answer, Answer { code: 0, addresses: vec!["192.0.2.7".parse().unwrap()] });
    }

    #[test]
    fn another_answer_is_not_ours() {
        let question = question(1, "probe.example", Kind::A).unwrap();
        let good = reply(&question, 2, &[]);
        assert_eq!(answer(&question, &good), Some(Answer { code: 2, addresses: vec![] }));
        for (at, octet) in [(0, 9), (2, 0x01), (14, b'Q')] {
            let mut other = good.clone();
            other[at] = octet;
            assert_eq!(answer(&question, &other), None, "{at}");
        }
    }

    #[test]
    fn names_have_their_limits() {
        assert_eq!(question(1, &"a".repeat(64), Kind::A), None);
        assert_eq!(question(1, &"abc.".repeat(70), Kind::A), None);
    }

    #[test]
    fn no_message_breaks_it() {
        let question = question(1, "probe.example", Kind::Aaaa).unwrap();
        let whole = reply(&question, 0, &[ALIAS, ADDRESS]);
        for length in 0..whole.len() {
            answer(&question, &whole[..length]);
        }
        let mut random = 88_172_645_463_325_252u64;
        for _ in 0..20_000 {
            let mut message = whole.clone();
            for _ in 0..3 {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let at = usize::try_from(random % message.len() as u64).unwrap();
                message[at] = u8::try_from(random >> 56).unwrap();
            }
            answer(&question, &message);
        }
    }
}
