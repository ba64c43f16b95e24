//! What a client asks for reaches the modem, and what becomes of it comes back.

use std::time::Duration;

use lpwa::bus::client::{Client, Failure, FoundNetwork};
use lpwa::modem::handle::{ConnectRequest, ErrorKind, Job, PowerRequest, Reply, ScannedNetwork};
use lpwa::private::Private;
use lpwa::spec::apn::PdpType;
use lpwa::spec::drx::DrxCycle;
use lpwa::spec::rat::Rat;
use lpwa::state::json::{Document, Reveal};
use lpwa::state::{Edrx, PsmTimers};
use tokio::sync::mpsc;

use crate::house::{Fake, House, PrivateBus, eventually, peer, raw};

fn secret(text: &str) -> Private<String> {
    Private::new(text.into())
}

#[tokio::test]
async fn documents_are_those_of_the_state() {
    let (_house, m0, client) = peer(true).await;
    let wanted = Document::new(&m0.state.borrow(), Reveal::All);
    assert_eq!(client.document("m0").await, Ok(wanted.clone()));
    assert_eq!(client.list().await, Ok(vec![wanted]));
    assert_eq!(client.version().await.as_deref(), Ok(env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn every_request_reaches_the_modem_as_meant() {
    let (_house, m0, client) = peer(true).await;
    client.enable("m0").await.unwrap();
    client.disable("m0").await.unwrap();
    client.disconnect("m0").await.unwrap();
    client.reset("m0").await.unwrap();
    client.read_signal("m0").await.unwrap();
    client.enter_pin("m0", &secret("1234")).await.unwrap();
    client.enter_puk("m0", &secret("12345678"), &secret("4321")).await.unwrap();
    client.switch_slot("m0", 2).await.unwrap();
    client.at("m0", "AT+CESQ", None).await.unwrap();
    client.at("m0", "AT+COPS=?", Some(Duration::from_secs(180))).await.unwrap();
    assert_eq!(
        m0.asked(),
        [
            "Enable",
            "Disable",
            "Disconnect",
            "Reset",
            "ReadSignal",
            "EnterPin(1234)",
            "EnterPuk(12345678, 4321)",
            "SwitchSlot(2)",
            "At(AT+CESQ, None)",
            "At(AT+COPS=?, Some(180s))",
        ]
    );
}

#[tokio::test]
async fn connect_says_what_is_given_and_no_more() {
    let (_house, m0, client) = peer(true).await;
    client.connect_data("m0", &ConnectRequest::default()).await.unwrap();
    let request = ConnectRequest {
        apn: Some("iot.test".parse().unwrap()),
        pdp_type: Some(PdpType::Ipv6),
        user: Some("u".into()),
        password: Some(secret("p")),
    };
    client.connect_data("m0", &request).await.unwrap();
    let wanted = [ConnectRequest::default(), request].map(|request| format!("Connect({request:?})"));
    assert_eq!(m0.asked(), wanted);
}

#[tokio::test]
async fn power_saving_crosses_the_wire_unharmed() {
    let (_house, m0, client) = peer(true).await;
    let psm = PsmTimers { periodic_tau: Some(Duration::from_secs(3600)), active_time: Duration::from_secs(10) };
    let default_tau = PsmTimers { periodic_tau: None, ..psm };
    let edrx = Edrx { cycle: Duration::from_millis(81_920), ptw: None };
    let window = Edrx { ptw: Some(Duration::from_millis(5120)), ..edrx };
    let only_psm = |psm| PowerRequest { psm: Some(psm), edrx: None, ..PowerRequest::default() };
    let only_edrx = |edrx| PowerRequest { psm: None, edrx: Some(edrx), ..PowerRequest::default() };
    for request in [
        only_psm(Some(psm)),
        only_psm(Some(default_tau)),
        only_psm(None),
        only_edrx(Some(edrx)),
        only_edrx(Some(window)),
        only_edrx(None),
        PowerRequest { mico: Some(true), ..PowerRequest::default() },
        PowerRequest { drx_cycle: Some(Some(DrxCycle::Frames256)), ..PowerRequest::default() },
        PowerRequest { drx_cycle: Some(None), ..PowerRequest::default() },
    ] {
        client.set_power("m0", &request).await.unwrap();
        assert_eq!(m0.asked(), [format!("SetPower({request:?})")]);
    }
    client
        .set_power("m0", &PowerRequest { psm: Some(Some(psm)), edrx: Some(None), ..PowerRequest::default() })
        .await
        .unwrap();
    assert_eq!(m0.asked().len(), 2);
}

#[tokio::test]
async fn answers_come_back() {
    let (_house, m0, client) = peer(true).await;
    m0.answer(Ok(Reply::Lines(vec!["+CESQ: 99,99,255,255,20,44".into(), "OK".into()])));
    let lines = client.at("m0", "AT+CESQ", None).await;
    assert_eq!(lines, Ok(vec!["+CESQ: 99,99,255,255,20,44".into(), "OK".into()]));
    let network = |rat| ScannedNetwork { status: "current", name: "Test".into(), plmn: "00101".parse().unwrap(), rat };
    m0.answer(Ok(Reply::Networks(vec![network(Some(Rat::NbIot)), network(None)])));
    let found = |rat: Option<&str>| FoundNetwork {
        status: "current".into(),
        name: "Test".into(),
        plmn: "00101".into(),
        rat: rat.map(Into::into),
    };
    assert_eq!(client.scan("m0").await, Ok(vec![found(Some("nb-iot")), found(None)]));
    let transcript = client.transcript("m0", Duration::from_secs(60), true).await.unwrap();
    assert_eq!(transcript, "lpwa-transcript 1\nmodel m0 60s true\n");
}

#[tokio::test]
async fn failures_keep_their_kind_and_sentence() {
    let (_house, m0, client) = peer(true).await;
    for kind in [
        ErrorKind::InvalidArgument,
        ErrorKind::WrongState,
        ErrorKind::Sim,
        ErrorKind::Denied,
        ErrorKind::TimedOut,
        ErrorKind::Unsupported,
        ErrorKind::Modem,
        ErrorKind::Gone,
    ] {
        m0.answer(Err((kind, "the network said no; ask the operator".into())));
        let error = client.enable("m0").await.unwrap_err();
        assert_eq!(error.failure, Failure::Request(kind));
        assert_eq!(error.to_string(), "m0: the network said no; ask the operator");
    }
}

#[tokio::test]
async fn errors_have_names_of_their_own_on_the_wire() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let peer = raw(&house.listen().await).await;
    m0.answer(Err((ErrorKind::WrongState, "no".into())));
    let call = peer.call_method(None::<&str>, "/org/lpwa/modem/m0", Some("org.lpwa.Modem1"), "Enable", &());
    let zbus::Error::MethodError(name, message, _) = call.await.unwrap_err() else { panic!("a method error") };
    assert_eq!((name.as_str(), message.as_deref()), ("org.lpwa.Error.WrongState", Some("m0: no")));
}

#[tokio::test]
async fn what_is_no_request_never_reaches_the_modem() {
    let (house, m0, client) = peer(true).await;
    let invalid = |error: lpwa::bus::client::ClientError| {
        assert_eq!(error.failure, Failure::Request(ErrorKind::InvalidArgument), "{error}");
        error.to_string()
    };
    for pin in ["", "123", "123456789", "12a4"] {
        let said = invalid(client.enter_pin("m0", &secret(pin)).await.unwrap_err());
        assert!(said.contains("nothing was sent") && (pin.is_empty() || !said.contains(pin)), "{said}");
    }
    invalid(client.enter_puk("m0", &secret("1234"), &secret("1234")).await.unwrap_err());
    invalid(client.at("m0", "AT\rAT+CFUN=0", None).await.unwrap_err());
    invalid(client.at("m0", &"A".repeat(5000), None).await.unwrap_err());
    let tau = PsmTimers { periodic_tau: Some(Duration::from_secs(u64::MAX)), active_time: Duration::ZERO };
    invalid(
        client
            .set_power("m0", &PowerRequest { psm: Some(Some(tau)), edrx: None, ..PowerRequest::default() })
            .await
            .unwrap_err(),
    );
    let peer = raw(&house.address()).await;
    let call = async |interface: &str, method: &str, body: &[(&str, zbus::Variant<'_>)]| {
        let options: std::collections::HashMap<_, _> = body.iter().map(|(key, value)| (*key, value)).collect();
        let error = peer.call_method(None::<&str>, "/org/lpwa/modem/m0", Some(interface), method, &options).await;
        invalid(error.unwrap_err().into())
    };
    assert!(call("org.lpwa.Modem1", "Connect", &[("ap", "x".into())]).await.contains("unknown option \"ap\""));
    assert!(call("org.lpwa.Modem1", "Connect", &[("apn", 7.into())]).await.contains("apn must be a string"));
    assert!(call("org.lpwa.Modem1", "Connect", &[("apn", "a\"b".into())]).await.contains("APN"));
    for cycle in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let power = Some("org.lpwa.Power1");
        let error = peer.call_method(None::<&str>, "/org/lpwa/modem/m0", power, "SetEdrx", &(true, cycle, 0.0)).await;
        invalid(error.unwrap_err().into());
    }
    for window in [-1.0, 81.92, f64::NAN, f64::INFINITY] {
        let body = (true, 81.92, window);
        let power = Some("org.lpwa.Power1");
        let error = peer.call_method(None::<&str>, "/org/lpwa/modem/m0", power, "SetEdrx", &body).await;
        invalid(error.unwrap_err().into());
    }
    assert_eq!(m0.asked(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_modem_that_is_not_there_is_named() {
    let (_house, _m0, client) = peer(true).await;
    for error in [client.document("m7").await.unwrap_err(), client.enable("m7").await.unwrap_err()] {
        assert_eq!(error.failure, Failure::NoSuchModem);
        assert_eq!(error.to_string(), "there is no modem m7; `lpwa list` shows those that are there");
    }
}

#[tokio::test]
async fn nothing_recorded_is_no_transcript() {
    let m1 = Fake::new("m1");
    let mut house = House::new(true, &[&m1]);
    let client = Client::connect(Some(&house.listen().await)).await.unwrap();
    let error = client.transcript("m1", Duration::from_secs(1), true).await.unwrap_err();
    assert_eq!(error.failure, Failure::Request(ErrorKind::WrongState));
}

#[tokio::test]
async fn a_driver_that_stopped_is_said_to_be_gone() {
    let (house, m0, client) = peer(true).await;
    let mut handle = m0.handle.clone();
    handle.jobs = tokio::sync::mpsc::channel(1).0;
    house.modems.send_replace([("m0".to_owned(), handle)].into());
    // The object is replaced when the daemon gets to it; the document is there all the while.
    let gone = Failure::Request(ErrorKind::Gone);
    eventually(async || client.enable("m0").await.is_err_and(|error| error.failure == gone)).await;
}

#[tokio::test]
async fn reload_tells_all_mistakes() {
    let (mut house, _m0, client) = peer(true).await;
    let answer = async |outcome: Result<(), String>, reloads: &mut tokio::sync::mpsc::Receiver<_>| {
        let job: lpwa::bus::ReloadJob = reloads.recv().await.unwrap();
        job.send(outcome).unwrap();
    };
    let (done, ()) = tokio::join!(client.reload(), answer(Ok(()), &mut house.reloads));
    assert_eq!(done, Ok(()));
    let mistakes = "/etc/lpwa/lpwa.toml:1: a\n/etc/lpwa/lpwa.toml:2: b";
    let (refused, ()) = tokio::join!(client.reload(), answer(Err(mistakes.into()), &mut house.reloads));
    let refused = refused.unwrap_err();
    assert_eq!((refused.failure, refused.message.as_str()), (Failure::Request(ErrorKind::InvalidArgument), mistakes));
}

#[tokio::test]
async fn ids_that_are_no_path_elements_work_too() {
    let modem = Fake::new("usb-1-1.2");
    let mut house = House::new(true, &[&modem]);
    let client = Client::connect(Some(&house.listen().await)).await.unwrap();
    assert_eq!(client.document("usb-1-1.2").await.unwrap().id, "usb-1-1.2");
    client.enable("usb-1-1.2").await.unwrap();
    assert_eq!(modem.asked(), ["Enable"]);
}

/// A long call keeps nobody else waiting: neither another call nor a change of state.
#[tokio::test]
async fn a_call_that_takes_its_time_blocks_nothing() {
    let (house, m0, client) = peer(true).await;
    let (jobs, mut queue) = tokio::sync::mpsc::channel(16);
    let handle = lpwa::modem::handle::ModemHandle { jobs, ..m0.handle.clone() };
    house
        .modems
        .send_replace([("slow".to_owned(), lpwa::modem::handle::ModemHandle { id: "slow".into(), ..handle })].into());
    eventually(async || client.document("slow").await.is_ok()).await;
    let scan = tokio::spawn({
        let client = client.clone();
        async move { client.scan("slow").await }
    });
    let Some(Job::Do(_, _, back)) = queue.recv().await else { panic!("a request") };
    m0.state.send_modify(|state| state.definition = "generic".into());
    let definition = async || client.document("slow").await.unwrap().definition;
    eventually(async || definition().await.as_deref() == Some("generic")).await;
    assert!(!scan.is_finished());
    back.send(Ok(Reply::Networks(vec![]))).unwrap();
    assert_eq!(scan.await.unwrap(), Ok(vec![]));
}

/// A modem whose driver leaves requests lying, as while the modem sleeps.
fn asleep() -> (Fake, mpsc::Receiver<Job>) {
    let (jobs, queue) = mpsc::channel(1);
    let mut m0 = Fake::new("m0");
    m0.handle.jobs = jobs;
    (m0, queue)
}

#[tokio::test]
async fn a_peer_that_leaves_withdraws_its_request() {
    let (m0, mut queue) = asleep();
    let mut house = House::new(true, &[&m0]);
    let client = Client::connect(Some(&house.listen().await)).await.unwrap();
    let asking = tokio::spawn(async move { client.disconnect("m0").await });
    let Some(Job::Do(_, _, mut reply)) = queue.recv().await else { panic!("a request") };
    assert!(!reply.is_closed());
    asking.abort();
    tokio::time::timeout(Duration::from_secs(30), reply.closed()).await.expect("the request stands");
}

#[tokio::test]
async fn a_client_of_a_bus_that_leaves_withdraws_its_request() {
    let (m0, mut queue) = asleep();
    let mut house = House::new(true, &[&m0]);
    let bus = PrivateBus::start(house.dir.path());
    house.join(&bus.address).await;
    let client = Client::connect(Some(&bus.address)).await.unwrap();
    let other = Client::connect(Some(&bus.address)).await.unwrap();
    let asking = tokio::spawn(async move { client.disconnect("m0").await });
    let Some(Job::Do(_, _, mut reply)) = queue.recv().await else { panic!("a request") };
    // Somebody else who leaves changes nothing.
    drop(other);
    Client::connect(Some(&bus.address)).await.unwrap().version().await.unwrap();
    assert!(!reply.is_closed());
    asking.abort();
    tokio::time::timeout(Duration::from_secs(30), reply.closed()).await.expect("the request stands");
}
