//! `power show` and `power wait`: how a modem sleeps, who waits for it, what it did lately.

use std::time::Duration;

use serde::Serialize;
use tokio::time::timeout;

use crate::bus::client::{Client, Failure as Why};
use crate::modem::handle::{ErrorKind, Request, When};
use crate::spec::span::Span;
use crate::state::Timestamp;
use crate::state::json::{Document, Timeline};

use super::args::{ShowPowerArgs, Target, WaitArgs};
use super::exit::{Exit, Failure};
use super::out::{Out, Tone, clean};
use super::timeline::{Mark, draw};
use super::view::{self, Rows};
use super::{choose, now, progress, queue, say, words};

/// Columns where there is no terminal to ask.
const COLUMNS: usize = 80;
/// Columns before a line of the timeline: its name.
const NAMES: usize = 12;

/// The document with what happened lately.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    doc: &'a Document,
    timeline: &'a Timeline,
}

/// `power show`.
pub async fn show(client: &Client, args: &ShowPowerArgs, out: &mut Out) -> anyhow::Result<()> {
    let doc = choose::modem(client, &args.target).await?;
    let back = u64::try_from(args.last.0.as_millis()).unwrap_or(u64::MAX);
    let timeline = client.timeline(&doc.id, Timestamp(now().0.saturating_sub(back))).await?;
    if out.json() {
        return out.value(&Shown { doc: &doc, timeline: &timeline }, false);
    }
    view::groups(&doc, &[view::power, waiting], out)?;
    out.line(&out.paint(Tone::Strong, "Timeline"))?;
    for line in lines(&timeline, &doc, now(), args.last.0, out) {
        out.line(&line)?;
    }
    Ok(())
}

/// Power saving as it is after it was asked for.
pub async fn saving(client: &Client, target: &Target, out: &mut Out) -> anyhow::Result<()> {
    view::groups(&choose::modem(client, target).await?, &[view::power], out)
}

/// Who keeps the modem awake, and what waits for it.
fn waiting(doc: &Document, now: Timestamp) -> (&'static str, Rows) {
    let mut rows = Rows::new();
    for hold in &doc.holds {
        let (how, tone) = if hold.granted { ("held awake", Tone::Warn) } else { ("to be held", Tone::Plain) };
        rows.value(&format!("hold {}", hold.id), Some(format!("{how}: {}", hold.reason)), tone, {
            Some(format!("for {}", words::lasting(now, hold.since.0)))
        });
    }
    for item in &doc.queue.waiting {
        let what = format!("{}: {}", item.task, queue::waits(item, now));
        rows.value(&format!("request {}", item.id), Some(what), Tone::Plain, None);
    }
    ("Waiting", rows)
}

fn lines(timeline: &Timeline, doc: &Document, now: Timestamp, last: Duration, out: &Out) -> Vec<String> {
    let columns = out.width().unwrap_or(COLUMNS).saturating_sub(NAMES);
    let drawing = draw(timeline, doc, now, last, columns);
    let named = |name: &str, text: &str| format!("  {}{text}", out.paint(Tone::Dim, &format!("{name:<10}")));
    vec![
        named("", &drawing.axis).trim_end().to_owned(),
        named("modem", &bar(&drawing.marks, out)),
        named("commands", &drawing.commands).trim_end().to_owned(),
        named("", &out.paint(Tone::Dim, &drawing.legend())).trim_end().to_owned(),
    ]
}

/// Marks of one kind are painted at once.
fn bar(marks: &[Mark], out: &Out) -> String {
    let runs = marks.chunk_by(|one, other| one == other);
    let text: String =
        runs.flat_map(|run| run.first().map(|mark| (mark, run.len()))).fold(String::new(), |text, (mark, length)| {
            text + &out.paint(mark.tone(), &mark.symbol().to_string().repeat(length))
        });
    text.trim_end().to_owned()
}

/// Wakes a modem that sleeps: a reading that is not content with what is known.
pub async fn wake(client: &Client, doc: &Document) -> anyhow::Result<()> {
    if doc.reachability == "asleep" {
        let woken = client.ask(&doc.id, &Request::ReadSignal, Some(When::Wake));
        progress::follow(client, &doc.id, "waking it", woken).await?;
    }
    Ok(())
}

/// `power wait`: ends when the modem answers commands.
pub async fn wait(client: &Client, args: &WaitArgs, out: &mut Out) -> anyhow::Result<()> {
    let doc = choose::modem(client, &args.target).await?;
    if args.wake {
        wake(client, &doc).await?;
    }
    let id = doc.id;
    let awake = progress::follow(client, &id, "waiting until it is awake", awake(client, &id));
    let doc = match args.timeout {
        None => awake.await?,
        Some(Span(limit)) => timeout(limit, awake).await.map_err(|_| {
            let message = format!(
                "{id}: the modem was not awake within {}; `lpwa power show {id}` tells when it wakes",
                Span(limit)
            );
            Failure::new(Exit::TimedOut, message)
        })??,
    };
    if out.json() {
        return out.value(&doc, false);
    }
    Ok(out.line(&format!("{}: {}", clean(&doc.id), clean(&say::reachability(&doc, now()))))?)
}

async fn awake(client: &Client, id: &str) -> anyhow::Result<Document> {
    let mut watch = client.watch(Some(id)).await?;
    while let Some(doc) = watch.next().await {
        let doc = doc?;
        if matches!(doc.reachability.as_str(), "awake" | "connected" | "edrx") {
            return Ok(doc);
        }
    }
    let gone = format!("{id}: the daemon does not have this modem any more");
    Err(Failure::new(Exit::from(Why::Request(ErrorKind::Gone)), gone).into())
}
