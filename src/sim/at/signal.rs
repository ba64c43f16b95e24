//! Signal and indicators: `+CSQ`, `+CESQ`, `+CIND`, `+CMER` (TS 27.007 clauses 8.5, 8.69, 8.9, 8.10).

use crate::sim::modem::SimModem;

use super::answer::{Answer, AtError, Reply};
use super::args::Args;
use super::line::Op;
use super::{Entry, Test, code};

pub(super) const ENTRIES: &[Entry] = &[
    code("+CSQ", Test::Text("(0-31,99),(0-7,99)"), csq),
    code("+CESQ", Test::Text("(0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)"), cesq),
    code("+CIND", Test::Text("(\"battchg\",(0-5)),(\"signal\",(0-5)),(\"service\",(0,1)),(\"roam\",(0,1))"), cind),
    code("+CMER", Test::Text("(0-3),(0),(0),(0,1)"), cmer),
];

/// An index on a scale of whole steps, between its ends.
fn index(value: f32, most: u8) -> u8 {
    // The value is within 0..=most by then, so the cast keeps it.
    value.floor().clamp(0.0, f32::from(most)) as u8
}

impl SimModem {
    /// `<rssi>` of `+CSQ`: -113 dBm and 2 dB a step; 99 unknown.
    fn csq_index(&self) -> u8 {
        self.radio.cell().map_or(99, |cell| index((cell.rssi + 113.0) / 2.0, 31))
    }
}

fn csq(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Run => Ok(Answer::line(format!("+CSQ: {},99", modem.csq_index()))),
        _ => Err(AtError::Plain),
    }
}

/// RSRQ in half dB from -20, RSRP in dB from -141 (TS 36.133 clauses 9.1.7 and 9.1.4); 255 unknown.
fn cesq(modem: &mut SimModem, op: &Op) -> Reply {
    let cell = modem.radio.cell();
    let rsrq = cell.map_or(255, |cell| index((cell.rsrq + 20.0) * 2.0, 34));
    let rsrp = cell.map_or(255, |cell| index(cell.rsrp + 141.0, 97));
    match op {
        Op::Run => Ok(Answer::line(format!("+CESQ: 99,99,255,255,{rsrq},{rsrp}"))),
        _ => Err(AtError::Plain),
    }
}

fn cind(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Read => {
            let bars = match modem.csq_index() {
                99 => 0,
                rssi => (rssi / 6).min(5),
            };
            let registration = modem.radio.registration();
            let (service, roam) = (u8::from(registration.is_registered()), u8::from(registration.is_roaming()));
            Ok(Answer::line(format!("+CIND: 5,{bars},{service},{roam}")))
        }
        Op::Set(_) => Ok(Answer::ok()),
        _ => Err(AtError::Plain),
    }
}

fn cmer(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Set(values) => {
            let args = Args::new(values);
            let mode = args.within(0, 0..=3)?;
            modem.settings.indicators = mode > 0 && args.number(3)?.is_some_and(|ind| ind > 0);
        }
        Op::Read => {
            let on = u8::from(modem.settings.indicators);
            return Ok(Answer::line(format!("+CMER: {},0,0,{on}", on * 3)));
        }
        Op::Run => {}
        Op::Test => return Err(AtError::Plain),
    }
    Ok(Answer::ok())
}
