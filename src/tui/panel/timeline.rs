//! What the modem did lately, and its coming windows.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::cli::out::Tone;
use crate::cli::timeline::{Drawing, Mark, draw};
use crate::cli::words;
use crate::state::Timestamp;
use crate::tui::view::Modem;

use super::{LABEL, framed, style};

/// How far it goes back at most.
pub const BACK: Duration = Duration::from_secs(6 * 3600);
/// Lines of a panel that has room for the axis.
const TALL: u16 = 6;

/// Axis, modem, commands and legend; on a small screen modem and commands alone.
pub fn render(frame: &mut Frame<'_>, rect: Rect, modem: &Modem, now: Timestamp) {
    let columns = usize::from(rect.width.saturating_sub(2)).saturating_sub(LABEL);
    let tall = rect.height >= TALL;
    let drawing = draw(&modem.timeline, &modem.doc, now, BACK, if tall { columns } else { columns.saturating_sub(1) });
    let dim = |text: String| Line::styled(text, style(Tone::Dim));
    let mut lines = vec![bar("modem", &drawing, !tall), commands(&drawing)];
    let block = if tall {
        lines.insert(0, dim(format!("{:LABEL$}{}", "", drawing.axis)));
        lines.push(dim(format!("{:LABEL$}{}", "", drawing.legend())));
        framed(&title(&drawing))
    } else {
        framed(&title(&drawing)).title_bottom(dim(legend(&drawing)))
    };
    frame.render_widget(Paragraph::new(lines).block(block), rect);
}

/// A line without a frame, and commands where there were any.
pub fn small(modem: &Modem, now: Timestamp, columns: usize) -> Vec<Line<'static>> {
    let drawing = draw(&modem.timeline, &modem.doc, now, BACK, columns.saturating_sub(LABEL + 1));
    if drawing.marks.iter().all(|mark| *mark == Mark::Unknown) {
        return Vec::new();
    }
    let sent = (!drawing.commands.is_empty()).then(|| commands(&drawing));
    std::iter::once(bar("lately", &drawing, true)).chain(sent).collect()
}

/// How much time there is to see.
fn title(drawing: &Drawing) -> String {
    let columns = |count: usize| drawing.step.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
    let ahead = drawing.marks.len() / 4;
    let (back, ahead) = (columns(drawing.marks.len() - ahead), columns(ahead));
    format!("Last {}, next {}", words::span(back), words::span(ahead))
}

fn legend(drawing: &Drawing) -> String {
    match drawing.legend() {
        legend if legend.is_empty() => legend,
        legend => format!(" {legend} "),
    }
}

/// The marks in their colours; `split`: with a stroke for now.
fn bar(label: &'static str, drawing: &Drawing, split: bool) -> Line<'static> {
    let back = drawing.marks.len() - drawing.marks.len() / 4;
    let (past, ahead) = drawing.marks.split_at_checked(back).unwrap_or((&drawing.marks, &[]));
    let runs = |marks: &[Mark]| {
        let runs = marks.chunk_by(|one, other| one == other).filter_map(|run| Some((*run.first()?, run.len())));
        runs.map(|(mark, length)| Span::styled(mark.symbol().to_string().repeat(length), style(mark.tone())))
            .collect::<Vec<_>>()
    };
    let mut spans = vec![Span::styled(format!("{label:LABEL$}"), style(Tone::Dim))];
    spans.extend(runs(past));
    if split {
        spans.push(Span::styled("|", style(Tone::Dim)));
    }
    spans.extend(runs(ahead));
    Line::from(spans)
}

fn commands(drawing: &Drawing) -> Line<'static> {
    let label = Span::styled(format!("{:LABEL$}", "sent"), style(Tone::Dim));
    Line::from(vec![label, Span::raw(drawing.commands.clone())])
}
