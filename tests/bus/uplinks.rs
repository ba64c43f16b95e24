//! `org.lpwa.Uplink1`: what is shown, what is told, what a person may wish.

use lpwa::bus::client::{ClientError, Failure};
use lpwa::modem::handle::ErrorKind;
use lpwa::state::uplink::{Condition, Decision, Member, UplinkState};
use lpwa::uplink::handle::{Uplinks, Use};
use lpwa::uplink::{UplinkError, UplinkHandle};
use tokio::sync::{mpsc, watch};

use crate::house::{House, NOW, eventually, peer, raw};

/// An uplink as its task would offer it.
pub struct Wan {
    state: watch::Sender<UplinkState>,
    wishes: mpsc::Receiver<Use>,
}

pub fn wan(house: &House) -> Wan {
    let member =
        |name: &str, condition| Member { name: name.into(), kind: "lte-m".into(), condition, ..Member::default() };
    let members = vec![member("m0", Condition::Good), member("m1", Condition::Down("the modem is searching".into()))];
    let first = UplinkState { name: "wan".into(), active: Some("m0".into()), members, ..UplinkState::default() };
    let (state, seen) = watch::channel(first);
    let (sender, wishes) = mpsc::channel(1);
    let handle = UplinkHandle { name: "wan".into(), state: seen, wishes: sender };
    house.uplinks.send_replace(Uplinks::from([("wan".to_owned(), handle)]));
    Wan { state, wishes }
}

#[tokio::test]
async fn an_uplink_is_shown_and_its_changes_are_told() {
    let (house, _m0, client) = peer(true).await;
    let mut changes = client.watch_uplinks().await.unwrap();
    assert_eq!(changes.recv().await, Some(vec![]));
    let wan = wan(&house);
    let shown = changes.recv().await.unwrap();
    assert_eq!((shown[0].name.as_str(), shown[0].active.as_deref()), ("wan", Some("m0")));
    assert_eq!(shown[0].members[1].condition_reason.as_deref(), Some("the modem is searching"));
    wan.state.send_modify(|state| {
        state.active = Some("m1".into());
        state.note(Decision { at: NOW, subject: "wan".into(), text: "it goes to m1".into() });
    });
    let shown = changes.recv().await.unwrap();
    assert_eq!((shown[0].active.as_deref(), shown[0].log.len()), (Some("m1"), 1));
    // An uplink that the configuration no longer has.
    house.uplinks.send_replace(Uplinks::new());
    assert_eq!(changes.recv().await, Some(vec![]));
}

#[tokio::test]
async fn properties_are_there_for_other_clients() {
    let (house, _m0, client) = peer(true).await;
    let _wan = wan(&house);
    eventually(async || client.uplinks().await.is_ok_and(|uplinks| uplinks.len() == 1)).await;
    let peer = raw(&house.address()).await;
    let properties = Some("org.freedesktop.DBus.Properties");
    let get = ("org.lpwa.Uplink1", "Active");
    let reply = peer.call_method(None::<&str>, "/org/lpwa/uplink/wan", properties, "Get", &get).await.unwrap();
    let active = String::try_from(reply.body().deserialize::<zbus::OwnedVariant>().unwrap()).unwrap();
    assert_eq!(active, "m0");
}

#[tokio::test]
async fn a_person_may_prefer_a_link() {
    let (house, _m0, client) = peer(true).await;
    let mut wan = wan(&house);
    eventually(async || client.uplinks().await.is_ok_and(|uplinks| uplinks.len() == 1)).await;
    let work = tokio::spawn(async move {
        let mut heard = vec![];
        for answer in [Ok(()), Ok(()), Err(UplinkError::Gone("wan".into()))] {
            let Use { member, reply } = wan.wishes.recv().await.unwrap();
            heard.push(member);
            reply.send(answer).unwrap();
        }
        heard
    });
    client.use_member("wan", "m1").await.unwrap();
    client.use_member("wan", "auto").await.unwrap();
    let gone = client.use_member("wan", "m1").await.unwrap_err();
    assert_eq!(gone.failure, Failure::Request(ErrorKind::Gone));
    assert_eq!(work.await.unwrap(), [Some("m1".to_owned()), None, Some("m1".to_owned())]);
    let ClientError { failure, message } = client.use_member("lan", "m1").await.unwrap_err();
    assert_eq!(failure, Failure::Request(ErrorKind::InvalidArgument));
    assert_eq!(message, "there is no uplink \"lan\"; `lpwa uplink show` has those that there are");
}

#[tokio::test]
async fn strangers_may_look_and_do_not_see_whose_card_it_is() {
    let (house, _m0, client) = peer(false).await;
    let _wan = wan(&house);
    eventually(async || client.uplinks().await.is_ok_and(|uplinks| uplinks.len() == 1)).await;
    assert_eq!(client.use_member("wan", "m1").await.unwrap_err().failure, Failure::NotAuthorized);
    assert_eq!(client.usage().await.unwrap()[0].account, "<redacted>/iot.test");
}
