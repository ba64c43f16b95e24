//! A daemon without modems: state is what the test says, requests are answered by the test.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lpwa::bus::client::Client;
use lpwa::bus::{Authority, Caller, Exports, ReloadJob, Server, serve};
use lpwa::daemon::config::{Bus, Listen};
use lpwa::modem::definition::Library;
use lpwa::modem::handle::{ErrorKind, Job, ModemHandle, Recent, Reply, Request, RequestError};
use lpwa::modem::plan::Planner;
use lpwa::private::Private;
use lpwa::spec::apn::PdpType;
use lpwa::spec::cause::Cause;
use lpwa::spec::rat::Rat;
use lpwa::spec::registration::Registration;
use lpwa::state::json::uplink::Account;
use lpwa::state::{self, Bearer, Lifecycle, ModemState, Reading, SimState, Timestamp};
use lpwa::uplink::handle::Uplinks;
use tokio::sync::{mpsc, watch};

pub const IMSI: &str = "001010123456789";
pub const ICCID: &str = "89001012345678901234";
pub const NOW: Timestamp = Timestamp(1_795_350_896_789);

/// What requests are answered with, the next one first.
type Answers = Arc<Mutex<VecDeque<Result<Reply, (ErrorKind, String)>>>>;

/// A modem as its driver would offer it.
pub struct Fake {
    pub state: watch::Sender<ModemState>,
    pub handle: ModemHandle,
    asked: Arc<Mutex<Vec<String>>>,
    answers: Answers,
}

impl Fake {
    pub fn new(id: &str) -> Self {
        let (state, seen) = watch::channel(registered(id));
        let (jobs, queue) = mpsc::channel(16);
        let handle = ModemHandle { id: id.into(), state: seen, jobs, recent: Recent::default() };
        let fake = Self { state, handle, asked: Arc::default(), answers: Arc::default() };
        tokio::spawn(drive(id.to_owned(), queue, fake.asked.clone(), fake.answers.clone()));
        fake
    }

    /// What the next request is answered with, instead of "done".
    pub fn answer(&self, answer: Result<Reply, (ErrorKind, String)>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    /// The requests since the last time, as `Debug` prints them: without secrets.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

async fn drive(modem: String, mut queue: mpsc::Receiver<Job>, asked: Arc<Mutex<Vec<String>>>, answers: Answers) {
    while let Some(job) = queue.recv().await {
        let Job::Do(request, _, back) = job else { continue };
        asked.lock().unwrap().push(revealed(&request));
        let answer = answers.lock().unwrap().pop_front().unwrap_or(Ok(Reply::Done));
        let modem = modem.clone();
        let _ = back.send(answer.map_err(|(kind, message)| RequestError { kind, modem, message }));
    }
}

/// The request with its secrets, which `Debug` hides.
fn revealed(request: &Request) -> String {
    match request {
        Request::At(line, limit) => format!("At({}, {limit:?})", line.reveal()),
        Request::EnterPin(pin) => format!("EnterPin({})", pin.reveal()),
        Request::EnterPuk(puk, pin) => format!("EnterPuk({}, {})", puk.reveal(), pin.reveal()),
        other => format!("{other:?}"),
    }
}

/// Registered, with a card and a signal, and no context.
pub fn registered(id: &str) -> ModemState {
    ModemState {
        id: id.into(),
        lifecycle: Lifecycle::Registered { roaming: false },
        since: NOW,
        definition: "quectel-bg95".into(),
        sim: state::Sim {
            state: Some(Reading::new(SimState::Ready, NOW)),
            iccid: Some(Reading::new(Private::new(ICCID.parse().unwrap()), NOW)),
            imsi: Some(Reading::new(Private::new(IMSI.parse().unwrap()), NOW)),
            pin_retries: Some(Reading::new(3, NOW)),
            ..state::Sim::default()
        },
        network: state::Network {
            registration: Some(Reading::new(Registration::Home, NOW)),
            rat: Some(Reading::new(Rat::LteM, NOW)),
            plmn: Some(Reading::new("00101".parse().unwrap(), NOW)),
            tac: Some(Reading::new(0x1a2d, NOW)),
            reject: Some(Reading::new(Cause::emm(15), NOW)),
            ..state::Network::default()
        },
        signal: Some(state::Signal { rsrp_dbm: Some(-97.3), read_at: NOW, ..state::Signal::default() }),
        ..ModemState::default()
    }
}

pub fn bearer(context: u8, address: &str) -> Bearer {
    let address: IpAddr = address.parse().unwrap();
    Bearer {
        context,
        apn: "iot.test".parse().unwrap(),
        pdp_type: PdpType::Ipv4,
        active: true,
        addresses: vec![address],
        gateways: vec![],
        dns: vec![],
        mtu: Some(1358),
        interface: None,
    }
}

/// The daemon's side of the exports.
pub struct House {
    pub modems: watch::Sender<BTreeMap<String, ModemHandle>>,
    pub uplinks: watch::Sender<Uplinks>,
    pub reloads: mpsc::Receiver<ReloadJob>,
    pub exports: Exports,
    /// Who called, as the authority saw them.
    pub callers: Arc<Mutex<Vec<Caller>>>,
    pub dir: tempfile::TempDir,
    served: Option<Server>,
}

impl House {
    /// `allowed`: whether callers may change things.
    pub fn new(allowed: bool, fakes: &[&Fake]) -> Self {
        let handles = fakes.iter().map(|fake| (fake.handle.id.clone(), fake.handle.clone())).collect();
        let (modems, seen) = watch::channel(handles);
        let (reload, reloads) = mpsc::channel(1);
        let callers: Arc<Mutex<Vec<Caller>>> = Arc::default();
        let log = callers.clone();
        let authority: Authority = Arc::new(move |caller| {
            log.lock().unwrap().push(caller.clone());
            allowed
        });
        let transcript = Arc::new(|id: &str, span: Duration, redacted| {
            (id == "m0").then(|| format!("lpwa-transcript 1\nmodel {id} {span:?} {redacted}\n"))
        });
        let planner = watch::channel(Arc::new(Planner::new(Arc::new(Library::builtin())))).1;
        let (uplinks, uplinks_seen) = watch::channel(Uplinks::new());
        let usage = Arc::new(|reveal| {
            let account = if reveal { format!("{ICCID}/iot.test") } else { "<redacted>/iot.test".into() };
            vec![Account { account, ..Account::default() }]
        });
        let exports = Exports { modems: seen, uplinks: uplinks_seen, usage, reload, transcript, planner, authority };
        Self { modems, uplinks, reloads, exports, callers, dir: tempfile::tempdir().unwrap(), served: None }
    }

    /// Serves on a socket, and gives its address.
    pub async fn listen(&mut self) -> String {
        let listen: Listen = self.address().parse().unwrap();
        self.served = Some(serve(self.exports.clone(), &Bus::None, Some(&listen)).await.unwrap());
        self.address()
    }

    /// The address of the socket.
    pub fn address(&self) -> String {
        format!("unix:path={}", self.dir.path().join("lpwa.sock").display())
    }

    /// Serves on the bus at `address`.
    pub async fn join(&mut self, address: &str) {
        let bus = Bus::Address(address.into());
        self.served = Some(serve(self.exports.clone(), &bus, None).await.unwrap());
    }

    /// Stops serving.
    pub fn stop(&mut self) {
        self.served = None;
    }
}

/// A daemon with the modem `m0`, and a client connected to its socket.
pub async fn peer(allowed: bool) -> (House, Fake, Client) {
    let m0 = Fake::new("m0");
    let mut house = House::new(allowed, &[&m0]);
    let client = Client::connect(Some(&house.listen().await)).await.unwrap();
    (house, m0, client)
}

/// A peer that speaks D-Bus by hand.
pub async fn raw(address: &str) -> zbus::Connection {
    zbus::connection::Builder::address(address).p2p().build().await.unwrap()
}

/// Two answers later the daemon has told what it knew at the first: it serves a connection in order.
pub async fn sync(peer: &zbus::Connection) {
    for _ in 0..4 {
        let interface = Some("org.lpwa.Manager1");
        peer.call_method(None::<&str>, "/org/lpwa", interface, "ListModems", &()).await.unwrap();
    }
}

/// Asks until it is so: what the daemon does in its own time.
pub async fn eventually(mut so: impl AsyncFnMut() -> bool) {
    let asking = async { while !so().await {} };
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("it never came about");
}

/// A private bus; it ends with the value.
pub struct PrivateBus {
    process: std::process::Child,
    pub address: String,
}

impl PrivateBus {
    /// Starts a real `dbus-daemon` with the policy that is shipped.
    pub fn start(dir: &Path) -> Self {
        let address = format!("unix:path={}", dir.join("bus").display());
        let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("dbus/org.lpwa.conf");
        let config = format!(
            r#"<busconfig>
                 <type>lpwa-test</type>
                 <listen>{address}</listen>
                 <auth>EXTERNAL</auth>
                 <policy context="default">
                   <allow user="*"/>
                   <allow own="*"/>
                   <allow send_type="signal"/>
                   <allow send_requested_reply="true"/>
                   <allow receive_type="method_call"/>
                   <allow receive_type="method_return"/>
                   <allow receive_type="error"/>
                   <allow receive_type="signal"/>
                   <allow send_destination="org.freedesktop.DBus"/>
                 </policy>
                 <include>{}</include>
               </busconfig>"#,
            policy.display()
        );
        let file = dir.join("bus.conf");
        std::fs::write(&file, config).unwrap();
        let mut process = std::process::Command::new("dbus-daemon")
            .args(["--nofork", "--print-address=1", "--config-file"])
            .arg(&file)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("dbus-daemon must be installed: apt-get install dbus-daemon");
        // The line comes when the bus listens.
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stdout.take().unwrap()), &mut line).unwrap();
        assert!(line.starts_with(&address), "{line:?}");
        Self { process, address }
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
