//! Messages in PDU mode: `+CMGL`, `+CMGR`, `+CDS`, `+CMT`, `+CBM` (TS 27.005 clause 3). The PDU stays hexadecimal.

use std::ops::RangeInclusive;

use super::super::cursor::{Cursor, Malformed, Reader};

/// A stored message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the storage; `+CMGR` does not repeat it.
    pub index: Option<u16>,
    /// 0 received unread, 1 received read, 2 stored unsent, 3 stored sent.
    pub stat: u8,
    /// Octets of the PDU without the service centre's address, where the modem tells.
    pub length: Option<u16>,
    /// The PDU in hexadecimal digits, the service centre's address first.
    pub pdu: String,
}

/// Reads the messages of `+CMGL: <index>,<stat>,[<alpha>],<length>` and the PDU in the next line.
pub fn cmgl<S: AsRef<str>>(lines: &[S]) -> Result<Vec<Stored>, Malformed> {
    let mut messages = Vec::new();
    let mut lines = lines.iter().map(AsRef::as_ref).filter(|line| !line.trim().is_empty());
    while let Some(header) = lines.next() {
        let (header, pdu) = with_pdu(header, &mut lines);
        let mut fields = Reader::of(header, "+CMGL")?;
        let index = Some(fields.number("<index>")?);
        messages.push(stored(fields, index, pdu)?);
    }
    Ok(messages)
}

/// Reads the message of `+CMGR: <stat>,[<alpha>],<length>` and the PDU in the next line.
pub fn cmgr<S: AsRef<str>>(lines: &[S]) -> Result<Stored, Malformed> {
    let mut lines = lines.iter().map(AsRef::as_ref).filter(|line| !line.trim().is_empty());
    let (header, pdu) = with_pdu(lines.next().unwrap_or_default(), &mut lines);
    stored(Reader::of(header, "+CMGR")?, None, pdu)
}

fn stored(mut fields: Reader<'_>, index: Option<u16>, pdu: &str) -> Result<Stored, Malformed> {
    let stat = fields.number("<stat>")?;
    fields.field();
    let length = fields.maybe_number();
    if !is_hex(pdu) {
        return Err(fields.wrong("<pdu>"));
    }
    Ok(Stored { index, stat, length, pdu: pdu.to_owned() })
}

/// The header, and the PDU from the next line; where the line end between the two was lost, from the same line.
fn with_pdu<'a>(header: &'a str, lines: &mut impl Iterator<Item = &'a str>) -> (&'a str, &'a str) {
    match header.trim().rsplit_once(char::is_whitespace) {
        // A PDU has at least the address length and a header.
        Some((header, pdu)) if pdu.len() > 8 && is_hex(pdu) => (header, pdu),
        _ => (header, lines.next().unwrap_or_default().trim()),
    }
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A message that came with its notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Octets of the PDU as the header counts them.
    pub length: u16,
    /// The PDU in hexadecimal digits.
    pub pdu: String,
}

/// Reads the two lines of a notice: `+CMT: [<alpha>],<length>`, `+CDS: <length>` or `+CBM: <length>`, and the PDU.
pub fn delivered(header: &str, pdu: &str) -> Result<Delivered, Malformed> {
    let wrong = |field| Malformed { command: "+CMT", field };
    let names = ["+CMT", "+CDS", "+CBM"];
    let fields = names.iter().find_map(|name| Cursor::of(header, name)).ok_or_else(|| wrong("its name"))?;
    let length = fields.last().and_then(|length| length.number()).ok_or_else(|| wrong("<length>"))?;
    let pdu = pdu.trim();
    if is_hex(pdu) { Ok(Delivered { length, pdu: pdu.to_owned() }) } else { Err(wrong("<pdu>")) }
}

/// Reads the channels of `+CSCB: <mode>,<mids>,<dcss>` (TS 27.005 clause 3.3.4).
pub fn cscb(line: &str) -> Result<Vec<RangeInclusive<u16>>, Malformed> {
    let mut fields = Reader::of(line, "+CSCB")?;
    fields.number::<u8>("<mode>")?;
    let mids = fields.field();
    channels(mids.text).ok_or_else(|| fields.wrong("<mids>"))
}

/// Channels of cell broadcast, as `4370,4371-4378`; `None` where one of them is no number from 0 to 65535.
pub fn channels(text: &str) -> Option<Vec<RangeInclusive<u16>>> {
    let narrow =
        |range: RangeInclusive<i64>| Some(u16::try_from(*range.start()).ok()?..=u16::try_from(*range.end()).ok()?);
    Cursor::new(text).map(|field| field.ranges().into_iter().next().and_then(narrow)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDU: &str = "0791990000000000040B919900000000F000006211223344550005E8329BFD06";

    #[test]
    fn the_pdu_is_in_the_next_line_or_the_same() {
        let apart = cmgl(&["+CMGL: 3,0,,30", PDU, "+CMGL: 4,1,\"\",30", PDU]).unwrap();
        assert_eq!(
            apart.iter().map(|m| (m.index, m.stat, m.pdu.as_str())).collect::<Vec<_>>(),
            [(Some(3), 0, PDU), (Some(4), 1, PDU)]
        );
        assert_eq!(cmgr(&[format!("+CMGR: 1,,30 {PDU}")]).map(|m| m.pdu), Ok(PDU.to_owned()));
        assert!(cmgr(&["+CMGR: 1,,30"]).is_err());
        assert!(cmgl(&["+CMGL: 1,\"REC READ\",\"+1\"", "text"]).is_err());
        assert_eq!(delivered("+CDS: 24", PDU).map(|d| d.length), Ok(24));
        assert_eq!(delivered("+CMT: \"\",24", PDU).map(|d| d.length), Ok(24));
    }

    #[test]
    fn channels_are_all_read_or_refused() {
        assert_eq!(cscb("+CSCB: 0,\"4370,4371-4378\",\"\""), Ok(vec![4370..=4370, 4371..=4378]));
        assert_eq!(cscb("+CSCB: 0,\"\",\"\""), Ok(vec![]));
        assert!(cscb("+CSCB: 0,\"0-\",\"\"").is_err());
    }
}
