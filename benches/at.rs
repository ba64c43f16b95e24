//! The AT codec: framing in portions of 1, 16 and 1024 bytes, and the two answers that have the most fields.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use lpwa::codec::at::answer::registration;
use lpwa::codec::at::{Digester, Pending};
use lpwa::modem::definition::{Library, QueryName};
use lpwa::transcript::{Direction, Transcript};

/// Recorded sessions that together have what a day brings: boot notices, answers, URCs before an echo, a PSM cycle.
const SESSIONS: [&str; 3] = [
    include_str!("../fixtures/quectel/bg95-psm-cycle.transcript"),
    include_str!("../fixtures/quectel/bg77-urcs-before-echo.transcript"),
    include_str!("../fixtures/quectel/bg95-registered-no-data.transcript"),
];

/// A command that is pending, and what came until the next one: echo, answer, notices.
struct Step {
    pending: Option<Pending>,
    bytes: Vec<u8>,
}

/// The sessions as a modem with echo sends them.
fn traffic() -> Vec<Step> {
    let mut steps = Vec::new();
    for session in SESSIONS {
        steps.push(Step { pending: None, bytes: Vec::new() });
        for record in session.parse::<Transcript>().unwrap().records {
            match record.direction {
                Direction::ToModem => {
                    let line = String::from_utf8(record.data).unwrap();
                    steps.push(Step { pending: Some(Pending::for_line(&line)), bytes: line.into_bytes() });
                }
                Direction::FromModem => steps.last_mut().unwrap().bytes.extend(record.data),
                Direction::Note => {}
            }
        }
    }
    steps
}

fn framing(criterion: &mut Criterion) {
    let steps = traffic();
    let definition = Library::builtin().get("quectel-bg95").unwrap();
    let urcs: Vec<_> = definition.urcs.iter().filter_map(|urc| urc.pattern.prefix().map(str::to_owned)).collect();
    let digester = || {
        let mut digester = Digester::new();
        digester.set_urcs(urcs.clone());
        digester
    };
    let mut group = criterion.benchmark_group("framing");
    group.throughput(Throughput::Bytes(steps.iter().map(|step| step.bytes.len() as u64).sum()));
    for portion in [1, 16, 1024] {
        group.bench_function(format!("{portion} bytes a read"), |bencher| {
            bencher.iter_batched_ref(digester, |digester| digest(digester, &steps, portion), BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn digest(digester: &mut Digester, steps: &[Step], portion: usize) {
    for step in steps {
        if let Some(pending) = &step.pending {
            digester.expect(pending.clone());
        }
        for read in step.bytes.chunks(portion) {
            digester.push(read);
            while let Some(digest) = digester.next() {
                black_box(digest);
            }
        }
    }
}

fn answers(criterion: &mut Criterion) {
    let cereg = r#"+CEREG: 5,1,"4E21","00C0A890",8,,,"00001010","00001010""#;
    let qeng = r#"+QENG: "servingcell","NOCONN","eMTC","FDD",001,01,C0A890,152,6300,20,3,3,4E21,-88,-11,-62,11,41"#;
    let definition = Library::builtin().get("quectel-bg95").unwrap();
    let serving_cell = definition.queries.get(&QueryName::ServingCell).unwrap();
    registration::parse(cereg, true).unwrap();
    serving_cell.parse(qeng, &definition.rat_names()).unwrap();
    let mut group = criterion.benchmark_group("answer");
    group.bench_function("+CEREG with PSM timers", |b| b.iter(|| registration::parse(black_box(cereg), true)));
    group.bench_function("+QENG by the model file", |b| {
        b.iter(|| serving_cell.parse(black_box(qeng), &definition.rat_names()));
    });
    group.finish();
    criterion.bench_function("all model files, read and built", |b| b.iter(Library::builtin));
}

criterion_group!(benches, framing, answers);
criterion_main!(benches);
