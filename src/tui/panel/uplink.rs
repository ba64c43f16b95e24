//! Uplinks, where there are any: a line for each.

use ratatui::text::{Line, Span};

use crate::cli::out::{Tone, clean};
use crate::cli::{uplink, words};
use crate::state::json::uplink::{Member, Uplink};
use crate::tui::view::View;

use super::style;

/// At most `count` lines: which link has the default route, and how all of them are.
pub fn lines(view: &View, count: usize) -> Vec<Line<'static>> {
    view.uplinks.iter().take(count).map(|uplink| line(uplink, view)).collect()
}

fn line(uplink: &Uplink, view: &View) -> Line<'static> {
    let name = Span::styled(format!("  {:<12} ", clean(&uplink.name)), style(Tone::Strong));
    let mut spans = vec![name];
    match &uplink.active {
        Some(active) => {
            let since = uplink.since.map(|since| format!(" for {}", words::lasting(view.now, since.0)));
            let text = format!("by {}{}", clean(active), since.unwrap_or_default());
            spans.push(Span::styled(text, style(uplink::tone(uplink))));
        }
        None => spans.push(Span::styled("no link is up", style(Tone::Bad))),
    }
    spans.extend(uplink.members.iter().flat_map(member));
    if let Some(trouble) = &uplink.trouble {
        spans.push(Span::styled(format!("  {}", clean(trouble)), style(Tone::Bad)));
    }
    Line::from(spans)
}

fn member(member: &Member) -> [Span<'static>; 2] {
    let condition = Span::styled(member.condition.clone(), style(uplink::condition_tone(&member.condition)));
    [Span::raw(format!("  {} ", clean(&member.name))), condition]
}
