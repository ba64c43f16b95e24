//! Binary codecs: messages a second, from octets to values and back.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lpwa::codec::mbim;
use lpwa::codec::mbim::message::basic_connect as basic;
use lpwa::codec::mbim::message::ip::{IpConfiguration, Ipv4Element};
use lpwa::codec::qmi::explain::explain;
use lpwa::codec::qmi::{Body, FrameReader, Message, Request, nas, uim, wds};
use lpwa::private::Private;

/// What passes between "open" and "connected", in its usual proportions: short requests, two long answers.
fn requests() -> Vec<Message> {
    let pin = uim::PinEntry { pin: uim::PinId::Pin1, code: Private::new("1234".into()) };
    vec![
        Message::new(1, 1, &nas::GetSystemInfo::default()),
        Message::new(1, 2, &nas::GetSignalInfo::default()),
        Message::new(2, 3, &uim::VerifyPin { info: Some(pin), ..Default::default() }),
        Message::new(3, 4, &wds::StartNetwork { apn: Some("iot.test".into()), profile: Some(1), ..Default::default() }),
        Message::new(3, 5, &wds::GetCurrentSettings { settings: Some(wds::Settings(0xE31D)), ..Default::default() }),
    ]
}

fn system_info() -> nas::SystemInfo {
    let status = nas::ServiceStatus::Available;
    let system = nas::SystemIdentity {
        domain: Some(nas::Domain::Ps),
        cid: Some(0x00D4_F3C5),
        network_id: Some(nas::NetworkId { mcc: "999".into(), mnc: "70".into() }),
        ..Default::default()
    };
    nas::SystemInfo {
        lte_service_status: Some(nas::ServiceInfo { status, true_status: status, preferred_data_path: true }),
        lte_system_info: Some(nas::LteSystem { system, tac: Some(0x1A2D) }),
        ..Default::default()
    }
}

fn card_status() -> uim::CardStatusInfo {
    let application = uim::Application { kind: uim::ApplicationType::Usim, pin1_retries: 3, ..Default::default() };
    let card = uim::Card { card_state: uim::CardState::Present, applications: vec![application], ..Default::default() };
    uim::CardStatusInfo {
        status: Some(uim::CardStatus { cards: vec![card], ..Default::default() }),
        ..Default::default()
    }
}

fn settings() -> wds::CurrentSettings {
    wds::CurrentSettings {
        apn: Some("iot.test".into()),
        ipv4_address: Some([192, 0, 2, 7].into()),
        ipv4_gateway: Some([192, 0, 2, 8].into()),
        primary_dns: Some([192, 0, 2, 53].into()),
        mtu: Some(1358),
        ..Default::default()
    }
}

fn answered<R: Request<Response: Body>>(body: &R::Response) -> Vec<u8> {
    Message::new(1, 1, &R::default()).respond(Ok(body)).encode().unwrap()
}

fn qmi(criterion: &mut Criterion) {
    let answers = [
        answered::<nas::GetSystemInfo>(&system_info()),
        answered::<uim::GetCardStatus>(&card_status()),
        answered::<wds::GetCurrentSettings>(&settings()),
    ];
    let mut group = criterion.benchmark_group("QMI");
    group.throughput(Throughput::Elements(answers.len() as u64));
    group.bench_function("decode answers: frame, message, values", |bencher| {
        bencher.iter(|| {
            let mut reader = FrameReader::new();
            answers.iter().for_each(|frame| reader.push(frame));
            while let Some(framed) = reader.next() {
                let lpwa::codec::qmi::Framed::Frame(frame) = framed else { continue };
                let message = Message::decode(&frame).unwrap();
                black_box(message.answer::<nas::GetSystemInfo>().ok());
                black_box(message.answer::<uim::GetCardStatus>().ok());
                black_box(message.answer::<wds::GetCurrentSettings>().ok());
            }
        });
    });
    group.bench_function("encode answers: values, message, frame", |bencher| {
        let (info, card, settings) = (system_info(), card_status(), settings());
        bencher.iter(|| {
            black_box(answered::<nas::GetSystemInfo>(black_box(&info)));
            black_box(answered::<uim::GetCardStatus>(black_box(&card)));
            black_box(answered::<wds::GetCurrentSettings>(black_box(&settings)));
        });
    });
    let requests = requests();
    group.throughput(Throughput::Elements(requests.len() as u64));
    group.bench_function("encode requests", |bencher| {
        bencher.iter(|| requests.iter().for_each(|request| drop(black_box(request.encode()))));
    });
    group.throughput(Throughput::Elements(answers.len() as u64));
    group.bench_function("explain answers in words", |bencher| {
        let messages: Vec<Message> = answers.iter().map(|frame| Message::decode(frame).unwrap()).collect();
        bencher.iter(|| messages.iter().for_each(|message| drop(black_box(explain(message)))));
    });
    group.finish();
}

/// What passes between "open" and "connected": short commands, answers of every length.
fn mbim_frames() -> Vec<mbim::Frame> {
    let state = basic::RegisterStateInfo {
        provider_id: "99970".into(),
        provider_name: "lpwa test".into(),
        ..Default::default()
    };
    let ip = IpConfiguration {
        ipv4_address: vec![Ipv4Element::default()].into(),
        ipv4_dns_server: vec![Default::default(); 2].into(),
        ipv4_mtu: 1358,
        ..Default::default()
    };
    let connect = basic::SetConnect { access_string: "iot.test".into(), ..Default::default() };
    let service = mbim::Service::BasicConnect;
    let version = mbim::Version::V1;
    let done = |cid, buffer| mbim::Body::done(service, cid, mbim::Status::SUCCESS, buffer);
    let bodies = [
        done(&basic::REGISTER_STATE, mbim::encode(&state, version)),
        done(&basic::IP_CONFIGURATION, mbim::encode(&ip, version)),
        mbim::Body::set(service, &basic::CONNECT, mbim::encode(&connect, version)),
    ];
    (1..).zip(bodies).map(|(transaction, body)| mbim::Frame { transaction, body }).collect()
}

fn mbim(criterion: &mut Criterion) {
    let frames = mbim_frames();
    let octets: Vec<Vec<u8>> = frames.iter().map(mbim::Frame::encode).collect();
    let version = mbim::Version::V1;
    let mut group = criterion.benchmark_group("MBIM");
    group.throughput(Throughput::Elements(frames.len() as u64));
    group.bench_function("decode: stream, frame, values", |bencher| {
        bencher.iter(|| {
            let (mut splitter, mut reassembler) = (mbim::Splitter::new(), mbim::Reassembler::new());
            octets.iter().for_each(|frame| splitter.push(frame));
            while let Ok(Some(piece)) = splitter.next_frame() {
                let frame = reassembler.push(&piece).unwrap().unwrap();
                let buffer = frame.body.buffer().unwrap_or_default();
                match frame.transaction {
                    1 => drop(black_box(mbim::decode::<basic::RegisterStateInfo>(buffer, version))),
                    2 => drop(black_box(mbim::decode::<IpConfiguration>(buffer, version))),
                    _ => drop(black_box(mbim::decode::<basic::SetConnect>(buffer, version))),
                }
            }
        });
    });
    group.bench_function("encode: values, frame", |bencher| {
        bencher.iter(|| black_box(mbim_frames().iter().map(mbim::Frame::encode).collect::<Vec<_>>()));
    });
    group.bench_function("explain in words", |bencher| {
        let known: Vec<_> = frames.iter().filter_map(|frame| frame.body.command().zip(frame.body.buffer())).collect();
        bencher.iter(|| {
            for ((service, number, kind), buffer) in &known {
                let cid = mbim::Service::of(*service).and_then(|service| service.cid(*number)).unwrap();
                drop(black_box(cid.explain(*kind, buffer, version)));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, qmi, mbim);
criterion_main!(benches);
