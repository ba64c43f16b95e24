//! Registration and why it was refused.

use crate::codec::at::answer::registration::{self as registration_answer, Domain, Report};
use crate::spec::cause::Cause;
use crate::spec::timer::t3324;

use super::value::{self, Words, look_up};
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
    body.maybe("T3324 active time", active, |bits| value::active_time(bits).unwrap_or_default());
    body.maybe("T3412 periodic TAU", report.periodic_tau.as_deref(), |bits| value::tau(bits).unwrap_or_default());
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
    if let Some(code) = report.area {
        body.add(area, &format!("{code:04X}"), code.to_string());
    }
    if let Some(cell) = report.cell {
        // The 28 bits of E-UTRAN are 20 of the base station and 8 of its cell (TS 36.413 §9.2.1.38).
        let parts =
            if eps { format!("base station {}, its cell {}", cell >> 8, cell & 0xFF) } else { cell.to_string() };
        body.add("cell", &format!("{cell:08X}"), parts);
    }
    body.maybe("technology", report.act, |act| models.technology(*act));
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
    body.maybe("context", fields.next().map(|context| context.text), |_| "");
    body
}
