//! What the release binary takes: bytes on disk, and the memory of `lpwa daemon` with one connected, idle modem.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const LPWA: &str = env!("CARGO_BIN_EXE_lpwa");
/// What both the binary and the daemon aim at, bytes.
const AIM: u64 = 5_000_000;
/// tokio ends a thread of its blocking pool after ten seconds of idling.
const POOL_RESTS: Duration = Duration::from_secs(12);

fn main() {
    let size = fs::metadata(LPWA).unwrap().len();
    println!("binary: {size} bytes ({})\n", against(size));
    let dir = tempfile::tempdir().unwrap();
    println!("{:<44} {:>9} {:>9} {:>9} {:>9} {:>8}", "daemon, kB", "VmRSS", "RssAnon", "RssFile", "Pss", "threads");
    measure(dir.path(), "peers only", "none");
    match bus() {
        Ok((_bus, address)) => measure(dir.path(), "on a bus", &address),
        Err(error) => println!("no bus: dbus-daemon cannot be started ({error})"),
    }
}

fn against(bytes: u64) -> String {
    let word = if bytes <= AIM { "within" } else { "over" };
    format!("{word} the aim of {AIM}")
}

/// A process that ends with the bench.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str], stderr: Stdio) -> Running {
    let child = Command::new(LPWA).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn();
    Running(child.unwrap())
}

/// A bus of its own.
fn bus() -> std::io::Result<(Running, String)> {
    let mut command = Command::new("dbus-daemon");
    command.args(["--session", "--nofork", "--nosyslog", "--print-address"]);
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut address = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut address)?;
    Ok((Running(child), address.trim().to_owned()))
}

/// The daemon on a simulated modem: before, at and after the first question of a client.
fn measure(dir: &Path, name: &str, bus: &str) {
    let at = |file: &str| dir.join(file).to_str().unwrap().to_owned();
    let (modem, socket, config) = (at("modem"), at("lpwa.sock"), at("lpwa.toml"));
    let _modem = start(&["simulate", "--on", &format!("unix:{modem}")], Stdio::null());
    wait_for(Path::new(&modem));
    let text = format!("[[modem]]\nid = \"m0\"\nat = \"unix:{modem}\"\napn = \"iot.test\"\n");
    fs::write(&config, text).unwrap();
    let address = format!("unix:path={socket}");
    let mut daemon = start(&["daemon", "--config", &config, "--bus", bus, "--listen", &address], Stdio::piped());
    let log = BufReader::new(daemon.0.stderr.take().unwrap()).lines();
    let mut online = log.map_while(Result::ok);
    assert!(online.any(|line| line.ends_with("m0: connected")), "the modem does not get online");
    // What is left to do is done.
    thread::sleep(Duration::from_secs(1));
    let memory = Memory::of(daemon.0.id());
    memory.print(&format!("{name}, connected and idle"));
    let asked = Command::new(LPWA).args(["--address", &address, "--json", "show", "m0"]).output().unwrap();
    let text = String::from_utf8(asked.stdout).unwrap();
    assert!(text.contains("\"connected\""), "{text}{}", String::from_utf8_lossy(&asked.stderr));
    Memory::of(daemon.0.id()).print(&format!("{name}, just asked"));
    thread::sleep(POOL_RESTS);
    Memory::of(daemon.0.id()).print(&format!("{name}, idle again"));
    println!("{name}: {} kB ({})", memory.rss, against(memory.rss * 1024));
}

fn wait_for(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} does not come", path.display());
        thread::sleep(Duration::from_millis(10));
    }
}

/// Memory of a process, kB.
struct Memory {
    rss: u64,
    anonymous: u64,
    file: u64,
    proportional: u64,
    threads: u64,
}

impl Memory {
    fn of(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
        Self {
            rss: number(&status, "VmRSS:"),
            anonymous: number(&status, "RssAnon:"),
            file: number(&status, "RssFile:"),
            proportional: number(&rollup, "Pss:"),
            threads: number(&status, "Threads:"),
        }
    }

    fn print(&self, when: &str) {
        let Self { rss, anonymous, file, proportional, threads } = self;
        println!("{when:<44} {rss:>9} {anonymous:>9} {file:>9} {proportional:>9} {threads:>8}");
    }
}

/// The number after `key`; 0 where there is none.
fn number(text: &str, key: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
