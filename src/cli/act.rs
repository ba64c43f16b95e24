//! Commands that change something or take their time.

use std::time::Duration;

use anyhow::Context;

use crate::bus::client::{Answered, Client};
use crate::codec::at::FinalResult;
use crate::modem::handle::{ConnectRequest, PowerRequest, Request};
use crate::private::Private;
use crate::state::json::Document;
use crate::state::{Edrx, PsmTimers};

use super::args::{AtArgs, ConnectArgs, PowerSetArgs, RecordArgs, RequestArgs, SwitchArgs, Target, Terms, UnlockArgs};
use super::exit::{self, Exit, Failure};
use super::out::{Out, Tone, aside, clean};
use super::table::{Cell, Table};
use super::{choose, plain, power, progress, say, scales, secret, view};

/// `connect`.
pub async fn connect(client: &Client, args: &ConnectArgs, out: &mut Out) -> anyhow::Result<()> {
    let password = args.password_file.as_deref().map(|file| secret::read(Some(file), &["password"])).transpose()?;
    let wanted = ConnectRequest {
        apn: args.apn.clone(),
        pdp_type: args.pdp_type,
        user: args.user.clone(),
        password: password.and_then(|secrets| secrets.into_iter().next()),
    };
    let request = Request::Connect(wanted);
    order(client, &args.target, &args.terms, &request, "connecting", out).await
}

/// `disconnect`.
pub async fn disconnect(client: &Client, args: &RequestArgs, out: &mut Out) -> anyhow::Result<()> {
    order(client, &args.target, &args.terms, &Request::Disconnect, "disconnecting", out).await
}

/// `enable`.
pub async fn enable(client: &Client, args: &RequestArgs, out: &mut Out) -> anyhow::Result<()> {
    order(client, &args.target, &args.terms, &Request::Enable, "switching on", out).await
}

/// `disable`.
pub async fn disable(client: &Client, args: &RequestArgs, out: &mut Out) -> anyhow::Result<()> {
    order(client, &args.target, &args.terms, &Request::Disable, "switching off", out).await
}

/// `reset`.
pub async fn reset(client: &Client, args: &RequestArgs, out: &mut Out) -> anyhow::Result<()> {
    order(client, &args.target, &args.terms, &Request::Reset, "restarting", out).await
}

/// A request after which the modem's new state is all there is to tell.
async fn order(
    client: &Client,
    target: &Target,
    terms: &Terms,
    request: &Request,
    what: &str,
    out: &mut Out,
) -> anyhow::Result<()> {
    let id = choose::modem(client, target).await?.id;
    match ask(client, &id, request, terms, what, out).await? {
        Some(_) => done(client, &id, out).await,
        None => Ok(()),
    }
}

/// Has `request` done; or leaves it to the queue and tells its number, then there is no answer.
async fn ask(
    client: &Client,
    id: &str,
    request: &Request,
    terms: &Terms,
    what: &str,
    out: &mut Out,
) -> anyhow::Result<Option<Answered>> {
    if !terms.queue {
        return Ok(Some(progress::follow(client, id, what, client.ask(id, request, terms.when)).await?));
    }
    let number = client.submit(id, request, terms.when, true).await?;
    if out.json() {
        out.value(&serde_json::json!({ "queued": number }), false)?;
    } else {
        out.line(&format!("{}: request {number} is in the queue; `lpwa queue list` shows it", clean(id)))?;
    }
    Ok(None)
}

/// What the modem is like after a request.
async fn done(client: &Client, id: &str, out: &mut Out) -> anyhow::Result<()> {
    let doc = client.document(id).await?;
    if out.json() {
        return out.value(&doc, false);
    }
    Ok(out.line(&outcome(&doc, out))?)
}

fn outcome(doc: &Document, out: &Out) -> String {
    let state = out.paint(say::state_words(doc).tone, &doc.state);
    let data: Vec<String> = doc.bearers.iter().filter(|bearer| bearer.active).map(plain::bearer).collect();
    let more =
        say::join("; ", [doc.state_reason.clone(), Some(data.join("; "))]).map(|more| format!(": {}", clean(&more)));
    format!("{}: {state}{}", clean(&doc.id), more.unwrap_or_default())
}

/// `signal`: reads once and grades.
pub async fn signal(client: &Client, args: &RequestArgs, out: &mut Out) -> anyhow::Result<()> {
    let id = choose::modem(client, &args.target).await?.id;
    if ask(client, &id, &Request::ReadSignal, &args.terms, "reading the signal", out).await?.is_none() {
        return Ok(());
    }
    let doc = client.document(&id).await?;
    if out.json() {
        return out.value(&doc, false);
    }
    let (_, rows) = view::signal(&doc, super::now());
    rows.print(out)?;
    match scales::overall(&doc) {
        Some(quality) => {
            let grade = out.paint(scales::tone(Some(quality)), quality.name());
            out.line(&format!("{}: the signal is {grade}: {}", clean(&doc.id), scales::advice(quality)))?;
        }
        None => out.line(&format!("{}: the modem gives no signal: {}", clean(&doc.id), clean(&say::why(&doc))))?,
    }
    Ok(())
}

/// `scan`.
pub async fn scan(client: &Client, args: &RequestArgs, out: &mut Out) -> anyhow::Result<()> {
    let id = choose::modem(client, &args.target).await?.id;
    let what = "searching for networks, which takes minutes";
    let Some(answer) = ask(client, &id, &Request::Scan, &args.terms, what, out).await? else { return Ok(()) };
    let networks = answer.networks;
    if out.json() {
        return out.value(&networks, false);
    }
    if networks.is_empty() {
        let message = format!("{id}: no network was found; check antenna, RATs and bands");
        return Err(Failure::new(Exit::Failure, message).into());
    }
    let mut table = Table::with_head(&["status", "network", "technology", "name"]);
    for network in &networks {
        let tone = match network.status.as_str() {
            "current" => Tone::Good,
            "forbidden" => Tone::Bad,
            _ => Tone::Plain,
        };
        let rat = network.rat.as_deref().map(|rat| rat.parse().map_or(rat.to_owned(), title));
        let name = network.name.as_str().into();
        table.row(vec![Cell::new(&network.status, tone), network.plmn.as_str().into(), Cell::or_dash(rat), name]);
    }
    Ok(table.print(out)?)
}

fn title(rat: crate::spec::rat::Rat) -> String {
    rat.title().to_owned()
}

/// `power set`; `profile` tells what a named profile asks for.
pub async fn set_power(
    client: &Client,
    args: &PowerSetArgs,
    profile: fn(&str) -> anyhow::Result<PowerRequest>,
    out: &mut Out,
) -> anyhow::Result<()> {
    let wish = power_request(args);
    // With options the one name that there may be is the modem's.
    let (request, modem) = match &args.profile {
        Some(name) if wish == PowerRequest::default() => (profile(name)?, &args.modem),
        name => (wish, name),
    };
    let id = choose::modem(client, &Target { modem: modem.clone() }).await?.id;
    let request = Request::SetPower(request);
    if ask(client, &id, &request, &args.terms, "asking for power saving", out).await?.is_none() {
        return Ok(());
    }
    power::saving(client, &Target { modem: Some(id) }, out).await
}

fn power_request(args: &PowerSetArgs) -> PowerRequest {
    let timers = args
        .active_time
        .map(|active| PsmTimers { periodic_tau: args.periodic_tau.map(|tau| tau.0), active_time: active.0 });
    let edrx = args.edrx_cycle.map(|cycle| Edrx { cycle: cycle.0, ptw: args.edrx_ptw.map(|ptw| ptw.0) });
    PowerRequest {
        psm: if args.no_psm { Some(None) } else { timers.map(Some) },
        edrx: if args.no_edrx { Some(None) } else { edrx.map(Some) },
        mico: if args.no_mico { Some(false) } else { args.mico.then_some(true) },
        drx_cycle: if args.no_drx_cycle { Some(None) } else { args.drx_cycle.map(Some) },
    }
}

/// `sim switch`.
pub async fn switch_slot(client: &Client, args: &SwitchArgs, out: &mut Out) -> anyhow::Result<()> {
    let id = choose::modem(client, &args.target).await?.id;
    progress::follow(client, &id, "changing the SIM slot", client.switch_slot(&id, args.slot)).await?;
    done(client, &id, out).await
}

/// `sim unlock`.
pub async fn unlock(client: &Client, args: &UnlockArgs, out: &mut Out) -> anyhow::Result<()> {
    let id = choose::modem(client, &args.target).await?.id;
    let secrets = secret::read(args.pin_file.as_deref(), &["PIN"])?;
    let [pin] = secrets.as_slice() else { return Ok(()) };
    secret::check_code("PIN", pin, 4..=8)?;
    progress::follow(client, &id, "entering the PIN", client.enter_pin(&id, pin)).await?;
    done(client, &id, out).await
}

/// `sim puk`.
pub async fn puk(client: &Client, args: &UnlockArgs, out: &mut Out) -> anyhow::Result<()> {
    let id = choose::modem(client, &args.target).await?.id;
    let secrets = secret::read(args.pin_file.as_deref(), &["PUK", "new PIN"])?;
    let [puk, pin] = secrets.as_slice() else { return Ok(()) };
    secret::check_code("PUK", puk, 8..=8)?;
    secret::check_code("new PIN", pin, 4..=8)?;
    progress::follow(client, &id, "entering the PUK", client.enter_puk(&id, puk, pin)).await?;
    done(client, &id, out).await
}

/// `at`: the answer as it came; an error of the modem ends the command with 1.
pub async fn at(client: &Client, args: &AtArgs, out: &mut Out) -> anyhow::Result<()> {
    let id = choose::modem(client, &Target { modem: args.modem.clone() }).await?.id;
    let request = Request::At(Private::new(args.line.clone()), args.timeout.map(|span| span.0));
    let Some(answer) = ask(client, &id, &request, &args.terms, "waiting for the answer", out).await? else {
        return Ok(());
    };
    let lines = answer.lines;
    if out.json() {
        out.value(&lines, false)?;
    } else {
        lines.iter().try_for_each(|line| out.line(&clean(line)))?;
    }
    match lines.last().and_then(|line| FinalResult::parse(line)) {
        Some(FinalResult::Error(error)) => {
            let message = format!("{id}: {error}; `lpwa decode` explains the lines");
            Err(Failure::new(Exit::Failure, message).into())
        }
        _ => Ok(()),
    }
}

/// `record`.
pub async fn record(client: &Client, args: &RecordArgs, out: &mut Out) -> anyhow::Result<()> {
    let id = choose::modem(client, &args.target).await?.id;
    let span = args.last.map_or(Duration::MAX, |span| span.0);
    let text = client.transcript(&id, span, !args.personal_data).await?;
    match &args.output {
        Some(path) => std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display())),
        None => Ok(out.raw(&text)?),
    }
}

/// `reload`: the mistakes of the configuration, a line each.
pub async fn reload(client: &Client, out: &mut Out) -> anyhow::Result<()> {
    let Err(error) = client.reload().await else {
        return Ok(out.line("the daemon has read its configuration again")?);
    };
    let error = anyhow::Error::from(error);
    let Some(Exit::Usage) = exit::code(&error) else { return Err(error) };
    let text = error.to_string();
    text.lines().for_each(|line| aside(&clean(line)));
    let count = text.lines().count();
    let message = format!("the daemon goes on with the configuration that it had: {count} to correct in the new one");
    Err(Failure::new(Exit::Usage, message).into())
}
