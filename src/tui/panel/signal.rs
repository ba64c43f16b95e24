//! The signal: how strong, how clean, how old, and how it was.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::{LineGauge, Paragraph, Sparkline};

use crate::cli::out::Tone;
use crate::cli::{scales, words};
use crate::state::Timestamp;
use crate::state::json::Document;
use crate::tui::view::Modem;

use super::{Row, style};

/// RSRP that fills the gauge, dBm; with [`WEAK`] the range in which modems live.
const STRONG: f64 = -70.0;
/// RSRP that leaves the gauge empty, dBm.
const WEAK: f64 = -140.0;

/// A line for each scale; RSSI only where there is nothing better.
pub fn rows(doc: &Document) -> Vec<Row> {
    let mut scales = scales::scales(doc);
    if scales.len() > 1 {
        scales.retain(|scale| scale.name != "RSSI");
    }
    scales.iter().map(|scale| Row::new(scale.name, Some(scale.text()), scales::tone(scale.quality))).collect()
}

/// The panel's name with the age of the reading, as nothing here is polled.
pub fn title(doc: &Document, now: Timestamp) -> String {
    match doc.signal.read_at {
        Some(at) => format!("Signal, read {}", words::ago(now, at.0)),
        None => "Signal, not read yet (r reads it)".into(),
    }
}

/// A gauge of the first scale, the others, and the history.
pub fn render(frame: &mut Frame<'_>, rect: Rect, modem: &Modem) {
    let mut rows = rows(&modem.doc).into_iter();
    let gauge = rows.next();
    let others: Vec<Line<'_>> = rows.map(|row| row.line()).collect();
    let heights = [Constraint::Length(1), Constraint::Length(others.len() as u16), Constraint::Min(0)];
    let [top, lines, history] = Layout::vertical(heights).areas(rect);
    frame.render_widget(bar(gauge.as_ref(), modem), top);
    frame.render_widget(Paragraph::new(others), lines);
    frame.render_widget(sparkline(modem, history.width), history);
}

fn bar(row: Option<&Row>, modem: &Modem) -> LineGauge<'static> {
    let ratio = modem.doc.signal.rsrp_dbm.map_or(0.0, |dbm| ((dbm - WEAK) / (STRONG - WEAK)).clamp(0.0, 1.0));
    let filled = style(row.map_or(Tone::Dim, |row| row.tone));
    let label = row.map_or_else(|| Line::from("no reading"), Row::line);
    let bar = LineGauge::default().ratio(ratio).label(label).filled_style(filled).unfilled_style(style(Tone::Dim));
    bar.filled_symbol("█").unfilled_symbol("░")
}

/// The newest readings that fit, as bars over [`WEAK`].
fn sparkline(modem: &Modem, columns: u16) -> Sparkline<'static> {
    let skip = modem.history.len().saturating_sub(usize::from(columns));
    let height = |dbm: &f64| (dbm - WEAK).clamp(0.0, STRONG - WEAK).round() as u64;
    let bars: Vec<u64> = modem.history.iter().skip(skip).map(height).collect();
    Sparkline::default().data(bars).max((STRONG - WEAK) as u64).style(style(Tone::Dim))
}
