//! `status`, `list`, `show` and their smaller sisters: documents for people.

use crate::bus::client::Client;
use crate::spec::amount::Amount;
use crate::state::Timestamp;
use crate::state::json::{Bearer, Document, ReadAt, SimSlot, Time};

use super::args::Target;
use super::out::{Out, Tone, clean};
use super::table::{Cell, Table};
use super::{choose, now, plain, say, scales, words};

/// `status`: online or not, why not, what next.
pub async fn status(client: &Client, target: &Target, out: &mut Out) -> anyhow::Result<()> {
    let modems = choose::modems(client, target).await?;
    if out.json() {
        return out.value(&modems, false);
    }
    if modems.is_empty() {
        return Err(choose::none().into());
    }
    for doc in &modems {
        for line in status_lines(doc, now(), out) {
            out.line(&line)?;
        }
    }
    Ok(())
}

fn status_lines(doc: &Document, now: Timestamp, out: &Out) -> Vec<String> {
    let words = say::state_words(doc);
    let since = doc.since.map(|since| format!(" for {}", words::lasting(now, since.0))).unwrap_or_default();
    let id = out.paint(Tone::Strong, &clean(&doc.id));
    if words.tone == Tone::Good {
        let network = say::network(&doc.network).map(|network| format!(", {}", clean(&network))).unwrap_or_default();
        let up = doc.bearers.iter().filter(|bearer| bearer.active);
        let up: Vec<String> = up.map(|bearer| format!("data on {}", plain::bearer(bearer))).collect();
        let reach = say::reachability(doc, now);
        let second = say::join("; ", [Some(up.join("; ")), Some(reach)]).map(|text| format!("    {}", clean(&text)));
        let first = format!("{id}: {}{since}{network}", out.paint(Tone::Good, "online"));
        return std::iter::once(first).chain(second).collect();
    }
    let state = out.paint(words.tone, &format!("not online, {}", doc.state));
    let first = format!("{id}: {state}{since}: {}", clean(&say::why(doc)));
    let second = say::next(doc).map(|next| format!("    {} {}", out.paint(Tone::Dim, "next:"), clean(&next)));
    std::iter::once(first).chain(second).collect()
}

/// `list`: one line a modem.
pub async fn list(client: &Client, out: &mut Out) -> anyhow::Result<()> {
    let modems = client.list().await?;
    if out.json() {
        return out.value(&modems, false);
    }
    let mut table = Table::with_head(&["modem", "state", "model", "network", "data"]);
    for doc in &modems {
        let words = say::state_words(doc);
        let up = doc.bearers.iter().find(|bearer| bearer.active).map(plain::bearer);
        table.row(vec![
            Cell::new(&doc.id, Tone::Strong),
            Cell::new(&doc.state, words.tone),
            Cell::or_dash(doc.identity.model.as_ref().or(doc.definition.as_ref())),
            Cell::or_dash(say::network(&doc.network)),
            Cell::or_dash(up),
        ]);
    }
    Ok(table.print(out)?)
}

/// `show`: everything, in groups, with ages.
pub async fn show(client: &Client, target: &Target, out: &mut Out) -> anyhow::Result<()> {
    let doc = choose::modem(client, target).await?;
    groups(&doc, &[identity, sim, network, signal, power, data], out)
}

/// `sim show`.
pub async fn show_sim(client: &Client, target: &Target, out: &mut Out) -> anyhow::Result<()> {
    groups(&choose::modem(client, target).await?, &[sim], out)
}

/// `sim policy`.
pub async fn show_policy(client: &Client, target: &Target, out: &mut Out) -> anyhow::Result<()> {
    let doc = choose::modem(client, target).await?;
    if out.json() {
        return out.value(&doc.sim.policy, false);
    }
    let Some(policy) = &doc.sim.policy else {
        let why = say::why(&doc);
        out.line(&format!("{}: no card was read yet: {}", clean(&doc.id), clean(&why)))?;
        return Ok(());
    };
    let named = policy.name.as_ref().map(|name| format!("policy {name}: "));
    let first = format!("{}: {}{}", doc.id, named.unwrap_or_default(), policy.why);
    out.line(&clean(&first))?;
    let (_, rows) = policy_rows(&doc);
    Ok(rows.print(out)?)
}

fn policy_rows(doc: &Document) -> (&'static str, Rows) {
    let (sim, mut rows) = (&doc.sim, Rows::new());
    let mut row = |name, value| rows.value(name, value, Tone::Plain, None);
    if let Some(policy) = &sim.policy {
        let apn = |apn: &String| if apn.is_empty() { "network's default".to_owned() } else { apn.clone() };
        row("APNs", Some(policy.apns.iter().map(apn).collect::<Vec<_>>().join(", ")));
        row("from", Some(policy.source.strip_prefix("from ").unwrap_or(&policy.source).to_owned()));
        row("roaming", Some(policy.roaming.clone()));
        row("data limit", policy.data_limit.map(|octets| Amount(octets).to_string()));
    }
    row("home network", sim.home.clone());
    row("provider name", sim.spn.clone());
    row("GID1", sim.gid1.clone());
    ("Policy", rows)
}

/// A group of values: its title and its rows.
pub type Group = fn(&Document, Timestamp) -> (&'static str, Rows);

/// Prints `groups` of `doc`, or all of it as JSON.
pub fn groups(doc: &Document, groups: &[Group], out: &mut Out) -> anyhow::Result<()> {
    if out.json() {
        return out.value(doc, false);
    }
    for line in status_lines(doc, now(), out) {
        out.line(&line)?;
    }
    for group in groups {
        let (title, rows) = group(doc, now());
        if !rows.0.is_empty() {
            out.line(&out.paint(Tone::Strong, title))?;
            rows.0.print(out)?;
        }
    }
    Ok(())
}

/// Rows of name, value and age.
pub struct Rows(Table);

impl Rows {
    /// None yet.
    pub const fn new() -> Self {
        Self(Table::indented(2))
    }

    /// A value that was read at a time; one that is not known is left out.
    pub fn value(&mut self, name: &str, value: Option<String>, tone: Tone, age: Option<String>) {
        if let Some(value) = value {
            let age = Cell::new(age.unwrap_or_default(), Tone::Dim);
            self.0.row(vec![Cell::new(name, Tone::Dim), Cell::new(value, tone), age]);
        }
    }

    /// Values of one group, with the key of their reading time.
    fn read(&mut self, at: &ReadAt, now: Timestamp, values: Vec<(&str, &str, Option<String>)>) {
        for (name, key, value) in values {
            self.value(name, value, Tone::Plain, age(at, key, now));
        }
    }
}

fn age(at: &ReadAt, key: &str, now: Timestamp) -> Option<String> {
    at.get(key).copied().flatten().map(|Time(at)| words::ago(now, at))
}

fn identity(doc: &Document, now: Timestamp) -> (&'static str, Rows) {
    let (id, mut rows) = (&doc.identity, Rows::new());
    rows.value("model file", doc.definition.clone(), Tone::Plain, None);
    rows.read(
        &id.read_at,
        now,
        vec![
            ("maker", "manufacturer", id.manufacturer.clone()),
            ("model", "model", id.model.clone()),
            ("firmware", "revision", id.revision.clone()),
            ("IMEI", "imei", id.imei.clone()),
        ],
    );
    ("Identity", rows)
}

/// `in use`, `a card, 8988...`, `no card`.
fn slot_words(slot: &SimSlot) -> String {
    let card = match slot.card {
        Some(true) => Some("a card"),
        Some(false) => Some("no card"),
        None => None,
    };
    let words = slot.active.then_some("in use").into_iter().chain(card).chain(slot.iccid.as_deref());
    let words = words.collect::<Vec<_>>().join(", ");
    if words.is_empty() { "not in use".to_owned() } else { words }
}

fn sim(doc: &Document, now: Timestamp) -> (&'static str, Rows) {
    let (sim, mut rows) = (&doc.sim, Rows::new());
    rows.read(
        &sim.read_at,
        now,
        vec![
            ("state", "state", sim.state.as_ref().map(|state| state.replace('-', " "))),
            ("ICCID", "iccid", sim.iccid.clone()),
            ("IMSI", "imsi", sim.imsi.clone()),
            ("PIN attempts left", "pin_retries", sim.pin_retries.map(|left| left.to_string())),
            ("PUK attempts left", "puk_retries", sim.puk_retries.map(|left| left.to_string())),
        ],
    );
    for slot in &sim.slots {
        rows.value(&format!("slot {}", slot.slot), Some(slot_words(slot)), Tone::Plain, None);
    }
    let policy = sim.policy.as_ref().and_then(|policy| policy.name.as_ref().map(|name| (name, &policy.why)));
    rows.value("policy", policy.map(|(name, why)| format!("{name}, {why}")), Tone::Plain, None);
    ("SIM", rows)
}

fn network(doc: &Document, now: Timestamp) -> (&'static str, Rows) {
    let (net, mut rows) = (&doc.network, Rows::new());
    let rrc = net.rrc_connected.map(|up| if up { "connected" } else { "idle" }.to_owned());
    rows.read(
        &net.read_at,
        now,
        vec![
            ("registration", "registration", net.registration.as_deref().map(say::registration)),
            ("technology", "rat", net.rat.map(|rat| rat.title().to_owned())),
            ("network", "plmn", say::operator(net)),
            ("tracking area", "tac", net.tac.map(|tac| format!("{tac:04X} ({tac})"))),
            ("cell", "cell_id", net.cell_id.map(|cell| format!("{cell:08X} ({cell})"))),
            ("physical cell", "pci", net.pci.map(|pci| pci.to_string())),
            ("band", "band", net.band.map(|band| band.to_string())),
            ("channel", "earfcn", net.earfcn.map(|channel| channel.to_string())),
            ("coverage level", "ce_level", net.ce_level.map(|level| format!("{level} (0 is best)"))),
            ("radio connection", "rrc_connected", rrc),
        ],
    );
    let refused = net.reject.as_ref().map(|r| format!("{} cause {}, {}", r.domain.to_uppercase(), r.cause, r.name));
    rows.value("refused", refused, Tone::Bad, age(&net.read_at, "reject", now));
    ("Network", rows)
}

/// The signal, with the grade of each scale.
pub fn signal(doc: &Document, now: Timestamp) -> (&'static str, Rows) {
    let mut rows = Rows::new();
    let age = doc.signal.read_at.map(|Time(at)| words::ago(now, at));
    for scale in scales::scales(doc) {
        rows.value(scale.name, Some(scale.text()), scales::tone(scale.quality), age.clone());
    }
    ("Signal", rows)
}

/// What was asked for and granted, and the next window.
pub fn power(doc: &Document, now: Timestamp) -> (&'static str, Rows) {
    let (power, mut rows) = (&doc.power, Rows::new());
    let (psm, edrx) = (say::psm_of(doc), say::edrx(&power.edrx));
    rows.value("PSM, TAU / active", Some(psm.line()), psm.tone, age(&power.read_at, "psm_granted", now));
    rows.value("eDRX, cycle / window", Some(edrx.line()), edrx.tone, age(&power.read_at, "edrx_granted", now));
    for (name, grant, reading) in
        [("MICO mode", say::mico(&power.mico), "mico_accepted"), ("5G DRX cycle", say::drx(&power.drx), "drx_accepted")]
    {
        if let Some(grant) = grant {
            rows.value(name, Some(grant.line()), grant.tone, age(&power.read_at, reading, now));
        }
    }
    rows.value("modem", Some(say::reachability(doc, now)).filter(|text| !text.is_empty()), Tone::Plain, None);
    let window = power.next_window.map(|window| words::ahead(now, window.0));
    rows.value("next window", window, Tone::Plain, None);
    ("Power saving", rows)
}

fn data(doc: &Document, _: Timestamp) -> (&'static str, Rows) {
    let mut rows = Rows::new();
    doc.bearers.iter().for_each(|bearer| context(&mut rows, bearer));
    ("Data", rows)
}

fn context(rows: &mut Rows, bearer: &Bearer) {
    let list = |addresses: &[std::net::IpAddr]| {
        let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    };
    let (state, tone) = if bearer.active { ("up", Tone::Good) } else { ("down", Tone::Warn) };
    rows.value(&format!("context {}", bearer.context), Some(state.into()), tone, None);
    let apn = if bearer.apn.is_empty() { "network's default" } else { &bearer.apn };
    rows.value("APN", Some(format!("{apn}, {}", bearer.pdp_type)), Tone::Plain, None);
    rows.value("addresses", list(&bearer.addresses), Tone::Plain, None);
    rows.value("gateways", list(&bearer.gateways), Tone::Plain, None);
    rows.value("DNS", list(&bearer.dns), Tone::Plain, None);
    rows.value("MTU", bearer.mtu.map(|mtu| mtu.to_string()), Tone::Plain, None);
    rows.value("interface", bearer.interface.clone(), Tone::Plain, None);
}

impl Rows {
    /// Writes them.
    pub fn print(&self, out: &mut Out) -> std::io::Result<()> {
        self.0.print(out)
    }
}
