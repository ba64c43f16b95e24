//! The floors of the house (see `src/lib.rs`): an arrow goes to an earlier module only, and the ground floor has no
//! I/O, no clock, no async.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

const ORDER: [&str; 15] = [
    "private",
    "spec",
    "codec",
    "state",
    "policy",
    "transcript",
    "port",
    "modem",
    "net",
    "uplink",
    "daemon",
    "bus",
    "sim",
    "cli",
    "tui",
];
const GROUND: [&str; 6] = ["private", "spec", "codec", "state", "policy", "transcript"];
const FACES: [&str; 2] = ["cli", "tui"];

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The top-level module that a file belongs to; none for `lib.rs` and `main.rs`.
fn module(path: &Path) -> Option<&'static str> {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
    ORDER.into_iter().find(|name| *name == first)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text without its unit tests, which stand last in a file and may do as they like.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

fn is_test_file(path: &Path) -> bool {
    let inside = path.strip_prefix(root()).unwrap();
    inside.with_extension("").iter().any(|part| part == "tests")
}

/// Names after `crate::` anywhere in the code, and the first names of `use crate::{...}` groups.
fn uses(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = group.split(';').next().unwrap();
                names.extend(group.split(',').map(first_word));
            }
            None => names.push(first_word(rest)),
        }
    }
    names
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn arrows_go_to_earlier_modules_only() {
    let place = |name: &str| ORDER.iter().position(|other| *other == name);
    let mut wrong = Vec::new();
    for path in sources(&root().join("src")) {
        let Some(from) = module(&path).filter(|_| !is_test_file(&path)) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        for to in uses(without_tests(&text)) {
            if place(&to).is_some_and(|to| to > place(from).unwrap()) {
                wrong.push(format!("{}: {from} uses {to}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faces_reach_the_daemon_over_d_bus_alone() {
    let mut wrong = Vec::new();
    for path in sources(&root().join("src")) {
        let Some(from) = module(&path).filter(|name| FACES.contains(name)) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        if uses(without_tests(&text)).iter().any(|to| to == "daemon") {
            wrong.push(format!("{}: {from} uses the daemon directly", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_ground_floor_is_pure() {
    let forbidden = [
        "tokio",
        "std::fs",
        "std::net::Tcp",
        "std::net::Udp",
        "std::io::stdin",
        "std::process",
        "std::thread",
        "std::env",
        "Instant::now",
        "SystemTime",
        "async fn",
        "zbus",
        "rustix",
        "println!",
        "eprintln!",
    ];
    let mut wrong = Vec::new();
    for path in sources(&root().join("src")) {
        if module(&path).is_none_or(|name| !GROUND.contains(&name)) || is_test_file(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//"));
        for (number, line) in code.enumerate() {
            for word in forbidden.iter().filter(|word| line.contains(*word)) {
                wrong.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_daemon_never_depends_on_the_simulator() {
    for path in sources(&root().join("src")) {
        if module(&path).is_some_and(|name| ["daemon", "bus", "uplink", "net", "modem", "port"].contains(&name)) {
            let text = fs::read_to_string(&path).unwrap();
            assert!(!uses(without_tests(&text)).iter().any(|to| to == "sim"), "{}", path.display());
        }
    }
}

#[test]
fn unsafe_code_is_in_one_module() {
    let inside: Vec<_> = sources(&root().join("src"))
        .into_iter()
        .filter(|path| fs::read_to_string(path).unwrap().contains("unsafe {"))
        .collect();
    assert_eq!(inside, [root().join("src/port/kernel.rs")]);
}
