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
    synchronise(d, patience).await?;
    ask_for_causes(d).await
}

/// Error numbers and notices in one line where the model takes that. A command that fails ends the line; then each goes
/// by itself.
pub async fn open_again(d: &Driver, patience: Duration, want: &Settings) -> Result<(), CommandError> {
    synchronise(d, patience).await?;
    let definition = d.definition();
    if definition.capabilities.chain {
        let reports = format!("AT+CMEE=1;+CEREG={}", definition.capabilities.cereg);
        let gsm = wants_gsm(d, want).then_some("+CGREG=2");
        let own = definition.subscribe.iter().filter_map(|line| line.get("AT".len()..));
        let line = std::iter::once(reports.as_str()).chain(gsm).chain(own).collect::<Vec<_>>().join(";");
        if optional(d.run(CommandLine::raw(&line)).await)?.is_some() {
            return Ok(());
        }
    }
    ask_for_causes(d).await?;
    ask_for_notices(d, want).await
}

async fn synchronise(d: &Driver, patience: Duration) -> Result<(), CommandError> {
    let deadline = Instant::now() + patience;
    loop {
        match d.run_within(CommandLine::raw("ATE0"), FIRST_TIME_OUT).await {
            Ok(_) | Err(CommandError::Refused { .. }) => return Ok(()),
            Err(CommandError::TimedOut { .. } | CommandError::Rebooted { .. }) if Instant::now() < deadline => {}
            Err(error) => return Err(error),
        }
    }
}

async fn ask_for_causes(d: &Driver) -> Result<(), CommandError> {
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
    if wants_gsm(d, want) {
        optional(d.run(standard::set("+CGREG", 2)).await)?;
    }
    for line in &definition.subscribe {
        optional(d.run(CommandLine::raw(line)).await)?;
    }
    Ok(())
}

/// Whether notices of GSM are worth having.
fn wants_gsm(d: &Driver, want: &Settings) -> bool {
    let gsm = |rats: &[Rat]| rats.contains(&Rat::Gsm);
    gsm(&d.definition().capabilities.rats) && (want.rats.is_empty() || gsm(&want.rats))
}
