//! The simulated network: cells, whom it lets in, what power saving it grants, when it can be heard.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde::Deserialize;

use crate::policy::governor::Timer;
use crate::spec::apn::PdpType;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;

use super::path::Path;
use super::random::Random;
use super::saving::{EdrxGrant, EdrxPolicy, PsmGrant, PsmPolicy};
use super::text::{parsed, some_parsed, some_timer, span};

/// One cell, and how it is heard at the modem's antenna.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cell {
    /// Network that the cell belongs to; left out: the home network of the card.
    #[serde(deserialize_with = "some_parsed")]
    pub plmn: Option<Plmn>,
    /// Name of that network, as it sends it.
    pub operator: String,
    /// Radio access technology.
    pub rat: Rat,
    /// Tracking area code.
    pub tac: u16,
    /// E-UTRAN cell identity, 28 bits.
    pub cell_id: u32,
    /// Physical cell identity, 0 to 503.
    pub pci: u16,
    /// Downlink channel (EARFCN).
    pub earfcn: u32,
    /// Band number.
    pub band: u16,
    /// Reference signal received power, dBm.
    pub rsrp: f32,
    /// Reference signal received quality, dB.
    pub rsrq: f32,
    /// Received signal strength, dBm.
    pub rssi: f32,
    /// Signal to interference and noise ratio, dB.
    pub sinr: f32,
}

impl Default for Cell {
    /// An LTE-M cell of band 20 of the home network.
    fn default() -> Self {
        Self {
            plmn: None,
            operator: "lpwa test".into(),
            rat: Rat::LteM,
            tac: 0x1A2D,
            cell_id: 0x00D_4F3C,
            pci: 101,
            earfcn: 6300,
            band: 20,
            rsrp: -97.0,
            rsrq: -11.0,
            rssi: -69.0,
            sinr: 9.0,
        }
    }
}

/// A refusal that the network hands out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reject {
    /// Cause: EMM for a registration (TS 24.301 clause 9.9.3.9), ESM for a context (clause 9.9.4.4).
    pub cause: u8,
    /// Only attempts on this network.
    #[serde(default, deserialize_with = "some_parsed")]
    pub plmn: Option<Plmn>,
    /// So many times, then no more; left out: always.
    #[serde(default)]
    pub times: Option<u32>,
    /// Of a context: the back-off timer T3396 that comes with it.
    #[serde(default, deserialize_with = "some_timer")]
    pub back_off: Option<Timer>,
}

impl Reject {
    /// Whether this attempt is refused, counting it.
    fn strikes(reject: &mut Option<Self>, plmn: Plmn) -> Option<Refused> {
        let reject = reject.as_mut().filter(|r| r.plmn.is_none_or(|p| p == plmn))?;
        match &mut reject.times {
            Some(0) => return None,
            Some(left) => *left -= 1,
            None => {}
        }
        Some(Refused { cause: reject.cause, back_off: reject.back_off })
    }
}

/// How a context was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    /// ESM cause.
    pub(super) cause: u8,
    /// T3396, where it is sent.
    pub(super) back_off: Option<Timer>,
}

impl From<u8> for Refused {
    fn from(cause: u8) -> Self {
        Self { cause, back_off: None }
    }
}

/// The network, as seen from one modem.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Network {
    /// Cells in reach while there is coverage, strongest first.
    #[serde(rename = "cell")]
    pub cells: Vec<Cell>,
    /// Whether any cell can be heard.
    pub coverage: bool,
    /// From radio on to a cell found, and again from there to registered.
    #[serde(deserialize_with = "span")]
    pub registration_delay: Duration,
    /// From the last data to the release of the RRC connection.
    #[serde(deserialize_with = "span")]
    pub rrc_release: Duration,
    /// T3412 as the network sends it to a modem without PSM (TS 24.301 clause 10.2: 54 minutes).
    #[serde(deserialize_with = "span")]
    pub tau: Duration,
    /// Refusal of registrations (EMM cause).
    pub reject: Option<Reject>,
    /// Refusal of contexts (ESM cause).
    pub reject_context: Option<Reject>,
    /// APNs that exist; empty: all. Any other is refused with ESM cause 27 (missing or unknown APN).
    pub apns: Vec<String>,
    /// APN that a modem gets which names none.
    pub default_apn: String,
    /// Kinds of address it has.
    #[serde(deserialize_with = "parsed")]
    pub addresses: PdpType,
    /// Name servers.
    pub dns: Vec<IpAddr>,
    /// Maximum transmission unit, octets.
    pub mtu: u16,
    /// How packets fare on their way to the carrier.
    pub path: Path,
    /// What becomes of PSM requests.
    pub psm: PsmPolicy,
    /// What becomes of eDRX requests.
    pub edrx: EdrxPolicy,
    /// Clock of the network at the start, seconds since 1970 UTC.
    pub clock: u64,
    /// Its time zone, quarters of an hour east of Greenwich.
    pub zone: i8,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            cells: vec![Cell::default()],
            coverage: true,
            registration_delay: Duration::from_secs(2),
            rrc_release: Duration::from_secs(10),
            tau: Duration::from_secs(54 * 60),
            reject: None,
            reject_context: None,
            apns: Vec::new(),
            default_apn: "iot.test".into(),
            addresses: PdpType::Ipv4v6,
            dns: vec![IpAddr::V4(Ipv4Addr::new(192, 0, 2, 53)), IpAddr::V6(dns6())],
            mtu: 1358,
            path: Path::default(),
            psm: PsmPolicy::default(),
            edrx: EdrxPolicy::default(),
            clock: 1_772_366_400,
            zone: 4,
        }
    }
}

const fn dns6() -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x53)
}

/// A context as the network granted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The APN in use.
    pub apn: String,
    /// IPv4 address, where the kind of context has one.
    pub v4: Option<Ipv4Addr>,
    /// IPv6 address, where the kind of context has one.
    pub v6: Option<Ipv6Addr>,
    /// ESM cause that came with the grant: 50 or 51, only one family (TS 24.301 clause 6.5.1.3).
    pub note: Option<u8>,
}

/// What a modem asks for when it registers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// Technologies it uses, first preferred.
    pub(super) rats: Vec<Rat>,
    /// Network that it is told to use, if any.
    pub(super) plmn: Option<Plmn>,
    /// Home network of its card.
    pub(super) home: Option<Plmn>,
    /// PSM timers, as bits: periodic TAU, active time.
    pub(super) psm: Option<(String, String)>,
    /// eDRX for each technology.
    pub(super) edrx: Vec<EdrxWish>,
}

/// eDRX that a modem asks for, as bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EdrxWish {
    pub(super) rat: Rat,
    pub(super) cycle: String,
    /// Paging time window, where it asks for one.
    pub(super) ptw: Option<String>,
}

impl Network {
    /// Gives the cells that name no network to `home`.
    pub(super) fn settle(&mut self, home: Option<Plmn>) {
        for cell in &mut self.cells {
            cell.plmn = cell.plmn.or(home);
        }
    }

    /// Cells that a modem could register on, best first: its order of technologies, then home before others.
    pub(super) fn candidates(&self, wish: &Wish, forbidden: &[Plmn]) -> Vec<Cell> {
        let rank = |cell: &Cell| wish.rats.iter().position(|rat| *rat == cell.rat);
        let mut cells: Vec<Cell> = self
            .cells
            .iter()
            .filter(|cell| self.coverage && rank(cell).is_some())
            .filter(|cell| cell.plmn.is_some_and(|p| !forbidden.contains(&p) && wish.plmn.is_none_or(|w| w == p)))
            .cloned()
            .collect();
        cells.sort_by_key(|cell| (cell.plmn != wish.home, rank(cell)));
        cells
    }

    /// The answer to a registration on `plmn`: `Err` is the EMM cause.
    pub(super) fn register(&mut self, plmn: Plmn) -> Result<(), u8> {
        Reject::strikes(&mut self.reject, plmn).map_or(Ok(()), |refused| Err(refused.cause))
    }

    /// The PSM timers that the network grants for `wish`.
    pub(super) fn grant_psm(&self, wish: &Wish) -> Option<PsmGrant> {
        wish.psm.as_ref().and_then(|(tau, active)| self.psm.grant(tau, active))
    }

    /// The eDRX parameters that the network grants for `wish` on `rat`.
    pub(super) fn grant_edrx(&self, wish: &Wish, rat: Rat) -> Option<EdrxGrant> {
        let wish = wish.edrx.iter().find(|wish| wish.rat == rat)?;
        self.edrx.grant(rat, &wish.cycle, wish.ptw.as_deref())
    }

    /// The answer to a context request on `plmn`. Addresses come from `random`.
    pub(super) fn activate(
        &mut self,
        plmn: Plmn,
        apn: &str,
        kind: PdpType,
        random: &mut Random,
    ) -> Result<Lease, Refused> {
        if let Some(refused) = Reject::strikes(&mut self.reject_context, plmn) {
            return Err(refused);
        }
        let apn = if apn.is_empty() { &self.default_apn } else { apn };
        // The APN may come with its operator part (TS 23.003 clause 9.1.2).
        let known = |a: &String| apn.eq_ignore_ascii_case(a) || apn.strip_prefix(a.as_str()).is_some_and(operator_part);
        if !self.apns.is_empty() && !self.apns.iter().any(known) {
            return Err(27.into());
        }
        let apn = apn.to_owned();
        self.lease(apn, kind, random)
    }

    fn lease(&self, apn: String, kind: PdpType, random: &mut Random) -> Result<Lease, Refused> {
        let (want4, want6) = families(kind);
        let (has4, has6) = families(self.addresses);
        let note = match (want4, want6, has4, has6) {
            // TS 24.301 clause 6.5.1.4: a single family that the network does not have is refused.
            (true, false, false, true) => return Err(51.into()),
            (false, true, true, false) => return Err(50.into()),
            (true, true, true, false) => Some(50),
            (true, true, false, true) => Some(51),
            _ => None,
        };
        let v4 = Ipv4Addr::new(10, 64, random.below(256) as u8, 1 + random.below(254) as u8);
        let v6 = Ipv6Addr::new(0x2001, 0xdb8, 0, random.below(0xffff) as u16, 0, 0, 0, 1);
        Ok(Lease { apn, v4: (want4 && has4).then_some(v4), v6: (want6 && has6).then_some(v6), note })
    }
}

fn operator_part(rest: &str) -> bool {
    rest.to_ascii_lowercase().starts_with(".mnc")
}

const fn families(kind: PdpType) -> (bool, bool) {
    match kind {
        PdpType::Ipv4 => (true, false),
        PdpType::Ipv6 => (false, true),
        PdpType::Ipv4v6 => (true, true),
        PdpType::NonIp => (false, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_plmn() -> Plmn {
        "00101".parse().unwrap()
    }

    fn cell(plmn: &str, rat: Rat) -> Cell {
        Cell { plmn: plmn.parse().ok(), rat, ..Cell::default() }
    }

    fn wish(rats: &[Rat]) -> Wish {
        Wish { rats: rats.to_vec(), home: Some(test_plmn()), ..Wish::default() }
    }

    #[test]
    fn home_comes_first_then_the_order_of_technologies() {
        let network = Network {
            cells: vec![cell("99970", Rat::LteM), cell("00101", Rat::NbIot), cell("00101", Rat::LteM)],
            ..Network::default()
        };
        let order = |wish: &Wish, forbidden: &[Plmn]| -> Vec<_> {
            network.candidates(wish, forbidden).iter().map(|c| (c.plmn.unwrap().to_string(), c.rat)).collect()
        };
        assert_eq!(
            order(&wish(&[Rat::NbIot, Rat::LteM]), &[]),
            [("00101".into(), Rat::NbIot), ("00101".into(), Rat::LteM), ("99970".into(), Rat::LteM)]
        );
        assert_eq!(order(&wish(&[Rat::LteM]), &[test_plmn()]), [("99970".into(), Rat::LteM)]);
        assert_eq!(order(&Wish { plmn: Some(test_plmn()), ..wish(&[Rat::Gsm]) }, &[]), []);
        let dead = Network { coverage: false, ..network.clone() };
        assert!(dead.candidates(&wish(&[Rat::LteM]), &[]).is_empty());
    }

    #[test]
    fn refuses_as_often_as_told() {
        let reject = Reject { cause: 11, plmn: Some(test_plmn()), times: Some(2), back_off: None };
        let mut network = Network { reject: Some(reject), ..Network::default() };
        assert_eq!(network.register("99970".parse().unwrap()), Ok(()));
        assert_eq!(network.register(test_plmn()), Err(11));
        assert_eq!(network.register(test_plmn()), Err(11));
        assert_eq!(network.register(test_plmn()), Ok(()));
    }

    #[test]
    fn contexts_follow_apn_and_family() {
        let mut random = Random::new(1);
        let mut network = Network { apns: vec!["iot.test".into()], addresses: PdpType::Ipv4, ..Network::default() };
        let mut ask = |apn: &str, kind| network.activate(test_plmn(), apn, kind, &mut random);
        // TS 24.301 clause 9.9.4.4: 27 missing or unknown APN, 50 PDN type IPv4 only allowed.
        assert_eq!(ask("nowhere", PdpType::Ipv4), Err(27.into()));
        assert_eq!(ask("iot.test", PdpType::Ipv6), Err(50.into()));
        let both = ask("", PdpType::Ipv4v6).unwrap();
        assert_eq!((both.apn.as_str(), both.note, both.v6), ("iot.test", Some(50), None));
        assert_eq!(both.v4.unwrap().octets()[0], 10);
        let other = ask("iot.test.mnc001.mcc001.gprs", PdpType::Ipv4).unwrap();
        assert!(other.note.is_none() && other.v4 != both.v4);
        assert_eq!(ask("iot.test", PdpType::NonIp).unwrap().v4, None);
    }
}
