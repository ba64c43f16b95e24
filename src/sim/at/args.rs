//! The values of a set command, between commas.

use super::answer::{AtError, CME_INVALID};

/// The values of a set command.
#[derive(Debug)]
pub(in crate::sim) struct Args<'a>(Vec<&'a str>);

impl<'a> Args<'a> {
    /// Cuts at commas outside quotes.
    pub(in crate::sim) fn new(text: &'a str) -> Self {
        let mut quoted = false;
        Self(
            text.split(|c| {
                quoted ^= c == '"';
                c == ',' && !quoted
            })
            .collect(),
        )
    }

    pub(in crate::sim) fn len(&self) -> usize {
        self.0.len()
    }

    /// Value `index` (from 0) without its quotes; `None` when it is left out.
    pub(in crate::sim) fn text(&self, index: usize) -> Option<&'a str> {
        let value = *self.0.get(index)?;
        let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        (!value.is_empty()).then_some(bare)
    }

    /// Number `index`; `None` when it is left out, an error when it is no number.
    pub(in crate::sim) fn number(&self, index: usize) -> Result<Option<u32>, AtError> {
        self.text(index).map(|v| v.parse().map_err(|_| CME_INVALID)).transpose()
    }

    /// Number `index`, which has to be there and within `range`.
    pub(in crate::sim) fn within(&self, index: usize, range: std::ops::RangeInclusive<u32>) -> Result<u8, AtError> {
        let number = self.number(index)?.filter(|n| range.contains(n)).ok_or(CME_INVALID)?;
        u8::try_from(number).map_err(|_| CME_INVALID)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_within_quotes_do_not_cut() {
        let args = Args::new("1,\"a,b\",,0002,\"\"");
        assert_eq!(args.len(), 5);
        assert_eq!(args.number(0), Ok(Some(1)));
        assert_eq!(args.text(1), Some("a,b"));
        assert_eq!(args.number(2), Ok(None));
        assert_eq!(args.number(3), Ok(Some(2)));
        assert_eq!(args.text(4), Some(""));
        assert_eq!(args.text(5), None);
        assert_eq!(args.within(0, 0..=2), Ok(1));
        assert!(args.number(1).is_err() && args.within(0, 2..=3).is_err() && args.within(9, 0..=1).is_err());
    }
}
