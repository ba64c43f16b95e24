//! The QMI side: what a host is told without asking, who owns a client, what a restart does.

use std::time::Duration;

use lpwa::codec::qmi::{
    Body, FrameReader, Framed, Kind, Message, QmiError, Request, Service, ctl, dms, nas, uim, wds, wms,
};
use lpwa::modem::definition::Library;
use lpwa::private::Private;
use lpwa::sim::{Event, QmiLink, QmiPort, Reject, Scenario, SimModem, Simulated, Speech};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A host on one link.
struct Qmi {
    modem: SimModem,
    link: QmiLink,
    now: Duration,
    transaction: u16,
    /// Indications that came meanwhile.
    told: Vec<Message>,
}

fn built(rest: &str) -> SimModem {
    let text = format!("[modem]\nmodel = \"quectel-bg95\"\n{rest}");
    let scenario: Scenario = text.parse().unwrap_or_else(|error| panic!("{error}"));
    scenario.build(Library::builtin().get(scenario.model()).unwrap())
}

impl Qmi {
    fn on(rest: &str, port: QmiPort) -> Self {
        let mut modem = built(rest);
        let link = modem.qmi_open(Duration::ZERO, port);
        Self { modem, link, now: Duration::ZERO, transaction: 0, told: Vec::new() }
    }

    fn wait(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        self.read(until, |_| false);
        self.now = until;
    }

    /// Reads until `until`, or until a message is `the_one`.
    fn read(&mut self, until: Duration, the_one: impl Fn(&Message) -> bool) -> Option<Message> {
        loop {
            while let Some(frame) = self.modem.qmi_poll(self.now, self.link) {
                let message = Message::decode(&frame).unwrap();
                if the_one(&message) {
                    return Some(message);
                }
                if message.kind == Kind::Indication {
                    self.told.push(message);
                }
            }
            match self.modem.qmi_deadline(self.link).filter(|at| *at <= until) {
                Some(at) => self.now = self.now.max(at),
                None => return None,
            }
        }
    }

    fn send<R: Request>(&mut self, client: u8, body: &R) -> Option<Message> {
        self.transaction = self.transaction % 255 + 1;
        let request = Message::new(client, self.transaction, body);
        self.modem.qmi_receive(self.now, self.link, &request.encode().unwrap());
        let until = self.now + Duration::from_secs(60);
        let transaction = self.transaction;
        self.read(until, |message| message.kind == Kind::Response && message.transaction == transaction)
    }

    fn ask<R: Request>(&mut self, client: u8, body: &R) -> Result<R::Response, QmiError> {
        let message = self.send(client, body).expect("an answer within a minute");
        message.answer::<R>().expect("the answer to this request")
    }

    fn client(&mut self, service: Service) -> u8 {
        let service = ctl::ServiceId(service.0 as u8);
        let allocated = self.ask(0, &ctl::AllocateClient { service: Some(service), ..Default::default() });
        allocated.unwrap().client.unwrap().client
    }

    fn told<B: Body>(&mut self) -> Vec<B> {
        let (own, others) = std::mem::take(&mut self.told)
            .into_iter()
            .partition(|message| message.id == B::ID && message.service == B::SERVICE);
        self.told = others;
        let own: Vec<Message> = own;
        own.iter().map(|message| message.read().unwrap()).collect()
    }

    fn registered(rest: &str) -> (Self, u8) {
        let mut host = Self::on(rest, QmiPort::Device);
        let nas = host.client(Service::NAS);
        host.ask(
            nas,
            &nas::RegisterIndications {
                serving_system: Some(true),
                system_info: Some(true),
                signal_info: Some(true),
                network_reject: Some(nas::RejectReports { reject: true, suppress_system_info: false }),
                ..Default::default()
            },
        )
        .unwrap();
        host.wait(20);
        (host, nas)
    }
}

#[test]
fn a_change_of_the_world_is_told_to_those_who_asked() {
    let (mut host, _) = Qmi::registered("");
    let silent = host.client(Service::NAS);
    let serving: Vec<nas::ServingSystemChanged> = host.told();
    let last = serving.last().unwrap().serving_system.clone().unwrap();
    assert_eq!(last.registration_state, nas::RegistrationState::Registered);
    assert!(!host.told::<nas::SystemInfoChanged>().is_empty());
    assert!(!host.told::<nas::SignalInfoChanged>().is_empty());
    host.modem.happen(host.now, Event::Rsrp(-110.0));
    host.wait(1);
    let signal: Vec<nas::SignalInfoChanged> = host.told();
    assert_eq!(signal.iter().map(|body| body.lte.clone().unwrap().rsrp).collect::<Vec<_>>(), [-110]);
    host.modem.happen(host.now, Event::Coverage(false));
    host.wait(30);
    let serving: Vec<nas::ServingSystemChanged> = host.told();
    let last = serving.last().unwrap().serving_system.clone().unwrap();
    assert_eq!(last.registration_state, nas::RegistrationState::NotRegisteredSearching);
    assert!(host.told.iter().all(|message| message.client != silent), "a client that did not ask is told nothing");
    host.told.clear();
    host.wait(3600);
    assert!(host.told.is_empty(), "no change, no message: {:?}", host.told);
}

#[test]
fn a_refusal_carries_its_cause() {
    let (mut host, nas) = Qmi::registered("[network]\nreject = { cause = 11 }");
    let refusals: Vec<nas::NetworkReject> = host.told();
    assert_eq!(refusals.first().unwrap().cause, Some(11), "PLMN not allowed (TS 24.301 §9.9.3.9)");
    let serving = host.ask(nas, &nas::GetServingSystem::default()).unwrap().serving_system.unwrap();
    assert_eq!(serving.registration_state, nas::RegistrationState::RegistrationDenied);
    host.modem.happen(host.now, Event::Reject(None));
    host.modem.happen(host.now, Event::Reject(Some(Reject { cause: 22, ..Reject::default() })));
}

#[test]
fn two_clients_share_a_context_of_two_families() {
    let (mut host, _) = Qmi::registered("");
    let (four, six) = (host.client(Service::WDS), host.client(Service::WDS));
    let start =
        |family| wds::StartNetwork { apn: Some("iot.test".into()), ip_family: Some(family), ..Default::default() };
    let handle = host.ask(four, &start(wds::IpFamily::Ipv4)).unwrap().handle.unwrap();
    assert_eq!(host.ask(four, &start(wds::IpFamily::Ipv4)), Err(QmiError::NO_EFFECT), "it is up already");
    host.ask(six, &wds::SetIpFamily { family: Some(wds::IpFamily::Ipv6), ..Default::default() }).unwrap();
    host.ask(six, &wds::StartNetwork { apn: Some("iot.test".into()), ..Default::default() }).unwrap();
    let settings = |host: &mut Qmi, client| host.ask(client, &wds::GetCurrentSettings::default());
    let own = settings(&mut host, four).unwrap();
    assert!(own.ipv4_address.is_some() && own.ipv6_address.is_none());
    assert_eq!((own.mtu, own.apn.as_deref()), (Some(1358), Some("iot.test")));
    assert_eq!(own.primary_dns, Some([192, 0, 2, 53].into()));
    assert!(settings(&mut host, six).unwrap().ipv6_address.is_some());
    // One goes, the other stays; the handle of one is none of the other's.
    let stop = |handle| wds::StopNetwork { handle: Some(handle), ..Default::default() };
    assert_eq!(host.ask(six, &stop(handle)), Err(QmiError::INVALID_HANDLE));
    host.ask(four, &stop(handle)).unwrap();
    assert_eq!(settings(&mut host, four), Err(QmiError::OUT_OF_CALL));
    assert!(settings(&mut host, six).is_ok());
    host.modem.happen(host.now, Event::Detach);
    host.wait(1);
    let ended: Vec<wds::PacketServiceStatusChanged> = host.told();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].status.clone().unwrap().status, wds::ConnectionStatus::Disconnected);
    assert_eq!(ended[0].ip_family, Some(wds::IpFamily::Ipv6));
    assert_eq!(ended[0].verbose_end_reason.clone().unwrap().cause().unwrap().number, 36);
}

/// One interface carries one context, or several whose packets have mux ids.
#[test]
fn a_second_context_needs_a_mux_id() {
    let (mut host, _) = Qmi::registered("");
    let (one, other) = (host.client(Service::WDS), host.client(Service::WDS));
    let start = |apn: &str| wds::StartNetwork { apn: Some(apn.into()), ..Default::default() };
    host.ask(one, &start("iot.test")).unwrap();
    let refused = host.send(other, &start("private.test")).unwrap().read::<wds::NetworkStarted>().unwrap();
    let reason = refused.verbose_end_reason.unwrap();
    assert_eq!((reason.kind, reason.reason), (wds::EndReasonType::Internal, 241));
    let bind = |mux_id| wds::BindMuxDataPort { mux_id: Some(mux_id), ..Default::default() };
    host.ask(other, &bind(2)).unwrap();
    host.ask(other, &start("private.test")).unwrap();
    let address =
        |host: &mut Qmi, client| host.ask(client, &wds::GetCurrentSettings::default()).unwrap().ipv4_address.unwrap();
    assert_ne!(address(&mut host, one), address(&mut host, other));
}

#[test]
fn a_family_that_the_network_lacks_is_refused_with_its_cause() {
    let (mut host, _) = Qmi::registered("[network]\naddresses = \"ipv4\"");
    let six = host.client(Service::WDS);
    let start = wds::StartNetwork { ip_family: Some(wds::IpFamily::Ipv6), ..Default::default() };
    let response = host.send(six, &start).unwrap();
    assert_eq!(response.error(), Some(QmiError::CALL_FAILED));
    let reason = response.read::<wds::NetworkStarted>().unwrap().verbose_end_reason.unwrap();
    // TS 24.301 §9.9.4.4: 50, PDN type IPv4 only allowed.
    assert_eq!((reason.kind, reason.reason), (wds::EndReasonType::ThreeGpp, 50));
}

#[test]
fn clients_stay_until_they_are_released() {
    for port in [QmiPort::Device, QmiPort::Proxy] {
        let mut host = Qmi::on("", port);
        let client = host.client(Service::DMS);
        host.modem.qmi_close(host.now, host.link);
        host.link = host.modem.qmi_open(host.now, port);
        assert!(host.ask(client, &dms::GetModel::default()).is_ok(), "{port:?}");
        let own = ctl::Client { service: ctl::ServiceId(2), client };
        host.ask(0, &ctl::ReleaseClient { client: Some(own), ..Default::default() }).unwrap();
        assert_eq!(host.ask(client, &dms::GetModel::default()), Err(QmiError::INVALID_CLIENT_ID));
    }
    let mut host = Qmi::on("", QmiPort::Device);
    while host.client(Service::WDS) < 32 {}
    let more = ctl::AllocateClient { service: Some(ctl::ServiceId(1)), ..Default::default() };
    assert_eq!(host.ask(0, &more), Err(QmiError::CLIENT_IDS_EXHAUSTED));
    host.ask(0, &ctl::Sync::default()).unwrap();
    assert!(host.ask(0, &more).is_ok(), "sync drops them all");
}

#[test]
fn a_reset_takes_the_clients_away_and_says_so() {
    let mut host = Qmi::on("boot = \"3s\"", QmiPort::Device);
    let client = host.client(Service::DMS);
    let mode = |mode| dms::SetOperatingMode { mode: Some(mode), ..Default::default() };
    assert_eq!(host.ask(client, &mode(dms::OperatingMode::Reset)), Err(QmiError::INVALID_TRANSITION));
    host.ask(client, &mode(dms::OperatingMode::Offline)).unwrap();
    assert_eq!(host.ask(client, &mode(dms::OperatingMode::Online)), Err(QmiError::INVALID_TRANSITION));
    host.send(client, &mode(dms::OperatingMode::Reset));
    host.wait(10);
    assert_eq!(host.told::<ctl::SyncIndication>().len(), 1);
    assert_eq!(host.ask(client, &dms::GetModel::default()), Err(QmiError::INVALID_CLIENT_ID));
    let client = host.client(Service::DMS);
    let now = host.ask(client, &dms::GetOperatingMode::default()).unwrap();
    assert_eq!(now.mode, Some(dms::OperatingMode::Online));
    assert_eq!(host.modem.meter().boots, 1);
}

#[test]
fn pin_and_slots_are_told_of() {
    let mut host = Qmi::on("[sim]\npin-required = true\n[second-sim]\nimsi = \"001010000000002\"", QmiPort::Proxy);
    let client = host.client(Service::UIM);
    let events = uim::Events::CARD_STATUS | uim::Events::PHYSICAL_SLOT_STATUS;
    host.ask(client, &uim::RegisterEvents { events: Some(events), ..Default::default() }).unwrap();
    let pin = |code: &str| {
        let info = uim::PinEntry { pin: uim::PinId::Pin1, code: Private::new(code.into()) };
        uim::VerifyPin { session: Some(uim::Session::default()), info: Some(info), ..Default::default() }
    };
    let refused = host.send(client, &pin("0000")).unwrap();
    assert_eq!(refused.error(), Some(QmiError::INCORRECT_PIN));
    assert_eq!(refused.read::<uim::PinVerified>().unwrap().retries, Some(uim::Retries { verify: 2, unblock: 10 }));
    host.ask(client, &pin("1234")).unwrap();
    host.wait(1);
    let states: Vec<_> = host.told::<uim::CardStatusChanged>();
    let states: Vec<_> =
        states.iter().map(|body| body.status.as_ref().unwrap().cards[0].applications[0].state).collect();
    assert_eq!(states, [uim::ApplicationState::Pin1OrUpinRequired, uim::ApplicationState::Ready]);
    let switch = uim::SwitchSlot { logical_slot: Some(1), physical_slot: Some(2), ..Default::default() };
    host.ask(client, &switch).unwrap();
    assert_eq!(host.ask(client, &switch), Err(QmiError::NO_EFFECT));
    host.wait(1);
    let slots = host.told::<uim::SlotStatusChanged>();
    let slots = slots.last().unwrap().slots.as_ref().unwrap();
    assert_eq!((slots[0].state, slots[1].state), (uim::SlotState::Inactive, uim::SlotState::Active));
    assert_eq!(host.modem.meter().pin_attempts.len(), 2);
}

#[test]
fn messages_are_listed_read_sent_and_told_of() {
    // A deliver PDU of an invented number: "hello" (TS 23.040 §9.2.2.1).
    let pdu = "07919999000000F0040B919999000000F10000621130214365000568656C6C6F";
    let (mut host, _) = Qmi::registered(&format!("[[message]]\npdu = \"{pdu}\""));
    let client = host.client(Service::WMS);
    host.ask(client, &wms::SetEventReport { new_messages: Some(true), ..Default::default() }).unwrap();
    let list = wms::ListMessages { storage: Some(wms::Storage::Nv), ..Default::default() };
    let listed = host.ask(client, &list).unwrap().messages.unwrap();
    assert_eq!(listed, [wms::ListedMessage { index: 0, tag: wms::Tag::NotRead }]);
    let stored = wms::StoredMessage { storage: wms::Storage::Nv, index: 0 };
    let read = host.ask(client, &wms::RawRead { message: Some(stored), ..Default::default() }).unwrap();
    let octets = &read.message.unwrap().pdu.into_inner().0;
    assert_eq!(octets.iter().map(|octet| format!("{octet:02X}")).collect::<String>(), pdu);
    assert_eq!(host.ask(client, &list).unwrap().messages.unwrap()[0].tag, wms::Tag::Read);
    let arrives: Scenario = format!("[[event]]\nat = \"1s\"\nmessage = \"{pdu}\"").parse().unwrap();
    drop(arrives);
    host.modem.happen(host.now, Event::Message(lpwa::sim::Message { pdu: octets.clone(), read: false }));
    host.wait(1);
    let reports: Vec<wms::EventReport> = host.told();
    assert_eq!(reports[0].stored, Some(wms::StoredMessage { storage: wms::Storage::Nv, index: 1 }));
    let raw = wms::RawMessage {
        format: wms::Format::PointToPoint,
        pdu: Private::new(lpwa::codec::qmi::Octets(octets.clone())),
    };
    let sent = host.ask(client, &wms::RawSend { message: Some(raw), ..Default::default() }).unwrap();
    assert_eq!((sent.reference, host.modem.meter().messages_sent), (Some(1), 1));
    host.ask(client, &wms::Delete { storage: Some(wms::Storage::Nv), ..Default::default() }).unwrap();
    assert_eq!(host.ask(client, &list).unwrap().messages, Some(Vec::new()));
}

#[test]
fn faults_strike_requests_as_they_strike_lines() {
    let fault = |kind: &str, more: &str| format!("[[fault]]\nkind = \"{kind}\"\ncommand = 2\n{more}");
    let mut host = Qmi::on(&fault("error", "code = 52"), QmiPort::Device);
    let client = host.client(Service::DMS);
    assert_eq!(host.ask(client, &dms::GetModel::default()), Err(QmiError::DEVICE_NOT_READY));
    assert!(host.ask(client, &dms::GetModel::default()).is_ok());
    let mut host = Qmi::on(&fault("hang", ""), QmiPort::Device);
    let client = host.client(Service::DMS);
    assert_eq!(host.send(client, &dms::GetModel::default()), None);
    let mut host = Qmi::on(&fault("slow", "for = \"30s\""), QmiPort::Device);
    let client = host.client(Service::DMS);
    host.ask(client, &dms::GetModel::default()).unwrap();
    assert!(host.now >= Duration::from_secs(30));
}

#[test]
fn what_nobody_knows_is_answered_and_noise_is_not() {
    let mut host = Qmi::on("", QmiPort::Device);
    let client = host.client(Service::DMS);
    let unknown = Message { id: 0x7777, ..Message::new(client, 9, &dms::GetModel::default()) };
    host.modem.qmi_receive(host.now, host.link, &[&[0xFF; 40][..], &unknown.encode().unwrap()].concat());
    let answer = host.read(host.now + Duration::from_secs(5), |message| message.transaction == 9).unwrap();
    assert_eq!(answer.error(), Some(QmiError::INVALID_QMI_COMMAND));
    let none = ctl::AllocateClient { service: Some(ctl::ServiceId(0x10)), ..Default::default() };
    assert_eq!(host.ask(0, &none), Err(QmiError::INVALID_SERVICE_TYPE));
    let proxy_only =
        ctl::OpenProxy { path: Some(lpwa::codec::qmi::Octets(b"/dev/cdc-wdm0".to_vec())), ..Default::default() };
    assert_eq!(host.ask(0, &proxy_only), Err(QmiError::INVALID_QMI_COMMAND), "a device is no proxy");
}

#[tokio::test(start_paused = true)]
async fn it_is_served_on_a_line_beside_at() {
    let modem = Simulated::new(built(""));
    let (mut at, mut qmi) = (modem.open().unwrap(), modem.open_line(Speech::Qmi(QmiPort::Device)).unwrap());
    let sync = Message::new(0, 1, &ctl::Sync::default()).encode().unwrap();
    qmi.write_all(&sync).await.unwrap();
    let mut reader = FrameReader::new();
    let frame = loop {
        let mut some = [0; 64];
        let n = qmi.read(&mut some).await.unwrap();
        reader.push(&some[..n]);
        if let Some(Framed::Frame(frame)) = reader.next() {
            break frame;
        }
    };
    assert_eq!(Message::decode(&frame).unwrap().answer::<ctl::Sync>(), Ok(Ok(ctl::Synced::default())));
    at.write_all(b"AT\r").await.unwrap();
    let mut some = [0; 64];
    assert!(at.read(&mut some).await.unwrap() > 0);
}
