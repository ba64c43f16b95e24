//! Changes of state as signals and as a stream.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::{FutureExt, StreamExt};
use lpwa::bus::client::{Client, Failure};
use lpwa::spec::registration::Registration;
use lpwa::state::{Lifecycle, Reading};
use zbus::{Message, MessageStream, OwnedObjectPath, OwnedVariant};

use crate::house::{Fake, House, ICCID, IMSI, NOW, PrivateBus, bearer, peer, raw, sync};

/// A peer that has heard of what there is.
async fn listener(house: &mut House) -> (zbus::Connection, MessageStream) {
    let peer = raw(&house.listen().await).await;
    let mut stream = MessageStream::from(&peer);
    signals(&peer, &mut stream).await;
    (peer, stream)
}

/// The signals that a peer received so far, in order; a call and its answer flush those that are under way.
async fn signals(peer: &zbus::Connection, stream: &mut MessageStream) -> Vec<Message> {
    sync(peer).await;
    let mut signals = vec![];
    while let Some(message) = stream.next().now_or_never() {
        let message = message.unwrap().unwrap();
        if message.message_type() == zbus::message::Type::Signal {
            signals.push(message);
        }
    }
    signals
}

/// Interface, names of changed and of invalidated properties, of each `PropertiesChanged`.
fn properties(signals: &[Message]) -> Vec<(String, BTreeSet<String>, Vec<String>)> {
    let changed = signals.iter().filter(|signal| signal.header().member().unwrap() == "PropertiesChanged");
    changed
        .map(|signal| {
            let body = signal.body();
            let (interface, changed, invalidated): (String, BTreeMap<String, OwnedVariant>, Vec<String>) =
                body.deserialize().unwrap();
            (interface, changed.into_keys().collect(), invalidated)
        })
        .collect()
}

/// Member and object of each signal of the object manager.
fn objects(signals: &[Message]) -> BTreeSet<(String, String)> {
    let manager = |signal: &&Message| signal.header().interface().unwrap() == "org.freedesktop.DBus.ObjectManager";
    signals
        .iter()
        .filter(manager)
        .map(|signal| {
            let (body, header) = (signal.body(), signal.header());
            let member = header.member().unwrap().as_str();
            let path: OwnedObjectPath = match member {
                "InterfacesAdded" => {
                    let (path, _): (OwnedObjectPath, HashMap<String, HashMap<String, OwnedVariant>>) =
                        body.deserialize().unwrap();
                    path
                }
                _ => body.deserialize::<(OwnedObjectPath, Vec<String>)>().unwrap().0,
            };
            (member.to_owned(), path.to_string())
        })
        .collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_change_is_one_signal_per_interface_that_changed() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let (peer, mut stream) = listener(&mut house).await;
    m0.state.send_modify(|state| {
        state.lifecycle = Lifecycle::Searching;
        state.since = NOW.after(std::time::Duration::from_secs(1));
        state.network.registration = Some(Reading::new(Registration::Searching, NOW));
        state.network.plmn = None;
    });
    let told = properties(&signals(&peer, &mut stream).await);
    assert_eq!(
        told,
        [
            ("org.lpwa.Modem1".into(), names(&["Since", "State"]), vec![]),
            ("org.lpwa.Network1".into(), names(&["Plmn", "Registration"]), vec![]),
        ]
    );
    // The time of a reading alone is no change for listeners: each signal wakes all of them.
    let later = NOW.after(std::time::Duration::from_secs(60));
    m0.state.send_modify(|state| state.network.registration = Some(Reading::new(Registration::Searching, later)));
    assert_eq!(properties(&signals(&peer, &mut stream).await), []);
}

#[tokio::test]
async fn another_card_is_told_without_its_numbers() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let (peer, mut stream) = listener(&mut house).await;
    let (imsi, iccid) = (m0.state.borrow().sim.imsi.clone(), m0.state.borrow().sim.iccid.clone());
    m0.state.send_modify(|state| (state.sim.imsi, state.sim.iccid) = (None, None));
    let gone = signals(&peer, &mut stream).await;
    m0.state.send_modify(|state| (state.sim.imsi, state.sim.iccid) = (imsi, iccid));
    let back = signals(&peer, &mut stream).await;
    let sim = ("org.lpwa.Sim1".to_owned(), BTreeSet::new(), vec!["Iccid".to_owned(), "Imsi".to_owned()]);
    assert_eq!((properties(&gone), properties(&back)), (vec![sim.clone()], vec![sim]));
    for signal in gone.iter().chain(&back) {
        let octets = String::from_utf8_lossy(signal.data()).into_owned();
        assert!(!octets.contains(IMSI) && !octets.contains(ICCID), "{octets}");
    }
}

#[tokio::test]
async fn bearers_come_change_and_go() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let (peer, mut stream) = listener(&mut house).await;
    let object = |member: &str| (member.to_owned(), "/org/lpwa/modem/m0/bearer/1".to_owned());
    m0.state.send_modify(|state| state.bearers = vec![bearer(1, "10.0.0.2")]);
    assert_eq!(objects(&signals(&peer, &mut stream).await), [object("InterfacesAdded")].into());
    m0.state.send_modify(|state| state.bearers = vec![bearer(1, "10.0.0.3")]);
    let changed = properties(&signals(&peer, &mut stream).await);
    assert_eq!(changed, [("org.lpwa.Bearer1".into(), names(&["Addresses"]), vec![])]);
    m0.state.send_modify(|state| state.bearers = vec![]);
    assert_eq!(objects(&signals(&peer, &mut stream).await), [object("InterfacesRemoved")].into());
}

#[tokio::test]
async fn modems_come_and_go() {
    let (m0, m1) = (Fake::new("m0"), Fake::new("m1"));
    m1.state.send_modify(|state| state.bearers = vec![bearer(1, "10.0.0.2")]);
    let mut house = House::new(true, &[&m0]);
    let (peer, mut stream) = listener(&mut house).await;
    let client = Client::connect(Some(&house.address())).await.unwrap();
    let both = |member: &str| {
        let object = |path: &str| (member.to_owned(), path.to_owned());
        [object("/org/lpwa/modem/m1"), object("/org/lpwa/modem/m1/bearer/1")].into()
    };
    let ids = async || client.list().await.unwrap().into_iter().map(|document| document.id).collect::<Vec<_>>();
    house.modems.send_modify(|modems| {
        modems.insert("m1".into(), m1.handle.clone());
    });
    assert_eq!(objects(&signals(&peer, &mut stream).await), both("InterfacesAdded"));
    assert_eq!(ids().await, ["m0", "m1"]);
    house.modems.send_modify(|modems| {
        modems.remove("m1");
    });
    assert_eq!(objects(&signals(&peer, &mut stream).await), both("InterfacesRemoved"));
    assert_eq!(ids().await, ["m0"]);
}

#[tokio::test]
async fn a_new_driver_takes_its_object_over() {
    let (house, m0, client) = peer(true).await;
    let again = Fake::new("m0");
    house.modems.send_modify(|modems| {
        modems.insert("m0".into(), again.handle.clone());
    });
    for _ in 0..4 {
        client.version().await.unwrap();
    }
    client.enable("m0").await.unwrap();
    assert_eq!((m0.asked(), again.asked()), (vec![], vec!["Enable".to_owned()]));
}

#[tokio::test]
async fn a_watch_begins_with_now_and_tells_each_change() {
    let (house, m0, client) = peer(true).await;
    let mut watch = client.watch(Some("m0")).await.unwrap();
    assert_eq!(watch.next().await.unwrap().unwrap(), client.document("m0").await.unwrap());
    m0.state.send_modify(|state| {
        state.lifecycle = Lifecycle::Connected;
        state.bearers = vec![bearer(1, "10.0.0.2")];
    });
    let document = watch.next().await.unwrap().unwrap();
    assert_eq!((document.state.as_str(), document.bearers.len()), ("connected", 1));
    // Another modem is not what was asked for.
    let m1 = Fake::new("m1");
    house.modems.send_modify(|modems| {
        modems.insert("m1".into(), m1.handle.clone());
    });
    m0.state.send_modify(|state| state.lifecycle = Lifecycle::Off);
    assert_eq!(watch.next().await.unwrap().unwrap().state, "off");
    house.modems.send_modify(BTreeMap::clear);
    let left = watch.next().await.unwrap().unwrap();
    assert_eq!((left.id.as_str(), left.state.as_str()), ("m0", "absent"));
}

#[tokio::test]
async fn a_watch_of_all_sees_modems_come() {
    let (house, _m0, client) = peer(true).await;
    let mut watch = client.watch(None).await.unwrap();
    assert_eq!(watch.next().await.unwrap().unwrap().id, "m0");
    let m1 = Fake::new("m1");
    house.modems.send_modify(|modems| {
        modems.insert("m1".into(), m1.handle.clone());
    });
    assert_eq!(watch.next().await.unwrap().unwrap().id, "m1");
}

#[tokio::test]
async fn a_watch_of_nothing_is_refused() {
    let (_house, _m0, client) = peer(true).await;
    assert_eq!(client.watch(Some("m7")).await.err().map(|error| error.failure), Some(Failure::NoSuchModem));
}

#[tokio::test]
async fn a_watch_ends_with_the_daemon() {
    let (mut house, _m0, client) = peer(true).await;
    let mut watch = client.watch(Some("m0")).await.unwrap();
    watch.next().await.unwrap().unwrap();
    house.stop();
    assert_eq!(watch.next().await.unwrap().unwrap_err().failure, Failure::Unreachable);
    assert!(watch.next().await.is_none());
}

#[tokio::test]
async fn a_watch_over_a_bus_ends_with_the_daemon_too() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let bus = PrivateBus::start(house.dir.path());
    house.join(&bus.address).await;
    let client = Client::connect(Some(&bus.address)).await.unwrap();
    let mut watch = client.watch(None).await.unwrap();
    assert_eq!(watch.next().await.unwrap().unwrap().state, "registered");
    m0.state.send_modify(|state| state.lifecycle = Lifecycle::Off);
    assert_eq!(watch.next().await.unwrap().unwrap().state, "off");
    house.stop();
    assert_eq!(watch.next().await.unwrap().unwrap_err().failure, Failure::Unreachable);
}
