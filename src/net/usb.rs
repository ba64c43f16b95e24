//! The network interface of a USB modem.

use std::fs;
use std::path::Path;

/// The interface of the device at a physical path such as `1-1.2`; the first by name where it has several.
pub fn interface(usb: &str) -> Result<String, String> {
    below(Path::new("/sys"), usb).ok_or_else(|| {
        format!("the USB modem at {usb} has no network interface (yet); see `ls /sys/bus/usb/devices/{usb}:*/net`")
    })
}

/// Each USB interface (`1-1.2:1.4`) has its network interfaces in `net`.
fn below(sys: &Path, usb: &str) -> Option<String> {
    let devices = fs::read_dir(sys.join("bus/usb/devices")).ok()?.flatten();
    let start = format!("{usb}:");
    let own = devices.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(&start)));
    let nets = own.filter_map(|entry| fs::read_dir(entry.path().join("net")).ok()).flatten().flatten();
    nets.filter_map(|entry| entry.file_name().into_string().ok()).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_is_found_below_its_device() {
        let dir = tempfile::tempdir().unwrap();
        let make = |path: &str| fs::create_dir_all(dir.path().join("bus/usb/devices").join(path)).unwrap();
        make("1-1.2:1.0");
        make("1-1.2:1.4/net/wwan1");
        make("1-1.2:1.5/net/wwan0");
        make("1-1.20:1.0/net/eth9");
        assert_eq!(below(dir.path(), "1-1.2").as_deref(), Some("wwan0"));
        assert_eq!(below(dir.path(), "1-1.20").as_deref(), Some("eth9"));
        assert_eq!(below(dir.path(), "1-1"), None);
        assert!(interface("9-9.9").unwrap_err().contains("9-9.9"));
    }
}
