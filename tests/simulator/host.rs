//! A host that talks to a simulated modem: no I/O, and time passes as it likes.

use std::sync::OnceLock;
use std::time::Duration;

use lpwa::modem::definition::Library;
use lpwa::sim::{Scenario, SimModem};

/// The host's end of the line.
pub struct Host {
    pub modem: SimModem,
    pub now: Duration,
    /// Everything that came, as it came.
    pub raw: Vec<u8>,
}

const FINALS: [&str; 4] = ["OK", "ERROR", "NO CARRIER", "CONNECT"];

impl Host {
    /// A host on the modem of a scenario, written as TOML.
    pub fn on(scenario: &str) -> Self {
        let scenario: Scenario = scenario.parse().unwrap_or_else(|e| panic!("{e}"));
        static LIBRARY: OnceLock<Library> = OnceLock::new();
        let library = LIBRARY.get_or_init(Library::builtin);
        let definition = library.get(scenario.model()).expect("the model file is there");
        Self { modem: scenario.build(definition), now: Duration::ZERO, raw: Vec::new() }
    }

    /// A host on a BG95 at home, with more of a scenario.
    pub fn bg95(rest: &str) -> Self {
        let mut host = Self::on(&format!("{rest}\n[modem]\nmodel = \"quectel-bg95\"\nboot = \"3s\""));
        host.ask("ATE0");
        host
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.modem.receive(self.now, bytes);
    }

    /// What comes until `until` after the start.
    pub fn read_until(&mut self, until: Duration) -> String {
        let start = self.raw.len();
        loop {
            self.raw.extend(self.modem.poll(self.now).unwrap_or_default());
            match self.modem.deadline().filter(|at| *at <= until) {
                Some(at) => self.now = self.now.max(at),
                None => break,
            }
        }
        self.now = self.now.max(until);
        String::from_utf8_lossy(&self.raw[start..]).into_owned()
    }

    /// Lines that come within `seconds`.
    pub fn wait(&mut self, seconds: u64) -> Vec<String> {
        let text = self.read_until(self.now + Duration::from_secs(seconds));
        lines(&text)
    }

    /// Sends a command line; what comes up to its final result, at most ten minutes later.
    pub fn ask(&mut self, line: &str) -> Vec<String> {
        self.send(format!("{line}\r").as_bytes());
        self.answer()
    }

    /// What comes up to the next final result, at most ten minutes from now.
    pub fn answer(&mut self) -> Vec<String> {
        let (start, end) = (self.raw.len(), self.now + Duration::from_secs(600));
        loop {
            self.raw.extend(self.modem.poll(self.now).unwrap_or_default());
            let seen = lines(&String::from_utf8_lossy(&self.raw[start..]));
            if seen.iter().any(|line| is_final(line)) {
                return seen;
            }
            match self.modem.deadline().filter(|at| *at <= end) {
                Some(at) => self.now = self.now.max(at),
                None => return seen,
            }
        }
    }

    /// The answer up to its `OK`; panics if the result is another.
    pub fn get(&mut self, line: &str) -> Vec<String> {
        let mut answer = self.ask(line);
        let ok = answer.iter().position(|line| line == "OK");
        answer.truncate(ok.unwrap_or_else(|| panic!("{line}: {answer:?}")));
        answer
    }

    /// Whether a command line is answered with `OK`.
    pub fn ok(&mut self, line: &str) -> bool {
        self.ask(line).last().is_some_and(|last| last == "OK")
    }

    /// Waits until the modem is registered; panics if it does not happen within ten minutes.
    pub fn register(&mut self) {
        for _ in 0..600 {
            self.wait(1);
            if self.get("AT+CGATT?") == ["+CGATT: 1"] {
                return;
            }
        }
        panic!("not registered in ten minutes");
    }
}

fn is_final(line: &str) -> bool {
    FINALS.iter().any(|f| line == *f || line.starts_with("CONNECT ")) || line.starts_with("+CME ERROR: ")
}

/// The lines of a text that are not empty.
pub fn lines(text: &str) -> Vec<String> {
    text.split(['\r', '\n']).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
