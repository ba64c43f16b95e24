//! Runs lpwa's codecs over conformance vectors: JSON lines in, JSON lines out, one result a request, in order.
//!
//! Every `op` is dispatched to the public functions that the daemon uses; nothing is parsed here. What differs from
//! the vectors on purpose is told in `docs/conformance.md`.

use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use lpwa::codec::at::command::standard;
use serde::Deserialize;
use serde_json::{Value, json};

#[path = "conformance/answers.rs"]
mod answers;
#[path = "conformance/lines.rs"]
mod lines;
#[path = "conformance/mbim.rs"]
mod mbim;
#[path = "conformance/qmi.rs"]
mod qmi;

/// What a request comes to: `None` where lpwa has no such operation.
type Outcome = Option<Result<Value, String>>;

/// A vector without what is expected of it.
#[derive(Deserialize)]
struct Request {
    id: Value,
    op: String,
    input: Value,
    #[serde(default)]
    params: Params,
}

/// What a caller of the operation would know.
#[derive(Default, Deserialize)]
struct Params {
    solicited: Option<bool>,
    charset: Option<String>,
    #[serde(default)]
    urc_prefixes: Vec<String>,
    mbimex_version: Option<String>,
    max_fragment_size: Option<u32>,
    service: Option<String>,
    client_id: Option<u8>,
    message_id: Option<u16>,
    transaction_id: Option<u16>,
    encoding: Option<Value>,
}

fn main() -> std::io::Result<()> {
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = match serde_json::from_str::<Request>(&line?) {
            Ok(request) => answer(&request),
            Err(error) => json!({"error": {"kind": "request", "detail": error.to_string()}}),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// A panic is told as such: one bad vector must not hide the rest.
fn answer(request: &Request) -> Value {
    let id = &request.id;
    match catch_unwind(AssertUnwindSafe(|| run(request))) {
        Ok(Some(Ok(result))) => json!({"id": id, "result": result}),
        Ok(Some(Err(detail))) => json!({"id": id, "error": {"kind": "malformed", "detail": detail}}),
        Ok(None) => json!({"id": id, "unsupported": true}),
        Err(_) => json!({"id": id, "error": {"kind": "panic"}}),
    }
}

fn run(request: &Request) -> Outcome {
    if let Some(outcome) = mbim::run(&request.op, &request.input, &request.params) {
        return Some(outcome);
    }
    match (request.op.as_str(), &request.input) {
        (op, input) if qmi::knows(op) => qmi::run(op, input, &request.params),
        (op, Value::String(text)) => lines::run(op, text).or_else(|| answers::run(op, text, &request.params)),
        ("at_digest", Value::Array(chunks)) => {
            let chunks: Vec<&str> = chunks.iter().filter_map(Value::as_str).collect();
            Some(Ok(lines::digest(&chunks, &request.params.urc_prefixes)))
        }
        ("cmer_set", Value::Object(object)) => {
            let number = |name| object.get(name).and_then(Value::as_u64).and_then(|n| u8::try_from(n).ok());
            let line = standard::cmer(number("mode")?, number("ind")?);
            Some(line.map(|line| json!({"command": line.as_str().trim_start_matches("AT")})).map_err(|e| e.to_string()))
        }
        _ => None,
    }
}
