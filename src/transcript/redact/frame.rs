//! Frames of QMI, and secrets in frames of any kind: they stand where the codec says, in digits, in BCD or as text.

use super::invent::Inventor;
use super::rules;
use crate::codec::qmi::Message;
use crate::codec::qmi::explain::secret_places;

/// Digits from which on a number is an identity, not a code.
pub(super) const IDENTITY: usize = 14;
/// Digits from which on a number is a phone number, not a code (a PIN has 8 at most, TS 31.101 §9.5.1).
const PHONE: usize = 9;

/// Redacts `data` where it is a frame, and only then; the frame keeps its length and can still be read.
pub(super) fn redact(data: &mut [u8], inventor: &mut Inventor) -> bool {
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

/// Redacts what is a secret as a whole.
pub(super) fn secret(octets: &mut [u8], inventor: &mut Inventor) {
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
    fn what_is_no_frame_is_left_to_the_rules_of_lines() {
        for text in [&b"AT+CPIN=\"4711\"\r"[..], b"", b"\x01", b"\x01\x05\x00\x00\x00\x00"] {
            let mut data = text.to_vec();
            assert!(!redact(&mut data, &mut Inventor::default()));
            assert_eq!(data, text);
        }
    }
}
