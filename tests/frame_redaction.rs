//! Frames of MBIM and QMI: what is personal stands in UTF-16, in BCD, in packed messages, in QMI and AT inside MBIM.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;
mod ways;

use std::time::Duration;

use lpwa::codec::mbim::conditional::When;
use lpwa::codec::mbim::message::basic_connect::{self as basic, SetPin, SubscriberReadyStatus};
use lpwa::codec::mbim::message::tunnel::{self, AtAnswer, AtCommand, Qmi};
use lpwa::codec::mbim::message::{Cid, extensions, phonebook, sms, ussd};
use lpwa::codec::mbim::{Body, Frame, Reassembler, Service, Status, Version, encode};
use lpwa::codec::qmi::{Message, Octets, dms, uim};
use lpwa::modem::settings::Settings;
use lpwa::private::Private;
use lpwa::transcript::redact::redact;
use lpwa::transcript::{Direction, Record, Transcript};

use ways::{Way, connected, drive, simulated};

const IMSI: &str = "999700123456789";
const ICCID: &str = "8999970123456789012";
const PHONE: &str = "+999700654321";
const PIN: &str = "73910462";
const USER: &str = "thermometer-17";
const PASSWORD: &str = "hunter2-of-the-APN";
const NAME: &str = "Grandmother";
/// "hellohello" in packed 7-bit characters, and in BCD the number that it came from (TS 23.040).
const TEXT: [u8; 9] = [0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37];

/// The forms in which a text can stand in a frame.
fn forms(text: &str) -> [Vec<u8>; 2] {
    let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [text.as_bytes().to_vec(), wide]
}

/// Whether digits stand in BCD, at any half octet.
fn in_bcd(octets: &[u8], digits: &str) -> bool {
    let halves: Vec<u8> = octets.iter().flat_map(|octet| [octet & 0xF, octet >> 4]).collect();
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    halves.windows(digits.len()).any(|window| window == digits)
}

fn holds(octets: &[u8], text: &str) -> bool {
    let stands = |form: &Vec<u8>| octets.windows(form.len()).any(|window| window == form);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    forms(text).iter().any(stands) || digits >= 9 && in_bcd(octets, text)
}

/// Which of the secrets can be found in octets.
fn found(octets: &[u8]) -> Vec<&'static str> {
    let mut found: Vec<_> =
        [IMSI, ICCID, PHONE, PIN, USER, PASSWORD, NAME].into_iter().filter(|secret| holds(octets, secret)).collect();
    found.extend(octets.windows(TEXT.len()).any(|window| window == TEXT).then_some("the text of a message"));
    found
}

fn done(service: Service, cid: &Cid, buffer: Vec<u8>) -> Body {
    Body::done(service, cid, Status::SUCCESS, buffer)
}

fn private(text: &str) -> Private<String> {
    Private::new(text.into())
}

fn ready(version: Version) -> Body {
    let ready = SubscriberReadyStatus {
        subscriber_id: private(IMSI),
        sim_icc_id: private(ICCID),
        telephone_numbers: Private::new(vec![String::from(PHONE)].into()),
        ..SubscriberReadyStatus::default()
    };
    done(Service::BasicConnect, &basic::SUBSCRIBER_READY_STATUS, encode(&ready, version))
}

fn context(version: Version) -> Body {
    let (service, cid) = (Service::BasicConnect, &basic::CONNECT);
    let third = basic::SetConnectV3 {
        access_string: "iot.test".into(),
        user_name: Private::new(USER.into()),
        password: Private::new(PASSWORD.into()),
        ..Default::default()
    };
    let first = basic::SetConnect {
        access_string: "iot.test".into(),
        user_name: private(USER),
        password: private(PASSWORD),
        ..Default::default()
    };
    let buffer = if version == Version::V3 { encode(&third, version) } else { encode(&first, version) };
    Body::set(service, cid, buffer)
}

/// QMI inside MBIM.
fn inside(set: bool, message: &Message) -> Body {
    let buffer = encode(&Qmi { msg: message.encode().unwrap().into() }, Version::V1);
    if set { Body::set(Service::Qmi, &tunnel::QMI_MSG, buffer) } else { done(Service::Qmi, &tunnel::QMI_MSG, buffer) }
}

fn command(service: Service, line: &str) -> Body {
    let buffer = encode(&AtCommand { command_req: line.as_bytes().to_vec().into() }, Version::V1);
    Body::set(service, &tunnel::INTEL_AT[0], buffer)
}

fn answer(service: Service, lines: &str) -> Body {
    let buffer = encode(&AtAnswer { command_resp: lines.as_bytes().to_vec().into() }, Version::V1);
    done(service, &tunnel::INTEL_AT[0], buffer)
}

/// Each with something personal in it.
fn bodies() -> Vec<Body> {
    let set = |service, cid, buffer| Body::set(service, cid, buffer);
    let pin = SetPin { pin: private(PIN), new_pin: private(PIN), ..SetPin::default() };
    let stored = extensions::SetProvisionedContextV2 {
        access_string: "iot.test".into(),
        user_name: private(USER),
        password: private(PASSWORD),
        ..Default::default()
    };
    let pdu = sms::PduMessage { pdu_data: Private::new(TEXT.to_vec().into()), ..Default::default() };
    let read = sms::Messages { pdu_messages: When(Some(vec![pdu].into())), ..Default::default() };
    let centre = sms::SetConfiguration { sc_address: private(PHONE), ..Default::default() };
    let entry = phonebook::Entry { entry_index: 1, number: private(PHONE), name: private(NAME) };
    let book = phonebook::Entries { entries: vec![entry].into(), ..Default::default() };
    let said = ussd::Ussd { payload: Private::new(TEXT.to_vec().into()), ..Default::default() };
    let code = uim::PinEntry { pin: uim::PinId::Pin1, code: private(PIN) };
    let verify = Message::new(1, 1, &uim::VerifyPin { info: Some(code), ..Default::default() });
    let imsi = dms::Imsi { imsi: Some(private(IMSI)), ..Default::default() };
    let imsi = Message::new(1, 1, &dms::GetImsi::default()).respond(Ok(&imsi));
    let halves = vec![0x98, 0x99, 0x79, 0x10, 0x32, 0x54, 0x76, 0x98, 0x10, 0xF2];
    let slot = uim::PhysicalSlot { iccid: Private::new(Octets(halves)), ..Default::default() };
    let slots = uim::SlotStatus { slots: Some(vec![slot]), ..Default::default() };
    let slots = Message::new(1, 1, &uim::GetSlotStatus::default()).respond(Ok(&slots));
    let mut bodies: Vec<_> = Version::ALL.into_iter().flat_map(|version| [ready(version), context(version)]).collect();
    bodies.extend([
        set(Service::BasicConnect, &basic::PIN, encode(&pin, Version::V1)),
        set(Service::MsBasicConnectExtensions, &extensions::PROVISIONED_CONTEXTS, encode(&stored, Version::V1)),
        done(Service::Sms, &sms::READ, encode(&read, Version::V1)),
        set(Service::Sms, &sms::CONFIGURATION, encode(&centre, Version::V1)),
        done(Service::Phonebook, &phonebook::READ, encode(&book, Version::V1)),
        set(Service::Ussd, &ussd::USSD, encode(&said, Version::V1)),
        inside(true, &verify),
        inside(false, &imsi),
        inside(false, &slots),
    ]);
    for service in [Service::IntelAtTunnel, Service::Fibocom, Service::Compal] {
        bodies.extend([
            command(service, &format!("AT+CPIN=\"{PIN}\"\r")),
            command(service, "AT+CIMI\r"),
            answer(service, &format!("\r\n{IMSI}\r\n\r\nOK\r\n")),
            answer(service, &format!("\r\n+CCID: {ICCID}\r\n\r\nOK\r\n")),
            command(service, &format!("AT+CGAUTH=1,1,\"{USER}\",\"{PASSWORD}\"\r")),
        ]);
    }
    bodies
}

fn record(direction: Direction, data: Vec<u8>) -> Record {
    Record { at: Duration::ZERO, port: "wdm".into(), direction, data }
}

/// The records of messages, each cut where it is longer than `most` octets.
fn transcript(bodies: &[Body], most: u32) -> Transcript {
    let mut transcript = Transcript::default();
    for (n, body) in bodies.iter().enumerate() {
        let command = matches!(body, Body::Command { .. });
        let direction = if command { Direction::ToModem } else { Direction::FromModem };
        let frame = Frame { transaction: n as u32 + 1, body: body.clone() };
        transcript.records.extend(frame.fragments(most).into_iter().map(|piece| record(direction, piece)));
    }
    transcript
}

/// What each message carries, its pieces put together.
fn carried(transcript: &Transcript) -> Vec<Frame> {
    let mut reassembler = Reassembler::new();
    transcript.records.iter().filter_map(|record| reassembler.push(&record.data).unwrap()).collect()
}

fn sizes(transcript: &Transcript) -> Vec<usize> {
    transcript.records.iter().map(|record| record.data.len()).collect()
}

#[test]
fn nothing_personal_is_left_in_a_message_whole_or_in_pieces() {
    let bodies = bodies();
    for most in [4096, 64, 33] {
        let told = transcript(&bodies, most);
        let shown = redact(&told);
        assert_eq!(sizes(&shown), sizes(&told));
        let (before, after) = (carried(&told), carried(&shown));
        assert_eq!(after.len(), bodies.len());
        for (before, after) in before.iter().zip(&after) {
            let title = format!("{}, pieces of {most}", before.body.title());
            let (before, after) = (before.body.buffer().unwrap(), after.body.buffer().unwrap());
            let expected = title.contains("at-command") && before == b"AT+CIMI\r";
            assert_eq!(found(before).is_empty(), expected, "{title}: nothing to redact");
            assert_eq!(found(after), [""; 0], "{title}: {}", String::from_utf8_lossy(after));
        }
        // What a person reads or writes by hand says the same.
        assert_eq!(shown.to_string().parse::<Transcript>().unwrap().records, shown.records);
    }
}

/// The structure around a secret stays: who reads the redacted message finds the same fields.
#[test]
fn a_redacted_message_is_read_as_before() {
    let bodies = bodies();
    for (before, after) in bodies.iter().zip(carried(&redact(&transcript(&bodies, 64)))) {
        let (service, number, kind) = before.command().unwrap();
        let cid = Service::of(service).unwrap().cid(number).unwrap();
        let version = cid.likely_version(kind, before.buffer().unwrap());
        let shape = |body: &Body| {
            let explained = cid.explain(kind, body.buffer().unwrap(), version).unwrap();
            explained.map(|explained| explained.secrets).unwrap_or_else(|error| panic!("{}: {error:?}", body.title()))
        };
        assert_eq!(shape(before), shape(&after.body), "{}", before.title());
    }
}

/// A message of which a piece is missing, and one that is broken, may hold anything: nothing of it is told.
#[test]
fn what_cannot_be_read_is_blanked() {
    for body in bodies() {
        let mut pieces = transcript(&[body], 64);
        if pieces.records.len() < 3 {
            continue;
        }
        pieces.records.remove(1);
        let shown = redact(&pieces);
        let rest: Vec<u8> = shown.records.iter().flat_map(|record| record.data.clone()).collect();
        assert_eq!((found(&rest), sizes(&shown)), (vec![], sizes(&pieces)));
    }
    let Body::CommandDone { service, cid, status, mut buffer } = ready(Version::V1) else { panic!() };
    // The offset of the IMSI leads nowhere.
    buffer[4..8].copy_from_slice(&[0xFF; 4]);
    let broken = transcript(&[Body::CommandDone { service, cid, status, buffer }], 4096);
    assert_eq!(found(&redact(&broken).records[0].data), [""; 0]);
}

/// A bring-up by each protocol, with a PIN and credentials: the recording that leaves the machine has none of it.
#[tokio::test(start_paused = true)]
async fn a_recorded_bring_up_tells_neither_who_nor_how() {
    let text = format!(
        "[modem]\nmodel = \"quectel-eg25\"\n[[network.cell]]\nrat = \"lte\"\n\
         [sim]\nimsi = \"{IMSI}\"\niccid = \"{ICCID}\"\npin-required = true\npin = \"{PIN}\"\n"
    );
    for way in Way::BINARY {
        let credentials = Some((USER.to_owned(), private(PASSWORD)));
        let settings = Settings { pin: Some(private(PIN)), credentials, ..ways::wanted() };
        let (bench, ring) = drive(&simulated(&text), way, settings);
        connected(&bench).await;
        let octets = |transcript: Transcript| -> Vec<u8> {
            transcript.records.into_iter().flat_map(|record| record.data).collect()
        };
        let all = octets(ring.unredacted(None));
        for secret in [IMSI, ICCID, PIN, USER, PASSWORD] {
            assert!(holds(&all, secret), "{way:?}: {secret} was never there");
        }
        assert_eq!(found(&octets(ring.transcript(None))), [""; 0], "{way:?}");
    }
}

/// What is left replays: another card, the same modem.
#[test]
fn a_redacted_recording_replays() {
    let text = format!(
        "[modem]\nmodel = \"quectel-eg25\"\n[[network.cell]]\nrat = \"lte\"\n\
         [sim]\nimsi = \"{IMSI}\"\niccid = \"{ICCID}\"\n"
    );
    for way in [Way::Qmi, Way::Mbim] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let mut shown = runtime.block_on(async {
            let (bench, ring) = drive(&simulated(&text), way, ways::wanted());
            connected(&bench).await;
            ring.transcript(None)
        });
        for (key, value) in [("model", "quectel-eg25"), ("apn", "iot.test"), ("pdp-type", "ipv4v6")] {
            shown.header.set(key, value);
        }
        let text = shown.to_string();
        let outcome = lpwa::wiring::replay::replay(&text.parse().unwrap(), &support::library(), None).unwrap();
        assert_eq!(outcome.mismatch, None, "{way:?}: {}", outcome.timeline);
        assert!(outcome.timeline.contains("connected"), "{way:?}: {}", outcome.timeline);
        assert!(!outcome.timeline.contains(IMSI), "{way:?}: {}", outcome.timeline);
    }
}
