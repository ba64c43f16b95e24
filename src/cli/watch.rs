//! `watch`: changes as they happen.

use std::collections::BTreeMap;
use std::pin::pin;

use crate::bus::client::Client;

use super::args::Target;
use super::out::{Out, Tone, clean};
use super::{now, plain, words};

/// Prints what happens to the modem that `target` names, or to all: documents as JSON lines, or events in words. Ends
/// with the daemon, or when nobody reads any more.
pub async fn run(client: &Client, target: &Target, out: &mut Out) -> anyhow::Result<()> {
    let mut watch = client.watch(target.modem.as_deref()).await?;
    let (mut known, mut abandoned) = (BTreeMap::new(), pin!(out.abandoned()));
    loop {
        let doc = tokio::select! {
            doc = watch.next() => doc,
            () = &mut abandoned => return Ok(()),
        };
        let Some(doc) = doc.transpose()? else { return Ok(()) };
        if out.json() {
            out.value(&doc, true)?;
            out.flush()?;
            continue;
        }
        let events = match known.get(&doc.id) {
            Some(old) => plain::events(old, &doc),
            None => plain::first(&doc),
        };
        let clock = out.paint(Tone::Dim, &words::time_of_day(now()));
        let id = out.paint(Tone::Strong, &clean(&doc.id));
        events.iter().try_for_each(|event| out.line(&format!("{clock}  {id}  {}", clean(event))))?;
        out.flush()?;
        known.insert(doc.id.clone(), doc);
    }
}
