//! Contexts: `+CGATT`, `+CGDCONT`, `+CGACT`, `+CGPADDR`, `+CGCONTRDP`, `+CGAUTH`, dialling (TS 27.007 clause 10).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::policy::governor::Timer;
use crate::sim::modem::SimModem;
use crate::sim::network::Lease;
use crate::sim::notice::Failure;
use crate::sim::settings::Context;

use super::answer::{Answer, AtError, CME_INVALID, CME_NO_SERVICE, CME_NOT_ALLOWED, Reply, Then};
use super::args::Args;
use super::line::Op;
use super::{Entry, Test, code};

pub(super) const ENTRIES: &[Entry] = &[
    code("+CGATT", Test::Text("(0,1)"), cgatt),
    code("+CGDCONT", Test::Own, cgdcont),
    code("+CGACT", Test::Text("(0,1)"), cgact),
    code("+CGPADDR", Test::Own, cgpaddr),
    code("+CGCONTRDP", Test::Own, cgcontrdp),
    code("+CGAUTH", Test::Text("(0-15),(0-2),127,127"), cgauth),
    code("+CGEREP", Test::Text("(0-2),(0,1)"), cgerep),
    code("+CABTRDP", Test::Ok, cabtrdp),
    code("+CGDATA", Test::Text("(\"PPP\")"), cgdata),
];

/// The highest context id.
const MAX_CID: u32 = 15;

impl SimModem {
    /// Brings a context up; an error is what `+CGACT` answers.
    pub(in crate::sim) fn activate(&mut self, cid: u8) -> Result<(), AtError> {
        let plmn = self.serving().and_then(|cell| cell.plmn).ok_or(CME_NO_SERVICE)?;
        if self.leases.contains_key(&cid) {
            return Ok(());
        }
        let Context { kind, apn, .. } = self.kept.contexts.get(&cid).cloned().ok_or(CME_NOT_ALLOWED)?;
        match self.ask_context(plmn, &apn, kind) {
            Ok(lease) => {
                self.network_says(lease.note, cid);
                self.leases.insert(cid, lease);
                if self.settings.cgerep > 0 {
                    self.say(&format!("+CGEV: ME PDN ACT {cid}"));
                }
                Ok(())
            }
            Err(cause) => {
                self.reported.failure = Some(Failure::Context(cause));
                self.network_says(Some(cause), cid);
                Err(refused(cause))
            }
        }
    }

    fn network_says(&mut self, cause: Option<u8>, cid: u8) {
        if let Some(cause) = cause.filter(|_| self.settings.cnec & 16 != 0) {
            self.say(&format!("+CNEC_ESM: {cause},{cid}"));
        }
    }

    /// Takes a context down.
    pub(in crate::sim) fn deactivate(&mut self, cid: u8) {
        if self.leases.remove(&cid).is_some() {
            self.use_air();
            if self.settings.cgerep > 0 {
                self.say(&format!("+CGEV: ME PDN DEACT {cid}"));
            }
        }
    }
}

/// The `+CME ERROR` of an ESM cause: TS 27.007 clause 9.2.2 has numbers for these.
const fn refused(cause: u8) -> AtError {
    AtError::Cme(match cause {
        26 => 126,
        29 => 149,
        32 => 132,
        33 => 133,
        34 => 134,
        50 => 192,
        51 => 193,
        _ => 148,
    })
}

fn cgatt(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Read => Ok(Answer::line(format!("+CGATT: {}", u8::from(modem.serving().is_some())))),
        Op::Set(n) => {
            if Args::new(n).within(0, 0..=1)? == 0 {
                modem.detach();
            } else if modem.kept.cfun == 1 {
                modem.radio_follows();
            } else {
                return Err(CME_NOT_ALLOWED);
            }
            Ok(Answer::ok().taking(modem.profile.activate))
        }
        _ => Err(AtError::Plain),
    }
}

fn cid_of(number: Option<u32>) -> Result<u8, AtError> {
    number.filter(|n| *n <= MAX_CID).and_then(|n| u8::try_from(n).ok()).ok_or(CME_INVALID)
}

fn cgdcont(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Test => {
            let first = modem.definition.capabilities.default_context;
            let line = |kind| format!("+CGDCONT: ({first}-{MAX_CID}),\"{kind}\",,,(0),(0)");
            Ok(Answer::lines(["IP", "IPV6", "IPV4V6", "Non-IP"].into_iter().map(line).collect()))
        }
        Op::Read => {
            let line = |(cid, context): (&u8, &Context)| {
                let address = modem.leases.get(cid).and_then(address_text).unwrap_or_default();
                format!("+CGDCONT: {cid},\"{}\",\"{}\",\"{address}\",0,0", context.kind.at_name(), context.apn)
            };
            Ok(Answer::lines(modem.kept.contexts.iter().map(line).collect()))
        }
        Op::Set(values) => define(modem, &Args::new(values)),
        Op::Run => Err(AtError::Plain),
    }
}

fn define(modem: &mut SimModem, args: &Args<'_>) -> Reply {
    let cid = cid_of(args.number(0)?)?;
    if args.len() == 1 {
        modem.deactivate(cid);
        modem.kept.contexts.remove(&cid);
        return Ok(Answer::ok());
    }
    let kind = args.text(1).unwrap_or("IP").parse().map_err(|_| CME_INVALID)?;
    let apn = args.text(2).unwrap_or_default();
    if apn.len() > 100 {
        return Err(CME_INVALID);
    }
    let old = modem.kept.contexts.remove(&cid).unwrap_or_default();
    modem.kept.contexts.insert(cid, Context { kind, apn: apn.to_owned(), ..old });
    Ok(Answer::ok())
}

fn cgact(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Read => {
            let line = |cid: &u8| format!("+CGACT: {cid},{}", u8::from(modem.leases.contains_key(cid)));
            Ok(Answer::lines(modem.kept.contexts.keys().map(line).collect()))
        }
        Op::Set(values) => {
            let args = Args::new(values);
            let on = args.within(0, 0..=1)? == 1;
            let cids = match args.number(1)? {
                Some(cid) => vec![cid_of(Some(cid))?],
                None => modem.kept.contexts.keys().copied().collect(),
            };
            for cid in cids {
                if on {
                    modem.activate(cid)?;
                } else {
                    modem.deactivate(cid);
                }
            }
            Ok(Answer::ok().taking(modem.profile.activate))
        }
        _ => Err(AtError::Plain),
    }
}

/// IPv4 in dots, IPv6 as sixteen numbers in dots (`+CGPIAF=0`, TS 27.007 clause 10.1.39).
fn v6_text(address: Ipv6Addr) -> String {
    // They look like four IPv4 addresses.
    let [a, b, c, d] = [96, 64, 32, 0].map(|shift| Ipv4Addr::from_bits((address.to_bits() >> shift) as u32));
    format!("{a}.{b}.{c}.{d}")
}

fn address_text(lease: &Lease) -> Option<String> {
    lease.v4.map(|v4| v4.to_string()).or_else(|| lease.v6.map(v6_text))
}

fn listed(modem: &SimModem) -> String {
    let cids: Vec<String> = modem.leases.keys().map(u8::to_string).collect();
    format!("({})", cids.join(","))
}

fn cgpaddr(modem: &mut SimModem, op: &Op) -> Reply {
    let line = |cid: &u8| {
        let lease = modem.leases.get(cid);
        let v4 = lease.and_then(|l| l.v4).map(|a| a.to_string());
        let v6 = lease.and_then(|l| l.v6).map(v6_text);
        let addresses: String = [v4, v6].into_iter().flatten().map(|a| format!(",\"{a}\"")).collect();
        format!("+CGPADDR: {cid}{addresses}")
    };
    match op {
        Op::Test => Ok(Answer::line(format!("+CGPADDR: {}", listed(modem)))),
        Op::Run => Ok(Answer::lines(modem.kept.contexts.keys().map(line).collect())),
        Op::Set(cid) => Ok(Answer::line(line(&cid_of(Args::new(cid).number(0)?)?))),
        Op::Read => Err(AtError::Plain),
    }
}

fn cgcontrdp(modem: &mut SimModem, op: &Op) -> Reply {
    let wanted = match op {
        Op::Test => return Ok(Answer::line(format!("+CGCONTRDP: {}", listed(modem)))),
        Op::Read => return Err(AtError::Plain),
        Op::Run => None,
        Op::Set(cid) => Some(cid_of(Args::new(cid).number(0)?)?),
    };
    let leases = modem.leases.iter().filter(|(cid, _)| wanted.is_none_or(|w| w == **cid));
    Ok(Answer::lines(leases.flat_map(|(cid, lease)| dynamic_lines(modem, *cid, lease)).collect()))
}

/// One line for each family (TS 27.007 clause 10.1.23).
fn dynamic_lines(modem: &SimModem, cid: u8, lease: &Lease) -> Vec<String> {
    let (mut dns4, mut dns6) = (Vec::new(), Vec::new());
    for dns in &modem.network.dns {
        match dns {
            IpAddr::V4(v4) => dns4.push(v4.to_string()),
            IpAddr::V6(v6) => dns6.push(v6_text(*v6)),
        }
    }
    let mask = v6_text(Ipv6Addr::new(0xffff, 0xffff, 0xffff, 0xffff, 0, 0, 0, 0));
    let v4 = lease.v4.map(|v4| dynamic_line(modem, cid, lease, format!("{v4}.255.255.255.0"), &dns4));
    let v6 = lease.v6.map(|v6| dynamic_line(modem, cid, lease, format!("{}.{mask}", v6_text(v6)), &dns6));
    v4.into_iter().chain(v6).collect()
}

/// Nordic leaves the address out.
fn dynamic_line(modem: &SimModem, cid: u8, lease: &Lease, address: String, dns: &[String]) -> String {
    let address = if modem.definition.capabilities.cgcontrdp_addresses { address } else { String::new() };
    let dns = |n: usize| dns.get(n).map(|d| format!("\"{d}\"")).unwrap_or_default();
    // Gateway; then, left out, both P-CSCF, IM_CN flag, LIPA; then the MTU.
    let (apn, first, second, mtu) = (&lease.apn, dns(0), dns(1), modem.network.mtu);
    format!("+CGCONTRDP: {cid},5,\"{apn}\",\"{address}\",\"\",{first},{second},,,,,{mtu}")
}

fn cgauth(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Read => {
            let line = |(cid, c): (&u8, &Context)| match c.auth {
                0 => format!("+CGAUTH: {cid},0"),
                auth => format!("+CGAUTH: {cid},{auth},\"{}\"", c.user),
            };
            Ok(Answer::lines(modem.kept.contexts.iter().map(line).collect()))
        }
        Op::Set(values) => {
            let args = Args::new(values);
            let (cid, auth) = (cid_of(args.number(0)?)?, args.within(1, 0..=2)?);
            let user = args.text(2).unwrap_or_default().to_owned();
            let context = modem.kept.contexts.get_mut(&cid).ok_or(CME_NOT_ALLOWED)?;
            (context.auth, context.user) = (auth, user);
            Ok(Answer::ok())
        }
        _ => Err(AtError::Plain),
    }
}

fn cgerep(modem: &mut SimModem, op: &Op) -> Reply {
    match op {
        Op::Set(n) => modem.settings.cgerep = Args::new(n).within(0, 0..=2)?,
        Op::Read => return Ok(Answer::line(format!("+CGEREP: {},0", modem.settings.cgerep))),
        _ => return Err(AtError::Plain),
    }
    Ok(Answer::ok())
}

/// TS 27.007 clause 10.1.42; a deactivated timer has no time.
fn cabtrdp(modem: &mut SimModem, op: &Op) -> Reply {
    let wanted = match op {
        Op::Run => None,
        Op::Set(values) => Args::new(values).text(0).map(str::to_owned),
        _ => return Err(AtError::Plain),
    };
    if !modem.profile.tells_back_off {
        return Err(AtError::Plain);
    }
    let told = modem.back_offs.told(modem.now).filter(|(apn, _)| wanted.as_deref().is_none_or(|w| w == *apn));
    let line = |(apn, timer)| match timer {
        Timer::Runs(left) => format!("+CABTRDP: \"{apn}\",{},0,0", left.as_secs()),
        Timer::Deactivated => format!("+CABTRDP: \"{apn}\",,0,0"),
    };
    Ok(Answer::lines(told.map(line).collect()))
}

fn cgdata(modem: &mut SimModem, op: &Op) -> Reply {
    let Op::Set(values) = op else { return Err(AtError::Plain) };
    let args = Args::new(values);
    if args.text(0).is_some_and(|l2p| !l2p.eq_ignore_ascii_case("PPP")) {
        return Err(CME_INVALID);
    }
    let cid = args.number(1)?.map_or(Ok(modem.definition.capabilities.default_context), |n| cid_of(Some(n)))?;
    connect(modem, cid)
}

/// `D*99***<cid>#`, `D*99#` (TS 27.007 clause 10.2.1.1). There is nobody to talk to by voice.
pub(super) fn dial(modem: &mut SimModem, number: &str) -> Reply {
    let number = number.trim_start_matches(['T', 't', 'P', 'p']);
    let Some(rest) = number.strip_prefix("*99").and_then(|rest| rest.strip_suffix('#')) else {
        return Ok(Answer::ok().then(Then::NoCarrier));
    };
    let cid = match rest.rsplit('*').next().unwrap_or_default() {
        "" => modem.definition.capabilities.default_context,
        digits => cid_of(digits.parse().ok())?,
    };
    connect(modem, cid)
}

fn connect(modem: &mut SimModem, cid: u8) -> Reply {
    let then = if modem.activate(cid).is_ok() { Then::Data } else { Then::NoCarrier };
    Ok(Answer::ok().then(then).taking(modem.profile.activate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_is_sixteen_numbers() {
        let text = v6_text(Ipv6Addr::new(0x2001, 0xdb8, 0x3f4, 0, 0, 0, 0xff00, 1));
        assert_eq!(text, "32.1.13.184.3.244.0.0.0.0.0.0.255.0.0.1");
    }
}
