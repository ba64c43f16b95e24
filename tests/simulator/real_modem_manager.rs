//! The real ModemManager, where it is installed, brings a simulated BG95 to `connected`.
//!
//! It runs on a private bus, without udev and without rights, on the real clock.

use std::process::{Command, Output};
use std::time::Duration;

use lpwa::modem::definition::Library;
use lpwa::sim::{Place, Scenario, Simulated};

/// Starts ModemManager, gives it the socket `$1`, connects, prints what it then says of the modem.
const SCRIPT: &str = r#"
export DBUS_SYSTEM_BUS_ADDRESS="$DBUS_SESSION_BUS_ADDRESS"
ModemManager --test-session --test-enable --no-auto-scan --test-no-udev >/dev/null 2>&1 &
manager=$!
gdbus wait --session --timeout 30 org.freedesktop.ModemManager1
gdbus call --session -d org.freedesktop.ModemManager1 -o /org/freedesktop/ModemManager1 \
  -m org.freedesktop.ModemManager1.Test.SetProfile t0 generic "['$1']"
for try in $(seq 60); do
  mmcli -m any --simple-connect=apn=iot.test && break
  sleep 0.5
done
mmcli -m any -K
kill $manager
"#;

/// A shell that looks into /usr/sbin too, which is where Debian has the daemon.
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()));
    command
}

fn is_installed() -> bool {
    let there = |program: &str| {
        let found = command("sh").args(["-c", &format!("command -v {program}")]).output();
        found.is_ok_and(|output| output.status.success())
    };
    ["ModemManager", "mmcli", "gdbus", "dbus-run-session"].into_iter().all(there)
}

#[tokio::test]
async fn it_brings_a_simulated_bg95_to_connected() {
    if !is_installed() {
        eprintln!("skipped: ModemManager, mmcli, gdbus or dbus-run-session is not installed");
        return;
    }
    let scenario: Scenario = include_str!("../../fixtures/scenarios/home.toml").parse().unwrap();
    let modem = Simulated::new(scenario.build(Library::builtin().get(scenario.model()).unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("modem");
    let place = Place::Unix(socket.clone());
    let run = tokio::task::spawn_blocking(move || -> std::io::Result<Output> {
        let socket = socket.to_string_lossy().into_owned();
        command("dbus-run-session").args(["--", "sh", "-c", SCRIPT, "sh", &socket]).output()
    });
    let output = tokio::select! {
        output = run => output.unwrap().unwrap(),
        ended = modem.serve_at(&place) => panic!("the simulator stopped: {ended:?}"),
        () = tokio::time::sleep(Duration::from_secs(90)) => panic!("ModemManager takes over 90 seconds"),
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("no {key} in {text}"));
        line.split_once(": ").map(|(_, value)| value.trim().to_owned())
    };
    assert_eq!(value("modem.generic.state ").as_deref(), Some("connected"), "{text}");
    assert_eq!(value("modem.generic.equipment-identifier").as_deref(), Some("350000000000006"));
    assert_eq!(value("modem.3gpp.registration-state").as_deref(), Some("home"));
    assert_eq!(value("modem.3gpp.operator-code").as_deref(), Some("99970"));
    let meter = modem.meter();
    let lines: Vec<&str> = meter.lines().map(|(_, line)| line).collect();
    assert!(lines.last().is_some_and(|last| last.starts_with("ATD*99***")), "{lines:?}");
}
