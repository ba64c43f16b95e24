//! Who may do what, and who sees what.

use std::collections::HashMap;
use std::time::Duration;

use lpwa::bus::client::{Client, ClientError, Failure};
use lpwa::modem::handle::{ConnectRequest, PowerRequest};
use lpwa::private::Private;
use zbus::{OwnedObjectPath, OwnedVariant};

use crate::house::{Fake, House, ICCID, IMSI, peer, raw};

type Managed = HashMap<OwnedObjectPath, HashMap<String, HashMap<String, OwnedVariant>>>;

async fn sim_property(peer: &zbus::Connection, name: &str) -> String {
    let properties = Some("org.freedesktop.DBus.Properties");
    let body = ("org.lpwa.Sim1", name);
    let reply = peer.call_method(None::<&str>, "/org/lpwa/modem/m0", properties, "Get", &body).await.unwrap();
    String::try_from(reply.body().deserialize::<OwnedVariant>().unwrap()).unwrap()
}

#[tokio::test]
async fn strangers_change_nothing() {
    let (_house, m0, client) = peer(false).await;
    let code = Private::new("1234".to_owned());
    let puk = Private::new("12345678".to_owned());
    let power = PowerRequest { psm: Some(None), edrx: None, ..PowerRequest::default() };
    let edrx = PowerRequest { psm: None, edrx: Some(None), ..PowerRequest::default() };
    let refusals: Vec<Result<(), ClientError>> = vec![
        client.enable("m0").await,
        client.disable("m0").await,
        client.connect_data("m0", &ConnectRequest::default()).await,
        client.disconnect("m0").await,
        client.reset("m0").await,
        client.read_signal("m0").await,
        client.scan("m0").await.map(drop),
        client.at("m0", "AT", None).await.map(drop),
        client.enter_pin("m0", &code).await,
        client.enter_puk("m0", &puk, &code).await,
        client.set_power("m0", &power).await,
        client.set_power("m0", &edrx).await,
        client.transcript("m0", Duration::from_secs(1), true).await.map(drop),
        client.reload().await,
    ];
    for refusal in refusals {
        let error = refusal.unwrap_err();
        assert_eq!(error.failure, Failure::NotAuthorized, "{error}");
        assert!(error.to_string().contains("group lpwa"), "{error}");
    }
    assert_eq!(m0.asked(), [] as [&str; 0]);
}

#[tokio::test]
async fn strangers_read_all_but_personal_data() {
    let m0 = Fake::new("m0");
    let mut house = House::new(false, &[&m0]);
    let address = house.listen().await;
    let client = Client::connect(Some(&address)).await.unwrap();
    let document = client.document("m0").await.unwrap();
    assert_eq!(document.sim.imsi.as_deref(), Some("<redacted>"));
    assert_eq!(document.sim.iccid.as_deref(), Some("<redacted>"));
    assert_eq!((document.state.as_str(), document.network.plmn.as_deref()), ("registered", Some("00101")));
    let peer = raw(&address).await;
    assert_eq!(sim_property(&peer, "Imsi").await, "");
    assert_eq!(sim_property(&peer, "Iccid").await, "");
    assert_eq!(sim_property(&peer, "State").await, "ready");
}

#[tokio::test]
async fn the_trusted_see_personal_data() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let address = house.listen().await;
    let peer = raw(&address).await;
    assert_eq!(sim_property(&peer, "Imsi").await, IMSI);
    assert_eq!(sim_property(&peer, "Iccid").await, ICCID);
    let document = Client::connect(Some(&address)).await.unwrap().document("m0").await.unwrap();
    assert_eq!((document.sim.imsi.as_deref(), document.sim.iccid.as_deref()), (Some(IMSI), Some(ICCID)));
}

/// Lists of objects are answered without asking who wants them, and signals go to everybody.
#[tokio::test]
async fn lists_of_objects_carry_no_personal_data() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let peer = raw(&house.listen().await).await;
    let manager = Some("org.freedesktop.DBus.ObjectManager");
    let reply = peer.call_method(None::<&str>, "/", manager, "GetManagedObjects", &()).await.unwrap();
    let objects: Managed = reply.body().deserialize().unwrap();
    let sim = &objects[&OwnedObjectPath::try_from("/org/lpwa/modem/m0").unwrap()]["org.lpwa.Sim1"];
    assert_eq!(sim["State"], OwnedVariant::try_from(zbus::Variant::from("ready")).unwrap());
    let everything = format!("{objects:?}");
    assert!(!everything.contains(IMSI) && !everything.contains(ICCID), "{everything}");
}

#[tokio::test]
async fn a_peer_is_who_the_kernel_says() {
    let (house, _m0, client) = peer(true).await;
    client.enable("m0").await.unwrap();
    let callers = house.callers.lock().unwrap();
    let own = rustix::process::getuid().as_raw();
    assert!(callers.iter().all(|caller| caller.uid == own) && !callers.is_empty(), "{callers:?}");
    let group = rustix::process::getgid().as_raw();
    assert!(callers.iter().all(|caller| caller.groups.contains(&group)), "{callers:?}");
}
