//! Name servers in a file in the form of resolv.conf(5).
//!
//! What stood there before is kept beside it and comes back with the last link.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::lines;
use crate::net::error::NetError;
use crate::net::plan::LinkPlan;

/// The first line of a file of ours.
const MARK: &str = "# Written by lpwa; what stood here before is in ";

/// A file, and whose name servers are in it.
pub struct File {
    path: PathBuf,
    links: BTreeMap<String, LinkPlan>,
}

impl File {
    pub const fn new(path: PathBuf) -> Self {
        Self { path, links: BTreeMap::new() }
    }

    pub fn set(&mut self, plan: &LinkPlan) -> Result<(), NetError> {
        self.links.insert(plan.interface.clone(), plan.clone());
        self.write()
    }

    pub fn unset(&mut self, interface: &str) -> Result<(), NetError> {
        self.links.remove(interface);
        if self.links.is_empty() { self.restore() } else { self.write() }
    }

    /// Puts back what stood there before us, also before an earlier life of ours.
    pub fn restore(&self) -> Result<(), NetError> {
        self.put_back().map_err(|error| NetError::refused(format!("putting {} back", self.path.display()), &error))
    }

    fn saved(&self) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".before-lpwa");
        name.into()
    }

    fn put_back(&self) -> io::Result<()> {
        if !is_ours(&self.path) {
            return Ok(());
        }
        let saved = self.saved();
        // A link or a file, whichever it was; or there was none.
        if fs::symlink_metadata(&saved).is_ok() { fs::rename(saved, &self.path) } else { fs::remove_file(&self.path) }
    }

    fn write(&self) -> Result<(), NetError> {
        self.replace().map_err(|error| {
            let doing = format!("writing name servers to {} (dns = \"file:PATH\" names another)", self.path.display());
            NetError::refused(doing, &error)
        })
    }

    /// In one step: a reader finds the old text or the new one.
    fn replace(&self) -> io::Result<()> {
        if !is_ours(&self.path) && fs::symlink_metadata(&self.path).is_ok() {
            fs::rename(&self.path, self.saved())?;
        }
        let dir = self.path.parent().unwrap_or(Path::new("/"));
        let new = dir.join(format!(".lpwa-resolv.{}", std::process::id()));
        let mut file = fs::File::create(&new)?;
        file.write_all(self.text().as_bytes())?;
        file.sync_all()?;
        fs::rename(new, &self.path)
    }

    /// The link that has the default route comes first: the resolver asks the first server.
    fn text(&self) -> String {
        let mut plans: Vec<_> = self.links.values().collect();
        plans.sort_by_key(|plan| plan.metric.unwrap_or(u32::MAX));
        let body: String = plans.into_iter().map(lines).collect();
        format!("{MARK}{}\n{body}", self.saved().display())
    }
}

fn is_ours(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.starts_with(MARK))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(interface: &str, server: &str, metric: Option<u32>) -> LinkPlan {
        LinkPlan {
            interface: interface.into(),
            addresses: vec![],
            addressed: false,
            gateways: vec![],
            mtu: None,
            dns: vec![server.parse().unwrap()],
            domains: vec!["iot.example".into()],
            table: 1,
            metric,
        }
    }

    #[test]
    fn what_was_there_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let (path, target) = (dir.path().join("resolv.conf"), dir.path().join("stub"));
        fs::write(&target, "nameserver 203.0.113.1\n").unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        let mut file = File::new(path.clone());
        file.set(&plan("wwan1", "192.0.2.2", None)).unwrap();
        file.set(&plan("wwan0", "2001:db8::53", Some(700))).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let servers: Vec<_> = text.lines().filter(|line| line.starts_with("nameserver")).collect();
        assert_eq!(servers, ["nameserver 2001:db8::53", "nameserver 192.0.2.2"], "the default route's first");
        assert!(text.contains("\nsearch iot.example\n"));
        file.unset("wwan0").unwrap();
        assert!(!fs::read_to_string(&path).unwrap().contains("db8"));
        file.unset("wwan1").unwrap();
        assert_eq!(fs::read_link(&path).unwrap(), target, "the link is a link again");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn an_earlier_life_is_undone_and_others_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("resolv.conf");
        fs::write(&path, "nameserver 203.0.113.1\n").unwrap();
        File::new(path.clone()).set(&plan("wwan0", "192.0.2.2", None)).unwrap();
        // Killed here.
        let next = File::new(path.clone());
        next.restore().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "nameserver 203.0.113.1\n");
        next.restore().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "nameserver 203.0.113.1\n");
        // There was none at all.
        fs::remove_file(&path).unwrap();
        let mut file = File::new(path.clone());
        file.set(&plan("wwan0", "192.0.2.2", None)).unwrap();
        file.unset("wwan0").unwrap();
        assert!(!path.exists());
    }
}
