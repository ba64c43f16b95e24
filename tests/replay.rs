//! Every recording in `fixtures/` against the real driver: drop in a transcript, get a test of its name.
//!
//! `LPWA_BLESS=1` writes the timelines that come out; read the difference before committing it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use lpwa::modem::definition::Library;
use lpwa::transcript::Transcript;
use lpwa::transcript::compare;
use lpwa::wiring::replay::replay;

fn transcripts(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(transcripts(&path));
        } else if path.extension().is_some_and(|ext| ext == "transcript") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn check(path: &Path, library: &Arc<Library>) -> Result<(), Failed> {
    let transcript: Transcript = fs::read_to_string(path)?.parse()?;
    let outcome = replay(&transcript, library, None)?;
    let again = replay(&transcript, library, None)?;
    if let Some(difference) = compare::timelines(&outcome.timeline, &again.timeline) {
        return Err(format!("two runs differ: {difference}").into());
    }
    if let Some(mismatch) = outcome.mismatch {
        return Err(mismatch.into());
    }
    let expected = path.with_extension("timeline");
    if std::env::var_os("LPWA_BLESS").is_some() {
        fs::write(&expected, &outcome.timeline)?;
    }
    match compare::timelines(&fs::read_to_string(&expected)?, &outcome.timeline) {
        None => Ok(()),
        Some(difference) => Err(format!("{}: {difference}", expected.display()).into()),
    }
}

fn main() -> ExitCode {
    let library = Arc::new(Library::builtin());
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let found = transcripts(&fixtures);
    assert!(found.len() >= 25, "only {} transcripts in {}", found.len(), fixtures.display());
    let trials = found.into_iter().map(|path| {
        let name = path.strip_prefix(&fixtures).unwrap().with_extension("").display().to_string();
        let library = library.clone();
        Trial::test(name, move || check(&path, &library))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
