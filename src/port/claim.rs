//! Who has a serial line open.
//!
//! Two programs on one line steal each other's answers. The kernel's exclusive mode does not stop root, and root is
//! what both lpwa and ModemManager usually are, so the lock file and the open files of every process are looked at.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A process that has a port open, or holds its lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Name of its program.
    pub name: String,
}

/// The name and what to do about it.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {}) has it open; ", self.name, self.pid)?;
        if self.name == "ModemManager" {
            return f.write_str(
                "install udev/60-lpwa.rules, which tell it to leave this modem alone, or stop it with \
                 `systemctl stop ModemManager`",
            );
        }
        f.write_str("stop it, or configure another port")
    }
}

/// Looks for a process other than this one that uses `device`. `root` is `/` but in tests.
///
/// Processes whose files may not be looked at are passed over: the kernel's exclusive mode still keeps us out then.
pub fn holder(root: &Path, device: &Path) -> Option<Holder> {
    let proc = root.join("proc");
    let device = fs::canonicalize(device).unwrap_or_else(|_| device.to_owned());
    locked(root, &proc, &device).or_else(|| opened(&proc, &device))
}

/// The lock file of the Filesystem Hierarchy Standard, clause 5.9: `/var/lock/LCK..ttyUSB2` with a process id in ASCII.
fn locked(root: &Path, proc: &Path, device: &Path) -> Option<Holder> {
    let name = device.file_name()?.to_str()?;
    let text = fs::read_to_string(root.join("var/lock").join(format!("LCK..{name}"))).ok()?;
    // A lock whose process is gone is stale.
    process(proc, text.split_whitespace().next()?)
}

fn opened(proc: &Path, device: &Path) -> Option<Holder> {
    let processes = fs::read_dir(proc).ok()?.flatten();
    let has_open = |path: &PathBuf| {
        let files = fs::read_dir(path.join("fd")).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_link(file.path()).ok()).any(|target| target == device)
    };
    processes
        .filter_map(|entry| {
            let holder = process(proc, entry.file_name().to_str()?)?;
            has_open(&entry.path()).then_some(holder)
        })
        .next()
}

/// The process with this number, if it lives and is not this one.
fn process(proc: &Path, pid: &str) -> Option<Holder> {
    let pid: u32 = pid.parse().ok().filter(|pid| *pid != std::process::id())?;
    let name = fs::read_to_string(proc.join(pid.to_string()).join("comm")).ok()?;
    Some(Holder { pid, name: name.trim_end().to_owned() })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A root with a device and one process that has `open` open.
    fn root(pid: u32, name: &str, open: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let device = dir.path().join("ttyUSB2");
        fs::write(&device, "").unwrap();
        fs::create_dir_all(dir.path().join("var/lock")).unwrap();
        let process = dir.path().join("proc").join(pid.to_string());
        fs::create_dir_all(process.join("fd")).unwrap();
        fs::write(process.join("comm"), format!("{name}\n")).unwrap();
        symlink(dir.path().join(open), process.join("fd/5")).unwrap();
        fs::create_dir_all(dir.path().join("proc/sys")).unwrap();
        (dir, device)
    }

    #[test]
    fn a_free_port_has_no_holder() {
        let (dir, device) = root(4711, "cat", "other");
        assert_eq!(holder(dir.path(), &device), None);
    }

    #[test]
    fn an_open_file_names_its_process_and_the_advice() {
        let (dir, device) = root(4711, "ModemManager", "ttyUSB2");
        let link = dir.path().join("modem");
        symlink(&device, &link).unwrap();
        let holder = holder(dir.path(), &link).unwrap();
        assert_eq!(holder, Holder { pid: 4711, name: "ModemManager".into() });
        assert!(holder.to_string().starts_with("ModemManager (process 4711) has it open; install udev/60-lpwa.rules"));
    }

    #[test]
    fn a_lock_file_counts_while_its_process_lives() {
        let (dir, device) = root(4711, "pppd", "other");
        let lock = dir.path().join("var/lock/LCK..ttyUSB2");
        fs::write(&lock, "      4711\n").unwrap();
        assert_eq!(holder(dir.path(), &device).unwrap().name, "pppd");
        for stale in ["      4712\n", "", "x", "99999999999999999999"] {
            fs::write(&lock, stale).unwrap();
            assert_eq!(holder(dir.path(), &device), None, "{stale:?}");
        }
    }
}
