//! Data contexts: `+CGDCONT`, `+CGACT`, `+CGATT`, `+CGPADDR`, `+CGCONTRDP`.

use std::net::IpAddr;

use at_commands::parser::CommandParser;

use super::super::address::{self, Found};
use super::super::cursor::{Field, Malformed, Reader, numbers};
use crate::spec::apn::PdpType;

/// A defined context of `+CGDCONT?` (TS 27.007 clause 10.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Context id.
    pub cid: u8,
    /// Type; `None` for one that carries no data for us, such as PPP.
    pub pdp_type: Option<PdpType>,
    /// APN, unless it is empty.
    pub apn: Option<String>,
    /// Addresses, where the modem knows them.
    pub addresses: Vec<IpAddr>,
}

/// Reads `+CGDCONT: <cid>,<PDP_type>,<APN>,<PDP_addr>...`.
pub fn cgdcont(line: &str) -> Result<Context, Malformed> {
    let mut fields = Reader::of(line, "+CGDCONT")?;
    Ok(Context {
        cid: fields.number("<cid>")?,
        pdp_type: fields.field().text.parse().ok(),
        apn: fields.maybe_string(),
        addresses: addresses(fields.field()),
    })
}

/// The context ids that can have a type, of `+CGDCONT=?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextRange {
    /// Type.
    pub pdp_type: PdpType,
    /// Lowest context id of the first range.
    pub cid_min: u8,
    /// Highest context id of the first range; ids that are listed one by one are a range too.
    pub cid_max: u8,
}

/// Reads `+CGDCONT: (<cids>),<PDP_type>...`; a line gives one element for each type that we know.
pub fn cgdcont_test(line: &str) -> Result<Vec<ContextRange>, Malformed> {
    let mut fields = Reader::of(line, "+CGDCONT")?;
    let cids = fields.field().ranges().into_iter().reduce(|first, next| {
        if *next.start() == first.end().saturating_add(1) { *first.start()..=*next.end() } else { first }
    });
    let types = fields.field().strings();
    let Some(cids) = cids else { return Ok(Vec::new()) };
    let (Ok(cid_min), Ok(cid_max)) = (u8::try_from(*cids.start()), u8::try_from(*cids.end())) else {
        return Err(fields.wrong("<cid>"));
    };
    let range = |name: &String| Some(ContextRange { pdp_type: name.trim_matches('"').parse().ok()?, cid_min, cid_max });
    Ok(types.iter().filter_map(range).collect())
}

/// Reads `+CGACT: <cid>,<state>`: the context id, and whether it is active (TS 27.007 clause 10.1.10).
pub fn cgact(line: &str) -> Result<(u8, bool), Malformed> {
    let wrong = |field| Malformed { command: "+CGACT", field };
    let plain = numbers(line, "+CGACT", 2)?;
    let fields = CommandParser::parse(plain.as_bytes()).expect_int_parameter().expect_int_parameter();
    let (cid, state) = fields.finish().map_err(|_| wrong("<cid> or <state>"))?;
    Ok((u8::try_from(cid).map_err(|_| wrong("<cid>"))?, state != 0))
}

/// Reads `+CGATT: <state>`: attached or not (TS 27.007 clause 10.1.9).
pub fn cgatt(line: &str) -> Result<bool, Malformed> {
    let plain = numbers(line, "+CGATT", 1)?;
    let fields = CommandParser::parse(plain.as_bytes()).expect_int_parameter();
    let (state,) = fields.finish().map_err(|_| Malformed { command: "+CGATT", field: "<state>" })?;
    Ok(state != 0)
}

/// Reads `+CGPADDR: <cid>[,<PDP_addr_1>[,<PDP_addr_2>]]`: the context id and its addresses, none for `0.0.0.0`
/// (TS 27.007 clause 10.1.14).
pub fn cgpaddr(line: &str) -> Result<(u8, Vec<IpAddr>), Malformed> {
    let mut fields = Reader::of(line, "+CGPADDR")?;
    Ok((fields.number("<cid>")?, fields.rest().flat_map(addresses).collect()))
}

/// What the network gave to a context: one line of `+CGCONTRDP` (TS 27.007 clause 10.1.23). A context with IPv4 and
/// IPv6 may answer in two lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dynamic {
    /// Context id.
    pub cid: u8,
    /// EPS bearer id.
    pub bearer_id: Option<u8>,
    /// APN as the network knows it.
    pub apn: Option<String>,
    /// Addresses of the modem's end.
    pub addresses: Vec<IpAddr>,
    /// Subnet mask of the first address.
    pub subnet_mask: Option<IpAddr>,
    /// Gateway.
    pub gateway: Option<IpAddr>,
    /// Name servers, primary first.
    pub dns: Vec<IpAddr>,
    /// `<IPv4_MTU>`, octets.
    pub mtu: Option<u16>,
}

/// Reads `+CGCONTRDP: <cid>,<bearer_id>,<apn>[,<local_addr and subnet_mask>[,<gw_addr>[,<DNS_prim_addr>[,
/// <DNS_sec_addr>[,<P-CSCF_prim_addr>[,<P-CSCF_sec_addr>[,<IM_CN>[,<LIPA>[,<IPv4_MTU>...`. Before Release 9 the mask
/// was a field of its own behind the address; some modems still do that.
pub fn cgcontrdp(line: &str) -> Result<Dynamic, Malformed> {
    let mut fields = Reader::of(line, "+CGCONTRDP")?;
    let cid = fields.number("<cid>")?;
    let (bearer_id, apn) = (fields.maybe_number(), fields.maybe_string());
    let mut local = found(fields.field());
    let mut subnet_mask = local.first().and_then(|found| found.mask);
    if subnet_mask.is_none()
        && let Some(mask) = fields.peek().and_then(|next| next.address()).filter(|next| address::is_mask(*next))
    {
        subnet_mask = Some(mask);
        fields.field();
    }
    // Quectel's 5G modems write the second address of a context into a field of its own; a gateway is of the family
    // of the address in front of it.
    let other = |found: &Found| local.first().is_some_and(|first| first.address.is_ipv4() != found.address.is_ipv4());
    if let Some(second) = fields.peek().map(found).filter(|second| !second.is_empty() && second.iter().all(other)) {
        local.extend(second);
        fields.field();
    }
    let gateway = fields.field().address();
    let dns = [fields.field(), fields.field()].into_iter().flat_map(addresses).collect();
    let [_pcscf1, _pcscf2, _im_cn, _lipa, mtu] = std::array::from_fn(|_| fields.field());
    let mtu = mtu.number().filter(|mtu| *mtu != 0);
    let addresses = local.into_iter().map(|found| found.address).collect();
    Ok(Dynamic { cid, bearer_id, apn, addresses, subnet_mask, gateway, dns, mtu })
}

/// A back-off timer that runs for an APN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackOff {
    /// The APN; empty for the network's default.
    pub apn: String,
    /// `<residual_backoff_time>`, seconds; `None`: the timer is deactivated, which has no end.
    pub seconds: Option<u32>,
}

/// Reads `+CABTRDP: <apn>[,<residual_backoff_time>...` (TS 27.007 clause 10.1.42). What stands behind differs from
/// release to release.
pub fn cabtrdp(line: &str) -> Result<BackOff, Malformed> {
    let mut fields = Reader::of(line, "+CABTRDP")?;
    let apn = fields.maybe_string().unwrap_or_default();
    let residual = fields.field();
    let seconds = residual.number();
    if seconds.is_none() && !residual.text.is_empty() {
        return Err(fields.wrong("<residual_backoff_time>"));
    }
    Ok(BackOff { apn, seconds })
}

fn found(field: Field<'_>) -> Vec<Found> {
    address::parse(field.text)
}

fn addresses(field: Field<'_>) -> Vec<IpAddr> {
    found(field).into_iter().map(|found| found.address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_of_many_fields_is_read() {
        // The shape of T-37.
        let line = "+CGDCONT: 2,\"IPV4V6\",\"ims\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\",0,0,0,0,,,,,,,,,\"\",,,,0";
        let context = cgdcont(line).unwrap();
        assert_eq!((context.cid, context.pdp_type), (2, Some(PdpType::Ipv4v6)));
        assert_eq!((context.apn.as_deref(), context.addresses.len()), (Some("ims"), 0));
        // T-11: a Nordic modem with nothing defined.
        assert_eq!(cgdcont("+CGDCONT: 0,\"\",\"\",\"\",0,0").unwrap().pdp_type, None);
    }

    #[test]
    fn mtu_stands_behind_the_p_cscf_and_two_flags() {
        let line = "+CGCONTRDP: 0,5,\"iot.example\",\"10.0.0.2.255.255.255.252\",\"10.0.0.1\",\"192.0.2.53\",\
                    \"192.0.2.54\",,,,,1430";
        let dynamic = cgcontrdp(line).unwrap();
        assert_eq!(dynamic.mtu, Some(1430));
        assert_eq!(dynamic.subnet_mask, "255.255.255.252".parse().ok());
        assert_eq!(dynamic.dns.len(), 2);
    }

    #[test]
    fn two_addresses_may_stand_in_two_fields() {
        let v6 = |host| format!("32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.{host}");
        let line = format!(
            "+CGCONTRDP: 1,5,\"iot.example\",\"10.0.0.2\",\"{}\",\"254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1\",\"192.0.2.53\" \"{}\"",
            v6(2),
            v6(53)
        );
        let dynamic = cgcontrdp(&line).unwrap();
        let texts = |addresses: &[IpAddr]| addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>();
        assert_eq!(texts(&dynamic.addresses), ["10.0.0.2", "2001:db8::2"]);
        assert_eq!(dynamic.gateway, "fe80::1".parse().ok());
        assert_eq!(texts(&dynamic.dns), ["192.0.2.53", "2001:db8::35"]);
    }

    #[test]
    fn context_ids_are_a_range_or_a_list() {
        let cids = |line| cgdcont_test(line).map(|ranges| ranges.first().map(|r| (r.cid_min, r.cid_max)));
        assert_eq!(cids("+CGDCONT: (1-24,100-179),\"IP\",,,(0-2)"), Ok(Some((1, 24))));
        assert_eq!(cids("+CGDCONT: (0,1,2),\"IP\",,,(0)"), Ok(Some((0, 2))));
        assert_eq!(cids("+CGDCONT: (1-300),\"IP\"").ok(), None);
        assert_eq!(cgact("+CGACT: 2 , 1,"), Ok((2, true)));
        assert!(cgact("+CGACT: 1").is_err());
    }

    #[test]
    fn a_back_off_timer_runs_or_has_no_end() {
        let read = |line| cabtrdp(line).map(|timer| (timer.apn, timer.seconds));
        assert_eq!(read("+CABTRDP: \"iot.test\",720,0,0"), Ok(("iot.test".into(), Some(720))));
        assert_eq!(read("+CABTRDP: \"iot.test\",,0,0"), Ok(("iot.test".into(), None)), "deactivated");
        assert_eq!(read("+CABTRDP: \"\",5"), Ok((String::new(), Some(5))), "the default APN");
        assert!(read("+CABTRDP: \"iot.test\",soon").is_err());
        assert!(read("+CABTRDP: \"iot.test\",99999999999").is_err(), "out of range is not without end");
    }

    #[test]
    fn both_addresses_of_a_context_are_read() {
        let both = vec!["10.0.0.2".parse::<IpAddr>().unwrap(), "2001:db8::1".parse().unwrap()];
        let v6 = "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1";
        assert_eq!(cgpaddr(&format!("+CGPADDR: 1,\"10.0.0.2\",\"{v6}\"")), Ok((1, both.clone())));
        assert_eq!(cgpaddr(&format!("+CGPADDR: 1,\"10.0.0.2,{v6}\"")), Ok((1, both)));
        assert_eq!(cgpaddr("+CGPADDR: 1,\"0.0.0.0\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\""), Ok((1, vec![])));
        assert_eq!(cgpaddr("+CGPADDR: 3"), Ok((3, vec![])));
    }
}
