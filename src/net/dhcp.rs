//! Addresses by DHCP, for modems that are a small router themselves (ECM, RNDIS): by `udhcpc`.
//!
//! A client of our own would need raw sockets, and lives by its corner cases; busybox's is on nearly every gateway, is
//! small, and runs in the foreground. It tells a script what it got. The script is ours, has no name, and prints.

use std::fs::File;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsRawFd;
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::plan::Address;

/// Everything that udhcpc knows, as `NAME=value` and a zero octet each; an empty name ends it.
const SCRIPT: &str = "#!/bin/sh\nprintf 'event=%s\\0' \"$1\"\nenv -0\nprintf '=\\0'\n";
/// Until the first lease: five tries, 3 s apart, and a second for the answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// One report is shorter.
const REPORT: usize = 16 * 1024;

/// What a server gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DhcpLease {
    /// Our address.
    pub address: Option<Address>,
    /// Next hops.
    pub gateways: Vec<IpAddr>,
    /// Name servers.
    pub dns: Vec<IpAddr>,
    /// Domains.
    pub domains: Vec<String>,
    /// Maximum transmission unit, octets.
    pub mtu: Option<u16>,
}

/// A client at work; its end ends the lease.
#[derive(Debug)]
pub struct Client {
    _child: Child,
    /// Read again by the client for each event.
    _script: File,
    output: ChildStdout,
    pending: Vec<u8>,
    /// The lease in use.
    pub lease: DhcpLease,
}

impl Client {
    /// Asks for a lease on an interface that is up. The error is a sentence.
    pub async fn start(interface: &str) -> Result<Self, String> {
        let script = script().map_err(|error| format!("the script for udhcpc cannot be made: {error}"))?;
        let path = format!("/proc/{}/fd/{}", std::process::id(), script.as_raw_fd());
        let mut command = Command::new("udhcpc");
        command.args(["-f", "-n", "-R", "-O", "mtu", "-t", "5", "-T", "3", "-i", interface, "-s", &path]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => "udhcpc is not installed; install busybox or the package udhcpc".to_owned(),
            _ => format!("udhcpc cannot be started: {error}"),
        })?;
        let Some(output) = child.stdout.take() else { return Err("udhcpc has no output".into()) };
        let mut client =
            Self { _child: child, _script: script, output, pending: Vec::new(), lease: DhcpLease::default() };
        match timeout(PATIENCE, client.next_lease()).await {
            Ok(Some(lease)) => client.lease = lease,
            _ => return Err(format!("no DHCP server answered on {interface}; is dhcp = true right for this modem?")),
        }
        Ok(client)
    }

    /// Waits until the lease is another than before, or over, and tells which.
    pub async fn ended(&mut self) -> String {
        loop {
            match self.next_lease().await {
                Some(lease) if lease == self.lease => {}
                Some(_) => return "the DHCP server gave another lease".into(),
                None => return "the DHCP client lost its lease".into(),
            }
        }
    }

    /// The lease of the next event that has one; `None`: there is none any more.
    async fn next_lease(&mut self) -> Option<DhcpLease> {
        loop {
            let report = self.report().await?;
            match report.first().map(String::as_str) {
                Some("event=bound" | "event=renew") => return lease(&report),
                // The first event of all says that there is none yet.
                Some("event=deconfig") if self.lease == DhcpLease::default() => {}
                Some("event=deconfig" | "event=leasefail") => return None,
                _ => {}
            }
        }
    }

    /// The next report, one string a variable.
    async fn report(&mut self) -> Option<Vec<String>> {
        loop {
            if let Some(end) = self.pending.windows(3).position(|end| end == b"\0=\0") {
                let report: Vec<u8> = self.pending.drain(..end.saturating_add(3)).collect();
                let texts = report.split(|b| *b == 0).map(|text| String::from_utf8_lossy(text).into_owned());
                return Some(texts.collect());
            }
            let mut buffer = [0; 1024];
            match self.output.read(&mut buffer).await {
                Ok(n) if n > 0 && self.pending.len() < REPORT => self.pending.extend(buffer.iter().take(n)),
                _ => return None,
            }
        }
    }
}

/// A file that is nowhere: /run is often mounted noexec. It is executed only when nobody has it open for writing.
fn script() -> io::Result<File> {
    let mut file = File::from(memfd_create("udhcpc-script", MemfdFlags::CLOEXEC)?);
    file.write_all(SCRIPT.as_bytes())?;
    File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// The lease of a report; `None`: it has no address.
fn lease(report: &[String]) -> Option<DhcpLease> {
    let value = |name: &str| report.iter().find_map(|text| text.strip_prefix(name)?.strip_prefix('=')).unwrap_or("");
    let addresses = |name: &str| value(name).split_whitespace().filter_map(|ip| ip.parse().ok()).collect();
    let ip: Ipv4Addr = value("ip").parse().ok()?;
    let prefix = value("mask").parse().ok().filter(|bits| (1..=32).contains(bits)).unwrap_or(32);
    Some(DhcpLease {
        address: Some(Address { ip: ip.into(), prefix }),
        gateways: addresses("router"),
        dns: addresses("dns"),
        domains: value("domain").split_whitespace().filter(|name| is_domain(name)).map(str::to_owned).collect(),
        mtu: value("mtu").parse().ok(),
    })
}

/// Letters, digits, dots and dashes: it is written to files.
fn is_domain(name: &str) -> bool {
    name.len() <= 253 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_lease_is_what_the_client_says() {
        let said =
            ["event=bound", "ip=192.168.225.40", "mask=24", "router=192.168.225.1", "dns=192.168.225.1 192.0.2.53"];
        let more = ["domain=iot.example", "mtu=1428", "subnet=255.255.255.0"];
        let lease = lease(&report(&[&said[..], &more[..]].concat())).unwrap();
        assert_eq!(lease.address.unwrap().to_string(), "192.168.225.40/24");
        assert_eq!(lease.gateways.len() + lease.dns.len(), 3);
        assert_eq!((lease.domains, lease.mtu), (vec!["iot.example".to_owned()], Some(1428)));
    }

    #[test]
    fn a_hostile_server_gets_nothing_in() {
        let said =
            ["ip=192.0.2.9", "mask=99", "router=x", "dns=;rm", "domain=a\nnameserver 203.0.113.9 b;c ok.example"];
        let lease = lease(&report(&said)).unwrap();
        assert_eq!(lease.address.unwrap().prefix, 32);
        assert_eq!((lease.gateways.len(), lease.dns.len()), (0, 0));
        // Each word is a name by itself, and none of them ends a line.
        assert_eq!(lease.domains, ["a", "nameserver", "203.0.113.9", "ok.example"]);
        assert_eq!(super::lease(&report(&["ip=999.1.1.1"])), None);
    }
}
