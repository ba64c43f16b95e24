//! How packets fare between a modem and its carrier: only those of an active context pass, and not all of them arrive.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde::Deserialize;

use super::modem::SimModem;
use super::power::Power;
use super::text::span;

/// The way of packets, as good or bad as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Path {
    /// Nothing arrives, and nobody is told: the context stays up.
    pub cut: bool,
    /// The share of packets that are lost, 0 to 1.
    pub loss: f32,
    /// From one end to the other.
    #[serde(deserialize_with = "span")]
    pub delay: Duration,
}

/// Which way a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the modem to the network.
    Up,
    /// From the network to the modem.
    Down,
}

impl SimModem {
    /// What becomes of a packet of context `cid` at `now`: how long it is under way, or `None` where it is lost.
    pub fn carry(&mut self, now: Duration, cid: u8, direction: Direction, packet: &[u8]) -> Option<Duration> {
        self.advance(now);
        let end = end(packet, direction)?;
        let lease = self.leases.get(&cid)?;
        let is_ours = match end {
            IpAddr::V4(v4) => lease.v4 == Some(v4),
            // The network gives a whole prefix of 64 bits (TS 23.401 clause 5.3.1.2.2).
            IpAddr::V6(v6) => lease.v6.is_some_and(|own| own.segments().get(..4) == v6.segments().get(..4)),
        };
        let heard = matches!(self.power, Power::On { .. }) && self.serving().is_some();
        if !is_ours || !heard || !self.qmi.carries(cid) {
            return None;
        }
        self.use_air();
        let Path { cut, loss, delay } = self.network.path;
        let lost = cut || (loss > 0.0 && (self.random.below(1_000_000) as f32) < loss * 1e6);
        (!lost).then_some(delay)
    }
}

/// The address of the modem's end in a packet, IPv4 (RFC 791 clause 3.1) or IPv6 (RFC 8200 clause 3).
fn end(packet: &[u8], direction: Direction) -> Option<IpAddr> {
    let up = direction == Direction::Up;
    match packet.first()? >> 4 {
        4 => {
            let octets: [u8; 4] = packet.get(if up { 12..16 } else { 16..20 })?.try_into().ok()?;
            Some(Ipv4Addr::from(octets).into())
        }
        6 => {
            let octets: [u8; 16] = packet.get(if up { 8..24 } else { 24..40 })?.try_into().ok()?;
            Some(Ipv6Addr::from(octets).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Scenario;

    /// A modem with context 1 up, and its addresses.
    fn connected(network: &str) -> (SimModem, Duration, Ipv4Addr, Ipv6Addr) {
        let scenario: Scenario = format!("[modem]\nmodel = \"generic\"\n[network]\n{network}").parse().unwrap();
        let library = crate::modem::definition::Library::builtin();
        let mut modem = scenario.build(library.get("generic").unwrap());
        let now = Duration::from_secs(60);
        modem.advance(now);
        modem.activate(1).unwrap();
        let lease = modem.leases.get(&1).cloned().unwrap();
        (modem, now, lease.v4.unwrap(), lease.v6.unwrap())
    }

    fn v4(source: Ipv4Addr, target: Ipv4Addr) -> Vec<u8> {
        let mut packet = vec![0x45; 12];
        packet.extend(source.octets());
        packet.extend(target.octets());
        packet
    }

    const FAR: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

    #[test]
    fn only_packets_of_the_context_pass() {
        let (mut modem, now, own, own6) = connected("");
        let delay = Some(Duration::ZERO);
        assert_eq!(modem.carry(now, 1, Direction::Up, &v4(own, FAR)), delay);
        assert_eq!(modem.carry(now, 1, Direction::Down, &v4(FAR, own)), delay);
        assert_eq!(modem.carry(now, 1, Direction::Up, &v4(FAR, own)), None, "a source that is not its own");
        assert_eq!(modem.carry(now, 2, Direction::Up, &v4(own, FAR)), None, "a context that is down");
        let mut packet = vec![0x60; 8];
        packet.extend(own6.octets());
        packet.extend(own6.octets());
        assert_eq!(modem.carry(now, 1, Direction::Up, &packet), delay);
        modem.deactivate(1);
        assert_eq!(modem.carry(now, 1, Direction::Up, &v4(own, FAR)), None);
    }

    #[test]
    fn broken_packets_are_lost() {
        let (mut modem, now, ..) = connected("");
        for packet in [&b""[..], b"\x45", b"\x65\0\0", &[0xff; 40], &[0x45; 19]] {
            assert_eq!(modem.carry(now, 1, Direction::Up, packet), None, "{packet:?}");
            assert_eq!(modem.carry(now, 1, Direction::Down, packet), None, "{packet:?}");
        }
    }

    #[test]
    fn a_path_loses_delays_and_is_cut() {
        let (mut modem, now, own, _) = connected("path = { loss = 0.25, delay = \"80ms\" }\n");
        let arrived = (0..1000).filter_map(|_| modem.carry(now, 1, Direction::Up, &v4(own, FAR))).collect::<Vec<_>>();
        assert!((700..800).contains(&arrived.len()), "{}", arrived.len());
        assert!(arrived.iter().all(|delay| *delay == Duration::from_millis(80)));
        modem.network.path = Path { cut: true, ..Path::default() };
        assert_eq!(modem.carry(now, 1, Direction::Up, &v4(own, FAR)), None);
        assert!(modem.leases.contains_key(&1), "nobody is told");
    }
}
