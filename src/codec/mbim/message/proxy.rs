//! mbim-proxy: a service of the proxy itself.

use super::{Cid, Nothing};

/// Which device to use, and how long to wait for it.
pub const CONFIGURATION: Cid = Cid::new(1, "configuration").set::<Configuration>().response::<Nothing>();
/// Which extensions the proxy has agreed on with the device.
pub const VERSION: Cid = Cid::new(2, "version").notification::<Version>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[CONFIGURATION, VERSION];

record! {
    /// Which device to use.
    Configuration {
        device_path: String,
        /// Seconds.
        timeout: u32,
    }

    /// Versions as in [`super::extensions::Version`].
    Version {
        mbim_version: u16,
        mbim_extended_version: u16,
    }
}
