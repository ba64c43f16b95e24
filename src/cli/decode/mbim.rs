//! MBIM frames in names and values.

use crate::codec::mbim::fragment::Fragment;
use crate::codec::mbim::message::basic_connect::{RsrpSnr, SignalState};
use crate::codec::mbim::value::hex;
use crate::codec::mbim::{
    Body, Cid, Frame, FrameError, Kind, Reassembler, Service, Splitter, Status, Uuid, Value, Version,
};
use crate::private::REDACTED;

use super::{Body as Said, Explanation, Item};

/// Whether the octets are one whole frame, or a fragment of one.
pub fn is_frame(octets: &[u8]) -> bool {
    matches!(Frame::parse(octets), Ok(_) | Err(FrameError::Cut { .. })) && declared_length(octets) == Some(octets.len())
}

fn declared_length(octets: &[u8]) -> Option<usize> {
    let length = octets.get(4..8)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}

/// The frames in `octets`, one behind the other; fragments are put together. An error: it does not begin with a frame.
pub fn frames(octets: &[u8]) -> Result<Vec<Explanation>, FrameError> {
    match Fragment::parse(octets) {
        Ok(_) | Err(FrameError::Incomplete(_)) => Ok(explain(octets)),
        Err(error) => Err(error),
    }
}

fn explain(octets: &[u8]) -> Vec<Explanation> {
    let (mut splitter, mut reassembler) = (Splitter::new(), Reassembler::new());
    let mut explanations = Vec::new();
    let mut told = 0;
    splitter.push(octets);
    loop {
        match splitter.next_frame() {
            Ok(Some(piece)) => {
                told += piece.len();
                match reassembler.push(&piece) {
                    Ok(Some(frame)) => explanations.push(one(&frame)),
                    Ok(None) => {}
                    Err(error) => explanations.push(broken(&piece, &error)),
                }
            }
            Ok(None) => break,
            Err(error) => {
                explanations.push(broken(octets.get(told..).unwrap_or_default(), &error));
                return explanations;
            }
        }
    }
    if reassembler.is_waiting() {
        let note = "The message has more fragments than these: paste all of them, one after the other.";
        explanations.push(unread("Part of an MBIM message", note.into()));
    }
    if let Some(rest) = octets.get(told..).filter(|rest| !rest.is_empty()) {
        let missing = match Frame::parse(rest) {
            Err(error @ FrameError::Incomplete(_)) => error.to_string(),
            _ => "the frame is not complete".to_owned(),
        };
        explanations.push(unread("Part of an MBIM frame", format!("{} octets: {missing}.", rest.len())));
    }
    explanations
}

fn unread(title: &str, note: String) -> Explanation {
    Explanation { title: title.into(), source: "MBIM 1.0 clause 9".into(), body: Said::note(note) }
}

fn broken(octets: &[u8], error: &FrameError) -> Explanation {
    unread("No MBIM frame", format!("{error}: {}", hex(octets)))
}

fn one(frame: &Frame) -> Explanation {
    let mut body = Said::default();
    body.add("transaction", &frame.transaction.to_string(), "");
    let title = match &frame.body {
        Body::Open { max_control_transfer } => {
            body.add("max_control_transfer", &max_control_transfer.to_string(), "octets a fragment, at most");
            "The host opens the session".to_owned()
        }
        Body::Close => "The host closes the session".to_owned(),
        Body::OpenDone(status) => done(&mut body, "The session is open", "The session could not be opened", *status),
        Body::CloseDone(status) => done(&mut body, "The session is closed", "The session could not be closed", *status),
        Body::HostError(fault) | Body::FunctionError(fault) => {
            body.add("fault", &fault.number().to_string(), fault.name().unwrap_or("unknown"));
            let host = matches!(frame.body, Body::HostError(_));
            format!("The {} could not make sense of a frame", if host { "host" } else { "modem" })
        }
        Body::Command { .. } | Body::CommandDone { .. } | Body::Indicate { .. } => command(&frame.body, &mut body),
    };
    Explanation { title, source: "MBIM 1.0 clause 9".into(), body }
}

fn done(body: &mut Said, well: &str, ill: &str, status: Status) -> String {
    add_status(body, status);
    if status == Status::SUCCESS { well } else { ill }.to_owned()
}

fn add_status(body: &mut Said, status: Status) {
    let name = if status == Status::SUCCESS { "success" } else { status.name().unwrap_or("unknown") };
    body.add("status", &status.number().to_string(), name);
}

/// The title of a message about a command; its fields go into `body`.
fn command(frame: &Body, body: &mut Said) -> String {
    let (Some((uuid, number, kind)), Some(buffer)) = (frame.command(), frame.buffer()) else { return String::new() };
    let service = Service::of(uuid);
    let cid = service.and_then(|service| service.cid(number));
    if let Body::CommandDone { status, .. } = frame {
        add_status(body, *status);
    }
    match cid {
        Some(cid) => fields(cid, kind, buffer, body),
        None if buffer.is_empty() => {}
        None => body.add("information_buffer", &hex(buffer), ""),
    }
    let verb = match kind {
        Kind::Query => "Query",
        Kind::Set => "Set",
        Kind::Response => "Answer",
        Kind::Notification => "Notification",
    };
    format!("{verb}: {} of {}", cid.map_or_else(|| format!("command {number}"), |cid| cid.name.to_owned()), named(uuid))
}

fn named(uuid: Uuid) -> String {
    Service::of(uuid).map_or_else(|| format!("the service {uuid}"), |service| service.name().to_owned())
}

fn fields(cid: &Cid, kind: Kind, buffer: &[u8], body: &mut Said) {
    // An answer that is an error, and a query, may come without what they have room for.
    if buffer.is_empty() {
        return;
    }
    let version = cid.likely_version(kind, buffer);
    match cid.explain(kind, buffer, version) {
        Some(Ok(explained)) => {
            flatten("", &explained.value, body);
            if version != Version::V1 {
                let number = version.number() >> 8;
                body.notes.push(format!("Read in the layout of MBIMEx {number}.0."));
            }
        }
        Some(Err(error)) => {
            body.add("information_buffer", &hex(buffer), "");
            body.notes.push(format!("{error}."));
        }
        None => body.add("information_buffer", &hex(buffer), ""),
    }
}

/// Adds a value: one line for what fits one, `name.inner` and `name[0]` for what does not.
fn flatten(path: &str, value: &Value, body: &mut Said) {
    match value {
        Value::Absent => {}
        Value::Record(fields) => {
            for (name, value) in fields {
                let inner = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
                flatten(&inner, value, body);
            }
        }
        Value::List(list) => {
            for (index, value) in list.iter().enumerate() {
                flatten(&format!("{path}[{index}]"), value, body);
            }
        }
        Value::Secret(inner) if inner.is_empty() => {}
        Value::Secret(_) => body.add(path, REDACTED, ""),
        Value::Text(text) if text.is_empty() => {}
        Value::Coded(number, name) => body.add(path, &number.to_string(), *name),
        other => body.fields.extend(other.line().map(|raw| {
            let meaning = number_of(other).and_then(|number| meaning(path, number)).unwrap_or_default();
            Item { name: path.to_owned(), raw, meaning }
        })),
    }
}

fn number_of(value: &Value) -> Option<u32> {
    if let Value::Number(number) = value { u32::try_from(*number).ok() } else { None }
}

/// What a number stands for that has a scale of its own.
fn meaning(path: &str, number: u32) -> Option<String> {
    let field = path.rsplit('.').next().unwrap_or(path);
    let levels = path.starts_with("rsrp_snr[");
    let text = match field {
        "rssi" => {
            let state = SignalState { rssi: number, ..SignalState::default() };
            state.rssi_dbm().map(|dbm| format!("{dbm} dBm"))
        }
        "error_rate" => {
            let state = SignalState { error_rate: number, ..SignalState::default() };
            state.bit_errors().map(|percent| format!("about {percent} % of bits"))
        }
        "rsrp" if levels => RsrpSnr { rsrp: number, ..RsrpSnr::default() }.rsrp_dbm().map(|dbm| format!("{dbm} dBm")),
        "snr" if levels => RsrpSnr { snr: number, ..RsrpSnr::default() }.snr_db().map(|db| format!("{db} dB")),
        "mbim_version" | "mbim_extended_version" => {
            return Some(format!("{}.{}", number >> 8, number >> 4 & 0xf));
        }
        "signal_strength_interval" | "hysteresis_timer" | "timeout" => return Some("seconds".into()),
        "uplink_speed" | "downlink_speed" => return Some("bit/s".into()),
        _ if number == u32::MAX => None,
        _ => return None,
    };
    Some(text.unwrap_or_else(|| "not known".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::mbim::encode;
    use crate::codec::mbim::message::basic_connect as basic;

    fn lines(explanation: &Explanation) -> Vec<String> {
        let line = |item: &Item| format!("{} {} {}", item.name, item.raw, item.meaning).trim_end().to_owned();
        explanation.body.fields.iter().map(line).chain(explanation.body.notes.iter().cloned()).collect()
    }

    #[test]
    fn an_answer_in_names_and_values() {
        let state = basic::SignalState { rssi: 16, error_rate: 99, ..basic::SignalState::default() };
        let state = basic::SignalState {
            rsrp_snr: vec![basic::RsrpSnr { rsrp: 60, snr: 65, ..basic::RsrpSnr::default() }]
                .into_iter()
                .collect::<crate::codec::mbim::list::Array<_>>()
                .into(),
            ..state
        };
        let buffer = encode(&state, Version::V2);
        let body = Body::done(Service::BasicConnect, &basic::SIGNAL_STATE, Status::SUCCESS, buffer);
        let all = explain(&Frame { transaction: 3, body }.encode());
        assert_eq!(all[0].title, "Answer: signal-state of basic-connect");
        let lines = lines(&all[0]);
        for line in [
            "transaction 3",
            "status 0 success",
            "rssi 16 -81 dBm",
            "error_rate 99 not known",
            "rsrp_snr[0].rsrp 60 -97 dBm",
            "rsrp_snr[0].snr 65 9 dB",
        ] {
            assert!(lines.iter().any(|l| l == line), "{line} in {lines:?}");
        }
        assert_eq!(lines.last().unwrap(), "Read in the layout of MBIMEx 2.0.");
    }

    #[test]
    fn secrets_stay_secret() {
        let pin = basic::SetPin { pin: String::from("1234").into(), ..basic::SetPin::default() };
        let body = Body::set(Service::BasicConnect, &basic::PIN, encode(&pin, Version::V1));
        let all = explain(&Frame { transaction: 1, body }.encode());
        let lines = lines(&all[0]);
        assert!(lines.contains(&"pin <redacted>".to_owned()), "{lines:?}");
    }

    #[test]
    fn fragments_unknown_commands_and_noise() {
        let unknown = Body::Command { service: Uuid([7; 16]), cid: 9, set: true, buffer: vec![1; 100] };
        let frame = Frame { transaction: 5, body: unknown };
        let pieces = frame.fragments(64);
        let all = explain(&pieces.concat());
        assert_eq!(all[0].title, "Set: command 9 of the service 07070707-0707-0707-0707-070707070707");
        assert!(lines(&all[0])[1].starts_with("information_buffer 0101"));
        assert_eq!(explain(&pieces[0])[0].title, "Part of an MBIM message");
        assert_eq!(explain(&frame.encode()[..20])[0].title, "Part of an MBIM frame");
        assert_eq!(frames(&[3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]), Err(FrameError::Length));
        assert!(is_frame(&frame.encode()) && is_frame(&pieces[0]) && !is_frame(b"AT+CEREG?\r\n123"));
    }
}
