//! The SIM: `+CPIN`, `+CPINR`, `+CRSM`, `+CSIM`.

use super::super::cursor::{Malformed, Reader};

/// `<code>` of `+CPIN` (TS 27.007 clause 8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// `READY`: no code is asked for.
    Ready,
    /// `SIM PIN`.
    SimPin,
    /// `SIM PUK`.
    SimPuk,
    /// Another code of the standard, such as `PH-SIM PIN` or `SIM PIN2`.
    Other(&'static str),
    /// A maker's own word, such as `NOT READY` or `SIM REMOVED`.
    Unknown(String),
}

/// Codes that are neither the PIN nor the PUK of the card.
const OTHER_CODES: [&str; 17] = [
    "SIM PIN2",
    "SIM PUK2",
    "PH-SIM PIN",
    "PH-FSIM PIN",
    "PH-FSIM PUK",
    "PH-NET PIN",
    "PH-NET PUK",
    "PH-NETSUB PIN",
    "PH-NETSUB PUK",
    "PH-SP PIN",
    "PH-SP PUK",
    "PH-CORP PIN",
    "PH-CORP PUK",
    "PH-ESL PIN",
    "PH-SIMLOCK PIN",
    "PH-SIM PUK",
    "PH-ESL PUK",
];

impl Pin {
    fn of(code: &str) -> Self {
        // Some makers write `PH_SIM PIN`.
        let code = code.replace('_', "-").to_ascii_uppercase();
        let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        match code.as_str() {
            "READY" => Self::Ready,
            "SIM PIN" => Self::SimPin,
            "SIM PUK" => Self::SimPuk,
            _ => match OTHER_CODES.into_iter().find(|other| *other == code) {
                Some(other) => Self::Other(other),
                None => Self::Unknown(code),
            },
        }
    }

    /// The word of the standard, such as `SIM PIN`.
    pub fn code(&self) -> &str {
        match self {
            Self::Ready => "READY",
            Self::SimPin => "SIM PIN",
            Self::SimPuk => "SIM PUK",
            Self::Other(code) => code,
            Self::Unknown(code) => code,
        }
    }
}

/// Reads `+CPIN: <code>`.
pub fn cpin(line: &str) -> Result<Pin, Malformed> {
    Ok(Pin::of(Reader::of(line, "+CPIN")?.string("<code>")?))
}

/// Attempts left for a code: one line of `+CPINR` (TS 27.007 clause 8.65).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// Which code.
    pub pin: Pin,
    /// Attempts left.
    pub left: u8,
    /// Attempts of a fresh card, where the modem tells.
    pub initial: Option<u8>,
}

/// Reads `+CPINR: <code>,<retries>[,<default_retries>]`.
pub fn cpinr(line: &str) -> Result<Retries, Malformed> {
    let mut fields = Reader::of(line, "+CPINR")?;
    let pin = Pin::of(fields.string("<code>")?);
    Ok(Retries { pin, left: fields.number("<retries>")?, initial: fields.maybe_number() })
}

/// The card's answer to a command of `+CRSM` or `+CSIM` (TS 27.007 clauses 8.17 and 8.18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardAnswer {
    /// First status octet; 0x90 and 0x91 are success.
    pub sw1: u8,
    /// Second status octet.
    pub sw2: u8,
    /// Data in hexadecimal digits.
    pub data: String,
}

/// Reads `+CRSM: <sw1>,<sw2>[,<response>]`.
pub fn crsm(line: &str) -> Result<CardAnswer, Malformed> {
    let mut fields = Reader::of(line, "+CRSM")?;
    let (sw1, sw2) = (fields.number("<sw1>")?, fields.number("<sw2>")?);
    let data = fields.maybe_string().unwrap_or_default();
    if data.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(CardAnswer { sw1, sw2, data })
    } else {
        Err(fields.wrong("<response>"))
    }
}

/// Reads `+CSIM: <length>,<command>`: the last four digits are SW1 and SW2. Makers count the length in different
/// ways, so it is not held against the digits.
pub fn csim(line: &str) -> Result<CardAnswer, Malformed> {
    let mut fields = Reader::of(line, "+CSIM")?;
    fields.number::<u16>("<length>")?;
    let answer = fields.string("<command>")?;
    let wrong = || fields.wrong("<command>");
    let (data, status) = answer.len().checked_sub(4).and_then(|at| answer.split_at_checked(at)).ok_or_else(wrong)?;
    if !data.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let [sw1, sw2] = u16::from_str_radix(status, 16).map_err(|_| wrong())?.to_be_bytes();
    Ok(CardAnswer { sw1, sw2, data: data.to_owned() })
}

/// Why a card refused a VERIFY (TS 102 221 clauses 10.2 and 11.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// 6300: wrong code, and the card does not tell how many attempts are left.
    #[error("the SIM refused the code and does not tell how many attempts are left")]
    Failed,
    /// 6983: no attempts left.
    #[error("the SIM's code is blocked; its PUK unblocks it")]
    Blocked,
    /// 6984: the code is not in use.
    #[error("the SIM's code is switched off")]
    Invalidated,
    /// 6A86, 6B00: wrong parameters.
    #[error("the SIM does not take the parameters of the command")]
    Parameters,
    /// 6A88: no such code.
    #[error("the SIM has no such code")]
    NotFound,
    /// Another status.
    #[error("the SIM answered with status {0:02X}{1:02X}")]
    Other(u8, u8),
}

impl CardAnswer {
    /// Attempts left, of the answer to a VERIFY without a code: SW1 SW2 is 63CX.
    pub fn retries(&self) -> Result<u8, VerifyError> {
        match (self.sw1, self.sw2) {
            (0x63, sw2 @ 0xC0..=0xCF) => Ok(sw2 & 0x0F),
            (0x63, 0) => Err(VerifyError::Failed),
            (0x69, 0x83) => Err(VerifyError::Blocked),
            (0x69, 0x84) => Err(VerifyError::Invalidated),
            (0x6A, 0x86) | (0x6B, 0) => Err(VerifyError::Parameters),
            (0x6A, 0x88) => Err(VerifyError::NotFound),
            (sw1, sw2) => Err(VerifyError::Other(sw1, sw2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_asked_for_is_read() {
        assert_eq!(cpin("+CPIN: READY"), Ok(Pin::Ready));
        assert_eq!(cpin("+CPIN: \"SIM PIN\""), Ok(Pin::SimPin));
        assert_eq!(cpin("+CPIN:sim  puk"), Ok(Pin::SimPuk));
        assert_eq!(cpin("+CPIN: PH_SIM PIN"), Ok(Pin::Other("PH-SIM PIN")));
        assert_eq!(cpin("+CPIN: PH-NET PIN").map(|pin| pin.code().to_owned()), Ok("PH-NET PIN".into()));
        assert_eq!(cpin("+CPIN: SIM REMOVED 0"), Ok(Pin::Unknown("SIM REMOVED 0".into())));
        // T-11.
        assert_eq!(cpinr("+CPINR: \"SIM PIN\",3"), Ok(Retries { pin: Pin::SimPin, left: 3, initial: None }));
        assert_eq!(cpinr("+CPINR: SIM PUK,10,10"), Ok(Retries { pin: Pin::SimPuk, left: 10, initial: Some(10) }));
    }

    #[test]
    fn retries_are_the_last_digit_of_63cx() {
        // TS 102 221 §10.2.1.
        assert_eq!(csim("+CSIM: 4,\"63C3\"").unwrap().retries(), Ok(3));
        assert_eq!(csim("+CSIM: 4,\"6983\"").unwrap().retries(), Err(VerifyError::Blocked));
        assert!(csim("+CSIM: 2,\"63\"").is_err());
        assert!(csim("+CSIM: 4,\"63CX\"").is_err());
        assert_eq!(crsm("+CRSM: 144,0,\"98\"").map(|answer| (answer.sw1, answer.data)), Ok((0x90, "98".into())));
    }
}
