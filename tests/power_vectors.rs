//! The 202 PSM and eDRX vectors of `fixtures/vectors/power.toml`, against the public functions of `spec`.

// A panic is how a test fails; clippy knows the helpers of this file not to be tests.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::Duration;

use lpwa::spec::edrx::{self, EdrxMode};
use lpwa::spec::timer::{Encoded, InvalidTimer, OutOfRange, Rounding, gprs_timer, t3324, t3412};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    t3412: Timer,
    t3324: Timer,
    gprs_timer: Timer,
    edrx: BTreeMap<String, Edrx>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timer {
    #[serde(default)]
    encode: Vec<(u64, String, u64, Vec<String>)>,
    #[serde(default)]
    refused: Vec<u64>,
    decode: Vec<(String, u64)>,
    deactivated: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edrx {
    cycles: Vec<(String, f64, bool)>,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    windows: Vec<(String, f64)>,
    #[serde(default)]
    requests: Vec<(f64, String, f64, bool)>,
}

fn vectors() -> Vectors {
    toml::from_str(include_str!("../fixtures/vectors/power.toml")).unwrap()
}

fn mode(name: &str) -> EdrxMode {
    match name {
        "wb-s1" => EdrxMode::WbS1,
        "nb-s1" => EdrxMode::NbS1,
        "nr-5gcn" => EdrxMode::Nr5gcn,
        "iu" => EdrxMode::Iu,
        "geran" => EdrxMode::Geran,
        other => panic!("no eDRX mode {other}"),
    }
}

/// Seconds with two decimals, exactly.
fn seconds(value: f64) -> Duration {
    Duration::from_millis((value * 1000.0).round() as u64)
}

fn bits(text: &str) -> u8 {
    u8::from_str_radix(text, 2).unwrap()
}

type Encode = fn(Duration, Rounding) -> Result<Encoded, OutOfRange>;
type Decode = fn(&str) -> Result<Option<Duration>, InvalidTimer>;

fn check_encode(timer: &Timer, encode: Encode, decode: Decode) {
    for (asked, octet, said, same) in &timer.encode {
        let encoded = encode(Duration::from_secs(*asked), Rounding::Up).unwrap();
        assert_eq!((encoded.bits_text(), encoded.value.as_secs()), (octet.clone(), *said), "{asked} s");
        assert_eq!(encoded.exact, asked == said, "{asked} s");
        for other in same {
            assert_eq!(decode(other), Ok(Some(Duration::from_secs(*said))), "{other}");
        }
    }
    for asked in &timer.refused {
        assert!(encode(Duration::from_secs(*asked), Rounding::Up).is_err(), "{asked} s");
    }
}

fn check_decode(timer: &Timer, decode: Decode) {
    for (octet, said) in &timer.decode {
        assert_eq!(decode(octet), Ok(Some(Duration::from_secs(*said))), "{octet}");
    }
    for octet in &timer.deactivated {
        assert_eq!(decode(octet), Ok(None), "{octet}");
    }
}

#[test]
fn psm_timers() {
    let v = vectors();
    check_encode(&v.t3412, t3412::encode, t3412::decode_text);
    check_decode(&v.t3412, t3412::decode_text);
    check_encode(&v.t3324, t3324::encode, t3324::decode_text);
    check_decode(&v.t3324, t3324::decode_text);
    check_decode(&v.gprs_timer, gprs_timer::decode_text);
}

#[test]
fn edrx_cycles() {
    for (name, table) in vectors().edrx {
        let mode = mode(&name);
        for (code, said, requestable) in &table.cycles {
            assert_eq!(edrx::cycle_decode_text(mode, code), Ok(Some(seconds(*said))), "{name} {code}");
            assert_eq!(edrx::requestable(mode, bits(code)), *requestable, "{name} {code}");
        }
        for code in &table.absent {
            assert_eq!(edrx::cycle_decode_text(mode, code), Ok(None), "{name} {code}");
            assert!(!edrx::requestable(mode, bits(code)), "{name} {code}");
        }
    }
}

#[test]
fn edrx_windows() {
    for (name, table) in vectors().edrx {
        let mode = mode(&name);
        for (code, said) in &table.windows {
            assert_eq!(edrx::ptw_decode_text(mode, code), Ok(Some(seconds(*said))), "{name} {code}");
            let encoded = edrx::ptw_encode(mode, seconds(*said), Rounding::Up).unwrap();
            assert_eq!((encoded.bits_text(), encoded.exact), (code.clone(), true), "{name} {said} s");
        }
    }
}

#[test]
fn edrx_requests() {
    for (name, table) in vectors().edrx {
        for (asked, code, said, clamped) in &table.requests {
            let encoded = edrx::cycle_encode(mode(&name), seconds(*asked), Rounding::Up);
            assert_eq!((encoded.bits_text(), encoded.value), (code.clone(), seconds(*said)), "{name} {asked} s");
            assert_eq!(encoded.clamped, *clamped, "{name} {asked} s");
        }
    }
}

#[test]
fn there_are_202_vectors() {
    let v = vectors();
    let timer = |t: &Timer| t.encode.len() + t.refused.len() + t.decode.len() + t.deactivated.len();
    // The window of a code stands beside its cycle; the codes of NR that have a window only count by themselves.
    let edrx = |e: &Edrx| (e.cycles.len() + e.absent.len()).max(e.windows.len()) + e.requests.len();
    let timers = timer(&v.t3412) + timer(&v.t3324) + timer(&v.gprs_timer);
    assert_eq!(timers + v.edrx.values().map(edrx).sum::<usize>(), 202);
    let shape = |e: &Edrx| (e.cycles.len() + e.absent.len(), e.windows.len());
    let shapes: Vec<_> = v.edrx.iter().map(|(name, e)| (name.as_str(), shape(e))).collect();
    let expected =
        [("geran", (16, 0)), ("iu", (16, 16)), ("nb-s1", (16, 16)), ("nr-5gcn", (16, 32)), ("wb-s1", (16, 16))];
    assert_eq!(shapes, expected);
}
