//! MBIM frames and what they carry.

use lpwa::codec::mbim::message::basic_connect as basic;
use lpwa::codec::mbim::message::cell::{BaseStations, NeighboringLte, ServingLte};
use lpwa::codec::mbim::message::choices::*;
use lpwa::codec::mbim::message::extensions;
use lpwa::codec::mbim::message::ip::{IpConfiguration, Ipv4Element};
use lpwa::codec::mbim::message::{Cid, sms};
use lpwa::codec::mbim::{
    Body, Frame, Kind, Reassembler, Record, Service, Splitter, Status, Uuid, Value, Version, conditional, encode, list,
};

const VERSIONS: [Version; 3] = [Version::V1, Version::V2, Version::V3];
const KINDS: [Kind; 4] = [Kind::Query, Kind::Set, Kind::Response, Kind::Notification];

fn frame(service: Uuid, cid: u32, kind: Kind, buffer: Vec<u8>) -> Frame {
    let body = match kind {
        Kind::Query | Kind::Set => Body::Command { service, cid, set: kind == Kind::Set, buffer },
        Kind::Response => Body::CommandDone { service, cid, status: Status::SUCCESS, buffer },
        Kind::Notification => Body::Indicate { service, cid, buffer },
    };
    Frame { transaction: 7, body }
}

/// Every message that lpwa knows, without content; some with a lot; some cut into fragments.
pub fn frames() -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for service in Service::ALL {
        for cid in service.cids() {
            for kind in KINDS {
                let empty = Value::Record(Vec::new());
                let buffer = cid.build(kind, &empty, Version::V3).map(|built| built.unwrap());
                frames.extend(buffer.map(|buffer| frame(service.uuid(), cid.number, kind, buffer).encode()));
            }
        }
    }
    assert!(frames.len() > 150, "{} frames of all messages", frames.len());
    let rich = rich();
    frames.extend(rich.iter().map(Frame::encode));
    frames.extend(rich.iter().map(|frame| frame.fragments(64).concat()));
    frames
}

fn answer(service: Service, cid: &Cid, record: &impl Record) -> Frame {
    frame(service.uuid(), cid.number, Kind::Response, encode(record, Version::V3))
}

fn rich() -> Vec<Frame> {
    let provider =
        basic::Provider { provider_id: "99970".into(), provider_name: "lpwa test".into(), ..Default::default() };
    let providers = basic::Providers { providers: vec![provider.clone(), provider].into(), ..Default::default() };
    let services = |cids: Vec<u32>| basic::DeviceService { cids: cids.into(), ..Default::default() };
    let services = basic::DeviceServices {
        device_services: vec![services(vec![1, 2, 3]), services(vec![9])].into(),
        ..Default::default()
    };
    let ip = IpConfiguration {
        ipv4_address: vec![Ipv4Element::default()].into(),
        ipv4_dns_server: vec![Default::default(); 2].into(),
        ipv6_dns_server: vec![Default::default()].into(),
        ..Default::default()
    };
    let stations = BaseStations {
        lte_serving_cell: list::Linked(Some(ServingLte { provider_id: "99970".into(), ..Default::default() })),
        lte_neighboring_cells: vec![NeighboringLte { provider_id: "00101".into(), ..Default::default() }; 3].into(),
        ..Default::default()
    };
    let connect = basic::SetConnectV3 {
        activation_command: ActivationCommand::Activate,
        access_string: "iot.test".into(),
        ..Default::default()
    };
    let message = sms::PduMessage { pdu_data: lpwa::private::Private::new(vec![0; 20].into()), ..Default::default() };
    let messages =
        sms::Messages { pdu_messages: conditional::When(Some(vec![message; 2].into())), ..Default::default() };
    let basic = Service::BasicConnect;
    vec![
        answer(basic, &basic::VISIBLE_PROVIDERS, &providers),
        answer(basic, &basic::DEVICE_SERVICES, &services),
        answer(basic, &basic::IP_CONFIGURATION, &ip),
        answer(Service::MsBasicConnectExtensions, &extensions::BASE_STATIONS_INFO, &stations),
        answer(Service::Sms, &sms::READ, &messages),
        frame(basic.uuid(), basic::CONNECT.number, Kind::Set, encode(&connect, Version::V3)),
    ]
}

/// The stream in two portions; each message in words, in every version, and written again.
pub fn stream(input: &[u8]) {
    let (mut splitter, mut reassembler) = (Splitter::new(), Reassembler::new());
    for portion in input.chunks(input.len() / 2 + 1) {
        splitter.push(portion);
        while let Ok(Some(piece)) = splitter.next_frame() {
            let Ok(Some(frame)) = reassembler.push(&piece) else { continue };
            assert_eq!(Frame::parse(&frame.encode()).as_ref(), Ok(&frame));
            explain(&frame);
        }
    }
}

fn explain(frame: &Frame) {
    let (Some((service, number, kind)), Some(buffer)) = (frame.body.command(), frame.body.buffer()) else { return };
    let Some(cid) = Service::of(service).and_then(|service| service.cid(number)) else { return };
    for version in VERSIONS {
        let Some(Ok(explained)) = cid.explain(kind, buffer, version) else { continue };
        assert!(explained.secrets.iter().all(|place| place.start <= place.end && place.end <= buffer.len()));
        // What is shown can be written again.
        cid.build(kind, &explained.value, version).unwrap().unwrap();
    }
}
