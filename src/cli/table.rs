//! A small column printer.

use std::io;

use super::out::{Out, Tone, clean};

/// One field of a table.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// `text` in `tone`.
    pub fn new(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { text: clean(text.as_ref()), tone }
    }

    /// The text, or a dim dash.
    pub fn or_dash(text: Option<impl AsRef<str>>) -> Self {
        text.map_or_else(|| Self::new("-", Tone::Dim), |text| Self::new(text, Tone::Plain))
    }

    fn columns(&self) -> usize {
        self.text.chars().count()
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(text, Tone::Plain)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(text, Tone::Plain)
    }
}

/// Rows of cells; columns are as wide as their widest cell. The last is cut to the terminal, and under a head the widest
/// are as well.
#[derive(Debug, Default)]
pub struct Table {
    indent: usize,
    head: bool,
    rows: Vec<Vec<Cell>>,
}

/// Fewer columns tell nothing.
const READABLE: usize = 10;
/// Blanks between two columns.
const GAP: usize = 2;

impl Table {
    /// A table with the column names `head`.
    pub fn with_head(head: &[&str]) -> Self {
        let head = head.iter().map(|name| Cell::new(name.to_uppercase(), Tone::Dim)).collect();
        Self { indent: 0, head: true, rows: vec![head] }
    }

    /// A table without a head, set in by `indent` blanks.
    pub const fn indented(indent: usize) -> Self {
        Self { indent, head: false, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// Whether there is no row, not even a head.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.columns().max(*width);
            }
        }
        widths
    }

    /// Writes the table.
    pub fn print(&self, out: &mut Out) -> io::Result<()> {
        let mut widths = self.widths();
        if let Some(room) = out.width().filter(|_| self.head) {
            narrow(&mut widths, room);
        }
        for row in &self.rows {
            let line = self.line(row, &widths, out);
            out.line(&line)?;
        }
        Ok(())
    }

    fn line(&self, row: &[Cell], widths: &[usize], out: &Out) -> String {
        let mut line = " ".repeat(self.indent);
        let mut used = self.indent;
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if column + 1 == row.len() {
                let room = out.width().map_or(usize::MAX, |columns| columns.saturating_sub(used));
                line += &out.paint(cell.tone, &cut(&cell.text, room));
            } else {
                let text = cut(&cell.text, *width);
                line += &out.paint(cell.tone, &text);
                line += &" ".repeat(width.saturating_sub(text.chars().count()) + GAP);
                used = used.saturating_add(width + GAP);
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// Takes columns from the widest until all fit into `room`; where nothing readable would remain they stay.
fn narrow(widths: &mut [usize], room: usize) {
    let gaps = widths.len().saturating_sub(1) * GAP;
    let least: usize = widths.iter().map(|width| (*width).min(READABLE)).sum();
    if least + gaps > room {
        return;
    }
    while widths.iter().sum::<usize>() + gaps > room {
        let Some(widest) = widths.iter_mut().max() else { return };
        *widest = widest.saturating_sub(1);
    }
}

/// `text` in at most `room` columns; what is lost shows as an ellipsis. Where nothing readable would remain, the terminal
/// may wrap.
pub fn cut(text: &str, room: usize) -> String {
    if room < READABLE || text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room - 1).chain(['…']).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A writer whose text can be read afterwards.
    #[derive(Clone, Default)]
    pub(crate) struct Page(Arc<Mutex<Vec<u8>>>);

    impl Page {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn printed(width: Option<usize>) -> String {
        let page = Page::default();
        let mut table = Table::with_head(&["modem", "state", "network"]);
        table.row(vec!["m0".into(), Cell::new("connected", Tone::Good), "Test Network 001/01".into()]);
        table.row(vec!["cabinet-7".into(), Cell::or_dash(None::<&str>), "".into()]);
        table.print(&mut Out::plain(page.clone(), width, false)).unwrap();
        page.text()
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let expected = "\
MODEM      STATE      NETWORK
m0         connected  Test Network 001/01
cabinet-7  -
";
        assert_eq!(printed(None), expected);
    }

    #[test]
    fn wide_columns_give_way_to_a_narrow_terminal() {
        let page = Page::default();
        let mut table = Table::with_head(&["modem", "network", "data"]);
        table.row(vec!["m0".into(), "LTE-M, band 20, Test Network (00101)".into(), "10.64.11.2, APN iot.test".into()]);
        table.print(&mut Out::plain(page.clone(), Some(40), false)).unwrap();
        let text = page.text();
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("m0     LTE-M, band 20,…  10.64.11.2, AP…"), "{text}");
    }

    #[test]
    fn the_last_column_is_cut_to_the_terminal() {
        assert!(printed(Some(34)).contains("Test Networ…\n"), "{}", printed(Some(34)));
        // Too narrow for anything readable: the terminal wraps.
        assert!(printed(Some(20)).contains("Test Network 001/01"));
    }
}
