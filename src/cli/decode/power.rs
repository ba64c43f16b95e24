//! PSM and eDRX.

use std::time::Duration;

use crate::cli::words;
use crate::codec::at::cursor::Field;
use crate::spec::edrx::{self, EdrxMode};
use crate::spec::rat::Rat;
use crate::spec::timer::{t3324, t3412};

use super::value::{self, Say, Words};
use super::{Body, Message, Models};

/// `<mode>` of `+CPSMS`.
const PSM_MODES: Words = &[("0", "off"), ("1", "on"), ("2", "off, and the wishes forgotten")];

/// The answer to `AT+CPSMS?`: what was asked for.
pub fn psm_wanted(message: &Message<'_>, models: &Models<'_>) -> Body {
    let mut body = psm_set(message, models);
    body.notes.push("This is what was asked for; what the network granted stands in +CEREG (AT+CEREG=5).".into());
    body
}

/// `AT+CPSMS=<mode>,<RAU>,<READY>,<TAU>,<active time>`.
pub fn psm_set(message: &Message<'_>, _: &Models<'_>) -> Body {
    let fields: Vec<Field<'_>> = message.fields().collect();
    let mut body = Body::default();
    let params = [
        ("mode", Say::Words(PSM_MODES)),
        ("T3312 periodic RAU", Say::With(value::tau)),
        ("T3314 READY timer", Say::Raw),
        ("T3412 periodic TAU", Say::With(value::tau)),
        ("T3324 active time", Say::With(value::active_time)),
    ];
    for ((name, say), field) in params.iter().zip(&fields) {
        body.say(name, *say, field.text);
    }
    if let (Some(tau), Some(active)) = (fields.get(3), fields.get(4)) {
        body.notes.extend(swapped(tau.text, active.text));
    }
    if fields.is_empty() {
        body.notes.push("Without parameters: PSM off, and the wishes forgotten.".into());
    }
    body
}

/// Whether the two timers look as if somebody had taken the order of `+CEREG`.
///
/// TS 24.008 §10.5.7.4 and §10.5.7.4a read the same bits in other units, so that exchanged timers stay valid: the
/// wish for hours of sleep (unit 1 h or 10 h) reads as an active time in minutes, that for seconds of reachability
/// (unit 2 s) as a TAU in steps of ten minutes.
fn swapped(tau: &str, active: &str) -> Option<String> {
    let read = |timer: Result<Option<Duration>, _>| timer.ok().flatten();
    let (tau_read, active_read) = (read(t3412::decode_text(tau)), read(t3324::decode_text(active)));
    let (meant_tau, meant_active) = (read(t3412::decode_text(active)), read(t3324::decode_text(tau)));
    let suspicious = tau.starts_with("000") && (active.starts_with("001") || active.starts_with("010"));
    if !suspicious && tau_read? > active_read? {
        return None;
    }
    Some(format!(
        "Look twice: +CPSMS takes the TAU first and the active time second, +CEREG gives them the other way round. \
         If {} of TAU and {} of active time were meant, they are in the wrong order.",
        words::span(meant_tau?),
        words::span(meant_active?),
    ))
}

/// `<AcT-type>` of the eDRX commands, an enumeration of its own.
const EDRX_TYPES: Words = &[
    ("0", "eDRX is not in use"),
    ("1", "EC-GSM-IoT"),
    ("2", "GSM"),
    ("3", "UMTS"),
    ("4", "LTE-M and LTE (WB-S1)"),
    ("5", "NB-IoT (NB-S1)"),
    ("6", "satellite NB-IoT"),
    ("7", "satellite LTE"),
    ("8", "5G NR"),
    ("9", "satellite 5G NR"),
];

const EDRX_MODES: Words =
    &[("0", "off"), ("1", "on"), ("2", "on, changes are told (+CEDRXP)"), ("3", "off, and the wishes forgotten")];

/// `AT+CEDRXS=<mode>,<AcT-type>,<cycle>`.
pub fn edrx_set(message: &Message<'_>, _: &Models<'_>) -> Body {
    let mut fields = message.fields();
    let mut body = Body::default();
    body.say("mode", Say::Words(EDRX_MODES), fields.next().map_or("", |mode| mode.text));
    edrx_fields(&mut body, fields, &["cycle", "window"]);
    body
}

/// The answer to `AT+CEDRXS?`: what was asked for.
pub fn edrx_wanted(message: &Message<'_>, _: &Models<'_>) -> Body {
    let mut body = Body::default();
    edrx_fields(&mut body, message.fields(), &["cycle", "window"]);
    body.notes.push("This is what was asked for; AT+CEDRXRDP tells what is in use.".into());
    body
}

/// `+CEDRXP` and `+CEDRXRDP`: asked, granted, paging time window.
pub fn edrx_granted(message: &Message<'_>, _: &Models<'_>) -> Body {
    let mut body = Body::default();
    edrx_fields(&mut body, message.fields(), &["cycle asked", "cycle granted", "window"]);
    body
}

fn edrx_fields<'a>(body: &mut Body, mut fields: impl Iterator<Item = Field<'a>>, names: &[&'static str]) {
    let Some(act_type) = fields.next() else { return };
    body.say("technology", Say::Words(EDRX_TYPES), act_type.text);
    let mode = act_type.number().and_then(Rat::from_edrx_act_type).map(EdrxMode::from);
    for (name, field) in names.iter().zip(fields).filter(|(_, field)| !field.text.is_empty()) {
        let meaning = mode.map(|mode| edrx_code(mode, name, field.text));
        body.add(name, field.text, meaning.unwrap_or_default());
    }
}

fn edrx_code(mode: EdrxMode, name: &str, code: &str) -> String {
    let window = name == "window";
    let time = if window { edrx::ptw_decode_text(mode, code) } else { edrx::cycle_decode_text(mode, code) };
    let foreign = !window && !u8::from_str_radix(code, 2).is_ok_and(|bits| edrx::requestable(mode, bits));
    match time {
        Err(error) => error.to_string(),
        Ok(None) => "as if no eDRX were asked for".into(),
        Ok(Some(time)) if foreign => format!("no code of this technology, taken for {}", words::span(time)),
        Ok(Some(time)) => words::span(time),
    }
}
