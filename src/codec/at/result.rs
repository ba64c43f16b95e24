//! Final results: how a command ended.

use std::fmt;

use super::error_table::{CME, CMS, RP_CAUSES, Row, by_code, by_text};

/// How a command ended (V.250 clause 5.7.1, TS 27.007 clause 9, TS 27.005 clause 3.2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FinalResult {
    /// `OK`; after a prompt also `SEND OK`.
    Ok,
    /// `CONNECT`: what follows is data. The text behind it, often a rate, is kept.
    Connect(Option<String>),
    /// Anything else.
    Error(AtError),
}

/// Why the modem refused a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AtError {
    /// `ERROR`: no reason given.
    #[error("the modem answered ERROR and gives no reason")]
    Error,
    /// `+CME ERROR`: the mobile equipment gives a reason.
    #[error("{0}")]
    Cme(CmeError),
    /// `+CMS ERROR`: the message service gives a reason.
    #[error("{0}")]
    Cms(CmsError),
    /// `NO CARRIER`.
    #[error("the modem answered NO CARRIER: the connection was refused or lost")]
    NoCarrier,
    /// `BUSY`.
    #[error("the modem answered BUSY: the called side is busy")]
    Busy,
    /// `NO ANSWER`.
    #[error("the modem answered NO ANSWER: the called side does not answer")]
    NoAnswer,
    /// `NO DIALTONE`.
    #[error("the modem answered NO DIALTONE: it has no service to dial with")]
    NoDialtone,
    /// `COMMAND NOT SUPPORT`.
    #[error("the modem does not know the command")]
    NotSupported,
    /// `SEND FAIL`.
    #[error("the modem could not send the data")]
    SendFail,
}

/// A reason given by the mobile equipment (TS 27.007 clause 9.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CmeError {
    /// The number; looked up where the modem gives words.
    pub code: Option<u16>,
    /// The modem's words, where it gives words.
    pub text: Option<String>,
}

/// A reason given by the message service (TS 27.005 clause 3.2.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CmsError {
    /// The number; looked up where the modem gives words.
    pub code: Option<u16>,
    /// The modem's words, where it gives words.
    pub text: Option<String>,
}

impl CmeError {
    /// From what stands after `+CME ERROR:`, a number or words.
    pub fn parse(reason: &str) -> Self {
        let (code, text) = split_reason(&[CME], reason);
        Self { code, text }
    }

    /// The number of TS 27.007 clause 9.2; 100, "unknown", where the modem gave none or one that is its maker's own.
    pub fn standard_code(&self) -> u16 {
        self.row().map_or(100, |row| row.0)
    }

    /// The stable name, such as `sim-not-inserted`; `None` where the number is the maker's own.
    pub fn name(&self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    fn row(&self) -> Option<&'static Row> {
        by_code(CME, self.code?)
    }
}

impl CmsError {
    /// From what stands after `+CMS ERROR:`, a number or words.
    pub fn parse(reason: &str) -> Self {
        let (code, text) = split_reason(&[CMS, RP_CAUSES], reason);
        Self { code, text }
    }

    /// The number of TS 27.005 clause 3.2.5; 500, "unknown error", where the modem gave none or its maker's own.
    pub fn standard_code(&self) -> u16 {
        self.row().map_or(500, |row| row.0)
    }

    /// The stable name, such as `memory-full`; `None` where the number is the maker's own.
    pub fn name(&self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    fn row(&self) -> Option<&'static Row> {
        let code = self.code?;
        by_code(CMS, code).or_else(|| by_code(RP_CAUSES, code))
    }
}

fn split_reason(tables: &[&[Row]], reason: &str) -> (Option<u16>, Option<String>) {
    let reason = reason.trim();
    if reason.is_empty() {
        return (None, None);
    }
    match reason.parse() {
        Ok(code) => (Some(code), None),
        Err(_) => {
            let row = tables.iter().find_map(|table| by_text(table, reason));
            (row.map(|row| row.0), Some(reason.to_owned()))
        }
    }
}

fn describe(f: &mut fmt::Formatter<'_>, kind: &str, code: Option<u16>, words: Option<&str>) -> fmt::Result {
    match (code, words) {
        (Some(code), Some(words)) => write!(f, "{kind} error {code}: {words}"),
        (Some(code), None) => write!(f, "{kind} error {code}, which no standard explains"),
        (None, Some(words)) => write!(f, "{kind} error: {words}"),
        (None, None) => write!(f, "{kind} error without a reason"),
    }
}

impl fmt::Display for CmeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(f, "CME", self.code, self.text.as_deref().or_else(|| Some(self.row()?.2)))
    }
}

impl fmt::Display for CmsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(f, "CMS", self.code, self.text.as_deref().or_else(|| Some(self.row()?.2)))
    }
}

impl FinalResult {
    /// The final result that `line` is, if it is one; `CONNECT`, `SEND OK` and `SEND FAIL` are left to the caller,
    /// who knows whether they can come.
    pub fn parse(line: &str) -> Option<Self> {
        let error = match line.trim() {
            "OK" => return Some(Self::Ok),
            "ERROR" => AtError::Error,
            "NO CARRIER" => AtError::NoCarrier,
            "BUSY" => AtError::Busy,
            "NO ANSWER" => AtError::NoAnswer,
            "NO DIALTONE" | "NO DIAL TONE" => AtError::NoDialtone,
            "COMMAND NOT SUPPORT" | "COMMAND NOT SUPPORTED" => AtError::NotSupported,
            _ => return Self::parse_reasoned(line).map(Self::Error),
        };
        Some(Self::Error(error))
    }

    /// `CONNECT`, alone or with a text such as a rate behind it.
    pub fn parse_connect(line: &str) -> Option<Self> {
        let rest = line.trim().strip_prefix("CONNECT")?;
        match rest.chars().next() {
            None => Some(Self::Connect(None)),
            Some(' ') => Some(Self::Connect(Some(rest.trim().to_owned()))),
            Some(_) => None,
        }
    }

    fn parse_reasoned(line: &str) -> Option<AtError> {
        let line = line.trim_start();
        // A reason may be empty, but the blank in front of it is there (TS 27.007 §9.2): without it the line was cut.
        if let Some(reason) = line.strip_prefix("+CME ERROR:").filter(|reason| !reason.is_empty()) {
            return Some(AtError::Cme(CmeError::parse(reason)));
        }
        if let Some(reason) = line.strip_prefix("+CMS ERROR:").filter(|reason| !reason.is_empty()) {
            return Some(AtError::Cms(CmsError::parse(reason)));
        }
        // Motorola phones; what their numbers mean is not published.
        let number = line.strip_prefix("MODEM ERROR:")?.trim();
        (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
            .then(|| AtError::Cme(CmeError { code: None, text: Some(line.trim().to_owned()) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_name_the_same_reason() {
        // TS 27.007 §9.2: 10 is "SIM not inserted".
        for reason in [" 10", " SIM not inserted", " sim NOT  inserted"] {
            let error = CmeError::parse(reason);
            assert_eq!((error.code, error.name()), (Some(10), Some("sim-not-inserted")), "{reason}");
        }
        assert_eq!(CmeError::parse("10").to_string(), "CME error 10: SIM not inserted");
        assert_eq!(CmeError::parse("Requested service option not subscribed (#33)").code, Some(133));
        assert_eq!(CmsError::parse("(U)SIM PIN required").code, Some(311));
    }

    #[test]
    fn a_makers_own_reason_is_kept() {
        let error = CmeError::parse("5847");
        assert_eq!((error.code, error.name(), error.standard_code()), (Some(5847), None, 100));
        let error = CmeError::parse("raspberry");
        assert_eq!((error.code, error.text.as_deref(), error.standard_code()), (None, Some("raspberry"), 100));
        assert_eq!(CmsError::parse("501").standard_code(), 500);
        assert_eq!(CmeError::parse("99999").to_string(), "CME error: 99999");
    }
}
