//! `modems list`, `modems check`: the model files.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use serde::Serialize;

use crate::modem::definition::{Definition, Library, Row, check_text};

use super::args::{Machine, ModemsCommand};
use super::exit::{Exit, Failure};
use super::out::{Out, Tone, aside, clean};
use super::table::{Cell, Table};

/// One line of the list, as JSON has it.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    title: &'a str,
    extends: Option<&'a str>,
    models: &'a [String],
    rats: Vec<&'static str>,
    verified: bool,
}

/// Tells where this machine has model files of its own, by the configuration that was named, or else its own.
pub type ModelsDir = fn(&Machine) -> anyhow::Result<PathBuf>;

/// `modems list` or `modems check`.
pub fn run(command: &ModemsCommand, own: ModelsDir, out: &mut Out) -> anyhow::Result<()> {
    match command {
        ModemsCommand::List(machine) => list(&library(&own(machine)?)?, out),
        ModemsCommand::Check { files, machine } => check(files, &library(&own(machine)?)?, out),
    }
}

/// The models of this program with those of `own` laid over; what is wrong with the latter is told on standard error.
pub fn library(own: &Path) -> anyhow::Result<Library> {
    let (library, problems) = Library::with_overlay(&overlay(own)?);
    problems.iter().for_each(|problem| aside(&clean(&problem.to_string())));
    Ok(library)
}

/// The model `name`.
pub fn named(library: &Library, name: &str) -> Result<Arc<Definition>, Failure> {
    library.get(name).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("there is no model {name:?}; `lpwa modems list` shows those that are known"))
    })
}

fn overlay(dir: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be listed", dir.display())),
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths.iter().map(|path| Ok((path.display().to_string(), text(path)?))).collect()
}

fn text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn list(library: &Library, out: &mut Out) -> anyhow::Result<()> {
    let rows = library.list();
    if out.json() {
        return out.value(&rows.iter().map(listed).collect::<Vec<_>>(), false);
    }
    let mut table = Table::with_head(&["name", "technologies", "confirmed", "title"]);
    for row in &rows {
        let rats: Vec<&str> = row.rats.iter().map(|rat| rat.title()).collect();
        let confirmed = if row.verified { Cell::new("yes", Tone::Good) } else { Cell::new("in part", Tone::Warn) };
        table.row(vec![row.name.as_str().into(), rats.join(", ").into(), confirmed, row.title.as_str().into()]);
    }
    Ok(table.print(out)?)
}

fn listed(row: &Row) -> Listed<'_> {
    Listed {
        name: &row.name,
        title: &row.title,
        extends: row.extends.as_deref(),
        models: &row.models,
        rats: row.rats.iter().map(|rat| rat.name()).collect(),
        verified: row.verified,
    }
}

fn check(files: &[PathBuf], library: &Library, out: &mut Out) -> anyhow::Result<()> {
    let mut bad = 0;
    for path in files {
        let name = path.display().to_string();
        let problems = check_text(&name, &text(path)?, library);
        if problems.is_empty() {
            out.line(&format!("{}: {}", clean(&name), out.paint(Tone::Good, "good")))?;
        }
        for problem in &problems {
            out.line(&clean(&problem.to_string()))?;
        }
        bad += usize::from(!problems.is_empty());
    }
    if bad > 0 {
        let message = format!("{bad} of {} model files cannot be used; the lines above say why", files.len());
        return Err(Failure::new(Exit::Failure, message).into());
    }
    Ok(())
}
