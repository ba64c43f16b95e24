//! Identity, errors, clock, serial line (V.250 clause 6, TS 27.007 clauses 5, 8 and 9).

use crate::sim::modem::SimModem;
use crate::sim::notice::Failure;

use super::answer::{Answer, AtError, Reply};
use super::args::Args;
use super::line::Op;
use super::{Entry, Test, code, value};

pub(super) const ENTRIES: &[Entry] = &[
    code("+CGMI", Test::Ok, manufacturer),
    code("+GMI", Test::Ok, manufacturer),
    code("+CGMM", Test::Ok, product),
    code("+GMM", Test::Ok, product),
    code("+CGMR", Test::Ok, revision),
    code("+GMR", Test::Ok, revision),
    code("+CGSN", Test::Text("(0,1)"), serial),
    code("+GSN", Test::Ok, serial),
    code("+GCAP", Test::Ok, gcap),
    code("+CMEE", Test::Text("(0-2)"), cmee),
    code("+CEER", Test::Ok, ceer),
    code("+CNEC", Test::Text("(0,8,16,24)"), cnec),
    code("+CCLK", Test::Ok, cclk),
    code("+CTZR", Test::Text("(0-3)"), ctzr),
    value("+CTZU", "(0,1)", "0"),
    value("+CSCS", "(\"GSM\",\"IRA\",\"UCS2\")", "\"IRA\""),
    value("+IPR", "(),(9600,19200,38400,57600,115200,230400,460800,921600)", "115200"),
    value("+IFC", "(0-2),(0-2)", "0,0"),
    value("+ICF", "(0-3),(0-3)", "3,3"),
    value("+WS46", "(28,30,31)", "28"),
    value("+CRC", "(0,1)", "0"),
    value("+CLIP", "(0,1)", "0,0"),
    code("+CLCC", Test::Ok, |_, op| if *op == Op::Run { Ok(Answer::ok()) } else { Err(AtError::Plain) }),
    value("+CCWA", "(0,1)", "0"),
];

fn manufacturer(modem: &mut SimModem, op: &Op) -> Reply {
    only_run(op, modem.profile.manufacturer(&modem.definition))
}

fn product(modem: &mut SimModem, op: &Op) -> Reply {
    only_run(op, modem.profile.product(&modem.definition))
}

fn revision(modem: &mut SimModem, op: &Op) -> Reply {
    only_run(op, modem.profile.revision.clone())
}

fn gcap(_: &mut SimModem, op: &Op) -> Reply {
    only_run(op, "+GCAP: +CGSM".into())
}

fn only_run(op: &Op, line: String) -> Reply {
    if *op == Op::Run { Ok(Answer::line(line)) } else { Err(AtError::Plain) }
}

/// TS 27.007 clause 5.4: bare, or with `=1` in its own form.
fn serial(modem: &mut SimModem, op: &Op) -> Reply {
    let imei = &modem.profile.imei;
    match op {
        Op::Run => Ok(Answer::line(imei)),
        Op::Set(n) if n == "0" => Ok(Answer::line(imei)),
        Op::Set(n) if n == "1" => Ok(Answer::line(format!("+CGSN: \"{imei}\""))),
        _ => Err(AtError::Plain),
    }
}

fn cmee(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Set(n) => modem.settings.cmee = Args::new(n).within(0, 0..=2)?,
        Op::Read => return Ok(Answer::line(format!("+CMEE: {}", modem.settings.cmee))),
        _ => return Err(AtError::Plain),
    }
    Ok(Answer::ok())
}

/// Free text (TS 27.007 clause 6.10).
fn ceer(modem: &mut SimModem, op: &Op) -> Reply {
    let text = match modem.reported.failure {
        None => "No report available".to_owned(),
        Some(Failure::Registration(cause)) => format!("EMM cause {cause}"),
        Some(Failure::Context(cause)) => format!("ESM cause {cause}"),
    };
    only_run(op, format!("+CEER: {text}"))
}

/// TS 27.007 clause 9.1B: 8 EMM, 16 ESM.
fn cnec(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Set(n) => modem.settings.cnec = Args::new(n).within(0, 0..=24)? & 24,
        Op::Read => return Ok(Answer::line(format!("+CNEC: {}", modem.settings.cnec))),
        _ => return Err(AtError::Plain),
    }
    Ok(Answer::ok())
}

fn ctzr(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Set(n) => modem.settings.ctzr = Args::new(n).within(0, 0..=3)?,
        Op::Read => return Ok(Answer::line(format!("+CTZR: {}", modem.settings.ctzr))),
        _ => return Err(AtError::Plain),
    }
    Ok(Answer::ok())
}

/// `"yy/MM/dd,hh:mm:ss±zz"`, zz in quarters of an hour (TS 27.007 clause 8.15); 1980 until the network told.
fn cclk(modem: &mut SimModem, op: &Op) -> Reply {
    let (clock, zone) = match modem.serving() {
        Some(_) => (modem.network_clock(), modem.network.zone),
        None => (315_964_800, 0),
    };
    match op {
        Op::Read => Ok(Answer::line(format!("+CCLK: \"{}\"", clock_text(clock, zone)))),
        Op::Set(_) => Ok(Answer::ok()),
        _ => Err(AtError::Plain),
    }
}

fn clock_text(clock: u64, zone: i8) -> String {
    let local = clock.saturating_add_signed(i64::from(zone) * 900);
    let (days, seconds) = (local / 86_400, local % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{:02}/{month:02}/{day:02},{hour:02}:{minute:02}:{second:02}{zone:+03}", year % 100)
}

/// The date of a day since 1970-01-01 (Hinnant, `civil_from_days`).
pub(in crate::sim) const fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, doy - (153 * mp + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_reads_as_the_standard_writes_it() {
        // 2026-03-01 12:00:00 UTC; a zone of two hours is +08 quarters.
        assert_eq!(clock_text(1_772_366_400, 8), "26/03/01,14:00:00+08");
        assert_eq!(clock_text(1_772_366_400, -20), "26/03/01,07:00:00-20");
        assert_eq!(clock_text(951_782_400, 0), "00/02/29,00:00:00+00");
    }
}
