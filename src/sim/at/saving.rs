//! Power saving: `+CPSMS`, `+CEDRXS`, `+CEDRXRDP`, `+CSCON` (TS 27.007 clauses 7.38, 7.40, 7.41, 7.30).

use crate::sim::modem::SimModem;

use super::answer::{Answer, AtError, CME_INVALID, Reply};
use super::args::Args;
use super::line::Op;
use super::{Entry, Test, code};

pub(super) const ENTRIES: &[Entry] = &[
    code("+CPSMS", Test::Own, cpsms),
    code("+CEDRXS", Test::Own, cedrxs),
    code("+CEDRXRDP", Test::Ok, cedrxrdp),
    code("+CSCON", Test::Text("(0-2)"), cscon),
];

/// Timers asked for when the host switches PSM on and names none: TAU 1 h, active time 10 s.
const TIMERS: (&str, &str) = ("00000110", "00000101");

fn bits(text: Option<&str>, digits: usize) -> Result<Option<String>, AtError> {
    match text {
        None => Ok(None),
        Some(text) if text.len() == digits && text.bytes().all(|b| matches!(b, b'0' | b'1')) => Ok(Some(text.into())),
        Some(_) => Err(CME_INVALID),
    }
}

fn cpsms(modem: &mut SimModem, op: &Op) -> Reply {
    if !modem.definition.capabilities.psm {
        return Err(AtError::Plain);
    }
    match op {
        Op::Test => Ok(Answer::line("+CPSMS: (0-2),,,(\"00000000\"-\"11111111\"),(\"00000000\"-\"11111111\")")),
        Op::Read => {
            let (tau, active) = modem.kept.psm_timers.clone().unwrap_or_else(|| (TIMERS.0.into(), TIMERS.1.into()));
            Ok(Answer::line(format!("+CPSMS: {},,,\"{tau}\",\"{active}\"", u8::from(modem.kept.psm))))
        }
        Op::Set(values) => {
            let before = (modem.kept.psm, modem.kept.psm_timers.clone());
            set_psm(modem, values)?;
            let no_news = modem.definition.power.psm_toggle && before.0 && modem.kept.psm;
            if !no_news && before != (modem.kept.psm, modem.kept.psm_timers.clone()) {
                modem.radio.renegotiate(modem.now);
            }
            Ok(Answer::ok())
        }
        Op::Run => Err(AtError::Plain),
    }
}

fn set_psm(modem: &mut SimModem, values: &str) -> Result<(), AtError> {
    let args = Args::new(values);
    // All left out: off, and what was given is forgotten; mode 2 says the same.
    let mode = if values.is_empty() { 2 } else { args.within(0, 0..=2)? };
    let (tau, active) = (bits(args.text(3), 8)?, bits(args.text(4), 8)?);
    let (old_tau, old_active) = modem.kept.psm_timers.clone().unwrap_or_else(|| (TIMERS.0.into(), TIMERS.1.into()));
    modem.kept.psm = mode == 1;
    modem.kept.psm_timers = (mode != 2).then(|| (tau.unwrap_or(old_tau), active.unwrap_or(old_active)));
    Ok(())
}

/// `<AcT-type>` numbers of the technologies for which the model knows eDRX.
fn act_types(modem: &SimModem) -> Vec<u8> {
    let mut types: Vec<u8> = modem.definition.capabilities.edrx.iter().filter_map(|rat| rat.edrx_act_type()).collect();
    types.sort_unstable();
    types.dedup();
    types
}

fn cedrxs(modem: &mut SimModem, op: &Op) -> Reply {
    let types = act_types(modem);
    if types.is_empty() {
        return Err(AtError::Plain);
    }
    match op {
        Op::Test => {
            let types: Vec<String> = types.iter().map(u8::to_string).collect();
            Ok(Answer::line(format!("+CEDRXS: (0-3),({}),(\"0000\"-\"1111\")", types.join(","))))
        }
        Op::Read => {
            let own = |act| modem.window_line(act).filter(|line| line.starts_with("+CEDRXS"));
            let line = |(act, code): (&u8, &String)| own(*act).unwrap_or_else(|| format!("+CEDRXS: {act},\"{code}\""));
            Ok(Answer::lines(modem.kept.edrx.iter().map(line).collect()))
        }
        Op::Set(values) => {
            let before = modem.kept.edrx.clone();
            set_edrx(modem, &Args::new(values), &types)?;
            if before != modem.kept.edrx {
                modem.radio.renegotiate(modem.now);
            }
            Ok(Answer::ok())
        }
        Op::Run => Err(AtError::Plain),
    }
}

fn set_edrx(modem: &mut SimModem, args: &Args<'_>, types: &[u8]) -> Result<(), AtError> {
    let mode = args.within(0, 0..=3)?;
    let act = match args.number(1)? {
        Some(act) => Some(types.iter().copied().find(|t| u32::from(*t) == act).ok_or(CME_INVALID)?),
        None => None,
    };
    let code = bits(args.text(2), 4)?;
    modem.kept.edrx_reports = mode == 2;
    match (mode, act) {
        (0 | 3, Some(act)) => drop(modem.kept.edrx.remove(&act)),
        (0 | 3, None) => modem.kept.edrx.clear(),
        (_, act) => {
            let acts = act.map_or_else(|| types.to_vec(), |act| vec![act]);
            for act in acts {
                let old = modem.kept.edrx.get(&act).cloned();
                // 0101: 81.92 s, on every technology.
                let code = code.clone().or(old).unwrap_or_else(|| "0101".into());
                modem.kept.edrx.insert(act, code);
                // A new cycle comes with the modem's own window (Nordic's description of +CEDRXS).
                modem.kept.windows.remove(&act);
                modem.kept.windows_in_force.remove(&act);
                if let Some(window) = bits(args.text(3), 4)? {
                    modem.ask_for_window(act, window);
                }
            }
        }
    }
    Ok(())
}

impl SimModem {
    /// `+CEDRXRDP`, and `+CEDRXP` alike: asked for, granted, paging time window; 0 where the cell uses none.
    pub(in crate::sim) fn edrx_line(&self, name: &str) -> String {
        let act = self.serving().and_then(|cell| cell.rat.edrx_act_type());
        match (act, self.radio.edrx()) {
            (Some(act), Some(e)) => {
                format!("{name}: {act},\"{}\",\"{}\",\"{}\"", e.asked_bits, e.cycle_bits, e.ptw_bits)
            }
            _ => format!("{name}: 0"),
        }
    }
}

fn cedrxrdp(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        _ if act_types(modem).is_empty() => Err(AtError::Plain),
        Op::Run => Ok(Answer::line(modem.edrx_line("+CEDRXRDP"))),
        _ => Err(AtError::Plain),
    }
}

fn cscon(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Set(n) => modem.settings.cscon = Args::new(n).within(0, 0..=2)?,
        Op::Read => {
            let (n, state) = (modem.settings.cscon, u8::from(modem.radio.rrc()));
            return Ok(Answer::line(format!("+CSCON: {n},{state}")));
        }
        _ => return Err(AtError::Plain),
    }
    Ok(Answer::ok())
}
