//! The running daemon offers what `dbus/*.xml` and `docs/dbus.md` promise.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::house::{Fake, House, bearer, raw};
use crate::uplinks::wan;
use crate::xml::{Element, parse};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The interfaces of `dbus/*.xml`, by file name without the ending.
fn published() -> Vec<(String, Element)> {
    let files = std::fs::read_dir(root().join("dbus")).unwrap().map(|entry| entry.unwrap().path());
    let xml = files.filter(|path| path.extension().is_some_and(|ext| ext == "xml"));
    xml.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, parse(&std::fs::read_to_string(path).unwrap()))
    })
    .collect()
}

#[tokio::test]
async fn the_daemon_offers_what_is_published() {
    let m0 = Fake::new("m0");
    m0.state.send_modify(|state| state.bearers.push(bearer(1, "10.0.0.2")));
    let mut house = House::new(true, &[&m0]);
    let _wan = wan(&house);
    let peer = raw(&house.listen().await).await;
    let mut offered = BTreeSet::new();
    for path in ["/org/lpwa", "/org/lpwa/modem/m0", "/org/lpwa/modem/m0/bearer/1", "/org/lpwa/uplink/wan"] {
        let interface = Some("org.freedesktop.DBus.Introspectable");
        let reply = peer.call_method(None::<&str>, path, interface, "Introspect", &()).await.unwrap();
        let node = parse(&reply.body().deserialize::<String>().unwrap());
        for (name, interface) in node.interfaces().into_iter().filter(|(name, _)| name.starts_with("org.lpwa.")) {
            let file = std::fs::read_to_string(root().join("dbus").join(format!("{name}.xml")));
            let file = parse(&file.unwrap_or_else(|error| panic!("dbus/{name}.xml: {error}")));
            assert_eq!(interface, file.interfaces()[name], "{name}");
            offered.insert(name.to_owned());
        }
    }
    assert_eq!(offered, published().into_iter().map(|(name, _)| name).collect());
}

#[test]
fn every_member_is_documented() {
    let docs = std::fs::read_to_string(root().join("docs/dbus.md")).unwrap();
    for (name, node) in published() {
        let (_, section) =
            docs.split_once(&format!("## `{name}`")).unwrap_or_else(|| panic!("{name} is not in docs/dbus.md"));
        let section = section.split("\n## ").next().unwrap();
        for (_, member) in &node.interfaces()[name.as_str()].children {
            let member = &member.attributes["name"];
            assert!(section.contains(&format!("`{member}")), "{name}.{member} is not in docs/dbus.md");
        }
    }
}

#[test]
fn a_difference_would_be_seen() {
    let of = |inner: &str| parse(&format!("<?xml version=\"1.0\"?><!-- a --><node>{inner}</node>"));
    let method = |args: &str| of(&format!("<interface name=\"a\"><method name=\"M\">{args}</method></interface>"));
    let (first, second) = ("<arg name=\"x\" type=\"s\"/>", "<arg name=\"y\" type=\"u\"/>");
    assert_eq!(method(&format!("{first}<!-- b -->\n{second}")), method(&format!("{first}{second}")));
    assert_ne!(method(&format!("{first}{second}")), method(&format!("{second}{first}")));
    assert_ne!(method(first), method(second));
    assert_eq!(of("<a/><b/>"), of("<b></b><a/>"));
}

/// The address in the documentation is that of the package.
#[test]
fn the_policy_is_about_our_name() {
    let policy = parse(&std::fs::read_to_string(Path::new(&root()).join("dbus/org.lpwa.conf")).unwrap());
    let rules = policy.children.iter().flat_map(|(_, policy)| &policy.children);
    for (_, rule) in rules {
        assert!(rule.attributes.values().all(|value| value == lpwa::bus::BUS_NAME), "{rule:?}");
    }
}
