//! What a host wants to know of short messages before it uses any (TS 27.005 clause 3). The store is empty.

use crate::sim::modem::SimModem;

use super::answer::{Answer, AtError, Reply};
use super::line::Op;
use super::{Entry, Test, card, code, value};

pub(super) const ENTRIES: &[Entry] = &[
    value("+CMGF", "(0,1)", "0"),
    value("+CNMI", "(0-2),(0-3),(0,2),(0-2),(0,1)", "0,0,0,0,0"),
    value("+CSCA", "", "\"+999700000\",145"),
    value("+CSDH", "(0,1)", "0"),
    code("+CSMS", Test::Text("(0,1)"), service),
    code("+CPMS", Test::Text("(\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"ME\",\"SM\")"), store),
    code("+CMGL", Test::Text("(0-4)"), list),
];

fn service(_: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Set(_) => Ok(Answer::line("+CSMS: 1,1,1")),
        Op::Read => Ok(Answer::line("+CSMS: 0,1,1,1")),
        _ => Err(AtError::Plain),
    }
}

fn store(modem: &mut SimModem, op: &Op) -> Reply {
    card::ready(modem)?;
    match op {
        Op::Set(_) => Ok(Answer::line("+CPMS: 0,23,0,23,0,23")),
        Op::Read => Ok(Answer::line("+CPMS: \"ME\",0,23,\"ME\",0,23,\"ME\",0,23")),
        _ => Err(AtError::Plain),
    }
}

fn list(modem: &mut SimModem, op: &Op) -> Reply {
    card::ready(modem)?;
    if matches!(op, Op::Set(_) | Op::Run) { Ok(Answer::ok()) } else { Err(AtError::Plain) }
}
