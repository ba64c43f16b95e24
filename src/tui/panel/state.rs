//! The head of the screen: the modem, its state, why, and what to do next.

use ratatui::text::{Line, Span};

use crate::cli::out::{Tone, clean};
use crate::cli::{say, words};
use crate::state::Timestamp;
use crate::state::json::Document;

use super::style;

/// One to three lines: state, reason, what to do next.
pub fn lines(doc: &Document, now: Timestamp) -> Vec<Line<'static>> {
    let words = say::state_words(doc);
    let mut lines = vec![head(doc, words.tone, now)];
    if words.tone != Tone::Good {
        lines.push(Line::from(clean(&words::capital(&say::why(doc)))));
    }
    if let Some(next) = say::next(doc) {
        let label = Span::styled("next: ", style(Tone::Dim));
        lines.push(Line::from(vec![label, Span::raw(clean(&next))]));
    }
    lines
}

fn head(doc: &Document, tone: Tone, now: Timestamp) -> Line<'static> {
    let since = doc.since.map(|since| format!("  for {}", words::lasting(now, since.0))).unwrap_or_default();
    Line::from(vec![
        Span::styled(clean(&doc.id), style(Tone::Strong)),
        Span::raw("  "),
        Span::styled(doc.state.to_uppercase(), style(tone).bold()),
        Span::raw(since),
    ])
}
