//! Finds the serial lines and control devices of known modems in `/sys`, without libudev.
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
    /// Its control device, where it has one.
    pub control: Option<ControlDevice>,
}

/// A control device, and the network interface beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlDevice {
    /// Such as `/dev/cdc-wdm0`.
    pub device: PathBuf,
    /// The kernel's driver, which says what it speaks: `qmi_wwan`, `cdc_mbim`.
    pub driver: String,
    /// Such as `wwan0`.
    pub interface: Option<String>,
    /// The number of its USB interface, which data pass over as well.
    pub number: u8,
}

/// One serial line, or one control device, of a USB device.
struct Line {
    physical: String,
    usb: String,
    interface: u8,
    device: PathBuf,
    role: Option<String>,
    control: Option<ControlDevice>,
}

/// Looks for modems below `root` (`/` but in tests), ordered by where they are plugged in. `known` are USB ids, `vid:pid`.
///
/// A line that udev marks `LPWA_MODEM=0` is left out, whatever the list says.
pub fn discover(root: &Path, known: &[String]) -> io::Result<Vec<DiscoveredModem>> {
    let mut modems: BTreeMap<String, DiscoveredModem> = BTreeMap::new();
    let mut lines = lines(root, "tty", known)?;
    // A machine that never saw a control device has no such class.
    lines.extend(self::lines(root, "usbmisc", known).unwrap_or_default());
    for line in lines {
        let modem = modems.entry(line.physical.clone()).or_insert_with(|| DiscoveredModem {
            physical: line.physical,
            usb: line.usb,
            ports: BTreeMap::new(),
            roles: BTreeMap::new(),
            control: None,
        });
        match line.control {
            Some(control) => modem.control = modem.control.take().or(Some(control)),
            None => drop(modem.ports.insert(line.interface, line.device)),
        }
        modem.roles.extend(line.role.map(|role| (line.interface, role)));
    }
    Ok(modems.into_values().collect())
}

/// What `/sys/class` has of a class, by name.
fn lines(root: &Path, class: &str, known: &[String]) -> io::Result<Vec<Line>> {
    let class = root.join("sys/class").join(class);
    let mut names: Vec<_> = fs::read_dir(&class)?.flatten().map(|e| e.file_name()).collect();
    names.sort();
    Ok(names.iter().filter_map(|name| line(root, &class, name.to_str()?, known)).collect())
}

/// The control device at `device`, such as `/dev/cdc-wdm0`, with what stands beside it; `None`: it is none of USB.
pub fn control(root: &Path, device: &Path) -> Option<ControlDevice> {
    let class = root.join("sys/class/usbmisc").join(device.file_name()?);
    let interface = ancestor(&fs::canonicalize(class.join("device")).ok()?, "bInterfaceNumber")?;
    control_at(&interface, device.to_owned())
}

fn control_at(interface: &Path, device: PathBuf) -> Option<ControlDevice> {
    let driver = fs::canonicalize(interface.join("driver")).ok()?.file_name()?.to_str()?.to_owned();
    let mut nets = fs::read_dir(interface.join("net")).into_iter().flatten().flatten();
    let net = nets.find_map(|entry| entry.file_name().into_string().ok());
    Some(ControlDevice { device, driver, interface: net, number: number(interface)? })
}

fn line(root: &Path, class: &Path, name: &str, known: &[String]) -> Option<Line> {
    let is_control = class.ends_with("usbmisc");
    let class = class.join(name);
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
    let device = Path::new("/dev").join(name);
    let control = if is_control { Some(control_at(&interface, device.clone())?) } else { None };
    Some(Line {
        physical: format!("usb-{}", usb.file_name()?.to_str()?),
        usb: id,
        interface: number(&interface)?,
        device,
        role: properties.get("LPWA_PORT").cloned(),
        control,
    })
}

/// The number of a USB interface.
fn number(interface: &Path) -> Option<u8> {
    u8::from_str_radix(fs::read_to_string(interface.join("bInterfaceNumber")).ok()?.trim(), 16).ok()
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
