//! Any text as a transcript, a log of another program, a model file: what is read is written as it was, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/random_codecs/files.rs"]
#[allow(dead_code)]
mod files;

fuzz_target!(|input: &[u8]| {
    files::transcript(input);
    files::model(input);
});
