//! Where the daemon is reached: sockets, real buses, and what is said where it is not.

use lpwa::bus::client::{Client, Failure};
use lpwa::bus::{ServeError, serve};
use lpwa::daemon::config::Bus;

use crate::house::{Fake, House, PrivateBus, eventually, peer};

#[tokio::test]
async fn several_peers_are_served_at_once() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let address = house.listen().await;
    let clients = futures_util::future::join_all((0..8).map(|_| Client::connect(Some(&address)))).await;
    let clients: Vec<_> = clients.into_iter().map(Result::unwrap).collect();
    let documents = futures_util::future::join_all(clients.iter().map(|client| client.document("m0"))).await;
    assert!(documents.iter().all(|document| document.as_ref().is_ok_and(|document| document.id == "m0")));
}

#[tokio::test]
async fn a_peer_too_many_is_turned_away_and_room_is_made_again() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let address = house.listen().await;
    let mut clients = vec![];
    for _ in 0..32 {
        clients.push(Client::connect(Some(&address)).await.unwrap());
    }
    assert_eq!(Client::connect(Some(&address)).await.err().map(|error| error.failure), Some(Failure::Unreachable));
    drop(clients);
    // The daemon hears of it in its own time.
    eventually(async || Client::connect(Some(&address)).await.is_ok()).await;
}

#[tokio::test]
async fn the_socket_is_removed_with_the_server() {
    let (mut house, _m0, _client) = peer(true).await;
    let path = house.dir.path().join("lpwa.sock");
    assert!(path.exists());
    house.stop();
    eventually(async || {
        tokio::task::yield_now().await;
        !path.exists()
    })
    .await;
}

#[tokio::test]
async fn a_real_bus_carries_it_all() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let bus = PrivateBus::start(house.dir.path());
    house.join(&bus.address).await;
    let client = Client::connect(Some(&bus.address)).await.unwrap();
    assert_eq!(client.list().await.unwrap().len(), 1);
    client.enable("m0").await.unwrap();
    assert_eq!(m0.asked(), ["Enable"]);
    let callers = house.callers.lock().unwrap();
    let own = rustix::process::getuid().as_raw();
    assert!(callers.iter().all(|caller| caller.uid == own) && !callers.is_empty(), "{callers:?}");
}

#[tokio::test]
async fn strangers_on_a_bus_are_refused() {
    let m0 = Fake::new("m0");
    let mut house = House::new(false, &[&m0]);
    let bus = PrivateBus::start(house.dir.path());
    house.join(&bus.address).await;
    let client = Client::connect(Some(&bus.address)).await.unwrap();
    assert_eq!(client.enable("m0").await.unwrap_err().failure, Failure::NotAuthorized);
    assert_eq!(client.document("m0").await.unwrap().sim.imsi.as_deref(), Some("<redacted>"));
}

#[tokio::test]
async fn a_second_daemon_on_the_bus_is_told_so() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let bus = PrivateBus::start(house.dir.path());
    house.join(&bus.address).await;
    let second = serve(house.exports.clone(), &Bus::Address(bus.address.clone()), None).await;
    let error = second.err().unwrap();
    assert!(matches!(error, ServeError::NameTaken { .. }), "{error:?}");
}

#[tokio::test]
async fn a_bus_that_comes_back_is_joined_again() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let bus = PrivateBus::start(house.dir.path());
    house.join(&bus.address).await;
    drop(bus);
    let bus = PrivateBus::start(house.dir.path());
    // The daemon's waits pass at once; connections take the time they take.
    for _ in 0..100 {
        tokio::time::pause();
        tokio::time::advance(std::time::Duration::from_secs(60)).await;
        tokio::time::resume();
        if let Ok(client) = Client::connect(Some(&bus.address)).await {
            return assert_eq!(client.document("m0").await.unwrap().id, "m0");
        }
    }
    panic!("the daemon did not come back");
}

#[tokio::test]
async fn where_no_daemon_is_the_error_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let address = format!("unix:path={}", dir.path().join("none.sock").display());
    let error = Client::connect(Some(&address)).await.unwrap_err();
    assert_eq!(error.failure, Failure::Unreachable);
    let said = error.to_string();
    assert!(said.contains(&address) && said.contains("lpwa daemon") && said.contains("--address"), "{said}");
}

#[tokio::test]
async fn a_bus_without_the_daemon_is_unreachable() {
    let dir = tempfile::tempdir().unwrap();
    let bus = PrivateBus::start(dir.path());
    let error = Client::connect(Some(&bus.address)).await.unwrap_err();
    assert_eq!(error.failure, Failure::Unreachable, "{error}");
}

#[tokio::test]
async fn an_address_that_is_none_is_an_error() {
    let error = Client::connect(Some("/run/lpwa.sock")).await.unwrap_err();
    assert_eq!(error.failure, Failure::Unreachable, "{error}");
}
