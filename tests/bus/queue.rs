//! Requests with a say in when, the queue, and holds that end with their owners.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use lpwa::bus::client::{Answered, Client, Failure};
use lpwa::modem::handle::{
    ErrorKind, Job, ModemHandle, Order, PowerRequest, Reply, Request, RequestError, ScannedNetwork, When,
};
use lpwa::state::queue::{Ended, Hold, Outcome, Task, Waiting};
use lpwa::state::{PsmTimers, Reachability, Timestamp, Wakes};
use tokio::sync::{mpsc, oneshot};
use zbus::{Message, MessageStream, OwnedVariant};

use crate::house::{Fake, House, NOW, PrivateBus, peer, raw, sync};

/// A modem whose jobs the test answers.
fn by_hand() -> (Fake, mpsc::Receiver<Job>) {
    let (jobs, queue) = mpsc::channel(4);
    let mut m0 = Fake::new("m0");
    m0.handle = ModemHandle { jobs, ..m0.handle };
    (m0, queue)
}

async fn served(m0: &Fake) -> (House, Client) {
    let mut house = House::new(true, &[m0]);
    let client = Client::connect(Some(&house.listen().await)).await.unwrap();
    (house, client)
}

fn power() -> Request {
    let psm = PsmTimers { periodic_tau: Some(Duration::from_secs(3600)), active_time: Duration::from_secs(10) };
    Request::SetPower(PowerRequest { psm: Some(Some(psm)), edrx: Some(None), ..PowerRequest::default() })
}

#[tokio::test]
async fn a_request_says_when() {
    let (m0, mut queue) = by_hand();
    let (_house, client) = served(&m0).await;
    let half_an_hour = Duration::from_secs(1800);
    for (when, wanted) in [
        (None, When::Cached),
        (Some(When::Wake), When::Wake),
        (Some(When::Wait), When::Wait),
        (Some(When::Within(half_an_hour)), When::Within(half_an_hour)),
    ] {
        let answer = async {
            let Some(Job::Do(Request::ReadSignal, when, reply)) = queue.recv().await else { panic!("a request") };
            reply.send(Ok(Reply::Cached(NOW))).unwrap();
            when
        };
        let (answered, when) = tokio::join!(client.ask("m0", &Request::ReadSignal, when), answer);
        assert_eq!(when, wanted);
        assert_eq!(answered, Ok(Answered { read_at: Some(NOW), ..Answered::default() }));
    }
}

#[tokio::test]
async fn a_request_is_left_to_the_queue_and_asked_after() {
    let (m0, mut queue) = by_hand();
    let (_house, client) = served(&m0).await;
    let wanted = power();
    let submit = async {
        let Some(Job::Submit(order, back)) = queue.recv().await else { panic!("an order") };
        back.send(Ok(7)).unwrap();
        order
    };
    let (id, order) = tokio::join!(client.submit("m0", &wanted, Some(When::Wait), true), submit);
    assert_eq!((id, order), (Ok(7), Order { request: power(), when: When::Wait, keep: true }));

    let found = ScannedNetwork { status: "current", name: "Test".into(), plmn: "00101".parse().unwrap(), rat: None };
    for (reply, lines, networks) in
        [(Reply::Lines(vec!["OK".into()]), 1, 0), (Reply::Networks(vec![found]), 0, 1), (Reply::Done, 0, 0)]
    {
        let tell = async {
            let Some(Job::Await(7, back)) = queue.recv().await else { panic!("a question") };
            back.send(Ok(reply)).unwrap();
        };
        let (answered, ()) = tokio::join!(client.result("m0", 7), tell);
        let answered = answered.unwrap();
        assert_eq!((answered.lines.len(), answered.networks.len(), answered.read_at), (lines, networks, None));
    }

    let cancel = async {
        let Some(Job::Cancel(7, back)) = queue.recv().await else { panic!("a request") };
        let message = "it is too late".to_owned();
        back.send(Err(RequestError { kind: ErrorKind::Cancelled, modem: "m0".into(), message })).unwrap();
    };
    let (refused, ()) = tokio::join!(client.cancel("m0", 7), cancel);
    assert_eq!(refused.unwrap_err().failure, Failure::Request(ErrorKind::Cancelled));
}

#[tokio::test]
async fn a_waiting_caller_is_not_kept_over_a_restart() {
    let (house, m0, _client) = peer(true).await;
    let peer = raw(&house.address()).await;
    let none = HashMap::<&str, zbus::Variant<'_>>::new();
    let keep: HashMap<&str, zbus::Variant<'_>> = [("keep", true.into())].into();
    let queue = Some("org.lpwa.Queue1");
    let call = peer.call_method(None::<&str>, "/org/lpwa/modem/m0", queue, "Do", &("scan", none, keep)).await;
    let zbus::Error::MethodError(name, ..) = call.unwrap_err() else { panic!("a method error") };
    assert_eq!((name.as_str(), m0.asked()), ("org.lpwa.Error.InvalidArgument", vec![]));
}

#[tokio::test]
async fn strangers_neither_queue_nor_hold() {
    let (_house, m0, client) = peer(false).await;
    let refused = |error: lpwa::bus::client::ClientError| assert_eq!(error.failure, Failure::NotAuthorized);
    refused(client.ask("m0", &Request::ReadSignal, None).await.unwrap_err());
    refused(client.submit("m0", &power(), None, false).await.unwrap_err());
    refused(client.result("m0", 1).await.unwrap_err());
    refused(client.cancel("m0", 1).await.unwrap_err());
    refused(client.hold("m0", "a test").await.unwrap_err());
    refused(client.release("m0", 1).await.unwrap_err());
    assert_eq!(m0.asked(), [] as [&str; 0]);
}

/// The signals of the queue that a peer received so far: number, outcome, reason.
async fn ended(peer: &zbus::Connection, stream: &mut MessageStream) -> Vec<(u64, String, String)> {
    sync(peer).await;
    let mut told = vec![];
    while let Some(message) = stream.next().now_or_never() {
        let message: Message = message.unwrap().unwrap();
        if message.header().member().is_some_and(|member| member == "Ended") {
            told.push(message.body().deserialize().unwrap());
        }
    }
    told
}

#[tokio::test]
async fn the_queue_is_shown_and_each_end_is_told_once() {
    let m0 = Fake::new("m0");
    let mut house = House::new(true, &[&m0]);
    let peer = raw(&house.listen().await).await;
    let mut stream = MessageStream::from(&peer);
    ended(&peer, &mut stream).await;
    let deadline = Some(Timestamp(NOW.0 + 60_000));
    let item = Waiting { id: 3, task: Task::SetPower, wake: false, deadline, keep: true, entered: NOW };
    let end = |id, outcome, reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        Ended { id, task: Task::At, outcome, reason, at: NOW }
    };
    m0.state.send_modify(|state| {
        state.queue.waiting = vec![item];
        state.queue.ended = vec![end(1, Outcome::Delivered, None), end(2, Outcome::Expired, Some("too late"))];
    });
    let told = [(1, "delivered".into(), String::new()), (2, "expired".into(), "too late".into())];
    assert_eq!(ended(&peer, &mut stream).await, told);
    m0.state.send_modify(|state| {
        state.queue.waiting.clear();
        state.queue.ended.push(end(3, Outcome::Failed, Some("no")));
    });
    assert_eq!(ended(&peer, &mut stream).await, [(3, "failed".into(), "no".into())]);

    m0.state.send_modify(|state| {
        state.queue.waiting = vec![item];
        state.holds = vec![Hold { id: 4, reason: "a test".into(), since: NOW, granted: true }];
    });
    let lists = async |interface: &str, name: &str| {
        let properties = Some("org.freedesktop.DBus.Properties");
        let body = (interface, name);
        let reply = peer.call_method(None::<&str>, "/org/lpwa/modem/m0", properties, "Get", &body).await.unwrap();
        let list: OwnedVariant = reply.body().deserialize().unwrap();
        let mut list = Vec::<BTreeMap<String, OwnedVariant>>::try_from(list).unwrap();
        assert_eq!(list.len(), 1);
        list.remove(0)
            .into_iter()
            .map(|(key, value)| format!("{key} {value:?}").replace("OwnedVariant(", "").replace("))", ")"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let shown = lists("org.lpwa.Queue1", "Items").await;
    for part in
        ["id U64(3)", "set-power", "keep Bool(true)", "wake Bool(false)", &format!("deadline U64({})", NOW.0 + 60_000)]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let shown = lists("org.lpwa.Power1", "Holds").await;
    assert!(shown.contains("a test") && shown.contains("granted Bool(true)"), "{shown}");
}

/// Grants the next hold as number 9; its life line comes back.
async fn grant(queue: &mut mpsc::Receiver<Job>) -> oneshot::Receiver<Infallible> {
    let Some(Job::Hold(reason, end, back)) = queue.recv().await else { panic!("a hold") };
    assert_eq!(reason, "firmware update");
    back.send(Ok(9)).unwrap();
    end
}

async fn ends(end: oneshot::Receiver<Infallible>) {
    let ended = tokio::time::timeout(Duration::from_secs(30), end).await;
    assert!(ended.expect("the hold outlives its owner").is_err());
}

#[tokio::test]
async fn a_hold_ends_with_its_owner() {
    let (m0, mut queue) = by_hand();
    let (house, client) = served(&m0).await;
    let other = Client::connect(Some(&house.address())).await.unwrap();
    let (held, mut end) = tokio::join!(client.hold("m0", "firmware update"), grant(&mut queue));
    assert_eq!(held, Ok(9));
    // Somebody else who leaves changes nothing.
    drop(other);
    client.version().await.unwrap();
    assert!(end.try_recv() == Err(oneshot::error::TryRecvError::Empty));
    drop(client);
    ends(end).await;
}

#[tokio::test]
async fn a_hold_that_is_waited_for_ends_with_its_owner_too() {
    let (m0, mut queue) = by_hand();
    let (_house, client) = served(&m0).await;
    let waiting = tokio::spawn(async move { client.hold("m0", "firmware update").await });
    let Some(Job::Hold(_, end, _back)) = queue.recv().await else { panic!("a hold") };
    waiting.abort();
    ends(end).await;
}

#[tokio::test]
async fn a_hold_over_a_bus_ends_with_its_owner() {
    let (m0, mut queue) = by_hand();
    let mut house = House::new(true, &[&m0]);
    let bus = PrivateBus::start(house.dir.path());
    house.join(&bus.address).await;
    let client = Client::connect(Some(&bus.address)).await.unwrap();
    let other = Client::connect(Some(&bus.address)).await.unwrap();
    let (held, mut end) = tokio::join!(client.hold("m0", "firmware update"), grant(&mut queue));
    assert_eq!(held, Ok(9));
    drop(other);
    client.version().await.unwrap();
    assert!(end.try_recv() == Err(oneshot::error::TryRecvError::Empty));
    drop(client);
    ends(end).await;
}

#[tokio::test]
async fn a_hold_is_released_by_its_number() {
    let (m0, mut queue) = by_hand();
    let (_house, client) = served(&m0).await;
    let (held, end) = tokio::join!(client.hold("m0", "firmware update"), grant(&mut queue));
    let release = async {
        let Some(Job::Release(id, back)) = queue.recv().await else { panic!("a release") };
        drop(end);
        back.send(Ok(())).unwrap();
        id
    };
    let (done, id) = tokio::join!(client.release("m0", held.unwrap()), release);
    assert_eq!((done, id), (Ok(()), 9));
}

#[tokio::test]
async fn a_hold_without_a_reason_is_refused() {
    let (_house, m0, client) = peer(true).await;
    for reason in ["", "two\nlines", &"x".repeat(201)] {
        let error = client.hold("m0", reason).await.unwrap_err();
        assert_eq!(error.failure, Failure::Request(ErrorKind::InvalidArgument), "{reason:?}");
    }
    assert_eq!(m0.asked(), [] as [&str; 0]);
}

#[tokio::test]
async fn what_a_modem_did_lately_is_for_everybody() {
    let m0 = Fake::new("m0");
    let at = |seconds| NOW.after(Duration::from_secs(seconds));
    m0.handle.recent.enter(|history| {
        history.reached(Reachability::Awake, at(0));
        history.reached(Reachability::Asleep { until: None, wakes: Wakes::Pwrkey }, at(30));
        history.reached(Reachability::Connected, at(3600));
        [1, 2, 3, 3601].into_iter().for_each(|seconds| history.commanded(at(seconds)));
    });
    let mut house = House::new(false, &[&m0]);
    let client = Client::connect(Some(&house.listen().await)).await.unwrap();
    let since = async |seconds| {
        let timeline = client.timeline("m0", at(seconds)).await.unwrap();
        let names: Vec<_> = timeline.changes.into_iter().map(|change| (change.at.0, change.reachability)).collect();
        let sent: Vec<_> = timeline.commands.iter().map(|sent| (sent.at.0, sent.until.0, sent.count)).collect();
        (names, sent)
    };
    let named = |seconds, name: &str| (at(seconds), name.to_owned());
    let all = vec![named(0, "awake"), named(30, "asleep"), named(3600, "connected")];
    assert_eq!(since(0).await, (all, vec![(at(1), at(3), 3), (at(3601), at(3601), 1)]));
    // What held at that time comes first.
    let later = vec![named(30, "asleep"), named(3600, "connected")];
    assert_eq!(since(60).await, (later, vec![(at(3601), at(3601), 1)]));
}
