//! What systemd-resolved is told, by a service with its name and methods (org.freedesktop.resolve1(5)) on a real bus.

use std::sync::{Arc, Mutex};

use lpwa::net::Links;
use lpwa::net::dns::Dns;
use lpwa::net::links::LinkId;
use lpwa::net::plan::LinkPlan;
use lpwa::port::kernel;
use lpwa::state::Bearer;

use crate::namespace::alone;
use crate::private_bus::PrivateBus;

type Told = Arc<Mutex<Vec<String>>>;

/// Writes down what it is told.
struct Manager(Told);

#[zbus::interface(name = "org.freedesktop.resolve1.Manager")]
impl Manager {
    #[zbus(name = "SetLinkDNS")]
    fn set_link_dns(&self, _ifindex: i32, addresses: Vec<(i32, Vec<u8>)>) {
        self.0.lock().unwrap().push(format!("dns {addresses:?}"));
    }

    fn set_link_domains(&self, _ifindex: i32, domains: Vec<(String, bool)>) {
        self.0.lock().unwrap().push(format!("domains {domains:?}"));
    }

    fn set_link_default_route(&self, _ifindex: i32, enable: bool) {
        self.0.lock().unwrap().push(format!("default route {enable}"));
    }

    fn revert_link(&self, _ifindex: i32) {
        self.0.lock().unwrap().push("revert".into());
    }
}

#[test]
fn a_link_has_its_name_servers_and_gives_them_back() {
    alone(async || {
        let dir = tempfile::tempdir().unwrap();
        let bus = PrivateBus::start(dir.path());
        let told = Told::default();
        let service = zbus::connection::Builder::address(bus.address.as_str())
            .name("org.freedesktop.resolve1")
            .serve_at("/org/freedesktop/resolve1", Manager(told.clone()))
            .build();
        let _service = service.await.unwrap();
        let client = zbus::connection::Builder::address(bus.address.as_str()).build().await.unwrap();
        let _wwan0 = kernel::tun("wwan0").unwrap();
        let links = Links::open(Dns::resolved(client)).await.unwrap();
        let bearer = Bearer {
            addresses: vec!["198.51.100.7".parse().unwrap()],
            dns: vec!["192.0.2.53".parse().unwrap(), "2001:db8::53".parse().unwrap()],
            ..Bearer::default()
        };
        let interface = links.netlink().interface("wwan0").await.unwrap();
        let plan = LinkPlan { domains: vec!["iot.example".into()], ..LinkPlan::new(&bearer, &interface, Some(700)) };
        let id = LinkId { modem: "m0".into(), context: 1 };
        links.bring_up(&id, plan).await.unwrap();
        // AF_INET is 2, AF_INET6 is 10; false: a search domain.
        let v6 = "32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 83";
        let expected = [
            format!("dns [(2, [192, 0, 2, 53]), (10, [{v6}])]"),
            "domains [(\"iot.example\", false)]".into(),
            "default route true".into(),
        ];
        assert_eq!(*told.lock().unwrap(), expected);
        links.take_down(&id).await;
        assert_eq!(told.lock().unwrap().last().unwrap(), "revert");
    });
}
