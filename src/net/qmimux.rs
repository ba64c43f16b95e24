//! Multiplexed links by the switches of `qmi_wwan` (`sysfs-class-net-qmi` of the kernel's ABI), for kernels without rmnet.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

fn directory(root: &Path, interface: &str) -> PathBuf {
    root.join("sys/class/net").join(interface)
}

/// Has the driver pass packets with QMAP headers on to rmnet, or no longer. A driver without the switch does nothing else,
/// or knows of no rmnet.
pub fn pass_through(root: &Path, base: &str, on: bool) -> io::Result<()> {
    let switch = directory(root, base).join("qmi/pass_through");
    let wanted = if on { "Y" } else { "N" };
    match fs::read_to_string(&switch) {
        Ok(present) if present.trim() == wanted => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        _ => fs::write(&switch, format!("{wanted}\n")),
    }
}

/// Whether the driver can make links by itself.
pub fn can_add(root: &Path, base: &str) -> bool {
    directory(root, base).join("qmi/add_mux").exists()
}

/// Makes a link, and tells the name that the kernel gave it.
pub fn add(root: &Path, base: &str, mux_id: u8) -> io::Result<String> {
    let before = uppers(root, base)?;
    fs::write(directory(root, base).join("qmi/add_mux"), format!("{mux_id}\n"))?;
    let after = uppers(root, base)?;
    let tells = |name: &&String| mux_id_of(root, name) == Some(mux_id);
    // Kernels before 5.12 do not tell the mux id of a link: there it is the one that was not there before.
    let found = after.iter().find(tells).or_else(|| after.difference(&before).next());
    found.cloned().ok_or_else(|| io::Error::other("the kernel made no link"))
}

/// Takes a link away.
pub fn delete(root: &Path, base: &str, mux_id: u8) -> io::Result<()> {
    fs::write(directory(root, base).join("qmi/del_mux"), format!("{mux_id}\n"))
}

/// Links over `base`: the kernel has an entry `upper_NAME` for each.
fn uppers(root: &Path, base: &str) -> io::Result<BTreeSet<String>> {
    let entries = fs::read_dir(directory(root, base))?.flatten();
    Ok(entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_prefix("upper_")?.to_owned())).collect())
}

/// As `0x02`.
fn mux_id_of(root: &Path, link: &str) -> Option<u8> {
    let text = fs::read_to_string(directory(root, link).join("qmap/mux_id")).ok()?;
    u8::from_str_radix(text.trim().strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel has of a modem with two links, one of which is another program's.
    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let net = dir.path().join("sys/class/net");
        for made in ["wwan0/qmi", "wwan0/upper_qmimux0", "wwan0/upper_qmimux1", "qmimux0/qmap", "qmimux1/qmap"] {
            fs::create_dir_all(net.join(made)).unwrap();
        }
        for (file, text) in [
            ("wwan0/qmi/add_mux", ""),
            ("wwan0/qmi/del_mux", ""),
            ("wwan0/qmi/pass_through", "N\n"),
            ("qmimux0/qmap/mux_id", "0x07\n"),
            ("qmimux1/qmap/mux_id", "0x1f\n"),
        ] {
            fs::write(net.join(file), text).unwrap();
        }
        dir
    }

    fn read(root: &Path, file: &str) -> String {
        fs::read_to_string(root.join("sys/class/net/wwan0/qmi").join(file)).unwrap()
    }

    #[test]
    fn the_driver_is_told_in_its_words() {
        let dir = tree();
        let root = dir.path();
        assert!(can_add(root, "wwan0") && !can_add(root, "eth0"));
        assert_eq!(add(root, "wwan0", 31).unwrap(), "qmimux1");
        assert_eq!(read(root, "add_mux"), "31\n");
        delete(root, "wwan0", 31).unwrap();
        assert_eq!(read(root, "del_mux"), "31\n");
        pass_through(root, "wwan0", true).unwrap();
        assert_eq!(read(root, "pass_through"), "Y\n");
        pass_through(root, "wwan0", false).unwrap();
        assert_eq!(read(root, "pass_through"), "N\n");
    }

    #[test]
    fn what_is_not_there_is_an_error_or_nothing_to_do() {
        let dir = tree();
        let root = dir.path();
        assert_eq!(add(root, "wwan0", 9).unwrap_err().to_string(), "the kernel made no link");
        assert_eq!(add(root, "wwan7", 9).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(delete(root, "wwan7", 9).unwrap_err().kind(), ErrorKind::NotFound);
        // A kernel before 5.12, or another driver.
        pass_through(root, "eth0", true).unwrap();
    }
}
