//! `uplink show`, `uplink use`, `uplink log`, `usage`.

use crate::bus::client::Client;
use crate::spec::amount::Amount;
use crate::state::Timestamp;
use crate::state::json::uplink::{Account, Member, Uplink, Usage};

use super::args::{UplinkArgs, UplinkUseArgs};
use super::exit::{Exit, Failure};
use super::out::{Out, Tone, clean};
use super::table::{Cell, Table};
use super::{now, words};

/// `uplink show`: which link has the default route and why, and how the others are.
pub async fn show(client: &Client, args: &UplinkArgs, out: &mut Out) -> anyhow::Result<()> {
    let uplinks = some(client, args.name.as_deref()).await?;
    if out.json() {
        return out.value(&uplinks, false);
    }
    for uplink in &uplinks {
        print(uplink, now(), out)?;
    }
    Ok(())
}

/// Prints one uplink.
pub fn print(uplink: &Uplink, now: Timestamp, out: &mut Out) -> anyhow::Result<()> {
    let since = uplink.since.map(|since| format!(" for {}", words::lasting(now, since.0))).unwrap_or_default();
    let name = out.paint(Tone::Strong, &clean(&uplink.name));
    let line = match &uplink.active {
        Some(active) => format!(
            "{name}: {} by {}{since}: {}",
            out.paint(tone(uplink), "online"),
            clean(active),
            clean(&uplink.reason)
        ),
        None => format!("{name}: {}{since}: {}", out.paint(Tone::Bad, "not online"), clean(&uplink.reason)),
    };
    out.line(&line)?;
    if let Some(pinned) = &uplink.pinned {
        out.line(&format!("    {} is preferred by a person; `lpwa uplink use auto` ends that", clean(pinned)))?;
    }
    if let Some(trouble) = &uplink.trouble {
        out.line(&format!("    {} {}", out.paint(Tone::Bad, "trouble:"), clean(trouble)))?;
    }
    let mut table =
        Table::with_head(&["", "link", "kind", "state", "interface", "trip", "dead known in", "probes today", "used"]);
    uplink.members.iter().for_each(|member| table.row(row(uplink, member)));
    table.print(out)?;
    for member in &uplink.members {
        if let Some(reason) = &member.condition_reason {
            let since = member.since.map(|since| format!(" for {}", words::lasting(now, since.0))).unwrap_or_default();
            out.line(&format!("    {} is {}{since}: {}", clean(&member.name), member.condition, clean(reason)))?;
        }
    }
    Ok(())
}

/// How good it is that the active link is used.
pub fn tone(uplink: &Uplink) -> Tone {
    let active = uplink.members.iter().find(|member| Some(&member.name) == uplink.active.as_ref());
    active.map_or(Tone::Bad, |member| condition_tone(&member.condition))
}

/// How good a condition is.
pub fn condition_tone(condition: &str) -> Tone {
    match condition {
        "good" => Tone::Good,
        "checking" | "suspect" => Tone::Warn,
        "no-data-path" => Tone::Bad,
        _ => Tone::Dim,
    }
}

fn row(uplink: &Uplink, member: &Member) -> Vec<Cell> {
    let active = Some(&member.name) == uplink.active.as_ref();
    let trip = member.round_trip_s.map(|seconds| format!("{:.0} ms", seconds * 1000.0));
    vec![
        if active { Cell::new("*", Tone::Strong) } else { Cell::new("", Tone::Plain) },
        Cell::new(&member.name, Tone::Strong),
        member.kind.as_str().into(),
        Cell::new(&member.condition, condition_tone(&member.condition)),
        Cell::or_dash(member.interface.as_ref()),
        Cell::or_dash(trip),
        words::seconds(member.detection_s).into(),
        format!("{} of {}", Amount(member.probe_octets), Amount(member.probe_budget)).into(),
        used(&member.usage),
    ]
}

fn used(usage: &Usage) -> Cell {
    let total = Amount(usage.received.saturating_add(usage.sent));
    let text = match usage.limit {
        Some(limit) => format!("{total} of {}", Amount(limit)),
        None => total.to_string(),
    };
    let tone = match usage.allowance.as_str() {
        "low" => Tone::Warn,
        "spent" => Tone::Bad,
        _ => Tone::Plain,
    };
    Cell::new(text, tone)
}

/// `uplink use`.
pub async fn prefer(client: &Client, args: &UplinkUseArgs, out: &mut Out) -> anyhow::Result<()> {
    let uplinks = some(client, args.name.as_deref()).await?;
    let [uplink] = uplinks.as_slice() else {
        let names: Vec<_> = uplinks.iter().map(|uplink| uplink.name.as_str()).collect();
        let message = format!("there are {} uplinks ({}); say which is meant", names.len(), names.join(", "));
        return Err(Failure::new(Exit::Usage, message).into());
    };
    client.use_member(&uplink.name, &args.member).await?;
    show(client, &UplinkArgs { name: Some(uplink.name.clone()) }, out).await
}

/// `uplink log`: what was decided, and why.
pub async fn log(client: &Client, args: &UplinkArgs, out: &mut Out) -> anyhow::Result<()> {
    let uplinks = some(client, args.name.as_deref()).await?;
    if out.json() {
        let logs: Vec<_> = uplinks.iter().flat_map(|uplink| &uplink.log).collect();
        return out.value(&logs, false);
    }
    if uplinks.iter().all(|uplink| uplink.log.is_empty()) {
        return Ok(out.line("nothing was decided since the daemon started")?);
    }
    for uplink in &uplinks {
        for decision in &uplink.log {
            let at = out.paint(Tone::Dim, &words::clock(decision.at.0));
            let subject = out.paint(Tone::Strong, &clean(&decision.subject));
            out.line(&format!("{at}  {subject}: {}", clean(&decision.text)))?;
        }
    }
    Ok(())
}

/// `usage`: what every SIM and interface carried.
pub async fn usage(client: &Client, out: &mut Out) -> anyhow::Result<()> {
    let accounts: Vec<Account> = client.usage().await?;
    if out.json() {
        return out.value(&accounts, false);
    }
    if accounts.is_empty() {
        return Ok(out.line("no link has carried anything yet")?);
    }
    let mut table = Table::with_head(&["card / APN or interface", "since", "received", "sent", "used"]);
    for Account { account, usage } in &accounts {
        let since = usage.since.map(|since| since.to_string().chars().take(10).collect::<String>());
        table.row(vec![
            Cell::new(account, Tone::Strong),
            Cell::or_dash(since),
            Amount(usage.received).to_string().into(),
            Amount(usage.sent).to_string().into(),
            used(usage),
        ]);
    }
    Ok(table.print(out)?)
}

/// The uplink of that name, or all of them.
async fn some(client: &Client, name: Option<&str>) -> anyhow::Result<Vec<Uplink>> {
    let mut uplinks = client.uplinks().await?;
    if let Some(name) = name {
        uplinks.retain(|uplink| uplink.name == name);
        if uplinks.is_empty() {
            let message = format!("there is no uplink {name:?}; `lpwa uplink show` has those that there are");
            return Err(Failure::new(Exit::Usage, message).into());
        }
    }
    if uplinks.is_empty() {
        let message =
            "the daemon has no uplink: write an [[uplink]] with its links in /etc/lpwa/lpwa.toml, then `lpwa reload`";
        return Err(Failure::new(Exit::Failure, message).into());
    }
    Ok(uplinks)
}
