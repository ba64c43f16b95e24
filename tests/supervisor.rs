//! Modems that are plugged in while the daemon runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use lpwa::daemon::config::{Config, Disk};
use lpwa::daemon::ports::{Ports, Rings};
use lpwa::daemon::supervisor::Supervisor;
use lpwa::modem::definition::Library;
use lpwa::modem::handle::ModemHandle;

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The command port of a BG95 at USB path 1-1.2, as usb-serial lays it out below `/sys`.
fn plug_in(root: &Path) {
    let (device, port) = ("sys/devices/usb1/1-1/1-1.2", "sys/devices/usb1/1-1/1-1.2/1-1.2:1.2/ttyUSB2");
    put(root, &format!("{device}/idVendor"), "2c7c\n");
    put(root, &format!("{device}/idProduct"), "0700\n");
    put(root, &format!("{device}/1-1.2:1.2/bInterfaceNumber"), "02\n");
    put(root, &format!("{port}/tty/ttyUSB2/dev"), "188:2\n");
    symlink("../../../ttyUSB2", root.join(port).join("tty/ttyUSB2/device")).unwrap();
    symlink(root.join(port).join("tty/ttyUSB2"), root.join("sys/class/tty/ttyUSB2")).unwrap();
}

/// Its model is known by what is plugged in, and only then.
#[tokio::test(start_paused = true)]
async fn a_usb_modem_that_comes_later_is_known_by_its_model() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::create_dir_all(root.join("sys/class/tty")).unwrap();
    let file = root.join("lpwa.toml");
    fs::write(&file, "[[modem]]\nid = \"m0\"\nusb = \"1-1.2\"\n").unwrap();
    let config = Config::load(&file, &Disk, |_| Vec::new()).unwrap();
    let ports = Ports { root: root.into(), rings: Rings::default(), ring_bytes: 0 };
    let library = Arc::new(Library::builtin());
    let mut supervisor = Supervisor::new(library.clone(), ports, None, None);
    let handles = supervisor.handles();
    let model = |handle: &ModemHandle| handle.state.borrow().definition.clone();

    supervisor.apply(library.clone(), &config.modems);
    let first = handles.borrow()["m0"].clone();
    assert_eq!(model(&first), "generic");

    plug_in(root);
    supervisor.apply(library.clone(), &config.modems);
    let second = handles.borrow()["m0"].clone();
    assert_eq!(model(&second), "quectel-bg95");

    supervisor.apply(library, &config.modems);
    assert!(handles.borrow()["m0"].jobs.same_channel(&second.jobs), "it is left alone from then on");
    supervisor.stop().await;
}
