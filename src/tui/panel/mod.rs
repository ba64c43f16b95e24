//! The parts of the screen, one file each.

pub mod bar;
pub mod data;
pub mod help;
pub mod log;
pub mod modems;
pub mod network;
pub mod power;
pub mod signal;
pub mod state;
pub mod timeline;
pub mod uplink;

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType};

use crate::cli::out::{Tone, clean};

/// Columns of a label and the blank after it.
const LABEL: usize = 8;

/// One line of a panel: what, its value, how good it is.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is.
    pub label: &'static str,
    /// Its value in words.
    pub text: String,
    /// How good it is.
    pub tone: Tone,
}

impl Row {
    /// A line; `None` prints a dim dash, so that nothing jumps when the value comes.
    pub fn new(label: &'static str, text: Option<String>, tone: Tone) -> Self {
        match text {
            Some(text) => Self { label, text: clean(&text), tone },
            None => Self { label, text: "-".into(), tone: Tone::Dim },
        }
    }

    /// As a line of the screen.
    pub fn line(&self) -> Line<'static> {
        let label = Span::styled(format!("{:LABEL$}", self.label), style(Tone::Dim));
        Line::from(vec![label, Span::styled(self.text.clone(), style(self.tone))])
    }
}

/// The look of a tone: the colours of the command's output.
pub fn style(tone: Tone) -> Style {
    let plain = Style::new();
    match tone {
        Tone::Plain => plain,
        Tone::Strong => plain.add_modifier(Modifier::BOLD),
        Tone::Dim => plain.add_modifier(Modifier::DIM),
        Tone::Good => plain.fg(Color::Green),
        Tone::Warn => plain.fg(Color::Yellow),
        Tone::Bad => plain.fg(Color::Red),
    }
}

/// The frame of a panel.
pub fn framed(title: &str) -> Block<'static> {
    Block::bordered().border_type(BorderType::Plain).border_style(style(Tone::Dim)).title(format!(" {title} "))
}
