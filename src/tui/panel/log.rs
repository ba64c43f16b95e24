//! What happened.

use ratatui::text::{Line, Span};

use crate::cli::out::{Tone, clean};
use crate::cli::words;
use crate::tui::view::{Entry, View};

use super::style;

/// The newest `count` lines, oldest first; modems are named where there are several.
pub fn lines(view: &View, count: usize) -> Vec<Line<'static>> {
    let skip = view.log.len().saturating_sub(count);
    view.log.iter().skip(skip).map(|entry| line(entry, view.modems.len() > 1)).collect()
}

fn line(entry: &Entry, several: bool) -> Line<'static> {
    let clock = Span::styled(words::time_of_day(entry.at), style(Tone::Dim));
    let modem = if several && !entry.modem.is_empty() { format!("  {}", clean(&entry.modem)) } else { String::new() };
    Line::from(vec![clock, Span::styled(modem, style(Tone::Strong)), Span::raw(format!("  {}", clean(&entry.text)))])
}
