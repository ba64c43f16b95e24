//! Answers and their errors.

use std::time::Duration;

/// What a command answers: information lines, after a time, and what happens next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::sim) struct Answer {
    /// Information lines, without line ends.
    pub(in crate::sim) lines: Vec<String>,
    /// How long the modem works on it, beyond its usual pace.
    pub(in crate::sim) takes: Duration,
    /// What happens once the answer is out.
    pub(in crate::sim) then: Then,
}

/// What happens once an answer is out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::sim) enum Then {
    /// Nothing more.
    #[default]
    Nothing,
    /// The modem starts anew.
    Reboot,
    /// The modem goes off; only the power key brings it back.
    PowerOff,
    /// `CONNECT` instead of `OK`, and bytes belong to the data call.
    Data,
    /// The final result is `NO CARRIER`.
    NoCarrier,
}

/// What a command comes to.
pub(in crate::sim) type Reply = Result<Answer, AtError>;

impl Answer {
    /// `OK` alone.
    pub(in crate::sim) fn ok() -> Self {
        Self::default()
    }

    /// One information line.
    pub(in crate::sim) fn line(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], ..Self::default() }
    }

    /// Several information lines.
    pub(in crate::sim) fn lines(lines: Vec<String>) -> Self {
        Self { lines, ..Self::default() }
    }

    /// The same, after `takes`.
    pub(in crate::sim) fn taking(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }

    /// The same, and then.
    pub(in crate::sim) fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}

/// A final result that is no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum AtError {
    /// `ERROR`, whatever `+CMEE` says.
    Plain,
    /// `+CME ERROR` (TS 27.007 clause 9.2), in the form that `+CMEE` asks for.
    Cme(u16),
}

pub(in crate::sim) const CME_NOT_ALLOWED: AtError = AtError::Cme(3);
pub(in crate::sim) const CME_NO_SIM: AtError = AtError::Cme(10);
pub(in crate::sim) const CME_PIN: AtError = AtError::Cme(11);
pub(in crate::sim) const CME_PUK: AtError = AtError::Cme(12);
pub(in crate::sim) const CME_SIM_FAILURE: AtError = AtError::Cme(13);
pub(in crate::sim) const CME_SIM_BUSY: AtError = AtError::Cme(14);
pub(in crate::sim) const CME_WRONG_PASSWORD: AtError = AtError::Cme(16);
pub(in crate::sim) const CME_NO_SERVICE: AtError = AtError::Cme(30);
pub(in crate::sim) const CME_INVALID: AtError = AtError::Cme(50);

impl AtError {
    /// The final result line, as `+CMEE` wants it.
    pub(in crate::sim) fn line(self, cmee: u8) -> String {
        match (self, cmee) {
            (Self::Plain, _) | (Self::Cme(_), 0) => "ERROR".into(),
            (Self::Cme(code), 1) => format!("+CME ERROR: {code}"),
            (Self::Cme(code), _) => match cme_text(code) {
                Some(text) => format!("+CME ERROR: {text}"),
                None => format!("+CME ERROR: {code}"),
            },
        }
    }
}

/// The words of TS 27.007 clause 9.2.1 and 9.2.2 for the codes that this modem gives.
const fn cme_text(code: u16) -> Option<&'static str> {
    Some(match code {
        3 => "operation not allowed",
        4 => "operation not supported",
        10 => "SIM not inserted",
        11 => "SIM PIN required",
        12 => "SIM PUK required",
        13 => "SIM failure",
        14 => "SIM busy",
        16 => "incorrect password",
        22 => "not found",
        30 => "no network service",
        50 => "incorrect parameters",
        100 => "unknown",
        103 => "illegal MS",
        106 => "illegal ME",
        107 => "GPRS services not allowed",
        111 => "PLMN not allowed",
        112 => "location area not allowed",
        113 => "roaming not allowed in this location area",
        132 => "service option not supported",
        133 => "requested service option not subscribed",
        134 => "service option temporarily out of order",
        148 => "unspecified GPRS error",
        149 => "PDP authentication failure",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cmee_chooses_the_form() {
        // T-23 of the transcripts has the three forms of a missing card.
        assert_eq!(CME_NO_SIM.line(0), "ERROR");
        assert_eq!(CME_NO_SIM.line(1), "+CME ERROR: 10");
        assert_eq!(CME_NO_SIM.line(2), "+CME ERROR: SIM not inserted");
        assert_eq!(AtError::Plain.line(2), "ERROR");
        assert_eq!(AtError::Cme(515).line(2), "+CME ERROR: 515");
    }
}
