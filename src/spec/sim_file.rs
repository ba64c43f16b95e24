//! Elementary files of the SIM (TS 31.102 clause 4.2): what their octets say.

/// File ids as `+CRSM` names them, and how many octets to ask for; 0: all of them.
pub const SPN: (u16, u8) = (0x6F46, 17);
/// Group identifier level 1.
pub const GID1: (u16, u8) = (0x6F3E, 0);
/// Administrative data, with the length of the MNC.
pub const AD: (u16, u8) = (0x6FAD, 4);

/// The octets of hexadecimal digits; none where it is something else.
pub fn octets(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let octet = |at: usize| u8::from_str_radix(hex.get(at..at.checked_add(2)?)?, 16).ok();
    (0..hex.len()).step_by(2).map(octet).collect()
}

/// EF_SPN: the service provider name, behind one octet of display conditions (clause 4.2.12).
pub fn spn(file: &[u8]) -> Option<String> {
    let name = alpha(file.get(1..)?)?;
    (!name.is_empty()).then_some(name)
}

/// EF_GID1: hexadecimal digits up to the padding; none where the file is empty (clause 4.2.10).
pub fn gid1(file: &[u8]) -> Option<String> {
    let used = file.iter().rposition(|octet| *octet != 0xFF)?;
    Some(file.iter().take(used.saturating_add(1)).map(|octet| format!("{octet:02X}")).collect())
}

/// EF_AD: how many digits the MNC in the IMSI has (clause 4.2.18). Older cards have no such octet.
pub fn mnc_digits(file: &[u8]) -> Option<u8> {
    file.get(3).map(|octet| octet & 0x0F).filter(|digits| matches!(digits, 2 | 3))
}

/// An alpha identifier: the GSM default alphabet, or one of three forms of UCS2 (TS 31.101 annex A).
pub fn alpha(octets: &[u8]) -> Option<String> {
    match octets {
        [0x80, rest @ ..] => utf16(rest),
        // Half of a code page, of which the second octet names the start.
        [0x81, length, page, rest @ ..] => paged(rest, *length, u16::from(*page) << 7),
        [0x82, length, high, low, rest @ ..] => paged(rest, *length, u16::from_be_bytes([*high, *low])),
        _ => Some(gsm(octets)),
    }
}

fn utf16(octets: &[u8]) -> Option<String> {
    let (pairs, _) = octets.as_chunks::<2>();
    let units: Vec<u16> =
        pairs.iter().map(|pair| u16::from_be_bytes(*pair)).take_while(|unit| *unit != 0xFFFF).collect();
    String::from_utf16(&units).ok()
}

fn paged(octets: &[u8], length: u8, base: u16) -> Option<String> {
    let read = |octet: &u8| match octet {
        0..=0x7F => septet(*octet),
        _ => char::from_u32(u32::from(base.checked_add(u16::from(octet & 0x7F))?)),
    };
    octets.iter().take(length.into()).map(read).collect()
}

fn gsm(octets: &[u8]) -> String {
    let mut text = String::new();
    let mut octets = octets.iter().copied().take_while(|octet| *octet != 0xFF);
    while let Some(octet) = octets.next() {
        let read = if octet == ESCAPE { octets.next().map(extended) } else { septet(octet) };
        text.push(read.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Leads to the extension table.
const ESCAPE: u8 = 0x1B;

/// TS 23.038 clause 6.2.1.
fn septet(octet: u8) -> Option<char> {
    const FIRST: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{a0}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?";
    const SECOND: &str = "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    let at = usize::from(octet);
    match at {
        0..64 => FIRST.chars().nth(at),
        64..128 => SECOND.chars().nth(at.saturating_sub(64)),
        _ => None,
    }
}

/// TS 23.038 clause 6.2.1.1; what is not in the table shows as its plain character.
fn extended(octet: u8) -> char {
    match octet {
        0x14 => '^',
        0x28 => '{',
        0x29 => '}',
        0x2F => '\\',
        0x3C => '[',
        0x3D => '~',
        0x3E => ']',
        0x40 => '|',
        0x65 => '€',
        other => septet(other).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        octets(text).unwrap()
    }

    #[test]
    fn provider_names() {
        for (file, name) in [
            ("0054657374ffffffffff", Some("Test")),
            ("54657374ffff", Some("est")),
            ("00002454657374", Some("@¤Test")),
            ("0080006f006e006fffff", Some("ono")),
            ("00ff", None),
            ("00", None),
            ("", None),
        ] {
            assert_eq!(spn(&hex(file)).as_deref(), name, "{file}");
        }
    }

    #[test]
    fn alpha_identifiers() {
        let read = |text| alpha(&hex(text));
        assert_eq!(read("6f466f6e6fffff").as_deref(), Some("oFono"));
        assert_eq!(read("ffffffffff").as_deref(), Some(""));
        // A Greek code page and an Armenian base, by hand.
        assert_eq!(read("810307b1b2b3ff").as_deref(), Some("αβγ"));
        assert_eq!(read("82030531808182ff").as_deref(), Some("ԱԲԳ"));
        assert_eq!(read("8205d8002db3b42d31"), None, "a surrogate");
        assert_eq!(read("1b65").as_deref(), Some("€"));
    }

    #[test]
    fn group_identifiers_and_mnc_lengths() {
        assert_eq!(gid1(&hex("A10Fffff")).as_deref(), Some("A10F"));
        assert_eq!(gid1(&hex("ffff")), None);
        assert_eq!(mnc_digits(&hex("00000003")), Some(3));
        assert_eq!(mnc_digits(&hex("000000F2")), Some(2));
        assert_eq!((mnc_digits(&hex("000000")), mnc_digits(&hex("00000000"))), (None, None));
    }

    #[test]
    fn hexadecimal_digits_only() {
        assert_eq!(octets("00fF"), Some(vec![0, 255]));
        for text in ["0", "0g", "é", "+1"] {
            assert_eq!(octets(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_survived(file in prop::collection::vec(any::<u8>(), 0..64), text in ".{0,20}") {
            let _ = (spn(&file), gid1(&file), mnc_digits(&file), alpha(&file), octets(&text));
        }
    }
}
