//! Names of networks as NAS sends them: octets with an encoding beside.

use super::nas::{DescriptionEncoding, NameEncoding};
use super::{Coding, Malformed, Octets, Reader, Writer};

/// A name that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableName {
    /// Its encoding is none that lpwa knows.
    #[error("encoding {0} of a network name is none that lpwa knows")]
    Encoding(u8),
    /// Its octets are not of its encoding.
    #[error("the octets of a network name are not of its encoding")]
    Octets,
}

/// The text of a network name.
pub fn decode(encoding: NameEncoding, name: &Octets) -> Result<String, UnreadableName> {
    match encoding {
        NameEncoding::Gsm => Ok(gsm(&name.0)),
        NameEncoding::Ucs2le => ucs2(&name.0),
        NameEncoding::Other(other) => Err(UnreadableName::Encoding(other)),
    }
}

/// The text of a network's description.
pub fn description(encoding: DescriptionEncoding, text: &Octets) -> Result<String, UnreadableName> {
    match encoding {
        DescriptionEncoding::Gsm => Ok(gsm(&text.0)),
        DescriptionEncoding::Ucs2le => ucs2(&text.0),
        DescriptionEncoding::Ascii7 | DescriptionEncoding::Unspecified => ascii(&text.0),
        DescriptionEncoding::Other(other) => Err(UnreadableName::Encoding(other)),
    }
}

fn ascii(octets: &[u8]) -> Result<String, UnreadableName> {
    let text = str::from_utf8(octets).ok().filter(|text| text.is_ascii()).ok_or(UnreadableName::Octets)?;
    Ok(text.trim_end_matches('\0').to_owned())
}

fn ucs2(octets: &[u8]) -> Result<String, UnreadableName> {
    let unit = |pair: &[u8]| pair.iter().rev().fold(0, |unit, octet| unit << 8 | u16::from(*octet));
    let units: Vec<u16> = octets.chunks_exact(2).map(unit).collect();
    String::from_utf16(&units).map_err(|_| UnreadableName::Octets)
}

/// A description whose encoding nobody tells: UTF-8 where that gives printable text, else packed septets, else UTF-16.
#[derive(Debug, Clone, Copy)]
pub struct Untold;

impl Coding<String> for Untold {
    fn read(from: &mut Reader<'_>) -> Result<String, Malformed> {
        let octets = from.remaining();
        let printable = |text: &String| !text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER);
        let utf8 = str::from_utf8(octets).ok().map(|text| text.trim_end_matches('\0').to_owned());
        let read = [utf8, Some(gsm(octets)), ucs2(octets).ok()].into_iter().flatten().find(printable);
        Ok(read.unwrap_or_default())
    }

    fn write(value: &String, to: &mut Writer) {
        to.put(value.as_bytes());
    }
}

/// The GSM 7 bit default alphabet (TS 23.038 §6.2.1).
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Its extension (TS 23.038 §6.2.1.1): what follows an escape.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Packed septets as text (TS 23.038 §6.1.2.1).
fn gsm(octets: &[u8]) -> String {
    let mut text = String::new();
    let mut escaped = false;
    for septet in septets(octets) {
        match septet {
            0x1B if !escaped => escaped = true,
            _ => {
                let extended = EXTENSION.iter().find(|(code, _)| escaped && *code == septet).map(|(_, c)| *c);
                text.extend(extended.or_else(|| ALPHABET.chars().nth(septet.into())));
                escaped = false;
            }
        }
    }
    text
}

/// Septets of packed octets. Seven bits of zero at the end may be filling: eight septets would fill seven octets.
fn septets(octets: &[u8]) -> Vec<u8> {
    let (mut septets, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for octet in octets {
        held |= u32::from(*octet) << bits;
        bits += 8;
        while bits >= 7 {
            septets.push((held & 0x7F) as u8);
            held >>= 7;
            bits -= 7;
        }
    }
    if octets.len().is_multiple_of(7) && septets.last() == Some(&0) {
        septets.pop();
    }
    septets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(encoding: NameEncoding, octets: &[u8]) -> Result<String, UnreadableName> {
        decode(encoding, &Octets(octets.to_vec()))
    }

    #[test]
    fn a_description_is_read_in_whatever_it_is() {
        let read = |octets| Untold::read(&mut Reader::new(octets)).unwrap();
        assert_eq!(read(b"lpwa test"), "lpwa test");
        // "hello" packed: a control character in UTF-8.
        assert_eq!(read(&[0xE8, 0x32, 0x9B, 0xFD, 0x06]), "hello");
        assert_eq!(read(b""), "");
    }

    #[test]
    fn each_encoding_is_read() {
        assert_eq!(ALPHABET.chars().count(), 128);
        // "hello" of TS 23.038, and an escape: the euro sign is 0x1B 0x65.
        assert_eq!(named(NameEncoding::Gsm, &[0xE8, 0x32, 0x9B, 0xFD, 0x06]).unwrap(), "hello");
        assert_eq!(named(NameEncoding::Gsm, &[0x9B, 0x32]).unwrap(), "€");
        assert_eq!(named(NameEncoding::Ucs2le, &[b'l', 0, 0xE9, 0]).unwrap(), "lé");
        let described = |encoding, octets: &[u8]| description(encoding, &Octets(octets.to_vec()));
        assert_eq!(described(DescriptionEncoding::Ascii7, b"lpwa\0").unwrap(), "lpwa");
        assert_eq!(described(DescriptionEncoding::Unspecified, b"lpwa").unwrap(), "lpwa");
        assert_eq!(described(DescriptionEncoding::Ascii7, &[0xE9]), Err(UnreadableName::Octets));
        assert_eq!(described(DescriptionEncoding::Other(255), b"lpwa"), Err(UnreadableName::Encoding(255)));
        assert_eq!(named(NameEncoding::Ucs2le, &[0x00, 0xD8]), Err(UnreadableName::Octets));
        assert_eq!(named(NameEncoding::Other(7), b"lpwa"), Err(UnreadableName::Encoding(7)));
    }
}
