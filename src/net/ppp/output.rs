//! What pppd says in its log.

use std::net::{IpAddr, Ipv4Addr};

/// Lines of the log are shown up to this length.
const SHOWN: usize = 120;
/// Name servers: pppd knows two.
const SERVERS: usize = 2;

/// What came of a negotiation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PppLink {
    /// The network interface.
    pub interface: Option<String>,
    /// Our address.
    pub v4: Option<Ipv4Addr>,
    /// IPv6 is up; the address comes by router advertisement.
    pub v6: bool,
    /// Name servers.
    pub dns: Vec<IpAddr>,
}

impl PppLink {
    /// Whether it can be used: with IPv4 where that is wanted.
    pub fn is_up(&self, v4: bool) -> bool {
        self.interface.is_some() && if v4 { self.v4.is_some() } else { self.v6 }
    }

    /// Takes in a line of the log. Anything may be in there: what does not read as an address is passed over.
    pub fn learn(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["Using", "interface", name] => self.interface = Some((*name).to_owned()),
            // The kernel may give another name to the new interface.
            ["Renamed", "interface", _, "to", name] => self.interface = Some((*name).to_owned()),
            ["local", "IP", "address", ip] => self.v4 = ip.parse().ok(),
            ["local", "LL", "address", _] => self.v6 = true,
            ["primary" | "secondary", "DNS", "address", ip] if self.dns.len() < SERVERS => {
                self.dns.extend(ip.parse::<IpAddr>());
            }
            _ => {}
        }
    }
}

/// A line as it is shown to people: without control characters, and not endless.
pub fn shortened(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_from_the_log() {
        // The form of pppd 2.4.9, sys-linux.c and ipcp.c.
        let log = "Using interface ppp0\nConnect: ppp0 <--> /dev/ttyUSB3\nlocal  LL address fe80::1\n\
                   remote LL address fe80::2\nlocal  IP address 198.51.100.7\nremote IP address 10.64.64.64\n\
                   primary   DNS address 192.0.2.53\nsecondary DNS address 192.0.2.54";
        let mut link = PppLink::default();
        for line in log.lines() {
            link.learn(line);
        }
        assert_eq!(
            link,
            PppLink {
                interface: Some("ppp0".into()),
                v4: Some(Ipv4Addr::new(198, 51, 100, 7)),
                v6: true,
                dns: vec!["192.0.2.53".parse().unwrap(), "192.0.2.54".parse().unwrap()],
            }
        );
        assert!(link.is_up(true) && link.is_up(false));
    }

    #[test]
    fn nonsense_is_passed_over() {
        let mut link = PppLink::default();
        for line in ["", "local IP address", "local IP address 300.1.1.1", "primary DNS address x", "\u{1b}[0m \0"] {
            link.learn(line);
        }
        assert_eq!(link, PppLink::default());
        assert!(!link.is_up(true));
        assert_eq!(shortened("a\u{7}b"), "ab");
        assert_eq!(shortened(&"x".repeat(500)).len(), SHOWN);
    }
}
