//! Invented digits in place of real ones.

use std::collections::BTreeMap;

/// Digits of an identity that stay: the type allocation code of an IMEI begins with them, an IMSI has MCC and MNC
/// there, an ICCID the country and the issuer.
const KEPT: usize = 6;

/// Invents a number for every number it meets, and remembers it.
///
/// The invented number follows from the order of appearance alone: nothing of the original can be computed from it.
#[derive(Default)]
pub(super) struct Inventor {
    known: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Inventor {
    /// Replaces the digits of an identity, from its first to its last one. Characters between them stay.
    pub(super) fn identity(&mut self, number: &mut [u8]) {
        self.replace(number, KEPT);
    }

    /// Replaces all digits of a telephone number.
    pub(super) fn phone(&mut self, number: &mut [u8]) {
        self.replace(number, 0);
    }

    fn replace(&mut self, number: &mut [u8], kept: usize) {
        let original: Vec<u8> = number.iter().copied().filter(u8::is_ascii_digit).collect();
        let invented = match self.known.get(&original) {
            Some(invented) => invented.clone(),
            None => {
                let invented = invent(&original, kept, self.known.len());
                self.known.insert(original, invented.clone());
                invented
            }
        };
        for (slot, digit) in number.iter_mut().filter(|b| b.is_ascii_digit()).zip(invented) {
            *slot = digit;
        }
    }
}

/// The first `kept` digits of `original`, then a number that counts, then a check digit if there was one.
fn invent(original: &[u8], kept: usize, count: usize) -> Vec<u8> {
    let checked = kept > 0 && luhn(original) == 0;
    let tail = original.len().saturating_sub(kept).saturating_sub(usize::from(checked));
    let candidate = |number: usize| {
        let mut digits: Vec<u8> = original.iter().copied().take(kept).collect();
        let counted = format!("{number:0tail$}");
        digits.extend(counted.bytes().skip(counted.len().saturating_sub(tail)));
        if checked {
            digits.push(b'0');
            let check = (10 - luhn(&digits)) % 10;
            digits.pop();
            digits.push(b'0'.saturating_add(check));
        }
        digits
    };
    let first = candidate(count.saturating_add(1));
    if first == original { candidate(count.saturating_add(2)) } else { first }
}

/// The Luhn sum modulo 10 (ISO/IEC 7812-1 annex B): 0 where the last digit is the right check digit.
fn luhn(digits: &[u8]) -> u8 {
    let mut sum = 0;
    for (i, digit) in digits.iter().rev().map(|b| b.saturating_sub(b'0').min(9)).enumerate() {
        let doubled = if i % 2 == 1 { digit * 2 } else { digit };
        sum = (sum + doubled / 10 + doubled % 10) % 10;
    }
    sum
}
