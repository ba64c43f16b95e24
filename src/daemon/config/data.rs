//! How packets of a bearer reach the machine: keys of `[[modem]]` and `[[modem.bearer]]`.

use std::path::PathBuf;

use toml::de::DeValue;

use super::report::Place;
use super::section::{Section, keys, wrong_type};
use super::{BearerConfig, Context, DataConfig, PortChoice, modem};
use crate::net::path::DataKind;
use crate::net::plan::METRIC;
use crate::port::PortSpec;

/// Context ids that modems have (TS 27.007 clause 10.1.1).
const CONTEXTS: std::ops::RangeInclusive<u32> = 0..=16;

/// The keys of the first bearer, which stand beside those of the modem.
pub fn read(section: &mut Section<'_, '_>, port: Option<&PortChoice>) -> DataConfig {
    let (data_place, ppp_place) = (section.find("data"), section.find("ppp_port"));
    let mut data = common(section);
    data.ppp_port = section.string("ppp_port").and_then(|text| {
        let parsed = text.parse::<PortSpec>().map_err(|error| error.to_string());
        section.sound("ppp_port", ppp_place?, parsed.and_then(serial))
    });
    if let (DataKind::Ppp, Some(place), None) = (data.kind, data_place, &data.ppp_port) {
        data.ppp_port = section.sound("data", place, command_line(port));
        data.dial = data.ppp_port.is_some();
    }
    // The interface of a USB modem is found by itself.
    let nameless = data.kind == DataKind::Interface && data.interface.is_none();
    if let (true, Some(place), Some(PortChoice::At(_))) = (nameless, data_place, port) {
        section.report.error(place.problem("data: name the network interface, such as interface = \"wwan0\""));
    }
    data
}

fn serial(spec: PortSpec) -> Result<PortSpec, String> {
    match spec {
        PortSpec::Tty { .. } => Ok(spec),
        other => Err(format!("{other} is no serial line; pppd needs one such as /dev/ttyUSB3")),
    }
}

/// The line that takes commands, for a modem that has no other.
fn command_line(port: Option<&PortChoice>) -> Result<PortSpec, String> {
    let advice = "name the line for data with ppp_port = \"/dev/ttyUSB3\"";
    match port {
        Some(PortChoice::At(at)) => match at.parse() {
            Ok(spec @ PortSpec::Tty { .. }) => Ok(spec),
            _ => Err(format!("PPP needs a serial line and {at:?} is none; {advice}")),
        },
        _ => Err(format!("PPP needs a serial line; {advice}")),
    }
}

/// What every bearer has.
fn common(section: &mut Section<'_, '_>) -> DataConfig {
    let default = DataConfig::default();
    let kind = section.parsed("data").unwrap_or(default.kind);
    let interface_place = section.find("interface");
    let interface = section.string("interface").and_then(|n| section.sound("interface", interface_place?, name(n)));
    let hook_place = section.find("hook");
    let hook = section.string("hook").and_then(|path| section.sound("hook", hook_place?, absolute(path)));
    let metric = section.number("metric", 1..=1_000_000).unwrap_or(METRIC);
    DataConfig {
        kind,
        interface,
        dhcp: section.flag("dhcp").unwrap_or(default.dhcp),
        metric: section.flag("default_route").unwrap_or(true).then_some(metric),
        manage: section.flag("manage_network").unwrap_or(default.manage),
        hook,
        ..default
    }
}

fn name(text: String) -> Result<String, String> {
    let good = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && !b"/%:".contains(&b));
    let good = good && text != "." && text != "..";
    if good { Ok(text) } else { Err(format!("{text:?} is no name of a network interface; `ip link` lists them")) }
}

fn absolute(text: String) -> Result<PathBuf, String> {
    let good = text.starts_with('/') && !text.contains('\0');
    if good { Ok(text.into()) } else { Err(format!("{text:?} is no absolute path; write \"/usr/lib/...\"")) }
}

/// `[[modem.bearer]]`: contexts beside the first.
pub fn bearers(section: &mut Section<'_, '_>, port: Option<&PortChoice>, context: &Context<'_>) -> Vec<BearerConfig> {
    let Some(item) = section.item("bearer") else { return vec![] };
    let place = item.place;
    let DeValue::Array(tables) = item.value else {
        context.report.error(wrong_type(&item, "bearer", "a list, [[modem.bearer]] with two brackets,"));
        return vec![];
    };
    let mut found: Vec<BearerConfig> = vec![];
    for table in tables {
        let place = Place { offset: table.span().start, ..place };
        let DeValue::Table(table) = table.into_inner() else {
            context.report.error(place.problem("bearer is a list of something else; a list of tables is wanted"));
            continue;
        };
        let section = Section::new(place, keys(table, place.source), context.report);
        let Some(bearer) = bearer(section, port, context) else { continue };
        if found.iter().any(|other| other.context == bearer.context) {
            let message = format!("context: {} is another bearer's already; each has its own", bearer.context);
            context.report.error(place.problem(message));
        }
        found.push(bearer);
    }
    found
}

fn bearer(mut section: Section<'_, '_>, port: Option<&PortChoice>, context: &Context<'_>) -> Option<BearerConfig> {
    let data_place = section.find("data");
    let data = common(&mut section);
    let cid_place = section.find("context");
    let cid = section.number("context", CONTEXTS);
    if cid.is_none() && cid_place.is_none() {
        section.report.error(section.place.problem("this bearer has no context; write one such as context = 2"));
    }
    let bearer = BearerConfig {
        context: cid.and_then(|cid| u8::try_from(cid).ok()).unwrap_or_default(),
        apn: section.parsed("apn").unwrap_or_default(),
        pdp_type: section.parsed("pdp_type").unwrap_or_default(),
        user: section.string("user"),
        password: modem::secret(&mut section, "password_file", context, Ok),
        data,
    };
    if let (DataKind::Ppp, Some(place)) = (bearer.data.kind, data_place) {
        section.report.error(place.problem("data: \"ppp\" is for the first bearer, one line carries one call"));
    }
    // By QMI and MBIM the link is made.
    let nameless = bearer.data.kind == DataKind::Interface && bearer.data.interface.is_none();
    if let (true, Some(place), Some(PortChoice::At(_))) = (nameless, data_place, port) {
        section.report.error(place.problem("data: name the network interface, such as interface = \"wwan1\""));
    }
    section.finish();
    cid.is_some().then_some(bearer)
}
