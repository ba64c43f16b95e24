//! Finds the serial lines of known modems in `/sys`, without libudev.
//!
//! A modem is known where udev says so (`LPWA_MODEM=1`, see `udev/60-lpwa.rules`) or where its USB id is in the list
//! that the caller gives. Nothing is opened.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A USB modem and its serial lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveredModem {
    /// Where it is plugged in: `usb-1-1.2`, bus 1, port 1 of the bus, port 2 of the hub there. It lasts over restarts.
    pub physical: String,
    /// Vendor and product, `vid:pid` in lower-case hexadecimal.
    pub usb: String,
    /// Device file by USB interface number.
    pub ports: BTreeMap<u8, PathBuf>,
    /// What udev says that an interface is for (`LPWA_PORT`): `at`, `at-data`, `nmea`, `diag`.
    pub roles: BTreeMap<u8, String>,
}

/// One serial line of a USB device.
struct Line {
    physical: String,
    usb: String,
    interface: u8,
    device: PathBuf,
    role: Option<String>,
}

/// Looks for modems below `root` (`/` but in tests), ordered by where they are plugged in. `known` are USB ids, `vid:pid`.
///
/// A line that udev marks `LPWA_MODEM=0` is left out, whatever the list says.
pub fn discover(root: &Path, known: &[String]) -> io::Result<Vec<DiscoveredModem>> {
    let mut modems: BTreeMap<String, DiscoveredModem> = BTreeMap::new();
    let mut names: Vec<_> = fs::read_dir(root.join("sys/class/tty"))?.flatten().map(|e| e.file_name()).collect();
    names.sort();
    for name in names {
        let Some(line) = name.to_str().and_then(|name| line(root, name, known)) else { continue };
        let modem = modems.entry(line.physical.clone()).or_insert_with(|| DiscoveredModem {
            physical: line.physical,
            usb: line.usb,
            ports: BTreeMap::new(),
            roles: BTreeMap::new(),
        });
        modem.ports.insert(line.interface, line.device);
        modem.roles.extend(line.role.map(|role| (line.interface, role)));
    }
    Ok(modems.into_values().collect())
}

fn line(root: &Path, name: &str, known: &[String]) -> Option<Line> {
    let class = root.join("sys/class/tty").join(name);
    let interface = ancestor(&fs::canonicalize(class.join("device")).ok()?, "bInterfaceNumber")?;
    let usb = ancestor(&interface, "idVendor")?;
    let id = format!("{}:{}", hex4(&usb.join("idVendor"))?, hex4(&usb.join("idProduct"))?);
    let properties = properties(root, &class);
    let is_known = match properties.get("LPWA_MODEM").map(String::as_str) {
        Some(mark) => mark == "1",
        None => known.contains(&id),
    };
    if !is_known {
        return None;
    }
    Some(Line {
        physical: format!("usb-{}", usb.file_name()?.to_str()?),
        usb: id,
        interface: u8::from_str_radix(fs::read_to_string(interface.join("bInterfaceNumber")).ok()?.trim(), 16).ok()?,
        device: Path::new("/dev").join(name),
        role: properties.get("LPWA_PORT").cloned(),
    })
}

/// The nearest directory, from `path` upwards, that has the attribute.
fn ancestor(path: &Path, attribute: &str) -> Option<PathBuf> {
    path.ancestors().find(|dir| dir.join(attribute).is_file()).map(Path::to_owned)
}

/// Four hexadecimal digits.
fn hex4(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?.trim().to_ascii_lowercase();
    (text.len() == 4 && text.bytes().all(|b| b.is_ascii_hexdigit())).then_some(text)
}

/// What udev stored of the device: lines `E:KEY=VALUE` in a file named after its numbers.
fn properties(root: &Path, class: &Path) -> BTreeMap<String, String> {
    let numbers = fs::read_to_string(class.join("dev")).unwrap_or_default();
    let file = root.join("run/udev/data").join(format!("c{}", numbers.trim()));
    let text = fs::read_to_string(file).unwrap_or_default();
    let entries = text.lines().filter_map(|line| line.strip_prefix("E:")?.split_once('='));
    entries.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
