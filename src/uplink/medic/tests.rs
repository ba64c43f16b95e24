use tokio::sync::mpsc;
use tokio::time::sleep;

use super::*;
use crate::modem::handle::{ErrorKind, Job, Recent, Reply};
use crate::state::uplink::Decision;
use crate::state::{Bearer, ModemState};

/// A modem that does what it is asked for, and tells what that was and when, in seconds.
struct Bench {
    state: watch::Sender<ModemState>,
    blocked: Blocked,
    journal: Journal,
    asked: mpsc::UnboundedReceiver<(u64, Request)>,
    kept: Arc<std::sync::Mutex<Past>>,
    start: Instant,
}

impl Bench {
    fn new(power_cut: Option<PowerCut>, past: Past) -> Self {
        let (state, seen) = watch::channel(ModemState { id: "m0".into(), ..connected() });
        let (jobs, mut queue) = mpsc::channel(16);
        let (tell, asked) = mpsc::unbounded_channel();
        let start = Instant::now();
        tokio::spawn(async move {
            while let Some(job) = queue.recv().await {
                let Job::Do(Request::Unasked(request), _, back) = job else { continue };
                let request = *request;
                let refused = request == Request::Reset;
                tell.send((start.elapsed().as_secs(), request)).unwrap();
                let error = || RequestError {
                    kind: ErrorKind::Denied,
                    modem: "m0".into(),
                    message: "it was restarted an hour ago".into(),
                };
                let _ = back.send(if refused { Err(error()) } else { Ok(Reply::Done) });
            }
        });
        let clock = Clock::fixed(Timestamp(1_795_350_896_789));
        let (blocked, journal): (Blocked, _) = (Arc::new(watch::Sender::new(BTreeSet::new())), Journal::new(clock));
        let kept: Arc<std::sync::Mutex<Past>> = Arc::default();
        let keep = kept.clone();
        tokio::spawn(run(Parts {
            modem: ModemHandle { id: "m0".into(), state: seen, jobs, recent: Recent::default() },
            rules: Rules::default(),
            patience: Duration::from_secs(180),
            power_cut,
            root: PathBuf::from("/"),
            steady: clock,
            past,
            keeper: Some(Box::new(move |past: &Past| {
                *keep.lock().unwrap() = past.clone();
                Ok(())
            })),
            blocked: blocked.subscribe(),
            journal: journal.clone(),
            seed: 7,
        }));
        Self { state, blocked, journal, asked, kept, start }
    }

    async fn until(&mut self, seconds: u64) -> Vec<(u64, Request)> {
        sleep(Duration::from_secs(seconds).saturating_sub(self.start.elapsed())).await;
        std::iter::from_fn(|| self.asked.try_recv().ok()).collect()
    }

    fn log(&self) -> Vec<String> {
        self.journal.watch().borrow().iter().map(|Decision { text, .. }| text.clone()).collect()
    }

    fn block(&self, on: bool) {
        let entry = ("wan".to_owned(), "m0".to_owned());
        self.blocked.send_if_modified(|all| if on { all.insert(entry) } else { all.remove(&entry) });
    }
}

fn connected() -> ModemState {
    let bearers = vec![Bearer::default()];
    ModemState { lifecycle: Lifecycle::Connected, reachability: Reachability::Awake, bearers, ..ModemState::default() }
}

/// Fact T-47: registered, addressed, radio good, and no data gets through.
#[tokio::test(start_paused = true)]
async fn a_blocked_data_path_is_answered_by_everything_but_a_restart() {
    let mut bench = Bench::new(None, Past::default());
    bench.block(true);
    let connect = || Request::Connect(ConnectRequest::default());
    let asked = bench.until(600).await;
    assert_eq!(
        asked,
        [
            (0, connect()),
            (30, Request::Disconnect),
            (30, connect()),
            (90, Request::Reattach),
            (210, Request::Disable),
            (210, connect()),
        ]
    );
    let day = bench.until(7 * 86_400).await;
    assert!(!day.is_empty() && !day.iter().any(|(_, request)| *request == Request::Reset), "{day:?}");
    assert!(bench.log().iter().any(|line| line.contains("all that may be done was done")), "{:#?}", bench.log());
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_is_well_again_is_left_alone() {
    let mut bench = Bench::new(None, Past::default());
    bench.block(true);
    assert_eq!(bench.until(10).await.len(), 1);
    bench.block(false);
    assert_eq!(bench.until(86_400).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_dead_modem_is_given_time_and_then_restarted_and_a_refusal_is_written_down() {
    let mut bench = Bench::new(None, Past::default());
    bench.state.send_modify(|state| {
        (state.lifecycle, state.reachability) = (Lifecycle::Absent, Reachability::Unreachable { overdue: None });
        state.bearers.clear();
    });
    assert_eq!(bench.until(179).await, []);
    assert_eq!(bench.until(300).await, [(180, Request::Enable), (210, Request::Reset)]);
    let log = bench.log();
    assert!(log.contains(&"reset failed after 0s: it was restarted an hour ago".to_owned()), "{log:#?}");
    // What was used is kept: the next life does not restart it within the hour.
    let past = bench.kept.lock().unwrap().clone();
    let mut again = Bench::new(None, past);
    again.state.send_modify(|state| state.reachability = Reachability::Unreachable { overdue: None });
    let asked = again.until(3000).await;
    assert!(!asked.iter().any(|(_, request)| *request == Request::Reset), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sleeping_modem_is_not_dead() {
    let mut bench = Bench::new(None, Past::default());
    bench.state.send_modify(|state| {
        let wakes = crate::state::Wakes::default();
        (state.lifecycle, state.reachability) = (Lifecycle::Absent, Reachability::Asleep { until: None, wakes });
    });
    assert_eq!(bench.until(86_400).await, []);
}

#[tokio::test(start_paused = true)]
async fn the_supply_is_cut_where_that_can_be_done() {
    let root = tempfile::tempdir().unwrap();
    let missing = root.path().join("cut");
    let cut = PowerCut { supply: super::super::supply::Supply::Hook(missing), off: Duration::from_secs(5) };
    let mut bench = Bench::new(Some(cut), Past::default());
    bench.state.send_modify(|state| state.reachability = Reachability::Unreachable { overdue: None });
    bench.until(900).await;
    let log = bench.log();
    assert!(
        log.iter().any(|line| line.starts_with("power-cycle failed") && line.contains("cannot be run")),
        "{log:#?}"
    );
}
