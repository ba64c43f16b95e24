//! The MBIM side of the simulator: what is true of the modem is told there too, in the layouts of the standard.

use std::time::Duration;

use lpwa::codec::mbim::message::basic_connect as basic;
use lpwa::codec::mbim::message::choices::*;
use lpwa::codec::mbim::message::extensions::{self, DrxCycle, MicoMode, RegistrationParameters};
use lpwa::codec::mbim::message::ip::IpConfiguration;
use lpwa::codec::mbim::message::{Cid, proxy};
use lpwa::codec::mbim::{
    Body, Frame, FrameFault, Reassembler, Record, Service, Status, Version, context, decode, encode,
};
use lpwa::modem::definition::Library;
use lpwa::sim::{Event, Fault, FaultKind, MbimLink, MbimPort, Scenario, SimModem};

const S: fn(u64) -> Duration = Duration::from_secs;

/// A host on a link, in virtual time.
struct Host {
    modem: SimModem,
    link: MbimLink,
    now: Duration,
    transaction: u32,
    version: Version,
    reassembler: Reassembler,
    notices: Vec<Body>,
}

impl Host {
    fn of(scenario: &str) -> Self {
        Self::at(scenario, MbimPort::Device)
    }

    fn at(scenario: &str, port: MbimPort) -> Self {
        let scenario: Scenario = scenario.parse().unwrap();
        let definition = Library::builtin().get(scenario.model()).unwrap();
        let mut modem = scenario.build(definition);
        let link = modem.mbim_open(Duration::ZERO, port);
        let reassembler = Reassembler::new();
        let version = Version::V1;
        Self { modem, link, now: Duration::ZERO, transaction: 0, version, reassembler, notices: Vec::new() }
    }

    fn opened(scenario: &str) -> Self {
        let mut host = Self::of(scenario);
        assert_eq!(host.say(Body::Open { max_control_transfer: 4096 }), Body::OpenDone(Status::SUCCESS));
        host
    }

    /// Says something and waits for the answer, up to two minutes.
    fn say(&mut self, body: Body) -> Body {
        self.transaction += 1;
        let frame = Frame { transaction: self.transaction, body };
        for piece in frame.fragments(4096) {
            self.modem.mbim_receive(self.now, self.link, &piece);
        }
        let end = self.now + S(120);
        while self.now <= end {
            if let Some(frame) = self.next_frame() {
                match frame.body {
                    Body::Indicate { .. } => self.notices.push(frame.body),
                    body => {
                        assert_eq!(frame.transaction, self.transaction);
                        return body;
                    }
                }
            } else {
                let next = self.modem.mbim_deadline(self.link).unwrap_or(end + S(1));
                self.now = next.max(self.now + Duration::from_millis(1));
            }
        }
        panic!("no answer to {:?}", frame);
    }

    fn next_frame(&mut self) -> Option<Frame> {
        while let Some(piece) = self.modem.mbim_poll(self.now, self.link) {
            if let Some(frame) = self.reassembler.push(&piece).unwrap() {
                return Some(frame);
            }
        }
        None
    }

    /// Lets time pass and keeps what the modem tells meanwhile.
    fn wait(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            while let Some(frame) = self.next_frame() {
                self.notices.push(frame.body);
            }
            self.now =
                self.modem.mbim_deadline(self.link).unwrap_or(end).clamp(self.now + Duration::from_millis(1), end);
        }
        while let Some(frame) = self.next_frame() {
            self.notices.push(frame.body);
        }
    }

    fn run<T: Record + Default>(&mut self, body: Body) -> (Status, Option<T>) {
        match self.say(body) {
            Body::CommandDone { status, buffer, .. } => {
                let record = (!buffer.is_empty()).then(|| decode(&buffer, self.version).unwrap());
                (status, record)
            }
            other => panic!("no answer to a command: {other:?}"),
        }
    }

    fn query<T: Record + Default>(&mut self, service: Service, cid: &Cid, asked: &impl Record) -> T {
        let (status, record) = self.run(Body::query(service, cid, encode(asked, self.version)));
        assert_eq!(status, Status::SUCCESS, "{}", cid.name);
        record.unwrap()
    }

    fn basic<T: Record + Default>(&mut self, cid: &Cid) -> T {
        self.query(Service::BasicConnect, cid, &lpwa::codec::mbim::message::Nothing::default())
    }

    fn set<T: Record + Default>(&mut self, cid: &Cid, asked: &impl Record) -> (Status, Option<T>) {
        self.run(Body::set(Service::BasicConnect, cid, encode(asked, self.version)))
    }

    fn registered(&mut self) {
        self.wait(S(6));
        assert_eq!(self.basic::<basic::RegisterStateInfo>(&basic::REGISTER_STATE).register_state, RegisterState::Home);
    }

    fn told<T: Record + Default>(&mut self, cid: &Cid) -> Option<T> {
        let at =
            self.notices.iter().position(|body| body.command().is_some_and(|(_, number, _)| number == cid.number))?;
        let body = self.notices.remove(at);
        Some(decode(body.buffer().unwrap(), self.version).unwrap())
    }

    fn exchange(&mut self, version: u16) {
        let asked = extensions::Version { mbim_version: 0x0100, mbim_extended_version: version };
        let own: extensions::Version = self.query(Service::MsBasicConnectExtensions, &extensions::VERSION, &asked);
        self.version = Version::from_number(version.min(own.mbim_extended_version));
    }
}

fn activate(apn: &str) -> basic::SetConnect {
    basic::SetConnect {
        activation_command: ActivationCommand::Activate,
        access_string: apn.into(),
        ip_type: ContextIpType::Ipv4v6,
        context_type: context::INTERNET,
        ..basic::SetConnect::default()
    }
}

#[test]
fn from_open_to_connected() {
    let mut host =
        Host::opened("[sim]\nprovider = \"lpwa\"\nnumber = \"+999700000001\"\n[network]\napns = [\"iot.test\"]");
    let caps: basic::DeviceCaps = host.basic(&basic::DEVICE_CAPS);
    assert_eq!((caps.device_id.as_str(), caps.firmware_info.as_str()), ("350000000000006", "SIM01A00"));
    assert!(caps.data_class.contains(DataClass::LTE));
    host.wait(S(1));
    let ready: basic::SubscriberReadyStatus = host.basic(&basic::SUBSCRIBER_READY_STATUS);
    assert_eq!(ready.ready_state, SubscriberReadyState::Initialized);
    assert_eq!(ready.subscriber_id.reveal(), "999700000000001");
    assert_eq!(ready.telephone_numbers.reveal().0, ["+999700000001"]);
    host.registered();
    let state: basic::RegisterStateInfo = host.basic(&basic::REGISTER_STATE);
    assert_eq!((state.provider_id.as_str(), state.provider_name.as_str()), ("99970", "lpwa test"));
    let packet: basic::PacketService = host.basic(&basic::PACKET_SERVICE);
    assert_eq!(packet.packet_service_state, PacketServiceState::Attached);
    let (status, up) = host.set::<basic::Connect>(&basic::CONNECT, &activate("iot.test"));
    let up = up.unwrap();
    assert_eq!(
        (status, up.activation_state, up.ip_type),
        (Status::SUCCESS, ActivationState::Activated, ContextIpType::Ipv4v6)
    );
    let session = IpConfiguration { session_id: 0, ..IpConfiguration::default() };
    let ip: IpConfiguration = host.query(Service::BasicConnect, &basic::IP_CONFIGURATION, &session);
    assert_eq!(ip.ipv4_address.0[0].ipv4_address.0.octets()[0], 10);
    assert_eq!(ip.ipv4_dns_server.0[0].0.to_string(), "192.0.2.53");
    assert_eq!(ip.ipv6_dns_server.0[0].0.to_string(), "2001:db8::53");
    assert_eq!((ip.ipv4_mtu, ip.ipv6_mtu), (1358, 1358));
    // What AT says of the same modem.
    assert_eq!(host.modem.meter().pin_attempts.len(), 0);
}

#[test]
fn the_world_changes_and_hosts_are_told() {
    let mut host = Host::opened("");
    host.registered();
    let (status, _) = host.set::<basic::Connect>(&basic::CONNECT, &activate(""));
    assert_eq!(status, Status::SUCCESS);
    host.notices.clear();

    host.modem.happen(host.now, Event::Rsrp(-110.0));
    host.wait(S(1));
    // The RSSI of the default cell is -69 dBm at an RSRP of -97: 13 dB less is -82 dBm, 15 steps of 2 dB from -113.
    assert_eq!(host.told::<basic::SignalState>(&basic::SIGNAL_STATE).unwrap().rssi, 15);

    let context = host.modem.definition().capabilities.default_context;
    host.modem.happen(host.now, Event::ContextLost(context));
    host.wait(S(1));
    assert_eq!(host.told::<basic::Connect>(&basic::CONNECT).unwrap().activation_state, ActivationState::Deactivated);

    host.modem.happen(host.now, Event::Coverage(false));
    host.wait(S(1));
    let lost: basic::RegisterStateInfo = host.told(&basic::REGISTER_STATE).unwrap();
    assert_eq!((lost.register_state, lost.provider_id.as_str()), (RegisterState::Searching, ""));
    let packet: basic::PacketService = host.told(&basic::PACKET_SERVICE).unwrap();
    assert_eq!(packet.packet_service_state, PacketServiceState::Attaching);

    host.modem.happen(host.now, Event::Card(false));
    host.wait(S(1));
    let card: basic::SubscriberReadyStatus = host.told(&basic::SUBSCRIBER_READY_STATUS).unwrap();
    assert_eq!(card.ready_state, SubscriberReadyState::SimNotInserted);
}

#[test]
fn only_what_was_subscribed_is_told() {
    let mut host = Host::opened("");
    host.registered();
    let events = basic::Events {
        device_service_id: Service::BasicConnect.uuid(),
        cids: vec![basic::REGISTER_STATE.number].into(),
        ..basic::Events::default()
    };
    let list = basic::SubscribeList { events: vec![events].into(), ..basic::SubscribeList::default() };
    let (status, echoed) = host.set::<basic::SubscribeList>(&basic::DEVICE_SERVICE_SUBSCRIBE_LIST, &list);
    assert_eq!((status, echoed.unwrap()), (Status::SUCCESS, list));
    host.notices.clear();
    host.modem.happen(host.now, Event::Rsrp(-120.0));
    host.modem.happen(host.now, Event::Coverage(false));
    host.wait(S(1));
    assert!(host.told::<basic::RegisterStateInfo>(&basic::REGISTER_STATE).is_some());
    assert_eq!(host.notices, []);
}

#[test]
fn wrong_pins_cost_tries_and_the_puk_gives_them_back() {
    let mut host = Host::opened("[sim]\npin-required = true");
    host.wait(S(1));
    let ready: basic::SubscriberReadyStatus = host.basic(&basic::SUBSCRIBER_READY_STATUS);
    assert_eq!((ready.ready_state, ready.subscriber_id.reveal().as_str()), (SubscriberReadyState::DeviceLocked, ""));
    let enter = |pin_type, pin: &str, new: &str| basic::SetPin {
        pin_type,
        pin: pin.to_owned().into(),
        new_pin: new.to_owned().into(),
        ..basic::SetPin::default()
    };
    for left in [2, 1] {
        let (status, pin) = host.set::<basic::Pin>(&basic::PIN, &enter(PinType::Pin1, "0000", ""));
        let pin = pin.unwrap();
        assert_eq!((status, pin.pin_type, pin.remaining_attempts), (Status::Failure, PinType::Pin1, left));
    }
    let (_, pin) = host.set::<basic::Pin>(&basic::PIN, &enter(PinType::Pin1, "0000", ""));
    let pin = pin.unwrap();
    assert_eq!((pin.pin_type, pin.remaining_attempts), (PinType::Puk1, 10));
    let (status, _) = host.set::<basic::Pin>(&basic::PIN, &enter(PinType::Puk1, "12345678", "4321"));
    assert_eq!(status, Status::SUCCESS);
    host.registered();
    // A PIN that is none does not reach the card.
    let (status, _) = host.set::<basic::Pin>(
        &basic::PIN,
        &basic::SetPin { pin_operation: PinOperation::Change, ..enter(PinType::Pin1, "x", "1111") },
    );
    assert_eq!((status, host.modem.card().pin_tries), (Status::InvalidParameters, 3));
}

#[test]
fn a_refused_context_tells_the_networks_cause() {
    let mut host = Host::opened("[network]\napns = [\"iot.test\"]");
    host.registered();
    let (status, answer) = host.set::<basic::Connect>(&basic::CONNECT, &activate("nowhere"));
    let answer = answer.unwrap();
    // TS 24.301 clause 9.9.4.4: 27, missing or unknown APN.
    assert_eq!((status, answer.nw_error), (Status::InvalidAccessString, Cause(NwError::MissingOrUnknownApn)));
    assert_eq!(answer.activation_state, ActivationState::Deactivated);
    let (status, _) = host
        .set::<basic::RadioState>(&basic::RADIO_STATE, &basic::SetRadioState { radio_state: RadioSwitchState::Off });
    assert_eq!(status, Status::SUCCESS);
    let (status, _) = host.set::<basic::Connect>(&basic::CONNECT, &activate("iot.test"));
    assert_eq!(status, Status::RadioPowerOff);
}

#[test]
fn the_layouts_follow_the_version_exchange() {
    let mut host = Host::opened("[modem]\nmbimex = \"3.0\"");
    host.registered();
    host.exchange(0x0200);
    let signal: basic::SignalState = host.basic(&basic::SIGNAL_STATE);
    // RSRP -97 dBm is 60 steps above -157; SNR 9 dB is 65 half steps above -23.5.
    assert_eq!(signal.rsrp_snr.0.unwrap().0.iter().map(|l| (l.rsrp, l.snr)).collect::<Vec<_>>(), [(60, 65)]);
    host.exchange(0x0300);
    let packet: basic::PacketService = host.basic(&basic::PACKET_SERVICE);
    assert_eq!(packet.tai.0.unwrap(), basic::Tai { plmn_mcc: 999, plmn_mnc: 70, tac: 0x1a2d });
    let third = basic::SetConnectV3 {
        activation_command: ActivationCommand::Activate,
        ip_type: ContextIpType::Ipv4,
        context_type: context::INTERNET,
        access_string: "iot.test".into(),
        ..basic::SetConnectV3::default()
    };
    let (status, up) = host.set::<basic::Connect>(&basic::CONNECT, &third);
    assert_eq!((status, up.unwrap().access_string.0.unwrap().0.as_str()), (Status::SUCCESS, "iot.test"));
    let mico =
        RegistrationParameters { mico_mode: MicoMode::Enabled, drx_cycle: DrxCycle::Frames128, ..Default::default() };
    let service = Service::MsBasicConnectExtensions;
    let set = Body::set(service, &extensions::REGISTRATION_PARAMETERS, encode(&mico, host.version));
    assert_eq!(host.run::<RegistrationParameters>(set), (Status::SUCCESS, Some(mico)));
}

#[test]
fn a_modem_with_older_extensions_says_so() {
    let mut host = Host::opened("[modem]\nmbimex = \"1.0\"");
    host.exchange(0x0300);
    assert_eq!(host.version, Version::V1);
    let signal: basic::SignalState = host.basic(&basic::SIGNAL_STATE);
    assert_eq!(signal.rsrp_snr.0, None);
}

#[test]
fn nothing_goes_without_an_open_session() {
    let mut host = Host::of("");
    let caps = || Body::query(Service::BasicConnect, &basic::DEVICE_CAPS, Vec::new());
    assert_eq!(host.say(caps()), Body::FunctionError(FrameFault::NotOpened));
    assert_eq!(host.say(Body::Open { max_control_transfer: 4096 }), Body::OpenDone(Status::SUCCESS));
    assert!(matches!(host.say(caps()), Body::CommandDone { status: Status::None, .. }));
    host.modem.happen(host.now, Event::Reboot);
    host.wait(S(30));
    assert_eq!(host.say(caps()), Body::FunctionError(FrameFault::NotOpened));
}

#[test]
fn long_answers_come_in_fragments_and_lost_ones_are_told_of() {
    let mut host = Host::of("");
    assert_eq!(host.say(Body::Open { max_control_transfer: 64 }), Body::OpenDone(Status::SUCCESS));
    let services: basic::DeviceServices = host.basic(&basic::DEVICE_SERVICES);
    assert!(services.device_services.0.iter().any(|s| s.device_service_id == Service::MsBasicConnectExtensions.uuid()));
    let list = basic::SubscribeList::default();
    let body = Body::set(Service::BasicConnect, &basic::DEVICE_SERVICE_SUBSCRIBE_LIST, encode(&list, Version::V1));
    host.transaction += 1;
    let pieces = Frame { transaction: host.transaction, body }.fragments(40);
    host.modem.mbim_receive(host.now, host.link, &pieces[1]);
    let frame = host.next_frame().unwrap();
    assert_eq!(frame.body, Body::FunctionError(FrameFault::FragmentOutOfSequence));
}

#[test]
fn the_proxy_answers_for_itself() {
    let mut host = Host::at("", MbimPort::Proxy);
    let device = proxy::Configuration { device_path: "/dev/cdc-wdm0".into(), timeout: 30 };
    let body = Body::set(Service::ProxyControl, &proxy::CONFIGURATION, encode(&device, Version::V1));
    assert!(matches!(host.say(body), Body::CommandDone { status: Status::None, .. }));
    assert_eq!(host.say(Body::Open { max_control_transfer: 4096 }), Body::OpenDone(Status::SUCCESS));
    assert_eq!(host.basic::<basic::RadioState>(&basic::RADIO_STATE).sw_radio_state, RadioSwitchState::On);
    assert_eq!(host.say(Body::Close), Body::CloseDone(Status::SUCCESS));
}

#[test]
fn faults_strike_commands_of_mbim_too() {
    let mut host = Host::of("");
    host.modem.add_fault(Fault::at_command(FaultKind::Error, 1));
    host.say(Body::Open { max_control_transfer: 4096 });
    let caps = Body::query(Service::BasicConnect, &basic::DEVICE_CAPS, Vec::new());
    assert_eq!(host.run::<basic::DeviceCaps>(caps.clone()), (Status::Failure, None));
    assert_eq!(host.run::<basic::DeviceCaps>(caps).0, Status::SUCCESS);
}

#[test]
fn commands_that_are_not_there_are_refused() {
    let mut host = Host::opened("");
    let unknown = Body::query(Service::IntelTools, &basic::DEVICE_CAPS, Vec::new());
    assert_eq!(host.run::<basic::DeviceCaps>(unknown).0, Status::NoDeviceSupport);
    let set = Body::set(Service::BasicConnect, &basic::DEVICE_CAPS, Vec::new());
    assert_eq!(host.run::<basic::DeviceCaps>(set).0, Status::InvalidDeviceServiceOperation);
    let short = Body::set(Service::BasicConnect, &basic::CONNECT, vec![1, 2, 3]);
    assert_eq!(host.run::<basic::Connect>(short).0, Status::InvalidParameters);
}
