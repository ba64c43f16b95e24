//! Name servers of links: by systemd-resolved, resolvconf, or a file.

mod file;
mod resolvconf;
mod resolved;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio::sync::Mutex;
use tracing::warn;

use super::error::NetError;
use super::plan::LinkPlan;
use file::File;

/// Where systemd-resolved says that it runs.
const RESOLVED_FILE: &str = "run/systemd/resolve/resolv.conf";
/// Places of the `resolvconf` program.
const RESOLVCONF: [&str; 3] = ["sbin/resolvconf", "usr/sbin/resolvconf", "usr/bin/resolvconf"];
/// The file that the resolver of the C library reads.
const RESOLV_CONF: &str = "etc/resolv.conf";

/// Which way name servers are made known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DnsChoice {
    /// What the machine has: systemd-resolved where it runs, else resolvconf where it is installed, else
    /// `/etc/resolv.conf`.
    #[default]
    Auto,
    /// systemd-resolved, on the system bus.
    Resolved,
    /// The `resolvconf` program.
    Resolvconf,
    /// A file in the form of resolv.conf(5).
    File(PathBuf),
    /// Somebody else's business.
    None,
}

/// A text that names no way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no way to make name servers known; write auto, resolved, resolvconf, none or file:/path")]
pub struct InvalidDns(String);

impl FromStr for DnsChoice {
    type Err = InvalidDns;

    fn from_str(text: &str) -> Result<Self, InvalidDns> {
        match (text, text.strip_prefix("file:")) {
            ("auto", _) => Ok(Self::Auto),
            ("resolved", _) => Ok(Self::Resolved),
            ("resolvconf", _) => Ok(Self::Resolvconf),
            ("none", _) => Ok(Self::None),
            (_, Some(path)) if path.starts_with('/') && !path.contains('\0') => Ok(Self::File(path.into())),
            _ => Err(InvalidDns(text.to_owned())),
        }
    }
}

impl DnsChoice {
    /// What `Auto` comes to on a machine whose files are below `root`.
    fn settle(self, root: &Path) -> Self {
        if self != Self::Auto {
            return self;
        }
        if root.join(RESOLVED_FILE).exists() {
            Self::Resolved
        } else if RESOLVCONF.iter().any(|path| root.join(path).exists()) {
            Self::Resolvconf
        } else {
            Self::File(root.join(RESOLV_CONF))
        }
    }
}

/// The way that was chosen, at work.
pub struct Dns(Way);

enum Way {
    Resolved(resolved::Resolved),
    Resolvconf,
    File(Mutex<File>),
    None,
}

impl Dns {
    /// Sets the way up; nothing is changed yet.
    pub fn new(choice: DnsChoice) -> Self {
        Self(match choice.settle(Path::new("/")) {
            DnsChoice::Auto | DnsChoice::None => Way::None,
            DnsChoice::Resolved => Way::Resolved(resolved::Resolved::default()),
            DnsChoice::Resolvconf => Way::Resolvconf,
            DnsChoice::File(path) => Way::File(Mutex::new(File::new(path))),
        })
    }

    /// By systemd-resolved on a bus that is open.
    pub fn resolved(bus: zbus::Connection) -> Self {
        Self(Way::Resolved(resolved::Resolved::on(bus)))
    }

    /// Undoes what an earlier life left behind. systemd-resolved forgets with the link; resolvconf keeps what it was
    /// told until the machine starts anew.
    pub(super) async fn clean(&self) {
        match &self.0 {
            Way::File(file) => tell(file.lock().await.restore()),
            Way::Resolvconf => resolvconf::clean().await,
            Way::Resolved(_) | Way::None => {}
        }
    }

    pub(super) async fn set(&self, plan: &LinkPlan, index: u32) -> Result<(), NetError> {
        if plan.dns.is_empty() {
            return Ok(());
        }
        match &self.0 {
            Way::Resolved(resolved) => resolved.set(plan, index).await,
            Way::Resolvconf => resolvconf::add(plan).await,
            Way::File(file) => file.lock().await.set(plan),
            Way::None => Ok(()),
        }
    }

    pub(super) async fn unset(&self, plan: &LinkPlan, index: u32) {
        if plan.dns.is_empty() {
            return;
        }
        tell(match &self.0 {
            Way::Resolved(resolved) => resolved.unset(plan, index).await,
            Way::Resolvconf => resolvconf::remove(&plan.interface).await,
            Way::File(file) => file.lock().await.unset(&plan.interface),
            Way::None => Ok(()),
        });
    }
}

/// Nothing can be done about it, and it keeps nothing else from being undone.
fn tell(result: Result<(), NetError>) {
    if let Err(error) = result {
        warn!("{error}");
    }
}

/// Lines of resolv.conf(5) for a link.
fn lines(plan: &LinkPlan) -> String {
    let mut text = String::new();
    if !plan.domains.is_empty() {
        text.push_str(&format!("search {}\n", plan.domains.join(" ")));
    }
    plan.dns.iter().for_each(|server| text.push_str(&format!("nameserver {server}\n")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_what_the_machine_has() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let touch = |path: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        assert_eq!(DnsChoice::Auto.settle(root), DnsChoice::File(root.join("etc/resolv.conf")));
        touch("usr/sbin/resolvconf");
        assert_eq!(DnsChoice::Auto.settle(root), DnsChoice::Resolvconf);
        touch("run/systemd/resolve/resolv.conf");
        assert_eq!(DnsChoice::Auto.settle(root), DnsChoice::Resolved);
        assert_eq!(DnsChoice::None.settle(root), DnsChoice::None);
    }

    #[test]
    fn ways_are_read() {
        assert_eq!("auto".parse(), Ok(DnsChoice::Auto));
        assert_eq!("file:/run/lpwa/resolv.conf".parse(), Ok(DnsChoice::File("/run/lpwa/resolv.conf".into())));
        for text in ["", "file:", "file:relative", "dnsmasq", "file:/a\0b"] {
            assert!(text.parse::<DnsChoice>().is_err(), "{text:?}");
        }
    }
}
