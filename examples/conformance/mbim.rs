//! MBIM: frames, fragments, messages, services.

use lpwa::codec::mbim::bytes::unhex;
use lpwa::codec::mbim::fragment::{Fragment, Whole, split};
use lpwa::codec::mbim::message::basic_connect::SignalState;
use lpwa::codec::mbim::value::hex;
use lpwa::codec::mbim::{
    Body, Cid, Frame, Kind, Reassembler, Record, Service, Splitter, Uuid, Value as Said, Version, Wire, encode,
};
use serde_json::{Map, Value, json};

use super::{Outcome, Params};

type Result<T> = std::result::Result<T, String>;

/// Operations on MBIM.
pub fn run(op: &str, input: &Value, params: &Params) -> Outcome {
    let text = input.as_str().unwrap_or_default();
    let bytes = || unhex(text).ok_or_else(|| "no hexadecimal digits".to_owned());
    Some(match op {
        "mbim_frame" => bytes().and_then(|bytes| frame(&bytes)),
        "mbim_fuzz" => bytes().map(|bytes| {
            let _ = (frame(&bytes), message(&bytes, params), reassembled(&bytes));
            json!({"no_crash": true})
        }),
        "mbim_response_decode" | "mbim_notification_decode" => bytes().and_then(|bytes| message(&bytes, params)),
        "mbim_reassemble" => bytes().and_then(|bytes| reassembled(&bytes)),
        "mbim_fragment_split" => bytes().and_then(|bytes| cut(&bytes, params.max_fragment_size)),
        "mbim_command_encode" => command(input, params),
        "mbim_raw_command_encode" => raw_command(input),
        "mbim_build" => build(input),
        "cid_operations" => operations(input),
        "service_uuid" => uuid(text).map(|uuid| json!({"uuid": uuid.to_string()})),
        "uuid_parse" => text.parse().map_err(told).map(|uuid: Uuid| json!({"service": uuid.name()})),
        "mbim_signal_state" => signal(input),
        _ => return None,
    })
}

fn told(error: impl ToString) -> String {
    error.to_string()
}

fn uuid(name: &str) -> Result<Uuid> {
    Uuid::named(name).map_err(told)
}

#[allow(clippy::indexing_slicing, reason = "keys of an object that is made here")]
fn frame(bytes: &[u8]) -> Result<Value> {
    let fragment = Fragment::parse(bytes).map_err(told)?;
    let mut result = json!({"transaction_id": fragment.transaction, "message_length": bytes.len()});
    if fragment.total > 1 {
        result["fragment_total"] = json!(fragment.total);
        result["fragment_current"] = json!(fragment.current);
        return Ok(result);
    }
    let body = Frame::parse(bytes).map_err(told)?.body;
    result["message_type"] = json!(body.name());
    match &body {
        Body::Open { max_control_transfer } => result["max_control_transfer"] = json!(max_control_transfer),
        Body::OpenDone(status) | Body::CloseDone(status) | Body::CommandDone { status, .. } => {
            result["status_code"] = status.name().map_or_else(|| json!(status.number()), |name| json!(name));
        }
        Body::HostError(fault) | Body::FunctionError(fault) => result["error_status_code"] = json!(fault.name()),
        _ => {}
    }
    if let (Some((service, cid, kind)), Some(buffer)) = (body.command(), body.buffer()) {
        result["service"] = json!(service.name().map_or_else(|| service.to_string(), str::to_owned));
        result["cid"] = json!(cid);
        result["information_buffer"] = json!(hex(buffer));
        if matches!(kind, Kind::Set | Kind::Query) {
            result["command_type"] = json!(if kind == Kind::Set { "set" } else { "query" });
        }
    }
    Ok(result)
}

fn version(params: &Params) -> Version {
    match params.mbimex_version.as_deref().unwrap_or("1.0").split('.').next() {
        Some("2") => Version::V2,
        Some("3" | "4") => Version::V3,
        _ => Version::V1,
    }
}

fn message(bytes: &[u8], params: &Params) -> Result<Value> {
    let body = Frame::parse(bytes).map_err(told)?.body;
    let ((service, cid, kind), buffer) = body.command().zip(body.buffer()).ok_or("a message without a buffer")?;
    let cid = Service::of(service).and_then(|service| service.cid(cid)).ok_or("an unknown command")?;
    let explained = cid.explain(kind, buffer, version(params)).ok_or("a command that has no such message")?;
    let value = explained.map_err(told)?.value;
    let Said::Record(fields) = &value else { return Err("no record".into()) };
    let structures = |value: &Said| match value.reveal() {
        Said::Record(_) => true,
        Said::List(list) => list.iter().any(|item| matches!(item, Said::Record(_))),
        _ => false,
    };
    let present: Vec<_> = fields.iter().filter(|(_, value)| structures(value)).map(|(name, _)| name).collect();
    Ok(json!({"fields": shown(&value), "fields_present": present}))
}

fn shown(value: &Said) -> Value {
    match value.reveal() {
        Said::Absent | Said::Secret(_) => Value::Null,
        Said::Flag(flag) => json!(flag),
        Said::Number(number) => u64::try_from(*number).map_or_else(|_| json!(*number as i64), |number| json!(number)),
        Said::Coded(number, _) => json!(number),
        Said::Name(name) => json!(name),
        Said::Names(names) => json!(names),
        Said::Text(text) => json!(text),
        Said::Bytes(bytes) => json!(hex(bytes)),
        Said::List(list) => list.iter().map(shown).collect(),
        Said::Record(fields) => {
            let mut map = Map::new();
            for (name, value) in fields {
                if let Said::List(list) = value.reveal() {
                    map.entry(format!("{name}_count")).or_insert_with(|| json!(list.len()));
                }
                map.insert(name.to_string(), shown(value));
            }
            Value::Object(map)
        }
    }
}

fn said(value: &Value) -> Said {
    match value {
        Value::Null => Said::Absent,
        Value::Bool(flag) => Said::Flag(*flag),
        Value::Number(number) => {
            Said::Number(number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)).unwrap_or(0))
        }
        Value::String(text) => Said::Text(text.clone()),
        Value::Array(list) => Said::List(list.iter().map(said).collect()),
        Value::Object(map) => {
            Said::Record(map.iter().map(|(name, value)| (name.clone().into(), said(value))).collect())
        }
    }
}

fn field<'a>(input: &'a Value, name: &str) -> Result<&'a str> {
    input.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing"))
}

fn number(input: &Value, name: &str) -> Result<u32> {
    let number = input.get(name).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| format!("{name} is missing"))
}

fn known(input: &Value) -> Result<&'static Cid> {
    let service = Service::named(field(input, "service")?).ok_or("an unknown service")?;
    service.cid(number(input, "cid")?).ok_or_else(|| "an unknown command".into())
}

/// The frame of a command, as `input` describes it.
fn command_frame(input: &Value, buffer: Vec<u8>) -> Result<Frame> {
    let set = field(input, "command_type")? == "set";
    let body = Body::Command { service: uuid(field(input, "service")?)?, cid: number(input, "cid")?, set, buffer };
    Ok(Frame { transaction: number(input, "transaction_id")?, body })
}

fn command(input: &Value, params: &Params) -> Result<Value> {
    let kind = if field(input, "command_type")? == "set" { Kind::Set } else { Kind::Query };
    let (cid, fields) = (known(input)?, said(input.get("fields").unwrap_or(&json!({}))));
    let build = |version| cid.build(kind, &fields, version).ok_or("a command that has no such message".to_owned());
    // A caller would know the version; fields that only a later layout has tell it.
    let buffer = build(version(params))?.or_else(|_| build(Version::V3)?.map_err(told))?;
    Ok(json!({"hex": hex(&command_frame(input, buffer)?.encode())}))
}

/// Fields one after the other.
struct Items(Vec<Box<dyn Wire>>);

impl Record for Items {
    fn fields(&self) -> Vec<(&'static str, &dyn Wire)> {
        self.0.iter().map(|item| ("item", item.as_ref())).collect()
    }

    fn fields_mut(&mut self) -> Vec<(&'static str, &mut dyn Wire)> {
        self.0.iter_mut().map(|item| ("item", item.as_mut() as &mut dyn Wire)).collect()
    }
}

fn raw_command(input: &Value) -> Result<Value> {
    let items = input.get("items").and_then(Value::as_array).ok_or("items are missing")?;
    let item = |item: &Value| -> Result<Box<dyn Wire>> {
        let mut wire: Box<dyn Wire> = match item.as_object().and_then(|item| item.keys().next()).map(String::as_str) {
            Some("guint16") => Box::new(0_u16),
            Some("guint32") => Box::new(0_u32),
            Some("guint64") => Box::new(0_u64),
            Some("string") => Box::new(String::new()),
            Some("uuid") => Box::new(Uuid::default()),
            other => return Err(format!("no item: {other:?}")),
        };
        let value = item.as_object().and_then(|item| item.values().next()).unwrap_or(&Value::Null);
        wire.set(&said(value)).map_err(told)?;
        Ok(wire)
    };
    let items = Items(items.iter().map(item).collect::<Result<_>>()?);
    let frame = command_frame(input, encode(&items, Version::V1))?;
    Ok(json!({"hex": hex(&frame.encode())}))
}

fn build(input: &Value) -> Result<Value> {
    let transaction = number(input, "transaction_id")?;
    let built = match field(input, "type")? {
        "open" => {
            Frame { transaction, body: Body::Open { max_control_transfer: number(input, "max_control_transfer")? } }
        }
        "close" => Frame { transaction, body: Body::Close },
        "command" => {
            let buffer = unhex(input.get("information_buffer").and_then(Value::as_str).unwrap_or_default());
            command_frame(input, buffer.ok_or("no hexadecimal digits")?)?
        }
        other => return Err(format!("no message: {other}")),
    };
    frame(&built.encode())
}

fn operations(input: &Value) -> Result<Value> {
    let cid = known(input)?;
    let supports = |kind| cid.supports(kind);
    let (set, query, notify) = (supports(Kind::Set), supports(Kind::Query), supports(Kind::Notification));
    Ok(json!({"set": set, "query": query, "notify": notify}))
}

fn reassembled(bytes: &[u8]) -> Result<Value> {
    let (mut splitter, mut reassembler) = (Splitter::new(), Reassembler::new());
    splitter.push(bytes);
    while let Some(piece) = splitter.next_frame().map_err(told)? {
        if let Some(whole) = reassembler.push_raw(&piece).map_err(told)? {
            return Ok(json!({"payload": hex(&whole.payload)}));
        }
    }
    Err("the message is not complete".into())
}

fn cut(bytes: &[u8], max: Option<u32>) -> Result<Value> {
    let Fragment { kind, transaction, payload, .. } = Fragment::parse(bytes).map_err(told)?;
    let whole = Whole { kind, transaction, payload: payload.to_vec() };
    let fragments = split(&whole, max.ok_or("max_fragment_size is missing")?);
    Ok(json!({"fragments": fragments.iter().map(|fragment| hex(fragment)).collect::<Vec<_>>()}))
}

fn signal(input: &Value) -> Result<Value> {
    let state = SignalState {
        rssi: number(input, "coded_rssi")?,
        error_rate: number(input, "coded_error_rate")?,
        ..SignalState::default()
    };
    let classes = input.get("data_class").and_then(Value::as_array).cloned().unwrap_or_default();
    let one = |class: &Value| json!({"data_class": class, "rssi": state.rssi_dbm(), "error_rate": state.bit_errors()});
    Ok(json!({"signals": classes.iter().map(one).collect::<Vec<_>>()}))
}
