//! Bytes as text: printable ASCII as it is, everything else behind a backslash.

use std::fmt::{self, Write};

/// Whether a byte may stand in a transcript as it is.
pub(super) const fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e) && byte != b'\\'
}

/// Writes `bytes` with `\r \n \\ \xNN`; a space at either end as `\x20`, so that no editor strips it.
pub(super) fn write(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let last = bytes.len().saturating_sub(1);
    for (i, &byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' => f.write_str("\\r")?,
            b'\n' => f.write_str("\\n")?,
            b'\\' => f.write_str("\\\\")?,
            b' ' if i == 0 || i == last => f.write_str("\\x20")?,
            _ if is_plain(byte) => f.write_char(char::from(byte))?,
            _ => write!(f, "\\x{byte:02x}")?,
        }
    }
    Ok(())
}

/// Bytes that print as [`write`] writes them.
pub(super) struct Shown<'a>(pub(super) &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.0)
    }
}

/// Reads what [`write`] writes. A mistake is told by the byte offset of the backslash and the text that stands there.
pub(super) fn read(text: &str) -> Result<Vec<u8>, (usize, String)> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escape = chars.as_str();
        match chars.next().map(|(_, c)| c) {
            Some('r') => bytes.push(b'\r'),
            Some('n') => bytes.push(b'\n'),
            Some('\\') => bytes.push(b'\\'),
            Some('x') => {
                let digits = escape.get(1..3).and_then(hex_byte);
                bytes.push(digits.ok_or_else(|| (at, shown(escape, 3)))?);
                chars.next();
                chars.next();
            }
            _ => return Err((at, shown(escape, 1))),
        }
    }
    Ok(bytes)
}

/// Reads pairs of hexadecimal digits; blanks between pairs are allowed. `None`: they are none.
pub(super) fn read_hex(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.split_whitespace().collect();
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    (0..digits.len()).step_by(2).map(|i| digits.get(i..i.saturating_add(2)).and_then(hex_byte)).collect()
}

fn hex_byte(pair: &str) -> Option<u8> {
    // from_str_radix takes a sign as well.
    if !pair.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u8::from_str_radix(pair, 16).ok()
}

fn shown(escape: &str, length: usize) -> String {
    let mut text = String::from("\\");
    text.extend(escape.chars().take(length));
    text
}
