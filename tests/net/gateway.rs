//! A gateway with a simulated modem: the daemon brings its link up, packets reach the carrier's host, nothing stays.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use lpwa::sim::{Event, Path, Place};
use rustix::process::Signal;
use serde_json::Value;

use crate::house::{House, Process, eventually};
use crate::modem::{Modem, Protocol};
use crate::namespace::{alone, everything, run};

pub const HOST_V4: &str = "203.0.113.1";
pub const HOST_V6: &str = "2001:db8:ffff::1";

/// A house in a namespace, its modem, and how the namespace was before the daemon.
pub struct Site {
    pub house: House,
    protocol: Protocol,
    pub modem: Modem,
    pub before: Vec<String>,
}

impl Site {
    pub fn new() -> Self {
        Self::with("wwan0 = 1", "")
    }

    pub fn with(interfaces: &str, network: &str) -> Self {
        Self::at("m0", interfaces, network)
    }

    /// The modem is at `m0`, a socket, or at `tty`, a terminal.
    pub fn at(at: &str, interfaces: &str, network: &str) -> Self {
        Self::of(Protocol::At, at, interfaces, network)
    }

    /// The modem is told in `protocol`.
    pub fn by(protocol: Protocol, interfaces: &str) -> Self {
        Self::of(protocol, "m0", interfaces, "")
    }

    fn of(protocol: Protocol, at: &str, interfaces: &str, network: &str) -> Self {
        let house = House::new();
        let path = house.path(at);
        let place = if at == "tty" { Place::Pty(path) } else { Place::Unix(path) };
        let modem = Modem::start(protocol, place, interfaces, network);
        Self { house, protocol, modem, before: everything() }
    }

    pub fn config(&self, more: &str) -> String {
        let dir = self.house.dir.path().display();
        format!(
            "[daemon]\nstate_dir = \"state\"\ndns = \"file:{dir}/resolv.conf\"\n[[modem]]\nid = \"m0\"\n\
             {} = \"unix:{dir}/m0\"\napn = \"iot.test\"\n{more}\n",
            self.protocol.key()
        )
    }

    pub fn daemon(&self, more: &str) -> Process {
        self.house.daemon(&self.config(more))
    }

    pub fn online(&self) -> Value {
        self.house.wait("online", is_online)
    }

    #[track_caller]
    pub fn nothing_is_left(&self) {
        eventually("as before", || {
            let now = everything();
            if now == self.before { Ok(()) } else { Err(format!("{now:#?}\n{}", self.house.log("daemon.log"))) }
        });
        assert!(!self.house.path("resolv.conf").exists());
    }
}

pub const INTERFACE: &str = "data = \"interface\"\ninterface = \"wwan0\"";

pub fn is_online(doc: &Value) -> bool {
    doc["state"] == "connected" && doc["bearers"][0]["interface"].is_string()
}

pub fn ping(target: &str) {
    run("ping", &["-c", "1", "-W", "20", "-n", target]);
}

/// Says something to the host, which says the same.
pub fn talk(target: &str) -> std::io::Result<String> {
    let address = (target, 7);
    let address = std::net::ToSocketAddrs::to_socket_addrs(&address)?.next().unwrap();
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(20))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(b"hello")?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// Packets of both families, and names, by `wwan0`.
pub fn packets_reach_the_host(site: &Site) {
    let doc = site.online();
    assert_eq!(doc["bearers"][0]["interface"], "wwan0");
    for host in [HOST_V4, HOST_V6] {
        ping(host);
        assert_eq!(talk(host).unwrap(), "hello");
    }
    // The resolver of the C library, with the file in the place of its own.
    let file = site.house.path("resolv.conf");
    let script = format!("mount --bind {} /etc/resolv.conf && getent ahosts host.carrier.test", file.display());
    let found = run("unshare", &["--mount", "sh", "-c", &script]);
    assert!(found.contains(HOST_V4) && found.contains(HOST_V6), "{found}");
    // One name server of each family, asked by the link.
    let servers = std::fs::read_to_string(&file).unwrap();
    assert!(servers.contains("nameserver 192.0.2.53") && servers.contains("nameserver 2001:db8::53"), "{servers}");
}

#[test]
fn packets_of_both_families_reach_the_host_and_names_resolve() {
    alone(async || {
        let site = Site::new();
        let _daemon = site.daemon(INTERFACE);
        packets_reach_the_host(&site);
    });
}

#[test]
fn disconnecting_leaves_nothing_and_connecting_brings_it_back() {
    alone(async || {
        let site = Site::new();
        let _daemon = site.daemon(INTERFACE);
        site.online();
        goes_and_comes_back(&site);
    });
}

/// With `disconnect` and `disable` all that is ours goes; with `connect` packets pass again.
pub fn goes_and_comes_back(site: &Site) {
    site.house.says(0, &["disconnect"]);
    site.nothing_is_left();
    assert!(talk(HOST_V4).is_err());
    site.house.says(0, &["connect"]);
    assert_eq!(talk(HOST_V6).unwrap(), "hello");
    site.house.says(0, &["disable"]);
    site.nothing_is_left();
}

#[test]
fn sigterm_leaves_nothing() {
    alone(async || {
        let site = Site::new();
        let mut daemon = site.daemon(INTERFACE);
        site.online();
        daemon.signal(Signal::TERM);
        assert_eq!(daemon.ended().code(), Some(0), "{}", site.house.log("daemon.log"));
        site.nothing_is_left();
    });
}

#[test]
fn a_killed_daemon_is_cleaned_up_after() {
    alone(async || {
        let site = Site::new();
        let mut daemon = site.daemon(INTERFACE);
        site.online();
        daemon.signal(Signal::KILL);
        daemon.ended();
        assert_ne!(everything(), site.before);
        let _daemon = site.daemon(&format!("{INTERFACE}\nautoconnect = false"));
        site.nothing_is_left();
    });
}

#[test]
fn a_lost_context_takes_the_link_down_until_it_is_back() {
    alone(async || {
        let site = Site::new();
        let _daemon = site.daemon(INTERFACE);
        let old = site.online()["bearers"][0]["addresses"].clone();
        site.modem.sim.happen(Event::ContextLost(1));
        site.nothing_is_left();
        site.house.says(0, &["connect"]);
        let doc = site.online();
        assert_ne!(doc["bearers"][0]["addresses"], old);
        let address = doc["bearers"][0]["addresses"][0].as_str().unwrap();
        assert!(run("ip", &["-o", "addr", "show", "dev", "wwan0"]).contains(address));
        assert!(!run("ip", &["-o", "addr", "show", "dev", "wwan0"]).contains(old[0].as_str().unwrap()));
        assert_eq!(talk(HOST_V6).unwrap(), "hello");
    });
}

#[test]
fn packets_vanish_silently_where_the_path_is_cut() {
    alone(async || {
        let site = Site::new();
        let _daemon = site.daemon(INTERFACE);
        site.online();
        ping(HOST_V4);
        site.modem.sim.happen(Event::Path(Path { cut: true, ..Path::default() }));
        let output = std::process::Command::new("ping").args(["-c", "1", "-W", "1", HOST_V4]).output().unwrap();
        assert!(!output.status.success());
        assert!(is_online(&site.house.show().unwrap()), "nobody is told");
        site.modem.sim.happen(Event::Path(Path { delay: Duration::from_millis(300), ..Path::default() }));
        let said = run("ping", &["-c", "1", "-W", "20", HOST_V4]);
        let time: f64 = said.split("time=").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!(time >= 600.0, "there and back: {said}");
    });
}

#[test]
fn a_machine_without_the_interface_is_not_online() {
    alone(async || {
        let site = Site::new();
        let _daemon = site.daemon("data = \"interface\"\ninterface = \"wwan7\"");
        let doc =
            site.house.wait("told", |doc| doc["state_reason"].as_str().is_some_and(|r| r.contains("cannot use it")));
        assert_eq!(doc["state"], "registered");
        assert!(doc["state_reason"].as_str().unwrap().contains("wwan7"), "{doc:#}");
        let said = site.house.says(1, &["connect"]);
        assert!(said.contains("there is no network interface wwan7"), "{said}");
    });
}

#[test]
fn several_bearers_have_a_link_each() {
    alone(async || {
        let site = Site::with("wwan0 = 1, wwan1 = 2", "");
        let more = "[[modem.bearer]]\ncontext = 2\napn = \"private.test\"\npdp_type = \"ipv4\"\ndata = \"interface\"\n\
                    interface = \"wwan1\"\ndefault_route = false";
        // Activations are kept a minute apart unless it is said otherwise.
        let config = format!("[retry]\nspacing = \"1s\"\n{}", site.config(&format!("{INTERFACE}\n{more}")));
        let _daemon = site.house.daemon(&config);
        let doc = site.house.wait("both online", |doc| is_online(doc) && doc["bearers"][1]["interface"] == "wwan1");
        assert_eq!(doc["bearers"][1]["apn"], "private.test");
        assert!(run("ip", &["route", "get", HOST_V4]).contains("dev wwan0"));
        run("ping", &["-c", "1", "-W", "20", "-I", "wwan1", HOST_V4]);
        let own = doc["bearers"][1]["addresses"][0].as_str().unwrap();
        run("ping", &["-c", "1", "-W", "20", "-I", own, HOST_V4]);
        site.house.says(0, &["disconnect"]);
        site.nothing_is_left();
    });
}

#[test]
fn a_network_with_one_family_is_asked_for_it_once() {
    alone(async || {
        // No default bearer by the attach: the context is refused as it is asked for.
        let site = Site::with("wwan0 = 1", "addresses = \"ipv4\"");
        let _daemon = site.daemon(&format!("pdp_type = \"ipv6\"\n{INTERFACE}"));
        let doc = site.online();
        assert_eq!(doc["bearers"][0]["pdp_type"], "ipv4");
        ping(HOST_V4);
        let recorded = site.house.says(0, &["record"]);
        let defined = recorded.lines().filter(|line| line.contains("> AT+CGDCONT=1,\"IP\"")).count();
        assert_eq!(defined, 1, "{recorded}");
    });
}

#[test]
fn a_hook_is_told_and_may_have_the_network_to_itself() {
    alone(async || {
        use std::os::unix::fs::PermissionsExt;
        let site = Site::new();
        let log = site.house.path("hook.log");
        let script = format!("#!/bin/sh\necho \"$1\" >>{0}\nenv | sort | grep LPWA_ >>{0}\n", log.display());
        let hook = site.house.write("hook", &script);
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
        let _daemon = site.daemon(&format!("{INTERFACE}\nmanage_network = false\nhook = \"{}\"", hook.display()));
        let doc = site.online();
        assert_eq!(everything(), site.before, "it is the hook's");
        let told = site.house.log("hook.log");
        assert!(told.starts_with("up\n"), "{told}");
        let address = doc["bearers"][0]["addresses"][0].as_str().unwrap();
        for line in ["LPWA_MODEM=m0", "LPWA_INTERFACE=wwan0", &format!("LPWA_ADDRESSES={address}/32 "), "LPWA_MTU=1358"]
        {
            assert!(told.contains(line), "{line} is not in {told}");
        }
        site.house.says(0, &["disconnect"]);
        assert!(site.house.log("hook.log").contains("\ndown\n"));
        // A hook that fails is a reason.
        site.house.write("hook", "#!/bin/sh\necho 'no such zone' >&2\nexit 3\n");
        let said = site.house.says(1, &["connect"]);
        assert!(said.contains("exit status: 3: no such zone"), "{said}");
    });
}
