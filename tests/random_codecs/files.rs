//! Files that people write: transcripts and model files.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use lpwa::modem::definition::{Library, check_text};
use lpwa::transcript::redact::redact;
use lpwa::transcript::{Transcript, import};

fn with_ending(dir: &str, ending: &str, most: usize) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let mut paths: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == ending));
    paths.sort();
    let texts = paths.iter().map(|path| fs::read(path).unwrap());
    // The start of a file holds most of what its format knows.
    texts
        .map(|mut text| {
            text.truncate(most);
            text
        })
        .collect()
}

pub fn transcripts() -> Vec<Vec<u8>> {
    [with_ending("fixtures/quectel", "transcript", 512), with_ending("fixtures/nordic", "transcript", 512)].concat()
}

pub fn models() -> Vec<Vec<u8>> {
    with_ending("modems", "toml", 4096)
}

/// Reads a transcript, or a log of another program; what is read is written and read again as it was.
pub fn transcript(input: &[u8]) {
    let text = &*String::from_utf8_lossy(input);
    let _ = import::import(text, "ttyUSB2");
    let Ok(transcript) = text.parse::<Transcript>() else { return };
    let written = transcript.to_string();
    assert_eq!(written.parse::<Transcript>().as_ref(), Ok(&transcript), "{written}");
    let _ = redact(&transcript).to_string();
}

/// Checks a model file.
pub fn model(input: &[u8]) {
    static LIBRARY: LazyLock<Library> = LazyLock::new(Library::builtin);
    let text = String::from_utf8_lossy(input);
    for problem in check_text("random.toml", &text, &LIBRARY) {
        let _ = problem.to_string();
    }
}
