//! Router advertisements on a link of ours: addresses of theirs are welcome, default routes are not.

use std::fs;
use std::path::Path;

use tracing::debug;

/// A default route that the kernel takes from a router advertisement has a metric that nobody chose, and would be a
/// second one beside ours.
pub fn ignore_default_routes(interface: &str, ignore: bool) {
    // The name was looked up before: the kernel has no interface with a slash in it.
    let path = Path::new("/proc/sys/net/ipv6/conf").join(interface).join("accept_ra_defrtr");
    if let Err(error) = fs::write(&path, if ignore { "0" } else { "1" }) {
        // A kernel without IPv6 has no such file, a container may not write it.
        debug!("{}: {error}", path.display());
    }
}
