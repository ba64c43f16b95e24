//! Operators, contexts, events, the radio connection.

use crate::codec::at::address;
use crate::codec::at::answer::context as context_answer;
use crate::codec::at::cursor::Field;

use super::value::{Say, Words, look_up};
use super::{Body, Message, Models};

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
    // A list of networks; the name of one may have a parenthesis in it.
    if message.body.starts_with(['(', ',']) {
        let networks: Vec<(String, String)> = message.fields().filter_map(|field| found(&field, models)).collect();
        networks.into_iter().for_each(|(plmn, meaning)| body.add("found", &plmn, meaning));
        return body;
    }
    let params = [("mode", Say::Words(COPS_MODES)), ("form", Say::Words(COPS_FORMS)), ("network", Say::Raw)];
    let fields: Vec<Field<'_>> = message.fields().collect();
    params.iter().zip(&fields).for_each(|((name, say), field)| body.say(name, *say, field.text));
    let act = fields.get(3).and_then(|field| field.int());
    body.maybe("technology", act, |act| models.technology(*act));
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

/// `+CGCONTRDP`: the context as it is.
pub fn context(message: &Message<'_>, _: &Models<'_>) -> Body {
    let context = match context_answer::cgcontrdp(message.line) {
        Ok(context) => context,
        Err(error) => return Body::note(error.to_string()),
    };
    let mut body = Body::default();
    body.add("context", &context.cid.to_string(), "");
    let text = |value: Option<String>| value.unwrap_or_default();
    body.say("bearer", Say::Raw, &text(context.bearer_id.map(|id| id.to_string())));
    body.say("APN", Say::Raw, &text(context.apn));
    context.addresses.iter().for_each(|address| body.add("address", &address.to_string(), ""));
    body.say("mask", Say::Raw, &text(context.subnet_mask.map(|mask| mask.to_string())));
    body.say("gateway", Say::Raw, &text(context.gateway.map(|gateway| gateway.to_string())));
    context.dns.iter().for_each(|server| body.add("DNS", &server.to_string(), ""));
    body.say("MTU", Say::Raw, &text(context.mtu.map(|mtu| mtu.to_string())));
    if context.addresses.is_empty() {
        body.notes.push("No address stands here; AT+CGPADDR may tell it.".into());
    }
    body
}

/// `+CABTRDP`: a timer that runs for an APN.
pub fn back_off(message: &Message<'_>, _: &Models<'_>) -> Body {
    let told = match context_answer::cabtrdp(message.line) {
        Ok(told) => told,
        Err(error) => return Body::note(error.to_string()),
    };
    let mut body = Body::default();
    body.add("APN", &told.apn, if told.apn.is_empty() { "the network's default" } else { "" });
    match told.seconds {
        Some(left) => body.add("left", &left.to_string(), format!("{left} s, then the network may be asked again")),
        None => body.add("left", "", "deactivated: not again before the SIM or the network changes"),
    }
    body
}

/// `+CGPADDR: <cid>[,<address>[,<address>]]`.
pub fn addresses(message: &Message<'_>, _: &Models<'_>) -> Body {
    let mut fields = message.fields();
    let mut body = Body::default();
    body.maybe("context", fields.next().map(|context| context.text), |_| "");
    let found: Vec<_> = fields.flat_map(|field| address::parse(field.text)).collect();
    found.iter().for_each(|found| body.add("address", &found.address.to_string(), ""));
    if found.is_empty() {
        body.notes.push("The context has no address: it is not up.".into());
    }
    body
}

/// What happened, by the words in front of the numbers; the longest that fits counts.
const EVENTS: Words = &[
    ("EPS PDN ACT", "the network brought up a context"),
    ("EPS PDN DEACT", "the network took down a context"),
    ("ME ACT", "the modem brought up a dedicated context"),
    ("ME BATTERY LOW", "the modem's supply is low"),
    ("ME CLASS", "the modem changed its class"),
    ("ME DEACT", "the modem took down a context"),
    ("ME DETACH", "the modem detached: all contexts are gone"),
    ("ME MODIFY", "the modem changed a context"),
    ("ME OVERHEATED", "the modem is too hot"),
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
    let params =
        [("radio", Say::Words(&[("0", "idle"), ("1", "connected")])), ("state", Say::Raw), ("access", Say::Raw)];
    let mut body = Body::default();
    params.iter().zip(&fields).for_each(|((name, say), field)| body.say(name, *say, field.text));
    body
}
