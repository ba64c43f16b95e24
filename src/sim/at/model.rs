//! The vendor's commands, as the model file describes them.

use std::sync::Arc;

use crate::modem::definition::{Effect, ProcedureName, Query, QueryName, SelectRats};
use crate::sim::card::CardState;
use crate::sim::modem::SimModem;
use crate::sim::radio::Radio;
use crate::spec::rat::Rat;
use crate::state::fact::Fact;

use super::answer::{Answer, CME_INVALID, CME_NO_SIM, CME_NOT_ALLOWED, Reply, Then};
use super::line::Command;
use super::{card, slots, window};

/// What the model file makes of `command`; `None`: nothing, the standard decides.
pub(super) fn answer(modem: &mut SimModem, command: &Command) -> Option<Reply> {
    let asked = plain(&command.text());
    if let Some(reply) = window::answer(modem, &asked).or_else(|| slots::answer(modem, &asked)) {
        return Some(reply);
    }
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
    STANDARD.iter().any(|name| has_key(line, name))
}

/// Without `AT`, in capitals, without blanks: how two lines are compared.
fn letters(line: &str) -> impl Iterator<Item = char> {
    let line = line.trim_start_matches(['?', ' ']);
    line.strip_prefix("AT").unwrap_or(line).chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase())
}

fn plain(line: &str) -> String {
    letters(line).collect()
}

/// Whether `line` of the model file is the plain line `asked`.
pub(super) fn is(line: &str, asked: &str) -> bool {
    letters(line).eq(asked.chars())
}

/// What stands before the value of a plain line: `+QCFG="NWSCANMODE"` of `+QCFG="NWSCANMODE",3,1`, `+CNMP` of `+CNMP=38`.
fn key(line: &str) -> &str {
    let Some((name, value)) = line.split_once('=') else { return line.trim_end_matches('?') };
    let quoted = value.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    quoted.and_then(|(_, after)| line.strip_suffix(after)).unwrap_or(name)
}

fn has_key(line: &str, key: &str) -> bool {
    // Most lines part at once; only one that does not is copied.
    letters(line).take(key.len()).eq(key.chars()) && self::key(&plain(line)) == key
}

fn query(modem: &SimModem, asked: &str) -> Option<Reply> {
    let (name, query) = modem.definition.queries.iter().find(|(_, query)| is(&query.send, asked))?;
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
    if let Some(index) = select.read.iter().position(|read| is(read, asked)) {
        return Some(Ok(Answer::lines(held(modem, select, index).into_iter().collect())));
    }
    let key = key(asked);
    let mut lines = select.choices.iter().flat_map(|choice| &choice.set);
    if is_standard(asked) || asked == key || !lines.clone().any(|set| has_key(set, key)) {
        return None;
    }
    if !lines.any(|set| is(set, asked)) {
        return Some(Err(CME_INVALID));
    }
    if select.effect == Effect::RadioOff && modem.kept.cfun == 1 {
        return Some(Err(CME_NOT_ALLOWED));
    }
    modem.kept.selectors.insert(key.to_owned(), asked.to_owned());
    if select.effect != Effect::Reboot && modem.use_rats() {
        modem.restart_radio();
    }
    Some(Ok(Answer::ok()))
}

/// The line that shows the present value of what `read[index]` reads.
fn held(modem: &SimModem, select: &SelectRats, index: usize) -> Option<String> {
    let read = plain(select.read.get(index)?);
    let stored = modem.kept.selectors.get(key(&read))?;
    let choice = select.choices.iter().find(|choice| choice.set.iter().any(|set| is(set, stored)))?;
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
        let stored = |set: &String| self.kept.selectors.values().any(|line| is(set, line)) || is_standard(set);
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
        self.kept.selectors.extend(lines.map(|set| (key(&set).to_owned(), set)));
        self.kept.rats.clone_from(&choice.rats);
    }
}

/// Recipes whose commands no standard knows: what they are for is done.
fn procedure(modem: &mut SimModem, asked: &str) -> Option<Reply> {
    let definition = Arc::clone(&modem.definition);
    let (name, values) = definition
        .procedures
        .iter()
        .find_map(|(name, procedure)| Some((*name, procedure.steps.iter().find_map(|step| fits(step, asked))?)))?;
    let cid = value(&values, "CID").and_then(|cid| cid.parse().ok());
    let cid = cid.unwrap_or(definition.capabilities.default_context);
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
        ProcedureName::NoMoreData => {
            let events = modem.on_air(Radio::release_early);
            modem.heard(events);
            Ok(Answer::ok())
        }
        ProcedureName::Authenticate
        | ProcedureName::SelectBands
        | ProcedureName::StayAwake
        | ProcedureName::MaySleep => Ok(Answer::ok()),
    })
}

/// Name and text of each placeholder, if the plain line `asked` is `step` with its `{placeholders}` filled in.
pub(super) fn fits(step: &str, asked: &str) -> Option<Vec<(String, String)>> {
    let literal = step.split('{').next().unwrap_or_default();
    let mut begin = asked.chars();
    // Most steps part at once; only one that does not is copied.
    letters(literal).all(|c| begin.next() == Some(c)).then(|| captures(&plain(step), asked))?
}

fn captures(template: &str, line: &str) -> Option<Vec<(String, String)>> {
    let Some((literal, rest)) = template.split_once('{') else { return (template == line).then(Vec::new) };
    let line = line.strip_prefix(literal)?;
    let (name, rest) = rest.split_once('}')?;
    let next = rest.split('{').next().unwrap_or_default();
    let end = if next.is_empty() { line.len() } else { line.find(next)? };
    let (value, line) = line.split_at_checked(end)?;
    let mut values = captures(rest, line)?;
    values.push((name.to_owned(), value.to_owned()));
    Some(values)
}

pub(super) fn value<'v>(values: &'v [(String, String)], wanted: &str) -> Option<&'v str> {
    values.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}

/// A subscription that no standard knows, with any value.
fn subscription(modem: &SimModem, asked: &str) -> Option<Reply> {
    let key = key(asked);
    let named = modem.definition.subscribe.iter().any(|line| has_key(line, key));
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
        let values = captures(&template, &plain(r#"AT+QICSGP=3,1,"iot.test",0"#)).unwrap();
        assert_eq!((value(&values, "CID"), value(&values, "APN")), (Some("3"), Some("IOT.TEST")));
        assert_eq!(captures(&template, "+QICSGP=3"), None);
        assert_eq!(captures("+QPOWD=1", "+QPOWD=1"), Some(Vec::new()));
    }
}
