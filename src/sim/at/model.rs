//! The vendor's commands, as the model file describes them.

use crate::modem::definition::{Effect, ProcedureName, Query, QueryName};
use crate::sim::card::CardState;
use crate::sim::modem::SimModem;
use crate::spec::rat::Rat;
use crate::state::fact::Fact;

use super::answer::{Answer, AtError, CME_INVALID, CME_NO_SIM, CME_NOT_ALLOWED, Reply, Then};
use super::card;
use super::line::Command;

/// What the model file makes of `command`; `None`: nothing, the standard decides.
pub(super) fn answer(modem: &mut SimModem, command: &Command) -> Option<Reply> {
    let text = command.text();
    query(modem, &text)
        .or_else(|| selector(modem, &text))
        .or_else(|| procedure(modem, &text))
        .or_else(|| subscription(modem, command, &text))
}

/// Without `AT`, capitals, no blanks: how two lines are compared.
fn plain(line: &str) -> String {
    let line = line.trim().trim_start_matches('?');
    line.strip_prefix("AT").unwrap_or(line).replace(' ', "").to_ascii_uppercase()
}

fn query(modem: &SimModem, text: &str) -> Option<Reply> {
    let asked = plain(text);
    let (name, query) = modem.definition.queries.iter().find(|(_, query)| plain(&query.send) == asked)?;
    let of_card = matches!(name, QueryName::Iccid | QueryName::PinRetries | QueryName::Imsi);
    if of_card && modem.card.state() == CardState::Absent {
        return Some(Err(CME_NO_SIM));
    }
    if *name == QueryName::Imsi {
        if let Err(error) = card::ready(modem) {
            return Some(Err(error));
        }
    }
    let lines = render(modem, query)?;
    Some(Ok(Answer::lines(lines)))
}

/// The answer line that tells most of what is true now, and nothing that is not.
fn render(modem: &SimModem, query: &Query) -> Option<Vec<String>> {
    let (facts, names) = (modem.facts(), modem.definition.rat_names());
    let known = |fact: &Fact| facts.iter().any(|own| std::mem::discriminant(own) == std::mem::discriminant(fact));
    let same_rat = |fact: &Fact| !matches!(fact, Fact::Rat(_)) || facts.contains(fact);
    let mut best: Option<(usize, String)> = None;
    for pattern in &query.lines {
        let line = pattern.render(&facts, &names);
        let Some(told) = pattern.parse(&line, &names) else { continue };
        let better = best.as_ref().is_none_or(|(most, _)| told.len() > *most);
        if better && told.iter().all(|fact| known(fact) && same_rat(fact)) {
            best = Some((told.len(), line));
        }
    }
    best.map(|(_, line)| vec![line])
}

/// What stands before the value of a line that selects technologies: `+QCFG="nwscanmode"`, `+CNMP`.
fn base(read: &str) -> String {
    plain(read).trim_end_matches('?').to_owned()
}

fn selector(modem: &mut SimModem, text: &str) -> Option<Reply> {
    let definition = std::sync::Arc::clone(&modem.definition);
    let select = definition.select_rats.as_ref()?;
    let asked = plain(text);
    if let Some(read) = select.read.iter().find(|read| plain(read) == asked) {
        let base = base(read);
        return Some(Ok(Answer::lines(held(modem, &base))));
    }
    let base = select.read.iter().map(|read| base(read)).find(|base| is_value_of(&asked, base))?;
    if !select.choices.iter().flat_map(|choice| &choice.set).any(|set| plain(set) == asked) {
        return Some(Err(CME_INVALID));
    }
    if select.effect == Effect::RadioOff && modem.kept.cfun == 1 {
        return Some(Err(CME_NOT_ALLOWED));
    }
    let before = modem.rats();
    modem.kept.selectors.insert(base, asked);
    if select.effect != Effect::Reboot {
        modem.use_rats();
    }
    if select.effect == Effect::Now && before != modem.rats() {
        modem.air_changed();
    }
    Some(Ok(Answer::ok()))
}

/// Whether `line` gives `base` a value: `+QCFG="NWSCANMODE",3,1`, `+CNMP=38`.
fn is_value_of(line: &str, base: &str) -> bool {
    line.strip_prefix(base).is_some_and(|rest| rest.starts_with([',', '=']))
}

/// The lines that show the present value of `base`.
fn held(modem: &SimModem, base: &str) -> Vec<String> {
    let Some(select) = &modem.definition.select_rats else { return Vec::new() };
    let stored = modem.kept.selectors.get(base);
    let set_here = |set: &String| stored.is_none_or(|stored| plain(set) == *stored) && is_value_of(&plain(set), base);
    let choice = select.choices.iter().find(|choice| choice.set.iter().any(set_here));
    let of_base = |hold: &&String| is_value_of(&plain(hold).replacen(':', "=", 1), base);
    choice.iter().flat_map(|choice| choice.holds.iter().filter(of_base)).cloned().collect()
}

impl SimModem {
    /// Technologies in use, first preferred.
    pub(in crate::sim) fn rats(&self) -> Vec<Rat> {
        self.kept.rats.clone()
    }

    /// Takes the technologies over that the selectors name; a half-made choice changes nothing.
    pub(in crate::sim) fn use_rats(&mut self) {
        let definition = std::sync::Arc::clone(&self.definition);
        let Some(select) = &definition.select_rats else { return };
        let stored = |set: &String| self.kept.selectors.values().any(|line| *line == plain(set));
        if let Some(choice) = select.choices.iter().find(|choice| choice.set.iter().all(stored)) {
            self.kept.rats.clone_from(&choice.rats);
        }
    }

    /// The technologies of the first start, and the selectors that go with them.
    pub(in crate::sim) fn first_rats(&mut self) {
        let definition = std::sync::Arc::clone(&self.definition);
        let wanted = &self.profile.rats;
        let choices = definition.select_rats.iter().flat_map(|select| &select.choices);
        let choice = choices.clone().find(|c| c.rats == *wanted).or_else(|| choices.clone().next());
        let Some((choice, select)) = choice.zip(definition.select_rats.as_ref()) else {
            let all = &definition.capabilities.rats;
            self.kept.rats = if wanted.is_empty() { all.clone() } else { wanted.clone() };
            return;
        };
        for base in select.read.iter().map(|read| base(read)) {
            let set = choice.set.iter().map(|set| plain(set)).find(|set| is_value_of(set, &base));
            self.kept.selectors.extend(set.map(|set| (base, set)));
        }
        self.kept.rats.clone_from(&choice.rats);
    }
}

/// Recipes whose commands no standard knows: what they are for is done.
fn procedure(modem: &mut SimModem, text: &str) -> Option<Reply> {
    let definition = std::sync::Arc::clone(&modem.definition);
    let asked = plain(text);
    let mut found = definition.procedures.iter().filter_map(|(name, procedure)| {
        let cid = procedure.steps.iter().find_map(|step| matches(&plain(step), &asked))?;
        Some((*name, cid))
    });
    let (name, cid) = found.next()?;
    let cid = cid.unwrap_or(definition.capabilities.default_context);
    let standard = ["+CGACT", "+CGAUTH", "+CFUN", "+CGDCONT", "+COPS", "+CGDATA", "+CGATT", "+CPSMS"];
    if name != ProcedureName::Reset && standard.iter().any(|s| asked.starts_with(s)) {
        return None;
    }
    let takes = modem.profile.activate;
    match name {
        ProcedureName::Reset if asked.starts_with("+CFUN=1") || !standard.iter().any(|s| asked.starts_with(s)) => {
            Some(Ok(Answer::ok().then(Then::Reboot)))
        }
        ProcedureName::Reset if asked.starts_with("+CFUN=0") || asked.starts_with("+CFUN=4") => None,
        ProcedureName::Reset => Some(Ok(Answer::ok().then(Then::Reboot))),
        ProcedureName::PowerOff => Some(Ok(Answer::ok().then(Then::PowerOff))),
        ProcedureName::Activate => Some(modem.activate(cid).map(|()| Answer::ok().taking(takes))),
        ProcedureName::Deactivate => {
            modem.deactivate(cid);
            Some(Ok(Answer::ok().taking(takes)))
        }
        ProcedureName::Authenticate | ProcedureName::SelectBands => Some(Ok(Answer::ok())),
    }
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

/// A subscription that no standard knows.
fn subscription(modem: &SimModem, command: &Command, text: &str) -> Option<Reply> {
    let Command::Extended { name, .. } = command else { return None };
    let asked = plain(text);
    let named = modem.definition.subscribe.iter().any(|line| plain(line) == asked);
    (named && !super::is_standard(name)).then(|| Ok::<_, AtError>(Answer::ok()))
}
