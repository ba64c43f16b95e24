//! The SIM card (TS 27.007 clauses 5.6, 7.1, 7.4, 8.3, 8.18, 8.65).

use crate::sim::agenda::Due;
use crate::sim::card::CardState;
use crate::sim::modem::SimModem;

use super::answer::{
    Answer, AtError, CME_INVALID, CME_NO_SIM, CME_NOT_ALLOWED, CME_PIN, CME_PUK, CME_SIM_BUSY, CME_SIM_FAILURE,
    CME_WRONG_PASSWORD, Reply,
};
use super::args::Args;
use super::line::Op;
use super::{Entry, Test, code};

pub(super) const ENTRIES: &[Entry] = &[
    code("+CPIN", Test::Ok, cpin),
    code("+CPINR", Test::Ok, cpinr),
    code("+CLCK", Test::Text("(\"SC\",\"PN\",\"PU\",\"PP\",\"PC\",\"FD\")"), clck),
    code("+CIMI", Test::Ok, cimi),
    code("+CCID", Test::Ok, ccid),
    code("+CRSM", Test::Ok, crsm),
    code("+CSIM", Test::Ok, csim),
    code("+CNUM", Test::Ok, cnum),
];

/// What stands in the way of the card's data.
pub(super) fn ready(modem: &SimModem) -> Result<(), AtError> {
    match modem.card.state() {
        CardState::Absent => Err(CME_NO_SIM),
        CardState::Blocked => Err(CME_SIM_FAILURE),
        _ if modem.agenda.has(&Due::SimReady) => Err(CME_SIM_BUSY),
        CardState::Pin => Err(CME_PIN),
        CardState::Puk => Err(CME_PUK),
        CardState::Ready => Ok(()),
    }
}

fn cpin(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Read => match ready(modem) {
            Ok(()) => Ok(Answer::line("+CPIN: READY")),
            Err(CME_PIN) => Ok(Answer::line("+CPIN: SIM PIN")),
            Err(CME_PUK) => Ok(Answer::line("+CPIN: SIM PUK")),
            Err(other) => Err(other),
        },
        Op::Set(values) => enter(modem, &Args::new(values)),
        _ => Err(AtError::Plain),
    }
}

/// A PIN has 4 to 8 digits (TS 31.101 clause 9.5.1); anything else does not reach the card.
fn digits(code: Option<&str>) -> Result<&str, AtError> {
    code.filter(|c| (4..=8).contains(&c.len()) && c.bytes().all(|b| b.is_ascii_digit())).ok_or(CME_INVALID)
}

fn enter(modem: &mut SimModem, args: &Args<'_>) -> Reply {
    let first = digits(args.text(0))?;
    let taken = match (ready(modem), args.len()) {
        (Err(CME_PIN), 1) => modem.card.verify(first),
        (Err(CME_PUK), 2) => {
            let pin = digits(args.text(1))?;
            modem.card.unblock(first, pin)
        }
        (Err(CME_PUK), 1) => return Err(CME_PUK),
        (Ok(()) | Err(CME_PIN), _) => return Err(CME_NOT_ALLOWED),
        (Err(other), _) => return Err(other),
    };
    modem.meter.pin(modem.now, first, taken.is_ok());
    taken.map_err(|_| CME_WRONG_PASSWORD)?;
    modem.agenda.at(modem.now.saturating_add(modem.profile.sim_ready), Due::SimReady);
    Ok(Answer::ok())
}

/// TS 27.007 clause 8.65: retries of one code, or of all.
fn cpinr(modem: &mut SimModem, op: &Op) -> Reply {
    if modem.card.state() == CardState::Absent {
        return Err(CME_NO_SIM);
    }
    let all = [("SIM PIN", modem.card.pin_tries, 3), ("SIM PUK", modem.card.puk_tries, 10)];
    let line = |(code, left, most)| format!("+CPINR: \"{code}\",{left},{most}");
    match op {
        Op::Run => Ok(Answer::lines(all.into_iter().map(line).collect())),
        Op::Set(wanted) => {
            let wanted = Args::new(wanted).text(0).unwrap_or_default().to_owned();
            let line = all.into_iter().find(|(code, ..)| *code == wanted).map(line).ok_or(CME_INVALID)?;
            Ok(Answer::line(line))
        }
        _ => Err(AtError::Plain),
    }
}

fn clck(modem: &mut SimModem, op: &Op) -> Reply {
    let Op::Set(values) = op else { return Err(AtError::Plain) };
    let args = Args::new(values);
    let facility = args.text(0).ok_or(CME_INVALID)?.to_ascii_uppercase();
    if modem.card.state() == CardState::Absent {
        return Err(CME_NO_SIM);
    }
    match (facility.as_str(), args.within(1, 0..=2)?) {
        ("SC", 2) => Ok(Answer::line(format!("+CLCK: {}", u8::from(modem.card.pin_required)))),
        ("PN" | "PU" | "PP" | "PC" | "FD", 2) => Ok(Answer::line("+CLCK: 0")),
        ("SC", mode) => {
            ready(modem)?;
            let pin = digits(args.text(2))?;
            let taken = modem.card.require_pin(mode == 1, pin);
            modem.meter.pin(modem.now, pin, taken.is_ok());
            taken.map(|()| Answer::ok()).map_err(|_| CME_WRONG_PASSWORD)
        }
        _ => Err(CME_NOT_ALLOWED),
    }
}

fn cimi(modem: &mut SimModem, op: &Op) -> Reply {
    ready(modem)?;
    if *op == Op::Run { Ok(Answer::line(&modem.card.imsi)) } else { Err(AtError::Plain) }
}

fn ccid(modem: &mut SimModem, op: &Op) -> Reply {
    match (modem.card.state(), op) {
        (CardState::Absent, _) => Err(CME_NO_SIM),
        (_, Op::Run | Op::Read) => Ok(Answer::line(format!("+CCID: {}", modem.card.iccid))),
        _ => Err(AtError::Plain),
    }
}

/// Restricted SIM access: READ BINARY (176) and GET RESPONSE (192) of transparent files.
fn crsm(modem: &mut SimModem, op: &Op) -> Reply {
    let Op::Set(values) = op else { return Err(AtError::Plain) };
    if let Err(CME_NO_SIM | CME_SIM_FAILURE) = ready(modem) {
        return Err(CME_NO_SIM);
    }
    let args = Args::new(values);
    let command = args.number(0)?.ok_or(CME_INVALID)?;
    let Some(file) = modem.card.file(args.number(1)?.unwrap_or(0)) else {
        // 6A82: file not found (TS 31.101 clause 10.2.1.5.3).
        return Ok(Answer::line("+CRSM: 106,130,\"\""));
    };
    let start = args.number(2)?.unwrap_or(0).saturating_mul(256).saturating_add(args.number(3)?.unwrap_or(0));
    let count = args.number(4)?.filter(|n| *n > 0).unwrap_or(u32::MAX);
    let hex = |bytes: &mut dyn Iterator<Item = u8>| bytes.map(|b| format!("{b:02X}")).collect::<String>();
    let text = match command {
        176 => hex(&mut file.into_iter().skip(start as usize).take(count as usize)),
        // A template with the file's kind and size (TS 31.101 clause 11.1.1.3).
        192 => format!("62088202412180020{:03X}", file.len() & 0xFFF),
        _ => return Err(CME_NOT_ALLOWED),
    };
    Ok(Answer::line(format!("+CRSM: 144,0,\"{text}\"")))
}

/// Generic SIM access: VERIFY and UNBLOCK without a code, which tell the tries left (TS 31.101 clause 11.1.9).
fn csim(modem: &mut SimModem, op: &Op) -> Reply {
    let Op::Set(values) = op else { return Err(AtError::Plain) };
    if modem.card.state() == CardState::Absent {
        return Err(CME_NO_SIM);
    }
    let status = match Args::new(values).text(1).ok_or(CME_INVALID)? {
        "0020000100" => 0x63C0 | u16::from(modem.card.pin_tries),
        "002C000100" => 0x63C0 | u16::from(modem.card.puk_tries),
        // PIN2 and PUK2 of a fresh card.
        "0020008100" => 0x63C3,
        "002C008100" => 0x63CA,
        // Instruction not supported (TS 31.101 clause 10.2.1.5.2).
        _ => 0x6D00,
    };
    Ok(Answer::line(format!("+CSIM: 4,\"{status:04X}\"")))
}

fn cnum(modem: &mut SimModem, op: &Op) -> Reply {
    ready(modem)?;
    match (op, &modem.card.number) {
        (Op::Run, Some(number)) => {
            // 145: international (TS 24.008 clause 10.5.4.7).
            let kind = if number.starts_with('+') { 145 } else { 129 };
            Ok(Answer::line(format!("+CNUM: ,\"{number}\",{kind}")))
        }
        (Op::Run, None) => Ok(Answer::ok()),
        _ => Err(AtError::Plain),
    }
}
