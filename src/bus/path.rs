//! Object paths.

use std::fmt::Write;

use super::MANAGER_PATH;

/// The object of modem `id`.
pub fn modem(id: &str) -> String {
    format!("{MANAGER_PATH}/modem/{}", escape(id))
}

/// The object of a data context.
pub fn bearer(id: &str, context: u8) -> String {
    format!("{}/bearer/{context}", modem(id))
}

/// The object of an uplink.
pub fn uplink(name: &str) -> String {
    format!("{MANAGER_PATH}/uplink/{}", escape(name))
}

/// An element of a path may have letters, digits and `_` only (D-Bus specification, "Valid Object Paths"). Every other
/// octet, and `_` itself, becomes `_` and two hexadecimal digits, so that two ids never share a path.
fn escape(id: &str) -> String {
    let mut escaped = String::new();
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "_{byte:02x}");
        }
    }
    // The empty element is not valid, and no other id escapes to a lone underscore.
    if escaped.is_empty() { "_".into() } else { escaped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_path_elements() {
        assert_eq!(modem("m0"), "/org/lpwa/modem/m0");
        assert_eq!(modem("usb-1_2"), "/org/lpwa/modem/usb_2d1_5f2");
        assert_eq!(modem("é"), "/org/lpwa/modem/_c3_a9");
        assert_eq!(modem(""), "/org/lpwa/modem/_");
        assert_eq!(uplink("wan-1"), "/org/lpwa/uplink/wan_2d1");
        assert_eq!(bearer("m0", 1), "/org/lpwa/modem/m0/bearer/1");
    }
}
