//! QMUX frames and QMI messages.

use std::collections::BTreeMap;

use lpwa::codec::qmi::explain::{explain, secret_places};
use lpwa::codec::qmi::nas::{self, NameEncoding};
use lpwa::codec::qmi::{
    Body, FrameReader, Framed, Message, Octets, Service, ctl, dms, dpm, loc, name, pdc, uim, wda, wds, wms,
};

/// A request, a response and an indication of every message that lpwa knows, each with TLVs of many shapes.
pub fn frames() -> Vec<Vec<u8>> {
    let values: [&[u8]; 6] = [
        &[1],
        &[2, 0, 0, 0],
        &[1, 3, b'i', b'o', b't', 0, 0, 0],
        &[2, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0],
        b"999700000000001",
        &[
            1, 3, 1, 3, 1, 0, 1, 0, 0, 0xFF, 0xFF, 1, 5, 0xA9, 0x18, 0, 0, 0, 0, 1, b'9', b'9', b'9', b'7', b'0', 0xFF,
            1, 7, 0,
        ],
    ];
    let mut frames = Vec::new();
    for service in 0..0x30 {
        for id in 0..0x100 {
            let service = Service(service);
            if lpwa::codec::qmi::explain::name(service, id).is_none() {
                continue;
            }
            for kind in
                [lpwa::codec::qmi::Kind::Request, lpwa::codec::qmi::Kind::Response, lpwa::codec::qmi::Kind::Indication]
            {
                let types = [1, 2, 0x10, 0x11, 0x12, 0x13, 0x14, 0x19, 0x1E];
                let tlv = |(id, value): (&u8, &&[u8])| lpwa::codec::qmi::Tlv { id: *id, value: value.to_vec() };
                let tlvs = types.iter().zip(values.iter().cycle().skip(id as usize % 6)).map(tlv).collect();
                let message = Message { service, client: 1, kind, transaction: 1, id, tlvs, ..Message::default() };
                frames.push(message.encode().unwrap());
            }
        }
    }
    assert!(frames.len() > 300, "{} frames of all messages", frames.len());
    frames
}

/// The stream in two portions, then each frame in words.
pub fn stream(input: &[u8]) {
    let mut reader = FrameReader::new();
    for portion in input.chunks(input.len() / 2 + 1) {
        reader.push(portion);
        while let Some(framed) = reader.next() {
            let Framed::Frame(frame) = framed else { continue };
            let Ok(message) = Message::decode(&frame) else { continue };
            for tlv in explain(&message) {
                let _ = tlv.value.to_string();
            }
            let places = secret_places(&frame).unwrap();
            assert!(places.iter().all(|place| place.start <= place.end && place.end <= frame.len()));
            // What was read is written as it was, but for flags that nobody uses.
            if message.service.0 < 0x100 {
                assert_eq!(Message::decode(&message.encode().unwrap()).as_ref(), Ok(&message));
            }
        }
    }
}

/// Reads the message as whatever it is, and writes it anew.
pub fn bodies(input: &[u8]) {
    let Ok(message) = Message::decode(input).or_else(|_| Message::decode_sdu(Service::NAS, 1, input)) else { return };
    one::<nas::SystemInfo>(&message);
    one::<nas::SystemInfoChanged>(&message);
    one::<nas::ServingSystem>(&message);
    one::<nas::CellLocationInfo>(&message);
    one::<nas::ScannedNetworks>(&message);
    one::<nas::SetSystemSelectionPreference>(&message);
    one::<nas::OperatorName>(&message);
    one::<uim::CardStatusInfo>(&message);
    one::<uim::SlotStatus>(&message);
    one::<uim::VerifyPin>(&message);
    one::<wds::StartNetwork>(&message);
    one::<wds::CurrentSettings>(&message);
    one::<wds::ProfileList>(&message);
    one::<wms::RawMessageRead>(&message);
    one::<wms::MessageList>(&message);
    one::<dms::CapabilitiesInfo>(&message);
    one::<ctl::VersionInfo>(&message);
    one::<wda::DataFormat>(&message);
    one::<dpm::OpenPort>(&message);
    one::<pdc::Listed>(&message);
    one::<loc::PositionReport>(&message);
    for encoding in [NameEncoding::Gsm, NameEncoding::Ucs2le] {
        let _ = name::decode(encoding, &Octets(input.to_vec()));
    }
    let _ = name::description(nas::DescriptionEncoding::Ascii7, &Octets(input.to_vec()));
}

/// The same TLVs as if they were of a `B`.
fn one<B: Body + std::fmt::Debug>(message: &Message) {
    let dressed = Message { service: B::SERVICE, id: B::ID, kind: B::KIND, ..message.clone() };
    let body: B = dressed.read().unwrap();
    if B::ID == nas::SystemInfo::ID
        && let Ok(info) = dressed.read::<nas::SystemInfo>()
    {
        let _ = info.registrations();
    }
    let written = Message::new(1, 1, &body);
    // Every TLV is read or kept, once.
    let count = |message: &Message| {
        message.tlvs.iter().fold(BTreeMap::new(), |mut all: BTreeMap<u8, usize>, tlv| {
            *all.entry(tlv.id).or_default() += 1;
            all
        })
    };
    let mut before = count(&dressed);
    if B::KIND == lpwa::codec::qmi::Kind::Response {
        before.remove(&lpwa::codec::qmi::TLV_RESULT);
    }
    let after = count(&written);
    assert_eq!(after, before, "{body:?}");
}
