//! `org.lpwa.Bearer1`.

use crate::bus::subject::Subject;
use crate::state::Bearer;

/// One data context.
pub struct Bearer1 {
    pub subject: Subject,
    pub context: u8,
}

impl Bearer1 {
    /// From the context as it is now; the default while it is being removed.
    fn read<T: Default>(&self, read: impl FnOnce(&Bearer) -> T) -> T {
        self.subject.state().bearers.iter().find(|bearer| bearer.context == self.context).map(read).unwrap_or_default()
    }
}

#[zbus::interface(name = "org.lpwa.Bearer1", introspection_docs = false)]
impl Bearer1 {
    #[zbus(property(emits_changed_signal = "const"))]
    fn context(&self) -> u8 {
        self.context
    }

    #[zbus(property)]
    fn apn(&self) -> String {
        self.read(|bearer| bearer.apn.to_string())
    }

    #[zbus(property)]
    fn pdp_type(&self) -> &'static str {
        self.read(|bearer| bearer.pdp_type.name())
    }

    #[zbus(property)]
    fn active(&self) -> bool {
        self.read(|bearer| bearer.active)
    }

    #[zbus(property)]
    fn addresses(&self) -> Vec<String> {
        self.read(|bearer| bearer.addresses.iter().map(ToString::to_string).collect())
    }

    #[zbus(property)]
    fn gateways(&self) -> Vec<String> {
        self.read(|bearer| bearer.gateways.iter().map(ToString::to_string).collect())
    }

    #[zbus(property)]
    fn dns(&self) -> Vec<String> {
        self.read(|bearer| bearer.dns.iter().map(ToString::to_string).collect())
    }

    #[zbus(property)]
    fn mtu(&self) -> u32 {
        self.read(|bearer| bearer.mtu.map_or(0, u32::from))
    }

    #[zbus(property)]
    fn interface(&self) -> String {
        self.read(|bearer| bearer.interface.clone().unwrap_or_default())
    }
}
