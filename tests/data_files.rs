//! What is shipped beside the program, and what the documents say of it: examples that are read, commands that exist,
//! links that lead somewhere, files that packaging can install.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "data_files/shell.rs"]
mod shell;
#[path = "data_files/unit.rs"]
mod unit;
#[path = "data_files/xml.rs"]
mod xml;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use lpwa::cli::args::Cli;
use lpwa::daemon::config::profile::Profile;
use lpwa::daemon::config::{Config, Disk};
use lpwa::modem::definition::{Library, check_text};
use lpwa::sim::Scenario;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of `dir` that end in `.ending`, in order.
fn files(dir: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(dir)).unwrap_or_else(|error| panic!("{dir}: {error}"));
    let paths = entries.map(|entry| Path::new(dir).join(entry.unwrap().file_name()));
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == ending)).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{dir} has no *.{ending}");
    paths
}

/// Every document for people.
fn documents() -> Vec<PathBuf> {
    ["README.md", "CHANGELOG.md"].map(PathBuf::from).into_iter().chain(files("docs", "md")).collect()
}

/// The fenced blocks of a document: first line, what stands after the fence, text.
fn blocks(text: &str) -> Vec<(usize, &str, String)> {
    let (mut blocks, mut open) = (Vec::new(), None);
    for (line, number) in text.lines().zip(1..) {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(kind), None) => open = Some((number, kind.trim(), String::new())),
            (None, Some((number, kind, body))) => open = Some((number, kind, format!("{body}{line}\n"))),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fenced block is not closed");
    blocks
}

/// Reads `text` as `/etc/lpwa/lpwa.toml` with the shipped models and profiles; what is wrong or doubtful with it.
fn configured(text: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let main = dir.path().join("lpwa.toml");
    fs::write(&main, text).unwrap();
    let models = |_: &Path| Library::builtin().list().into_iter().map(|row| row.name).collect();
    match Config::load(&main, &Disk, models) {
        Ok(config) => config.warnings.iter().map(ToString::to_string).collect(),
        Err(mistakes) => mistakes.to_string().lines().map(str::to_owned).collect(),
    }
}

#[test]
fn examples_of_the_documents_are_understood() {
    let mut seen = 0;
    for path in documents() {
        for (line, kind, body) in blocks(&read(&path)) {
            let place = format!("{}:{line}", path.display());
            let problems = match (path.to_str().unwrap(), kind) {
                ("docs/model-files.md", "toml") => {
                    let file = body.lines().next().unwrap().trim_start_matches("# ");
                    check_text(file, &body, &Library::builtin()).iter().map(ToString::to_string).collect()
                }
                ("docs/simulator.md", "toml") => {
                    body.parse::<Scenario>().err().iter().map(ToString::to_string).collect()
                }
                // `tests/sims.rs` reads the policies.
                ("docs/sim-policy.md", "toml") => continue,
                (_, "toml profile") => profile(&body),
                // A secret's file is not there while the document is checked.
                (_, "toml") => configured(&body).into_iter().filter(|problem| !problem.contains("_file: ")).collect(),
                _ => continue,
            };
            assert_eq!(problems, [""; 0], "{place}");
            seen += 1;
        }
    }
    assert!(seen >= 5, "{seen} examples only");
}

/// Mistakes and doubts of a profile.
fn profile(body: &str) -> Vec<String> {
    match Profile::parse(Path::new("profile.toml"), body) {
        Ok(profile) => profile.warnings.iter().map(ToString::to_string).collect(),
        Err(mistakes) => mistakes.to_string().lines().map(str::to_owned).collect(),
    }
}

#[test]
fn commands_of_the_documents_exist() {
    let mut seen = 0;
    for path in documents() {
        for (line, kind, body) in blocks(&read(&path)) {
            if !matches!(kind, "" | "console" | "sh") {
                continue;
            }
            for command in shell::commands(&body) {
                let place = format!("{}, block of line {line}: {command:?}", path.display());
                Cli::try_parse_from(command).unwrap_or_else(|error| panic!("{place}: {error}"));
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "{seen} commands only");
}

#[test]
fn links_of_the_documents_lead_somewhere() {
    for path in documents() {
        let text = read(&path);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target) {
            let file = target.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            let there = root().join(&path).parent().unwrap().join(file).exists();
            assert!(there, "{} links to {target}, which is not there", path.display());
        }
    }
}

#[test]
fn the_changelog_says_what_is_new() {
    let text = read("CHANGELOG.md");
    let (_, rest) = text.split_once("\n## Unreleased\n").expect("a section Unreleased");
    let section = rest.split("\n## ").next().unwrap();
    assert!(section.lines().any(|line| line.starts_with("- ")), "Unreleased is empty");
}

#[test]
fn what_make_installs_is_there() {
    let makefile = read("Makefile");
    let (_, recipe) = makefile.split_once("\ninstall: all\n").expect("a target install");
    let recipe: Vec<_> = recipe.lines().take_while(|line| line.starts_with('\t')).collect();
    let mut seen = 0;
    for line in &recipe {
        if let Some((_, rest)) = line.split_once("for ") {
            let (_, glob) = rest.split_once(" in ").unwrap();
            let (dir, ending) = glob.split_once(';').unwrap().0.split_once("/*.").unwrap();
            seen += files(dir, ending).len();
        } else if let Some((_, rest)) = line.split_once("install -D -m 644 ") {
            let source = rest.split(' ').next().unwrap();
            assert!(root().join(source).is_file(), "{source} is not there");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} files only:\n{}", recipe.join("\n"));
}

#[test]
fn the_unit_is_sound() {
    let unit = unit::parse(&read("systemd/lpwa.service"));
    for (section, key, _) in &unit {
        assert!(unit::KNOWN.contains(&(section.as_str(), key.as_str())), "[{section}] {key} is not known here");
    }
    let value = |wanted: &str| {
        let mut values = unit.iter().filter(|(_, key, _)| key == wanted).map(|(_, _, value)| value.as_str());
        let value = values.next().unwrap_or_else(|| panic!("no {wanted}"));
        assert_eq!(values.next(), None, "{wanted} stands twice");
        value
    };
    let start: Vec<_> = value("ExecStart").split(' ').collect();
    assert_eq!(start[0], "/usr/bin/lpwa", "where `make install` puts it");
    Cli::try_parse_from(["lpwa"].iter().chain(&start[1..])).unwrap();
    assert_eq!(value("Type"), "notify", "the daemon tells when it is ready");
    for page in value("Documentation").split(' ') {
        let (name, section) = page.strip_prefix("man:").unwrap().trim_end_matches(')').split_once('(').unwrap();
        assert!(root().join(format!("man/{name}.{section}")).is_file(), "no manual page {page}");
    }
}

#[test]
fn every_manual_page_is_in_its_section() {
    for section in ["1", "5", "8"] {
        for path in files("man", section) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let text = read(&path);
            let title = text.lines().find(|line| line.starts_with(".TH ")).expect("a title");
            assert!(title.starts_with(&format!(".TH {name} {section} ")), "{}: {title}", path.display());
            for part in ["NAME", "SYNOPSIS"] {
                assert!(text.contains(&format!(".SH {part}\n")), "{} has no {part}", path.display());
            }
        }
    }
}

#[test]
fn the_udev_rules_hold_together() {
    for path in files("udev", "rules") {
        let text = read(&path);
        let rules = || text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let values = |key: &str| -> Vec<&str> {
            rules().filter_map(|rule| rule.split_once(key)).map(|(_, rest)| rest.split('"').next().unwrap()).collect()
        };
        let labels = values("LABEL=\"");
        for label in values("GOTO=\"") {
            let here = labels.iter().filter(|known| **known == label).count();
            assert_eq!(here, 1, "{}: label {label}", path.display());
        }
        for rule in rules() {
            // A comma goes between parts, and every part is a key, an operator and a value in quotes.
            for part in rule.split(", ") {
                let (key, value) = part.split_once('=').unwrap_or_else(|| panic!("{rule}: {part}"));
                let key = key.trim_end_matches(['!', '+', ':']);
                let name = key.split('{').next().unwrap();
                let known = ["ACTION", "SUBSYSTEM", "SUBSYSTEMS", "ATTRS", "ENV", "GOTO", "LABEL", "IMPORT"];
                assert!(known.contains(&name) && key.contains('{') == key.ends_with('}'), "{rule}: {key}");
                let value = value.trim_start_matches('=');
                let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
                assert!(quoted && value.matches('"').count() == 2, "{rule}: {value}");
            }
        }
    }
}

#[test]
fn the_d_bus_files_are_well_formed() {
    for path in files("dbus", "xml").into_iter().chain(files("dbus", "conf")) {
        let text = read(&path);
        let tags = xml::tags(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_stem().unwrap().to_str().unwrap();
        match path.extension().unwrap().to_str().unwrap() {
            "xml" => assert!(tags.contains(&format!("interface name=\"{name}\"")), "{name} is not described there"),
            _ => assert!(tags.contains(&format!("allow own=\"{name}\"/")), "nobody may own {name}"),
        }
    }
}
