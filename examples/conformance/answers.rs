//! Information lines.

use std::ops::RangeInclusive;

use lpwa::codec::at::FinalResult;
use lpwa::codec::at::answer::network::Operator;
use lpwa::codec::at::answer::{
    Malformed, clock, context, event, facility, identity, message, network, power, registration, sim,
};
use lpwa::codec::at::charset::Charset;
use lpwa::spec::apn::Apn;
use lpwa::spec::plmn::Plmn;
use lpwa::spec::{signal, sim_file};
use serde_json::{Value, json};

use super::lines::{final_result, notices};
use super::{Outcome, Params};

/// A request's text, and the lines in it that are not blank.
struct Text<'a> {
    whole: &'a str,
    lines: Vec<&'a str>,
    params: &'a Params,
}

/// A CR, an LF or both end a line, as the digester has it.
const LINE_ENDS: [char; 2] = ['\r', '\n'];

/// Operations on information lines.
pub fn run(op: &str, whole: &str, params: &Params) -> Outcome {
    let text = Text { whole, lines: whole.split(LINE_ENDS).filter(|line| !line.trim().is_empty()).collect(), params };
    registration_op(op, &text)
        .or_else(|| network_op(op, &text))
        .or_else(|| context_op(op, &text))
        .or_else(|| sim_op(op, &text))
        .or_else(|| file_op(op, &text))
        .or_else(|| facility_op(op, &text))
        .or_else(|| message_op(op, &text))
        .or_else(|| spec_op(op, &text))
}

impl<'a> Text<'a> {
    /// The only line of an answer.
    fn line(&self) -> &'a str {
        self.lines.first().copied().unwrap_or_default()
    }

    /// `parse` of the only line, as JSON.
    fn one<T>(&self, parse: impl Fn(&str) -> Result<T, Malformed>, show: impl Fn(T) -> Value) -> Outcome {
        Some(parse(self.line()).map(show).map_err(|e| e.to_string()))
    }

    /// `parse` of every line, as a JSON list with a name.
    fn many<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Malformed>, show: impl Fn(T) -> Value) -> Outcome {
        let values: Result<Vec<Value>, Malformed> = self.lines.iter().map(|line| parse(line).map(&show)).collect();
        Some(values.map(|values| json!({ key: values })).map_err(|e| e.to_string()))
    }
}

fn registration_op(op: &str, text: &Text<'_>) -> Outcome {
    let report = |report: registration::Report| {
        let area =
            if matches!(report.domain, registration::Domain::Cs | registration::Domain::Ps) { "lac" } else { "tac" };
        let command = report.domain.command().trim_start_matches('+');
        match report.act {
            Some(act) => {
                json!({"command": command, "stat": report.stat, area: report.area, "ci": report.cell, "act": act})
            }
            None => json!({"command": command, "stat": report.stat, area: report.area, "ci": report.cell,
                "access_technologies": []}),
        }
    };
    match op {
        "registration_read" => text.one(|line| registration::parse(line, text.params.solicited != Some(false)), report),
        "registration_urc" => {
            let urc = notices(text.whole).into_iter().next()?;
            let solicited = text.params.solicited == Some(true);
            Some(registration::parse(&urc, solicited).map(report).map_err(|e| e.to_string()))
        }
        "cgev_urc" => text.one(event::cgev, |event| {
            json!({"event": event.name(), "cid": event.cid, "p_cid": event.p_cid, "event_type": event.event_type,
                "pdp_type": event.pdp_type.map(|t| t.at_name()), "pdp_addr": event.address})
        }),
        _ => None,
    }
}

fn network_op(op: &str, text: &Text<'_>) -> Outcome {
    match op {
        "cops_read" => text.one(network::cops, |Operator { mode, format, operator, act }| match act {
            Some(act) => json!({"mode": mode, "format": format, "operator": operator, "act": act}),
            None => json!({"mode": mode, "format": format, "operator": operator, "access_technologies": []}),
        }),
        "cops_test" => {
            let charset: Charset = text.params.charset.as_deref().unwrap_or("ira").parse().ok()?;
            let found: Result<Vec<_>, Malformed> =
                text.lines.iter().map(|line| network::cops_test(line, charset)).collect();
            let found = found.map(|found| found.into_iter().flatten().map(found_json).collect::<Vec<_>>());
            Some(found.map(|found| json!({ "operators": found })).map_err(|e| e.to_string()))
        }
        "cpol_read" => text.one(network::cpol, |preferred| {
            let act = |at: usize| preferred.acts.get(at).copied().unwrap_or(false);
            json!({"index": preferred.index, "numeric": preferred.plmn.to_string(), "act_count": preferred.acts.len(),
                "gsm": act(0), "gsm_compact": act(1), "utran": act(2), "eutran": act(3), "ngran": act(4)})
        }),
        "cesq" => text.one(network::cesq, |cesq| {
            json!({"rxlev": cesq.rxlev, "ber": cesq.ber, "rscp": cesq.rscp, "ecn0": cesq.ecno, "rsrq": cesq.rsrq,
                "rsrp": cesq.rsrp})
        }),
        "cesq_signal" => text.one(network::cesq, |cesq| {
            let rssi = signal::rxlev_dbm(cesq.rxlev.into()).map(|rssi| json!({ "rssi": rssi }));
            let umts = signal::rscp_dbm(cesq.rscp.into()).zip(signal::ecno_db(cesq.ecno.into()));
            let lte = signal::rsrq_db(cesq.rsrq.into()).zip(signal::rsrp_dbm(cesq.rsrp.into()));
            json!({"gsm": rssi, "umts": umts.map(|(rscp, ecio)| json!({"rscp": rscp, "ecio": ecio})),
                "lte": lte.map(|(rsrq, rsrp)| json!({"rsrq": rsrq, "rsrp": rsrp}))})
        }),
        "ws46_test" => text.one(network::ws46_test, |modes| {
            let names = |generations: Vec<u8>| generations.iter().map(|g| format!("{g}g")).collect::<Vec<_>>();
            json!({"modes": modes.into_iter().map(|(_, generations)| names(generations)).collect::<Vec<_>>()})
        }),
        "cclk_read" => text.one(
            clock::cclk,
            |clock| json!({"timestamp": clock.to_string(), "utc_offset_minutes": clock.offset_minutes()}),
        ),
        "cfun_read" => text.one(power::cfun, |functionality| json!({"fun": functionality.level()})),
        "cfun_power_state" => match power::cfun(text.line()) {
            Ok(power::Functionality::Minimum) => Some(Ok(json!({"power_state": "off"}))),
            Ok(power::Functionality::Full) => Some(Ok(json!({"power_state": "on"}))),
            Ok(power::Functionality::RadioOff) => Some(Ok(json!({"power_state": "low"}))),
            other => Some(Err(format!("{other:?}"))),
        },
        _ => None,
    }
}

fn found_json(found: network::Found) -> Value {
    // A modem that does not tell <AcT> has only GSM (TS 27.007 §7.3 had none before).
    json!({"stat": found.stat, "long": found.long_name, "short": found.short_name, "numeric": found.plmn.to_string(),
        "act": found.act.unwrap_or(0)})
}

fn context_op(op: &str, text: &Text<'_>) -> Outcome {
    match op {
        "cgdcont_read" => text.many("contexts", context::cgdcont, |context| {
            json!({"cid": context.cid, "pdp_type": context.pdp_type.map(|t| t.at_name()), "apn": context.apn})
        }),
        "cgdcont_test" => {
            let ranges: Result<Vec<_>, Malformed> =
                text.lines.iter().map(|line| context::cgdcont_test(line)).collect();
            let range = |range: &context::ContextRange| {
                json!({"pdp_type": range.pdp_type.at_name(), "cid_min": range.cid_min, "cid_max": range.cid_max})
            };
            let ranges = ranges.map(|ranges| ranges.concat().iter().map(range).collect::<Vec<_>>());
            Some(ranges.map(|ranges| json!({ "ranges": ranges })).map_err(|e| e.to_string()))
        }
        "cgact_read" => {
            text.many("contexts", context::cgact, |(cid, active)| json!({"cid": cid, "state": u8::from(active)}))
        }
        "cgcontrdp" => text.one(context::cgcontrdp, |dynamic| {
            json!({"cid": dynamic.cid, "bearer_id": dynamic.bearer_id, "apn": dynamic.apn,
                "local_address": dynamic.addresses.first(), "subnet_mask": dynamic.subnet_mask,
                "gateway": dynamic.gateway, "dns_primary": dynamic.dns.first(), "dns_secondary": dynamic.dns.get(1)})
        }),
        _ => None,
    }
}

fn sim_op(op: &str, text: &Text<'_>) -> Outcome {
    match op {
        "cpin_read" => match final_result(&format!("{}\r\n", text.line())) {
            Some(FinalResult::Error(_)) => Some(Ok(json!({"lock": "unknown"}))),
            _ => text.one(sim::cpin, |pin| json!({"lock": pin.code().to_ascii_lowercase().replace(' ', "-")})),
        },
        "crsm" => text.one(sim::crsm, |card| json!({"sw1": card.sw1, "sw2": card.sw2, "data": card.data})),
        "csim_pin_retries" => Some(
            sim::csim(text.line())
                .map_err(|e| e.to_string())
                .and_then(|card| card.retries().map_err(|e| e.to_string()))
                .map(|retries| json!({ "retries": retries })),
        ),
        "cnum" => {
            let numbers: Result<Vec<_>, Malformed> = text.lines.iter().map(|line| identity::cnum(line)).collect();
            let numbers = numbers.map(|numbers| json!({"numbers": numbers.into_iter().flatten().collect::<Vec<_>>()}));
            Some(numbers.map_err(|e| e.to_string()))
        }
        "iccid" => {
            let iccid = identity::iccid(text.whole).map(|iccid| json!({"iccid": iccid.to_string()}));
            Some(iccid.ok_or_else(|| "no ICCID".to_owned()))
        }
        "gsn" => {
            let imei = identity::imei(text.whole).map(|imei| json!({"imei": imei.to_string()}));
            Some(imei.ok_or_else(|| "no IMEI".to_owned()))
        }
        _ => None,
    }
}

/// Files of the card, in hexadecimal digits.
fn file_op(op: &str, text: &Text<'_>) -> Outcome {
    let read = |shown: Option<Value>| Some(shown.ok_or_else(|| "the file does not tell it".to_owned()));
    let octets = sim_file::octets(text.whole.trim());
    match op {
        "ef_spn" => read(octets.and_then(|file| sim_file::spn(&file)).map(|name| json!({ "name": name }))),
        "ef_ad_mnc_length" => {
            read(octets.and_then(|file| sim_file::mnc_digits(&file)).map(|digits| json!({ "mnc_length": digits })))
        }
        "alpha_identifier" => {
            read(octets.and_then(|octets| sim_file::alpha(&octets)).map(|text| json!({"text": text, "decodes": true})))
        }
        _ => None,
    }
}

fn facility_op(op: &str, text: &Text<'_>) -> Outcome {
    match op {
        "cgerep_test" => text.one(facility::cgerep_test, |modes| json!({ "mode": modes })),
        "cmer_test" => text.one(facility::cmer_test, |cmer| json!({"mode": cmer.modes, "ind": cmer.indicators})),
        "cind_test" => text.one(facility::cind_test, |indicators| {
            let indicator = |i: &facility::Indicator| json!({"index": i.index, "name": i.name, "min": i.min, "max": i.max});
            json!({"indicators": indicators.iter().map(indicator).collect::<Vec<_>>()})
        }),
        "cscs_test" => text.one(facility::cscs_test, |names| {
            json!({"charsets": names.iter().map(|name| name.to_ascii_lowercase().replace("utf-8", "utf8")).collect::<Vec<_>>()})
        }),
        "cpms_test" => text.one(facility::cpms_test, |storages| {
            let [mem1, mem2, mem3] = storages.map(|mem| mem.iter().map(|s| s.code()).collect::<Vec<_>>());
            json!({"mem1": mem1, "mem2": mem2, "mem3": mem3})
        }),
        "cpms_read" => text.one(facility::cpms, |storages| {
            let [mem1, mem2, _] = storages.map(|mem| mem.storage.map(|s| s.code()));
            json!({"mem1": mem1, "mem2": mem2})
        }),
        _ => None,
    }
}

fn message_op(op: &str, text: &Text<'_>) -> Outcome {
    match op {
        "cds_urc" | "cbm_urc" => {
            let urcs = notices(text.whole);
            let message = message::delivered(urcs.first()?, urcs.get(1)?);
            Some(message.map(|m| json!({"length": m.length, "pdu": m.pdu})).map_err(|e| e.to_string()))
        }
        "cmgl_pdu" => {
            let message = |m: &message::Stored| json!({"index": m.index, "stat": m.stat, "pdu": m.pdu});
            let messages = message::cmgl(&text.lines).map(|m| m.iter().map(message).collect::<Vec<_>>());
            Some(messages.map(|messages| json!({ "messages": messages })).map_err(|e| e.to_string()))
        }
        "cmgr_pdu" => {
            Some(message::cmgr(&text.lines).map(|m| json!({"stat": m.stat, "pdu": m.pdu})).map_err(|e| e.to_string()))
        }
        "cscb_read" => text.one(message::cscb, |channels| {
            let channel = |range: &RangeInclusive<u16>| json!({"from": range.start(), "to": range.end()});
            json!({"channels": channels.iter().map(channel).collect::<Vec<_>>()})
        }),
        "channel_list" => {
            let channel = |range: &RangeInclusive<u16>| json!({"from": range.start(), "to": range.end()});
            let channels = message::channels(text.whole).map(|c| c.iter().map(channel).collect::<Vec<_>>());
            Some(channels.map(|channels| json!({ "channels": channels })).ok_or_else(|| "no channels".to_owned()))
        }
        _ => None,
    }
}

fn spec_op(op: &str, text: &Text<'_>) -> Outcome {
    match op {
        "apn_valid" => Some(Ok(json!({"valid": text.whole.parse::<Apn>().is_ok()}))),
        "normalize_operator" => {
            let charset: Charset = text.params.charset.as_deref()?.parse().ok()?;
            Some(Ok(json!({"operator": charset.decode(text.whole)})))
        }
        "parse_mccmnc" => {
            let plmn = text.whole.parse::<Plmn>().map_err(|e| e.to_string());
            let number = |digits: &str| digits.parse::<u16>().ok();
            Some(plmn.map(
                |plmn| json!({"mcc": number(&plmn.mcc()), "mnc": number(&plmn.mnc()), "mnc_length": plmn.mnc().len()}),
            ))
        }
        _ => None,
    }
}
