//! The first commands of a session, and the notices that are asked for.

use std::time::Duration;

use tokio::time::Instant;

use crate::codec::at::command::{CommandLine, standard};
use crate::modem::channel::CommandError;
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::modem::settings::Settings;
use crate::spec::rat::Rat;

/// How long one attempt of the first command may take.
const FIRST_TIME_OUT: Duration = Duration::from_millis(1500);

/// Waits until the modem answers, and asks for error numbers: they say more than `ERROR`, and the same in every
/// language.
///
/// `ATE0` is the first command: its answer, good or bad, shows that a modem is there, and echo is off from then on.
pub async fn open(d: &Driver, patience: Duration) -> Result<(), CommandError> {
    let deadline = Instant::now() + patience;
    loop {
        match d.run_within(CommandLine::raw("ATE0"), FIRST_TIME_OUT).await {
            Ok(_) | Err(CommandError::Refused { .. }) => break,
            Err(CommandError::TimedOut { .. } | CommandError::Rebooted { .. }) if Instant::now() < deadline => {}
            Err(error) => return Err(error),
        }
    }
    optional(d.run(standard::set("+CMEE", 1)).await).map(drop)
}

/// Registration reports, and what the model tells of itself.
pub async fn ask_for_notices(d: &Driver, want: &Settings) -> Result<(), CommandError> {
    let definition = d.definition();
    // Some firmwares refuse 5 and 4 (causes, timers); the plain location form is in every modem.
    for n in (1..=definition.capabilities.cereg).rev().filter(|n| *n != 3) {
        if optional(d.run(standard::set("+CEREG", n)).await)?.is_some() {
            break;
        }
    }
    let gsm = |rats: &[Rat]| rats.contains(&Rat::Gsm);
    if gsm(&definition.capabilities.rats) && (want.rats.is_empty() || gsm(&want.rats)) {
        optional(d.run(standard::set("+CGREG", 2)).await)?;
    }
    for line in &definition.subscribe {
        optional(d.run(CommandLine::raw(line)).await)?;
    }
    Ok(())
}
