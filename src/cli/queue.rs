//! `queue`: what waits for a modem to wake, and what became of what waited.

use crate::bus::client::Client;
use crate::state::Timestamp;
use crate::state::json::{Document, Ended, Hold, Queue, Waiting};

use super::args::Target;
use super::out::{Out, Tone, clean};
use super::table::{Cell, Table};
use super::{choose, now, words};

/// `queue list`.
pub async fn list(client: &Client, target: &Target, out: &mut Out) -> anyhow::Result<()> {
    let modems = choose::modems(client, target).await?;
    if out.json() {
        let queues: Vec<_> = modems.iter().map(Listed::from).collect();
        return out.value(&queues, false);
    }
    let mut table = Table::with_head(&["modem", "number", "request", "what becomes of it"]);
    for doc in &modems {
        doc.queue.ended.iter().for_each(|ended| table.row(ended_row(doc, ended, now())));
        doc.holds.iter().for_each(|hold| table.row(hold_row(doc, hold, now())));
        doc.queue.waiting.iter().for_each(|item| table.row(waiting_row(doc, item, now())));
    }
    if modems.iter().all(|doc| doc.queue.ended.is_empty() && doc.queue.waiting.is_empty() && doc.holds.is_empty()) {
        return Ok(out.line("no request waits, and none has ended since the daemon started")?);
    }
    Ok(table.print(out)?)
}

#[derive(serde::Serialize)]
struct Listed<'a> {
    modem: &'a str,
    #[serde(flatten)]
    queue: &'a Queue,
    holds: &'a [Hold],
}

impl<'a> From<&'a Document> for Listed<'a> {
    fn from(doc: &'a Document) -> Self {
        Self { modem: &doc.id, queue: &doc.queue, holds: &doc.holds }
    }
}

fn waiting_row(doc: &Document, item: &Waiting, now: Timestamp) -> Vec<Cell> {
    row(doc, item.id, &item.task, Cell::new(waits(item, now), Tone::Plain))
}

fn hold_row(doc: &Document, hold: &Hold, now: Timestamp) -> Vec<Cell> {
    let (how, tone) = if hold.granted { ("keeps it awake", Tone::Warn) } else { ("waits", Tone::Plain) };
    let what = format!("{how} for {}: {}", words::lasting(now, hold.since.0), hold.reason);
    row(doc, hold.id, "hold", Cell::new(what, tone))
}

fn ended_row(doc: &Document, ended: &Ended, now: Timestamp) -> Vec<Cell> {
    let why = ended.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let what = format!("{} {}{why}", ended.outcome, words::ago(now, ended.at.0));
    let tone = match ended.outcome.as_str() {
        "delivered" => Tone::Good,
        "cancelled" => Tone::Dim,
        _ => Tone::Bad,
    };
    row(doc, ended.id, &ended.task, Cell::new(what, tone))
}

fn row(doc: &Document, id: u64, task: &str, what: Cell) -> Vec<Cell> {
    vec![Cell::new(&doc.id, Tone::Strong), id.to_string().into(), task.into(), what]
}

/// How a request waits: `waits for 3 min, given up in 57 min, kept over a restart`.
pub fn waits(item: &Waiting, now: Timestamp) -> String {
    let wake = if item.wake { "wakes the modem" } else { "waits" };
    let deadline = item.deadline.map(|deadline| format!(", given up {}", words::ahead(now, deadline.0)));
    let keep = if item.keep { ", kept over a restart" } else { "" };
    format!("{wake} for {}{}{keep}", words::lasting(now, item.entered.0), deadline.unwrap_or_default())
}

/// `queue cancel`.
pub async fn cancel(client: &Client, target: &Target, number: u64, out: &mut Out) -> anyhow::Result<()> {
    let doc = choose::modem(client, target).await?;
    let done = if doc.holds.iter().any(|hold| hold.id == number) {
        client.release(&doc.id, number).await?;
        format!("hold {number} has ended")
    } else {
        client.cancel(&doc.id, number).await?;
        format!("request {number} was taken back")
    };
    if out.json() {
        return out.value(&client.document(&doc.id).await?, false);
    }
    Ok(out.line(&format!("{}: {done}", clean(&doc.id)))?)
}
