//! Any bytes as QMUX frames and as every message: values or errors, nothing lost, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/random_codecs/qmi.rs"]
#[allow(dead_code)]
mod qmi;

fuzz_target!(|input: &[u8]| {
    qmi::stream(input);
    qmi::bodies(input);
});
