//! The layout: panels in frames where there is room, plain lines on a small terminal.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph, Wrap};

use crate::cli::out::Tone;
use crate::cli::{plain, say};

use super::panel::{Row, bar, data, framed, help, log, modems, network, power, signal, state, timeline, uplink};
use super::view::{Modem, View};

/// Under these columns and lines there are no frames.
const ROOM: (u16, u16) = (70, 22);

/// From these lines on the timeline has its axis.
const TALL: u16 = 28;
/// Under these lines the events have no frame: it would take their place.
const FRAMED: u16 = 4;

/// Draws `view`.
pub fn render(frame: &mut Frame<'_>, view: &View) {
    let area = frame.area();
    let [title, body, footer] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)]).areas(area);
    frame.render_widget(bar::title(view, title), title);
    frame.render_widget(bar::footer(view, footer), footer);
    match view.modem() {
        None => nothing(frame, body, view),
        Some(modem) if area.width < ROOM.0 || area.height < ROOM.1 => small(frame, body, view, modem),
        Some(modem) => framed_panels(frame, body, view, modem),
    }
    if view.help {
        help_box(frame, body);
    }
}

fn nothing(frame: &mut Frame<'_>, rect: Rect, view: &View) {
    let text = "No modem.\n\nA modem appears here when its port does. `lpwa modems list` names the models that are \
                known; a modem on a fixed port needs a [[modem]] entry in /etc/lpwa/lpwa.toml.";
    let [message, log] = Layout::vertical([Constraint::Length(7), Constraint::Min(0)]).areas(rect);
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), message);
    frame.render_widget(Paragraph::new(log::lines(view, usize::from(log.height))), log);
}

fn framed_panels(frame: &mut Frame<'_>, rect: Rect, view: &View, modem: &Modem) {
    let mut list = if view.modems.len() > 1 { modems::lines(view, 4) } else { Vec::new() };
    list.extend(uplink::lines(view, 2));
    let head = state::lines(&modem.doc, view.now);
    let past = if rect.height < TALL { 4 } else { 6 };
    let heights = [list.len() as u16, height(&head, rect.width), 7, 7, past].map(Constraint::Length);
    let heights = heights.into_iter().chain([Constraint::Min(0)]);
    let [top, middle, upper, lower, lately, events] = Layout::vertical(heights).areas(rect);
    frame.render_widget(Paragraph::new(list), top);
    wrapped(frame, middle, head);
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).areas(upper);
    boxed(frame, left, "Network", lines(&network::rows(&modem.doc)));
    let block = framed(&signal::title(&modem.doc, view.now));
    signal::render(frame, block.inner(right), modem);
    frame.render_widget(block, right);
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).areas(lower);
    boxed(frame, left, &power::title(&modem.doc), lines(&power::rows(&modem.doc, view.now)));
    boxed(frame, right, "Data", lines(&data::rows(&modem.doc)));
    timeline::render(frame, lately, modem, view.now);
    if events.height < FRAMED {
        return frame.render_widget(Paragraph::new(log::lines(view, usize::from(events.height))), events);
    }
    boxed(frame, events, "Events", log::lines(view, usize::from(events.height.saturating_sub(2))));
}

fn small(frame: &mut Frame<'_>, rect: Rect, view: &View, modem: &Modem) {
    let (doc, now) = (&modem.doc, view.now);
    let up = doc.bearers.iter().find(|bearer| bearer.active).map(plain::bearer);
    let mut rows = vec![
        Row::new("network", say::operator(&doc.network), Tone::Plain),
        Row::new("RAT", say::technology(&doc.network), Tone::Plain),
        Row::new("cell", say::cell(&doc.network), Tone::Plain),
    ];
    rows.extend(signal::rows(doc).into_iter().take(1));
    rows.extend(power::rows(doc, now));
    rows.push(Row::new("data", up, Tone::Good));
    // What is not known takes no line here.
    let mut known: Vec<Line<'_>> = rows.iter().filter(|row| row.text != "-").map(Row::line).collect();
    known.extend(timeline::small(modem, now, usize::from(rect.width)));
    let head = state::lines(doc, now);
    let uplinks = uplink::lines(view, 1);
    let heights = [height(&head, rect.width), uplinks.len() as u16, known.len() as u16].map(Constraint::Length);
    let heights = heights.into_iter().chain([Constraint::Min(0)]);
    let [top, middle, values, log] = Layout::vertical(heights).areas(rect);
    wrapped(frame, top, head);
    frame.render_widget(Paragraph::new(uplinks), middle);
    frame.render_widget(Paragraph::new(known), values);
    frame.render_widget(Paragraph::new(log::lines(view, usize::from(log.height))), log);
}

fn help_box(frame: &mut Frame<'_>, rect: Rect) {
    let lines = help::lines();
    let (width, height) = (30.min(rect.width), (lines.len() as u16 + 2).min(rect.height));
    let rect = Rect { x: rect.x + (rect.width - width) / 2, y: rect.y + (rect.height - height) / 2, width, height };
    frame.render_widget(Clear, rect);
    boxed(frame, rect, "Keys", lines);
}

fn lines(rows: &[Row]) -> Vec<Line<'static>> {
    rows.iter().map(Row::line).collect()
}

fn boxed(frame: &mut Frame<'_>, rect: Rect, title: &str, lines: Vec<Line<'_>>) {
    frame.render_widget(Paragraph::new(lines).block(framed(title)), rect);
}

/// Lines that `lines` take when they are wrapped, as advice must be readable; five at most.
fn height(lines: &[Line<'_>], width: u16) -> u16 {
    let wrapped = lines.iter().map(|line| line.width().div_ceil(usize::from(width.max(1))).max(1));
    wrapped.sum::<usize>().min(5) as u16
}

fn wrapped(frame: &mut Frame<'_>, rect: Rect, lines: Vec<Line<'_>>) {
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: true }), rect);
}
