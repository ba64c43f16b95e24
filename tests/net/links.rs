//! Links come up, move, go down, and leave nothing behind.

use std::os::fd::OwnedFd;
use std::process::Command;

use lpwa::net::dns::{Dns, DnsChoice};
use lpwa::net::links::LinkId;
use lpwa::net::plan::{Address, LinkPlan};
use lpwa::net::{Links, NetError};
use lpwa::port::kernel;
use lpwa::state::Bearer;

use crate::namespace::{alone, everything, run};

fn id(context: u8) -> LinkId {
    LinkId { modem: "m0".into(), context }
}

async fn links() -> Links {
    Links::open(Dns::new(DnsChoice::None)).await.unwrap()
}

fn interface(name: &str) -> OwnedFd {
    kernel::tun(name).unwrap()
}

fn bearer(addresses: &[&str]) -> Bearer {
    Bearer {
        context: 1,
        addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
        mtu: Some(1358),
        ..Bearer::default()
    }
}

async fn plan(links: &Links, name: &str, addresses: &[&str], metric: Option<u32>) -> LinkPlan {
    let interface = links.netlink().interface(name).await.unwrap();
    LinkPlan::new(&bearer(addresses), &interface, metric)
}

fn route_to(target: &str, more: &[&str]) -> String {
    run("ip", &[&["route", "get", target], more].concat())
}

/// Until it is so: what holds a name gives it up when its last task has ended.
async fn eventually(what: &str, so: impl AsyncFn() -> bool) {
    let start = std::time::Instant::now();
    while !so().await {
        assert!(start.elapsed().as_secs() < 60, "not {what}");
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_link_comes_up_and_leaves_nothing_behind() {
    alone(async || {
        let _wwan0 = interface("wwan0");
        let before = everything();
        let links = links().await;
        let wanted = plan(&links, "wwan0", &["198.51.100.7", "2001:db8::7"], Some(700)).await;
        links.bring_up(&id(1), wanted.clone()).await.unwrap();
        assert_eq!(links.watch().borrow().get(&id(1)), Some(&wanted));
        let link = run("ip", &["-o", "link", "show", "wwan0"]);
        assert!(link.contains("mtu 1358") && link.contains("UP"), "{link}");
        for target in ["203.0.113.1", "2001:db8:ffff::1"] {
            let route = route_to(target, &[]);
            assert!(route.contains("dev wwan0"), "{route}");
        }
        assert!(run("ip", &["route", "show", "default"]).contains("metric 700"));
        // Again is the same.
        links.bring_up(&id(1), wanted).await.unwrap();
        links.take_down(&id(1)).await;
        assert_eq!(everything(), before);
        let link = run("ip", &["-o", "link", "show", "wwan0"]);
        assert!(link.contains("mtu 1500") && !link.contains("UP"), "{link}");
        assert!(links.watch().borrow().is_empty());
    });
}

#[test]
fn what_is_bound_to_a_link_goes_out_by_it_and_by_no_other() {
    alone(async || {
        let _interfaces = [interface("wwan0"), interface("wwan1")];
        let links = links().await;
        let first = plan(&links, "wwan0", &["198.51.100.7"], Some(100)).await;
        let second = plan(&links, "wwan1", &["198.51.100.8"], None).await;
        let mark = second.table.to_string();
        links.bring_up(&id(1), first).await.unwrap();
        links.bring_up(&id(2), second).await.unwrap();
        assert!(route_to("203.0.113.1", &[]).contains("dev wwan0"));
        for bound in [&["from", "198.51.100.8"][..], &["oif", "wwan1"], &["mark", &mark]] {
            let route = route_to("203.0.113.1", bound);
            assert!(route.contains("dev wwan1") && route.contains("198.51.100.8"), "{bound:?}: {route}");
        }
        // The link has no IPv6: there is no way, rather than another one.
        run("ip", &["-6", "route", "add", "default", "dev", "wwan0", "metric", "5"]);
        let refused = Command::new("ip").args(["-6", "route", "get", "2001:db8::1", "mark", &mark]).output().unwrap();
        assert!(!refused.status.success(), "{}", String::from_utf8_lossy(&refused.stdout));
    });
}

#[test]
fn one_call_moves_the_default_route() {
    alone(async || {
        let _interfaces = [interface("wwan0"), interface("wwan1")];
        let links = links().await;
        let first = plan(&links, "wwan0", &["198.51.100.7", "2001:db8::7"], Some(100)).await;
        let second = plan(&links, "wwan1", &["198.51.100.8", "2001:db8::8"], Some(200)).await;
        links.bring_up(&id(1), first).await.unwrap();
        links.bring_up(&id(2), second).await.unwrap();
        let by = |interface: &str| {
            for target in ["203.0.113.1", "2001:db8:ffff::1"] {
                let route = route_to(target, &[]);
                assert!(route.contains(&format!("dev {interface}")), "{route}");
            }
        };
        by("wwan0");
        links.set_metric(&id(1), Some(300)).await.unwrap();
        by("wwan1");
        links.set_metric(&id(2), None).await.unwrap();
        by("wwan0");
        assert_eq!(run("ip", &["route", "show", "default"]).lines().count(), 1);
        links.set_metric(&id(2), Some(10)).await.unwrap();
        by("wwan1");
        links.take_all_down().await;
        assert_eq!(run("ip", &["route", "show", "default"]), "");
    });
}

#[test]
fn what_a_killed_daemon_left_is_removed_and_what_others_made_is_not() {
    alone(async || {
        let _interfaces = [interface("wwan0"), interface("eth7")];
        run("ip", &["link", "set", "eth7", "up"]);
        run("ip", &["addr", "add", "192.0.2.9/24", "dev", "eth7"]);
        run("ip", &["addr", "add", "192.0.2.10/32", "dev", "wwan0"]);
        run("ip", &["route", "add", "default", "dev", "eth7", "metric", "700"]);
        run("ip", &["rule", "add", "from", "192.0.2.9", "lookup", "77", "priority", "10810"]);
        run("ip", &["route", "add", "198.51.100.0/24", "dev", "eth7", "table", "77", "proto", "static"]);
        let before = everything();
        let killed = links().await;
        let wanted = plan(&killed, "wwan0", &["198.51.100.7", "2001:db8::7"], Some(600)).await;
        killed.bring_up(&id(1), wanted).await.unwrap();
        let in_use = everything();
        assert_ne!(in_use, before);
        let beside = links().await;
        assert_eq!(everything(), in_use, "what another daemon uses is left alone");
        // Its next life, which knows nothing of it.
        drop((killed, beside));
        eventually("as before", async || {
            let _next = links().await;
            everything() == before
        })
        .await;
    });
}

#[test]
fn an_interface_that_vanished_leaves_no_rule() {
    alone(async || {
        let before = everything();
        let wwan0 = interface("wwan0");
        let links = links().await;
        let wanted = plan(&links, "wwan0", &["198.51.100.7"], Some(700)).await;
        links.bring_up(&id(1), wanted).await.unwrap();
        drop(wwan0);
        links.take_down(&id(1)).await;
        assert_eq!(everything(), before);
    });
}

#[test]
fn a_link_that_cannot_be_is_told_and_leaves_nothing() {
    alone(async || {
        let _wwan0 = interface("wwan0");
        let before = everything();
        let links = links().await;
        let missing = links.netlink().interface("wwan9").await.unwrap_err();
        assert!(matches!(missing, NetError::NoInterface(name) if name == "wwan9"));
        let empty = plan(&links, "wwan0", &[], Some(700)).await;
        assert_eq!(links.bring_up(&id(1), empty).await, Err(NetError::NoAddress("wwan0".into())));
        let mut wrong = plan(&links, "wwan0", &["198.51.100.7"], Some(700)).await;
        wrong.addresses.push(Address { ip: "198.51.100.8".parse().unwrap(), prefix: 77 });
        let error = links.bring_up(&id(1), wrong).await.unwrap_err().to_string();
        assert!(error.starts_with("adding the address 198.51.100.8/77 to wwan0: "), "{error}");
        assert_eq!(everything(), before);
    });
}
