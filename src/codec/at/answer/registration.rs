//! `+CREG`, `+CGREG`, `+CEREG`, `+C5GREG`: where the modem is registered, and which timers it was granted.

use super::super::cursor::{Cursor, Field, Form, Malformed};
use crate::spec::registration::Registration;

/// The domain that a registration report speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// `+CREG`: circuit switched (TS 27.007 clause 7.2). Denied there is normal for a data-only subscription.
    Cs,
    /// `+CGREG`: GPRS (clause 10.1.20).
    Ps,
    /// `+CEREG`: EPS (clause 10.1.22).
    Eps,
    /// `+C5GREG`: 5GS (clause 10.1.47).
    FiveGs,
}

impl Domain {
    const ALL: [Self; 4] = [Self::Cs, Self::Ps, Self::Eps, Self::FiveGs];

    /// The command, such as `+CEREG`.
    pub const fn command(self) -> &'static str {
        match self {
            Self::Cs => "+CREG",
            Self::Ps => "+CGREG",
            Self::Eps => "+CEREG",
            Self::FiveGs => "+C5GREG",
        }
    }
}

/// A registration report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The domain.
    pub domain: Domain,
    /// `<stat>` as it was sent.
    pub stat: u8,
    /// Location area code or tracking area code.
    pub area: Option<u32>,
    /// Cell identity.
    pub cell: Option<u64>,
    /// `<AcT>` as it was sent; makers disagree on 8, and -1 exists. The model file maps it.
    pub act: Option<i64>,
    /// `<cause_type>`: 0 is an EMM or 5GMM cause, 1 the maker's own.
    pub cause_type: Option<u8>,
    /// `<reject_cause>`; it may come with any `<stat>`, and 0 means that the modem gives none.
    pub reject_cause: Option<u16>,
    /// T3324, 8 binary digits.
    pub active_time: Option<String>,
    /// T3412 extended, 8 binary digits.
    pub periodic_tau: Option<String>,
}

impl Report {
    /// `<stat>` as a registration state.
    pub const fn registration(&self) -> Registration {
        Registration::from_stat(self.stat)
    }
}

/// Whether `line` is a registration report of any domain.
pub fn is_report(line: &str) -> bool {
    domain_of(line).is_some()
}

fn domain_of(line: &str) -> Option<Domain> {
    let line = line.trim_start();
    Domain::ALL
        .into_iter()
        .find(|domain| line.strip_prefix(domain.command()).is_some_and(|rest| rest.trim_start().starts_with(':')))
}

/// Reads a report. `solicited` tells that it answers the read command, where `<n>` stands in front of `<stat>`; some
/// modems leave `<n>` out there, and some have it in notices, so the form decides where it can.
pub fn parse(line: &str, solicited: bool) -> Result<Report, Malformed> {
    let domain = domain_of(line).ok_or(Malformed { command: "+CEREG", field: "its name" })?;
    let wrong = |field| Malformed { command: domain.command(), field };
    let fields: Vec<Field<'_>> = Cursor::of(line, domain.command()).ok_or_else(|| wrong("its name"))?.collect();
    let (first, second) = (fields.first().copied(), fields.get(1).copied());
    let numbered = second.is_some_and(|second| is_stat(second, solicited));
    let stat = if numbered { second } else { first };
    let stat = stat.and_then(|stat| stat.number()).ok_or_else(|| wrong("<stat>"))?;
    let mut report = Report {
        domain,
        stat,
        area: None,
        cell: None,
        act: None,
        cause_type: None,
        reject_cause: None,
        active_time: None,
        periodic_tau: None,
    };
    read_place(&mut report, fields.get(if numbered { 2 } else { 1 }..).unwrap_or_default());
    Ok(report)
}

/// Whether the second field is `<stat>` and not an area code: one or two digits without quotes that are a state (TS
/// 27.007 clause 7.2, and the 80 and 90 of some makers). In an answer it may have zeros in front, `0011`.
fn is_stat(field: Field<'_>, solicited: bool) -> bool {
    let state = field.number::<u8>().is_some_and(|stat| matches!(stat, 0..=11 | 80 | 90));
    let short = (1..=if solicited { 4 } else { 2 }).contains(&field.text.len());
    state && short && field.form == Form::Bare && field.text.bytes().all(|b| b.is_ascii_digit())
}

/// Reads what follows `<stat>`. Makers insert fields (a routing area code after the area or after `<AcT>`) and leave
/// fields out, so that only the area, the cell and `<AcT>` are read by position, the rest by form.
fn read_place(report: &mut Report, fields: &[Field<'_>]) {
    let mut fields = fields.iter().copied();
    report.area = fields.next().and_then(|area| area.hex()).and_then(|area| u32::try_from(area).ok());
    let mut cell = fields.next();
    let mut act = fields.next();
    if let (Some(extra), Some(next)) = (cell, act)
        && is_routing_area(extra, next)
    {
        (cell, act) = (act, fields.next());
    }
    report.cell = cell.and_then(|cell| cell.hex());
    report.act = act.filter(|act| act.form == Form::Bare).and_then(|act| act.int());
    // TS 27.007 §10.1.47: <Allowed_NSSAI_length> and <Allowed_NSSAI> stand between <AcT> and the causes.
    let skipped = if report.domain == Domain::FiveGs { 2 } else { 0 };
    let tail: Vec<Field<'_>> = fields.skip(skipped).collect();
    read_causes(report, &tail);
    read_timers(report, &tail);
}

/// Whether `extra` is a routing area code or MME code between the area and the cell (SARA-R410, Novatel): at most two
/// digits with a longer hexadecimal field behind it, which `<AcT>` cannot be.
fn is_routing_area(extra: Field<'_>, next: Field<'_>) -> bool {
    extra.text.len() <= 2 && next.text.len() >= 3 && next.hex().is_some() && extra.form == next.form
}

/// The two causes are unquoted numbers.
fn read_causes(report: &mut Report, tail: &[Field<'_>]) {
    let mut numbers = tail.iter().filter(|f| f.form == Form::Bare && !is_timer(f.text)).filter_map(Field::int);
    if let (Some(cause_type), Some(cause)) = (numbers.next(), numbers.next()) {
        report.cause_type = u8::try_from(cause_type).ok();
        report.reject_cause = u16::try_from(cause).ok();
    }
}

/// Active time, then periodic TAU: the reverse of `+CPSMS` (TS 27.007 §10.1.22).
fn read_timers(report: &mut Report, tail: &[Field<'_>]) {
    let timer = |at: usize| tail.get(at).filter(|field| is_timer(field.text)).map(|field| field.text.to_owned());
    let Some(last) = tail.iter().rposition(|field| is_timer(field.text)) else { return };
    let before = last.checked_sub(1);
    if let Some(active_time) = before.and_then(timer) {
        (report.active_time, report.periodic_tau) = (Some(active_time), timer(last));
    } else if last >= 3 && last.saturating_add(1) == tail.len() {
        // Behind <cause_type>, <reject_cause> and an empty <Active-Time>.
        report.periodic_tau = timer(last);
    } else {
        report.active_time = timer(last);
    }
}

fn is_timer(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| matches!(b, b'0' | b'1'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shapes of `+CEREG` that modems of the field have (TS 27.007 §10.1.22).
    #[test]
    fn registration_is_read_by_form() {
        type Seen =
            (u8, Option<u32>, Option<u64>, Option<i64>, Option<u16>, Option<&'static str>, Option<&'static str>);
        let cases: [(&str, bool, Seen); 17] = [
            ("+CREG: 1,1234,5678,2", true, (1, Some(0x1234), Some(0x5678), Some(2), None, None, None)),
            ("+CREG: 5,25,1A2B", false, (5, Some(0x25), Some(0x1A2B), None, None, None, None)),
            ("+CREG:002,0011,\"18d8\",\"ffff\"", true, (11, Some(0x18D8), Some(0xFFFF), None, None, None, None)),
            (
                "+CEREG: 5,\"0901\",\"02024720\",7,,,\"11100000\",\"11100000\"",
                false,
                (5, Some(0x901), Some(0x0202_4720), Some(7), None, Some("11100000"), Some("11100000")),
            ),
            (
                "+CEREG: 5,\"B4DC\",\"000AE520\",9,0,18,\"00000000\",\"00111000\"",
                false,
                (5, Some(0xB4DC), Some(0xA_E520), Some(9), Some(18), Some("00000000"), Some("00111000")),
            ),
            ("+CEREG: 90", false, (90, None, None, None, None, None, None)),
            (
                "+CEREG: 4,1,\"8B1B\",\"1B\",\"A20D311\",8,,,\"00000000\",\"01100000\"",
                true,
                (1, Some(0x8B1B), Some(0x0A20_D311), Some(8), None, Some("00000000"), Some("01100000")),
            ),
            (
                "+CEREG: 4,5,,,,,,,\"00000000\",\"01100000\"",
                true,
                (5, None, None, None, None, Some("00000000"), Some("01100000")),
            ),
            ("+CEREG: 2,1,\"0001\",\"00000001\",-1", true, (1, Some(1), Some(1), Some(-1), None, None, None)),
            (
                "+CEREG: 2,\"412D\",\"03392510\",7,0,11",
                false,
                (2, Some(0x412D), Some(0x0339_2510), Some(7), Some(11), None, None),
            ),
            ("+CEREG: 2,,,,,,,,", false, (2, None, None, None, None, None, None)),
            (
                "+CEREG: 3,3,\"124A\",\"02ED0202\",7,0,0",
                true,
                (3, Some(0x124A), Some(0x02ED_0202), Some(7), Some(0), None, None),
            ),
            ("+CEREG: 3,2", true, (2, None, None, None, None, None, None)),
            ("+CEREG: 3", false, (3, None, None, None, None, None, None)),
            ("+CEREG: 3,,,,0,11", false, (3, None, None, None, Some(11), None, None)),
            (
                "+CEREG: 5,1,\"0001\",\"00000001\",9,,,,\"00111000\"",
                true,
                (1, Some(1), Some(1), Some(9), None, None, Some("00111000")),
            ),
            (
                "+C5GREG: 2,1,\"1F0000\",\"0079D90300\",11,6,\"010203\",0,7",
                true,
                (1, Some(0x1F_0000), Some(0x79D9_0300), Some(11), Some(7), None, None),
            ),
        ];
        for (line, solicited, expected) in cases {
            let report = parse(line, solicited).expect(line);
            let seen = (
                report.stat,
                report.area,
                report.cell,
                report.act,
                report.reject_cause,
                report.active_time.as_deref(),
                report.periodic_tau.as_deref(),
            );
            assert_eq!(seen, expected, "{line}");
        }
        assert!(parse("+CEREG: x", false).is_err());
        assert!(parse("+CEREG: 999", false).is_err());
        assert!(parse("+CSQ: 1,2", false).is_err());
    }
}
