//! A bus of its own for a test, which ends with it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// As open as a session bus.
pub struct PrivateBus {
    process: Child,
    pub address: String,
}

impl PrivateBus {
    /// Starts a real `dbus-daemon` in `dir`.
    pub fn start(dir: &Path) -> Self {
        let config = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>\
             <allow own=\"*\"/></policy></busconfig>",
            dir.join("bus").display()
        );
        let file = dir.join("bus.conf");
        std::fs::write(&file, config).unwrap();
        let mut process = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address=1", "--config-file"])
            .arg(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon must be installed: apt-get install dbus");
        // The line comes when the bus listens.
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned() }
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
