//! A daemon with one connected modem and no modem behind it, on a socket of its own.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, mpsc as std_mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lpwa::bus::{Exports, serve};
use lpwa::daemon::config::Bus;
use lpwa::modem::handle::{ErrorKind, Job, ModemHandle, Recent, Reply, Request, RequestError, ScannedNetwork};
use lpwa::modem::plan::Planner;
use lpwa::private::Private;
use lpwa::spec::apn::PdpType;
use lpwa::spec::rat::Rat;
use lpwa::spec::registration::Registration;
use lpwa::state::history::History;
use lpwa::state::json::uplink::Account;
use lpwa::state::queue::{Hold, Waiting};
use lpwa::state::uplink::{Allowance, Condition, Decision, Member, UplinkState, Usage};
use lpwa::state::{
    Bearer, Edrx, Known, Lifecycle, ModemState, PsmTimers, Reachability, Reading, Signal, SimState, Timestamp,
};
use lpwa::uplink::handle::{Uplinks, Use};
use lpwa::uplink::{UplinkError, UplinkHandle};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot, watch};

/// A writer whose text can be read afterwards.
#[derive(Clone, Default)]
pub struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs until it is dropped.
pub struct Daemon {
    pub address: String,
    stop: Option<oneshot::Sender<()>>,
    _dir: TempDir,
}

impl Daemon {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let address = format!("unix:path={}/lpwa.sock", dir.path().display());
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = std_mpsc::channel();
        let listen = address.parse().unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let _server = serve(exports(), &Bus::None, Some(&listen)).await.unwrap();
                ready.send(()).unwrap();
                let _ = stopped.await;
            });
        });
        is_ready.recv().unwrap();
        Self { address, stop: Some(stop), _dir: dir }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
    }
}

fn exports() -> Exports {
    let (jobs, queue) = mpsc::channel(16);
    let (state, seen) = watch::channel(connected());
    let recent = Recent::default();
    recent.enter(lately);
    let handle = ModemHandle { id: "m0".into(), state: seen, jobs, recent };
    let (modems, shown) = watch::channel(BTreeMap::from([("m0".to_owned(), handle)]));
    tokio::spawn(async move {
        work(queue, &state).await;
        drop((state, modems));
    });
    Exports {
        modems: shown,
        uplinks: uplinks(),
        usage: Arc::new(|_| vec![account()]),
        reload: mpsc::channel(1).0,
        transcript: Arc::new(|_, _, _| None),
        planner: watch::channel(Arc::new(Planner::new(Arc::default()))).1,
        authority: Arc::new(|_| true),
    }
}

/// An uplink with a wired link that is dead and a modem that stands in for it.
fn uplinks() -> watch::Receiver<Uplinks> {
    let (wishes, mut queue) = mpsc::channel(1);
    let (state, seen) = watch::channel(wan());
    tokio::spawn(async move {
        while let Some(Use { member, reply }) = queue.recv().await {
            let known = member.is_none() || member.as_deref() == Some("eth0");
            state.send_modify(|state| state.pinned = member.clone().filter(|_| known));
            let unknown = || UplinkError::NoMember {
                uplink: "wan".into(),
                member: member.clone().unwrap_or_default(),
                members: "eth0, m0".into(),
            };
            let _ = reply.send(if known { Ok(()) } else { Err(unknown()) });
        }
    });
    let handle = UplinkHandle { name: "wan".into(), state: seen, wishes };
    watch::channel(Uplinks::from([("wan".to_owned(), handle)])).1
}

/// What the uplink is like.
pub fn wan() -> UplinkState {
    let usage = Usage { since: Timestamp(0), received: 61_000_000, sent: 20_000_000, ..Usage::default() };
    let eth0 = Member {
        name: "eth0".into(),
        interface: Some("eth0".into()),
        kind: "wired".into(),
        condition: Condition::NoDataPath("icmp:192.0.2.1: no answer within 3s".into()),
        since: ago(3600 * 3),
        round_trip: Some(Duration::from_millis(12)),
        detection: Duration::from_secs(30),
        probed: 518_400,
        probe_budget: 5_000_000,
        ..Member::default()
    };
    let m0 = Member {
        name: "m0".into(),
        modem: Some("m0".into()),
        interface: Some("wwan0".into()),
        kind: "lte-m".into(),
        condition: Condition::Good,
        since: ago(3600 * 5),
        round_trip: Some(Duration::from_millis(184)),
        detection: Duration::from_secs(900),
        probed: 7200,
        probe_budget: 100_000,
        cost: 5,
        usage: Usage { limit: Some(100_000_000), allowance: Allowance::Low, ..usage },
    };
    let text = "the default route goes to m0: nothing gets through the other link";
    UplinkState {
        name: "wan".into(),
        active: Some("m0".into()),
        since: ago(3600 * 3),
        reason: "nothing gets through the other link".into(),
        members: vec![eth0, m0],
        log: [Decision { at: Timestamp(1_795_350_896_789), subject: "wan".into(), text: text.into() }].into(),
        ..UplinkState::default()
    }
}

fn account() -> Account {
    let usage =
        Usage { since: Timestamp(1_793_491_200_000), received: 61_000_000, sent: 20_000_000, ..Usage::default() };
    Account { account: "<redacted>/iot.test".into(), usage: (&usage).into() }
}

async fn work(mut queue: mpsc::Receiver<Job>, state: &watch::Sender<ModemState>) {
    while let Some(job) = queue.recv().await {
        let (request, answer) = match job {
            Job::Do(request, _, answer) => (request, answer),
            other => {
                wait_for(other, state);
                continue;
            }
        };
        let no = |kind, message: &str| Err(RequestError { kind, modem: "m0".into(), message: message.into() });
        let reply = match request {
            Request::Disable => no(ErrorKind::Denied, "the network says no"),
            Request::Reset => no(ErrorKind::TimedOut, "no answer"),
            Request::Scan => Ok(Reply::Networks(vec![ScannedNetwork {
                status: "current",
                name: "Test Network".into(),
                plmn: "00101".parse().unwrap(),
                rat: Some(Rat::LteM),
            }])),
            Request::At(line, _) if line.reveal() == "AT+CSQ" => {
                Ok(Reply::Lines(vec!["+CSQ: 15,99".into(), "OK".into()]))
            }
            Request::SetPower(wanted) => {
                state.send_modify(|state| {
                    state.power.psm_requested = wanted.psm.unwrap_or(state.power.psm_requested);
                    state.power.edrx_requested = wanted.edrx.unwrap_or(state.power.edrx_requested);
                });
                Ok(Reply::Done)
            }
            Request::At(..) => Ok(Reply::Lines(vec!["+CME ERROR: 30".into()])),
            _ => Ok(Reply::Done),
        };
        let _ = answer.send(reply);
    }
}

/// Requests that are left to the queue, and holds.
fn wait_for(job: Job, state: &watch::Sender<ModemState>) {
    match job {
        Job::Submit(order, back) => {
            let task = order.request.task();
            let item = Waiting { id: 7, task, wake: false, deadline: None, keep: order.keep, entered: ago(3600 * 3) };
            state.send_modify(|state| state.queue.waiting.push(item));
            let _ = back.send(Ok(7));
        }
        Job::Cancel(id, back) => {
            state.send_modify(|state| state.queue.waiting.retain(|item| item.id != id));
            let _ = back.send(Ok(()));
        }
        Job::Hold(reason, end, back) => {
            let hold = Hold { id: 8, reason, since: ago(3600 * 3), granted: true };
            state.send_modify(|state| state.holds.push(hold));
            let _ = back.send(Ok(8));
            // It ends with its owner.
            let state = state.clone();
            tokio::spawn(async move {
                let _ = end.await;
                state.send_modify(|state| state.holds.clear());
            });
        }
        Job::Release(_, back) => {
            state.send_modify(|state| state.holds.clear());
            let _ = back.send(Ok(()));
        }
        // Nobody asks this daemon for anything else.
        _ => {}
    }
}

/// With times that lie in the middle of a column, so that a slow test draws the same.
fn lately(history: &mut History) {
    let edrx = Reachability::Edrx { next: ago(0) };
    for (minutes, reachability) in [(170, Reachability::Awake), (150, edrx), (90, Reachability::Awake), (30, edrx)] {
        history.reached(reachability, ago(minutes * 60 - 150));
    }
    history.reached(Reachability::Awake, ago(10 * 60 - 150));
    for _ in 0..24 {
        history.commanded(ago(170 * 60 - 150));
    }
    history.commanded(ago(10 * 60 - 150));
}

/// Ages are some seconds under a unit's border, so that a slow test prints the same.
fn read<T>(value: T) -> Known<T> {
    Some(Reading::new(value, ago(3600 * 3)))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn ago(seconds: u64) -> Timestamp {
    Timestamp((now() - seconds) * 1000)
}

fn connected() -> ModemState {
    let mut state = ModemState {
        id: "m0".into(),
        lifecycle: Lifecycle::Connected,
        since: ago(3600 * 3),
        reachability: Reachability::Awake,
        definition: "quectel-bg95".into(),
        ..ModemState::default()
    };
    state.identity.manufacturer = read("Quectel".into());
    state.identity.model = read("BG95-M3".into());
    state.identity.imei = read("350000000000006".parse().unwrap());
    state.sim.state = read(SimState::Ready);
    state.sim.imsi = read(Private::new("001010000000001".parse().unwrap()));
    state.sim.pin_retries = read(3);
    state.network.registration = read(Registration::Roaming);
    state.network.rat = read(Rat::LteM);
    state.network.plmn = read("00101".parse().unwrap());
    state.network.operator = read("Test Network".into());
    state.network.tac = read(0x1A2D);
    state.network.cell_id = read(0x0D4F_3C15);
    state.network.band = read(20);
    state.signal =
        Some(Signal { rsrp_dbm: Some(-97.0), rsrq_db: Some(-11.5), read_at: ago(3600 * 3), ..Signal::default() });
    power(&mut state);
    state.bearers = vec![Bearer {
        context: 1,
        apn: "iot.test".parse().unwrap(),
        pdp_type: PdpType::Ipv4,
        active: true,
        addresses: vec!["10.0.0.2".parse().unwrap()],
        gateways: vec![],
        dns: vec!["192.0.2.53".parse().unwrap()],
        mtu: Some(1358),
        interface: None,
    }];
    state
}

fn power(state: &mut ModemState) {
    let seconds = Duration::from_secs;
    let timers = |tau, active| PsmTimers { periodic_tau: Some(seconds(tau)), active_time: seconds(active) };
    state.power.psm_requested = Some(timers(3600, 10));
    state.power.psm_granted = read(Some(timers(10_800, 20)));
    state.power.edrx_requested = Some(Edrx { cycle: Duration::from_millis(20_480), ptw: None });
    state.power.edrx_granted = read(None);
}
