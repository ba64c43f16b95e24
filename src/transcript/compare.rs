//! Where two timelines or two transcripts part.

use std::fmt;

use super::{Direction, Transcript};

/// The first line on which two texts differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Line of the expected text, counted from 1; where that text has ended, the line after its last.
    pub line: usize,
    /// What stands there; `None`: the expected text has ended.
    pub expected: Option<String>,
    /// What came instead; `None`: nothing more came.
    pub got: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match (&self.expected, &self.got) {
            (Some(expected), Some(got)) => write!(f, "line {line}: expected `{expected}`, got `{got}`"),
            (Some(expected), None) => write!(f, "line {line}: expected `{expected}`, but nothing more came"),
            (None, Some(got)) => write!(f, "line {line}: expected the end, got `{got}`"),
            (None, None) => write!(f, "line {line}: no difference"),
        }
    }
}

/// Compares two timelines line by line; comment lines (`#`), empty lines and blanks at the end of a line do not count.
pub fn timelines(expected: &str, got: &str) -> Option<Difference> {
    first(expected.lines().count(), timeline(expected), timeline(got))
}

/// Compares what crossed the ports; headers and notes do not count.
pub fn transcripts(expected: &Transcript, got: &Transcript) -> Option<Difference> {
    let last = expected.line_of(expected.records.len()).saturating_sub(1);
    first(last, records(expected), records(got))
}

fn timeline(text: &str) -> impl Iterator<Item = (usize, String)> {
    let lines = (1..).zip(text.lines().map(str::trim_end));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(number, line)| (number, line.to_owned()))
}

fn records(transcript: &Transcript) -> impl Iterator<Item = (usize, String)> {
    let records = transcript.records.iter().enumerate().filter(|(_, r)| r.direction != Direction::Note);
    records.map(|(index, record)| (transcript.line_of(index), record.to_string()))
}

fn first(
    last: usize,
    mut expected: impl Iterator<Item = (usize, String)>,
    mut got: impl Iterator<Item = (usize, String)>,
) -> Option<Difference> {
    loop {
        let (wanted, came) = (expected.next(), got.next().map(|(_, text)| text));
        let line = wanted.as_ref().map_or(last.saturating_add(1), |(line, _)| *line);
        let wanted = wanted.map(|(_, text)| text);
        if wanted.is_none() && came.is_none() {
            return None;
        }
        if wanted != came {
            return Some(Difference { line, expected: wanted, got: came });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(timelines("# expected\n0.0 probing\n\n1.0 off\n", "0.0 probing\n1.0 off  "), None);
    }

    #[test]
    fn the_first_difference_reads_as_a_sentence() {
        let expected = "# of T-11\n0.0 probing\n4.1 registered roaming\n";
        let said = |got| timelines(expected, got).unwrap().to_string();
        assert_eq!(
            said("0.0 probing\n4.2 registered roaming\n"),
            "line 3: expected `4.1 registered roaming`, got `4.2 registered roaming`"
        );
        assert_eq!(said("0.0 probing\n"), "line 3: expected `4.1 registered roaming`, but nothing more came");
        assert_eq!(
            said("0.0 probing\n4.1 registered roaming\n9.0 absent\n"),
            "line 4: expected the end, got `9.0 absent`"
        );
    }

    #[test]
    fn transcripts_are_compared_by_what_crossed() {
        let read = |text: &str| text.parse::<Transcript>().unwrap();
        let a = read("lpwa-transcript 1\nsource a\n\n0.000 m0 > AT\n0.010 m0 < OK\n");
        let b = read("lpwa-transcript 1\n# another comment\n0.000 m0 > AT\n0.010 m0 < ERROR\n");
        assert_eq!(transcripts(&a, &a), None);
        assert_eq!(
            transcripts(&a, &b).unwrap().to_string(),
            "line 5: expected `0.010 m0 < OK`, got `0.010 m0 < ERROR`"
        );
    }
}
