//! A simulated modem in the place of a proxy, in a network namespace of its own: abstract sockets belong to one.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A simulated modem is there in a second, a tool in a tenth of one; a busy machine takes longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// Two networks, two slots, names, a number; everything quick.
pub const WORLD: &str = r#"
[modem]
model = "quectel-bg95"
imei = "350000000000014"
revision = "BG95SIM01"
scan = "500ms"
[sim]
provider = "lpwa one"
number = "+999700000001"
[second-sim]
imsi = "001010000000002"
iccid = "8900101000000000002"
[network]
registration-delay = "100ms"
apns = ["iot.test"]
mtu = 1358
[[network.cell]]
operator = "lpwa test"
rsrp = -97.0
[[network.cell]]
plmn = "00101"
operator = "other"
pci = 102
rsrp = -105.0
"#;

/// A tool that asks through a proxy.
pub struct Tool {
    /// Option of `lpwa simulate`.
    pub option: &'static str,
    /// The abstract socket.
    pub socket: &'static str,
    /// The program, and what it needs before any question.
    pub command: &'static [&'static str],
}

/// A simulator in its own namespace; it ends with the test.
pub struct Proxied {
    simulator: Child,
    dir: tempfile::TempDir,
    tool: &'static Tool,
}

impl Proxied {
    pub fn start(tool: &'static Tool, scenario: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("scenario.toml");
        fs::write(&file, scenario).unwrap();
        let at = format!("unix:{}", dir.path().join("at").display());
        let mut simulator = Command::new("unshare")
            .args(if is_root() { vec!["--net"] } else { vec!["--net", "--map-root-user"] })
            .arg(env!("CARGO_BIN_EXE_lpwa"))
            .args(["simulate", "--on", &at, tool.option, "proxy", "--scenario"])
            .arg(&file)
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare is part of util-linux");
        let mut first = String::new();
        BufReader::new(simulator.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(first.contains(&format!("the place of {}", tool.socket)), "{first}");
        let proxied = Self { simulator, dir, tool };
        proxied.until("it listens", || {
            let sockets = fs::read_to_string(format!("/proc/{}/net/unix", proxied.simulator.id())).unwrap_or_default();
            sockets.contains(&format!("@{}", tool.socket))
        });
        proxied
    }

    pub fn until(&self, what: &str, done: impl Fn() -> bool) {
        let start = Instant::now();
        while !done() {
            assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut enter = Command::new("nsenter");
        if !is_root() {
            enter.args(["--user", "--preserve-credentials"]);
        }
        enter.args(["--net", "--target", &self.simulator.id().to_string()]).args(self.tool.command).args(arguments);
        enter.output().expect("nsenter is part of util-linux")
    }

    /// What the tool prints where it succeeds; blanks are one blank.
    pub fn ask(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = plain(&output.stdout);
        assert!(output.status.success(), "{arguments:?}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    /// What it prints where the modem refuses.
    pub fn fail(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", plain(&output.stdout));
        plain(&[output.stdout, output.stderr].concat())
    }

    /// Asks, and looks for each of the parts.
    pub fn tells(&self, arguments: &[&str], parts: &[&str]) -> String {
        let text = self.ask(arguments);
        parts.iter().for_each(|part| assert!(text.contains(part), "{arguments:?} has no {part:?}:\n{text}"));
        text
    }

    /// One command on the AT port of the same modem.
    pub fn at(&self, line: &str) -> String {
        let mut port = UnixStream::connect(self.dir.path().join("at")).unwrap();
        port.set_read_timeout(Some(PATIENCE)).unwrap();
        port.write_all(format!("{line}\r").as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !String::from_utf8_lossy(&answer).contains("OK\r\n") {
            let mut some = [0; 256];
            let n = port.read(&mut some).unwrap();
            assert!(n > 0, "the AT port closed after {:?}", String::from_utf8_lossy(&answer));
            answer.extend(&some[..n]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Proxied {
    fn drop(&mut self) {
        let _ = self.simulator.kill();
        let _ = self.simulator.wait();
    }
}

fn is_root() -> bool {
    let owner = fs::metadata("/proc/self").unwrap();
    std::os::unix::fs::MetadataExt::uid(&owner) == 0
}

fn plain(output: &[u8]) -> String {
    String::from_utf8_lossy(output).split_whitespace().collect::<Vec<_>>().join(" ")
}
