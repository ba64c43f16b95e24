//! A simulated modem with its carrier, at a unix socket, on a thread of its own in the namespace of the test.

use std::sync::mpsc;
use std::thread::JoinHandle;

use lpwa::modem::definition::Library;
use lpwa::sim::{Carrier, MbimPort, Place, QmiPort, Scenario, Simulated, Speech};
use tokio::sync::oneshot;

/// What a modem is told in, by the key of the configuration for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    At,
    Qmi,
    Mbim,
}

impl Protocol {
    /// Those that have messages, not lines.
    pub const BINARY: [Self; 2] = [Self::Qmi, Self::Mbim];

    pub const fn key(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Qmi => "qmi",
            Self::Mbim => "mbim",
        }
    }

    const fn speech(self) -> Speech {
        match self {
            Self::At => Speech::At,
            Self::Qmi => Speech::Qmi(QmiPort::Device),
            Self::Mbim => Speech::Mbim(MbimPort::Device),
        }
    }

    /// A model that speaks it, and what it finds on the air.
    const fn model(self) -> (&'static str, &'static str) {
        match self {
            Self::At => ("generic", ""),
            Self::Qmi | Self::Mbim => ("quectel-eg25", "[[network.cell]]\nrat = \"lte\"\n"),
        }
    }
}

/// A modem that goes with the test.
pub struct Modem {
    pub sim: Simulated,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Modem {
    /// With an interface for each context of `interfaces`, such as `wwan0 = 1`; `network` has keys of the network.
    pub fn start(protocol: Protocol, place: Place, interfaces: &str, network: &str) -> Self {
        Self::seeded(protocol, place, interfaces, network, 1)
    }

    /// The same with a seed: addresses follow from it.
    pub fn seeded(protocol: Protocol, place: Place, interfaces: &str, network: &str, seed: u64) -> Self {
        let (model, cells) = protocol.model();
        let text = format!(
            "seed = {seed}\nmodem = {{ model = \"{model}\", boot = \"1s\" }}\n[carrier]\n\
             interfaces = {{ {interfaces} }}\n[network]\nregistration-delay = \"200ms\"\n{network}\n{cells}"
        );
        Self::of(protocol, place, &text)
    }

    /// The modem of a scenario.
    pub fn of(protocol: Protocol, place: Place, text: &str) -> Self {
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
                    end = sim.serve_speech(protocol.speech(), &place) => panic!("{end:?}"),
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
