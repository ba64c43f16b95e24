//! Basic commands (V.250 clause 6).

use crate::sim::modem::{Mode, SimModem};
use crate::sim::settings::Settings;

use super::answer::{Answer, AtError, Reply, Then};

/// Runs a basic command.
pub(super) fn run(modem: &mut SimModem, name: &str, number: u32) -> Reply {
    match (name, number) {
        ("E", 0 | 1) => modem.settings.echo = number == 1,
        ("V", 0 | 1) => modem.settings.verbose = number == 1,
        ("Q", 0 | 1) => modem.settings.quiet = number == 1,
        ("Z" | "&F", _) => {
            modem.hang_up();
            modem.settings = Settings::new(modem.definition.capabilities.echo);
        }
        ("I", _) => return Ok(identification(modem)),
        ("H", _) => modem.hang_up(),
        ("O", _) if modem.mode == Mode::OnHold => return Ok(Answer::ok().then(Then::Data)),
        ("O" | "A", _) => return Ok(Answer::ok().then(Then::NoCarrier)),
        // Speaker, tone, result codes, circuits, stored profiles: nothing to simulate behind them.
        ("X" | "L" | "M" | "T" | "P" | "&C" | "&D" | "&K" | "&S" | "&R" | "&W" | "&Y" | "\\Q", _) => {}
        _ => return Err(AtError::Plain),
    }
    Ok(Answer::ok())
}

/// `ATI` as Quectel's answer in T-04 of the transcripts.
fn identification(modem: &SimModem) -> Answer {
    let (profile, definition) = (&modem.profile, &modem.definition);
    Answer::lines(vec![
        profile.manufacturer(definition),
        profile.product(definition),
        format!("Revision: {}", profile.revision),
    ])
}
