//! The modem's clock: `+CCLK`.

use std::fmt;

use super::super::cursor::{Malformed, Reader};

/// Local time as the modem keeps it (TS 27.007 clause 8.15).
///
/// `Display` is ISO 8601 with the offset. A modem whose clock was never set says 1980.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Year, four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60.
    pub second: u8,
    /// Local time minus UTC, quarters of an hour, -96 to 96; `None` where the modem does not tell.
    pub quarters: Option<i8>,
}

impl Clock {
    /// Local time minus UTC in minutes; 0 where the modem does not tell.
    pub fn offset_minutes(&self) -> i32 {
        i32::from(self.quarters.unwrap_or(0)).saturating_mul(15)
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, .. } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        let offset = self.offset_minutes();
        let (sign, offset) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
        write!(f, "{sign}{:02}:{:02}", offset / 60, offset % 60)
    }
}

/// Reads `+CCLK: "yy/MM/dd,hh:mm:ss[±zz]"`, with or without the quotes, with two or four digits of the year.
pub fn cclk(line: &str) -> Result<Clock, Malformed> {
    let wrong = Malformed { command: "+CCLK", field: "<time>" };
    // Without the quotes the comma separates two fields.
    let fields: Vec<&str> = Reader::of(line, "+CCLK")?.rest().take(2).map(|field| field.text).collect();
    time(&fields.join(",")).ok_or(wrong)
}

fn time(text: &str) -> Option<Clock> {
    let (date, time) = text.split_once(',')?;
    let [year, month, day] = numbers(date, '/')?;
    let at = time.find(['+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at_checked(at)?;
    let [hour, minute, second] = numbers(time, ':')?;
    // Daylight saving may stand behind the zone, which counts it already.
    let quarters = match zone.split(',').next().unwrap_or_default().trim() {
        "" => None,
        zone => Some(zone.parse::<i8>().ok()?),
    };
    let in_range = (1..=12).contains(&month) && (1..=31).contains(&day) && hour <= 23 && minute <= 59 && second <= 60;
    if !in_range || quarters.is_some_and(|q| !(-96..=96).contains(&q)) {
        return None;
    }
    let small = |n: u16| u8::try_from(n).ok();
    Some(Clock {
        year: full_year(year),
        month: small(month)?,
        day: small(day)?,
        hour: small(hour)?,
        minute: small(minute)?,
        second: small(second)?,
        quarters,
    })
}

/// A clock that was never set starts in 1970 or 1980; nothing else that old is asked for the time.
fn full_year(year: u16) -> u16 {
    match year {
        0..70 => year.saturating_add(2000),
        70..100 => year.saturating_add(1900),
        _ => year,
    }
}

fn numbers(text: &str, separator: char) -> Option<[u16; 3]> {
    let digits = |part: &str| part.trim().bytes().all(|b| b.is_ascii_digit());
    let parts = text.split(separator).take(4).map(|part| part.trim().parse().ok().filter(|_| digits(part)));
    parts.collect::<Option<Vec<u16>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_counts_quarters_of_an_hour() {
        // T-17: "+36" is nine hours.
        let clock = cclk("+CCLK: \"26/04/13,17:12:58+36\"").unwrap();
        assert_eq!(clock.to_string(), "2026-04-13T17:12:58+09:00");
        assert_eq!(cclk("+CCLK: \"14/08/05,04:00:21-14\"").unwrap().to_string(), "2014-08-05T04:00:21-03:30");
        assert_eq!(cclk("+CCLK: \"14/08/05,04:00:21+08,1\"").unwrap().offset_minutes(), 120);
        assert_eq!(cclk("+CCLK: \"80/01/06,00:00:10\"").unwrap().year, 1980);
        for line in
            ["+CCLK: \"14/13/05,04:00:21\"", "+CCLK: \"14/12/05\"", "+CCLK: \"14/12/05,04:00:21+100\"", "+CCLK:"]
        {
            assert!(cclk(line).is_err(), "{line}");
        }
    }
}
