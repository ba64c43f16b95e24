//! The command: manual pages and documentation in step with the definitions, lines in words, answers of a daemon.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap::{CommandFactory, Parser};
use lpwa::cli::args::Cli;

/// The text of every `*.1` in `dir`, by name.
fn pages(dir: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let pages = entries.filter(|path| path.extension().is_some_and(|extension| extension == "1"));
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    pages.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// `LPWA_BLESS=1 cargo test --test cli` writes them.
#[test]
fn the_manual_pages_are_current() {
    let checked_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let fresh = tempfile::tempdir().unwrap();
    clap_mangen::generate_to(Cli::command(), fresh.path()).unwrap();
    let (old, new) = (pages(&checked_in), pages(fresh.path()));
    if std::env::var_os("LPWA_BLESS").is_some() {
        old.keys().for_each(|name| fs::remove_file(checked_in.join(name)).unwrap());
        new.iter().for_each(|(name, text)| fs::write(checked_in.join(name), text).unwrap());
        return;
    }
    let hint = "run LPWA_BLESS=1 cargo test --test cli";
    assert_eq!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>(), "{hint}");
    for (name, text) in &new {
        assert_eq!(&old[name], text, "man/{name} is out of date; {hint}");
    }
}

/// The names of all commands, with those below them as `sim unlock`.
fn commands(command: &clap::Command, above: &str) -> Vec<String> {
    let named = |sub: &clap::Command| format!("{above}{}", sub.get_name());
    let below = |sub: &clap::Command| {
        if sub.has_subcommands() { commands(sub, &format!("{} ", named(sub))) } else { vec![named(sub)] }
    };
    command.get_subcommands().flat_map(below).collect()
}

#[test]
fn the_documentation_has_every_command() {
    let text = include_str!("../docs/cli.md");
    for command in commands(&Cli::command(), "") {
        assert!(text.contains(&format!("`{command}")), "docs/cli.md has nothing about {command}");
    }
}

#[test]
fn the_definitions_hold_together() {
    Cli::command().debug_assert();
}

#[test]
fn command_lines_of_the_documentation_are_understood() {
    for line in [
        "lpwa --address unix:path=/run/x/lpwa.sock --json show m0",
        "lpwa show --json m0",
        "lpwa status",
        "lpwa connect m0 --apn iot.test --pdp-type ipv4 --user me --password-file pw",
        "lpwa power set --periodic-tau 1h --active-time 10s --edrx-cycle 81.92s",
        "lpwa power set m0 --no-psm --no-edrx",
        "lpwa sim unlock --pin-file pin",
        "lpwa at AT+CESQ",
        "lpwa at m0 AT+CFUN=1 --timeout 3m",
        "lpwa record -o t.tr --last 10m",
        "lpwa replay a.tr b.tr --bless",
        "lpwa replay --import mm.log -o t.tr",
        "lpwa decode +CEREG:1 --model quectel-bg95",
        "lpwa simulate simcom-sim7080 --on unix:/tmp/m0",
        "lpwa demo --plain --speed 10",
        "lpwa modems check a.toml",
        "lpwa completions fish",
        "lpwa daemon --config l.toml --bus none --listen unix:path=/run/x/lpwa.sock",
        "lpwa -vv watch",
    ] {
        let parsed = Cli::try_parse_from(line.split(' '));
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
    }
}

#[test]
fn command_lines_that_mean_nothing_are_refused() {
    for line in [
        "lpwa",
        "lpwa power set",
        "lpwa power set --periodic-tau 1h",
        "lpwa power set --active-time 10s --no-psm",
        "lpwa connect --apn bad\"apn",
        "lpwa connect --password-file pw",
        "lpwa sim unlock m0 1234",
        "lpwa at",
        "lpwa demo --speed 0",
        "lpwa replay",
        "lpwa replay --timeline --bless a.tr",
    ] {
        assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}
