//! Lines whose fields depend on each other.

use std::time::Duration;

use crate::cli::words;
use crate::codec::at::answer::context as context_answer;
use crate::codec::at::answer::registration::{self as registration_answer, Domain, Report};
use crate::codec::at::{CmeError, CmsError, Cursor, Field};
use crate::spec::cause::Cause;
use crate::spec::edrx::{self, EdrxMode};
use crate::spec::rat::Rat;
use crate::spec::timer::{t3324, t3412};

use super::value::{self, Say, Words, look_up};
use super::{Body, Message, Models};

/// `<stat>` of `+CEREG` and its sisters; 80 is Sequans', 90 Nordic's.
const STATS: Words = &[
    ("0", "not registered, not searching"),
    ("1", "registered, home network"),
    ("2", "searching"),
    ("3", "refused by the network"),
    ("4", "unknown, such as out of coverage; some modems say it while they sleep"),
    ("5", "registered, roaming"),
    ("6", "registered for SMS only, home network"),
    ("7", "registered for SMS only, roaming"),
    ("8", "emergency services only"),
    ("9", "registered, home network, CSFB not preferred"),
    ("10", "registered, roaming, CSFB not preferred"),
    ("11", "access to restricted local services"),
    ("80", "connection lost for the moment"),
    ("90", "the SIM failed"),
];

/// `+CREG`, `+CGREG`, `+CEREG`, `+C5GREG`, as an answer or as a notice.
pub fn registration(message: &Message<'_>, models: &Models<'_>) -> Body {
    let report = match registration_answer::parse(message.line, false) {
        Ok(report) => report,
        Err(error) => return Body::note(error.to_string()),
    };
    let mut body = Body::default();
    let stat = report.stat.to_string();
    body.add("state", &stat, look_up(STATS, &stat).unwrap_or("no value of the standard"));
    place(&mut body, &report, models);
    refusal(&mut body, &report);
    let active = report.active_time.as_deref();
    active.map(|bits| body.add("active time", bits, value::active_time(bits).unwrap_or_default()));
    report.periodic_tau.as_deref().map(|bits| body.add("periodic TAU", bits, value::tau(bits).unwrap_or_default()));
    if active.is_some_and(|bits| t3324::decode_text(bits) == Ok(None)) {
        body.notes.push("The network does not grant PSM.".into());
    }
    body
}

fn place(body: &mut Body, report: &Report, models: &Models<'_>) {
    let (area, eps) = match report.domain {
        Domain::Cs | Domain::Ps => ("location area", false),
        Domain::Eps => ("tracking area", true),
        Domain::FiveGs => ("tracking area", false),
    };
    report.area.map(|code| body.add(area, &format!("{code:04X}"), code.to_string()));
    if let Some(cell) = report.cell {
        // The 28 bits of E-UTRAN are 20 of the base station and 8 of its cell (TS 36.413 §9.2.1.38).
        let parts = if eps { format!("base station {}, its cell {}", cell >> 8, cell & 0xFF) } else { cell.to_string() };
        body.add("cell", &format!("{cell:08X}"), parts);
    }
    report.act.map(|act| body.add("technology", &act.to_string(), models.technology(act)));
}

fn refusal(body: &mut Body, report: &Report) {
    let (Some(kind), Some(number)) = (report.cause_type, report.reject_cause.filter(|number| *number != 0)) else {
        if report.stat == 3 {
            body.notes.push("The modem gives no cause; AT+CEREG=5 asks it to.".into());
        }
        return;
    };
    let cause = u8::try_from(number).ok().and_then(|number| match report.domain {
        Domain::FiveGs if kind == 0 => Some(Cause::five_gmm(number)),
        _ => Cause::from_report(kind, number),
    });
    match cause {
        Some(cause) => explain_cause(body, cause),
        None => body.add("cause", &number.to_string(), "the maker's own numbering"),
    }
}

fn explain_cause(body: &mut Body, cause: Cause) {
    body.add("cause", &cause.number.to_string(), format!("{} {}", cause.domain.name(), cause.name()));
    body.notes.push(cause.advice().into());
}

/// `+CNEC_EMM: <cause>`.
pub fn emm_cause(message: &Message<'_>, _: &Models<'_>) -> Body {
    network_error(message, Cause::emm)
}

/// `+CNEC_ESM: <cause>[,<cid>]`.
pub fn esm_cause(message: &Message<'_>, _: &Models<'_>) -> Body {
    network_error(message, Cause::esm)
}

fn network_error(message: &Message<'_>, cause: fn(u8) -> Cause) -> Body {
    let mut fields = message.fields();
    let mut body = Body::default();
    if let Some(number) = fields.next().and_then(|field| field.number()) {
        explain_cause(&mut body, cause(number));
    }
    fields.next().map(|context| body.add("context", context.text, ""));
    body
}

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
        ("periodic RAU", Say::With(value::tau)),
        ("READY timer", Say::Raw),
        ("periodic TAU", Say::With(value::tau)),
        ("active time", Say::With(value::active_time)),
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
    fields.next().map(|mode| body.say("mode", Say::Words(EDRX_MODES), mode.text));
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

/// `+CGCONTRDP`: the context as it is.
pub fn context(message: &Message<'_>, _: &Models<'_>) -> Body {
    let context = match context_answer::cgcontrdp(message.line) {
        Ok(context) => context,
        Err(error) => return Body::note(error.to_string()),
    };
    let mut body = Body::default();
    body.add("context", &context.cid.to_string(), "");
    body.add("APN", context.apn.as_deref().unwrap_or_default(), "");
    body
}

/// `+CGPADDR: <cid>[,<address>[,<address>]]`.
pub fn addresses(message: &Message<'_>, _: &Models<'_>) -> Body {
    let mut fields = message.fields();
    let mut body = Body::default();
    fields.next().map(|context| body.add("context", context.text, ""));
    for field in fields {
        body.add("address", field.text, field.address().map_or_else(|| "none".into(), |address| address.to_string()));
    }
    body
}

/// `<mode>` of `+COPS`.
pub const COPS_MODES: Words = &[
    ("0", "automatic"),
    ("1", "as chosen by hand"),
    ("2", "deregistered"),
    ("3", "only sets the form of names"),
    ("4", "as chosen by hand, else automatic"),
];

/// `<format>` of `+COPS`.
pub const COPS_FORMS: Words = &[("0", "long name"), ("1", "short name"), ("2", "number")];

/// `<stat>` of `+COPS=?`.
const COPS_STATS: Words = &[("0", "unknown"), ("1", "available"), ("2", "current"), ("3", "forbidden")];

/// The answers to `AT+COPS?` and `AT+COPS=?`.
pub fn operator(message: &Message<'_>, models: &Models<'_>) -> Body {
    let mut body = Body::default();
    if message.body.contains('(') {
        message.fields().filter_map(|field| found(&field, models)).for_each(|(raw, meaning)| body.add("found", &raw, meaning));
        return body;
    }
    let params = [("mode", Say::Words(COPS_MODES)), ("form", Say::Words(COPS_FORMS)), ("network", Say::Raw)];
    let fields: Vec<Field<'_>> = message.fields().collect();
    params.iter().zip(&fields).for_each(|((name, say), field)| body.say(name, *say, field.text));
    let act = fields.get(3).and_then(|field| field.int());
    act.map(|act| body.add("technology", &act.to_string(), models.technology(act)));
    body
}

/// One network of a scan: its number, and the rest in words.
fn found(field: &Field<'_>, models: &Models<'_>) -> Option<(String, String)> {
    let parts: Vec<Field<'_>> = field.list().collect();
    let (stat, name, plmn) = (parts.first()?, parts.get(1)?, parts.get(3)?);
    let act = parts.get(4).and_then(|act| act.int()).map(|act| format!(", {}", models.technology(act)));
    let stat = look_up(COPS_STATS, stat.text).unwrap_or("unknown");
    Some((plmn.text.to_owned(), format!("{}, {stat}{}", name.text, act.unwrap_or_default())))
}

/// What happened, by the words in front of the numbers; the longest that fits counts.
const EVENTS: Words = &[
    ("ME ACT", "the modem brought up a dedicated context"),
    ("ME CLASS", "the modem changed its class"),
    ("ME DEACT", "the modem took down a context"),
    ("ME DETACH", "the modem detached: all contexts are gone"),
    ("ME MODIFY", "the modem changed a context"),
    ("ME PDN ACT", "the modem brought up a context"),
    ("ME PDN DEACT", "the modem took down a context"),
    ("NW ACT", "the network brought up a dedicated context"),
    ("NW CLASS", "the network changed the class"),
    ("NW DEACT", "the network took down a context"),
    ("NW DETACH", "the network detached the modem: all contexts are gone"),
    ("NW MODIFY", "the network changed a context"),
    ("NW PDN ACT", "the network brought up a context"),
    ("NW PDN DEACT", "the network took down a context"),
    ("NW REACT", "the network asks to bring a context up again"),
    ("REJECT", "the modem refused a context that the network wanted"),
];

/// `+CGEV`.
pub fn packet_event(message: &Message<'_>, _: &Models<'_>) -> Body {
    let mut body = Body::default();
    let fits = EVENTS.iter().filter(|(words, _)| message.body.starts_with(words)).max_by_key(|(words, _)| words.len());
    let Some((words, meaning)) = fits else { return body };
    body.add("event", words, *meaning);
    let rest = message.body.strip_prefix(words).unwrap_or_default().trim();
    if !rest.is_empty() {
        body.add("context", rest, "");
    }
    body
}

/// `+CSCON`, as an answer (`<n>,<mode>,...`) or as a notice (`<mode>,...`).
pub fn connection(message: &Message<'_>, _: &Models<'_>) -> Body {
    let mut fields: Vec<Field<'_>> = message.fields().collect();
    // A state of E-UTRAN is never 0 or 1, so a second field like that is <mode> behind <n>.
    if fields.get(1).is_some_and(|second| matches!(second.text, "0" | "1")) {
        fields.remove(0);
    }
    let params = [("radio", Say::Words(&[("0", "idle"), ("1", "connected")])), ("state", Say::Raw), ("access", Say::Raw)];
    let mut body = Body::default();
    params.iter().zip(&fields).for_each(|((name, say), field)| body.say(name, *say, field.text));
    body
}

/// What to do about the errors that people meet (TS 27.007 9.2).
const ADVICE: &[(u16, &str)] = &[
    (3, "The modem is in no state for this command, often because the radio is off (AT+CFUN?) or it is not registered."),
    (4, "This firmware does not know the command or one of its parameters; AT+<name>=? tells what it takes."),
    (10, "Insert a SIM card, or check the slot, the contacts and the polarity of the card detect pin."),
    (11, "`lpwa sim unlock` asks for the PIN."),
    (12, "`lpwa sim puk` asks for the PUK; do not try further PINs."),
    (13, "The SIM does not answer: check the contacts; with the radio off (AT+CFUN=0) it may also just be off."),
    (14, "The SIM is still starting; ask again in some seconds."),
    (15, "The modem does not take this SIM."),
    (16, "The code was wrong, an attempt is lost. See what is left with `lpwa sim show` before another try."),
    (17, "The command needs PIN2, which data does not."),
    (30, "There is no network: check antenna, RATs and bands, and wait, as a first attach may take minutes."),
    (31, "The network did not answer in time; try again later."),
    (32, "The network takes emergency calls only: the SIM is not accepted here."),
    (50, "The command line is wrong; AT+<name>=? tells what the modem takes."),
    (100, "The modem gives no better reason; AT+CEER may tell more."),
    (132, "The network does not offer this service."),
    (133, "The subscription does not cover this: check APN and connection type with the operator."),
    (134, "The service is out of order for a while; try again later."),
    (148, "The modem gives no better reason; AT+CEER may tell more."),
    (149, "User name or password of the APN are wrong."),
];

/// `+CME ERROR`.
pub fn cme_error(message: &Message<'_>, _: &Models<'_>) -> Body {
    let error = CmeError::parse(message.body);
    let mut body = Body::default();
    body.add("error", message.body, error.to_string());
    let advice = error.code.and_then(|code| ADVICE.iter().find(|(of, _)| *of == code)).map(|(_, advice)| *advice);
    // 103 to 113 are the causes 3 to 13 of TS 24.008 with 100 added.
    let cause = error.code.and_then(|code| u8::try_from(code).ok()).filter(|code| (103..=113).contains(code));
    let cause = cause.map(|code| Cause::emm(code - 100).advice());
    body.notes.extend(advice.or(cause).map(str::to_owned));
    body
}

/// `+CMS ERROR`.
pub fn cms_error(message: &Message<'_>, _: &Models<'_>) -> Body {
    let mut body = Body::default();
    body.add("error", message.body, CmsError::parse(message.body).to_string());
    body
}
