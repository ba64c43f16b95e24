//! Tests of the whole: every layout of every command, there and back, cut short, and torn.

use super::message::Cid;
use super::reader::{Reader, Shared};
use super::writer::Writer;
use super::*;

const VERSIONS: [Version; 3] = [Version::V1, Version::V2, Version::V3];
const KINDS: [Kind; 4] = [Kind::Query, Kind::Set, Kind::Response, Kind::Notification];

/// SplitMix64: a seed fixes the run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 32) as u32
    }
}

/// Runs `test` on every layout in every version, with the name to tell of it.
fn every_layout(mut test: impl FnMut(&Cid, Kind, Version, &str)) {
    for service in Service::ALL {
        for cid in service.cids() {
            for kind in KINDS.into_iter().filter(|kind| cid.supports(*kind)) {
                for version in VERSIONS {
                    test(cid, kind, version, &format!("{} {} {kind:?} {version:?}", service.name(), cid.name));
                }
            }
        }
    }
}

/// A buffer with something in every field, and what it says.
fn filled(cid: &Cid, kind: Kind, version: Version, random: &mut Random) -> (Vec<u8>, Value) {
    let mut record = cid.empty(kind, version).unwrap();
    for (_, wire) in record.fields_mut() {
        wire.fill(&mut || random.next(), version);
    }
    let mut writer = Writer::new(version);
    table::write(record.as_ref(), &mut writer);
    (writer.finish(), table::show(record.as_ref(), version))
}

/// Without the counts, which only reading knows, and without what is not there.
fn bare(value: &Value) -> Value {
    match value {
        Value::Record(fields) => Value::Record(
            fields
                .iter()
                .filter(|(name, _)| !name.ends_with("_count") && name != "filter_size" && name != "pco_data_size")
                .map(|(name, value)| (name.clone(), bare(value)))
                .collect(),
        ),
        Value::List(list) => Value::List(list.iter().map(bare).collect()),
        Value::Secret(value) => bare(value),
        other => other.clone(),
    }
}

#[test]
fn every_layout_goes_there_and_back() {
    let mut random = Random(5);
    every_layout(|cid, kind, version, what| {
        for _ in 0..20 {
            let (buffer, value) = filled(cid, kind, version, &mut random);
            let explained = cid.explain(kind, &buffer, version).unwrap().unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(bare(&explained.value), bare(&value), "{what}: {buffer:02x?}");
            // What is shown can be written again, byte for byte.
            let built = cid.build(kind, &explained.value, version).unwrap().unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(built, buffer, "{what}");
        }
    });
}

#[test]
fn a_buffer_cut_short_is_refused_or_means_less() {
    let mut random = Random(6);
    every_layout(|cid, kind, version, what| {
        let (buffer, _) = filled(cid, kind, version, &mut random);
        for length in 0..buffer.len() {
            if let Some(Ok(explained)) = cid.explain(kind, &buffer[..length], version) {
                // Lists that end with the buffer, and padding: what is read was there.
                let again = cid.build(kind, &explained.value, version).unwrap().unwrap();
                assert!(again.len() <= buffer.len(), "{what} at {length}");
            }
        }
    });
}

#[test]
fn torn_buffers_do_not_panic_nor_grow() {
    let mut random = Random(7);
    every_layout(|cid, kind, version, what| {
        let (buffer, _) = filled(cid, kind, version, &mut random);
        for _ in 0..200 {
            let mut torn = buffer.clone();
            for _ in 0..=random.next() % 3 {
                let at = random.next() as usize % torn.len().max(1);
                if let Some(byte) = torn.get_mut(at) {
                    *byte = if random.next().is_multiple_of(2) { 0xff } else { random.next() as u8 };
                }
            }
            if let Some(Ok(explained)) = cid.explain(kind, &torn, version) {
                let size = size_of(&explained.value);
                assert!(size <= torn.len() * 64 + 4096, "{what}: {size} bytes out of {}", torn.len());
            }
        }
    });
}

/// About how much memory a value takes.
fn size_of(value: &Value) -> usize {
    match value {
        Value::Record(fields) => fields.iter().map(|(_, value)| 64 + size_of(value)).sum(),
        Value::List(list) => list.iter().map(|value| 32 + size_of(value)).sum(),
        Value::Names(names) => names.len() * 24,
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Secret(value) => size_of(value),
        _ => 0,
    }
}

#[test]
fn a_length_of_four_gibibytes_is_refused() {
    use super::message::basic_connect::{Providers, RegisterStateInfo};
    let huge = [0xff; 64];
    assert_eq!(decode::<Providers>(&huge, Version::V1).unwrap_err().problem, Problem::Outside);
    assert!(decode::<RegisterStateInfo>(&huge, Version::V1).is_err());
}

#[test]
fn overlapping_parts_cannot_multiply_a_buffer() {
    use super::message::basic_connect::Providers;
    // A thousand providers that all point to the same eight thousand bytes.
    let count: u32 = 1000;
    let mut buffer = count.to_le_bytes().to_vec();
    for _ in 0..count {
        buffer.extend(8004_u32.to_le_bytes());
        buffer.extend(8000_u32.to_le_bytes());
    }
    buffer.resize(16_004, 0);
    assert_eq!(decode::<Providers>(&buffer, Version::V1).unwrap_err().problem, Problem::Overlap);
}

#[test]
fn secrets_are_found_in_the_buffer() {
    use super::message::basic_connect::{SUBSCRIBER_READY_STATUS, SubscriberReadyStatus};
    let status = SubscriberReadyStatus {
        subscriber_id: String::from("001010123456789").into(),
        sim_icc_id: String::from("89882120000000000018").into(),
        ..SubscriberReadyStatus::default()
    };
    let buffer = encode(&status, Version::V1);
    let explained = SUBSCRIBER_READY_STATUS.explain(Kind::Response, &buffer, Version::V1).unwrap().unwrap();
    let secrets: Vec<String> = explained.secrets.iter().map(|range| wire::from_utf16(&buffer[range.clone()])).collect();
    assert_eq!(secrets, ["001010123456789", "89882120000000000018"]);
    assert_eq!(explained.value.get("subscriber_id").unwrap().line().unwrap(), "<redacted>");
    assert!(!format!("{status:?}").contains("0010101"));
}

#[test]
fn text_keeps_what_utf_16_can_say() {
    let shared = Shared::new(Version::V1, 64);
    let mut text = String::new();
    // An offset and a size, then "ab" with an end mark that some modems send, and a lone surrogate.
    let bytes = [8, 0, 0, 0, 10, 0, 0, 0, b'a', 0, b'b', 0, 0x00, 0xd8, 0, 0, b'x', 0];
    text.read(&mut Reader::new(&shared, &bytes)).unwrap();
    assert_eq!(text, "ab\u{fffd}");
}
