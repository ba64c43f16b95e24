//! The real ModemManager brings a simulated BG95 to `connected`: what we simulate is a modem to others too.
//!
//! On a private bus, without udev and without rights, on the real clock. It fails where ModemManager is not installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod private_bus;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use lpwa::modem::definition::Library;
use lpwa::sim::{Place, Scenario, Simulated};
use private_bus::PrivateBus;
use zbus::connection::Builder;

const NAME: &str = "org.freedesktop.ModemManager1";
const ROOT: &str = "/org/freedesktop/ModemManager1";
/// About 7 s on an idle machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// ModemManager on a bus; it ends with the test.
struct Manager {
    process: Child,
    bus: PrivateBus,
    dir: tempfile::TempDir,
}

impl Manager {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bus = PrivateBus::start(dir.path());
        let log = File::create(dir.path().join("mm.log")).unwrap();
        let process = tool("ModemManager", &bus)
            .args(["--test-session", "--test-enable", "--no-auto-scan", "--test-no-udev", "--debug"])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("ModemManager must be installed: apt-get install modemmanager");
        Self { process, bus, dir }
    }

    fn socket(&self) -> std::path::PathBuf {
        self.dir.path().join("modem")
    }

    fn mmcli(&self, arguments: &[&str]) -> Output {
        let output = tool("mmcli", &self.bus).args(["-m", "any"]).args(arguments).output();
        output.expect("mmcli must be installed: apt-get install modemmanager")
    }

    /// What it said last.
    fn tail(&self) -> String {
        let log = fs::read_to_string(self.dir.path().join("mm.log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// Tells it that a modem which talks AT is at the socket, once it is on the bus.
    async fn give(&self, socket: &Path) {
        let connection = Builder::address(self.bus.address.as_str()).build().await.unwrap();
        let body = ("t0", "generic", vec![socket.to_str().unwrap()]);
        let start = Instant::now();
        while let Err(error) = connection
            .call_method(Some(NAME), ROOT, Some("org.freedesktop.ModemManager1.Test"), "SetProfile", &body)
            .await
        {
            assert!(start.elapsed() < PATIENCE, "{error}\n{}", self.tail());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Asks for data until it is there; the modem takes its time to appear.
    fn connect(&self) {
        let start = Instant::now();
        loop {
            let output = self.mmcli(&["--simple-connect=apn=iot.test"]);
            if output.status.success() {
                return;
            }
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(start.elapsed() < PATIENCE, "{said}\n{}", self.tail());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What `mmcli -K` has under `key`.
    fn value(&self, key: &str) -> String {
        let text = String::from_utf8(self.mmcli(&["-K"]).stdout).unwrap();
        let found = text.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.trim() == key);
        found.unwrap_or_else(|| panic!("no {key} in {text}\n{}", self.tail())).1.trim().to_owned()
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A program that takes our bus for both of its own; Debian has the daemon in /usr/sbin.
fn tool(program: &str, bus: &PrivateBus) -> Command {
    let mut command = Command::new(program);
    command
        .env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()))
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

#[tokio::test]
async fn modem_manager_brings_a_simulated_bg95_to_connected() {
    let scenario: Scenario = "modem = { model = \"quectel-bg95\" }".parse().unwrap();
    let modem = Simulated::new(scenario.build(Library::builtin().get(scenario.model()).unwrap()));
    let manager = Manager::start();
    let place = Place::Unix(manager.socket());
    let work = async {
        manager.give(&manager.socket()).await;
        let manager = tokio::task::spawn_blocking(move || {
            manager.connect();
            assert_eq!(manager.value("modem.generic.state"), "connected", "{}", manager.tail());
            assert_eq!(manager.value("modem.generic.equipment-identifier"), "350000000000006");
            assert_eq!(manager.value("modem.3gpp.registration-state"), "home");
            assert_eq!(manager.value("modem.3gpp.operator-code"), "99970");
        });
        manager.await.unwrap();
    };
    tokio::select! {
        () = work => {}
        ended = modem.serve_at(&place) => panic!("the simulator stopped: {ended:?}"),
    }
    let meter = modem.meter();
    let lines: Vec<&str> = meter.lines().map(|(_, line)| line).collect();
    println!("ModemManager sent {} commands", lines.len());
    assert!(lines.last().is_some_and(|last| last.starts_with("ATD*99***")), "{lines:?}");
}
