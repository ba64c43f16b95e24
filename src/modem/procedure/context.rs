//! Data contexts: activation, addresses, and the end of it.

use tracing::{info, warn};

use super::wish::Wanted;
use super::{Again, Aids, Retry, Stop, during, optional};
use crate::codec::at::command::standard;
use crate::modem::channel::{Command, CommandError, Lease, Refusal as Refused};
use crate::modem::data::{Way, Which};
use crate::modem::driver::Driver;
use crate::modem::settings::Settings;
use crate::policy::governor::{Act, Event, Intent, Refusal, Timer};
use crate::spec::apn::PdpType;
use crate::spec::cause::Cause;
use crate::state::{Bearer, Lifecycle};

/// Brings the contexts up, one after the other, reads their addresses, and puts the machine on them.
pub async fn connect(d: &Driver, want: &Wanted, aids: &Aids) -> Result<(), Stop> {
    bring_up(d, want, aids).await?;
    for context in &want.settings.more {
        let wanted = Wanted::only(d.settled(want.settings.of(context)));
        bring_up_further(d, &wanted, aids).await.map_err(beside)?;
    }
    Ok(())
}

async fn bring_up_further(d: &Driver, wanted: &Wanted, aids: &Aids) -> Result<(), Stop> {
    let doing = during("defining a further data context");
    if !d.context_holds(&wanted.settings).await.map_err(&doing)? {
        d.define_context(&wanted.settings).await.map_err(&doing)?;
    }
    bring_up(d, wanted, aids).await
}

/// What is up already stays up, unless the modem restarted.
fn beside(stop: Stop) -> Stop {
    match stop.lifecycle {
        Lifecycle::Probing => stop,
        Lifecycle::Failed(reason) => {
            Stop { lifecycle: Lifecycle::Connected, trouble: stop.trouble.or(Some(reason)), ..stop }
        }
        _ => Stop { lifecycle: Lifecycle::Connected, ..stop },
    }
}

/// On LTE the attach has brought the first context up already; then it is only read.
async fn bring_up(d: &Driver, wanted: &Wanted, aids: &Aids) -> Result<(), Stop> {
    let want = &wanted.settings;
    let cid = d.context(want);
    if want.dial && carries_data(d, cid) {
        return Ok(());
    }
    let line = if want.dial { Some(dial(d, cid, wanted, aids).await?) } else { None };
    let mut bearer = if line.is_some() { None } else { read(d, cid, want).await? };
    let was_up = bearer.is_some();
    if !was_up && line.is_none() {
        aids.ask(Act::Activate, wanted.apn(), registered(d))?;
        enter_connecting(d);
        activate(d, cid, wanted, aids).await?;
        bearer = read(d, cid, want).await?;
    }
    let dialled = line.is_some();
    let bearer = bearer.filter(|bearer| !bearer.addresses.is_empty()).or_else(|| dialled.then(|| unread(cid, want)));
    let Some(bearer) = bearer else {
        let trouble = format!("context {cid} is up and has no address; set another pdp_type or APN");
        let lifecycle = d.snapshot().lifecycle;
        return Err(Stop { lifecycle, trouble: Some(trouble), retry: hold_back(d, wanted, aids, None, None) });
    };
    aids.gate.step(Event::Done(Act::Activate, wanted.apn()));
    let way = match line {
        Some(lease) => Way::Line(lease),
        None => way(d, cid, want).await?,
    };
    let bearer = in_use(d, cid, bearer, way).await?;
    d.update(|state, _| {
        state.bearers.retain(|other| other.context != cid);
        state.bearers.push(Bearer { pdp_type: granted(&bearer), ..bearer });
        state.bearers.sort_by_key(|bearer| bearer.context);
        // Whether packets pass a context that was up all along is for the uplink to say.
        if !(was_up && matches!(state.lifecycle, Lifecycle::NoDataPath(_))) {
            state.lifecycle = Lifecycle::Connected;
        }
        state.trouble = None;
    });
    Ok(())
}

/// Whether the context is up by the line that takes commands, which takes none meanwhile.
pub fn carries_data(d: &Driver, cid: u8) -> bool {
    let carries = |bearer: &Bearer| bearer.context == cid && bearer.active && bearer.interface.is_some();
    d.look(|state| state.bearers.iter().any(carries))
}

/// Takes the line that commands go by back from a call, if there is one.
pub async fn free_line(d: &Driver, want: &Settings) {
    if want.dial && carries_data(d, d.context(want)) {
        d.data.down(Which::All).await;
        hang_up(d).await;
        d.update(|state, _| state.bearers.clear());
    }
}

/// Further contexts come up on a modem that is connected, and stays it.
fn enter_connecting(d: &Driver) {
    if !d.look(|state| state.lifecycle.has_context()) {
        d.enter(Lifecycle::Connecting);
    }
}

/// A bearer whose addresses PPP will tell: the line takes no command that asks for them.
fn unread(cid: u8, want: &Settings) -> Bearer {
    Bearer {
        context: cid,
        apn: want.apn.clone().unwrap_or_default(),
        pdp_type: want.pdp_type,
        active: true,
        ..Bearer::default()
    }
}

/// How packets of a context that is up leave the modem.
async fn way(d: &Driver, cid: u8, want: &Settings) -> Result<Way, Stop> {
    let share = d.share(cid, want).await.map_err(during("reading the data context"))?;
    Ok(share.map_or(Way::Own, |share| Way::Shared { interface: d.ports.interface().map(str::to_owned), share }))
}

/// The machine's side of it. A machine that cannot use a bearer is not connected, whatever the modem says.
async fn in_use(d: &Driver, cid: u8, bearer: Bearer, way: Way) -> Result<Bearer, Stop> {
    let dialled = matches!(way, Way::Line(_));
    match d.data.up(bearer, way).await {
        Ok(bearer) => Ok(bearer),
        Err(reason) => {
            if dialled {
                hang_up(d).await;
            }
            Err(Stop {
                lifecycle: registered(d),
                trouble: Some(format!("context {cid} is up and this machine cannot use it: {reason}")),
                retry: Retry::Port,
            })
        }
    }
}

/// What the network gave, which may be one family of the two that were asked for (TS 24.301 clause 6.5.1.3), or the
/// other one.
fn granted(bearer: &Bearer) -> PdpType {
    let (v4, v6) = (bearer.addresses.iter().any(|ip| ip.is_ipv4()), bearer.addresses.iter().any(|ip| ip.is_ipv6()));
    match (v4, v6) {
        (true, true) => PdpType::Ipv4v6,
        (true, false) => PdpType::Ipv4,
        (false, true) => PdpType::Ipv6,
        (false, false) => bearer.pdp_type,
    }
}

async fn read(d: &Driver, cid: u8, want: &Settings) -> Result<Option<Bearer>, Stop> {
    d.read_context(cid, want).await.map_err(during("reading the data context"))
}

/// Contexts in use that are down: a notice that one went down is not always true (transcript T-32).
pub async fn find_lost(d: &Driver) -> Result<Vec<u8>, Stop> {
    let mut lost = Vec::new();
    for bearer in d.snapshot().bearers.iter().filter(|bearer| bearer.active) {
        if !d.is_context_up(bearer.context).await.map_err(during("reading the data context"))? {
            lost.push(bearer.context);
        }
    }
    Ok(lost)
}

/// Contexts are down; the modem is registered still.
pub fn mark_down(d: &Driver, lost: &[u8]) {
    let lifecycle = registered(d);
    d.update(|state, _| {
        state.bearers.iter_mut().filter(|bearer| lost.contains(&bearer.context)).for_each(|b| b.active = false);
        if !state.bearers.iter().any(|bearer| bearer.active) {
            state.lifecycle = lifecycle;
        }
    });
}

fn registered(d: &Driver) -> Lifecycle {
    let registration = d.look(|state| state.network.registration);
    Lifecycle::Registered { roaming: registration.is_some_and(|r| r.value.is_roaming()) }
}

/// Activates a context. Where the network has one family only and says so, that one is asked for, once (ESM causes 50
/// and 51, TS 24.301 clause 6.5.1.4.3).
async fn activate(d: &Driver, cid: u8, wanted: &Wanted, aids: &Aids) -> Result<(), Stop> {
    let want = &wanted.settings;
    let failed = |error: &CommandError| {
        if matches!(error, CommandError::TimedOut { .. }) {
            // The network was asked, and may be at work still: it counts as a refusal does.
            hold_back(d, wanted, aids, None, None);
        }
        Stop::failed("activating the data context", error)
    };
    let (refusal, command) = match d.activate(cid, want).await {
        Ok(()) => return Ok(()),
        Err(CommandError::Refused { refusal, command }) => (refusal, command),
        Err(error) => return Err(failed(&error)),
    };
    let Some(only) = only_family(&refusal).filter(|only| *only != want.pdp_type) else {
        return Err(refused(d, cid, wanted, aids, &command, &refusal).await);
    };
    info!("{}: the network has {} only for this APN", want.id, only.name());
    d.settle(want, only);
    aids.gate.ask_again(Act::Activate).map_err(|wait| Stop {
        lifecycle: registered(d),
        trouble: None,
        retry: Retry::Held(wait, Again::Settings),
    })?;
    let want = Settings { pdp_type: only, ..want.clone() };
    d.define_context(&want).await.map_err(during("defining the data context for one family"))?;
    match d.activate(cid, &want).await {
        Ok(()) => Ok(()),
        Err(CommandError::Refused { refusal, command }) => Err(refused(d, cid, wanted, aids, &command, &refusal).await),
        Err(error) => Err(failed(&error)),
    }
}

fn only_family(refusal: &Refused) -> Option<PdpType> {
    match refusal.esm_cause()?.number {
        50 => Some(PdpType::Ipv4),
        51 => Some(PdpType::Ipv6),
        _ => None,
    }
}

/// Dials the context on the command line (TS 27.007 clause 10.2.1.1): it is activated on the way.
async fn dial(d: &Driver, cid: u8, want: &Wanted, aids: &Aids) -> Result<Lease, Stop> {
    aids.ask(Act::Activate, want.apn(), registered(d))?;
    enter_connecting(d);
    let doing = "dialling the data context";
    let line = standard::dial(cid).map_err(|error| Stop::failed(doing, &error.into()))?;
    let channel = d.ports.at().map_err(during(doing))?;
    match channel.dial(Command::new(line, d.definition().timing.activate)).await {
        Ok(lease) => Ok(lease),
        Err(CommandError::Refused { refusal, command }) => Err(refused(d, cid, want, aids, &command, &refusal).await),
        Err(error) => Err(Stop::failed(doing, &error)),
    }
}

/// Ends a call; one that has ended has ended.
async fn hang_up(d: &Driver) {
    if let Err(error) = optional(d.run(standard::hang_up()).await) {
        warn!("{}: ending the data call: {error}", d.snapshot().id);
    }
}

/// Registered still; the network, or the modem, refused the context.
async fn refused(d: &Driver, cid: u8, want: &Wanted, aids: &Aids, command: &str, refusal: &Refused) -> Stop {
    let apn = want.apn();
    let apn = if apn.is_empty() { "the network's default APN".to_owned() } else { format!("the APN {apn}") };
    let cause = refusal.esm_cause();
    // A cause is told with the wait that it brings.
    let trouble = cause.is_none().then(|| format!("context {cid} with {apn} was refused: {command} failed: {refusal}"));
    let timer = back_off(d, &want.settings).await;
    Stop { lifecycle: registered(d), trouble, retry: hold_back(d, want, aids, cause, timer) }
}

/// How long the network wants to be left alone, where the modem tells; asked once after a refusal.
pub async fn back_off(d: &Driver, want: &Settings) -> Option<Timer> {
    d.back_off(want).await.unwrap_or_else(|error| {
        warn!("{}: reading the back-off timer: {error}", want.id);
        None
    })
}

/// What the governor makes of a context that did not come up.
fn hold_back(d: &Driver, want: &Wanted, aids: &Aids, cause: Option<Cause>, timer: Option<Timer>) -> Retry {
    let plmn = d.look(|state| state.network.plmn).map(|plmn| plmn.value);
    let refusal = Refusal { act: Act::Activate, cause, timer, apns: &want.apns, apn: want.apn(), plmn };
    match aids.gate.step(Event::Refused(refusal)) {
        Intent::NextApn(_, wait) => Retry::Held(wait, Again::Settings),
        Intent::Wait(wait) => Retry::Held(wait, Again::Network),
        Intent::Go | Intent::Rest => Retry::Later,
    }
}

/// Takes the contexts down and stays registered; the machine leaves them first.
pub async fn disconnect(d: &Driver, want: &Settings) -> Result<(), CommandError> {
    d.data.down(Which::All).await;
    if want.dial {
        hang_up(d).await;
    }
    for cid in want.more.iter().map(|context| context.cid).chain([d.context(want)]) {
        // The last context of an LTE attach cannot be taken down (ESM cause 49): it is no longer used, that is all.
        optional(d.deactivate(cid).await)?;
    }
    let lifecycle = registered(d);
    d.update(|state, _| {
        state.bearers.clear();
        // A modem that was not that far is where it was.
        let past = matches!(state.lifecycle, Lifecycle::Registered { .. } | Lifecycle::Connecting);
        if past || state.lifecycle.has_context() {
            state.lifecycle = lifecycle;
            state.trouble = None;
        }
    });
    Ok(())
}
