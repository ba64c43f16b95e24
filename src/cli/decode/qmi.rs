//! QMI frames in names and values.

use super::{Body, Explanation};
use crate::codec::qmi::explain::{self, Explained};
use crate::codec::qmi::{Kind, Message, NoMessage, Shown, nas, wds};
use crate::spec::cause::Cause;

/// The frames in `octets`, one behind the other.
pub fn frames(octets: &[u8]) -> Result<Vec<Explanation>, NoMessage> {
    let (mut rest, mut all) = (octets, Vec::new());
    while !rest.is_empty() {
        let message = Message::decode(rest)?;
        all.push(explanation(&message));
        // The length field counts all but the marker (QMUX header).
        let length = rest.get(1..3).map_or(0, |l| l.iter().rev().fold(0, |n, octet| n << 8 | usize::from(*octet)));
        rest = rest.get(length + 1..).unwrap_or_default();
    }
    Ok(all)
}

fn explanation(message: &Message) -> Explanation {
    let name = explain::name(message.service, message.id).unwrap_or("a message that lpwa does not know");
    let kind = match message.kind {
        Kind::Request => "request",
        Kind::Response => "response",
        Kind::Indication => "indication",
    };
    let mut body = Body::default();
    body.add("client", &message.client.to_string(), "");
    body.add("transaction", &message.transaction.to_string(), "");
    for tlv in explain::explain(message) {
        row(&tlv, message, &mut body);
    }
    body.notes.extend(notes(message));
    Explanation {
        title: format!("{name}, {kind}"),
        source: format!("QMI {} {:#06x}", message.service, message.id),
        body,
    }
}

fn row(tlv: &Explained, message: &Message, body: &mut Body) {
    let raw = format!("{:#04x}", tlv.id);
    if tlv.name == Some("result") && message.kind == Kind::Response {
        return body.add("result", &raw, message.error().map_or_else(|| "success".into(), |error| error.to_string()));
    }
    let name = tlv.name.map_or_else(|| "not known".into(), |name| name.replace('_', " "));
    if tlv.unreadable {
        return body.add(&name, &raw, format!("{} (it cannot be read)", tlv.value));
    }
    value(&name, &raw, &tlv.value, 0, body);
    if !tlv.more.is_empty() {
        body.add("  more octets", "", Shown::Octets(tlv.more.clone()).to_string());
    }
}

/// A row for a plain value; a head and a row for each of its parts where it has some.
fn value(name: &str, raw: &str, shown: &Shown, depth: usize, body: &mut Body) {
    let name = format!("{:width$}{name}", "", width = 2 * depth);
    match shown {
        Shown::Absent => {}
        Shown::Fields(fields) => {
            body.add(&name, raw, "");
            fields.iter().for_each(|(part, shown)| value(&part.replace('_', " "), "", shown, depth + 1, body));
        }
        Shown::List(list) if list.iter().any(|one| matches!(one, Shown::Fields(_))) => {
            body.add(&name, raw, format!("{} of them", list.len()));
            (1..).zip(list).for_each(|(n, one): (usize, _)| value(&n.to_string(), "", one, depth + 1, body));
        }
        plain => body.add(&name, raw, plain.to_string()),
    }
}

/// What follows from it.
fn notes(message: &Message) -> Vec<String> {
    let mut notes = Vec::new();
    let started = message.read::<wds::NetworkStarted>().ok().and_then(|body| body.verbose_end_reason);
    let changed = message.read::<wds::PacketServiceStatusChanged>().ok().and_then(|body| body.verbose_end_reason);
    if let Some(end) = started.or(changed) {
        notes.push(format!("The call ended: {end}."));
        notes.extend(end.cause().map(|cause| cause.advice().to_owned()));
    }
    if let Some(number) = message.read::<nas::NetworkReject>().ok().and_then(|body| body.cause) {
        let cause = Cause::emm(number);
        notes.push(format!("The network refused the modem: {} (EMM cause {number}).", cause.name()));
        notes.push(cause.advice().to_owned());
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::super::frame::{in_line, octets};
    use super::*;

    /// Get Signal Info of NAS, response: LTE -69 dBm, -11 dB, -97 dBm, 9.0 dB; and a TLV 0x77.
    const SIGNAL: &str = "011E0080030102010 04F0012000204000000000014 0600BBF59FFF5A00 77 0200 BEEF";

    #[test]
    fn a_frame_is_told_in_names_and_values() {
        let octets = octets(SIGNAL).unwrap();
        let mut frame = octets;
        frame[1] = (frame.len() - 1) as u8;
        frame[11] = (frame.len() - 13) as u8;
        let told = frames(&frame).unwrap();
        let [one] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((one.title.as_str(), one.source.as_str()), ("Get Signal Info, response", "QMI NAS 0x004f"));
        let rows: Vec<String> =
            one.body.fields.iter().map(|item| format!("{}|{}|{}", item.name, item.raw, item.meaning)).collect();
        let expected = [
            "client|1|",
            "transaction|1|",
            "result|0x02|success",
            "lte|0x14|",
            "  rssi||-69",
            "  rsrq||-11",
            "  rsrp||-97",
            "  snr||90",
            "not known|0x77|BEEF",
        ];
        assert_eq!(rows, expected);
        let text: Vec<String> = frame.iter().map(|octet| format!("{octet:02x}")).collect();
        for line in [text.concat(), text.join(":"), text.join(" "), format!("12:00 <debug> data = {}", text.join(":"))]
        {
            assert_eq!(in_line(&line), told, "{line}");
        }
        assert_eq!(frames(&[frame.clone(), frame.clone()].concat()).unwrap().len(), 2);
        assert!(frames(&frame[..20]).is_err());
        assert!(in_line("2026-11-22T12:00:00 nothing here").is_empty());
    }
}
