//! Packets through modems that are told in messages: QMI and MBIM.

use lpwa::sim::Event;
use rustix::process::Signal;

use crate::gateway::{HOST_V4, HOST_V6, INTERFACE, Site, packets_reach_the_host, talk};
use crate::modem::Protocol;
use crate::namespace::{alone, everything, run};

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
        site.house.says(0, &["disconnect"]);
        site.nothing_is_left();
        assert!(talk(HOST_V4).is_err());
        site.house.says(0, &["connect"]);
        assert_eq!(talk(HOST_V6).unwrap(), "hello");
        site.house.says(0, &["disable"]);
        site.nothing_is_left();
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
