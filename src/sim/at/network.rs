//! Choice of the network: `+COPS` (TS 27.007 clause 7.3), `+CPOL` (clause 7.19).

use crate::sim::modem::SimModem;
use crate::sim::network::Cell;
use crate::sim::settings::Selection;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;

use super::answer::{Answer, AtError, CME_INVALID, CME_NO_SERVICE, CME_NOT_ALLOWED, Reply};
use super::args::Args;
use super::line::Op;
use super::{Entry, Test, card, code, value};

pub(super) const ENTRIES: &[Entry] = &[
    code("+COPS", Test::Own, cops),
    code("+CPOL", Test::Text("(1-20),(0-2)"), cpol),
    value("+CPLS", "(0-2)", "0"),
    value("+CEMODE", "(0-3)", "2"),
];

fn cops(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Test => scan(modem),
        Op::Read => Ok(Answer::line(current(modem))),
        Op::Set(values) => choose(modem, &Args::new(values)),
        Op::Run => Err(AtError::Plain),
    }
}

impl SimModem {
    /// `text` in the character set of `+CSCS`.
    pub(in crate::sim) fn in_charset(&self, text: &str) -> String {
        if !self.settings.ucs2() {
            return text.to_owned();
        }
        text.encode_utf16().map(|unit| format!("{unit:04X}")).collect()
    }

    /// `<AcT>` of a technology as this model numbers it; where it reads several numbers alike, the one that means
    /// nothing else to it. E-UTRAN where there is none.
    pub(in crate::sim) fn act_of(&self, rat: Rat) -> i64 {
        let own = self.definition.act.iter().filter(|(act, r)| **r == rat && **act >= 0).map(|(act, _)| *act).max();
        own.or_else(|| self.definition.rat_names().act_of(rat)).unwrap_or(7)
    }
}

fn mode(modem: &SimModem) -> u8 {
    match modem.kept.selection {
        Selection::Automatic => 0,
        Selection::Manual(_) => 1,
        Selection::Deregistered => 2,
    }
}

fn current(modem: &SimModem) -> String {
    let (mode, format) = (mode(modem), modem.settings.cops_format);
    let Some(cell) = modem.serving() else { return format!("+COPS: {mode}") };
    let name = match (format, cell.plmn) {
        (2, Some(plmn)) => plmn.to_string(),
        (1, _) => modem.in_charset(&short(&cell.operator)),
        _ => modem.in_charset(&cell.operator),
    };
    format!("+COPS: {mode},{format},\"{name}\",{}", modem.act_of(cell.rat))
}

/// The short name has eight characters at most (TS 27.007 clause 7.3).
fn short(operator: &str) -> String {
    operator.chars().take(8).collect()
}

/// `+COPS=?`: status 2 current, 1 available, 3 forbidden.
fn scan(modem: &mut SimModem) -> Reply {
    if modem.kept.cfun != 1 {
        return Err(CME_NOT_ALLOWED);
    }
    card::ready(modem)?;
    let own = modem.serving().and_then(|cell| cell.plmn.map(|plmn| (plmn, cell.rat)));
    let mut seen: Vec<(Plmn, Rat)> = Vec::new();
    let mut items = Vec::new();
    for cell in modem.network.cells.iter().filter(|_| modem.network.coverage) {
        let Some(key) = cell.plmn.map(|plmn| (plmn, cell.rat)).filter(|key| !seen.contains(key)) else { continue };
        let status = match modem.radio.reject() {
            _ if own == Some(key) => 2,
            Some(_) if modem.radio.cell().is_some_and(|c| c.plmn == cell.plmn) => 3,
            _ => 1,
        };
        seen.push(key);
        items.push(item(modem, status, cell, key.0));
    }
    let line = format!("+COPS: {},,(0-4),(0-2)", items.join(","));
    Ok(Answer::line(line).taking(modem.profile.scan))
}

fn item(modem: &SimModem, status: u8, cell: &Cell, plmn: Plmn) -> String {
    let (long, short) = (modem.in_charset(&cell.operator), modem.in_charset(&short(&cell.operator)));
    format!("({status},\"{long}\",\"{short}\",\"{plmn}\",{})", modem.act_of(cell.rat))
}

/// The preferred networks: the card has its home only.
fn cpol(modem: &mut SimModem, op: &Op) -> Reply {
    card::ready(modem)?;
    match (op, modem.home()) {
        (Op::Read, Some(home)) => Ok(Answer::line(format!("+CPOL: 1,2,\"{home}\""))),
        (Op::Read | Op::Set(_), _) => Ok(Answer::ok()),
        _ => Err(AtError::Plain),
    }
}

fn choose(modem: &mut SimModem, args: &Args<'_>) -> Reply {
    let mode = args.within(0, 0..=4)?;
    if mode == 3 {
        modem.settings.cops_format = args.within(1, 0..=2)?;
        return Ok(Answer::ok());
    }
    let rat = rat_of(modem, args)?;
    let selection = match mode {
        0 => Selection::Automatic,
        2 => Selection::Deregistered,
        _ => Selection::Manual(named(modem, args)?),
    };
    if let Selection::Manual(plmn) = selection {
        let heard = modem.network.cells.iter().any(|cell| modem.network.coverage && cell.plmn == Some(plmn));
        // Mode 4 falls back to automatic.
        let selection = if heard { selection } else { Selection::Automatic };
        if !heard && mode == 1 {
            return Err(CME_NO_SERVICE);
        }
        return apply(modem, selection, rat);
    }
    apply(modem, selection, rat)
}

fn apply(modem: &mut SimModem, selection: Selection, rat: Option<Rat>) -> Reply {
    let changed = (modem.kept.selection, modem.kept.selected_rat) != (selection, rat);
    (modem.kept.selection, modem.kept.selected_rat) = (selection, rat);
    if changed {
        modem.restart_radio();
    }
    Ok(Answer::ok().taking(modem.profile.activate))
}

fn named(modem: &SimModem, args: &Args<'_>) -> Result<Plmn, AtError> {
    let oper = args.text(2).ok_or(CME_INVALID)?;
    if args.number(1)? == Some(2) {
        return oper.parse().map_err(|_| CME_INVALID);
    }
    let own =
        |cell: &&Cell| modem.in_charset(&cell.operator) == oper || modem.in_charset(&short(&cell.operator)) == oper;
    modem.network.cells.iter().find(own).and_then(|cell| cell.plmn).ok_or(CME_NO_SERVICE)
}

fn rat_of(modem: &SimModem, args: &Args<'_>) -> Result<Option<Rat>, AtError> {
    let Some(act) = args.number(3)? else { return Ok(None) };
    let rat = modem.definition.rat_names().of_act(act.into()).ok_or(CME_INVALID)?;
    // E-UTRAN says nothing of LTE-M: 7 is any technology that prints as 7.
    let known = modem.rats().into_iter().find(|r| *r == rat || modem.act_of(*r) == i64::from(act));
    known.map(Some).ok_or(CME_NOT_ALLOWED)
}
