//! A simulated modem with its carrier, at a unix socket, on a thread of its own in the namespace of the test.

use std::sync::mpsc;
use std::thread::JoinHandle;

use lpwa::modem::definition::Library;
use lpwa::sim::{Carrier, Place, Scenario, Simulated};
use tokio::sync::oneshot;

/// A modem that goes with the test.
pub struct Modem {
    pub sim: Simulated,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Modem {
    /// With an interface for each context of `interfaces`, such as `wwan0 = 1`; `network` has keys of the network.
    pub fn start(place: Place, interfaces: &str, network: &str) -> Self {
        Self::seeded(place, interfaces, network, 1)
    }

    /// The same with a seed: addresses follow from it.
    pub fn seeded(place: Place, interfaces: &str, network: &str, seed: u64) -> Self {
        let text = format!(
            "seed = {seed}\nmodem = {{ boot = \"1s\" }}\n[carrier]\ninterfaces = {{ {interfaces} }}\n\
             [network]\nregistration-delay = \"200ms\"\n{network}\n"
        );
        Self::of(place, &text)
    }

    /// The modem of a scenario.
    pub fn of(place: Place, text: &str) -> Self {
        let scenario: Scenario = text.parse().unwrap();
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
