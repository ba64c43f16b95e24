//! What the rest of the house may ask of a modem: a cheap handle to its actor.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::private::Private;
use crate::spec::apn::{Apn, PdpType};
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::state::{Edrx, ModemState, PsmTimers};

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
#[derive(Debug)]
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
}

/// What a request gives back.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Done.
    Done,
    /// Answer lines of [`Request::At`].
    Lines(Vec<String>),
    /// Networks of [`Request::Scan`].
    Networks(Vec<ScannedNetwork>),
}

/// A request and the way back.
pub type Job = (Request, oneshot::Sender<Result<Reply, RequestError>>);

/// A cheap handle to a modem.
#[derive(Debug, Clone)]
pub struct ModemHandle {
    /// The id that lasts.
    pub id: String,
    /// The one truth, as it changes.
    pub state: watch::Receiver<ModemState>,
    /// Requests to the actor, at most 16 waiting.
    pub jobs: mpsc::Sender<Job>,
}

impl ModemHandle {
    /// Sends `request` and waits for what becomes of it. Dropping the future withdraws the request.
    pub async fn request(&self, request: Request) -> Result<Reply, RequestError> {
        let (tx, rx) = oneshot::channel();
        if self.jobs.send((request, tx)).await.is_err() {
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
