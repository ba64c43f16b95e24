//! The lines at the top and at the bottom.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::cli::out::{Tone, clean};
use crate::cli::words;
use crate::tui::action::BINDINGS;
use crate::tui::view::View;

use super::style;

/// Name and how many modems on the left, the time on the right.
pub fn title(view: &View, rect: Rect) -> Line<'static> {
    let count = match view.modems.len() {
        1 => "1 modem".into(),
        count => format!("{count} modems"),
    };
    let (left, right) = (format!(" lpwa  {count}"), format!("{} ", words::time_of_day(view.now)));
    let gap = usize::from(rect.width).saturating_sub(left.len() + right.len());
    Line::styled(format!("{left}{}{right}", " ".repeat(gap)), style(Tone::Strong).reversed())
}

/// What is being waited for, else what came of it lately, else the keys that fit.
pub fn footer(view: &View, rect: Rect) -> Line<'static> {
    if let Some(busy) = &view.busy {
        return Line::styled(format!(" {busy} ..."), style(Tone::Warn));
    }
    if let Some((_, answer)) = &view.answer {
        return Line::styled(format!(" {}", clean(answer)), style(Tone::Strong));
    }
    let mut room = usize::from(rect.width);
    let mut spans = Vec::new();
    for binding in &BINDINGS {
        let (key, help) = (format!(" {} ", binding.label), format!("{} ", binding.help));
        let Some(rest) = room.checked_sub(key.len() + help.len()) else { break };
        room = rest;
        spans.extend([Span::styled(key, style(Tone::Strong)), Span::styled(help, style(Tone::Dim))]);
    }
    Line::from(spans)
}
