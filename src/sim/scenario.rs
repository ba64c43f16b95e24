//! Scenarios: a modem, its card, the network around it and what goes wrong, as a TOML file.
//!
//! `docs/simulator.md` explains every key.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::modem::definition::Definition;

use super::card::Card;
use super::carrier::CarrierSettings;
use super::event::Event;
use super::fault::{Fault, FaultKind};
use super::inbox::{Message, some_pdu};
use super::modem::SimModem;
use super::network::{Network, Reject};
use super::path::Path;
use super::profile::ModemProfile;
use super::text::{some_span, span};

/// The shortest period of an event: a shorter one would keep the simulator busy with nothing else.
const MIN_PERIOD: Duration = Duration::from_millis(100);

/// A scenario, read and checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// What it is about, for people.
    pub title: String,
    /// Fixes jitter, noise and addresses.
    pub seed: u64,
    /// The modem.
    pub modem: ModemProfile,
    /// Its card.
    pub sim: Card,
    /// The card in its second slot; left out: it has one slot.
    pub second_sim: Option<Card>,
    /// The network around it.
    pub network: Network,
    /// Interfaces, and what is beyond them.
    pub carrier: CarrierSettings,
    /// Short messages that it holds at the start.
    #[serde(rename = "message")]
    pub messages: Vec<Message>,
    #[serde(rename = "event")]
    events: Vec<EventEntry>,
    #[serde(rename = "fault")]
    faults: Vec<Fault>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            title: "A home network".into(),
            seed: 1,
            modem: ModemProfile::default(),
            sim: Card::default(),
            second_sim: None,
            network: Network::default(),
            carrier: CarrierSettings::default(),
            messages: Vec::new(),
            events: Vec::new(),
            faults: Vec::new(),
        }
    }
}

/// An event as a file writes it: when, and exactly one of the others.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct EventEntry {
    #[serde(deserialize_with = "span")]
    at: Duration,
    #[serde(deserialize_with = "some_span")]
    every: Option<Duration>,
    coverage: Option<bool>,
    rsrp: Option<f32>,
    context_lost: Option<u8>,
    detach: Option<bool>,
    reject: Option<Reject>,
    accept: Option<bool>,
    traffic: Option<bool>,
    path: Option<Path>,
    card: Option<bool>,
    wake: Option<bool>,
    reboot: Option<bool>,
    notice: Option<String>,
    /// PDU of a short message, in hexadecimal digits.
    #[serde(deserialize_with = "some_pdu")]
    message: Option<Vec<u8>>,
}

impl EventEntry {
    /// The one event of the entry; `None`: there is none, or more than one.
    fn event(&self) -> Option<Event> {
        let flag = |flag: Option<bool>, event: Event| flag.filter(|on| *on).map(|_| event);
        let mut events = [
            self.coverage.map(Event::Coverage),
            self.rsrp.map(Event::Rsrp),
            self.context_lost.map(Event::ContextLost),
            flag(self.detach, Event::Detach),
            self.reject.map(|reject| Event::Reject(Some(reject))),
            flag(self.accept, Event::Reject(None)),
            flag(self.traffic, Event::Traffic),
            self.path.map(Event::Path),
            self.card.map(Event::Card),
            flag(self.wake, Event::Wake),
            flag(self.reboot, Event::Reboot),
            self.notice.clone().map(Event::Notice),
            self.message.clone().map(|pdu| Event::Message(Message { pdu, read: false })),
        ]
        .into_iter()
        .flatten();
        events.next().filter(|_| events.next().is_none())
    }
}

/// The text is no scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// The TOML is wrong, or a key or value is.
    #[error("line {line}: {message}; docs/simulator.md lists what a scenario may say")]
    Toml {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// An event says nothing, or two things.
    #[error(
        "event {0} needs exactly one of coverage, rsrp, context-lost, detach, reject, accept, traffic, path, card, wake, reboot, notice, message"
    )]
    Event(usize),
    /// An event repeats without end.
    #[error("event {0} comes again every {1:?}; 100ms is the shortest period")]
    Period(usize, Duration),
    /// A fault has no place, or two.
    #[error("fault {0} needs either command = <number from 1> or at = <time>")]
    Fault(usize),
    /// A setup line is no command.
    #[error("{0:?} of modem.setup is no command line; it has to start with AT")]
    Setup(String),
}

impl std::str::FromStr for Scenario {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::Toml {
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            message: error.message().trim_end_matches('\n').replace('\n', " "),
        })?;
        scenario.check()?;
        Ok(scenario)
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

impl Scenario {
    fn check(&self) -> Result<(), ScenarioError> {
        for (number, entry) in (1..).zip(&self.events) {
            entry.event().ok_or(ScenarioError::Event(number))?;
            if let Some(every) = entry.every.filter(|every| *every < MIN_PERIOD) {
                return Err(ScenarioError::Period(number, every));
            }
        }
        for (number, fault) in (1..).zip(&self.faults) {
            let placed = fault.command.is_some_and(|n| n > 0) ^ fault.at.is_some();
            if !placed {
                return Err(ScenarioError::Fault(number));
            }
        }
        let no_command = |line: &&String| !line.get(..2).is_some_and(|at| at.eq_ignore_ascii_case("AT"));
        match self.modem.setup.iter().find(no_command) {
            Some(line) => Err(ScenarioError::Setup(line.clone())),
            None => Ok(()),
        }
    }

    /// The name of the model file that the modem obeys.
    pub fn model(&self) -> &str {
        &self.modem.model
    }

    /// Adds a fault.
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// The modem of the scenario, on and ready at time 0, unless the scenario says otherwise.
    pub fn build(&self, definition: Arc<Definition>) -> SimModem {
        let (profile, card, network) = (self.modem.clone(), self.sim.clone(), self.network.clone());
        let mut modem = SimModem::new(definition, profile, card, network, self.seed);
        modem.hold(self.second_sim.clone(), &self.messages);
        for entry in &self.events {
            if let Some(event) = entry.event() {
                modem.schedule(entry.at, event, entry.every);
            }
        }
        self.faults.iter().for_each(|fault| modem.add_fault(*fault));
        modem
    }

    /// The same with `kind` at every command line from 1 to `commands` in turn: one scenario for each.
    pub fn with_fault_at_each(&self, kind: FaultKind, commands: u64) -> impl Iterator<Item = (u64, Self)> {
        (1..=commands).map(move |n| (n, self.clone().with_fault(Fault::at_command(kind, n))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Scenario>().unwrap_err().to_string()
    }

    #[test]
    fn an_empty_scenario_is_a_home_network() {
        let scenario: Scenario = "".parse().unwrap();
        assert_eq!(scenario, Scenario::default());
        assert_eq!(scenario.model(), "generic");
    }

    #[test]
    fn errors_name_the_line_and_what_to_do() {
        assert!(error("[modem]\nmodle = \"x\"").starts_with("line 2: unknown field `modle`"), "wrong key");
        assert!(error("[sim]\npin-tries = 3\n\nimsi = \"12\"").starts_with("line 4: no IMSI"), "wrong value");
        assert!(error("[network]\nrrc-release = \"10\"").starts_with("line 2: \"10\" is no length of time"));
        assert!(error("[[event]]\nat = \"1s\"").starts_with("event 1 needs exactly one of"));
        assert!(
            error("[[event]]\nat = \"1s\"\ncoverage = false\nrsrp = -90.0").starts_with("event 1 needs exactly one")
        );
        assert!(error("[[event]]\nat = \"1s\"\nevery = \"1ms\"\ntraffic = true").contains("100ms is the shortest"));
        assert!(error("[[fault]]\nkind = \"hang\"").starts_with("fault 1 needs either"));
        assert!(error("[[fault]]\nkind = \"explode\"\ncommand = 1").starts_with("line 2: unknown variant"));
        assert!(error("[modem]\nsetup = [\"CPSMS\"]").contains("has to start with AT"));
        assert!(error("seed = ").starts_with("line 1: "));
    }
}
