//! What the rest of the house may ask of a modem: a cheap handle to its actor.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::actor::Shared;
use crate::private::Private;
use crate::spec::apn::{Apn, PdpType};
use crate::spec::drx::DrxCycle;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::state::history::History;
use crate::state::queue::Task;
use crate::state::{Edrx, ModemState, PsmTimers, Timestamp};

/// Why a request was not carried out: a sentence for the person at the keyboard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{modem}: {message}")]
pub struct RequestError {
    /// What kind of failure it is, for programs.
    pub kind: ErrorKind,
    /// The modem's id.
    pub modem: String,
    /// What failed, why, and what to do next.
    pub message: String,
}

/// Kinds of failure; D-Bus error names and exit codes follow from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request itself is wrong.
    InvalidArgument,
    /// The modem is not in a state that allows it.
    WrongState,
    /// The SIM wants a code, is absent, or refused a code.
    Sim,
    /// The network refused.
    Denied,
    /// No answer in time.
    TimedOut,
    /// The model cannot do it.
    Unsupported,
    /// The modem answered with an error.
    Modem,
    /// The port went away, or the daemon is stopping.
    Gone,
    /// The request was taken back while it waited, or a later one took its place.
    Cancelled,
}

/// What to activate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectRequest {
    /// APN; `None`: as configured.
    pub apn: Option<Apn>,
    /// Connection type; `None`: as configured.
    pub pdp_type: Option<PdpType>,
    /// User name, for the networks that ask for one.
    pub user: Option<String>,
    /// Password.
    pub password: Option<Private<String>>,
}

/// What power saving to ask for; `None` inside switches the feature off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PowerRequest {
    /// `Some(None)`: PSM off. `None`: leave as it is.
    pub psm: Option<Option<PsmTimers>>,
    /// `Some(None)`: eDRX off. `None`: leave as it is.
    pub edrx: Option<Option<Edrx>>,
    /// MICO mode, in which a 5G network reaches the modem only after it has sent something itself (TS 24.501 clause
    /// 5.3.6). `None`: leave as it is.
    pub mico: Option<bool>,
    /// DRX cycle in 5G; `Some(None)`: the network's. `None`: leave as it is.
    pub drx_cycle: Option<Option<DrxCycle>>,
}

impl PowerRequest {
    /// Whether it asks for something of the 5G registration.
    pub const fn is_of_registration(&self) -> bool {
        self.mico.is_some() || self.drx_cycle.is_some()
    }
}

/// How a modem is set for one of several links that it can be; what is not named is as its configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkSetup {
    /// The slot of the card.
    pub slot: Option<u8>,
    /// The APN.
    pub apn: Option<Apn>,
    /// Technologies, the preferred first.
    pub rats: Option<Vec<Rat>>,
}

/// One network of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedNetwork {
    /// `available`, `current`, `forbidden` or `unknown`.
    pub status: &'static str,
    /// Name.
    pub name: String,
    /// Code.
    pub plmn: Plmn,
    /// Technology, where the modem tells.
    pub rat: Option<Rat>,
}

/// A request to the actor of one modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Radio on, register.
    Enable,
    /// Radio off.
    Disable,
    /// Bring a context up.
    Connect(ConnectRequest),
    /// Take the contexts down, stay registered.
    Disconnect,
    /// Restart the modem and bring it up again.
    Reset,
    /// The same as the request inside, but nobody asked for it: the retry governor may refuse it.
    Unasked(Box<Self>),
    /// Detach from the packet domain and attach again.
    Reattach,
    /// Read the signal once.
    ReadSignal,
    /// Search for networks (minutes).
    Scan,
    /// Send one line as it is; the answer lines and the final result come back.
    At(Private<String>, Option<Duration>),
    /// Enter the PIN.
    EnterPin(Private<String>),
    /// Unblock with the PUK and set a new PIN.
    EnterPuk(Private<String>, Private<String>),
    /// Ask for other power saving.
    SetPower(PowerRequest),
    /// Use the card in this slot, until the daemon starts again.
    SwitchSlot(u8),
    /// Use the card, the APN and the technologies of a link; answered as soon as it is begun, or may not be begun.
    Adopt(Box<LinkSetup>),
}

impl Request {
    /// What it asks for, without its contents.
    pub const fn task(&self) -> Task {
        match self {
            Self::Enable => Task::Enable,
            Self::Disable => Task::Disable,
            Self::Connect(_) => Task::Connect,
            Self::Disconnect => Task::Disconnect,
            Self::Reset => Task::Reset,
            Self::Unasked(request) => request.task(),
            Self::Reattach => Task::Reattach,
            Self::ReadSignal => Task::ReadSignal,
            Self::Scan => Task::Scan,
            Self::At(..) => Task::At,
            Self::EnterPin(_) => Task::EnterPin,
            Self::EnterPuk(..) => Task::EnterPuk,
            Self::SetPower(_) => Task::SetPower,
            Self::SwitchSlot(_) => Task::SwitchSlot,
            Self::Adopt(_) => Task::Adopt,
        }
    }

    /// What becomes of it where the modem sleeps and nobody says otherwise: a value that is known answers at once,
    /// everything else waits.
    pub const fn usual(&self) -> When {
        match self {
            Self::ReadSignal => When::Cached,
            _ => When::Wait,
        }
    }
}

/// What becomes of a request while the modem sleeps. One that is awake does it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The modem is woken.
    Wake,
    /// It waits until the modem wakes.
    Wait,
    /// What was read last is the answer; for readings only.
    Cached,
    /// It waits until the modem wakes, but no longer than this.
    Within(Duration),
}

/// A request, and what becomes of it while the modem sleeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What to do.
    pub request: Request,
    /// What becomes of it while the modem sleeps.
    pub when: When,
    /// Whether it outlives the daemon; what holds a code or a password cannot.
    pub keep: bool,
}

/// What a request gives back.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Done.
    Done,
    /// Nothing was asked of the modem, which sleeps: the state has what was read at this time.
    Cached(Timestamp),
    /// Answer lines of [`Request::At`].
    Lines(Vec<String>),
    /// Networks of [`Request::Scan`].
    Networks(Vec<ScannedNetwork>),
}

/// What became of a request.
pub type Answer = Result<Reply, RequestError>;

/// What the actor is asked for, each with the way back.
#[derive(Debug)]
pub enum Job {
    /// A request, for a caller who waits; one who has gone withdraws it.
    Do(Request, When, oneshot::Sender<Answer>),
    /// A request that is left to the queue; its number comes back.
    Submit(Order, oneshot::Sender<Result<u64, RequestError>>),
    /// What became of a request that was left to the queue, as soon as it ended.
    Await(u64, oneshot::Sender<Answer>),
    /// Takes a request out of the queue.
    Cancel(u64, oneshot::Sender<Result<(), RequestError>>),
    /// Keeps the modem awake for a reason, from its next window on, until the other end of the life line is dropped.
    Hold(String, oneshot::Receiver<Infallible>, oneshot::Sender<Result<u64, RequestError>>),
    /// The policies or the limits are others now.
    Share(Shared),
    /// Whether packets get through the data contexts; the sentence part says why not.
    DataPath(Option<String>),
    /// Ends a hold.
    Release(u64, oneshot::Sender<Result<(), RequestError>>),
    /// The daemon stops: the port is left as it was found.
    Stop,
}

/// Keeps the modem awake until it is dropped or released by its number.
#[derive(Debug)]
#[must_use]
pub struct Hold {
    /// Its number.
    pub id: u64,
    life_line: oneshot::Sender<Infallible>,
}

impl Hold {
    /// Waits until it was released by its number, or the modem's driver stopped.
    pub async fn released(&mut self) {
        self.life_line.closed().await;
    }
}

/// A cheap handle to a modem.
#[derive(Debug, Clone)]
pub struct ModemHandle {
    /// The id that lasts.
    pub id: String,
    /// The one truth, as it changes.
    pub state: watch::Receiver<ModemState>,
    /// Jobs for the actor, at most 16 waiting.
    pub jobs: mpsc::Sender<Job>,
    /// What the modem did lately; beside the state, as nobody needs to be told of each entry.
    pub recent: Recent,
}

/// What a modem did lately. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Recent(Arc<Mutex<History>>);

impl Recent {
    /// Enters something.
    pub fn enter(&self, enter: impl FnOnce(&mut History)) {
        enter(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl ModemHandle {
    /// Sends `request` and waits for what becomes of it: a sleeping modem is left asleep, see [`Request::usual`].
    /// Dropping the future withdraws the request.
    pub async fn request(&self, request: Request) -> Answer {
        let when = request.usual();
        self.request_with(request, when).await
    }

    /// As [`Self::request`], and `when` says what becomes of it while the modem sleeps.
    pub async fn request_with(&self, request: Request, when: When) -> Answer {
        self.ask(|reply| Job::Do(request, when, reply)).await
    }

    /// Leaves a request to the queue, whether the modem sleeps or not; its number comes back at once.
    pub async fn submit(&self, order: Order) -> Result<u64, RequestError> {
        self.ask(|reply| Job::Submit(order, reply)).await
    }

    /// Waits for what becomes of a request that was left to the queue; the last 64 that ended are remembered.
    pub async fn result(&self, id: u64) -> Answer {
        self.ask(|reply| Job::Await(id, reply)).await
    }

    /// Takes a request out of the queue.
    pub async fn cancel(&self, id: u64) -> Result<(), RequestError> {
        self.ask(|reply| Job::Cancel(id, reply)).await
    }

    /// Keeps the modem awake; a sleeping one is held when it wakes, and this waits for it.
    pub async fn hold(&self, reason: String) -> Result<Hold, RequestError> {
        let (life_line, end) = oneshot::channel();
        let id = self.ask(|reply| Job::Hold(reason, end, reply)).await?;
        Ok(Hold { id, life_line })
    }

    /// What the modem did lately.
    pub fn history(&self) -> History {
        self.recent.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells whether packets get through the data contexts; `Some`: why not. The state shows it until a context goes down.
    pub async fn tell_data_path(&self, blocked: Option<String>) {
        // A driver that has stopped shows nothing any more.
        let _ = self.jobs.send(Job::DataPath(blocked)).await;
    }

    /// Ends a hold, whoever has it.
    pub async fn release(&self, id: u64) -> Result<(), RequestError> {
        self.ask(|reply| Job::Release(id, reply)).await
    }

    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, RequestError>>) -> Job,
    ) -> Result<T, RequestError> {
        let (tx, rx) = oneshot::channel();
        if self.jobs.send(job(tx)).await.is_err() {
            return Err(self.gone());
        }
        rx.await.unwrap_or_else(|_| Err(self.gone()))
    }

    fn gone(&self) -> RequestError {
        RequestError {
            kind: ErrorKind::Gone,
            modem: self.id.clone(),
            message: "its driver has stopped; see the daemon's log, or `lpwa list` for what is there".into(),
        }
    }
}
