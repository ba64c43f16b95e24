//! Lines of one maker: read with the patterns of model files.

use std::time::Duration;

use crate::cli::words;
use crate::modem::definition::{Definition, Pattern, ProcedureName, QueryName, UrcKind};
use crate::private::REDACTED;
use crate::state::fact::Fact;

use super::{Body, Explanation, Models};

/// What an answer or a notice says that a model file has a pattern for; the one that says most counts.
pub fn line(line: &str, models: &Models<'_>) -> Option<Explanation> {
    let mut best: Option<(usize, Explanation)> = None;
    for definition in models.definitions {
        for (what, pattern) in patterns(definition) {
            let Some(facts) = pattern.parse(line, &definition.rat_names()) else { continue };
            if best.as_ref().is_none_or(|(count, _)| *count < facts.len()) {
                let (title, source) = (words::capital(what), definition.title.clone());
                best = Some((facts.len(), Explanation { title, source, body: body(&facts) }));
            }
        }
    }
    best.map(|(_, explanation)| explanation)
}

/// Every pattern by which a line can be recognised, known notices of no use to us last.
fn patterns(definition: &Definition) -> impl Iterator<Item = (&'static str, &Pattern)> {
    let answers = definition.queries.iter().flat_map(|(name, query)| {
        query.lines.iter().filter(|pattern| pattern.prefix().is_some()).map(|pattern| (query_words(*name), pattern))
    });
    let notices = |used: bool| {
        let urcs = definition.urcs.iter().filter(move |urc| (urc.kind != UrcKind::Ignore) == used);
        urcs.map(|urc| (notice_words(urc.kind), &urc.pattern))
    };
    answers.chain(notices(true)).chain(notices(false))
}

/// What a command does that a model file has.
pub fn command(line: &str, models: &Models<'_>) -> Option<Explanation> {
    let (what, definition) =
        models.definitions.iter().find_map(|definition| Some((purpose(line, definition)?, definition)))?;
    Some(Explanation { title: what, source: definition.title.clone(), body: Body::default() })
}

fn purpose(line: &str, definition: &Definition) -> Option<String> {
    let is = |other: &String| other.trim_start_matches('?').eq_ignore_ascii_case(line);
    if let Some((name, _)) = definition.queries.iter().find(|(_, query)| is(&query.send)) {
        return Some(format!("Ask for: {}", query_words(*name)));
    }
    if let Some(select) = &definition.select_rats {
        if select.read.iter().any(is) {
            return Some("Ask for: the choice of technologies".into());
        }
        if let Some(choice) = select.choices.iter().find(|choice| choice.set.iter().any(is)) {
            let rats: Vec<&str> = choice.rats.iter().map(|rat| rat.title()).collect();
            return Some(format!("One step to choose {}", rats.join(", then ")));
        }
    }
    if definition.subscribe.iter().any(is) {
        return Some("Ask to be told of changes".into());
    }
    let procedure = definition.procedures.iter().find(|(_, procedure)| procedure.steps.iter().any(is));
    procedure.map(|(name, _)| format!("One step to {}", procedure_words(*name)))
}

const fn query_words(name: QueryName) -> &'static str {
    match name {
        QueryName::Manufacturer => "maker",
        QueryName::Model => "model",
        QueryName::Revision => "firmware",
        QueryName::Imei => "IMEI",
        QueryName::Iccid => "identity of the SIM card",
        QueryName::Imsi => "IMSI",
        QueryName::PinRetries => "attempts left for SIM codes",
        QueryName::Signal => "signal",
        QueryName::ServingCell => "serving cell",
        QueryName::PsmGranted => "PSM as granted",
    }
}

const fn notice_words(kind: UrcKind) -> &'static str {
    match kind {
        UrcKind::Boot => "the modem has just started",
        UrcKind::Ready => "the modem can take commands",
        UrcKind::SimReady => "the SIM can be read",
        UrcKind::SimRemoved => "the SIM is gone, or not ready",
        UrcKind::PsmEntered => "the modem goes to sleep (PSM)",
        UrcKind::PsmExited => "the modem comes back from sleep (PSM)",
        UrcKind::Sleep => "the modem tells how long it sleeps",
        UrcKind::PoweredDown => "the modem goes off",
        UrcKind::Rrc => "RRC connection",
        UrcKind::Signal => "signal changed",
        UrcKind::PsmGranted => "PSM as granted",
        UrcKind::ContextLost => "a context went down",
        UrcKind::Ignore => "a notice that lpwa knows and has no use for",
    }
}

const fn procedure_words(name: ProcedureName) -> &'static str {
    match name {
        ProcedureName::Authenticate => "set the credentials of a context",
        ProcedureName::Activate => "bring a context up",
        ProcedureName::Deactivate => "take a context down",
        ProcedureName::SelectBands => "choose bands",
        ProcedureName::Reset => "restart the modem",
        ProcedureName::PowerOff => "switch the modem off",
        ProcedureName::StayAwake => "keep the modem from sleeping",
        ProcedureName::MaySleep => "let the modem sleep again",
        ProcedureName::NoMoreData => "tell the network that no more data is expected",
    }
}

fn body(facts: &[Fact]) -> Body {
    let mut body = Body::default();
    for fact in facts {
        let (name, value) = said(fact);
        body.add(name, &value, "");
    }
    body
}

/// A fact in words.
fn said(fact: &Fact) -> (&'static str, String) {
    let level = |value: &f32, unit: &str| format!("{} {unit}", words::decimal(f64::from(*value)));
    let seconds =
        |s: &Option<u32>| s.map_or_else(|| "not granted".into(), |s| words::span(Duration::from_secs(s.into())));
    let ms = |ms: u64| words::span(Duration::from_millis(ms));
    match fact {
        Fact::Manufacturer(text) => ("maker", text.clone()),
        Fact::Model(text) => ("model", text.clone()),
        Fact::Revision(text) => ("firmware", text.clone()),
        Fact::Imei(imei) => ("IMEI", imei.to_string()),
        Fact::Iccid(_) => ("ICCID", REDACTED.into()),
        Fact::Imsi(_) => ("IMSI", REDACTED.into()),
        Fact::PinRetries(left) => ("PIN attempts left", left.to_string()),
        Fact::PukRetries(left) => ("PUK attempts left", left.to_string()),
        Fact::Registration(state) => ("state", crate::cli::say::registration(state.name())),
        Fact::Rat(rat) => ("technology", rat.title().into()),
        Fact::Plmn(plmn) => ("network", plmn.to_string()),
        Fact::Operator(name) => ("operator", name.clone()),
        Fact::Tac(tac) => ("tracking area", format!("{tac:04X}")),
        Fact::CellId(cell) => ("cell", format!("{cell:08X}")),
        Fact::Pci(pci) => ("physical cell", pci.to_string()),
        Fact::Earfcn(channel) => ("channel", channel.to_string()),
        Fact::Band(band) => ("band", band.to_string()),
        Fact::CeLevel(level) => ("coverage level", level.to_string()),
        Fact::RrcConnected(true) => ("radio", "connected".into()),
        Fact::RrcConnected(false) => ("radio", "idle".into()),
        Fact::Rsrp(value) => ("RSRP", level(value, "dBm")),
        Fact::Rsrq(value) => ("RSRQ", level(value, "dB")),
        Fact::Rssi(value) => ("RSSI", level(value, "dBm")),
        Fact::Sinr(value) => ("SINR", level(value, "dB")),
        Fact::GrantedTau(tau) => ("periodic TAU", seconds(tau)),
        Fact::GrantedActive(active) => ("active time", seconds(active)),
        Fact::GrantedEdrx(cycle) => ("eDRX cycle", cycle.map_or_else(|| "not in use".into(), |cycle| ms(cycle.into()))),
        Fact::GrantedPtw(window) => ("paging window", ms((*window).into())),
        Fact::SleepFor(0) => ("sleep", "ends now".into()),
        Fact::SleepFor(length) => ("sleep", ms(*length)),
        Fact::Context(context) => ("context", context.to_string()),
    }
}
