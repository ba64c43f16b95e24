//! Logs of other programs as transcripts.
//!
//! Read are ModemManager's debug log, in all its dresses since 2010, and plain logs of a terminal or of a program that
//! prints what it sends and receives. The result is lenient: its commands are another program's.

mod clock;
mod modem_manager;
mod terminal;

use std::time::Duration;

use super::{Record, Transcript};

/// Nothing could be read from a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// No line of the text is a command or an answer.
    #[error(
        "no command and no answer was found in the text; a ModemManager log must be taken with debug output \
         (`mmcli --set-logging=DEBUG`), a terminal log must contain the AT lines"
    )]
    Nothing,
}

/// Reads a log of either kind; `port` names the port where the log does not.
pub fn import(text: &str, port: &str) -> Result<Transcript, ImportError> {
    if modem_manager::fits(text) {
        return finish("ModemManager debug log", modem_manager::records(text, port));
    }
    finish("terminal log", terminal::records(text, port))
}

fn finish(source: &str, mut records: Vec<Record>) -> Result<Transcript, ImportError> {
    let start = records.first().ok_or(ImportError::Nothing)?.at;
    let mut last = Duration::ZERO;
    for record in &mut records {
        // A log may be out of order by the clock; a transcript is not.
        last = record.at.saturating_sub(start).max(last);
        record.at = last;
    }
    let mut transcript = Transcript { records, ..Transcript::default() };
    transcript.header.set("source", source);
    transcript.header.set("mode", "lenient");
    Ok(transcript)
}

#[cfg(test)]
mod tests;
