//! Several bearers on one interface: the links over it, the switches of its driver, and what a killed daemon left of them.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;

use lpwa::modem::data::Share;
use lpwa::net::dns::{Dns, DnsChoice};
use lpwa::net::links::LinkId;
use lpwa::net::netlink::Netlink;
use lpwa::net::plan::{Interface, LinkPlan};
use lpwa::net::share::{self, Kind};
use lpwa::net::{Links, NetError};
use lpwa::port::kernel;
use lpwa::state::Bearer;

use crate::namespace::{alone, everything, has_links, run};

fn interface(name: &str) -> OwnedFd {
    kernel::tun(name).unwrap()
}

fn id(context: u8) -> LinkId {
    LinkId { modem: "m0".into(), context }
}

fn link(name: &str) -> String {
    run("sh", &["-c", &format!("ip -o link show dev {name} 2>&1 || true")])
}

fn is_up(name: &str) -> bool {
    link(name).contains(",UP")
}

async fn links() -> Links {
    Links::open(Dns::new(DnsChoice::None)).await.unwrap()
}

fn plan(interface: &Interface, address: &str) -> LinkPlan {
    let bearer = Bearer { addresses: vec![address.parse().unwrap()], ..Bearer::default() };
    LinkPlan::new(&bearer, interface, None)
}

#[test]
fn an_interface_is_up_for_as_long_as_a_bearer_passes_it() {
    alone(async || {
        // The links are there already: they are used, and stay.
        let _interfaces = [interface("wwan0"), interface("wwan0.1"), interface("wwan0.2")];
        let before = everything();
        let links = links().await;
        let base = links.netlink().interface("wwan0").await.unwrap();
        links.bring_up(&id(1), plan(&base, "198.51.100.7")).await.unwrap();
        for (context, session, address) in [(2, 1, "198.51.100.8"), (3, 2, "198.51.100.9")] {
            let link = links.share(&id(context), "wwan0", None, Share::Session(session)).await.unwrap();
            assert_eq!(link.name, format!("wwan0.{session}"));
            links.bring_up(&id(context), plan(&link, address)).await.unwrap();
        }
        links.take_down(&id(1)).await;
        assert!(is_up("wwan0") && is_up("wwan0.1") && is_up("wwan0.2"));
        links.take_down(&id(2)).await;
        assert!(is_up("wwan0") && !is_up("wwan0.1"));
        links.take_down(&id(3)).await;
        assert!(!is_up("wwan0") && link("wwan0.2").contains("wwan0.2"), "{}", link("wwan0.2"));
        assert!(!link("wwan0").contains("alias"), "{}", link("wwan0"));
        assert_eq!(everything(), before);
    });
}

#[test]
fn with_qmap_the_interface_takes_whole_transfers() {
    alone(async || {
        let _interfaces = [interface("wwan0"), interface("private0")];
        let links = links().await;
        let share = Share::Qmap { mux_id: 2, transfer: 16_384 };
        let made = links.share(&id(2), "wwan0", Some("private0"), share).await.unwrap();
        assert_eq!(made.name, "private0");
        assert!(link("wwan0").contains("mtu 16384") && is_up("wwan0"), "{}", link("wwan0"));
        links.take_down(&id(2)).await;
        assert!(link("wwan0").contains("mtu 1500") && !is_up("wwan0"), "{}", link("wwan0"));
    });
}

#[test]
fn links_of_a_killed_daemon_are_removed_and_those_of_others_are_not() {
    alone(async || {
        run("ip", &["link", "add", "wwan0", "type", "veth", "peer", "name", "modem0"]);
        for (name, alias) in [("wwan0.1", "made by lpwa: vlan 1 of wwan0"), ("wwan0.2", "made by hand")] {
            run("ip", &["link", "add", "link", "wwan0", "name", name, "type", "macvlan"]);
            run("ip", &["link", "set", "dev", name, "alias", alias]);
        }
        let _links = links().await;
        assert!(link("wwan0.1").contains("does not exist"), "{}", link("wwan0.1"));
        assert!(link("wwan0.2").contains("made by hand"), "{}", link("wwan0.2"));
    });
}

/// The switches of `qmi_wwan` for `wwan0`, and the link that its driver would make for mux id 2.
fn switches(root: &Path) {
    for made in ["wwan0/qmi", "wwan0/upper_qmimux0", "qmimux0/qmap"] {
        fs::create_dir_all(root.join("sys/class/net").join(made)).unwrap();
    }
    for (file, text) in [
        ("wwan0/qmi/pass_through", "N\n"),
        ("wwan0/qmi/add_mux", ""),
        ("wwan0/qmi/del_mux", ""),
        ("qmimux0/qmap/mux_id", "0x02\n"),
    ] {
        fs::write(root.join("sys/class/net").join(file), text).unwrap();
    }
}

#[test]
fn a_mux_id_has_a_link_by_rmnet_or_by_the_driver() {
    alone(async || {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        switches(root);
        let switch = |name: &str| fs::read_to_string(root.join("sys/class/net/wwan0/qmi").join(name)).unwrap();
        let _interfaces = [interface("wwan0"), interface("qmimux0")];
        let netlink = Netlink::open().unwrap();
        let base = netlink.interface("wwan0").await.unwrap();
        let share = Share::Qmap { mux_id: 2, transfer: 16_384 };
        let (made, of) = share::make(&netlink, root, &base, "wwan0.2", share).await.unwrap();
        assert!(link("wwan0.2").contains(&of.to_string()), "{}", link("wwan0.2"));
        if has_links("rmnet") {
            assert_eq!((of.kind, switch("pass_through").as_str()), (Kind::Rmnet, "Y\n"));
            share::unmake(&netlink, root, &made, &of).await.unwrap();
            assert!(link("wwan0.2").contains("does not exist"), "{}", link("wwan0.2"));
        } else {
            assert_eq!((of.kind, switch("add_mux").as_str()), (Kind::Qmimux, "2\n"));
            share::unmake(&netlink, root, &made, &of).await.unwrap();
            assert_eq!(switch("del_mux"), "2\n");
        }
        assert_eq!(switch("pass_through"), "N\n");
    });
}

#[test]
fn a_kernel_without_such_links_says_what_it_lacks() {
    alone(async || {
        let dir = tempfile::tempdir().unwrap();
        run("ip", &["link", "add", "wwan0", "type", "veth", "peer", "name", "modem0"]);
        let netlink = Netlink::open().unwrap();
        let base = netlink.interface("wwan0").await.unwrap();
        let qmap = Share::Qmap { mux_id: 2, transfer: 16_384 };
        for (kind, share, module) in [("vlan", Share::Session(1), "8021q"), ("rmnet", qmap, "rmnet")] {
            match share::make(&netlink, dir.path(), &base, "wwan0.9", share).await {
                Err(error @ NetError::NoLinks { .. }) => {
                    assert!(!has_links(kind), "{error}");
                    assert!(error.to_string().contains(&format!("`modprobe {module}`")), "{error}");
                }
                made => {
                    assert!(has_links(kind), "{made:?}");
                    let (made, of) = made.unwrap();
                    share::unmake(&netlink, dir.path(), &made, &of).await.unwrap();
                    assert!(link("wwan0.9").contains("does not exist"), "{}", link("wwan0.9"));
                }
            }
        }
    });
}
