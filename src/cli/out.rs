//! Standard output, checked: every write can fail and says so, colours only where a person looks.

use std::future;
use std::io::{self, IsTerminal, Write};

use rustix::event::{PollFd, PollFlags, poll};
use serde::Serialize;
use tokio::sync::oneshot;

/// How important a piece of text is; becomes a colour on a terminal and nothing elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// A heading or a name.
    Strong,
    /// Less important: units, ages, what is not known.
    Dim,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
}

impl Tone {
    /// Select Graphic Rendition parameters (ECMA-48 clause 8.3.117); the eight old colours, for serial consoles.
    const fn sgr(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Warn => "33",
            Self::Bad => "31",
        }
    }
}

/// Where a command's words go.
pub struct Out {
    writer: Box<dyn Write>,
    colour: bool,
    width: Option<usize>,
    json: bool,
    stdout: bool,
}

impl Out {
    /// Standard output: colours and a width on a terminal, unless `NO_COLOR` is set or the terminal is `dumb`.
    pub fn stdout(json: bool) -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        let width = rustix::termios::tcgetwinsize(&stdout).ok().map(|size| usize::from(size.ws_col)).filter(|w| *w > 0);
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            writer: Box::new(stdout),
            colour: terminal && !dumb && !set("NO_COLOR"),
            width: width.filter(|_| terminal),
            json,
            stdout: true,
        }
    }

    /// Plain text into `writer`, as if it were no terminal; `width` cuts tables.
    pub fn plain(writer: impl Write + 'static, width: Option<usize>, json: bool) -> Self {
        Self { writer: Box::new(writer), colour: false, width, json, stdout: false }
    }

    /// Whether the caller wants JSON.
    pub const fn json(&self) -> bool {
        self.json
    }

    /// Columns of the terminal; `None` where nothing has to be cut.
    pub const fn width(&self) -> Option<usize> {
        self.width
    }

    /// `text` in its tone.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        match tone.sgr() {
            sgr if self.colour && !sgr.is_empty() => format!("\x1b[{sgr}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }

    /// One line.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.writer, "{line}")
    }

    /// `text` as it is, such as a file.
    pub fn raw(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(text.as_bytes())
    }

    /// `value` as JSON: one line where the output is a stream, indented where it is one answer.
    pub fn value(&mut self, value: &impl Serialize, stream: bool) -> anyhow::Result<()> {
        let text = if stream { serde_json::to_string(value)? } else { serde_json::to_string_pretty(value)? };
        Ok(self.line(&text)?)
    }

    /// Waits until nobody reads standard output any more, which a stream would else notice at its next event only.
    pub fn abandoned(&self) -> impl Future<Output = ()> + use<> {
        let (gone, is_gone) = oneshot::channel();
        if self.stdout {
            // A thread, as readiness of a descriptor that this program does not own is nothing for tokio. It waits
            // for an error, which the writing end of a pipe without a reader is in, and ends with the process.
            std::thread::spawn(move || {
                let stdout = io::stdout();
                let ended = poll(&mut [PollFd::new(&stdout, PollFlags::empty())], None);
                ended.ok().and_then(|_| gone.send(()).ok())
            });
        }
        async {
            if is_gone.await.is_err() {
                future::pending().await
            }
        }
    }

    /// Hands on what is buffered: after each event of a stream, and at the end.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A line on standard error beside the answer; one that cannot be shown is no reason to fail.
pub fn aside(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Text from a modem or a network, fit for a terminal: control characters become visible, so that an operator's name
/// cannot move the cursor.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_output_has_no_escapes() {
        let out = Out::plain(io::sink(), None, false);
        assert_eq!(out.paint(Tone::Bad, "denied"), "denied");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(clean("Net\x1b[2J\u{9b}1m\r"), "Net\u{fffd}[2J\u{fffd}1m\u{fffd}");
    }
}
