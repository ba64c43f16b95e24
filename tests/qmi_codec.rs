//! The QMI codec as its users see it: known frames, both directions of messages, what is cut short, what is unknown.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use lpwa::codec::qmi::explain::{self, explain, secret_places};
use lpwa::codec::qmi::nas::{BandMask, Domain, RegistrationState, ServiceStatus, Technology};
use lpwa::codec::qmi::{
    Body, FrameReader, Framed, Kind, Message, NoMessage, Octets, QmiError, Service, Tlv, ctl, dms, loc, nas, pdc, uim,
    wda, wds, wms,
};
use lpwa::private::Private;
use lpwa::spec::registration::Registration;
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Facts 10.1: request, response and indication differ in their flags, and on CTL otherwise than elsewhere.
#[test]
fn frames_have_the_octets_of_the_standard() {
    let request = Message::new(0, 1, &ctl::AllocateClient { service: Some(ctl::ServiceId(3)), ..Default::default() });
    assert_eq!(request.encode().unwrap(), hex("01 0F00 00 00 00  00 01 2200 0400  01 0100 03"));
    let client = ctl::Client { service: ctl::ServiceId(3), client: 7 };
    let response = request.respond(Ok(&ctl::AllocatedClient { client: Some(client), ..Default::default() }));
    assert_eq!(response.encode().unwrap(), hex("01 1700 80 00 00  01 01 2200 0C00  02 0400 0000 0000  01 0200 03 07"));
    let request = Message::new(7, 2, &nas::GetServingSystem::default());
    assert_eq!(request.encode().unwrap(), hex("01 0C00 00 03 07  00 0200 2400 0000"));
    assert_eq!(request.encode_sdu().unwrap(), hex("00 0200 2400 0000"), "on QRTR there is no frame");
    let response = request.respond::<nas::ServingSystem>(Err(QmiError::INFORMATION_UNAVAILABLE));
    assert_eq!(response.encode().unwrap(), hex("01 1300 80 03 07  02 0200 2400 0700  02 0400 0100 4A00"));
    let indication = Message::new(7, 0, &wds::PacketServiceStatusChanged::default());
    assert_eq!(indication.encode().unwrap(), hex("01 0C00 80 01 07  04 0000 2200 0000"));
}

#[test]
fn the_header_of_other_programs_logs_is_read_too() {
    // Service 0x190 does not fit a QMUX frame; logs write it behind a header with marker 0x02.
    let message =
        Message::decode(&hex("02 2100 9001 03  04 0100 2100 1500  01 0800 0100000000000000  02 0700 05000001020304"));
    let message = message.unwrap();
    assert_eq!((message.service, message.client, message.kind), (Service::SSC, 3, Kind::Indication));
    assert_eq!((message.id, message.tlvs.len()), (0x21, 2));
    assert!(message.encode().is_err(), "and it cannot be written as QMUX");
}

/// A response of an LTE modem to Get Serving System, and the indication that says the same by other types (facts 10.5).
#[test]
fn response_and_indication_of_serving_system_differ() {
    let info = nas::ServingInfo {
        registration_state: RegistrationState::Registered,
        radio_interfaces: vec![nas::RadioInterface::Lte],
        ..Default::default()
    };
    let plmn = nas::NamedPlmn { mcc: 999, mnc: 70, description: "lpwa".into() };
    let response = nas::ServingSystem {
        serving_system: Some(info.clone()),
        current_plmn: Some(plmn.clone()),
        cid: Some(0x00D4_F3C5),
        lte_tac: Some(0x1A2D),
        ..Default::default()
    };
    let indication = nas::ServingSystemChanged {
        serving_system: Some(info),
        current_plmn: Some(plmn),
        cid: Some(0x00D4_F3C5),
        lte_tac: Some(0x1A2D),
        ..Default::default()
    };
    let ids = |message: &Message| message.tlvs.iter().map(|tlv| tlv.id).collect::<Vec<_>>();
    let request = Message::new(1, 1, &nas::GetServingSystem::default());
    let written = request.respond(Ok(&response));
    assert_eq!(ids(&written), [0x02, 0x01, 0x12, 0x1D, 0x24]);
    assert_eq!(written.tlv(0x12).unwrap(), hex("E703 4600 04 6C707761"));
    assert_eq!(written.answer::<nas::GetServingSystem>(), Ok(Ok(response)));
    let written = Message::new(1, 0, &indication);
    assert_eq!(ids(&written), [0x01, 0x12, 0x1E, 0x25]);
    assert_eq!(written.read(), Ok(indication));
}

#[test]
fn a_failed_call_tells_its_reason_beside_the_error() {
    let request = Message::new(4, 9, &wds::StartNetwork { apn: Some("iot.test".into()), ..Default::default() });
    let mut response = request.result(Some(QmiError::CALL_FAILED));
    let reason = wds::VerboseEndReason { kind: wds::EndReasonType::ThreeGpp, reason: 27 };
    response.put(&wds::NetworkStarted { verbose_end_reason: Some(reason.clone()), ..Default::default() });
    let response = Message::decode(&response.encode().unwrap()).unwrap();
    assert_eq!(response.error(), Some(QmiError::CALL_FAILED));
    assert_eq!(response.answer::<wds::StartNetwork>(), Ok(Err(QmiError::CALL_FAILED)));
    assert_eq!(response.read::<wds::NetworkStarted>().unwrap().verbose_end_reason, Some(reason));
    assert_eq!(QmiError::CALL_FAILED.to_string(), "the call failed (QMI error 14)");
    assert_eq!(QmiError(4242).to_string(), "QMI error 4242");
}

#[test]
fn what_nobody_knows_is_kept() {
    let request = Message::new(1, 1, &dms::GetModel::default());
    let mut response = request.respond(Ok(&dms::Model { model: Some("SIM-LPWA".into()), ..Default::default() }));
    let newer = Tlv { id: 0x77, value: vec![1, 2, 3] };
    response.tlvs.push(newer.clone());
    let model: dms::Model = response.read().unwrap();
    assert_eq!(model.others, [newer]);
    assert_eq!(request.respond(Ok(&model)), response, "and written again");
    // A known type whose value is too short: its field stays empty, the octets are kept.
    let cut = Tlv { id: 0x14, value: vec![0xB5, 0xF5] };
    let signal = Message { tlvs: vec![cut.clone()], ..Message::new(1, 0, &nas::SignalInfoChanged::default()) };
    let read: nas::SignalInfoChanged = signal.read().unwrap();
    assert_eq!((read.lte, read.others), (None, vec![cut]));
    assert!(explain(&signal)[0].unreadable);
}

#[test]
fn a_message_is_read_only_as_what_it_is() {
    let request = Message::new(1, 1, &nas::GetSignalInfo::default());
    assert!(request.read::<nas::SignalInfo>().is_err(), "a request is no response");
    assert!(request.respond(Ok(&nas::SignalInfo::default())).read::<nas::SystemInfo>().is_err());
    assert!(request.answer::<nas::GetSignalInfo>().is_err());
}

#[test]
fn a_response_without_result_is_malformed() {
    let request = Message::new(1, 1, &nas::GetSignalInfo::default());
    let response = Message { tlvs: Vec::new(), ..request.result(None) };
    assert_eq!(response.answer::<nas::GetSignalInfo>(), Ok(Err(QmiError::MALFORMED_MESSAGE)));
}

#[test]
fn texts_that_do_not_fit_are_refused() {
    let long = dms::PinEntry { pin: dms::PinId::Pin, code: Private::new("1".repeat(300)) };
    let request = Message::new(1, 1, &dms::VerifyPin { info: Some(long), ..Default::default() });
    let error = request.encode().unwrap_err().to_string();
    assert_eq!(error, "message 0x0028 of DMS cannot be written: a value in it is longer than QMI allows; shorten it");
    let apn = wds::StartNetwork { apn: Some("a".repeat(70_000)), ..Default::default() };
    assert!(Message::new(1, 1, &apn).encode().is_err());
}

#[test]
fn secrets_are_found_where_they_stand() {
    let pin = uim::PinEntry { pin: uim::PinId::Pin1, code: Private::new("4711".into()) };
    let session = uim::Session::default();
    let request = uim::VerifyPin { session: Some(session), info: Some(pin), ..Default::default() };
    let frame = Message::new(2, 5, &request).encode().unwrap();
    let [place] = secret_places(&frame).unwrap()[..].to_vec().try_into().unwrap();
    assert_eq!(&frame[place], b"4711");
    let imsi = dms::Imsi { imsi: Some(Private::new("999700000000001".into())), ..Default::default() };
    let response = Message::new(1, 1, &dms::GetImsi::default()).respond(Ok(&imsi));
    let frame = response.encode().unwrap();
    let places = secret_places(&frame).unwrap();
    assert_eq!(places.iter().map(|place| &frame[place.clone()]).collect::<Vec<_>>(), [b"999700000000001"]);
    let shown: Vec<String> = explain(&response).iter().map(|tlv| tlv.value.to_string()).collect();
    assert!(!shown.concat().contains("99970"), "{shown:?}");
    assert!(!format!("{imsi:?}").contains("99970"));
}

#[test]
fn a_value_that_cannot_be_read_is_a_secret_where_it_might_hold_one() {
    // The length of the PIN says 9, there are 4.
    let entry = Tlv { id: 0x02, value: hex("01 09 34373131") };
    let frame = Message { tlvs: vec![entry], ..Message::new(2, 5, &uim::VerifyPin::default()) }.encode().unwrap();
    let places = secret_places(&frame).unwrap();
    assert_eq!(frame[places[0].clone()], hex("01 09 34373131"));
}

#[test]
fn system_info_tells_registrations() {
    // Registered on LTE at home, nothing on GSM: 999 70, TAC 0x1A2D, cell 0xD4F3C5.
    let system = nas::SystemIdentity {
        domain: Some(Domain::CsPs),
        roaming_status: Some(nas::RoamingStatus::Off),
        cid: Some(0x00D4_F3C5),
        network_id: Some(nas::NetworkId { mcc: "999".into(), mnc: "70".into() }),
        ..Default::default()
    };
    let service = |status| nas::ServiceInfo { status, true_status: status, preferred_data_path: false };
    let mut info = nas::SystemInfo {
        gsm_service_status: Some(service(ServiceStatus::None)),
        lte_service_status: Some(service(ServiceStatus::Available)),
        lte_system_info: Some(nas::LteSystem { system, tac: Some(0x1A2D) }),
        ..Default::default()
    };
    let told = info.registrations();
    assert_eq!((told.cs, told.eps, told.five_gs), (Some(Registration::Searching), Some(Registration::Home), None));
    assert_eq!((told.tac, told.cell, told.technology), (Some(0x1A2D), Some(0x00D4_F3C5), Some(Technology::Lte)));
    info.lte_service_status = Some(service(ServiceStatus::PowerSave));
    assert_eq!(info.registrations().eps, Some(Registration::NotRegistered));
    let written = Message::new(1, 1, &nas::GetSystemInfo::default()).respond(Ok(&info));
    assert_eq!(written.tlv(0x19).map(<[u8]>::len), Some(0x1D));
    assert_eq!(written.answer::<nas::GetSystemInfo>(), Ok(Ok(info)));
}

#[test]
fn bands_are_numbered_from_one() {
    let mask: BandMask<4> = [1, 20, 71, 300].into_iter().collect();
    assert_eq!(mask.0, [1 | 1 << 19, 1 << 6, 0, 0]);
    assert_eq!(mask.bands().collect::<Vec<_>>(), [1, 20, 71]);
}

#[test]
fn every_message_has_a_name_of_its_own_service() {
    assert_eq!(explain::name(Service::NAS, 0x0024), Some("Get Serving System"));
    assert_eq!(explain::name(Service::WDS, 0x0020), Some("Start Network"));
    assert_eq!(explain::name(Service::WDS, 0x4242), None);
    assert_eq!(Service::by_name("uim"), Some(Service::UIM));
    assert_eq!(Service(0x77).to_string(), "service 0x77");
}

/// One full message of each service, with lists, texts, secrets and optional parts.
fn samples() -> Vec<Message> {
    let request = |service: Service| Message { service, client: 1, transaction: 1, ..Message::default() };
    let application = uim::Application {
        kind: uim::ApplicationType::Usim,
        aid: Octets(hex("A0000000871002")),
        pin1_state: uim::PinState::EnabledNotVerified,
        pin1_retries: 3,
        ..Default::default()
    };
    let card = uim::Card { card_state: uim::CardState::Present, applications: vec![application], ..Default::default() };
    let status = uim::CardStatus { index_gw_primary: 0, cards: vec![card], ..Default::default() };
    let cell = nas::LteCell { pci: 101, rsrq: -110, rsrp: -970, rssi: -690, srxlev: 20 };
    let cells = nas::LteIntraFrequency { earfcn: 6300, serving_pci: 101, cells: vec![cell], ..Default::default() };
    let settings = wds::CurrentSettings {
        ipv4_address: Some([192, 0, 2, 7].into()),
        ipv6_address: Some(wds::Ipv6Prefix { address: "2001:db8::7".parse().unwrap(), length: 64 }),
        domain_names: Some(vec![wds::DomainName { name: "example.org".into() }]),
        ..Default::default()
    };
    let pdu = Private::new(Octets(hex("0001000B915155214365F700000461F1980C")));
    let read = wms::ReadMessage { tag: wms::Tag::NotRead, format: wms::Format::PointToPoint, pdu };
    let answer = |id, service| Message { id, ..request(service) };
    vec![
        Message::new(0, 1, &ctl::OpenProxy { path: Some(Octets(b"/dev/cdc-wdm0".to_vec())), ..Default::default() }),
        answer(0x2F, Service::UIM).respond(Ok(&uim::CardStatusInfo { status: Some(status), ..Default::default() })),
        answer(0x43, Service::NAS)
            .respond(Ok(&nas::CellLocationInfo { intrafrequency_lte_info: Some(cells), ..Default::default() })),
        answer(0x2D, Service::WDS).respond(Ok(&settings)),
        answer(0x22, Service::WMS).respond(Ok(&wms::RawMessageRead { message: Some(read), ..Default::default() })),
        Message::new(1, 0, &loc::PositionReport { latitude: Some(52.52), ..Default::default() }),
        Message::new(1, 0, &pdc::Listed { configurations: Some(vec![Default::default(); 3]), ..Default::default() }),
        answer(0x21, Service::WDA)
            .respond(Ok(&wda::DataFormat { link_layer: Some(wda::LinkLayer::RawIp), ..Default::default() })),
        answer(0x25, Service::DMS)
            .respond(Ok(&dms::Ids { imei: Some("350000000000006".into()), ..Default::default() })),
    ]
}

#[test]
fn samples_go_to_octets_and_back() {
    for message in samples() {
        let frame = message.encode().unwrap();
        assert_eq!(Message::decode(&frame).as_ref(), Ok(&message));
        let sdu = message.encode_sdu().unwrap();
        assert_eq!(Message::decode_sdu(message.service, message.client, &sdu), Ok(message));
    }
}

#[test]
fn a_frame_cut_anywhere_is_incomplete() {
    for message in samples() {
        let frame = message.encode().unwrap();
        for length in 0..frame.len() {
            let error = Message::decode(&frame[..length]).unwrap_err();
            assert!(matches!(error, NoMessage::Incomplete(n) if n > 0), "{length} of {}: {error}", frame.len());
            let mut reader = FrameReader::new();
            reader.push(&frame[..length]);
            assert_eq!(reader.next(), None);
            reader.push(&frame[length..]);
            assert_eq!(reader.next(), Some(Framed::Frame(frame.clone())));
        }
    }
}

#[test]
fn a_value_cut_anywhere_is_no_panic_and_no_loss() {
    for message in samples() {
        for (at, tlv) in message.tlvs.iter().enumerate() {
            for length in 0..tlv.value.len() {
                let mut cut = message.clone();
                cut.tlvs[at].value.truncate(length);
                let frame = cut.encode().unwrap();
                let decoded = Message::decode(&frame).unwrap();
                assert_eq!(decoded, cut);
                let explained = explain(&decoded);
                assert_eq!(explained.len(), cut.tlvs.len(), "every TLV is told of");
                secret_places(&frame).unwrap().iter().for_each(|place| assert!(place.end <= frame.len()));
            }
        }
    }
}

/// Reads `message` as a `B` and writes it anew: the second reading gives the same.
fn again<B: Body + PartialEq + std::fmt::Debug>(tlvs: &[Tlv]) {
    let message = Message { tlvs: tlvs.to_vec(), ..Message::new(1, 0, &B::default()) };
    let body: B = message.read().unwrap();
    let written = Message::new(1, 0, &body);
    let reread: B = written.read().unwrap();
    // A NaN is not equal to itself.
    if format!("{body:?}").contains("NaN") {
        return;
    }
    assert_eq!(reread.others().len(), body.others().len());
    assert_eq!(format!("{reread:?}"), format!("{body:?}"));
}

fn tlvs() -> impl Strategy<Value = Vec<Tlv>> {
    let id = prop_oneof![0x10..0x30_u8, any::<u8>()];
    let value = prop::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], 0..48);
    prop::collection::vec((id, value).prop_map(|(id, value)| Tlv { id, value }), 0..12)
}

proptest! {
    #[test]
    fn any_tlvs_survive_a_round_trip(tlvs in tlvs(), service in 0_u16..0x40, id: u16, transaction in 0_u16..256, client: u8) {
        for kind in [Kind::Request, Kind::Response, Kind::Indication] {
            let message = Message { service: Service(service), client, kind, transaction, id, tlvs: tlvs.clone(), ..Message::default() };
            prop_assert_eq!(Message::decode(&message.encode().unwrap()), Ok(message));
        }
    }

    #[test]
    fn what_a_body_reads_it_writes(tlvs in tlvs()) {
        again::<nas::ServingSystemChanged>(&tlvs);
        again::<nas::CellLocationInfo>(&tlvs);
        again::<nas::SystemInfoChanged>(&tlvs);
        again::<nas::SetSystemSelectionPreference>(&tlvs);
        again::<nas::OperatorNameChanged>(&tlvs);
        again::<uim::CardStatusChanged>(&tlvs);
        again::<uim::SlotStatusChanged>(&tlvs);
        again::<wds::StartNetwork>(&tlvs);
        again::<wds::CurrentSettings>(&tlvs);
        again::<wds::EventReport>(&tlvs);
        again::<wms::EventReport>(&tlvs);
        again::<loc::PositionReport>(&tlvs);
        again::<pdc::Listed>(&tlvs);
        again::<wda::SetDataFormat>(&tlvs);
    }
}
