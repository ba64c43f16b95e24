//! Requests of people and programs, carried out beside the bring-up.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tracing::warn;

use super::backend::at::run_steps;
use super::channel::{Command, CommandError};
use super::desk::ReplyTo;
use super::driver::Driver;
use super::handle::{ConnectRequest, ErrorKind, PowerRequest, Reply, RequestError};
use super::pins::Pins;
use super::procedure::{Aids, Stop, context, during, radio, sim, slot};
use super::settings::Settings;
use crate::codec::at::command::CommandLine;
use crate::policy::governor::Act;
use crate::private::Private;
use crate::state::Lifecycle;

/// The longest time that `lpwa at` may wait.
const LONGEST: Duration = Duration::from_secs(600);

fn error(d: &Driver, kind: ErrorKind, message: String) -> RequestError {
    RequestError { kind, modem: d.snapshot().id, message }
}

fn command_error(d: &Driver, doing: &str, cause: &CommandError) -> RequestError {
    let kind = match cause {
        CommandError::Refused { .. } | CommandError::Rebooted { .. } => ErrorKind::Modem,
        CommandError::TimedOut { .. } => ErrorKind::TimedOut,
        CommandError::Closed => ErrorKind::Gone,
        CommandError::Invalid(_) => ErrorKind::InvalidArgument,
        CommandError::Lent => ErrorKind::WrongState,
        CommandError::Unsupported(_) => ErrorKind::Unsupported,
    };
    error(d, kind, format!("{doing}: {cause}"))
}

/// Why the goal was not reached, for the caller.
pub fn stopped(d: &Driver, stop: &Stop) -> RequestError {
    let kind = match stop.lifecycle {
        Lifecycle::NoSim | Lifecycle::Locked(_) => ErrorKind::Sim,
        Lifecycle::Denied(_) | Lifecycle::Registered { .. } => ErrorKind::Denied,
        _ => ErrorKind::Modem,
    };
    let reason = stop.lifecycle.reason().or_else(|| stop.trouble.clone());
    error(d, kind, reason.unwrap_or_else(|| format!("the modem is {}", stop.lifecycle.name())))
}

/// What the caller set replaces what was configured, until the daemon starts again.
pub fn merge_connect(settings: &mut Settings, wanted: ConnectRequest) {
    if let Some(apn) = wanted.apn {
        // Credentials belong to the APN that they were configured for.
        (settings.apn, settings.apn_by_person, settings.credentials) = (Some(apn), true, None);
    }
    if let Some(pdp_type) = wanted.pdp_type {
        settings.pdp_type = pdp_type;
    }
    if let (Some(user), Some(password)) = (wanted.user, wanted.password) {
        settings.credentials = Some((user, password));
        settings.apn_by_person |= settings.apn.is_some();
    }
}

/// What a later request names goes before what an earlier one named; user and password belong together.
pub fn absorb_connect(earlier: &mut ConnectRequest, later: ConnectRequest) {
    earlier.apn = later.apn.or(earlier.apn.take());
    earlier.pdp_type = later.pdp_type.or(earlier.pdp_type);
    if later.user.is_some() {
        (earlier.user, earlier.password) = (later.user, later.password);
    }
}

/// As [`merge_connect`].
pub fn merge_power(present: &mut PowerRequest, wanted: PowerRequest) {
    present.psm = wanted.psm.or(present.psm);
    present.edrx = wanted.edrx.or(present.edrx);
    present.mico = wanted.mico.or(present.mico);
    present.drx_cycle = wanted.drx_cycle.or(present.drx_cycle);
}

/// Tells the caller how `work` ended; a caller who has gone withdraws it.
async fn answer(
    d: &Driver,
    mut reply: ReplyTo,
    doing: &str,
    work: impl Future<Output = Result<Reply, CommandError>> + Send,
) {
    let result = tokio::select! {
        result = work => result,
        () = reply.closed() => return,
    };
    let _ = reply.send(result.map_err(|cause| command_error(d, doing, &cause)));
}

/// Takes the data context down.
pub fn disconnect(d: Arc<Driver>, want: Settings, reply: ReplyTo) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let work = async { context::disconnect(&d, &want).await.map(|()| Reply::Done) };
        answer(&d, reply, "taking the data context down", work).await;
    })
}

/// Reads the signal once.
pub fn read_signal(d: Arc<Driver>, reply: ReplyTo) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let work = async { radio::read_signal(&d).await.map(|()| Reply::Done) };
        answer(&d, reply, "reading the signal", work).await;
    })
}

/// Searches for networks.
pub fn scan(d: Arc<Driver>, reply: ReplyTo) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let work = async { d.scan().await.map(Reply::Networks) };
        answer(&d, reply, "searching for networks", work).await;
    })
}

/// Sends a line as it is.
pub fn at(d: Arc<Driver>, line: Private<String>, time_out: Option<Duration>, reply: ReplyTo) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let work = async {
            let line = CommandLine::raw(line.reveal())?;
            let time_out = time_out.unwrap_or(d.definition().timing.command).min(LONGEST);
            let mut command = Command::new(line, time_out);
            // A person may send anything: lines without a prefix are taken for the answer.
            command.pending.unprefixed = true;
            command.abortable = true;
            d.ports.at()?.send(command).await.map(Reply::Lines)
        };
        answer(&d, reply, "sending the line", work).await;
    })
}

/// Asks for other power saving, and reads what is granted; `registering` is given where the caller asks for other parameters
/// of the 5G registration as well.
pub fn set_power(
    d: Arc<Driver>,
    wanted: PowerRequest,
    registering: Option<Aids>,
    mut reply: ReplyTo,
) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let plan = tokio::select! {
            plan = d.plan_power(&wanted) => plan.map_err(during("reading the power saving settings")),
            () = reply.closed() => return,
        };
        let plan = match plan {
            Ok(plan) => plan,
            Err(stop) => return drop(reply.send(Err(stopped(&d, &stop)))),
        };
        let work = async {
            d.apply_power(&plan).await?;
            d.read_grants().await?;
            if let Some(aids) = registering {
                register_with(&d, &wanted, &aids).await?;
            }
            Ok(Reply::Done)
        };
        answer(&d, reply, "asking for power saving", work).await;
    })
}

/// What a modem registers with in 5G networks; one that is registered registers anew.
async fn register_with(d: &Driver, wanted: &PowerRequest, aids: &Aids) -> Result<(), CommandError> {
    let plan = d.plan_registration(wanted).await?;
    let registered = d.snapshot().network.registration.is_some_and(|told| told.value.is_registered());
    let again = plan.set.is_some() && registered && aids.gate.ask(Act::Attach, aids.asker, "").is_ok();
    d.apply_registration(&plan, wanted, again).await?;
    plan.lacking.map_or(Ok(()), |lacking| Err(CommandError::Unsupported(lacking)))
}

/// Sends the lines by which the model is kept awake, or let sleep again.
pub fn keep_awake(d: Arc<Driver>, steps: Vec<String>, reply: ReplyTo) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let work = async { run_steps(&d, &steps, &[]).await.map(|()| Reply::Done) };
        answer(&d, reply, "keeping the modem awake", work).await;
    })
}

/// Does `work`; then tells the network that no more data is expected.
pub fn then_no_more_data(d: Arc<Driver>, work: BoxFuture<'static, ()>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        work.await;
        if let Err(error) = d.no_more_data().await {
            warn!("{}: telling that no more data is expected: {error}", d.snapshot().id);
        }
    })
}

/// Restarts the modem.
pub fn reset(d: Arc<Driver>) -> BoxFuture<'static, Result<(), RequestError>> {
    Box::pin(async move {
        match d.restart().await {
            // The boot banner may come before the answer does, and the port may go before either.
            Ok(()) | Err(CommandError::Rebooted { .. } | CommandError::Closed) => Ok(()),
            Err(cause) => Err(command_error(&d, "restarting the modem", &cause)),
        }
    })
}

/// Detaches from the packet domain and attaches again.
pub fn reattach(d: Arc<Driver>) -> BoxFuture<'static, Result<(), RequestError>> {
    Box::pin(async move { d.reattach().await.map_err(|cause| command_error(&d, "attaching anew", &cause)) })
}

/// What is known to speak against a slot; nothing is asked of the modem.
pub fn refused_slot(d: &Driver, number: u8) -> Option<RequestError> {
    slot::lacks(d, number).map(|lack| error(d, lack.kind, lack.message))
}

/// Goes to another slot for the card. A line that carries data is taken back only where there may be such a slot.
pub fn switch_slot(d: Arc<Driver>, want: Settings, number: u8) -> BoxFuture<'static, Result<(), RequestError>> {
    Box::pin(async move {
        let doing = "changing the SIM slot";
        if let Err(cause) = slot::read(&d).await {
            if cause != CommandError::Lent {
                return Err(command_error(&d, doing, &cause));
            }
            context::free_line(&d, &want).await;
            slot::read(&d).await.map_err(|cause| command_error(&d, doing, &cause))?;
        }
        match refused_slot(&d, number) {
            Some(refused) => return Err(refused),
            None if d.snapshot().sim.slot() == Some(number) => return Ok(()),
            None => context::free_line(&d, &want).await,
        }
        slot::switch(&d, &want, number).await.map_err(|cause| command_error(&d, doing, &cause))?;
        let told = d.snapshot().sim.slots.map(|slots| slots.value).unwrap_or_default();
        match told.iter().find(|slot| slot.number == number).and_then(|slot| slot.card) {
            Some(false) => Err(error(&d, ErrorKind::Sim, format!("there is no card in SIM slot {number}"))),
            _ => Ok(()),
        }
    })
}

/// Sends a PIN that a person gave.
pub fn enter_pin(d: Arc<Driver>, pins: Pins, pin: Private<String>) -> BoxFuture<'static, Result<(), RequestError>> {
    Box::pin(async move {
        match sim::enter_pin(&d, &pins, &pin).await {
            Ok(()) => Ok(()),
            Err(cause) => Err(code_error(&d, "PIN", &cause).await),
        }
    })
}

/// Sends a PUK and a new PIN that a person gave.
pub fn enter_puk(
    d: Arc<Driver>,
    pins: Pins,
    puk: Private<String>,
    pin: Private<String>,
) -> BoxFuture<'static, Result<(), RequestError>> {
    Box::pin(async move {
        match sim::enter_puk(&d, &pins, &puk, &pin).await {
            Ok(()) => Ok(()),
            Err(cause) => Err(code_error(&d, "PUK", &cause).await),
        }
    })
}

/// Why a code was not taken, and how many attempts are left.
async fn code_error(d: &Driver, code: &str, cause: &CommandError) -> RequestError {
    let kind = if matches!(cause, CommandError::Invalid(_)) { ErrorKind::InvalidArgument } else { ErrorKind::Sim };
    let mut told = command_error(d, &format!("entering the {code}"), cause);
    if let Some(left) = sim::attempts_left(d, cause, code).await {
        told.message.push_str(&format!("; {left}"));
    }
    RequestError { kind, ..told }
}
