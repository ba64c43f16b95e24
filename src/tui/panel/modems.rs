//! The list of modems, where there are several.

use ratatui::text::{Line, Span};

use crate::cli::out::{Tone, clean};
use crate::cli::say;
use crate::tui::view::{Modem, View};

use super::style;

/// At most `count` lines around the selected modem.
pub fn lines(view: &View, count: usize) -> Vec<Line<'static>> {
    let skip = (view.selected + 1).saturating_sub(count);
    let rows = view.modems.iter().enumerate().skip(skip).take(count);
    rows.map(|(at, modem)| line(modem, at == view.selected)).collect()
}

fn line(modem: &Modem, selected: bool) -> Line<'static> {
    let (mark, tone) = if selected { ("> ", Tone::Strong) } else { ("  ", Tone::Plain) };
    let doc = &modem.doc;
    let network = say::network(&doc.network).or_else(|| doc.state_reason.clone()).unwrap_or_default();
    Line::from(vec![
        Span::styled(format!("{mark}{:<12} ", clean(&doc.id)), style(tone)),
        Span::styled(format!("{:<11} ", doc.state), style(say::state_words(doc).tone)),
        Span::raw(clean(&network)),
    ])
}
