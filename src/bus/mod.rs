//! D-Bus: `org.lpwa` on a bus and, peer to peer, on a unix socket; the client that the faces use.
//!
//! The objects are projections of [`ModemState`](crate::state::ModemState): the interfaces hold a handle and no state of
//! their own, and change signals come from the difference of two states. `docs/dbus.md` and `dbus/*.xml` are the
//! contract.

mod auth;
pub mod client;
mod error;
mod interface;
mod listen;
mod path;
mod publish;
mod request;
mod serve;
mod subject;
mod value;
mod wish;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::modem::handle::ModemHandle;
use crate::modem::plan::Planner;
use crate::state::json::uplink::Account;
use crate::uplink::handle::Uplinks;

pub use auth::{Authority, Caller, local_users};
pub use serve::{ServeError, Server, serve};

/// The well-known name on a bus.
pub const BUS_NAME: &str = "org.lpwa";

/// The object of the daemon itself.
pub const MANAGER_PATH: &str = "/org/lpwa";

/// A request to read the configuration again, and the way back; the error is the mistakes that were found.
pub type ReloadJob = oneshot::Sender<Result<(), String>>;

/// The recent transcript of a modem: its id, how far back, and whether personal data is to be hidden. `None` where
/// there is no recording.
pub type TranscriptSource = Arc<dyn Fn(&str, Duration, bool) -> Option<String> + Send + Sync>;

/// What every SIM and interface carried; `false` hides whose card it is.
pub type UsageSource = Arc<dyn Fn(bool) -> Vec<Account> + Send + Sync>;

/// What the daemon gives to be shown and asked for.
#[derive(Clone)]
pub struct Exports {
    /// The modems there are, by id.
    pub modems: watch::Receiver<BTreeMap<String, ModemHandle>>,
    /// The uplinks there are, by name.
    pub uplinks: watch::Receiver<Uplinks>,
    /// What every SIM used, and whether cards are to be hidden.
    pub usage: UsageSource,
    /// Where a reload is asked for.
    pub reload: mpsc::Sender<ReloadJob>,
    /// The recorder.
    pub transcript: TranscriptSource,
    /// The planner, with the models and figures of the present configuration.
    pub planner: watch::Receiver<Arc<Planner>>,
    /// Who may change things and see personal data; [`local_users`] outside of tests.
    pub authority: Authority,
}
