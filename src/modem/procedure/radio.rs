//! Radio on and off, restart, scan, signal.

use super::{Stop, during, optional};
use crate::codec::at::answer::network::{Found, cops_test};
use crate::codec::at::answer::power::cfun;
use crate::codec::at::charset::Charset;
use crate::codec::at::command::{fill, standard};
use crate::modem::channel::{Command, CommandError};
use crate::modem::definition::{Definition, ProcedureName, QueryName};
use crate::modem::driver::Driver;
use crate::modem::handle::ScannedNetwork;

/// `<fun>` of `+CFUN` (TS 27.007 §8.2): full functionality.
pub const FULL: u8 = 1;

/// Reads `+CFUN?`.
pub async fn level(d: &Driver) -> Result<u8, Stop> {
    let lines = optional(d.run(standard::read("+CFUN")).await).map_err(during("reading whether the radio is on"))?;
    // A modem that does not tell is taken for one that is off: switching on does no harm.
    Ok(lines.unwrap_or_default().iter().find_map(|line| cfun(line).ok()).map_or(0, |level| level.level()))
}

/// Sets the level; it may take minutes.
pub async fn set_level(d: &Driver, level: u8) -> Result<(), CommandError> {
    let time_out = d.definition().timing.cfun;
    d.run_within(standard::cfun(level, false), time_out).await.map(drop)
}

/// Radio off, SIM on.
pub async fn off(d: &Driver) -> Result<(), Stop> {
    let level = d.definition().capabilities.radio_off;
    set_level(d, level).await.map_err(during("switching the radio off"))
}

/// Restarts the modem: the model's recipe, else `AT+CFUN=1,1`.
pub async fn reset(d: &Driver) -> Result<(), CommandError> {
    let definition = d.definition();
    let Some(recipe) = definition.procedures.get(&ProcedureName::Reset) else {
        return d.run_within(standard::cfun(FULL, true), definition.timing.cfun).await.map(drop);
    };
    run_steps(d, &recipe.steps, &[]).await
}

/// Sends the lines of a recipe; one that starts with `?` may be refused.
pub async fn run_steps(d: &Driver, steps: &[String], values: &[(&str, &str)]) -> Result<(), CommandError> {
    for step in steps {
        let (line, may_fail) = step.strip_prefix('?').map_or((step.as_str(), false), |line| (line, true));
        let result = d.run(fill(line, values)).await;
        if may_fail {
            optional(result)?;
        } else {
            result?;
        }
    }
    Ok(())
}

/// Searches for networks; takes minutes and can be withdrawn.
pub async fn scan(d: &Driver) -> Result<Vec<ScannedNetwork>, CommandError> {
    let definition = d.definition();
    let mut command = Command::new(standard::test("+COPS")?, definition.timing.scan);
    command.abortable = true;
    let lines = d.channel.send(command).await?;
    let found = lines.iter().filter_map(|line| cops_test(line, Charset::default()).ok()).flatten();
    Ok(found.map(|found| describe(&definition, found)).collect())
}

fn describe(definition: &Definition, found: Found) -> ScannedNetwork {
    ScannedNetwork {
        // `<stat>` of TS 27.007 §7.3.
        status: match found.stat {
            1 => "available",
            2 => "current",
            3 => "forbidden",
            _ => "unknown",
        },
        name: found.long_name.or(found.short_name).unwrap_or_default(),
        plmn: found.plmn,
        rat: found.act.and_then(|act| definition.rat_names().of_act(act)),
    }
}

/// Reads the signal once: the model's own words, else the serving cell's.
pub async fn read_signal(d: &Driver) -> Result<(), CommandError> {
    if d.ask(QueryName::Signal).await?.is_none() {
        d.ask(QueryName::ServingCell).await?;
    }
    Ok(())
}
