//! The managers that are compared: real programs, each on a bus or socket of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::Case;

/// A program that manages a modem. It ends when it is dropped.
pub trait Manager {
    const NAME: &'static str;

    /// Starts it on the modem at `socket`; `folder` is for its files.
    fn start(folder: &Path, socket: &Path, case: &Case) -> Self;

    /// What it says of the modem; `None`: that there is none.
    fn state(&mut self) -> Option<String>;
}

/// `lpwa daemon`.
pub struct Lpwa {
    program: PathBuf,
    daemon: Child,
    address: String,
}

const LPWA: &str = env!("CARGO_BIN_EXE_lpwa");

impl Manager for Lpwa {
    const NAME: &'static str = "lpwa";

    fn start(folder: &Path, socket: &Path, case: &Case) -> Self {
        let config = folder.join("lpwa.toml");
        let modem = format!("at = \"unix:{}\"\napn = \"iot.test\"\npower = {}", socket.display(), case.power);
        std::fs::write(&config, format!("[daemon]\nlog = \"warn\"\n[[modem]]\nid = \"m0\"\n{modem}\n")).unwrap();
        let address = format!("unix:path={}", folder.join("lpwa.sock").display());
        // A copy: whoever builds meanwhile replaces the original.
        let program = folder.join("lpwa");
        std::fs::copy(LPWA, &program).unwrap();
        let mut command = Command::new(&program);
        command.args(["daemon", "--bus", "none", "--listen", &address, "--config"]).arg(config);
        let daemon = command.stdin(Stdio::null()).spawn().unwrap();
        Self { program, daemon, address }
    }

    fn state(&mut self) -> Option<String> {
        let asked = Command::new(&self.program).args(["--address", &self.address, "--json", "show", "m0"]).output();
        let document: serde_json::Value = serde_json::from_slice(&asked.unwrap().stdout).ok()?;
        let (state, reachability) = (document["state"].as_str()?, document["reachability"].as_str()?);
        let lost = matches!(state, "absent" | "probing" | "failed") || reachability == "unreachable";
        (!lost).then(|| format!("{state}, {reachability}"))
    }
}

impl Drop for Lpwa {
    fn drop(&mut self) {
        end(&mut self.daemon);
    }
}

/// ModemManager as Debian ships it, on a private bus: no udev, no rights.
pub struct ModemManager {
    shell: Child,
    answers: BufReader<ChildStdout>,
}

/// Starts it, gives it the socket `$1`, has the modem enabled, then tells the modem's state for each line that it
/// reads. The end of its input ends everything.
const SCRIPT: &str = r#"
export DBUS_SYSTEM_BUS_ADDRESS="$DBUS_SESSION_BUS_ADDRESS"
ModemManager --test-session --test-enable --no-auto-scan --test-no-udev >/dev/null 2>&1 &
manager=$!
gdbus wait --session --timeout 30 org.freedesktop.ModemManager1
gdbus call --session -d org.freedesktop.ModemManager1 -o /org/freedesktop/ModemManager1 \
  -m org.freedesktop.ModemManager1.Test.SetProfile t0 generic "['$1']" >/dev/null
(until mmcli -m any -e >/dev/null 2>&1; do sleep 1; done) &
enabling=$!
while read -r _; do
  mmcli -m any -K 2>/dev/null | grep '^modem.generic.state ' || echo "none"
done
kill $enabling 2>/dev/null
kill $manager
wait $manager
"#;

impl ModemManager {
    /// Whether all that it needs is installed.
    pub fn is_installed() -> bool {
        let there = |program: &str| {
            let found = shell("sh").args(["-c", &format!("command -v {program}")]).output();
            found.is_ok_and(|output| output.status.success())
        };
        ["ModemManager", "mmcli", "gdbus", "dbus-run-session"].into_iter().all(there)
    }
}

impl Manager for ModemManager {
    const NAME: &'static str = "ModemManager";

    fn start(_: &Path, socket: &Path, _: &Case) -> Self {
        let mut command = shell("dbus-run-session");
        command.args(["--", "sh", "-c", SCRIPT, "sh"]).arg(socket);
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        Self { shell, answers }
    }

    fn state(&mut self) -> Option<String> {
        self.shell.stdin.as_mut()?.write_all(b"\n").ok()?;
        let mut line = String::new();
        self.answers.read_line(&mut line).ok()?;
        let (_, state) = line.split_once(": ")?;
        Some(state.trim().to_owned()).filter(|state| state != "failed")
    }
}

impl Drop for ModemManager {
    fn drop(&mut self) {
        // The end of its input; the script then ends what it started.
        self.shell.stdin = None;
        let _ = self.shell.wait();
    }
}

/// A command that looks into /usr/sbin too, which is where Debian has the daemon.
fn shell(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()));
    command
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
