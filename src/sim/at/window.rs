//! Paging time windows, in the model file's words.

use std::sync::Arc;

use crate::sim::modem::SimModem;

use super::answer::{Answer, Reply};
use super::model::{fits, is, value};

/// A paging time window that the host asks for, or the question which one that is.
pub(super) fn answer(modem: &mut SimModem, asked: &str) -> Option<Reply> {
    let definition = Arc::clone(&modem.definition);
    let window = definition.power.window.as_ref()?;
    // What the standard tables do with a field more is done there.
    if asked.starts_with("+CEDRXS") {
        return None;
    }
    if window.read.as_ref().is_some_and(|read| is(read, asked)) {
        let acts: Vec<u8> = modem.kept.windows.keys().copied().collect();
        return Some(Ok(Answer::lines(acts.into_iter().filter_map(|act| modem.window_line(act)).collect())));
    }
    let values = window.set.iter().find_map(|set| fits(set, asked))?;
    let number = |name| value(&values, name).and_then(|text| text.parse::<u8>().ok());
    let act = number("ACT")?;
    let named = window.act.iter().find(|(_, own)| **own == act).and_then(|(rat, _)| rat.edrx_act_type());
    let bits = match number("PTW:INT") {
        Some(code) => format!("{code:04b}"),
        None => value(&values, "PTW")?.to_owned(),
    };
    modem.ask_for_window(named.unwrap_or(act), bits);
    Some(Ok(Answer::ok()))
}

impl SimModem {
    /// A window for `act`, AcT-type of `+CEDRXS`; the network hears of it soon, or after the next start.
    pub(in crate::sim) fn ask_for_window(&mut self, act: u8, bits: String) {
        let other = self.kept.windows.insert(act, bits.clone()) != Some(bits);
        if !self.definition.power.window.as_ref().is_some_and(|window| window.reboot) {
            self.kept.windows_in_force.clone_from(&self.kept.windows);
            if other {
                self.radio.renegotiate(self.now);
            }
        }
    }

    /// The line of the model file that tells the window asked for on `act`.
    pub(in crate::sim) fn window_line(&self, act: u8) -> Option<String> {
        let window = self.definition.power.window.as_ref().filter(|window| window.read.is_some())?;
        let (cycle, ptw) = (self.kept.edrx.get(&act)?, self.kept.windows.get(&act)?);
        let own = window.act.iter().find(|(rat, _)| rat.edrx_act_type() == Some(act)).map_or(act, |(_, own)| *own);
        let code = |bits: &str| u8::from_str_radix(bits, 2).unwrap_or_default().to_string();
        let line = window.holds.replace("{act}", &own.to_string()).replace("{cycle}", cycle).replace("{ptw}", ptw);
        Some(line.replace("{cycle:int}", &code(cycle)).replace("{ptw:int}", &code(ptw)))
    }
}
