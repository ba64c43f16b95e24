//! Character sets of strings in answers, as `+CSCS` chooses them (TS 27.007 clause 5.5).

use std::str::FromStr;

/// A character set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Charset {
    /// ASCII, the default of the standard.
    #[default]
    Ira,
    /// GSM 7 bit default alphabet (TS 23.038 clause 6.2.1), one septet in each octet.
    Gsm,
    /// UTF-16 in hexadecimal digits.
    Ucs2,
    /// UTF-8.
    Utf8,
}

/// lpwa does not read this character set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no character set that lpwa reads; use IRA, GSM, UCS2 or UTF-8")]
pub struct UnknownCharset(pub String);

impl FromStr for Charset {
    type Err = UnknownCharset;

    fn from_str(name: &str) -> Result<Self, UnknownCharset> {
        match name.to_ascii_uppercase().as_str() {
            "IRA" | "ASCII" => Ok(Self::Ira),
            "GSM" => Ok(Self::Gsm),
            "UCS2" => Ok(Self::Ucs2),
            "UTF-8" | "UTF8" => Ok(Self::Utf8),
            _ => Err(UnknownCharset(name.to_owned())),
        }
    }
}

impl Charset {
    /// The text of a field. Makers do not always use the set that was chosen: what is no UCS2 is taken as it is.
    pub fn decode(self, text: &str) -> String {
        match self {
            Self::Ira | Self::Utf8 => text.to_owned(),
            Self::Gsm => text.chars().map(gsm).collect(),
            Self::Ucs2 => ucs2(text).unwrap_or_else(|| text.to_owned()),
        }
    }
}

/// The printable codes where the GSM alphabet is not ASCII.
fn gsm(septet: char) -> char {
    match septet {
        '$' => '¤',
        '@' => '¡',
        '[' => 'Ä',
        '\\' => 'Ö',
        ']' => 'Ñ',
        '^' => 'Ü',
        '_' => '§',
        '`' => '¿',
        '{' => 'ä',
        '|' => 'ö',
        '}' => 'ñ',
        '~' => 'ü',
        same => same,
    }
}

fn ucs2(text: &str) -> Option<String> {
    if text.is_empty() || !text.len().is_multiple_of(4) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let unit = |at: usize| u16::from_str_radix(text.get(at..at.checked_add(4)?)?, 16).ok();
    let units = (0..text.len()).step_by(4).map(unit).collect::<Option<Vec<u16>>>()?;
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_or_kept() {
        assert_eq!(Charset::Gsm.decode("AT&T@"), "AT&T¡");
        assert_eq!(Charset::Ucs2.decode("0054006500730074"), "Test");
        assert_eq!(Charset::Ucs2.decode("Test"), "Test");
        assert_eq!(Charset::Ucs2.decode("00101"), "00101");
        assert_eq!(Charset::Ucs2.decode("D800"), "D800");
    }
}
