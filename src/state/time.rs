//! Points in time as plain numbers.

use std::fmt;
use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// This point plus `span`, at most the end of time.
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }

    /// The time from `earlier` to this point; zero where `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Year, month and day in UTC.
    pub const fn date(self) -> (u64, u64, u64) {
        civil(self.0 / 86_400_000)
    }

    /// The first moment of a day of the Gregorian calendar, UTC; the year is 1970 to 9999, month and day count from 1.
    pub const fn midnight(year: u64, month: u64, day: u64) -> Self {
        Self(days(year, month, day) * 86_400_000)
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T12:00:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, ms) = (self.0 / 86_400_000, self.0 % 86_400_000);
        let (year, month, day) = civil(days);
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
    }
}

/// Days since 1970-01-01 to the proleptic Gregorian calendar.
const fn civil(days: u64) -> (u64, u64, u64) {
    // Years start in March, so that the leap day is the last of its year; 146097 days are 400 years.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year_of_era + carry, month, day)
}

/// Days from 1970-01-01 to a date of 1970 to 9999 in the Gregorian calendar.
pub(super) const fn days(year: u64, month: u64, day: u64) -> u64 {
    // Years start in March, so that the leap day is the last of its year; 719468 days lie before 1970.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_rfc_3339() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(951_782_400_000).to_string(), "2000-02-29T00:00:00.000Z");
        assert_eq!(Timestamp(1_795_350_896_789).to_string(), "2026-11-22T12:34:56.789Z");
    }

    #[test]
    fn midnights_have_the_date_that_they_were_made_of() {
        for day in (0..3_000_000).step_by(97) {
            let at = Timestamp(day * 86_400_000);
            let (year, month, day) = at.date();
            if year <= 9999 {
                assert_eq!(Timestamp::midnight(year, month, day), at);
            }
        }
    }
}
