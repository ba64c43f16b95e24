//! The choice of technologies and bands, in the words of the model file.

use super::run_steps;
use crate::codec::at::command::CommandLine;
use crate::modem::channel::CommandError;
use crate::modem::definition::{BandForm, Definition, Effect, ProcedureName, RatChoice, SelectRats};
use crate::modem::driver::Driver;
use crate::modem::procedure::optional;
use crate::spec::band::{Band, BandSet};
use crate::spec::rat::Rat;

/// Whether these technologies are chosen. A model without a choice has the one it was built for.
pub async fn rats_hold(d: &Driver, rats: &[Rat]) -> Result<bool, CommandError> {
    let definition = d.definition();
    let Some(select) = &definition.select_rats else { return Ok(true) };
    let choice = choice_of(&definition, select, rats)?;
    let mut answers = Vec::new();
    for line in &select.read {
        answers.extend(optional(d.run(CommandLine::raw(line)).await)?.unwrap_or_default());
    }
    Ok(choice.is_held(&answers, &definition.rat_names()))
}

/// Chooses technologies.
pub async fn choose_rats(d: &Driver, rats: &[Rat]) -> Result<Effect, CommandError> {
    let definition = d.definition();
    let Some(select) = &definition.select_rats else { return Ok(Effect::Now) };
    run_steps(d, &choice_of(&definition, select, rats)?.set, &[]).await?;
    Ok(select.effect)
}

fn choice_of<'s>(definition: &Definition, select: &'s SelectRats, rats: &[Rat]) -> Result<&'s RatChoice, CommandError> {
    select.choices.iter().find(|choice| choice.rats == rats).ok_or_else(|| {
        let known: Vec<_> = select.choices.iter().map(|choice| names(&choice.rats)).collect();
        let (wanted, model) = (names(rats), &definition.name);
        CommandError::Unsupported(format!(
            "the model file {model} cannot choose rats = [{wanted}]; it knows [{}]",
            known.join("], [")
        ))
    })
}

fn names(rats: &[Rat]) -> String {
    rats.iter().map(|rat| rat.name()).collect::<Vec<_>>().join(", ")
}

/// Chooses bands.
pub async fn choose_bands(d: &Driver, bands: &[u16]) -> Result<(), CommandError> {
    let definition = d.definition();
    let Some(recipe) = definition.procedures.get(&ProcedureName::SelectBands) else {
        let message = format!("the model file {} cannot choose bands; remove `bands`", definition.name);
        return Err(CommandError::Unsupported(message));
    };
    let bands = bands.iter().filter_map(|band| Band::new(*band)).collect::<BandSet>();
    run_steps(d, &recipe.steps, &[("bands", &write_bands(recipe.bands, &bands))]).await
}

fn write_bands(form: BandForm, bands: &BandSet) -> String {
    match form {
        BandForm::List => bands.list(),
        BandForm::HexMask => bands.hex_mask(),
        BandForm::DecimalMask => bands.decimal_masks(),
        // A band above the 88th has no digit; the modem would not have it either.
        BandForm::BinaryString => bands.binary(88).unwrap_or_default(),
    }
}
