//! Two simulated modems and a wired link; each is cut in turn, also silently.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use lpwa::sim::{Event, Path, Place};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use serde_json::Value;

use crate::gateway::talk;
use crate::house::{House, Process, eventually};
use crate::modem::{Modem, Protocol};
use crate::namespace::{alone, run};

const HOST: &str = "203.0.113.1";
const DETECT: Duration = Duration::from_secs(8);
const HOLD_DOWN: Duration = Duration::from_secs(5);

/// `eth0`, with the same host beyond it as the modems have, in a namespace of its own.
struct Wire {
    far: OwnedFd,
}

impl Wire {
    fn new() -> Self {
        run("ip", &["link", "add", "eth0", "type", "veth", "peer", "name", "far0"]);
        let (tell, told) = std::sync::mpsc::channel();
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        std::thread::spawn(move || {
            lpwa::port::kernel::enter_own_network().unwrap();
            let own = std::fs::File::open("/proc/thread-self/ns/net").unwrap();
            tell.send((OwnedFd::from(own), rustix::thread::gettid())).unwrap();
            // The interface comes by the number of this thread.
            let _ = is_done.recv();
        });
        let (far, thread) = told.recv().unwrap();
        run("ip", &["link", "set", "far0", "netns", &thread.as_raw_nonzero().to_string()]);
        let wire = Self { far };
        wire.at_far_end(|| {
            for arguments in [
                "link set lo up",
                "addr add 198.51.100.1/24 dev far0",
                "link set far0 up",
                "addr add 203.0.113.1/32 dev lo",
            ] {
                run("ip", &arguments.split(' ').collect::<Vec<_>>());
            }
            let host = std::net::TcpListener::bind(("0.0.0.0", 7)).unwrap();
            std::thread::spawn(move || {
                for stream in host.incoming().flatten() {
                    std::thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
                }
            });
        });
        drop(done);
        run("ip", &["addr", "add", "198.51.100.2/24", "dev", "eth0"]);
        run("ip", &["link", "set", "eth0", "up"]);
        run("ip", &["route", "add", "default", "via", "198.51.100.1", "dev", "eth0", "metric", "100"]);
        wire
    }

    /// Runs `work` in the namespace of the host.
    fn at_far_end(&self, work: impl FnOnce() + Send) {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                move_into_link_name_space(self.far.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
                work();
            });
        });
    }

    /// Packets to the host vanish, and come through again.
    fn silence(&self, on: bool) {
        let change = if on { "del" } else { "add" };
        self.at_far_end(|| drop(run("ip", &["addr", change, "203.0.113.1/32", "dev", "lo"])));
    }

    /// The cable is pulled, and put back.
    fn pull(&self, on: bool) {
        let change = if on { "down" } else { "up" };
        self.at_far_end(|| drop(run("ip", &["link", "set", "far0", change])));
    }
}

/// A gateway with three ways to the host.
struct Gateway {
    house: House,
    wire: Wire,
    modems: [Modem; 2],
    _daemon: Process,
}

impl Gateway {
    fn new() -> Self {
        let (house, wire) = (House::new(), Wire::new());
        let modem = |id: &str, interface: &str, seed: u64| {
            let place = Place::Unix(house.path(id));
            Modem::seeded(Protocol::At, place, &format!("{interface} = 1"), "", seed)
        };
        let modems = [modem("m0", "wwan0", 1), modem("m1", "wwan1", 2)];
        let daemon = house.daemon(&config(&house));
        Self { house, wire, modems, _daemon: daemon }
    }

    fn uplink(&self) -> Result<Value, String> {
        let output = self.house.lpwa(&["--json", "uplink", "show"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let all: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
        Ok(all[0].clone())
    }

    /// Waits until the default route is `link`'s, packets go there, and a connection to the host comes about.
    #[track_caller]
    fn goes_by(&self, link: &str, interface: &str) {
        eventually(link, || {
            let uplink = self.uplink()?;
            if uplink["active"] == link { Ok(()) } else { Err(format!("{uplink:#}\n{}", self.house.log("daemon.log"))) }
        });
        eventually(interface, || {
            let route = run("ip", &["route", "get", HOST]);
            if route.contains(&format!("dev {interface} ")) { Ok(()) } else { Err(route) }
        });
        assert_eq!(talk(HOST).unwrap(), "hello");
        self.one_route_at_most();
    }

    fn one_route_at_most(&self) {
        for family in ["-4", "-6"] {
            let routes = run("ip", &[family, "route", "show", "default"]);
            let ours = routes.lines().filter(|route| route.contains("proto 108")).count();
            assert!(ours <= 1, "{routes}");
        }
    }

    /// How often the default route went somewhere.
    fn moves(&self) -> usize {
        let uplink = self.uplink().unwrap();
        let log = uplink["log"].as_array().unwrap();
        log.iter().filter(|entry| entry["text"].as_str().unwrap().starts_with("the default route goes to")).count()
    }

    fn condition(&self, link: &str) -> String {
        let uplink = self.uplink().unwrap();
        let members = uplink["members"].as_array().unwrap();
        let member = members.iter().find(|member| member["name"] == link).unwrap();
        member["condition"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn becomes(&self, link: &str, condition: &str) {
        eventually(condition, || match self.condition(link) {
            now if now == condition => Ok(()),
            now => Err(format!("{link} is {now}\n{}", self.house.log("daemon.log"))),
        });
    }

    fn cut(&self, modem: usize, cut: bool) {
        self.modems[modem].sim.happen(Event::Path(Path { cut, ..Path::default() }));
    }
}

fn config(house: &House) -> String {
    let dir = house.dir.path().display();
    let modem = |id: &str, interface: &str| {
        format!(
            "[[modem]]\nid = \"{id}\"\nat = \"unix:{dir}/{id}\"\napn = \"iot.test\"\ndata = \"interface\"\n\
             interface = \"{interface}\"\n"
        )
    };
    format!(
        "[daemon]\nstate_dir = \"state\"\ndns = \"none\"\n{}{}\
         [health]\ntargets = [\"icmp:{HOST}\", \"tcp:{HOST}:7\"]\ndetect_within = \"{}s\"\ntimeout = \"1s\"\n\
         budget = \"100MB\"\n\
         [[uplink]]\nname = \"wan\"\nmin_stay = \"1s\"\nhold_down = \"{}s\"\n\
         member = [{{ interface = \"eth0\" }}, {{ modem = \"m0\" }}, {{ modem = \"m1\" }}]\n",
        modem("m0", "wwan0"),
        modem("m1", "wwan1"),
        DETECT.as_secs(),
        HOLD_DOWN.as_secs()
    )
}

#[test]
fn traffic_moves_when_a_link_is_cut_and_comes_back_after_the_hold_down() {
    alone(async || {
        let gateway = Gateway::new();
        gateway.goes_by("eth0", "eth0");
        gateway.becomes("m0", "good");
        gateway.becomes("m1", "good");
        // Packets vanish on the wire, and its carrier stays.
        gateway.wire.silence(true);
        gateway.goes_by("m0", "wwan0");
        assert_eq!(gateway.condition("eth0"), "no-data-path");
        // Packets vanish on the modem, and its context stays.
        gateway.cut(0, true);
        gateway.goes_by("m1", "wwan1");
        eventually("no-data-path", || match gateway.house.show()? {
            doc if doc["state"] == "no-data-path" => Ok(()),
            doc => Err(format!("{doc:#}")),
        });
        let said = gateway.house.says(0, &["status", "m0"]);
        assert!(said.contains("no packet comes back"), "{said}");
        // The modem is good again: not before the hold-down, and then for long.
        gateway.cut(0, false);
        gateway.becomes("m0", "good");
        let good = Instant::now();
        gateway.goes_by("m0", "wwan0");
        assert!(good.elapsed() + Duration::from_secs(1) >= HOLD_DOWN, "{:?}", good.elapsed());
        assert_eq!(gateway.house.show().unwrap()["state"], "connected");
        gateway.wire.silence(false);
        gateway.goes_by("eth0", "eth0");
        // What is loud is known at once.
        gateway.wire.pull(true);
        gateway.goes_by("m0", "wwan0");
        gateway.modems[0].sim.happen(Event::ContextLost(1));
        gateway.goes_by("m1", "wwan1");
        let log = gateway.house.says(0, &["uplink", "log"]);
        assert!(log.contains("the default route goes to m1: the other link went down"), "{log}");
    });
}

#[test]
fn a_link_that_keeps_dying_is_left_alone() {
    alone(async || {
        let gateway = Gateway::new();
        gateway.goes_by("eth0", "eth0");
        gateway.becomes("m0", "good");
        for _ in 0..8 {
            gateway.wire.pull(true);
            gateway.becomes("eth0", "down");
            gateway.wire.pull(false);
            run("ip", &["route", "replace", "default", "via", "198.51.100.1", "dev", "eth0", "metric", "100"]);
            gateway.becomes("eth0", "good");
        }
        // There, and away from it once.
        assert_eq!(gateway.moves(), 2, "{}", gateway.house.says(0, &["uplink", "log"]));
        gateway.goes_by("m0", "wwan0");
    });
}

#[test]
fn what_a_person_prefers_is_used() {
    alone(async || {
        let gateway = Gateway::new();
        gateway.goes_by("eth0", "eth0");
        gateway.becomes("m1", "good");
        gateway.house.says(0, &["uplink", "use", "m1"]);
        gateway.goes_by("m1", "wwan1");
        let said = gateway.house.says(2, &["uplink", "use", "m7"]);
        assert!(said.contains("there is no member \"m7\"; there are eth0, m0, m1"), "{said}");
        gateway.house.says(0, &["uplink", "use", "auto"]);
        gateway.goes_by("eth0", "eth0");
        // What went over the modem is on its card's account.
        let usage = gateway.house.says(0, &["usage"]);
        assert!(usage.contains("/iot.test"), "{usage}");
    });
}
