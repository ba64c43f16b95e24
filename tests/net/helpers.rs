//! Programs that do a part of the work: pppd and udhcpc, the real ones.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use lpwa::net::ppp::{Call, Session};
use lpwa::port::pty::Pty;
use lpwa::private::Private;
use lpwa::spec::apn::PdpType;

use crate::gateway::Site;
use crate::house::eventually;
use crate::namespace::{alone, everything, run};

/// What pppd comes to on a line without a peer: where the kernel has no PPP, that is what it says.
fn hopeless() -> &'static str {
    if Path::new("/dev/ppp").exists() { "the modem gave no address" } else { "load it with `modprobe ppp_async`" }
}

fn call(tty: &Path) -> Call {
    Call {
        tty: tty.to_owned(),
        baud: 115_200,
        hardware_flow: false,
        pdp_type: PdpType::Ipv4v6,
        credentials: Some(("gate\"way".into(), Private::new("pass word\\".into()))),
        name: "m0/1".into(),
    }
}

#[tokio::test]
async fn pppd_takes_its_options_and_says_why_it_ended() {
    let pty = Pty::open().unwrap();
    // An option that it does not know would be status 2.
    let reason = Session::start(&call(pty.path())).await.unwrap_err();
    assert!(reason.starts_with("pppd ended: ") && reason.contains(hopeless()), "{reason}");
    let missing = Session::start(&call(Path::new("/dev/ttyNONE"))).await.unwrap_err();
    assert!(missing.contains("/dev/ttyNONE"), "{missing}");
}

/// A modem that takes commands and data on one line, and the configuration of it.
fn dialled(site: &Site) -> String {
    let at = site.house.path("tty");
    let config = site.config("data = \"ppp\"");
    config.replace(&format!("unix:{}", site.house.path("m0").display()), &at.display().to_string())
}

#[test]
fn a_call_that_pppd_cannot_use_gives_the_line_back() {
    alone(async || {
        let site = Site::at("tty", "", "");
        let _daemon = site.house.daemon(&dialled(&site));
        let doc = site.house.wait("told", |doc| doc["state_reason"].as_str().is_some_and(|r| r.contains("pppd ended")));
        assert!(doc["state_reason"].as_str().unwrap().contains(hopeless()), "{doc:#}");
        // Commands are heard again.
        assert!(site.house.says(0, &["at", "ATI"]).contains("simulator"));
        let recorded = site.house.says(0, &["record"]);
        let at = |what: &str| recorded.find(what).unwrap_or_else(|| panic!("{what} is not in {recorded}"));
        let steps = [at("> ATD*99***1#"), at("< CONNECT"), at(">| +++"), at("> ATH")];
        assert!(steps.is_sorted(), "{recorded}");
        assert_eq!(everything(), site.before);
    });
}

/// In the place of pppd where the kernel has no PPP: it says what pppd says, gives `wwan0` its address, and hangs up
/// when it is told.
const STAND_IN: &str = "#!/bin/sh
echo \"$@\" >DIR/arguments
ip link set wwan0 up && ip addr add 198.51.100.9/32 dev wwan0
echo 'Using interface wwan0'
echo 'local  IP address 198.51.100.9'
echo 'remote IP address 10.64.64.64'
echo 'primary   DNS address 192.0.2.53'
trap 'ip addr del 198.51.100.9/32 dev wwan0; ip link set wwan0 down; exit 5' TERM
while [ ! -e DIR/hangup ]; do sleep 0.1; done
rm DIR/hangup
ip addr del 198.51.100.9/32 dev wwan0; ip link set wwan0 down
exit 16
";

#[test]
fn a_call_carries_the_link_until_it_is_hung_up_and_is_dialled_again() {
    alone(async || {
        let site = Site::at("tty", "wwan0 = 1", "");
        let script = site.house.write("pppd", &STAND_IN.replace("DIR", &site.house.dir.path().display().to_string()));
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let _daemon = site.house.daemon_in(&dialled(&site), site.house.dir.path());
        let up = |doc: &serde_json::Value| {
            doc["state"] == "connected"
                && doc["bearers"][0]["interface"] == "wwan0"
                && doc["bearers"][0]["addresses"][0] == "198.51.100.9"
                && doc["bearers"][0]["active"] == true
        };
        let doc = site.house.wait("online", up);
        assert_eq!(doc["bearers"][0]["dns"][0], "192.0.2.53");
        assert!(run("ip", &["route", "get", "203.0.113.1"]).contains("dev wwan0 src 198.51.100.9"));
        let tty = std::fs::read_to_string(site.house.path("arguments")).unwrap();
        assert!(tty.contains("/tty 115200 nodetach") && tty.contains("ipparam m0/1"), "{tty}");
        // The line carries data: commands are refused with the reason, and asking for what holds already is no error.
        let said = site.house.says(10, &["at", "ATI"]);
        assert!(said.contains("the line carries data"), "{said}");
        site.house.says(0, &["connect"]);
        site.house.write("hangup", "");
        site.house.wait("hung up", |doc| doc["state_reason"].as_str().is_some_and(|r| r.contains("the modem hung up")));
        assert_eq!(run("ip", &["route", "show", "default"]), "");
        site.house.wait("online again", up);
        site.house.says(0, &["disconnect"]);
        site.nothing_is_left();
        assert!(site.house.says(0, &["at", "ATI"]).contains("simulator"));
    });
}

/// A process that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_modem_that_is_a_router_gives_addresses_by_dhcp() {
    alone(async || {
        run("ip", &["link", "add", "wwan0", "type", "veth", "peer", "name", "modem0"]);
        let site = Site::with("", "");
        // The modem's side is a router in a namespace of its own.
        let router = format!(
            "until ip link show modem0; do sleep 0.1; done; ip addr add 192.168.225.1/24 dev modem0\n\
             ip link set modem0 up\n\
             exec dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=modem0 --user=root --pid-file= \
             --dhcp-range=192.168.225.40,192.168.225.40,5m --dhcp-option=option:dns-server,192.0.2.53 \
             --dhcp-option=option:mtu,1428 --dhcp-leasefile={}",
            site.house.path("leases").display()
        );
        let quiet = Stdio::null;
        let router =
            Command::new("unshare").args(["--net", "sh", "-c", &router]).stdout(quiet()).stderr(quiet()).spawn();
        let router = Server(router.unwrap());
        eventually("a namespace of its own", || {
            let own = std::fs::read_link(format!("/proc/{}/ns/net", router.0.id())).unwrap();
            let test = std::fs::read_link("/proc/thread-self/ns/net").unwrap();
            if own == test { Err("not yet".into()) } else { Ok(()) }
        });
        run("ip", &["link", "set", "modem0", "netns", &router.0.id().to_string()]);
        let before = everything();
        let config = "data = \"interface\"\ninterface = \"wwan0\"\ndhcp = true";
        let _daemon = site.daemon(config);
        let doc = site.online();
        assert_eq!(doc["bearers"][0]["addresses"][0], "192.168.225.40");
        assert_eq!(doc["bearers"][0]["gateways"][0], "192.168.225.1");
        let addresses = run("ip", &["-o", "addr", "show", "dev", "wwan0"]);
        assert!(addresses.contains("192.168.225.40/24"), "{addresses}");
        assert!(run("ip", &["-o", "link", "show", "dev", "wwan0"]).contains("mtu 1428"));
        let route = run("ip", &["route", "show", "default"]);
        assert!(route.contains("via 192.168.225.1 dev wwan0"), "{route}");
        site.house.says(0, &["disconnect"]);
        eventually("as before", || if everything() == before { Ok(()) } else { Err(format!("{:#?}", everything())) });
        let link = run("ip", &["-o", "link", "show", "dev", "wwan0"]);
        assert!(link.contains("mtu 1500") && !link.contains("alias") && !link.contains(",UP"), "{link}");
        eventually("no client", || {
            let running = run("sh", &["-c", "ls /proc/*/comm | xargs cat 2>/dev/null || true"]);
            if running.lines().any(|name| name == "udhcpc") { Err(running) } else { Ok(()) }
        });
    });
}
