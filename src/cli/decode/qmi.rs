//! QMI frames in names and values.

use super::{Body, Explanation};
use crate::codec::qmi::explain::{self, Explained};
use crate::codec::qmi::{FrameReader, Framed, Kind, Message, Shown, nas, wds};
use crate::spec::cause::Cause;

/// Whether the octets are one whole frame.
pub fn is_frame(octets: &[u8]) -> bool {
    let mut reader = FrameReader::new();
    reader.push(octets);
    matches!(reader.next(), Some(Framed::Frame(frame)) if frame.len() == octets.len() && Message::decode(&frame).is_ok())
}

/// What the frames say that are one after the other in `octets`.
pub fn explain(octets: &[u8]) -> Vec<Explanation> {
    // The header that logs write before a message of QRTR is no frame of a stream.
    if let Ok(message) = Message::decode(octets)
        .map_err(|_| ())
        .and_then(|message| message.encode().is_err().then_some(message).ok_or(()))
    {
        return vec![explanation(&message)];
    }
    let (mut reader, mut told, mut all) = (FrameReader::new(), 0, Vec::new());
    reader.push(octets);
    while let Some(framed) = reader.next() {
        match framed {
            Framed::Frame(frame) => {
                told += frame.len();
                all.push(Message::decode(&frame).map_or_else(|error| unread(&error.to_string()), |m| explanation(&m)));
            }
            Framed::Noise(octets) => {
                told += octets;
                all.push(unread(&format!("{octets} octets are no frame: one starts with 01 and its length")));
            }
        }
    }
    if let Some(rest) = octets.get(told..).filter(|rest| !rest.is_empty()) {
        let why = Message::decode(rest).map_or_else(|error| error.to_string(), |_| "more is needed".into());
        all.push(unread(&why));
    }
    all
}

fn unread(why: &str) -> Explanation {
    Explanation { title: "No QMI message".into(), source: "QMUX".into(), body: Body::note(format!("{why}.")) }
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
    use super::*;

    /// Get Signal Info of NAS, response: LTE -69 dBm, -11 dB, -97 dBm, 9.0 dB; and a TLV 0x77.
    const SIGNAL: &str = "011E0080030102010 04F0012000204000000000014 0600BBF59FFF5A00 77 0200 BEEF";

    #[test]
    fn a_frame_is_told_in_names_and_values() {
        let octets = super::super::frame::octets(SIGNAL).unwrap();
        let mut frame = octets;
        frame[1] = (frame.len() - 1) as u8;
        frame[11] = (frame.len() - 13) as u8;
        let told = explain(&frame);
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
        assert!(is_frame(&frame) && !is_frame(&frame[..20]));
        assert_eq!(explain(&[frame.clone(), frame.clone()].concat()).len(), 2);
        let cut = explain(&frame[..20]);
        assert!(cut[0].body.notes[0].contains("more octets are needed"), "{cut:?}");
        assert!(explain(&[0xFF; 30])[0].body.notes[0].contains("30 octets are no frame"));
    }
}
