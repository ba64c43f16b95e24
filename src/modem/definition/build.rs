//! From a merged tree to the run-time object, with every mistake on the way.

use std::collections::BTreeMap;

use crate::modem::backend::{Protocol, Route};
use crate::spec::rat::Rat;

use super::problem::{Check, Problem};
use super::reader::{Reader, Section};
use super::tree::{Node, Value};
use super::{
    Capabilities, Definition, Matches, Pattern, PortRole, PowerSaving, Procedure, ProcedureName, Query, QueryName,
    RatChoice, SelectRats, Sleep, Slots, Timing, Urc, UrcKind, Window,
};

/// Queries without which a modem cannot be brought up.
const MANDATORY: [(QueryName, &str); 6] = [
    (QueryName::Model, "model"),
    (QueryName::Revision, "revision"),
    (QueryName::Imei, "imei"),
    (QueryName::Iccid, "iccid"),
    (QueryName::Imsi, "imsi"),
    (QueryName::Signal, "signal"),
];

/// GSMA TS.34 wants an attach attempt left alone for this long.
const SHORTEST_ATTACH: std::time::Duration = std::time::Duration::from_secs(300);

/// Builds the definition of the file `name` from its merged tree. With problems, the definition is not to be used.
pub(super) fn build(name: &str, tree: &Node) -> (Definition, Vec<Problem>) {
    let mut reader = Reader::default();
    let mut definition = Definition { name: name.to_owned(), ..Definition::default() };
    if let Some(mut root) = reader.section(tree, "") {
        definition.read(&mut root, &mut reader);
        for known_elsewhere in ["extends", "firmware"] {
            root.take(known_elsewhere);
        }
        definition.check(&root, &mut reader);
        root.finish(&mut reader);
    }
    definition.unverified = reader.unverified;
    (definition, reader.problems)
}

impl Definition {
    fn read(&mut self, root: &mut Section<'_>, reader: &mut Reader) {
        self.title = root.require(reader, "title", Reader::text).unwrap_or_default();
        self.manufacturer = root.read(reader, "manufacturer", Reader::text);
        self.matches = root.read(reader, "match", matches).unwrap_or_default();
        self.ports = root.read(reader, "ports", ports).unwrap_or_default();
        self.capabilities = root.require(reader, "capabilities", capabilities).unwrap_or_default();
        self.routes = root.read(reader, "routes", |r, n, p| named(r, n, p, route)).unwrap_or_default();
        self.timing = root.read(reader, "timing", timing).unwrap_or_default();
        self.act = root.read(reader, "act", act).unwrap_or_default();
        self.rat_words = root.read(reader, "rat-names", rat_words).unwrap_or_default();
        self.queries = root.read(reader, "query", |r, n, p| named(r, n, p, query)).unwrap_or_default();
        let own = &self.capabilities.rats;
        self.select_rats = root.read(reader, "select-rats", |r, n, p| select_rats(r, n, p, own));
        self.power = root.read(reader, "power", |r, n, p| power(r, n, p, own)).unwrap_or_default();
        self.slots = root.read(reader, "slots", slots);
        self.procedures = root.read(reader, "procedure", |r, n, p| named(r, n, p, procedure)).unwrap_or_default();
        self.subscribe = root.read(reader, "subscribe", commands).unwrap_or_default();
        self.urcs = root.read(reader, "urc", urcs).unwrap_or_default();
        self.sleep = root.read(reader, "sleep", sleep).unwrap_or_default();
    }

    /// What only the whole file can tell.
    fn check(&self, root: &Section<'_>, reader: &mut Reader) {
        for (query, name) in MANDATORY {
            if !self.queries.contains_key(&query) {
                let what = "this question must be there, here or in a parent file such as generic";
                reader.problem(&root.place, &format!("query.{name}"), Check::Missing, what);
            }
        }
        if self.manufacturer.is_none() && !self.queries.contains_key(&QueryName::Manufacturer) {
            let what = "either this question or the key \"manufacturer\" must be there";
            reader.problem(&root.place, "query.manufacturer", Check::Missing, what);
        }
    }
}

/// A table whose keys are the words of an enumeration, each entry read with `read`.
fn named<K, V>(
    reader: &mut Reader,
    node: &Node,
    path: &str,
    mut read: impl FnMut(&mut Reader, &Node, &str, K) -> Option<V>,
) -> Option<BTreeMap<K, V>>
where
    K: Copy + Ord + for<'d> serde::Deserialize<'d>,
{
    let mut section = reader.section(node, path)?;
    let mut entries = BTreeMap::new();
    for (key, node) in section.take_all() {
        let path = section.path_of(key);
        let Some(name) = reader.word_of(key, &node.place, &path, Check::UnknownKey) else { continue };
        if let Some(value) = read(reader, node, &path, name) {
            entries.insert(name, value);
        }
    }
    Some(entries)
}

fn commands(reader: &mut Reader, node: &Node, path: &str) -> Option<Vec<String>> {
    Some(reader.list(node, path, |reader, node, path| reader.command(node, path, &[])))
}

fn matches(reader: &mut Reader, node: &Node, path: &str) -> Option<Matches> {
    let mut section = reader.section(node, path)?;
    let usb = section.read(reader, "usb", |r, n, p| Some(r.list(n, p, usb_id))).unwrap_or_default();
    let model = section.read(reader, "model", |r, n, p| Some(r.list(n, p, Reader::text))).unwrap_or_default();
    section.finish(reader);
    Some(Matches { usb, model })
}

fn usb_id(reader: &mut Reader, node: &Node, path: &str) -> Option<String> {
    let text = reader.text(node, path)?;
    let hex = |part: &str| part.len() == 4 && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if text.split_once(':').is_some_and(|(vendor, product)| hex(vendor) && hex(product)) {
        return Some(text);
    }
    let what = format!("{text:?} is no USB id; write vid:pid in lower-case hexadecimal, such as 2c7c:0700");
    reader.problem(&node.place, path, Check::BadValue, what);
    None
}

fn ports(reader: &mut Reader, node: &Node, path: &str) -> Option<BTreeMap<u8, PortRole>> {
    let mut section = reader.section(node, path)?;
    let mut ports = BTreeMap::new();
    for (key, node) in section.take_all() {
        let path = section.path_of(key);
        let role = reader.word(node, &path);
        match (key.parse::<u8>(), role) {
            (Ok(number), Some(role)) => drop(ports.insert(number, role)),
            (Err(_), _) => {
                let what = format!("{key:?} is no USB interface number; 0 to 255 is allowed");
                reader.problem(&node.place, &path, Check::UnknownKey, what);
            }
            (Ok(_), None) => {}
        }
    }
    Some(ports)
}

fn capabilities(reader: &mut Reader, node: &Node, path: &str) -> Option<Capabilities> {
    let mut s = reader.section(node, path)?;
    let rats = s.require(reader, "rats", |r, n, p| Some(r.list(n, p, Reader::word))).unwrap_or_default();
    let edrx = s.require(reader, "edrx", |r, n, p| Some(own_rats(r, n, p, &rats))).unwrap_or_default();
    let capabilities = Capabilities {
        psm: s.require(reader, "psm", Reader::flag).unwrap_or_default(),
        default_context: s.require(reader, "default-context", |r, n, p| r.number(n, p, 15)).unwrap_or_default(),
        echo: s.require(reader, "echo", Reader::flag).unwrap_or_default(),
        cereg: s.require(reader, "cereg", |r, n, p| r.number(n, p, 5)).unwrap_or_default(),
        radio_off: s.require(reader, "radio-off", |r, n, p| r.number(n, p, 127)).unwrap_or_default(),
        cgcontrdp_addresses: s.require(reader, "cgcontrdp-addresses", Reader::flag).unwrap_or_default(),
        activate: s.require(reader, "activate", Reader::flag).unwrap_or_default(),
        chain: s.read(reader, "chain", Reader::flag).unwrap_or_default(),
        rats,
        edrx,
    };
    s.finish(reader);
    Some(capabilities)
}

fn route(reader: &mut Reader, node: &Node, path: &str, _: Route) -> Option<Protocol> {
    reader.word(node, path)
}

/// Technologies, all of them among `own`.
fn own_rats(reader: &mut Reader, node: &Node, path: &str, own: &[Rat]) -> Vec<Rat> {
    let rats: Vec<Rat> = reader.list(node, path, Reader::word);
    for (i, rat) in rats.iter().enumerate() {
        foreign(reader, node, path, *rat, own);
        if rats.get(..i).is_some_and(|before| before.contains(rat)) {
            let what = format!("\"{}\" stands here twice", rat.name());
            reader.problem(&node.place, path, Check::BadValue, what);
        }
    }
    rats
}

/// Tells if `rat` is none of `own`.
fn foreign(reader: &mut Reader, node: &Node, path: &str, rat: Rat, own: &[Rat]) {
    if !own.contains(&rat) {
        let names: Vec<&str> = own.iter().map(|rat| rat.name()).collect();
        let what = format!("\"{}\" is not in capabilities.rats: {}", rat.name(), names.join(", "));
        reader.problem(&node.place, path, Check::ForeignRat, what);
    }
}

fn timing(reader: &mut Reader, node: &Node, path: &str) -> Option<Timing> {
    let mut s = reader.section(node, path)?;
    let mut timing = Timing::default();
    for (key, slot) in [
        ("boot", &mut timing.boot),
        ("command", &mut timing.command),
        ("cfun", &mut timing.cfun),
        ("attach", &mut timing.attach),
        ("activate", &mut timing.activate),
        ("scan", &mut timing.scan),
    ] {
        *slot = s.read(reader, key, Reader::span).unwrap_or(*slot);
    }
    if timing.attach < SHORTEST_ATTACH {
        reader.problem(&s.place, &s.path_of("attach"), Check::BadValue, "five minutes is the shortest allowed (TS.34)");
    }
    s.finish(reader);
    Some(timing)
}

fn act(reader: &mut Reader, node: &Node, path: &str) -> Option<BTreeMap<i64, Rat>> {
    let mut section = reader.section(node, path)?;
    let mut act = BTreeMap::new();
    for (key, node) in section.take_all() {
        let path = section.path_of(key);
        let Some(rat) = reader.word(node, &path) else { continue };
        // Some firmware says -1; nothing above two digits was ever assigned.
        match key.parse::<i64>().ok().filter(|number| (-1..=99).contains(number)) {
            Some(number) => drop(act.insert(number, rat)),
            None => {
                let what = format!("{key:?} is no <AcT>; a number from -1 to 99 is allowed");
                reader.problem(&node.place, &path, Check::UnknownKey, what);
            }
        }
    }
    Some(act)
}

fn rat_words(reader: &mut Reader, node: &Node, path: &str) -> Option<BTreeMap<Rat, Vec<String>>> {
    named(reader, node, path, |r, n, p, _: Rat| Some(r.list(n, p, Reader::text)))
}

fn query(reader: &mut Reader, node: &Node, path: &str, _: QueryName) -> Option<Query> {
    let mut section = reader.section(node, path)?;
    let send = section.require(reader, "send", |r, n, p| r.command(n, p, &[]));
    let lines = section.require(reader, "line", |r, n, p| Some(r.list(n, p, Reader::pattern)));
    let unprefixed = section.read(reader, "unprefixed", Reader::flag).unwrap_or_default();
    let time_out = section.read(reader, "time-out", Reader::span);
    section.finish(reader);
    Some(Query { send: send?, lines: lines?, unprefixed, time_out })
}

fn select_rats(reader: &mut Reader, node: &Node, path: &str, own: &[Rat]) -> Option<SelectRats> {
    let mut section = reader.section(node, path)?;
    let read = section.require(reader, "read", commands).unwrap_or_default();
    let effect = section.read(reader, "effect", Reader::word).unwrap_or_default();
    let choices = section.require(reader, "choice", |r, n, p| {
        Some(r.list(n, p, |r, n, p| Some((n.place.clone(), choice(r, n, p, own, read.len())?))))
    });
    let mut kept: Vec<RatChoice> = Vec::new();
    for (place, choice) in choices.unwrap_or_default() {
        if kept.iter().any(|before| before.rats == choice.rats) {
            let names: Vec<&str> = choice.rats.iter().map(|rat| rat.name()).collect();
            let what = format!("the choice {} is there already", names.join(", "));
            reader.problem(&place, &section.path_of("choice"), Check::DuplicateChoice, what);
        }
        kept.push(choice);
    }
    section.finish(reader);
    Some(SelectRats { read, effect, choices: kept })
}

fn choice(reader: &mut Reader, node: &Node, path: &str, own: &[Rat], reads: usize) -> Option<RatChoice> {
    let mut section = reader.section(node, path)?;
    let rats = section.require(reader, "rats", |r, n, p| Some(own_rats(r, n, p, own))).unwrap_or_default();
    let set = section.require(reader, "set", |r, n, p| Some(r.list(n, p, |r, n, p| step(r, n, p, &[]))));
    let holds = section.require(reader, "holds", |r, n, p| Some(r.list(n, p, Reader::pattern))).unwrap_or_default();
    if holds.len() != reads {
        let what = format!("{} lines for the {reads} of select-rats.read; one each is wanted, in order", holds.len());
        reader.problem(&section.place, &section.path_of("holds"), Check::BadValue, what);
    }
    section.finish(reader);
    Some(RatChoice { rats, set: set?, holds })
}

/// A command line, with a `?` before it if it may fail.
fn step(reader: &mut Reader, node: &Node, path: &str, known: &[&str]) -> Option<String> {
    let text = reader.text(node, path)?;
    let Some(command) = text.strip_prefix('?') else { return reader.command(node, path, known) };
    let node = Node { value: Value::Text(command.to_owned()), place: node.place.clone() };
    reader.command(&node, path, known).map(|_| text)
}

fn procedure(reader: &mut Reader, node: &Node, path: &str, name: ProcedureName) -> Option<Procedure> {
    let mut section = reader.section(node, path)?;
    let steps = |r: &mut Reader, n: &Node, p: &str| Some(r.list(n, p, |r, n, p| step(r, n, p, name.placeholders())));
    let steps = section.require(reader, "steps", steps);
    let bands = section.read(reader, "bands", Reader::word).unwrap_or_default();
    section.finish(reader);
    Some(Procedure { steps: steps?, bands })
}

fn power(reader: &mut Reader, node: &Node, path: &str, own: &[Rat]) -> Option<PowerSaving> {
    let mut section = reader.section(node, path)?;
    let psm_toggle = section.read(reader, "psm-toggle", Reader::flag).unwrap_or_default();
    let window = section.read(reader, "window", |r, n, p| window(r, n, p, own));
    section.finish(reader);
    Some(PowerSaving { psm_toggle, window })
}

fn window(reader: &mut Reader, node: &Node, path: &str, own: &[Rat]) -> Option<Window> {
    let mut section = reader.section(node, path)?;
    let known = Window::PLACEHOLDERS;
    let set = section.require(reader, "set", |r, n, p| Some(r.list(n, p, |r, n, p| step(r, n, p, known))));
    let read = section.read(reader, "read", |r, n, p| r.command(n, p, &[]));
    let holds = match read {
        Some(_) => section.require(reader, "holds", |r, n, p| r.template(n, p, known)),
        None => None,
    };
    let reboot = section.read(reader, "reboot", Reader::flag).unwrap_or_default();
    let act = section.read(reader, "act", |r, n, p| named(r, n, p, |r, n, p, rat| act_type(r, n, p, rat, own)));
    section.finish(reader);
    Some(Window { set: set?, read, holds: holds.unwrap_or_default(), reboot, act: act.unwrap_or_default() })
}

/// More than any module has; a number by mistake would make a long list.
const MOST_SLOTS: u8 = 8;

fn slots(reader: &mut Reader, node: &Node, path: &str) -> Option<Slots> {
    let mut section = reader.section(node, path)?;
    let known = Slots::PLACEHOLDERS;
    let count = section.require(reader, "count", |r, n, p| r.number(n, p, MOST_SLOTS));
    let steps = section.require(reader, "use", |r, n, p| Some(r.list(n, p, |r, n, p| step(r, n, p, known))));
    let read = section.read(reader, "read", |r, n, p| r.command(n, p, &[]));
    let holds = match read {
        Some(_) => section.require(reader, "holds", |r, n, p| r.template(n, p, known)),
        None => None,
    };
    section.finish(reader);
    Some(Slots { count: count?, steps: steps?, read, holds: holds.unwrap_or_default() })
}

fn act_type(reader: &mut Reader, node: &Node, path: &str, rat: Rat, own: &[Rat]) -> Option<u8> {
    foreign(reader, node, path, rat, own);
    reader.number(node, path, 99)
}

/// Notices in the order of their kinds, so that [`UrcKind::Ignore`] comes last, and as written within a kind.
fn urcs(reader: &mut Reader, node: &Node, path: &str) -> Option<Vec<Urc>> {
    let kinds = named(reader, node, path, |reader, node, path, kind: UrcKind| {
        Some(notice(reader, node, path).into_iter().map(|pattern| Urc { kind, pattern }).collect::<Vec<_>>())
    })?;
    Some(kinds.into_values().flatten().collect())
}

/// `"RDY"`, `["RDY", "Ready"]`, or a table with `line` for the sake of its mark `verified`.
fn notice(reader: &mut Reader, node: &Node, path: &str) -> Vec<Pattern> {
    let Value::Table(_) = node.value else { return reader.list(node, path, Reader::pattern) };
    let Some(mut section) = reader.section(node, path) else { return Vec::new() };
    let lines = section.require(reader, "line", |r, n, p| Some(r.list(n, p, Reader::pattern)));
    section.finish(reader);
    lines.unwrap_or_default()
}

fn sleep(reader: &mut Reader, node: &Node, path: &str) -> Option<Sleep> {
    let mut section = reader.section(node, path)?;
    let wake = section.read(reader, "wake", Reader::word).unwrap_or_default();
    let reboots = section.read(reader, "reboots", Reader::flag).unwrap_or_default();
    let deaf_after = section.read(reader, "deaf-after", Reader::span);
    let pulse = section.read(reader, "pulse", Reader::span);
    section.finish(reader);
    Some(Sleep { wake, reboots, deaf_after, pulse })
}
