//! QMI frames, messages and names.

use lpwa::codec::qmi::explain::{self, explain};
use lpwa::codec::qmi::nas::{self, DescriptionEncoding, NameEncoding, Registrations, Technology};
use lpwa::codec::qmi::{FrameReader, Framed, Message, Octets, QmiError, Service, Shown, dms, name};
use lpwa::private::Private;
use lpwa::spec::registration::Registration;
use serde_json::{Map, Value, json};

use super::{Outcome, Params};

const OPS: [&str; 11] = [
    "nas_system_info_registration",
    "network_description",
    "plmn_name",
    "qmi_encode_header",
    "qmi_encode_response_header",
    "qmi_frame",
    "qmi_from_service_data",
    "qmi_indication_decode",
    "qmi_printable",
    "qmi_request_encode",
    "qmi_response_decode",
];

/// Whether this is an operation on QMI.
pub fn knows(op: &str) -> bool {
    OPS.contains(&op) || op == "qmi_set_transaction"
}

/// Runs it.
pub fn run(op: &str, input: &Value, params: &Params) -> Outcome {
    if let Value::Object(object) = input {
        return Some(encode(op, object));
    }
    let octets = octets(input.as_str()?)?;
    Some(match op {
        "qmi_frame" => Ok(json!({"complete_messages": frames(&octets)})),
        "qmi_printable" => decoded(&octets).map(|message| json!({"decodes": true, "text": printed(&message)})),
        "qmi_from_service_data" => {
            let service = Service::by_name(params.service.as_deref()?)?;
            from_sdu(service, params.client_id.unwrap_or_default(), &octets)
        }
        "qmi_set_transaction" => decoded(&octets).and_then(|mut message| {
            message.transaction = params.transaction_id.unwrap_or_default();
            let again = Message::decode(&message.encode().map_err(said)?).map_err(said)?;
            Ok(json!({"transaction_id": again.transaction}))
        }),
        "qmi_response_decode" => decoded(&octets).and_then(|message| response(&message, params)),
        "qmi_indication_decode" => decoded(&octets).map(|message| {
            let indication = message.kind == lpwa::codec::qmi::Kind::Indication;
            json!({"service": message.service.to_string(), "message_id": message.id, "indication": indication, "fields": fields(&message)})
        }),
        "nas_system_info_registration" => decoded(&octets).and_then(|message| {
            let info = message.answer::<nas::GetSystemInfo>().map_err(said)?.map_err(said)?;
            Ok(registrations(&info.registrations()))
        }),
        "plmn_name" | "network_description" => named(op, params.encoding.as_ref()?, Octets(octets)),
        _ => return None,
    })
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn decoded(octets: &[u8]) -> Result<Message, String> {
    Message::decode(octets).map_err(said)
}

fn frames(octets: &[u8]) -> usize {
    let mut reader = FrameReader::new();
    reader.push(octets);
    std::iter::from_fn(|| reader.next()).filter(|framed| matches!(framed, Framed::Frame(_))).count()
}

fn printed(message: &Message) -> String {
    let name = explain::name(message.service, message.id).unwrap_or_default();
    let tlvs = explain(message).into_iter().map(|tlv| format!("{}: {}", tlv.name.unwrap_or_default(), tlv.value));
    std::iter::once(format!("{} {name}", message.service)).chain(tlvs).collect::<Vec<_>>().join("\n")
}

fn from_sdu(service: Service, client: u8, sdu: &[u8]) -> Result<Value, String> {
    let message = Message::decode_sdu(service, client, sdu).map_err(said)?;
    let length = message.encode().map_err(said)?.len();
    Ok(json!({"service": service.to_string(), "client_id": client, "length": length,
        "transaction_id": message.transaction, "message_id": message.id}))
}

/// Requests and headers from their parts.
fn encode(op: &str, object: &Map<String, Value>) -> Result<Value, String> {
    let number = |key: &str| object.get(key).and_then(Value::as_u64).unwrap_or_default();
    let service = object.get("service").and_then(Value::as_str).and_then(Service::by_name).ok_or("no such service")?;
    let fields = object.get("fields").and_then(Value::as_object).filter(|fields| !fields.is_empty());
    let (client, id) = (number("client_id") as u8, number("message_id") as u16);
    let mut request =
        Message { service, client, id, transaction: number("transaction_id") as u16, ..Message::default() };
    if let Some(info) = fields.and_then(|fields| fields.get("info")).and_then(Value::as_array) {
        // The only request of the vectors that carries anything.
        let text = |at: usize| info.get(at).and_then(Value::as_str).unwrap_or_default();
        let pin = if text(0) == "pin2" { dms::PinId::Pin2 } else { dms::PinId::Pin };
        let entry = dms::PinEntry { pin, code: Private::new(text(1).to_owned()) };
        request.put(&dms::VerifyPin { info: Some(entry), ..dms::VerifyPin::default() });
    }
    if op == "qmi_request_encode" && explain::name(service, id).is_none() {
        return Err("lpwa does not know this message".into());
    }
    let message = match object.get("protocol_error").and_then(Value::as_str) {
        Some("none") => request.result(None),
        Some(_) => request.result(Some(QmiError::INTERNAL)),
        None => request,
    };
    Ok(json!({"hex": hex(&message.encode().map_err(said)?)}))
}

fn response(message: &Message, params: &Params) -> Result<Value, String> {
    let service = params.service.as_deref().and_then(Service::by_name);
    if service.is_some_and(|service| service != message.service) || params.message_id.is_some_and(|id| id != message.id)
    {
        return Err("another message than the expected one".into());
    }
    let result = message.error().map_or_else(|| "success".to_owned(), |error| error.to_string());
    Ok(json!({"result": result, "fields": fields(message), "fields_present": serving_cells(message)}))
}

/// TLVs that tell of the serving cell, by the names that the vectors have for them: one of them has two.
fn serving_cells(message: &Message) -> Vec<&'static str> {
    let Ok(info) = message.read::<nas::CellLocationInfo>() else { return Vec::new() };
    let geran = info.geran_info.iter().flat_map(|_| ["geran_info_v2", "geran_info"]);
    let umts = info.umts_info.iter().flat_map(|_| ["umts_info_v2", "umts_info"]);
    let lte = info.intrafrequency_lte_info.iter().map(|_| "intrafrequency_lte_info_v2");
    geran.chain(umts).chain(lte).collect()
}

/// Every TLV by name. Secrets are read for what they are: an IMEI of a vector is none of anybody's.
fn fields(message: &Message) -> Value {
    let mut all: Map<String, Value> =
        explain(message).into_iter().filter_map(|tlv| Some((tlv.name?.to_owned(), value(&tlv.value)))).collect();
    if let Ok(info) = message.read::<nas::SystemInfo>()
        && let Some(lte) = info.lte_system_info
    {
        all.insert("lte_system_info_v2".into(), lte_system(&lte));
    }
    Value::Object(all)
}

fn value(shown: &Shown) -> Value {
    match shown {
        Shown::Number(number) => {
            i64::try_from(*number).map_or_else(|_| json!(number.to_string()), |number| json!(number))
        }
        Shown::Real(number) => json!(number),
        Shown::Flag(flag) => json!(flag),
        Shown::Text(text) => json!(text),
        Shown::Name { name, value } if name.is_empty() => json!(value),
        Shown::Name { name, .. } => json!(name),
        Shown::Flags { names, .. } => json!(names),
        Shown::Octets(octets) => json!(hex(octets)),
        Shown::List(list) => Value::Array(list.iter().map(value).collect()),
        Shown::Fields(fields) => {
            Value::Object(fields.iter().map(|(name, shown)| ((*name).to_owned(), value(shown))).collect())
        }
        Shown::Secret | Shown::Absent => Value::Null,
    }
}

/// As the vectors have it: a flag beside each value.
fn lte_system(lte: &nas::LteSystem) -> Value {
    let nas::SystemIdentity {
        domain,
        service_capability,
        roaming_status,
        forbidden,
        lac,
        cid,
        registration_reject,
        network_id,
    } = &lte.system;
    let shown = |value: Option<Shown>| value.as_ref().map(self::value);
    json!({
        "domain_valid": domain.is_some(), "domain": shown(domain.map(|v| lpwa::codec::qmi::Show::show(&v))),
        "service_capability_valid": service_capability.is_some(),
        "service_capability": shown(service_capability.map(|v| lpwa::codec::qmi::Show::show(&v))),
        "roaming_status_valid": roaming_status.is_some(),
        "roaming_status": shown(roaming_status.map(|v| lpwa::codec::qmi::Show::show(&v))),
        "forbidden_valid": forbidden.is_some(), "forbidden": forbidden,
        "lac_valid": lac.is_some(), "lac": lac, "cid_valid": cid.is_some(), "cid": cid,
        "registration_reject_info_valid": registration_reject.is_some(), "network_id_valid": network_id.is_some(),
        "mcc": network_id.as_ref().map(|id| &id.mcc), "mnc": network_id.as_ref().map(|id| &id.mnc),
        "tac_valid": lte.tac.is_some(), "tac": lte.tac,
    })
}

/// Numbers of TS 27.007; 4 where the modem has no technology of the domain.
fn registrations(all: &Registrations) -> Value {
    let stat = |registration: Option<Registration>| match registration {
        Some(Registration::NotRegistered) => 0,
        Some(Registration::Home) => 1,
        Some(Registration::Searching) => 2,
        Some(Registration::Denied) => 3,
        Some(Registration::Roaming) => 5,
        _ => 4,
    };
    let technology = all.technology.map(|technology| match technology {
        Technology::Gsm => "gsm",
        Technology::Umts => "umts",
        Technology::Lte => "lte",
        Technology::Nr5g => "5gnr",
    });
    json!({
        "registration_state_cs": stat(all.cs), "registration_state_ps": stat(all.ps),
        "registration_state_eps": stat(all.eps), "registration_state_5gs": stat(all.five_gs),
        "lac": all.lac, "tac": all.tac, "ci": all.cell,
        "operator_id": all.network.as_ref().map(|network| format!("{}{}", network.mcc, network.mnc)),
        "access_technologies": technology.into_iter().collect::<Vec<_>>(),
    })
}

fn named(op: &str, encoding: &Value, octets: Octets) -> Result<Value, String> {
    let number = encoding.as_u64().and_then(|number| u8::try_from(number).ok());
    let text = match (op, encoding.as_str()) {
        ("plmn_name", Some("gsm")) => name::decode(NameEncoding::Gsm, &octets),
        ("plmn_name", Some("ucs2le")) => name::decode(NameEncoding::Ucs2le, &octets),
        ("plmn_name", _) => name::decode(NameEncoding::from(number.unwrap_or(u8::MAX)), &octets),
        (_, Some("gsm")) => name::description(DescriptionEncoding::Gsm, &octets),
        (_, Some("ucs2le" | "unicode")) => name::description(DescriptionEncoding::Ucs2le, &octets),
        (_, Some("ascii7")) => name::description(DescriptionEncoding::Ascii7, &octets),
        (_, Some("unspecified")) => name::description(DescriptionEncoding::Unspecified, &octets),
        (..) => name::description(DescriptionEncoding::from(number.unwrap_or(u8::MAX)), &octets),
    };
    text.map(|text| json!({ "text": text })).map_err(said)
}
