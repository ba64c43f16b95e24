//! The command `decode`: lines from the command line in full, a log line by line with comments.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::sync::Arc;

use anyhow::Context;
use serde::Serialize;

use crate::cli::args::DecodeArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::models::{self, ModelsDir};
use crate::cli::out::{Out, Tone, aside, clean};
use crate::cli::table::{Cell, Table};
use crate::modem::definition::{Definition, Library};

use super::frame::{self, Protocol};
use super::{Explanation, Item, Models, explain, find};

/// Longer lines are no AT lines, and no frames of a control channel; what is behind is a line of its own.
const LONGEST: u64 = 16_384;

/// One line and what its messages say, as JSON has it.
#[derive(Serialize)]
struct Explained<'a> {
    line: &'a str,
    messages: Vec<Explanation>,
}

/// Explains what `args` name.
pub fn run(args: &DecodeArgs, own: ModelsDir, out: &mut Out) -> anyhow::Result<()> {
    let definitions = definitions(&models::library(&own(&args.machine)?)?, args.model.as_deref())?;
    let models = Models { definitions: &definitions, chosen: args.model.is_some() };
    if let [first, frames @ ..] = args.lines.as_slice()
        && let Some(protocol) = Protocol::named(first)
    {
        return octets(protocol, frames, out);
    }
    if !args.lines.is_empty() {
        return pasted(&args.lines, &models, out);
    }
    match &args.file {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
            log(&mut BufReader::new(file), &models, out)
        }
        None => {
            if io::stdin().is_terminal() {
                aside("Paste AT lines or a log; Ctrl-D ends.");
            }
            log(&mut io::stdin().lock(), &models, out)
        }
    }
}

fn definitions(library: &Library, model: Option<&str>) -> anyhow::Result<Vec<Arc<Definition>>> {
    match model {
        Some(name) => Ok(vec![models::named(library, name)?]),
        None => Ok(library.list().iter().filter_map(|row| library.get(&row.name)).collect()),
    }
}

fn explained<'a>(line: &'a str, models: &Models<'_>) -> Explained<'a> {
    let frames = frame::in_line(line);
    if !frames.is_empty() {
        return Explained { line, messages: frames };
    }
    let messages = find::messages(line).into_iter().filter_map(|message| explain(message, models)).collect();
    Explained { line, messages }
}

/// Frames as pairs of hexadecimal digits, in any number of words.
fn octets(protocol: Protocol, words: &[String], out: &mut Out) -> anyhow::Result<()> {
    let line = words.join(" ");
    let octets = frame::octets(&line).ok_or_else(|| {
        let example = "write its octets as pairs of hexadecimal digits: lpwa decode qmi 010B00...";
        Failure::new(Exit::Usage, format!("{line:?} is no frame; {example}"))
    })?;
    let messages = protocol.explain(&octets).map_err(|error| Failure::new(Exit::Failure, error))?;
    if out.json() {
        return out.value(&[Explained { line: &line, messages }], false);
    }
    Ok(messages.iter().try_for_each(|message| full(message, out))?)
}

/// In full, as somebody wants to know it.
fn pasted(lines: &[String], models: &Models<'_>, out: &mut Out) -> anyhow::Result<()> {
    let lines: Vec<&str> = lines.iter().flat_map(|line| line.lines()).filter(|line| !line.trim().is_empty()).collect();
    let all: Vec<Explained<'_>> = lines.iter().map(|line| explained(line, models)).collect();
    if all.iter().all(|one| one.messages.is_empty()) {
        let hint = if models.chosen { "" } else { "; vendor lines need their model file, see `lpwa modems list`" };
        let message = format!("nothing is known about {:?}{hint}", lines.join(" "));
        return Err(Failure::new(Exit::Failure, message).into());
    }
    if out.json() {
        return out.value(&all, false);
    }
    for one in &all {
        if all.len() > 1 {
            out.line(&out.paint(Tone::Strong, &clean(one.line)))?;
        }
        for message in &one.messages {
            full(message, out)?;
        }
        if one.messages.is_empty() {
            out.line(&out.paint(Tone::Dim, "  not known"))?;
        }
    }
    Ok(())
}

fn full(message: &Explanation, out: &mut Out) -> io::Result<()> {
    let title = out.paint(Tone::Strong, &clean(&message.title));
    let source = if message.source.is_empty() { String::new() } else { format!(" ({})", clean(&message.source)) };
    out.line(&format!("{title}{}", out.paint(Tone::Dim, &source)))?;
    let mut table = Table::indented(2);
    for Item { name, raw, meaning } in &message.body.fields {
        table.row(vec![Cell::new(name, Tone::Dim), raw.as_str().into(), Cell::new(meaning, Tone::Strong)]);
    }
    table.print(out)?;
    message.body.notes.iter().try_for_each(|note| out.line(&format!("  {}", clean(note))))
}

/// Each line, and under it what it says.
fn log(source: &mut impl BufRead, models: &Models<'_>, out: &mut Out) -> anyhow::Result<()> {
    loop {
        let mut bytes = Vec::new();
        if source.take(LONGEST).read_until(b'\n', &mut bytes).context("the log cannot be read")? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes);
        let one = explained(text.trim_end_matches(['\n', '\r']), models);
        if out.json() {
            out.value(&one, true)?;
            continue;
        }
        out.line(&clean(&one.line.replace('\t', " ")))?;
        for comment in one.messages.iter().filter_map(comment) {
            out.line(&out.paint(Tone::Good, &clean(&format!("    # {comment}"))))?;
        }
    }
}

/// A message in one line; that a command succeeded is not worth one.
fn comment(message: &Explanation) -> Option<String> {
    let fields = message.body.fields.iter().map(|Item { name, raw, meaning }| {
        let value = if meaning.is_empty() { raw } else { meaning };
        format!("{name} {value}")
    });
    let parts: Vec<String> = fields.chain(message.body.notes.iter().cloned()).collect();
    match (message.title.as_str(), parts.as_slice()) {
        ("The command succeeded", _) => None,
        (title, []) => Some(title.to_owned()),
        (title, parts) => Some(format!("{title}: {}", parts.join("; "))),
    }
}
