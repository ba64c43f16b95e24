//! What is written on an interface in use: how it was before.

use super::plan::Interface;

/// The text for `interface` as it is.
pub fn of(interface: &Interface) -> String {
    let before = if interface.up { "up" } else { "down" };
    format!("used by lpwa; before: {before}, MTU {}", interface.mtu)
}

/// An interface as it was before, by what is written on it; `None`: that is not ours.
pub fn read(interface: &Interface) -> Option<Interface> {
    let text = interface.note.as_deref()?.strip_prefix("used by lpwa; before: ")?;
    let (before, mtu) = text.split_once(", MTU ")?;
    Some(Interface { up: before == "up", mtu: mtu.parse().ok()?, note: None, ..interface.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let before = Interface { name: "wwan0".into(), index: 3, up: false, mtu: 1500, note: None };
        let now = Interface { up: true, mtu: 1358, note: Some(of(&before)), ..before.clone() };
        assert_eq!(read(&now), Some(before));
        for other in ["", "uplink of the site", "used by lpwa; before: down", "used by lpwa; before: down, MTU x"] {
            assert_eq!(read(&Interface { note: Some(other.into()), ..now.clone() }), None, "{other}");
        }
    }
}
