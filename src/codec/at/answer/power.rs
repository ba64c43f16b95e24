//! Functionality and power saving: `+CFUN`, `+CPSMS`, `+CEDRXS`, `+CEDRXRDP`, `+CEDRXP`. Timers stay binary digits;
//! `spec::timer` and `spec::edrx` know what they mean.

use super::super::cursor::{Field, Malformed, Reader};

/// `<fun>` of `+CFUN` (TS 27.007 clause 8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Functionality {
    /// 0: minimum; on many modems the SIM is off too.
    Minimum,
    /// 1: full.
    Full,
    /// 4: radio off.
    RadioOff,
    /// A level of the maker's own, or one that switches one direction of the radio.
    Other(u8),
}

impl Functionality {
    /// The number.
    pub const fn level(self) -> u8 {
        match self {
            Self::Minimum => 0,
            Self::Full => 1,
            Self::RadioOff => 4,
            Self::Other(level) => level,
        }
    }
}

/// Reads `+CFUN: <fun>[,<rst>]`.
pub fn cfun(line: &str) -> Result<Functionality, Malformed> {
    Ok(match Reader::of(line, "+CFUN")?.number("<fun>")? {
        0 => Functionality::Minimum,
        1 => Functionality::Full,
        4 => Functionality::RadioOff,
        level => Functionality::Other(level),
    })
}

/// What is asked for with `+CPSMS` (TS 27.007 clause 7.38).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Psm {
    /// PSM is asked for.
    pub on: bool,
    /// T3412 extended, 8 binary digits.
    pub periodic_tau: Option<String>,
    /// T3324, 8 binary digits.
    pub active_time: Option<String>,
}

/// Reads `+CPSMS: <mode>,[<RAU>],[<GPRS-READY>],[<TAU>],[<Active-Time>]`: TAU first, the reverse of `+CEREG`.
pub fn cpsms(line: &str) -> Result<Psm, Malformed> {
    let mut fields = Reader::of(line, "+CPSMS")?;
    let on = fields.number::<u8>("<mode>")? == 1;
    let [_rau, _gprs_ready, tau, active] = std::array::from_fn(|_| bits(fields.field(), 8));
    Ok(Psm { on, periodic_tau: tau, active_time: active })
}

/// What is asked for with `+CEDRXS` for one technology (TS 27.007 clause 7.40).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdrxRequest {
    /// `<AcT-type>`: 4 LTE and LTE-M, 5 NB-IoT.
    pub act_type: u8,
    /// Cycle, 4 binary digits.
    pub cycle: Option<String>,
}

/// Reads a line of `+CEDRXS?`; a line with nothing but its name, or with `<AcT-type>` 0, asks for none.
pub fn cedrxs(line: &str) -> Result<Option<EdrxRequest>, Malformed> {
    let mut fields = Reader::of(line, "+CEDRXS")?;
    if fields.peek().is_none() {
        return Ok(None);
    }
    let act_type = fields.number("<AcT-type>")?;
    Ok((act_type != 0).then(|| EdrxRequest { act_type, cycle: bits(fields.field(), 4) }))
}

/// What was asked for and what the network gave (TS 27.007 clauses 7.40 and 7.41).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdrxGrant {
    /// `<AcT-type>`: 4 LTE and LTE-M, 5 NB-IoT.
    pub act_type: u8,
    /// Cycle asked for, 4 binary digits.
    pub requested: Option<String>,
    /// Cycle given, 4 binary digits; `None`: the network gave none.
    pub granted: Option<String>,
    /// Paging time window, 4 binary digits.
    pub paging_time_window: Option<String>,
}

/// Reads `+CEDRXRDP: <AcT-type>[,<Requested>[,<NW-provided>[,<PTW>]]]`; `None` where eDRX is not used.
pub fn cedrxrdp(line: &str) -> Result<Option<EdrxGrant>, Malformed> {
    grant(Reader::of(line, "+CEDRXRDP")?)
}

/// Reads the notice `+CEDRXP`, which has the fields of [`cedrxrdp`].
pub fn cedrxp(line: &str) -> Result<Option<EdrxGrant>, Malformed> {
    grant(Reader::of(line, "+CEDRXP")?)
}

fn grant(mut fields: Reader<'_>) -> Result<Option<EdrxGrant>, Malformed> {
    let act_type = fields.number("<AcT-type>")?;
    let [requested, granted, paging_time_window] = std::array::from_fn(|_| bits(fields.field(), 4));
    Ok((act_type != 0).then_some(EdrxGrant { act_type, requested, granted, paging_time_window }))
}

/// The field, if it is `digits` binary digits.
fn bits(field: Field<'_>, digits: usize) -> Option<String> {
    let good = field.text.len() == digits && field.text.bytes().all(|b| matches!(b, b'0' | b'1'));
    good.then(|| field.text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn psm_and_edrx_are_read() {
        // TS 27.007 §7.38: TAU, then active time.
        let psm = cpsms("+CPSMS: 1,,,\"10010100\",\"00000000\"").unwrap();
        assert_eq!(
            (psm.on, psm.periodic_tau.as_deref(), psm.active_time.as_deref()),
            (true, Some("10010100"), Some("00000000"))
        );
        assert_eq!(cpsms("+CPSMS: 0").map(|psm| psm.on), Ok(false));
        assert_eq!(cedrxs("+CEDRXS:"), Ok(None));
        assert_eq!(cedrxs("+CEDRXS: 5,\"1001\"").unwrap().map(|edrx| edrx.act_type), Some(5));
        // T-16 and T-18.
        let grant = cedrxrdp("+CEDRXRDP: 4,\"0010\",\"0010\",\"0000\"").unwrap().unwrap();
        assert_eq!((grant.granted.as_deref(), grant.paging_time_window.as_deref()), (Some("0010"), Some("0000")));
        assert_eq!(cedrxrdp("+CEDRXRDP: 0"), Ok(None));
        assert_eq!(cedrxp("+CEDRXP: 4,\"1001\",\"1001\",\"0001\"").unwrap().unwrap().granted.as_deref(), Some("1001"));
    }
}
