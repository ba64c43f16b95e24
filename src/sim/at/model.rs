//! The vendor's commands, as the model file describes them.

use std::sync::Arc;

use crate::modem::definition::{Effect, ProcedureName, Query, QueryName, SelectRats};
use crate::sim::card::CardState;
use crate::sim::modem::SimModem;
use crate::spec::rat::Rat;
use crate::state::fact::Fact;

use super::answer::{Answer, CME_INVALID, CME_NO_SIM, CME_NOT_ALLOWED, Reply, Then};
use super::card;
use super::line::Command;

/// What the model file makes of `command`; `None`: nothing, the standard decides.
pub(super) fn answer(modem: &mut SimModem, command: &Command) -> Option<Reply> {
    let asked = plain(&command.text());
    if matches!(command, Command::Extended { name, .. } if super::is_known(name)) {
        return procedure(modem, &asked);
    }
    query(modem, &asked)
        .or_else(|| selector(modem, &asked))
        .or_else(|| procedure(modem, &asked))
        .or_else(|| subscription(modem, &asked))
}

/// Commands that the standard tables do in full: a recipe that contains one adds nothing to it.
const STANDARD: [&str; 8] = ["+CGACT", "+CGAUTH", "+CFUN", "+CGDCONT", "+COPS", "+CGDATA", "+CGATT", "+CPSMS"];

fn is_standard(line: &str) -> bool {
    STANDARD.contains(&key(line).as_str())
}

/// Without `AT`, in capitals, without blanks: how two lines are compared.
fn plain(line: &str) -> String {
    let line = line.trim().trim_start_matches('?');
    line.strip_prefix("AT").unwrap_or(line).replace(' ', "").to_ascii_uppercase()
}

/// What stands before the value of a plain line: `+QCFG="NWSCANMODE"` of `+QCFG="NWSCANMODE",3,1`, `+CNMP` of `+CNMP=38`.
fn key(line: &str) -> String {
    let Some((name, value)) = line.split_once('=') else { return line.trim_end_matches('?').to_owned() };
    match value.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((quoted, _)) => format!("{name}=\"{quoted}\""),
        None => name.to_owned(),
    }
}

fn query(modem: &SimModem, asked: &str) -> Option<Reply> {
    let (name, query) = modem.definition.queries.iter().find(|(_, query)| plain(&query.send) == asked)?;
    let of_card = matches!(name, QueryName::Iccid | QueryName::PinRetries | QueryName::Imsi);
    if of_card && modem.card.state() == CardState::Absent {
        return Some(Err(CME_NO_SIM));
    }
    if *name == QueryName::Imsi
        && let Err(error) = card::ready(modem)
    {
        return Some(Err(error));
    }
    let lines = told(modem, query);
    (!lines.is_empty()).then(|| Ok(Answer::lines(lines)))
}

/// The answer with what is true now; where that is nothing, the form that tells nothing.
fn told(modem: &SimModem, query: &Query) -> Vec<String> {
    let (mut facts, names) = (modem.facts(), modem.definition.rat_names());
    if modem.radio.cell().is_none() {
        // The state of a connection to no cell is no news, and would fill the form of a cell.
        facts.retain(|fact| !matches!(fact, Fact::RrcConnected(_)));
    }
    let lines = query.answer(&facts, &names);
    if !lines.is_empty() {
        return lines;
    }
    let empty = |line: &String| query.lines.iter().any(|p| p.parse(line, &names).is_some_and(|told| told.is_empty()));
    query.lines.iter().rev().map(|pattern| pattern.render(&[], &names)).find(empty).into_iter().collect()
}

fn selector(modem: &mut SimModem, asked: &str) -> Option<Reply> {
    let definition = Arc::clone(&modem.definition);
    let select = definition.select_rats.as_ref()?;
    if let Some(index) = select.read.iter().position(|read| plain(read) == asked) {
        return Some(Ok(Answer::lines(held(modem, select, index).into_iter().collect())));
    }
    let key = key(asked);
    let mut lines = select.choices.iter().flat_map(|choice| &choice.set).map(|set| plain(set));
    if is_standard(asked) || asked == key || !lines.clone().any(|set| self::key(&set) == key) {
        return None;
    }
    if !lines.any(|set| set == asked) {
        return Some(Err(CME_INVALID));
    }
    if select.effect == Effect::RadioOff && modem.kept.cfun == 1 {
        return Some(Err(CME_NOT_ALLOWED));
    }
    modem.kept.selectors.insert(key, asked.to_owned());
    if select.effect != Effect::Reboot && modem.use_rats() {
        modem.restart_radio();
    }
    Some(Ok(Answer::ok()))
}

/// The line that shows the present value of what `read[index]` reads.
fn held(modem: &SimModem, select: &SelectRats, index: usize) -> Option<String> {
    let key = key(&plain(select.read.get(index)?));
    let stored = modem.kept.selectors.get(&key)?;
    let choice = select.choices.iter().find(|choice| choice.set.iter().any(|set| plain(set) == *stored))?;
    Some(choice.holds.get(index)?.render(&[], &modem.definition.rat_names()))
}

impl SimModem {
    /// Technologies in use, first preferred.
    pub(in crate::sim) fn rats(&self) -> Vec<Rat> {
        self.kept.rats.clone()
    }

    /// Takes over the technologies that the selectors name, if they are others; a half-made choice changes nothing.
    pub(in crate::sim) fn use_rats(&mut self) -> bool {
        let definition = Arc::clone(&self.definition);
        let stored = |set: &String| {
            let set = plain(set);
            is_standard(&set) || self.kept.selectors.values().any(|line| *line == set)
        };
        let mut choices = definition.select_rats.iter().flat_map(|select| &select.choices);
        let Some(choice) = choices.find(|choice| choice.set.iter().all(stored)) else { return false };
        let others = self.kept.rats != choice.rats;
        self.kept.rats.clone_from(&choice.rats);
        others
    }

    /// The technologies of the first start, and the selectors that go with them.
    pub(in crate::sim) fn first_rats(&mut self) {
        let definition = Arc::clone(&self.definition);
        let wanted = &self.profile.rats;
        let all = &definition.capabilities.rats;
        self.kept.rats = if wanted.is_empty() { all.clone() } else { wanted.clone() };
        let choices = || definition.select_rats.iter().flat_map(|select| &select.choices);
        let Some(choice) = choices().find(|c| c.rats == *wanted).or_else(|| choices().next()) else { return };
        let lines = choice.set.iter().map(|set| plain(set)).filter(|set| !is_standard(set));
        self.kept.selectors.extend(lines.map(|set| (key(&set), set)));
        self.kept.rats.clone_from(&choice.rats);
    }
}

/// Recipes whose commands no standard knows: what they are for is done.
fn procedure(modem: &mut SimModem, asked: &str) -> Option<Reply> {
    let definition = Arc::clone(&modem.definition);
    let (name, cid) = definition.procedures.iter().find_map(|(name, procedure)| {
        let cid = procedure.steps.iter().find_map(|step| matches(&plain(step), asked))?;
        Some((*name, cid.unwrap_or(definition.capabilities.default_context)))
    })?;
    // Of +CFUN the standard knows three levels; the others are restarts (u-blox 15, 16).
    let own_cfun = name == ProcedureName::Reset && !["+CFUN=0", "+CFUN=1", "+CFUN=4"].contains(&asked);
    if is_standard(asked) && !own_cfun {
        return None;
    }
    Some(match name {
        ProcedureName::Reset => Ok(Answer::ok().then(Then::Reboot)),
        ProcedureName::PowerOff => Ok(Answer::ok().then(Then::PowerOff)),
        ProcedureName::Activate => modem.activate(cid).map(|()| Answer::ok().taking(modem.profile.activate)),
        ProcedureName::Deactivate => {
            modem.deactivate(cid);
            Ok(Answer::ok().taking(modem.profile.activate))
        }
        ProcedureName::Authenticate
        | ProcedureName::SelectBands
        | ProcedureName::StayAwake
        | ProcedureName::MaySleep => Ok(Answer::ok()),
    })
}

/// Whether `line` is `template` with its `{placeholders}` filled; inside, the value of `{cid}`.
fn matches(template: &str, line: &str) -> Option<Option<u8>> {
    let Some((literal, rest)) = template.split_once('{') else { return (template == line).then_some(None) };
    let line = line.strip_prefix(literal)?;
    let (name, rest) = rest.split_once('}')?;
    let next = rest.split('{').next().unwrap_or_default();
    let end = if next.is_empty() { line.len() } else { line.find(next)? };
    let (value, line) = line.split_at_checked(end)?;
    let inner = matches(rest, line)?;
    Some(if name == "CID" { value.parse().ok().or(inner) } else { inner })
}

/// A subscription that no standard knows, with any value.
fn subscription(modem: &SimModem, asked: &str) -> Option<Reply> {
    let key = key(asked);
    let named = modem.definition.subscribe.iter().any(|line| self::key(&plain(line)) == key);
    (named && asked != key).then(|| Ok(Answer::ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_templates() {
        assert_eq!(key(&plain(r#"AT+QCFG="nwscanmode",3,1"#)), r#"+QCFG="NWSCANMODE""#);
        assert_eq!(key(&plain("AT+CNMP?")), "+CNMP");
        assert_eq!(key(&plain("?AT+URAT=7,8")), "+URAT");
        let template = plain(r#"AT+QICSGP={cid},{ip},"{apn}",{auth}"#);
        assert_eq!(matches(&template, &plain(r#"AT+QICSGP=3,1,"iot.test",0"#)), Some(Some(3)));
        assert_eq!(matches(&template, "+QICSGP=3"), None);
        assert_eq!(matches("+QPOWD=1", "+QPOWD=1"), Some(None));
    }
}
