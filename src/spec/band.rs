//! Frequency bands: sets of them in every form that modems write, and the band of a channel number.

use std::collections::BTreeSet;
use std::fmt;

/// An operating band by its number: E-UTRA as in TS 36.101 table 5.5-1, NR as in TS 38.101.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Band(u16);

impl Band {
    /// The highest number that a band can have; it also bounds the masks that are read.
    pub const MAX: u16 = 512;

    /// Band `number`, 1 to 512.
    pub const fn new(number: u16) -> Option<Self> {
        if number >= 1 && number <= Self::MAX { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The E-UTRA band of a downlink channel number (TS 36.101 table 5.7.3-1).
    pub fn of_earfcn(earfcn: u32) -> Option<Self> {
        let row = EARFCN.iter().find(|(_, first, last)| (*first..=*last).contains(&earfcn));
        row.and_then(|(band, _, _)| Self::new(*band))
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Band, first and last downlink EARFCN.
const EARFCN: [(u16, u32, u32); 50] = [
    (1, 0, 599),
    (2, 600, 1199),
    (3, 1200, 1949),
    (4, 1950, 2399),
    (5, 2400, 2649),
    (6, 2650, 2749),
    (7, 2750, 3449),
    (8, 3450, 3799),
    (9, 3800, 4149),
    (10, 4150, 4749),
    (11, 4750, 4949),
    (12, 5010, 5179),
    (13, 5180, 5279),
    (14, 5280, 5379),
    (17, 5730, 5849),
    (18, 5850, 5999),
    (19, 6000, 6149),
    (20, 6150, 6449),
    (21, 6450, 6599),
    (22, 6600, 7399),
    (23, 7500, 7699),
    (24, 7700, 8039),
    (25, 8040, 8689),
    (26, 8690, 9039),
    (27, 9040, 9209),
    (28, 9210, 9659),
    (30, 9770, 9869),
    (31, 9870, 9919),
    (33, 36_000, 36_199),
    (34, 36_200, 36_349),
    (35, 36_350, 36_949),
    (36, 36_950, 37_549),
    (37, 37_550, 37_749),
    (38, 37_750, 38_249),
    (39, 38_250, 38_649),
    (40, 38_650, 39_649),
    (41, 39_650, 41_589),
    (42, 41_590, 43_589),
    (43, 43_590, 45_589),
    (65, 65_536, 66_435),
    (66, 66_436, 67_335),
    (68, 67_536, 67_835),
    (70, 68_336, 68_585),
    (71, 68_586, 68_935),
    (72, 68_936, 68_985),
    (73, 68_986, 69_035),
    (74, 69_036, 69_465),
    (85, 70_366, 70_545),
    (87, 70_546, 70_595),
    (88, 70_596, 70_645),
];

/// The text is no set of bands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBands {
    /// A list has something that is no band.
    #[error("{0:?} is no band; a number from 1 to {max} is wanted, as in 3,8,20", max = Band::MAX)]
    Number(String),
    /// A mask has a wrong digit, or none.
    #[error("{0:?} is no band mask; bit 0 stands for band 1, so bands 3, 8 and 20 are 80084 in hexadecimal")]
    Mask(String),
    /// A band is higher than the form can say.
    #[error("band {0} does not fit; this modem takes bands up to {1}")]
    TooHigh(Band, u16),
}

/// Bands in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct BandSet(BTreeSet<Band>);

impl FromIterator<Band> for BandSet {
    fn from_iter<I: IntoIterator<Item = Band>>(bands: I) -> Self {
        Self(bands.into_iter().collect())
    }
}

impl BandSet {
    /// The bands, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = Band> {
        self.0.iter().copied()
    }

    /// Whether `band` is one of them.
    pub fn contains(&self, band: Band) -> bool {
        self.0.contains(&band)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `3,8,20`, or with colons as Quectel's 5G modems have it. The empty text is the empty set.
    pub fn from_list(text: &str) -> Result<Self, InvalidBands> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let band = |part: &str| part.trim().parse().ok().and_then(Band::new);
        text.split([',', ':']).map(|part| band(part).ok_or_else(|| InvalidBands::Number(part.into()))).collect()
    }

    /// Hexadecimal digits, with or without `0x`, as wide as they come; bit n is band n+1.
    pub fn from_hex_mask(text: &str) -> Result<Self, InvalidBands> {
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        Self::from_digits(text, digits, 16)
    }

    /// Binary digits, the highest band first.
    pub fn from_binary(text: &str) -> Result<Self, InvalidBands> {
        Self::from_digits(text, text, 2)
    }

    /// Decimal masks of 64 bands each, the lowest first, separated by commas: `6170` or `6170,2`.
    pub fn from_decimal_masks(text: &str) -> Result<Self, InvalidBands> {
        let invalid = || InvalidBands::Mask(text.into());
        let mut bands = Self::default();
        for (n, word) in text.split(',').enumerate() {
            let word: u64 = word.trim().parse().map_err(|_| invalid())?;
            for bit in (0..64).filter(|bit| word >> bit & 1 == 1) {
                bands.0.insert(bit_band(n.saturating_mul(64).saturating_add(bit)).ok_or_else(invalid)?);
            }
        }
        Ok(bands)
    }

    fn from_digits(text: &str, digits: &str, radix: u32) -> Result<Self, InvalidBands> {
        let invalid = || InvalidBands::Mask(text.into());
        let width = radix.ilog2() as usize;
        let mut bands = Self::default();
        for (n, digit) in digits.chars().rev().enumerate() {
            let digit = digit.to_digit(radix).ok_or_else(invalid)?;
            for bit in (0..width).filter(|bit| digit >> bit & 1 == 1) {
                bands.0.insert(bit_band(n.saturating_mul(width).saturating_add(bit)).ok_or_else(invalid)?);
            }
        }
        if digits.is_empty() { Err(invalid()) } else { Ok(bands) }
    }

    /// `3,8,20`.
    pub fn list(&self) -> String {
        self.join(",")
    }

    /// `3:8:20`.
    pub fn colon_list(&self) -> String {
        self.join(":")
    }

    /// Hexadecimal, upper case, without `0x` and leading zeros.
    pub fn hex_mask(&self) -> String {
        (0..=self.top() / 4).rev().map(|nibble| format!("{:X}", self.bits(nibble * 4, 4))).collect()
    }

    /// One decimal mask for bands 1 to 64, another after a comma when there are higher ones.
    pub fn decimal_masks(&self) -> String {
        let words: Vec<_> = (0..=self.top() / 64).map(|word| self.bits(word * 64, 64).to_string()).collect();
        words.join(",")
    }

    /// `width` binary digits, the highest band first; Nordic takes 88.
    pub fn binary(&self, width: u16) -> Result<String, InvalidBands> {
        match self.iter().find(|band| band.number() > width) {
            Some(band) => Err(InvalidBands::TooHigh(band, width)),
            None => Ok((0..width).rev().map(|bit| if self.bits(bit, 1) == 1 { '1' } else { '0' }).collect()),
        }
    }

    fn join(&self, separator: &str) -> String {
        self.iter().map(|band| band.to_string()).collect::<Vec<_>>().join(separator)
    }

    /// The bit of the highest band; 0 for the empty set.
    fn top(&self) -> u16 {
        self.0.last().map_or(0, |band| band.number().saturating_sub(1))
    }

    /// The bands of mask bits `first` and up, at most 64, as a number.
    fn bits(&self, first: u16, count: u16) -> u64 {
        let set = |bit: &u16| Band::new(first.saturating_add(*bit).saturating_add(1)).is_some_and(|b| self.contains(b));
        (0..count.min(64)).filter(set).fold(0, |word, bit| word | 1 << bit)
    }
}

/// The band of a mask bit.
fn bit_band(bit: usize) -> Option<Band> {
    Band::new(u16::try_from(bit).ok()?.checked_add(1)?)
}

/// As a list: `3,8,20`.
impl fmt::Display for BandSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.list())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(bands: &[u16]) -> BandSet {
        bands.iter().map(|n| Band::new(*n).unwrap()).collect()
    }

    /// BG95 as it answers `AT+QCFG="band"`: wider than 64 bits.
    const BG95: &[u16] = &[1, 2, 3, 4, 5, 8, 12, 13, 18, 19, 20, 25, 26, 27, 28, 66, 85];

    #[test]
    fn reads_what_modems_answer() {
        assert_eq!(BandSet::from_hex_mask("0x100002000000000f0e189f"), Ok(set(BG95)));
        assert_eq!(BandSet::from_hex_mask("000000000000000A0A188E"), BandSet::from_hex_mask("A0A188E"));
        assert_eq!(BandSet::from_decimal_masks("6170"), Ok(set(&[2, 4, 5, 12, 13])));
        assert_eq!(BandSet::from_decimal_masks("6170,2"), Ok(set(&[2, 4, 5, 12, 13, 66])));
        assert_eq!(BandSet::from_list("1:3:7"), Ok(set(&[1, 3, 7])));
        assert_eq!(BandSet::from_list("3,8,20"), Ok(set(&[3, 8, 20])));
    }

    #[test]
    fn writes_what_modems_take() {
        assert_eq!(set(BG95).hex_mask(), "100002000000000F0E189F");
        assert_eq!(set(&[2, 4, 5, 12, 13]).decimal_masks(), "6170");
        assert_eq!(set(&[66]).decimal_masks(), "0,2");
        assert_eq!(set(&[20, 3, 8]).list(), "3,8,20");
        assert_eq!(set(&[1, 3, 7]).colon_list(), "1:3:7");
        let nordic = set(&[1, 88]).binary(88).unwrap();
        assert_eq!((nordic.len(), &nordic[..2], &nordic[86..]), (88, "10", "01"));
        assert_eq!(set(&[]).hex_mask(), "0");
    }

    #[test]
    fn names_what_is_wrong() {
        assert_eq!(BandSet::from_list("3,x"), Err(InvalidBands::Number("x".into())));
        assert_eq!(BandSet::from_list("0"), Err(InvalidBands::Number("0".into())));
        assert!(BandSet::from_list("3,,8").is_err());
        for mask in ["", "0x", "0xg", "-1"] {
            assert_eq!(BandSet::from_hex_mask(mask), Err(InvalidBands::Mask(mask.into())));
        }
        let wide = format!("1{}", "0".repeat(128));
        assert!(BandSet::from_hex_mask(&wide).is_err());
        assert!(BandSet::from_decimal_masks("18446744073709551616").is_err());
        let error = set(&[103]).binary(88).unwrap_err();
        assert_eq!(error.to_string(), "band 103 does not fit; this modem takes bands up to 88");
    }

    /// Channel and band as real modems reported them side by side.
    #[test]
    fn channels_have_the_band_that_modems_say() {
        for (earfcn, band) in [
            (100, 1),
            (150, 1),
            (2050, 4),
            (2506, 5),
            (3600, 8),
            (5035, 12),
            (5110, 12),
            (6100, 19),
            (6200, 20),
            (6300, 20),
            (6447, 20),
            (7689, 23),
            (9435, 28),
        ] {
            assert_eq!(Band::of_earfcn(earfcn).map(Band::number), Some(band), "{earfcn}");
        }
        assert_eq!(Band::of_earfcn(5000), None);
        assert_eq!(Band::of_earfcn(u32::MAX), None);
    }

    #[test]
    fn channel_ranges_do_not_overlap() {
        assert!(EARFCN.iter().all(|(_, first, last)| first < last));
        assert!(EARFCN.windows(2).all(|rows| rows[0].2 < rows[1].1 && rows[0].0 < rows[1].0));
    }

    proptest! {
        #[test]
        fn every_form_round_trips(numbers in prop::collection::btree_set(1..=Band::MAX, 0..20)) {
            let bands = set(&numbers.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(BandSet::from_list(&bands.list()).unwrap(), bands.clone());
            prop_assert_eq!(BandSet::from_list(&bands.colon_list()).unwrap(), bands.clone());
            prop_assert_eq!(BandSet::from_hex_mask(&bands.hex_mask()).unwrap(), bands.clone());
            prop_assert_eq!(BandSet::from_decimal_masks(&bands.decimal_masks()).unwrap(), bands.clone());
            prop_assert_eq!(BandSet::from_binary(&bands.binary(Band::MAX).unwrap()).unwrap(), bands);
        }

        #[test]
        fn any_text_is_survived(text in ".{0,200}") {
            let _ = (BandSet::from_list(&text), BandSet::from_hex_mask(&text), BandSet::from_binary(&text));
            let _ = BandSet::from_decimal_masks(&text);
        }
    }
}
