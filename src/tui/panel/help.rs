//! The keys.

use ratatui::text::{Line, Span};

use crate::cli::out::Tone;
use crate::tui::action::BINDINGS;

use super::style;

/// A line for each key.
pub fn lines() -> Vec<Line<'static>> {
    BINDINGS.iter().map(|binding| Line::from(vec![key(binding.label), Span::raw(binding.help)])).collect()
}

fn key(label: &str) -> Span<'static> {
    Span::styled(format!("{label:>3}  "), style(Tone::Strong))
}
