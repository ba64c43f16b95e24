//! Any bytes as a stream of MBIM frames: what can be read is explained, in every version, and can be written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lpwa::codec::mbim::{Frame, Reassembler, Service, Splitter, Version};

fuzz_target!(|bytes: &[u8]| {
    let (mut splitter, mut reassembler) = (Splitter::new(), Reassembler::new());
    splitter.push(bytes);
    while let Ok(Some(piece)) = splitter.next_frame() {
        if let Ok(Some(frame)) = reassembler.push(&piece) {
            assert_eq!(Frame::parse(&frame.encode()).as_ref(), Ok(&frame));
            explain(&frame);
        }
    }
});

fn explain(frame: &Frame) {
    let (Some((service, number, kind)), Some(buffer)) = (frame.body.command(), frame.body.buffer()) else { return };
    let Some(cid) = Service::of(service).and_then(|service| service.cid(number)) else { return };
    for version in [Version::V1, Version::V2, Version::V3] {
        let Some(Ok(explained)) = cid.explain(kind, buffer, version) else { continue };
        assert!(explained.secrets.iter().all(|range| range.end <= buffer.len()));
        let _ = cid.build(kind, &explained.value, version);
    }
}
