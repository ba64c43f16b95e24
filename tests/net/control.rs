//! Packets through modems that are told in messages: QMI and MBIM.

use lpwa::port::kernel;
use lpwa::sim::Event;
use rustix::process::Signal;
use serde_json::Value;

use crate::gateway::{HOST_V4, HOST_V6, INTERFACE, Site, goes_and_comes_back, is_online, packets_reach_the_host, talk};
use crate::house::eventually;
use crate::modem::Protocol;
use crate::namespace::{alone, everything, has_links, run};

/// Runs `test` for QMI and for MBIM, each in a namespace of its own.
fn by_either(test: impl Fn(Protocol) + Copy + Send + 'static) {
    for protocol in Protocol::BINARY {
        alone(async move || test(protocol));
    }
}

#[test]
fn packets_of_both_families_reach_the_host_and_names_resolve() {
    by_either(|protocol| {
        let site = Site::by(protocol, "wwan0 = 1");
        let _daemon = site.daemon(INTERFACE);
        packets_reach_the_host(&site);
        // Both families on one interface, though they are two calls by QMI.
        let addresses = run("ip", &["-o", "addr", "show", "dev", "wwan0", "scope", "global"]);
        assert!(addresses.contains("inet ") && addresses.contains("inet6 "), "{addresses}");
    });
}

#[test]
fn disconnecting_leaves_nothing_and_connecting_brings_it_back() {
    by_either(|protocol| {
        let site = Site::by(protocol, "wwan0 = 1");
        let _daemon = site.daemon(INTERFACE);
        site.online();
        goes_and_comes_back(&site);
    });
}

#[test]
fn the_end_of_the_daemon_leaves_nothing_and_a_killed_one_is_cleaned_up_after() {
    by_either(|protocol| {
        let site = Site::by(protocol, "wwan0 = 1");
        let mut daemon = site.daemon(INTERFACE);
        site.online();
        daemon.signal(Signal::KILL);
        daemon.ended();
        assert_ne!(everything(), site.before);
        let mut daemon = site.daemon(&format!("{INTERFACE}\nautoconnect = false"));
        site.nothing_is_left();
        // What the modem kept of the life before is taken up, or made anew.
        site.house.says(0, &["connect"]);
        assert_eq!(talk(HOST_V4).unwrap(), "hello");
        daemon.signal(Signal::TERM);
        assert_eq!(daemon.ended().code(), Some(0), "{}", site.house.log("daemon.log"));
        site.nothing_is_left();
    });
}

#[test]
fn a_lost_context_takes_the_link_down_until_it_is_back() {
    by_either(|protocol| {
        let site = Site::by(protocol, "wwan0 = 1");
        let _daemon = site.daemon(INTERFACE);
        let old = site.online()["bearers"][0]["addresses"].clone();
        site.modem.sim.happen(Event::ContextLost(1));
        site.nothing_is_left();
        site.house.says(0, &["connect"]);
        let doc = site.online();
        assert_ne!(doc["bearers"][0]["addresses"], old);
        assert_eq!(talk(HOST_V6).unwrap(), "hello");
    });
}

/// A second bearer, without a default route; activations are not kept apart.
fn two_bearers(site: &Site) -> String {
    let more = "[[modem.bearer]]\ncontext = 2\napn = \"private.test\"\ndata = \"interface\"\ndefault_route = false";
    format!("[retry]\nspacing = \"1s\"\n{}", site.config(&format!("{INTERFACE}\n{more}")))
}

/// The links that bearers have of one interface, and what of the simulated modem each stands for: a context by its number,
/// and by MBIM that of the session.
const fn links_of(protocol: Protocol) -> ([&'static str; 2], &'static str) {
    match protocol {
        Protocol::Mbim => (["wwan0", "wwan0.1"], "wwan0 = 1, \"wwan0.1\" = 201"),
        _ => (["wwan0.1", "wwan0.2"], "\"wwan0.1\" = 1, \"wwan0.2\" = 2"),
    }
}

/// The links are there already, as if somebody had made them: this kernel may have none of the kind. What is sent and
/// received by the modem is the same.
#[test]
fn two_bearers_share_the_interface_of_a_modem() {
    by_either(|protocol| {
        let ([first, second], interfaces) = links_of(protocol);
        // By QMI the carrier has the links alone.
        let _base = (protocol == Protocol::Qmi).then(|| kernel::tun("wwan0").unwrap());
        let site = Site::by(protocol, interfaces);
        let mut daemon = site.house.daemon(&two_bearers(&site));
        let both = |doc: &Value| {
            let of = |n: usize| doc["bearers"][n]["interface"].as_str().unwrap_or_default();
            is_online(doc) && of(0) == first && of(1) == second
        };
        let doc = site.house.wait("both online", both);
        assert_eq!(doc["bearers"][1]["apn"], "private.test");
        assert!(run("ip", &["route", "get", HOST_V4]).contains(&format!("dev {first} ")));
        for link in [first, second] {
            for host in [HOST_V4, HOST_V6] {
                run("ping", &["-c", "1", "-W", "20", "-n", "-I", link, host]);
            }
        }
        let base = run("ip", &["-o", "link", "show", "dev", "wwan0"]);
        // With QMAP the interface takes whole transfers.
        assert!(base.contains(",UP") && (protocol == Protocol::Mbim || base.contains("mtu 16384")), "{base}");
        // The first goes, and the interface below stays up for the other.
        site.modem.sim.happen(Event::ContextLost(1));
        site.house.wait("one down", |doc| doc["bearers"][0]["active"] == false);
        run("ping", &["-c", "1", "-W", "20", "-n", "-I", second, HOST_V4]);
        site.house.says(0, &["disconnect"]);
        as_before(&site);
        site.house.says(0, &["connect"]);
        site.house.wait("both online again", both);
        daemon.signal(Signal::KILL);
        daemon.ended();
        let mut daemon = site.daemon(&format!("{INTERFACE}\nautoconnect = false"));
        as_before(&site);
        daemon.signal(Signal::TERM);
        daemon.ended();
        let mut daemon = site.house.daemon(&two_bearers(&site));
        site.house.wait("both online once more", both);
        daemon.signal(Signal::TERM);
        assert_eq!(daemon.ended().code(), Some(0), "{}", site.house.log("daemon.log"));
        as_before(&site);
    });
}

/// Nothing of bearers, and the interface that carried them as it was.
#[track_caller]
fn as_before(site: &Site) {
    site.nothing_is_left();
    eventually("put back", || {
        let base = run("ip", &["-o", "link", "show", "dev", "wwan0"]);
        let so = !base.contains(",UP") && base.contains("mtu 1500") && !base.contains("alias");
        if so { Ok(()) } else { Err(base) }
    });
}

#[test]
fn a_link_that_is_named_like_the_interface_below_is_a_mistake() {
    by_either(|protocol| {
        let (_, interfaces) = links_of(protocol);
        let _base = (protocol == Protocol::Qmi).then(|| kernel::tun("wwan0").unwrap());
        let site = Site::by(protocol, interfaces);
        let config = two_bearers(&site).replace("default_route", "interface = \"wwan0\"\ndefault_route");
        let _daemon = site.house.daemon(&config);
        let said = "wwan0 carries all bearers of the modem; leave `interface` out";
        site.house.wait("told", |doc| doc["state_reason"].as_str().unwrap_or_default().contains(said));
    });
}

/// With the kernel's own links, or what is said where it has none.
#[test]
fn the_links_of_two_bearers_are_made_or_it_is_said_what_the_kernel_lacks() {
    by_either(|protocol| {
        let (kind, name) = (if protocol == Protocol::Mbim { "vlan" } else { "rmnet" }, "wwan0.1");
        run("ip", &["link", "add", "wwan0", "type", "veth", "peer", "name", "modem0"]);
        let site = Site::by(protocol, "");
        let mut daemon = site.house.daemon(&two_bearers(&site));
        let link = || run("sh", &["-c", &format!("ip -o link show dev {name} 2>&1 || true")]);
        if has_links(kind) {
            let doc = site.house.wait("both", |doc| doc["bearers"][1]["interface"].is_string());
            assert!(link().contains("made by lpwa"), "{}{doc:#}", link());
            daemon.signal(Signal::KILL);
            daemon.ended();
            let _daemon = site.daemon(&format!("{INTERFACE}\nautoconnect = false"));
            site.nothing_is_left();
        } else {
            let module = if protocol == Protocol::Mbim { "`modprobe 8021q`" } else { "`modprobe rmnet`" };
            let reason = |doc: &Value| doc["state_reason"].as_str().unwrap_or_default().to_owned();
            let doc = site.house.wait("told", |doc| reason(doc).contains(module));
            let expected = format!("making {name} over wwan0: this kernel has no links of the kind {kind}; load");
            assert!(reason(&doc).contains(&expected), "{doc:#}");
            // By MBIM the first session needs no such link.
            assert_eq!(doc["state"] == "connected", protocol == Protocol::Mbim, "{doc:#}");
            site.house.says(0, &["disconnect"]);
            site.nothing_is_left();
        }
        assert!(link().contains("does not exist"), "{}", link());
    });
}
