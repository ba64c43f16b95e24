//! Operator and signal: `+COPS`, `+CPOL`, `+CSQ`, `+CESQ`, `+WS46`.

use at_commands::parser::CommandParser;

use super::super::charset::Charset;
use super::super::cursor::{Field, Form, Malformed, Reader, numbers};
use crate::spec::plmn::Plmn;

/// The answer to `+COPS?` (TS 27.007 clause 7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// 0 automatic, 1 manual, 2 deregistered, 4 manual then automatic.
    pub mode: u8,
    /// 0 long name, 1 short name, 2 number; `None` while not registered.
    pub format: Option<u8>,
    /// The operator in that format.
    pub operator: Option<String>,
    /// `<AcT>` as it was sent.
    pub act: Option<i64>,
}

impl Operator {
    /// The network, where the operator is told by its number.
    pub fn plmn(&self) -> Option<Plmn> {
        self.operator.as_deref().filter(|_| self.format == Some(2))?.parse().ok()
    }
}

/// Reads `+COPS: <mode>[,<format>,<oper>[,<AcT>]]`.
pub fn cops(line: &str) -> Result<Operator, Malformed> {
    let mut fields = Reader::of(line, "+COPS")?;
    Ok(Operator {
        mode: fields.number("<mode>")?,
        format: fields.maybe_number(),
        // The names that some networks send end in the middle of a line.
        operator: fields.maybe_string().map(|name| name.replace(['\r', '\n'], "")),
        act: fields.maybe_number(),
    })
}

/// One network of `+COPS=?` (TS 27.007 clause 7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// 0 unknown, 1 available, 2 current, 3 forbidden.
    pub stat: u8,
    /// Long name.
    pub long_name: Option<String>,
    /// Short name.
    pub short_name: Option<String>,
    /// Code.
    pub plmn: Plmn,
    /// `<AcT>` as it was sent; some modems do not tell.
    pub act: Option<i64>,
}

/// Reads the networks of `+COPS: (<stat>,<long>,<short>,<numeric>[,<AcT>])...`; the lists of supported modes and
/// formats that follow are left out. `charset` is the one that `+CSCS` chose.
pub fn cops_test(line: &str, charset: Charset) -> Result<Vec<Found>, Malformed> {
    let mut networks = Vec::new();
    let mut fields = Reader::of(line, "+COPS")?;
    while fields.peek().is_some() {
        let field = fields.field();
        let Some(mut network) = found(field, charset) else { continue };
        // One maker closes the parenthesis before <AcT>.
        if let Some(behind) = fields.peek().filter(|next| next.form == Form::Bare && network.act.is_none()) {
            network.act = behind.int();
        }
        networks.push(network);
    }
    Ok(networks)
}

fn found(field: Field<'_>, charset: Charset) -> Option<Found> {
    if field.form != Form::List {
        return None;
    }
    let mut fields = field.list();
    let stat = fields.next()?.number()?;
    let mut name = || fields.next().and_then(|field| field.string()).map(|text| charset.decode(text));
    let (long_name, short_name, plmn) = (name(), name(), name()?);
    let act = fields.next().and_then(|field| field.int());
    Some(Found { stat, long_name, short_name, plmn: plmn.parse().ok()?, act })
}

/// One preferred network of `+CPOL?` (TS 27.007 clause 7.19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferred {
    /// Its place in the list.
    pub index: u16,
    /// Code.
    pub plmn: Plmn,
    /// For which technologies, in the standard's order: GSM, GSM compact, UTRAN, E-UTRAN, NG-RAN. Shorter where the
    /// modem tells less.
    pub acts: Vec<bool>,
}

/// Reads `+CPOL: <index>,<format>,<oper>[,<GSM_AcT>,...]`; the operator has to be in format 2, numeric.
pub fn cpol(line: &str) -> Result<Preferred, Malformed> {
    let mut fields = Reader::of(line, "+CPOL")?;
    let index = fields.number("<index>")?;
    if fields.number::<u8>("<format>")? != 2 {
        return Err(fields.wrong("<format> 2"));
    }
    let plmn = fields.string("<oper>")?.parse().map_err(|_| fields.wrong("<oper>"))?;
    let wrong = fields.wrong("<AcT>");
    let acts = fields.rest().map(|act| act.int().map(|act| act != 0)).collect::<Option<Vec<bool>>>().ok_or(wrong)?;
    Ok(Preferred { index, plmn, acts })
}

/// The answer to `+CSQ` (TS 27.007 clause 8.5): indexes, which [`crate::spec::signal`] makes dBm of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Csq {
    /// 0 to 31; 99 unknown.
    pub rssi: u8,
    /// 0 to 7; 99 unknown.
    pub ber: u8,
}

/// Reads `+CSQ: <rssi>,<ber>`.
pub fn csq(line: &str) -> Result<Csq, Malformed> {
    let wrong = |field| Malformed { command: "+CSQ", field };
    let plain = numbers(line, "+CSQ", 2)?;
    let fields = CommandParser::parse(plain.as_bytes()).expect_int_parameter().expect_optional_int_parameter();
    let (rssi, ber) = fields.finish().map_err(|_| wrong("<rssi>"))?;
    let index = |n: i32| u8::try_from(n).map_err(|_| wrong("<rssi>"));
    Ok(Csq { rssi: index(rssi)?, ber: index(ber.unwrap_or(99))? })
}

/// The answer to `+CESQ` (TS 27.007 clause 8.69): indexes, which [`crate::spec::signal`] makes dBm and dB of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cesq {
    /// GSM; 99 unknown.
    pub rxlev: u8,
    /// GSM; 99 unknown.
    pub ber: u8,
    /// UMTS; 255 unknown.
    pub rscp: u8,
    /// UMTS; 255 unknown.
    pub ecno: u8,
    /// LTE; 255 unknown.
    pub rsrq: u8,
    /// LTE; 255 unknown.
    pub rsrp: u8,
    /// NR; 255 unknown.
    pub ss_rsrq: u8,
    /// NR; 255 unknown.
    pub ss_rsrp: u8,
    /// NR; 255 unknown.
    pub ss_sinr: u8,
}

/// Reads `+CESQ: <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>[,<ss_rsrq>,<ss_rsrp>,<ss_sinr>]`.
pub fn cesq(line: &str) -> Result<Cesq, Malformed> {
    let wrong = |field| Malformed { command: "+CESQ", field };
    let plain = numbers(line, "+CESQ", 9)?;
    let fields = CommandParser::parse(plain.as_bytes())
        .expect_int_parameter()
        .expect_int_parameter()
        .expect_int_parameter()
        .expect_int_parameter()
        .expect_int_parameter()
        .expect_int_parameter()
        .expect_optional_int_parameter()
        .expect_optional_int_parameter()
        .expect_optional_int_parameter();
    let (rxlev, ber, rscp, ecno, rsrq, rsrp, ss_rsrq, ss_rsrp, ss_sinr) =
        fields.finish().map_err(|_| wrong("one of the first six"))?;
    let index = |n: i32| u8::try_from(n).map_err(|_| wrong("an index"));
    Ok(Cesq {
        rxlev: index(rxlev)?,
        ber: index(ber)?,
        rscp: index(rscp)?,
        ecno: index(ecno)?,
        rsrq: index(rsrq)?,
        rsrp: index(rsrp)?,
        ss_rsrq: index(ss_rsrq.unwrap_or(255))?,
        ss_rsrp: index(ss_rsrp.unwrap_or(255))?,
        ss_sinr: index(ss_sinr.unwrap_or(255))?,
    })
}

/// The radio generations (2 GSM, 3 UMTS, 4 LTE, 5 NR) of each `<n>` that `+WS46` can choose (TS 27.007 clause 5.9).
const STACKS: [(i64, &[u8]); 14] = [
    (12, &[2]),
    (22, &[3]),
    (28, &[4]),
    (29, &[2, 3]),
    (30, &[2, 4]),
    (31, &[3, 4]),
    (35, &[2, 3, 4, 5]),
    (36, &[5]),
    (37, &[4, 5]),
    (38, &[3, 4, 5]),
    (39, &[2, 4, 5]),
    (40, &[3, 5]),
    (41, &[2, 3, 5]),
    (42, &[2, 5]),
];

/// `<n>` for GSM, UMTS and LTE, as far as the modem has them.
const EVERY_STACK: i64 = 25;

/// Reads `+WS46: (<n>,...)`: each supported `<n>` with its radio generations. A maker's own `<n>` is left out.
pub fn ws46_test(line: &str) -> Result<Vec<(i64, Vec<u8>)>, Malformed> {
    let numbers = Reader::of(line, "+WS46")?.field().numbers();
    let known = |n: &i64| STACKS.iter().find(|(number, _)| number == n).map(|(_, generations)| generations.to_vec());
    let mut every: Vec<u8> = numbers.iter().filter_map(known).flatten().filter(|generation| *generation < 5).collect();
    every.sort_unstable();
    every.dedup();
    let generations = |n: i64| if n == EVERY_STACK { Some(every.clone()) } else { known(&n) };
    Ok(numbers.into_iter().filter_map(|n| Some((n, generations(n)?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signal_indexes_are_read_or_refused() {
        assert_eq!(csq("+CSQ: 20,99"), Ok(Csq { rssi: 20, ber: 99 }));
        assert_eq!(csq("+CSQ:31"), Ok(Csq { rssi: 31, ber: 99 }));
        assert_eq!(csq("+CSQ: 20 ,99,"), Ok(Csq { rssi: 20, ber: 99 }));
        let cut = cesq("+CESQ: 99, 99, 255, 255, 20 , 80,").unwrap();
        assert_eq!((cut.rsrq, cut.rsrp, cut.ss_rsrq), (20, 80, 255));
        let nr = cesq("+CESQ: 99,99,255,255,255,255,66,70,66").unwrap();
        assert_eq!((nr.rsrp, nr.ss_rsrq, nr.ss_rsrp, nr.ss_sinr), (255, 66, 70, 66));
        for line in ["+CSQ: 4294967295,0", "+CSQ: -,0", "+CSQ: 300,0", "+CSQ:", "+CSQ: x,0"] {
            assert!(csq(line).is_err(), "{line}");
        }
        for line in ["+CESQ: 99,99,255,255,255", "+CESQ: 99,99,255,255,255,", "+CESQ: 1,2,3,4,5,99999999999"] {
            assert!(cesq(line).is_err(), "{line}");
        }
    }

    #[test]
    fn operators_are_read() {
        // T-20: the name is the SIM's word, the number is the network.
        let operator = cops("+COPS: 0,2,\"310260\",7").unwrap();
        assert_eq!((operator.plmn().map(|plmn| plmn.to_string()).as_deref(), operator.act), (Some("310260"), Some(7)));
        assert_eq!(cops("+COPS: 0,0,\"Test\",7").unwrap().plmn(), None);
        assert_eq!(cops("+COPS: 2").unwrap().format, None);
        let scan = "+COPS: (2,\"A (B)\",\"A\",\"00101\",9),(3,\"\",,\"99970\"),,(0-4),(0,)";
        let scan = cops_test(scan, Charset::Ira).unwrap();
        let seen: Vec<_> = scan.iter().map(|n| (n.stat, n.long_name.as_deref(), n.plmn.to_string(), n.act)).collect();
        assert_eq!(seen, [(2, Some("A (B)"), "00101".into(), Some(9)), (3, None, "99970".into(), None)]);
        let side_by_side = "+COPS: (2,\"A\",\"A\",\"00101\",7)(1,\"B\",\"B\",\"99970\",9)";
        assert_eq!(cops_test(side_by_side, Charset::Ira).map(|networks| networks.len()), Ok(2));
    }

    #[test]
    fn stacks_with_nr_are_known() {
        let read = |line| ws46_test(line).unwrap();
        assert_eq!(read("+WS46: (22,25,28,36)"), [(22, vec![3]), (25, vec![3, 4]), (28, vec![4]), (36, vec![5])]);
        assert_eq!(read("+WS46: (35-39,99)").last(), Some(&(39, vec![2, 4, 5])), "a maker's own is left out");
    }
}
