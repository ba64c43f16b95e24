//! A simulated modem with its carrier, at a unix socket, on a thread of its own in the namespace of the test.

use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use lpwa::modem::definition::Library;
use lpwa::sim::{Carrier, Place, Scenario, Simulated};
use tokio::sync::oneshot;

use crate::house::QUICK;

/// A modem that goes with the test.
pub struct Modem {
    pub sim: Simulated,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Modem {
    /// With an interface for each context of `interfaces`, such as `wwan0 = 1`; `more` lines of the scenario.
    pub fn start(at: &Path, interfaces: &str, more: &str) -> Self {
        let text = format!("{QUICK}carrier = {{ interfaces = {{ {interfaces} }} }}\n{more}");
        let scenario: Scenario = text.parse().unwrap();
        let place = Place::Unix(at.to_owned());
        let (stop, stopped) = oneshot::channel();
        let (started, is_started) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let definition = Library::builtin().get(scenario.model()).unwrap();
                let sim = Simulated::new(scenario.build(definition));
                let _carrier = Carrier::start(&scenario.carrier, sim.clone()).unwrap();
                started.send(sim.clone()).unwrap();
                tokio::select! {
                    end = sim.serve_at(&place) => panic!("{end:?}"),
                    _ = stopped => {}
                }
            });
        });
        let sim = is_started.recv().expect("the modem starts");
        Self { sim, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
