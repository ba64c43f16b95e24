//! Identities in answers: ICCID, IMEI, IMSI, the own number. Every maker has its own command for the first.

use super::super::cursor::{Malformed, Reader};
use crate::spec::identity::{Iccid, Imei, Imsi};

/// Reads an ICCID as any command gives it: with or without quotes and name, with the filler `F`, or as the octets of
/// EF_ICCID with their digits swapped (TS 102 221 clause 13.2).
///
/// An ICCID of telecommunication starts with 89 (ITU-T E.118); that tells the two orders apart.
pub fn iccid(answer: &str) -> Option<Iccid> {
    let digits = value(answer);
    if digits.starts_with("89") {
        return digits.parse().ok();
    }
    let swapped = swap_digits(digits);
    if swapped.starts_with("89") { swapped.parse().ok() } else { None }
}

/// Swaps the two digits of every octet.
fn swap_digits(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().collect();
    digits.chunks(2).flat_map(|octet| octet.iter().rev()).collect()
}

/// Reads `+CNUM: [<alpha>],<number>,<type>`: the subscriber's own number (TS 27.007 clause 7.1). Most data cards have
/// the entry without a number, which is `None`.
pub fn cnum(line: &str) -> Result<Option<String>, Malformed> {
    let mut fields = Reader::of(line, "+CNUM")?;
    fields.field();
    if fields.peek().is_none() {
        return Err(fields.wrong("<number>"));
    }
    Ok(fields.maybe_string())
}

/// Reads an IMEI as `+CGSN`, `+CGSN=1` and their kin give it: with or without name and quotes; what follows a comma
/// is another number.
pub fn imei(answer: &str) -> Option<Imei> {
    let digits = value(answer);
    digits.split(',').next().unwrap_or_default().trim().parse().ok()
}

/// Reads an IMSI as `+CIMI` gives it: with or without name and quotes.
pub fn imsi(answer: &str) -> Option<Imsi> {
    value(answer).parse().ok()
}

/// What stands behind a name, without quotes.
fn value(answer: &str) -> &str {
    answer.rsplit_once(':').map_or(answer, |(_, value)| value).trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iccids_are_read_in_either_order_of_digits() {
        for answer in [
            "+ICCID: 8988000000000000001F",
            "\"8988000000000000001\"",
            "988800000000000000F1",
            "+CCID:8988000000000000001",
        ] {
            assert_eq!(
                iccid(answer).map(|iccid| iccid.to_string()).as_deref(),
                Some("8988000000000000001"),
                "{answer}"
            );
        }
        assert_eq!(iccid("0044000000000000001"), None);
        assert_eq!(iccid("ERROR"), None);
    }

    #[test]
    fn a_card_may_have_no_number() {
        assert_eq!(cnum("+CNUM: ,\"+15550100\",145,,4"), Ok(Some("+15550100".into())));
        assert_eq!(cnum("+CNUM: \"Own\",\"\",129"), Ok(None));
        assert!(cnum("+CNUM: \"Own\"").is_err());
    }

    #[test]
    fn imeis_are_read_with_what_makers_put_around_them() {
        for answer in ["350000000000006", "+CGSN: \"350000000000006\"", "350000000000006,AB12"] {
            assert_eq!(imei(answer).map(|imei| imei.to_string()).as_deref(), Some("350000000000006"), "{answer}");
        }
        assert_eq!(imei("not known"), None);
        assert_eq!(imsi("001010000000001").map(|imsi| imsi.to_string()).as_deref(), Some("001010000000001"));
    }
}
