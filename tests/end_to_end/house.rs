//! A directory with a simulator, a daemon and a bus in it, all of which end with the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const LPWA: &str = env!("CARGO_BIN_EXE_lpwa");
/// On a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(180);

/// A modem and a network that need not be waited for long.
pub const QUICK: &str = "modem = { boot = \"1s\" }\nnetwork = { registration-delay = \"200ms\" }\n";

/// Asks until `so` gives something.
#[track_caller]
pub fn eventually<T>(what: &str, mut so: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match so() {
            Ok(value) => return value,
            Err(last) if start.elapsed() > PATIENCE => panic!("not {what} within {PATIENCE:?}: {last}"),
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// A process that ends with the test.
pub struct Process(Child);

impl Process {
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// Waits for the end.
    pub fn ended(&mut self) -> ExitStatus {
        eventually("ended", || self.0.try_wait().unwrap().ok_or_else(|| "it runs".into()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where everything is.
pub struct House {
    pub dir: tempfile::TempDir,
}

impl House {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// `unix:path=` of the daemon's socket.
    pub fn address(&self) -> String {
        format!("unix:path={}", self.path("lpwa.sock").display())
    }

    fn spawn(&self, arguments: &[&str], log: &str) -> Process {
        self.spawn_with(arguments, log, None)
    }

    /// With `programs` before those of the machine.
    fn spawn_with(&self, arguments: &[&str], log: &str, programs: Option<&Path>) -> Process {
        let path = std::env::var("PATH").unwrap_or_default();
        let path = programs.map_or_else(|| path.clone(), |dir| format!("{}:{path}", dir.display()));
        let log = fs::File::options().create(true).append(true).open(self.path(log)).unwrap();
        let child = Command::new(LPWA)
            .args(arguments)
            .env_remove("LPWA_ADDRESS")
            .env("PATH", path)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        Process(child.unwrap())
    }

    /// A modem at `on`, which is found there once this returns.
    pub fn simulate(&self, model: &str, on: &str) -> Process {
        self.simulate_scenario(model, on, QUICK)
    }

    /// The same with a scenario.
    pub fn simulate_scenario(&self, model: &str, on: &str, scenario: &str) -> Process {
        let scenario = self.write("scenario.toml", scenario);
        let arguments = ["simulate", model, "--on", on, "--scenario", scenario.to_str().unwrap()];
        let process = self.spawn(&arguments, "modem.log");
        let path = Path::new(on.trim_start_matches("unix:")).to_owned();
        eventually("there", || path.exists().then_some(()).ok_or_else(|| self.log("modem.log")));
        process
    }

    /// The daemon on its socket alone.
    pub fn daemon(&self, config: &str) -> Process {
        self.daemon_on("none", config)
    }

    /// The daemon on a bus and on its socket.
    pub fn daemon_on(&self, bus: &str, config: &str) -> Process {
        self.daemon_with(bus, config, None)
    }

    /// The daemon on its socket alone, which finds programs in `dir` first.
    #[allow(dead_code, reason = "of the data plane's tests")]
    pub fn daemon_in(&self, config: &str, dir: &Path) -> Process {
        self.daemon_with("none", config, Some(dir))
    }

    fn daemon_with(&self, bus: &str, config: &str, programs: Option<&Path>) -> Process {
        let config = self.write("lpwa.toml", config);
        let arguments = ["daemon", "--config", config.to_str().unwrap(), "--bus", bus, "--listen", &self.address()];
        let process = self.spawn_with(&arguments, "daemon.log", programs);
        eventually("listening", || match self.lpwa(&["list"]).status.code() {
            Some(0) => Ok(()),
            _ => Err(self.log("daemon.log")),
        });
        process
    }

    pub fn log(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The command, at the daemon's socket.
    pub fn lpwa(&self, arguments: &[&str]) -> Output {
        self.lpwa_at(&self.address(), arguments)
    }

    pub fn lpwa_at(&self, address: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(LPWA);
        command.args(["--address", address]).args(arguments).current_dir(self.dir.path()).stdin(Stdio::null());
        command.output().unwrap()
    }

    /// What the command says where it ends with `code`.
    #[track_caller]
    pub fn says(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.lpwa(arguments);
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(code), "lpwa {}: {text}{}", arguments.join(" "), self.log("daemon.log"));
        text
    }

    /// `lpwa --json show m0`.
    pub fn show(&self) -> Result<Value, String> {
        document(&self.lpwa(&["--json", "show", "m0"]))
    }

    /// Waits until the modem is as wanted.
    #[track_caller]
    pub fn wait(&self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        eventually(what, || match self.show() {
            Ok(doc) if so(&doc) => Ok(doc),
            other => Err(format!("{other:#?}\n{}{}", self.log("daemon.log"), self.log("modem.log"))),
        })
    }
}

pub fn document(output: &Output) -> Result<Value, String> {
    match output.status.code() {
        Some(0) => serde_json::from_slice(&output.stdout).map_err(|error| error.to_string()),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Data up, and all that was asked for granted: 1 h / 10 s, 81.92 s.
pub fn is_up(doc: &Value) -> bool {
    let psm = &doc["power"]["psm"]["granted"];
    let edrx = &doc["power"]["edrx"]["granted"];
    doc["state"] == "connected"
        && psm["periodic_tau_s"] == 3600
        && psm["active_time_s"] == 10
        && edrx["cycle_s"] == 81.92
        && doc["bearers"][0]["active"] == true
}

/// A modem at `at`, wanted with 1 h / 10 s, 81.92 s; `more` lines beside.
pub fn config(at: &str, more: &str) -> String {
    format!(
        "[daemon]\nstate_dir = \"state\"\n[retry]\nspacing = \"1s\"\n[[modem]]\nid = \"m0\"\nat = \"{at}\"\napn = \"iot.test\"\n{more}\n\
         power = {{ psm = {{ periodic_tau = \"1h\", active_time = \"10s\" }}, edrx = {{ cycle = \"81.92s\" }} }}\n"
    )
}
