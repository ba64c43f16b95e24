//! Holds real documents against `docs/schema.json`, with a checker for the part of JSON Schema 2020-12 used there.

use std::time::Duration;

use serde_json::Value;

use super::{Document, Reveal, Time};
use crate::private::Private;
use crate::spec::apn::PdpType;
use crate::spec::cause::{Cause, Domain};
use crate::spec::drx::DrxCycle;
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;
use crate::state::queue::{self, Outcome, Task};
use crate::state::uplink;
use crate::state::{self, Accepted, Lifecycle, ModemState, Reachability, Reading, SimState, Timestamp};

/// Every keyword the checker knows; a schema that uses another one fails, so that nothing goes unchecked.
const KEYWORDS: [&str; 16] = [
    "$schema",
    "$id",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "enum",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "anyOf",
    "minimum",
    "maximum",
    "format",
];

fn check(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let schema = schema.as_object().unwrap_or_else(|| panic!("{path}: a schema is an object"));
    let unknown = schema.keys().find(|key| !KEYWORDS.contains(&key.as_str()));
    assert_eq!(unknown, None, "{path}: keyword the checker does not know");
    let mut wrong = vec![];
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{name} is not defined"));
        wrong.extend(check(root, target, value, path));
    }
    if let Some(kind) = schema.get("type") {
        let kinds = kind.as_array().map_or(vec![kind], |kinds| kinds.iter().collect());
        if !kinds.iter().any(|kind| is_of(value, kind.as_str().unwrap())) {
            wrong.push(format!("{path}: {value} is not of type {kind}"));
        }
    }
    if let Some(Value::Array(choices)) = schema.get("enum")
        && !choices.contains(value)
    {
        wrong.push(format!("{path}: {value} is not one of {choices:?}"));
    }
    if let Some(Value::Array(choices)) = schema.get("anyOf")
        && !choices.iter().any(|choice| check(root, choice, value, path).is_empty())
    {
        wrong.push(format!("{path}: {value} fits no branch"));
    }
    wrong.extend(check_number(schema, value, path));
    wrong.extend(check_object(root, schema, value, path));
    if let (Some(items), Value::Array(values)) = (schema.get("items"), value) {
        wrong.extend(values.iter().flat_map(|value| check(root, items, value, &format!("{path}[]"))));
    }
    if schema.get("format").and_then(Value::as_str) == Some("date-time")
        && value.as_str().is_some_and(|text| text.parse::<Time>().is_err())
    {
        wrong.push(format!("{path}: {value} is no RFC 3339 time"));
    }
    wrong
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}

fn check_number(schema: &serde_json::Map<String, Value>, value: &Value, path: &str) -> Option<String> {
    let number = value.as_f64()?;
    let bound = |key| schema.get(key).and_then(Value::as_f64);
    let outside = bound("minimum").is_some_and(|min| number < min) || bound("maximum").is_some_and(|max| number > max);
    outside.then(|| format!("{path}: {number} is out of range"))
}

fn check_object(root: &Value, schema: &serde_json::Map<String, Value>, value: &Value, path: &str) -> Vec<String> {
    let Some(object) = value.as_object() else { return vec![] };
    let empty = serde_json::Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let mut wrong = vec![];
    for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !object.contains_key(required.as_str().unwrap()) {
            wrong.push(format!("{path}: {required} is missing"));
        }
    }
    for (key, value) in object {
        let path = format!("{path}.{key}");
        match properties.get(key).or_else(|| schema.get("additionalProperties")) {
            Some(Value::Bool(true)) | None => {}
            Some(Value::Bool(false)) => wrong.push(format!("{path} is not in the schema")),
            Some(schema) => wrong.extend(check(root, schema, value, &path)),
        }
    }
    wrong
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/schema.json")).unwrap()
}

/// A state in which everything is known.
fn full() -> ModemState {
    let at = Timestamp(1_795_350_896_789);
    let timers =
        state::PsmTimers { periodic_tau: Some(Duration::from_secs(3600)), active_time: Duration::from_secs(10) };
    let edrx = state::Edrx { cycle: Duration::from_millis(81_920), ptw: Some(Duration::from_millis(1280)) };
    ModemState {
        id: "m0".into(),
        lifecycle: Lifecycle::Failed("the port answers nothing".into()),
        trouble: None,
        retry: Some(state::Retry {
            act: "activate",
            since: at,
            until: Some(at.after(Duration::from_secs(720))),
            reason: "ESM #27 missing or unknown APN, tried iot.test".into(),
            advice: "set another APN".into(),
        }),
        since: at,
        reachability: Reachability::Asleep {
            until: Some(at.after(Duration::from_secs(60))),
            wakes: state::Wakes::Pwrkey,
        },
        definition: "quectel-bg95".into(),
        identity: state::Identity {
            manufacturer: Some(Reading::new("Quectel".into(), at)),
            model: Some(Reading::new("BG95-M3".into(), at)),
            revision: Some(Reading::new("R1".into(), at)),
            imei: Some(Reading::new("350000000000006".parse().unwrap(), at)),
        },
        sim: state::Sim {
            state: Some(Reading::new(SimState::Ready, at)),
            iccid: Some(Reading::new(Private::new("89001012345678901234".parse().unwrap()), at)),
            imsi: Some(Reading::new(Private::new("001010123456789".parse().unwrap()), at)),
            pin_retries: Some(Reading::new(3, at)),
            puk_retries: Some(Reading::new(10, at)),
            home: Some(Reading::new("00101".parse().unwrap(), at)),
            spn: Some(Reading::new("Test".into(), at)),
            gid1: Some(Reading::new("A10F".into(), at)),
            policy: Some(state::SimPolicy {
                name: Some("10-meters".into()),
                why: "home network is 00101".into(),
                apns: vec!["iot.test".into()],
                source: "from the policy".into(),
                roaming: "no".into(),
                data: Some(state::DataPlan { limit: 5_000_000, warn_at: 80, cycle: state::Cycle::Monthly(1) }),
            }),
            slots: Some(Reading::new(
                vec![
                    state::Slot { number: 1, active: true, card: Some(true), iccid: None },
                    state::Slot {
                        number: 2,
                        active: false,
                        card: Some(true),
                        iccid: Some(Private::new("89001012345678901242".parse().unwrap())),
                    },
                ],
                at,
            )),
        },
        network: state::Network {
            registration: Some(Reading::new(Registration::Roaming, at)),
            rat: Some(Reading::new(Rat::LteM, at)),
            plmn: Some(Reading::new("00101".parse().unwrap(), at)),
            operator: Some(Reading::new("Test".into(), at)),
            tac: Some(Reading::new(0x1a2d, at)),
            cell_id: Some(Reading::new(0x0d4f_3c15, at)),
            pci: Some(Reading::new(42, at)),
            earfcn: Some(Reading::new(6300, at)),
            band: Some(Reading::new(20, at)),
            ce_level: Some(Reading::new(0, at)),
            rrc_connected: Some(Reading::new(false, at)),
            reject: Some(Reading::new(Cause { domain: Domain::Emm, number: 15 }, at)),
        },
        signal: Some(state::Signal {
            rsrp_dbm: Some(-97.3),
            rsrq_db: Some(-9.5),
            rssi_dbm: Some(-68.0),
            sinr_db: Some(12.2),
            read_at: at,
        }),
        power: state::Power {
            psm_requested: Some(timers),
            psm_granted: Some(Reading::new(Some(timers), at)),
            edrx_requested: Some(edrx),
            edrx_granted: Some(Reading::new(Some(edrx), at)),
            mico_requested: true,
            mico_accepted: Some(Reading::new(Accepted::As(true), at)),
            drx_requested: Some(DrxCycle::Frames256),
            drx_accepted: Some(Reading::new(Accepted::As(Some(DrxCycle::Frames128)), at)),
            next_window: Some(at),
        },
        bearers: vec![state::Bearer {
            context: 1,
            apn: "iot.test".parse().unwrap(),
            pdp_type: PdpType::Ipv4v6,
            active: true,
            addresses: vec!["10.0.0.2".parse().unwrap(), "2001:db8::2".parse().unwrap()],
            gateways: vec!["10.0.0.1".parse().unwrap()],
            dns: vec!["192.0.2.53".parse().unwrap()],
            mtu: Some(1358),
            interface: None,
        }],
        queue: full_queue(at),
        holds: vec![queue::Hold { id: 9, reason: "firmware update".into(), since: at, granted: true }],
    }
}

fn full_queue(at: Timestamp) -> queue::Queue {
    let (task, deadline) = (Task::SetPower, Some(at.after(Duration::from_secs(3600))));
    queue::Queue {
        waiting: vec![queue::Waiting { id: 7, task, wake: false, deadline, keep: true, entered: at }],
        ended: vec![queue::Ended {
            id: 6,
            task: Task::ReadSignal,
            outcome: Outcome::Expired,
            reason: Some("its deadline passed".into()),
            at,
        }],
    }
}

/// Every key of `value`, as paths; `read_at` maps, lists and nulls end a path.
fn keys(value: &Value, path: &str, into: &mut Vec<String>) {
    let Value::Object(object) = value else { return into.push(path.to_owned()) };
    for (key, value) in object {
        keys(value, &format!("{path}/{key}"), into);
    }
}

#[test]
fn documents_obey_the_schema() {
    let root = schema();
    let mut refused = full();
    refused.power.psm_granted = Some(Reading::new(None, Timestamp(1)));
    refused.power.edrx_granted = Some(Reading::new(None, Timestamp(1)));
    refused.power.mico_accepted = Some(Reading::new(Accepted::Unsupported, Timestamp(1)));
    refused.power.drx_accepted = Some(Reading::new(Accepted::As(None), Timestamp(1)));
    for state in [ModemState::default(), full(), refused] {
        for reveal in [Reveal::All, Reveal::Redacted] {
            let document = serde_json::to_value(Document::new(&state, reveal)).unwrap();
            assert_eq!(check(&root, &root, &document, "$"), Vec::<String>::new(), "{document:#}");
        }
    }
}

#[test]
fn uplinks_and_accounts_obey_the_schema() {
    let root = schema();
    let obeys = |name: &str, value: Value| check(&root, &root["$defs"][name], &value, name);
    let condition = uplink::Condition::NoDataPath("icmp:192.0.2.1: no answer within 15s".into());
    let member = uplink::Member { modem: Some("m0".into()), kind: "lte-m".into(), condition, ..Default::default() };
    let decision = uplink::Decision { at: Timestamp(7), subject: "m0".into(), text: "down".into() };
    let state = uplink::UplinkState {
        members: vec![member],
        log: [decision].into(),
        since: Timestamp(7),
        ..uplink::UplinkState::default()
    };
    let document = super::uplink::Uplink::from(&state);
    assert_eq!(obeys("uplink", serde_json::to_value(&document).unwrap()), Vec::<String>::new());
    let blank = super::uplink::Uplink::from(&uplink::UplinkState::default());
    assert_eq!(obeys("uplink", serde_json::to_value(blank).unwrap()), Vec::<String>::new());
    let usage = (&uplink::Usage { limit: Some(5), ..uplink::Usage::default() }).into();
    let account = super::uplink::Account { account: "eth0".into(), usage };
    assert_eq!(obeys("account", serde_json::to_value(account).unwrap()), Vec::<String>::new());
    assert_ne!(obeys("account", serde_json::json!({ "account": "eth0" })), Vec::<String>::new());
    let again: super::uplink::Uplink = serde_json::from_str(&serde_json::to_string(&document).unwrap()).unwrap();
    assert_eq!(again, document);
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let root = schema();
    let good = serde_json::to_value(Document::new(&full(), Reveal::All)).unwrap();
    for (pointer, bad) in [
        ("/state", "online".into()),
        ("/since", "yesterday".into()),
        ("/network/tac", "1A2D".into()),
        ("/network/rat", "LTE-M".into()),
        ("/network/band", 0.into()),
        ("/power/psm/granted", 7.into()),
        ("/power/psm/granted/in_use", Value::Null),
        ("/bearers/0/context", (-1).into()),
    ] {
        let mut document = good.clone();
        *document.pointer_mut(pointer).unwrap() = bad;
        assert_eq!(check(&root, &root, &document, "$").len(), 1, "{pointer}");
    }
    for missing in ["id", "bearers", "signal"] {
        let mut document = good.clone();
        document.as_object_mut().unwrap().remove(missing);
        assert_eq!(check(&root, &root, &document, "$"), [format!("$: \"{missing}\" is missing")]);
    }
}

/// The keys that issue texts and scripts rely on.
#[test]
fn promised_keys_are_there_with_their_values() {
    let document = serde_json::to_value(Document::new(&full(), Reveal::All)).unwrap();
    for (pointer, wanted) in [
        ("/id", Value::from("m0")),
        ("/state", "failed".into()),
        ("/state_reason", "the port answers nothing; waiting until 12:46Z".into()),
        ("/retry/until", "2026-11-22T12:46:56.789Z".into()),
        ("/sim/policy/name", "10-meters".into()),
        ("/since", "2026-11-22T12:34:56.789Z".into()),
        ("/reachability", "asleep".into()),
        ("/asleep_until", "2026-11-22T12:35:56.789Z".into()),
        ("/definition", "quectel-bg95".into()),
        ("/identity/manufacturer", "Quectel".into()),
        ("/identity/model", "BG95-M3".into()),
        ("/identity/revision", "R1".into()),
        ("/identity/imei", "350000000000006".into()),
        ("/identity/read_at/imei", "2026-11-22T12:34:56.789Z".into()),
        ("/sim/state", "ready".into()),
        ("/sim/iccid", "89001012345678901234".into()),
        ("/sim/imsi", "001010123456789".into()),
        ("/sim/pin_retries", 3.into()),
        ("/network/registration", "roaming".into()),
        ("/network/rat", "lte-m".into()),
        ("/network/plmn", "00101".into()),
        ("/network/operator", "Test".into()),
        ("/network/tac", 6701.into()),
        ("/network/cell_id", 223_296_533.into()),
        ("/network/band", 20.into()),
        ("/network/pci", 42.into()),
        ("/network/earfcn", 6300.into()),
        ("/network/ce_level", 0.into()),
        ("/network/rrc_connected", false.into()),
        ("/network/reject/cause", 15.into()),
        ("/network/reject/domain", "emm".into()),
        // TS 24.301 clause 9.9.3.9
        ("/network/reject/name", "No suitable cells in tracking area".into()),
        ("/network/reject/class", "tracking-area".into()),
        ("/signal/rsrp_dbm", (-97.3).into()),
        ("/signal/rsrq_db", (-9.5).into()),
        ("/signal/rssi_dbm", (-68.0).into()),
        ("/signal/sinr_db", 12.2.into()),
        ("/signal/read_at", "2026-11-22T12:34:56.789Z".into()),
        ("/power/psm/requested/periodic_tau_s", 3600.into()),
        ("/power/psm/requested/active_time_s", 10.into()),
        ("/power/psm/granted/periodic_tau_s", 3600.into()),
        ("/power/psm/granted/active_time_s", 10.into()),
        ("/power/psm/granted/in_use", true.into()),
        ("/power/edrx/requested/cycle_s", 81.92.into()),
        ("/power/edrx/granted/cycle_s", 81.92.into()),
        ("/power/edrx/granted/ptw_s", 1.28.into()),
        ("/power/mico/requested", true.into()),
        ("/power/mico/accepted/enabled", true.into()),
        ("/power/drx/requested_s", 2.56.into()),
        ("/power/drx/accepted/cycle_s", 1.28.into()),
        ("/power/next_window", "2026-11-22T12:34:56.789Z".into()),
        ("/bearers/0/context", 1.into()),
        ("/bearers/0/apn", "iot.test".into()),
        ("/bearers/0/pdp_type", "ipv4v6".into()),
        ("/bearers/0/active", true.into()),
        ("/bearers/0/addresses", vec!["10.0.0.2", "2001:db8::2"].into()),
        ("/bearers/0/gateways", vec!["10.0.0.1"].into()),
        ("/bearers/0/dns", vec!["192.0.2.53"].into()),
        ("/bearers/0/mtu", 1358.into()),
        ("/bearers/0/interface", Value::Null),
        ("/queue/waiting/0/id", 7.into()),
        ("/queue/waiting/0/task", "set-power".into()),
        ("/queue/waiting/0/deadline", "2026-11-22T13:34:56.789Z".into()),
        ("/queue/waiting/0/keep", true.into()),
        ("/queue/ended/0/outcome", "expired".into()),
        ("/queue/ended/0/reason", "its deadline passed".into()),
        ("/holds/0/reason", "firmware update".into()),
    ] {
        assert_eq!(document.pointer(pointer), Some(&wanted), "{pointer}");
    }
}

#[test]
fn keys_are_present_before_anything_is_known() {
    let (mut empty, mut known) = (vec![], vec![]);
    let state = ModemState { id: "m0".into(), ..ModemState::default() };
    keys(&serde_json::to_value(Document::new(&state, Reveal::All)).unwrap(), "", &mut empty);
    keys(&serde_json::to_value(Document::new(&full(), Reveal::All)).unwrap(), "", &mut known);
    // Objects that are null as a whole while unknown: the refusal, what was asked for, what was granted.
    for path in [
        "/retry",
        "/sim/policy",
        "/sim/slots/",
        "/network/reject",
        "/power/psm/requested",
        "/power/psm/granted",
        "/power/edrx/requested",
        "/power/edrx/granted",
        "/power/mico/accepted",
        "/power/drx/accepted",
    ] {
        // Entries of a list are not there before there are any.
        assert!(path.ends_with('/') || empty.iter().any(|key| key == path), "{path}");
        known.retain(|key| !key.starts_with(path));
        empty.retain(|key| key != path);
    }
    assert_eq!(empty, known);
}

#[test]
fn not_read_differs_from_not_granted() {
    let mut state = full();
    let granted =
        |state: &ModemState| serde_json::to_value(Document::new(state, Reveal::All).power.psm.granted).unwrap();
    state.power.psm_granted = None;
    assert_eq!(granted(&state), Value::Null);
    state.power.psm_granted = Some(Reading::new(None, Timestamp(1)));
    let refused = serde_json::json!({ "in_use": false, "periodic_tau_s": null, "active_time_s": null });
    assert_eq!(granted(&state), refused);
}

#[test]
fn redaction_hides_personal_data_alone() {
    let text = serde_json::to_string(&Document::new(&full(), Reveal::Redacted)).unwrap();
    assert!(!text.contains("001010123456789") && !text.contains("89001012345678901234"), "{text}");
    assert!(text.contains(r#""imsi":"<redacted>""#) && text.contains("350000000000006"), "{text}");
    let unknown = Document::new(&ModemState::default(), Reveal::Redacted);
    assert_eq!(unknown.sim.imsi, None);
}

#[test]
fn a_document_survives_the_wire() {
    for state in [ModemState::default(), full()] {
        let document = Document::new(&state, Reveal::All);
        let text = serde_json::to_string(&document).unwrap();
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document);
    }
}
