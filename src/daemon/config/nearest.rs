//! "Did you mean": the known name that is closest to a mistyped one.

use std::cmp::Reverse;

/// The closest of `names`, if it is close enough to be what was meant.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Of two that are as close, the one that starts alike: people leave letters out at the end.
    let alike = |name: &str| word.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    let scored = names.into_iter().map(|name| (distance(word, name), Reverse(alike(name)), name));
    let (score, _, name) = scored.min()?;
    // One letter in three may be wrong.
    (score <= name.len().max(word.len()).div_ceil(3)).then_some(name)
}

/// Levenshtein's edit distance, over one row of the matrix.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (1..=b.chars().count()).collect();
    let mut last = row.len();
    for (above_left, x) in a.chars().enumerate() {
        let (mut diagonal, mut left) = (above_left, above_left.saturating_add(1));
        for (y, cell) in b.chars().zip(&mut row) {
            let changed = diagonal.saturating_add(usize::from(x != y));
            diagonal = *cell;
            left = changed.min(diagonal.saturating_add(1)).min(left.saturating_add(1));
            *cell = left;
        }
        last = left;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        for (a, b, edits) in [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("ap", "apn", 1), ("kitten", "sitting", 3)] {
            assert_eq!(distance(a, b), edits, "{a} {b}");
        }
    }

    #[test]
    fn suggests_what_is_close_only() {
        let names = ["at", "apn", "pdp_type", "autoconnect"];
        assert_eq!(nearest("ap", names), Some("apn"));
        assert_eq!(nearest("auto_connect", names), Some("autoconnect"));
        assert_eq!(nearest("voltage", names), None);
    }
}
