//! Any bytes as QMUX frames, as every message and as control packets of QRTR: values or errors, nothing lost, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/random_codecs/qmi.rs"]
#[allow(dead_code)]
mod qmi;
#[path = "../../tests/random_codecs/qrtr.rs"]
#[allow(dead_code)]
mod qrtr;

fuzz_target!(|input: &[u8]| {
    qrtr::control(input);
    qmi::stream(input);
    qmi::bodies(input);
});
