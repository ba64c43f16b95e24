//! Radio on and off, restart, and the recipes of model files.

use crate::codec::at::answer::power::cfun;
use crate::codec::at::command::{fill, standard};
use crate::modem::backend::RadioLevel;
use crate::modem::channel::CommandError;
use crate::modem::definition::ProcedureName;
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;

/// `<fun>` of `+CFUN` (TS 27.007 §8.2): full functionality.
const FULL: u8 = 1;

/// Reads `+CFUN?`.
pub async fn radio(d: &Driver) -> Result<RadioLevel, CommandError> {
    let lines = optional(d.run(standard::read("+CFUN")).await)?.unwrap_or_default();
    Ok(match lines.iter().find_map(|line| cfun(line).ok()).map_or(0, |level| level.level()) {
        0 => RadioLevel::Minimum,
        FULL => RadioLevel::On,
        _ => RadioLevel::Off,
    })
}

/// `+CFUN=`.
pub async fn set_radio(d: &Driver, level: RadioLevel) -> Result<(), CommandError> {
    let definition = d.definition();
    let fun = match level {
        RadioLevel::Minimum => 0,
        RadioLevel::Off => definition.capabilities.radio_off,
        RadioLevel::On => FULL,
    };
    d.run_within(standard::cfun(fun, false), definition.timing.cfun).await.map(drop)
}

/// The model's recipe, else `AT+CFUN=1,1`.
pub async fn restart(d: &Driver) -> Result<(), CommandError> {
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
