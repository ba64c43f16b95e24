//! Binary frames: their secrets stand where the codec says, in digits, in BCD or as text.

use super::invent::Inventor;
use super::rules;
use crate::codec::mbim;
use crate::codec::qmi::Message;
use crate::codec::qmi::explain::secret_places;
use crate::transcript::message::Framing;

/// Digits from which on a number is an identity, not a code.
const IDENTITY: usize = 14;
/// Digits from which on a number is a phone number, not a code (a PIN has 8 at most, TS 31.101 §9.5.1).
const PHONE: usize = 9;

/// Redacts `data` where it is a frame, and only then; the frame keeps its length and can still be read.
pub(super) fn redact(data: &mut [u8], inventor: &mut Inventor) -> bool {
    match Framing::of(data) {
        Some(Framing::Mbim) => {
            mbim(data, inventor);
            true
        }
        _ => qmi(data, inventor),
    }
}

/// MBIM: text is UTF-16, and QMI may be inside.
fn mbim(data: &mut [u8], inventor: &mut Inventor) {
    let (mut places, mut behind) = (mbim::Frame::secrets(data), 0);
    places.sort_by_key(|place| place.start);
    for place in places {
        // What was invented for a secret must not be taken for an identity.
        if let Some(octets) = data.get_mut(behind..place.start) {
            identities(octets, inventor);
        }
        behind = place.end;
        if let Some(octets) = data.get_mut(place) {
            wide(octets, inventor, secret);
        }
    }
    if let Some(octets) = data.get_mut(behind..) {
        identities(octets, inventor);
    }
    if let Some(inner) = tunnelled(data).and_then(|start| data.get_mut(start..)) {
        qmi(inner, inventor);
    }
}

/// Where QMI begins inside a frame of MBIM.
fn tunnelled(data: &[u8]) -> Option<usize> {
    let body = mbim::Frame::parse(data).ok()?.body;
    let ((service, ..), buffer) = body.command().zip(body.buffer())?;
    (service == mbim::Service::Qmi.uuid()).then(|| data.len().saturating_sub(buffer.len()))
}

/// Runs `act` on the characters of UTF-16 where `octets` are plain ones of these; otherwise on the octets.
fn wide(octets: &mut [u8], inventor: &mut Inventor, act: impl Fn(&mut [u8], &mut Inventor)) {
    let plain = octets.len().is_multiple_of(2) && octets.chunks_exact(2).all(|unit| matches!(unit, [1..=0x7F, 0]));
    if !plain || octets.is_empty() {
        return act(octets, inventor);
    }
    let mut text: Vec<u8> = octets.iter().copied().step_by(2).collect();
    act(&mut text, inventor);
    octets.iter_mut().step_by(2).zip(text).for_each(|(octet, character)| *octet = character);
}

/// Identities in UTF-16 that are none of the card, such as an IMEI.
fn identities(data: &mut [u8], inventor: &mut Inventor) {
    let mut at = 0;
    while let Some(rest) = data.get_mut(at..).filter(|rest| !rest.is_empty()) {
        let units = rest.chunks_exact(2).take_while(|unit| matches!(unit, [b'0'..=b'9', 0])).count();
        if let Some(run) = rest.get_mut(..2 * units).filter(|_| units >= IDENTITY) {
            wide(run, inventor, |text, inventor| inventor.identity(text));
        }
        at += (2 * units).max(1);
    }
}

fn qmi(data: &mut [u8], inventor: &mut Inventor) -> bool {
    let whole = |octets: &[u8]| {
        let [_, low, high, ..] = octets else { return false };
        usize::from(u16::from_le_bytes([*low, *high])) + 1 == octets.len()
    };
    if !whole(data) || Message::decode(data).is_err() {
        return false;
    }
    let mut behind = 0;
    for place in secret_places(data).unwrap_or_default() {
        // Between the secrets, identities that are none of the card, such as an IMEI.
        if let Some(octets) = data.get_mut(behind..place.start) {
            rules::identities(octets, inventor);
        }
        behind = place.end;
        if let Some(octets) = data.get_mut(place) {
            secret(octets, inventor);
        }
    }
    if let Some(octets) = data.get_mut(behind..) {
        rules::identities(octets, inventor);
    }
    true
}

fn secret(octets: &mut [u8], inventor: &mut Inventor) {
    let digits = octets.iter().filter(|octet| octet.is_ascii_digit()).count();
    let number = octets.iter().all(|octet| octet.is_ascii_digit() || *octet == b'+');
    match packed(octets) {
        _ if number && digits >= IDENTITY => inventor.identity(octets),
        _ if number && digits >= PHONE => inventor.phone(octets),
        Some(mut digits) if !octets.is_ascii() || octets.contains(&0) => {
            inventor.identity(&mut digits);
            for (octet, pair) in octets.iter_mut().zip(digits.chunks(2)) {
                let half = |at: usize| {
                    pair.get(at).map_or(0xF, |digit| if digit.is_ascii_digit() { digit - b'0' } else { 0xF })
                };
                *octet = half(1) << 4 | half(0);
            }
        }
        _ if octets.iter().all(|octet| octet.is_ascii_graphic() || *octet == b' ') => octets.fill(b'*'),
        _ => octets.fill(0),
    }
}

/// The digits of an identity in BCD, low half first, `F` where it is filled (TS 31.102 §4.2.2).
fn packed(octets: &[u8]) -> Option<Vec<u8>> {
    let halves = octets.iter().flat_map(|octet| [octet & 0xF, octet >> 4]);
    let digits: Vec<u8> = halves.map(|half| if half < 10 { b'0' + half } else { b'F' }).collect();
    let filled = digits.iter().filter(|digit| **digit == b'F').count();
    let last = digits.iter().rev().take_while(|digit| **digit == b'F').count();
    (filled == last && last <= 1 && digits.len() - last >= IDENTITY).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::qmi::{Octets, dms, uim, wms};
    use crate::private::Private;

    fn redacted(message: &Message) -> Message {
        let mut frame = message.encode().unwrap();
        assert!(redact(&mut frame, &mut Inventor::default()));
        Message::decode(&frame).unwrap()
    }

    #[test]
    fn a_frame_loses_its_secrets_and_stays_readable() {
        let pin = uim::PinEntry { pin: uim::PinId::Pin1, code: Private::new("4711".into()) };
        let request = Message::new(1, 1, &uim::VerifyPin { info: Some(pin), ..Default::default() });
        let info = redacted(&request).read::<uim::VerifyPin>().unwrap().info.unwrap();
        assert_eq!(info.code.reveal(), "****");
        let imsi = dms::Imsi { imsi: Some(Private::new("999700123456789".into())), ..Default::default() };
        let response = Message::new(1, 1, &dms::GetImsi::default()).respond(Ok(&imsi));
        let imsi = redacted(&response).read::<dms::Imsi>().unwrap().imsi.unwrap();
        assert_eq!(imsi.reveal(), "999700000000001");
        let number = dms::Msisdn { msisdn: Some(Private::new("+999700123456".into())), ..Default::default() };
        let response = Message::new(1, 1, &dms::GetMsisdn::default()).respond(Ok(&number));
        let number = redacted(&response).read::<dms::Msisdn>().unwrap().msisdn.unwrap();
        assert!(number.reveal().starts_with('+') && !number.reveal().contains("123456"), "{}", number.reveal());
        let ids = dms::Ids { imei: Some("350000000000006".into()), ..Default::default() };
        let response = Message::new(1, 1, &dms::GetIds::default()).respond(Ok(&ids));
        let imei = redacted(&response).read::<dms::Ids>().unwrap().imei.unwrap();
        assert!(imei.starts_with("350000") && imei != "350000000000006");
    }

    #[test]
    fn bcd_stays_bcd_and_a_pdu_becomes_nothing() {
        // 8999970123456789012 and a filling half octet.
        let iccid = Octets(vec![0x98, 0x99, 0x79, 0x10, 0x32, 0x54, 0x76, 0x98, 0x10, 0xF2]);
        let slot = uim::PhysicalSlot { iccid: Private::new(iccid), ..Default::default() };
        let response = Message::new(1, 1, &uim::GetSlotStatus::default())
            .respond(Ok(&uim::SlotStatus { slots: Some(vec![slot]), ..Default::default() }));
        let slots = redacted(&response).read::<uim::SlotStatus>().unwrap().slots.unwrap();
        let octets = &slots[0].iccid.reveal().0;
        assert_eq!(octets[..3], [0x98, 0x99, 0x79], "country and issuer stay");
        assert_eq!(octets[3..7], [0, 0, 0, 0]);
        assert_eq!(octets[9] >> 4, 0xF);
        let pdu = Private::new(Octets(vec![7, 0x91, 0x99, 0x99, 0xC8, 0x32, 0x9B, 0xFD]));
        let read = wms::ReadMessage { pdu, ..Default::default() };
        let response = Message::new(1, 1, &wms::RawRead::default())
            .respond(Ok(&wms::RawMessageRead { message: Some(read), ..Default::default() }));
        let message = redacted(&response).read::<wms::RawMessageRead>().unwrap().message.unwrap();
        assert_eq!(message.pdu.reveal().0, [0; 8]);
    }

    #[test]
    fn a_frame_of_mbim_loses_its_secrets_and_stays_readable() {
        use mbim::message::basic_connect::{self as basic, DeviceCaps, SetPin, SubscriberReadyStatus};
        use mbim::{Body, Frame, Record, Service, Status, Version, decode, encode};
        fn redacted<T: Record + Default>(body: Body) -> T {
            let mut octets = Frame { transaction: 1, body }.encode();
            assert!(redact(&mut octets, &mut Inventor::default()));
            decode(Frame::parse(&octets).unwrap().body.buffer().unwrap(), Version::V1).unwrap()
        }
        let done = |cid, buffer| Body::done(Service::BasicConnect, cid, Status::SUCCESS, buffer);
        let ready = SubscriberReadyStatus {
            subscriber_id: String::from("999700123456789").into(),
            telephone_numbers: Private::new(vec![String::from("+999700123456")].into()),
            ..SubscriberReadyStatus::default()
        };
        let ready: SubscriberReadyStatus = redacted(done(&basic::SUBSCRIBER_READY_STATUS, encode(&ready, Version::V1)));
        assert_eq!(ready.subscriber_id.reveal(), "999700000000001");
        let number = &ready.telephone_numbers.reveal().0[0];
        assert!(number.starts_with('+') && !number.contains("123456"), "{number}");
        let pin = SetPin { pin: String::from("4711").into(), ..SetPin::default() };
        let pin: SetPin = redacted(Body::set(Service::BasicConnect, &basic::PIN, encode(&pin, Version::V1)));
        assert_eq!(pin.pin.reveal(), "****");
        let caps = DeviceCaps { device_id: "350000000000006".into(), max_sessions: 4, ..DeviceCaps::default() };
        let caps: DeviceCaps = redacted(done(&basic::DEVICE_CAPS, encode(&caps, Version::V1)));
        assert!(caps.device_id.starts_with("350000") && caps.device_id != "350000000000006");
        assert_eq!(caps.max_sessions, 4);
    }

    #[test]
    fn qmi_inside_mbim_is_redacted_too() {
        use mbim::message::tunnel::{QMI_MSG, Qmi};
        use mbim::{Body, Frame, Service, Version, encode};
        let pin = uim::PinEntry { pin: uim::PinId::Pin1, code: Private::new("4711".into()) };
        let request = Message::new(1, 1, &uim::VerifyPin { info: Some(pin), ..Default::default() });
        let buffer = encode(&Qmi { msg: request.encode().unwrap().into() }, Version::V1);
        let mut octets = Frame { transaction: 1, body: Body::set(Service::Qmi, &QMI_MSG, buffer) }.encode();
        assert!(redact(&mut octets, &mut Inventor::default()));
        let inner = Frame::parse(&octets).unwrap().body.buffer().unwrap().to_vec();
        let pin = Message::decode(&inner).unwrap().read::<uim::VerifyPin>().unwrap().info.unwrap();
        assert_eq!(pin.code.reveal(), "****");
    }

    #[test]
    fn what_is_no_frame_is_left_to_the_rules_of_lines() {
        for text in [&b"AT+CPIN=\"4711\"\r"[..], b"", b"\x01", b"\x01\x05\x00\x00\x00\x00"] {
            let mut data = text.to_vec();
            assert!(!redact(&mut data, &mut Inventor::default()));
            assert_eq!(data, text);
        }
    }
}
