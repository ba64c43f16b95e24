//! Echo, final results, digests.

use lpwa::codec::at::frame::skip_echo;
use lpwa::codec::at::{AtError, CmeError, Digest, Digester, FinalResult, Pending};
use serde_json::{Value, json};

use super::Outcome;

/// Operations on the text of a port.
pub fn run(op: &str, text: &str) -> Outcome {
    Some(Ok(match op {
        "remove_echo" => {
            let remaining = skip_echo(text.as_bytes());
            json!({"remaining": String::from_utf8_lossy(remaining), "echo_length": text.len() - remaining.len()})
        }
        "final_result" => match final_result(text) {
            Some(FinalResult::Error(_)) => json!({"complete": true, "final": "error"}),
            Some(_) => json!({"complete": true, "final": "ok"}),
            None => json!({"complete": false}),
        },
        "cme_error_code" | "cme_error_text" => match final_result(&format!("{text}\r\n"))? {
            FinalResult::Error(AtError::Cme(error)) => json!({"code": error.standard_code(), "name": name(&error)}),
            _ => return None,
        },
        "cms_error_code" | "cms_error_text" => match final_result(&format!("{text}\r\n"))? {
            FinalResult::Error(AtError::Cms(error)) => {
                json!({"code": error.standard_code(), "name": error.name().unwrap_or("unknown")})
            }
            _ => return None,
        },
        _ => return None,
    }))
}

fn name(error: &CmeError) -> &'static str {
    error.name().unwrap_or("unknown")
}

/// The final result in `bytes`, for a command whose answer may be any text.
pub fn final_result(bytes: &str) -> Option<FinalResult> {
    let mut digester = Digester::new();
    digester.expect(Pending { unprefixed: true, ..Pending::default() });
    digester.push(bytes.as_bytes());
    std::iter::from_fn(|| digester.next()).find_map(|digest| match digest {
        Digest::Response(response) => Some(response.result),
        _ => None,
    })
}

/// The notices in `bytes` while nothing is pending.
pub fn notices(bytes: &str) -> Vec<String> {
    let mut digester = Digester::new();
    digester.push(bytes.as_bytes());
    let notice = |digest| if let Digest::Urc(line) = digest { Some(line) } else { None };
    std::iter::from_fn(|| digester.next()).filter_map(notice).collect()
}

/// Commands of the vectors that ask for data: what a model file would tell.
const PROMPTING: [&str; 4] = ["AT+USECMNG", "AT+USOWR", "AT+USOST", "AT+UDWNFILE"];

/// One digest a chunk. A caller knows what it has written; here that is what the chunks echo.
pub fn digest(chunks: &[&str], urc_prefixes: &[String]) -> Value {
    let whole = chunks.concat();
    let mut commands = whole.split(['\r', '\n']).filter(|line| line.starts_with("AT") && !line.contains(' '));
    let mut expect = |digester: &mut Digester| {
        let line = commands.next().unwrap_or_default();
        let prompt = PROMPTING.iter().any(|name| line.starts_with(name));
        digester.expect(Pending { unprefixed: true, prompt, ..Pending::for_line(line) });
    };
    let mut digester = Digester::new();
    digester.set_urcs(urc_prefixes.to_vec());
    expect(&mut digester);
    let digests = chunks.iter().map(|chunk| {
        let before = digester.settled();
        digester.push(chunk.as_bytes());
        let digest = digester.next();
        if matches!(digest, Some(Digest::Response(_))) {
            expect(&mut digester);
        }
        digest_json(digest, digester.settled() - before)
    });
    json!({"digests": digests.collect::<Vec<_>>()})
}

fn digest_json(digest: Option<Digest>, consumed: u64) -> Value {
    match digest {
        None => json!({"type": "none", "consumed": consumed}),
        Some(Digest::Overflow) => json!({"type": "overflow", "consumed": consumed}),
        Some(Digest::Urc(line)) => json!({"type": "urc", "data": line, "consumed": consumed}),
        Some(Digest::Prompt(sign)) => json!({"type": "prompt", "data": sign.to_string(), "consumed": consumed}),
        Some(Digest::Response(response)) => match response.result {
            FinalResult::Error(error) => {
                let (class, name) = error_json(&error);
                json!({"type": "response", "ok": false, "error_class": class, "error": name, "consumed": consumed})
            }
            _ => {
                let data = response.lines.join("\r\n");
                json!({"type": "response", "ok": true, "data": data, "consumed": consumed})
            }
        },
    }
}

fn error_json(error: &AtError) -> (&'static str, &'static str) {
    match error {
        AtError::Error | AtError::NotSupported | AtError::SendFail => ("final", "error"),
        AtError::Cme(error) => ("cme", name(error)),
        AtError::Cms(error) => ("cms", error.name().unwrap_or("unknown")),
        AtError::NoCarrier => ("connection", "no-carrier"),
        AtError::Busy => ("connection", "busy"),
        AtError::NoAnswer => ("connection", "no-answer"),
        AtError::NoDialtone => ("connection", "no-dialtone"),
    }
}
