//! IP addresses in the forms that modems write them in (TS 27.007 clauses 10.1.1, 10.1.23, 10.1.41).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address, and the mask that was written behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The address.
    pub address: IpAddr,
    /// The subnet mask, where one stands in the same text.
    pub mask: Option<IpAddr>,
}

/// Every address in `text`: IPv4 and IPv6 may stand in one text, with a comma, a semicolon or blanks between them.
///
/// Forms: `10.0.0.2`; `10.0.0.2.255.255.255.0` with mask; 16 and 32 decimal octets for IPv6; `2001:db8::1`, also with
/// `/64` or with a mask as the next word. The unspecified addresses mean "none" (`0.0.0.0`, 16 times `0`, `::`).
pub fn parse(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for word in text.split([',', ';', ' ', '\t', '"']).filter(|word| !word.is_empty()) {
        match (found.last_mut(), one(word)) {
            (_, None) => {}
            (Some(last), Some(this)) if last.mask.is_none() && is_mask_of(this.address, last.address) => {
                last.mask = Some(this.address);
            }
            (_, Some(this)) => found.push(this),
        }
    }
    found.retain(|found| !found.address.is_unspecified());
    found
}

/// Whether `mask` can only be the mask of `address`: no host has an address whose leading bits are all set.
fn is_mask_of(mask: IpAddr, address: IpAddr) -> bool {
    mask.is_ipv4() == address.is_ipv4() && is_mask(mask)
}

/// Whether `address` is a subnet mask: ones, then zeros, of which at least the first octet is ones.
pub fn is_mask(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.to_bits().leading_ones() >= 8 && v4.to_bits().count_ones() == v4.to_bits().leading_ones(),
        IpAddr::V6(v6) => v6.to_bits().leading_ones() >= 16 && v6.to_bits().count_ones() == v6.to_bits().leading_ones(),
    }
}

fn one(word: &str) -> Option<Found> {
    if let Ok(address) = word.parse() {
        return Some(Found { address, mask: None });
    }
    if let Some((address, prefix)) = word.split_once('/') {
        let address = address.parse().ok()?;
        return Some(Found { address, mask: mask_of(address, prefix.parse().ok()?) });
    }
    let octets = word.split('.').take(33).map(|octet| octet.parse().ok()).collect::<Option<Vec<u8>>>()?;
    if let Some((address, mask)) = octets.split_at_checked(octets.len() / 2)
        && let (Some(address), Some(mask)) = (from_octets(address), from_octets(mask))
    {
        return Some(Found { address, mask: Some(mask) });
    }
    Some(Found { address: from_octets(&octets)?, mask: None })
}

fn from_octets(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(|v4| IpAddr::from(Ipv4Addr::from(v4)));
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(|v6| IpAddr::from(Ipv6Addr::from(v6)))).ok()
}

/// The mask with `prefix` leading ones.
fn mask_of(address: IpAddr, prefix: u32) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(_) => Ipv4Addr::from_bits(u32::MAX.checked_shl(32_u32.checked_sub(prefix)?).unwrap_or(0)).into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(u128::MAX.checked_shl(128_u32.checked_sub(prefix)?).unwrap_or(0)).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let show = |found: Found| match found.mask {
            Some(mask) => format!("{} {mask}", found.address),
            None => found.address.to_string(),
        };
        parse(text).into_iter().map(show).collect()
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(texts("10.0.0.2"), ["10.0.0.2"]);
        assert_eq!(texts("10.0.0.2.255.255.255.0"), ["10.0.0.2 255.255.255.0"]);
        assert_eq!(texts("32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"), ["2001:db8::1"]);
        assert_eq!(
            texts("32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1.255.255.255.255.255.255.255.255.0.0.0.0.0.0.0.0"),
            ["2001:db8::1 ffff:ffff:ffff:ffff::"]
        );
        assert_eq!(texts("2001:db8::1/64"), ["2001:db8::1 ffff:ffff:ffff:ffff::"]);
        assert_eq!(texts("2001:db8::1 ffff:ffff:ffff:ffff::"), ["2001:db8::1 ffff:ffff:ffff:ffff::"]);
        assert_eq!(texts("10.0.0.2,32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"), ["10.0.0.2", "2001:db8::1"]);
    }

    #[test]
    fn no_address_is_none() {
        // T-37.
        assert!(texts("0.0.0.0,0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0").is_empty());
        assert!(texts("::").is_empty());
        assert!(texts("").is_empty());
        assert!(texts("1.2.3").is_empty());
        assert!(texts("300.1.1.1").is_empty());
        assert!(texts("1.2.3.4/99").len() == 1);
    }
}
