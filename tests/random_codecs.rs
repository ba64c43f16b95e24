//! Random inputs for each codec: no panic, and no memory beyond the input's size times a constant.
//!
//! Half of them are plain noise, half are valid inputs with a few octets changed, cut, doubled or moved. The seed is
//! fixed: a failure comes again, and is told with its input. `RANDOM_INPUTS` says how many: `make random`, a part of
//! `make test`, feeds a million to an optimised build; without it there are few, as the build of all tests is slow.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libtest_mimic::{Arguments, Failed, Trial};

#[path = "random_codecs/at.rs"]
mod at;
#[path = "random_codecs/files.rs"]
mod files;
#[path = "random_codecs/mbim.rs"]
mod mbim;
#[path = "random_codecs/qmi.rs"]
mod qmi;
#[path = "random_codecs/qrtr.rs"]
mod qrtr;

/// A codec, and what it is fed with.
pub struct Codec {
    pub name: &'static str,
    /// Valid inputs, which are changed at random.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Everything that the codec does with an input. It must not panic.
    pub run: fn(&[u8]),
    /// Octets of memory that an octet of input may cost at most, and beyond them so many for each input.
    pub memory: (usize, usize),
    /// Of a million inputs, so many: what takes a hundred times longer is fed less.
    pub share: usize,
}

/// One row for each codec.
const CODECS: &[Codec] = &[
    Codec { name: "at_digest", seeds: at::streams, run: at::digest, memory: (64, 16 << 10), share: 1_000_000 },
    Codec { name: "at_answers", seeds: at::lines, run: at::answers, memory: (512, 64 << 10), share: 1_000_000 },
    Codec { name: "at_errors", seeds: at::lines, run: at::errors, memory: (512, 64 << 10), share: 100_000 },
    Codec { name: "qmi_stream", seeds: qmi::frames, run: qmi::stream, memory: (256, 16 << 10), share: 1_000_000 },
    Codec { name: "qmi_bodies", seeds: qmi::frames, run: qmi::bodies, memory: (512, 16 << 10), share: 1_000_000 },
    Codec { name: "qrtr", seeds: qrtr::packets, run: qrtr::control, memory: (0, 16 << 10), share: 1_000_000 },
    Codec { name: "mbim", seeds: mbim::frames, run: mbim::stream, memory: (1024, 64 << 10), share: 1_000_000 },
    Codec {
        name: "transcript",
        seeds: files::transcripts,
        run: files::transcript,
        memory: (512, 64 << 10),
        share: 1_000_000,
    },
    Codec { name: "model_file", seeds: files::models, run: files::model, memory: (4096, 16 << 20), share: 100_000 },
];

/// Inputs of a codec, where nobody asks for more.
const INPUTS: usize = 5000;
/// What shares are of.
const MILLION: usize = 1_000_000;
/// The longest plain noise.
const NOISE_MAX: u64 = 96;

fn main() -> std::process::ExitCode {
    let inputs = std::env::var("RANDOM_INPUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(INPUTS);
    std::panic::set_hook(Box::new(|_| {}));
    let trial = |codec: &'static Codec| Trial::test(codec.name, move || feed(codec, inputs));
    libtest_mimic::run(&Arguments::from_args(), CODECS.iter().map(trial).collect()).exit_code()
}

fn feed(codec: &Codec, inputs: usize) -> Result<(), Failed> {
    let seeds = (codec.seeds)();
    assert!(!seeds.is_empty(), "{} has no seeds", codec.name);
    let mut random = Random(0x6C70_7761);
    let mut input = Vec::new();
    let inputs = (inputs as u128 * codec.share as u128 / MILLION as u128).max(1) as usize;
    for number in 0..inputs {
        input.clear();
        if number % 2 == 0 {
            noise(&mut random, &mut input);
        } else {
            input.extend(&seeds[random.below(seeds.len() as u64) as usize]);
            (0..=random.below(4)).for_each(|_| change(&mut random, &mut input, &seeds));
        }
        let spent = memory_of(|| catch_unwind(AssertUnwindSafe(|| (codec.run)(&input))));
        let told = |what: String| format!("input {number}: {what}\n{}", input.escape_ascii());
        let Ok((peak, ran)) = spent else { return Err(told("no measure".into()).into()) };
        ran.map_err(|panic| told(format!("panic: {}", text(&*panic))))?;
        let most = codec.memory.0 * input.len() + codec.memory.1;
        if peak > most {
            return Err(told(format!("{peak} octets of memory, {most} are the most")).into());
        }
    }
    Ok(())
}

fn text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "of another kind".into())
}

/// Octets, most of them those that mean something to a binary codec.
fn noise(random: &mut Random, input: &mut Vec<u8>) {
    for _ in 0..random.below(NOISE_MAX) {
        let octet = match random.below(4) {
            0 => [0, 1, 2, 0x80, 0xFF, 4, 0x10, b'+'][random.below(8) as usize],
            1 => b" \r\n\"(),:;=0123456789ABCDEFabcdef>."[random.below(34) as usize],
            _ => random.next() as u8,
        };
        input.push(octet);
    }
}

/// One change: an octet, a cut, a piece taken out, doubled, or taken from another seed.
fn change(random: &mut Random, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    if input.is_empty() {
        return noise(random, input);
    }
    let at = random.below(input.len() as u64) as usize;
    let end = (at + 1 + random.below(12) as usize).min(input.len());
    match random.below(7) {
        0 => input[at] = random.next() as u8,
        1 => input[at] ^= 1 << random.below(8),
        2 => input[at] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5) as usize],
        3 => input.truncate(at),
        4 => drop(input.drain(at..end)),
        5 => {
            let piece = input[at..end].to_vec();
            input.splice(at..at, piece);
        }
        _ => {
            let other = &seeds[random.below(seeds.len() as u64) as usize];
            let from = random.below(other.len().max(1) as u64) as usize;
            let piece: Vec<u8> = other.iter().skip(from).take(24).copied().collect();
            input.splice(at..end, piece);
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

/// Counts what each thread has allocated, beside the system's allocator.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: every call goes on to the system's allocator as it came; only numbers are kept beside.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(octets: isize) {
    // A thread that ends allocates no more.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + octets);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
}

/// The most memory that `run` held at a time, and what it came to.
fn memory_of<T>(run: impl FnOnce() -> T) -> Result<(usize, T), std::num::TryFromIntError> {
    let before = HELD.get();
    PEAK.set(before);
    let result = run();
    Ok((usize::try_from(PEAK.get() - before)?, result))
}
