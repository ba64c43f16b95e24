//! Registration, operator, search for networks.

use crate::codec::at::answer::network::{self, Found, cops_test};
use crate::codec::at::answer::registration;
use crate::codec::at::charset::Charset;
use crate::codec::at::command::standard;
use crate::modem::channel::{Command, CommandError};
use crate::modem::definition::Definition;
use crate::modem::driver::Driver;
use crate::modem::handle::ScannedNetwork;
use crate::modem::notice;
use crate::modem::procedure::optional;
use crate::modem::procedure::register::is_registered;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::state::fact::Fact;

/// Asks the packet domain of LTE, and that of GSM where the modem has it or does not know the first.
pub async fn read_registration(d: &Driver) -> Result<(), CommandError> {
    let lte = read_domain(d, "+CEREG").await;
    if lte.is_ok() && (d.look(is_registered) || !d.definition().capabilities.rats.contains(&Rat::Gsm)) {
        return Ok(());
    }
    let lte = optional(lte)?;
    let gsm = read_domain(d, "+CGREG").await;
    if lte.is_some() { optional(gsm).map(drop) } else { gsm }
}

async fn read_domain(d: &Driver, command: &str) -> Result<(), CommandError> {
    let lines = d.run(standard::read(command)).await?;
    let definition = d.definition();
    for report in lines.iter().filter_map(|line| registration::parse(line, true).ok()) {
        d.update(|state, now| notice::enter_registration(state, &definition, &report, now));
    }
    Ok(())
}

/// `+CEER`.
pub async fn last_failure(d: &Driver) -> Result<Option<String>, CommandError> {
    let lines = optional(d.run(standard::execute("+CEER")).await)?.unwrap_or_default();
    let text = lines.iter().find_map(|line| line.strip_prefix("+CEER:")).unwrap_or_default().trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// `+COPS?` for what the serving cell did not tell.
pub async fn read_operator(d: &Driver) -> Result<(), CommandError> {
    let (operator, plmn) = d.look(|state| (state.network.operator.is_some(), state.network.plmn.is_some()));
    if operator && plmn {
        return Ok(());
    }
    if !plmn {
        // Numeric: the name often is the SIM's word for another network (transcript T-20).
        optional(d.run(standard::cops_numeric()).await)?;
    }
    let lines = optional(d.run(standard::read("+COPS")).await)?.unwrap_or_default();
    if let Some(operator) = lines.iter().find_map(|line| network::cops(line).ok()).and_then(|answer| answer.operator) {
        d.learn(&[operator.parse().map_or_else(|_| Fact::Operator(operator.clone()), Fact::Plmn)]);
    }
    Ok(())
}

/// `+COPS=?`.
pub async fn scan(d: &Driver) -> Result<Vec<ScannedNetwork>, CommandError> {
    let definition = d.definition();
    let mut command = Command::new(standard::test("+COPS")?, definition.timing.scan);
    command.abortable = true;
    let lines = d.ports.at()?.send(command).await?;
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

/// `+COPS=4`.
pub async fn prefer_network(d: &Driver, plmn: Plmn) -> Result<(), CommandError> {
    d.run_within(standard::cops_prefer(plmn), d.definition().timing.scan).await.map(drop)
}
