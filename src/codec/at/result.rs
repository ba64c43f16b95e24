//! Final results: how a command ended.

use std::fmt;

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
    /// From what stands after `+CME ERROR:`.
    pub fn parse(reason: &str) -> Self {
        let (code, text) = split_reason(reason);
        Self { code, text }
    }
}

impl CmsError {
    /// From what stands after `+CMS ERROR:`.
    pub fn parse(reason: &str) -> Self {
        let (code, text) = split_reason(reason);
        Self { code, text }
    }
}

fn split_reason(reason: &str) -> (Option<u16>, Option<String>) {
    let reason = reason.trim();
    match reason.parse() {
        Ok(code) => (Some(code), None),
        Err(_) if reason.is_empty() => (None, None),
        Err(_) => (None, Some(reason.to_owned())),
    }
}

fn describe(f: &mut fmt::Formatter<'_>, kind: &str, code: Option<u16>, text: Option<&str>) -> fmt::Result {
    match (code, text) {
        (Some(code), Some(text)) => write!(f, "{kind} error {code}: {text}"),
        (Some(code), None) => write!(f, "{kind} error {code}"),
        (None, Some(text)) => write!(f, "{kind} error: {text}"),
        (None, None) => write!(f, "{kind} error without a reason"),
    }
}

impl fmt::Display for CmeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(f, "CME", self.code, self.text.as_deref())
    }
}

impl fmt::Display for CmsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(f, "CMS", self.code, self.text.as_deref())
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
