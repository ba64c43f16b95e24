//! TLVs: one octet of type, two of length, a value; and the cursors that walk over a value or build one.

use std::ops::Range;

/// One TLV as it stands in a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tlv {
    /// Its type, which means something else in every message.
    pub id: u8,
    /// Its value.
    pub value: Vec<u8>,
}

/// A value that is shorter than its layout, or a list that is longer than its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value ends {0} octets before its layout does")]
pub struct Malformed(pub usize);

/// Walks over the octets of a value, left to right.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Where `rest` starts in the whole value.
    at: usize,
    secrets: Vec<Range<usize>>,
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `value`.
    pub const fn new(value: &'a [u8]) -> Self {
        Self { rest: value, at: 0, secrets: Vec::new() }
    }

    /// The next `n` octets.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        let missing = n.saturating_sub(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(Malformed(missing))?;
        (self.rest, self.at) = (rest, self.at.saturating_add(n));
        Ok(taken)
    }

    /// The next `N` octets.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| Malformed(N))
    }

    /// Everything that is left.
    pub fn remaining(&mut self) -> &'a [u8] {
        let rest = self.rest;
        (self.rest, self.at) = (&[], self.at.saturating_add(rest.len()));
        rest
    }

    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Runs `read` on the next `n` octets alone; what it leaves of them is skipped.
    pub fn within<T>(
        &mut self,
        n: usize,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let start = self.at;
        let part = self.take(n)?;
        let (rest, end) = (std::mem::replace(&mut self.rest, part), std::mem::replace(&mut self.at, start));
        let value = read(self);
        (self.rest, self.at) = (rest, end);
        value
    }

    /// Runs `read`, and remembers where what it read stands as secret.
    pub(super) fn secret<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Malformed>) -> Result<T, Malformed> {
        let start = self.at;
        let value = read(self)?;
        self.secrets.push(start..self.at);
        Ok(value)
    }

    /// Where secrets stood in what was read so far.
    pub(super) fn into_secrets(self) -> Vec<Range<usize>> {
        self.secrets
    }
}

/// Builds a value.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    octets: Vec<u8>,
    too_long: bool,
}

impl Writer {
    /// Appends octets.
    pub fn put(&mut self, octets: &[u8]) {
        self.octets.extend_from_slice(octets);
    }

    /// Notes that something does not fit its length field.
    pub const fn overflow(&mut self) {
        self.too_long = true;
    }

    /// The value; `None` where a part of it was too long for the layout.
    pub fn finish(self) -> Option<Vec<u8>> {
        let fits = !self.too_long && self.octets.len() <= usize::from(u16::MAX);
        fits.then_some(self.octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_never_reads_past_its_end() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.take(2), Ok(&[1, 2][..]));
        assert_eq!(reader.take(3), Err(Malformed(2)));
        assert_eq!(reader.take(usize::MAX), Err(Malformed(usize::MAX - 1)));
        assert_eq!(reader.remaining(), [3]);
        assert!(reader.is_empty());
    }

    #[test]
    fn a_part_ends_where_it_says_and_secrets_count_from_the_start() {
        let mut reader = Reader::new(&[9, 1, 2, 3, 4]);
        reader.take(1).unwrap();
        let read = reader.within(3, |part| part.secret(|part| part.take(2).map(<[u8]>::len)));
        assert_eq!(read, Ok(2));
        assert_eq!(reader.take(1), Ok(&[4][..]));
        assert_eq!(reader.within(1, |part| part.take(1).map(<[u8]>::len)), Err(Malformed(1)));
        assert_eq!(reader.into_secrets(), [Range { start: 1, end: 3 }]);
    }

    #[test]
    fn what_does_not_fit_gives_no_value() {
        let mut writer = Writer::default();
        writer.put(&[0; 65_535]);
        assert!(writer.clone().finish().is_some());
        writer.put(&[0]);
        assert!(writer.finish().is_none());
    }
}
